package edxml

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// writer writes elements as the official builder does: the prefix edXML inside the envelope, none outside. It remembers the first error.
type writer struct {
	out   *bufio.Writer
	open  []string
	plain bool // outside the envelope
	err   error
}

func newWriter(w io.Writer) *writer {
	return &writer{out: bufio.NewWriterSize(w, 32<<10)}
}

func (w *writer) raw(parts ...string) {
	for _, p := range parts {
		if w.err == nil {
			_, w.err = w.out.WriteString(p)
		}
	}
}

func (w *writer) indent() { w.raw("\n", strings.Repeat("  ", len(w.open))) }

func (w *writer) prefixed(name string) string {
	if w.plain {
		return name
	}
	return "edXML:" + name
}

// begin opens an element. Attributes are ours and need no escaping.
func (w *writer) begin(name string, attributes ...string) {
	name = w.prefixed(name)
	w.indent()
	w.raw("<", name)
	for _, a := range attributes {
		w.raw(" ", a)
	}
	w.raw(">")
	w.open = append(w.open, name)
}

func (w *writer) end() {
	last := len(w.open) - 1
	name := w.open[last]
	w.open = w.open[:last]
	w.indent()
	w.raw("</", name, ">")
}

// group writes an element with what body writes.
func (w *writer) group(name string, body func()) {
	w.begin(name)
	body()
	w.end()
}

// text writes an element, or nothing for an empty value.
func (w *writer) text(name, value string) {
	if value == "" {
		return
	}
	name = w.prefixed(name)
	w.indent()
	w.raw("<", name, ">", escape(value), "</", name, ">")
}

func (w *writer) number(name string, n int) { w.text(name, strconv.Itoa(n)) }

// amount writes a number that is absent when 0.
func (w *writer) amount(name string, n int) {
	if n != 0 {
		w.number(name, n)
	}
}

func (w *writer) flag(name string, on bool) {
	if on {
		w.number(name, 1)
	} else {
		w.number(name, 0)
	}
}

// day writes a date in the form of packages, yyyy/mm/dd.
func (w *writer) day(name, iso string) { w.text(name, strings.ReplaceAll(iso, "-", "/")) }

func (w *writer) stamp(name string, t time.Time) {
	w.text(name, t.In(vietnam()).Format(stampForm))
}

// stampForm is the form of times: Vietnam time, no zone written.
const stampForm = "2006/01/02 15:04:05"

// escape writes what XML would read as markup. A carriage return would be read as a line feed.
func escape(s string) string {
	if !strings.ContainsAny(s, "&<>\r") {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;").Replace(s)
}

// base64 writes the contents as one line of base64 and returns how many bytes they had; one more than size is not read.
func (w *writer) base64(contents io.Reader, size int64) (int64, error) {
	if w.err != nil {
		return 0, w.err
	}
	e := base64.NewEncoder(base64.StdEncoding, w.out)
	n, err := io.Copy(e, io.LimitReader(contents, size+1))
	if err != nil {
		return n, err
	}
	if err := e.Close(); err != nil {
		return n, err
	}
	return n, nil
}

// finish writes out what is buffered.
func (w *writer) finish() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write package: %w", w.err)
	}
	return nil
}
