package unpack

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// rarItem is one file of an archive written for a test.
type rarItem struct {
	name    string
	data    []byte // packed
	size    int64
	crc     uint32
	method  int // 0: stored
	solid   bool
	crypted bool
	dir     bool
	split   bool
	link    bool
	extra   []byte // RAR 5: more records
	noSize  bool
	rawName []byte // RAR 3: with the flag of Unicode
}

func rarStore(name, content string) rarItem {
	return rarItem{name: name, data: []byte(content), size: int64(len(content)), crc: crc32.ChecksumIEEE([]byte(content))}
}

// writeRAR5 writes an archive of RAR 5.
func writeRAR5(items ...rarItem) []byte {
	out := append([]byte("Rar!\x1A\x07\x01\x00"), rar5Header(1, 0, []byte{0}, nil, nil)...)
	for _, it := range items {
		var body []byte
		flag := func(b bool, v uint64) uint64 {
			if b {
				return v
			}
			return 0
		}
		vint := binary.AppendUvarint
		body = vint(body, 4|flag(it.dir, 1)|flag(it.noSize, 8))
		body = vint(body, uint64(it.size))
		body = vint(body, 0x20)
		body = binary.LittleEndian.AppendUint32(body, it.crc)
		body = vint(body, uint64(it.method)<<7|flag(it.solid, 0x40)|1<<10)
		body = vint(body, 1)
		body = append(vint(body, uint64(len(it.name))), it.name...)
		extra := it.extra
		if it.crypted {
			extra = append(extra, append([]byte{1 + 4 + 32, 1, 0, 1, 15}, make([]byte, 33)...)...)
		}
		if it.link {
			extra = append(extra, 5, 5, 1, 0, 1, 'x')
		}
		out = append(out, rar5Header(2, flag(it.split, 0x10), body, extra, it.data)...)
		out = append(out, it.data...)
	}
	return append(out, rar5Header(5, 0, []byte{0}, nil, nil)...)
}

func rar5Header(kind, flags uint64, body, extra, data []byte) []byte {
	if len(extra) > 0 {
		flags |= 1
	}
	if len(data) > 0 {
		flags |= 2
	}
	h := binary.AppendUvarint(binary.AppendUvarint(nil, kind), flags)
	if len(extra) > 0 {
		h = binary.AppendUvarint(h, uint64(len(extra)))
	}
	if len(data) > 0 {
		h = binary.AppendUvarint(h, uint64(len(data)))
	}
	h = append(append(h, body...), extra...)
	h = append(binary.AppendUvarint(nil, uint64(len(h))), h...)
	return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(h)), h...)
}

// writeRAR3 writes an archive of RAR 3.
func writeRAR3(items ...rarItem) []byte {
	le := binary.LittleEndian
	out := append([]byte("Rar!\x1A\x07\x00"), rar3Block(rar3Archive, 0, make([]byte, 6))...)
	for _, it := range items {
		flags := uint16(rar3HasData | 5<<5)
		for _, f := range []struct {
			on  bool
			bit uint16
		}{{it.solid, 0x10}, {it.crypted, 4}, {it.split, 2}, {it.dir, 0xE0}, {it.rawName != nil, 0x200}} {
			if f.on {
				flags |= f.bit
			}
		}
		name, mode := it.rawName, uint32(0x81A4)
		if name == nil {
			name = []byte(it.name)
		}
		if it.link {
			mode = 0xA1FF
		}
		size := uint32(it.size)
		if it.noSize {
			size = 0xFFFFFFFF
		}
		h := le.AppendUint32(le.AppendUint32(nil, uint32(len(it.data))), size)
		h = append(le.AppendUint32(append(h, 3), it.crc), 0, 0, 0, 0, 29, byte('0'+it.method))
		h = le.AppendUint32(le.AppendUint16(h, uint16(len(name))), mode)
		out = append(append(out, rar3Block(rar3File, flags, append(h, name...))...), it.data...)
	}
	return append(out, rar3Block(rar3End, 0x4000, nil)...)
}

func rar3Block(kind byte, flags uint16, body []byte) []byte {
	le := binary.LittleEndian
	h := le.AppendUint16(le.AppendUint16([]byte{kind}, flags), uint16(rar3HeadSize+len(body)))
	h = append(h, body...)
	return append(le.AppendUint16(nil, uint16(crc32.ChecksumIEEE(h))), h...)
}

// bitWriter writes bits, the highest first.
type bitWriter struct {
	out []byte
	n   int
}

func (w *bitWriter) bits(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// tables writes codes in which all symbols of one kind have the same length, so that a symbol is its number.
func (w *bitWriter) tables(sizes ...[2]int) {
	for range 20 {
		w.bits(5, 4)
	}
	for _, s := range sizes {
		for range s[0] {
			w.bits(uint64(s[1]), 5)
		}
	}
}

// Lengths of the codes of the writers.
const (
	mainBits, distBits, low5Bits, low3Bits = 9, 6, 4, 5
	rep5Bits, rep3Bits                     = 6, 5
)

// rarOp is one step of a packed stream: a byte, or a match, or a repeated one.
type rarOp struct {
	kind int // 0: byte, 1: match, 2: last distance again, 3: old distance i, 4: short match of RAR 3
	v    byte
	dist int64
	n    int
	i    int
}

// pack5 writes ops as a stream of RAR 5 of one block, with filters (bits) before them.
func pack5(filters []bitWriter, ops []rarOp) []byte {
	var w bitWriter
	w.tables([2]int{rar5Main, mainBits}, [2]int{rar5Dist, distBits}, [2]int{rar5Low, low5Bits}, [2]int{rar5Length, rep5Bits})
	for _, f := range filters {
		w.bits(256, mainBits)
		for i := range f.n {
			w.bits(uint64(f.out[i/8]>>(7-i%8)&1), 1)
		}
	}
	length := func(base, width int, n int) {
		if n -= 2; n < 8 {
			w.bits(uint64(base+n), width)
			return
		}
		extra := bits.Len(uint(n)) - 3
		w.bits(uint64(base+4*(extra+1)+n>>extra&3), width)
		w.bits(uint64(n&(1<<extra-1)), extra)
	}
	for _, op := range ops {
		switch op.kind {
		case 0:
			w.bits(uint64(op.v), mainBits)
		case 1:
			n := op.n
			for _, far := range []int64{0x100, 0x2000, 0x40000} {
				if op.dist > far {
					n--
				}
			}
			length(262, mainBits, max(n, 2))
			d := op.dist - 1
			if d < 4 {
				w.bits(uint64(d), distBits)
				continue
			}
			extra := bits.Len64(uint64(d)) - 2
			w.bits(uint64(2*(extra+1))+uint64(d>>extra&1), distBits)
			if extra < 4 {
				w.bits(uint64(d&(1<<extra-1)), extra)
			} else {
				w.bits(uint64(d>>4&(1<<(extra-4)-1)), extra-4)
				w.bits(uint64(d&15), low5Bits)
			}
		case 2:
			w.bits(257, mainBits)
		case 3:
			w.bits(uint64(258+op.i), mainBits)
			length(0, rep5Bits, op.n)
		}
	}
	used := (w.n+7)%8 + 1
	head := []byte{0xC0 | 2<<3 | byte(used-1), 0, byte(len(w.out)), byte(len(w.out) >> 8), byte(len(w.out) >> 16)}
	head[1] = 0x5A ^ head[0] ^ head[2] ^ head[3] ^ head[4]
	return append(head, w.out...)
}

// filter5 writes a filter of RAR 5.
func filter5(offset, length uint32, kind, channels int) bitWriter {
	var w bitWriter
	for _, v := range []uint32{offset, length} {
		w.bits(3, 2)
		w.bits(uint64(bits.ReverseBytes32(v)), 32)
	}
	w.bits(uint64(kind), 3)
	if kind == 0 {
		w.bits(uint64(channels-1), 5)
	}
	return w
}

// slotOf gives the slot of v among steps.
func slotOf(s rarSteps, v int64) int {
	for i := len(s.base) - 1; ; i-- {
		if s.base[i] <= v {
			return i
		}
	}
}

// pack3 writes ops as a stream of RAR 3, with filters before them.
func pack3(filters [][]byte, ops []rarOp) []byte {
	var w bitWriter
	w.bits(0, 2)
	w.tables([2]int{rar3Main, mainBits}, [2]int{rar3Dist, distBits}, [2]int{rar3Low, low3Bits}, [2]int{rar3Length, rep3Bits})
	for _, f := range filters {
		w.bits(257, mainBits)
		for _, b := range f {
			w.bits(uint64(b), 8)
		}
	}
	step := func(s rarSteps, base, width int, v int64) {
		slot := slotOf(s, v)
		w.bits(uint64(base+slot), width)
		w.bits(uint64(v-s.base[slot]), int(s.bits[slot]))
	}
	for _, op := range ops {
		switch op.kind {
		case 0:
			w.bits(uint64(op.v), mainBits)
		case 1:
			n := op.n
			for _, far := range []int64{0x2000, 0x40000} {
				if op.dist >= far {
					n--
				}
			}
			step(rar3Lengths, 271, mainBits, int64(max(n, 3)-3))
			d := op.dist - 1
			slot := slotOf(rar3Distances, d)
			extra := rar3Distances.bits[slot]
			rest := uint64(d - rar3Distances.base[slot])
			w.bits(uint64(slot), distBits)
			if extra < 4 {
				w.bits(rest, int(extra))
			} else {
				w.bits(rest>>4, int(extra)-4)
				w.bits(rest&15, low3Bits)
			}
		case 2:
			w.bits(258, mainBits)
		case 3:
			w.bits(uint64(259+op.i), mainBits)
			step(rar3Lengths, 0, rep3Bits, int64(op.n-2))
		case 4:
			step(rar3Short, 263, mainBits, op.dist-1)
		}
	}
	w.bits(256, mainBits)
	w.bits(1, 2) // the file ends, the next one has its own codes
	return w.out
}

// filter3 writes the use of a new filter of RAR 3 whose program is given.
func filter3(offset, length uint32, program []byte, registers ...uint32) []byte {
	var w bitWriter
	number := func(v uint32) {
		w.bits(3, 2)
		w.bits(uint64(v), 32)
	}
	flags := byte(0x80 | 0x20 | 0x10 | 7)
	number(0) // forget those before
	number(offset)
	number(length)
	w.bits(1<<len(registers)-1, 7)
	for _, r := range registers {
		number(r)
	}
	number(uint32(len(program)))
	for _, b := range program {
		w.bits(uint64(b), 8)
	}
	return append([]byte{flags, byte(len(w.out) >> 8), byte(len(w.out))}, w.out...)
}

// program3 makes a program of n bytes with a checksum: readers know the programs of filters by these two alone.
func program3(n int, crc uint32) []byte {
	p := make([]byte, n)
	for v := range 1 << 16 {
		p[1], p[2] = byte(v), byte(v>>8)
		for first := range 256 {
			p[0] = byte(first)
			forgeCRC(p, crc)
			x := byte(0)
			for _, b := range p[1:] {
				x ^= b
			}
			if x == p[0] {
				return p
			}
		}
	}
	panic("no program has this checksum")
}

// forgeCRC sets the last four bytes of p so that its CRC-32 is crc.
func forgeCRC(p []byte, crc uint32) {
	table := crc32.IEEETable
	want := ^crc
	for i := len(p) - 1; i >= len(p)-4; i-- { // backwards through the register
		for k, t := range table {
			if t>>24 == want>>24 {
				want = (want^t)<<8 | uint32(k)
				break
			}
		}
	}
	have := ^crc32.ChecksumIEEE(p[:len(p)-4])
	binary.LittleEndian.PutUint32(p[len(p)-4:], have^want)
}
