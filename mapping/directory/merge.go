package directory

import "slices"

// Plan is what an import makes of the directory. Nothing has been changed yet.
type Plan struct {
	Data      []byte // the new agencies.csv
	Directory *Directory
	Lines     []Planned // one for each line of the imported file, in its order
	Gone      []string  // ids that the directory had and has no more
	Warnings  []Fault
}

// Planned is what becomes of one line of an imported file.
type Planned struct {
	Line    int      `json:"line"`
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Change  Change   `json:"change"`
	Columns []string `json:"columns"` // those that differ, of a changed or closed line
}

// Change is what an import does to a line of the directory.
type Change string

const (
	Added     Change = "added"     // a new agency, or a new period of one
	Changed   Change = "changed"   // other values
	Closed    Change = "closed"    // the period gets its last day
	Unchanged Change = "unchanged" // says what the directory says already
)

// Merge puts the lines of an imported file into the directory. A line replaces that of the same id and valid_from; where the file has no
// column valid_from, it replaces the agency's latest line. All other lines stay, and so does what stands in columns that the file does not
// have. The error is a Faults with every fault of the file, and of what it would make together with the directory.
func Merge(current *Directory, file string, data []byte) (Plan, error) {
	in := reader{file: file}
	in.read(data)
	if len(in.faults) > 0 {
		in.finish()
		return Plan{}, in.faults
	}
	m := merging{plan: Plan{Gone: []string{}}, all: reader{file: "agencies.csv", rows: current.Agencies()}, byID: map[string][]int{}}
	for i := range m.all.rows {
		m.byID[m.all.rows[i].ID] = append(m.byID[m.all.rows[i].ID], i)
	}
	for i := range in.rows {
		m.put(&in, &in.rows[i])
	}
	m.all.check()
	m.all.finish()
	if len(m.all.faults) > 0 {
		return Plan{}, m.all.faults
	}
	return m.plan.finish(current, Write(m.all.rows), append(in.warnings, m.all.warnings...))
}

// Replace makes an imported file the whole directory, byte for byte.
func Replace(current *Directory, file string, data []byte) (Plan, error) {
	next, warnings, err := Read(file, data)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Gone: []string{}}
	for i := range next.agencies {
		row := &next.agencies[i]
		p.note(row.Line, current.period(row), row, columns[:])
	}
	for _, a := range current.agencies {
		if len(next.byID[a.ID]) == 0 && !slices.Contains(p.Gone, a.ID) {
			p.Gone = append(p.Gone, a.ID)
		}
	}
	for _, id := range p.Gone {
		warnings = append(warnings, Fault{File: file, Key: "id", Text: id + " is in the directory and not in this file: its mail and its old documents will find nobody; keep its line and give it valid_to"})
	}
	p.Data, p.Directory, p.Warnings = slices.Clone(data), next, warnings
	return p, nil
}

// period is the line of the same id and valid_from, or nil.
func (d *Directory) period(row *Agency) *Agency {
	for _, i := range d.byID[row.ID] {
		if a := &d.agencies[i]; a.ValidFrom.Equal(row.ValidFrom) {
			return a
		}
	}
	return nil
}

// finish reads the new file, so that what is written is what was checked.
func (p Plan) finish(current *Directory, data []byte, warnings []Fault) (Plan, error) {
	next, _, err := Read("agencies.csv", data)
	if err != nil {
		return Plan{}, err
	}
	p.Data, p.Directory, p.Warnings = data, next, warnings
	return p, nil
}

type merging struct {
	plan Plan
	all  reader
	byID map[string][]int // lines of all
}

// put enters one line of the imported file.
func (m *merging) put(in *reader, row *Agency) {
	i := m.find(row, slices.Contains(in.columns, "valid_from"))
	if i < 0 {
		next := *row
		next.file = in.file
		m.byID[row.ID] = append(m.byID[row.ID], len(m.all.rows))
		m.all.rows = append(m.all.rows, next)
		m.plan.note(row.Line, nil, &next, in.columns)
		return
	}
	before := m.all.rows[i]
	next := before
	for _, column := range in.columns {
		next.take(row, column)
	}
	next.Line, next.file = row.Line, in.file
	if before.file != "" {
		m.all.faultAt(&next, "id", "%q stands in line %d for the same period already; remove one of them", row.ID, before.Line)
	}
	if !next.ValidUntil.IsZero() && !next.ValidFrom.Before(next.ValidUntil) {
		m.all.faultAt(&next, "valid_to", "lies before valid_from %s; valid_to is the last day of the period", dateCell(next.ValidFrom))
	}
	if before.Name != next.Name && before.Code != next.Code && before.Name != "" && before.Code != "" {
		m.all.warnAt(&next, "id", "%q was %s and gets another name and another code; if it is another agency, give it an id of its own", row.ID, before.Code)
	}
	m.plan.note(row.Line, &before, &next, in.columns)
	m.all.rows[i] = next
}

// find gives the line that an imported line replaces, or -1.
func (m *merging) find(row *Agency, dated bool) int {
	latest := -1
	for _, i := range m.byID[row.ID] {
		a := &m.all.rows[i]
		if dated && a.ValidFrom.Equal(row.ValidFrom) {
			return i
		}
		if !dated && (latest < 0 || m.all.rows[latest].ValidFrom.Before(a.ValidFrom)) {
			latest = i
		}
	}
	return latest
}

// note says what becomes of a line: of those columns that the file has.
func (p *Plan) note(line int, before, next *Agency, columns []string) {
	l := Planned{Line: line, ID: next.ID, Name: next.Name, Change: Added, Columns: []string{}}
	if before != nil {
		l.Change = Unchanged
		for _, column := range columns {
			if cellOf(before, column) != cellOf(next, column) {
				l.Columns = append(l.Columns, column)
				l.Change = Changed
			}
		}
		if before.ValidUntil.IsZero() && !next.ValidUntil.IsZero() {
			l.Change = Closed
		}
	}
	p.Lines = append(p.Lines, l)
}

// take takes one column over from another line.
func (a *Agency) take(from *Agency, column string) {
	switch column {
	case "id":
		a.ID = from.ID
	case "code":
		a.Code = from.Code
	case "aliases":
		a.Aliases = from.Aliases
	case "name":
		a.Name = from.Name
	case "short_name":
		a.ShortName = from.ShortName
	case "parent":
		a.Parent = from.Parent
	case "level":
		a.Level = from.Level
	case "groups":
		a.Groups = from.Groups
	case "addresses":
		a.Addresses = from.Addresses
	case "domains":
		a.Domains = from.Domains
	case "patterns":
		a.Patterns = from.Patterns
	case "ready_since":
		a.ReadySince = from.ReadySince
	case "valid_from":
		a.ValidFrom = from.ValidFrom
	case "valid_to":
		a.ValidUntil = from.ValidUntil
	case "successors":
		a.Successors = from.Successors
	case "contact":
		a.Contact = from.Contact
	case "doubt":
		a.Doubt = from.Doubt
	}
}
