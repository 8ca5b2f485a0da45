package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Monthly is the report of a month: how each agency sends, and what became of it. Secrets are a number and nothing else.
type Monthly struct {
	Month    string      `json:"month"` // YYYY-MM
	From     string      `json:"from"`  // RFC 3339, UTC: first instant, and first one after
	Until    string      `json:"until"`
	Made     string      `json:"made"`
	Over     bool        `json:"over"`   // false: the month has not ended, or not begun
	Enough   bool        `json:"enough"` // false: nothing came in the month
	Parent   string      `json:"parent"` // letterhead of the receiving agency
	Receiver string      `json:"receiver"`
	Senders  []Sender    `json:"senders"`
	Total    Counts      `json:"total"`
	Before   Counts      `json:"before"` // total of the month before, also of those who sent nothing since
	Sending  int         `json:"agencies_sending"`
	GoneOver int         `json:"agencies_gone_over"`
	Mailing  int         `json:"agencies_mailing_though_ready"`
	Refusals []Refusal   `json:"refusals"` // the most frequent first
	Secrets  int         `json:"secrets"`
	Shut     int         `json:"quarantined"` // for another reason than secrecy
	Imported int         `json:"imported"`    // old mail, not counted above
	Unread   int         `json:"unread"`      // receipts of which no document is known yet
	Rules    []RulesSpan `json:"rules"`

	month Month
	made  time.Time
}

// Sender is one line of the report.
type Sender struct {
	Kind       Kind     `json:"kind"`
	ID         string   `json:"id"`
	Code       string   `json:"code"`
	Name       string   `json:"name"` // on the days of the documents
	Groups     []string `json:"groups"`
	Ended      string   `json:"ended"`      // last day of the agency, or of its name, yyyy-mm-dd
	Successors []string `json:"successors"` // names of those that took over
	Counts
	Before            Counts `json:"before"` // the month before
	ReadySince        string `json:"ready_since"`
	GoneOver          bool   `json:"gone_over"`            // everything came over the system
	MailingThoughOpen bool   `json:"mailing_though_ready"` // mail came after its account was opened
	LastMail          string `json:"last_mail"`            // day of its last mail up to the month's end, empty: never
	CleanSince        string `json:"clean_since"`          // first whole month since when no mail came, YYYY-MM

	line int
}

// Refusal is how often a rule refused in the month.
type Refusal struct {
	Rules    string `json:"rules"` // version
	Rule     string `json:"rule"`  // empty: a person
	Title    string `json:"title"`
	Refusals int    `json:"refusals"`
}

// Wanted is what a report says beside what was counted.
type Wanted struct {
	Parent, Receiver string // letterhead
	All              bool   // agencies that sent nothing, too
	Made             time.Time
	Activations      []Activation                    // of rules, in their order
	Title            func(rules, rule string) string // of a rule; empty when it is not known
}

// Report makes the report of what was counted.
func (t *Tally) Report(w Wanted) Monthly {
	m := Monthly{Month: t.month.String(), From: t.month.Start().UTC().Format(time.RFC3339), Until: t.month.End().UTC().Format(time.RFC3339),
		Made: w.Made.UTC().Format(time.RFC3339), Over: !w.Made.Before(t.month.End()), Parent: w.Parent, Receiver: w.Receiver, Senders: []Sender{},
		Secrets: t.secrets, Shut: t.quarantined, Imported: t.imported, Unread: t.unread, Rules: inForce(w.Activations, t.month), month: t.month, made: w.Made}
	names, latest := newNames(t.dir), t.latest()
	for key, s := range t.senders {
		l := t.line(key, s, names, m.Over)
		if latest[sender{kind: key.kind, id: key.id}] == key.name {
			l.Before = t.earlier(key)
		}
		m.Senders = append(m.Senders, l)
	}
	if w.All {
		m.Senders = append(m.Senders, t.silent(names, m.Over)...)
	}
	for i := range m.Senders {
		m.Total = m.Total.plus(m.Senders[i].Counts)
	}
	for _, c := range t.before {
		m.Before = m.Before.plus(*c)
	}
	m.Sending, m.GoneOver, m.Mailing = tell(m.Senders)
	m.Enough = m.Total.Documents()+m.Total.Joined+m.Secrets+m.Shut+m.Unread > 0
	slices.SortFunc(m.Senders, inOrder)
	m.Refusals = t.grounds(w.Title)
	return m
}

// tell counts agencies by how they send. An agency that changed its name in the month stands in two lines and is one: it has gone over when
// all its lines have.
func tell(lines []Sender) (sending, gone, mailing int) {
	type how struct{ gone, mailing bool }
	agencies := map[string]how{}
	for _, l := range lines {
		if l.Kind != OfAgency || l.Documents()+l.Joined == 0 {
			continue
		}
		h, before := agencies[l.ID]
		agencies[l.ID] = how{gone: l.GoneOver && (h.gone || !before), mailing: l.MailingThoughOpen || h.mailing}
	}
	for _, h := range agencies {
		sending++
		if h.gone {
			gone++
		}
		if h.mailing {
			mailing++
		}
	}
	return sending, gone, mailing
}

// line is what is known of a sender.
func (t *Tally) line(key sender, s *sent, names names, over bool) Sender {
	l := Sender{Kind: key.kind, ID: key.id, Name: key.name, Groups: []string{}, Successors: []string{}, Counts: s.Counts}
	if key.kind != OfAgency {
		l.Name = map[Kind]string{OfCitizens: "Công dân", OfEnterprise: "Doanh nghiệp", OfOutsiders: "Nơi gửi ngoài danh bạ"}[key.kind]
		return l
	}
	l.GoneOver = s.ways[bySystem] && !s.ways[byMail] && !s.ways[onPaper]
	a, known := t.dir.Agency(key.id, s.last)
	if !known {
		l.Name = names.of(key.id)
		return l
	}
	t.describe(&l, a, names, over)
	l.MailingThoughOpen = s.ways[byMail] && a.Ready(s.lastMail)
	return l
}

// latest gives the last name of each sender in the month: what is known of it as a whole stands in that line.
func (t *Tally) latest() map[sender]string {
	out, at := map[sender]string{}, map[sender]time.Time{}
	for key, s := range t.senders {
		whole := sender{kind: key.kind, id: key.id}
		if c := s.last.Compare(at[whole]); c > 0 || c == 0 && key.name > out[whole] {
			out[whole], at[whole] = key.name, s.last
		}
	}
	return out
}

// earlier is what came from a sender in the month before.
func (t *Tally) earlier(key sender) Counts {
	if c := t.before[sender{kind: key.kind, id: key.id}]; c != nil {
		return *c
	}
	return Counts{}
}

// describe enters what the directory says of an agency in one period of its life.
func (t *Tally) describe(l *Sender, a directory.Agency, names names, over bool) {
	l.ID, l.Code, l.Name, l.Groups, l.line = a.ID, a.Code, a.Name, append(l.Groups, a.Groups...), a.Line
	if !a.ReadySince.IsZero() {
		l.ReadySince = a.ReadySince.In(vietnam).Format(time.DateOnly)
	}
	if last, ever := t.lastMail[a.ID]; ever {
		l.LastMail = last.In(vietnam).Format(time.DateOnly)
		if clean := MonthOf(last).Next(); clean.Start().Before(t.month.Start()) || clean == t.month && over {
			l.CleanSince = clean.String()
		}
	}
	end := t.month.End()
	if a.ValidUntil.IsZero() || a.ValidUntil.After(end) {
		return
	}
	now, goesOn := t.dir.Agency(a.ID, end)
	if goesOn && now.Name == a.Name {
		return
	}
	l.Ended = a.ValidUntil.Add(-time.Second).In(vietnam).Format(time.DateOnly)
	if goesOn {
		l.Successors = append(l.Successors, now.Name)
		return
	}
	for _, id := range a.Successors {
		l.Successors = append(l.Successors, names.of(id))
	}
}

// silent are the agencies of the directory at the month's end that sent nothing in it.
func (t *Tally) silent(names names, over bool) []Sender {
	heard := map[string]bool{}
	for key := range t.senders {
		heard[key.id] = true
	}
	var out []Sender
	last := t.month.End().Add(-time.Nanosecond)
	for _, a := range names.rows {
		if heard[a.ID] || a.Level == directory.Citizen || a.Level == directory.Enterprise || !a.ValidAt(last) {
			continue
		}
		l := Sender{Kind: OfAgency, Groups: []string{}, Successors: []string{}, Before: t.earlier(sender{kind: OfAgency, id: a.ID})}
		t.describe(&l, a, names, over)
		out = append(out, l)
	}
	return out
}

// grounds lists why documents were refused. The same rule of several versions is one ground while its title stays.
func (t *Tally) grounds(title func(rules, rule string) string) []Refusal {
	type ground struct{ rule, title string }
	sums := map[ground]Refusal{}
	for r, n := range t.refusals {
		g := ground{rule: r.rule, title: "Văn thư quyết định trả lại"}
		if r.rule != "" {
			g.title = cmp.Or(title(r.rules, r.rule), r.rule)
		}
		sum := sums[g]
		sum.Rules, sum.Rule, sum.Title = max(sum.Rules, r.rules), g.rule, g.title
		sum.Refusals += n
		sums[g] = sum
	}
	out := make([]Refusal, 0, len(sums))
	for _, r := range sums {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(b.Refusals, a.Refusals), strings.Compare(a.Title, b.Title), strings.Compare(a.Rule, b.Rule))
	})
	return out
}

// inOrder sorts lines: agencies by group, then as the directory lists them; after them citizens, enterprises and all others.
func inOrder(a, b Sender) int {
	rank := func(s Sender) int {
		return slices.Index([]Kind{OfAgency, OfCitizens, OfEnterprise, OfOutsiders}, s.Kind)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(strings.Join(a.Groups, ";"), strings.Join(b.Groups, ";")), cmp.Compare(a.line, b.line),
		strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
}

// names finds the last name of an agency by its id, whatever the day.
type names struct {
	rows []directory.Agency
	last map[string]*directory.Agency
}

func newNames(d *directory.Directory) names {
	n := names{rows: d.Agencies(), last: map[string]*directory.Agency{}}
	for i := range n.rows {
		a := &n.rows[i]
		if have := n.last[a.ID]; have == nil || a.ValidFrom.After(have.ValidFrom) {
			n.last[a.ID] = a
		}
	}
	return n
}

func (n names) of(id string) string {
	if a := n.last[id]; a != nil {
		return a.Name
	}
	return id + " (không còn trong danh bạ)"
}
