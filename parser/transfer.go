package parser

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// transfer undoes a Content-Transfer-Encoding (RFC 2045, 6) on a stream: write takes the next bytes of the body as they come, close what
// is still held back. Nothing in the body can make it fail; damaged says that bytes had to be dropped or guessed.
type transfer interface {
	write(p []byte, out func([]byte))
	close(out func([]byte))
	damaged() bool
}

// encoding is the encoding as declared, with the names that mailers invented.
type encoding int

const (
	identity encoding = iota
	quotedPrintable
	base64Encoding
	uuEncoding
)

func encodingOf(field string) (encoding, bool) {
	f := strings.ToLower(strings.Trim(strings.TrimSpace(stripComments(field)), `"';`))
	switch f {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "7 bit", "8 bit":
		return identity, true
	case "quoted-printable", "quoted printable", "quotedprintable", "qp":
		return quotedPrintable, true
	case "base64", "base-64", "b64":
		return base64Encoding, true
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return uuEncoding, true
	}
	return identity, false
}

// quantum collects base64 digits into groups of four.
type quantum struct {
	bits uint32
	n    int
}

// add takes one character; it reports padding. Characters outside the alphabet are left out.
func (q *quantum) add(dst []byte, c byte) ([]byte, bool) {
	if c == '=' {
		dst = q.end(dst)
		return dst, true
	}
	v := base64Value(c)
	if v < 0 {
		return dst, false
	}
	q.bits = q.bits<<6 | uint32(v)
	if q.n++; q.n == 4 {
		dst = append(dst, byte(q.bits>>16), byte(q.bits>>8), byte(q.bits))
		*q = quantum{}
	}
	return dst, false
}

// end gives the bytes of an unfinished group.
func (q *quantum) end(dst []byte) []byte {
	switch q.n {
	case 2:
		dst = append(dst, byte(q.bits>>4))
	case 3:
		dst = append(dst, byte(q.bits>>10), byte(q.bits>>2))
	}
	*q = quantum{}
	return dst
}

// base64Value is the value of a digit (RFC 4648, 4), -1 for anything else.
func base64Value(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// base64Stream decodes line by line. Lines are gathered without their ends and decoded together by encoding/base64; a chunk that it
// refuses, and all that follows, goes character by character.
type base64Stream struct {
	digits, bytes []byte // scratch of fixed capacity
	ends          []int  // where the lines in digits end: only with them can a footer be told from base64
	q             quantum
	slow          bool
	padded        bool // padding was seen: what follows is base64 again, or a footer
	resumed       bool // base64 followed padding
	short         bool // the last group was not whole
	bad           bool
}

// base64Chunk is how many digits are decoded at once: a multiple of 4.
const base64Chunk = 32 << 10

func newBase64Stream() *base64Stream {
	return &base64Stream{digits: make([]byte, 0, base64Chunk), bytes: make([]byte, 0, base64Chunk), ends: make([]int, 0, base64Chunk/64)}
}

func (d *base64Stream) reset() {
	*d = base64Stream{digits: d.digits[:0], bytes: d.bytes[:0], ends: d.ends[:0]}
}

func (d *base64Stream) write(p []byte, out func([]byte)) {
	for len(p) > 0 {
		n := bytes.IndexByte(p, '\n')
		line := p
		if n >= 0 {
			line, p = p[:n], p[n+1:]
		} else {
			p = nil
		}
		for i := bytes.IndexByte(line, '\r'); i >= 0; i = bytes.IndexByte(line, '\r') { // one before the LF as a rule
			d.gather(line[:i], out)
			line = line[i+1:]
		}
		d.gather(line, out)
		if n >= 0 && len(d.digits) > 0 && (len(d.ends) == 0 || d.ends[len(d.ends)-1] < len(d.digits)) {
			d.ends = append(d.ends, len(d.digits))
		}
	}
}

// gather adds a piece of a line.
func (d *base64Stream) gather(line []byte, out func([]byte)) {
	for len(line) > 0 {
		k := min(len(line), base64Chunk-len(d.digits))
		d.digits = append(d.digits, line[:k]...)
		if line = line[k:]; len(d.digits) == base64Chunk {
			d.decode(out)
		}
	}
}

// decode empties the scratch but for an unfinished group.
func (d *base64Stream) decode(out func([]byte)) {
	if !d.slow {
		whole := len(d.digits) &^ 3
		b := d.bytes[:base64Chunk/4*3]
		if n, err := base64.StdEncoding.Decode(b, d.digits[:whole]); err == nil {
			out(b[:n])
			if whole > 0 && d.digits[whole-1] == '=' {
				d.slow, d.padded = true, true
			}
			d.digits = append(d.digits[:0], d.digits[whole:]...)
			d.ends = d.ends[:0]
			return
		}
		d.slow = true
	}
	b, from := d.bytes[:0], 0
	for _, end := range append(d.ends, len(d.digits)) {
		b = d.line(b, bytes.TrimSpace(d.digits[from:end]))
		from = end
	}
	d.digits, d.ends = d.digits[:0], d.ends[:0]
	out(b)
}

// line takes one line on the slow road. After the padding only a line of nothing but base64 counts: the rest is what mailing lists and
// scanners append.
func (d *base64Stream) line(b, line []byte) []byte {
	d.padded = d.padded || prose(line)
	if d.padded && !onlyBase64(line) {
		d.bad = d.bad || len(line) > 0
		return b
	}
	for _, c := range line {
		var pad bool
		d.resumed = d.resumed || d.padded && base64Value(c) >= 0
		b, pad = d.q.add(b, c)
		d.padded = d.padded || pad
		d.bad = d.bad || !pad && base64Value(c) < 0 && c != ' ' && c != '\t' && c != '\r'
	}
	return b
}

// prose reports a line that somebody appended: words with blanks between them that make no whole groups or hold other characters, or a
// rule of "____".
func prose(line []byte) bool {
	if len(line) > 3 && base64Value(line[0]) < 0 && len(bytes.Trim(line, string(line[:1]))) == 0 && line[0] != '=' {
		return true
	}
	if bytes.IndexByte(line, ' ') < 0 {
		return false
	}
	joined := bytes.ReplaceAll(line, []byte{' '}, nil)
	return len(joined)%4 != 0 || !onlyBase64(joined)
}

func onlyBase64(line []byte) bool {
	for _, c := range line {
		if c != '=' && base64Value(c) < 0 {
			return false
		}
	}
	return true
}

func (d *base64Stream) close(out func([]byte)) {
	d.decode(out)
	d.slow = true
	d.decode(out) // what is left of a group
	d.short = d.q.n > 0
	out(d.q.end(d.bytes[:0]))
}

func (d *base64Stream) damaged() bool { return d.bad }
