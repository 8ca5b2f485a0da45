package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

const monthlyAgencies = `id,code,name,parent,level,groups,addresses,ready_since,valid_from,valid_to,successors
snv,H50.01,Sở Nội vụ,,province,so-nganh,vp@snv.quangtri.gov.vn,2026-01-01,,,
sct,H50.02,Sở Công Thương,,province,so-nganh,vp@sct.quangtri.gov.vn,2026-10-10,,,
hs,H50.03,Sở Hải sản,,province,so-nganh,vp@hs.quangtri.gov.vn,,,2026-10-15,nnmt
nnmt,H50.04,Sở Nông nghiệp và Môi trường,,province,so-nganh,vp@nnmt.quangtri.gov.vn,2026-10-16,2026-10-16,,
ht,H50.60,UBND xã Hải Tân,,commune,xa,vp@haitan.quangtri.gov.vn,2026-05-01,,2026-10-20,
ht,H50.60,UBND phường Hải Tân,,commune,xa,vp@haitan.quangtri.gov.vn,2026-05-01,2026-10-21,,
im,H50.61,UBND xã Im Lặng,,commune,xa,vp@imlang.quangtri.gov.vn,,,,
dn,,Công ty Sao Biển,,enterprise,,vt@saobien.example.vn,,,,
dn2,,Công ty Cát Trắng,,enterprise,,vt@cattrang.example.vn,,,,
ong-an,,Nguyễn Văn An,,citizen,,an@example.vn,,,,
`

func monthlyDirectory(t testing.TB) *directory.Directory {
	t.Helper()
	d, _, err := directory.Read("agencies.csv", []byte(monthlyAgencies))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var october = Month{2026, time.October}

// on is an instant in Vietnam.
func on(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, vietnam)
}

func mail(agency string, at time.Time, f Fate) Arrival {
	return Arrival{Agency: agency, Channel: byMail, At: at, Fate: f, Numbered: f == Taken || f == Reminded}
}

func by(channel string, a Arrival) Arrival {
	a.Channel = channel
	return a
}

// wanted asks for a report that is made after the month.
func wanted() Wanted {
	return Wanted{Receiver: "UBND TỈNH QUẢNG TRỊ", Made: on(time.November, 2, 9), Title: func(_, rule string) string { return map[string]string{"r1": "Gửi trên hệ thống"}[rule] }}
}

func reportOf(t testing.TB, w Wanted, arrivals ...Arrival) Monthly {
	t.Helper()
	tally := NewTally(october, monthlyDirectory(t))
	for _, a := range arrivals {
		tally.Add(a)
		if a.Channel == byMail && counted(a.Fate) && a.At.Before(october.End()) {
			tally.LastMail(a.Agency, a.At)
		}
	}
	return tally.Report(w)
}

func senderOf(t testing.TB, m Monthly, name string) Sender {
	t.Helper()
	i := slices.IndexFunc(m.Senders, func(s Sender) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("%s is not in %+v", name, m.Senders)
	}
	return m.Senders[i]
}

func TestMonths(t *testing.T) {
	for _, text := range []string{"", "2026", "2026-1", "2026-13", "2026-00", "2026-10-01", "10-2026", "tháng 10", "0001-01", "2026-10 "} {
		if m, err := ReadMonth(text); err == nil || !strings.Contains(err.Error(), "YYYY-MM") {
			t.Errorf("%q is %v, %v", text, m, err)
		}
	}
	m, err := ReadMonth("2026-12")
	if err != nil || m.String() != "2026-12" || m.Next().String() != "2027-01" || m.Before().String() != "2026-11" || (Month{2026, time.January}).Before().String() != "2025-12" {
		t.Errorf("%v %v: after it %v, before it %v", m, err, m.Next(), m.Before())
	}
	if got := m.Start().UTC(); got != time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) {
		t.Errorf("it begins at %v", got)
	}
}

// TestMonthIsHalfOpen: the first instant of a month is in it, the first after it is not.
func TestMonthIsHalfOpen(t *testing.T) {
	m := reportOf(t, wanted(), mail("snv", october.Start(), Taken), mail("snv", october.Start().Add(-time.Nanosecond), Taken), mail("snv", october.End().Add(-time.Nanosecond), Taken),
		mail("snv", october.End(), Taken), mail("snv", october.Before().Start(), Taken), mail("snv", october.Before().Start().Add(-time.Nanosecond), Taken))
	if s := senderOf(t, m, "Sở Nội vụ"); s.Email != 2 || s.Before.Email != 2 || m.Total.Email != 2 || m.Before.Email != 2 {
		t.Errorf("counted %+v, total %+v and %+v", s, m.Total, m.Before)
	}
}

func TestCounting(t *testing.T) {
	at := on(time.October, 12, 8)
	early, late := Copy{bySystem, at.Add(-time.Hour)}, Copy{onPaper, at.Add(48 * time.Hour)}
	with := func(a Arrival, c ...Copy) Arrival { a.Copies = c; return a }
	cases := []struct {
		name string
		in   []Arrival
		want Counts
	}{
		{"accepted", []Arrival{mail("snv", at, Taken)}, Counts{Email: 1, Accepted: 1, Registered: 1}},
		{"reminded", []Arrival{by(onPaper, mail("snv", at, Reminded))}, Counts{Paper: 1, Reminded: 1, Registered: 1}},
		{"refused", []Arrival{mail("snv", at, Refused)}, Counts{Email: 1, Refused: 1}},
		{"held", []Arrival{by(bySystem, mail("snv", at, Waiting))}, Counts{System: 1, Held: 1}},
		{"a copy is no document", []Arrival{mail("snv", at, Joined)}, Counts{Joined: 1}},
		{"first by the system", []Arrival{with(mail("snv", at, Taken), early)}, Counts{System: 1, SeveralWays: 1, Accepted: 1, Registered: 1}},
		{"paper follows mail", []Arrival{with(mail("snv", at, Taken), late)}, Counts{Email: 1, SeveralWays: 1, Accepted: 1, Registered: 1}},
		{"three ways", []Arrival{with(mail("snv", at, Taken), late, early)}, Counts{System: 1, SeveralWays: 1, Accepted: 1, Registered: 1}},
		{"mailed twice is one way", []Arrival{with(mail("snv", at, Taken), Copy{byMail, at.Add(-time.Minute)})}, Counts{Email: 1, Accepted: 1, Registered: 1}},
		{"a status, a recall", []Arrival{mail("snv", at, NoDocument)}, Counts{}},
		{"old mail", []Arrival{mail("snv", at, Imported)}, Counts{}},
		{"secrets", []Arrival{mail("snv", at, Secret), mail("snv", at, Quarantined)}, Counts{}},
		{"nothing known yet", []Arrival{mail("snv", at, Unread)}, Counts{}},
	}
	for _, c := range cases {
		m := reportOf(t, wanted(), c.in...)
		if m.Total != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, m.Total, c.want)
		}
		if (c.want == Counts{}) != (len(m.Senders) == 0) {
			t.Errorf("%s: senders %+v", c.name, m.Senders)
		}
	}
	m := reportOf(t, wanted(), mail("snv", at, Secret), mail("snv", at, Secret), mail("sct", at, Quarantined), mail("", at, Imported), mail("", at, Unread))
	if m.Secrets != 2 || m.Shut != 1 || m.Imported != 1 || m.Unread != 1 || !m.Enough {
		t.Errorf("apart are %+v", m)
	}
	text, err := json.Marshal(m)
	if err != nil || strings.Contains(string(text), "Sở Nội vụ") {
		t.Errorf("who sent a secret is told: %s, %v", text, err)
	}
}

// TestSendersOfAMonth: agencies under the name of the day, with their successors; citizens, enterprises and outsiders one line each.
func TestSendersOfAMonth(t *testing.T) {
	m := reportOf(t, wanted(), mail("ong-an", on(time.October, 1, 1), Taken), mail("dn", on(time.October, 1, 1), Taken), mail("dn2", on(time.October, 1, 2), Taken),
		mail("", on(time.October, 1, 1), Waiting), mail("hs", on(time.October, 15, 23), Taken), by(bySystem, mail("nnmt", on(time.October, 16, 0), Taken)),
		by(bySystem, mail("ht", on(time.October, 20, 0), Taken)), by(bySystem, mail("ht", on(time.October, 21, 0), Taken)), mail("ht", on(time.September, 21, 0), Taken),
		mail("khong-con", on(time.October, 5, 5), Taken))
	var lines []string
	for _, s := range m.Senders {
		lines = append(lines, nameCell(s))
	}
	want := []string{"khong-con (không còn trong danh bạ)", "Sở Hải sản (đến hết 15/10/2026; nay là Sở Nông nghiệp và Môi trường)", "Sở Nông nghiệp và Môi trường",
		"UBND xã Hải Tân (đến hết 20/10/2026; nay là UBND phường Hải Tân)", "UBND phường Hải Tân", "Công dân", "Doanh nghiệp", "Nơi gửi ngoài danh bạ"}
	if !slices.Equal(lines, want) {
		t.Errorf("lines are %q, want %q", lines, want)
	}
	if d := senderOf(t, m, "Doanh nghiệp"); d.Email != 2 || d.GoneOver || d.CleanSince != "" {
		t.Errorf("enterprises are %+v", d)
	}
	if old, now := senderOf(t, m, "UBND xã Hải Tân"), senderOf(t, m, "UBND phường Hải Tân"); old.Before.Email != 0 || now.Before.Email != 1 || m.Before.Email != 1 {
		t.Errorf("the month before is %+v, %+v, %+v", old.Before, now.Before, m.Before)
	}
	if m.Sending != 4 || m.GoneOver != 2 { // hs and khong-con mailed, nnmt and ht did not
		t.Errorf("%d sent, %d have gone over", m.Sending, m.GoneOver)
	}
	w := wanted()
	w.All = true
	all := reportOf(t, w, mail("snv", on(time.October, 1, 1), Taken))
	if s := senderOf(t, all, "UBND xã Im Lặng"); s.Counts != (Counts{}) || all.Sending != 1 {
		t.Errorf("who was silent is %+v", s)
	}
	for _, s := range all.Senders {
		if s.Name == "Sở Hải sản" || s.Kind != OfAgency {
			t.Errorf("%s is listed", s.Name)
		}
	}
}

// TestWhoHasGoneOver: over the system alone, whatever became of it; one copy by mail or on paper is enough not to have.
func TestWhoHasGoneOver(t *testing.T) {
	at := on(time.October, 12, 8)
	system := by(bySystem, mail("snv", at, Taken))
	cases := []struct {
		name         string
		in           []Arrival
		gone, mailed int
	}{
		{"over the system", []Arrival{system}, 1, 0},
		{"waits, over the system", []Arrival{by(bySystem, mail("snv", at, Waiting))}, 1, 0},
		{"and a refused mail", []Arrival{system, mail("snv", at, Refused)}, 0, 1},
		{"and a copy by mail", []Arrival{system, mail("snv", at, Joined)}, 0, 1},
		{"and a copy on paper", []Arrival{system, by(onPaper, mail("snv", at, Joined))}, 0, 0},
		{"mail of the month before", []Arrival{system, mail("snv", on(time.September, 30, 23), Taken)}, 1, 0},
		{"mail before the account was opened", []Arrival{mail("sct", on(time.October, 9, 23), Taken)}, 0, 0},
		{"mail after it was", []Arrival{mail("sct", on(time.October, 10, 0), Taken)}, 0, 1},
		{"mail without an account", []Arrival{mail("hs", on(time.October, 10, 0), Taken)}, 0, 0},
	}
	for _, c := range cases {
		if m := reportOf(t, wanted(), c.in...); m.GoneOver != c.gone || m.Mailing != c.mailed || m.Sending != 1 {
			t.Errorf("%s: %d of %d have gone over, %d mail though they need not", c.name, m.GoneOver, m.Sending, m.Mailing)
		}
	}
}

func TestFirstMonthWithoutMail(t *testing.T) {
	cases := []struct {
		name string
		last time.Time
		made time.Time
		want string
		cell string
	}{
		{"never mailed", time.Time{}, on(time.November, 2, 9), "", "–"},
		{"mailed in the month", october.Start(), on(time.November, 2, 9), "", "còn gửi thư"},
		{"mailed in the month before", october.Start().Add(-time.Second), on(time.November, 2, 9), "2026-10", "10/2026"},
		{"and the month is not over", october.Start().Add(-time.Second), on(time.October, 20, 9), "", "chưa hết tháng"},
		{"mailed in spring", on(time.March, 15, 9), on(time.October, 20, 9), "2026-04", "04/2026"},
	}
	for _, c := range cases {
		tally := NewTally(october, monthlyDirectory(t))
		tally.Add(by(bySystem, mail("snv", on(time.October, 12, 8), Taken)))
		if !c.last.IsZero() {
			tally.LastMail("snv", c.last)
			tally.Add(mail("snv", c.last, Taken))
		}
		w := wanted()
		w.Made = c.made
		m := tally.Report(w)
		s := senderOf(t, m, "Sở Nội vụ")
		if s.CleanSince != c.want || m.cleanCell(s) != c.cell {
			t.Errorf("%s: %q, shown as %q", c.name, s.CleanSince, m.cleanCell(s))
		}
	}
}

func TestGroundsOfRefusals(t *testing.T) {
	refused := func(rules, rule string, person bool) Arrival {
		a := mail("snv", on(time.October, 12, 8), Refused)
		a.Rules, a.Rule, a.ByPerson = rules, rule, person
		return a
	}
	m := reportOf(t, wanted(), refused("v1", "r1", false), refused("v2", "r1", false), refused("v2", "r2", false), refused("v2", "r1", true), refused("v2", "r1", false))
	want := []Refusal{{"v2", "r1", "Gửi trên hệ thống", 3}, {"", "", "Văn thư quyết định trả lại", 1}, {"v2", "r2", "r2", 1}}
	if !slices.Equal(m.Refusals, want) {
		t.Errorf("refused for %+v, want %+v", m.Refusals, want)
	}
	if text := strings.Join(m.closing(), "\n"); !strings.Contains(text, "Lý do trả lại nhiều nhất:\n1. Gửi trên hệ thống (r1): 3\n2. Văn thư quyết định trả lại: 1\n3. r2 (r2): 1") {
		t.Errorf("below the table stands %q", text)
	}
}

func TestRulesInForce(t *testing.T) {
	list := []Activation{{"gone", "a", on(time.July, 1, 0)}, {"from before", "b", on(time.September, 20, 0)}, {"undone at once", "c", on(time.October, 5, 9)},
		{"from within", "d", on(time.October, 5, 9)}, {"from the next month on", "e", october.End()}}
	var got []string
	for _, s := range inForce(list, october) {
		got = append(got, s.Title)
	}
	if !slices.Equal(got, []string{"from before", "from within"}) {
		t.Errorf("in force are %q", got)
	}
	if s := inForce(list[3:4], october); s[0].From != "2026-10-05T02:00:00Z" || s[0].Until != "" {
		t.Errorf("the last is %+v", s)
	}
	if s := inForce(list, Month{2026, time.June}); len(s) != 0 {
		t.Errorf("before the first there were %+v", s)
	}
}

func TestMonthsWithoutFigures(t *testing.T) {
	for _, c := range []struct {
		name   string
		made   time.Time
		in     []Arrival
		want   string
		absent string
	}{
		{"empty", on(time.November, 2, 9), nil, "Chưa đủ dữ liệu tháng.", "chưa hết tháng"},
		{"old mail alone", on(time.November, 2, 9), []Arrival{mail("snv", on(time.October, 2, 9), Imported)}, "Chưa đủ dữ liệu tháng.", "chưa hết tháng"},
		{"to come", on(time.January, 2, 9), nil, "chưa hết tháng", "Cộng"},
		{"not over", october.End().Add(-time.Nanosecond), []Arrival{mail("snv", on(time.October, 2, 9), Taken)}, "chưa hết tháng", "Chưa đủ"},
		{"just over", october.End(), []Arrival{mail("snv", on(time.October, 2, 9), Taken)}, "Cộng 1 văn bản.", "chưa hết tháng"},
	} {
		w := wanted()
		w.Made = c.made
		table := reportOf(t, w, c.in...).Table()
		text := strings.Join(append(slices.Clone(table.Heading), table.Closing...), "\n")
		if !strings.Contains(text, c.want) || strings.Contains(text, c.absent) {
			t.Errorf("%s: it says %q", c.name, text)
		}
	}
}

func TestTrend(t *testing.T) {
	var in []Arrival
	for i := range 8 {
		in = append(in, mail("snv", on(time.September, i+1, 8), Taken), by(bySystem, mail("snv", on(time.October, i+1, 8), Taken)))
	}
	in = append(in, mail("snv", on(time.October, 20, 8), Taken), by(onPaper, mail("im", on(time.October, 20, 8), Taken)))
	want := "So với tháng 09/2026: tổng số 8 → 10 (+25 %); thư điện tử 8 → 1 (-88 %); giấy 0 → 1; qua hệ thống 0 → 8."
	if got := reportOf(t, wanted(), in...).trend(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSumsAreWhole: whatever comes, every document is in one line, under one way and with one fate; no arrival is counted twice.
func TestSumsAreWhole(t *testing.T) {
	ids := []string{"snv", "sct", "hs", "nnmt", "ht", "dn", "ong-an", "", "x"}
	channels := []string{byMail, onPaper, bySystem}
	rapid.Check(t, func(t *rapid.T) {
		dir, _, err := directory.Read("agencies.csv", []byte(monthlyAgencies))
		if err != nil {
			t.Fatal(err)
		}
		tally := NewTally(october, dir)
		documents, copies, apart, before := 0, 0, 0, 0
		for range rapid.IntRange(0, 60).Draw(t, "arrivals") {
			at := on(time.September, 1, 0).Add(time.Duration(rapid.IntRange(0, 90*24*60).Draw(t, "minute")) * time.Minute)
			a := Arrival{Agency: rapid.SampledFrom(ids).Draw(t, "agency"), Channel: rapid.SampledFrom(channels).Draw(t, "channel"), At: at,
				Fate: Fate(rapid.IntRange(0, int(Imported)).Draw(t, "fate")), Numbered: rapid.Bool().Draw(t, "numbered")}
			for range rapid.IntRange(0, 2).Draw(t, "copies") {
				a.Copies = append(a.Copies, Copy{rapid.SampledFrom(channels).Draw(t, "way"), at.Add(time.Duration(rapid.IntRange(-99, 99).Draw(t, "later")) * time.Hour)})
			}
			tally.Add(a)
			standing := a.Fate == Taken || a.Fate == Reminded || a.Fate == Refused || a.Fate == Waiting
			switch in := !at.Before(october.Start()) && at.Before(october.End()); {
			case !in && standing && at.Before(october.Start()):
				before++
			case in && standing:
				documents++
			case in && a.Fate == Joined:
				copies++
			case in && a.Fate != NoDocument:
				apart++
			}
		}
		w := Wanted{Made: october.End(), All: rapid.Bool().Draw(t, "all"), Title: func(string, string) string { return "" }}
		m := tally.Report(w)
		c := m.Total
		if c.Documents() != documents || c.Accepted+c.Reminded+c.Refused+c.Held != documents || c.Joined != copies || m.Before.Documents() != before ||
			m.Secrets+m.Shut+m.Imported+m.Unread != apart {
			t.Fatalf("%d documents, %d copies, %d apart, %d before: counted %+v", documents, copies, apart, before, m)
		}
		var sum Counts
		for _, s := range m.Senders {
			sum = sum.plus(s.Counts)
		}
		if sum != c || m.GoneOver > m.Sending || m.Mailing > m.Sending || len(m.Table().Rows) != min(len(m.Senders), 1)+len(m.Senders) {
			t.Fatalf("the lines come to %+v, not %+v; %+v", sum, c, m)
		}
	})
}

func TestFateOfVerdicts(t *testing.T) {
	for v, want := range map[policy.Verdict]Fate{policy.Warn: Reminded, policy.Accept: Taken, policy.Reject: Taken, policy.Hold: Taken, "": Taken} {
		if got := FateOf(v); got != want {
			t.Errorf("%q is %d, want %d", v, got, want)
		}
	}
}
