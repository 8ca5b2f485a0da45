// Package vanban reads what a Vietnamese administrative document says of itself (số, ký hiệu, loại, ngày, trích yếu, người ký, độ mật …)
// out of its text, the subject of the mail that carried it and the names of its files, each with the words it was read from.
package vanban

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// latin maps the letters of Latin-1, Latin Extended and the Vietnamese block to their ASCII letter in lower case.
var latin = latinTable()

func latinTable() (table [0x1f00]byte) {
	for r := rune(0xc0); r < rune(len(table)); r++ {
		if base := []rune(norm.NFD.String(string(r)))[0]; base < 0x80 && unicode.IsLetter(base) {
			table[r] = byte(unicode.ToLower(base))
		}
	}
	// đ has no decomposition; Ð (eth) is what many keyboards and fonts put in its place.
	for _, r := range "đĐÐð" {
		table[r] = 'd'
	}
	return table
}

// accents holds the marks of each letter that latin knows, one bit each.
var accents = accentTable()

func accentTable() (table [len(latin)]uint16) {
	const known = "\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323" // of ô, ă, ơ, and the five tones
	marks := []rune(known)
	for r := range table {
		if latin[r] == 0 {
			continue
		}
		for _, accent := range []rune(norm.NFD.String(string(rune(r))))[1:] {
			bit := len(marks) // one that Vietnamese does not have
			for i, m := range marks {
				if m == accent {
					bit = i
				}
			}
			table[r] |= 1 << bit
		}
	}
	return table
}

func accentsOf(r rune) uint16 {
	if uint32(r) < uint32(len(accents)) {
		return accents[r]
	}
	return 0
}

// folded and upper hold for every rune up to the end of the punctuation what slowFold and unicode.IsUpper say: nearly all of a text.
var folded, upper = foldTables()

func foldTables() (fold [0x2070]byte, up [0x2070]bool) {
	for r := range rune(len(fold)) {
		fold[r], up[r] = slowFold(r), unicode.IsUpper(r)
	}
	return fold, up
}

// foldRune gives the folded byte of one rune, see phrase.
func foldRune(r rune) byte {
	if uint32(r) < uint32(len(folded)) {
		return folded[r]
	}
	return slowFold(r)
}

func isUpper(r rune) bool {
	if uint32(r) < uint32(len(upper)) {
		return upper[r]
	}
	return unicode.IsUpper(r)
}

func slowFold(r rune) byte {
	switch {
	case r < 0x80:
		switch {
		case r >= 'A' && r <= 'Z':
			return byte(r) + 'a' - 'A'
		case r == '\n':
			return '\n'
		case r <= ' ' || r == 0x7f:
			return ' '
		}
		return byte(r)
	case int(r) < len(latin) && latin[r] != 0:
		return latin[r]
	}
	switch r {
	case '–', '—', '‐', '‑', '‒', '―', '−', '﹣', '－':
		return '-'
	case '“', '”', '„', '«', '»':
		return '"'
	case '‘', '’', '‚', '`', '´':
		return '\''
	case '…', '·', '•', '▪', '●':
		return '.'
	case '／', '⁄', '∕':
		return '/'
	case '：':
		return ':'
	case 0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff:
		return dropped
	case 0x2028, 0x2029, 0x85:
		return '\n'
	}
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsLetter(r):
		return otherLetter
	case r >= 0x300 && r <= 0x36f, unicode.Is(unicode.Cf, r), r >= 0xfe00 && r <= 0xfe0f:
		return dropped // a mark that no letter took, or nothing that can be seen
	}
	return otherSign
}

// Fold gives the form in which words, notations and names are compared: lower case, without accents (đ is d, both ways of placing the
// tone are equal), dashes and blanks normalised. What is not Latin stays as it is.
func Fold(s string) string {
	p := newPhrase(s)
	var b strings.Builder
	b.Grow(len(p.f))
	gap := false
	for i, c := range p.f {
		switch c {
		case ' ', '\n':
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		if c == otherLetter || c == otherSign {
			b.WriteRune(unicode.ToLower(p.r[i]))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// tight gives the folded letters and digits only: printing and reading lose and add blanks within words.
func (p phrase) tight() string {
	b := make([]byte, 0, len(p.f))
	for _, c := range p.f {
		if wordByte(c) {
			b = append(b, c)
		}
	}
	return string(b)
}
