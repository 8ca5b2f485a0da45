package extract

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

const cfbMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

func TestKindOf(t *testing.T) {
	word := string(packed(t, "word/document.xml", "x"))
	var odf bytes.Buffer
	z := zip.NewWriter(&odf)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "mimetype"}) // stored, as ODF 1.2, part 3, 3.3 wants it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("application/vnd.oasis.opendocument.text")); err != nil {
		t.Fatal(err)
	}
	if err := z.Flush(); err != nil {
		t.Fatal(err)
	}
	other := string(packed(t, "báo cáo.docx", string(packed(t, "[Content_Types].xml", "x"))))
	for _, c := range []struct {
		head, ctype, name string
		want              Kind
	}{
		{"{\\rtf1", "", "", Rich},
		{"\xEF\xBB\xBF\r\n{\\rtf1", "application/msword", "a.doc", Rich},
		{word, "application/octet-stream", "", Office},
		{word, "application/zip", "a.zip", Office},
		{odf.String(), "", "", Office},
		{string(packed(t, "mimetype", "application/epub+zip")), "", "", NoKind},
		{other, "", "a.zip", NoKind},
		{other, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", Office},
		{other, "", "a.DOCX", Office},
		{cfbMagic, "application/msword", "a.doc", Legacy},
		{cfbMagic, "", "a.xlsx", Legacy},
		{cfbMagic, "", "", Legacy},
		{cfbMagic, "application/vnd.ms-outlook", "", NoKind},
		{cfbMagic, "application/msword", "a.msg", NoKind},
		{cfbMagic, "", "a.xls", NoKind},
		{"<HTML xmlns:o=", "application/msword", "a.doc", Web},
		{"<?xml version='1.0'?>\n<!-- x --><!DOCTYPE html>", "text/html; charset=utf-8", "", Web},
		{"<html>", "text/plain", "a.txt", NoKind},
		{"<html", "", "a.htm", Web},
		{"<x>", "text/html", "", NoKind},
		{"%PDF-1.4", "application/msword", "a.doc", NoKind},
		{"", "application/msword", "a.doc", NoKind},
		{"PK\x03\x04", "", "", NoKind},
	} {
		if got := KindOf([]byte(c.head), c.ctype, c.name); got != c.want {
			t.Errorf("KindOf(%.12q, %q, %q) = %q, want %q", c.head, c.ctype, c.name, got, c.want)
		}
	}
}

// TestDocument reads files by what they are.
func TestDocument(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{string(packed(t, "word/document.xml", wordBody(para("", "Sở")))), "Sở"},
		{string(packed(t, "xl/workbook.xml", "<x/>", "xl/worksheets/sheet1.xml", "<row><c><v>7</v></c></row>")), "7"},
		{string(packed(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<text:p>Sở</text:p>")), "Sở"},
		{`{\rtf1 S\u7903?}`, "Sở"},
		{"<html><meta charset=windows-1258><p>S\xf5\xd2</p>", "Sở"},
		{"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00S\x00\xdf\x1e", "Sở"},
		{"<html>Sở", "Sở"},
	} {
		budget := int64(testBudget)
		k := KindOf([]byte(c.in), "", "a.doc")
		if strings.HasPrefix(c.in, "\xff\xfe") {
			k = Web
		}
		got, err := Document(k, strings.NewReader(c.in), int64(len(c.in)), 1000, &budget)
		if got != c.want || err != nil {
			t.Errorf("Document(%q, %.20q) = %q, %v, want %q", k, c.in, got, err, c.want)
		}
	}
	budget := int64(20)
	if got, err := Document(Rich, strings.NewReader(`{\rtf1 ab{\pict 0123456789}c}`), 28, 100, &budget); got != "ab" || !errors.Is(err, ErrTooLarge) || budget != 0 {
		t.Errorf("no budget: %q, %v, %d left", got, err, budget)
	}
	budget = testBudget
	plain := packed(t, "a.txt", "x")
	for _, k := range []Kind{NoKind, Office, Rich} {
		if _, err := Document(k, bytes.NewReader(plain), int64(len(plain)), 10, &budget); !errors.Is(err, ErrNotDocument) || CodeOf(err) != Unread {
			t.Errorf("%q: %v", k, err)
		}
	}
}
