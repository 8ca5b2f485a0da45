package charset

import (
	"bytes"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// VIQR (RFC 1456) writes the marks as ASCII signs after the letter: "Vie^.t", "ddu+o+`ng".

// decodeVIQR reads VIQR text, which begins in the Vietnamese state. A backslash takes a sign's meaning away, or changes the state: \v
// composes, \m and \l do not. Beyond the RFC a syllable takes one tone only, so that the full stop of "hoa`." stays one, and addresses of
// mail and web are left alone.
func decodeVIQR(b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + len(b)/4)
	composing := true
	for len(b) > 0 {
		n := wordLen(b)
		word := b[:n]
		b = b[n:]
		if literalWord(word) {
			out.Write(word)
			continue
		}
		composing = viqrWord(&out, word, composing)
	}
	return norm.NFC.String(strings.ToValidUTF8(out.String(), "\uFFFD"))
}

// wordLen is the length of the first word of b with the blanks before it.
func wordLen(b []byte) int {
	n := 0
	for n < len(b) && b[n] <= ' ' {
		n++
	}
	for n < len(b) && b[n] > ' ' {
		n++
	}
	return n
}

// literalWord tells addresses, in which full stops are no tones.
func literalWord(w []byte) bool {
	return bytes.IndexByte(w, '@') >= 0 || bytes.Contains(w, []byte("://")) || bytes.Contains(bytes.ToLower(w), []byte("www."))
}

// viqrWord writes one word and gives the state after it.
func viqrWord(out *strings.Builder, w []byte, composing bool) bool {
	has := false // the syllable has its tone
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c == '\\' && i+1 < len(w) {
			i++
			switch w[i] | 0x20 {
			case 'v':
				composing = true
			case 'm', 'l':
				composing = false
			default:
				out.WriteByte(w[i])
			}
			continue
		}
		if !composing || !letterByte(c) {
			has = has && letterByte(c)
			out.WriteByte(c)
			continue
		}
		if c|0x20 == 'd' && i+1 < len(w) && w[i+1]|0x20 == 'd' {
			out.WriteRune(map[bool]rune{true: 'Đ', false: 'đ'}[c == 'D'])
			i++
			continue
		}
		r, n := viqrLetter(w[i:], &has)
		out.WriteRune(r)
		i += n - 1
	}
	return composing
}

// viqrLetter reads a letter with its signs and says how many bytes they took.
func viqrLetter(w []byte, has *bool) (rune, int) {
	r, n := rune(w[0]), 1
	base := byte(0)
	if len(w) > n {
		switch c := w[0] | 0x20; {
		case w[n] == '(' && c == 'a':
			base = 'W'
		case w[n] == '^' && (c == 'a' || c == 'e' || c == 'o'):
			base = c - 0x20
		case (w[n] == '+' || w[n] == '*') && c == 'o':
			base = 'P'
		case (w[n] == '+' || w[n] == '*') && c == 'u':
			base = 'U'
		}
	}
	if base != 0 {
		r, n = withBase(r, base), n+1
	}
	if len(w) > n && !*has {
		if i := strings.IndexByte("`?~'.", w[n]); i >= 0 {
			if whole := withTone(r, tone(i+1)); whole != 0 {
				*has = true
				return whole, n + 1
			}
		}
	}
	return r, n
}

func letterByte(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// surelyVIQR says whether unlabelled ASCII is VIQR: several letters with a circumflex sign, nearly every word a Vietnamese syllable once
// read, and many of them only then. Plain English with its apostrophes and question marks never is.
func surelyVIQR(b []byte) bool {
	b = b[:min(len(b), maxSample)]
	carets := 0
	for rest := b; ; {
		i := bytes.IndexByte(rest, '^')
		if i < 0 {
			break
		}
		if i > 0 && strings.IndexByte("aeoAEO", rest[i-1]) >= 0 {
			carets++
		}
		rest = rest[i+1:]
	}
	if carets < 2 {
		return false
	}
	words, good, changed := 0, 0, 0
	for _, w := range strings.FieldsFunc(decodeVIQR(b), func(r rune) bool { return !isLetterOrMark(r) }) {
		g := gradeString(w)
		words++
		switch {
		case g == invalid:
			continue
		case !isASCII([]byte(w)):
			changed++
		}
		good++
	}
	return words >= 6 && good*10 >= words*9 && changed*3 >= words
}
