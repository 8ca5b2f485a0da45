package evidence

import (
	"encoding/binary"
	"io"
)

// maxTIFFPages bounds the walk: a file whose directories point at each other in a ring has no end.
const maxTIFFPages = 10000

// tiffPages counts the pictures of a TIFF file by its chain of directories (TIFF 6.0, section 2; BigTIFF). 0: it is none.
func tiffPages(r io.ReaderAt) int {
	var head [16]byte
	if n, err := r.ReadAt(head[:], 0); n < 8 || err != nil && err != io.EOF {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(head[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return 0
	}
	big := false
	at := int64(order.Uint32(head[4:]))
	switch order.Uint16(head[2:]) {
	case 42:
	case 43:
		big, at = true, int64(order.Uint64(head[8:]))
	default:
		return 0
	}
	pages := 0
	for at > 0 && pages < maxTIFFPages {
		next, ok := nextDirectory(r, order, at, big)
		if !ok {
			break
		}
		pages, at = pages+1, next
	}
	return pages
}

// nextDirectory gives the place of the directory after the one at the given place; 0 after the last.
func nextDirectory(r io.ReaderAt, order binary.ByteOrder, at int64, big bool) (int64, bool) {
	var b [8]byte
	if big {
		if _, err := r.ReadAt(b[:], at); err != nil {
			return 0, false
		}
		entries := order.Uint64(b[:])
		if entries > 1<<16 {
			return 0, false
		}
		if _, err := r.ReadAt(b[:], at+8+int64(entries)*20); err != nil {
			return 0, false
		}
		return int64(order.Uint64(b[:])), true
	}
	if _, err := r.ReadAt(b[:2], at); err != nil {
		return 0, false
	}
	if _, err := r.ReadAt(b[:4], at+2+int64(order.Uint16(b[:]))*12); err != nil {
		return 0, false
	}
	return int64(order.Uint32(b[:])), true
}
