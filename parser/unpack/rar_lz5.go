package unpack

import "io"

// Symbols and sizes of the codes of RAR 5.
const (
	rar5Main   = 306 // 256 bytes, filter, repeat, 4 last distances, 44 lengths
	rar5Dist   = 64
	rar5Low    = 16
	rar5Length = 44
)

// rarLZ5 decodes the compression of RAR 5: blocks of known length, each with codes of its own or those of the block before.
type rarLZ5 struct {
	b        rarBits
	lengths  [rar5Main + rar5Dist + rar5Low + rar5Length]byte
	main     rarCode
	dist     rarCode
	low      rarCode
	rep      rarCode
	coded    bool // the codes are there
	old      [4]int64
	last     int   // length
	blockEnd int64 // in bits
	final    bool  // the block is the last one
}

func (d *rarLZ5) begin(packed io.Reader, solid bool) {
	d.b.reset(packed)
	d.blockEnd, d.final = 0, false
	if !solid {
		d.coded, d.old, d.last = false, [4]int64{}, 0
		clear(d.lengths[:])
	}
}

func (d *rarLZ5) decode(w *rarWindow, until int64) error {
	for w.wr < until {
		if d.b.used >= d.blockEnd {
			if d.b.over() || d.b.used > d.blockEnd {
				return d.b.fault()
			}
			if d.final {
				return io.EOF
			}
			if err := d.block(w); err != nil {
				return err
			}
			continue
		}
		s := d.main.symbol(&d.b)
		if s >= 0 && s < 256 {
			w.put(byte(s))
		} else if err := d.special(w, s); err != nil {
			return err
		}
		if d.b.over() {
			return d.b.fault()
		}
	}
	return nil
}

// block reads the header of a block, and its codes.
func (d *rarLZ5) block(w *rarWindow) error {
	d.b.align()
	flags := d.b.bits(8)
	sum := d.b.bits(8)
	count := flags>>3&3 + 1
	if count == 4 {
		return errHeader
	}
	size, check := int64(0), 0x5A^flags
	for i := range count {
		v := d.b.bits(8)
		check ^= v
		size |= int64(v) << (8 * i)
	}
	if d.b.over() {
		return d.b.fault()
	}
	if check&0xFF != sum {
		return errChecksum
	}
	d.blockEnd = d.b.used + max(0, (size-1)*8+int64(flags&7)+1)
	d.final = flags&0x40 != 0
	if flags&0x80 == 0 {
		if !d.coded {
			return errHeader
		}
		return nil
	}
	if err := rarCodes(w, &d.b, d.lengths[:], false, []rarCoded{{&d.main, rar5Main}, {&d.dist, rar5Dist}, {&d.low, rar5Low}, {&d.rep, rar5Length}}); err != nil {
		return err
	}
	d.coded = true
	return nil
}

// special does what a symbol other than a byte says.
func (d *rarLZ5) special(w *rarWindow, s int) error {
	switch {
	case s < 0:
		return errHeader
	case s >= 262:
		return d.newMatch(w, s-262)
	case s >= 258:
		i := s - 258
		dist := d.old[i]
		copy(d.old[1:i+1], d.old[:i])
		d.old[0] = dist
		slot := d.rep.symbol(&d.b)
		if slot < 0 {
			return errHeader
		}
		d.last = d.length(slot)
		return w.match(dist, d.last)
	case s == 257:
		return w.match(d.old[0], d.last)
	}
	return d.filter(w)
}

// length reads the rest of a length whose slot is given.
func (d *rarLZ5) length(slot int) int {
	if slot < 8 {
		return slot + 2
	}
	n := uint(slot/4 - 1)
	return (4|slot&3)<<n + int(d.b.bits(n)) + 2
}

func (d *rarLZ5) newMatch(w *rarWindow, slot int) error {
	n := d.length(slot)
	s := d.dist.symbol(&d.b)
	if s < 0 {
		return errHeader
	}
	dist := int64(s) + 1
	if s >= 4 {
		bits := uint(s/2 - 1)
		dist = int64(2|s&1)<<bits + 1
		if bits < 4 {
			dist += int64(d.b.bits(bits))
		} else {
			dist += int64(d.b.bits(bits-4)) << 4
			low := d.low.symbol(&d.b)
			if low < 0 {
				return errHeader
			}
			dist += int64(low)
		}
	}
	for _, far := range []int64{0x100, 0x2000, 0x40000} {
		if dist > far {
			n++
		}
	}
	copy(d.old[1:], d.old[:3])
	d.old[0], d.last = dist, n
	return w.match(dist, n)
}

// filter reads a filter for bytes that follow.
func (d *rarLZ5) filter(w *rarWindow) error {
	offset, length := d.number(), d.number()
	f := rarFilter{length: int(length), kind: rarNoFilter}
	switch d.b.bits(3) {
	case 0:
		f.kind, f.channels = rarDelta, int(d.b.bits(5))+1
	case 1:
		f.kind = rarCalls
	case 2:
		f.kind = rarJumps
	case 3:
		f.kind = rarARM
	}
	return w.addFilter(f, offset)
}

// number reads a number of 1 to 4 bytes.
func (d *rarLZ5) number() uint32 {
	n := d.b.bits(2)
	v := uint32(0)
	for i := range n + 1 {
		v |= d.b.bits(8) << (8 * i)
	}
	return v
}
