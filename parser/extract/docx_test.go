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

// packed is a ZIP file of members, in order of name=content pairs.
func packed(t testing.TB, pairs ...string) []byte {
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
	b := packed(t, "[Content_Types].xml", "<x/>", "word/document.xml", body, "word/header1.xml", "<w:hdr><w:p><w:r><w:t>Mẫu 01</w:t></w:r></w:p></w:hdr>")
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
	b := packed(t, "xl/workbook.xml", "<x/>")
	if _, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrNotDocument) {
		t.Errorf("workbook: %v", err)
	}
	var many []string
	for range maxEntries + 1 {
		many = append(many, "word/document.xml", "")
	}
	b = packed(t, many...)
	if _, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("many entries: %v", err)
	}
	b = packed(t, "word/document.xml", "<w:p><w:t>đầu</w:t></w:p>"+strings.Repeat("<w:sectPr/>", testBudget/11+1))
	if s, err := docxText(bytes.NewReader(b), int64(len(b)), 10); !errors.Is(err, ErrTooLarge) || s != "đầu" {
		t.Errorf("bomb: %q, %v", s, err)
	}
}

// wordBody is a main part with the usual namespace.
func wordBody(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">` +
		`<w:body>` + inner + `</w:body></w:document>`
}

// run is a paragraph of one run with properties.
func para(properties, text string) string {
	return `<w:p><w:r><w:rPr>` + properties + `</w:rPr><w:t>` + text + `</w:t></w:r></w:p>`
}

func TestDOCXParts(t *testing.T) {
	const box = `<w:txbxContent><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:txbxContent>`
	for _, c := range []struct{ name, in, want string }{
		{"text box once", `<w:p><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>` + box + `</w:drawing></mc:Choice><mc:Fallback><w:pict>` + box +
			`</w:pict></mc:Fallback></mc:AlternateContent><w:t>b</w:t></w:r></w:p>`, "a\nMẬT\nb"},
		{"old text box", `<w:p><w:r><w:pict><v:shape o:gfxdata="` + strings.Repeat("A", 3*xmlBuffer) + `"/><v:textbox>` + box + `</v:textbox></w:pict></w:r></w:p>`, "MẬT"},
		{"fallback alone", `<w:p><mc:AlternateContent><mc:Fallback><w:r><w:t>a</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>`, "a"},
		{"alternatives inside", `<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>a</w:t><mc:AlternateContent><mc:Choice><w:t>b</w:t></mc:Choice><mc:Fallback><w:t>c</w:t>` +
			`</mc:Fallback></mc:AlternateContent></w:r></mc:Choice><mc:Fallback><w:r><w:t>d</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>`, "ab"},
		{"hidden", para(`<w:vanish/>`, "x") + para(`<w:vanish w:val="0"/>`, "a") + `<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>b</w:t></w:r></w:p>`, "\na\nb"},
		{"comment, cdata, instruction", `<w:p><w:r><!-- <w:t>no</w:t> > --><?x > ?><w:t><![CDATA[a<b]]>]]&gt;</w:t></w:r></w:p>`, "a<b]]>"},
		{"moved away", `<w:p><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>a</w:t></w:r></w:ins></w:p>`, "a"},
		{"sign in a value", `<w:p><w:r w:x="a>b" w:y='"'><w:t>a</w:t></w:r></w:p>`, "a"},
		{"table in a table", `<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc>` + para("", "a") + `</w:tc><w:tc>` + para("", "b") + `</w:tc></w:tr></w:tbl></w:tc><w:tc>` + para("", "c") +
			`</w:tc></w:tr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>` + para("", "d"), "a\tb\tc\nd"},
	} {
		b := packed(t, "word/document.xml", wordBody(c.in))
		got, err := docxText(bytes.NewReader(b), int64(len(b)), 1000)
		if want := strings.TrimSpace(c.want); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, want)
		}
	}
}

// TestDOCXByContentType finds the parts of a document whose names are unusual, and reads them in order.
func TestDOCXByContentType(t *testing.T) {
	const ct, ns = "application/vnd.openxmlformats-officedocument.wordprocessingml.", `xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"`
	types := "<Types>"
	for _, p := range [][2]string{{"/a/footer.xml", "footer"}, {"/A/Main.xml", "document.main"}, {"/a/h1.xml", "header"}, {"/a/h2.xml", "header"}, {"/a/h3.xml", "header"}, {"/a/f.xml", "footnotes"}} {
		types += `<Override PartName="` + p[0] + `" ContentType="` + ct + p[1] + `+xml"/>`
	}
	b := packed(t, "[Content_Types].xml", types+"</Types>", `a\main.xml`, `<document `+ns+`><p><r><t>thân</t></r></p></document>`,
		"a/h1.xml", "<x:hdr xmlns:x='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><x:p><x:t>đầu</x:t></x:p></x:hdr>", "a/h2.xml", "<w:p><w:t>đầu</w:t></w:p>",
		"a/h3.xml", "<w:p><w:t>khác</w:t></w:p>", "a/footer.xml", "<w:p><w:t>chân</w:t></w:p>", "a/f.xml", `<w:footnote w:type="separator"><w:p><w:t>-</w:t></w:p></w:footnote><w:footnote w:id="2"><w:p><w:t>chú</w:t></w:p></w:footnote>`, "word/document.xml", wordBody(para("", "giả")))
	got, err := docxText(bytes.NewReader(b), int64(len(b)), 1000)
	if want := "đầu\nkhác\nthân\nchú\nchân"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestDOCXOldFonts reads runs whose characters are the bytes of an old font.
func TestDOCXOldFonts(t *testing.T) {
	const styles = `<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial"/></w:rPr></w:rPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:rPr><w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="T"><w:basedOn w:val="U"/></w:style><w:style w:type="paragraph" w:styleId="U"><w:rPr><w:rFonts w:ascii=".VnTimeH"/></w:rPr></w:style></w:styles>`
	b := packed(t, "word/styles.xml", styles, "word/document.xml", wordBody(para("", "C\u00e9ng h\u00dfa")+
		`<w:p><w:pPr><w:pStyle w:val="T"/></w:pPr><w:r><w:t>Céng hßa</w:t></w:r></w:p>`+
		para(`<w:rFonts w:ascii="VNI-Times" w:hAnsi="VNI-Times"/>`, "Coäng hoøa")+
		`<w:p><w:r><w:rPr><w:rFonts w:hAnsi="VNI-Times"/></w:rPr><w:t>Vie</w:t></w:r><w:r><w:rPr><w:rFonts w:hAnsi="VNI-Times"/></w:rPr><w:t>ät</w:t></w:r></w:p>`+
		para(`<w:rFonts w:ascii="Arial" w:hAnsi="Arial"/>`, "café")+para("", "Cộng hòa")))
	got, err := docxText(bytes.NewReader(b), int64(len(b)), 1000)
	if want := "Cộng hòa\nCỘNG HÒA\nCộng hòa\nViệt\ncafé\nCộng hòa"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestOfficeHostile(t *testing.T) {
	deep := strings.Repeat("<w:x>", maxXMLDepth)
	for _, c := range []struct {
		name, in, want string
		err            error
	}{
		{"external entity", `<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + wordBody(para("", "&x;")), "", ErrDTD},
		{"entities", `<w:p><w:t>a</w:t></w:p><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:p><w:t>&b;</w:t></w:p>`, "a", ErrDTD},
		{"unknown entity", wordBody(para("", "a&b;c&#0;&#x110000;&;d&e")), "acd&e", nil},
		{"deep", `<w:p><w:t>a</w:t></w:p>` + deep + `<w:t>b</w:t>`, "a", ErrDepth},
		{"cut in a tag", `<w:p><w:t>a</w:t></w:p><w:p`, "a", nil},
		{"cut in a comment", `<w:p><w:t>a</w:t></w:p><!-- `, "a", nil},
	} {
		b := packed(t, "word/document.xml", c.in)
		budget := int64(64 << 20)
		got, err := DOCX(bytes.NewReader(b), int64(len(b)), 1000, &budget)
		if got != c.want || !errors.Is(err, c.err) || c.err == nil && err != nil {
			t.Errorf("%s: got %q, %v, want %q, %v", c.name, got, err, c.want, c.err)
		}
	}
}

// TestXMLTokens stops at the bound of tokens.
func TestXMLTokens(t *testing.T) {
	if err := scanXML(&endless{s: strings.Repeat("<a/>b", 5000)}).each(func(xmlKind) bool { return true }); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func FuzzDOCX(f *testing.F) {
	f.Add(packed(f, "word/document.xml", wordBody(body), "word/styles.xml", "<w:styles/>"), 100)
	f.Add(packed(f, "[Content_Types].xml", `<Types><Override PartName="/x" ContentType="ms-word.main+xml"/></Types>`, "x", "<w:p><w:t>a"), 3)
	f.Fuzz(fuzzOffice(DOCX))
}

// FuzzDOCXPart goes past the checksums of ZIP.
func FuzzDOCXPart(f *testing.F) {
	f.Add(body, `<w:style w:styleId="a" w:default="1"><w:basedOn w:val="a"/>`, 100)
	f.Add("<w:t>a&#0;&amp", "", 3)
	f.Fuzz(func(t *testing.T, s, styles string, n int) {
		fuzzOffice(DOCX)(t, packed(t, "word/styles.xml", styles, "word/document.xml", s, "word/footer1.xml", s), n)
	})
}

// fuzzOffice checks what every reader owes: valid text within its limits, and a budget that is kept.
func fuzzOffice(read func(io.ReaderAt, int64, int, *int64) (string, error)) func(*testing.T, []byte, int) {
	return func(t *testing.T, b []byte, n int) {
		n &= 0xFFF
		budget := int64(1 << 20)
		s, _ := read(bytes.NewReader(b), int64(len(b)), n, &budget)
		if got := utf8.RuneCountInString(s); got > n || budget < 0 {
			t.Fatalf("%d runes of %d, budget %d", got, n, budget)
		}
	}
}
