package policy

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/mapping/directory"
)

// mutant is a way to spoil a rules file: it gives the spoilt text and the line, from 1, at which the finding must stand; 0: the text does not
// offer itself to it. finding is part of what must be said there, fault whether the file must be refused for it.
type mutant struct {
	name    string
	spoil   func(text string) (spoilt string, line int)
	finding string
	fault   bool
}

// mutants spoil every regime that offers itself.
func mutants() []mutant {
	// swap writes something else in place of the first part of a text, and points at its line.
	swap := func(from, to string) func(string) (string, int) {
		return func(text string) (string, int) {
			at := strings.Index(text, from)
			if at < 0 {
				return "", 0
			}
			return text[:at] + to + text[at+len(from):], 1 + strings.Count(text[:at], "\n") + strings.Count(to, "\n")
		}
	}
	// add writes lines at the end and points at the n-th of them.
	add := func(n int, lines string) func(string) (string, int) {
		return func(text string) (string, int) { return text + "\n" + lines, strings.Count(text, "\n") + 1 + n }
	}
	// after writes a line behind the first line that begins with a text.
	after := func(begin, line string) func(string) (string, int) {
		return func(text string) (string, int) {
			at := strings.Index(text, "\n"+begin)
			if at < 0 {
				return "", 0
			}
			end := at + 1 + strings.Index(text[at+1:], "\n")
			table, _, _ := strings.Cut(text[end:], "\n[")
			for added := range strings.Lines(line) {
				if key, _, _ := strings.Cut(added, " "); strings.Contains(table, "\n"+key+" ") {
					return "", 0 // stands there already
				}
			}
			return text[:end] + "\n" + line + text[end:], strings.Count(text[:end]+line, "\n") + 2
		}
	}
	return []mutant{
		{"verdict misspelt", swap(`verdict = "`, `verdict = "x`), `is not known; use one of accept, warn, reject, hold, quarantine`, true},
		{"date as text", swap("from    = 20", "from    = \"20\" #"), "must be a date such as 2019-04-20", true},
		{"day that is none", swap("from    = 20", "from    = 2019-02-30 #"), "is not valid TOML", true},
		{"key misspelt", after("[[rule]]", `chanels = ["email"]`), "unknown key; write channels if that is meant", true},
		{"key misspelt in a table", after("[rule.sender]", `group = ["x"]`), "unknown key; write groups if that is meant", true},
		{"key in the wrong table", after("[[rule]]", `types = ["CV"]`), "does not belong here; move it to [rule.document]", true},
		{"not_ of true and false", after("[rule.sender]", `not_ready = true`), "only lists have a not_ form; write ready", true},
		{"key twice", swap("\nid ", "\nid = \"a\"\nid "), "is not valid TOML", true},
		{"rule without phase", add(1, "[[rule]]\nid = \"x\""), "is missing; give the rule at least one [[rule.phase]]", true},
		{"id twice", func(text string) (string, int) {
			spoilt, line := add(2, "[[rule]]\nid = \""+ruleIDs(text)[0]+"\"\n[[rule.phase]]\nfrom = 2030-01-01\nverdict = \"warn\"")(text)
			return spoilt, line
		}, "is already the id of the rule in line", true},
		{"phases out of order", add(5, "[[rule]]\nid = \"x\"\nphase = [\n{from = 2020-01-01, verdict = \"warn\"},\n{from = 2019-01-01, verdict = \"reject\"}]"), "is not later than the phase before it", true},
		{"list that is not there", after("[rule.document]", `types = ["@khong-co"]`), `there is no list "khong-co"`, true},
		{"lists in a circle", add(2, "[lists.vong-a]\nextends = [\"vong-b\"]\n[lists.vong-b]\nextends = [\"vong-a\"]"), "goes round in a circle", true},
		{"list of itself", add(2, "[lists.vong]\nextends = [\"vong\"]"), "goes round in a circle (vong → vong)", true},
		{"purpose that is not there", after("[rule.document]", `purposes = ["khong-co"]`), `there is no purpose "khong-co"`, true},
		{"nothing is left", add(5, "[[rule]]\nid = \"x\"\n[rule.document]\ntypes = [\"CV\"]\nnot_types = [\"Công văn\"]\n[[rule.phase]]\nfrom = 2020-01-01\nverdict = \"warn\""), "takes out everything that types names", true},
		{"letter against the verdict", add(5, "[[rule]]\nid = \"x\"\n[[rule.phase]]\nfrom = 2020-01-01\nnotice = \"remind\"\nverdict = \"reject\""), `"remind" contradicts verdict "reject"`, true},
		{"whole mail address as domain", after("[rule.sender]", `not_domains = ["vanthu@so.gov.vn"]`), "is no mail domain", false},
		{"pattern as domain", after("[rule.sender]", `not_domains = ["*.gov.vn"]`), "is no mail domain", false},
		{"exemption without end", add(1, "[[exemption]]\ngroup = \"so-nganh\"\nreason = \"r\"\napproved_by = \"b\""), "is missing; every exemption has an end", true},
		{"exemption that ends first", add(4, "[[exemption]]\ngroup = \"so-nganh\"\nfrom = 2020-01-02\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\""), "is not after from", true},
		{"exemption of nobody", add(1, "[[exemption]]\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\""), "exempts nobody", true},
		{"time of day alone", add(4, "[[rule]]\nid = \"x\"\n[[rule.phase]]\nfrom = 14:00:00\nverdict = \"warn\""), "must be a date such as 2019-04-20", true},
		{"fraction as size", after("[rule.document]", `max_size = 1.5`), "must be a size above zero", true},
		{"number beyond all", after("[rule.document]", `max_size = 99999999999999999999`), "is not valid TOML", true},
		{"size below zero", after("[rule.document]", `max_size = -1`), "must be a size above zero", true},
		{"grace as number", after("[[rule.phase]]", `grace = 24`), "must be a duration in double quotes", true},
		{"grace of ages", after("[[rule.phase]]", `grace = "9999999d"`), "is not a duration", true},

		{"rule below itself", func(text string) (string, int) {
			at := strings.Index(text, "[[rule]]")
			end := strings.Index(text[at+1:], "[[rule]]")
			if x := strings.Index(text[at+1:], "[[exemption]]"); x >= 0 && (end < 0 || x < end) {
				end = x
			}
			one := text[at:]
			if end >= 0 {
				one = text[at : at+1+end]
			}
			if strings.Contains(one, "grace") && !strings.Contains(one, "ready_grace") { // a mail that was delayed comes to the second
				return "", 0
			}
			return add(1, strings.Replace(one, ruleIDs(text)[0], "lai", 1))(text)
		}, `"lai" is never reached`, false},
		{"group that is not there", after("[rule.sender]", `not_agencies = ["H99.99"]`), `the directory has no agency "H99.99"`, false},
		{"group misspelt", swap(`"so-nganh"`, `"so-ngan"`), `no agency of the directory is in the group "so-ngan"`, false},
		{"abbreviation that is none", after("[rule.document]", `not_types = ["CVV"]`), `"CVV" is not an abbreviation`, false},
		{"type misspelt", add(4, "[[rule]]\nid = \"x\"\n[rule.document]\ntypes = [\"Thông báoo\"]\n[[rule.phase]]\nfrom = 2020-01-01\nverdict = \"warn\""), `and nearly "Thông báo"`, false},
		{"exemption over", add(1, "[[exemption]]\ngroup = \"so-nganh\"\nuntil = 2000-01-01\nreason = \"r\"\napproved_by = \"b\""), `"so-nganh" has expired`, false},
		{"refuses all ways", add(1, "[[rule]]\nid = \"x\"\n[rule.sender]\ngroups = [\"phong-ban\"]\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\""), "refuses without naming channels", false},
		{"gap in a ladder", add(6, "[[rule]]\nid = \"x\"\nphase = [\n{from = 2000-01-01, verdict = \"warn\"},\n{from = 2000-02-01, verdict = \"warn\"},\n{from = 2000-03-01, verdict = \"accept\"},\n{from = 2000-04-01, verdict = \"reject\"}]"), "is a gap", false},
		{"gap between two rules", add(13, "[[rule]]\nid = \"y\"\nchannels = [\"paper\"]\n[[rule.phase]]\nfrom = 1992-01-01\nverdict = \"reject\"\n"+
			"[[rule]]\nid = \"x\"\nchannels = [\"paper\"]\n[[rule.phase]]\nfrom = 1990-01-01\nverdict = \"warn\"\n[[rule.phase]]\nfrom = 1991-01-01\nverdict = \"accept\""), "leaves a gap", false},
		{"demand below", after("[[rule]]", "min_identity = \"dkim\"\nmin_identity_refuse = \"spf\""), "asks for less than min_identity", false},
		{"new accounts of everybody", add(5, "[[rule]]\nid = \"x\"\nchannels = [\"email\"]\n[rule.sender]\nready_grace = \"30d\"\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\""), "refuses those who have none; add ready = true", false},
		{"new accounts of nobody", add(6, "[[rule]]\nid = \"x\"\nchannels = [\"email\"]\n[rule.sender]\nready = true\nready_grace = \"30d\"\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"warn\""), "has no effect: no phase of the rule refuses", false},
		{"secrets by mail", add(5, "[[rule]]\nid = \"x\"\nchannels = [\"email\"]\n[rule.document]\nsecrecy = [\"mat\"]\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\""), "is never asked: a state secret", false},
		{"grace on paper", add(4, "[[rule]]\nid = \"x\"\nchannels = [\"paper\"]\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\"\ngrace = \"24h\""), "has no effect: it is for delays of mail", false},
		{"grace that harms", add(7, "[[rule]]\nid = \"x\"\nchannels = [\"email\"]\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\"\n[[rule.phase]]\nfrom = 2001-01-01\nverdict = \"accept\"\ngrace = \"24h\""), "that one asks more (reject before accept)", false},
		{"every listed sender", add(5, "[[rule]]\nid = \"x\"\nchannels = [\"email\"]\n[rule.sender]\nin_directory = true\n[[rule.phase]]\nfrom = 2000-01-01\nverdict = \"reject\""), "reaches citizens and enterprises", false},
		{"request without number", add(2, "[[exemption]]\nrequest = \"UBND\"\nuntil = 2099-01-01\nreason = \"r\"\napproved_by = \"b\""), "is no number of a document", false},
		{"base list accepted", add(7, "[lists.goc]\ntypes = [\"CV\", \"BC\"]\n[lists.nhanh]\nextends = [\"goc\"]\n[[rule]]\nid = \"x\"\ndocument.types = [\"BC\"]\nphase = [{from = 2000-01-01, verdict = \"accept\"}]\n"+
			"[[rule]]\nid = \"y\"\nchannels = [\"email\"]\ndocument.types = [\"@nhanh\"]\nphase = [{from = 2000-01-01, verdict = \"warn\"}]"), `stands in the base list "goc"`, false},
	}
}

// ruleIDs are the ids of a file, from the top.
func ruleIDs(text string) []string {
	var ids []string
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == "id" {
			value, _, _ = strings.Cut(value, "#")
			ids = append(ids, strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	return ids
}

// TestMutants spoils every regime in every known way, and wants the finding with its line each time. Unspoilt, none has anything to be said of.
func TestMutants(t *testing.T) {
	dir := readDirectory(t, filepath.Join(regimes, "agencies.csv"))
	files, err := filepath.Glob(filepath.Join(regimes, "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	at := day("2011-01-01") // before every exemption's end
	tried := map[string]int{}
	for _, file := range files {
		name, text := filepath.Base(file), string(readFile(t, file))
		clean := readRules(t, file) // warnings are errors there
		for _, w := range clean.Warnings(clean.Last(), dir) {
			if !strings.Contains(w.Text, "has expired") { // regimes of the past have exemptions of the past
				t.Errorf("unspoilt: %v", w)
			}
		}
		for _, m := range mutants() {
			spoilt, line := m.spoil(text)
			if line == 0 {
				continue
			}
			tried[m.name]++
			rules, findings, err := ReadRules(name, []byte(spoilt))
			var faults directory.Faults
			if errors.As(err, &faults) != m.fault {
				t.Errorf("%s, %s: refused: %v\n%s", name, m.name, err, numbered(spoilt))
				continue
			}
			if findings = append(findings, faults...); rules != nil {
				findings = append(findings, rules.Warnings(at, dir)...)
			}
			if !found(findings, line, m.finding) {
				t.Errorf("%s, %s: want line %d: %s; got %v\n%s", name, m.name, line, m.finding, findings, numbered(spoilt))
			}
		}
	}
	all := 0
	for _, m := range mutants() {
		if tried[m.name] == 0 {
			t.Errorf("no regime offers itself to %q", m.name)
		}
		all += tried[m.name]
	}
	t.Logf("%d mutants of %d regimes in %d ways, each found with its line", all, len(files), len(mutants()))
}

func found(findings []directory.Fault, line int, text string) bool {
	for _, f := range findings {
		if f.Line == line && strings.Contains(f.Text, text) {
			return true
		}
	}
	return false
}

func numbered(text string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(text) {
		n++
		b.WriteString(strconv.Itoa(n) + " " + line)
	}
	return b.String()
}
