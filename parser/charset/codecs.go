package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Names of the charsets that are recognised by their letters, as Reading.Charset gives them.
const (
	nameUTF8   = "utf-8"
	nameASCII  = "us-ascii"
	name1252   = "windows-1252"
	name1258   = "windows-1258"
	nameTCVN3  = "tcvn3"
	nameTCVN   = "tcvn-5712"
	nameVNI    = "x-viet-vni"
	nameVISCII = "viscii"
	nameVPS    = "x-viet-vps"
	nameVIQR   = "viqr"
	nameTwice  = "utf-8 twice"
)

// wrapped is what the name of a charset ends in whose bytes had become letters of Latin-1 and then UTF-8.
const wrapped = " in utf-8"

// codec reads one of the Vietnamese charsets of one or two bytes a letter.
type codec struct {
	name  string
	table *oneByteTable // nil for VNI
	// shared says that capitals with a tone are written as small letters: their case says nothing.
	shared bool
}

// codecs in the order of how often they are met.
var codecs = [...]codec{
	{name1258, windows1258, false},
	{nameTCVN3, tcvn3, true},
	{nameVNI, nil, false},
	{nameVISCII, viscii, false},
	{nameTCVN, tcvn5712, false},
	{nameVPS, vps, false},
}

func codecNamed(name string) *codec {
	for i := range codecs {
		if codecs[i].name == name {
			return &codecs[i]
		}
	}
	return nil
}

// decode reads a whole text: NFC, with U+FFFD for bytes that mean nothing.
func (c *codec) decode(b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	var buf [256]rune
	for len(b) > 0 {
		n := min(len(b), len(buf)/2)
		for n < len(b) && n < len(buf)-1 && b[n] >= 0x80 { // a letter and its mark stay together
			n++
		}
		var part []rune
		if c.table == nil {
			part = vniRunes(buf[:0], b[:n], 0)
		} else {
			part = c.runes(buf[:0], b[:n])
		}
		for _, r := range part {
			out.WriteRune(r)
		}
		b = b[n:]
	}
	s := out.String()
	if c.name == nameTCVN3 || c.name == nameTCVN {
		s = raiseCapitals(s)
	}
	return norm.NFC.String(s)
}

// runes appends what b says, with U+FFFD for what cannot be meant. Tones that stand for themselves are joined to their letter.
func (c *codec) runes(dst []rune, b []byte) []rune {
	if c.table == nil {
		return vniRunes(dst, b, utf8.RuneError)
	}
	for _, x := range b {
		r := c.table[x]
		if t, ok := combiningTone(r); ok && len(dst) > 0 {
			if whole := withTone(dst[len(dst)-1], t); whole != 0 {
				dst[len(dst)-1] = whole
				continue
			}
		}
		dst = append(dst, r)
	}
	return dst
}

// replacesControls reports bytes that are control characters elsewhere and letters in this charset.
func (c *codec) replacesControls(b []byte) bool {
	if c.table == nil {
		return false
	}
	for _, x := range b {
		if x < 0x20 && c.table[x] != rune(x) {
			return true
		}
	}
	return false
}

func hasReplacement(s string) bool { return strings.ContainsRune(s, utf8.RuneError) }
