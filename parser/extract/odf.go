package extract

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxSpaces bounds the blanks that one text:s stands for.
const maxSpaces = 200

// ODT gives the text of an OpenDocument file (ISO/IEC 26300, ODF 1.2): a text document, a spreadsheet or a presentation, with page headers
// before and footnotes and page footers behind it. Paragraphs, tables, limits and errors as DOCX.
func ODT(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	o, err := openOffice(r, size, budget)
	if err != nil {
		return "", fmt.Errorf("open odt: %w", err)
	}
	if !o.has("content.xml") {
		return "", ErrNotDocument
	}
	return o.odf(maxRunes)
}

func (o *office) odf(maxRunes int) (string, error) {
	locked := false
	failed := o.read("meta-inf/manifest.xml", func(x *xmlScan) error {
		return x.each(func(kind xmlKind) bool {
			locked = locked || kind == xmlStart && string(x.name) == "manifest:encryption-data" // ODF 1.2, part 3, 3.4
			return !locked
		})
	})
	if locked {
		return "", ErrEncrypted
	}
	pages := odfText{page: true}
	pages.out.left, pages.tail.left = maxRunes, maxRunes
	failed = firstError(failed, o.read("styles.xml", pages.read))
	body := odfText{fonts: pages.fonts}
	body.out.left, body.tail.left = maxRunes, maxRunes
	failed = firstError(failed, o.read("content.xml", body.read))
	all := sink{left: maxRunes}
	for _, s := range []*sink{&pages.out, &body.out, &body.tail, &pages.tail} {
		all.line()
		all.put(s.b)
	}
	if failed != nil {
		failed = fmt.Errorf("read odt: %w", failed)
	}
	return all.text(), failed
}

// odfText reads content.xml, or of styles.xml the headers and footers of pages.
type odfText struct {
	out, tail sink // tail: footnotes, or page footers
	run       fontRun
	fonts     odfFonts

	page    bool // only headers and footers are text
	shown   int  // depth inside them
	skip    int  // depth inside elements that are not shown
	aside   int  // depth inside what goes to tail
	para    int  // depth inside paragraphs
	started bool // the paragraph has text, so that a blank counts
	blank   bool // a blank stands before the next word
	from    int  // where the header began
	seen    [][]byte
	filled  bool       // the table cell has a paragraph
	spans   []wordFont // fonts of the paragraphs and spans that are open
}

func (o *odfText) read(x *xmlScan) error {
	err := x.each(func(kind xmlKind) bool {
		if kind == xmlText {
			o.chars(x.data)
		} else {
			o.tag(x, kind == xmlEnd)
		}
		return o.out.left > 0
	})
	o.flush()
	return err
}

func (o *odfText) sink() *sink {
	if o.aside > 0 {
		return &o.tail
	}
	return &o.out
}

func (o *odfText) silent() bool { return o.skip > 0 || o.page && o.shown == 0 }

func (o *odfText) flush() { o.run.flush(o.sink()) }

// chars takes character data: that of paragraphs is text, white space in it is one blank (ODF 1.2, part 1, 6.1.2).
func (o *odfText) chars(p []byte) {
	if o.para == 0 || o.silent() {
		return
	}
	var f wordFont
	if n := len(o.spans); n > 0 {
		f = o.spans[n-1]
	}
	word := 0
	for i := 0; i <= len(p); i++ {
		if i < len(p) && p[i] != ' ' && p[i] != '\t' && p[i] != '\n' && p[i] != '\r' {
			continue
		}
		if i > word {
			if o.blank && o.started {
				o.run.put(o.sink(), []byte(" "), f.label, f.capitals)
			}
			o.run.put(o.sink(), p[word:i], f.label, f.capitals)
			o.started, o.blank = true, false
		}
		word = i + 1
		o.blank = o.blank || i < len(p)
	}
}

// sign writes a separator.
func (o *odfText) sign(c byte, n int) {
	if o.para == 0 || o.silent() {
		return
	}
	o.flush()
	s := o.sink()
	if o.blank && o.started && c != '\n' {
		s.mark(' ')
	}
	for range n {
		s.mark(c)
	}
	o.blank, o.started = false, c != '\n'
}

// line ends the line, for what stands on lines of its own.
func (o *odfText) line() {
	if !o.silent() {
		o.flush()
		o.sink().line()
		o.blank, o.started = false, false
	}
}

func (o *odfText) tag(x *xmlScan, end bool) {
	name := string(x.name)
	switch name {
	case "text:p", "text:h", "text:span", "text:a":
		o.span(x, name, end)
	case "text:tab":
		if !end {
			o.sign('\t', 1)
		}
	case "text:line-break":
		if !end {
			o.sign('\n', 1)
		}
	case "text:s":
		if !end {
			o.sign(' ', count(x.attr("c", false)))
		}
	case "table:table-cell", "table:table-row":
		if !o.silent() {
			o.table(name == "table:table-row", end)
		}
	case "draw:text-box", "draw:custom-shape":
		o.line()
	case "text:note":
		o.turn(&o.aside, end)
	case "style:header", "style:header-left", "style:header-first", "style:footer", "style:footer-left", "style:footer-first":
		o.header(strings.HasPrefix(name, "style:footer"), end)
	case "office:annotation", "text:tracked-changes", "text:note-citation", "text:page-number", "text:page-count", "text:sheet-name", "text:hidden-text", "svg:desc", "svg:title":
		o.skip = nested(o.skip, end)
	default:
		o.fonts.tag(x, name, end)
	}
}

// turn begins or ends what goes elsewhere.
func (o *odfText) turn(depth *int, end bool) {
	o.flush()
	if end && !o.silent() {
		o.sink().line()
	}
	*depth = nested(*depth, end)
}

// table follows cells and rows.
func (o *odfText) table(row, end bool) {
	s := o.sink()
	n := len(s.b)
	switch {
	case row && end:
		s.row()
		o.filled = true // of the cell around a table in a table
	case end && o.filled:
		s.cell()
	case end && n > 0 && s.b[n-1] == '\t': // an empty cell between others
		s.mark('\t')
	case !end:
		o.filled = false
	}
}

// span follows paragraphs and what is inside them, for the end of lines and for fonts.
func (o *odfText) span(x *xmlScan, name string, end bool) {
	paragraph := name == "text:p" || name == "text:h"
	if end {
		o.spans = o.spans[:max(0, len(o.spans)-1)]
		if paragraph {
			if !o.silent() {
				o.flush()
				o.sink().mark('\n')
				o.filled = true
			}
			o.para = max(0, o.para-1)
			o.blank, o.started = false, o.para > 0 // a note or a box ends inside the paragraph around it
		}
		return
	}
	f := wordFont{}
	if n := len(o.spans); n > 0 {
		f = o.spans[n-1]
	}
	o.spans = append(o.spans, pick(o.fonts.font(x.attr("style-name", false), paragraph), f)) // no deeper than XML may be
	if paragraph {
		o.para++
		o.blank, o.started = false, false
	}
}

// header begins or ends a page header or footer. Those that repeat another one are left out.
func (o *odfText) header(foot, end bool) {
	if !o.page {
		return
	}
	if !end {
		o.shown++
		if foot {
			o.turn(&o.aside, false)
		}
		o.from = len(o.sink().b)
		return
	}
	o.flush()
	s := o.sink()
	if o.seen = append(o.seen, s.b[min(o.from, len(s.b)):]); repeats(o.seen) {
		s.cut(min(o.from, len(s.b)))
		o.seen = o.seen[:len(o.seen)-1]
	}
	if foot {
		o.turn(&o.aside, true)
	}
	o.shown = max(0, o.shown-1)
}

// count reads a number of repetitions, 1 when there is none.
func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1
	}
	return min(max(n, 0), maxSpaces)
}
