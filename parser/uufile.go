package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxUUFiles bounds the files taken out of one text.
const maxUUFiles = 50

// uuFinder takes uuencoded files out of a text as it streams by, where mailers put them before MIME: "begin 644 name", lines, "end". What
// is no file is given on. A text that only talks of beginnings stays as it is, because the next line must be uuencode too; so does
// everything after a line that cannot be uuencode.
type uuFinder struct {
	k     *walker
	l     *leaf
	text  func([]byte)       // takes what is no file
	each  func([]byte, bool) // take, made once
	state uuState
	line  carry
	begin []byte // the line that began a file, until the next one confirms it
	files int
	inBol bool    // the next byte of the text begins a line
	pos   int64   // bytes of the text that went by
	from  int64   // where the line that began the file stands
	found []*file // files to be looked into once the text has ended

	sum   hash.Hash
	size  int64
	head  []byte
	index int // of the file's attachment
	bytes []byte
}

type uuState int

const (
	uuText  uuState = iota
	uuBegun         // a "begin" line was seen
	uuFile
)

// start makes it ready for the text of a leaf.
func (u *uuFinder) start(k *walker, l *leaf, text func([]byte)) {
	*u = uuFinder{k: k, l: l, text: text, inBol: true, begin: u.begin[:0], head: u.head[:0], bytes: u.bytes[:0], sum: u.sum, each: u.each, line: carry{held: u.line.held[:0]}}
	if u.each == nil {
		u.each = u.take
	}
}

var uuBegin = []byte("begin ")

func (u *uuFinder) write(p []byte) {
	for len(p) > 0 {
		if u.state == uuText && len(u.line.held) == 0 {
			if n := u.plain(p); n > 0 {
				u.inBol = p[n-1] == '\n'
				u.text(p[:n])
				u.pos += int64(n)
				p = p[n:]
				continue
			}
		}
		n := lineEnd(p)
		u.line.lines(p[:n], u.each)
		p = p[n:]
	}
}

// plain is how much of p is text whatever comes: up to a line that begins a file, or that may.
func (u *uuFinder) plain(p []byte) int {
	i := 0
	if !u.inBol {
		if i = lineEnd(p); p[i-1] != '\n' {
			return i
		}
	}
	if bytes.HasPrefix(p[i:], uuBegin) {
		return i
	}
	if j := bytes.Index(p[max(i-1, 0):], []byte("\nbegin ")); j >= 0 {
		return max(i-1, 0) + j + 1
	}
	if last := max(bytes.LastIndexByte(p, '\n')+1, i); bytes.HasPrefix(uuBegin, p[last:]) {
		return last
	}
	return len(p)
}

// take looks at one line.
func (u *uuFinder) take(line []byte, start bool) {
	defer func() { u.pos += int64(len(line)) }()
	l := bytes.TrimRight(line, "\r\n")
	switch u.state {
	case uuBegun:
		if string(l) == "end" || firstUULine(l) {
			if u.open() {
				u.data(l)
				return
			}
		}
		u.state = uuText
		u.text(u.begin)
	case uuFile:
		if start && string(l) == "end" || len(l) == 0 || dataUULine(l) {
			u.data(l)
			return
		}
		u.end(false)
	}
	if start && uuHead(l) != nil {
		u.state, u.begin, u.from = uuBegun, append(u.begin[:0], line...), u.pos
		return
	}
	u.text(line)
	u.inBol = line[len(line)-1] == '\n'
}

// uuHead gives the name in "begin 644 name"; nil when the line is something else.
func uuHead(line []byte) []byte {
	rest, ok := bytes.CutPrefix(bytes.TrimRight(line, " "), uuBegin)
	mode, name, found := bytes.Cut(rest, []byte(" "))
	if !ok || !found || len(name) == 0 || len(mode) < 3 || len(mode) > 4 || len(bytes.Trim(mode, "01234567")) > 0 {
		return nil
	}
	return name
}

// firstUULine says whether a line after "begin" is data for sure: all that its first character promises is there.
func firstUULine(l []byte) bool {
	return dataUULine(l) && (int(l[0]-' ')&63+2)/3*4 <= len(l)
}

// dataUULine says whether a line can be data. Blanks at its end may have been cut off on the way.
func dataUULine(l []byte) bool {
	if len(l) == 0 || len(l) > maxUULine || (int(l[0]-' ')&63+2)/3*4+4 < len(l)-1 {
		return false
	}
	for _, c := range l {
		if c < ' ' || c > '`' {
			return false
		}
	}
	return true
}

// open begins the file whose first lines were seen. Beyond the limits it stays text.
func (u *uuFinder) open() bool {
	if u.k.shared.parts++; u.k.shared.parts > u.k.lim.Parts || u.files >= maxUUFiles {
		u.k.limit(LimitParts, "")
		return false
	}
	if u.sum == nil {
		u.sum, u.head = sha256.New(), make([]byte, 0, sniffBytes)
	}
	u.sum.Reset()
	u.head, u.size, u.state = u.head[:0], 0, uuFile
	u.files++
	name := string(uuHead(bytes.TrimRight(u.begin, "\r\n")))
	u.index = u.k.attach(u.l.content, Attachment{Name: charset.Clean(u.k.texts(u.l.content, u.l.path).raw(name), maxName), Type: "application/octet-stream", Path: []string{}})
	return true
}

// data takes a line of the file, its end included.
func (u *uuFinder) data(l []byte) {
	switch {
	case string(l) == "end":
		u.end(true)
	case len(l) > 0:
		u.bytes = appendUU(u.bytes[:0], l)
		u.sum.Write(u.bytes)
		u.size += int64(len(u.bytes))
		u.head = append(u.head, u.bytes[:min(len(u.bytes), cap(u.head)-len(u.head))]...)
	}
}

// end closes the file. whole is false when its end line is missing.
func (u *uuFinder) end(whole bool) {
	u.state, u.inBol = uuText, true
	if !whole {
		u.k.found.add(UUDamaged, u.k.place(u.l.path), "")
	}
	a := &u.l.content.attachments[u.index]
	a.Size, a.SHA256 = u.size, hex.EncodeToString(u.sum.Sum(nil))
	t := partType{ctype: a.Type, name: a.Name}
	u.found = append(u.found, &file{source: u.source(), t: t, doc: t.document(), head: bytes.Clone(u.head), content: u.l.content, index: u.index,
		where: u.k.place(u.l.path), rawName: string(uuHead(bytes.TrimRight(u.begin, "\r\n"))), outer: u.k.around})
}

// source gives the file that has just ended, decoded anew from its lines.
func (u *uuFinder) source() source {
	l, k, from, n := u.l, u.k, u.from, u.pos-u.from
	raw := io.NewSectionReader(k.w.r, l.from, l.raw)
	enc := l.t.enc
	return source{size: u.size, open: func() (io.Reader, error) {
		var lines io.Reader = io.NewSectionReader(raw, from, n)
		if enc != identity {
			text := k.shared.reread.Count(&decodedReader{raw: io.NewSectionReader(raw, 0, raw.Size()), dec: newTransfer(enc)}, -1, 1)
			if _, err := io.CopyN(io.Discard, text, from); err != nil {
				return nil, err
			}
			lines = io.LimitReader(text, n)
		}
		return k.shared.reread.Count(&decodedReader{raw: lines, dec: &uuStream{}}, -1, 1), nil
	}}
}

// look reads what is in the files that were found.
func (u *uuFinder) look() {
	files := u.found
	u.found = nil
	for _, f := range files {
		u.k.look(f)
	}
}

// close ends the text.
func (u *uuFinder) close() {
	if u.each != nil {
		u.line.rest(u.each)
	}
	switch u.state {
	case uuBegun:
		u.text(u.begin)
	case uuFile:
		u.end(false)
	}
	u.state = uuText
}
