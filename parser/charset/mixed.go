package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// One text may hold lines in two encodings: a gateway appends its notice in UTF-8 to a body in TCVN3, an answer in Unicode quotes a mail
// that was misread before.

// lines cuts b after its line ends and calls f with each.
func lines(b []byte, f func(line []byte)) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		if n == 0 {
			n = len(b)
		}
		f(b[:n])
		b = b[n:]
	}
}

// woven is a text taken apart into the lines that are read together by other rules, and the rest.
type woven struct {
	apart []byte // those lines, each with a line end
	count int
}

// takeApart gathers the lines that pick chooses.
func takeApart(b []byte, pick func(line []byte) bool) woven {
	var w woven
	lines(b, func(line []byte) {
		if pick(line) {
			w.apart = append(append(w.apart, bytes.TrimSuffix(line, []byte("\n"))...), '\n')
			w.count++
		}
	})
	return w
}

// join puts the lines, as text now, back among the others. It reports false when their number changed.
func (w woven) join(b []byte, text string, pick func(line []byte) bool, other func([]byte) string) (string, bool) {
	if strings.Count(text, "\n") != w.count {
		return "", false
	}
	var out strings.Builder
	out.Grow(len(b))
	lines(b, func(line []byte) {
		if !pick(line) {
			out.WriteString(other(line))
			return
		}
		n := strings.IndexByte(text, '\n')
		out.WriteString(text[:n])
		text = text[n+1:]
		if line[len(line)-1] == '\n' {
			out.WriteByte('\n')
		}
	})
	return norm.NFC.String(out.String()), true
}

// unicodeLine says whether a line is UTF-8 with letters that no other charset makes of it by chance.
func unicodeLine(line []byte) bool {
	if !utf8.Valid(line) {
		return false
	}
	for _, r := range string(line) {
		if r > 0x7F && sequenceWeight(r) == weightTriple {
			return true
		}
	}
	return false
}

// readMixed reads 8-bit text some of whose lines are UTF-8. It reports false for all other text.
func readMixed(b []byte, rest func([]byte) Reading) (Reading, bool) {
	pick := func(line []byte) bool { return !unicodeLine(line) }
	w := takeApart(b, pick)
	if len(w.apart) >= len(b) || isASCII(w.apart) || utf8.Valid(w.apart) {
		return Reading{}, false
	}
	r := rest(w.apart)
	if r.Charset == nameUTF8 {
		return Reading{}, false // one text, damaged
	}
	text, ok := w.join(b, r.Text, pick, validUTF8)
	r.Text, r.AsLabelled = text, false
	return r, ok
}

// unwrapLines is unwrap for the lines of a Unicode text that were misread before. It reports false when there are none.
func unwrapLines(b []byte, hint string) (Reading, bool) {
	if !oddLatin(b) {
		return Reading{}, false
	}
	pick := func(line []byte) bool {
		if !oddLatin(line) {
			return false
		}
		_, ok := latinBytes(line)
		return ok
	}
	w := takeApart(b, pick)
	if w.count == 0 {
		return Reading{}, false
	}
	r := unwrap(w.apart, hint)
	if r.AsLabelled {
		return Reading{}, false
	}
	text, ok := w.join(b, r.Text, pick, func(line []byte) string { return string(line) })
	r.Text = text
	return r, ok
}

// oddLatin says whether UTF-8 holds signs or letters of Latin-1 that Vietnamese has no use for and misread text is full of.
func oddLatin(b []byte) bool {
	for i, c := range b {
		if c != 0xC2 && c != 0xC3 || i+1 == len(b) {
			continue
		}
		r, _ := utf8.DecodeRune(b[i:])
		if r != 0xA0 && r != utf8.RuneError && letterOf(r).base == 0 {
			return true
		}
	}
	return false
}
