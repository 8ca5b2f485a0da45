package report

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// even is a font whose letters all have the width 1.
func even(rune) float64 { return 1 }

func TestWrap(t *testing.T) {
	cases := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"   ", nil},
		{"một hai ba", []string{"một hai ba"}},
		{"một hai ba bốn", []string{"một hai ba", "bốn"}},
		{"1775/UBND-KGVX", []string{"1775/UBND-", "KGVX"}},
		{"số 1775/UBND-KGVX", []string{"số", "1775/UBND-", "KGVX"}},
		{"abcdefghijklm", []string{"abcdefghij", "klm"}},
		{"a\nb\n\nc", []string{"a", "b", "c"}},
		{"abcdefghie\u0301\u0323x", []string{"abcdefghi", "e\u0301\u0323x"}},
	}
	for _, c := range cases {
		if got := wrap(c.text, 10, even); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestWrapLosesNothing: the lines hold all letters in order, and none is wider than the cell unless a single letter is.
func TestWrapLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab/- \nế\u0301W")), 0, 60, -1).Draw(t, "text")
		width := rapid.Float64Range(0.5, 12).Draw(t, "width")
		lines := wrap(text, width, even)
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if bare(strings.Join(lines, "")) != bare(text) {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if l == "" || measure(even).width(l) > width && len([]rune(l)) > 1 && measure(even).width(strings.TrimRight(l, "\u0301")) > max(width, 1) {
				t.Fatalf("%q is wider than %g, in %q", l, width, lines)
			}
		}
	})
}

func TestPaginate(t *testing.T) {
	cases := []struct {
		name        string
		rows        []int
		first, rest float64
		want        [][]part
	}{
		{"no rows: one page", nil, 10, 10, [][]part{nil}},
		{"they fit", []int{3, 5}, 10, 10, [][]part{{{0, 0, 3}, {1, 0, 5}}}},
		{"a row goes over whole", []int{6, 6}, 10, 10, [][]part{{{0, 0, 6}}, {{1, 0, 6}}}},
		{"exactly full", []int{9, 9}, 10, 10, [][]part{{{0, 0, 9}}, {{1, 0, 9}}}},
		{"taller than a page", []int{2, 20}, 10, 10, [][]part{{{0, 0, 2}, {1, 0, 6}}, {{1, 6, 15}}, {{1, 15, 20}}}},
		{"taller, and little room left", []int{7, 12}, 10, 10, [][]part{{{0, 0, 7}}, {{1, 0, 9}}, {{1, 9, 12}}}},
		{"a heading takes room of the first page", []int{5, 5}, 6, 12, [][]part{{{0, 0, 5}}, {{1, 0, 5}}}},
		{"a row that fits the other pages only", []int{8}, 4, 12, [][]part{{{0, 0, 3}}, {{0, 3, 8}}}},
	}
	for _, c := range cases {
		got := paginate(c.rows, c.first, c.rest, 1)
		if !slices.EqualFunc(got, c.want, func(a, b []part) bool { return slices.Equal(a, b) }) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPaginateAccountsForEveryLine: each line of each row is on one page, in order; no page holds more than it can; what fits on a page is
// parted on none but the first.
func TestPaginateAccountsForEveryLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.IntRange(0, 40), 0, 40).Draw(t, "rows")
		rest := rapid.Float64Range(3, 30).Draw(t, "page")
		first := rapid.Float64Range(2, rest).Draw(t, "first page")
		const margin = 0.4
		row, line := 0, 0
		for n, page := range paginate(rows, first, rest, margin) {
			room := rest
			if n == 0 {
				room = first
			}
			used := 0.0
			for _, p := range page {
				if p.row != row || p.from != line || p.to <= p.from {
					t.Fatalf("page %d: %v, want row %d from line %d", n, p, row, line)
				}
				used += float64(p.to-p.from) + margin
				whole := max(rows[row], 1)
				if (p.from > 0 || p.to < whole) && float64(whole)+margin <= rest && n > 0 && !(n == 1 && p.from > 0) {
					t.Fatalf("page %d: row %d of %d lines is parted", n, row, whole)
				}
				if line = p.to; line == whole {
					row, line = row+1, 0
				}
			}
			if used > room+2*rounding {
				t.Fatalf("page %d holds %g, more than %g", n, used, room)
			}
		}
		if row != len(rows) || line != 0 {
			t.Fatalf("ended in row %d, line %d of %d rows", row, line, len(rows))
		}
	})
}

func TestClean(t *testing.T) {
	cases := map[string]string{"Thuy\u0309": "Thuỷ", "a\x00b\x1b": "ab", "a\tb": "a b", "a\r\nb": "a\nb", "\xff": "\ufffd", "😀x": "\ufffdx", "a\u202egpj.exe": "agpj.exe"}
	for in, want := range cases {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestLongNamesStayOnThePage: the name of an agency, however long, leaves neither the page nor covers its number.
func TestLongNamesStayOnThePage(t *testing.T) {
	for _, agency := range []string{"SỞ HẢI SẢN", strings.Repeat("VĂN PHÒNG ĐOÀN ĐẠI BIỂU QUỐC HỘI, HỘI ĐỒNG NHÂN DÂN VÀ ỦY BAN NHÂN DÂN ", 2), strings.Repeat("TỈNH", 400)} {
		entries := sample(5)
		cover := sampleCover(entries)
		cover.Agency = agency
		d := newDrawing(FollowUpBook(entries, cover, "2026-03-02", false, made()))
		told := ""
		for _, l := range d.layHeading() {
			if w := d.measure(l.style, l.size).width(l.text); w > tableWidth {
				t.Errorf("%q is %.0f mm wide", l.text, w)
			}
			told += l.text
		}
		if squeezed := strings.NewReplacer(" ", ""); !strings.Contains(squeezed.Replace(told), squeezed.Replace(agency)) {
			t.Errorf("the heading says %q", told)
		}
		d = newDrawing(IncomingBook(entries, cover, made()))
		lines := d.footLines(150, 9)
		if all := strings.Join(lines, " "); len(lines) > 2 || !strings.HasSuffix(all, "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN năm 2026") {
			t.Errorf("the foot says %q", lines)
		}
		for _, l := range lines {
			if w := d.measure("", 9).width(l); w > 150 {
				t.Errorf("%q is %.0f mm wide", l, w)
			}
		}
	}
}
