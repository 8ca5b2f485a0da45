package extract

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// docx packs members, in order of name=content pairs.
func docx(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testBudget is how many bytes a document of these tests may inflate to.
const testBudget = 4 << 20

func docxText(r io.ReaderAt, size int64, maxRunes int) (string, error) {
	budget := int64(testBudget)
	return DOCX(r, size, maxRunes, &budget)
}

const body = `<?xml version="1.0"?><w:document><w:body>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>UBND TỈNH QUẢNG TRỊ</w:t></w:r></w:p><w:p><w:r><w:t>Số: 12</w:t></w:r><w:r><w:t xml:space="preserve">3/UBND</w:t></w:r><w:r><w:noBreakHyphen/><w:t>VX</w:t></w:r></w:p></w:tc>
<w:tc><w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>CỘNG HÒA &amp; &#x1EDF;</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:t>V/v</w:t><w:tab/><w:t>nộp báo cáo</w:t><w:br/><w:t>quý II</w:t></w:r><w:r><w:delText>đã xoá</w:delText></w:r></w:p>
<w:p><mc:AlternateContent><mc:Choice><w:t>Hộp</w:t></mc:Choice><mc:Fallback><w:t>Hộp</w:t></mc:Fallback></mc:AlternateContent></w:p>
</w:body></w:document>`

func TestDOCX(t *testing.T) {
	b := docx(t, "[Content_Types].xml", "<x/>", "word/document.xml", body, "word/header1.xml", "<w:hdr><w:p><w:r><w:t>Mẫu 01</w:t></w:r></w:p></w:hdr>")
	got, err := docxText(bytes.NewReader(b), int64(len(b)), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	want := "Mẫu 01\nUBND TỈNH QUẢNG TRỊ\nSố: 123/UBND-VX\tCỘNG HÒA & ở\nV/v\tnộp báo cáo\nquý II\nHộp"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, err = docxText(bytes.NewReader(b), int64(len(b)), 9); err != nil || got != "Mẫu 01\nUB" {
		t.Errorf("cut: %q, %v", got, err)
	}
}

func TestDOCXBroken(t *testing.T) {
	if _, err := docxText(strings.NewReader("no zip"), 6, 10); err == nil {
		t.Error("a file that is no zip gave no error")
	}
	b := docx(t, "xl/workbook.xml", "<x/>")
	if _, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrNotDocument) {
		t.Errorf("workbook: %v", err)
	}
	var many []string
	for range maxEntries + 1 {
		many = append(many, "word/document.xml", "")
	}
	b = docx(t, many...)
	if _, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("many entries: %v", err)
	}
	b = docx(t, "word/document.xml", "<w:p><w:t>đầu</w:t></w:p>"+strings.Repeat("<w:sectPr/>", testBudget/11+1))
	if s, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrTooLarge) || s != "đầu" {
		t.Errorf("bomb: %q, %v", s, err)
	}
}

func TestHTML(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<p>Kính gửi:</p><p>Sở&nbsp;Nội <b>v</b>ụ</p>", "Kính gửi:\nSở Nội vụ"},
		{"<style>p{}</style><script>if(a<b)</script>x<br>y<title>t</title>", "x\ny"},
		{"<table><tr><td>Số</td><td>123</td></tr><tr><td><p>a</p></td><td><p>b</p></td></tr></table>z", "Số\t123\na\tb\nz"},
		{"a &lt;b&gt; &amp;\n\n c", "a <b> & c"},
		{"<pre>một\n  hai</pre>ba", "một\n  hai\nba"},
		{"<p>a<p>b<div>c</div>d", "a\nb\nc\nd"},
		{"x<!-- <p>no</p> -->y", "xy"},
		{"", ""},
	} {
		if got := HTML(c.in); got != c.want {
			t.Errorf("HTML(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := HTML(strings.Repeat("<div><table><td>", 20_000) + "x"); got != "x" {
		t.Errorf("deep: %.40q", got)
	}
}

func FuzzDOCXPart(f *testing.F) {
	f.Add(body, 100)
	f.Add("<w:t>a&#0;&amp", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = n & 0xFF
		w := wordText{sink: sink{left: n}}
		if err := w.read(strings.NewReader(s)); err != nil {
			t.Fatal(err)
		}
		if got := utf8.RuneCountInString(w.text()); got > n {
			t.Fatalf("%d runes, limit %d", got, n)
		}
	})
}
