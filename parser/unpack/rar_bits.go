package unpack

import (
	"bufio"
	"io"
)

// rarBits reads packed bytes bit by bit, the highest bit first. Behind the end there are zeros, and over says so.
type rarBits struct {
	r    *bufio.Reader
	acc  uint64
	have uint  // bits in acc, in its highest places
	used int64 // bits taken
	more int   // zeros added, in bytes
	err  error // of r
}

func (b *rarBits) reset(r io.Reader) {
	if b.r == nil {
		b.r = bufio.NewReaderSize(r, 16<<10)
	} else {
		b.r.Reset(r)
	}
	b.acc, b.have, b.used, b.more, b.err = 0, 0, 0, 0, nil
}

// over says whether bits were taken that are not there.
func (b *rarBits) over() bool { return uint(b.more)*8 > b.have }

// fault gives the error of reading behind the end.
func (b *rarBits) fault() error {
	if b.err != nil && b.err != io.EOF {
		return b.err
	}
	return io.ErrUnexpectedEOF
}

func (b *rarBits) fill() {
	for b.have <= 56 {
		c, err := b.r.ReadByte()
		if err != nil {
			if b.err == nil {
				b.err = err
			}
			b.more++
		}
		b.acc |= uint64(c) << (56 - b.have)
		b.have += 8
	}
}

// peek gives the next n bits, at most 32, without taking them.
func (b *rarBits) peek(n uint) uint32 {
	if b.have < n {
		b.fill()
	}
	return uint32(b.acc >> 32 >> (32 - n))
}

func (b *rarBits) take(n uint) {
	b.acc <<= n
	b.have -= n
	b.used += int64(n)
}

// bits takes n bits, at most 32.
func (b *rarBits) bits(n uint) uint32 {
	v := b.peek(n)
	b.take(n)
	return v
}

// align goes to the next whole byte.
func (b *rarBits) align() {
	if n := uint(b.used % 8); n != 0 {
		b.bits(8 - n)
	}
}

// rarCode is a canonical Huffman code with lengths up to 15 (as in RFC 1951, 3.2.2).
type rarCode struct {
	limit   [17]uint32            // first code longer than so many bits, aligned to 16 bits
	first   [17]int               // index into symbols of the first code of a length
	symbols [rar5Main]uint16      // more than any code has
	quick   [1 << rarQuick]uint16 // symbol<<4 | length for codes of at most rarQuick bits, 0 for others
}

const rarQuick = 9

// build makes the code that the lengths describe. Lengths that describe none make one in which some bits mean nothing.
func (c *rarCode) build(lengths []byte) {
	var count [17]int
	for _, n := range lengths {
		count[n]++
	}
	count[0] = 0
	code, index := uint32(0), 0
	next := [17]int{}
	for n := 1; n <= 16; n++ {
		c.first[n], next[n] = index, index
		if n < 16 {
			code += uint32(count[n]) << (16 - n)
			index += count[n]
		}
		c.limit[n] = min(code, 1<<16)
	}
	for s, n := range lengths {
		if n > 0 {
			c.symbols[next[n]] = uint16(s)
			next[n]++
		}
	}
	for i := range c.quick {
		c.quick[i] = 0
		bits := uint32(i) << (16 - rarQuick)
		for n := 1; n <= rarQuick; n++ {
			if bits < c.limit[n] {
				c.quick[i] = c.symbols[c.index(bits, n)]<<4 | uint16(n)
				break
			}
		}
	}
}

// index gives the place among the symbols of the code of n bits at the top of 16 bits.
func (c *rarCode) index(bits uint32, n int) int {
	return c.first[n] + int((bits-c.limit[n-1])>>(16-n))
}

// symbol takes the next symbol; -1 when the bits mean none.
func (c *rarCode) symbol(b *rarBits) int {
	bits := b.peek(16)
	if q := c.quick[bits>>(16-rarQuick)]; q != 0 {
		b.take(uint(q & 15))
		return int(q >> 4)
	}
	for n := 1; n < 16; n++ {
		if bits < c.limit[n] {
			b.take(uint(n))
			return int(c.symbols[c.index(bits, n)])
		}
	}
	return -1
}

// rarTables reads the lengths of the codes of a block into lengths: those of a code for lengths come first, in 4 bits each. delta adds to
// the lengths of the block before, as RAR 3 does.
func rarTables(b *rarBits, lengths []byte, delta bool) error {
	var pre [20]byte
	for i := 0; i < len(pre); i++ {
		pre[i] = byte(b.bits(4))
		if pre[i] == 15 {
			if n := int(b.bits(4)); n > 0 {
				pre[i] = 0
				i += n + 1 // n+2 zeros, of which this was one
			}
		}
	}
	var code rarCode
	code.build(pre[:])
	for i := 0; i < len(lengths); {
		s := code.symbol(b)
		if s < 0 || b.over() {
			return errHeader
		}
		if s < 16 {
			if delta {
				s += int(lengths[i])
			}
			lengths[i] = byte(s & 15)
			i++
			continue
		}
		var n int
		if s&1 == 0 {
			n = 3 + int(b.bits(3))
		} else {
			n = 11 + int(b.bits(7))
		}
		v := byte(0)
		if s < 18 {
			if i == 0 {
				return errHeader
			}
			v = lengths[i-1]
		}
		for ; n > 0 && i < len(lengths); n-- {
			lengths[i] = v
			i++
		}
	}
	if b.over() {
		return b.fault()
	}
	return nil
}

// rarCoded is a code and how many symbols it has.
type rarCoded struct {
	code *rarCode
	n    int
}

// rarCodes reads the lengths of all codes of a block and builds the codes, in the order in which their lengths stand. It costs the budget
// what building costs.
func rarCodes(w *rarWindow, b *rarBits, lengths []byte, version3 bool, parts []rarCoded) error {
	if w.budget.Bytes -= rarTableCost; w.budget.Bytes <= 0 {
		return ErrBudget
	}
	if err := rarTables(b, lengths, version3); err != nil {
		return err
	}
	for _, p := range parts {
		p.code.build(lengths[:p.n])
		lengths = lengths[p.n:]
	}
	return nil
}
