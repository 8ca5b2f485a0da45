package evidence

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// laid builds a page of lines on a grid of letters ten wide and twenty high: each is a column (in letters), a row and its words.
func laid(slope float64, entries ...[3]any) []line {
	var out []line
	for _, e := range entries {
		x, row := float64(e[0].(int))*10, e[1].(float64)
		var l line
		for _, w := range strings.Fields(e[2].(string)) {
			width := float64(len([]rune(w))) * 10
			y := row*25 + slope*x
			l = append(l, placed{text: w, box: box{x, y, x + width, y + 20}})
			x += width + 6
		}
		out = append(out, l)
	}
	return out
}

func TestArrange(t *testing.T) {
	head := [][3]any{
		{5, 0.0, "ỦY BAN NHÂN DÂN"}, {45, 0.0, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"},
		{7, 1.0, "TỈNH HẢI ĐÔNG"}, {50, 1.0, "Độc lập - Tự do - Hạnh phúc"},
		{6, 2.5, "Số: 12/UBND-VX"}, {50, 2.5, "Hải Đông, ngày 05 tháng 3 năm 2021"},
		{5, 3.5, "V/v gửi, nhận"}, {4, 4.5, "văn bản điện tử"},
	}
	body := [][3]any{
		{5, 6.5, "Kính gửi: Các sở, ban, ngành"},
		{5, 8.5, "Thực hiện kế hoạch đã được phê duyệt, đề nghị các cơ quan rà soát tài khoản trên hệ thống"},
		{0, 9.5, "quản lý văn bản và điều hành, gửi danh sách về văn thư trước ngày ba mươi của tháng này"},
		{0, 10.5, "để được cấp đúng hạn như đã nêu trong văn bản trước đây của cơ quan cấp trên trực tiếp./."},
		{0, 12.5, "Nơi nhận:"}, {60, 12.5, "KT. CHỦ TỊCH"}, {0, 13.5, "- Như trên;"}, {57, 13.5, "PHÓ CHỦ TỊCH"}, {0, 14.5, "- Lưu: VT."},
		{57, 18.5, "Nguyễn Thanh Vân"},
	}
	want := strings.Join([]string{
		"ỦY BAN NHÂN DÂN", "TỈNH HẢI ĐÔNG", "Số: 12/UBND-VX", "V/v gửi, nhận", "văn bản điện tử",
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Hải Đông, ngày 05 tháng 3 năm 2021", "",
		"Kính gửi: Các sở, ban, ngành", "",
		"Thực hiện kế hoạch đã được phê duyệt, đề nghị các cơ quan rà soát tài khoản trên hệ thống",
		"quản lý văn bản và điều hành, gửi danh sách về văn thư trước ngày ba mươi của tháng này",
		"để được cấp đúng hạn như đã nêu trong văn bản trước đây của cơ quan cấp trên trực tiếp./.", "",
		"Nơi nhận:", "- Như trên;", "- Lưu: VT.", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Thanh Vân", ""}, "\n")
	for _, slope := range []float64{0, 0.012, -0.012} {
		if got := arrange(pieces(laid(slope, append(head, body...)...)), 1500); got != want {
			t.Errorf("slope %v:\n%s\nis not\n%s", slope, got, want)
		}
	}
	// A table in the text stays in its rows, and dirt on the paper is no text.
	table := laid(0, [3]any{0, 40.0, "TT"}, [3]any{20, 40.0, "Họ tên"}, [3]any{0, 41.0, "1"}, [3]any{20, 41.0, "_Lê Minh Đức |"}, [3]any{3, 42.0, "| _ ~"})
	if got := arrange(pieces(table), 1500); got != "TT\tHọ tên\n1\tLê Minh Đức\n" {
		t.Errorf("table: %q", got)
	}
}

// TestArrangeLosesNothing holds for any boxes: every word is written once.
func TestArrangeLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64Range(-50, 900), rapid.SampledFrom([]float64{0, 1e6, -1e6, 100}))
		lines := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) placed {
			return placed{text: "w", box: box{number.Draw(t, "x0"), number.Draw(t, "y0"), number.Draw(t, "x1"), number.Draw(t, "y1")}}
		}), 0, 8), 0, 20).Draw(t, "lines")
		n := 0
		in := make([]line, len(lines))
		for i, l := range lines {
			in[i], n = l, n+len(l)
		}
		if got := strings.Count(arrange(pieces(in), 842), "w"); got != n {
			t.Fatalf("%d words became %d", n, got)
		}
	})
}

func TestReadBoxes(t *testing.T) {
	out := `<!DOCTYPE html><head><title><page width="1"></title></head>
<doc>
  <page width="595.300000" height="841.900000">
    <flow><block>
        <line xMin="1" yMin="2" xMax="3" yMax="4">
          <word xMin="1.5" yMin="2" xMax="3" yMax="4">R&amp;D &lt;b&gt;</word>
          <word xMin="nan" yMin="1e99" xMax="x" yMax="">x</word>
        </line>
  </page>
  <word xMin="1" yMin="1" xMax="1" yMax="1">y</word>
  <page width="1" height="2">
  <word xMin="1" yMin="1" xMax="1" yMax="1">without a line</word>
`
	pages := readBoxes(out, 7)
	if len(pages) != 2 || pages[0].number != 7 || pages[1].number != 8 || pages[0].height != 841.9 || len(pages[0].lines) != 1 || len(pages[1].lines) != 0 {
		t.Fatalf("%+v", pages)
	}
	if l := pages[0].lines[0]; len(l) != 3 || l[0] != (placed{box{1.5, 2, 3, 4}, "R&D <b>"}) || l[1] != (placed{box{}, "x"}) {
		t.Errorf("%+v", l)
	}
}

func TestReadTSV(t *testing.T) {
	out := "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n" +
		"1\t1\t0\t0\t0\t0\t0\t0\t1653\t2339\t-1\t\n4\t1\t1\t1\t1\t0\t5\t6\t7\t8\t-1\t\n" +
		"5\t1\t1\t1\t1\t1\t5\t6\t7\t8\t96.5\tSố:\n5\t1\t1\t1\t1\t2\t15\t6\t7\t8\t63.5\ta\tb\n5\t1\tx\n"
	pages := readTSV(out)
	if len(pages) != 1 || pages[0].height != 2339 || math.Abs(pages[0].confidence-0.8) > 1e-9 || len(pages[0].lines) != 1 {
		t.Fatalf("%+v", pages)
	}
	if l := pages[0].lines[0]; len(l) != 2 || l[0] != (placed{box{5, 6, 12, 14}, "Số:"}) || l[1].text != "a\tb" {
		t.Errorf("%+v", l)
	}
}

func TestGood(t *testing.T) {
	text := strings.Join(bodies()[0], "\n")
	for _, c := range []struct {
		what, text string
		good       bool
	}{
		{"a letter", text, true},
		{"English", strings.Repeat("The quick brown fox jumps over the lazy dog near the river bank in the afternoon. ", 3), true},
		{"nothing", "", false},
		{"blanks", " \n\t", false},
		{"the appearance of a signature", "Người ký: Ủy ban nhân dân tỉnh Hải Đông\nEmail: ubnd@haidong.example.vn\nCơ quan: Tỉnh Hải Đông\nThời gian ký: 05.03.2021 09:12:33 +07:00\nSignature Not Verified", false},
		{"a number stamped on a scan", "Số: 12/UBND-VX", false},
		{"glyphs without letters", strings.Repeat("%ӝ 1Ӝ, 9Ө 6ӕ: 12 &Ӫ 7Ә 3+Ӕ1 ", 10), false},
		{"letters shifted", strings.Repeat("Wklv lv d whvw ri vkliwhg ohwwhuv zkrvh zrugv qrergb fdq uhdg ", 5), false},
		{"private use", strings.Repeat("\ue001\ue002\ue003 ", 80), false},
	} {
		if got := good(c.text); got != c.good {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

func TestTIFFPages(t *testing.T) {
	big := []byte("MM\x00\x2b\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10" + "\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00")
	for _, c := range []struct {
		what, b string
		want    int
	}{
		{"none", "", 0}, {"a PNG", "\x89PNG\r\n\x1a\n", 0}, {"a lie", "II*\x00\xff\xff\xff\xff", 0}, {"a BigTIFF", string(big), 1},
		{"two", "MM\x00*\x00\x00\x00\x08" + "\x00\x00\x00\x00\x00\x0e" + "\x00\x00\x00\x00\x00\x00", 2},
		{"a ring", "II*\x00\x08\x00\x00\x00" + "\x00\x00\x08\x00\x00\x00", maxTIFFPages},
	} {
		if got := tiffPages(strings.NewReader(c.b)); got != c.want {
			t.Errorf("%s: %d pages, not %d", c.what, got, c.want)
		}
	}
}

func FuzzReadBoxes(f *testing.F) {
	f.Add("<page width=\"1\" height=\"2\">\n<line >\n<word xMin=\"1\" yMin=\"2\" xMax=\"3\" yMax=\"4\">&amp;</word>\n")
	f.Fuzz(func(t *testing.T, out string) {
		for _, p := range readBoxes(out, 1) {
			_ = good(arrange(pieces(p.lines), p.height))
		}
	})
}

func FuzzReadTSV(f *testing.F) {
	f.Add("1\t1\t0\t0\t0\t0\t0\t0\t1653\t2339\t-1\t\n4\t1\t1\t1\t1\t0\t5\t6\t7\t8\t-1\t\n5\t1\t1\t1\t1\t1\t5\t6\t7\t8\t96.5\tx\n")
	f.Fuzz(func(t *testing.T, out string) {
		for _, p := range readTSV(out) {
			if p.confidence < 0 || p.confidence > 1 {
				t.Errorf("confidence %v", p.confidence)
			}
			_ = arrange(pieces(p.lines), p.height)
		}
	})
}

func FuzzTIFFPages(f *testing.F) {
	f.Add("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00")
	f.Fuzz(func(t *testing.T, b string) {
		if n := tiffPages(strings.NewReader(b)); n < 0 || n > maxTIFFPages {
			t.Errorf("%d pages", n)
		}
	})
}
