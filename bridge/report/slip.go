package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"rsc.io/qr"
)

// Slip is a phiếu trả lại: the words of a refusal on paper, with a code that leads to the page where they can be checked.
type Slip struct {
	Name  string   // of the document, for those who list files
	Head  []string // letterhead: the bodies above the one that speaks, and that one last
	Dated string   // place and date
	Title string
	Lines []string // each a paragraph; "- " begins a line of a list, capitals alone are a heading, and an empty one parts them
	Check string   // address that the code leads to; empty: there is no code
	Made  time.Time
}

// The slip: A4 portrait with the margins of NĐ 30/2020, Phụ lục I, in mm, and type in points.
const (
	slipWidth  = 210.0
	slipHeight = 297.0
	slipLeft   = 30.0
	slipRight  = 15.0
	slipTop    = 15.0
	slipBottom = 15.0
	slipPage   = slipWidth - slipLeft - slipRight
	slipSize   = 11.0
	slipTitle  = 14.0
	slipSmall  = 8.0
	slipLine   = slipSize * point * 1.22
	slipHang   = 5.0
	codeSide   = 30.0 // of the QR code, with the quiet margin that its readers need
)

// codeWords stand below the code.
const codeWords = "Quét mã để tra cứu"

// codeQuiet is the margin of a QR code in modules (ISO/IEC 18004, 9.1).
const codeQuiet = 4

// WriteSlip writes a slip as a PDF; the same slip gives the same bytes.
func WriteSlip(w io.Writer, s Slip) error {
	p := newDocument("P", s.Name, s.Made)
	p.SetMargins(slipLeft, slipTop, slipRight)
	d := &slipDrawing{drawing: drawing{pdf: p}, y: slipTop}
	p.AddPage()
	if err := d.head(s); err != nil {
		return err
	}
	d.y += slipLine / 2
	d.centre("B", slipTitle, slipPage, s.Title)
	regular, bold := d.measure("", slipSize), d.measure("B", slipSize)
	for _, line := range s.Lines {
		if line = clean(line); capitals(line) {
			d.centre("B", slipSize, slipPage, line)
		} else {
			d.line(line, slipPage, regular, bold)
		}
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("write slip: %w", err)
	}
	return nil
}

// capitals says whether a line is in capitals alone, and no item of a list.
func capitals(line string) bool {
	return !strings.HasPrefix(line, "- ") && strings.ToUpper(line) == line && strings.ContainsFunc(line, unicode.IsLetter)
}

// slipDrawing is a slip being drawn; y is the lower edge of what stands.
type slipDrawing struct {
	drawing
	y float64
}

// head draws the code in the upper corner, and the letterhead beside it: the body that speaks in bold (NĐ 30/2020, Phụ lục I, II.2), place and
// date below in italics (II.4).
func (d *slipDrawing) head(s Slip) error {
	width := slipPage
	if s.Check != "" {
		width -= codeSide
		if err := d.code(s.Check); err != nil {
			return err
		}
	}
	for i, line := range s.Head {
		style := ""
		if i == len(s.Head)-1 {
			style = "B"
		}
		d.centre(style, slipSize, width, line)
	}
	if s.Check != "" {
		d.y = max(d.y, slipTop+codeSide)
		d.pdf.SetFont(family, "I", slipSmall)
		d.pdf.Text(slipWidth-slipRight-codeSide+(codeSide-d.pdf.GetStringWidth(codeWords))/2, d.y, codeWords)
	}
	if s.Dated != "" {
		d.y += slipLine
		dated := wrap(clean(s.Dated), slipPage, d.measure("I", slipSize))
		for _, line := range dated {
			d.y += slipLine
			d.pdf.SetFont(family, "I", slipSize)
			d.pdf.Text(slipWidth-slipRight-d.pdf.GetStringWidth(line), d.y, line)
		}
	}
	return nil
}

// centre writes a centred paragraph below what stands.
func (d *slipDrawing) centre(style string, size, width float64, text string) {
	step := size * point * 1.22
	for _, line := range wrap(clean(text), width, d.measure(style, size)) {
		d.room(step)
		d.y += step
		d.centred(style, size, slipLeft, width, d.y, line)
	}
}

// room begins another page where height does not fit.
func (d *slipDrawing) room(height float64) {
	if d.y+height > slipHeight-slipBottom {
		d.pdf.AddPage()
		d.y = slipTop
	}
}

// line writes a paragraph, a line of a list, or a heading such as "3. Căn cứ".
func (d *slipDrawing) line(text string, width float64, regular, bold measure) {
	if text == "" {
		d.y += slipLine / 2
		return
	}
	style, m, left := "", regular, slipLeft
	item, isItem := strings.CutPrefix(text, "- ")
	if isItem {
		left += slipHang
	} else if text[0] >= '1' && text[0] <= '9' && len(text) < 80 {
		style, m = "B", bold
		d.room(3 * slipLine) // a heading never stands alone
	}
	for i, part := range wrap(item, width-(left-slipLeft), m) {
		d.room(slipLine)
		d.pdf.SetFont(family, style, slipSize)
		d.y += slipLine
		if isItem && i == 0 {
			d.pdf.Text(slipLeft, d.y, "–")
		}
		d.pdf.Text(left, d.y, part)
	}
}

// code draws the QR code of an address, module by module.
func (d *slipDrawing) code(address string) error {
	c, err := qr.Encode(address, qr.M)
	if err != nil {
		return fmt.Errorf("draw QR code: %w", err)
	}
	left := slipWidth - slipRight - codeSide
	side := codeSide / float64(c.Size+2*codeQuiet)
	d.pdf.SetFillColor(0, 0, 0)
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from { // one bar for a run, so that no hair line parts its modules
				d.pdf.Rect(left+float64(from+codeQuiet)*side, slipTop+float64(y+codeQuiet)*side, float64(x-from)*side, side, "F")
			}
		}
	}
	return nil
}
