package report

import (
	"math"
	"strconv"

	"github.com/giaolien/giaolien/mapping/register"
)

// cover draws the cover of a book (NĐ 30/2020, Phụ lục IV) inside a frame.
func (d *drawing) cover(c register.Cover) {
	d.page()
	const frame = 8.0
	left, width := marginLeft+frame, tableWidth-2*frame
	d.pdf.SetLineWidth(0.6)
	d.pdf.Rect(marginLeft, marginTop, tableWidth, pageHeight-marginTop-marginBottom, "D")
	d.pdf.SetLineWidth(0.2)
	y := marginTop + 20.0
	if c.Parent != "" {
		y = d.paragraph("", 14, left, width, y, c.Parent)
	}
	y = d.paragraph("B", 14, left, width, y, c.Agency)
	d.pdf.Line(pageWidth/2+5-20, y-3, pageWidth/2+5+20, y-3)
	y = d.paragraph("B", 28, left, width, max(y+25, 85), c.Title)
	y = d.paragraph("", 16, left, width, y+4, coverYear(c))
	y = d.paragraph("", 14, left, width, y+10, coverDays(c))
	y = d.paragraph("", 14, left, width, y+2, coverNumbers(c))
	d.paragraph("", 14, left, width, y+2, coverBook(c))
}

// laid is a row ready to be drawn: the lines of each cell.
type laid struct {
	cells  [][]string
	lines  int
	style  string
	struck bool
}

// table draws the table on as many pages as it takes.
func (d *drawing) table() {
	rows, counts := d.layRows()
	head := d.layHead()
	above := d.layHeading()
	heading := headingHeight(above)
	body := pageHeight - marginTop - marginBottom - head.height()
	margin := rowMargin / bodyLine
	pages := paginate(counts, linesOn(body-heading), linesOn(body), margin)
	closing := d.layClosing()
	last := pages[len(pages)-1]
	used := 0.0
	if len(pages) == 1 {
		used = heading
	}
	for _, p := range last {
		used += float64(p.to-p.from)*bodyLine + rowMargin
	}
	total := len(pages)
	ownPage := used+d.closingHeight(closing) > body
	var parts [][]string // of the closing, where it has pages of its own
	if ownPage {
		parts = d.closingPages(closing)
		total += len(parts)
	}
	for n, rowParts := range pages {
		d.page()
		y := marginTop
		if n == 0 {
			y = d.heading(above, y)
		}
		y = d.head(head, y)
		for _, p := range rowParts {
			y = d.part(rows[p.row], p, y)
		}
		if n == len(pages)-1 && !ownPage {
			d.closing(closing, true, y)
		}
		d.foot(n+1, total)
	}
	for i, lines := range parts {
		d.page()
		d.closing(lines, i == len(parts)-1, marginTop)
		d.foot(len(pages)+i+1, total)
	}
}

func (d *drawing) layRows() ([]laid, []int) {
	regular, italic, bold := d.measure("", bodySize), d.measure("I", bodySize), d.measure("B", bodySize)
	rows, counts := make([]laid, len(d.t.Rows)), make([]int, len(d.t.Rows))
	for n, r := range d.t.Rows {
		row, m := laid{cells: make([][]string, len(d.t.Columns)), lines: 1, struck: r.Tone == Struck}, regular
		switch r.Tone {
		case Void:
			row.style, m = "I", italic
		case Sum:
			row.style, m = "B", bold
		}
		for i, text := range r.Cells {
			row.cells[i] = wrap(clean(text), d.widths[i]-2*cellMargin, m)
			row.lines = max(row.lines, len(row.cells[i]))
		}
		rows[n], counts[n] = row, row.lines
	}
	return rows, counts
}

// headLayout is the head of a table: the names of the columns and below them their numbers.
type headLayout struct {
	cells [][]string
	lines int
}

func (h headLayout) height() float64 { return float64(h.lines+1)*bodyLine + 2*rowMargin }

func (d *drawing) layHead() headLayout {
	m := d.measure("B", headSize)
	h := headLayout{lines: 1}
	for i, c := range d.t.Columns {
		lines := wrap(clean(c.Head), d.widths[i]-2*cellMargin, m)
		h.cells = append(h.cells, lines)
		h.lines = max(h.lines, len(lines))
	}
	return h
}

const headingLine = 7.0

// headingText is a line above the table, as wide as the page at most.
type headingText struct {
	text, style string
	size        float64
}

func (d *drawing) layHeading() []headingText {
	var out []headingText
	for i, line := range d.t.Heading {
		style, size := "B", 12.0
		switch {
		case clean(line) == clean(d.t.Name):
			size = 15
		case i == len(d.t.Heading)-1, i == 0 && len(d.t.Heading) == 4:
			style = ""
		}
		for _, text := range wrap(clean(line), tableWidth, d.measure(style, size)) {
			out = append(out, headingText{text, style, size})
		}
	}
	return out
}

func headingHeight(lines []headingText) float64 {
	if len(lines) == 0 {
		return 0
	}
	return float64(len(lines))*headingLine + 4
}

func (d *drawing) heading(lines []headingText, y float64) float64 {
	for i, l := range lines {
		d.centred(l.style, l.size, marginLeft, tableWidth, y+(float64(i)+0.7)*headingLine, l.text)
	}
	return y + headingHeight(lines)
}

func (d *drawing) head(h headLayout, y float64) float64 {
	names, numbers := float64(h.lines)*bodyLine+rowMargin, bodyLine+rowMargin
	x := marginLeft
	for i, lines := range h.cells {
		d.pdf.Rect(x, y, d.widths[i], names, "D")
		top := y + (names-float64(len(lines))*bodyLine)/2
		for n, line := range lines {
			d.centred("B", headSize, x, d.widths[i], top+baseline(n), line)
		}
		x += d.widths[i]
	}
	x = marginLeft
	for i, width := range d.widths {
		d.pdf.Rect(x, y+names, width, numbers, "D")
		d.centred("I", bodySize-1, x, width, y+names+rowMargin/2+baseline(0), "("+strconv.Itoa(i+1)+")")
		x += width
	}
	return y + names + numbers
}

// baseline is where the nth line of a cell stands, from its top.
func baseline(n int) float64 { return float64(n)*bodyLine + bodyLine*0.76 }

// part draws what of a row stands on this page. A row that is continued repeats its short cells, so that the page can be read alone.
func (d *drawing) part(r laid, p part, y float64) float64 {
	height := float64(p.to-p.from)*bodyLine + rowMargin
	x := marginLeft
	for i, lines := range r.cells {
		d.pdf.Rect(x, y, d.widths[i], height, "D")
		shown := lines[min(p.from, len(lines)):min(p.to, len(lines))]
		if p.from > 0 && len(lines) <= p.to-p.from && len(lines) <= p.from { // whole on the page before, and short
			shown = lines
		}
		if i == 0 && p.from > 0 {
			shown = []string{"(tiếp)"}
		}
		d.cell(r, i, shown, x, y+rowMargin/2)
		x += d.widths[i]
	}
	return y + height
}

func (d *drawing) cell(r laid, i int, lines []string, x, y float64) {
	d.pdf.SetFont(family, r.style, bodySize)
	struck := d.t.Columns[i].Struck && r.struck
	for n, line := range lines {
		left := x + cellMargin
		width := d.pdf.GetStringWidth(line)
		if d.t.Columns[i].Type != Text {
			left = x + (d.widths[i]-width)/2
		}
		d.pdf.Text(left, y+baseline(n), line)
		if struck {
			middle := y + baseline(n) - bodySize*point*0.25
			d.pdf.Line(left, middle, left+width, middle)
		}
	}
}

const (
	signatureHeight = 38.0
	closingGap      = 4.0 // above the closing
	closingLine     = bodyLine + 1
	closingSize     = bodySize + 1
)

// layClosing is the lines below the last row, as wide as the page at most.
func (d *drawing) layClosing() []string {
	var lines []string
	m := d.measure("I", closingSize)
	for _, line := range d.t.Closing {
		lines = append(lines, wrap(clean(line), tableWidth, m)...)
	}
	return lines
}

func (d *drawing) closingHeight(lines []string) float64 {
	h := float64(len(lines))*closingLine + closingGap
	if d.t.Signer != "" {
		h += signatureHeight
	}
	return h
}

// closingPages lays lines on pages of their own, so that the place to sign stands below some of them.
func (d *drawing) closingPages(lines []string) [][]string {
	const full = pageHeight - marginTop - marginBottom
	most := int(math.Floor((full - closingGap) / closingLine))
	var pages [][]string
	for d.closingHeight(lines) > full {
		n := min(most, max(len(lines)-1, 0))
		if n == 0 {
			break
		}
		pages, lines = append(pages, lines[:n]), lines[n:]
	}
	return append(pages, lines)
}

// closing writes what the rows come to, and, where they end, the place to sign.
func (d *drawing) closing(lines []string, end bool, y float64) {
	y += closingGap
	for _, line := range lines {
		d.pdf.SetFont(family, "I", closingSize)
		y += closingLine
		d.pdf.Text(marginLeft, y, line)
	}
	if !end {
		return
	}
	if d.t.Signer == "" {
		return
	}
	const width = 80.0
	left := pageWidth - marginRight - width
	d.centred("I", bodySize+1, left, width, y+6, "Ngày "+".......... tháng "+".......... năm "+"..........")
	d.centred("B", bodySize+1, left, width, y+12, d.t.Signer)
	d.centred("I", bodySize, left, width, y+17, "(Ký, ghi rõ họ tên)")
}
