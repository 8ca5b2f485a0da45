package unpack

import (
	"errors"
	"fmt"
	"io"
)

// Bounds of walking through BER (X.690).
const (
	maxBERDepth = 64      // elements of indefinite length inside one another
	berHeader   = 16      // bytes that the longest accepted header has: a tag of 5, a length of 9
	skimWindow  = 4 << 10 // bytes read at once where only headers are wanted
	readWindow  = 32 << 10
)

// errBER is what stands where BER was expected. Data that is cut off gives io.ErrUnexpectedEOF instead.
var errBER = errors.New("no BER")

// First bytes of the elements that are looked for: class, form and tag (X.690, 8.1.2).
const (
	berEnd         = 0x00 // end of contents
	berInteger     = 0x02
	berBits        = 0x03
	berOctets      = 0x04
	berOID         = 0x06
	berOctetsParts = 0x24 // an OCTET STRING that is built of others
	berSequence    = 0x30
	berSet         = 0x31
	berTag0        = 0xA0
	berTag1        = 0xA1
	berKeyID       = 0x80 // [0] IMPLICIT OCTET STRING
)

// berElement is the header of an element: its first byte, and the offsets where it begins, where its contents begin and where they end.
// end is -1 for an indefinite length. It is what the file claims, and may lie behind the end of the file.
type berElement struct {
	id            byte
	at, body, end int64
}

// berWindow looks at a file through a small buffer.
type berWindow struct {
	src  io.ReaderAt
	size int64
	buf  []byte
	from int64 // offset of the first byte in the buffer
	n    int
}

func newBERWindow(src io.ReaderAt, size int64, buffer int) *berWindow {
	return &berWindow{src: src, size: size, buf: make([]byte, buffer)}
}

// bytes gives up to n bytes from offset at, valid until the next call. Fewer come only at the end of the file, none without an error.
func (w *berWindow) bytes(at int64, n int) ([]byte, error) {
	if at < 0 || at >= w.size {
		return nil, io.ErrUnexpectedEOF
	}
	want := int(min(int64(n), w.size-at))
	if at < w.from || at+int64(want) > w.from+int64(w.n) {
		got, err := w.src.ReadAt(w.buf[:min(int64(len(w.buf)), w.size-at)], at)
		w.from, w.n = at, got
		if got == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("read at %d: %w", at, err)
		}
	}
	b := w.buf[at-w.from : w.n]
	return b[:min(len(b), n)], nil
}

// header reads the header of the element at an offset.
func (w *berWindow) header(at int64) (berElement, error) {
	b, err := w.bytes(at, berHeader)
	if err != nil {
		return berElement{}, err
	}
	_, header, length, err := berLength(b)
	if err != nil {
		return berElement{}, fmt.Errorf("element at %d: %w", at, err)
	}
	e := berElement{id: b[0], at: at, body: at + int64(header), end: -1}
	if length >= 0 {
		e.end = e.body + length
	}
	return e, nil
}

// berLength reads the header at the beginning of b: the size of its tag, its own, and that of the contents, -1 for an indefinite one.
func berLength(b []byte) (tag, header int, length int64, err error) {
	tag = 1
	if len(b) > 0 && b[0]&0x1F == 0x1F { // the tag goes on (X.690, 8.1.2.4)
		for tag < len(b) && tag < 5 && b[tag]&0x80 != 0 {
			tag++
		}
		tag++
	}
	if tag >= len(b) {
		return 0, 0, 0, io.ErrUnexpectedEOF
	}
	l := b[tag]
	header = tag + 1
	switch {
	case l < 0x80:
		length = int64(l)
	case l == 0x80 && b[0]&0x20 != 0:
		return tag, header, -1, nil
	case l == 0x80 || l > 0x88:
		return 0, 0, 0, errBER
	}
	if l > 0x80 {
		for range l & 0x7F {
			if header >= len(b) {
				return 0, 0, 0, io.ErrUnexpectedEOF
			}
			if length >= 1<<47 { // far beyond any file, far below overflow
				return 0, 0, 0, errBER
			}
			length = length<<8 | int64(b[header])
			header++
		}
	}
	if b[0] == berEnd && length != 0 {
		return 0, 0, 0, errBER
	}
	return tag, header, length, nil
}

// skip gives the offset behind an element.
func (w *berWindow) skip(e berElement) (int64, error) {
	if e.end >= 0 {
		if e.end > w.size {
			return w.size, io.ErrUnexpectedEOF
		}
		return e.end, nil
	}
	at := e.body
	for depth := 1; depth > 0; {
		c, err := w.header(at)
		switch {
		case err != nil:
			return at, err
		case c.id == berEnd:
			depth--
			at = c.body
		case c.end >= 0:
			at = c.end
		case depth == maxBERDepth:
			return at, fmt.Errorf("nested deeper than %d: %w", maxBERDepth, errBER)
		default:
			depth++
			at = c.body
		}
	}
	return at, nil
}

// unread is what a visitor of children answers for an element that is to be passed over.
const unread = int64(-1)

// children calls visit for each element inside e, which answers the offset behind it, or unread. It gives the offset behind e.
func (w *berWindow) children(e berElement, visit func(berElement) (int64, error)) (int64, error) {
	at := e.body
	for e.end < 0 || at < e.end {
		c, err := w.header(at)
		if err != nil {
			return at, err
		}
		if c.id == berEnd {
			if e.end < 0 {
				return c.body, nil
			}
			return at, fmt.Errorf("end of contents at %d: %w", at, errBER)
		}
		next, err := visit(c)
		if err == nil && next == unread {
			next, err = w.skip(c)
		}
		if err != nil {
			return at, err
		}
		at = next
	}
	if at > e.end {
		return at, fmt.Errorf("element longer than what it stands in, which ends at %d: %w", e.end, errBER)
	}
	return at, nil
}
