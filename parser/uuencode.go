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

// maxUUFiles bounds the files taken out of one text.
const maxUUFiles = 50

// uuFile is a file that stood in a text.
type uuFile struct {
	name  string // as written
	bytes []byte
	whole bool // its end line is there
}

// cutUU takes uuencoded files out of a text, where mailers put them before MIME: "begin 644 name", lines, "end". A text that only talks of
// beginnings stays as it is, because the next line must be uuencode too.
func cutUU(text []byte) ([]byte, []uuFile) {
	var files []uuFile
	var rest []byte
	for i := 0; i < len(text) && len(files) < maxUUFiles; {
		j := i
		for !bytes.HasPrefix(text[j:], []byte("begin ")) {
			if j += lineEnd(text[j:]); j >= len(text) {
				break
			}
		}
		if j >= len(text) {
			break
		}
		f, n := readUU(text[j:])
		if n == 0 {
			n = lineEnd(text[j:])
			rest = append(rest, text[i:j+n]...)
		} else {
			files = append(files, f)
			rest = append(rest, text[i:j]...)
		}
		i, text = 0, text[j+n:]
	}
	if files == nil {
		return nil, nil
	}
	return append(rest, text...), files
}

// readUU reads the file at the start of p and gives its length, 0 when there is none.
func readUU(p []byte) (uuFile, int) {
	n := lineEnd(p)
	head := bytes.SplitN(bytes.TrimRight(p[:n], " \r\n"), []byte(" "), 3)
	if len(head) < 3 || len(head[1]) < 3 || len(head[1]) > 4 || len(bytes.Trim(head[1], "01234567")) > 0 {
		return uuFile{}, 0
	}
	f := uuFile{name: string(head[2])}
	for first := true; n < len(p); first = false {
		end := n + lineEnd(p[n:])
		l := bytes.TrimRight(p[n:end], "\r\n")
		if bytes.Equal(l, []byte("end")) {
			f.whole = true
			return f, end
		}
		if len(l) > 0 && (l[0] < ' ' || l[0] > '`' || len(l) > maxUULine) || first && (len(l) == 0 || (int(l[0]-' ')&63+2)/3*4 > len(l)) {
			break
		}
		if len(l) > 0 {
			f.bytes = append(f.bytes, uuLine(l)...)
		}
		n = end
	}
	return f, map[bool]int{true: n, false: 0}[len(f.bytes) > 0]
}
