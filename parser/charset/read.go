// Package charset turns bytes in the encodings that mail and documents use into clean NFC UTF-8, and tells the encoding of Vietnamese text
// whose label is missing or wrong.
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"
)

// Reading is a text and how it was read.
type Reading struct {
	Text string // NFC, valid UTF-8
	// Charset is what it was read as: an IANA or WHATWG name where there is one; "tcvn3 in utf-8" when bytes of the one had been taken
	// for Latin-1 and written as the other before they came here; "utf-8 twice" when that happened to UTF-8.
	Charset    string
	Confidence float64 // 0 to 1
	// AsLabelled says that the label could be obeyed: it is known, or there is none and the text is UTF-8, and the bytes fit it.
	AsLabelled bool
}

// Guessed says whether the text was read as something else than its label by its letters.
func (r Reading) Guessed() bool { return !r.AsLabelled && r.Confidence < 1 }

// Decode is Read for who needs no reasons: the text, and whether the label could be obeyed.
func Decode(label string, b []byte) (string, bool) {
	r := Read(label, b, "")
	return r.Text, r.AsLabelled
}

// Read reads b by the label of its sender. Labels that programs write without looking (none, ASCII, UTF-8, Latin-1, those of ZIP archives)
// and those of Vietnamese charsets are held against the letters that come out, and overruled when another reading is much likelier. hint
// is the charset that other text of the same message was read in, "" when unknown.
func Read(label string, b []byte, hint string) Reading {
	l := normalLabel(label)
	hint = hintName(hint)
	if isASCII(b) && !stateful(l) && !wide(l) {
		if r, ok := readASCII(l, b, hint); ok {
			return r
		}
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) && utf8.Valid(b):
		return readUnicode(l == nameUTF8 || unlabelled(l), b[3:], hint)
	case l == "utf-7":
		s, ok := decodeUTF7(b)
		return fixed(s, l, ok)
	case wide(l):
		if !wideByMark(b) && bytes.IndexByte(b, 0) < 0 && utf8.Valid(b) {
			return readUnicode(false, b, hint) // a label of the wrong text
		}
		s, ok := decodeUTF16(l, b)
		return fixed(s, l, ok)
	case l == nameVIQR && isASCII(b):
		return Reading{decodeVIQR(b), nameVIQR, 1, true}
	}
	if bytes.IndexByte(b, 0) >= 0 {
		if r, ok := readWide(l, b); ok {
			return r
		}
	}
	e := lookup(l)
	switch {
	case l == nameUTF8, unlabelled(l), codecNamed(l) != nil, l == nameVIQR:
		return readByLetters(l, nil, b, hint)
	case e == nil:
		r := readByLetters("", nil, b, hint)
		r.AsLabelled = false
		return r
	case latin(l, e):
		return readByLetters(l, e, b, hint)
	case oneByte(l) && utf8.Valid(b):
		return readUnicode(false, b, hint)
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		r := readByLetters("", nil, b, hint)
		r.AsLabelled = false
		return r
	}
	text := validUTF8(s)
	if hasReplacement(text) { // the label of another language: its letters may say more
		if r := readByLetters("", nil, b, hint); r.Charset != nameUTF8 && r.Confidence > 1-doubt {
			r.AsLabelled = false
			return r
		}
	}
	return fixed(text, l, !hasReplacement(text))
}

// readForeign reads text without a label by the charset of the rest of the message, where that is neither Latin nor Vietnamese and the
// bytes fit it.
func readForeign(own, hint string, b []byte) (Reading, bool) {
	e := lookup(hint)
	if own != "" || e == nil || latin(hint, e) || codecNamed(hint) != nil || hint == nameUTF8 || wide(hint) {
		return Reading{}, false
	}
	s, err := e.NewDecoder().Bytes(b)
	if err != nil || hasReplacement(string(s)) {
		return Reading{}, false
	}
	r := fixed(string(s), hint, true)
	r.AsLabelled = false
	return r, true
}

// fixed is a reading that its label decided.
func fixed(s, name string, ok bool) Reading {
	r := Reading{norm.NFC.String(s), name, 1, ok}
	if !ok {
		r.Confidence = 0.5
	}
	return r
}

// hintName takes off how the text of a hint had come.
func hintName(hint string) string {
	return normalLabel(strings.TrimSuffix(hint, wrapped))
}

// readASCII reads ASCII, which nearly all labels leave as it is.
func readASCII(l string, b []byte, hint string) (Reading, bool) {
	switch {
	case l == nameVIQR:
		return Reading{}, false
	case guessable(l) && bytes.Contains(b, []byte("\x1B$")): // Japanese as its older programs write it, raw (RFC 1468)
		if s, err := japanese.ISO2022JP.NewDecoder().Bytes(b); err == nil && !hasReplacement(string(s)) {
			return Reading{norm.NFC.String(string(s)), "iso-2022-jp", 0.99, false}, true
		}
	case bytes.IndexByte(b, 0) >= 0:
		if name, ok := wideByNUL(b); ok {
			s, _ := decodeUTF16(name, b)
			return Reading{s, name, 0.99, false}, true
		}
	case bytes.IndexByte(b, '^') >= 0 && guessable(l) && surelyVIQR(b):
		return Reading{decodeVIQR(b), nameVIQR, 0.99, false}, true
	}
	for _, name := range []string{l, hint} {
		if c := codecNamed(name); c != nil && c.replacesControls(b) {
			return Reading{}, false
		}
	}
	return Reading{string(b), nameASCII, 1, true}, true
}

// guessable says whether the label is one that is written without looking.
func guessable(l string) bool {
	return l == "" || l == nameUTF8 || unlabelled(l) || latin(l, lookup(l))
}

// readWide reads UTF-16 that nothing announced.
func readWide(l string, b []byte) (Reading, bool) {
	name, ok := wideByNUL(b)
	if wideByMark(b) {
		name, ok = "utf-16", true
	}
	if !ok {
		return Reading{}, false
	}
	s, whole := decodeUTF16(name, b)
	if !whole {
		return Reading{}, false
	}
	return Reading{s, name, 0.99, false}, true
}

// readUnicode reads valid UTF-8; labelled says that the label allows it.
func readUnicode(labelled bool, b []byte, hint string) Reading {
	r := unwrap(b, hint)
	if r.Charset == nameUTF8 && labelled {
		return r
	}
	r.AsLabelled = false
	return r
}

// readByLetters reads 8-bit text whose label is not trusted; e is the decoder of a Latin label.
func readByLetters(l string, e encoding.Encoding, b []byte, hint string) Reading {
	c := codecNamed(l)
	if utf8.Valid(b) && !isASCII(b) {
		return readUnicode(e == nil && c == nil && l != nameVIQR, b, hint)
	}
	if r, ok := readMixed(b, func(rest []byte) Reading { return readByLetters(l, e, rest, hint) }); ok {
		return r
	}
	own, table := "", windows1252
	switch {
	case c != nil:
		own = c.name
	case l == nameUTF8:
		own = nameUTF8
	case e != nil:
		own = name1252
		if m, ok := e.(*charmap.Charmap); ok && m != charmap.Windows1252 {
			table = latin1Controls(tableOfCharmap(m))
		}
	}
	var d detector
	d.take(b)
	d.weigh(table, own, hint)
	d.weighUTF8(b, own)
	foreign, inForeign := readForeign(own, hint, b)
	if inForeign {
		d.weighForeign(hint)
	}
	name, confidence := d.best(own, doubt)
	if inForeign && name == hint {
		foreign.Confidence = confidence
		return foreign
	}
	if name == nameTCVN3 && tcvnCapitals(b) {
		name = nameTCVN
	}
	r := Reading{Charset: name, Confidence: confidence, AsLabelled: name == own}
	switch {
	case name == nameUTF8:
		r.Text = validUTF8(b)
		r.AsLabelled = false
	case name == name1252:
		if e != nil {
			r.Charset = l
		}
		r.Text = (&codec{table: table}).decode(b)
	default:
		r.Text = codecNamed(name).decode(b)
	}
	if own == nameTCVN && name == nameTCVN3 || own == nameTCVN3 && name == nameTCVN {
		r.AsLabelled = true // the labels of the standard and of its fonts are used for each other
	}
	if hasReplacement(r.Text) {
		r.AsLabelled = false
	}
	return r
}
