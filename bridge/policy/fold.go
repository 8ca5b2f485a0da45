package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// foldName makes names of types, channels, mailboxes and the like comparable: lower case, NFC, single blanks. Marks stay, because HD and
// HĐ are different types.
func foldName(s string) string {
	if !isASCII(s) {
		return strings.Join(strings.Fields(strings.ToLower(norm.NFC.String(s))), " ")
	}
	if strings.ContainsAny(s, " \t\r\n") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return strings.ToLower(s)
}

// foldNumber makes numbers of documents comparable: 05/QĐ-UBND is printed without its zero, in either case, without marks, with blanks and
// long dashes; people write its label before it and its date behind it. What has neither digits nor letters is no number.
func foldNumber(s string) string {
	s = clean(s)
	if at := numberLabel(s); at > 0 {
		s = s[at:]
	}
	if at := strings.Index(foldName(s), " ngày "); at > 0 {
		s = foldName(s)[:at]
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsLetter(r) }) {
		return ""
	}
	return vanban.NumberKey(s)
}

// numberLabel is how long the word "Số" before a number is, with its colon and blanks.
func numberLabel(s string) int {
	for _, label := range [...]string{"số", "Số", "SỐ"} {
		if rest, ok := strings.CutPrefix(s, label); ok {
			rest = strings.TrimLeft(rest, ":. ")
			if rest != "" && rest[0] >= '0' && rest[0] <= '9' {
				return len(s) - len(rest)
			}
		}
	}
	return 0
}

// foldCode makes codes of agencies comparable: they are printed in either case, with blanks and with long dashes.
func foldCode(s string) string {
	if !isASCII(s) {
		s = strings.Map(func(r rune) rune {
			switch r {
			case '–', '—', '‐', '‑':
				return '-'
			}
			return r
		}, norm.NFC.String(s))
	}
	if strings.ContainsFunc(s, unicode.IsSpace) {
		s = strings.Join(strings.Fields(s), "")
	}
	return strings.ToUpper(s)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// phrase is running text made comparable, in two strengths: exact keeps the Vietnamese marks, bare has none. Both are words between
// single blanks, with a blank at either end, so that finding one within another compares whole words.
type phrase struct {
	exact, bare string
	marked      bool // the text carries Vietnamese marks
}

// foldPhrase folds case, punctuation and the place of the tone mark (hoà, hòa).
func foldPhrase(s string) phrase {
	var exact, bare strings.Builder
	marked := false
	exact.WriteByte(' ')
	bare.WriteByte(' ')
	words := strings.FieldsFunc(norm.NFD.String(strings.ToLower(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
	for _, w := range words {
		tones := ""
		for _, r := range w {
			switch {
			case isTone(r):
				tones += string(r)
				marked = true
			case unicode.Is(unicode.Mn, r): // circumflex, breve, horn
				exact.WriteRune(r)
				marked = true
			case r == 'đ':
				exact.WriteRune(r)
				bare.WriteByte('d')
				marked = true
			default:
				exact.WriteRune(r)
				bare.WriteRune(r)
			}
		}
		exact.WriteString(tones)
		exact.WriteByte(' ')
		bare.WriteByte(' ')
	}
	return phrase{exact: exact.String(), bare: bare.String(), marked: marked}
}

// foldSubject is foldPhrase for a text to look into, without its copies: bare is empty where the text carries marks, since nobody asks for
// it then. Whatever is not made of composed Latin letters takes the long way.
func foldSubject(s string) phrase {
	var room [256]byte
	var tones [32]byte
	f := subjectFolder{exact: append(room[:0], ' '), tones: tones[:0]}
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			f.exact, f.inside = append(f.exact, byte(r)), true
		case 'A' <= r && r <= 'Z':
			f.exact, f.inside = append(f.exact, byte(r)+'a'-'A'), true
		case r < utf8.RuneSelf || 0x2000 <= r && r < 0x2070: // blanks and punctuation
			f.endWord()
		case r < 0x250 || 0x1E00 <= r && r < 0x1F00:
			f.latin(unicode.ToLower(r))
		default:
			return foldPhrase(s)
		}
	}
	f.endWord()
	p := phrase{exact: string(f.exact), marked: f.marked}
	if !p.marked {
		p.bare = p.exact
	}
	return p
}

// subjectFolder is a text being folded.
type subjectFolder struct {
	exact, tones   []byte // of the text, and of the word so far
	inside, marked bool
}

func (f *subjectFolder) endWord() {
	if !f.inside {
		return
	}
	f.exact = append(append(f.exact, f.tones...), ' ')
	f.tones, f.inside = f.tones[:0], false
}

// latin takes a lower-case letter, or a sign, of the Latin blocks.
func (f *subjectFolder) latin(lower rune) {
	if !unicode.IsLetter(lower) && !unicode.IsDigit(lower) {
		f.endWord()
		return
	}
	f.inside = true
	var room [utf8.UTFMax]byte
	letter := room[:utf8.EncodeRune(room[:], lower)]
	if parts := norm.NFD.Properties(letter).Decomposition(); parts != nil {
		letter = parts
	}
	for len(letter) > 0 {
		r, size := utf8.DecodeRune(letter)
		letter = letter[size:]
		if isTone(r) {
			f.tones, f.marked = utf8.AppendRune(f.tones, r), true
			continue
		}
		f.marked = f.marked || r == 'đ' || unicode.Is(unicode.Mn, r)
		f.exact = utf8.AppendRune(f.exact, r)
	}
}

// isTone tells grave, acute, tilde, hook above and dot below.
func isTone(r rune) bool {
	return r == 0x300 || r == 0x301 || r == 0x303 || r == 0x309 || r == 0x323
}

func (p phrase) empty() bool { return len(p.exact) <= 1 }

// contains looks for whole words. Subjects typed without any mark are compared without marks; otherwise marks count, since "mới" is not
// "mời".
func (p phrase) contains(w phrase) bool {
	if p.marked {
		return strings.Contains(p.exact, w.exact)
	}
	return strings.Contains(p.bare, w.bare)
}
