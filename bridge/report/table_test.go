package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/register"
)

func csvOf(t *testing.T, table Table) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := CSV(&b, table); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok || strings.Count(text, "\r\n") < len(table.Rows)+1 {
		t.Fatalf("no byte order mark, or not CRLF: %q", b.String()[:40])
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestCSVHoldsTheTenColumns(t *testing.T) {
	entries := sample(50)
	lines := csvOf(t, IncomingBook(entries, sampleCover(entries), made()))
	if len(lines) != 51 || len(lines[0]) != 10 || lines[0][5] != "Tên loại và trích yếu nội dung" {
		t.Fatalf("%d lines, %q", len(lines), lines[0])
	}
	for i, e := range entries {
		want := register.Line(e)
		for j := range want {
			want[j] = norm.NFC.String(want[j])
		}
		if !slices.Equal(lines[i+1], want) {
			t.Errorf("%q, want %q", lines[i+1], want)
		}
	}
}

// TestNoCellIsAFormula: words that a spreadsheet program would compute reach no cell of a CSV as they are, and are typed as text in XLSX.
func TestNoCellIsAFormula(t *testing.T) {
	var entries []register.Entry
	for _, sign := range []string{"=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "\t=", "\r=", " =", "\n=", "\u00a0=", "\ufeff=", "xã A;=", "xã A; \t@", "xã A\n+", "xã A;\"="} {
		for _, rest := range []string{"1+1", `HYPERLINK("http://x.example.vn","x")`, "cmd|' /C calc'!A0", ""} {
			e, evil := sample(1)[0], sign+rest
			e.Author, e.Document.SoHieu, e.Document.Loai, e.Document.TrichYeu, e.ReceivedBy, e.Note = evil, evil, "", evil, evil, evil
			entries = append(entries, e)
		}
	}
	for _, table := range []Table{IncomingBook(entries, register.Cover{}, made()), Fields(entries, made())} {
		for _, line := range csvOf(t, table)[1:] {
			for _, cell := range line {
				if first := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff"); first != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(first)[0]) {
					t.Errorf("CSV holds %q", cell)
				}
			}
		}
		var text bytes.Buffer
		if err := CSV(&text, table); err != nil {
			t.Fatal(err)
		}
		for _, cell := range strings.FieldsFunc(text.String(), func(r rune) bool { return r == ';' || r == '\n' }) { // parted by semicolons
			if first := strings.TrimLeft(cell, " \t\r\"\u00a0\ufeff"); first != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(first)[0]) {
				t.Errorf("CSV parted by semicolons holds %q", cell)
			}
		}
		f := sheetOf(t, table)
		for n := range entries {
			for i := range table.Columns {
				name, err := excelize.CoordinatesToCellName(i+1, n+headRows+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula("Sổ", name); err != nil || formula != "" {
					t.Errorf("%s holds %q, %v", name, formula, err)
				}
			}
			if kind, err := f.GetCellType("Sổ", fmt.Sprintf("J%d", n+headRows+1)); err != nil || kind != excelize.CellTypeInlineString {
				t.Errorf("line %d: %v, %v", n, kind, err)
			}
		}
	}
}

func sheetOf(t *testing.T, table Table) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(xlsxOf(t, table)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func xlsxOf(t testing.TB, table Table) []byte {
	var b bytes.Buffer
	if err := XLSX(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	entries := sample(40)
	table := IncomingBook(entries, sampleCover(entries), made())
	f := sheetOf(t, table)
	rows, err := f.GetRows("Sổ")
	if err != nil || len(rows) != 42 || rows[1][9] != "10" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, e := range entries {
		got := append(rows[i+2], make([]string, 10-len(rows[i+2]))...)
		for j, want := range register.Line(e) {
			if got[j] != norm.NFC.String(want) {
				t.Errorf("line %d, column %d: %q, want %q", i+1, j+1, got[j], want)
			}
		}
	}
	for cell, want := range map[string]excelize.CellType{"A3": excelize.CellTypeUnset, "B3": excelize.CellTypeUnset, "D3": excelize.CellTypeInlineString} { // numbers have no type
		if got, err := f.GetCellType("Sổ", cell); err != nil || got != want {
			t.Errorf("%s: %v, %v", cell, got, err)
		}
	}
	panes, err := f.GetPanes("Sổ")
	if err != nil || !panes.Freeze || panes.YSplit != 2 {
		t.Errorf("%+v, %v", panes, err)
	}
	layout, err := f.GetPageLayout("Sổ")
	if err != nil || *layout.Orientation != "landscape" || *layout.Size != 9 || *layout.FitToWidth != 1 {
		t.Errorf("%+v, %v", layout, err)
	}
	if names := f.GetDefinedName(); len(names) != 1 || names[0].RefersTo != "'Sổ'!$1:$2" {
		t.Errorf("%+v", names)
	}
	cover, err := f.GetRows("Bìa sổ")
	if err != nil || fmt.Sprint(cover) != "[[ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ] [VĂN PHÒNG ỦY BAN NHÂN DÂN] [SỔ ĐĂNG KÝ VĂN BẢN ĐẾN] [Năm: 2026] [Từ ngày 05/01/2026 đến ngày 10/01/2026] [Từ số 1 đến số 40] [Quyển số: 01] [Cộng: 40 dòng, từ số 1 đến số 40; 2 số không sử dụng; 2 văn bản đã thu hồi hoặc không còn hiệu lực; 2 văn bản mật đã xóa nội dung.]]" {
		t.Errorf("%v, %v", cover, err)
	}
}

// TestXLSXSaysWhatACellCannotHold: a cell holds 32,767 characters; the rest is told, not dropped without a word.
func TestXLSXSaysWhatACellCannotHold(t *testing.T) {
	e := sample(1)[0]
	e.Document.TrichYeu = strings.Repeat("ạ", 40_000)
	f := sheetOf(t, Fields([]register.Entry{e}, made()))
	got, err := f.GetCellValue("Sổ", "J3")
	if err != nil || len([]rune(got)) > 32767 {
		t.Fatalf("%d characters, %v", len([]rune(got)), err)
	}
	kept := strings.Count(got, "ạ")
	if want := fmt.Sprintf(" […còn %d ký tự, xem bản CSV]", 40_000-kept); !strings.HasSuffix(got, want) {
		t.Errorf("ends with %q, want %q", got[len(got)-60:], want)
	}
}

func TestFieldsMarkWhatIsTooLong(t *testing.T) {
	entries := sample(2)
	entries[1].Document.TrichYeu = strings.Repeat("ế", 612)
	entries[1].Document.So = "614, 615, 616"
	table := Fields(entries, made())
	lines := csvOf(t, table)
	last := len(table.Columns) - 1
	if lines[0][last] != "Vượt độ dài" || lines[1][last] != "" || lines[2][last] != "CodeNumber 13/11; Subject 612/500" || lines[2][9] != entries[1].Document.TrichYeu {
		t.Errorf("%q", lines[2])
	}
	f := sheetOf(t, table)
	style := func(cell string) int {
		id, err := f.GetCellStyle("Sổ", cell)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	marked, err := f.GetStyle(style("J4"))
	if err != nil || len(marked.Fill.Color) != 1 || marked.Fill.Color[0] != "FFFF66" || style("J3") == style("J4") {
		t.Errorf("%+v, %v", marked, err)
	}
}

func TestFollowUpBook(t *testing.T) {
	entries := sample(60)
	all := FollowUpBook(entries, sampleCover(entries), "2026-02-02", false, made())
	if len(all.Rows) != 3 || len(all.Columns) != 7 || all.Rows[0].Cells[4] != "đang giải quyết" {
		t.Errorf("%+v", all.Rows)
	}
	if late := FollowUpBook(entries, sampleCover(entries), "2026-02-02", true, made()); len(late.Rows) != 0 {
		t.Errorf("%+v", late.Rows)
	}
	late := FollowUpBook(entries, sampleCover(entries), "2026-02-03", true, made())
	if len(late.Rows) != 3 || late.Rows[0].Cells[4] != "quá hạn 1 ngày" || late.Name != "DANH SÁCH VĂN BẢN ĐẾN QUÁ HẠN GIẢI QUYẾT" {
		t.Errorf("%+v", late.Rows)
	}
	if want := []string{"ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ", "VĂN PHÒNG ỦY BAN NHÂN DÂN", late.Name, "Tính đến ngày 03/02/2026"}; !slices.Equal(late.Heading, want) {
		t.Errorf("%q", late.Heading)
	}
}

// TestSameRowsSameBytes: a print can be made again and compared.
func TestSameRowsSameBytes(t *testing.T) {
	entries := sample(40)
	table := IncomingBook(entries, sampleCover(entries), made())
	later := table
	later.Made = made().Add(time.Hour)
	undated := table
	undated.Made = time.Time{}
	for range 3 {
		if !bytes.Equal(xlsxOf(t, table), xlsxOf(t, table)) || !bytes.Equal(pdfOf(t, table), pdfOf(t, table)) || !bytes.Equal(pdfOf(t, undated), pdfOf(t, undated)) {
			t.Fatal("the bytes differ")
		}
	}
	if bytes.Equal(xlsxOf(t, table), xlsxOf(t, later)) || bytes.Equal(pdfOf(t, table), pdfOf(t, later)) {
		t.Error("the instant is not in the document")
	}
}
