package extract

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// sink gathers readable text up to a number of runes: a paragraph a line, cells of a table row separated by a tab.
type sink struct {
	b    []byte
	left int // runes that may still be kept
}

func (s *sink) put(p []byte) {
	n := utf8.RuneCount(p)
	if n > s.left {
		p, n = firstRunes(p, s.left), s.left
	}
	if len(p) == 0 {
		return
	}
	s.left -= n
	s.b = append(s.b, p...)
}

func (s *sink) puts(t string) {
	if utf8.RuneCountInString(t) > s.left {
		s.put([]byte(t))
		return
	}
	s.left -= utf8.RuneCountInString(t)
	s.b = append(s.b, t...)
}

func firstRunes(p []byte, n int) []byte {
	i := 0
	for ; n > 0; n-- {
		_, size := utf8.DecodeRune(p[i:])
		i += size
	}
	return p[:i]
}

// mark writes a separator.
func (s *sink) mark(c byte) {
	if s.left > 0 {
		s.left--
		s.b = append(s.b, c)
	}
}

// cell makes the line end after a cell's last paragraph a tab.
func (s *sink) cell() {
	if n := len(s.b); n > 0 && s.b[n-1] == '\n' {
		s.b[n-1] = '\t'
	}
}

// row makes the tabs after a row's last cells a line end. A row without text leaves nothing.
func (s *sink) row() {
	s.cut(len(bytes.TrimRight(s.b, "\t")))
	s.line()
}

// line ends the line, unless it is empty.
func (s *sink) line() {
	if n := len(s.b); n > 0 && s.b[n-1] != '\n' {
		s.mark('\n')
	}
}

func (s *sink) text() string { return strings.TrimSpace(string(s.b)) }

// cut keeps the first n bytes.
func (s *sink) cut(n int) {
	s.left += utf8.RuneCount(s.b[n:])
	s.b = s.b[:n]
}
