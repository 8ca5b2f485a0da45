package parser

import (
	"io"

	"github.com/giaolien/giaolien/parser/unpack"
)

// decoded reads a multipart that was encoded as a whole, against RFC 2045, 6.4: its delimiters come to light only when the encoding is
// undone. It reports whether they did. Nothing of it is kept; it is decoded as often as it is read.
func (k *walker) decoded(f *frame, end int64) bool {
	enc := describe(f.header, false, texts{}).enc
	if enc == identity || len(f.boundary) == 0 {
		return false
	}
	open := func() (io.Reader, error) {
		return &decodedReader{raw: io.NewSectionReader(k.w.r, f.body, end-f.body), dec: newTransfer(enc)}, nil
	}
	r, err := open()
	if err != nil {
		return false
	}
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		return false
	}
	at, left := unpack.Seekable(open, size), 2*size
	if len(newReading(at, k.lim, 0, &left).split(span{0, size}, string(f.boundary))) == 0 {
		return false
	}
	in := newWalker(at, size, k.lim, k.found, k.shared)
	in.depth, in.around, in.path = k.depth+len(k.stack)-1, k.around, k.path // the multipart itself is on both stacks
	in.stack = append(in.stack, &frame{content: f.content, path: f.path, boundary: f.boundary, digest: f.digest, header: f.header})
	in.leaf.init()
	defer in.leaf.release()
	defer in.w.release()
	in.run(0)
	k.nested = append(k.nested, in.nested...)
	k.files = append(k.files, in.files...)
	k.forks |= in.forks
	return true
}
