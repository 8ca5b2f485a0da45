package parser

import "bytes"

// qpStream undoes quoted-printable (RFC 2045, 6.7). An escape that is none stays as it is; blanks before a line end were added on the way.
type qpStream struct {
	held   []byte // the end of the last write that needs what follows
	joined []byte // scratch
	bytes  []byte
	bad    bool
}

// maxQPHeld bounds what waits for the next write: blanks that may stand before a line end.
const maxQPHeld = 1 << 10

func newQPStream() *qpStream { return &qpStream{bytes: make([]byte, 0, 32<<10)} }

func (d *qpStream) reset() { *d = qpStream{held: d.held[:0], joined: d.joined[:0], bytes: d.bytes[:0]} }

func (d *qpStream) write(p []byte, out func([]byte)) {
	if len(d.held) > 0 && len(p) > 0 {
		n := lineEnd(p)
		d.joined = append(append(d.joined[:0], d.held...), p[:n]...)
		d.held = d.held[:0]
		d.some(d.joined, out)
		p = p[n:]
	}
	for len(p) > 0 {
		n := lineEnd(p)
		d.some(p[:n], out)
		p = p[n:]
	}
	out(d.bytes)
	d.bytes = d.bytes[:0]
}

// some takes a line or a part of one.
func (d *qpStream) some(line []byte, out func([]byte)) {
	if line[len(line)-1] == '\n' {
		d.line(line, out)
		return
	}
	keep := len(line) - unfinished(line)
	d.text(line[:keep], out)
	d.held = append(d.held[:0], line[keep:]...)
}

// unfinished is how many bytes at the end of p can only be understood with what follows.
func unfinished(p []byte) int {
	n := len(p)
	i := n
	for i > 0 && (p[i-1] == ' ' || p[i-1] == '\t' || p[i-1] == '\r') {
		i--
	}
	switch {
	case i > 0 && p[i-1] == '=':
		i--
	case i == n && i > 1 && p[i-2] == '=':
		i -= 2
	}
	if n-i > maxQPHeld {
		return 0
	}
	return n - i
}

// line takes a whole line with its line end.
func (d *qpStream) line(p []byte, out func([]byte)) {
	text := bytes.TrimRight(p, " \t\r\n")
	if len(text) > 0 && text[len(text)-1] == '=' { // soft line break
		d.text(text[:len(text)-1], out)
		return
	}
	d.text(text, out)
	eol := p[len(p)-1:]
	if len(p) > 1 && p[len(p)-2] == '\r' {
		eol = p[len(p)-2:]
	}
	d.bytes = append(d.bytes, eol...)
}

func (d *qpStream) text(p []byte, out func([]byte)) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '=')
		if i < 0 {
			i = len(p)
		}
		d.bytes = append(d.bytes, p[:i]...)
		p = p[i:]
		if len(p) > 0 {
			if len(p) > 2 && hexValue(p[1]) >= 0 && hexValue(p[2]) >= 0 {
				d.bytes = append(d.bytes, byte(hexValue(p[1])<<4|hexValue(p[2])))
				p = p[3:]
			} else {
				d.bytes = append(d.bytes, '=')
				d.bad = true
				p = p[1:]
			}
		}
		if len(d.bytes) >= 16<<10 {
			out(d.bytes)
			d.bytes = d.bytes[:0]
		}
	}
}

func (d *qpStream) close(out func([]byte)) {
	if t := bytes.TrimRight(d.held, " \t\r\n"); len(t) > 0 {
		if t[len(t)-1] == '=' { // a soft line break that the end of the part cut off
			t = t[:len(t)-1]
		}
		d.text(t, out)
	}
	out(d.bytes)
	d.bytes, d.held = d.bytes[:0], d.held[:0]
}

func (d *qpStream) damaged() bool { return d.bad }
