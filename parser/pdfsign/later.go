package pdfsign

import "slices"

// Later is what was appended to the file behind what a signature covers.
type Later struct {
	Bytes     int64
	Revisions int // times that the file was saved again; 0 when it cannot be told
	Kind      LaterKind
	Note      string // for people, in English: the first change that made it this kind
}

// LaterKind says what later revisions do. The zero value is unknown.
type LaterKind string

const (
	LaterNothing    LaterKind = "nothing"    // nothing that anyone sees: blanks, or the same objects once more
	LaterValidation LaterKind = "validation" // certificates and answers about them (DSS), time-stamps
	LaterSignatures LaterKind = "signatures" // further signatures, whose pictures are put upon pages
	LaterMarks      LaterKind = "marks"      // notes, stamps, or values of the form
	LaterDocument   LaterKind = "document"   // pages, or anything else that a signature is to protect
	LaterUnknown    LaterKind = "unknown"    // it cannot be told
)

// level orders kinds: the worst of several changes counts.
type level uint8

const (
	levelNothing level = iota
	levelValidation
	levelSignatures
	levelMarks
	levelDocument
	levelUnknown
)

var levelKinds = [...]LaterKind{LaterNothing, LaterValidation, LaterSignatures, LaterMarks, LaterDocument, LaterUnknown}

const maxBlanks = 4096 // blanks that mail programs leave behind a file

// cover says how much of the file a signature covers, and what the rest is.
func (d *document) cover(s *Signature, c *candidate) {
	end := s.End()
	if end == d.w.size {
		s.Coverage, s.Later = Whole, Later{Kind: LaterNothing}
		return
	}
	s.Later = Later{Bytes: d.w.size - end, Kind: LaterUnknown}
	start, ok := d.savedUpTo(end)
	if !ok {
		s.Coverage, s.Later.Note = Partial, "the file was never saved with this end"
		return
	}
	s.Coverage = Revision
	if d.blank(end) {
		s.Later.Kind = LaterNothing
		return
	}
	old := view{d: d}
	var err error
	if old.chain, err = d.chain(start); err != nil {
		s.Later.Note = "the tables of the signed revision cannot be read"
		return
	}
	if e, ok := old.find(c.object.num); !ok || e.state != plain || !d.startsAt(e.pos, c.object.at) {
		s.Coverage, s.Later.Note = Partial, "the signature is no part of the revision that it covers"
		return
	}
	x := comparison{d: d, old: old, end: end, kinds: map[int64]level{}}
	x.run()
	s.Later.Revisions, s.Later.Kind, s.Later.Note = x.revisions, levelKinds[x.worst], x.note
}

// blank says whether nothing but a few blanks stands behind an offset.
func (d *document) blank(at int64) bool {
	if d.w.size-at > maxBlanks {
		return false
	}
	for ; at < d.w.size; at++ {
		if !isSpace(d.w.at(at)) {
			return false
		}
	}
	return true
}

// comparison compares the revision that a signature covers with the file as it is.
type comparison struct {
	d         *document
	old       view
	end       int64 // of the signed revision
	revisions int
	worst     level
	note      string
	tail      []*section     // tables behind the revision
	fresh     map[int64]bool // objects that the revision does not have
	kinds     map[int64]level
}

// grade notes a change.
func (x *comparison) grade(l level, note string) {
	if l > x.worst {
		x.worst, x.note = l, note
	}
}

// run compares. Readers disagree about files that were not appended to by the rules, so that every deviation is a change of the document.
func (x *comparison) run() {
	d := x.d
	if !d.sound {
		list, ok := d.objectsBehind(x.end)
		if !ok || len(list) == 0 {
			x.grade(levelUnknown, "the tables of the file cannot be read")
			return
		}
		x.grade(levelDocument, "objects were appended without a table that can be read")
		return
	}
	if !x.lineage() || !x.listed() {
		return
	}
	if len(x.tail) == 0 {
		x.grade(levelUnknown, "what was appended is no revision")
		return
	}
	for _, key := range []string{"Root", "Encrypt"} {
		if !x.old.trailer().get(key).equal(d.now.trailer().get(key)) {
			x.grade(levelDocument, "the trailer names another "+key)
			return
		}
	}
	x.objects()
	if x.worst < levelDocument {
		x.references()
	}
}

// lineage finds the tables that were appended. The chain must lead to the table of the signed revision.
func (x *comparison) lineage() bool {
	chain := x.d.now.chain
	i := slices.Index(chain, x.old.chain[0])
	if i < 0 || slices.ContainsFunc(chain[:i], func(s *section) bool { return s.at < x.end }) {
		x.grade(levelDocument, "the last revision does not build on the signed one")
		return false
	}
	x.tail = chain[:i]
	for _, s := range x.tail {
		if !s.hidden {
			x.revisions++
		}
	}
	return true
}

// listed checks that the tables name every object that was appended: readers that repair a file see the others too.
func (x *comparison) listed() bool {
	list, ok := x.d.objectsBehind(x.end)
	if !ok {
		x.grade(levelUnknown, "more was appended than is searched")
		return false
	}
	named := make([]bool, len(list))
	name := func(at int64) {
		if i, ok := slices.BinarySearch(list, x.skipBlanks(at)); ok {
			named[i] = true
		}
	}
	for _, s := range x.tail {
		name(s.at)
		for _, e := range s.entries {
			if e.state == plain && e.pos >= x.end {
				name(e.pos)
			}
		}
	}
	if slices.Contains(named, false) {
		x.grade(levelDocument, "an object was appended that no table names")
		return false
	}
	return true
}

func (x *comparison) skipBlanks(at int64) int64 {
	for n := 0; n < headerText && isSpace(x.d.w.at(at)); n++ {
		at++
	}
	return at
}
