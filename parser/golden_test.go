package parser

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/golden/*.want.json anew")

// golden is everything that Parse found, what JSON leaves out included.
type golden struct {
	Message  Message      `json:"message"`
	HTMLText string       `json:"html_text"`
	Texts    []string     `json:"texts"` // of attachments, then of nested messages and their attachments
	Trace    []TraceField `json:"trace"`
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.eml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden mails: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(asGolden(Parse(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(f, ".eml") + ".want.json"
			if *update {
				if err := os.WriteFile(name, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytes.TrimSpace(want), got) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func asGolden(m Message) golden {
	g := golden{Message: m, HTMLText: m.HTMLText, Texts: []string{}, Trace: m.Trace}
	for _, a := range m.Attachments {
		g.Texts = append(g.Texts, a.Text)
	}
	for _, n := range m.Nested {
		g.Texts = append(g.Texts, n.Text)
		for _, a := range n.Attachments {
			g.Texts = append(g.Texts, a.Text)
		}
	}
	return g
}
