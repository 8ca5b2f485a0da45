package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/bridge"
)

// A segment is a sequence of records; a record is
//
//	magic "GLR1" | raw digest 32 | content digest 32 | size 8 | encoded 8 | frames 4 | CRC-32C of all that 4
//	frames × (length 4, top bit: not compressed | CRC-32C of the encoded bytes 4) | CRC-32C of the table 4
//	the encoded frames
//
// Numbers are big-endian. Every frame but the last holds frameSize raw bytes. A record that does not reach its end within the file was
// torn by a crash or an error, and nothing refers to it.
const (
	magic     = "GLR1"
	headSize  = 4 + 32 + 32 + 8 + 8 + 4 + 4
	entrySize = 4 + 4
	storedBit = 1 << 31
)

// head is the fixed part of a record.
type head struct {
	raw, content bridge.Digest
	size         int64 // raw bytes
	encoded      int64 // bytes of all frames
	frames       int
}

// frame is the table's entry of one frame.
type frame struct {
	length uint32 // encoded bytes
	stored bool   // they are the raw bytes
	sum    uint32
}

func framesFor(size int64) int { return int((size + frameSize - 1) / frameSize) }

// rawLen gives the number of raw bytes in frame i.
func (h head) rawLen(i int) int { return int(min(frameSize, h.size-int64(i)*frameSize)) }

func (h head) tableSize() int64 { return int64(h.frames)*entrySize + 4 }

// length is that of the whole record.
func (h head) length() int64 { return headSize + h.tableSize() + h.encoded }

var errNoRecord = errors.New("no record begins here")

func (c *codec) appendHead(b []byte, h head, table []frame) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, h.raw[:]...)
	b = append(b, h.content[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.size))
	b = binary.BigEndian.AppendUint64(b, uint64(h.encoded))
	b = binary.BigEndian.AppendUint32(b, uint32(h.frames))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], c.crc))
	start = len(b)
	for _, f := range table {
		length := f.length
		if f.stored {
			length |= storedBit
		}
		b = binary.BigEndian.AppendUint32(b, length)
		b = binary.BigEndian.AppendUint32(b, f.sum)
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], c.crc))
}

func (c *codec) parseHead(b []byte) (head, error) {
	if len(b) < headSize || string(b[:4]) != magic {
		return head{}, errNoRecord
	}
	if crc32.Checksum(b[:headSize-4], c.crc) != binary.BigEndian.Uint32(b[headSize-4:]) {
		return head{}, errNoRecord
	}
	h := head{raw: bridge.Digest(b[4:36]), content: bridge.Digest(b[36:68])}
	h.size = int64(binary.BigEndian.Uint64(b[68:]))
	h.encoded = int64(binary.BigEndian.Uint64(b[76:]))
	h.frames = int(binary.BigEndian.Uint32(b[84:]))
	if h.size < 0 || h.frames != framesFor(h.size) || h.encoded < 0 || h.encoded > h.size {
		return head{}, errNoRecord
	}
	return h, nil
}

// parseTable reads the table of h and checks that it tells of h.encoded bytes.
func (c *codec) parseTable(b []byte, h head) ([]frame, error) {
	body, end := b[:len(b)-4], b[len(b)-4:]
	if crc32.Checksum(body, c.crc) != binary.BigEndian.Uint32(end) {
		return nil, errors.New("checksum of frame table does not match")
	}
	table := make([]frame, h.frames)
	var sum int64
	for i := range table {
		length := binary.BigEndian.Uint32(body[i*entrySize:])
		f := frame{length: length &^ storedBit, stored: length&storedBit != 0, sum: binary.BigEndian.Uint32(body[i*entrySize+4:])}
		if int(f.length) > h.rawLen(i) {
			return nil, errors.New("frame is longer than its content")
		}
		table[i] = f
		sum += int64(f.length)
	}
	if sum != h.encoded {
		return nil, errors.New("frame table and record differ in length")
	}
	return table, nil
}

// location is where a record begins.
type location struct {
	segment string
	offset  int64
}

func (l location) String() string { return l.segment + ":" + strconv.FormatInt(l.offset, 10) }

func parseLocation(s string) (location, error) {
	name, number, _ := strings.Cut(s, ":")
	offset, err := strconv.ParseInt(number, 10, 64)
	if err != nil || offset < 0 || !validSegment(name) {
		return location{}, fmt.Errorf("location %q is not one of ours", s)
	}
	return location{name, offset}, nil
}

// validSegment keeps names from the database from leaving the folder.
func validSegment(name string) bool {
	rest, ok := strings.CutPrefix(name, "seg-")
	return ok && rest != "" && strings.Trim(rest, "0123456789abcdef-") == ""
}
