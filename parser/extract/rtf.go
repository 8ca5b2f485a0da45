package extract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Bounds of one RTF file that no word processor comes near.
const (
	maxGroups = 1000    // open at once
	maxFonts  = 4096    // in the font table
	maxRun    = 4 << 10 // bytes of one font that are decoded together
)

// RTF gives the text of a Rich Text Format file (specification 1.9.1), or the readable text of the HTML that Outlook wrapped in one
// (MS-OXRTFEX): paragraphs on lines of their own, cells of a table row separated by a tab, footnotes and page footers at the end; at most
// maxRunes runes, not cleaned. Bytes are read by the code page of their font; fonts of the old Vietnamese encodings are known by name. It
// reads r once and never holds more than the text. An error is about the file; the text before it is given.
func RTF(r io.Reader, maxRunes int) (string, error) {
	s, _, err := RTFBody(r, maxRunes)
	return s, err
}

// RTFBody is RTF, and says whether the file wraps an HTML body, so that the text is that of the HTML.
func RTFBody(r io.Reader, maxRunes int) (text string, html bool, err error) {
	d := rtf{br: bufio.NewReaderSize(r, 32<<10), page: "windows-1252", fonts: map[int]rtfFont{}, face: -1}
	d.out.left, d.tail.left = maxRunes, maxRunes
	d.st.uc = 1
	if err := d.begin(); err != nil {
		return "", false, fmt.Errorf("open rtf: %w", err)
	}
	if err = d.read(); err != nil {
		err = fmt.Errorf("read rtf: %w", err)
	}
	d.flush()
	if d.html {
		s := sink{left: maxRunes}
		s.puts(HTML(string(d.wrapped)))
		return s.text(), true, err
	}
	d.out.line()
	d.out.put(d.tail.b)
	return d.out.text(), false, err
}

// rtf reads one file as a stream of tokens; groups are a stack of states, so nesting costs no call depth.
type rtf struct {
	br    *bufio.Reader
	st    rtfState   // of the group that is open
	stack []rtfState // of the groups around it

	page  string // charset label of \ansicpg
	deff  int
	fonts map[int]rtfFont
	entry rtfFont // of the font table, being read
	index int     // of entry
	face  int     // the font that label and capitals belong to; -1: none yet
	shown rtfFont // font number face

	run      []byte // bytes not yet decoded
	runFont  rtfFont
	runPlace place

	fallback int  // characters that stand for a \u which was read
	high     rune // first half of a surrogate pair
	html     bool // \fromhtml1: the file wraps HTML
	full     bool // the HTML is as long as is read
	wrapped  []byte
	out      sink
	tail     sink // footnotes and page footers
}

// rtfState is what a group inherits and its end restores.
type rtfState struct {
	dest    destination
	place   place
	font    int
	uc      int  // characters that stand for one \u
	star    bool // \* was just read
	hidden  bool // \v
	deleted bool // text of a tracked deletion
	rtfOnly bool // \htmlrtf: for readers that do not know of the HTML
	upr     bool // of the groups inside only \*\ud is read
	ud      bool // that group may be
	apart   bool // text on lines of its own: drawn text, headers, footnotes
}

// destination is what the text of a group is.
type destination uint8

const (
	bodyText destination = iota
	noText
	fontTable
	htmlTag // markup of wrapped HTML
)

// place is where text goes.
type place uint8

const (
	inBody place = iota
	inTail
	inHTML
)

// begin looks for the signature; blanks and a byte order mark before it are seen.
func (d *rtf) begin() error {
	head, err := d.br.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i := bytes.Index(head, []byte(`{\rtf`))
	if i < 0 || strings.Trim(string(head[:i]), "\ufeff \t\r\n\x00") != "" {
		return ErrNotDocument
	}
	_, err = d.br.Discard(i)
	return err
}

// read goes through the file up to the end of its outermost group.
func (d *rtf) read() error {
	for d.out.left > 0 && !d.full {
		if d.st.dest == noText {
			d.pass()
		}
		c, err := d.br.ReadByte()
		if err != nil {
			return early(err)
		}
		switch c {
		case '{':
			if len(d.stack) >= maxGroups {
				return ErrDepth
			}
			d.open()
		case '}':
			d.close()
			if len(d.stack) == 0 {
				return nil
			}
		case '\\':
			if err := d.control(); err != nil {
				return early(err)
			}
		case '\r', '\n', 0:
		default:
			d.char(c)
		}
	}
	return nil
}

// pass goes to the next byte that matters in a group without text: pictures are long.
func (d *rtf) pass() {
	for {
		buf, err := d.br.Peek(max(1, d.br.Buffered()))
		i := bytes.IndexAny(buf, `{}\`)
		n := i
		if i < 0 {
			n = len(buf)
		}
		if _, derr := d.br.Discard(n); derr != nil || err != nil || i >= 0 {
			return // the next read tells of the error again
		}
	}
}

func (d *rtf) open() {
	d.stack = append(d.stack, d.st)
	d.fallback, d.high, d.st.star = 0, 0, false
	d.st.ud = d.st.upr && d.st.dest != noText
	if d.st.upr {
		d.st.dest, d.st.upr = noText, false
	}
}

func (d *rtf) close() {
	if d.st.dest == fontTable {
		d.addFont()
	}
	d.fallback, d.high = 0, 0
	if d.st.apart && !d.stack[len(d.stack)-1].apart {
		d.line()
	}
	d.st = d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
}

// control reads what follows a backslash: a word with its number and delimiter, or a symbol.
func (d *rtf) control() error {
	c, err := d.br.ReadByte()
	if err != nil {
		return err
	}
	if !isLetter(c) {
		return d.symbol(c)
	}
	var word [32]byte
	n := 0
	for ; err == nil && isLetter(c); c, err = d.br.ReadByte() {
		if n < len(word) {
			word[n] = c
			n++
		}
	}
	number, digits, minus := int64(0), 0, false
	if err == nil && c == '-' {
		minus = true
		c, err = d.br.ReadByte()
	}
	for ; err == nil && c >= '0' && c <= '9'; c, err = d.br.ReadByte() {
		if digits++; number < math.MaxInt32 {
			number = min(number*10+int64(c-'0'), math.MaxInt32)
		}
	}
	if minus {
		number = -number
	}
	switch {
	case err == nil && c != ' ':
		err = d.br.UnreadByte()
	case errors.Is(err, io.EOF):
		err = nil // the next read meets it again
	}
	if err != nil {
		return err
	}
	return d.word(string(word[:n]), int(number), digits > 0)
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// symbol reads a control symbol: one sign after the backslash.
func (d *rtf) symbol(c byte) error {
	switch c {
	case '*':
		d.st.star = true
		return nil
	case '\'':
		var hex [2]byte
		for i := range hex {
			h, err := d.br.ReadByte()
			if err != nil {
				return err
			}
			if hexValue(h) < 0 { // broken: what follows is text again
				return d.br.UnreadByte()
			}
			hex[i] = h
		}
		d.char(byte(hexValue(hex[0])<<4 | hexValue(hex[1])))
	case '\\', '{', '}':
		d.char(c)
	case '~':
		if d.html && d.st.dest != htmlTag {
			d.sign("&nbsp;")
		} else {
			d.sign(" ")
		}
	case '_':
		d.sign("-")
	case '\r', '\n':
		d.sign("\n")
	case '\t':
		d.sign("\t")
	default: // optional hyphen, index and formula marks
		d.sign("")
	}
	return nil
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// early says that a file ends where it must not.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
