package report

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/register"
)

func pdfOf(t testing.TB, table Table) []byte {
	var b bytes.Buffer
	if err := PDF(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// program finds a program, else skips; GIAOLIEN_TEST_REQUIRE says that nothing may be missing.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", err)
		}
		t.Skipf("%v", err)
	}
	return path
}

// pagesOf reads the pages of a PDF with pdftotext.
func pagesOf(t *testing.T, pdf []byte) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "so.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program(t, "pdftotext"), "-raw", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(string(out), "\f")
	return pages[:len(pages)-1]
}

// words joins what stands on pages, without its line ends.
func words(text string) string { return strings.Join(strings.Fields(norm.NFC.String(text)), " ") }

func TestPDFGivesItsVietnameseBack(t *testing.T) {
	entries := sample(70)
	entries[9] = giant(entries[9])
	entries[20].Document.SoHieu = "1234567890/2026/KH-UBND-STNMT&PTNT"
	pages := pagesOf(t, pdfOf(t, IncomingBook(entries, sampleCover(entries), made())))
	if len(pages) < 10 {
		t.Fatalf("%d pages", len(pages))
	}
	cover := words(pages[0])
	if want := "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ VĂN PHÒNG ỦY BAN NHÂN DÂN SỔ ĐĂNG KÝ VĂN BẢN ĐẾN Năm: 2026 Từ ngày 05/01/2026 đến ngày 14/01/2026 Từ số 1 đến số 70 Quyển số: 01"; cover != want {
		t.Errorf("the cover says %q", cover)
	}
	foot := regexp.MustCompile(`VĂN PHÒNG ỦY BAN NHÂN DÂN – SỔ ĐĂNG KÝ VĂN BẢN ĐẾN năm 2026 Trang \d+/\d+`)
	all := ""
	for i, p := range pages[1:] {
		p = words(p)
		ownPage := strings.HasPrefix(p, "Cộng: ") // of the closing
		if !ownPage && !strings.HasPrefix(p, "Ngày đến Số đến Tác giả Số, ký hiệu Ngày tháng Tên loại và trích yếu nội dung Đơn vị hoặc người nhận") {
			t.Errorf("page %d begins with %q", i+1, p[:80])
		}
		if got, want := foot.FindString(p), "Trang "+itoa(i+1)+"/"+itoa(len(pages)-1); !strings.HasSuffix(got, want) {
			t.Errorf("page %d ends with %q, want %q", i+1, got, want)
		}
		all += p + "\n"
	}
	for _, e := range entries {
		want := words(register.Line(e)[5])
		if e.Number != 10 && !strings.Contains(all, want) {
			t.Errorf("%d: %q is not on the pages", e.Number, want)
		}
	}
	if n := strings.Count(strings.ReplaceAll(strings.ReplaceAll(all, "\n", " "), " ", ""), "tổnghợpkiếnnghị"); n < 40 {
		t.Errorf("of the row that is taller than a page %d parts of 45 were found whole", n)
	}
	if !strings.Contains(all, "giữa năm; hết") || strings.Count(all, "(tiếp) 10") < 1 {
		t.Error("the row that is taller than a page is not continued to its end")
	}
	for _, want := range []string{"(số không sử dụng)", "(nội dung đã xóa: văn bản mật)", "đã thu hồi theo 250/SHS- KHTC", "Cộng: 70 dòng, từ số 1 đến số 70", "NGƯỜI LẬP SỔ"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the pages", want)
		}
	}
}

func itoa(n int) string { return numberOrNone(n) }

// TestPDFOfAnything: no words can break the document; those that no font has are shown as a mark.
func TestPDFOfAnything(t *testing.T) {
	entries := sample(3)
	entries[0].Document.TrichYeu = "😀 \x00\xff ) \\( \u202e 漢字 العربية " + strings.Repeat("\u0301", 50)
	entries[1].Author = strings.Repeat("W", 3000)
	entries[2].Note = strings.Repeat("\n", 100) + "x"
	pages := pagesOf(t, pdfOf(t, IncomingBook(entries, register.Cover{Agency: strings.Repeat("Cơ quan ", 100)}, made())))
	if !strings.Contains(strings.Join(pages, ""), `) \(`) {
		t.Errorf("%q", pages)
	}
	if empty := pagesOf(t, pdfOf(t, IncomingBook(nil, register.CoverOf(nil), made()))); len(empty) != 2 || !strings.Contains(empty[1], "Sổ chưa có văn bản.") {
		t.Errorf("%q", empty)
	}
	over := pagesOf(t, pdfOf(t, FollowUpBook(sample(60), sampleCover(sample(60)), "2026-03-01", true, made())))
	if len(over) != 1 || !strings.Contains(words(over[0]), "DANH SÁCH VĂN BẢN ĐẾN QUÁ HẠN GIẢI QUYẾT Tính đến ngày 01/03/2026") || !strings.Contains(over[0], "Trang 1/1") {
		t.Errorf("%q", over)
	}
}

// TestClosingIsAlwaysThere walks the number of lines over a page's end: whatever it is, the closing is there once, after all lines.
func TestClosingIsAlwaysThere(t *testing.T) {
	ownPage := 0
	for n := 5; n <= 18; n++ {
		entries := sample(n)
		pages := pagesOf(t, pdfOf(t, IncomingBook(entries, sampleCover(entries), made())))
		last := words(pages[len(pages)-1])
		if strings.Count(words(strings.Join(pages, " ")), "NGƯỜI LẬP SỔ") != 1 || !strings.Contains(last, "NGƯỜI LẬP SỔ") || !strings.Contains(last, "Trang "+itoa(len(pages)-1)+"/"+itoa(len(pages)-1)) {
			t.Errorf("%d lines: the last page is %q", n, last)
		}
		if strings.HasPrefix(last, "Cộng: ") {
			ownPage++
		}
	}
	if ownPage == 0 || ownPage == 14 {
		t.Errorf("the closing had a page of its own %d times", ownPage)
	}
}

// TestLibreOfficeReadsTheSheet lets another program read the workbook, and say what it holds.
func TestLibreOfficeReadsTheSheet(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice")
	}
	office := program(t, "soffice")
	dir := t.TempDir()
	entries := sample(30)
	entries[4].Note = "=1+1"
	if err := os.WriteFile(filepath.Join(dir, "so.xlsx"), xlsxOf(t, IncomingBook(entries, sampleCover(entries), made())), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", dir, filepath.Join(dir, "so.xlsx"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "so.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\"Ngày đến\",\"Số đến\",\"Tác giả\"", "1,2,3,4,5,6,7,8,9,10\n", "05/01/2026,1,\"Sở Hải sản\",\"100/SHS-KHTC\",04/01/2026,", ",\"=1+1\"\n", "Đơn vị hoặc người nhận"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("%q is not in what LibreOffice read:\n%s", want, got[:400])
		}
	}
}
