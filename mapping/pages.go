package mapping

import (
	"cmp"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// tooled is what tools found in a file, as readings of the document that it is. Fields that nothing gave are empty.
type tooled struct {
	layer   vanban.Document // its text layer
	appears vanban.Document // what its signatures show, and what was put beside them on a scan
	seen    vanban.Document // OCR
	words   string          // all that was read
	blank   bool            // nothing was
	number  string          // that OCR gave, in the form in which numbers are compared
	sure    bool            // OCR is sure of it
}

// tool reads the pages of a file. A text layer that is no more than a visible signature is none; of a file that bears a độ mật nothing is
// here.
func tool(ev FileEvidence) tooled {
	t := tooled{layer: vanban.New(), appears: vanban.New(), seen: vanban.New(), blank: true}
	if ev.Secret != "" {
		return t
	}
	var pages []vanban.Page
	var words, layers []string
	for _, p := range ev.Pages {
		switch {
		case p.OCR:
			pages = append(pages, vanban.Page{Text: p.Text, OCR: true, Confidence: p.Confidence})
			layers = append(layers, p.Layer)
		case vanban.IsAppearance(p.Text):
			layers = append(layers, p.Text)
		default:
			pages = append(pages, vanban.Page{Text: p.Text})
		}
		words = append(words, p.Text)
	}
	t.layer, t.seen = vanban.ReadPages(pages)
	layer := strings.Trim(strings.Join(layers, "\n"), "\n")
	if layer != "" {
		t.appears = vanban.ReadAppearance(layer)
	}
	t.words = strings.Trim(strings.Join(words, "\n\n"), "\n")
	t.blank = t.words == "" && layer == ""
	t.number, t.sure = numberOf(t.seen), !t.seen.Sources["so_hieu"].Unsure()
	return t
}

// learn takes up what tools found in the files. The text that was read purely stands for a file that has one.
func learn(leaves []*leaf, files map[string]FileEvidence) {
	for _, l := range leaves {
		ev, ok := files[l.SHA256]
		if !ok || l.SHA256 == "" || l.kind < document {
			continue
		}
		t := tool(ev)
		if t.blank {
			continue
		}
		if l.Text == "" {
			l.Text = t.words
			l.text = &t.layer
		}
		l.tool = &t
	}
}

// seenNumber is the number that OCR read in a file, and whether it is sure of it.
func (l *leaf) seenNumber() (key string, sure bool) {
	if l.tool == nil {
		return "", false
	}
	return l.tool.number, l.tool.sure
}

// otherPictures notes that a file of a record is by its picture another document: it was joined because nothing else says so.
func (p *paper) otherPictures() {
	if len(p.leaves) == 0 {
		return
	}
	main := p.leaves[0]
	own := cmp.Or(p.key, main.key)
	if own == "" {
		own, _ = main.seenNumber()
	}
	for _, l := range p.leaves[1:] {
		key, sure := l.seenNumber()
		if sure && key != "" && own != "" && !l.annex && !sameNumber(l.key, own) && !sameNumber(key, own) && !vanban.Misread(key, own) {
			p.doubt(DoubtOtherNumber)
		}
	}
}

// fromPictures lets the numbers that OCR read speak for files that show none. One that the mail knows from elsewhere is the document's
// own, also where OCR misread its ký hiệu, or a digit while no other PDF or picture is that document. Another one counts only when OCR is
// sure of it, and when it can't be a known number with a digit misread: what is joined in error is still before the clerk, what is parted
// in error is in the register.
func (s *splitting) fromPictures() {
	known := s.known()
	slices.Sort(known) // the order of the files tells nothing
	var fresh []*leaf
	for _, l := range s.leaves {
		key, sure := l.seenNumber()
		if key == "" || !l.unnumbered() {
			continue
		}
		near := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !digitAway(k, key) })
		switch k := knownAs(known, key); {
		case k != "":
			l.key = k
		case len(near) == 1 && !s.pictured(near[0]):
			l.key = near[0]
		case len(near) == 0 && sure:
			fresh = append(fresh, l)
		}
	}
	slices.SortStableFunc(fresh, func(a, b *leaf) int { return strings.Compare(a.tool.number, b.tool.number) })
	var stand []string
	for _, l := range fresh {
		key := l.tool.number
		if k := knownAs(stand, key); k != "" {
			l.key = k
		} else if !slices.ContainsFunc(stand, func(k string) bool { return digitAway(k, key) }) {
			l.key = key
			stand = append(stand, key)
		}
	}
}

// knownAs gives the known number that a number read by OCR is, empty when it is none of them.
func knownAs(known []string, key string) string {
	for _, is := range []func(a, b string) bool{sameNumber, vanban.Misread} {
		if i := slices.IndexFunc(known, func(k string) bool { return is(k, key) }); i >= 0 {
			return known[i]
		}
	}
	return ""
}

// pictured says whether a PDF or a picture shows a number: a document is sent as one of them, beside the file that it was made of.
func (s *splitting) pictured(key string) bool {
	return slices.ContainsFunc(s.leaves, func(l *leaf) bool { return sameNumber(l.key, key) && Picture(l.Sniffed) })
}

// known are the numbers that the mail shows elsewhere than in pictures: in its files, in what document systems state, in the subjects and
// in the texts of the mail.
func (s *splitting) known() []string {
	var all []string
	add := func(key string) {
		if key != "" && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	for _, l := range s.leaves {
		add(l.key)
	}
	for _, d := range stated(s.m) {
		add(numberOf(d))
	}
	for scope := -1; scope < len(s.m.Nested); scope++ {
		add(s.headOf(scope))
	}
	add(numberOf(s.subject))
	add(numberOf(s.body))
	return all
}

// digitAway says whether two numbers are one but for a digit of the số that OCR may have misread, put in or lost.
func digitAway(a, b string) bool {
	soA, kyA, _ := strings.Cut(a, "/")
	soB, kyB, _ := strings.Cut(b, "/")
	return soA != soB && vanban.Misread("1/"+kyA, "1/"+kyB) && oneApart(soA, soB)
}

// oneApart says whether one digit changed, put in or left out makes the one of the other.
func oneApart(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b):
		return i < len(b) && a[i+1:] == b[i+1:]
	case len(a) == len(b)+1:
		return a[i+1:] == b[i:]
	}
	return false
}
