package vanban

import "unicode"

// sighting is one mark among other words, from its first letter to its last. Whether it is meant as the document's mark is decided by what
// stands around it.
type sighting struct {
	marks
	from, to int
	form     letterForm
	toned    bool // at least one letter bears an accent; without any the words may be other ones
	double   bool // two words (tối mật, hỏa tốc), which mean nothing else
}

// letterForm says how a mark is printed.
type letterForm int

const (
	small    letterForm = iota
	title               // Tối mật, Tối Mật
	capitals            // TỐI MẬT, and "Tối MẬT": the last word decides
)

// markEnd is the last word of a mark with the word that may or must stand before it.
type markEnd struct {
	fold, word string // folded and as printed in lower case
	alone      marks  // what the word means by itself
	before     []markBefore
}

type markBefore struct {
	fold  string
	words []string // both ways of placing the tone
	marks
}

// markEnds in the order of sightings.
var markEnds = [...]markEnd{
	{"mat", "mật", marks{secrecy: Mat}, []markBefore{
		{"tuyet", []string{"tuyệt"}, marks{secrecy: TuyetMat}}, {"toi", []string{"tối"}, marks{secrecy: ToiMat}}}},
	{"khan", "khẩn", marks{urgency: Khan}, []markBefore{{"thuong", []string{"thượng"}, marks{urgency: ThuongKhan}}}},
	{"toc", "tốc", marks{}, []markBefore{{"hoa", []string{"hỏa", "hoả"}, marks{urgency: HoaToc}}}},
}

// sightings lists all marks in a phrase, in order, those that are nothing but a part of another word left out.
func sightings(p phrase) []sighting {
	var all []sighting
	for i := 0; i+2 < len(p.f); i++ {
		k := 0
		switch p.f[i] { // nearly all of a text ends here or with the next comparison
		case 'm':
		case 'k':
			k = 1
		case 't':
			k = 2
		default:
			continue
		}
		if m := &markEnds[k]; p.f[i+1] == m.fold[1] && p.f[i+2] == m.fold[2] {
			if s, ok := sightingAt(p, i, m); ok {
				all = append(all, s)
				i = s.to - 1
			}
		}
	}
	return all
}

// sightingAt reads a mark whose last word begins at i.
func sightingAt(p phrase, i int, m *markEnd) (sighting, bool) {
	to := i + len(m.fold)
	if !p.from(i).hasWord(m.fold) || !sameLetters(p.slice(i, to), m.word) {
		return sighting{}, false
	}
	s := sighting{marks: m.alone, from: i, to: to, form: formOf(p.slice(i, to))}
	gap := gapBefore(p, i)
	for k := range m.before {
		b := &m.before[k]
		at := gap - len(b.fold)
		if at < 0 || string(p.f[at:gap]) != b.fold || wordByte(p.at(at-1)) {
			continue
		}
		for _, word := range b.words {
			if !sameLetters(p.slice(at, gap), word) {
				continue
			}
			s.marks, s.from, s.double = b.marks, at, true
			if s.form != capitals {
				s.form = formOf(p.slice(at, gap))
			}
			break
		}
	}
	if s.none() || !s.double && wordByte(p.at(i-1)) {
		return sighting{}, false
	}
	for _, r := range p.r[s.from:s.to] {
		s.toned = s.toned || r >= 0x80 && unicode.IsLetter(r)
	}
	return s, true
}

// maxGap bounds what may part the two words of a mark: blanks of any kind, a line's end, or what file names write for them.
const maxGap = 12

// gapBefore gives the end of the word before i.
func gapBefore(p phrase, i int) int {
	j := i
	for j > 0 && i-j < maxGap && (blankByte(p.f[j-1]) || p.f[j-1] == '_' || p.f[j-1] == '-' || p.f[j-1] == otherSign) {
		j--
	}
	if j == i && p.at(j-1) == '.' {
		j-- // toi.mat.pdf
	}
	return j
}

func formOf(p phrase) letterForm {
	upper, lower := p.letters()
	switch {
	case lower == 0:
		return capitals
	case upper > 0 && isUpper(p.r[0]):
		return title
	}
	return small
}

// sameLetters compares a word with one in lower case: accents may be missing, but none may be others.
func sameLetters(p phrase, word string) bool {
	i := 0
	for _, want := range word {
		if i == p.len() || !sameLetter(unicode.ToLower(p.r[i]), want) {
			return false
		}
		i++
	}
	return i == p.len()
}

// compound says whether the words around a mark of one word make another word of it: bảo mật, mật khẩu, khẩn trương.
func (s sighting) compound(p phrase) bool {
	if s.double {
		return false
	}
	before, after := wordBefore(p, s.from), wordAfter(p, s.to)
	khan := s.urgency != ""
	if !s.toned {
		return compound(before, after, map[bool]string{true: "khan", false: "mat"}[khan])
	}
	if khan {
		return oneOf(before, beforeKhanToned) || oneOf(after, afterKhanToned)
	}
	if oneOf(before, beforeMatAlways) {
		return true
	}
	// MẬT that only the writer's capitals set apart is a mark: "MẬT danh sách", but not "MẬT KHẨU".
	alike := func(word phrase) bool { return s.form != capitals || formOf(word) == capitals }
	if oneOf(before, beforeMatToned) && alike(before) {
		return true
	}
	if !oneOf(after, afterMatToned) || !alike(after) {
		return false
	}
	next := string(wordAfter(p, s.to+1+after.len()).f)
	switch string(after.f) {
	case "danh":
		return next != "sach" && next != "muc"
	case "thu":
		return next != "moi" && next != "cong"
	}
	return true
}

// Words that make another word of a toned mark, see compound.
var (
	beforeMatAlways = []string{"bảo", "bí", "cơ"}
	beforeMatToned  = []string{"cẩn", "thân", "sỏi", "túi", "đường", "gan", "rỉ", "mía"}
	afterMatToned   = []string{"mã", "khẩu", "độ", "vụ", "ong", "nghị", "thư", "danh", "thiết", "hiệu", "thám", "mía", "đàm", "ước", "tông"}
	beforeKhanToned = []string{"thành", "cầu", "khai", "van"}
	afterKhanToned  = []string{"trương", "cấp", "thiết", "khoản", "hoang", "nài", "nguyện", "cầu"}
)

func oneOf(word phrase, list []string) bool {
	if word.len() == 0 {
		return false
	}
	for _, w := range list {
		if sameLetters(word, w) {
			return true
		}
	}
	return false
}

// wordBefore gives the word that one blank, underscore or hyphen parts from i.
func wordBefore(p phrase, i int) phrase {
	if i < 2 || !joins(p.f[i-1]) {
		return phrase{}
	}
	return lastWord(p.slice(0, i-1))
}

// wordAfter gives the word that one blank, underscore or hyphen parts from i.
func wordAfter(p phrase, i int) phrase {
	if i+1 >= p.len() || !joins(p.f[i]) {
		return phrase{}
	}
	return firstWord(p.from(i + 1))
}

func joins(c byte) bool { return blankByte(c) || c == '_' || c == '-' || c == '.' }
