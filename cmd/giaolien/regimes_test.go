package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRegimesByCommand gives the cases of every regime of docs/regimes to the decide command, as anyone can: a case is a submission in its
// form, and the keys that say what must become of it are passed over.
func TestRegimesByCommand(t *testing.T) {
	files, err := filepath.Glob("../../docs/regimes/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("regimes: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cases, err := os.ReadFile(strings.TrimSuffix(file, ".toml") + ".jsonl")
			if err != nil {
				t.Fatal(err)
			}
			var out, complaints bytes.Buffer
			code := run(t.Context(), []string{"decide", "--rules", file, "--directory", "../../docs/regimes/agencies.csv", "--json"},
				streams{in: bytes.NewReader(cases), out: &out, err: &complaints})
			if code != exitDone || complaints.Len() > 0 {
				t.Fatalf("exit %d, %s", code, complaints.String())
			}
			wanted, got := lines(cases), lines(out.Bytes())
			if len(got) != len(wanted) {
				t.Fatalf("%d decisions for %d submissions", len(got), len(wanted))
			}
			for i, line := range wanted {
				var w struct {
					ID     string
					Expect struct{ Verdict, Rule, Notice, Exemption string }
				}
				var d struct{ ID, Verdict, Rule, Notice, Exemption string }
				if err := json.Unmarshal(line, &w); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(got[i], &d); err != nil {
					t.Fatal(err)
				}
				if d.ID != w.ID || d.Verdict != w.Expect.Verdict || d.Rule != w.Expect.Rule || d.Notice != w.Expect.Notice || d.Exemption != w.Expect.Exemption {
					t.Errorf("got %+v, want %+v", d, w)
				}
			}
		})
	}
}

func lines(text []byte) [][]byte { return bytes.Split(bytes.TrimSpace(text), []byte("\n")) }
