package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Compression types of PidTagRtfCompressed (MS-OXRTFCP, COMPTYPE).
const (
	lzfuPacked = 0x75465A4C // "LZFu"
	lzfuStored = 0x414C454D // "MELA"
)

// lzfuPreset is what the dictionary holds before the first byte (MS-OXRTFCP, initialising the dictionary).
const lzfuPreset = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif` +
	`SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// Errors of a compressed RTF body. Bytes that came before them are good.
var (
	errLZFuHeader = errors.New("not compressed rtf")
	errLZFuSum    = errors.New("checksum of compressed rtf differs")
)

// lzfu decompresses RTF as Outlook stores it (MS-OXRTFCP), LZFu and MELA. It holds one dictionary of 4 KiB and gives at most 17 bytes for
// two that it reads. It ends with io.EOF, with io.ErrUnexpectedEOF when the input ends before what its header promises, or with an error
// of the list above.
type lzfu struct {
	in      *bufio.Reader
	left    int64 // input bytes that the header still allows; -1: the header was not read yet
	promise int64 // bytes that the header says come out
	given   int64
	packed  bool
	want    uint32 // checksum in the header
	crc     uint32 // of the contents so far
	done    error

	dict     [4096]byte
	at       int // where the next byte goes into dict
	flags    byte
	tokens   int // flags of this run not used yet
	from     int // reference being copied
	copyLeft int
}

func newLZFu(r io.Reader) *lzfu {
	z := &lzfu{in: bufio.NewReader(r), left: -1, at: len(lzfuPreset)}
	copy(z.dict[:], lzfuPreset)
	return z
}

func (z *lzfu) Read(p []byte) (int, error) {
	if z.left < 0 && z.done == nil {
		z.done = z.header()
	}
	n := 0
	for n < len(p) && (z.done == nil || z.copyLeft > 0) {
		if z.copyLeft > 0 {
			p[n] = z.emit(z.dict[z.from])
			z.from = (z.from + 1) % len(z.dict)
			z.copyLeft--
			n++
			continue
		}
		c, literal := z.token()
		if literal {
			p[n] = z.emit(c)
			n++
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, z.done
	}
	return n, nil
}

func (z *lzfu) emit(c byte) byte {
	z.dict[z.at] = c
	z.at = (z.at + 1) % len(z.dict)
	z.given++
	return c
}

// header reads the sixteen bytes before the contents (MS-OXRTFCP, COMPSIZE to CRC). The size in it counts the twelve bytes after itself, too.
func (z *lzfu) header() error {
	var h [16]byte
	if _, err := io.ReadFull(z.in, h[:]); err != nil {
		return shortInput(err)
	}
	z.left = max(0, int64(binary.LittleEndian.Uint32(h[0:]))-12)
	z.promise = int64(binary.LittleEndian.Uint32(h[4:]))
	z.want = binary.LittleEndian.Uint32(h[12:])
	switch binary.LittleEndian.Uint32(h[8:]) {
	case lzfuPacked:
		z.packed = true
	case lzfuStored:
		z.left = z.promise // the size of what is stored counts, whatever the other one says
	default:
		return errLZFuHeader
	}
	return nil
}

// token reads a literal, or begins a reference. At the end it sets done.
func (z *lzfu) token() (byte, bool) {
	if !z.packed {
		c, ok := z.next()
		return c, ok
	}
	if z.tokens == 0 {
		f, ok := z.next()
		if !ok {
			return 0, false
		}
		z.flags, z.tokens = f, 8
	}
	reference := z.flags&1 != 0
	z.flags >>= 1
	z.tokens--
	hi, ok := z.next()
	if !ok || !reference {
		return hi, ok
	}
	lo, ok := z.next()
	if !ok {
		return 0, false
	}
	ref := int(hi)<<8 | int(lo)
	if z.from = ref >> 4; z.from == z.at { // a reference to the place being written says that all is done
		z.done = z.checked()
		return 0, false
	}
	z.copyLeft = ref&0xF + 2
	return 0, false
}

// next reads one byte of the contents.
func (z *lzfu) next() (byte, bool) {
	if z.left <= 0 {
		z.done = z.ended()
		return 0, false
	}
	c, err := z.in.ReadByte()
	if err != nil {
		z.done = shortInput(err)
		return 0, false
	}
	z.left--
	z.crc = crc32.IEEETable[byte(z.crc)^c] ^ z.crc>>8 // without the complements that crc32 makes
	return c, true
}

// ended says how contents without an end mark ended: rightly when they are stored, or when all promised bytes came out.
func (z *lzfu) ended() error {
	switch {
	case !z.packed:
		return io.EOF
	case z.given < z.promise:
		return io.ErrUnexpectedEOF
	}
	return z.checked()
}

// checked compares the checksum, which may count bytes after the end mark.
func (z *lzfu) checked() error {
	for z.crc != z.want {
		if z.left <= 0 {
			return errLZFuSum
		}
		if _, ok := z.next(); !ok {
			return z.done
		}
	}
	return io.EOF
}

// shortInput turns an end of input that came too early into the error that says so.
func shortInput(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
