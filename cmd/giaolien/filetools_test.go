package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// without names tools that are nowhere.
func without() map[string]string {
	return map[string]string{"pdftotext": "/nowhere/pdftotext", "pdfinfo": "/nowhere/pdfinfo", "pdftoppm": "/nowhere/pdftoppm", "tesseract": "/nowhere/tesseract"}
}

// Tools that are missing are told once, with what goes unread and what to install; the file is listed all the same.
func TestMissingToolsAreToldOnce(t *testing.T) {
	var said strings.Builder
	tools := &fileTools{options: evidence.Options{Paths: without()}, warn: &said}
	for range 2 {
		e, err := tools.read(t.Context(), strings.NewReader("%PDF-1.4\n"), 9, "application/pdf")
		if err != nil || e.Problem != mapping.ProblemNoTool || len(e.Pages) != 0 {
			t.Fatalf("without tools: %+v, %v", e, err)
		}
	}
	for name := range without() {
		if n := strings.Count(said.String(), "giaolien: "+name+": "); n != 1 {
			t.Errorf("%s is told %d times:\n%s", name, n, said.String())
		}
	}
}

// No tool is looked for before a file needs one, and none for what a mark of secrecy stands on.
func TestToolsAreLookedForWhenNeeded(t *testing.T) {
	pdf := parser.Attachment{Name: "a.pdf", Sniffed: "application/pdf", Size: 9, SHA256: "14bc"}
	for name, m := range map[string]parser.Message{
		"no file":      {Kind: parser.Normal},
		"a Word file":  {Kind: parser.Normal, Attachments: []parser.Attachment{{Name: "a.docx", Size: 9, SHA256: "14bc"}}},
		"marked":       {Kind: parser.Normal, Subject: "[MẬT] V/v nhân sự", Attachments: []parser.Attachment{pdf}},
		"given back":   {Kind: parser.Bounce, Attachments: []parser.Attachment{pdf}},
		"marked files": {Kind: parser.Normal, Attachments: []parser.Attachment{pdf, {Name: "TUYỆT MẬT.docx", SHA256: "15bc"}}},
	} {
		tools := &fileTools{warn: t.Output()}
		found, err := tools.message(t.Context(), m, strings.NewReader(""), 0, parser.DefaultLimits)
		if err != nil || len(found) != 0 || tools.reader != nil {
			t.Errorf("%s: %v, %v, tools looked for: %v", name, found, err, tools.reader != nil)
		}
	}
}

// Every key of [reading] that the reader of files has a setting for reaches it.
func TestReaderOptions(t *testing.T) {
	c := config.Reading{Enabled: true, OCR: false, PagesFirst: 4, PagesLast: 5, OCRPages: 6, Budget: 7, MaxFile: 8, Workers: 9, TessData: "/t", Language: "eng"}
	want := evidence.Options{NoOCR: true, First: 4, Last: 5, OCRPages: 6, Budget: 7, Size: 8, TessData: "/t", Language: "eng"}
	if got := readerOptions(c); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}
