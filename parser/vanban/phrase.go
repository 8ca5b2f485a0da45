package vanban

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// phrase is text beside its folded form, rune by rune, so that what is found in the folded bytes can be quoted as printed. In f letters
// are ASCII lower case without marks, all blanks ' ' (line ends stay '\n'), all dashes '-'; letters of other scripts are otherLetter and
// everything else beyond ASCII is otherSign.
type phrase struct {
	r []rune
	f []byte
}

const (
	otherLetter = 0x01
	otherSign   = 0x02
	dropped     = 0x03 // invisible: never enters a phrase
)

// newPhrase folds s. Decomposed text is composed first: the rest of the package relies on one rune per letter.
func newPhrase(s string) phrase {
	n := utf8.RuneCountInString(s)
	p := phrase{r: make([]rune, n), f: make([]byte, n)}
	i, spaced := 0, false
	for _, r := range s {
		b := foldRune(r)
		if b != dropped {
			if b < 0x03 && wideLetter(r) {
				return newPhrase(narrow(s))
			}
			p.r[i], p.f[i] = r, b
			spaced = spaced || b == 'a' && p.spacedAt(i)
			i++
		} else if r >= 0x300 && r <= 0x36f {
			if c := norm.NFC.String(s); c != s {
				return newPhrase(c)
			}
		}
	}
	if p = p.slice(0, i); spaced {
		return p.closeUp()
	}
	return p
}

// upTo cuts a phrase that is longer than any name or subject: some searches compare every place with every other.
func (p phrase) upTo(n int) phrase { return p.slice(0, min(n, len(p.f))) }

func (p phrase) len() int              { return len(p.f) }
func (p phrase) slice(i, j int) phrase { return phrase{p.r[i:j], p.f[i:j]} }
func (p phrase) from(i int) phrase     { return phrase{p.r[i:], p.f[i:]} }
func (p phrase) has(prefix string) bool {
	return len(p.f) >= len(prefix) && string(p.f[:len(prefix)]) == prefix
}

// at gives the folded byte, or 0 outside.
func (p phrase) at(i int) byte {
	if i < 0 || i >= len(p.f) {
		return 0
	}
	return p.f[i]
}

// hasWord says whether the phrase begins with the folded words, ending at a word's end.
func (p phrase) hasWord(words string) bool { return p.has(words) && !wordByte(p.at(len(words))) }

// trim drops the given folded bytes from both ends.
func (p phrase) trim(cut string) phrase {
	i, j := 0, len(p.f)
	for i < j && strings.IndexByte(cut, p.f[i]) >= 0 {
		i++
	}
	for j > i && strings.IndexByte(cut, p.f[j-1]) >= 0 {
		j--
	}
	return p.slice(i, j)
}

// String gives the text as printed, in NFC, with blanks and line ends collapsed.
func (p phrase) String() string {
	b := make([]byte, 0, 2*len(p.r))
	gap := false
	for i, r := range p.r {
		if p.f[i] == ' ' || p.f[i] == '\n' {
			gap = len(b) > 0
			continue
		}
		if gap {
			b = append(b, ' ')
			gap = false
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// letters counts upper and lower case letters.
func (p phrase) letters() (upper, lower int) {
	for i, b := range p.f {
		switch {
		case b >= 'a' && b <= 'z' || b == otherLetter:
			if isUpper(p.r[i]) {
				upper++
			} else {
				lower++
			}
		}
	}
	return upper, lower
}

// capitals says whether the phrase is printed in capitals; a stray small letter in many is a fault of reading.
func (p phrase) capitals() bool {
	upper, lower, most := 0, 0, len(p.f)/8 // more small letters than that are too many
	for i, b := range p.f {
		switch {
		case !letterByte(b):
		case isUpper(p.r[i]):
			upper++
		default:
			if lower++; lower > most {
				return false
			}
		}
	}
	return upper >= 2 && lower*8 <= upper
}

func digitByte(b byte) bool  { return b >= '0' && b <= '9' }
func letterByte(b byte) bool { return b >= 'a' && b <= 'z' || b == otherLetter }
func wordByte(b byte) bool   { return letterByte(b) || digitByte(b) }
func blankByte(b byte) bool  { return b == ' ' || b == '\n' }

// skip moves over the given bytes.
func (p phrase) skip(i int, over string) int {
	for i < len(p.f) && strings.IndexByte(over, p.f[i]) >= 0 {
		i++
	}
	return i
}
