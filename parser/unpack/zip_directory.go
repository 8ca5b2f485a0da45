package unpack

import (
	"bufio"
	"bytes"
	"io"
)

// zipDirectory is where the central directory lies. Every offset in it counts from base: programs that unpack themselves put their own
// code before the archive and leave the offsets as they were.
type zipDirectory struct {
	start, end int64
	base       int64
	count      uint64 // records it claims, for ZIP without ZIP64 modulo 65536
	count64    bool
	parts      bool // belongs to an archive of several files
}

// maxEnds bounds how many end records are tried: each may cost reading the file again.
const maxEnds = 3

// findDirectory looks for the end record (4.3.16) backwards from the end of the file: first one whose comment reaches exactly to the end,
// then any other, because gateways append bytes and comments are cut off.
func (a *archive) findDirectory() (zipDirectory, bool) {
	tail := make([]byte, min(a.size, zipEndLen+0xFFFF))
	from := a.size - int64(len(tail))
	if n, err := a.src.ReadAt(tail, from); n < len(tail) && err != nil {
		return zipDirectory{}, false
	}
	tries := 0
	for _, exact := range []bool{true, false} {
		for i := len(tail) - zipEndLen; i >= 0 && tries < maxEnds; i-- {
			if tail[i] != 'P' || string(tail[i:i+4]) != zipEnd {
				continue
			}
			end := tail[i : i+zipEndLen]
			if fits := i+zipEndLen+int(le16(end[20:])) == len(tail); fits != exact {
				continue
			}
			tries++
			if d, ok := a.tryEnd(end, from+int64(i)); ok {
				return d, true
			}
		}
	}
	return zipDirectory{}, false
}

// tryEnd reads the end record that stands at pos, and the one of ZIP64 (4.3.14) where it is meant.
func (a *archive) tryEnd(end []byte, pos int64) (zipDirectory, bool) {
	disk, records, length, offset := uint64(le16(end[4:])), uint64(le16(end[10:])), uint64(le32(end[12:])), uint64(le32(end[16:]))
	d := zipDirectory{end: pos, count: records}
	if disk == 0xFFFF || records == 0xFFFF || length == 0xFFFFFFFF || offset == 0xFFFFFFFF {
		if e, at, ok := a.findEnd64(pos); ok {
			disk, length, offset = uint64(le32(e[16:])), le64(e[40:]), le64(e[48:])
			d.end, d.count, d.count64 = at, le64(e[32:]), true
		}
	}
	d.parts = disk != 0 && disk != 0xFFFF
	if length > uint64(d.end) || offset > uint64(a.size) {
		return d, false
	}
	d.start = d.end - int64(length)
	d.base = d.start - int64(offset)
	if d.count == 0 && length == 0 || a.signature(d.start) == zipCentral {
		return d, true
	}
	// Something stands between the directory and its end: take the offset by its word.
	d.start, d.base = int64(offset), 0
	return d, d.start < d.end && a.signature(d.start) == zipCentral
}

// findEnd64 gives the end record of ZIP64 by its locator (4.3.15), which stands before the end record at pos.
func (a *archive) findEnd64(pos int64) ([]byte, int64, bool) {
	locator, end := make([]byte, zipLocator64Len), make([]byte, zipEnd64Len)
	if pos < zipLocator64Len+zipEnd64Len {
		return nil, 0, false
	}
	if _, err := a.src.ReadAt(locator, pos-zipLocator64Len); err != nil || string(locator[:4]) != zipLocator64 {
		return nil, 0, false
	}
	// The offset is wrong where something was put before the archive; the record has no extension in practice.
	for _, at := range []uint64{uint64(pos - zipLocator64Len - zipEnd64Len), le64(locator[8:])} {
		if at > uint64(pos-zipLocator64Len-zipEnd64Len) {
			continue
		}
		if _, err := a.src.ReadAt(end, int64(at)); err == nil && string(end[:4]) == zipEnd64 {
			return end, int64(at), true
		}
	}
	return nil, 0, false
}

func (a *archive) signature(off int64) string {
	var b [4]byte
	n, _ := a.src.ReadAt(b[:], off)
	return string(b[:n])
}

// zipState says how much of a directory was read.
type zipState int

const (
	zipBroken zipState = iota // up to a record that is none
	zipCut                    // up to a limit
	zipWhole
)

// maxSkipped bounds the folders and links that are remembered, which are not entries.
const maxSkipped = 2000

// readDirectory gives the files of the directory, in its order. The directory is read as it streams by: a record takes memory only while
// there is room for its entry.
func (a *archive) readDirectory(d zipDirectory) ([]zipFile, zipState) {
	r := zipRecords{r: bufio.NewReaderSize(io.NewSectionReader(a.src, d.start, d.end-d.start), 32<<10)}
	var files []zipFile
	state, listed, skipped, records := zipWhole, 0, 0, uint64(0)
	for {
		f, ok := r.next()
		if !ok {
			break
		}
		records++
		f.header += d.base
		if d.parts {
			f.err = ErrUnsupported
		}
		if f.skip {
			if skipped++; skipped > maxSkipped {
				state = zipCut
				continue
			}
		} else {
			if !a.room(listed) {
				return files, zipCut
			}
			listed++
		}
		f.name = zipName([]byte(f.raw), f.flags, r.extra)
		files = append(files, f)
	}
	if r.broken {
		return files, zipBroken
	}
	if records != d.count && (d.count64 || uint16(records) != uint16(d.count)) {
		a.problem(Damaged, "", "the directory does not hold as many records as it says")
	}
	return files, state
}

// zipRecords reads the records of a central directory (4.3.12).
type zipRecords struct {
	r      *bufio.Reader
	head   [zipCentralLen]byte
	extra  []byte // of the last record
	name   []byte
	broken bool
}

// next gives a record without its name decoded; false at the end or where something else begins.
func (z *zipRecords) next() (zipFile, bool) {
	sig, err := z.r.Peek(4)
	if err != nil || string(sig) != zipCentral {
		// A signature or the records of ZIP64 may end the directory.
		z.broken = len(sig) > 0 && !bytes.HasPrefix(sig, []byte("PK\x05")) && !bytes.HasPrefix(sig, []byte("PK\x06"))
		return zipFile{}, false
	}
	h := &z.head
	if _, err := io.ReadFull(z.r, h[:]); err != nil {
		z.broken = true
		return zipFile{}, false
	}
	f := zipFile{flags: le16(h[8:]), method: le16(h[10:]), crc: le32(h[16:]), nameSize: int(le16(h[28:]))}
	if z.name, err = readKept(z.r, z.name, f.nameSize, maxName); err == nil {
		if z.extra, err = readKept(z.r, z.extra, int(le16(h[30:])), 0xFFFF); err == nil {
			_, err = z.r.Discard(int(le16(h[32:])))
		}
	}
	if err != nil {
		z.broken = true
		return zipFile{}, false
	}
	f.raw = string(z.name)
	f.packed, f.size, f.header = zipSizes(z.extra, le32(h[20:]), le32(h[24:]), le32(h[42:]))
	f.skip = f.skipped(le16(h[4:]), le32(h[38:]))
	return f, true
}

// readKept reads n bytes and keeps at most limit of them in buf.
func readKept(r *bufio.Reader, buf []byte, n, limit int) ([]byte, error) {
	keep := min(n, limit)
	if cap(buf) < keep {
		buf = make([]byte, keep)
	}
	buf = buf[:keep]
	if _, err := io.ReadFull(r, buf); err != nil {
		return buf, err
	}
	_, err := r.Discard(n - keep)
	return buf, err
}

// zipSizes gives packed size, size and offset, from the ZIP64 field (4.5.3) those that do not fit. What is beyond int64 is -1.
func zipSizes(extra []byte, packed, size, offset uint32) (int64, int64, int64) {
	wide := extraField(extra, 0x0001)
	take := func(v uint32) int64 {
		if v != 0xFFFFFFFF || len(wide) < 8 {
			return int64(v)
		}
		n := int64(le64(wide))
		wide = wide[8:]
		return max(n, -1)
	}
	s := take(size)
	p := take(packed)
	return max(p, 0), s, take(offset)
}
