package pdfsign

import (
	"cmp"
	"errors"
	"slices"
)

var errTables = errors.New("broken cross-reference tables")

// entry says where an object is.
type entry struct {
	num, gen int64
	state    state
	pos      int64 // offset in the file; number of the object stream
	index    int64 // in the object stream
}

type state uint8

const (
	free state = iota
	plain
	inStream
)

// section is one cross-reference table or stream (ISO 32000-2, 7.5.4 and 7.5.8) with its trailer.
type section struct {
	at      int64
	entries []entry // by number
	trailer value
	hidden  bool // the stream that belongs to a table (XRefStm, 7.5.8.4)
	hybrid  bool // such a stream follows in the chain
}

func (s *section) find(num int64) (entry, bool) {
	i, ok := slices.BinarySearchFunc(s.entries, num, func(e entry, n int64) int { return cmp.Compare(e.num, n) })
	if !ok {
		return entry{}, false
	}
	return s.entries[i], true
}

// chain reads the table at an offset and those that came before it.
func (d *document) chain(start int64) ([]*section, error) {
	var chain []*section
	seen := map[int64]bool{}
	for at := start; ; {
		if seen[at] {
			return nil, errTables
		}
		seen[at] = true
		s, err := d.section(at)
		if err != nil {
			return nil, err
		}
		chain = append(chain, s)
		if x := s.trailer.get("XRefStm"); x.kind == integer && !s.hidden {
			if seen[x.n] {
				return nil, errTables
			}
			seen[x.n] = true
			h, err := d.section(x.n)
			if err != nil {
				return nil, err
			}
			s.hybrid, h.hidden = true, true
			chain = append(chain, h)
		}
		prev := s.trailer.get("Prev")
		switch {
		case prev.kind == null:
			return chain, nil
		case prev.kind != integer:
			return nil, errTables
		}
		at = prev.n
	}
}

// section reads one table. Each is read once, because many signatures look at the same ones.
func (d *document) section(at int64) (*section, error) {
	if s := d.sections[at]; s != nil {
		return s, nil
	}
	if len(d.sections) >= d.lim.Revisions {
		d.problem(Limit, "more cross-reference tables than are read")
		return nil, errLarge
	}
	s := &section{at: at}
	l := d.lexer(at)
	var err error
	if l.word("xref") {
		err = d.table(s, l)
	} else {
		err = d.tableStream(s)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.entries, func(a, b entry) int { return cmp.Compare(a.num, b.num) })
	for i := 1; i < len(s.entries); i++ {
		if s.entries[i].num == s.entries[i-1].num {
			return nil, errTables // readers would disagree
		}
	}
	if s.trailer.twice {
		return nil, errTables
	}
	d.sections[at] = s
	return s, nil
}

// add takes an entry into a table, as long as there is room.
func (d *document) add(s *section, e entry) error {
	if d.lim.Objects <= 0 {
		d.problem(Limit, "more objects than are listed")
		return errLarge
	}
	d.lim.Objects--
	s.entries = append(s.entries, e)
	return nil
}

// table reads a table of text up to the end of its trailer.
func (d *document) table(s *section, l *lexer) error {
	for {
		l.left, l.values = d.lim.Object, 0
		if l.word("trailer") {
			v, err := l.value(0)
			if err != nil || v.kind != dict {
				return errTables
			}
			s.trailer = v
			return nil
		}
		first, err := l.value(0)
		if err != nil || first.kind != integer || first.n < 0 || first.n > 1<<31 {
			return errTables
		}
		count, err := l.value(0)
		if err != nil || count.kind != integer || count.n < 0 {
			return errTables
		}
		for i := range count.n {
			l.left, l.values = d.lim.Object, 0
			pos, gen, used, ok := l.entry()
			if !ok {
				return errTables
			}
			e := entry{num: first.n + i, gen: gen, pos: pos}
			if used {
				e.state = plain
			}
			if err := d.add(s, e); err != nil {
				return err
			}
		}
	}
}

// entry reads one line of a table. Some programs write it a byte too short, so it is taken word by word.
func (l *lexer) entry() (pos, gen int64, used, ok bool) {
	a, err := l.value(0)
	if err != nil || a.kind != integer || a.n < 0 {
		return 0, 0, false, false
	}
	b, err := l.value(0)
	if err != nil || b.kind != integer || b.n < 0 {
		return 0, 0, false, false
	}
	switch {
	case l.word("n"):
		return a.n, b.n, true, true
	case l.word("f"):
		return a.n, b.n, false, true
	}
	return 0, 0, false, false
}

// view is the file as one of its tables shows it.
type view struct {
	d     *document
	chain []*section // newest first
}

func (v view) trailer() *value {
	if len(v.chain) == 0 {
		return &value{}
	}
	return &v.chain[0].trailer
}

// find gives the entry of an object that is in use.
func (v view) find(num int64) (entry, bool) {
	for i, s := range v.chain {
		e, ok := s.find(num)
		if !ok {
			continue
		}
		if e.state == free && s.hybrid { // objects that old readers are not to see (7.5.8.4)
			if h, ok := v.chain[i+1].find(num); ok {
				e = h
			}
		}
		return e, e.state != free
	}
	return entry{}, false
}

// load reads an object; one that does not exist is null (7.3.10).
func (v view) load(num int64) (object, error) {
	e, ok := v.find(num)
	if !ok {
		return object{}, nil
	}
	if e.state == inStream {
		return v.unpacked(e)
	}
	o, err := v.d.objectAt(e.pos)
	if err == nil && (o.num != num || o.gen != e.gen) {
		err = errTables
	}
	return o, err
}

const maxHops = 10 // references that lead to references

// resolve follows a reference.
func (v view) resolve(x *value) (object, error) {
	o := object{value: *x}
	for range maxHops {
		if o.value.kind != ref {
			return o, nil
		}
		var err error
		if o, err = v.load(o.value.n); err != nil {
			return object{}, err
		}
	}
	return object{}, errSyntax
}

// value follows a reference, and gives null for what cannot be read.
func (v view) value(x *value) *value {
	o, err := v.resolve(x)
	if err != nil {
		return &value{}
	}
	return &o.value
}
