package mapping

import (
	"slices"
	"strings"
)

// assign gives every other file to a document, archives before what came in them: by what it says or shares, else by its place.
func (s *splitting) assign() {
	a := &assigning{splitting: s}
	for _, l := range s.leaves {
		if s.owner[l] != nil {
			a.founding = append(a.founding, l)
			a.stems = append(a.stems, stem(l.Name))
		}
	}
	rest := slices.DeleteFunc(slices.Clone(s.leaves), func(l *leaf) bool { return s.owner[l] != nil })
	slices.SortStableFunc(rest, func(x, y *leaf) int { return len(x.Path) - len(y.Path) })
	for _, l := range rest {
		p := a.home(l)
		if p == nil {
			if p = a.byPlace(l); l.kind >= document {
				p.doubt(DoubtFileOrder)
			}
		}
		s.owner[l] = p
		p.leaves = append(p.leaves, l)
		if l.attached || l.unsure || l.key != "" {
			p.doubt(DoubtOtherNumber)
		}
	}
	for _, p := range s.papers {
		slices.SortStableFunc(p.leaves[p.shown:], func(x, y *leaf) int { return x.at - y.at })
	}
}

// assigning finds the documents that the other files of a mail belong to.
type assigning struct {
	*splitting
	founding []*leaf  // the files that show the documents' numbers, in mail order
	stems    []string // their names
}

// home is the document that a file belongs to by more than its place, nil when nothing tells, or two are told.
func (a *assigning) home(l *leaf) *paper {
	for _, way := range []func(*leaf) *paper{a.byNumber, a.byContainer, a.byName, a.byHolding, a.byScope} {
		if p := way(l); p != nil {
			return p
		}
	}
	return nil
}

// only gives the paper of all founding files that fit, when it is the same one.
func (a *assigning) only(fits func(i int, f *leaf) bool) *paper {
	var p *paper
	for i, f := range a.founding {
		if !fits(i, f) {
			continue
		}
		if q := a.owner[f]; p != nil && p != q {
			return nil
		} else {
			p = q
		}
	}
	return p
}

// byNumber: the file says which document it belongs to, or one document quotes it.
func (a *assigning) byNumber(l *leaf) *paper {
	return a.only(func(_ int, f *leaf) bool {
		return sameNumber(f.key, l.of) || l.key != "" && slices.Contains(a.quoted[l.key], f.key)
	})
}

// byContainer: an archive belongs with what came in it, and what came in an archive belongs together.
func (a *assigning) byContainer(l *leaf) *paper {
	for _, f := range a.founding {
		if l.holds(f) {
			return a.owner[f] // of several documents in it, the first
		}
	}
	for n := len(l.Path); n > 0; n-- {
		if slices.ContainsFunc(a.founding, func(f *leaf) bool { return l.beside(f, n) }) {
			return a.only(func(_ int, f *leaf) bool { return l.beside(f, n) })
		}
		for _, c := range a.leaves {
			if p := a.owner[c]; p != nil && c.holds(l) && len(c.inner) == n {
				return p
			}
		}
	}
	return nil
}

// beside says whether two files came in the same container, or deeper in it; n is how deep that container lies.
func (l *leaf) beside(f *leaf, n int) bool {
	return f.nested == l.nested && len(f.Path) >= n && slices.Equal(f.Path[:n], l.Path[:n])
}

// minName is the length from which on the beginning of a name tells a document.
const minName = 6

// byName: one document in two forms has one name, and an annex often the name of its document with a word behind it.
func (a *assigning) byName(l *leaf) *paper {
	name := stem(l.Name)
	if p := a.only(func(i int, _ *leaf) bool { return a.stems[i] == name && name != "" }); p != nil {
		return p
	}
	return a.only(func(i int, _ *leaf) bool {
		short, long := a.stems[i], name
		if len(short) > len(long) {
			short, long = long, short
		}
		return len(short) >= minName && strings.HasPrefix(long, short+" ")
	})
}

// byHolding: the số of one document stands in the file's name ("phụ lục CV 12.xlsx").
func (a *assigning) byHolding(l *leaf) *paper {
	return a.only(func(_ int, f *leaf) bool {
		so, _, _ := strings.Cut(f.key, "/")
		return holdsNumber(l.Name, so)
	})
}

// byScope: a message with one document, forwarded or not, sends everything else that it carries with it.
func (a *assigning) byScope(l *leaf) *paper {
	return a.only(func(_ int, f *leaf) bool { return f.nested == l.nested })
}

// byPlace: annexes follow their document in the archive, in the message, in the mail; what stands before all goes with the first.
func (a *assigning) byPlace(l *leaf) *paper {
	for n := len(l.Path); n >= 0; n-- {
		if p := a.nearest(l, func(f *leaf) bool { return l.beside(f, n) }); p != nil {
			return p
		}
	}
	if p := a.nearest(l, func(*leaf) bool { return true }); p != nil {
		return p
	}
	return a.papers[0]
}

// nearest is the document of the last founding file before l that fits, else of the first one.
func (a *assigning) nearest(l *leaf, fits func(*leaf) bool) *paper {
	var p *paper
	for _, f := range a.founding {
		if fits(f) && (p == nil || f.at < l.at) {
			p = a.owner[f]
		}
	}
	return p
}
