package unpack

// tnefProps reads one list of properties (MS-OXTNEF, 2.1.3.4).
type tnefProps struct {
	t     *tnefReader
	limit int64 // where the list must end
	// value gets every property that is neither named nor of many values: n bytes as it says, which are there up to end. It may leave
	// some unread.
	value func(id, typ uint16, n, end int64)
}

// list reads all properties and says whether the list was sound. What came before a fault was given.
func (p *tnefProps) list() bool {
	count, ok := p.t.u32(p.limit)
	for ; ok && count > 0; count-- {
		ok = p.property()
	}
	return ok
}

// property reads one property: its tag, its name if it has one, its values.
func (p *tnefProps) property() bool {
	tag, ok := p.t.u32(p.limit)
	if !ok {
		return false
	}
	id, typ := uint16(tag>>16), uint16(tag)
	if id >= 0x8000 {
		if !p.name() {
			return false
		}
		id = 0 // numbers of named properties mean something else in every file
	}
	single := typ &^ ptMulti
	if size, fixed := tnefSize(single); fixed {
		n := uint32(1)
		if typ&ptMulti != 0 {
			if n, ok = p.t.u32(p.limit); !ok {
				return false
			}
		}
		if typ == single && id != 0 {
			return p.given(id, typ, size)
		}
		return p.skip(int64(n) * size)
	}
	switch single {
	case ptString8, ptUnicode, ptBinary, ptObject:
		return p.variable(id, typ)
	}
	return false // the length of an unknown type is unknown
}

// name skips the name of a named property: a GUID, and a number or a text.
func (p *tnefProps) name() bool {
	if !p.skip(guidLen) {
		return false
	}
	kind, ok := p.t.u32(p.limit)
	if !ok {
		return false
	}
	switch kind {
	case 0:
		return p.skip(4)
	case 1:
		n, ok := p.t.u32(p.limit)
		return ok && p.skip(padded(n))
	}
	return false
}

// variable reads values that come with their number and lengths, each filled up to four bytes.
func (p *tnefProps) variable(id, typ uint16) bool {
	count, ok := p.t.u32(p.limit)
	for i := uint32(0); ok && i < count; i++ {
		var n uint32
		if n, ok = p.t.u32(p.limit); !ok {
			break
		}
		if i > 0 || typ&ptMulti != 0 || id == 0 {
			ok = p.skip(padded(n))
			continue
		}
		if ok = p.given(id, typ, int64(n)); ok {
			ok = p.skip(padded(n)-int64(n)) || p.t.c.off == p.limit // writers forget to fill up the last one
		}
	}
	return ok
}

// given hands a value of n bytes over and goes behind it.
func (p *tnefProps) given(id, typ uint16, n int64) bool {
	end := p.t.c.off + n
	p.value(id, typ, n, min(end, p.limit))
	p.t.c.skipTo(min(end, p.limit))
	return p.t.c.off == end
}

func (p *tnefProps) skip(n int64) bool {
	end := p.t.c.off + n
	p.t.c.skipTo(min(end, p.limit))
	return p.t.c.off == end
}

// tnefSize gives the length of a value of a fixed type, filled up to four bytes (MS-OXTNEF, 2.1.3.4).
func tnefSize(typ uint16) (int64, bool) {
	switch typ {
	case ptNull:
		return 0, true
	case ptInt16, ptInt32, ptFloat, ptBoolean, ptError:
		return 4, true
	case ptDouble, ptMoney, ptAppTime, ptInt64, ptTime:
		return 8, true
	case ptGUID:
		return guidLen, true
	}
	return 0, false
}

func padded(n uint32) int64 { return (int64(n) + 3) &^ 3 }
