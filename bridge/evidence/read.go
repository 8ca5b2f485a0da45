package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping"
)

// readerVersion is the version of this package as a reader of files: its number grows when the same tools may give another text of the same
// file, so that what an earlier version found is not taken for what this one would.
const readerVersion = 1

// ReaderName names what reads here: the tools with their versions, how they are asked, and whose signatures are trusted. Whoever has the
// same name finds the same in a file (but for what a clock or a limit cut short). It has 200 bytes at most, in one line of ASCII.
func (r *Reader) ReaderName() string { return r.name }

// naming makes the name. What does not fit into a line that people read stands in its digest.
func (r *Reader) naming() string {
	o := &r.options
	all := []any{readerVersion, orderVersion, longSide, dpi, psm, headPSM, fewLetters, r.own.Usable, r.own.Version, o.Limits, o.Budget, o.Size, o.Text, o.First, o.Last,
		o.NoOCR, o.OCRPages, o.Language, o.TessData, o.Trust.Version()}
	name := fmt.Sprintf("giaolien/%d", readerVersion)
	for _, t := range r.tools {
		all = append(all, t.Name, t.Version, t.Usable)
		version := "none"
		switch {
		case t.Name == tesseract && o.NoOCR:
			version = "off"
		case t.Usable:
			version = t.Version[:min(len(t.Version), 16)]
		}
		if t.Name == pdftotext || t.Name == tesseract {
			name += " " + t.Name + "/" + version
		}
	}
	b, err := json.Marshal(all)
	if err != nil { // numbers, texts and truths always can be
		panic(err)
	}
	sum := sha256.Sum256(b)
	name += fmt.Sprintf(" pages=%d+%d ocr=%d options=%s", o.First, o.Last, o.OCRPages, hex.EncodeToString(sum[:8]))
	if v := o.Trust.Version(); v != "" {
		name += " trust=" + v[:16]
	}
	return name
}

// SignatureReader says whether signatures of PDF files can be read here, and if not, why.
func (r *Reader) SignatureReader() Program { return r.own }

// Read finds all that tools can tell of a file whose kind is known by its bytes: its text, and the signatures of a PDF. What is wrong with
// the file is in the result; the error is about us, as that of Text. When a mark of secrecy is seen, nothing more is read, and nothing is
// kept but the mark, the number of pages and what read it (ARCHITECTURE, invariant 10).
//
// Certificates are judged for the time of a time-stamp whose authority is trusted, else for now, which is kept in Signature.Judged.
func (r *Reader) Read(ctx context.Context, file io.Reader, size int64, sniffed string) (mapping.FileEvidence, error) {
	j := &job{signs: &signing{}}
	if err := r.do(ctx, j, file, size, sniffed); err != nil {
		return mapping.FileEvidence{}, err
	}
	e := mapping.FileEvidence{Reader: r.name, PageCount: j.PageCount, Secret: j.Secret,
		Pages: []mapping.PageText{}, Signature: mapping.FileSignature{Signers: []mapping.Signer{}}}
	if j.Secret != "" {
		return e, nil
	}
	e.Charset, e.Truncated, e.Problem = j.Charset, j.Truncated, string(j.Problem)
	if j.signs.report == nil && j.signs.problem == "" { // it did not come to that
		j.signs.problem = UnknownKind
		if mediaType(sniffed) == "application/pdf" {
			j.signs.problem = j.Problem
		}
	}
	e.Signature = j.signs.signature(r.options.Trust, r.options.Now().UTC().Truncate(time.Second))
	e.Pages, e.Truncated = kept(j.Pages, r.options.Text, e.Truncated)
	return withheld(e), nil
}

// withheld keeps of a file nothing but the mark that its pages bear together: what one page says among its words may be a mark only in a
// file that is no more than a covering letter.
func withheld(e mapping.FileEvidence) mapping.FileEvidence {
	mark := mapping.FileSecret(e)
	if mark == "" {
		return e
	}
	return mapping.FileEvidence{Reader: e.Reader, PageCount: e.PageCount, Secret: mark, Pages: []mapping.PageText{},
		Signature: mapping.FileSignature{Signers: []mapping.Signer{}}}
}

// mediaType gives a media type without parameters, in lower case.
func mediaType(sniffed string) string {
	kind, _, _ := strings.Cut(sniffed, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// kept are the pages as they are kept: all texts together have so many bytes at most.
func kept(pages []PageText, most int, truncated bool) ([]mapping.PageText, bool) {
	out := []mapping.PageText{}
	cut := func(s string) string {
		if len(s) > most {
			s, truncated = strings.ToValidUTF8(s[:most], ""), true
		}
		most -= len(s)
		return s
	}
	for _, p := range pages {
		out = append(out, mapping.PageText{Number: p.Number, OCR: p.Method == ByOCR, Confidence: p.Confidence, Text: cut(p.Text), Layer: cut(p.Layer)})
	}
	return out, truncated
}
