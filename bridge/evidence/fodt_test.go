package evidence

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// fodt writes the letter as a flat OpenDocument text, which LibreOffice turns into a PDF.
func (l letter) fodt() (string, error) {
	day, err := time.Parse(time.DateOnly, l.date)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, fodtHead, l.size)
	l.writeHead(&b, day)
	if l.title != "" {
		p(&b, "Strong", l.title)
		p(&b, "Strong", l.about)
	}
	if len(l.to) == 1 {
		p(&b, "Centred", "Kính gửi: "+l.to[0]+".")
	} else if len(l.to) > 1 {
		p(&b, "Body", "Kính gửi:")
		for i, to := range l.to {
			p(&b, "Body", "- "+to+string(";."[min(1, i/(len(l.to)-1))]))
		}
	}
	for _, text := range l.body {
		p(&b, "Body", text)
	}
	l.writeTail(&b)
	for i := range l.long {
		b.WriteString(`<text:p text:style-name="Break"/>`)
		p(&b, "Strong", fmt.Sprintf("Phụ lục %d", i+1))
		for range 12 {
			p(&b, "Body", "Đơn vị tổng hợp số liệu theo biểu mẫu kèm theo, bảo đảm đầy đủ, chính xác và đúng thời gian quy định của cấp trên.")
		}
	}
	b.WriteString("</office:text></office:body></office:document>")
	if !l.tcvn3 {
		return b.String(), nil
	}
	return tcvn3Text(b.String())
}

func (l letter) writeHead(b *strings.Builder, day time.Time) {
	right := []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"}
	if l.party {
		right = []string{"ĐẢNG CỘNG SẢN VIỆT NAM"}
	}
	pad := func(n int) string { // NĐ 30/2020, Phụ lục I, II.4: days below 10 and January, February with a zero
		return fmt.Sprintf("%02d", n)
	}
	month := fmt.Sprint(int(day.Month()))
	if day.Month() < 3 {
		month = pad(int(day.Month()))
	}
	dated := fmt.Sprintf("%s, ngày %s tháng %s năm %d", l.place, pad(day.Day()), month, day.Year())
	strong := len(l.above)
	left := slices.Concat(l.above, l.agency)
	if l.party {
		left = append(left, "*")
	}
	under := []string{l.printed}
	if l.title == "" {
		under = append(under, "V/v "+l.about)
	}
	switch l.layout {
	case rows:
		b.WriteString(`<table:table table:name="head" table:style-name="Head"><table:table-column table:style-name="Left"/><table:table-column table:style-name="Right"/>`)
		row(b, func() { cell(b, strong, left) }, func() { cell(b, 0, right) })
		row(b, func() { cell(b, 9, under) }, func() { cell(b, 9, []string{dated}) })
		b.WriteString("</table:table>")
	case blocks:
		b.WriteString(`<table:table table:name="head" table:style-name="Head"><table:table-column table:style-name="Left"/><table:table-column table:style-name="Right"/>`)
		row(b, func() { cell(b, strong, left); cell(b, 9, under) }, func() { cell(b, 0, right); p(b, "Centred", ""); p(b, "Dated", dated) })
		b.WriteString("</table:table>")
	case tabs:
		if l.title == "" {
			words := strings.Fields(under[1])
			under = []string{l.printed, strings.Join(words[:5], " "), strings.Join(words[5:], " ")}
		}
		for i, line := range slices.Concat(left, []string{""}, under) {
			other := ""
			switch {
			case i < len(right):
				other = right[i]
			case line == l.printed:
				other = dated
			}
			fmt.Fprintf(b, `<text:p text:style-name="Tabs"><text:tab/>%s<text:tab/>%s</text:p>`, escape(line), escape(other))
		}
	}
	p(b, "Centred", "")
}

func (l letter) writeTail(b *strings.Builder) {
	b.WriteString(`<table:table table:name="tail" table:style-name="Head"><table:table-column table:style-name="Left"/><table:table-column table:style-name="Right"/>`)
	row(b, func() {
		p(b, "Small", "Nơi nhận:")
		for _, c := range l.copies {
			p(b, "Small", "- "+c)
		}
	}, func() {
		for _, s := range l.signer {
			p(b, "Strong", s)
		}
		for range 3 {
			p(b, "Centred", "")
		}
		p(b, "Strong", l.name)
	})
	b.WriteString("</table:table>")
}

func row(b *strings.Builder, left, right func()) {
	b.WriteString("<table:table-row><table:table-cell>")
	left()
	b.WriteString("</table:table-cell><table:table-cell>")
	right()
	b.WriteString("</table:table-cell></table:table-row>")
}

// cell writes lines, those from the given one on in strong letters.
func cell(b *strings.Builder, strong int, lines []string) {
	for i, line := range lines {
		style := "Centred"
		if i >= strong {
			style = "Strong"
		}
		p(b, style, line)
	}
}

func p(b *strings.Builder, style, text string) {
	fmt.Fprintf(b, `<text:p text:style-name="%s">%s</text:p>`, style, escape(text))
}

func escape(text string) string { return strings.ReplaceAll(text, "&", "&amp;") }

// tcvn3Letters are the letters of TCVN 5712-3 (ABC) from its byte A1 on; a blank is a byte without a letter.
const tcvn3Letters = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ"

// tcvn3Text is what a PDF made with the old fonts gives back: the bytes of its letters taken for Latin-1. A capital with a tone is the small
// letter's byte, shown by a font of capitals.
func tcvn3Text(text string) (string, error) {
	table := []rune(tcvn3Letters)
	var b strings.Builder
	for _, r := range text {
		if r <= 0x7f {
			b.WriteRune(r)
			continue
		}
		i := slices.Index(table, r)
		if i < 0 {
			i = slices.Index(table, unicode.ToLower(r))
		}
		if i < 0 {
			return "", fmt.Errorf("%q is not in TCVN3", r)
		}
		b.WriteRune(rune(0xA1 + i))
	}
	return b.String(), nil
}

// fodtHead has one hole: the size of the letters. Margins are those of NĐ 30/2020, Phụ lục I, I.4.
const fodtHead = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls><style:font-face style:name="F" svg:font-family="'Liberation Serif'"/></office:font-face-decls>
<office:styles><style:default-style style:family="paragraph"><style:text-properties style:font-name="F" fo:font-size="%dpt" fo:language="vi" fo:country="VN"/></style:default-style>
<style:style style:name="Body" style:family="paragraph"><style:paragraph-properties fo:text-indent="1cm" fo:margin-top="0.2cm" fo:text-align="justify"/></style:style>
<style:style style:name="Centred" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/></style:style>
<style:style style:name="Dated" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/><style:text-properties fo:font-style="italic"/></style:style>
<style:style style:name="Small" style:family="paragraph"><style:text-properties fo:font-size="11pt"/></style:style>
<style:style style:name="Strong" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="Tabs" style:family="paragraph"><style:paragraph-properties><style:tab-stops><style:tab-stop style:position="3.2cm" style:type="center"/><style:tab-stop style:position="11.2cm" style:type="center"/></style:tab-stops></style:paragraph-properties><style:text-properties fo:font-size="12pt"/></style:style>
<style:style style:name="Break" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/></style:style>
</office:styles>
<office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin-top="2cm" fo:margin-bottom="2cm" fo:margin-left="3cm" fo:margin-right="1.5cm"/></style:page-layout>
<style:style style:name="Head" style:family="table"><style:table-properties style:width="16.5cm" table:align="left"/></style:style>
<style:style style:name="Left" style:family="table-column"><style:table-column-properties style:column-width="6.5cm"/></style:style>
<style:style style:name="Right" style:family="table-column"><style:table-column-properties style:column-width="10cm"/></style:style>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="A4"/></office:master-styles>
<office:body><office:text>`
