package evidence

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// reader is a Reader with all tools, or a skipped test. Unless asked for, no run is too slow: machines that test are busy.
func reader(t testing.TB, o Options) *Reader {
	t.Helper()
	for _, name := range []string{pdftotext, pdfinfo, pdftoppm, tesseract} {
		tool(t, name)
	}
	o.Command = childCommand(t)
	if o.Limits.Wall == 0 {
		o.Limits.Wall, o.Limits.CPU, o.Budget = 5*time.Minute, time.Minute, 15*time.Minute
	}
	r, err := NewReader(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Tools() {
		if !p.Usable {
			t.Fatalf("%s %s", p.Name, p.Why)
		}
	}
	return r
}

func readBytes(t testing.TB, r *Reader, b []byte, kind string) FileText {
	t.Helper()
	f, err := r.Text(t.Context(), bytes.NewReader(b), int64(len(b)), kind)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tally counts what was read right.
type tally struct{ n, both, number, date, about, signer int }

func (c *tally) add(t testing.TB, l letter, f FileText) {
	t.Helper()
	d := vanban.ReadText(f.Text)
	number, date := d.SoHieu == l.number, d.Ngay == l.date
	about := vanban.Fold(strings.TrimPrefix(strings.TrimPrefix(l.about, "Về việc "), "Về ")) == vanban.Fold(d.TrichYeu)
	for _, x := range []struct {
		ok bool
		n  *int
	}{{true, &c.n}, {number, &c.number}, {date, &c.date}, {number && date, &c.both}, {about, &c.about}, {d.NguoiKy == l.name, &c.signer}} {
		if x.ok {
			*x.n++
		}
	}
	if !number || !date {
		t.Logf("%s of %s was read as %s of %s from:\n%s", l.number, l.date, d.SoHieu, d.Ngay, f.Text)
	}
}

func (c tally) report(t testing.TB, what string, goal float64) {
	t.Helper()
	share := func(n int) float64 { return 100 * float64(n) / float64(c.n) }
	t.Logf("%-6s %3d documents: number %5.1f %%, date %5.1f %%, both %5.1f %%, trích yếu %5.1f %%, signer %5.1f %%",
		what, c.n, share(c.number), share(c.date), share(c.both), share(c.about), share(c.signer))
	if c.n == 0 || share(c.both) < goal {
		t.Errorf("%s: number and date of %d of %d are right, the goal is %.0f %%", what, c.both, c.n, goal)
	}
}

// TestTextPDFs reads the letters as LibreOffice makes PDFs of them.
func TestTextPDFs(t *testing.T) {
	t.Parallel()
	r, dir := reader(t, Options{}), textPDFs(t)
	var c tally
	for i, l := range letters() {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%02d.pdf", i)))
		if err != nil {
			t.Fatal(err)
		}
		f := readBytes(t, r, b, "application/pdf")
		if f.Problem != "" || f.Tool != pdftotext || f.Version == "" || f.PageCount != max(1, l.long+1) || f.Truncated != (l.long > 2) || (f.Charset != "") != l.tcvn3 {
			t.Errorf("%s: %q by %s %s (%s), %d pages, truncated %v, charset %q", l.number, f.Problem, f.Tool, f.Version, f.Options, f.PageCount, f.Truncated, f.Charset)
		}
		c.add(t, l, f)
	}
	c.report(t, "text", 95)
}

// TestScans reads the letters as scans: all of them where nothing may be missing, else a few. Each takes seconds of tools that the race
// detector does not see into.
func TestScans(t *testing.T) {
	t.Parallel()
	r, dir := reader(t, Options{}), textPDFs(t)
	all := os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" && !raced
	var mu sync.Mutex
	var c tally
	t.Run("each", func(t *testing.T) {
		for i, l := range letters() {
			if l.tcvn3 || !all && i%8 != 0 {
				continue // letters of old fonts look like any others on paper
			}
			t.Run(l.number, func(t *testing.T) {
				t.Parallel()
				f := readBytes(t, r, scan(t, filepath.Join(dir, fmt.Sprintf("%02d.pdf", i)), uint64(i)), "application/pdf")
				if f.Problem != "" || f.Tool != "pdftotext+tesseract" || f.Pages[0].Method != ByOCR || f.Pages[0].Confidence < 0.5 {
					t.Errorf("%q by %s, %s with %.2f", f.Problem, f.Tool, f.Pages[0].Method, f.Pages[0].Confidence)
				}
				mu.Lock()
				defer mu.Unlock()
				c.add(t, l, f)
			})
		}
	})
	c.report(t, "scan", 80)
}

// TestKinds reads one page in every form that a scan comes in.
func TestKinds(t *testing.T) {
	t.Parallel()
	r := reader(t, Options{OCRPages: 2})
	gray := rendered(t, plain())
	appearance := "Ky boi: Uy ban nhan dan tinh Hai Dong"
	for _, c := range []struct {
		what, kind string
		b          []byte
		pages      int
		layer      string
	}{
		{"jpeg", "image/jpeg", jpegOf(t, gray), 1, ""},
		{"png", "image/png; charset=binary", pngOf(t, gray), 1, ""},
		{"tiff", "image/tiff", tiffOf(gray), 1, ""},
		{"tiff of four pages", "IMAGE/TIFF", tiffOf(gray, gray, gray, gray), 4, ""},
		{"scan with the appearance of a signature", "application/pdf", picturesPDF([][]byte{jpegOf(t, gray)}, appearance), 1, appearance},
	} {
		f := readBytes(t, r, c.b, c.kind)
		if f.Problem != "" || !strings.Contains(f.Text, "12/UBND-VX") || f.PageCount != c.pages || f.Pages[0].Layer != c.layer || f.Pages[0].Method != ByOCR ||
			f.Truncated != (c.pages > 3) || len(f.Pages) != min(2, c.pages) {
			t.Errorf("%s: %+v", c.what, f)
		}
	}
	if f := readBytes(t, r, []byte("MZ"), "application/x-msdownload"); f.Problem != UnknownKind {
		t.Errorf("a program: %+v", f)
	}
}

// TestWithout says what is missing, and does what can be done.
func TestWithout(t *testing.T) {
	t.Parallel()
	dir, text := t.TempDir(), plain()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	gray := rendered(t, text)
	picture := picturesPDF([][]byte{jpegOf(t, gray)}, "")

	off := reader(t, Options{NoOCR: true})
	if f := readBytes(t, off, text, "application/pdf"); f.Problem != "" || f.Text == "" {
		t.Errorf("a text without OCR: %+v", f)
	}
	if f := readBytes(t, off, picture, "application/pdf"); f.Problem != NoOCR || f.Text != "" || !f.Truncated || f.PageCount != 1 || f.Pages[0].Method != "" {
		t.Errorf("a picture without OCR: %+v", f)
	}
	if f := readBytes(t, off, jpegOf(t, gray), "image/jpeg"); f.Problem != NoOCR {
		t.Errorf("a picture without OCR: %+v", f)
	}
	other, err := NewReader(t.Context(), Options{Language: "tlh", Paths: map[string]string{pdftoppm: filepath.Join(dir, "missing"), pdfinfo: script}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range other.Tools() {
		if p.Usable != (p.Name == pdftotext) || p.Usable != (p.Why == "") {
			t.Errorf("%+v", p)
		}
	}
	none, err := NewReader(t.Context(), Options{Command: []string{filepath.Join(dir, "missing")}})
	if err != nil {
		t.Fatal(err)
	}
	if f := readBytes(t, none, text, "application/pdf"); f.Problem != NoTool || none.OCR() || none.Walls() != (Walls{}) {
		t.Errorf("without walls: %+v", f)
	}
	small := reader(t, Options{Size: 500})
	if f := readBytes(t, small, text, "application/pdf"); f.Problem != TooLarge || !f.Truncated {
		t.Errorf("too large: %+v", f)
	}
	if f, err := small.Text(t.Context(), bytes.NewReader(text), 10, "application/pdf"); err != nil || f.Problem != TooLarge {
		t.Errorf("too large, and a lie about it: %+v, %v", f, err)
	}
	short := reader(t, Options{Text: 101})
	if f := readBytes(t, short, text, "application/pdf"); len(f.Text) > 101 || len(f.Text) < 90 || !f.Truncated {
		t.Errorf("%d bytes of text, truncated %v", len(f.Text), f.Truncated)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := off.Text(ctx, bytes.NewReader(text), int64(len(text)), "application/pdf"); err == nil {
		t.Error("a reading that nobody wants any more gave no error")
	}
}

func BenchmarkRead(b *testing.B) {
	r, dir := reader(b, Options{}), textPDFs(b)
	text, err := os.ReadFile(filepath.Join(dir, "00.pdf"))
	if err != nil {
		b.Fatal(err)
	}
	picture := scan(b, filepath.Join(dir, "00.pdf"), 1)
	for _, c := range []struct {
		what string
		file []byte
	}{{"text", text}, {"scan", picture}} {
		b.Run(c.what, func(b *testing.B) {
			for b.Loop() {
				if f := readBytes(b, r, c.file, "application/pdf"); f.Problem != "" {
					b.Fatal(f.Problem)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}
