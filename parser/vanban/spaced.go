package vanban

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// wideLetter says whether r is a letter or digit in one of the forms that Unicode keeps for width or for formulas: ＭẬＴ, 𝐌Ậ𝐓.
func wideLetter(r rune) bool {
	return r >= 0xff10 && r <= 0xff19 || r >= 0xff21 && r <= 0xff3a || r >= 0xff41 && r <= 0xff5a || r >= 0x1d400 && r <= 0x1d7ff
}

// narrow writes such letters as everyone does (NFKC), and leaves all else as it is: NFKC of the whole would turn m² into m2.
func narrow(s string) string {
	if !strings.Contains(s, "\xef\xbc") && !strings.Contains(s, "\xef\xbd") && !strings.Contains(s, "\xf0\x9d") {
		return s // no first bytes of such a letter
	}
	if !strings.ContainsFunc(s, wideLetter) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if wideLetter(r) {
			b.WriteString(norm.NFKC.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// spacedWords are the marks of secrecy that people write letter by letter, M.Ậ.T or T-Ố-I M-Ậ-T.
var spacedWords = []string{"mật", "tối", "tuyệt", "tốimật", "tuyệtmật"}

// letterGap says whether a folded byte may part the letters of a word that is written letter by letter.
func letterGap(c byte) bool { return c == '.' || c == '-' || c == '_' || c == '*' || c == ' ' }

// spacedAt says whether the letter at i, just folded, is the ậ of such a word.
func (p phrase) spacedAt(i int) bool {
	return i >= 2 && p.f[i] == 'a' && p.r[i] >= 0x80 && letterGap(p.f[i-1]) && p.f[i-2] == 'm'
}

// closeUp takes out what parts the letters of marks that are written letter by letter. Without accents they stay: M.A.T
// abbreviates more than one thing.
func (p phrase) closeUp() phrase {
	n := 0
	for i := 0; i < p.len(); {
		end, step := i+1, 1
		if letterByte(p.f[i]) && !wordByte(p.at(i-1)) && letterGap(p.at(i+1)) {
			for end+1 < p.len() && p.f[end] == p.f[i+1] && letterByte(p.f[end+1]) && end-i < 2*len("tuyetmat") {
				end += 2
			}
			if !wordByte(p.at(end)) && spacedWord(p.slice(i, end)) {
				step = 2
			} else {
				end = i + 1
			}
		}
		for ; i < end; i += step {
			p.r[n], p.f[n] = p.r[i], p.f[i]
			n++
		}
		i = end
	}
	return p.slice(0, n)
}

// spacedWord says whether every second letter of p makes a mark, with an accent at least.
func spacedWord(p phrase) bool {
	var word phrase
	toned := false
	for i := 0; i < p.len(); i += 2 {
		word.r, word.f = append(word.r, p.r[i]), append(word.f, p.f[i])
		toned = toned || p.r[i] >= 0x80
	}
	for _, w := range spacedWords {
		if toned && sameLetters(word, w) {
			return true
		}
	}
	return false
}
