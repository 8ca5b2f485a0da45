package report

import (
	"maps"
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Counts are the documents of one sender in one month. A document counts once, under the way by which it came first; each is accepted,
// reminded, refused or held.
type Counts struct {
	Email       int `json:"email"`
	Paper       int `json:"paper"`
	System      int `json:"system"`
	SeveralWays int `json:"several_ways"` // of them came by more than one of these ways
	Accepted    int `json:"accepted"`
	Reminded    int `json:"reminded"`
	Refused     int `json:"refused"`
	Held        int `json:"held"`
	Joined      int `json:"joined"`     // further copies, beside the documents
	Registered  int `json:"registered"` // documents with a số đến
}

// Documents is how many there are.
func (c Counts) Documents() int { return c.Email + c.Paper + c.System }

// plus adds other counts.
func (c Counts) plus(o Counts) Counts {
	return Counts{c.Email + o.Email, c.Paper + o.Paper, c.System + o.System, c.SeveralWays + o.SeveralWays, c.Accepted + o.Accepted,
		c.Reminded + o.Reminded, c.Refused + o.Refused, c.Held + o.Held, c.Joined + o.Joined, c.Registered + o.Registered}
}

// add counts one document or copy.
func (c *Counts) add(a Arrival) {
	if a.Fate == Joined {
		c.Joined++
		return
	}
	first, several := firstWay(a)
	switch first {
	case byMail:
		c.Email++
	case onPaper:
		c.Paper++
	default:
		c.System++
	}
	switch a.Fate {
	case Taken:
		c.Accepted++
	case Reminded:
		c.Reminded++
	case Refused:
		c.Refused++
	default:
		c.Held++
	}
	if several {
		c.SeveralWays++
	}
	if a.Numbered {
		c.Registered++
	}
}

// firstWay is the channel by which a document came first, and whether it came by more than one.
func firstWay(a Arrival) (channel string, several bool) {
	channel, at := a.Channel, a.At
	for _, c := range a.Copies {
		several = several || c.Channel != a.Channel
		if c.At.Before(at) {
			channel, at = c.Channel, c.At
		}
	}
	return channel, several
}

// Tally counts the arrivals of a month, and of the month before for comparison. It holds nothing of an arrival but its counts, so that
// memory grows with the senders alone.
type Tally struct {
	month Month
	dir   *directory.Directory

	senders  map[sender]*sent
	before   map[sender]*Counts // in the month before, whatever their names were
	refusals map[refusal]int
	lastMail map[string]time.Time // by agency, before the month's end

	secrets, quarantined, imported, unread int
}

// sender is one line of the report: an agency under the name that it had on the day, or all senders of a kind.
type sender struct {
	kind Kind
	id   string
	name string
}

// Kind says whom a line is about.
type Kind string

const (
	OfAgency     Kind = "agency"
	OfCitizens   Kind = "citizens"   // all citizens of the directory together
	OfEnterprise Kind = "enterprise" // all enterprises of the directory together
	OfOutsiders  Kind = "outside"    // all that are not in the directory
)

// sent is what came from a sender.
type sent struct {
	Counts
	last     time.Time       // arrival in the month …
	lastMail time.Time       // … and by mail
	ways     map[string]bool // by which anything of theirs came in the month, copies too
}

// refusal is a ground of refusals.
type refusal struct{ rules, rule string }

// NewTally counts for a month; names are those of the directory.
func NewTally(m Month, dir *directory.Directory) *Tally {
	return &Tally{month: m, dir: dir, senders: map[sender]*sent{}, before: map[sender]*Counts{}, refusals: map[refusal]int{}, lastMail: map[string]time.Time{}}
}

// LastMail says when an agency last sent anything by mail before the month's end, ever.
func (t *Tally) LastMail(agency string, at time.Time) { t.lastMail[agency] = at }

// Add counts an arrival. What lies neither in the month nor in the one before is left out.
func (t *Tally) Add(a Arrival) {
	month := MonthOf(a.At)
	if month == t.month.Before() {
		if counted(a.Fate) {
			key := t.sender(a.Agency, a.At)
			key.name = ""
			if t.before[key] == nil {
				t.before[key] = &Counts{}
			}
			t.before[key].add(a)
		}
		return
	}
	if month != t.month {
		return
	}
	switch a.Fate {
	case Secret:
		t.secrets++
	case Quarantined:
		t.quarantined++
	case Imported:
		t.imported++
	case Unread:
		t.unread++
	}
	if !counted(a.Fate) {
		return
	}
	s := t.of(a)
	s.add(a)
	s.ways[a.Channel] = true
	if a.At.After(s.last) {
		s.last = a.At
	}
	if a.Channel == byMail && a.At.After(s.lastMail) {
		s.lastMail = a.At
	}
	if a.Fate == Refused {
		r := refusal{a.Rules, a.Rule}
		if a.ByPerson {
			r = refusal{}
		}
		t.refusals[r]++
	}
}

// counted says whether an arrival stands in the line of its sender.
func counted(f Fate) bool {
	return f == Taken || f == Reminded || f == Refused || f == Waiting || f == Joined
}

// of is the line that an arrival belongs to.
func (t *Tally) of(a Arrival) *sent {
	key := t.sender(a.Agency, a.At)
	s := t.senders[key]
	if s == nil {
		s = &sent{ways: map[string]bool{}}
		t.senders[key] = s
	}
	return s
}

func (t *Tally) sender(id string, at time.Time) sender {
	if id == "" {
		return sender{kind: OfOutsiders}
	}
	agency, known := t.dir.Agency(id, at)
	switch {
	case known && agency.Level == directory.Citizen:
		return sender{kind: OfCitizens}
	case known && agency.Level == directory.Enterprise:
		return sender{kind: OfEnterprise}
	}
	return sender{OfAgency, id, agency.Name} // without a name where no period of the directory holds the day
}

// Versions are the rules that refused something in the month.
func (t *Tally) Versions() []string {
	seen := map[string]bool{}
	for r := range t.refusals {
		if r.rules != "" {
			seen[r.rules] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
