package parser

import (
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// partType is what the header of an entity says about its body.
type partType struct {
	ctype       string // lower case, e.g. application/pdf
	params      params // of Content-Type
	dparams     params // of Content-Disposition
	name        string // file name for display, NFC; empty when none is given
	attached    bool   // Content-Disposition: attachment
	enc         encoding
	opaque      bool // a container that is not entered
	badType     bool
	badEncoding bool
}

// maxName bounds a file name in runes.
const maxName = 255

// describe reads Content-Type, Content-Disposition and Content-Transfer-Encoding. Of several fields of one name the first counts.
func describe(b *block, digest bool, in texts) partType {
	t := partType{ctype: "text/plain"}
	if digest { // RFC 2046, 5.1.5
		t.ctype = "message/rfc822"
	}
	if field := strings.TrimSpace(b.Get("Content-Type")); field != "" {
		if strings.HasPrefix(field, "=?") {
			field = in.words(field)
		}
		var value string
		value, t.params = parseParams(field)
		t.ctype, t.badType = cleanType(value)
	}
	disposition, dparams := "", params(nil)
	if field := b.Get("Content-Disposition"); field != "" {
		disposition, dparams = parseParams(field)
		t.dparams = dparams
	}
	t.attached = disposition == "attachment" || strings.HasPrefix(disposition, "attachment ")
	t.name = fileName(dparams, t.params, in)
	var ok bool
	if t.enc, ok = encodingOf(b.Get("Content-Transfer-Encoding")); !ok {
		t.badEncoding = true
	}
	if t.badType && (t.name != "" || t.attached) {
		t.ctype = "application/octet-stream"
	}
	return t
}

// fileName is the name for display: where RFC 2183, 2.3 wants it, else where programs wrote it.
func fileName(disposition, ctype params, in texts) string {
	for _, from := range []struct {
		params params
		name   string
	}{{disposition, "filename"}, {ctype, "name"}, {ctype, "filename"}, {disposition, "name"}} {
		if s := charset.Clean(from.params.text(from.name, in), maxName); s != "" {
			return s
		}
	}
	return ""
}

// cleanType gives type/subtype, and whether the field named no type. RFC 2045, 5.2 wants text/plain then.
func cleanType(v string) (string, bool) {
	v = strings.TrimSpace(charset.Clean(rawText(v), 200))
	if i := strings.IndexAny(v, " \t,"); i > 0 {
		v = v[:i]
	}
	major, minor, ok := strings.Cut(v, "/")
	if ok && major != "" && minor != "" {
		return v, false
	}
	switch v {
	case "text", "text/", "plain":
		return "text/plain", true
	case "html":
		return "text/html", true
	case "multipart", "multipart/":
		return "multipart/mixed", true
	}
	return "text/plain", true
}

// isMessage says whether the type is a message that is entered (RFC 2046, 5.2.1; RFC 6532, 3.7).
func isMessage(ctype string) bool {
	return ctype == "message/rfc822" || ctype == "message/global" || ctype == "message/news"
}

// body says whether the part is a body of the message rather than one of its files.
func (t *partType) body() bool {
	return (t.ctype == "text/plain" || t.ctype == "text/html") && t.name == "" && !t.attached && !t.opaque
}

func (t *partType) attachment() Attachment {
	return Attachment{Name: t.name, Type: t.ctype, Path: []string{}}
}

// kind of document by declared type and file name, for reading its text; a wrong or general type is common.
func (t *partType) document() document {
	general := t.ctype == "application/octet-stream" || t.ctype == "application/x-download" || t.ctype == "application/force-download" ||
		t.ctype == "application/download" || t.ctype == "application/zip" || t.ctype == "application/msword" || t.ctype == "application/binary"
	name := strings.ToLower(t.name)
	switch {
	case t.opaque:
	case isMessage(t.ctype), general && strings.HasSuffix(name, ".eml"):
		return messageDocument
	case t.ctype == "text/html", general && (strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".htm")):
		return htmlDocument
	case t.ctype == "text/plain", general && strings.HasSuffix(name, ".txt"):
		return textDocument
	case t.ctype == "message/delivery-status", t.ctype == "message/global-delivery-status":
		return statusDocument
	case t.ctype == "text/rfc822-headers", t.ctype == "message/global-headers", t.ctype == "message/rfc822-headers":
		return headersDocument
	}
	return otherFile
}

// document is a kind of file whose content is read here.
type document int

const (
	otherFile document = iota
	textDocument
	htmlDocument
	officeDocument  // found out by its content
	sidecarDocument // likewise
	messageDocument
	statusDocument
	headersDocument
)

// keep is how many decoded bytes are needed to read it.
func (d document) keep(lim Limits) int {
	switch d {
	case textDocument, htmlDocument:
		return max(lim.Text, 0)*4 + 4
	case statusDocument, headersDocument:
		return 64 << 10
	}
	return 0
}

// readAgain says whether a document is read from its file once that has gone by, instead of being kept.
func (d document) readAgain() bool {
	return d == textDocument || d == htmlDocument || d == messageDocument
}
