package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/png"
	"mime"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCondition knows [tools]: whether the tools that read PDFs and scans are installed. Where GIAOLIEN_TEST_REQUIRE is set, nothing may be
// missing.
func scriptCondition(cond string) (bool, error) {
	if cond != "tools" {
		return false, fmt.Errorf("unknown condition %s", cond)
	}
	for _, name := range []string{"pdftotext", "pdfinfo", "pdftoppm", "tesseract"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
				return false, fmt.Errorf("GIAOLIEN_TEST_REQUIRE is set: %w", err)
			}
			return false, nil
		}
	}
	return true, nil
}

// scriptPDF makes a PDF with the lines of TEXT as its text layer, a page for every line "---".
func scriptPDF(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "pdf FILE TEXT")
	b, err := textPDF(ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// textPDF writes the smallest PDF whose text layer says the text in Unicode: one font of one byte for each letter, and the table that tells
// which letter it is (ISO 32000-2, 9.10.3).
func textPDF(text string) ([]byte, error) {
	codes, table := map[rune]byte{}, ""
	code := func(r rune) (byte, error) {
		if c, ok := codes[r]; ok {
			return c, nil
		}
		if len(codes) == 200 {
			return 0, errors.New("more than 200 different letters")
		}
		codes[r] = byte(33 + len(codes))
		table += fmt.Sprintf("<%02x> <%04x>\n", codes[r], r)
		return codes[r], nil
	}
	var pages []string
	for page := range strings.SplitSeq(text, "---\n") {
		var draw strings.Builder
		draw.WriteString("BT /F 11 Tf 14 TL 60 800 Td\n")
		for line := range strings.Lines(page) {
			draw.WriteString("<")
			for _, r := range strings.TrimRight(line, "\n") {
				c, err := code(r)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(&draw, "%02x", c)
			}
			draw.WriteString("> Tj T*\n")
		}
		draw.WriteString("ET")
		pages = append(pages, draw.String())
	}
	stream := func(s string) string { return fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(s), s) }
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /FirstChar 33 /LastChar 232 /Widths [" + strings.Repeat("600 ", 200) + "] /ToUnicode 4 0 R >>",
		stream(fmt.Sprintf("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"+
			"1 begincodespacerange <00> <ff> endcodespacerange\n%d beginbfchar\n%sendbfchar endcmap end end", len(codes), table))}
	kids := ""
	for _, p := range pages {
		n := len(objects) + 1
		kids += fmt.Sprintf("%d 0 R ", n)
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>", n+1), stream(p))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids, len(pages))
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	places := ""
	for i, o := range objects {
		places += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, places, len(objects)+1, start)
	return b.Bytes(), nil
}

// scriptPNG makes a picture of white paper.
func scriptPNG(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "png FILE")
	paper := image.NewGray(image.Rect(0, 0, 600, 800))
	for i := range paper.Pix {
		paper.Pix[i] = 0xff
	}
	var b bytes.Buffer
	ts.Check(png.Encode(&b, paper))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// scriptMail makes a mail with these files.
func scriptMail(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 2, "mail EML SUBJECT FILE...")
	var b strings.Builder
	b.WriteString("From: vanthu@sct.example.vn\nTo: vanthu@example.vn\nSubject: " + mime.QEncoding.Encode("utf-8", args[1]) +
		"\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"ranh-gioi\"\n\n--ranh-gioi\nContent-Type: text/plain; charset=utf-8\n\nKính gửi quý cơ quan.\n")
	for _, name := range args[2:] {
		fmt.Fprintf(&b, "--ranh-gioi\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=%q\nContent-Transfer-Encoding: base64\n\n", name)
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString([]byte(ts.ReadFile(name)))), 76) {
			b.WriteString(string(line) + "\n")
		}
	}
	b.WriteString("--ranh-gioi--\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}
