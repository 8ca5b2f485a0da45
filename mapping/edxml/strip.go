package edxml

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"
)

// Signatures and sizes of a ZIP file (APPNOTE.TXT, 4.3).
const (
	localHeader   = "PK\x03\x04"
	centralHeader = "PK\x01\x02"
	endHeader     = "PK\x05\x06"
	localSize     = 30
	centralSize   = 46
)

// mostBehind is how much may follow the one entry of a wrapping: its line in the directory, the end, and a descriptor before them.
const mostBehind = 256 << 10

// mostGrown is how many bytes each byte of a wrapping may become, after the first mebibyte; deflate itself can do no more than 1,032.
const mostGrown = 200

// unwrap reads a file as it streams by. When it is a ZIP with the one entry that a builder makes (Unwrap), it gives what was in it; broken
// says that it began like one, and did not end like one. What follows is left in r.
func (t *receiving) unwrap(r io.Reader) (inner *measured, broken bool) {
	in := bufio.NewReaderSize(r, 32<<10)
	head, _ := in.Peek(localSize)
	if len(head) < localSize || string(head[:4]) != localHeader {
		return nil, false
	}
	flags, method := binary.LittleEndian.Uint16(head[6:]), binary.LittleEndian.Uint16(head[8:])
	stored := int64(binary.LittleEndian.Uint32(head[18:]))
	names, extra := int(binary.LittleEndian.Uint16(head[26:])), int(binary.LittleEndian.Uint16(head[28:]))
	start, _ := in.Peek(localSize + min(names, maxEntryName))
	if names > maxEntryName || len(start) < localSize+names || !uuidName.MatchString(stem(string(start[localSize:]))) {
		return nil, names <= maxEntryName && len(start) < localSize+names
	}
	const encrypted, described = 1, 8
	if flags&encrypted != 0 || method != 0 && method != 8 || method == 0 && flags&described != 0 {
		return nil, false
	}
	if _, err := in.Discard(localSize + names + extra); err != nil {
		return nil, true
	}
	m := newMeasured()
	crc := crc32.NewIEEE()
	if !t.copyEntry(io.MultiWriter(&m, crc), in, method, stored) {
		return nil, true
	}
	switch closes(in, crc) {
	case alone:
		return &m, false
	case further:
		return nil, false
	}
	return nil, true
}

// maxEntryName is the longest name of an entry that a builder makes: a UUID and an extension.
const maxEntryName = 64

// copyEntry reads the entry. It reports false when it is broken, or grows beyond what is allowed.
func (t *receiving) copyEntry(w io.Writer, in *bufio.Reader, method uint16, stored int64) bool {
	if method == 0 {
		n, err := io.CopyN(w, in, stored)
		t.left -= n
		return err == nil && t.left >= 0
	}
	packed := &counting{in: in}
	data := flate.NewReader(packed)
	buf := make([]byte, 32<<10)
	var size int64
	for {
		n, err := data.Read(buf)
		size += int64(n)
		if t.left -= int64(n); t.left < 0 || size > 1<<20+mostGrown*packed.n {
			return false
		}
		if _, werr := w.Write(buf[:n]); werr != nil {
			return false
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			return false
		}
	}
}

// counting counts what is taken. It gives single bytes, so that deflate reads no further than its end.
type counting struct {
	in *bufio.Reader
	n  int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counting) ReadByte() (byte, error) {
	b, err := c.in.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// How a ZIP goes on behind an entry.
type ending int

const (
	torn    ending = iota // it does not end as a ZIP does, or not with these contents
	alone                 // it was the only entry
	further               // there are more
)

// closes reads what follows the entry with this checksum.
func closes(in io.Reader, crc hash.Hash32) ending {
	rest, err := io.ReadAll(io.LimitReader(in, mostBehind+1))
	if err != nil {
		return torn
	}
	if near := rest[:min(len(rest), localSize)]; bytes.Contains(near, []byte(localHeader)) {
		return further
	}
	at := bytes.Index(rest[:min(len(rest), 32)], []byte(centralHeader)) // behind a descriptor of up to 24 bytes
	if at < 0 || len(rest) < at+centralSize || len(rest) > mostBehind {
		return torn
	}
	line := rest[at:]
	length := centralSize + int(binary.LittleEndian.Uint16(line[28:])) + int(binary.LittleEndian.Uint16(line[30:])) + int(binary.LittleEndian.Uint16(line[32:]))
	switch {
	case len(line) < length || binary.LittleEndian.Uint32(line[16:]) != crc.Sum32() || !bytes.Contains(line[length:], []byte(endHeader)):
		return torn
	case bytes.HasPrefix(line[length:], []byte(centralHeader)):
		return further
	}
	return alone
}
