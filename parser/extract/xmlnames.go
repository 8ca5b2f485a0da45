package extract

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// renamedPrefix is a prefix that a document uses for a namespace instead of the usual one, inside the element at depth.
type renamedPrefix struct {
	from, to string
	depth    int
}

// maxRenamed bounds the prefixes that are remembered.
const maxRenamed = 32

// namespaces gives the prefixes by which the readers here know the elements of a namespace, in both forms of OOXML (ECMA-376, part 1
// strict and part 4 transitional) and of OpenDocument 1.2.
var namespaces = map[string]string{
	"http://schemas.openxmlformats.org/wordprocessingml/2006/main":        "w:",
	"http://purl.oclc.org/ooxml/wordprocessingml/main":                    "w:",
	"http://schemas.openxmlformats.org/markup-compatibility/2006":         "mc:",
	"http://schemas.openxmlformats.org/drawingml/2006/main":               "a:",
	"http://purl.oclc.org/ooxml/drawingml/main":                           "a:",
	"http://schemas.openxmlformats.org/officeDocument/2006/math":          "m:",
	"http://purl.oclc.org/ooxml/officeDocument/math":                      "m:",
	"http://schemas.openxmlformats.org/spreadsheetml/2006/main":           "",
	"http://purl.oclc.org/ooxml/spreadsheetml/main":                       "",
	"http://schemas.openxmlformats.org/package/2006/relationships":        "",
	"http://schemas.openxmlformats.org/package/2006/content-types":        "",
	"urn:oasis:names:tc:opendocument:xmlns:text:1.0":                      "text:",
	"urn:oasis:names:tc:opendocument:xmlns:table:1.0":                     "table:",
	"urn:oasis:names:tc:opendocument:xmlns:office:1.0":                    "office:",
	"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0":                   "draw:",
	"urn:oasis:names:tc:opendocument:xmlns:style:1.0":                     "style:",
	"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0":                  "manifest:",
	"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0":         "fo:",
	"http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r:",
	"http://purl.oclc.org/ooxml/officeDocument/relationships":             "r:",
}

// leave ends an element, and what its tag declared.
func (x *xmlScan) leave() {
	for n := len(x.renamed); n > 0 && x.renamed[n-1].depth >= x.depth; n-- {
		x.renamed = x.renamed[:n-1]
	}
	x.depth = max(0, x.depth-1)
}

// declare notes prefixes that are not the usual ones.
func (x *xmlScan) declare() {
	x.eachAttr(func(name, value []byte) bool {
		n := string(name)
		if n != "xmlns" && !strings.HasPrefix(n, "xmlns:") {
			return true
		}
		from := strings.TrimPrefix(strings.TrimPrefix(n, "xmlns"), ":")
		if from != "" {
			from += ":"
		}
		to, ok := namespaces[string(value)]
		if ok && (from != to || len(x.renamed) > 0) && len(x.renamed) < maxRenamed {
			x.renamed = append(x.renamed, renamedPrefix{from, to, x.depth})
		}
		return true
	})
}

// usual gives a name with the usual prefix of its namespace.
func (x *xmlScan) usual(name []byte) []byte {
	if len(x.renamed) == 0 {
		return name
	}
	prefix := name[:bytes.IndexByte(name, ':')+1]
	for i := len(x.renamed) - 1; i >= 0; i-- { // the innermost counts
		if r := x.renamed[i]; r.from == string(prefix) {
			x.nameBuf = append(append(x.nameBuf[:0], r.to...), name[len(prefix):]...)
			return x.nameBuf
		}
	}
	return name
}

// attr gives the value of an attribute of the start tag that was just read, by its name without a prefix; empty when it has none. With
// prefixed only attributes that have a prefix are seen (r:id beside id).
func (x *xmlScan) attr(local string, prefixed bool) string {
	out := ""
	x.eachAttr(func(name, value []byte) bool {
		i := bytes.IndexByte(name, ':')
		if (i >= 0 || !prefixed) && string(name[i+1:]) == local {
			out = string(x.unescape(value))
			return false
		}
		return true
	})
	return out
}

// eachAttr gives names and raw values until f reports false.
func (x *xmlScan) eachAttr(f func(name, value []byte) bool) {
	const blanks = " \t\r\n"
	rest := x.attrs
	for {
		rest = bytes.TrimLeft(rest, blanks)
		i := bytes.IndexByte(rest, '=')
		if i <= 0 {
			return
		}
		name := bytes.TrimRight(rest[:i], blanks)
		rest = bytes.TrimLeft(rest[i+1:], blanks)
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 || !f(name, rest[1:1+end]) {
			return
		}
		rest = rest[end+2:]
	}
}

// unescape replaces references; what is unknown disappears.
func (x *xmlScan) unescape(p []byte) []byte {
	i := bytes.IndexByte(p, '&')
	if i < 0 {
		return p
	}
	out := x.scratch[:0]
	for ; i >= 0; i = bytes.IndexByte(p, '&') {
		out = append(out, p[:i]...)
		p = p[i:]
		end := bytes.IndexByte(p[:min(len(p), 12)], ';')
		if end < 0 {
			out = append(out, '&')
			p = p[1:]
			continue
		}
		out = append(out, reference(string(p[1:end]))...)
		p = p[end+1:]
	}
	x.scratch = append(out, p...)
	return x.scratch
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
