package unpack

import (
	"bytes"
	"io"
)

// CRLF gives r with CRLF at the end of every line, which is what S/MIME signs (RFC 8551, 3.1.1) whatever the mail was stored with: a bare LF
// becomes CRLF. A CR alone stays, because signers leave it, too.
func CRLF(r io.Reader) io.Reader { return &crlf{r: r, in: make([]byte, 16<<10)} }

type crlf struct {
	r    io.Reader
	in   []byte
	rest []byte // read and not yet given, a part of in
	cr   bool   // the last byte given was CR
	err  error
}

// Read obeys io.Reader.
func (c *crlf) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		n, err := c.r.Read(c.in)
		c.rest, c.err = c.in[:n], err
	}
	done := 0
	for done < len(p) && len(c.rest) > 0 {
		if c.rest[0] == '\n' {
			if !c.cr {
				p[done] = '\r'
				done++
				c.cr = true
				continue
			}
			p[done] = '\n'
			done++
			c.rest, c.cr = c.rest[1:], false
			continue
		}
		line := c.rest
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		n := copy(p[done:], line)
		done += n
		c.cr = c.rest[n-1] == '\r'
		c.rest = c.rest[n:]
	}
	return done, nil
}
