package extract

import (
	"bytes"
	"errors"
	"testing"
)

const odfNS = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
	` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"`

func openDocument(t *testing.T, maxRunes int, pairs ...string) (string, error) {
	t.Helper()
	b := packed(t, append([]string{"mimetype", "application/vnd.oasis.opendocument.text"}, pairs...)...)
	budget := int64(testBudget)
	return ODT(bytes.NewReader(b), int64(len(b)), maxRunes, &budget)
}

func TestODT(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"white space", "<text:p>\n a <text:span> b</text:span>\tc<text:s text:c=\"3\"/>d<text:tab/>e<text:line-break/> f </text:p>", "a b c   d\te\nf"},
		{"outside paragraphs", "x<text:p>a</text:p>y", "a"},
		{"heading", "<text:h>a</text:h><text:p/><text:p>b</text:p>", "a\n\nb"},
		{"letterhead", `<text:p>x</text:p><table:table><table:table-row><table:table-cell/><table:table-cell><text:p>UBND</text:p><text:p>SNV</text:p></table:table-cell>` +
			`<table:covered-table-cell/><table:table-cell><text:p>CỘNG HÒA</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell/></table:table-row></table:table><text:p>y</text:p>`,
			"x\nUBND\nSNV\tCỘNG HÒA\ny"},
		{"empty cell between", `<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell/><table:table-cell><text:p/></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>`, "a\t\t\tb"},
		{"table in a table", `<table:table-row><table:table-cell><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>`, "a\tb"},
		{"text box", `<text:p>a<draw:frame><draw:text-box><text:p>MẬT</text:p></draw:text-box></draw:frame> b</text:p>`, "a\nMẬT\nb"},
		{"footnote", `<text:p>a<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>chú thích</text:p></text:note-body></text:note> b</text:p>`, "a b\nchú thích"},
		{"not shown", `<text:tracked-changes><text:p>x</text:p></text:tracked-changes><text:p>a<office:annotation><text:p>y</text:p></office:annotation></text:p>`, "a"},
	} {
		got, err := openDocument(t, 1000, "content.xml", `<office:document-content `+odfNS+`>`+c.in+`</office:document-content>`)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestODTPages(t *testing.T) {
	const styles = `<office:document-styles ` + odfNS + `><style:style><text:p>no</text:p></style:style><style:header><text:p>Đầu</text:p></style:header><style:footer><text:p>Chân <text:page-number>1</text:page-number></text:p></style:footer>` +
		`<style:header><text:p>Đầu</text:p></style:header><style:header-first><text:p>Trang đầu</text:p></style:header-first></office:document-styles>`
	got, err := openDocument(t, 1000, "content.xml", "<text:p>Thân</text:p>", "styles.xml", styles)
	if want := "Đầu\nTrang đầu\nThân\nChân"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err = openDocument(t, 12, "content.xml", "<text:p>Thân</text:p>", "styles.xml", styles); err != nil || got != "Đầu\nTrang đầ" {
		t.Errorf("cut: %q, %v", got, err)
	}
}

func TestODTOldFonts(t *testing.T) {
	const styles = `<office:font-face-decls><style:font-face style:name="F1" svg:font-family="'.VnTime'"/></office:font-face-decls>` +
		`<style:default-style style:family="paragraph"><style:text-properties style:font-name="F1"/></style:default-style>` +
		`<style:default-style style:family="table"><style:text-properties fo:font-family="Arial"/></style:default-style>` +
		`<style:style style:name="A"><style:text-properties fo:font-family="Arial"/></style:style><style:style style:name="B" style:parent-style-name="A"/>`
	got, err := openDocument(t, 1000, "styles.xml", styles, "content.xml", "<text:p>C\u00e9ng <text:span text:style-name=\"A\">caf\u00e9</text:span> h\u00dfa</text:p><text:p text:style-name=\"B\">caf\u00e9</text:p>")
	if want := "Cộng café hòa\ncafé"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestODTBroken(t *testing.T) {
	if _, err := openDocument(t, 10, "META-INF/manifest.xml", `<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>`, "content.xml", "\x01\x02"); !errors.Is(err, ErrEncrypted) {
		t.Errorf("encrypted: %v", err)
	}
	if _, err := openDocument(t, 10, "other.xml", "<text:p>a</text:p>"); !errors.Is(err, ErrNotDocument) {
		t.Errorf("no content: %v", err)
	}
	if got, err := openDocument(t, 10, "content.xml", "<text:p>a</text:p><!DOCTYPE x>"); !errors.Is(err, ErrDTD) || got != "a" {
		t.Errorf("doctype: %q, %v", got, err)
	}
}

func FuzzODT(f *testing.F) {
	f.Add(`<text:p>a<text:s text:c="9"/><text:note><text:p>b</text:p></text:note></text:p>`, `<style:footer><text:p>c</style:footer>`, 100)
	f.Add(`<table:table-row><table:table-cell><text:p/></text:p></text:span><draw:text-box>`, `<style:font-face style:name="a"/><style:header>`, 3)
	f.Fuzz(func(t *testing.T, content, styles string, n int) {
		fuzzOffice(ODT)(t, packed(t, "content.xml", content, "styles.xml", styles), n)
	})
}
