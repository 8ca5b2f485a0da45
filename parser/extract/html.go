package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxHTML bounds the bytes of HTML that are read; what a person can see of a mail stands far before it.
const maxHTML = 4 << 20

// HTML gives the readable text of an HTML document or fragment: blocks on lines of their own, cells of a table row separated by a tab,
// nothing of scripts, styles and hidden heads. It works on the token stream, so nesting costs nothing.
func HTML(s string) string {
	if len(s) > maxHTML {
		s = s[:maxHTML]
	}
	w := lineWriter{}
	z := html.NewTokenizer(strings.NewReader(s))
	silent := atom.Atom(0) // the element whose text is not shown
	for {
		tt := z.Next()
		switch tt {
		case html.ErrorToken:
			return w.text()
		case html.TextToken:
			if silent == 0 {
				w.words(string(z.Text()), w.pre > 0)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			switch {
			case silent != 0:
				if tt == html.EndTagToken && a == silent {
					silent = 0
				}
			case tt == html.StartTagToken && notShown(a):
				silent = a
			default:
				w.tag(a, tt == html.EndTagToken)
			}
		}
	}
}

func notShown(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template, atom.Object, atom.Svg, atom.Textarea, atom.Select:
		return true
	}
	return false
}

// lineWriter collects words into lines.
type lineWriter struct {
	b     strings.Builder
	space bool // white space stands before the next word
	line  bool // the line has text
	brk   bool // a line end stands before the next word
	row   bool // the table row has text
	cell  bool // a cell begins before the next word
	blank bool // the last line is empty
	pre   int  // depth of <pre>
}

func (w *lineWriter) words(s string, pre bool) {
	if pre {
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				w.newline()
			}
			w.put(strings.TrimRight(l, " \r"))
		}
		return
	}
	if s == "" {
		return
	}
	for i, f := range strings.FieldsFunc(s, isSpace) {
		if i > 0 || isSpace(rune(s[0])) {
			w.space = true
		}
		w.put(f)
	}
	if last := s[len(s)-1]; isSpace(rune(last)) || strings.HasSuffix(s, "\u00a0") {
		w.space = true
	}
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\u00a0'
}

func (w *lineWriter) put(s string) {
	if s == "" {
		return
	}
	switch {
	case w.cell && w.row:
		w.b.WriteByte('\t')
	case w.brk:
		w.b.WriteByte('\n')
	case w.space && w.line:
		w.b.WriteByte(' ')
	}
	w.b.WriteString(s)
	w.row = w.row || w.cell
	w.space, w.cell, w.brk, w.line, w.blank = false, false, false, true, false
}

// newline ends the line; at most one empty line is kept between blocks.
func (w *lineWriter) newline() {
	if w.line {
		w.b.WriteByte('\n')
	} else if !w.blank && w.b.Len() > 0 {
		w.b.WriteByte('\n')
		w.blank = true
	}
	w.line, w.space, w.cell, w.brk = false, false, false, false
}

func (w *lineWriter) tag(a atom.Atom, end bool) {
	switch a {
	case atom.Br:
		w.newline()
	case atom.Td, atom.Th:
		w.cell = !end
	case atom.Tr, atom.Table:
		w.ensureLine()
		w.cell, w.row = false, false
	case atom.Pre:
		w.pre = max(0, w.pre+map[bool]int{false: 1, true: -1}[end])
		w.ensureLine()
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Blockquote, atom.Hr, atom.Body, atom.Head, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd, atom.Center,
		atom.Address, atom.Form, atom.Fieldset, atom.Caption, atom.Thead, atom.Tbody, atom.Tfoot:
		w.ensureLine()
	}
}

// ensureLine puts the next word on a new line, unless it turns out to begin another cell of the same row.
func (w *lineWriter) ensureLine() {
	w.brk = w.line
	w.space = false
}

func (w *lineWriter) text() string { return strings.TrimSpace(w.b.String()) }
