package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Doubts about which files of a mail are documents.
const (
	// DoubtOtherNumber says that a record holds a file with another document's number, taken for something that was attached to this one.
	DoubtOtherNumber = "another-number-attached"
	// DoubtFileOrder says that a file went to this record only because it stands behind the record's document in the mail.
	DoubtFileOrder = "file-assigned-by-order"
	// DoubtDocuments says that a mail brings more documents than its files could be told apart by; a person looks before it is registered.
	DoubtDocuments = "documents-not-told-apart"
)

// maxDocuments is how many documents one mail may be. Agencies send a handful; a mail with more is an archive that somebody packed.
const maxDocuments = 20

// paper is one document of a mail. For the only document of a mail everything in it speaks; of several, what names the key.
type paper struct {
	leaves []*leaf // the main file first, then the others in mail order
	among  bool    // one of several
	key    string  // the number that its files show; of the only document empty
	shown  int     // how many leaves, from the first on, show the number themselves
	doubts []string
}

// splitting finds the documents of one mail.
type splitting struct {
	m       parser.Message
	subject vanban.Document
	body    vanban.Document
	leaves  []*leaf
	papers  []*paper
	owner   map[*leaf]*paper
	doubts  []string
	quoted  map[string][]string // numbers that others in the mail quote, with the numbers of those; "" is the mail itself
}

// papers tells which files of a mail are documents and which belong to another. There is more than one document only where two files show
// numbers of their own that differ (Nghị định 30/2020, Điều 15: each document has its own number) and neither answers, quotes or calls
// itself an annex of the other: what is joined in error stays together before the clerk, what is parted in error is in the register.
//
// Once the documents of a mail are settled they stay what they are, whatever is read of their files later (settled).
func papers(m parser.Message, subject, body vanban.Document, in Input) []*paper {
	together := in.Corrections[joinCorrection] == "1"
	s := newSplitting(m, subject, body, in.Files)
	all := s.split(together)
	if in.Documents != nil {
		all = s.settled(all, in.Documents, together)
	}
	for _, p := range all {
		p.otherPictures()
	}
	return all
}

func newSplitting(m parser.Message, subject, body vanban.Document, files map[string]FileEvidence) *splitting {
	s := &splitting{m: m, subject: subject, body: body, leaves: leavesOf(items(m)), owner: map[*leaf]*paper{}, quoted: map[string][]string{}}
	learn(s.leaves, files)
	return s
}

// split tells the documents apart by what the mail shows.
func (s *splitting) split(together bool) []*paper {
	if together || isStatus(s.m) || len(s.leaves) < 2 {
		return s.one(nil)
	}
	for _, l := range s.leaves {
		l.read()
	}
	s.fromPictures()
	s.fromSidecars()
	s.fromHeads()
	s.inheritFromArchives()
	keys := s.keys()
	if len(keys) > maxDocuments {
		s.doubts = append(s.doubts, DoubtDocuments)
		return s.one(nil)
	}
	own := s.standalone(keys)
	switch {
	case len(own) == 0:
		return s.one(nil)
	case len(own) == 1:
		if len(keys) > 1 {
			s.doubt(DoubtOtherNumber)
		}
		if len(s.doubts) == 0 {
			return s.one(s.readAs(own[0]))
		}
		return s.one(func(l *leaf) bool { return l.key == own[0] })
	case slices.Contains(s.doubts, DoubtDocuments):
		return s.one(nil)
	}
	s.found(own)
	s.assign()
	return s.papers
}

// readAs lets the PDF or picture in which tools read the number be the document itself; nil when there is none.
func (s *splitting) readAs(key string) func(*leaf) bool {
	shows := func(l *leaf) bool { return l.key == key && l.kind >= document && l.tool != nil }
	if !slices.ContainsFunc(s.leaves, shows) {
		return nil
	}
	return shows
}

// one makes one document of all files. main, when given, says which of them can be the document itself.
func (s *splitting) one(main func(*leaf) bool) []*paper {
	p := &paper{leaves: s.leaves, doubts: s.doubts}
	p.mainFirst(numberOfNested(s.subject, s.body, s.m), main)
	return []*paper{p}
}

// mainFirst puts the main file first, among those that main lets pass when it is given.
func (p *paper) mainFirst(so string, main func(*leaf) bool) {
	rest := slices.Clone(p.leaves)
	var able []*leaf
	if main != nil {
		able = slices.DeleteFunc(slices.Clone(rest), func(l *leaf) bool { return !main(l) })
	}
	if len(able) == 0 {
		able = rest
	}
	if len(able) == 0 {
		return
	}
	best := able[mainFile(itemsOf(able), so)]
	p.leaves = append([]*leaf{best}, slices.DeleteFunc(rest, func(l *leaf) bool { return l == best })...)
}

// fromSidecars lets what document systems state speak for the files: a listed file is the document or, behind the first, an annex of it;
// without a list the file whose name holds the số, or the one file that is left, is meant.
func (s *splitting) fromSidecars() {
	var open []*sidecar.Sidecar
	numbers := map[string]bool{}
	for _, c := range sidecars(s.m) {
		key := numberOf(c.Document)
		if isReport(c) || key == "" {
			continue
		}
		numbers[key] = true
		if !s.bind(c, key) {
			open = append(open, c)
		}
	}
	left := slices.DeleteFunc(slices.Clone(s.leaves), func(l *leaf) bool { return !l.unnumbered() })
	if len(open) == 1 && len(left) == 1 {
		left[0].key = numberOf(open[0].Document)
		open = nil
	}
	if len(open) > 0 && len(numbers) > 1 { // a document that is stated must not go down among another's files
		s.doubts = append(s.doubts, DoubtDocuments)
	}
}

// unnumbered says whether a file may be a document and shows no number.
func (l *leaf) unnumbered() bool { return l.kind >= document && l.key == "" && !l.annex && !l.unsure }

// bind finds the files of one sidecar. It reports whether the document is among them.
func (s *splitting) bind(c *sidecar.Sidecar, key string) bool {
	place := make(map[string]int, len(c.Files)) // a mail may hold as many sidecars as files: no list is searched for every file
	for i, name := range slices.Backward(c.Files) {
		place[name] = i
	}
	bound := false
	for _, l := range s.leaves {
		at := -1
		for _, name := range l.names {
			if i, ok := place[name]; ok && (at < 0 || i < at) {
				at = i
			}
		}
		switch {
		case at == 0:
			l.key, l.annex, l.unsure = key, false, false
		case at > 0 && !sameNumber(l.key, key):
			l.key, l.annex, l.of = "", true, key
		case at < 0 && l.unnumbered() && len(c.Files) == 0 && holdsNumber(l.Name, c.Document.So):
			l.key = key
		}
		bound = bound || l.kind >= document && sameNumber(l.key, key)
	}
	return bound
}

// fromHeads lets the subject speak for the file without a number: of the mail for the files of the mail, of a forwarded message for those
// of that message. Files there with other numbers were then attached to it ("Công văn số 11 … gửi kèm": 11 is the document).
func (s *splitting) fromHeads() {
	for scope := -1; scope < len(s.m.Nested); scope++ {
		key := s.headOf(scope)
		if key == "" {
			continue
		}
		var plain, other []*leaf
		shown := false
		for _, l := range s.leaves {
			if l.nested != scope {
				continue
			}
			shown = shown || sameNumber(l.key, key)
			if l.unnumbered() && !archiveName(l.Name) {
				plain = append(plain, l)
			} else if l.key != "" {
				other = append(other, l)
			}
		}
		if shown || len(plain) == 0 {
			continue
		}
		so, _, _ := strings.Cut(key, "/")
		plain[mainFile(itemsOf(plain), so)].key = key
		for _, l := range other {
			l.of, l.key, l.attached = key, "", true
			s.doubt(DoubtOtherNumber)
		}
	}
}

// headOf is the number that a subject gives its own message; for the mail itself, what the only sidecar states stands above it.
func (s *splitting) headOf(scope int) string {
	if scope >= 0 {
		return numberOf(vanban.ReadSubject(s.m.Nested[scope].Subject))
	}
	only := ""
	for _, d := range stated(s.m) {
		if k := numberOf(d); k != "" && only == "" {
			only = k
		} else if k != "" && !sameNumber(k, only) {
			return ""
		}
	}
	return cmp.Or(only, numberOf(s.subject))
}

func (s *splitting) doubt(code string) {
	if !slices.Contains(s.doubts, code) {
		s.doubts = append(s.doubts, code)
	}
}

// inheritFromArchives gives the number in an archive's name to the main file in it when none inside shows one.
func (s *splitting) inheritFromArchives() {
	for _, c := range s.leaves {
		if c.kind >= document || c.key == "" {
			continue
		}
		var plain []*leaf
		shown := false
		for _, l := range s.leaves {
			if c.holds(l) {
				shown = shown || l.key != "" && l.kind >= document
				if l.unnumbered() {
					plain = append(plain, l)
				}
			}
		}
		if !shown && len(plain) > 0 {
			main := plain[mainFile(itemsOf(plain), "")]
			main.key, main.names = c.key, append(main.names, c.Name)
		}
		c.of, c.key = c.key, "" // the documents in it stand for it
	}
}

// holds says whether a file came in this container.
func (c *leaf) holds(l *leaf) bool {
	return c != l && c.nested == l.nested && len(l.Path) >= len(c.inner) && slices.Equal(l.Path[:len(c.inner)], c.inner)
}
