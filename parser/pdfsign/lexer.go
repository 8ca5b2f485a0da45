package pdfsign

import (
	"errors"
	"strconv"
)

var (
	errSyntax = errors.New("not what stands in a PDF file")
	errLarge  = errors.New("larger than Limits")
)

const maxValues = 16384 // in one object

// lexer reads values (ISO 32000-2, 7.2 and 7.3).
type lexer struct {
	w        *window
	pos      int64
	left     int // bytes that may still be read
	contents int // digits of Contents that may still be read besides
	values   int
	depth    int
}

func (l *lexer) peek() int { return l.w.at(l.pos) }

// take gives the next byte, -1 at the end and when too much was read.
func (l *lexer) take() int {
	if l.left <= 0 {
		return -1
	}
	c := l.w.at(l.pos)
	if c >= 0 {
		l.pos++
		l.left--
	}
	return c
}

// bad says why no value could be read.
func (l *lexer) bad() error {
	if l.left <= 0 {
		return errLarge
	}
	return errSyntax
}

func isSpace(c int) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c int) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isDigit(c int) bool { return c >= '0' && c <= '9' }

func isRegular(c int) bool { return c >= 0 && !isSpace(c) && !isDelimiter(c) }

// space goes past blanks and comments.
func (l *lexer) space() {
	for {
		switch c := l.peek(); {
		case isSpace(c):
			if l.take() < 0 {
				return
			}
		case c == '%':
			for c >= 0 && c != '\r' && c != '\n' {
				c = l.take()
			}
			if c < 0 {
				return
			}
		default:
			return
		}
	}
}

// word takes a keyword if it stands here.
func (l *lexer) word(s string) bool {
	l.space()
	if !l.w.holds(l.pos, s) || isRegular(l.w.at(l.pos+int64(len(s)))) {
		return false
	}
	l.pos += int64(len(s))
	l.left -= len(s)
	return true
}

// value reads the value that comes next.
func (l *lexer) value(depth int) (value, error) {
	l.space()
	l.values++
	if depth > l.depth || l.values > maxValues {
		return value{}, errLarge
	}
	v := value{at: l.pos}
	var err error
	switch c := l.peek(); {
	case c == '<' && l.w.at(l.pos+1) == '<':
		err = l.dict(&v, depth)
	case c == '<':
		err = l.hexed(&v, &l.left)
	case c == '(':
		err = l.literal(&v)
	case c == '/':
		l.name(&v)
	case c == '[':
		err = l.array(&v, depth)
	case isDigit(c) || c == '+' || c == '-' || c == '.':
		err = l.number(&v)
	case l.word("null"):
	case l.word("true"):
		v.kind, v.n = boolean, 1
	case l.word("false"):
		v.kind = boolean
	default:
		err = l.bad()
	}
	v.end = l.pos
	return v, err
}

func (l *lexer) array(v *value, depth int) error {
	v.kind = array
	l.take()
	for {
		l.space()
		if l.peek() == ']' {
			l.take()
			return nil
		}
		e, err := l.value(depth + 1)
		if err != nil {
			return err
		}
		v.list = append(v.list, e)
	}
}

func (l *lexer) dict(v *value, depth int) error {
	v.kind = dict
	l.take()
	l.take()
	seen := map[string]bool{}
	for {
		l.space()
		if l.w.holds(l.pos, ">>") {
			l.take()
			l.take()
			return nil
		}
		if l.peek() != '/' {
			return l.bad()
		}
		var key value
		l.name(&key)
		l.space()
		e := value{at: l.pos}
		var err error
		if key.s == "Contents" && l.peek() == '<' && l.w.at(l.pos+1) != '<' {
			err = l.hexed(&e, &l.contents)
			e.end = l.pos
		} else {
			e, err = l.value(depth + 1)
		}
		if err != nil {
			return err
		}
		v.twice = v.twice || seen[key.s]
		seen[key.s] = true
		v.keys, v.list = append(v.keys, key.s), append(v.list, e)
	}
}

// name reads a name, with its #xx undone (7.3.5).
func (l *lexer) name(v *value) {
	v.kind = name
	l.take()
	var out []byte
	for isRegular(l.peek()) {
		c := l.take()
		if c < 0 {
			break
		}
		if hi, lo := digit(l.w.at(l.pos)), digit(l.w.at(l.pos+1)); c == '#' && hi >= 0 && lo >= 0 {
			l.take()
			l.take()
			c = hi<<4 | lo
		}
		out = append(out, byte(c))
	}
	v.s = string(out)
}

// digit gives the value of a hexadecimal digit, -1 for anything else.
func digit(c int) int {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return -1
}

// hexed reads a hexadecimal string (7.3.4.3), whose bytes are taken from left.
func (l *lexer) hexed(v *value, left *int) error {
	v.kind, v.plain = hexed, true
	l.pos++
	var out []byte
	half := -1
	for {
		c := l.w.at(l.pos)
		if *left <= 0 {
			return errLarge
		}
		*left--
		l.pos++
		d := digit(c)
		switch {
		case c == '>':
			if half >= 0 {
				v.plain, out = false, append(out, byte(half<<4))
			}
			v.s = string(out)
			return nil
		case d < 0 && !isSpace(c):
			return errSyntax
		case d < 0:
			v.plain = false
		case half < 0:
			half = d
		default:
			out, half = append(out, byte(half<<4|d)), -1
		}
	}
}

// number reads a number, or a reference when two more words follow that make one.
func (l *lexer) number(v *value) error {
	v.kind = integer
	var out []byte
	for c := l.peek(); isDigit(c) || c == '+' || c == '-' || c == '.'; c = l.peek() {
		if l.take() < 0 {
			return errLarge
		}
		out = append(out, byte(c))
	}
	v.s = string(out)
	n, err := strconv.ParseInt(v.s, 10, 64)
	if err != nil {
		v.kind = real // or nothing at all: whoever needs a number asks for an integer
		return nil
	}
	v.n, v.s = n, ""
	if n < 0 || out[0] == '+' {
		return nil
	}
	if gen, end := l.reference(); end > 0 {
		v.kind, v.gen = ref, gen
		l.left -= int(end - l.pos)
		l.pos = end
	}
	return nil
}

// reference looks for the generation and the R of a reference; end is 0 when they do not follow.
func (l *lexer) reference() (gen, end int64) {
	at := l.pos
	for isSpace(l.w.at(at)) && at-l.pos < 16 {
		at++
	}
	first := at
	for isDigit(l.w.at(at)) && at-first < 5 {
		gen = gen*10 + int64(l.w.at(at)-'0')
		at++
	}
	blank := at
	for isSpace(l.w.at(at)) && at-blank < 16 {
		at++
	}
	if first == l.pos || blank == first || at == blank || l.w.at(at) != 'R' || isRegular(l.w.at(at+1)) {
		return 0, 0
	}
	return gen, at + 1
}
