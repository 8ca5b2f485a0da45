package unpack

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// zipItem is one file of an archive written field by field, so that each may lie. Zero fields are filled in honestly by store or deflate.
type zipItem struct {
	name    string
	local   string // name in the local header; empty: as name
	flags   uint16
	method  uint16
	madeBy  uint16
	attr    uint32
	data    []byte // packed
	size    uint32
	crc     uint32
	extra   []byte
	packed  uint32 // claimed; 0: len(data)
	offset  int    // of the local header; 0: its own, which is written then
	tail    []byte // after the data
	zeroLoc bool   // sizes in the local header are left out
	hidden  bool   // not in the directory
}

func stored(name, content string) zipItem {
	return zipItem{name: name, data: []byte(content), size: uint32(len(content)), crc: crc32.ChecksumIEEE([]byte(content))}
}

func deflated(t testing.TB, name string, content []byte) zipItem {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipItem{name: name, method: zipDeflate, data: b.Bytes(), size: uint32(len(content)), crc: crc32.ChecksumIEEE(content)}
}

// zipLayout is what stands around the items.
type zipLayout struct {
	prefix   string // before the archive; offsets do not count it
	comment  string
	zip64    bool
	records  int    // claimed; 0: as many as there are
	noEnd    bool   // cut before the directory
	trailing string // after the comment
	disk     uint16
}

func writeZIP(items []zipItem, l zipLayout) []byte {
	var b, dir []byte
	le := binary.LittleEndian
	n := 0
	for _, it := range items {
		local, packed, off := it.local, it.packed, it.offset
		if local == "" {
			local = it.name
		}
		if packed == 0 {
			packed = uint32(len(it.data))
		}
		if off == 0 {
			off = len(b)
			h := append([]byte(zipLocal), 20, 0)
			h = le.AppendUint16(h, it.flags)
			h = le.AppendUint16(h, it.method)
			h = append(h, 0, 0, 0, 0)
			if it.zeroLoc {
				h = append(h, make([]byte, 12)...)
			} else {
				h = le.AppendUint32(le.AppendUint32(le.AppendUint32(h, it.crc), packed), it.size)
			}
			h = le.AppendUint16(le.AppendUint16(h, uint16(len(local))), 0)
			b = append(append(append(append(b, h...), local...), it.data...), it.tail...)
		}
		if it.hidden {
			continue
		}
		n++
		dir = appendRecord(dir, it, packed, off)
	}
	if l.noEnd {
		return append([]byte(l.prefix), b...)
	}
	start := len(b)
	b = append(b, dir...)
	if l.records > 0 {
		n = l.records
	}
	if l.zip64 {
		at := len(b)
		b = append(b, zipEnd64...)
		b = le.AppendUint64(b, zipEnd64Len-12)
		b = append(b, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		b = le.AppendUint64(le.AppendUint64(b, uint64(n)), uint64(n))
		b = le.AppendUint64(le.AppendUint64(b, uint64(len(dir))), uint64(start))
		b = append(append(b, zipLocator64...), 0, 0, 0, 0)
		b = le.AppendUint32(le.AppendUint64(b, uint64(at)), 1)
	}
	b = le.AppendUint16(le.AppendUint16(append(b, zipEnd...), l.disk), l.disk)
	if l.zip64 {
		b = append(b, bytes.Repeat([]byte{0xFF}, 12)...)
	} else {
		b = le.AppendUint16(le.AppendUint16(b, uint16(n)), uint16(n))
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(dir))), uint32(start))
	}
	b = append(le.AppendUint16(b, uint16(len(l.comment))), l.comment...)
	return append(append([]byte(l.prefix), b...), l.trailing...)
}

// appendRecord writes a record of the central directory (APPNOTE 4.3.12).
func appendRecord(dir []byte, it zipItem, packed uint32, off int) []byte {
	le := binary.LittleEndian
	dir = append(dir, zipCentral...)
	dir = le.AppendUint16(dir, it.madeBy)
	dir = append(dir, 20, 0)
	dir = le.AppendUint16(le.AppendUint16(dir, it.flags), it.method)
	dir = append(dir, 0, 0, 0, 0)
	dir = le.AppendUint32(le.AppendUint32(le.AppendUint32(dir, it.crc), packed), it.size)
	dir = le.AppendUint16(le.AppendUint16(dir, uint16(len(it.name))), uint16(len(it.extra)))
	dir = append(dir, make([]byte, 6)...)
	dir = le.AppendUint32(le.AppendUint32(dir, it.attr), uint32(off))
	return append(append(dir, it.name...), it.extra...)
}
