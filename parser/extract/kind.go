package extract

import (
	"bytes"
	"strings"
)

// Kind of document, as far as it must be known before the file is opened.
type Kind string

// The kinds that are read.
const (
	NoKind Kind = ""
	Rich   Kind = "rtf"
	Office Kind = "office" // a ZIP file of XML parts: DOCX, XLSX, ODT, ODS; which of them its parts say
	Legacy Kind = "cfb"    // a compound file (MS-CFB): DOC, or a DOCX or XLSX with a password
	Web    Kind = "html"   // HTML, also under the name of a word processor's file
)

// KindOf tells how to read a document from its first bytes (3 KB are enough, fewer when the file has no more), its declared type and its
// name; NoKind when it is no document of the kinds that are read, as a PDF, an archive or plain text. Content goes first: a wrong type or
// name changes nothing. Type and name tell apart only what begins alike, documents from archives and from other compound files.
func KindOf(head []byte, ctype, name string) Kind {
	family := familyOf(ctype, name)
	switch {
	case bytes.HasPrefix(trimHead(head), []byte(`{\rtf`)):
		return Rich
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if family == officeFile || officeBegins(head) {
			return Office
		}
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		if family != otherCompound {
			return Legacy
		}
	case looksHTML(head):
		if family == officeFile || strings.HasPrefix(ctype, "text/html") || family == webFile || family == anyFile {
			return Web
		}
	}
	return NoKind
}

// family is what a type or name claims.
type family uint8

const (
	anyFile family = iota
	officeFile
	otherCompound // a compound file that is no text document: .xls, .msg, installers
	webFile
	otherFamily
)

// families are the claims of endings and of types.
var families = map[string]family{
	"doc": officeFile, "dot": officeFile, "docx": officeFile, "docm": officeFile, "dotx": officeFile, "dotm": officeFile, "rtf": officeFile,
	"xlsx": officeFile, "xlsm": officeFile, "xltx": officeFile, "odt": officeFile, "ott": officeFile, "ods": officeFile, "odp": officeFile,
	"xls": otherCompound, "xlt": otherCompound, "ppt": otherCompound, "pps": otherCompound, "msg": otherCompound, "oft": otherCompound,
	"msi": otherCompound, "vsd": otherCompound, "mpp": otherCompound, "pub": otherCompound, "db": otherCompound, "dwg": otherCompound,
	"html": webFile, "htm": webFile, "zip": otherFamily, "jar": otherFamily, "apk": otherFamily,
	"txt": otherFamily, "csv": otherFamily, "xml": otherFamily, "svg": otherFamily, "eml": otherFamily, "text/plain": otherFamily,

	"application/msword": officeFile, "application/rtf": officeFile, "text/rtf": officeFile, "text/html": webFile,
	"application/vnd.ms-excel": otherCompound, "application/vnd.ms-powerpoint": otherCompound, "application/vnd.ms-outlook": otherCompound,
}

// familyOf goes by the name, which people see and choose, then by the type.
func familyOf(ctype, name string) family {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if f, ok := families[strings.ToLower(strings.TrimSpace(name[i+1:]))]; ok {
			return f
		}
	}
	ctype, _, _ = strings.Cut(strings.ToLower(ctype), ";")
	ctype = strings.TrimSpace(ctype)
	if strings.Contains(ctype, "openxmlformats-officedocument.wordprocessingml") || strings.Contains(ctype, "openxmlformats-officedocument.spreadsheetml") ||
		strings.HasPrefix(ctype, "application/vnd.oasis.opendocument.") || strings.HasPrefix(ctype, "application/vnd.ms-word.") {
		return officeFile
	}
	return families[ctype]
}

// officeBegins goes by the first file of a ZIP file: office programs put the same ones first.
func officeBegins(head []byte) bool {
	const header = 30 // PKWARE APPNOTE, 4.3.7
	if len(head) < header {
		return false
	}
	n := int(head[26]) | int(head[27])<<8
	name, rest := head[header:min(len(head), header+n)], head[min(len(head), header+n):]
	switch string(name) {
	case "mimetype":
		return bytes.HasPrefix(rest, []byte("application/vnd.oasis.opendocument."))
	case "[Content_Types].xml", "_rels/.rels", "word/document.xml", "xl/workbook.xml", "docProps/app.xml", "docProps/core.xml":
		return true
	}
	return false
}

// trimHead leaves out what programs put before the first sign.
func trimHead(p []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(p, []byte("\xEF\xBB\xBF")), " \t\r\n\x00")
}

// looksHTML goes by the first tag, as browsers do.
func looksHTML(head []byte) bool {
	p := bytes.ToLower(trimHead(head[:min(len(head), 1024)]))
	for bytes.HasPrefix(p, []byte("<?xml")) || bytes.HasPrefix(p, []byte("<!--")) {
		i := bytes.IndexByte(p, '>')
		if i < 0 {
			return false
		}
		p = trimHead(p[i+1:])
	}
	for _, t := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta"} {
		if bytes.HasPrefix(p, []byte(t)) {
			return true
		}
	}
	return false
}
