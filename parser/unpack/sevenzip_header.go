package unpack

import (
	"bufio"
	"errors"
	"io"
	"math/bits"
	"unicode/utf16"
)

// Property ids of the 7z format (7zFormat.txt of the LZMA SDK, "Property IDs").
const (
	szEnd = iota
	szHeader
	szArchiveProperties
	szAdditionalStreams
	szMainStreams
	szFilesInfo
	szPackInfo
	szUnpackInfo
	szSubStreams
	szSize
	szCRC
	szFolders
	szCodersUnpackSize
	szNumUnpackStream
	szEmptyStream
	szEmptyFile
	szAnti
	szName
	szAttributes    = 21
	szEncodedHeader = 23
)

// Bounds of what is taken from a header. Counts beyond are errTooMany; what a count promises takes memory only as its bytes come.
const (
	szMaxFolders = 1 << 14 // also of packed streams per four
	szMaxFiles   = 1 << 20 // that are read over
	szKeptFiles  = 1 << 14 // that are remembered
	szMaxCoders  = 8
	szMaxInputs  = 16
	szMaxLength  = 1 << 60 // of anything, so that sums do not overflow
)

var errTooMany = errors.New("header promises too much")

// szReader reads a header. After an error it gives zeros.
type szReader struct {
	r   *bufio.Reader
	pos int64
	err error
}

func (r *szReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *szReader) byte() byte {
	if r.err != nil {
		return 0
	}
	b, err := r.r.ReadByte()
	if err != nil {
		r.fail(errTruncated)
		return 0
	}
	r.pos++
	return b
}

// number reads a NUMBER: the ones before the first zero of the first byte count the bytes that follow.
func (r *szReader) number() uint64 {
	first := r.byte()
	more := bits.LeadingZeros8(^first)
	var v uint64
	for i := range more {
		v |= uint64(r.byte()) << (8 * i)
	}
	if more < 7 {
		v |= uint64(first&(1<<(7-more)-1)) << (8 * more)
	}
	return v
}

// count reads a NUMBER that must not be more than limit.
func (r *szReader) count(limit int) int {
	v := r.number()
	if v > uint64(limit) {
		r.fail(errTooMany)
		return 0
	}
	return int(v)
}

// length reads a NUMBER of bytes.
func (r *szReader) length() int64 {
	v := r.number()
	if v > szMaxLength {
		r.fail(errTooMany)
		return 0
	}
	return int64(v)
}

func (r *szReader) uint32() uint32 {
	var v uint32
	for i := range 4 {
		v |= uint32(r.byte()) << (8 * i)
	}
	return v
}

func (r *szReader) skip(n int64) {
	for n > 0 && r.err == nil {
		k, err := r.r.Discard(int(min(n, 1<<20)))
		r.pos += int64(k)
		n -= int64(k)
		if err != nil {
			r.fail(errTruncated)
		}
	}
}

// flags reads n bits.
func (r *szReader) flags(n int) []bool {
	out := make([]bool, n)
	var b byte
	for i := 0; i < n && r.err == nil; i++ {
		if i%8 == 0 {
			b = r.byte()
		}
		out[i] = b<<(i%8)&0x80 != 0
	}
	return out
}

// optionalFlags reads a byte that says whether all are set, else n bits.
func (r *szReader) optionalFlags(n int) []bool {
	if r.byte() == 0 {
		return r.flags(n)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// checksums reads n digests and gives each one that is there to set.
func (r *szReader) checksums(n int, set func(i int, crc uint32)) {
	for i, defined := range r.optionalFlags(n) {
		if defined && r.err == nil {
			set(i, r.uint32())
		}
	}
}

// name reads a name: UTF-16LE up to a zero (7zFormat.txt, FilesInfo). What is beyond maxName bytes is left out.
func (r *szReader) name() string {
	var units []uint16
	for r.err == nil {
		u := uint16(r.byte()) | uint16(r.byte())<<8
		if u == 0 {
			break
		}
		if len(units) < maxName/3 {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units))
}

// newSzReader reads a header from src.
func newSzReader(src io.Reader) *szReader { return &szReader{r: bufio.NewReaderSize(src, 16<<10)} }
