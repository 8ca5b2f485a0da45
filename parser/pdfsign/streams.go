package pdfsign

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

// stretch reads a part of a file through its window, which remembers errors.
type stretch struct {
	w       *window
	at, end int64
}

func (s *stretch) Read(p []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	n := s.w.read(p[:min(int64(len(p)), s.end-s.at)], s.at)
	s.at += int64(n)
	if s.w.fault != nil {
		return n, s.w.fault
	}
	return n, nil
}

// budgeted counts what is unpacked.
type budgeted struct {
	r    io.Reader
	left *int64
}

func (b *budgeted) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, errLarge
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

// data gives the data of a stream (ISO 32000-2, 7.3.8), unpacked.
func (v view) data(o *object) (io.Reader, error) {
	if o.stream == 0 {
		return nil, errSyntax
	}
	filter, parms := v.value(o.value.get("Filter")), v.value(o.value.get("DecodeParms"))
	if filter.kind == array {
		switch len(filter.list) {
		case 0:
			filter = &value{}
		case 1:
			filter = v.value(&filter.list[0])
			if parms.kind == array && len(parms.list) == 1 {
				parms = v.value(&parms.list[0])
			}
		default:
			return nil, errSyntax
		}
	}
	switch {
	case filter.kind == null:
		length := v.value(o.value.get("Length"))
		if length.kind != integer || length.n < 0 || length.n > v.d.w.size-o.stream {
			return nil, errSyntax
		}
		return &budgeted{&stretch{v.d.w, o.stream, o.stream + length.n}, &v.d.lim.Unpack}, nil
	case !filter.isName("FlateDecode") && !filter.isName("Fl"):
		return nil, errSyntax
	}
	// The data say themselves where they end, so that Length, which may lie, is not needed.
	z, err := zlib.NewReader(&stretch{v.d.w, o.stream, v.d.w.size})
	if err != nil {
		return nil, errors.Join(errSyntax, err)
	}
	return predicted(&budgeted{z, &v.d.lim.Unpack}, parms)
}

const maxRow = 1 << 16 // bytes of a row of a predictor

// predicted undoes the predictors of PNG (7.4.4.4).
func predicted(r io.Reader, parms *value) (io.Reader, error) {
	number := func(key string, otherwise int64) int64 {
		if n := parms.get(key); n.kind != null {
			return n.n
		}
		return otherwise
	}
	kind, colors, bits, columns := number("Predictor", 1), number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1)
	switch {
	case kind == 1:
		return r, nil
	case kind < 10 || kind > 15 || colors != 1 || bits != 8 || columns < 1 || columns > maxRow:
		return nil, errSyntax
	}
	return &rows{r: r, row: make([]byte, columns+1), last: make([]byte, columns)}, nil
}

// rows undoes a predictor row by row; every row begins with the number of its filter (PNG, 9.2).
type rows struct {
	r    io.Reader
	row  []byte
	last []byte
	out  []byte // what is not yet given of last
}

func (r *rows) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.out) == 0 {
		if _, err := io.ReadFull(r.r, r.row); err != nil {
			return 0, err
		}
		if err := r.undo(); err != nil {
			return 0, err
		}
		r.out = r.last
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *rows) undo() error {
	var left, corner byte // of the byte: before it, and above that one
	for i, c := range r.row[1:] {
		up := r.last[i]
		switch r.row[0] {
		case 0:
		case 1:
			c += left
		case 2:
			c += up
		case 3:
			c += byte((int(left) + int(up)) / 2)
		case 4:
			c += paeth(int(left), int(up), int(corner))
		default:
			return errSyntax
		}
		left, corner = c, up
		r.last[i] = c
	}
	return nil
}

func paeth(a, b, c int) byte {
	p := a + b - c
	pa, pb, pc := max(p-a, a-p), max(p-b, b-p), max(p-c, c-p)
	switch {
	case pa <= pb && pa <= pc:
		return byte(a)
	case pb <= pc:
		return byte(b)
	}
	return byte(c)
}

// tableStream reads a cross-reference stream (7.5.8).
func (d *document) tableStream(s *section) error {
	o, err := d.objectAt(s.at)
	if err != nil {
		return err
	}
	s.trailer = o.value
	widths, index, size := o.value.get("W"), o.value.get("Index"), o.value.get("Size")
	if !o.value.get("Type").isName("XRef") || o.stream == 0 || len(widths.list) != 3 || size.kind != integer || size.n < 0 {
		return errTables
	}
	var w [3]int
	for i, v := range widths.list {
		if v.kind != integer || v.n < 0 || v.n > 7 {
			return errTables
		}
		w[i] = int(v.n)
	}
	if index.kind == null {
		index = &value{kind: array, list: []value{{kind: integer}, *size}}
	}
	if len(index.list)%2 != 0 || w[0]+w[1]+w[2] == 0 {
		return errTables
	}
	data, err := view{d: d}.data(&o)
	if err != nil {
		return errTables
	}
	for i := 0; i < len(index.list); i += 2 {
		first, count := &index.list[i], &index.list[i+1]
		if first.kind != integer || count.kind != integer || first.n < 0 || first.n > 1<<31 || count.n < 0 {
			return errTables
		}
		if err := d.tableRows(s, data, w, first.n, count.n); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) tableRows(s *section, data io.Reader, w [3]int, first, count int64) error {
	row := make([]byte, w[0]+w[1]+w[2])
	for i := range count {
		if _, err := io.ReadFull(data, row); err != nil {
			return errTables
		}
		f := [3]int64{1, 0, 0}
		rest := row
		for k, n := range w {
			if n > 0 {
				f[k] = 0
			}
			for _, b := range rest[:n] {
				f[k] = f[k]<<8 | int64(b)
			}
			rest = rest[n:]
		}
		e := entry{num: first + i}
		switch f[0] {
		case 0:
		case 1:
			e.state, e.pos, e.gen = plain, f[1], f[2]
		case 2:
			e.state, e.pos, e.index = inStream, f[1], f[2]
		default:
			continue // null, for what is not known yet (table 18)
		}
		if err := d.add(s, e); err != nil {
			return err
		}
	}
	return nil
}

// packed is an object stream in memory (7.5.7).
type packed struct {
	at    int64 // where its object stands in the file
	data  []byte
	first int64
	n     int64
}

const keptStreams = 2

// objectStream reads the object stream with a number.
func (v view) objectStream(num int64) (packed, error) {
	e, ok := v.find(num)
	if !ok || e.state != plain {
		return packed{}, errTables
	}
	for _, p := range v.d.packed {
		if p.at == e.pos {
			return p, nil
		}
	}
	o, err := v.load(num)
	if err != nil {
		return packed{}, err
	}
	n, first := v.value(o.value.get("N")), v.value(o.value.get("First"))
	if !o.value.get("Type").isName("ObjStm") || n.kind != integer || first.kind != integer || n.n < 0 || first.n < 0 {
		return packed{}, errSyntax
	}
	r, err := v.data(&o)
	if err != nil {
		return packed{}, err
	}
	var b bytes.Buffer
	// What came before an error is what readers use.
	if _, err := io.Copy(&b, io.LimitReader(r, int64(v.d.lim.Packed)+1)); errors.Is(err, errLarge) || b.Len() > v.d.lim.Packed {
		v.d.problem(Limit, "an object stream is larger than is read")
		return packed{}, errLarge
	}
	p := packed{at: e.pos, data: b.Bytes(), first: first.n, n: n.n}
	if len(v.d.packed) == keptStreams {
		v.d.packed = v.d.packed[1:]
	}
	v.d.packed = append(v.d.packed, p)
	return p, nil
}

// unpacked reads an object out of an object stream.
func (v view) unpacked(e entry) (object, error) {
	p, err := v.objectStream(e.pos)
	if err != nil {
		return object{}, err
	}
	if v.d.lim.Parse <= 0 {
		v.d.problem(Limit, "more objects than are read")
		return object{}, errLarge
	}
	l := v.d.lexer(0)
	l.w = bytesWindow(p.data)
	l.left = len(p.data)
	if e.index >= p.n {
		return object{}, errTables
	}
	var num, off value
	for range e.index + 1 {
		l.values = 0
		if num, err = l.value(0); err != nil {
			return object{}, err
		}
		if off, err = l.value(0); err != nil {
			return object{}, err
		}
	}
	v.d.lim.Parse -= l.pos
	if num.kind != integer || num.n != e.num || off.kind != integer || off.n < 0 || off.n > int64(len(p.data)) || p.first > int64(len(p.data)) {
		return object{}, errTables
	}
	at := p.first + off.n
	l.pos, l.left, l.values = at, v.d.lim.Object, 0
	o := object{num: e.num, at: -1}
	o.value, err = l.value(0)
	v.d.lim.Parse -= l.pos - at
	return o, err
}
