package edxml

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrNoPackage says that a gateway's reply holds no package: it tells of a failure, or is none of its replies.
var ErrNoPackage = errors.New("reply holds no package")

// Peel takes off what gateways put around a package that is fetched: a JSON reply with the package in base64 as its "data" (VXP getEdoc),
// a JSON string, or base64 alone. A package that stands for itself is given as it is. Nothing is held in memory. Reading what it gives ends
// with an error when the base64 or the reply is broken or cut off.
func Peel(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 32<<10)
	if err := skipBlanks(in); err != nil {
		if errors.Is(err, io.EOF) {
			return in, nil // empty, which Decode says
		}
		return nil, fmt.Errorf("look at package: %w", err)
	}
	first, _ := in.Peek(1)
	switch {
	case first[0] == '{':
		if err := toData(in); err != nil {
			return nil, fmt.Errorf("look for package in reply: %w", err)
		}
		return base64.NewDecoder(base64.StdEncoding, &jsonText{in: in}), nil
	case first[0] == '"':
		if _, err := in.Discard(1); err != nil {
			return nil, fmt.Errorf("look at package: %w", err)
		}
		return base64.NewDecoder(base64.StdEncoding, &jsonText{in: in}), nil
	case allBase64(in):
		return base64.NewDecoder(base64.StdEncoding, &jsonText{in: in, bare: true}), nil
	}
	return in, nil
}

// skipBlanks passes over blanks and a byte order mark.
func skipBlanks(in *bufio.Reader) error {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return err
		}
		if c > ' ' && strings.IndexByte(byteMark, c) < 0 {
			return in.UnreadByte()
		}
	}
}

// allBase64 says whether what begins here is base64. UTF-16 and stray bytes before the XML are not.
func allBase64(in *bufio.Reader) bool {
	ahead, _ := in.Peek(headLength) // fewer at the end
	for _, c := range ahead {
		if sextets[c] == noSextet && c != '=' && c != '\r' && c != '\n' {
			return false
		}
	}
	return len(ahead) >= 4
}

// maxBefore is how many bytes of a reply may stand before its data.
const maxBefore = 1 << 20

// toData reads a JSON object up to the first byte of its string "data".
func toData(in *bufio.Reader) error {
	s := jsonScan{in: in, left: maxBefore}
	s.want('{')
	for s.err == nil {
		key := s.text()
		s.want(':')
		if c := s.peek(); key == "data" && c == '"' {
			s.want('"')
			return s.err
		}
		s.skip()
		if s.peek() != ',' {
			return ErrNoPackage
		}
		s.want(',')
	}
	return s.err
}

// jsonScan reads what stands before the data of a reply.
type jsonScan struct {
	in   *bufio.Reader
	left int
	err  error
}

func (s *jsonScan) next() byte {
	if s.err != nil {
		return 0
	}
	if s.left--; s.left < 0 {
		s.err = ErrNoPackage
		return 0
	}
	c, err := s.in.ReadByte()
	if err != nil {
		if s.err = err; errors.Is(err, io.EOF) {
			s.err = ErrNoPackage
		}
		return 0
	}
	return c
}

// peek gives the next byte that is no blank.
func (s *jsonScan) peek() byte {
	for s.err == nil {
		c := s.next()
		if s.err != nil {
			break
		}
		if c > ' ' {
			s.left++
			if s.err = s.in.UnreadByte(); s.err == nil {
				return c
			}
		}
	}
	return 0
}

func (s *jsonScan) want(c byte) {
	if s.peek() != c && s.err == nil {
		s.err = ErrNoPackage
	}
	s.next()
}

// text reads a string. What is escaped in it is no key that is looked for.
func (s *jsonScan) text() string {
	s.want('"')
	var b strings.Builder
	for s.err == nil {
		c := s.next()
		if c == '"' {
			return b.String()
		}
		if b.WriteByte(c); c == '\\' {
			b.WriteByte(s.next())
		}
	}
	return ""
}

// skip passes over a value.
func (s *jsonScan) skip() {
	depth := 0
	for s.err == nil {
		switch c := s.peek(); c {
		case '"':
			s.text()
		case '{', '[':
			s.next()
			depth++
		case '}', ']':
			if depth == 0 {
				return
			}
			s.next()
			depth--
		case ',':
			if depth == 0 {
				return
			}
			s.next()
		default:
			s.next()
			continue
		}
		if c := s.peek(); depth == 0 && (c == ',' || c == '}') {
			return
		}
	}
}

// jsonText gives the text of a JSON string up to its closing quote, or to the end of all when bare, without blanks.
type jsonText struct {
	in   *bufio.Reader
	bare bool
	done bool
}

// Read obeys io.Reader.
func (j *jsonText) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && !j.done {
		c, err := j.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && j.bare:
			j.done = true
			continue
		case errors.Is(err, io.EOF):
			return n, io.ErrUnexpectedEOF
		case err != nil:
			return n, err
		case c == '"' && !j.bare:
			j.done = true
			continue
		case c == '\\' && !j.bare:
			if c, err = j.escape(); err != nil {
				return n, err
			}
		}
		if c > ' ' {
			p[n] = c
			n++
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// escape reads what follows a backslash (RFC 8259, 7). Base64 needs but few of them.
func (j *jsonText) escape() (byte, error) {
	c, err := j.in.ReadByte()
	if err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	switch c {
	case 'n', 'r', 't', 'b', 'f':
		return ' ', nil
	case 'u':
		var digits [4]byte
		if _, err := io.ReadFull(j.in, digits[:]); err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		n, err := strconv.ParseUint(string(digits[:]), 16, 16)
		if err != nil || n > 0x7f {
			return '!', nil // no base64, which its decoder says
		}
		return byte(n), nil
	}
	return c, nil
}
