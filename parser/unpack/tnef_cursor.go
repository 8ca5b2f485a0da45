package unpack

import (
	"errors"
	"io"
)

// tnefCursor goes through a file once, forward, and sums its bytes: the checksum of any stretch, also of stretches inside one another, is
// the difference of two sums (MS-OXTNEF, 2.1.3: the sum of all bytes modulo 65536).
type tnefCursor struct {
	src  io.ReaderAt
	off  int64 // of the next byte
	end  int64 // of the file, less when reading failed there
	sum  uint16
	err  error // why reading failed
	buf  []byte
	have []byte // part of buf, begins at off
}

// tnefWindow is what is read at once.
const tnefWindow = 32 << 10

func newTNEFCursor(src io.ReaderAt, off, end int64) *tnefCursor {
	return &tnefCursor{src: src, off: off, end: end, buf: make([]byte, tnefWindow)}
}

// fill makes at least one byte ready, if there is one.
func (c *tnefCursor) fill() bool {
	if len(c.have) > 0 {
		return true
	}
	if c.off >= c.end {
		return false
	}
	n, err := c.src.ReadAt(c.buf[:min(tnefWindow, c.end-c.off)], c.off)
	c.have = c.buf[:n]
	if n == 0 {
		c.end = c.off
		if c.err = err; err == nil || errors.Is(err, io.EOF) {
			c.err = io.ErrUnexpectedEOF
		}
	}
	return n > 0
}

// take consumes n of the ready bytes.
func (c *tnefCursor) take(n int) []byte {
	b := c.have[:n]
	for _, x := range b {
		c.sum += uint16(x)
	}
	c.have = c.have[n:]
	c.off += int64(n)
	return b
}

// read fills p with bytes before limit and says how many there were.
func (c *tnefCursor) read(p []byte, limit int64) int {
	n := 0
	for n < len(p) && c.off < limit && c.fill() {
		k := int(min(int64(len(p)-n), int64(len(c.have)), limit-c.off))
		n += copy(p[n:], c.take(k))
	}
	return n
}

// skipTo consumes bytes up to an offset, or to the end of what can be read. It never goes back.
func (c *tnefCursor) skipTo(off int64) {
	for c.off < off && c.fill() {
		c.take(int(min(int64(len(c.have)), off-c.off)))
	}
}

// seek goes to an offset, and keeps what is ready behind it.
func (c *tnefCursor) seek(off, end int64) {
	if ready := off - c.off; ready >= 0 && ready <= int64(len(c.have)) {
		c.have = c.have[ready:]
	} else {
		c.have = nil
	}
	c.off, c.end = off, end
}

// find goes on to the next place where a known header is, and behind it. b are the nine bytes before, which are none.
func (c *tnefCursor) find(b [tnefHeaderLen]byte, limit int64) (tnefHeader, bool) {
	rest := le64(b[1:])
	for c.off < limit && c.fill() {
		part := c.have[:min(int64(len(c.have)), limit-c.off)]
		for i, x := range part {
			level := byte(rest)
			rest = rest>>8 | uint64(x)<<56
			if level != tnefMessageLevel && level != tnefAttachLevel {
				continue
			}
			if h := (tnefHeader{level, uint32(rest), int64(rest >> 32)}); knownAttribute(h) {
				c.take(i + 1)
				return h, true
			}
		}
		c.take(len(part))
	}
	return tnefHeader{}, false
}

// section reads on up to limit.
func (c *tnefCursor) section(limit int64) io.Reader { return &tnefSection{c, limit} }

type tnefSection struct {
	c     *tnefCursor
	limit int64
}

func (s *tnefSection) Read(p []byte) (int, error) {
	n := s.c.read(p, s.limit)
	switch {
	case n > 0 || len(p) == 0:
		return n, nil
	case s.c.off >= s.limit:
		return 0, io.EOF
	case s.c.err != nil:
		return 0, s.c.err
	}
	return 0, io.ErrUnexpectedEOF
}
