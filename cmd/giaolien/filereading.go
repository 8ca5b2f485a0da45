package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// fileReading is what tools found in one file, without its text: a summary for people and for other programs.
type fileReading struct {
	SHA256    string         `json:"sha256"`
	Name      string         `json:"name"`
	Reader    string         `json:"reader"`     // the tools with their versions; empty when none could read it
	Pages     int            `json:"pages"`      // of the file; 0 when unknown
	PagesRead int            `json:"pages_read"` // those whose text was asked for
	OCRPages  int            `json:"ocr_pages"`  // of them, read off their picture
	Charset   string         `json:"charset"`
	Truncated bool           `json:"truncated"`
	Problem   string         `json:"problem"`
	Signature shownSignature `json:"signature"`
}

// readingOf sums up what was found.
func readingOf(digest, name string, e mapping.FileEvidence) fileReading {
	r := fileReading{SHA256: digest, Name: name, Reader: e.Reader, Pages: e.PageCount, PagesRead: len(e.Pages), Charset: e.Charset,
		Truncated: e.Truncated, Problem: e.Problem, Signature: shown(e.Signature)}
	for _, p := range e.Pages {
		if p.OCR {
			r.OCRPages++
		}
	}
	return r
}

// nameOf is the name under which a message brought a file.
func nameOf(m parser.Message, digest string) string {
	all := m.Attachments
	for _, n := range m.Nested {
		all = append(all[:len(all):len(all)], n.Attachments...)
	}
	if i := slices.IndexFunc(all, func(a parser.Attachment) bool { return a.SHA256 == digest }); i >= 0 {
		return all[i].Name
	}
	return ""
}

// print shows the reading to a person, as lines of a table.
func (r fileReading) print(w io.Writer, indent string) {
	what := r.Name
	if what == "" {
		what = short(r.SHA256)
	}
	fmt.Fprintf(w, "%sđọc tệp\t%s: %s\n", indent, what, readInWords(r))
	for i, line := range signedInWords(r.Signature.FileSignature) {
		label := "chữ ký số"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "%s%s\t%s\n", indent, label, line)
	}
}
