package unpack

import (
	"bufio"
	"bytes"
	"io"
)

// salvageZIP lists files by their local headers (4.3.7) alone, for archives that lost their directory. It goes once through the file.
func (a *archive) salvageZIP() []zipFile {
	var files []zipFile
	listed := 0
	s := a.scanPK(0)
	for s.next() {
		if string(s.head[:4]) != zipLocal {
			continue
		}
		f, ok := a.readLocal(s.at)
		if !ok {
			continue
		}
		if !a.room(listed) || len(files) > a.budget.Entries+maxSkipped {
			break
		}
		if !f.skip {
			listed++
		}
		if f.flags&zipDeferred != 0 && f.packed == 0 {
			a.findEnd(&f)
		}
		files = append(files, f)
		s.skipTo(f.end())
	}
	return files
}

// readLocal reads the local header at off. The data of the last file may be cut off.
func (a *archive) readLocal(off int64) (zipFile, bool) {
	var h [zipLocalLen]byte
	if n, _ := a.src.ReadAt(h[:], off); n < len(h) {
		return zipFile{}, false
	}
	nameLen, extraLen := int(le16(h[26:])), int(le16(h[28:]))
	f := zipFile{flags: le16(h[6:]), method: le16(h[8:]), crc: le32(h[14:]), header: off, nameSize: nameLen}
	if f.data = off + zipLocalLen + int64(nameLen+extraLen); f.data > a.size {
		return zipFile{}, false
	}
	rest := make([]byte, nameLen+extraLen)
	if n, _ := a.src.ReadAt(rest, off+zipLocalLen); n < len(rest) {
		return zipFile{}, false
	}
	raw, extra := rest[:min(nameLen, maxName)], rest[nameLen:]
	f.raw, f.name = string(raw), zipName(raw, f.flags, extra)
	f.packed, f.size, _ = zipSizes(extra, le32(h[18:]), le32(h[22:]), 0)
	f.packed = min(f.packed, a.size-f.data)
	f.skip = f.skipped(0, 0) && f.packed == 0 && f.flags&zipDeferred == 0
	return f, true
}

// findEnd finds where the data of f end whose header leaves that out: at a descriptor (4.3.9) that says so, or where the next record begins.
func (a *archive) findEnd(f *zipFile) {
	f.packed, f.size, f.noCRC = a.size-f.data, -1, true
	for s := a.scanPK(f.data); s.next(); {
		packed := s.at - f.data
		switch d := s.head; string(d[:4]) {
		case zipDescriptor:
			if len(d) >= 16 && int64(le32(d[8:])) == packed {
				f.packed, f.size, f.crc, f.noCRC = packed, int64(le32(d[12:])), le32(d[4:]), false
				return
			}
			if len(d) >= 24 && le64(d[8:]) == uint64(packed) {
				f.packed, f.size, f.crc, f.noCRC = packed, max(-1, int64(le64(d[16:]))), le32(d[4:]), false
				return
			}
		case zipLocal, zipCentral:
			// A stored file may be an archive itself.
			if f.method != zipStore {
				f.packed = packed
				return
			}
		}
	}
}

// pkScanner finds everything that looks like the signature of a record.
type pkScanner struct {
	a    *archive
	r    *bufio.Reader
	at   int64  // of the signature found
	head []byte // bytes there, 4 to 24
	pos  int64  // of r
}

func (a *archive) scanPK(from int64) *pkScanner {
	s := &pkScanner{a: a, r: bufio.NewReaderSize(nil, 32<<10)}
	s.skipTo(from)
	return s
}

// skipTo goes on at off.
func (s *pkScanner) skipTo(off int64) {
	s.r.Reset(io.NewSectionReader(s.a.src, off, max(0, s.a.size-off)))
	s.pos = off
}

func (s *pkScanner) next() bool {
	for {
		if _, err := s.r.Peek(4); err != nil {
			return false
		}
		b, _ := s.r.Peek(s.r.Buffered())
		i := bytes.Index(b, []byte("PK"))
		if i < 0 {
			s.skip(len(b) - 1)
			continue
		}
		s.skip(i)
		s.at = s.pos
		head, _ := s.r.Peek(24)
		s.skip(min(2, len(head)))
		if len(head) >= 4 && head[2] < 8 {
			s.head = head
			return true
		}
	}
}

// skip goes over n bytes that are buffered.
func (s *pkScanner) skip(n int) {
	n, _ = s.r.Discard(n)
	s.pos += int64(n)
}
