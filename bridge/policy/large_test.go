package policy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/mapping/directory"
)

// TestLargeFiles: files far larger than any directive are read and decided by; what would grow without end is refused with its line.
func TestLargeFiles(t *testing.T) {
	const many = 2000 // BenchmarkReadRules reads as many as there may be
	rules := mustRules(t, manyRules(many))
	s := mixedSubmissions(1)[0]
	s.Sender.Agency = "khong-co"
	if d := rules.Decide(s, nil); d.Verdict == "" || len(d.Trace) < many {
		t.Errorf("%s after %d steps", d.Verdict, len(d.Trace))
	}
	doubling := "[lists.l0]\ntypes = [\"CV\"]\n"
	for i := range 64 {
		doubling += fmt.Sprintf("[lists.l%d]\nextends = [\"l%d\", \"l%d\"]\n", i+1, i, i)
	}
	long := "[lists.l]\ntypes = [" + strings.Repeat("\"CV\", ", maxListed) + "]\n"
	for text, want := range map[string]string{
		"[[rule]]\nid = \"a\"\n" + strings.Repeat("[[rule]]\n", maxRules): "r.toml:10002: rule: is one too many: a file has at most 10000",
		strings.Repeat("[[exemption]]\n", maxExemptions+1):                "r.toml:50001: exemption: is one too many: a file has at most 50000",
		doubling + goodRules: "r.toml:21: lists.l10: names more than 1000 types, with those of the lists that it extends; shorten it",
		long + strings.Replace(goodRules, "[[rule.phase]]", "[rule.document]\ntypes = [\"@l\", \"@l\"]\n[[rule.phase]]", 1): "r.toml:8: rule.document.types: names more than 1000 types, with those of its lists; shorten it",
		"x" + strings.Repeat(".a", 1<<16) + " = 1\n":                           "r.toml:1: x: unknown key",
		"[x" + strings.Repeat(".a", 1<<16) + "]\n":                             "r.toml:1: x: unknown key",
		"x = " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000):         "r.toml:1: x: unknown key",
		"x = " + strings.Repeat("[", 1<<20):                                    "r.toml:1: is not valid TOML",
		"x = " + strings.Repeat("{a=", 9000) + "1" + strings.Repeat("}", 9000): "r.toml:1: x: unknown key",
		"#" + strings.Repeat("x", maxFile):                                     "r.toml: has 16777217 bytes, and rules files have at most 16777216",
	} {
		_, _, err := ReadRules("r.toml", []byte(text))
		var faults directory.Faults
		if !errors.As(err, &faults) || len(faults) > maxFaults {
			t.Errorf("%.40q: %d faults", text, len(faults))
			continue
		}
		found := false
		for _, f := range faults {
			found = found || strings.HasPrefix(f.Error(), want)
		}
		if !found {
			t.Errorf("%.40q: %v; want %s", text, faults[0], want)
		}
	}
}
