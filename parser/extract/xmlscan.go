package extract

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// Bounds of one XML part. Real ones stay far below.
const (
	maxXMLDepth  = 64        // elements inside one another
	maxXMLTokens = 4_000_000 // tags and pieces of text
	xmlBuffer    = 32 << 10
	maxTag       = 8 << 10 // bytes kept of one tag; embedded pictures make longer ones
)

type xmlKind uint8

const (
	xmlText xmlKind = iota
	xmlStart
	xmlEnd
)

// xmlScan gives the tags and the text of an XML part one after the other. A full XML parser costs ten times as much and refuses documents
// that office programs open; this one knows no entity but the five of XML, so nothing can expand, and holds one buffer.
type xmlScan struct {
	r       io.Reader
	buf     []byte
	at, end int
	readErr error
	depth   int
	tokens  int
	cdata   bool // inside a CDATA section
	closing bool // an empty element whose end comes next
	tag     []byte
	attrs   []byte // of a start tag, as they stand
	renamed []renamedPrefix
	scratch []byte
	nameBuf []byte
	name    []byte // of a tag, with the usual prefix of its namespace
	data    []byte // of a text, without references; good until the next token
}

// scanXML begins a part. XML without a declared encoding is UTF-8, or UTF-16 with a byte order mark (XML 1.0, 4.3.3); office programs write
// no other.
func scanXML(r io.Reader) *xmlScan {
	x := &xmlScan{r: r, buf: make([]byte, xmlBuffer)}
	x.fill()
	head := x.buf[:x.end]
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		raw := io.MultiReader(bytes.NewReader(bytes.Clone(head)), &rest{x.r, x.readErr})
		*x = xmlScan{r: unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(raw), buf: x.buf}
	}
	return x
}

// rest reads on after an error that was already met.
type rest struct {
	r   io.Reader
	err error
}

func (r *rest) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return r.r.Read(p)
}

// fill reads more behind what is held. It reports whether there is more.
func (x *xmlScan) fill() bool {
	if x.at > 0 {
		x.end = copy(x.buf, x.buf[x.at:x.end])
		x.at = 0
	}
	for tries := 0; x.readErr == nil && x.end < len(x.buf); tries++ {
		n, err := x.r.Read(x.buf[x.end:])
		x.end, x.readErr = x.end+n, err
		if n > 0 {
			return true
		}
		if tries > 100 {
			x.readErr = io.ErrNoProgress
		}
	}
	return false
}

// next gives the next token; io.EOF at the end of the part. A part that ends inside a tag just ends: what stood before is text.
func (x *xmlScan) next() (xmlKind, error) {
	if x.closing {
		x.closing = false
		x.leave()
		return xmlEnd, nil
	}
	for {
		if x.tokens++; x.tokens > maxXMLTokens {
			return 0, ErrTooLarge
		}
		if x.at == x.end && !x.fill() {
			return 0, x.readErr
		}
		if x.cdata {
			if x.inCDATA() {
				return xmlText, nil
			}
			continue
		}
		if x.buf[x.at] != '<' {
			x.text()
			return xmlText, nil
		}
		kind, token, err := x.markup()
		if token || err != nil {
			return kind, err
		}
	}
}

// each gives all tokens of the part to f until it reports false.
func (x *xmlScan) each(f func(xmlKind) bool) error {
	for {
		kind, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !f(kind) {
			return nil
		}
	}
}

// text takes character data up to the next tag, or a piece of it that ends between letters.
func (x *xmlScan) text() {
	for {
		held := x.buf[x.at:x.end]
		if i := bytes.IndexByte(held, '<'); i >= 0 {
			x.data = x.unescape(held[:i])
			x.at += i
			return
		}
		if len(held) == len(x.buf) || !x.fill() {
			held = x.buf[x.at:x.end]
			n := wholeLetters(held)
			x.data = x.unescape(held[:n])
			x.at += n
			return
		}
	}
}

// wholeLetters is the length of the longest piece of p that ends neither inside a letter nor inside a reference; all of it when short.
func wholeLetters(p []byte) int {
	if len(p) < 64 {
		return len(p)
	}
	tail := len(p) - 16
	if i := bytes.LastIndexByte(p[tail:], '&'); i >= 0 && bytes.IndexByte(p[tail+i:], ';') < 0 {
		return tail + i
	}
	for n := len(p); n > len(p)-utf8.UTFMax; n-- {
		if utf8.RuneStart(p[n-1]) {
			if utf8.FullRune(p[n-1:]) {
				return len(p)
			}
			return n - 1
		}
	}
	return len(p)
}

// inCDATA takes a piece of a CDATA section. It reports false where there is no text before its end.
func (x *xmlScan) inCDATA() bool {
	const end = "]]>"
	for x.end-x.at < len(end) && x.fill() {
	}
	held := x.buf[x.at:x.end]
	n := bytes.Index(held, []byte(end))
	switch {
	case n >= 0:
		x.cdata = false
		x.at += n + len(end)
	case len(held) < len(end):
		n = len(held)
		x.at += n
	default:
		n = len(held) - len(end) + 1
		x.at += n
	}
	x.data = held[:n]
	return n > 0
}

// markup reads what begins with "<". It reports false for what is neither tag nor text.
func (x *xmlScan) markup() (xmlKind, bool, error) {
	const cdata = "<![CDATA["
	for x.end-x.at < len(cdata) && x.fill() {
	}
	held := x.buf[x.at:x.end]
	switch {
	case bytes.HasPrefix(held, []byte("<!--")):
		x.at += 4
		return 0, false, x.skipTo("-->")
	case bytes.HasPrefix(held, []byte("<?")):
		x.at += 2
		return 0, false, x.skipTo("?>")
	case bytes.HasPrefix(held, []byte(cdata)):
		x.at += len(cdata)
		x.cdata = true
		return 0, false, nil
	case bytes.HasPrefix(held, []byte("<!")):
		return 0, false, ErrDTD
	}
	x.at++
	if err := x.readTag(); err != nil {
		return 0, false, err
	}
	return x.split()
}

// skipTo goes behind the next end.
func (x *xmlScan) skipTo(end string) error {
	for {
		held := x.buf[x.at:x.end]
		if i := bytes.Index(held, []byte(end)); i >= 0 {
			x.at += i + len(end)
			return nil
		}
		x.at += max(0, len(held)-len(end)+1)
		if !x.fill() {
			x.at = x.end
			return x.readErr
		}
	}
}

// readTag takes a tag up to its ">", which may also stand in the value of an attribute. Of a long one it keeps the beginning.
func (x *xmlScan) readTag() error {
	x.tag = x.tag[:0]
	quote, last := byte(0), byte(0)
	for {
		held := x.buf[x.at:x.end]
		i := 0
		for ; i < len(held); i++ {
			c := held[i]
			if quote != 0 {
				if c == quote {
					quote = 0
				}
				continue
			}
			if c == '>' {
				break
			}
			if c == '"' || c == '\'' {
				quote = c
			}
		}
		x.tag = append(x.tag, held[:min(i, maxTag-len(x.tag))]...)
		if i > 0 {
			last = held[i-1]
		}
		if i < len(held) {
			x.at += i + 1
			break
		}
		x.at = x.end
		if !x.fill() {
			return x.readErr
		}
	}
	if len(x.tag) == maxTag && last == '/' {
		x.tag[maxTag-1] = '/' // the end of a tag that was cut
	}
	return nil
}

// split parts a tag into name and attributes, and follows the depth.
func (x *xmlScan) split() (xmlKind, bool, error) {
	t := x.tag
	kind, empty := xmlStart, false
	switch {
	case len(t) > 0 && t[0] == '/':
		kind, t = xmlEnd, t[1:]
	case len(t) > 0 && t[len(t)-1] == '/':
		empty, t = true, t[:len(t)-1]
	}
	x.attrs = nil
	if i := bytes.IndexAny(t, " \t\r\n"); i >= 0 {
		t, x.attrs = t[:i], t[i:]
	}
	if kind == xmlEnd {
		x.name = x.usual(t)
		x.leave()
		return kind, true, nil
	}
	if x.depth++; x.depth > maxXMLDepth {
		return kind, false, ErrDepth
	}
	if bytes.Contains(x.attrs, []byte("xmlns")) {
		x.declare()
	}
	x.name = x.usual(t)
	x.closing = empty
	return kind, true, nil
}
