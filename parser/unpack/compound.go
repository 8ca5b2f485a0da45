package unpack

import (
	"fmt"
	"io"
)

// documentStreams are the streams of Word files (MS-DOC, 2.1) and of encrypted documents (MS-OFFCRYPTO, 2.3) that are looked for, in lower
// case.
var documentStreams = []string{"worddocument", "0table", "1table", "encryptedpackage"}

// Stream is a stream of a compound file. It is read anywhere; jumps in the file are taken from the budget as if the bytes between were
// read. Size is no more than its sectors hold.
type Stream struct {
	Size int64
	r    *cfbStream
	list []uint32 // its sectors or mini sectors
}

// Streams gives those of the streams WordDocument, 0Table, 1Table and EncryptedPackage that stand in the root of a compound file (MS-CFB),
// by their names in lower case. The error says that it is none, or cannot be read.
func Streams(src io.ReaderAt, size int64, b *Budget) (map[string]*Stream, error) {
	c, err := openCFB(src, size, b)
	if err != nil {
		return nil, fmt.Errorf("open compound file: %w", err)
	}
	out := map[string]*Stream{}
	for _, i := range c.walk().children(0) {
		if e := c.entries[i]; e.kind == cfbDocument {
			if name := documentStreams[e.tag]; out[name] == nil {
				out[name] = c.stream(e)
			}
		}
	}
	return out, nil
}

// stream lists the sectors of e: no more than its size needs or the file has, so a cycle ends.
func (c *cfb) stream(e cfbEntry) *Stream {
	s := &Stream{r: c.open(e)}
	need := (e.size + s.r.unit - 1) / s.r.unit
	for n := e.start; int64(len(s.list)) < min(need, int64(len(s.r.table))) && int64(n) < int64(len(s.r.table)); n = s.r.table[n] {
		s.list = append(s.list, n)
	}
	s.Size = min(e.size, int64(len(s.list))*s.r.unit)
	return s
}

// ReadAt obeys io.ReaderAt. Its errors are those of the file, and io.EOF at the end of the stream.
func (s *Stream) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at < 0 || at >= s.Size {
			return done, io.EOF
		}
		place, ok := s.r.c.place(s.list[at/s.r.unit], s.r.mini)
		if !ok {
			return done, errCFBChain
		}
		in := at % s.r.unit
		n := min(int64(len(p)-done), s.r.unit-in, s.Size-at)
		if !s.r.charge(place + in) {
			return done, ErrBudget
		}
		k, err := s.r.c.src.ReadAt(p[done:done+int(n)], place+in)
		s.r.at = place + in + int64(k)
		done += k
		if int64(k) < n {
			return done, shortInput(err)
		}
	}
	return done, nil
}
