package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
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
func (c *inspectCommand) plain(ctx context.Context, in *inspection, f io.ReaderAt, size int64, k *bridge.Knowledge) error {
	name := in.File
	s, ok, err := sidecar.Read(f, size, name, "")
	if err != nil {
		return err
	}
	if ok {
		if mark := s.Document.DoMat; mark != "" {
			in.Documents = append(in.Documents, secretDocument(mark, vanban.FromSidecar))
		} else {
			in.Documents = append(in.Documents, s.Document)
		}
		return c.pack(in, f, size, s.Kind, k)
	}
	head := make([]byte, min(size, 3072))
	if n, err := f.ReadAt(head, 0); n < len(head) {
		return err
	}
	if kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";"); mapping.Picture(kind) {
		return c.picture(ctx, in, f, size, kind, k)
	}
	text, err := plainText(f, size, name, head)
	if err != nil {
		return err
	}
	in.document(name, text)
	return nil
}

// picture reads a PDF or a picture as the one file of a mail that says nothing itself. Its text says more than the name it has here.
func (c *inspectCommand) picture(ctx context.Context, in *inspection, f io.ReaderAt, size int64, kind string, k *bridge.Knowledge) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	files := map[string]mapping.FileEvidence{}
	if !c.tools.off {
		found, err := c.tools.read(ctx, io.NewSectionReader(f, 0, size), size, kind)
		if err != nil {
			return err
		}
		files[digest] = found
	}
	_, ext, _ := strings.Cut(kind, "/")
	alone := parser.Attachment{Name: "van-ban." + ext, Type: kind, Sniffed: kind, Size: size, SHA256: digest, Path: []string{}}
	u := bridge.Understand(bridge.Receipt{ID: "GL-0000-0000000"}, parser.Message{Kind: parser.Normal, Attachments: []parser.Attachment{alone}}, files, nil, k)
	mark, _ := vanban.SecretInName(in.File)
	switch pages := files[digest].Pages; {
	case u.Secret != "":
		in.Documents = append(in.Documents, secretDocument(u.Secret, vanban.From(u.SecretWhere)))
		return nil
	case mark != "" && len(pages) == 0: // the name is all that is known
		in.Documents = append(in.Documents, secretDocument(mark, vanban.FromFileName))
		return nil
	}
	for _, rec := range u.Records {
		doc, _ := vanban.Merge(rec.Document, vanban.ReadFileName(in.File))
		doc.Files = rec.Document.Files
		in.Documents = append(in.Documents, withoutWords(doc))
	}
	if e, ok := files[digest]; ok {
		in.Files = append(in.Files, readingOf(digest, in.File, e))
	}
	return nil
}

// plainText is the text of a document file, as far as it can be read purely; empty for a form that is not read. What is wrong with the file
// is no error: what could be read before it counts.
func plainText(f io.ReaderAt, size int64, name string, head []byte) (string, error) {
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
	in.Documents = append(in.Documents, withoutWords(doc))
}

// withoutWords shows the mark of a document that bears one, wherever it was read, and nothing else.
func withoutWords(d vanban.Document) vanban.Document {
	if d.DoMat == "" {
		return d
	}
	return secretDocument(d.DoMat, d.Sources["do_mat"].From)
}
