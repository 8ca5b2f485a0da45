package parser

import "bytes"

// qpStream undoes quoted-printable (RFC 2045, 6.7). An escape that is none stays as it is; blanks before a line end were added on the way.
type qpStream struct {
	held   []byte // the end of the last write that needs what follows
	joined []byte // scratch
	bytes  []byte
	bad    bool
	long   bool // a run of blanks over maxQPHeld is going on
}

// maxQPHeld bounds what waits for the next write: blanks that may stand before a line end. A run that is longer was not added on the way: it
// is kept, wherever the writes are cut.
const maxQPHeld = 1 << 10

// qpBlanks are what a gateway pads lines with.
const qpBlanks = " \t\r"

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
	end := len(line)
	if line[end-1] == '\r' { // it may belong to the line end
		end--
	}
	if line = d.longRun(line, end); len(line) <= 1 && (len(line) == 0 || line[0] == '\r') {
		d.held = append(d.held[:0], line...)
		return
	}
	end = len(bytes.TrimSuffix(line, []byte{'\r'}))
	if text := bytes.TrimRight(line[:end], qpBlanks); end-len(text) > maxQPHeld {
		d.text(text, out)
		d.bytes = append(d.bytes, line[len(text):end]...)
		d.held, d.long = append(d.held[:0], line[end:]...), true
		return
	}
	keep := len(line) - unfinished(line)
	d.text(line[:keep], out)
	d.held = append(d.held[:0], line[keep:]...)
}

// longRun gives on the blanks with which the line goes on a run that is too long to be dropped, and gives what follows them.
func (d *qpStream) longRun(line []byte, end int) []byte {
	if !d.long {
		return line
	}
	n := end - len(bytes.TrimLeft(line[:end], qpBlanks))
	d.bytes = append(d.bytes, line[:n]...)
	d.long = n == end
	return line[n:]
}

// unfinished is how many bytes at the end of p can only be understood with what follows.
func unfinished(p []byte) int {
	n := len(p)
	i := len(bytes.TrimRight(p, qpBlanks))
	switch {
	case i > 0 && p[i-1] == '=':
		i--
	case i == n && i > 1 && p[i-2] == '=':
		i -= 2
	}
	return n - i
}

// line takes a whole line with its line end.
func (d *qpStream) line(p []byte, out func([]byte)) {
	eol := p[len(p)-1:]
	if len(p) > 1 && p[len(p)-2] == '\r' {
		eol = p[len(p)-2:]
	}
	p = p[:len(p)-len(eol)]
	p = d.longRun(p, len(p))
	d.long = false
	text := bytes.TrimRight(p, qpBlanks)
	switch {
	case len(p)-len(text) > maxQPHeld:
		d.text(text, out)
		d.bytes = append(d.bytes, p[len(text):]...)
	case len(text) > 0 && text[len(text)-1] == '=': // soft line break
		d.text(text[:len(text)-1], out)
		return
	default:
		d.text(text, out)
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
