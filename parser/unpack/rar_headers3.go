package unpack

import (
	"bytes"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf16"
)

// rar3Headers are those of RAR 1.5 to 4 (technote.txt of RAR 3).
type rar3Headers struct {
	a    *archive
	at   int64
	buf  []byte
	main bool // was read
}

// Kinds of headers of RAR 3, and flags.
const (
	rar3Archive  = 0x73
	rar3File     = 0x74
	rar3Comment  = 0x75
	rar3Author   = 0x76
	rar3Sub      = 0x77
	rar3Sign     = 0x79
	rar3Service  = 0x7A
	rar3End      = 0x7B
	rar3HasData  = 0x8000
	rar3HeadSize = 7
)

func (h *rar3Headers) next() (*rarFile, error) {
	const archiveEncrypted, endMore = 0x80, 1
	for {
		if h.at == h.a.size && h.main {
			return nil, io.EOF // the end block may be missing
		}
		start, err := h.a.readHeader(&h.buf, h.at, rar3HeadSize)
		if err != nil {
			return nil, err
		}
		kind, flags, size := start[2], le16(start[3:]), int64(le16(start[5:]))
		if size < rar3HeadSize {
			return nil, errHeader
		}
		all, err := h.a.readHeader(&h.buf, h.at, size)
		if err != nil {
			return nil, err
		}
		if err := h.verify(all); err != nil {
			return nil, err
		}
		r := rarFields{b: all[rar3HeadSize:]}
		h.at += size
		data := int64(0)
		if flags&rar3HasData != 0 || kind == rar3File {
			data = int64(le32(r.take(4)))
		}
		switch kind {
		case rar3Archive:
			h.main = true
			if flags&archiveEncrypted != 0 {
				return nil, ErrEncrypted
			}
		case rar3File, rar3Service:
			f, err := rar3FileOf(&r, flags, data)
			if err != nil {
				return nil, err
			}
			f.data = h.at
			h.at += f.packed
			if kind == rar3Service {
				continue
			}
			if h.at > h.a.size {
				h.a.problem(Damaged, f.name, "cut off in this file")
				f.packed = h.a.size - f.data
			}
			if f.skip && f.packed == 0 {
				continue
			}
			return f, nil
		case rar3End:
			if flags&endMore != 0 {
				return nil, ErrUnsupported
			}
			return nil, io.EOF
		default:
			h.at += data
		}
		if !h.main {
			return nil, errHeader
		}
	}
}

// verify compares the checksum of a header. Some old kinds have none, or one of less.
func (h *rar3Headers) verify(all []byte) error {
	const hasComment = 0x02
	switch kind, flags := all[2], le16(all[3:]); {
	case kind == rar3Comment, kind == rar3Author, kind == rar3Sub, kind == rar3Sign:
		return nil
	case kind == rar3Archive && flags&hasComment != 0, kind == rar3File && flags&0x08 != 0:
		return nil
	case uint16(crc32.ChecksumIEEE(all[2:])) != le16(all):
		return errChecksum
	}
	return nil
}

// rar3FileOf reads the fields of a file header behind its packed size.
func rar3FileOf(r *rarFields, flags uint16, packed int64) (*rarFile, error) {
	const (
		splitBefore, splitAfter, encrypted, solid = 1, 2, 4, 0x10
		large, unicode                            = 0x100, 0x200
		unix, link                                = 3, 0xA000
	)
	f := &rarFile{packed: packed, hasCRC: true}
	f.size = int64(le32(r.take(4)))
	system := r.take(1)[0]
	f.crc = le32(r.take(4))
	r.take(4) // time
	version, method := r.take(1)[0], r.take(1)[0]
	nameLen := le16(r.take(2))
	attributes := le32(r.take(4))
	unknown := f.size == 0xFFFFFFFF
	if flags&large != 0 {
		f.packed |= int64(le32(r.take(4))) << 32
		high := le32(r.take(4))
		unknown = unknown && high == 0xFFFFFFFF
		f.size |= int64(high) << 32
	}
	name := r.take(uint64(nameLen))
	if r.bad || f.packed < 0 || f.packed > 1<<60 {
		return nil, errHeader
	}
	if unknown || f.size < 0 {
		f.size = -1
	}
	f.name = rar3Name(name, flags&unicode != 0)
	f.split = flags&(splitBefore|splitAfter) != 0
	f.crypted = flags&encrypted != 0
	f.solid = flags&solid != 0
	window := flags >> 5 & 7
	f.skip = window == 7 || system == unix && attributes&0xF000 == link
	f.window = 64 << 10 << window
	switch {
	case method == '0':
		f.version = rarStored
	case version == 29:
		f.version = rarVersion3
	default:
		f.version = rarUnknown
	}
	return f, nil
}

// rar3Name decodes a name: in the charset of the packer's system, or as that, a zero, and the differences of its UTF-16 (technote.txt,
// "FILE_NAME"; EncodeFileName of UnRAR), or with a flag and without a zero as UTF-8. Folders stand before a backslash.
func rar3Name(raw []byte, unicode bool) string {
	plain, diff, both := bytes.Cut(raw, []byte{0})
	name := ""
	if unicode && both && len(diff) > 1 {
		name = string(utf16.Decode(rar3Unicode(plain, diff)))
	} else if unicode {
		name = archiveName(raw[:min(len(raw), maxName)])
	} else {
		name = archiveName(plain[:min(len(plain), maxName)])
	}
	return strings.ReplaceAll(name, `\`, "/")
}

// rar3Unicode puts UTF-16 together from the plain bytes of a name and what differs in it: a high byte for all, then for each letter two
// bits that say how it is written, four letters to a byte.
func rar3Unicode(plain, diff []byte) []uint16 {
	var out []uint16
	high := uint16(diff[0]) << 8
	r := rarFields{b: diff[1:]}
	flags, left := byte(0), 0
	next := func() uint16 { return uint16(r.take(1)[0]) }
	for len(out) < len(plain) && len(r.b) > 0 && len(out) < maxName/3 {
		if left == 0 {
			flags, left = byte(next()), 4
		}
		switch flags >> 6 {
		case 0:
			out = append(out, next())
		case 1:
			out = append(out, next()|high)
		case 2:
			low := next()
			out = append(out, low|next()<<8)
		case 3:
			n := next()
			add, over := byte(0), uint16(0)
			if n&0x80 != 0 {
				add, over = byte(next()), high
			}
			for range n&0x7F + 2 {
				if len(out) < len(plain) {
					out = append(out, uint16(plain[len(out)]+add)|over)
				}
			}
		}
		flags <<= 2
		left--
	}
	return out
}
