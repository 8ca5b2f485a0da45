package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/extract"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Limits of a plain file that is inspected.
const (
	inspectRunes = 200_000
	inspectBytes = 64 << 20
)

// plain reads a document that is no mail: what a sidecar states, else what its text says, else its name.
func (in *inspection) plain(file string, f io.ReaderAt, size int64) error {
	name := filepath.Base(file)
	s, ok, err := sidecar.Read(f, size, name, "")
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if ok {
		if mark := s.Document.DoMat; mark != "" {
			in.Documents = append(in.Documents, secretDocument(mark, vanban.FromSidecar))
		} else {
			in.Documents = append(in.Documents, s.Document)
		}
		return nil
	}
	text, err := plainText(f, size, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	in.document(name, text)
	return nil
}

// plainText is the text of a document file, as far as it can be read purely; empty for a form that is not read. What is wrong with the file
// is no error: what could be read before it counts.
func plainText(f io.ReaderAt, size int64, name string) (string, error) {
	head := make([]byte, min(size, 3072))
	if n, err := f.ReadAt(head, 0); n < len(head) {
		return "", err
	}
	if kind := extract.KindOf(head, "", name); kind != extract.NoKind {
		budget := int64(inspectBytes)
		text, err := extract.Document(kind, f, size, inspectRunes, &budget)
		if err == nil || !errors.Is(err, extract.ErrNotDocument) {
			return text, nil
		}
	}
	ext := strings.ToLower(filepath.Ext(name))
	if ext != ".txt" && ext != ".html" && ext != ".htm" {
		return "", nil
	}
	data, err := io.ReadAll(io.NewSectionReader(f, 0, min(size, 8<<20)))
	if err != nil {
		return "", err
	}
	text, _ := charset.Decode("", bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if ext != ".txt" {
		text = extract.HTML(text)
	}
	return text, nil
}

// document fills in a plain document: its text says more than the name of the file.
func (in *inspection) document(name, text string) {
	if mark, _ := vanban.SecretMark(text); mark != "" {
		in.Documents = append(in.Documents, secretDocument(mark, vanban.FromText))
		return
	}
	if mark, _ := vanban.SecretInName(name); mark != "" && strings.TrimSpace(text) == "" { // the name is all that is known
		in.Documents = append(in.Documents, secretDocument(mark, vanban.FromFileName))
		return
	}
	doc, _ := vanban.Merge(vanban.ReadText(text), vanban.ReadFileName(name))
	if text != "" && strings.EqualFold(filepath.Ext(name), ".txt") {
		doc = vanban.ReadText(text)
	}
	in.Documents = append(in.Documents, doc)
}
