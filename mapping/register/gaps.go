package register

import "slices"

// GapKind says what is wrong with numbers of a book.
type GapKind string

const (
	Missing  GapKind = "missing"  // no line has these numbers
	Repeated GapKind = "repeated" // several lines have this number
	Outside  GapKind = "outside"  // a number below 1
)

// Gap is a run of numbers of one book that breaks its series.
type Gap struct {
	Receiver string  `json:"receiver"`
	Year     int     `json:"year"`
	Book     Kind    `json:"book"`
	Kind     GapKind `json:"kind"`
	From     int     `json:"from"`
	To       int     `json:"to"` // itself included
}

// Gaps proves that whole books have one line for each number from 1 on, whatever became of the documents (NĐ 30/2020, Điều 22.2): it lists
// every run of numbers that is missing and every number that stands twice. The entries may come in any order; those of a part of a book
// lack the rest. What was lost at the end of a book can't be seen by its lines alone.
func Gaps(entries []Entry) []Gap {
	lines := slices.Clone(entries)
	slices.SortStableFunc(lines, compareLines)
	var out []Gap
	for i, e := range lines {
		last, sameBook := 0, i > 0 && sameBook(lines[i-1], e)
		if sameBook {
			last = max(lines[i-1].Number, 0)
		}
		say := func(kind GapKind, from, to int) {
			out = append(out, Gap{Receiver: e.Receiver, Year: e.Year, Book: e.Kind, Kind: kind, From: from, To: to})
		}
		switch {
		case sameBook && lines[i-1].Number == e.Number:
			if i < 2 || !sameBookNumber(lines[i-2], e) { // once, however often it stands there
				say(Repeated, e.Number, e.Number)
			}
		case e.Number < 1:
			say(Outside, e.Number, e.Number)
		case e.Number > last+1:
			say(Missing, last+1, e.Number-1)
		}
	}
	return out
}

func sameBook(a, b Entry) bool {
	return a.Receiver == b.Receiver && a.Year == b.Year && a.Kind == b.Kind
}

func sameBookNumber(a, b Entry) bool { return sameBook(a, b) && a.Number == b.Number }
