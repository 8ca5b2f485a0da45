package sidecar

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// maxValue bounds one value, in runes.
const maxValue = 2000

// anchors are the elements from which a value's place is told, whatever envelope, prefix or namespace is around them.
var anchors = map[string]string{
	"messageheader": "header", "traceheaderlist": "trace", "edxmlmanifest": "manifest", "manifest": "manifest", "attachmentencoded": "attached",
	"exportmail": "mail", "exportstatus": "told",
}

// namespaces of edXML: of QCVN 102:2016, of the axis before it, and one that a product made up.
var namespaces = []string{"http://www.mic.gov.vn/TBT/QCVN_102_2016", "http://www.e-doc.vn/Schema/", "http://www.go.vn/eDoc"}

// reading is one sidecar while it is read.
type reading struct {
	out    Sidecar
	stack  []element
	anchor int // index into stack below which places are told, -1 outside
	value  strings.Builder
	faulty bool // not well-formed
	blank  bool // nothing but blanks and NUL

	edxml, mail, told bool // elements of the three were seen
	document          edoc
	flat              map[string]string // fields of EXPORTMAIL and EXPORTSTATUS by place
}

type element struct {
	name   string // local name in lower case
	anchor int    // of the element around it
	leaf   bool
}

// readXML reads the file once. Strictly, it stops at the first fault.
func readXML(r io.ReaderAt, size int64, strict bool) (*reading, error) {
	s, err := newSource(r, size)
	if err != nil {
		return nil, err
	}
	x := &reading{anchor: -1, flat: map[string]string{}}
	x.out.Document = vanban.New()
	d := xml.NewDecoder(s)
	d.Strict = strict
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // source has done it
	x.walk(d, s)
	x.blank = !s.inked
	if s.scanned.err != nil {
		return nil, s.scanned.err
	}
	switch {
	case s.full || size > maxScan:
		x.note(TooLarge, "")
		x.faulty = false
	case !s.begun:
		x.faulty = false
	}
	return x, nil
}

// walk goes through the tokens up to the end of the root element: what follows it (padding, a second document) is none of ours.
func (x *reading) walk(d *xml.Decoder, s *source) {
	for {
		token, err := d.RawToken()
		if err != nil {
			x.faulty = !errors.Is(err, io.EOF) || len(x.stack) > 0
			return
		}
		switch t := token.(type) {
		case xml.ProcInst:
			if label := declared(string(t.Inst)); t.Target == "xml" && label != "" && label != family(s.encoding) {
				x.note(Misdeclared, "")
			}
		case xml.Directive:
			if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(string(t))), "DOCTYPE") {
				x.drop()
				x.note(DOCTYPE, "")
				return
			}
		case xml.StartElement:
			if len(x.stack) == maxDepth {
				x.note(TooDeep, "")
				return
			}
			x.open(t)
		case xml.CharData:
			if n := len(x.stack); n > 0 && x.stack[n-1].leaf && x.value.Len() < maxValue*4 {
				x.value.Write(t[:min(len(t), maxValue*4)])
			}
		case xml.EndElement:
			if !x.close(strings.ToLower(t.Name.Local), d.Strict) {
				x.faulty = true
				return
			}
			if len(x.stack) == 0 {
				return
			}
		}
	}
}

// drop forgets what was read.
func (x *reading) drop() {
	*x = reading{anchor: -1, flat: map[string]string{}, out: Sidecar{Document: vanban.New(), Findings: x.out.Findings}}
}

func (x *reading) open(t xml.StartElement) {
	if n := len(x.stack); n > 0 {
		x.stack[n-1].leaf = false
	}
	name := strings.ToLower(t.Name.Local)
	if len(name) > 64 {
		name = name[:64]
	}
	if rest, ok := strings.CutPrefix(name, "business"); ok { // Bkav; the norm has two s
		name = "bussiness" + rest
	}
	x.edxml = x.edxml || strings.HasPrefix(name, "edxml")
	for _, a := range t.Attr {
		for _, ns := range namespaces {
			x.edxml = x.edxml || (a.Name.Space == "xmlns" || a.Name.Local == "xmlns") && strings.TrimSuffix(a.Value, "/") == strings.TrimSuffix(ns, "/")
		}
	}
	x.stack = append(x.stack, element{name, x.anchor, true})
	x.value.Reset()
	if _, ok := anchors[name]; ok || name == "status" && x.under("header") {
		x.anchor = len(x.stack) - 1
		x.mail, x.told = x.mail || name == "exportmail", x.told || name == "exportstatus"
	}
}

// under says whether the element around the last one has a name that ends so: a Status in an edXMLHeader is Bkav's MessageHeader.
func (x *reading) under(suffix string) bool {
	n := len(x.stack)
	return n > 1 && strings.HasSuffix(x.stack[n-2].name, suffix)
}

// close ends the innermost element of the name; when not strict also those inside it that were never closed, and an end without a beginning is
// passed over.
func (x *reading) close(name string, strict bool) bool {
	if rest, ok := strings.CutPrefix(name, "business"); ok {
		name = "bussiness" + rest
	}
	name = name[:min(len(name), 64)]
	at := len(x.stack) - 1
	for at >= 0 && x.stack[at].name != name {
		if strict {
			return false
		}
		at--
	}
	if at < 0 {
		return !strict
	}
	for len(x.stack) > at {
		x.pop()
	}
	return true
}

func (x *reading) pop() {
	n := len(x.stack)
	e := x.stack[n-1]
	place := x.place()
	if e.leaf {
		if value := clean(x.value.String()); value != "" {
			x.take(place, value)
		}
	}
	x.document.close(place, x)
	x.value.Reset()
	x.stack, x.anchor = x.stack[:n-1], e.anchor
}

// place is the path of the innermost element from its anchor on: "header/code/codenumber". Outside of any it is the name alone.
func (x *reading) place() string {
	n := len(x.stack)
	if x.anchor < 0 {
		return x.stack[n-1].name
	}
	anchor := x.stack[x.anchor].name
	names := []string{anchors[anchor]}
	if anchor == "status" {
		names[0] = "header"
	}
	for _, e := range x.stack[x.anchor+1:] {
		names = append(names, e.name)
	}
	return strings.Join(names, "/")
}

// take takes one value by its place.
func (x *reading) take(place, value string) {
	section, rest, _ := strings.Cut(place, "/")
	switch section {
	case "header", "trace", "manifest", "attached":
		x.document.take(section, rest, value, x)
	default:
		x.takeFlat(value)
	}
}

func (x *reading) note(code, where string) {
	for _, f := range x.out.Findings {
		if f.Code == code && f.Note == where {
			return
		}
	}
	if len(x.out.Findings) < maxFindings {
		x.out.Findings = append(x.out.Findings, Finding{code, where})
	}
}

const maxFindings = 40

// clean gives a value as Clean does, and bounded.
func clean(s string) string {
	s = Clean(s)
	if r := []rune(s); len(r) > maxValue {
		s = string(r[:maxValue-1]) + "…"
	}
	return s
}

// Clean gives a value on one line, NFC, without control characters and blanks around it; what programs write for nothing is nothing.
func Clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	switch strings.ToLower(s) {
	case "null", "n/a", "(null)", "none", "undefined":
		return ""
	}
	return s
}

// declared is the family of the encoding that an XML declaration names.
func declared(inst string) string {
	_, label, ok := strings.Cut(inst, "encoding")
	if !ok {
		return ""
	}
	label = strings.TrimLeft(label, " \t\r\n=\"'")
	if i := strings.IndexAny(label, " \t\r\n\"'?"); i >= 0 {
		label = label[:i]
	}
	return family(strings.ToLower(label))
}

func family(label string) string {
	switch {
	case label == "utf8":
		return "utf-8"
	case strings.HasPrefix(label, "utf-16"), label == "unicode", label == "ucs-2":
		return "utf-16"
	}
	return label
}
