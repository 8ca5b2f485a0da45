package parser

import (
	"bytes"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// block is a header block as understood: go-message's header over the fields that could be read, and what was wrong with the lines.
type block struct {
	textproto.Header
	// repaired says that lines were dropped or mended. over says that fields beyond the limit were left out.
	repaired, over bool
	// odd says of each field, from the top, that programs may differ about its name or value.
	odd []bool
	// body is where in the raw block the body already begins, because the empty line is missing; -1 when it does not.
	body int
	headForks
}

// readBlock splits the raw lines of a header block. It never gives up on a line: one that is no field is dropped when fields follow it, and
// begins the body when none do (RFC 5322, 2.2; go-message refuses the whole message for any such line).
func readBlock(raw []byte, maxFields int) block {
	b := block{body: -1}
	var names, values []string
	fields := 0
	for pos := 0; pos < len(raw); {
		start := pos
		line := fieldEnd(raw[pos:])
		pos += line
		text := raw[start:pos]
		colon := fieldColon(text)
		switch {
		case colon > 0:
			name := bytes.TrimRight(dropNUL(text[:colon]), " \t")
			if fields++; fields > maxFields {
				b.over = true
				b.cut(name)
				continue
			}
			names = append(names, string(name))
			values = append(values, unfold(text[colon+1:]))
			b.odd = append(b.odd, len(name) != colon || oddValue(text[colon+1:]))
			b.lines(text, colon)
			b.field(names[len(names)-1], values[len(values)-1], len(name) == colon)
		case fields == 0 && bytes.HasPrefix(text, []byte("From ")) || bytes.HasPrefix(text, []byte(">From ")):
			b.repaired = true // the separator of an mbox file (RFC 4155)
		case len(bytes.TrimSpace(text)) == 0: // an empty line with blanks in it
			b.body = pos
			b.forks |= forkPadded
			pos = len(raw)
		case fieldsFollow(raw[pos:]):
			b.repaired = true
		default:
			b.repaired, b.body = true, start
			pos = len(raw)
		}
	}
	// Header.Add puts a field on top.
	for i := len(names) - 1; i >= 0; i-- {
		b.Add(names[i], values[i])
	}
	return b
}

// oddValue says whether a value holds what is taken out of it, and what others may keep or end it at: control characters, and CR that ends no line.
func oddValue(value []byte) bool {
	for i, c := range value {
		switch {
		case c == '\r' && i+1 < len(value) && value[i+1] == '\n', c == '\n', c == '\t':
		case c < 0x20 || c == 0x7F:
			return true
		}
	}
	return false
}

// fieldEnd is the length of the first line of p and the folded lines after it. A line of nothing but blanks folds only when a folded line or
// a field comes after it; otherwise it is an empty line that a gateway padded.
func fieldEnd(p []byte) int {
	n := lineEnd(p)
	for n < len(p) && (p[n] == ' ' || p[n] == '\t') {
		m := n + lineEnd(p[n:])
		if len(bytes.TrimSpace(p[n:m])) == 0 && m < len(p) && p[m] != ' ' && p[m] != '\t' && fieldColon(p[m:m+lineEnd(p[m:])]) <= 0 {
			return n
		}
		n = m
	}
	return n
}

// lineEnd is the length of the first line of p with its line end.
func lineEnd(p []byte) int {
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		return i + 1
	}
	return len(p)
}

// fieldColon is the index of the colon that ends a field name (RFC 5322, 3.6.8; blanks before the colon are obsolete and still seen), -1
// when the line is no field.
func fieldColon(line []byte) int {
	for i, c := range line {
		switch {
		case c == ':':
			if i == 0 {
				return -1
			}
			return i
		case c == ' ' || c == '\t':
			rest := bytes.TrimLeft(line[i:], " \t")
			if i > 0 && len(rest) > 0 && rest[0] == ':' {
				return len(line) - len(rest)
			}
			return -1
		case c == 0: // written by broken software; dropped with the name
		case c <= 0x20 || c >= 0x7F:
			return -1
		}
	}
	return -1
}

// fieldsFollow says whether the next line is a field with an ordinary name.
func fieldsFollow(p []byte) bool {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[lineEnd(p):]
	}
	line := p[:lineEnd(p)]
	c := fieldColon(line)
	if c <= 0 {
		return false
	}
	for _, x := range bytes.TrimRight(line[:c], " \t") {
		if x != '-' && x != '_' && (x < '0' || x > '9') && (x|0x20 < 'a' || x|0x20 > 'z') {
			return false
		}
	}
	return true
}

func dropNUL(p []byte) []byte {
	if bytes.IndexByte(p, 0) < 0 {
		return p
	}
	return bytes.ReplaceAll(p, []byte{0}, nil)
}

// unfold takes the line ends out of a field's value (RFC 5322, 2.2.3) and the blanks around it.
func unfold(p []byte) string {
	p = bytes.TrimSpace(p)
	if bytes.IndexByte(p, '\n') < 0 && bytes.IndexByte(p, '\r') < 0 {
		return string(p)
	}
	var b strings.Builder
	b.Grow(len(p))
	for _, c := range p {
		if c != '\r' && c != '\n' {
			b.WriteByte(c)
		}
	}
	return b.String()
}
