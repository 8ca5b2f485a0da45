package charset

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text of a charset that a program took for Latin-1 and wrote on as UTF-8 is valid UTF-8 that nobody can read: "C«ng v¨n", "Sá»Ÿ Ná»™i vá»¥".
// The bytes that it was are found by going back.

// unwrap reads valid UTF-8: as the text that it was before, when it is surely such, else as it stands. Most text is left at its first letter
// beyond Latin-1.
func unwrap(b []byte, hint string) Reading {
	asIs := Reading{"", nameUTF8, 1, true}
	before, ok := latinBytes(b)
	if !ok {
		if r, ok := unwrapLines(b, hint); ok {
			return r
		}
		return asIs.of(b)
	}
	if r, ok := unwrapUTF8(before, hint); ok {
		return r
	}
	var d detector
	d.take(before)
	if len(d.words) == 0 {
		return asIs.of(b)
	}
	d.weigh(windows1252, "", hint)
	for i := range d.guesses[:d.n] {
		if d.guesses[i].name == name1252 {
			d.guesses[i].score += priorUnicode
		}
	}
	name, confidence := d.best(name1252, 1-sure)
	switch {
	case name == name1252:
		asIs.Confidence = confidence
	case name == name1258 || confidence < sure:
		asIs.Confidence = 1 - confidence
	default:
		return Reading{codecNamed(name).decode(before), name + wrapped, confidence, false}
	}
	return asIs.of(b)
}

func (r Reading) of(b []byte) Reading {
	r.Text = norm.NFC.String(string(b))
	return r
}

// unwrapUTF8 reads bytes that are UTF-8 again, perhaps cut at the end.
func unwrapUTF8(b []byte, hint string) (Reading, bool) {
	if !utf8.Valid(b) {
		b = noBreakSpaces(b)
	}
	if at, ok := cutUTF8(b); ok && at > 0 {
		b = b[:at]
	}
	if !utf8.Valid(b) || isASCII(b) || !speaks(b) {
		return Reading{}, false
	}
	r := unwrap(b, hint)
	if r.Charset == nameUTF8 {
		r.Charset, r.Confidence, r.AsLabelled = nameTwice, 0.99, false
	}
	return r, true
}

// noBreakSpaces writes the byte 0xA0 for blanks that stand where it completes a letter: many programs turn no-break spaces into blanks, and
// à, Ạ and others end in that byte.
func noBreakSpaces(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if c != ' ' || i == 0 || out[i-1] < 0x80 {
			continue
		}
		from := max(0, i-3)
		for from < i && (out[from] < 0xC2 || utf8.FullRune(out[from:i])) {
			from++
		}
		if from == i {
			continue
		}
		out[i] = 0xA0
		if r, n := utf8.DecodeRune(out[from : i+1]); r == utf8.RuneError || n != i+1-from {
			out[i] = ' '
		}
	}
	return out
}

// speaks says whether valid UTF-8 holds letters or typographic signs and no control characters beyond ASCII.
func speaks(b []byte) bool {
	has := false
	for _, r := range string(b) {
		switch {
		case r < 0x80:
		case r < 0xA0, !unicode.IsGraphic(r) && r != 0x200B && r != 0xFEFF:
			return false
		case unicode.IsLetter(r), unicode.IsMark(r), r >= 0x2010:
			has = true
		}
	}
	return has
}

// latinBytes gives the bytes of windows-1252 that valid UTF-8 came from; false when it holds anything else, or nothing beyond ASCII.
func latinBytes(b []byte) ([]byte, bool) {
	beyond := 0
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if _, ok := latinByte(r); !ok {
			return nil, false
		}
		beyond++
		i += n
	}
	if beyond == 0 {
		return nil, false
	}
	out := make([]byte, 0, len(b)-beyond)
	for _, r := range string(b) {
		c, _ := latinByte(r)
		out = append(out, c)
	}
	return out, true
}

// latinByte is windows-1252 turned around, with the signs that programs put for its soft hyphen and micro sign.
func latinByte(r rune) (byte, bool) {
	switch {
	case r < 0x100:
		return byte(r), true
	case r == '−':
		return 0xAD, true
	case r == 'μ':
		return 0xB5, true
	case r < 0x152 || r > 0x2122:
		return 0, false
	}
	for c := 0x80; c < 0xA0; c++ {
		if windows1252[c] == r {
			return byte(c), true
		}
	}
	return 0, false
}
