package parser

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// windowSize is how much of the raw message is in memory at once.
const windowSize = 64 << 10

// windowPool is shared by all readers; its buffers carry nothing from one message to the next.
var windowPool = sync.Pool{New: func() any { b := make([]byte, windowSize); return &b }}

// window is a moving view of the raw message.
type window struct {
	r    io.ReaderAt
	buf  *[]byte
	base int64 // offset of buf[0] in the message
	pos  int   // next byte to be read in buf
	n    int   // bytes in buf
	end  int64 // offset at which reading stops
	err  error // of the reader, other than io.EOF
}

func newWindow(r io.ReaderAt, size int64) *window {
	return &window{r: r, end: size, buf: windowPool.Get().(*[]byte)}
}

func (w *window) release() {
	windowPool.Put(w.buf)
	w.buf = nil
}

// data are the bytes in view that are not yet consumed.
func (w *window) data() []byte { return (*w.buf)[w.pos:w.n] }

// offset is where data begins in the message.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// last says that nothing comes after data.
func (w *window) last() bool { return w.base+int64(w.n) >= w.end }

// seek moves the view to an offset, and the end of reading to end.
func (w *window) seek(off, end int64) {
	w.end = end
	if in := off - w.base; in >= 0 && in <= int64(w.n) && end >= w.base+int64(w.n) {
		w.pos = int(in)
		return
	}
	w.base, w.pos, w.n = off, 0, 0
}

// more moves what is left of the view to its front and reads on. It reports whether bytes were added; a full view or the end adds none.
func (w *window) more() bool {
	b := *w.buf
	if w.pos > 0 {
		copy(b, b[w.pos:w.n])
		w.base += int64(w.pos)
		w.n -= w.pos
		w.pos = 0
	}
	want := min(int64(len(b)-w.n), w.end-w.base-int64(w.n))
	if want <= 0 {
		return false
	}
	got, err := w.r.ReadAt(b[w.n:w.n+int(want)], w.base+int64(w.n))
	got = max(0, min(got, int(want)))
	w.n += got
	if int64(got) < want {
		if err != nil && !errors.Is(err, io.EOF) {
			w.err = err
		}
		w.end = w.base + int64(w.n) // nothing more can be had
	}
	return got > 0
}

// line consumes the next line with its line end. whole is false for a line that is longer than the view: the rest of it follows. Nothing is
// left when the line is empty.
func (w *window) line() (l []byte, whole bool) {
	for {
		d := w.data()
		if i := bytes.IndexByte(d, '\n'); i >= 0 {
			w.pos += i + 1
			return d[:i+1], true
		}
		if w.last() && len(d) > 0 || len(d) == len(*w.buf) {
			w.pos += len(d)
			return d, w.last()
		}
		if !w.more() {
			if d = w.data(); len(d) == 0 {
				return nil, true
			}
		}
	}
}
