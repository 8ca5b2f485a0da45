package parser

import (
	"errors"
	"io"

	"github.com/giaolien/giaolien/parser/unpack"
)

// maxReread is how many bytes of the mail's own files may be decoded again for what is in them: some 3 s. Containers are read forward and
// need three or four passes, 190 MB in the largest mail that is taken; only one that was made to waste time comes near.
const maxReread = 1 << 30

// rawBytes is the raw message, and remembers when it could not be read: then nothing that was understood may be believed.
type rawBytes struct {
	r      io.ReaderAt
	failed error
}

func (b *rawBytes) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// source is a file that went by once and can be read again: nothing of it is kept in memory.
type source struct {
	open func() (io.Reader, error)
	size int64       // decoded bytes
	at   io.ReaderAt // over the decoded bytes, made when first asked for
}

// reader reads anywhere in the decoded bytes.
func (s *source) reader() io.ReaderAt {
	if s.at == nil {
		s.at = unpack.Seekable(s.open, s.size)
	}
	return s.at
}

// source gives the leaf that has just ended, decoded anew from the raw message each time.
func (l *leaf) source(k *walker) source {
	section := func() *io.SectionReader { return io.NewSectionReader(k.w.r, l.from, l.raw) }
	if l.t.enc == identity {
		return source{size: l.size, at: section()}
	}
	enc, raw := l.t.enc, section()
	return source{size: l.size, open: func() (io.Reader, error) {
		fresh := io.NewSectionReader(raw, 0, raw.Size())
		return k.shared.reread.Count(&decodedReader{raw: fresh, dec: newTransfer(enc)}, -1, 1), nil
	}}
}

// newTransfer is a decoder that nobody else uses.
func newTransfer(enc encoding) transfer {
	switch enc {
	case base64Encoding:
		return newBase64Stream()
	case quotedPrintable:
		return newQPStream()
	}
	return &uuStream{}
}

// decodedReader turns a decoder that is written to into one that is read from.
type decodedReader struct {
	raw    io.Reader
	dec    transfer
	in     [16 << 10]byte
	out    []byte // decoded, not yet given
	given  int
	closed bool
}

func (d *decodedReader) Read(p []byte) (int, error) {
	for d.given == len(d.out) {
		if d.closed {
			return 0, io.EOF
		}
		d.out, d.given = d.out[:0], 0
		n, err := d.raw.Read(d.in[:])
		d.dec.write(d.in[:n], d.keep)
		switch {
		case errors.Is(err, io.EOF):
			d.dec.close(d.keep)
			d.closed = true
		case err != nil:
			return 0, err
		}
	}
	n := copy(p, d.out[d.given:])
	d.given += n
	return n, nil
}

func (d *decodedReader) keep(p []byte) { d.out = append(d.out, p...) }
