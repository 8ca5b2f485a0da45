package directory

import (
	"slices"
	"strings"
	"time"
)

// Difference is what the axis' list says beside what the directory says, in the order of the list.
type Difference struct {
	New      []Adjusted `json:"new"`
	Changed  []Adjusted `json:"changed"`
	Closed   []Adjusted `json:"closed"`
	InDoubt  []InDoubt  `json:"in_doubt"` // never applied: a person decides, and writes it into agencies.csv
	Agreeing int        `json:"agreeing"` // agencies of which both say the same
}

// Adjusted is an agency's line as it would be.
type Adjusted struct {
	ID      string   `json:"id"`
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Columns []string `json:"columns"` // those that differ

	row  int32 // of the directory, -1: new
	next Agency
}

// InDoubt is an entry of the list, or an agency of the directory, of which the other does not say enough.
type InDoubt struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"` // on the axis; empty when it is not listed
	Why      Why      `json:"why"`
	Agencies []string `json:"agencies"` // ids in the directory that come into question
}

// Why says what is in doubt; stable for ever.
type Why string

const (
	NoCode          Why = "no-code"           // the entry has no code
	ServiceCode     Why = "service-code"      // a code that the axis keeps for itself (W00), or of no known notation
	CodeTwice       Why = "code-twice"        // the list gives the code to two entries
	SeveralAgencies Why = "several-agencies"  // its codes lead to several agencies
	AgencyTwice     Why = "agency-twice"      // two entries lead to the same agency
	OnlyConverted   Why = "code-converted"    // the agency was found only by turning the code around
	ClosedCode      Why = "closed-code"       // the code of an agency that has ended in the directory, or has not begun
	OtherName       Why = "other-name"        // the same code, another name: renamed, or given to another agency
	SameName        Why = "same-name"         // a new code, and an agency of this name with another code or none
	EndedLevel      Why = "ended-level"       // a new body of the district level, which ended on 30/6/2025
	IDTaken         Why = "id-taken"          // a new agency would get an id that is in use
	AddressTaken    Why = "address-taken"     // its mailbox belongs to another agency, or stands there twice
	NotListed       Why = "not-listed"        // on the axis by the directory, but not listed, in a list that leaves out many
	NoSuccessor     Why = "successor-unknown" // closed by the axis; who took over must be written into the directory
)

// enough is the share, in percent, of agencies on the axis that a list must name for it to be complete: those it does not name are closed.
const enough = 90

// Sync compares the directory with the axis' list as of the day. It changes nothing, and matches by codes alone: never by name.
func (d *Directory) Sync(list []Listed, day time.Time) Difference {
	s := syncing{d: d, day: day, out: Difference{New: []Adjusted{}, Changed: []Adjusted{}, Closed: []Adjusted{}, InDoubt: []InDoubt{}},
		met: map[string]int{}, mails: map[string]int{}, codes: map[string]int{}, ids: map[string]string{}, names: map[string][]string{}}
	for _, l := range list {
		s.codes[l.Code]++
		s.mails[strings.ToLower(l.Mail)]++
	}
	for _, h := range d.allAt(day) {
		a := &d.agencies[h]
		s.names[nameKey(a.Name)] = append(s.names[nameKey(a.Name)], a.ID)
	}
	s.place(list)
	for i, l := range list {
		s.entry(l, s.found[i])
	}
	s.parents(list)
	s.absent()
	return s.out
}

type syncing struct {
	d     *Directory
	day   time.Time
	out   Difference
	found []sought            // where each entry leads
	met   map[string]int      // agency → entries that lead to it
	mails map[string]int      // address → entries with it
	codes map[string]int      // code → entries with it
	ids   map[string]string   // the axis' id → ours
	names map[string][]string // folded name → agencies of the day
}

// sought is where the codes of an entry lead.
type sought struct {
	ids       []string
	row       int32
	converted bool
	ended     bool
}

// place finds the agencies of all entries.
func (s *syncing) place(list []Listed) {
	s.found = make([]sought, len(list))
	for i, l := range list {
		if f := s.seek(l); l.Code != "" {
			s.found[i] = f
			for _, id := range f.ids {
				s.met[id]++
			}
			if len(f.ids) == 1 && l.ID != "" {
				s.ids[l.ID] = f.ids[0]
			}
		}
	}
}

// seek looks for the code and the one before as codes and aliases, and only then for what they would be in the other notation.
func (s *syncing) seek(l Listed) sought {
	var f sought
	add := func(rows []int32) {
		for _, row := range rows {
			a := &s.d.agencies[row]
			f.ended = f.ended || a.endedAt(s.day)
			if a.ValidAt(s.day) && !slices.Contains(f.ids, a.ID) {
				f.ids, f.row = append(f.ids, a.ID), row
			}
		}
	}
	for _, code := range []string{l.Code, l.Old} {
		if code != "" {
			add(s.d.byCode[code])
			add(s.d.byAlias[code])
		}
	}
	if len(f.ids) == 0 && !f.ended {
		f.converted = true
		for _, code := range []string{l.Code, l.Old} {
			if code != "" {
				add(s.d.converted(code))
			}
		}
	}
	return f
}

func (s *syncing) doubt(l Listed, why Why, agencies []string) {
	s.out.InDoubt = append(s.out.InDoubt, InDoubt{Code: l.Code, Name: l.Name, Why: why, Agencies: append([]string{}, agencies...)})
}

// entry says what one entry of the list means for the directory.
func (s *syncing) entry(l Listed, f sought) {
	form := FormOf(l.Code)
	switch {
	case l.Code == "":
		s.doubt(l, NoCode, nil)
	case s.codes[l.Code] > 1:
		s.doubt(l, CodeTwice, f.ids)
	case len(f.ids) > 1:
		s.doubt(l, SeveralAgencies, f.ids)
	case len(f.ids) == 1 && s.met[f.ids[0]] > 1:
		s.doubt(l, AgencyTwice, f.ids)
	case len(f.ids) == 1 && f.converted && l.Old == "":
		s.doubt(l, OnlyConverted, f.ids)
	case len(f.ids) == 1:
		s.known(l, f.row)
	case l.Deleted:
	case f.ended:
		s.doubt(l, ClosedCode, nil)
	case form == Opaque || strings.Contains(l.Code, "W00"):
		s.doubt(l, ServiceCode, nil)
	default:
		s.fresh(l)
	}
}

// known compares an entry with its agency.
func (s *syncing) known(l Listed, row int32) {
	a := &s.d.agencies[row]
	if l.Deleted {
		s.close(row, l.Code)
		return
	}
	if l.Name != "" && nameKey(l.Name) != nameKey(a.Name) && nameKey(l.Name) != nameKey(a.ShortName) {
		s.doubt(l, OtherName, []string{a.ID})
		return
	}
	next := *a
	next.Aliases, next.Addresses = slices.Clone(a.Aliases), slices.Clone(a.Addresses)
	has := func(code string) bool {
		return code == NormalCode(next.Code) || slices.ContainsFunc(next.Aliases, func(alias string) bool { return NormalCode(alias) == code })
	}
	if !has(l.Code) || a.Code != "" && FormOf(a.Code) != QD20 && FormOf(l.Code) == QD20 {
		if owners := s.owners(l.Code, a); len(owners) > 0 {
			s.doubt(l, ClosedCode, append([]string{a.ID}, owners...))
			return
		}
		old := next.Code
		next.Code = l.Code
		next.Aliases = slices.DeleteFunc(next.Aliases, func(alias string) bool { return NormalCode(alias) == l.Code })
		if old != "" {
			next.Aliases = append(next.Aliases, old)
		}
	}
	if l.Old != "" && !has(l.Old) {
		next.Aliases = append(next.Aliases, l.Old)
	}
	s.mailbox(l, &next)
	if next.ReadySince.IsZero() {
		next.ReadySince = s.day
	}
	if columns := differing(a, &next); len(columns) > 0 {
		s.out.Changed = append(s.out.Changed, Adjusted{ID: a.ID, Code: next.Code, Name: a.Name, Columns: columns, row: row, next: next})
	} else {
		s.out.Agreeing++
	}
}

// owners are the other agencies that have the code at some time of the agency's.
func (s *syncing) owners(code string, a *Agency) []string {
	var ids []string
	for _, row := range s.d.byCode[code] {
		if other := &s.d.agencies[row]; other.ID != a.ID && other.overlaps(a) {
			ids = append(ids, other.ID)
		}
	}
	return ids
}

// mailbox adds the entry's address to its agency, unless somebody else has it.
func (s *syncing) mailbox(l Listed, a *Agency) {
	local, domain, ok := normalAddress(l.Mail)
	if !ok || !strings.Contains(domain, ".") || strings.ContainsAny(local, "*?") {
		return // the axis does not need an address, and lists many that are none
	}
	addr := local + "@" + domain
	if slices.Contains(a.Addresses, addr) {
		return
	}
	owners := []string{}
	for _, row := range s.d.byAddress[addr] {
		if other := &s.d.agencies[row]; other.ID != a.ID && other.overlaps(a) {
			owners = append(owners, other.ID)
		}
	}
	if len(owners) > 0 || s.mails[strings.ToLower(l.Mail)] > 1 {
		s.doubt(l, AddressTaken, owners)
		return
	}
	a.Addresses = append(a.Addresses, addr)
}

// fresh makes a new agency of an entry that no code leads anywhere.
func (s *syncing) fresh(l Listed) {
	id := strings.ToLower(l.Code)
	key := nameKey(l.Name)
	level := levelOf(l.Code, key)
	switch {
	case l.Name != "" && len(s.names[key]) > 0:
		s.doubt(l, SameName, s.names[key])
		return
	case level == District && !s.day.Before(districtsEnd()):
		s.doubt(l, EndedLevel, nil)
		return
	case len(s.d.byID[id]) > 0:
		s.doubt(l, IDTaken, []string{id})
		return
	}
	next := Agency{ID: id, Code: l.Code, Name: l.Name, Level: level, ReadySince: s.day, ValidFrom: s.day}
	if owners := s.owners(l.Code, &next); len(owners) > 0 {
		s.doubt(l, ClosedCode, owners)
		return
	}
	if l.Old != "" {
		next.Aliases = []string{l.Old}
	}
	s.mailbox(l, &next)
	if l.ID != "" {
		s.ids[l.ID] = id
	}
	s.out.New = append(s.out.New, Adjusted{ID: id, Code: l.Code, Name: l.Name, Columns: differing(&Agency{}, &next), row: -1, next: next})
}

// close ends an agency with the day before, so that its last day is known and its past stays.
func (s *syncing) close(row int32, code string) {
	a := s.d.agencies[row]
	next := a
	next.ValidUntil = s.day
	if !next.ValidFrom.Before(s.day) {
		s.out.InDoubt = append(s.out.InDoubt, InDoubt{Code: code, Name: a.Name, Why: NotListed, Agencies: []string{a.ID}}) // it has only begun
		return
	}
	s.out.Closed = append(s.out.Closed, Adjusted{ID: a.ID, Code: a.Code, Name: a.Name, Columns: []string{"valid_to"}, row: row, next: next})
	if len(a.Successors) == 0 {
		s.out.InDoubt = append(s.out.InDoubt, InDoubt{Code: code, Name: a.Name, Why: NoSuccessor, Agencies: []string{a.ID}})
	}
}
