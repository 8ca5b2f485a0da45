package register

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func lines(numbers ...int) []Entry {
	var out []Entry
	for _, n := range numbers {
		out = append(out, Entry{Book: Book{Receiver: "ubnd", Year: 2026, Kind: Incoming}, Number: n})
	}
	return out
}

func TestGaps(t *testing.T) {
	gap := func(kind GapKind, from, to int) Gap {
		return Gap{Receiver: "ubnd", Year: 2026, Book: Incoming, Kind: kind, From: from, To: to}
	}
	cases := []struct {
		numbers []int
		want    []Gap
	}{
		{nil, nil},
		{[]int{1, 2, 3}, nil},
		{[]int{3, 1, 2}, nil},
		{[]int{2, 3}, []Gap{gap(Missing, 1, 1)}},
		{[]int{1, 5, 6, 9}, []Gap{gap(Missing, 2, 4), gap(Missing, 7, 8)}},
		{[]int{1, 2, 2, 2, 3}, []Gap{gap(Repeated, 2, 2)}},
		{[]int{0, 1}, []Gap{gap(Outside, 0, 0)}},
		{[]int{-3, 2}, []Gap{gap(Outside, -3, -3), gap(Missing, 1, 1)}},
	}
	for _, c := range cases {
		var s Series
		for _, e := range lines(c.numbers...) {
			s.Line(e)
		}
		if got := s.Gaps(); !slices.Equal(got, c.want) {
			t.Errorf("%v: %+v", c.numbers, got)
		}
	}
}

// TestGapsAtTheEnd: what was lost behind the last line, or all of it, is seen by how far the book has got.
func TestGapsAtTheEnd(t *testing.T) {
	var s Series
	s.Book(Book{Receiver: "ubnd", Year: 2025, Kind: Incoming, Last: 2})
	s.Book(Book{Receiver: "ubnd", Year: 2026, Kind: Secret})
	for _, e := range lines(1, 2) {
		e.Last = 4
		s.Line(e)
	}
	want := []Gap{{"ubnd", 2025, Incoming, Missing, 1, 2}, {"ubnd", 2026, Incoming, Missing, 3, 4}}
	if got := s.Gaps(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// TestGapsFindsWhatWasDone takes whole books in any order, removes and repeats lines, and wants exactly that back.
func TestGapsFindsWhatWasDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Entry
		wrong := map[Gap]bool{}
		var series Series
		for _, book := range []Book{{Receiver: "ubnd", Year: 2025, Kind: Incoming}, {Receiver: "ubnd", Year: 2026, Kind: Incoming}, {Receiver: "ubnd", Year: 2026, Kind: Secret}, {Receiver: "hdnd", Year: 2026, Kind: Incoming}} {
			size := rapid.IntRange(1, 30).Draw(t, "size")
			book.Last = size
			series.Book(book)
			for n := 1; n <= size; n++ {
				e := Entry{Book: book, Number: n}
				one := Gap{book.Receiver, book.Year, book.Kind, "", n, n}
				switch rapid.IntRange(0, 9).Draw(t, "what") {
				case 0:
					one.Kind = Missing
					wrong[one] = true
					continue
				case 1:
					one.Kind = Repeated
					wrong[one] = true
					all = append(all, e)
				}
				all = append(all, e)
			}
		}
		for _, e := range rapid.Permutation(all).Draw(t, "order") {
			series.Line(e)
		}
		found := map[Gap]bool{}
		for _, g := range series.Gaps() {
			for n := g.From; n <= g.To; n++ {
				one := g
				one.From, one.To = n, n
				if found[one] {
					t.Fatalf("%+v is told twice", one)
				}
				found[one] = true
			}
		}
		if len(found) != len(wrong) {
			t.Fatalf("found %v, done %v", found, wrong)
		}
		for g := range wrong {
			if !found[g] {
				t.Fatalf("%+v was not found in %v", g, found)
			}
		}
	})
}
