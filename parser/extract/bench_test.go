package extract

import (
	"bytes"
	"strings"
	"testing"
)

// BenchmarkDocuments reads one letter of three pages in each format.
func BenchmarkDocuments(b *testing.B) {
	const line = "Thực hiện Công văn số 45/UBND-NC của Ủy ban nhân dân tỉnh, đề nghị các đơn vị gửi báo cáo trước ngày 15/6/2024."
	times := func(s string) string { return strings.Repeat(s, 100) }
	for _, c := range []struct {
		name string
		file []byte
	}{
		{"docx", packed(b, "word/document.xml", wordBody(times(para(`<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/><w:sz w:val="28"/>`, line))))},
		{"xlsx", packed(b, "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", times(`<row r="1"><c r="A1" t="inlineStr"><is><t>`+line+`</t></is></c></row>`))},
		{"odt", packed(b, "content.xml", times(`<text:p text:style-name="Standard">`+line+`</text:p>`))},
		{"rtf", []byte(`{\rtf1\ansi\ansicpg1252 ` + times(`{\f0\fs28 Th\u7921?c hi\u7879?n C\'f4ng v\u259?n s\u7889? 45/UBND-NC c\u7911?a \u7910?y ban nh\'e2n d\'e2n t\u7881?nh}\par `) + "}")},
	} {
		b.Run(c.name, func(b *testing.B) {
			k := KindOf(c.file[:min(len(c.file), 3072)], "application/msword", "a.doc")
			b.SetBytes(int64(len(c.file)))
			for b.Loop() {
				budget := int64(testBudget)
				if s, err := Document(k, bytes.NewReader(c.file), int64(len(c.file)), 200_000, &budget); err != nil || len(s) < 5000 {
					b.Fatal(len(s), err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}
