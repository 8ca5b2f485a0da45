package unpack

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
)

// Signatures and lengths of the records of a ZIP file (PKWARE APPNOTE 6.3, 4.3).
const (
	zipLocal      = "PK\x03\x04" // 4.3.7
	zipCentral    = "PK\x01\x02" // 4.3.12
	zipEnd        = "PK\x05\x06" // 4.3.16
	zipEnd64      = "PK\x06\x06" // 4.3.14
	zipLocator64  = "PK\x06\x07" // 4.3.15
	zipDescriptor = "PK\x07\x08" // 4.3.9

	zipLocalLen     = 30
	zipCentralLen   = 46
	zipEndLen       = 22
	zipEnd64Len     = 56
	zipLocator64Len = 20
)

// General purpose flags (4.4.4).
const (
	zipEncrypted = 1 << 0
	zipDeferred  = 1 << 3 // sizes and checksum follow the data
	zipStrong    = 1 << 6
	zipUTF8      = 1 << 11
	zipMasked    = 1 << 13 // the local header says nothing
)

// zipFile is one file of a ZIP archive. Sizes and offsets are claims until located.
type zipFile struct {
	raw      string // name as stored, cut at maxName
	name     string
	flags    uint16
	method   uint16
	crc      uint32
	noCRC    bool
	packed   int64
	size     int64 // -1: not known
	header   int64 // offset of the local header in the file
	data     int64
	skip     bool  // a folder or a link
	err      error // why it cannot be opened
	nameSize int   // bytes of the whole stored name
}

func (f *zipFile) end() int64 { return f.data + f.packed }

func (f *zipFile) encrypted() bool {
	return f.flags&(zipEncrypted|zipStrong) != 0 || f.method == zipAES
}

// zip lists by the directory at the end of the file, or without it by the headers before each file.
func (a *archive) zip() {
	dir, ok := a.findDirectory()
	if !ok {
		a.problem(Damaged, "", "no directory: cut off, or not a ZIP file")
		a.listZIP(a.salvageZIP())
		return
	}
	if dir.parts {
		a.problem(Unsupported, "", "one part of a split archive")
	}
	files, state := a.readDirectory(dir)
	if state == zipBroken {
		a.problem(Damaged, "", "the directory is broken")
		if salvaged := a.salvageZIP(); len(salvaged) > len(files) {
			a.listZIP(salvaged)
			return
		}
	}
	sort.SliceStable(files, func(i, j int) bool { return files[i].header < files[j].header })
	for i := range files {
		a.locate(&files[i], dir)
	}
	if f := overlapping(files); f != nil {
		a.problem(Overlap, f.name, "entries share bytes")
		return
	}
	if state == zipWhole {
		a.lookBetween(files, dir)
	}
	a.listZIP(files)
}

// overlapping gives a file that shares bytes with another one; files are sorted by offset. Such files make small bombs of any size
// (D. Fifield, "A better zip bomb", 2019). Honest archives have none.
func overlapping(files []zipFile) *zipFile {
	end := int64(0)
	for i := range files {
		f := &files[i]
		if f.err == errHeader {
			continue
		}
		if f.header < end {
			return f
		}
		end = f.end()
	}
	return nil
}

// listZIP makes entries of the files that are neither folders nor links.
func (a *archive) listZIP(files []zipFile) {
	seen := make(map[string]bool, len(files))
	entries := make([]Entry, 0, len(files))
	for i := range files {
		f := &files[i]
		if f.skip {
			continue
		}
		if seen[f.name] {
			a.problem(NamesDiffer, f.name, "two entries have one name")
		}
		seen[f.name] = true
		if f.encrypted() {
			a.problem(Encrypted, f.name, "needs a password")
		}
		entries = append(entries, Entry{Name: f.name, Size: f.size, Open: func() (io.Reader, error) { return a.openZIP(f) }})
	}
	a.list(entries)
}

// locate reads the local header of f, which says where its data begin, and compares it with the directory.
func (a *archive) locate(f *zipFile, dir zipDirectory) {
	var h [zipLocalLen]byte
	if f.header >= 0 && f.header < dir.start {
		if n, _ := a.src.ReadAt(h[:], f.header); n < len(h) {
			h[0] = 0
		}
	}
	if string(h[:4]) != zipLocal {
		f.err = errHeader
		a.problem(Damaged, f.name, "no header where the directory says")
		return
	}
	nameLen, extraLen := int(le16(h[26:])), int64(le16(h[28:]))
	f.data = f.header + zipLocalLen + int64(nameLen) + extraLen
	if f.packed > dir.start-f.data {
		a.problem(Damaged, f.name, "a file is longer than the archive")
		f.packed = max(0, dir.start-f.data)
	}
	if f.flags&zipMasked != 0 {
		return
	}
	raw := make([]byte, min(nameLen, maxName))
	if n, _ := a.src.ReadAt(raw, f.header+zipLocalLen); n < len(raw) || nameLen != f.nameSize || !sameName(string(raw), f.raw) {
		a.problem(NamesDiffer, f.name, "the directory and the file's own header name it differently")
	}
	if le16(h[8:]) != f.method || (le16(h[6:])^f.flags)&zipEncrypted != 0 || f.liesAboutSize(h) {
		a.problem(Damaged, f.name, "the directory and the file's own header contradict each other")
	}
}

// liesAboutSize says whether the local header h has another packed size than the directory. It may leave it out (4.4.4, bit 3; 4.5.3).
func (f *zipFile) liesAboutSize(h [zipLocalLen]byte) bool {
	n := int64(le32(h[18:]))
	return le16(h[6:])&zipDeferred == 0 && n != 0 && n != 0xFFFFFFFF && n != f.packed
}

// lookBetween finds local headers that no record of the directory points to: programs that read ZIP as a stream unpack their files.
func (a *archive) lookBetween(files []zipFile, dir zipDirectory) {
	at := int64(0)
	gap := func(next int64) {
		if next-at >= zipLocalLen && a.localNear(at) {
			a.problem(NamesDiffer, "", "holds a file that its directory does not name")
		}
	}
	for i := range files {
		if files[i].err == errHeader {
			return // already damaged
		}
		gap(files[i].header)
		at = files[i].end()
	}
	gap(dir.start)
}

// localNear says whether a local header is at off, or behind the descriptor there (4.3.9).
func (a *archive) localNear(off int64) bool {
	var b [24 + 4]byte
	n, _ := a.src.ReadAt(b[:], off)
	for _, skip := range []int{0, 12, 16, 20, 24} {
		if skip+4 <= n && string(b[skip:skip+4]) == zipLocal {
			return true
		}
	}
	return false
}

// zipName decodes a name: by its flag (4.4.4, bit 11), by the Unicode Path field (4.6.9), or by its bytes.
func zipName(raw []byte, flags uint16, extra []byte) string {
	if flags&zipUTF8 != 0 && utf8.Valid(raw) {
		return string(raw)
	}
	if path := extraField(extra, 0x7075); len(path) > 5 && path[0] == 1 && le32(path[1:]) == crc32.ChecksumIEEE(raw) && utf8.Valid(path[5:]) {
		return string(path[5:min(len(path), 5+maxName)])
	}
	if flags&zipUTF8 != 0 {
		s, _ := charset.Decode("utf-8", raw)
		return s
	}
	return archiveName(raw)
}

// extraField gives the field id of an extra block (4.5.1), nil when it is not there.
func extraField(extra []byte, id uint16) []byte {
	for len(extra) >= 4 {
		n := int(le16(extra[2:]))
		if n > len(extra)-4 {
			return nil
		}
		if le16(extra) == id {
			return extra[4 : 4+n]
		}
		extra = extra[4+n:]
	}
	return nil
}

// skipped tells folders and links, which are not listed, from files. A name with a slash at its end that has content is a file: some
// programs unpack it. The upper half of attributes is a Unix mode when madeBy says so (4.4.2, 4.4.15).
func (f *zipFile) skipped(madeBy uint16, attributes uint32) bool {
	const unix, darwin = 3, 19
	mode := uint32(0)
	if host := madeBy >> 8; host == unix || host == darwin {
		mode = attributes >> 16 & 0xF000
	}
	if mode == 0xA000 {
		return true
	}
	return f.size == 0 && (strings.HasSuffix(f.raw, "/") || strings.HasSuffix(f.raw, `\`) || mode == 0x4000 || attributes&0x10 != 0)
}

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
