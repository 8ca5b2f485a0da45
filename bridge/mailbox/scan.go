package mailbox

import (
	"bytes"
	"errors"
	"strconv"
	"sync/atomic"
)

// Limits of what a server may send. Nothing that we ask for comes near them, and the library has none of its own: a line of 400 MiB is
// kept in memory, nested parentheses exhaust the stack and end the process.
const (
	maxResponse = 64 << 10 // bytes of one response without message bodies
	maxDepth    = 200      // nested parentheses
	maxOther    = 8 << 20  // bytes of all responses to one command, without message bodies
)

var (
	errLong    = errors.New("server sends a response of more than 64 KiB")
	errDeep    = errors.New("server sends deeply nested parentheses")
	errMuch    = errors.New("server sends more than a command can need")
	errLiteral = errors.New("server sends a literal that nobody asked for")
	errQuoted  = errors.New("server sends a quoted string with a line end")
	errCode    = errors.New("server sends a response code without an end")
)

// scanner follows the syntax of responses (RFC 3501, 9) far enough to know where the library will see a literal, a quoted string and a
// parenthesis. It must never take for a message body what the library takes for something else: hence it refuses line ends in quoted
// strings and in response codes, which the library would read over.
type scanner struct {
	class   class
	star    bool   // the response is untagged
	token   []byte // the word at its beginning, until its class is known
	size    int    // bytes of the response so far
	depth   int
	quoted  bool
	escaped bool
	before  int    // of a status response: blanks before the place of a response code
	code    code   // of a status response
	tail    []byte // the last bytes of the line
	literal int64  // bytes of the literal that are still to come
	body    bool   // it is a message body

	bodies atomic.Int64 // bytes of message bodies that may still come
	other  atomic.Int64 // bytes of everything else that may still come
}

type class int

const (
	unknown class = iota
	status        // tagged, OK, NO, BAD, BYE, PREAUTH, continuation: ends with text
	data
)

type code int

const (
	noCode code = iota
	mayBegin
	inCode
)

const tailSize = 48

// feed looks at the next bytes. After an error the connection must not be used.
func (s *scanner) feed(p []byte) error {
	for len(p) > 0 {
		if s.literal > 0 {
			n := int(min(s.literal, int64(len(p))))
			s.literal -= int64(n)
			if !s.body {
				s.size += n
				if err := s.count(n); err != nil {
					return err
				}
			}
			p = p[n:]
			continue
		}
		n := bytes.IndexByte(p, '\n') + 1
		if n == 0 {
			n = len(p)
		}
		if err := s.count(n); err != nil {
			return err
		}
		for _, b := range p[:n] {
			if err := s.step(b); err != nil {
				return err
			}
		}
		p = p[n:]
	}
	return nil
}

func (s *scanner) count(n int) error {
	if s.other.Add(-int64(n)) < 0 {
		return errMuch
	}
	return nil
}

func (s *scanner) step(b byte) error {
	s.size++
	if s.size > maxResponse {
		return errLong
	}
	if s.class == unknown {
		s.classify(b)
	}
	if b == '\n' {
		return s.lineEnd()
	}
	s.keep(b)
	switch s.class {
	case status:
		s.stepStatus(b)
	case data:
		return s.stepData(b)
	}
	return nil
}

func (s *scanner) stepData(b byte) error {
	switch {
	case s.quoted && b == '\r':
		return errQuoted
	case s.escaped:
		s.escaped = false
	case s.quoted && b == '\\':
		s.escaped = true
	case b == '"':
		s.quoted = !s.quoted
	case s.quoted:
	case b == '(':
		s.depth++
		if s.depth > maxDepth {
			return errDeep
		}
	case b == ')':
		s.depth--
	}
	return nil
}

// stepStatus finds out whether a response code is open.
func (s *scanner) stepStatus(b byte) {
	switch {
	case s.before > 0:
		if b == ' ' {
			s.before--
		}
	case s.code == mayBegin && b == '[':
		s.code = inCode
	case s.code == mayBegin, b == ']':
		s.code = noCode
	}
}

// classify reads "*", a number and the type. Everything else at the beginning of a response is a tag or "+".
func (s *scanner) classify(b byte) {
	if b == '*' && !s.star && len(s.token) == 0 {
		s.star = true
		return
	}
	if isAtom(b) && len(s.token) < 16 {
		s.token = append(s.token, b)
		return
	}
	word := string(bytes.ToUpper(s.token))
	s.token = s.token[:0]
	if s.star && b == ' ' && (word == "" || digits(word)) {
		return
	}
	s.class = status
	switch word {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		s.before, s.code = 1, mayBegin
		if !s.star {
			s.before = 2
		}
	case "+":
		if s.star {
			s.class = data
		}
	default:
		if s.star {
			s.class = data
			return
		}
		s.before, s.code = 2, mayBegin // the word is a tag: its own blank, and that after the type
	}
}

func isAtom(b byte) bool {
	switch b {
	case '(', ')', '{', ' ', '%', '*', '"', '\\', ']':
		return false
	}
	return b > 0x1f && b != 0x7f
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (s *scanner) keep(b byte) {
	if len(s.tail) == tailSize {
		copy(s.tail, s.tail[1:])
		s.tail = s.tail[:tailSize-1]
	}
	s.tail = append(s.tail, b)
}

// lineEnd ends the response, or begins a literal.
func (s *scanner) lineEnd() error {
	if s.quoted {
		return errQuoted
	}
	if s.class == status && s.code == inCode {
		return errCode
	}
	if s.class == data {
		if n, body, ok, err := s.announced(); err != nil || ok {
			s.literal, s.body, s.tail = n, body, s.tail[:0]
			return err
		}
	}
	s.class, s.star, s.size, s.depth, s.before, s.code = unknown, false, 0, 0, 0, noCode
	s.tail, s.token = s.tail[:0], s.token[:0]
	return nil
}

// isBody knows what stands before the literals that may be long: a whole message, or the first part of its header block.
func isBody(before []byte) bool {
	for _, section := range []string{"BODY[] ", "BODY[HEADER] ", "BODY[HEADER]<0> "} {
		if bytes.HasSuffix(before, []byte(section)) {
			return true
		}
	}
	return false
}

// announced reads {n} at the end of the line.
func (s *scanner) announced() (n int64, body, ok bool, err error) {
	t := bytes.TrimSuffix(bytes.TrimSuffix(s.tail, []byte("\r")), []byte(" "))
	t, ok = bytes.CutSuffix(t, []byte("}"))
	if !ok {
		return 0, false, false, nil
	}
	i := bytes.LastIndexByte(t, '{')
	if !digits(string(t[i+1:])) {
		return 0, false, false, nil
	}
	if i < 0 {
		return 0, false, false, errLiteral
	}
	n, err = strconv.ParseInt(string(t[i+1:]), 10, 64)
	if err != nil {
		return 0, false, false, errLiteral
	}
	if isBody(bytes.ToUpper(t[:i])) {
		if s.bodies.Add(-n) < 0 {
			return 0, false, false, errLiteral
		}
		return n, true, true, nil
	}
	if n > maxResponse-int64(s.size) {
		return 0, false, false, errLiteral
	}
	return n, false, true, nil
}
