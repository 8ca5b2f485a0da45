package extract

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/giaolien/giaolien/parser/unpack"
)

// maxFields bounds the fields that are open inside one another.
const maxFields = 64

// docText turns the characters of a Word document into text.
type docText struct {
	word *unpack.Stream
	room int64 // bytes of text that may still be read

	out, tail sink
	part      docPart
	line      []byte // not yet put
	fields    []bool // those that are open; true: in their instruction
	cells     int    // cell marks just read
	high      rune   // first half of a surrogate pair
}

// piece reads the characters from one position to another, which stand together in the file; where and how, fc says (MS-DOC, 2.9.73).
func (d *docText) piece(f fib, from, to int64, fc uint32) error {
	const compressed = 1 << 30
	width := int64(2)
	at := int64(fc &^ (3 << 30))
	if fc&compressed != 0 {
		width, at = 1, at/2
	}
	start := int64(0)
	for i, p := range docParts {
		end := start + f.lengths[i]
		if a, b := max(from, start), min(to, end); a < b {
			d.turn(p.part)
			if p.part != docOmitted {
				if err := d.chars(at+(a-from)*width, (b-a)*width, width); err != nil {
					return err
				}
			}
		}
		start = end
	}
	return nil
}

// turn goes to another part.
func (d *docText) turn(p docPart) {
	if p != d.part {
		d.put()
		d.sink().line()
		d.part, d.fields, d.cells, d.high = p, d.fields[:0], 0, 0
	}
}

func (d *docText) sink() *sink {
	if d.part == docBody {
		return &d.out
	}
	return &d.tail
}

// chars reads n bytes of the text at an offset, in characters of one byte or two.
func (d *docText) chars(at, n, width int64) error {
	if n > d.room {
		return ErrTooLarge
	}
	d.room -= n
	var buf [4096]byte
	for n > 0 && d.sink().left > 0 {
		p := buf[:min(n, int64(len(buf)))]
		k, err := d.word.ReadAt(p, at)
		if int64(k) < width {
			return early(err)
		}
		k -= k % int(width)
		for i := 0; i < k; i += int(width) {
			if width == 1 {
				d.char(charmap.Windows1252.DecodeByte(p[i]))
			} else {
				d.char(rune(binary.LittleEndian.Uint16(p[i:])))
			}
		}
		d.put()
		at, n = at+int64(k), n-int64(k)
	}
	return nil
}

// put hands over what was read. Footnotes, headers and their kin are many parts, mostly empty, that separators stand between.
func (d *docText) put() {
	s := d.sink()
	for _, l := range bytes.SplitAfter(d.line, []byte("\n")) {
		if s == &d.tail && string(l) == "\n" {
			s.line()
		} else {
			s.put(l)
		}
	}
	d.line = d.line[:0]
}

// Characters with a meaning of their own (MS-DOC, 2.4.1 and 2.8.26).
const (
	docCell       = 0x07
	docLine       = 0x0B
	docPage       = 0x0C
	docParagraph  = 0x0D
	docColumn     = 0x0E
	docField      = 0x13
	docResult     = 0x14
	docFieldEnd   = 0x15
	docHardHyphen = 0x1E
)

// char takes one UTF-16 unit.
func (d *docText) char(r rune) {
	if r != docCell && d.cells > 0 {
		d.endCells()
	}
	switch r {
	case docField:
		if len(d.fields) < maxFields {
			d.fields = append(d.fields, true)
		}
		return
	case docResult:
		if n := len(d.fields); n > 0 {
			d.fields[n-1] = false
		}
		return
	case docFieldEnd:
		d.fields = d.fields[:max(0, len(d.fields)-1)]
		return
	case docCell:
		d.cells++
		d.fields = d.fields[:0]
		return
	case docParagraph: // instructions end with their line: one whose end is lost hides no more
		if d.instruction() {
			d.fields = d.fields[:0]
		}
	}
	if !d.instruction() {
		d.shown(r)
	}
}

func (d *docText) instruction() bool {
	for _, in := range d.fields {
		if in {
			return true
		}
	}
	return false
}

// endCells writes the separators for the cell marks just read: a row ends with a mark of its own.
func (d *docText) endCells() {
	c := byte('\t')
	if d.cells > 1 {
		c = '\n'
	}
	d.line = append(d.line, c)
	d.cells = 0
}

// shown takes a character that is shown.
func (d *docText) shown(r rune) {
	high := d.high
	d.high = 0
	switch {
	case r == docParagraph, r == docLine, r == docPage, r == docColumn:
		r = '\n'
	case r == docHardHyphen:
		r = '-'
	case r == 0xA0:
		r = ' '
	case r == '\t':
	case r < ' ': // pictures, references and other anchors
		return
	case r == 0xF0B7 || r == 0xF0A7: // bullets of Symbol and Wingdings
		r = '•'
	case r >= 0xF000 && r < 0xF100: // other pictures of such fonts
		return
	case utf16.IsSurrogate(r):
		if r < 0xDC00 {
			d.high = r
			return
		}
		r = utf16.DecodeRune(high, r)
	}
	d.line = utf8.AppendRune(d.line, r)
}
