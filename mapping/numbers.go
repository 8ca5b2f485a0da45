package mapping

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// leaf is a file of a mail with what it shows of the document that it is.
type leaf struct {
	item
	at    int              // place in the mail
	names []string         // all names under which the same bytes came
	text  *vanban.Document // what its text says, once it was read
	tool  *tooled          // what tools found in it
	// key is the number that the file shows as its own (vanban.NumberKey), empty when it shows none, or two that differ.
	key    string
	unsure bool   // its name and its text, or two of its names, show different numbers
	annex  bool   // belongs to a document and is none, by its own words
	of     string // number of the document that it belongs to, when it is said
	// attached files show a number of their own, and another document in the mail is what they were sent with.
	attached bool
	inner    []string // where the files that came in it say that they were
}

// leavesOf are the files that belong to records, in mail order, each once: the same bytes under two names, or in an archive and beside it,
// are one file. Of copies the one that came in the fewest containers stands. Empty files are not alike: they say nothing.
func leavesOf(list []item) []*leaf {
	out, known := make([]*leaf, 0, len(list)), make(map[string]*leaf, len(list))
	for _, it := range list {
		if it.kind == noise {
			continue
		}
		if have := known[it.SHA256]; have != nil && it.SHA256 != "" && it.Size > 0 {
			have.names = append(have.names, it.Name)
			// Nor does a name that says less of the kind stand; that of an archive which was opened is kept on purpose.
			if more := it.kind > have.kind && !archiveName(have.Name); more || len(it.Path) < len(have.Path) && it.kind >= have.kind {
				have.item = it
			}
			continue
		}
		l := &leaf{item: it, names: []string{it.Name}}
		known[it.SHA256] = l
		out = append(out, l)
	}
	for i, l := range out {
		l.at, l.inner = i, append(slices.Clone(l.Path), l.Name)
	}
	return out
}

func itemsOf(leaves []*leaf) []item {
	out := make([]item, len(leaves))
	for i, l := range leaves {
		out[i] = l.item
	}
	return out
}

// read finds the number that the file shows as its own: the one that a package states, else the one that its names and its text agree on.
// An annex shows the number of the document that it belongs to (NĐ 30/2020, Phụ lục I, II.5: "Kèm theo … số …"), never one of its own.
func (l *leaf) read() {
	if l.kind < document && l.Sidecar == nil && !archiveName(l.Name) {
		return
	}
	if of, ok := annexText(l.Text); ok && l.kind >= document {
		l.annex, l.of = true, of
		return
	}
	var shown []string
	show := func(d vanban.Document) {
		if k := numberOf(d); k != "" {
			shown = append(shown, k)
		}
	}
	if l.Sidecar != nil && l.Sidecar.Kind == sidecar.Edoc {
		show(l.Sidecar.Document)
	}
	if len(shown) == 0 {
		for _, name := range l.names {
			show(vanban.ReadFileName(name))
		}
		if l.kind >= document { // an opened archive speaks by its name only
			show(l.says())
			if l.tool != nil {
				show(l.tool.appears)
			}
		}
	}
	for _, k := range shown {
		switch {
		case l.key == "" || sameNumber(l.key, k) && len(k) > len(l.key):
			l.key = k
		case !sameNumber(l.key, k):
			l.unsure = true
		}
	}
	if l.annex = annexName(l.Name); l.annex {
		l.of, l.unsure = annexNumber.ReplaceAllString(l.key, ""), false
	}
	if l.annex || l.unsure {
		l.key = ""
	}
}

// says is what the file's text says, read once.
func (l *leaf) says() vanban.Document {
	if l.text == nil {
		d := vanban.New()
		if l.Text != "" {
			d = vanban.ReadText(l.Text)
		}
		l.text = &d
	}
	return *l.text
}

func archiveName(name string) bool {
	return slices.Contains([]string{".zip", ".rar", ".7z"}, strings.ToLower(path.Ext(name)))
}

// numberOf is the number of a reading in the form in which numbers are compared; empty unless it has both số and ký hiệu. A draft's blank
// number, or a bare number, tells no two documents apart.
func numberOf(d vanban.Document) string {
	if strings.Trim(d.So, "0") == "" || d.KyHieu == "" {
		return ""
	}
	return vanban.NumberKey(d.SoHieu)
}

// sameNumber compares two numbers. File names often drop the end of a ký hiệu: 12_UBND.pdf is 12/UBND-VP.
func sameNumber(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && strings.HasPrefix(b, a) && (len(a) == len(b) || b[len(a)] == '-')
}

// Words that call a file an annex: those that open its name, and those that may also follow a number at once. A word further on belongs to
// the subject of the document ("12_TTr-UBND về dự thảo nghị quyết").
var (
	annexOpening = []string{"phu luc", "phuluc", "pl", "kem theo", "dinh kem", "du thao", "duthao", "bang", "danh sach", "danhsach", "bieu mau", "bieu so", "bieu tong hop", "mau"}
	annexFollows = []string{"phu luc", "phuluc", "pl", "kem theo", "dinh kem"}
)

// annexNumber is the end of a name such as 12_BC-UBND_PL1, which reads as if it belonged to the ký hiệu.
var annexNumber = regexp.MustCompile("-pl[0-9]+$")

// annexName says whether a file calls itself an annex.
func annexName(name string) bool {
	s := stem(name)
	if opensWith(strings.TrimLeft(s, "0123456789 "), annexOpening) {
		return true
	}
	d := vanban.ReadFileName(name)
	if numberOf(d) == "" {
		return false
	}
	if annexNumber.MatchString(numberOf(d)) {
		return true
	}
	_, rest, found := strings.Cut(s, stem(d.SoHieu))
	return found && opensWith(strings.TrimSpace(rest), annexFollows)
}

// opensWith says whether s begins with one of the words, with a number behind it ("pl1") or not.
func opensWith(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		rest, ok := strings.CutPrefix(s, w)
		return ok && (rest == "" || rest[0] == ' ' || rest[0] >= '0' && rest[0] <= '9')
	})
}

// annexHead is how many lines at the top of a text may call it an annex.
const annexHead = 8

// annexText says whether a text opens as an annex, and gives the number of the document that it says it comes with. Its own letterhead or
// number before that makes it a document with its annexes behind it.
func annexText(text string) (of string, ok bool) {
	for n := 0; n < annexHead && text != ""; {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if len(line) > 1000 {
			return of, ok
		}
		folded := strings.Trim(vanban.Fold(line), " \t\r*.:")
		if folded == "" {
			continue
		}
		n++
		switch with := strings.TrimLeft(folded, "( "); {
		case strings.HasPrefix(folded, "so:"), strings.HasPrefix(folded, "so "), strings.HasPrefix(folded, "cong hoa xa hoi"):
			return of, ok
		case opensWith(folded, []string{"phu luc", "du thao"}):
			ok = true
		case strings.HasPrefix(with, "kem theo "), strings.HasPrefix(with, "ban hanh kem theo "):
			ok = ok || strings.HasPrefix(folded, "(")
			if _, carrier, found := strings.Cut(line, "heo "); ok && found {
				of = numberOf(vanban.ReadSubject(strings.Trim(carrier, "() \t\r")))
			}
		}
	}
	return of, ok
}

// stem is a file's name without what tells two forms of one document apart: extension, signing program's addition, case, accents, marks.
func stem(name string) string {
	for range 3 {
		ext := path.Ext(name)
		if len(ext) < 2 || len(ext) > 7 || strings.ContainsAny(ext, " /") {
			break
		}
		name = strings.TrimSuffix(name, ext)
	}
	words := strings.FieldsFunc(vanban.Fold(name), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	words = slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains([]string{"signed", "sign", "kyso", "daky", "scan", "final"}, w)
	})
	return strings.Join(words, " ")
}
