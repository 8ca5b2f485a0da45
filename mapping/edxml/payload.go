package edxml

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// payload decodes the base64 of one file out of the source, up to the markup behind it. Blanks of any kind, also as references, and CDATA are
// passed over. What is wrong with it is told at the end, never by an error: the bytes before it are good.
type payload struct {
	s        *source
	sextets  uint32
	held     int // sextets that make no whole bytes yet
	padded   bool
	literal  bool // in a CDATA section
	done     bool
	damaged  bool
	tooLarge bool
	left     int64 // bytes that may still be given
	size     int64
	head     []byte
	out      []byte // decoded, not yet taken
	store    []byte // under out
}

// headLength is how much of a file tells whether it was destroyed.
const headLength = 64

// chunk is how many encoded bytes are looked at in one go.
const chunk = 4 << 10

// Read gives decoded bytes. Its only error is io.EOF.
func (p *payload) Read(b []byte) (int, error) {
	for len(p.out) == 0 {
		if p.done {
			return 0, io.EOF
		}
		p.fill()
	}
	n := copy(b, p.out)
	p.out = p.out[n:]
	return n, nil
}

// fill decodes what is buffered, up to markup or a reference.
func (p *payload) fill() {
	p.out = p.store[:0]
	if _, err := p.s.in.Peek(1); err != nil {
		p.damaged = true // the package ends within
		p.finish()
	} else {
		p.advance()
	}
	p.store = p.out[:0]
	p.give()
}

func (p *payload) advance() {
	ahead, _ := p.s.in.Peek(min(p.s.in.Buffered(), chunk))
	n := bytes.IndexAny(ahead, "<&]")
	if n < 0 {
		n = len(ahead)
	}
	special := byte(0)
	if n < len(ahead) {
		special = ahead[n]
	}
	p.takeAll(ahead[:n])
	p.discard(n)
	if special != 0 {
		p.special(special)
	}
}

// takeAll takes letters, four at a time while nothing else stands between them.
func (p *payload) takeAll(in []byte) {
	for len(in) > 0 {
		for p.held == 0 && !p.padded && len(in) >= 4 {
			a, b, c, d := sextets[in[0]], sextets[in[1]], sextets[in[2]], sextets[in[3]]
			if (a|b|c|d)&noSextet != 0 {
				break
			}
			v := uint32(a)<<18 | uint32(b)<<12 | uint32(c)<<6 | uint32(d)
			p.out = append(p.out, byte(v>>16), byte(v>>8), byte(v))
			in = in[4:]
		}
		if len(in) > 0 {
			p.take(in[0])
			in = in[1:]
		}
	}
}

func (p *payload) discard(n int) {
	if _, err := p.s.in.Discard(n); err != nil {
		p.damaged = true
	}
}

// special deals with what is not base64: the end of the element, comments, CDATA, references.
func (p *payload) special(c byte) {
	switch {
	case p.literal && p.s.next("]]>"):
		p.literal = false
		p.discard(3)
	case p.literal || c == ']':
		p.take(c)
		p.discard(1)
	case c == '&':
		p.reference()
	case p.s.next("<![CDATA["):
		p.literal = true
		p.discard(len("<![CDATA["))
	case p.s.next("<!--"):
		p.comment()
	default:
		p.finish()
	}
}

func (p *payload) reference() {
	ahead, _ := p.s.in.Peek(maxReference)
	name, _, ok := bytes.Cut(ahead[1:], []byte(";"))
	if ok && bytes.HasPrefix(name, []byte("#")) {
		if r, ok := character(string(name[1:])); ok {
			p.discard(len(name) + 2)
			if r < 0x80 {
				p.take(byte(r))
			} else {
				p.damaged = true
			}
			return
		}
	}
	p.damaged = true
	p.discard(1)
}

// character gives the character of a reference, without its # and ;.
func character(digits string) (rune, bool) {
	base := 10
	if rest, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = rest, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > 0x10ffff {
		return 0, false
	}
	return rune(n), true
}

// comment passes over a comment. It counts as markup, as all comments do.
func (p *payload) comment() {
	p.discard(len("<!--"))
	var last [3]byte
	for string(last[:]) != "-->" {
		c, err := p.s.in.ReadByte()
		if err != nil {
			return // seen by the next fill
		}
		last = [3]byte{last[1], last[2], c}
	}
}

func (p *payload) take(c byte) {
	v := sextets[c]
	switch {
	case v < noSextet && p.padded:
		p.damaged = true // something behind the end
	case v < noSextet:
		p.sextets = p.sextets<<6 | uint32(v)
		if p.held++; p.held == 4 {
			p.out = append(p.out, byte(p.sextets>>16), byte(p.sextets>>8), byte(p.sextets))
			p.sextets, p.held = 0, 0
		}
	case c == '=':
		p.padded = true
	case c > ' ':
		p.damaged = true
	}
}

// noSextet marks bytes that are no letters of base64.
const noSextet = 64

// sextets are the values of the letters of base64, also of that for URLs (RFC 4648, 4 and 5).
var sextets = sextetTable()

func sextetTable() (table [256]byte) {
	for i := range table {
		table[i] = noSextet
	}
	for i := range byte(26) {
		table['A'+i], table['a'+i] = i, i+26
	}
	for i := range byte(10) {
		table['0'+i] = i + 52
	}
	table['+'], table['-'], table['/'], table['_'] = 62, 62, 63, 63
	return table
}

// finish gives the last bytes.
func (p *payload) finish() {
	p.done = true
	switch p.held {
	case 1:
		p.damaged = true
	case 2:
		p.out = append(p.out, byte(p.sextets>>4))
	case 3:
		p.out = append(p.out, byte(p.sextets>>10), byte(p.sextets>>2))
	}
}

// give counts what was decoded and cuts it at the limit.
func (p *payload) give() {
	if int64(len(p.out)) > p.left {
		p.out, p.tooLarge = p.out[:p.left], true
	}
	p.left -= int64(len(p.out))
	p.size += int64(len(p.out))
	if room := headLength - len(p.head); room > 0 {
		p.head = append(p.head, p.out[:min(room, len(p.out))]...)
	}
}

// drain reads what the caller left.
func (p *payload) drain() {
	for !p.done {
		p.fill()
	}
	p.out = nil
}

// Destroyed says whether a file, by its first 64 bytes, was read as text somewhere on its way, which replaced the bytes that are no letters:
// its sender has to send it again.
func Destroyed(head []byte) bool {
	head = head[:min(len(head), headLength)]
	const replaced = "\xef\xbf\xbd"
	return bytes.HasPrefix(head, []byte(replaced)) ||
		(bytes.HasPrefix(head, []byte("%PDF-")) || bytes.HasPrefix(head, []byte("PK\x03\x04"))) && bytes.Contains(head, []byte(replaced))
}
