package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/directory"
)

// busyMonth is a month of n agencies as provinces have them.
func busyMonth(t testing.TB, n int) Monthly {
	t.Helper()
	var list strings.Builder
	list.WriteString("id,code,name,parent,level,groups,ready_since,valid_to,successors\n")
	kinds := []struct{ name, group string }{{"Ủy ban nhân dân xã Hải Tân %d", "phường, xã"}, {"Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh (bộ phận %d)", "sở, ngành"},
		{"Ban Quản lý Khu kinh tế số %d", "sở, ngành"}, {"Trường Trung học phổ thông chuyên Nghiêm Thượng Khuỷu %d", "đơn vị sự nghiệp"}}
	for i := range n {
		k := kinds[i%len(kinds)]
		ready, until, heirs := "", "", ""
		if i%3 > 0 {
			ready = "2026-10-02"
		}
		if i%17 == 16 {
			until, heirs = "2026-10-15", "a0;a1"
		}
		fmt.Fprintf(&list, "a%d,H50.%d,%q,,province,%q,%s,%s,%s\n", i, i+10, fmt.Sprintf(k.name, i), k.group, ready, until, heirs)
	}
	dir, _, err := directory.Read("agencies.csv", []byte(list.String()))
	if err != nil {
		t.Fatal(err)
	}
	tally := NewTally(october, dir)
	channels := []string{byMail, onPaper, bySystem, bySystem}
	for i := range n {
		for j := range i%40 + 1 {
			a := Arrival{Agency: fmt.Sprintf("a%d", i), Channel: channels[(i+j)%len(channels)], At: on(time.October, j%14+1, 8), Fate: []Fate{Taken, Reminded, Refused, Waiting, Joined}[(i*3+j)%5],
				Numbered: j%2 == 0, Rules: "v1", Rule: fmt.Sprintf("quy-tac-%d", i%13)}
			tally.Add(a)
			a.At = a.At.AddDate(0, -1, 0)
			tally.Add(a)
		}
		tally.LastMail(fmt.Sprintf("a%d", i), on(time.Month(i%9+1), 9, 9))
	}
	for i := range 5 {
		tally.Add(mail("", on(time.October, 3+i, 9), Secret))
		tally.Add(mail("", on(time.October, 3+i, 9), Waiting))
		tally.Add(mail("", on(time.October, 3+i, 9), Imported))
	}
	w := wanted()
	w.Parent, w.Receiver = "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ", "VĂN PHÒNG ỦY BAN NHÂN DÂN"
	w.Title = func(_, rule string) string {
		return "Văn bản gửi Ủy ban nhân dân tỉnh phải gửi qua Hệ thống quản lý văn bản và điều hành, trừ văn bản mật và văn bản phải đóng dấu đỏ (" + rule + ")"
	}
	w.Activations = []Activation{{"Thời kỳ nhắc nhở", strings.Repeat("a1", 32), on(time.August, 1, 0)}, {"Không tiếp nhận thư điện tử từ ngày 10/10/2026", strings.Repeat("b2", 32), on(time.October, 10, 0)}}
	return tally.Report(w)
}

// show keeps what was drawn where a person can look at it.
func show(t *testing.T, name string, data []byte) {
	if dir := os.Getenv("GIAOLIEN_TEST_SHOW"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Error(err)
		}
	}
}

// TestMonthlyFitsThePage: no word of a head and no figure is broken, whatever the month.
func TestMonthlyFitsThePage(t *testing.T) {
	m := busyMonth(t, 3)
	m.Total = Counts{65432, 65432, 65432, 98765, 98765, 98765, 98765, 98765, 98765, 98765}
	d := newDrawing(m.Table())
	bold := d.measure("B", headSize)
	for i, c := range d.t.Columns {
		for _, word := range strings.Fields(c.Head) {
			if w := bold.width(word); w > d.widths[i]-2*cellMargin {
				t.Errorf("%q is %.1f mm wide in a column of %.1f", word, w, d.widths[i])
			}
		}
	}
	rows, _ := d.layRows()
	sum := rows[len(rows)-1].cells
	for i, c := range d.t.Columns {
		if c.Type == Number && len(sum[i]) > 1 {
			t.Errorf("%s of %q is broken into %q", c.Head, d.t.Rows[len(rows)-1].Cells[i], sum[i])
		}
		if c.Type == Day || c.Type == Number {
			for n, r := range rows {
				if len(r.cells[i]) > 1 {
					t.Errorf("line %d: %s is broken into %q", n+1, c.Head, r.cells[i])
				}
			}
		}
	}
}

// TestMonthlyPrints: every line, their sum, and what is said below them are on the pages, with the head on each page of the table.
func TestMonthlyPrints(t *testing.T) {
	m := busyMonth(t, 60)
	pdf := pdfOf(t, m.Table())
	show(t, "thang.pdf", pdf)
	pages := pagesOf(t, pdf)
	all := words(strings.Join(pages, "\n"))
	rows := slices.IndexFunc(pages, func(p string) bool { return strings.Contains(p, "TỔNG CỘNG") })
	for i, p := range pages {
		if p = words(p); i <= rows && !strings.Contains(p, "TT Cơ quan, đơn vị gửi Nhóm Tổng số Thư điện tử Giấy Qua hệ thống") || !strings.HasSuffix(p, fmt.Sprintf("Trang %d/%d", i+1, len(pages))) {
			t.Errorf("page %d is %q", i+1, p)
		}
	}
	squeezed := strings.ReplaceAll(all, " ", "")
	for _, s := range m.Senders {
		if !strings.Contains(squeezed, strings.ReplaceAll(norm.NFC.String(nameCell(s)), " ", "")) {
			t.Errorf("%q is not on the pages", nameCell(s))
		}
	}
	for _, line := range m.closing() {
		if !strings.Contains(all, words(line)) {
			t.Errorf("%q is not on the pages", line)
		}
	}
	for _, want := range []string{"VĂN PHÒNG ỦY BAN NHÂN DÂN BÁO CÁO GỬI, NHẬN VĂN BẢN THÁNG 10/2026", "TỔNG CỘNG", "Văn bản mật: 5 (chỉ đếm, không tính vào bảng).", "Thư cũ nhập vào để lưu: 5",
		"NGƯỜI LẬP BÁO CÁO", "Lý do khác: "} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not on the pages", want)
		}
	}
}

// TestClosingTallerThanAPage: what stands below the rows may take pages of its own, and the place to sign is where it ends.
func TestClosingTallerThanAPage(t *testing.T) {
	for _, n := range []int{1, 20, 24, 25, 26, 31, 32, 60, 200} {
		table := busyMonth(t, 2).Table()
		table.Closing = nil
		for i := range n {
			table.Closing = append(table.Closing, fmt.Sprintf("dòng-%d-", i))
		}
		pages := pagesOf(t, pdfOf(t, table))
		all := strings.Join(pages, "\n")
		for i := range n {
			if strings.Count(all, fmt.Sprintf("dòng-%d-", i)) != 1 {
				t.Errorf("%d lines: line %d is there %d times", n, i, strings.Count(all, fmt.Sprintf("dòng-%d-", i)))
			}
		}
		last := pages[len(pages)-1]
		if strings.Count(all, "NGƯỜI LẬP BÁO CÁO") != 1 || !strings.Contains(last, "NGƯỜI LẬP BÁO CÁO") || !strings.Contains(last, fmt.Sprintf("dòng-%d-", n-1)) ||
			!strings.Contains(last, fmt.Sprintf("Trang %d/%d", len(pages), len(pages))) {
			t.Errorf("%d lines: the last page is %q", n, last)
		}
	}
}

func htmlText(t *testing.T, table Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, table); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHTMLStandsAlone: the page names no other file, runs nothing, and no words of others become part of it.
func TestHTMLStandsAlone(t *testing.T) {
	m := busyMonth(t, 40)
	page := htmlText(t, m.Table())
	show(t, "thang.html", []byte(page))
	evil := `"><script>alert(1)</script><img src=x onerror=y>&amp; {{.}} ' </style>`
	m.Senders[0].Name, m.Receiver, m.Refusals[0].Title, m.Rules[0].Title = evil, evil, evil, evil
	got := htmlText(t, m.Table())
	if n := strings.Count(html.UnescapeString(got), evil); n < 4 {
		t.Errorf("the words are there %d times", n)
	}
	tag := regexp.MustCompile(`<[a-zA-Z!][^>]*>`)
	known := map[string]bool{}
	for _, found := range tag.FindAllString(page, -1) {
		known[found] = true
	}
	for _, found := range tag.FindAllString(got, -1) {
		if !known[found] {
			t.Errorf("%s came out of words", found)
		}
	}
	for _, text := range []string{"<script", "src=", "href=", "url(", "@import", "http:", "https:", "onerror="} {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
	if strings.Count(page, "<tr") != len(m.Senders)+2 || strings.Count(page, `scope="col"`) != len(m.Table().Columns) {
		t.Errorf("the page has %d rows for %d lines", strings.Count(page, "<tr"), len(m.Senders))
	}
}

// TestRegisterAsHTML: the same page shows what was struck out and what was blanked of a register.
func TestRegisterAsHTML(t *testing.T) {
	entries := sample(30)
	page := htmlText(t, IncomingBook(entries, sampleCover(entries), made()))
	for _, want := range []string{`<tr class="struck">`, `<tr class="void">`, "Năm: 2026", "NGƯỜI LẬP SỔ"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
}

// TestMonthlySheets: figures are numbers in the workbook, the sum is there, and what stands below is on a sheet of its own; CSV has the lines.
func TestMonthlySheets(t *testing.T) {
	m := busyMonth(t, 10)
	table := m.Table()
	f := sheetOf(t, table)
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Báo cáo tháng", "Tổng hợp"}) {
		t.Fatalf("sheets are %q", got)
	}
	rows, err := f.GetRows("Báo cáo tháng")
	if err != nil || len(rows) != headRows+len(m.Senders)+1 || rows[len(rows)-1][1] != "TỔNG CỘNG" || rows[len(rows)-1][3] != fmt.Sprint(m.Total.Documents()) {
		t.Fatalf("%d rows, %v: %q", len(rows), err, rows[len(rows)-1])
	}
	below, err := f.GetRows("Tổng hợp")
	if err != nil || !slices.ContainsFunc(below, func(r []string) bool { return len(r) == 1 && strings.HasPrefix(r[0], "Văn bản mật: 5") }) {
		t.Errorf("beside it stands %q, %v", below, err)
	}
	if h, err := f.GetRowHeight("Báo cáo tháng", 1); err != nil || h < 4*sheetLine { // of the head with the most lines
		t.Errorf("the head is %.0f points high, %v", h, err)
	}
	long := slices.IndexFunc(below, func(r []string) bool { return len(r) == 1 && strings.HasPrefix(r[0], "1. Văn bản gửi Ủy ban") })
	if h, err := f.GetRowHeight("Tổng hợp", long+1); err != nil || long < 0 || h < 2*sheetLine {
		t.Errorf("line %d is %.0f points high, %v", long+1, h, err)
	}
	var b bytes.Buffer
	if err := CSV(&b, table); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(lines) != len(m.Senders)+2 || lines[0][4] != "Thư điện tử" {
		t.Errorf("CSV has %d lines, %v", len(lines), err)
	}
}
