package axis

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxBefore is how many bytes of a reply may stand before the text that is looked for.
const maxBefore = 1 << 20

// errNoText says that a reply ended without the text that was looked for.
var errNoText = errors.New("reply has no such text")

// textIn looks in a JSON object for a text under a path of keys, without holding it, and gives the scalars of the object that stand before
// it, by their lower-case keys. Reading the text fails with io.ErrUnexpectedEOF when the reply ends within.
func textIn(in *bufio.Reader, path ...string) (io.Reader, map[string]string, error) {
	s := &finder{in: in, left: maxBefore, seen: map[string]string{}}
	found := s.object(path)
	switch {
	case s.err != nil:
		return nil, s.seen, s.err
	case !found:
		return nil, s.seen, errNoText
	}
	return &jsonText{in: in}, s.seen, nil
}

// finder reads what stands before a text.
type finder struct {
	in   *bufio.Reader
	left int
	seen map[string]string
	err  error
}

// object goes through an object and reports whether the text was found: then its opening quote is the last that was read.
func (f *finder) object(path []string) bool {
	f.want('{')
	for f.peek() != '}' && f.err == nil {
		key := f.text()
		f.want(':')
		c := f.peek()
		switch {
		case strings.EqualFold(key, path[0]) && len(path) == 1 && c == '"':
			f.want('"')
			return f.err == nil
		case strings.EqualFold(key, path[0]) && len(path) > 1 && c == '{':
			if f.object(path[1:]) {
				return true
			}
		default:
			f.value(strings.ToLower(key))
		}
		if f.peek() == ',' {
			f.next()
		} else if f.peek() != '}' {
			f.fail(io.ErrUnexpectedEOF)
		}
	}
	f.want('}')
	return false
}

// value passes over a value and keeps a scalar.
func (f *finder) value(key string) {
	switch f.peek() {
	case '"':
		f.seen[key] = f.text()
	case '{', '[':
		f.skip()
	default:
		var b strings.Builder
		for f.err == nil {
			if c := f.peek(); c == ',' || c == '}' || c == ']' || b.Len() > 100 {
				break
			}
			b.WriteByte(f.next())
		}
		f.seen[key] = b.String()
	}
}

// skip passes over an object or a list.
func (f *finder) skip() {
	depth := 0
	for f.err == nil {
		switch f.peek() {
		case '"':
			f.text()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		f.next()
		if depth == 0 {
			return
		}
	}
}

func (f *finder) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *finder) next() byte {
	if f.err != nil {
		return 0
	}
	if f.left--; f.left < 0 {
		f.fail(errNoText)
		return 0
	}
	c, err := f.in.ReadByte()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		f.fail(err)
		return 0
	}
	return c
}

// peek gives the next byte that is no blank.
func (f *finder) peek() byte {
	for f.err == nil {
		if c := f.next(); c > ' ' {
			f.left++
			if err := f.in.UnreadByte(); err != nil {
				f.fail(err)
			}
			return c
		}
	}
	return 0
}

func (f *finder) want(c byte) {
	if f.peek() != c {
		f.fail(io.ErrUnexpectedEOF)
	}
	f.next()
}

// text reads a short text. One that is longer than a code or a message is cut; more than maxBefore is no reply.
func (f *finder) text() string {
	f.want('"')
	if f.err != nil {
		return ""
	}
	raw, err := io.ReadAll(io.LimitReader(&jsonText{in: f.in}, int64(f.left)))
	if f.left -= len(raw); err != nil {
		f.fail(err)
	} else if f.left <= 0 {
		f.fail(errNoText)
	}
	return string(raw)
}

// jsonText gives the text of a JSON string up to its closing quote (RFC 8259, 7).
type jsonText struct {
	in   *bufio.Reader
	rest []byte // of a character that did not fit
	done bool
}

// Read obeys io.Reader.
func (j *jsonText) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(j.rest) > 0 {
			k := copy(p[n:], j.rest)
			j.rest, n = j.rest[k:], n+k
			continue
		}
		if j.done {
			break
		}
		if k := j.run(p[n:]); k > 0 {
			n += k
			continue
		}
		c, err := j.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return n, io.ErrUnexpectedEOF
		case err != nil:
			return n, err
		case c == '"':
			j.done = true
		case c == '\\':
			if err := j.escape(); err != nil {
				return n, err
			}
		default:
			p[n] = c
			n++
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// run copies what is buffered and stands for itself.
func (j *jsonText) run(p []byte) int {
	ahead, _ := j.in.Peek(min(j.in.Buffered(), len(p))) // no more than there is
	n := bytes.IndexByte(ahead, '"')
	if n < 0 {
		n = len(ahead)
	}
	if i := bytes.IndexByte(ahead[:n], '\\'); i >= 0 {
		n = i
	}
	copy(p, ahead[:n])
	n, _ = j.in.Discard(n) // what was buffered
	return n
}

func (j *jsonText) escape() error {
	c, err := j.in.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if i := strings.IndexByte(`bfnrt`, c); i >= 0 {
		j.rest = []byte{"\b\f\n\r\t"[i]}
		return nil
	}
	if c != 'u' {
		j.rest = []byte{c}
		return nil
	}
	r, err := j.unit()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if ahead, _ := j.in.Peek(2); string(ahead) == `\u` { // fewer at the end
			if _, err := j.in.Discard(2); err != nil {
				return err
			}
			low, err := j.unit()
			if err != nil {
				return err
			}
			r = utf16.DecodeRune(r, low)
		}
	}
	j.rest = utf8.AppendRune(nil, r)
	return nil
}

// unit reads four hexadecimal digits.
func (j *jsonText) unit() (rune, error) {
	var digits [4]byte
	if _, err := io.ReadFull(j.in, digits[:]); err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return utf8.RuneError, nil
	}
	return rune(n), nil
}
