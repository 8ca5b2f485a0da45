package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/giaolien/giaolien/mapping/directory"
)

// regimes are the rules files that are shipped as examples, one for each real regime; the cases of each stand beside it.
const regimes = "../../docs/regimes"

// regimeCase is one line beside a regime: a submission in the form of `decide --json`, and with it what must become of it. Case says where
// it stands to the cutoff: before, at, after, exempt, secret.
type regimeCase struct {
	ID     string
	Case   string
	Expect struct {
		Verdict, Rule, Notice, Exemption string
		Reason                           string // the deciding one; absent: not compared
	}
	line []byte
}

// TestRegimes decides the cases of all regimes and prints them (-v) as one table. Each regime has cases before, at and after its cutoff,
// and of what is exempt.
func TestRegimes(t *testing.T) {
	dir := readDirectory(t, filepath.Join(regimes, "agencies.csv"))
	files, err := filepath.Glob(filepath.Join(regimes, "*.toml"))
	if err != nil || len(files) != 25 {
		t.Fatalf("%d rules files, want the 5 of the seeds and 20 of real regimes; %v", len(files), err)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "regime\tcase\tsubmission\tverdict\trule or exemption\tnotice")
	total := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			rules := readRules(t, file)
			seen := map[string]int{}
			for _, c := range readCases(t, strings.TrimSuffix(file, ".toml")+".jsonl") {
				seen[c.Case]++
				total++
				d := c.decide(t, rules, dir)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", name, c.Case, c.ID, d.Verdict, d.Rule+d.Exemption, d.Notice)
			}
			for _, want := range []string{"before", "at", "after", "exempt"} {
				if seen[want] == 0 {
					t.Errorf("no case %s among %v", want, seen)
				}
			}
		})
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases of %d regimes\n%s", total, len(files), table.String())
}

// decide decides one case and compares it with what must become of it.
func (c *regimeCase) decide(t *testing.T, rules *Rules, dir *directory.Directory) Decision {
	t.Helper()
	s, err := ParseSubmission(c.line)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	d, e := rules.Decide(s, dir), c.Expect
	if string(d.Verdict) != e.Verdict || d.Rule != e.Rule || d.Notice != e.Notice || d.Exemption != e.Exemption {
		t.Errorf("%s: verdict %s, rule %q, notice %q, exemption %q; want %s, %q, %q, %q\n%s", c.ID, d.Verdict, d.Rule, d.Notice, d.Exemption,
			e.Verdict, e.Rule, e.Notice, e.Exemption, tell(d))
	}
	if e.Reason != "" && (len(d.Reasons) == 0 || d.Reasons[0] != e.Reason) {
		t.Errorf("%s: reasons %v; want %s first\n%s", c.ID, d.Reasons, e.Reason, tell(d))
	}
	if len(d.Reasons) == 0 || len(d.Trace) == 0 || d.Rules != rules.Version() {
		t.Errorf("%s: a decision without reasons, trace or version: %+v", c.ID, d)
	}
	return d
}

func readCases(t *testing.T, file string) []regimeCase {
	t.Helper()
	var cases []regimeCase
	lines := bufio.NewScanner(bytes.NewReader(readFile(t, file)))
	for lines.Scan() {
		c := regimeCase{line: slices.Clone(lines.Bytes())}
		if err := json.Unmarshal(c.line, &c); err != nil {
			t.Fatalf("%s: case %d: %v", file, len(cases)+1, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestRegimeRows: every row of the table of real regimes that says what it demands has its rules file.
func TestRegimeRows(t *testing.T) {
	data, err := os.ReadFile("../../../shared/reference/regimes.csv")
	if os.IsNotExist(err) {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("no ../shared/reference/regimes.csv, and GIAOLIEN_TEST_REQUIRE is set")
		}
		t.Skip("../shared/reference/regimes.csv is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(data)) {
		id, _, _ := strings.Cut(line, ",")
		if !strings.HasPrefix(id, "R") || strings.HasSuffix(strings.TrimSpace(line), ",heading seen only") {
			continue
		}
		rows++
		files, err := filepath.Glob(filepath.Join(regimes, strings.ToLower(id)+"-*.toml"))
		if err != nil || len(files) != 1 {
			t.Errorf("%s has %d rules files; %v", id, len(files), err)
		}
	}
	if rows != 20 {
		t.Errorf("%d rows with content, want 20", rows)
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
