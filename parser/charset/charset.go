// Package charset turns bytes in the encodings that mail and documents use into clean NFC UTF-8.
package charset

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/unicode/norm"
)

// Decode reads b by the charset label of the sender and gives NFC text that is always valid UTF-8. It reports false when the label could
// not be used as it stands (unknown, or the bytes do not fit it) and the text is therefore a guess or has U+FFFD in it. An empty or
// unknown label, and us-ascii with 8-bit bytes, is read as UTF-8 where that fits and as windows-1258 where it does not.
func Decode(label string, b []byte) (string, bool) {
	l := normalLabel(label)
	if isASCII(b) && !(stateful(l) || wide(l)) {
		return string(b), true
	}
	switch {
	case l == "utf-8" || unlabelled(l):
		return guess(b)
	case l == "utf-7":
		s, ok := decodeUTF7(b)
		return norm.NFC.String(s), ok
	case wide(l):
		return decodeUTF16(l, b)
	case oneByte(l) && mislabelledUTF8(b):
		return norm.NFC.String(string(b)), false
	}
	e := lookup(l)
	if e == nil {
		s, _ := guess(b)
		return s, false
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		g, _ := guess(b)
		return g, false
	}
	clean := strings.ToValidUTF8(string(s), "\uFFFD")
	return norm.NFC.String(clean), !strings.ContainsRune(clean, utf8.RuneError)
}

// Known says whether Decode can read the label's charset.
func Known(label string) bool {
	l := normalLabel(label)
	return l == "utf-8" || l == "us-ascii" || l == "utf-7" || wide(l) || lookup(l) != nil
}

// guess reads b as UTF-8, or as windows-1258 when too much of it is not UTF-8. The report is true for valid UTF-8.
func guess(b []byte) (string, bool) {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(b) {
		return norm.NFC.String(string(b)), true
	}
	good, bad := 0, 0
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		i += n
	}
	if good >= bad {
		return norm.NFC.String(strings.ToValidUTF8(string(b), "\uFFFD")), false
	}
	s, err := charmap.Windows1258.NewDecoder().Bytes(b)
	if err != nil {
		return norm.NFC.String(strings.ToValidUTF8(string(b), "\uFFFD")), false
	}
	return norm.NFC.String(string(s)), false
}

// mislabelledUTF8 reports bytes that are UTF-8 although a one-byte charset is declared. Chance hits need pairs such as "Ã©" throughout.
func mislabelledUTF8(b []byte) bool {
	return utf8.Valid(b) && utf8.RuneCount(b) < len(b)
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// normalLabel gives lower case without quotes, RFC 2231 language (RFC 2231, 5) and the spellings that mailers invented.
func normalLabel(label string) string {
	l := strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	l, _, _ = strings.Cut(l, "*")
	l = strings.ReplaceAll(l, "_", "-")
	switch l {
	case "utf8", "unicode-1-1-utf-8", "utf-8n", "cp65001", "utf-8-mac", "utf8mb4":
		return "utf-8"
	case "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return "utf-7"
	case "ascii", "ansi-x3.4-1968", "iso646-us", "us", "646":
		return "us-ascii"
	case "utf16", "ucs-2", "unicode":
		return "utf-16"
	}
	for _, p := range []string{"windows-", "windows", "cp-", "cp", "x-cp", "ms", "win-", "win"} {
		if rest, ok := strings.CutPrefix(l, p); ok && len(rest) == 4 && strings.HasPrefix(rest, "125") {
			return "windows-" + rest
		}
	}
	return l
}

func unlabelled(l string) bool {
	switch l {
	case "", "us-ascii", "unknown-8bit", "x-unknown", "unknown", "default", "x-user-defined", "8bit", "binary", "none", "iso-10646":
		return true
	}
	return false
}

func wide(l string) bool {
	return l == "utf-16" || l == "utf-16le" || l == "utf-16be"
}

// stateful charsets give ASCII bytes another meaning, so an ASCII text is not itself.
func stateful(l string) bool {
	return strings.HasPrefix(l, "iso-2022-") || l == "hz-gb-2312" || l == "utf-7" || strings.HasPrefix(l, "utf-32") || l == "csiso2022jp"
}

func oneByte(l string) bool {
	return strings.HasPrefix(l, "windows-125") || strings.HasPrefix(l, "iso-8859-") || l == "latin1"
}

// lookup finds a decoder in the WHATWG index, then in IANA's (which gives nil without an error for names that it only knows).
func lookup(l string) encoding.Encoding {
	if l == "x-user-defined" || l == "replacement" {
		return nil
	}
	tries := []string{l, strings.TrimPrefix(l, "x-"), strings.TrimPrefix(l, "cs"), strings.Replace(l, "cp", "ibm", 1), strings.Replace(l, "-", "", 1)}
	for _, t := range tries {
		if e, err := htmlindex.Get(t); err == nil && e != nil {
			if n, err := htmlindex.Name(e); err != nil || n != "replacement" {
				return e
			}
		}
		if e, err := ianaindex.MIME.Encoding(t); err == nil && e != nil {
			return e
		}
	}
	return nil
}

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
