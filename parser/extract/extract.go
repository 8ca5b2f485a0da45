// Package extract reads the text out of documents: bytes in, text out, within limits. It follows no reference, runs no macro and expands
// no entity of a document's own.
package extract

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html/charset"

	ourset "github.com/giaolien/giaolien/parser/charset"
)

// Errors of documents; what is wrong with one is a fact about it. Ask with errors.Is.
var (
	ErrNotDocument = errors.New("no document in the container")
	ErrTooLarge    = errors.New("document over the limit")
	ErrEncrypted   = errors.New("document needs a password")
	ErrDepth       = errors.New("document nested too deep")
	ErrDTD         = errors.New("xml with a document type declaration")
)

// Codes of findings that errors of documents become, stable for ever.
const (
	Unread    = "document-unread"    // the text could not be read, or not to its end
	Encrypted = "document-encrypted" // the text cannot be read without a password
)

// CodeOf gives the code of the finding that an error of this package is.
func CodeOf(err error) string {
	if errors.Is(err, ErrEncrypted) {
		return Encrypted
	}
	return Unread
}

// Document gives the text of a document of kind k (see KindOf): at most maxRunes runes, not cleaned, paragraphs on lines of their own,
// cells of a table row separated by a tab. budget is how many bytes may be read as a stream or inflated; it is counted down, so that all
// documents of one message can share it. On an error, which is about the document, it gives what could be read before.
func Document(k Kind, r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	s, err := document(k, r, size, maxRunes, budget)
	out := sink{left: maxRunes}
	out.puts(reread(s))
	return out.text(), err
}

func document(k Kind, r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	switch k {
	case Rich:
		return counted(r, size, budget, func(r io.Reader) (string, error) { return RTF(r, maxRunes) })
	case Office:
		return officeText(r, size, maxRunes, budget)
	case Legacy:
		return DOC(r, size, maxRunes, budget)
	case Web:
		return counted(r, size, budget, func(r io.Reader) (string, error) { return webText(r, maxRunes) })
	}
	return "", ErrNotDocument
}

// counted gives the file to read as a stream whose bytes are taken from the budget: it may be a file in an archive.
func counted(r io.ReaderAt, size int64, budget *int64, read func(io.Reader) (string, error)) (string, error) {
	left := &io.LimitedReader{R: io.NewSectionReader(r, 0, size), N: *budget}
	s, err := read(left)
	*budget = max(0, left.N)
	if left.N <= 0 && err != nil {
		err = ErrTooLarge
	}
	return s, err
}

// officeText reads a document by what is in it, whatever its name says.
func officeText(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	o, err := openOffice(r, size, budget)
	if err != nil {
		return "", fmt.Errorf("open office document: %w", err)
	}
	roles, err := o.roles()
	switch {
	case len(roles["word/main"]) > 0:
		return o.docx(roles, maxRunes)
	case len(roles["excel/main"]) > 0:
		return o.xlsx(roles, maxRunes)
	case o.has("content.xml"):
		return o.odf(maxRunes)
	}
	return "", firstError(err, ErrNotDocument)
}

// webText reads HTML by its byte order mark or the charset that it names.
func webText(r io.Reader, maxRunes int) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxHTML))
	_, label, certain := charset.DetermineEncoding(raw[:min(len(raw), 1024)], "")
	if !certain {
		label = ""
	}
	s, _ := ourset.Decode(label, raw)
	out := sink{left: maxRunes}
	out.puts(HTML(s))
	return out.text(), err
}
