package edxml

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/transform"

	"github.com/giaolien/giaolien/parser/sidecar"
)

// Limits bound what is read of one package. A zero field means its default.
type Limits struct {
	Package int64 // bytes of the package: 1 GiB
	Markup  int64 // bytes of it that are not contents of files, which are held in memory: 8 MiB
	File    int64 // decoded bytes of one file: 512 MiB
	Files   int   // 500
}

func (l Limits) withDefaults() Limits {
	if l.Package <= 0 {
		l.Package = 1 << 30
	}
	if l.Markup <= 0 {
		l.Markup = 8 << 20
	}
	if l.File <= 0 {
		l.File = 512 << 20
	}
	if l.Files <= 0 {
		l.Files = 500
	}
	return l
}

// source gives the XML of a package as UTF-8, whatever its declaration says, without what stands before the first <. The XML reader takes it
// byte by byte, so that the contents of files can be read from the same place without going through that reader.
type source struct {
	in    *bufio.Reader
	raw   *counter
	begun bool
	inked bool // something else than blanks was seen
	junk  bool // something else than blanks and the byte order mark stood before the first <
	loose bool // an & began no reference
	left  int64
	full  bool // the limit of markup was reached

	last    [3]byte
	literal string // how the comment or CDATA section ends that is being read
}

// counter counts the bytes of the package and remembers how reading failed, which the layers above hide from the XML reader.
type counter struct {
	r    io.Reader
	left int64
	over bool
	err  error
}

func (c *counter) Read(p []byte) (int, error) {
	if c.left == 0 {
		var one [1]byte
		n, err := c.r.Read(one[:])
		if c.over = n > 0; c.over {
			return 0, io.EOF
		}
		return 0, c.keep(err)
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, c.keep(err)
}

func (c *counter) keep(err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return err
}

// sampled is how many bytes tell the encoding.
const sampled = 4 << 10

func newSource(r io.Reader, limits Limits) *source {
	s := &source{raw: &counter{r: r, left: limits.Package}, left: limits.Markup}
	buffered := bufio.NewReaderSize(s.raw, 32<<10)
	sample, _ := buffered.Peek(sampled) // an error comes again with the first read
	_, enc := sidecar.EncodingOf(sample)
	s.in = bufio.NewReaderSize(transform.NewReader(buffered, enc.NewDecoder()), 32<<10)
	return s
}

// byteMark is the byte order mark in UTF-8.
const byteMark = "\xef\xbb\xbf"

// ReadByte gives the next byte of the XML.
func (s *source) ReadByte() (byte, error) {
	for {
		if s.left == 0 {
			s.full = true
			return 0, io.EOF
		}
		c, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		s.left--
		blank := c <= ' ' || strings.IndexByte(byteMark, c) >= 0
		s.inked = s.inked || !blank
		if !s.begun && c != '<' {
			s.junk = s.junk || !blank
			continue
		}
		s.begun = true
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			c = ' '
		}
		s.watch(c)
		return c, nil
	}
}

// watch follows comments and CDATA sections, in which an & is only itself, and notes an & that begins nothing elsewhere.
func (s *source) watch(c byte) {
	s.last = [3]byte{s.last[1], s.last[2], c}
	switch {
	case s.literal != "":
		if string(s.last[:]) == s.literal {
			s.literal = ""
		}
	case c == '<':
		switch {
		case s.next("!--"):
			s.literal = "-->"
		case s.next("![CDATA["):
			s.literal = "]]>"
		}
	case c == '&' && !s.reference():
		s.loose = true
	}
}

// next says whether the bytes that follow are these.
func (s *source) next(text string) bool {
	ahead, _ := s.in.Peek(len(text)) // fewer at the end
	return string(ahead) == text
}

// maxReference is how long a character reference is looked for.
const maxReference = 12

func (s *source) reference() bool {
	ahead, _ := s.in.Peek(maxReference) // fewer at the end
	name, _, ok := bytes.Cut(ahead, []byte(";"))
	if !ok {
		return false
	}
	if bytes.HasPrefix(name, []byte("#")) {
		_, ok = character(string(name[1:]))
		return ok
	}
	switch string(name) {
	case "lt", "gt", "amp", "apos", "quot":
		return true
	}
	return false
}

// selfClosed says whether the tag that was just read is an element of its own: <a/>.
func (s *source) selfClosed() bool { return s.last[1] == '/' && s.last[2] == '>' }

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
