package parser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineEnds counts how the lines of a message end. Mail is CRLF on the way and LF or CRLF where it is stored; anything else, or both in one
// message, is read differently by different programs (RFC 5322, 2.3: CR and LF must only occur together).
type lineEnds struct {
	crlf, lf, cr int64
	hanging      bool // the last byte was a CR: the next one says what it was
	nul          bool
}

// add takes the next bytes. It reports whether a CR that stands alone came by.
func (e *lineEnds) add(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	before, crlf := e.cr, int64(0)
	if e.hanging {
		if p[0] == '\n' {
			e.crlf++
			p = p[1:]
		} else {
			e.cr++
		}
		e.hanging = false
	}
	crs := int64(bytes.Count(p, []byte{'\r'}))
	for rest := p; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		if i > 0 && rest[i-1] == '\r' {
			crlf++
		} else {
			e.lf++
		}
		rest = rest[i+1:]
	}
	if n := len(p); n > 0 && p[n-1] == '\r' {
		e.hanging = true
		crs--
	}
	e.crlf += crlf
	e.cr += crs - crlf
	e.nul = e.nul || bytes.IndexByte(p, 0) >= 0
	return e.cr > before
}

// report makes findings of the count. All CRLF and all LF are both normal.
func (e *lineEnds) report(found *findings, where string) {
	if e.cr > 0 {
		found.add(BareCR, where, fmt.Sprintf("%d CR alone", e.cr))
	}
	if e.lf > 0 && e.crlf > 0 {
		found.add(BareLF, where, fmt.Sprintf("%d LF alone beside %d CRLF", e.lf, e.crlf))
	}
	if e.nul {
		found.add(NULBytes, where, "")
	}
}

// bareCR shows the bytes of r with every CR that belongs to no CRLF as LF: how a program reads them that takes each for a line end, as
// Macs once wrote it. "CR CR LF" is one line end that went through a text file twice and stays as it is. Offsets do not change.
type bareCR struct{ r io.ReaderAt }

func (b bareCR) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.r.ReadAt(p, off)
	if bytes.IndexByte(p[:n], '\r') < 0 {
		return n, err
	}
	var next [2]byte // the bytes after p decide about a CR at its end
	more, nextErr := b.r.ReadAt(next[:], off+int64(n))
	if nextErr != nil && !errors.Is(nextErr, io.EOF) && err == nil {
		err = nextErr
	}
	at := func(i int) byte {
		switch {
		case i < n:
			return p[i]
		case i-n < more:
			return next[i-n]
		}
		return 0
	}
	for i := 0; i < n; i++ {
		if p[i] == '\r' && at(i+1) != '\n' && (at(i+1) != '\r' || at(i+2) != '\n') {
			p[i] = '\n'
		}
	}
	return n, err
}

// oldMac makes CR the line end of a message that has no other: its first bytes are lines of a header that end in CR, without any LF.
func (k *walker) oldMac() {
	for len(k.w.data()) < maxMacHead && k.w.more() {
	}
	head := k.w.data()
	head = head[:min(len(head), maxMacHead)]
	i := bytes.IndexByte(head, '\r')
	if i < 0 || i == len(head)-1 || bytes.IndexByte(head, '\n') >= 0 || fieldColon(head[:i]) <= 0 && !bytes.HasPrefix(head, []byte("From ")) {
		return
	}
	k.found.add(BareCR, "", "CR is the line end of the whole message")
	at, end := k.w.offset(), k.w.end
	k.w.r = bareCR{k.w.r}
	k.w.base, k.w.pos, k.w.n = at, 0, 0 // read again through it
	k.w.end = end
}

// maxMacHead is how much is looked at to find the line end of a message.
const maxMacHead = 4 << 10
