package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/giaolien/giaolien/parser/unpack"
)

// DOC gives the text of a Word 97-2003 document (MS-DOC): the body, then text boxes, footnotes and endnotes, page headers and footers;
// paragraphs on lines of their own, cells of a table row separated by a tab, without fields' instructions and comments; at most maxRunes
// runes. Hidden and deleted text cannot be told apart from other text and is read too. Two cell marks in succession end a row: of an empty
// cell in the middle of a row the mark looks the same. budget is how many bytes may be read in jumps. A compound file that holds an
// encrypted document is ErrEncrypted, any other is ErrNotDocument.
func DOC(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	spent := unpack.Budget{Bytes: *budget}
	defer func() { *budget = max(0, spent.Bytes) }()
	streams, err := unpack.Streams(r, size, &spent)
	if err != nil {
		return "", fmt.Errorf("open doc: %w", err)
	}
	if streams["encryptedpackage"] != nil { // MS-OFFCRYPTO, 2.3: a DOCX or XLSX with a password
		return "", ErrEncrypted
	}
	d := docText{word: streams["worddocument"]}
	if d.word == nil {
		return "", ErrNotDocument
	}
	d.out.left, d.tail.left = maxRunes, maxRunes
	if err = d.read(streams); err != nil {
		err = fmt.Errorf("read doc: %w", tooLarge(err))
	}
	d.turn(docOmitted) // what is held goes out
	d.out.line()
	d.out.put(d.tail.b)
	return d.out.text(), err
}

// tooLarge turns the errors of an exhausted budget into ours.
func tooLarge(err error) error {
	if errors.Is(err, unpack.ErrBudget) || errors.Is(err, unpack.ErrRatio) {
		return ErrTooLarge
	}
	return err
}

// Errors of broken files.
var (
	errFIB    = errors.New("broken header")
	errPieces = errors.New("broken piece table")
)

// docPart says where the text of a part of the document goes.
type docPart uint8

const (
	docOmitted docPart = iota
	docBody
	docTail
)

// docParts are the parts of a document in the order of their characters, and where FibRgLw97 has their lengths (MS-DOC, 2.5.4): body,
// footnotes, headers and footers, macros, comments, endnotes, text boxes, text boxes of headers.
var docParts = [...]struct {
	at   int
	part docPart
}{{12, docBody}, {16, docTail}, {20, docTail}, {24, docOmitted}, {28, docOmitted}, {32, docTail}, {36, docTail}, {40, docTail}}

// fib is what is used of the file information block (MS-DOC, 2.5.1).
type fib struct {
	table   string // name of the table stream
	clx     int64  // offset of the Clx in it
	clxLen  int64
	lengths [len(docParts)]int64 // characters of each part
}

func readFIB(word io.ReaderAt) (fib, error) {
	const (
		base     = 32
		magic    = 0xA5EC
		word97   = 0x00C1
		clxIndex = 33 // of fcClx in FibRgFcLcb97 (2.5.6)
	)
	var f fib
	var b [2048]byte
	n, err := word.ReadAt(b[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	le := binary.LittleEndian
	if n < base+2 || le.Uint16(b[:]) != magic || le.Uint16(b[2:]) < word97 {
		return f, ErrNotDocument // older Word files look otherwise
	}
	flags := le.Uint16(b[10:])
	if flags&0x0100 != 0 { // fEncrypted, also where the text is only obfuscated
		return f, ErrEncrypted
	}
	f.table = "0table"
	if flags&0x0200 != 0 {
		f.table = "1table"
	}
	longs := base + 2 + 2*int(le.Uint16(b[base:])) + 2 // csw words come before
	if longs >= n {
		return f, errFIB
	}
	count := int(le.Uint16(b[longs-2:]))
	pairs := longs + 4*count + 2
	at := pairs + 8*clxIndex
	if count < 11 || at+8 > n {
		return f, errFIB
	}
	for i, p := range docParts {
		f.lengths[i] = int64(max(0, int32(le.Uint32(b[longs+p.at:]))))
	}
	f.clx, f.clxLen = int64(le.Uint32(b[at:])), int64(le.Uint32(b[at+4:]))
	return f, nil
}

// read goes through the pieces of the text in their order (MS-DOC, 2.4.1).
func (d *docText) read(streams map[string]*unpack.Stream) error {
	f, err := readFIB(d.word)
	if err != nil {
		return err
	}
	table := streams[f.table]
	if table == nil {
		return errFIB
	}
	at, n, err := findPieces(table, f)
	if err != nil {
		return err
	}
	// Together the pieces hold no more than the stream does: one that is read again and again is a trap.
	d.room = d.word.Size
	cps := newRecords(table, at, 4)
	pcds := newRecords(table, at+4*(n+1), 8)
	b, err := cps.next()
	if err != nil {
		return err
	}
	for from := int64(binary.LittleEndian.Uint32(b)); n > 0 && d.out.left > 0; n-- {
		if b, err = cps.next(); err != nil {
			return err
		}
		to := int64(binary.LittleEndian.Uint32(b))
		if b, err = pcds.next(); err != nil {
			return err
		}
		if to < from {
			return errPieces
		}
		if err := d.piece(f, from, to, binary.LittleEndian.Uint32(b[2:])); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// findPieces gives the offset of the PlcPcd in the table stream and its number of pieces: the Clx (2.9.38) has formatting before it.
func findPieces(table *unpack.Stream, f fib) (at, n int64, err error) {
	end := f.clx + f.clxLen
	if f.clxLen == 0 || end > table.Size {
		return 0, 0, errPieces
	}
	var b [5]byte
	for at = f.clx; at+5 <= end; {
		if _, err := table.ReadAt(b[:], at); err != nil {
			return 0, 0, err
		}
		switch b[0] {
		case 1: // Prc
			at += 3 + int64(binary.LittleEndian.Uint16(b[1:]))
		case 2: // Pcdt
			length := int64(binary.LittleEndian.Uint32(b[1:]))
			if length < 4 || at+5+length > end {
				return 0, 0, errPieces
			}
			return at + 5, (length - 4) / 12, nil
		default:
			return 0, 0, errPieces
		}
	}
	return 0, 0, errPieces
}

// records reads records of one length, some hundred at a time.
type records struct {
	r    io.ReaderAt
	off  int64
	size int
	buf  []byte
	held []byte
}

func newRecords(r io.ReaderAt, off int64, size int) *records {
	return &records{r: r, off: off, size: size, buf: make([]byte, 4096)}
}

// next gives the next record, good until the one after it.
func (r *records) next() ([]byte, error) {
	if len(r.held) < r.size {
		n, err := r.r.ReadAt(r.buf, r.off)
		if n < r.size {
			return nil, early(err)
		}
		n -= n % r.size
		r.held = r.buf[:n]
		r.off += int64(n)
	}
	b := r.held[:r.size]
	r.held = r.held[r.size:]
	return b, nil
}
