package vanban

import (
	"slices"
	"strings"
	"unicode"
)

// marks are what a stamp of secrecy or urgency says; both empty: it is no stamp.
type marks struct {
	secrecy Secrecy
	urgency Urgency
}

func (m marks) none() bool { return m == marks{} }

// with adds another mark; of two the graver counts.
func (m marks) with(o marks) marks {
	return marks{graverSecrecy(m.secrecy, o.secrecy), graverUrgency(m.urgency, o.urgency)}
}

// markWord is one wording of a stamp (NĐ 30/2020, Phụ lục I, II.10; "hẹn giờ" is of the regime before).
type markWord struct {
	words string // folded, with blanks
	tight string // as printed in lower case, without blanks
	marks
}

// markWords in falling length, so that a longer wording is tried first. Both ways of placing the tone of hỏa are in use.
var markWords = []markWord{
	{"hoa toc hen gio", "hỏatốchẹngiờ", marks{urgency: HoaToc}},
	{"hoa toc hen gio", "hoảtốchẹngiờ", marks{urgency: HoaToc}},
	{"thuong khan", "thượngkhẩn", marks{urgency: ThuongKhan}},
	{"tuyet mat", "tuyệtmật", marks{secrecy: TuyetMat}},
	{"toi mat", "tốimật", marks{secrecy: ToiMat}},
	{"hoa toc", "hỏatốc", marks{urgency: HoaToc}},
	{"hoa toc", "hoảtốc", marks{urgency: HoaToc}},
	{"khan", "khẩn", marks{urgency: Khan}},
	{"mat", "mật", marks{secrecy: Mat}},
}

// markLabels may stand before a mark, as on forms and covers.
var markLabels = []string{"muc do mat:", "muc do khan:", "do mat:", "do khan:", "tai lieu", "van ban", "cong van"}

const (
	markEdges      = " \n\"'*_-.!:;,()[]{}<>=#~\x02"
	markSeparators = "-,;/+:"
)

// stamp reads a phrase that is nothing but marks, in any of the forms in which they are typed: NFC or NFD, with the tones, with half of
// them or without, spaced out. Any other word makes it prose.
func stamp(p phrase) marks {
	p = p.trim(markEdges)
	if p.len() < 3 || p.len() > 40 || strings.IndexByte("mtkhdvc", p.f[0]) < 0 {
		return marks{}
	}
	for _, label := range markLabels {
		if p.has(label) && p.len() > len(label) && !letterByte(p.at(len(label))) {
			p = p.from(len(label)).trim(markEdges)
			break
		}
	}
	var all marks
	start := 0
	for i := 0; i <= p.len(); i++ {
		if i < p.len() && strings.IndexByte(markSeparators, p.f[i]) < 0 {
			continue
		}
		if piece := p.slice(start, i).trim(markEdges); piece.len() > 0 {
			m := plainStamp(piece)
			if m.none() {
				return marks{}
			}
			all = all.with(m)
		}
		start = i + 1
	}
	return all
}

// plainStamp reads one mark, or two without anything between them.
func plainStamp(p phrase) marks {
	if strings.IndexByte("mtkh", p.at(0)) < 0 {
		return marks{}
	}
	var letters []rune
	for i, c := range p.f {
		switch {
		case letterByte(c):
			letters = append(letters, unicode.ToLower(p.r[i]))
		case !blankByte(c):
			return marks{}
		}
	}
	var all marks
	for len(letters) > 0 {
		found := false
		for _, w := range markWords {
			word := []rune(w.tight)
			if len(letters) >= len(word) && sameMark(letters[:len(word)], word) && all.with(w.marks) != all {
				all, letters, found = all.with(w.marks), letters[len(word):], true
				break
			}
		}
		if !found {
			return marks{}
		}
	}
	return all
}

// sameMark compares letters with a mark's. Accents may be missing, but none may be other ones: "mặt" and "mất" are other words.
func sameMark(letters, word []rune) bool {
	for i, r := range letters {
		if !sameLetter(r, word[i]) {
			return false
		}
	}
	return true
}

// sameLetter says whether r is the letter want, with all of its accents, some or none; both in lower case.
func sameLetter(r, want rune) bool {
	if r == want {
		return true
	}
	if foldRune(r) != foldRune(want) {
		return false
	}
	if r < 0x80 {
		return true
	}
	return accentsOf(r)&^accentsOf(want) == 0
}

// SecretMark finds a mark of secrecy in a text. In the first lines it is one that stands on a line or in a cell of its own, as the stamp
// does (NĐ 30/2020, Phụ lục I, II.10); anywhere it is "TỐI MẬT" or "TUYỆT MẬT" in capitals and what follows "Độ mật:"; in a short text
// also "MẬT" in capitals, "Công văn mật số …" and "thuộc độ Mật". Prose that speaks of secrecy is none. Of several the gravest counts.
func SecretMark(text string) (Secrecy, string) {
	text = modern(narrow(text))
	m, evidence := stampedCells(cells(newPhrase(head(text))))
	m, evidence = textMarks(text, len(text) <= shortText, m, evidence)
	return m.secrecy, evidence.secrecy
}

// UrgencyMark finds a mark of urgency in the first part of a text as SecretMark does.
func UrgencyMark(text string) (Urgency, string) {
	text = head(modern(narrow(text)))
	m, evidence := stampedCells(cells(newPhrase(text)))
	m, evidence = textMarks(text, len(text) <= shortText, m, evidence)
	return m.urgency, evidence.urgency
}

// headBytes is how much of a text can hold its head.
const headBytes = 16 << 10

// head gives the first part of a text.
func head(text string) string { return cutAt(text, headBytes) }

// cutAt gives at most the first n bytes of a text, cut at a line end where there is one.
func cutAt(text string, n int) string {
	if len(text) <= n {
		return text
	}
	if i := strings.LastIndexByte(text[:n], '\n'); i > 0 {
		return text[:i]
	}
	return strings.ToValidUTF8(text[:n], "")
}

type markEvidence struct{ secrecy, urgency string }

// add notes where the graver mark was read.
func (e *markEvidence) add(have, found marks, p phrase) {
	if found.secrecy != "" && graverSecrecy(have.secrecy, found.secrecy) != have.secrecy {
		e.secrecy = p.String()
	}
	if found.urgency != "" && graverUrgency(have.urgency, found.urgency) != have.urgency {
		e.urgency = p.String()
	}
}

// headLines is how many lines of text the stamp is looked for in.
const headLines = 80

func stampedCells(lines []cell) (marks, markEvidence) {
	var all marks
	var evidence markEvidence
	for i, line := range lines {
		if i == headLines {
			break
		}
		if line.text.len() > 48 {
			continue
		}
		m := stamp(line.text)
		if m.none() {
			continue
		}
		if first := line.text.trim(markEdges); !isUpper(first.r[0]) && !(line.gap && (i+1 == len(lines) || lines[i+1].gap)) {
			continue // a word of prose that the line break left alone
		}
		evidence.add(all, m, line.text)
		all = all.with(m)
	}
	return all, evidence
}

// Graver gives the graver of two độ mật.
func Graver(a, b Secrecy) Secrecy { return graverSecrecy(a, b) }

func graverSecrecy(a, b Secrecy) Secrecy {
	order := []Secrecy{"", Mat, ToiMat, TuyetMat}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

func graverUrgency(a, b Urgency) Urgency {
	order := []Urgency{"", Khan, ThuongKhan, HoaToc}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
