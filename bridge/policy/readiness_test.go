package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

func day(d string) time.Time {
	t, err := time.ParseInLocation("2006-01-02", d, vietnam)
	if err != nil {
		panic(err)
	}
	return t
}

// TestReadinessMovesByItself: one rules file that nobody touches, and agencies whose accounts open one after the other. Each is left alone
// before its account, warned for 30 days, then refused; and every warning says rightly what comes next and when.
func TestReadinessMovesByItself(t *testing.T) {
	rules := mustRules(t, `[[rule]]
id = "a"
channels = ["email"]
[rule.sender]
groups = ["so"]
ready = true
ready_grace = "30d"
[[rule.phase]]
from = 2026-01-01
verdict = "warn"
[[rule.phase]]
from = 2026-04-01
verdict = "reject"
`)
	dir, _, err := directory.Read("a.csv", []byte("id,name,level,groups,ready_since\nsom,Sở Sớm,province,so,2025-01-01\ngan,Sở Gần,province,so,2026-03-20\n"+
		"muon,Sở Muộn,province,so,2026-06-10\nchua,Sở Chưa,province,so,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		agency, at string
		want       Verdict
		reason     Reason
		next       string
	}{
		{"som", "2025-12-31", Accept, ReasonDefault, ""}, {"som", "2026-01-01", Warn, ReasonRule, "2026-04-01"}, {"som", "2026-04-01", Reject, ReasonRule, ""},
		{"gan", "2026-03-19", Accept, ReasonDefault, ""}, {"gan", "2026-03-20", Warn, ReasonRule, "2026-04-19"}, {"gan", "2026-04-18", Warn, ReasonReadyGrace, "2026-04-19"},
		{"gan", "2026-04-19", Reject, ReasonRule, ""},
		{"muon", "2026-06-09", Accept, ReasonDefault, ""}, {"muon", "2026-06-10", Warn, ReasonReadyGrace, "2026-07-10"}, {"muon", "2026-07-10", Reject, ReasonRule, ""},
		{"chua", "2027-01-01", Accept, ReasonDefault, ""},
	} {
		d := rules.Decide(Submission{Channel: "email", ReceivedAt: day(c.at), Sender: Sender{Agency: c.agency, Identity: IdentityDKIM}}, dir)
		next := ""
		if !d.NextFrom.IsZero() {
			next = d.NextFrom.Format("2006-01-02") + " " + string(d.NextVerdict)
		}
		want := c.next
		if want != "" {
			want += " reject"
		}
		if d.Verdict != c.want || d.Reasons[0] != string(c.reason) || next != want {
			t.Errorf("%s on %s: %s (%s), next %q; want %s (%s), %q\n%s", c.agency, c.at, d.Verdict, d.Reasons[0], next, c.want, c.reason, want, tell(d))
		}
	}
}

// TestNextIsWhatComes: what a decision says comes next is what the same submission gets then, and nothing else comes before.
func TestNextIsWhatComes(t *testing.T) {
	ladder := []struct{ from, verdict string }{{"2026-01-01", "warn"}, {"2026-02-01", "reject"}, {"2026-03-01", "accept"}, {"2026-04-01", "warn"}, {"2026-05-01", "reject"}}
	for first := range ladder {
		for _, ready := range []string{"2025-01-01", "2026-01-15", "2026-02-20", "2026-04-10", "2026-04-25"} {
			var text strings.Builder
			text.WriteString("[[rule]]\nid = \"a\"\nchannels = [\"email\"]\n[rule.sender]\nready = true\nready_grace = \"20d\"\n")
			for _, p := range ladder[first:] {
				text.WriteString("[[rule.phase]]\nfrom = " + p.from + "\nverdict = \"" + p.verdict + "\"\n")
			}
			rules := mustRules(t, text.String())
			dir, _, err := directory.Read("a.csv", []byte("id,name,level,ready_since\nso,Sở,province,"+ready+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			decide := func(at time.Time) Decision {
				return rules.Decide(Submission{Channel: "email", ReceivedAt: at, Sender: Sender{Agency: "so", Identity: IdentityDKIM}}, dir)
			}
			for at := day("2026-01-01"); at.Before(day("2026-07-01")); at = at.AddDate(0, 0, 1) {
				d := decide(at)
				if d.Rule == "" {
					continue
				}
				changed := day("2026-07-02")
				for later := at; later.Before(changed); later = later.AddDate(0, 0, 1) {
					if decide(later).Verdict != d.Verdict {
						changed = later
					}
				}
				switch {
				case d.NextFrom.IsZero() && changed.Before(day("2026-07-01")):
					t.Fatalf("account of %s, phases from %s, on %s: nothing is to come, yet %s brings %s", ready, ladder[first].from, at.Format(time.DateOnly), changed, decide(changed).Verdict)
				case !d.NextFrom.IsZero() && (d.NextFrom.After(changed) || decide(d.NextFrom).Verdict != d.NextVerdict):
					t.Fatalf("account of %s, phases from %s, on %s: %s, next %s from %s; it changes on %s", ready, ladder[first].from, at.Format(time.DateOnly), d.Verdict, d.NextVerdict, d.NextFrom, changed)
				}
			}
		}
	}
}

// TestAlsoReceived: what the system has already is not refused, unless the rule is about just that.
func TestAlsoReceived(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	file := func(context, verdict string) string {
		return "[[rule]]\nid = \"a\"\nchannels = [\"email\", \"paper\", \"system\"]\n" + context + "[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"" + verdict + "\"\n"
	}
	for _, c := range []struct {
		context, verdict, channel string
		also                      []string
		want                      Verdict
		notice                    string
	}{
		{"", "reject", "email", []string{"system"}, Accept, "also-received"}, {"", "reject", "paper", []string{"email", "system"}, Accept, "also-received"},
		{"", "reject", "email", []string{"paper"}, Reject, "reject"}, {"", "reject", "system", []string{"system"}, Reject, "reject"}, {"", "warn", "email", []string{"system"}, Warn, "remind"},
		{"[rule.context]\nalso_received = [\"system\"]\n", "reject", "email", []string{"system"}, Reject, "reject"},
		{"[rule.document]\nseals = [\"none\"]\n", "reject", "email", []string{"system"}, Accept, "also-received"},
	} {
		s := Submission{Channel: c.channel, ReceivedAt: day("2019-05-01"), Sender: Sender{Agency: "p-noivu", Identity: IdentityDKIM},
			Context: Context{AlsoReceived: c.also, AlsoNumber: "15"}}
		d := mustRules(t, file(c.context, c.verdict)).Decide(s, dir)
		if d.Verdict != c.want || d.Notice != c.notice || d.Rule != "a" {
			t.Errorf("%+v: %s, notice %q\n%s", c, d.Verdict, d.Notice, tell(d))
		}
		if said := strings.Contains(tell(d), "đã được nhận trên Hệ thống, số đến 15"); said != (c.want == Accept) || d.AlsoNumber != map[bool]string{true: "15"}[said] {
			t.Errorf("%+v: number %q\n%s", c, d.AlsoNumber, tell(d))
		}
		if c.want == Accept && !slices.Equal(d.Reasons, []string{"also-received", "rule"}) {
			t.Errorf("reasons %v", d.Reasons)
		}
	}
}
