package unpack

import (
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
)

// What one unpacked byte costs of Budget.Bytes by the method that gives it: how many times slower than deflate (110 MB/s on the machine
// where they were measured, with 40 MB of words) it is.
const (
	fastWeight  = 1 // stored, deflate, zstd
	rarWeight   = 2
	lzmaWeight  = 2
	bzip2Weight = 5
	ppmdWeight  = 20
)

// What one packed byte costs besides: these methods take their time by the bits that they read, so that what cannot be packed (pictures,
// PDF, encrypted files, measured with 24 MB of noise) is the slowest for them.
const (
	deflatePacked = 1
	lzmaPacked    = 18
	bzip2Packed   = 15
	ppmdPacked    = 110
)

// metered takes what is read of packed bytes from the budget, each weight times.
type metered struct {
	r      io.ReaderAt
	b      *Budget
	weight int64
}

func (m *metered) ReadAt(p []byte, off int64) (int, error) {
	n, err := m.r.ReadAt(p, off)
	m.b.Bytes -= int64(n) * m.weight
	return n, err
}

// maxName is how many bytes of a stored name are kept. No file system takes longer paths.
const maxName = 4096

// maxWindow bounds the dictionary that a method of packing may ask for, in bytes.
const maxWindow = 64 << 20

// Files lists the regular files of an archive (ZIP, SevenZip, RAR; nothing for other formats) in the order in which they are stored, so
// that reading them in this order goes forward in src, whose true size is size. Directories and links are left out. Each entry is taken
// from b.Entries, and what its reader gives from b.Bytes. Of each kind of problem the first is given.
func Files(f Format, src io.ReaderAt, size int64, b *Budget) ([]Entry, []Problem) {
	w := &witness{src: src}
	a := &archive{src: w, size: size, budget: b}
	switch f {
	case ZIP:
		a.zip()
	case SevenZip:
		a.sevenZip()
	case RAR:
		a.rar()
	}
	if code := CodeOf(w.err); w.err != nil && code != Damaged {
		// It is not the archive that is damaged, but what it lies in that cannot be read.
		a.problems = slices.DeleteFunc(a.problems, func(p Problem) bool { return p.Code == Damaged })
		a.problem(code, "", "cannot be read to its end")
	}
	return a.entries, a.problems
}

// witness remembers why src could not be read: it may itself be a file of an archive, with limits.
type witness struct {
	src io.ReaderAt
	err error
}

func (w *witness) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.src.ReadAt(p, off)
	if err != nil && err != io.EOF && w.err == nil {
		w.err = err
	}
	return n, err
}

// archive collects what is found in one.
type archive struct {
	src      io.ReaderAt
	size     int64
	budget   *Budget
	entries  []Entry
	problems []Problem
}

// problem notes the first of its kind: a broken archive is broken in thousands of places.
func (a *archive) problem(code, where, note string) {
	for _, p := range a.problems {
		if p.Code == code {
			return
		}
	}
	a.problems = append(a.problems, Problem{Code: code, Where: where, Note: note})
}

// room says whether one more file may be listed after n others, and notes when not.
func (a *archive) room(n int) bool {
	if n < a.budget.Entries {
		return true
	}
	a.problem(LimitCount, "", "files beyond the limit are not listed")
	return false
}

// list gives the entries, counted.
func (a *archive) list(entries []Entry) {
	a.budget.Entries -= len(entries)
	a.entries = entries
}

// Errors of reading a file of an archive: all of them are damage.
var (
	errChecksum  = errors.New("checksum differs")
	errLength    = errors.New("length differs from what the archive says")
	errTruncated = errors.New("archive is cut off")
	errHeader    = errors.New("header cannot be read")
	errDecoder   = errors.New("decoder gave up")
)

// checked compares length and checksum at the end of a file.
type checked struct {
	r      io.Reader
	size   int64 // -1: not known
	crc    uint32
	hasCRC bool
	sum    hash.Hash32
	n      int64
}

func check(r io.Reader, size int64, crc uint32, hasCRC bool) io.Reader {
	return &checked{r: r, size: size, crc: crc, hasCRC: hasCRC, sum: crc32.NewIEEE()}
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.sum.Write(p[:n])
	switch {
	case err == io.EOF && c.size >= 0 && c.n != c.size, c.size >= 0 && c.n > c.size:
		err = errLength
	case err == io.EOF && c.hasCRC && c.sum.Sum32() != c.crc:
		err = errChecksum
	}
	return n, err
}

// archiveName reads the bytes of a name that carries no charset: PKWARE's own (APPNOTE, D.1), unless the letters say otherwise.
func archiveName(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	s, _ := charset.Decode("ibm437", raw)
	return s
}

// sameName compares names as readers do: both slashes separate folders.
func sameName(a, b string) bool {
	return a == b || strings.ReplaceAll(a, `\`, "/") == strings.ReplaceAll(b, `\`, "/")
}
