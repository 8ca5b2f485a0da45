package extract

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"
)

const sheetNS = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

// workbook packs sheets in an order that is not that of their names; the second is hidden.
func workbook(t testing.TB, shared, first, hidden, last string) []byte {
	return packed(t,
		"xl/workbook.xml", `<workbook `+sheetNS+`><sheets><sheet name="B" sheetId="7" r:id="r2"/><sheet name="H" sheetId="2" r:id="r3" state="veryHidden"/><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="/xl/worksheets/Sheet2.xml"/>`+
			`<Relationship Id="r3" Target="worksheets/sheet3.xml"/><Relationship Id="r4" TargetMode="External" Target="http://example.vn/x"/></Relationships>`,
		"xl/sharedStrings.xml", shared, "xl/worksheets/sheet1.xml", last, "xl/worksheets/sheet2.xml", first, "xl/worksheets/sheet3.xml", hidden,
		"xl/drawings/drawing1.xml", `<xdr:wsDr xmlns:xdr="x" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>HỎA TỐC</a:t></a:r></a:p></xdr:wsDr>`)
}

func TestXLSX(t *testing.T) {
	const shared = `<sst ` + sheetNS + `><si><t>UBND TỈNH</t></si><si><r><t xml:space="preserve">CỘNG </t></r><r><t>HÒA</t></r><rPh><t>no</t></rPh></si></sst>`
	const first = `<worksheet ` + sheetNS + `><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"/><c r="D1" t="s"><v>1</v></c></row><row/>` +
		`<row><c><f>1+1</f><v>2.5</v></c><c t="b"><v>1</v></c><c t="str"><v>x&amp;y</v></c><c t="inlineStr"><is><r><t>Số: 12</t></r><r><t>/SNV</t></r></is></c><c t="e"><v>#REF!</v></c><c t="s"><v>99</v></c></row></sheetData></worksheet>`
	const last = `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row></x:worksheet>`
	b := workbook(t, shared, first, "<row><c><v>1</v></c></row>", last)
	budget := int64(testBudget)
	got, err := XLSX(bytes.NewReader(b), int64(len(b)), 1000, &budget)
	if want := "UBND TỈNH\tCỘNG HÒA\n2.5\tTRUE\tx&y\tSố: 12/SNV\t#REF!\nUBND TỈNH\nHỎA TỐC"; err != nil || got != want {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
	if budget >= testBudget {
		t.Error("the budget was not counted down")
	}
	if got, err = XLSX(bytes.NewReader(b), int64(len(b)), 6, &budget); err != nil || got != "UBND T" {
		t.Errorf("cut: %q, %v", got, err)
	}
}

func TestXLSXHostile(t *testing.T) {
	var many strings.Builder
	for i := range 2 * maxShared / 100 {
		many.WriteString("<si><t>" + strconv.Itoa(i) + strings.Repeat("x", 100) + "</t></si>")
	}
	b := workbook(t, many.String(), `<row><c t="s"><v>0</v></c><c t="s"><v>`+strconv.Itoa(2*maxShared/100-1)+`</v></c><c t="s"><v>-1</v></c></row>`, "", "")
	budget := int64(64 << 20)
	got, err := XLSX(bytes.NewReader(b), int64(len(b)), 300, &budget)
	if !errors.Is(err, ErrTooLarge) || !strings.HasPrefix(got, "0xxx") {
		t.Errorf("many strings: %.20q, %v", got, err)
	}
	b = packed(t, "xl/worksheets/sheet1.xml", "<row/>")
	if _, err := XLSX(bytes.NewReader(b), int64(len(b)), 10, &budget); !errors.Is(err, ErrNotDocument) {
		t.Errorf("no workbook: %v", err)
	}
	b = packed(t, "xl/workbook.xml", `<sheet r:id="r1"/>`, "xl/worksheets/sheet2.xml", "<row><c><v>2</v></c></row>", "xl/worksheets/sheet1.xml", "<row><c><v>1</v></c></row>")
	if got, err := XLSX(bytes.NewReader(b), int64(len(b)), 10, &budget); err != nil || got != "1\n2" {
		t.Errorf("no relations: %q, %v", got, err)
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(`<si><t>a</t></si>`, `<row><c t="s"><v>0</v></c></row>`, 100)
	f.Add(`<si><rPh>`, `<c t="inlineStr"><is><t>b<c t="b"><v>1</c>`, 2)
	f.Fuzz(func(t *testing.T, shared, sheet string, n int) {
		fuzzOffice(XLSX)(t, workbook(t, shared, sheet, sheet, sheet), n)
	})
}
