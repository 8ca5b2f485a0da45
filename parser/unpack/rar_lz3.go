package unpack

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
)

// Sizes of the codes of RAR 3.
const (
	rar3Main   = 299 // 256 bytes, end, filter, repeat, 4 last distances, 8 short distances, 28 lengths
	rar3Dist   = 60
	rar3Low    = 17
	rar3Length = 28
)

// rarSteps are the bases and extra bits of numbers that a code gives by their magnitude.
type rarSteps struct {
	base []int64
	bits []uint
}

// steps makes them from how many slots have 0, 1, 2 … extra bits.
func steps(counts ...int) rarSteps {
	var s rarSteps
	base := int64(0)
	for bits, n := range counts {
		for range n {
			s.base, s.bits = append(s.base, base), append(s.bits, uint(bits))
			base += 1 << bits
		}
	}
	return s
}

func (s *rarSteps) read(b *rarBits, slot int) int64 {
	return s.base[slot] + int64(b.bits(s.bits[slot]))
}

var (
	rar3Lengths   = steps(8, 4, 4, 4, 4, 4)
	rar3Distances = steps(4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 14, 0, 12)
	rar3Short     = rarSteps{base: []int64{0, 4, 8, 16, 32, 64, 128, 192}, bits: []uint{2, 2, 3, 4, 5, 6, 6, 6}}
)

// rarLZ3 decodes the compression of RAR 2.9 to 4. Its other method, PPMd, is not read: it comes with the same programs, which cannot be told
// without unpacking.
type rarLZ3 struct {
	b       rarBits
	lengths [rar3Main + rar3Dist + rar3Low + rar3Length]byte
	main    rarCode
	dist    rarCode
	low     rarCode
	rep     rarCode
	coded   bool // the codes are there, also for the next file
	ended   bool
	old     [4]int64
	last    int // length
	lowDist int64
	lowRep  int
	filters rar3Filters
}

func (d *rarLZ3) begin(packed io.Reader, solid bool) {
	d.b.reset(packed)
	d.ended = false
	if !solid {
		d.coded, d.old, d.last, d.filters = false, [4]int64{}, 0, rar3Filters{}
		clear(d.lengths[:])
	}
}

func (d *rarLZ3) decode(w *rarWindow, until int64) error {
	for w.wr < until {
		if d.ended {
			return io.EOF
		}
		if !d.coded {
			if err := d.block(w); err != nil {
				return err
			}
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

// block reads the beginning of a block: its method and codes.
func (d *rarLZ3) block(w *rarWindow) error {
	d.b.align()
	if d.b.bits(1) != 0 {
		return fmt.Errorf("rar 3 text method (PPMd): %w", ErrUnsupported)
	}
	if d.b.bits(1) == 0 {
		clear(d.lengths[:])
	}
	d.lowDist, d.lowRep = 0, 0
	if err := rarCodes(w, &d.b, d.lengths[:], true, []rarCoded{{&d.main, rar3Main}, {&d.dist, rar3Dist}, {&d.low, rar3Low}, {&d.rep, rar3Length}}); err != nil {
		return err
	}
	d.coded = true
	return nil
}

// special does what a symbol other than a byte says.
func (d *rarLZ3) special(w *rarWindow, s int) error {
	switch {
	case s < 0:
		return errHeader
	case s >= 271:
		return d.newMatch(w, s-271)
	case s >= 263:
		d.push(rar3Short.read(&d.b, s-263)+1, 2)
	case s >= 259:
		i := s - 259
		dist := d.old[i]
		copy(d.old[1:i+1], d.old[:i])
		d.old[0] = dist
		slot := d.rep.symbol(&d.b)
		if slot < 0 {
			return errHeader
		}
		d.last = int(rar3Lengths.read(&d.b, slot)) + 2
	case s == 257:
		return d.filter(w)
	case s == 256:
		// 1: new codes follow; 00 and 01: the file ends, and the next one goes on with these codes or begins with its own.
		switch {
		case d.b.bits(1) != 0:
			d.coded = false
		default:
			d.coded, d.ended = d.b.bits(1) == 0, true
		}
		return nil
	}
	return w.match(d.old[0], d.last)
}

// push makes dist the last distance.
func (d *rarLZ3) push(dist int64, length int) {
	copy(d.old[1:], d.old[:3])
	d.old[0], d.last = dist, length
}

func (d *rarLZ3) newMatch(w *rarWindow, slot int) error {
	n := int(rar3Lengths.read(&d.b, slot)) + 3
	s := d.dist.symbol(&d.b)
	if s < 0 {
		return errHeader
	}
	dist := rar3Distances.base[s] + 1
	switch bits := rar3Distances.bits[s]; {
	case bits < 4:
		dist += int64(d.b.bits(bits))
	default:
		dist += int64(d.b.bits(bits-4)) << 4
		if d.lowRep > 0 {
			d.lowRep--
			dist += d.lowDist
			break
		}
		low := d.low.symbol(&d.b)
		switch {
		case low < 0:
			return errHeader
		case low == 16:
			d.lowRep = 15
		default:
			d.lowDist = int64(low)
		}
		dist += d.lowDist
	}
	for _, far := range []int64{0x2000, 0x40000} {
		if dist >= far {
			n++
		}
	}
	d.push(dist, n)
	return w.match(dist, n)
}

// filter reads the description of a filter, which is a string of bits of its own.
func (d *rarLZ3) filter(w *rarWindow) error {
	first := byte(d.b.bits(8))
	n := int(first&7) + 1
	switch n {
	case 7:
		n = int(d.b.bits(8)) + 7
	case 8:
		n = int(d.b.bits(16))
	}
	code := make([]byte, n)
	for i := range code {
		code[i] = byte(d.b.bits(8))
	}
	if d.b.over() {
		return d.b.fault()
	}
	f, offset, err := d.filters.read(first, code)
	if err != nil {
		return err
	}
	return w.addFilter(f, offset)
}

// rar3Filters are the filters that a chain of files has described so far, to which later ones refer.
type rar3Filters struct {
	kinds   []rarFilterKind
	lengths []int
	last    int
}

const maxRAR3Filters = 1024

// read reads one use of a filter (AddVMCode of UnRAR): flags say which parts are there.
func (r *rar3Filters) read(flags byte, code []byte) (rarFilter, uint32, error) {
	var b rarBits
	b.reset(bytes.NewReader(code))
	if flags&0x80 != 0 {
		n := int(rar3Number(&b))
		if n == 0 {
			r.kinds, r.lengths = nil, nil
		} else {
			n--
		}
		r.last = n
	}
	if r.last > len(r.kinds) || r.last > maxRAR3Filters {
		return rarFilter{}, 0, errHeader
	}
	isNew := r.last == len(r.kinds)
	offset := rar3Number(&b)
	if flags&0x40 != 0 {
		offset += 258
	}
	if isNew {
		r.kinds, r.lengths = append(r.kinds, rarNoFilter), append(r.lengths, 0)
	}
	if flags&0x20 != 0 {
		r.lengths[r.last] = int(rar3Number(&b))
	}
	var registers [7]uint32
	if flags&0x10 != 0 {
		set := b.bits(7)
		for i := range registers {
			if set>>i&1 != 0 {
				registers[i] = rar3Number(&b)
			}
		}
	}
	if isNew {
		r.kinds[r.last] = rar3Program(&b)
	}
	if b.over() {
		return rarFilter{}, 0, errHeader
	}
	f := rarFilter{kind: r.kinds[r.last], length: r.lengths[r.last], channels: int(registers[0])}
	switch {
	case f.kind == rarDelta && (f.channels < 1 || f.channels > 1024):
		return f, 0, errHeader
	case f.kind == rarColours:
		f.channels, f.position = f.channels-3, int(registers[1])
		if f.channels < 0 || f.channels > maxFilterLength || f.position > 2 {
			return f, 0, errHeader
		}
	}
	return f, offset, nil
}

// rar3Program reads a program and tells which filter it is.
func rar3Program(b *rarBits) rarFilterKind {
	n := rar3Number(b)
	if n == 0 || n > 1<<16 {
		return rarNoFilter
	}
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(b.bits(8))
	}
	switch crc := crc32.ChecksumIEEE(program); {
	case n == 53 && crc == 0xAD576887:
		return rarCalls
	case n == 57 && crc == 0x3CD7E57E:
		return rarJumps
	case n == 29 && crc == 0x0E06077D:
		return rarDelta
	case n == 149 && crc == 0x1C2C5DC8:
		return rarColours
	}
	return rarNoFilter
}

// rar3Number reads a number of 4, 8, 16 or 32 bits; of 8 bits those below 16 are negative.
func rar3Number(b *rarBits) uint32 {
	switch b.bits(2) {
	case 0:
		return b.bits(4)
	case 1:
		if v := b.bits(8); v >= 16 {
			return v
		} else {
			return 0xFFFFFF00 | v<<4 | b.bits(4)
		}
	case 2:
		return b.bits(16)
	}
	return b.bits(32)
}
