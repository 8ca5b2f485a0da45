package sidecar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// maxXML is how much XML is read, in bytes of UTF-8 without the contents of attached files.
	maxXML = 4 << 20
	// maxRun is how long a piece of text may be, in bytes; the rest of it is passed over. Only attached files are longer.
	maxRun = 64 << 10
	// maxScan is how much of a file is looked at for the markup behind attached files.
	maxScan = 512 << 20
	// maxDepth of nested elements; edXML has 9.
	maxDepth = 64
)

// source gives the XML of a file as UTF-8, whatever its declaration says: without what stands before the first <, without control characters,
// and with the contents of attached files cut short.
type source struct {
	in       *bufio.Reader
	scanned  *counter
	begun    bool
	inked    bool // something else than blanks and NUL was seen
	kept     int
	run      int
	cut      bool   // text was passed over
	full     bool   // maxXML was reached
	encoding string // utf-8, utf-16le, utf-16be, windows-1258
}

// counter remembers how the reader below failed: a decoder above hides it from the XML reader.
type counter struct {
	r   io.Reader
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

func newSource(r io.ReaderAt, size int64) (*source, error) {
	sample := make([]byte, min(size, 4<<10))
	n, err := r.ReadAt(sample, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("first bytes: %w", err)
	}
	s := &source{scanned: &counter{r: io.NewSectionReader(r, 0, min(size, maxScan))}}
	var e encoding.Encoding
	s.encoding, e = EncodingOf(sample[:n])
	s.in = bufio.NewReaderSize(transform.NewReader(s.scanned, e.NewDecoder()), 8<<10)
	return s, nil
}

// EncodingOf tells the encoding by the bytes themselves. Declarations are wrong too often: programs write "utf-16" over UTF-8 because that is
// what their strings were in, and the other way round.
func EncodingOf(b []byte) (string, encoding.Encoding) {
	even, odd := 0, 0
	for i, c := range b {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")), odd*4 > len(b) && odd > even:
		return "utf-16le", little
	case bytes.HasPrefix(b, []byte("\xfe\xff")), even*4 > len(b) && even > odd:
		return "utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	good, bad := 0, 0
	for len(b) >= utf8.UTFMax {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	if bad > good {
		return "windows-1258", charmap.Windows1258
	}
	return "utf-8", unicode.UTF8
}

// byteMark is the byte order mark in UTF-8.
const byteMark = "\xef\xbb\xbf"

// ReadByte gives the next byte of the XML.
func (s *source) ReadByte() (byte, error) {
	for {
		if s.kept >= maxXML {
			s.full = true
			return 0, io.EOF
		}
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		s.inked = s.inked || c > ' ' && strings.IndexByte(byteMark, c) < 0
		switch {
		case !s.begun && c != '<':
			continue
		case c == '<' || c == '>':
			s.begun, s.run = true, 0
		case s.run >= maxRun && c&0xc0 != 0x80: // never within a letter
			s.cut = true
			if err := s.toMarkup(); err != nil {
				return 0, err
			}
			c, s.run = '<', 0
		default:
			s.run++
		}
		s.kept++
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			c = ' '
		}
		return c, nil
	}
}

// toMarkup passes over text, up to and with the next <.
func (s *source) toMarkup() error {
	for {
		if _, err := s.in.ReadSlice('<'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// Read serves the XML reader's interface, which then uses ReadByte.
func (s *source) Read(p []byte) (int, error) {
	for i := range p {
		c, err := s.ReadByte()
		if err != nil {
			return i, err
		}
		p[i] = c
	}
	return len(p), nil
}
