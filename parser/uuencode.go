package parser

import "bytes"

// uuStream undoes uuencode: lines between "begin" and "end"; a line's first character says its length.
type uuStream struct {
	held  []byte
	begun bool
	ended bool
}

// maxUULine is longer than any line of uuencode (62 characters).
const maxUULine = 256

func (d *uuStream) write(p []byte, out func([]byte)) {
	p = append(d.held, p...)
	d.held = nil
	for len(p) > 0 {
		n := lineEnd(p)
		if p[n-1] != '\n' {
			d.held = append([]byte(nil), p[:min(n, maxUULine)]...)
			return
		}
		d.line(bytes.TrimRight(p[:n], "\r\n"), out)
		p = p[n:]
	}
}

func (d *uuStream) line(line []byte, out func([]byte)) {
	switch {
	case d.ended || len(line) == 0:
	case bytes.HasPrefix(line, []byte("begin ")):
		d.begun = true
	case bytes.Equal(line, []byte("end")):
		d.ended = d.begun
	case d.begun && len(line) <= maxUULine:
		out(uuLine(line))
	}
}

func uuLine(line []byte) []byte {
	want := int(line[0]-' ') & 63
	var out []byte
	for i := 1; i < len(line) && len(out) < want; i += 4 {
		var g [4]byte
		for k := range g {
			if i+k < len(line) {
				g[k] = (line[i+k] - ' ') & 63
			}
		}
		out = append(out, g[0]<<2|g[1]>>4, g[1]<<4|g[2]>>2, g[2]<<6|g[3])
	}
	return out[:min(want, len(out))]
}

func (d *uuStream) close(out func([]byte)) {
	if len(d.held) > 0 {
		d.line(bytes.TrimRight(d.held, "\r\n"), out)
	}
	d.held = nil
}

func (d *uuStream) damaged() bool { return !d.ended }
