package charset

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// decodeUTF16 obeys a byte order mark, then the label, then where the zero bytes of Latin text stand, then RFC 2781 (big endian).
func decodeUTF16(l string, b []byte) (string, bool) {
	little := l == "utf-16le"
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		little, b = true, b[2:]
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		little, b = false, b[2:]
	case l == "utf-16":
		zero := [2]int{}
		for i, c := range b {
			if c == 0 {
				zero[i&1]++
			}
		}
		little = zero[1] > zero[0]
	}
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		if little {
			units = append(units, uint16(b[1])<<8|uint16(b[0]))
		} else {
			units = append(units, uint16(b[0])<<8|uint16(b[1]))
		}
	}
	s := string(utf16.Decode(units))
	return norm.NFC.String(s), len(b) == 0 && !strings.ContainsRune(s, utf8.RuneError)
}

// decodeUTF7 reads RFC 2152: "+" begins base64 of UTF-16, "-" or any other character ends it, "+-" is "+".
func decodeUTF7(b []byte) (string, bool) {
	var out strings.Builder
	ok := true
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			i = len(b)
		}
		out.WriteString(strings.ToValidUTF8(string(b[:i]), "\uFFFD"))
		if b = b[i:]; len(b) == 0 {
			break
		}
		b = b[1:]
		n := 0
		for n < len(b) && strings.IndexByte(base64Alphabet, b[n]) >= 0 {
			n++
		}
		if n == 0 && len(b) > 0 && b[0] == '-' {
			out.WriteByte('+')
		} else {
			raw, err := base64.RawStdEncoding.DecodeString(string(b[:n]))
			s, whole := decodeUTF16("utf-16be", raw[:len(raw)&^1])
			ok = ok && err == nil && whole
			out.WriteString(s)
		}
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return out.String(), ok
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// wideByNUL recognises UTF-16 without a mark: Latin text has a zero in nearly every other byte, and none in between. It gives the label.
func wideByNUL(b []byte) (string, bool) {
	b = b[:min(len(b), maxSample)&^1]
	if len(b) < 4 {
		return "", false
	}
	zero := [2]int{}
	for i, c := range b {
		if c == 0 {
			zero[i&1]++
		}
	}
	units := len(b) / 2
	switch {
	case zero[1]*10 >= units*4 && zero[0]*50 <= units:
		return "utf-16le", true
	case zero[0]*10 >= units*4 && zero[1]*50 <= units:
		return "utf-16be", true
	}
	return "", false
}

// wideByMark obeys a byte order mark.
func wideByMark(b []byte) bool {
	return bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF})
}

// validUTF8 is norm's NFC of s, which must be UTF-8 or becomes it.
func validUTF8(b []byte) string { return norm.NFC.String(strings.ToValidUTF8(string(b), "\uFFFD")) }

// cutUTF8 says whether b is UTF-8 but for a letter that was cut at the end, and how long the rest is.
func cutUTF8(b []byte) (int, bool) {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if at := len(b) - n; utf8.RuneStart(b[at]) {
			return at, b[at] >= 0xC2 && !utf8.FullRune(b[at:]) && utf8.Valid(b[:at])
		}
	}
	return 0, false
}
