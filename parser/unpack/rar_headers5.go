package unpack

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

var errRARCut = errors.New("cut off: files may be missing")

// readHeader reads n bytes of headers at off into buf.
func (a *archive) readHeader(buf *[]byte, off, n int64) ([]byte, error) {
	if n > maxRARHeader {
		return nil, errHeader
	}
	if off+n > a.size {
		return nil, errRARCut
	}
	if int64(cap(*buf)) < n {
		*buf = make([]byte, n)
	}
	b := (*buf)[:n]
	if k, err := a.src.ReadAt(b, off); k < len(b) {
		return nil, err
	}
	return b, nil
}

// rar5Headers are those of RAR 5 (RAR 5.0 archive format, rarlab.com/technote.htm).
type rar5Headers struct {
	a    *archive
	at   int64
	buf  []byte
	main bool // was read
}

// rar5Block is what begins every header.
type rar5Block struct {
	kind, flags uint64
	body        rarFields
	extra       rarFields
	data        int64 // bytes that follow the header
}

func (h *rar5Headers) next() (*rarFile, error) {
	for {
		b, err := h.block()
		if err != nil {
			return nil, err
		}
		data := h.at
		h.at += b.data
		switch b.kind {
		case 1: // main header
			h.main = true
		case 2: // file
			f, err := b.file()
			if err != nil {
				return nil, err
			}
			f.data, f.packed = data, min(b.data, h.a.size-data)
			if h.at > h.a.size {
				h.a.problem(Damaged, f.name, "cut off in this file")
			}
			if f.skip && b.data == 0 {
				continue
			}
			return f, nil
		case 4: // encryption of all headers
			return nil, ErrEncrypted
		case 5: // end of archive
			if b.body.number()&1 != 0 {
				return nil, ErrUnsupported // and of this volume
			}
			return nil, io.EOF
		}
		if !h.main {
			return nil, errHeader
		}
	}
}

// block reads the header at h.at and goes behind it.
func (h *rar5Headers) block() (rar5Block, error) {
	var b rar5Block
	begin, err := h.a.readHeader(&h.buf, h.at, min(7, max(5, h.a.size-h.at)))
	if err != nil {
		return b, err
	}
	sum := le32(begin)
	size, n := binary.Uvarint(begin[4:])
	if n <= 0 || size == 0 || size > maxRARHeader {
		return b, errHeader
	}
	all, err := h.a.readHeader(&h.buf, h.at+4, int64(n)+int64(size))
	if err != nil {
		return b, err
	}
	if crc32.ChecksumIEEE(all) != sum {
		return b, errChecksum
	}
	h.at += 4 + int64(len(all))
	b.body = rarFields{b: all[n:]}
	b.kind, b.flags = b.body.number(), b.body.number()
	extra := uint64(0)
	if b.flags&1 != 0 {
		extra = b.body.number()
	}
	if b.flags&2 != 0 {
		data := b.body.number()
		if data > 1<<60 {
			return b, errHeader
		}
		b.data = int64(data)
	}
	if extra > uint64(len(b.body.b)) {
		return b, errHeader
	}
	cut := len(b.body.b) - int(extra)
	b.extra = rarFields{b: b.body.b[cut:]}
	b.body.b = b.body.b[:cut]
	if b.body.bad {
		return b, errHeader
	}
	return b, nil
}

// file reads a file header.
func (b *rar5Block) file() (*rarFile, error) {
	const (
		beforeSplit, afterSplit               = 0x08, 0x10
		directory, hasTime, hasCRC, noSize    = 1, 2, 4, 8
		links                                 = 5 // extra record of redirections
		encryption                            = 1
		versionMask, solid, dictionary, fifty = 0x3F, 0x40, 10, 0
	)
	f := &rarFile{}
	flags, size := b.body.number(), b.body.number()
	b.body.number() // attributes
	if flags&hasTime != 0 {
		b.body.take(4)
	}
	if flags&hasCRC != 0 {
		f.crc, f.hasCRC = le32(b.body.take(4)), true
	}
	method := b.body.number()
	b.body.number() // system
	name := b.body.take(b.body.number())
	if b.body.bad {
		return nil, errHeader
	}
	f.name = archiveName(name[:min(len(name), maxName)])
	f.size = -1
	if flags&noSize == 0 && size < 1<<60 {
		f.size = int64(size)
	}
	f.split = b.flags&(beforeSplit|afterSplit) != 0
	f.skip = flags&directory != 0
	f.solid = method&solid != 0
	f.window = 128 << 10 << (method >> dictionary & 15)
	switch {
	case method>>7&7 == 0:
		f.version = rarStored
	case method&versionMask == fifty:
		f.version = rarVersion5
	default:
		f.version = rarUnknown
	}
	for len(b.extra.b) > 0 && !b.extra.bad {
		record := rarFields{b: b.extra.take(b.extra.number())}
		switch record.number() {
		case encryption:
			f.crypted = true
		case links:
			f.skip = true
		}
	}
	return f, nil
}

// rarFields takes fields from the beginning of a header. What is not there is zero, and bad says so.
type rarFields struct {
	b   []byte
	bad bool
}

// number takes a vint, of at most 10 bytes.
func (r *rarFields) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *rarFields) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return make([]byte, min(n, 8))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}
