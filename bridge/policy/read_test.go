package policy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// TestBadRules reads rules files that must be refused, and compares every fault with the .want file beside it. UPDATE=1 writes the .want
// files anew, to be read before they are kept.
func TestBadRules(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("bad rules files: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			rules, _, err := ReadRules(filepath.Base(file), readFile(t, file))
			if rules != nil || err == nil {
				t.Fatal("the file was taken")
			}
			var faults directory.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error is %T, want directory.Faults", err)
			}
			got, golden := err.Error()+"\n", strings.TrimSuffix(file, ".toml")+".want"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(readFile(t, golden)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, f := range faults {
				if f.File == "" || f.Line == 0 {
					t.Errorf("fault without file and line: %v", f)
				}
				for _, leak := range []string{"policy.", "map[", "interface", "struct", "int64", "toml:", "%!"} {
					if strings.Contains(f.Text, leak) {
						t.Errorf("program text %q leaks into %q", leak, f.Text)
					}
				}
			}
		})
	}
}

const goodRules = `title = "Thử"
[[rule]]
id = "a"
channels = ["email"]
[[rule.phase]]
from = 2019-01-01
verdict = "reject"
`

func TestReadRulesForms(t *testing.T) {
	want := time.Date(2019, 4, 19, 17, 0, 0, 0, time.UTC)
	for _, from := range []string{"2019-04-20", "2019-04-20T00:00:00", "2019-04-20 00:00:00", "2019-04-20T00:00:00+07:00", "2019-04-19T17:00:00Z", "2019-04-19T12:00:00-05:00"} {
		rules, _, err := ReadRules("r.toml", []byte(strings.Replace(goodRules, "2019-01-01", from, 1)))
		if err != nil {
			t.Fatalf("%s: %v", from, err)
		}
		p := rules.rules[0].phases[0]
		if !p.from.Equal(want) || p.fromText != "2019-04-20T00:00:00+07:00" {
			t.Errorf("%s: read as %s (%s)", from, p.from, p.fromText)
		}
	}
	withMark := append([]byte("\xef\xbb\xbf"), goodRules...)
	crlf := strings.ReplaceAll(goodRules, "\n", "\r\n")
	versions := map[string]bool{}
	for _, form := range []string{goodRules, string(withMark), crlf} {
		rules, _, err := ReadRules("r.toml", []byte(form))
		if err != nil {
			t.Fatal(err)
		}
		if rules.Title() != "Thử" || len(rules.Version()) != 64 {
			t.Errorf("title %q, version %q", rules.Title(), rules.Version())
		}
		versions[rules.Version()] = true
	}
	if len(versions) != 3 {
		t.Error("different bytes must be different versions")
	}
}

// TestImpossibleYears: a cutoff of the year 219 refuses at once, so it is told; and no decision names a time that cannot be read again.
func TestImpossibleYears(t *testing.T) {
	exempt := goodRules + "[[exemption]]\nagency = \"H50.20\"\nuntil = 2030-01-01\nreason = \"r\"\napproved_by = \"b\"\n"
	for _, c := range []struct{ old, text, warning, fault string }{
		{"2019-01-01", "0219-01-01", "r.toml:6: rule.phase.from: is in the year 219, which can hardly be meant; write a day such as 2019-04-20", ""},
		{"2030-01-01", "0203-01-01", "r.toml:10: exemption.until: is in the year 203, which can hardly be meant; write a day such as 2019-04-20", ""},
		{"2019-01-01", "0001-01-01T00:00:00Z", "", "r.toml:6: rule.phase.from: the year 1 cannot be used; write a day such as 2019-04-20"},
		{"2019-01-01", "9999-12-31T23:59:59Z", "", "r.toml:6: rule.phase.from: the year 10000 cannot be used; write a day such as 2019-04-20"},
		{"2030-01-01", "9999-12-31", "", ""}, {"2019-01-01", "1945-09-02", "", ""},
	} {
		_, warnings, err := ReadRules("r.toml", []byte(strings.Replace(exempt, c.old, c.text, 1)))
		if fault := strings.Replace(fmt.Sprint(err), "<nil>", "", 1); fault != c.fault {
			t.Errorf("%s: %v; want %s", c.text, err, c.fault)
		}
		if c.warning != "" {
			compareWarnings(t, warnings, []string{c.warning})
		}
	}
}

func TestReadWarnings(t *testing.T) {
	rules, warnings, err := ReadRules("r.toml", readFile(t, "testdata/warnings.toml"))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, warnings, []string{
		`r.toml:4: lists.x.types: "XQZ" is not an abbreviation of NĐ 30/2020; correct it, or write an own type as words`,
		`r.toml:5: lists.x.remove: "GM" is not in the list, so removing it changes nothing`,
		`r.toml:7: rule.channels: rule "all" refuses without naming channels, so what comes over the system is refused too; name channels = ["email"], ["paper"] or both`,
		`r.toml:15: rule: "narrower" is never reached: rule "all" in line 7 matches everything that it matches and begins no later; put it before that rule, or remove it`,
		`r.toml:34: rule.phase.notice: has no effect on verdict accept; remove it`,
		`r.toml:35: rule.phase: is never reached: from 01/01/2019 00:00:00 rule "all" in line 7 decides first; put rule "earlier" before it, or remove the phase`,
	})
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	compareWarnings(t, rules.Warnings(time.Date(2019, 6, 30, 17, 0, 0, 0, time.UTC), dir), []string{
		`r.toml:18: rule.sender.groups: no agency of the directory is in the group "khong-co"; correct the name, or add the group to agencies.csv`,
		`r.toml:19: rule.sender.agencies: the directory has no agency "H99" at this time; correct the code, or add the agency to agencies.csv`,
		`r.toml:39: exemption: "H08.60.01" has expired at 01/07/2019 00:00:00; remove it or set a later until`,
	})
	compareWarnings(t, rules.Warnings(time.Date(2018, 5, 1, 0, 0, 0, 0, vietnam), nil), []string{
		`r.toml: rule: no rule has begun yet: until 01/06/2018 00:00:00 the default (accept) decides everything`,
	})
	_, warnings, err = ReadRules("r.toml", []byte("default = \"hold\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, warnings, []string{`r.toml: rule: there is no rule: the default (hold) decides everything`})
}

// TestLongGrounds: what notices would cut is told when the rules are read, not seen by who is refused.
func TestLongGrounds(t *testing.T) {
	file := func(n int) []byte {
		return []byte("[[rule]]\nid = \"a\"\ntitle = \"" + strings.Repeat("ế", n) + "\"\nlegal = \"" + strings.Repeat("ộ", n) + "\"\n[[rule.phase]]\nfrom = 2020-01-01\nverdict = \"warn\"\n")
	}
	_, warnings, err := ReadRules("r.toml", file(MaxPrinted))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, warnings, nil)
	if _, warnings, err = ReadRules("r.toml", file(MaxPrinted+1)); err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, warnings, []string{
		`r.toml:3: rule.title: has 301 characters, and notices print 300 of them; say it shorter`,
		`r.toml:4: rule.legal: has 301 characters, and notices print 300 of them; say it shorter`,
	})
}

func TestGapsAndBaseLists(t *testing.T) {
	_, warnings, err := ReadRules("r.toml", readFile(t, "testdata/gaps.toml"))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, warnings, []string{
		`r.toml:4: lists.chung.types: "Công vănn" is no type of the table, and nearly "Công văn"; correct it if that is meant`,
		`r.toml:13: rule.document.types: "GM" stands in the base list "chung", which rule "theo-rieng" in line 18 asks for; rule "nhan-giay-moi" accepts it first. If it is meant as a local exception, take it out with remove`,
		`r.toml:27: rule.phase: is a gap: from 01/02/2020 00:00:00 to 01/03/2020 00:00:00 rule "theo-rieng" asks less (accept after warn) and then more again (reject); remove the phase, or correct its verdict`,
		`r.toml:38: rule.document.types: asks for "TTr", which list "rieng" takes out of the base list "chung"; name "@rieng", or say by receivers or senders who follows which`,
		`r.toml:51: rule.phase: leaves a gap: rule "thu-cu" asks nothing from 01/06/2020 00:00:00, and rule "thu-moi" in line 55, which takes over what it matches, begins only at 01/07/2020 00:00:00`,
	})
}

func TestForgottenGroups(t *testing.T) {
	at := time.Date(2019, 6, 30, 17, 0, 0, 0, time.UTC)
	file := func(groups string) *Rules {
		return mustRules(t, strings.Replace(goodRules, "[[rule.phase]]", "[rule.sender]\ngroups = ["+groups+"]\n[[rule.phase]]", 1))
	}
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	compareWarnings(t, file(`"phong-ban", "so-nganh", "dot-cuoi-2017", "phuong-xa"`).Warnings(at, dir), []string{
		`r.toml: rule.sender.groups: every rule names groups, but none names "doanh-nghiep": the default (accept) decides about its agencies`,
		`r.toml: rule.sender.groups: every rule names groups, but none names "khong-co-tai-khoan": the default (accept) decides about its agencies`,
	})
	compareWarnings(t, file(`"phong-ban"`).Warnings(at, dir), nil) // a file about one group forgets nobody
	waves, _, err := directory.Read("a.csv", []byte("id,name,level,groups\na,A,commune,dot-1\nb,B,commune,dot-2\nc,C,commune,dot-3\nd,D,commune,khac\ne,E,commune,so\nf,F,unit,ban\n"))
	if err != nil {
		t.Fatal(err)
	}
	compareWarnings(t, file(`"dot-1", "dot-2"`).Warnings(at, waves), []string{
		`r.toml: rule.sender.groups: every rule names groups, but none names "dot-3": the default (accept) decides about its agencies`,
	})
}

// TestMixedGroups: a group that a refusing rule names should not hold citizens or enterprises beside agencies of the state.
func TestMixedGroups(t *testing.T) {
	dir, _, err := directory.Read("a.csv", []byte("id,name,level,groups\nso,Sở,province,dot-1;rieng\nhtx,Hợp tác xã,enterprise,dot-1;tu-nhan\ndan,Người dân,citizen,tu-nhan\n"))
	if err != nil {
		t.Fatal(err)
	}
	file := func(sender, verdict string) []directory.Fault {
		text := strings.Replace(strings.Replace(goodRules, "[[rule.phase]]", "[rule.sender]\n"+sender+"\n[[rule.phase]]", 1), "reject", verdict, 1)
		return mustRules(t, text).Warnings(day("2020-01-01"), dir)
	}
	compareWarnings(t, file(`groups = ["dot-1"]`, "reject"), []string{
		`r.toml:6: rule.sender.groups: the group "dot-1" holds citizens or enterprises (htx) beside agencies of the state, and rule "a" refuses them all; give them a group of their own, or add not_levels = ["citizen", "enterprise"]`,
	})
	for _, sender := range []string{`groups = ["tu-nhan"]`, `groups = ["rieng"]`, "groups = [\"dot-1\"]\nnot_levels = [\"citizen\", \"enterprise\"]", "groups = [\"dot-1\"]\nlevels = [\"province\"]", `not_groups = ["dot-1"]`} {
		compareWarnings(t, file(sender, "reject"), nil)
	}
	compareWarnings(t, file(`groups = ["dot-1"]`, "warn"), nil)
	compareWarnings(t, file("groups = [\"dot-1\"]\nnot_levels = [\"citizen\"]", "reject"), []string{
		`r.toml:6: rule.sender.groups: the group "dot-1" holds citizens or enterprises (htx) beside agencies of the state, and rule "a" refuses them all; give them a group of their own, or add not_levels = ["citizen", "enterprise"]`,
	})
}

// TestUnknownReceivers: a receiver that does not exist makes a rule that never matches.
func TestUnknownReceivers(t *testing.T) {
	rules := mustRules(t, "[[rule]]\nid = \"a\"\nchannels = [\"email\"]\nreceivers = [\"vp-ubnd\", \"Hop-Thu-1\",\n \"vp-udnb\"]\n[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"reject\"\n"+
		"[[exemption]]\ngroup = \"x\"\nnot_receivers = [\"hop-thu-2\"]\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\"\n")
	compareWarnings(t, rules.UnknownReceivers([]string{"vp-ubnd", "hop-thu-1"}), []string{
		`r.toml:5: rule.receivers: there is no receiving agency and no mailbox "vp-udnb" in the configuration; correct the name (vp-ubnd, hop-thu-1)`,
		`r.toml:11: exemption.not_receivers: there is no receiving agency and no mailbox "hop-thu-2" in the configuration; correct the name (vp-ubnd, hop-thu-1)`,
	})
}

func compareWarnings(t *testing.T, got []directory.Fault, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("unexpected: %v", got[i])
		case got[i].Error() != want[i]:
			t.Errorf("got  %v\nwant %s", got[i], want[i])
		}
	}
}

// fuzzSubmissions are of every kind: known and unknown, plain and odd.
func fuzzSubmissions() []Submission {
	at := time.Date(2019, 4, 20, 0, 0, 0, 0, vietnam)
	out := append(mixedSubmissions(8), Submission{}, Submission{Channel: "fax", ReceivedAt: at, Sender: Sender{Address: "@", Agency: "\xff"}, Document: Document{Type: "\x00", Subject: "\xff\xfe", Size: -1}},
		Submission{Channel: "email", ReceivedAt: at, Document: Document{Subject: "Về việc thử"}},
		Submission{Channel: "paper", ReceivedAt: at.AddDate(900, 0, 0), Document: Document{Secrecy: "mat"}, Disputed: []time.Time{{}, at, at.AddDate(-3000, 0, 0)}},
		Submission{Channel: "email", ReceivedAt: at, Hops: []Hop{{}, {At: at.AddDate(-3, 0, 0)}}, Context: Context{Answers: "Số", AlsoAnswers: []string{"", "/", "5/CV"}, AlsoReceived: []string{"", "system"}}})
	return out
}

// FuzzReadRules: no file makes reading panic, whatever is refused is refused with a reason, and a file that reads decides about anything.
func FuzzReadRules(f *testing.F) {
	for _, pattern := range []string{regimes + "/*.toml", "testdata/regimes/*.toml", "testdata/bad/*.toml", "testdata/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			f.Add(readFile(f, file))
		}
	}
	f.Add([]byte(manyRules(12)))
	dir, submissions := readDirectory(f, filepath.Join(regimes, "agencies.csv")), fuzzSubmissions()
	f.Fuzz(func(t *testing.T, data []byte) {
		rules, warnings, err := ReadRules("r.toml", data)
		for _, w := range warnings {
			if w.Text == "" || w.File == "" {
				t.Errorf("empty warning: %+v", w)
			}
		}
		if err != nil {
			var faults directory.Faults
			if !errors.As(err, &faults) || len(faults) == 0 || rules != nil {
				t.Fatalf("refused with %T %v", err, err)
			}
			return
		}
		for _, s := range submissions {
			d := rules.Decide(s, dir)
			if d.Verdict == "" || len(d.Reasons) == 0 || len(d.Trace) == 0 {
				t.Errorf("decision without verdict, reason or trace: %+v", d)
			}
			for _, step := range d.Trace {
				if step.Because == "" {
					t.Errorf("%q is not explained in %+v", step.Rule, d)
				}
			}
			if last := d.Trace[len(d.Trace)-1]; !last.Matched {
				t.Errorf("nothing decided: %+v", d)
			}
		}
		rules.Warnings(day("2019-04-20"), dir)
		rules.UnknownReceivers([]string{"vp"})
		rules.RefusesEveryone()
		rules.Reached(dir, "email", "vp")
	})
}
