package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// regimeCase is one line of a .cases file: a submission and what must become of it. Absent wishes are not compared.
type regimeCase struct {
	Name, Want, Rule, Exemption, Reason, Phase, Next string
	Notice                                           *string
	S                                                json.RawMessage
}

// TestRegimes decides the cases that stand beside each rules file: before, at and after its instants, and exempt.
func TestRegimes(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	files, err := filepath.Glob("testdata/regimes/*.toml")
	if err != nil || len(files) < 5 {
		t.Fatalf("rules files: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".toml"), func(t *testing.T) {
			rules := readRules(t, file)
			lines := bufio.NewScanner(bytes.NewReader(readFile(t, strings.TrimSuffix(file, ".toml")+".cases")))
			n := 0
			for ; lines.Scan(); n++ {
				var c regimeCase
				if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
					t.Fatalf("case %d: %v", n+1, err)
				}
				t.Run(c.Name, func(t *testing.T) { c.check(t, rules, dir) })
			}
			if n < 4 {
				t.Errorf("%d cases; want before, at, after and exempt", n)
			}
		})
	}
}

func (c regimeCase) check(t *testing.T, rules *Rules, dir *directory.Directory) {
	s, err := ParseSubmission(c.S)
	if err != nil {
		t.Fatal(err)
	}
	d := rules.Decide(s, dir)
	if string(d.Verdict) != c.Want || d.Rule != c.Rule && d.Verdict != Hold || d.Exemption != c.Exemption {
		t.Errorf("verdict %s, rule %q, exemption %q; want %s, %q, %q\n%s", d.Verdict, d.Rule, d.Exemption, c.Want, c.Rule, c.Exemption, tell(d))
	}
	if c.Rule != "" && d.Rule != c.Rule {
		t.Errorf("rule %q; want %q", d.Rule, c.Rule)
	}
	if c.Reason != "" && (len(d.Reasons) == 0 || d.Reasons[0] != c.Reason) {
		t.Errorf("reasons %v; want %s first\n%s", d.Reasons, c.Reason, tell(d))
	}
	if c.Phase != "" && d.PhaseFrom != c.Phase {
		t.Errorf("phase from %s; want %s", d.PhaseFrom, c.Phase)
	}
	if c.Next != "" && d.NextFrom.Format(time.RFC3339) != c.Next {
		t.Errorf("next phase from %s; want %s", d.NextFrom.Format(time.RFC3339), c.Next)
	}
	if c.Notice != nil && d.Notice != *c.Notice {
		t.Errorf("notice %q; want %q", d.Notice, *c.Notice)
	}
	if len(d.Reasons) == 0 || len(d.Trace) == 0 || d.Rules != rules.Version() {
		t.Errorf("a decision without reasons, trace or version: %+v", d)
	}
}

func tell(d Decision) string {
	var b strings.Builder
	for _, s := range d.Trace {
		b.WriteString("  " + s.Rule + ": " + s.Because + "\n")
	}
	return b.String()
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readRules(t testing.TB, name string) *Rules {
	t.Helper()
	rules, warnings, err := ReadRules(filepath.Base(name), readFile(t, name))
	if err != nil {
		t.Fatalf("read rules:\n%v", err)
	}
	for _, w := range warnings {
		t.Errorf("unexpected warning: %v", w)
	}
	return rules
}

func readDirectory(t testing.TB, name string) *directory.Directory {
	t.Helper()
	dir, _, err := directory.Read(filepath.Base(name), readFile(t, name))
	if err != nil {
		t.Fatalf("read directory:\n%v", err)
	}
	return dir
}
