package extract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// wordText reads WordprocessingML by a scan over its tags. A full XML parser costs ten times as much and refuses documents that Word
// opens; no entity but the five of XML and character references is known, so nothing can expand.
type wordText struct {
	sink
	skip  int  // depth inside elements that repeat or hide text
	t     bool // inside w:t
	props int  // depth inside w:pPr
}

// maxTag bounds one tag; real ones have some hundred bytes.
const maxTag = 64 << 10

func (w *wordText) read(r io.Reader) error {
	br := bufio.NewReaderSize(r, maxTag)
	w.skip, w.props, w.t = 0, 0, false
	for w.left > 0 {
		text, err := br.ReadSlice('<')
		w.chars(bytes.TrimSuffix(text, []byte("<")))
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return eofIsEnd(err)
		}
		tag, err := br.ReadSlice('>')
		for errors.Is(err, bufio.ErrBufferFull) {
			tag, err = br.ReadSlice('>')
		}
		if err != nil {
			return eofIsEnd(err)
		}
		w.tag(tag[:len(tag)-1])
	}
	return nil
}

func eofIsEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// chars takes character data; only that of w:t is text.
func (w *wordText) chars(p []byte) {
	if !w.t || w.skip > 0 || len(p) == 0 {
		return
	}
	for w.left > 0 && len(p) > 0 {
		i := bytes.IndexByte(p, '&')
		if i < 0 {
			i = len(p)
		}
		w.put(p[:i])
		if p = p[i:]; len(p) == 0 {
			return
		}
		end := bytes.IndexByte(p, ';')
		if end < 0 || end > 12 {
			w.put(p[:1])
			p = p[1:]
			continue
		}
		w.put([]byte(reference(string(p[1:end]))))
		p = p[end+1:]
	}
}

// reference is the text of an XML entity or character reference; what is unknown disappears.
func reference(name string) string {
	switch name {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	base, digits := 10, strings.TrimPrefix(name, "#")
	if digits == name {
		return ""
	}
	if h := strings.TrimPrefix(strings.ToLower(digits), "x"); len(h) < len(digits) {
		base, digits = 16, h
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return ""
	}
	return string(rune(n))
}

// sign writes a separator.
func (w *wordText) sign(c byte) {
	if w.skip == 0 {
		w.mark(c)
	}
}

// tag follows the elements that matter; a prefix other than w: and mc: is legal and not seen in practice.
func (w *wordText) tag(t []byte) {
	end := bytes.HasPrefix(t, []byte("/"))
	empty := bytes.HasSuffix(t, []byte("/"))
	t = bytes.Trim(t, "/")
	if i := bytes.IndexAny(t, " \t\r\n"); i >= 0 {
		t = t[:i]
	}
	switch string(t) {
	case "mc:Fallback", "w:instrText", "w:delText": // Fallback repeats its Choice, the others are not shown
		w.skip = nested(w.skip, end, empty)
	case "w:pPr": // holds the definitions of tab stops, which are w:tab too
		w.props = nested(w.props, end, empty)
	case "w:t":
		w.t = !end && !empty
	case "w:tab", "w:ptab":
		if !end && w.props == 0 {
			w.sign('\t')
		}
	case "w:br", "w:cr":
		if !end {
			w.sign('\n')
		}
	case "w:noBreakHyphen":
		if !end {
			w.sign('-')
		}
	case "w:p":
		if end || empty {
			w.sign('\n')
		}
	case "w:tc":
		if end && w.skip == 0 {
			w.cell()
		}
	case "w:tr":
		if end && w.skip == 0 {
			w.row()
		}
	}
}

func nested(depth int, end, empty bool) int {
	switch {
	case empty:
		return depth
	case end:
		return max(0, depth-1)
	}
	return depth + 1
}
