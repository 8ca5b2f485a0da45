package pdfsign

import (
	"errors"
	"io"
)

const maxHeader = 1024 // bytes at the beginning in which readers look for the header

// document is a file while it is read.
type document struct {
	r   io.ReaderAt
	w   *window
	lim Limits // what is left of it
	rep Report

	sections map[int64]*section // by offset
	now      view               // the file as it is
	sound    bool               // its tables can be read
	rights   int64              // object of a signature for usage rights
	walked   bool               // the form was read to its end
	found    []candidate
	dropped  bool // more signatures than are looked at

	packed  []packed // object streams used last
	headers headers
}

func newDocument(r io.ReaderAt, size int64, lim Limits) *document {
	d := &document{r: r, w: newWindow(r, size), lim: lim, sections: map[int64]*section{}}
	d.now.d = d
	d.headers.from = d.w.size
	return d
}

func (d *document) problem(code, note string) {
	p := Problem{Code: code, Note: note}
	for _, known := range d.rep.Problems {
		if known == p {
			return
		}
	}
	d.rep.Problems = append(d.rep.Problems, p)
}

// header looks for the header (ISO 32000-2, 7.5.2). Readers accept bytes before it, and then count offsets from one or the other place.
func (d *document) header() bool {
	for at := range min(d.w.size, maxHeader) {
		if d.w.holds(at, "%PDF-") {
			if at > 0 {
				d.problem(HeaderMoved, "")
			}
			return true
		}
	}
	return false
}

// open reads the tables of the file as it is.
func (d *document) open() {
	start, ok := d.lastTable(d.w.size)
	if ok {
		chain, err := d.chain(start)
		d.now.chain, d.sound = chain, err == nil
	}
	if !d.sound {
		d.problem(Tables, "")
		return
	}
	for _, s := range d.now.chain {
		if !s.hidden {
			d.rep.Revisions++
		}
	}
	d.rep.Encrypted = d.now.trailer().has("Encrypt")
}

const tailSize = 1024 // bytes at the end in which readers look for startxref

// lastTable gives the offset that the last startxref before an offset names (7.5.5).
func (d *document) lastTable(end int64) (start int64, ok bool) {
	for at := end - int64(len("startxref")); at >= max(0, end-tailSize); at-- {
		if !d.w.holds(at, "startxref") {
			continue
		}
		l := d.lexer(at)
		if !l.word("startxref") {
			return 0, false
		}
		v, err := l.value(0)
		return v.n, err == nil && v.kind == integer && v.n >= 0 && l.pos <= end
	}
	return 0, false
}

// savedUpTo says whether the file was once saved with this size: whether a startxref and the mark of the end stand right before it.
func (d *document) savedUpTo(end int64) (start int64, ok bool) {
	at := end
	for at > 0 && end-at < 16 && isSpace(d.w.at(at-1)) {
		at--
	}
	if !d.w.holds(at-int64(len("%%EOF")), "%%EOF") {
		return 0, false
	}
	return d.lastTable(at)
}

func (d *document) lexer(at int64) *lexer {
	return &lexer{w: d.w, pos: at, left: d.lim.Object, contents: d.lim.Contents + 2, depth: d.lim.Depth}
}

// objectAt reads the object whose number stands at an offset, or behind blanks there.
func (d *document) objectAt(at int64) (object, error) {
	if d.lim.Parse <= 0 {
		d.problem(Limit, "more objects than are read")
		return object{}, errLarge
	}
	l := d.lexer(at)
	l.space()
	o := object{at: l.pos}
	num, err := l.value(0)
	if err != nil || num.kind != integer || num.n < 0 {
		return object{}, errSyntax
	}
	gen, err := l.value(0)
	if err != nil || gen.kind != integer || gen.n < 0 || !l.word("obj") {
		return object{}, errSyntax
	}
	o.num, o.gen = num.n, gen.n
	o.value, err = l.value(0)
	d.lim.Parse -= l.pos - at + 1
	if errors.Is(err, errLarge) {
		d.problem(Limit, "an object is larger than is read")
	}
	if err != nil {
		return object{}, err
	}
	if o.value.kind == dict && l.word("stream") {
		// The data begin behind LF or CR LF (7.3.8.1).
		if l.peek() == '\r' {
			l.pos++
		}
		if l.peek() == '\n' {
			l.pos++
		}
		o.stream = l.pos
	}
	return o, nil
}
