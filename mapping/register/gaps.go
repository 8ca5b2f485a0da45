package register

import (
	"cmp"
	"slices"
)

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

// Series gathers the numbers of whole books, to prove that each has one line for each number from 1 to the last that was given, whatever
// became of the documents (NĐ 30/2020, Điều 22.2). The zero value is ready for use.
type Series struct {
	books map[bookID]*numbers
}

type bookID struct {
	receiver string
	year     int
	kind     Kind
}

type numbers struct {
	last  int // that was given, as far as is known
	lines []int
}

func (s *Series) of(b Book) *numbers {
	if s.books == nil {
		s.books = map[bookID]*numbers{}
	}
	id := bookID{b.Receiver, b.Year, b.Kind}
	if s.books[id] == nil {
		s.books[id] = &numbers{}
	}
	s.books[id].last = max(s.books[id].last, b.Last)
	return s.books[id]
}

// Book adds a book, of which no line may be left.
func (s *Series) Book(b Book) { s.of(b) }

// Line adds a line, in any order.
func (s *Series) Line(e Entry) {
	n := s.of(e.Book)
	n.lines = append(n.lines, e.Number)
}

// Gaps lists every run of numbers that is missing and every number that stands twice, in the order of the books.
func (s *Series) Gaps() []Gap {
	ids := make([]bookID, 0, len(s.books))
	for id := range s.books {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b bookID) int {
		return cmp.Or(cmp.Compare(a.receiver, b.receiver), cmp.Compare(a.year, b.year), cmp.Compare(a.kind, b.kind))
	})
	var out []Gap
	for _, id := range ids {
		s.books[id].gaps(func(kind GapKind, from, to int) {
			out = append(out, Gap{Receiver: id.receiver, Year: id.year, Book: id.kind, Kind: kind, From: from, To: to})
		})
	}
	return out
}

func (n *numbers) gaps(say func(kind GapKind, from, to int)) {
	lines := slices.Sorted(slices.Values(n.lines))
	next := 1 // the number that has to come
	for i, number := range lines {
		switch {
		case i > 0 && number == lines[i-1]:
			if i < 2 || number != lines[i-2] { // once, however often it stands there
				say(Repeated, number, number)
			}
		case number < 1:
			say(Outside, number, number)
		default:
			if number > next {
				say(Missing, next, number-1)
			}
			next = number + 1
		}
	}
	if n.last >= next {
		say(Missing, next, n.last)
	}
}
