package parser

import "bytes"

// Bounds of uuencode's lines. A line of data has 62 characters; some encoders add one or two for checking.
const (
	maxUULine = 256
	maxUUHead = 512 // "begin 644 name"
)

// uuStream undoes uuencode as a transfer encoding: lines between "begin" and "end"; a line's first character says its length.
type uuStream struct {
	line  carry
	bytes []byte
	begun bool
	ended bool
}

func (d *uuStream) write(p []byte, out func([]byte)) {
	d.line.lines(p, func(line []byte, start bool) { d.take(line, start, out) })
}

func (d *uuStream) take(line []byte, start bool, out func([]byte)) {
	line = bytes.TrimRight(line, "\r\n")
	switch {
	case !start || d.ended || len(line) == 0:
	case bytes.HasPrefix(line, []byte("begin ")):
		d.begun = true
	case bytes.Equal(line, []byte("end")):
		d.ended = d.begun
	case d.begun && len(line) <= maxUULine:
		d.bytes = appendUU(d.bytes[:0], line)
		out(d.bytes)
	}
}

func (d *uuStream) close(out func([]byte)) {
	d.line.rest(func(line []byte, start bool) { d.take(line, start, out) })
}

func (d *uuStream) damaged() bool { return !d.ended }

// appendUU decodes one line.
func appendUU(dst, line []byte) []byte {
	want := len(dst) + int(line[0]-' ')&63
	for i := 1; i < len(line) && len(dst) < want; i += 4 {
		var g [4]byte
		for k := range g {
			if i+k < len(line) {
				g[k] = (line[i+k] - ' ') & 63
			}
		}
		dst = append(dst, g[0]<<2|g[1]>>4, g[1]<<4|g[2]>>2, g[2]<<6|g[3])
	}
	return dst[:min(want, len(dst))]
}

// carry cuts a stream into lines with their ends. A line that is too long to be held comes in pieces; start says which is its first.
type carry struct {
	held []byte
	mid  bool
}

func (c *carry) lines(p []byte, take func(line []byte, start bool)) {
	for len(p) > 0 {
		n := lineEnd(p)
		if len(c.held) == 0 && p[n-1] == '\n' {
			c.give(p[:n], take)
			p = p[n:]
			continue
		}
		n = min(n, maxUUHead-len(c.held))
		c.held = append(c.held, p[:n]...)
		p = p[n:]
		if len(c.held) == maxUUHead || c.held[len(c.held)-1] == '\n' {
			c.rest(take)
		}
	}
}

func (c *carry) give(line []byte, take func([]byte, bool)) {
	start := !c.mid
	c.mid = line[len(line)-1] != '\n'
	take(line, start)
}

// rest gives what is held.
func (c *carry) rest(take func([]byte, bool)) {
	if held := c.held; len(held) > 0 {
		c.held = held[:0]
		c.give(held, take)
	}
}
