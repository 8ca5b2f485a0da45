package pdfsign

import (
	"bytes"
	"errors"
	"io"
)

const (
	windowSize = 4 << 10  // bytes read at once where objects are read
	searchSize = 64 << 10 // and where the whole file is
)

// window looks at a file, or at an unpacked object stream, through a small buffer. It remembers the first error of reading, behind which
// everything looks like the end of the file.
type window struct {
	r     io.ReaderAt
	size  int64
	buf   []byte
	from  int64
	n     int
	fault error
}

func newWindow(r io.ReaderAt, size int64) *window {
	return &window{r: r, size: max(0, size), buf: make([]byte, windowSize)}
}

func bytesWindow(b []byte) *window {
	return &window{r: bytes.NewReader(b), size: int64(len(b)), buf: b, n: len(b)}
}

// at gives the byte at an offset, -1 outside of the file.
func (w *window) at(off int64) int {
	if i := off - w.from; i >= 0 && i < int64(w.n) {
		return int(w.buf[i])
	}
	if off < 0 || off >= w.size || w.fault != nil {
		return -1
	}
	w.from = off - off%int64(len(w.buf)) // so that going backwards does not read the same again and again
	w.n = w.read(w.buf, w.from)
	if i := off - w.from; i < int64(w.n) {
		return int(w.buf[i])
	}
	return -1
}

// read fills p from an offset, up to the end of the file, and gives how much it got.
func (w *window) read(p []byte, off int64) int {
	if w.fault != nil || off < 0 || off >= w.size {
		return 0
	}
	p = p[:min(int64(len(p)), w.size-off)]
	n, err := w.r.ReadAt(p, off)
	if n == len(p) {
		return n
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // the size was given by the caller
	}
	w.fault = err
	return n
}

// holds says whether s stands at an offset.
func (w *window) holds(off int64, s string) bool {
	for i := range len(s) {
		if w.at(off+int64(i)) != int(s[i]) {
			return false
		}
	}
	return true
}

// each calls visit with the bytes from to until to, piece by piece. Pieces overlap by keep bytes; at is the offset of a piece. It stops
// when visit answers false.
func (w *window) each(from, to int64, keep int, visit func(at int64, b []byte) bool) {
	buf := make([]byte, searchSize)
	for from < to {
		n := w.read(buf[:min(int64(len(buf)), to-from)], from)
		if n == 0 || !visit(from, buf[:n]) || from+int64(n) >= to {
			return
		}
		from += int64(max(n-keep, 1))
	}
}
