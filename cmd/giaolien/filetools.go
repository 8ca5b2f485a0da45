package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// readerOptions are the settings of [reading] in the form that the reader of files takes.
func readerOptions(r config.Reading) evidence.Options {
	return evidence.Options{Budget: r.Budget.Std(), Size: int64(r.MaxFile), First: r.PagesFirst, Last: r.PagesLast,
		NoOCR: !r.OCR, OCRPages: r.OCRPages, Language: r.Language, TessData: r.TessData}
}

// trusting adds the authorities of the trust folder. A file in it that is no authority's certificate is an error: who trusts half of what the
// administrator meant calls good signatures forged.
func trusting(o evidence.Options, folder string) (evidence.Options, error) {
	trust, err := evidence.LoadAuthorities(folder)
	o.Trust = trust
	return o, err
}

// fileTools reads files with the tools of this machine. It looks for them when the first file needs them, which takes a good part of a
// second, and says once of each that is missing what goes unread for it.
type fileTools struct {
	options evidence.Options
	off     bool // reads nothing
	warn    io.Writer

	reader *evidence.Reader
	said   map[string]bool
}

// read reads one file, and says on the way what kept the tools from it.
func (t *fileTools) read(ctx context.Context, file io.Reader, size int64, sniffed string) (mapping.FileEvidence, error) {
	if t.reader == nil {
		r, err := evidence.NewReader(ctx, t.options)
		if err != nil {
			return mapping.FileEvidence{}, fmt.Errorf("look for tools: %w", err)
		}
		t.reader, t.said = r, map[string]bool{}
	}
	found, err := t.reader.Read(ctx, file, size, sniffed)
	if err != nil {
		return mapping.FileEvidence{}, fmt.Errorf("read file with tools: %w", err)
	}
	switch found.Problem {
	case mapping.ProblemNoTool, mapping.ProblemNoOCR:
		t.missing()
	}
	return found, nil
}

// missing names the tools that cannot be used, each once.
func (t *fileTools) missing() {
	for _, p := range t.reader.Tools() {
		if p.Usable || t.said[p.Name] {
			continue
		}
		t.said[p.Name] = true
		fmt.Fprintf(t.warn, "giaolien: %s: %s; %s\n", p.Name, p.Why, lostWithout(p.Name))
	}
}

// message reads the files of a message that only tools can read, by SHA-256. The tripwire comes first: of a marked message nothing is read.
func (t *fileTools) message(ctx context.Context, m parser.Message, raw io.ReaderAt, size int64, l parser.Limits) (map[string]mapping.FileEvidence, error) {
	found := map[string]mapping.FileEvidence{}
	if mark, _ := mapping.Secret(m, nil); t.off || mark != "" {
		return found, nil
	}
	wanted := map[string]bool{}
	for _, digest := range mapping.Wanted(m) {
		wanted[digest] = true
	}
	if len(wanted) == 0 {
		return found, nil
	}
	var failed error
	parser.Visit(raw, size, l, func(a parser.Attachment, content io.Reader) {
		if failed != nil || !wanted[a.SHA256] {
			return
		}
		delete(wanted, a.SHA256)
		found[a.SHA256], failed = t.read(ctx, content, a.Size, a.Sniffed)
	})
	return found, failed
}

// lostWithout says what is not read without a tool.
func lostWithout(tool string) string {
	if strings.HasPrefix(tool, "tesseract") {
		return "scans and pictures are listed without their text"
	}
	return "PDF files are not read, or not all of their pages"
}
