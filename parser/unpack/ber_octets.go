package unpack

import (
	"errors"
	"fmt"
	"io"
)

// maxStringDepth bounds OCTET STRINGs inside one another. Writers use one level: chunks in a string.
const maxStringDepth = 16

// octets reads the value of an OCTET STRING: in one piece, or in pieces that may be nested and of indefinite length (X.690, 8.7.3), as
// mail programs write that do not know the length in advance. What comes before broken or missing bytes is given.
type octets struct {
	w    *berWindow
	at   int64 // of the next byte
	left int64 // bytes of the present piece that are still to come
	cut  bool  // the present piece claims more bytes than there are
	open []octetsLevel
}

// octetsLevel is a string of pieces that is being read: where it ends, -1 for an indefinite length, and what nothing in it may exceed.
type octetsLevel struct{ end, limit int64 }

// newOctets reads the value of element e. Anything but an OCTET STRING is given as the bytes of its contents.
func newOctets(w *berWindow, e berElement) *octets {
	o := &octets{w: w, at: e.body}
	if e.id == berOctetsParts {
		o.push(e, w.size)
		return o
	}
	end := e.end
	if end < 0 { // only something else than a string
		if next, err := w.skip(e); err == nil {
			end = next - 2
		} else {
			end, o.cut = w.size, true
		}
	}
	o.piece(end, w.size)
	return o
}

func (o *octets) push(e berElement, limit int64) {
	l := octetsLevel{e.end, limit}
	if e.end >= 0 {
		l.limit = min(limit, e.end)
	}
	o.open = append(o.open, l)
	o.at = e.body
}

// piece makes the bytes up to end the present piece, as far as limit.
func (o *octets) piece(end, limit int64) {
	if end > limit {
		end, o.cut = limit, true
	}
	o.left = max(0, end-o.at)
}

// next goes on to a piece that has bytes. It ends with io.EOF behind the string.
func (o *octets) next() error {
	for o.left == 0 {
		switch {
		case o.cut:
			return io.ErrUnexpectedEOF
		case len(o.open) == 0:
			return io.EOF
		}
		l := o.open[len(o.open)-1]
		if l.end >= 0 && o.at >= min(l.end, o.w.size) {
			o.cut = l.end > l.limit || o.at != l.end
			o.open = o.open[:len(o.open)-1]
			continue
		}
		e, err := o.w.header(o.at)
		if err != nil {
			return err
		}
		switch {
		case e.id == berEnd && l.end < 0:
			o.open = o.open[:len(o.open)-1]
			o.at = e.body
		case e.id == berOctetsParts && len(o.open) < maxStringDepth:
			o.push(e, l.limit)
		case e.id == berOctets:
			o.at = e.body
			o.piece(e.end, l.limit)
		default:
			return fmt.Errorf("piece of a string at %d: %w", o.at, errBER)
		}
	}
	return nil
}

// Read obeys io.Reader. It fills p from several pieces.
func (o *octets) Read(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if o.left == 0 {
			if err := o.next(); err != nil {
				if done > 0 { // it comes again
					return done, nil
				}
				return 0, err
			}
		}
		n, err := o.copy(p[done:])
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// copy takes bytes of the present piece, from the window when the piece is small.
func (o *octets) copy(p []byte) (int, error) {
	b, err := o.w.bytes(o.at, int(min(o.left, int64(len(p)), int64(len(o.w.buf)))))
	n := copy(p, b)
	o.at += int64(n)
	o.left -= int64(n)
	return n, err
}

// skipAll passes over the value. It gives its size and the offset behind it.
func (o *octets) skipAll() (size, end int64, err error) {
	for {
		switch err := o.next(); {
		case errors.Is(err, io.EOF):
			return size, o.at, nil
		case err != nil:
			return size, o.at, err
		}
		size += o.left
		o.at += o.left
		o.left = 0
	}
}
