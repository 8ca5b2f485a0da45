package unpack

import (
	"fmt"
	"io"
)

const (
	rarFirstWindow = 256 << 10
	rarMaxMatch    = 8 << 10  // more than any match is long
	rarStep        = 64 << 10 // unpacked at a time
)

// rarTableCost is what reading a table of codes takes of the budget: a block need not give any byte.
const rarTableCost = 1 << 10

// rarWindow unpacks the files of one solid chain: a ring of the bytes unpacked last, to which matches refer, and the filters that are
// still to be applied before bytes are given out.
type rarWindow struct {
	budget  *Budget
	buf     []byte // grows up to max as bytes come, before it becomes a ring
	max     int
	dict    int64 // that the file asks for
	at      int   // index of the next byte in buf
	wr      int64 // bytes written so far
	rd      int64 // bytes given out so far
	filters []rarFilter
	done    []byte // filtered, to be given out
	spare   []byte // for filters that cannot work in place
	block   []byte

	file  *rarFile
	given int64 // bytes of the file
	end   error // of the decoder
	torn  bool  // the file did not end where it should: no other can go on with it
	three rarLZ3
	five  rarLZ5
	dec   rarDecoder
	rest  io.Reader // the file, counted
}

// rarDecoder writes unpacked bytes to a window.
type rarDecoder interface {
	// begin starts a file; a solid one goes on with the codes of the one before.
	begin(packed io.Reader, solid bool)
	// decode writes until at least until bytes were written in all, or io.EOF at the end of the file.
	decode(w *rarWindow, until int64) error
}

func newRARWindow(b *Budget) *rarWindow {
	return &rarWindow{budget: b, buf: make([]byte, rarFirstWindow)}
}

// begin starts a file whose packed bytes are given.
func (w *rarWindow) begin(f *rarFile, packed io.Reader) {
	w.file, w.given, w.end = f, 0, nil
	w.filters, w.done, w.rd = nil, nil, w.wr
	switch {
	case w.torn:
		w.end = errHeader
		return
	case f.size == 0:
		w.end = io.EOF
		return
	}
	if w.wr <= int64(len(w.buf)) { // no ring yet
		w.dict = max(w.dict, f.window)
		w.max = int(max(min(w.dict, maxWindow), rarFirstWindow)) + rarStep + rarMaxMatch
	}
	w.dec = &w.five
	if f.version == rarVersion3 {
		w.dec = &w.three
	}
	w.dec.begin(packed, f.solid)
}

// Read gives the bytes of the file.
func (w *rarWindow) Read(p []byte) (int, error) {
	if w.file.size >= 0 {
		if left := w.file.size - w.given; left <= 0 {
			return 0, w.close()
		} else if int64(len(p)) > left {
			p = p[:left]
		}
	}
	for {
		n := copy(p, w.done)
		w.done = w.done[n:]
		if n == 0 {
			n = w.plain(p)
		}
		if n > 0 || len(p) == 0 {
			w.given += int64(n)
			return n, nil
		}
		if len(w.filters) > 0 && w.filters[0].start+int64(w.filters[0].length) <= w.wr {
			if err := w.filter(); err != nil {
				return 0, err
			}
			continue
		}
		if err := w.more(); err != nil {
			return 0, err
		}
	}
}

// plain gives bytes that no filter changes.
func (w *rarWindow) plain(p []byte) int {
	n := w.wr - w.rd
	if len(w.filters) > 0 {
		n = min(n, w.filters[0].start-w.rd)
	}
	n = min(n, int64(len(p)))
	if n <= 0 {
		return 0
	}
	w.copyOut(p[:n])
	return int(n)
}

// copyOut takes the next bytes of the window.
func (w *rarWindow) copyOut(p []byte) {
	from := w.at - int(w.wr-w.rd)
	if from < 0 {
		from += len(w.buf)
	}
	n := copy(p, w.buf[from:])
	copy(p[n:], w.buf)
	w.rd += int64(len(p))
}

// more unpacks.
func (w *rarWindow) more() error {
	if w.end != nil {
		if w.end == io.EOF && len(w.filters) > 0 {
			return errHeader // of a filter for more bytes than there are
		}
		return w.end
	}
	until := min(w.wr+rarStep, w.rd+int64(w.max-rarMaxMatch))
	if until <= w.wr {
		return errHeader // of a filter that needs more than the window
	}
	w.end = w.dec.decode(w, until)
	return nil
}

// close unpacks what may follow the last byte of a file: the mark of its end, which says what the next one begins with.
func (w *rarWindow) close() error {
	if w.end == nil {
		w.end = w.dec.decode(w, w.wr+1)
	}
	w.torn = w.torn || w.end != io.EOF || w.wr > w.rd || len(w.done) > 0
	w.end = io.EOF
	return io.EOF
}

// put writes one byte.
func (w *rarWindow) put(b byte) {
	if w.at == len(w.buf) {
		w.wrap()
	}
	w.buf[w.at] = b
	w.at++
	w.wr++
}

// wrap makes the window larger, or goes to its beginning.
func (w *rarWindow) wrap() {
	if len(w.buf) < w.max && w.wr == int64(len(w.buf)) {
		bigger := make([]byte, min(2*len(w.buf), w.max))
		copy(bigger, w.buf)
		w.buf = bigger
		return
	}
	w.at = 0
}

// match writes n bytes again that were written dist bytes before.
func (w *rarWindow) match(dist int64, n int) error {
	switch {
	case n == 0:
		return nil
	case dist < 1 || dist > w.wr:
		return errHeader
	case dist > int64(len(w.buf)) && dist <= w.dict:
		return fmt.Errorf("rar dictionary of %d bytes: %w", w.dict, ErrUnsupported)
	case dist > int64(len(w.buf)):
		return errHeader
	}
	for n > 0 {
		if w.at == len(w.buf) {
			w.wrap()
		}
		from := w.at - int(dist)
		if from < 0 {
			from += len(w.buf)
		}
		k := min(n, len(w.buf)-w.at, len(w.buf)-from)
		if from < w.at {
			k = min(k, max(w.at-from, 1)) // what is written may be read again
		}
		copy(w.buf[w.at:w.at+k], w.buf[from:from+k])
		w.at += k
		w.wr += int64(k)
		n -= k
	}
	return nil
}
