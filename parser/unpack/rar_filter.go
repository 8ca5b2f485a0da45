package unpack

import (
	"encoding/binary"
	"fmt"
)

// rarFilter changes length unpacked bytes from start on (counted in the window) before they are given out.
type rarFilter struct {
	kind     rarFilterKind
	start    int64
	length   int
	channels int // of delta; the width of a line for colours
	position int // of red among colours
}

type rarFilterKind int

// The filters that RAR packs with. RAR 3 writes them as programs, of which those that are known stand for these.
const (
	rarDelta    rarFilterKind = iota // differences between bytes of one channel
	rarCalls                         // x86 calls (E8)
	rarJumps                         // x86 calls and jumps (E8, E9)
	rarARM                           // ARM branches
	rarColours                       // of RAR 3: differences between neighbours in pictures
	rarNoFilter                      // not supported
)

const (
	maxRARFilters   = 8192
	maxFilterLength = 4 << 20 // the most that RAR 5 packs with
	filterCost      = 256     // of the budget, besides a quarter of the bytes
)

// addFilter takes a filter that begins offset bytes behind what is written.
func (w *rarWindow) addFilter(f rarFilter, offset uint32) error {
	f.start = w.wr + int64(offset)
	if n := len(w.filters); n >= maxRARFilters || n > 0 && f.start < w.filters[n-1].start || f.length > maxFilterLength || f.length < 0 {
		return errHeader
	}
	if f.kind == rarNoFilter {
		return fmt.Errorf("rar filter: %w", ErrUnsupported)
	}
	if f.length > 0 {
		w.filters = append(w.filters, f)
	}
	return nil
}

// filter applies the first filter, and those for the very same bytes, once these are all there.
func (w *rarWindow) filter() error {
	f := w.filters[0]
	if f.start < w.rd {
		return errHeader
	}
	if cap(w.block) < f.length {
		w.block = make([]byte, f.length)
		w.spare = make([]byte, f.length)
	}
	block, spare := w.block[:f.length], w.spare[:f.length]
	w.copyOut(block)
	for len(w.filters) > 0 && w.filters[0].start == f.start {
		g := w.filters[0]
		if w.budget.Bytes -= filterCost + int64(g.length)/4; w.budget.Bytes <= 0 {
			return ErrBudget
		}
		if g.length != f.length {
			return errHeader
		}
		w.filters = w.filters[1:]
		switch g.kind {
		case rarDelta:
			undelta(spare, block, g.channels)
			block, spare = spare, block
		case rarColours:
			uncolour(spare, block, g.channels, g.position)
			block, spare = spare, block
		case rarCalls, rarJumps:
			uncall(block, w.given, g.kind == rarJumps, w.file.version == rarVersion5)
		case rarARM:
			unbranch(block, w.given)
		}
	}
	w.done = block
	return nil
}

// undelta puts the bytes of each channel, which stand one channel after the other as differences, into their places.
func undelta(to, from []byte, channels int) {
	i := 0
	for c := range channels {
		last := byte(0)
		for k := c; k < len(to); k += channels {
			last -= from[i]
			i++
			to[k] = last
		}
	}
}

// uncall makes the targets of calls relative again. at is where the block begins in its file, which RAR 5 counts modulo 16 MiB.
func uncall(b []byte, at int64, jumps, modulo bool) {
	const fileSize = 1 << 24
	for i := 0; i+4 < len(b); i++ {
		if b[i] != 0xE8 && (!jumps || b[i] != 0xE9) {
			continue
		}
		offset := uint32(at + int64(i) + 1)
		if modulo {
			offset %= fileSize
		}
		target := b[i+1 : i+5]
		switch addr := le32(target); {
		case addr >= 1<<31:
			if addr+offset < 1<<31 {
				binary.LittleEndian.PutUint32(target, addr+fileSize)
			}
		case addr < fileSize:
			binary.LittleEndian.PutUint32(target, addr-offset)
		}
		i += 4
	}
}

// unbranch makes the targets of ARM branches (BL, always) relative again.
func unbranch(b []byte, at int64) {
	for i := 0; i+3 < len(b); i += 4 {
		if b[i+3] != 0xEB {
			continue
		}
		v := uint32(b[i]) | uint32(b[i+1])<<8 | uint32(b[i+2])<<16
		v -= uint32(at+int64(i)) / 4
		b[i], b[i+1], b[i+2] = byte(v), byte(v>>8), byte(v>>16)
	}
}

// uncolour undoes the prediction of three colours from their neighbours to the left and above; red and blue were differences to green.
func uncolour(to, from []byte, width, red int) {
	i := 0
	for c := range 3 {
		left := 0
		for k := c; k < len(to); k += 3 {
			guess := left
			if k >= width+3 {
				above, corner := int(to[k-width]), int(to[k-width-3])
				sum := left + above - corner
				switch a, b, c := distance(sum, left), distance(sum, above), distance(sum, corner); {
				case a <= b && a <= c:
				case b <= c:
					guess = above
				default:
					guess = corner
				}
			}
			left = int(byte(guess - int(from[i])))
			i++
			to[k] = byte(left)
		}
	}
	for k := red; k < len(to)-2; k += 3 {
		to[k] += to[k+1]
		to[k+2] += to[k+1]
	}
}

func distance(a, b int) int { return max(a-b, b-a) }
