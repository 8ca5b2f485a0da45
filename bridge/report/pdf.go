package report

import (
	_ "embed"
	"fmt"
	"io"
	"math"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Liberation Serif has the widths of Times New Roman, the face that NĐ 30/2020, Phụ lục I prescribes, and all Vietnamese letters. Its
// licence (SIL OFL 1.1) stands beside it.
//
//go:embed fonts/LiberationSerif-Regular.ttf
var fontRegular []byte

//go:embed fonts/LiberationSerif-Bold.ttf
var fontBold []byte

//go:embed fonts/LiberationSerif-Italic.ttf
var fontItalic []byte

// The page: A4 landscape, in mm. The left edge is bound.
const (
	pageWidth    = 297.0
	pageHeight   = 210.0
	marginLeft   = 20.0
	marginRight  = 10.0
	marginTop    = 14.0
	marginBottom = 16.0
	tableWidth   = pageWidth - marginLeft - marginRight
)

// The type: points and mm. Vietnamese capitals carry two marks, so lines stand wider than usual.
const (
	bodySize   = 10.0
	headSize   = 10.0
	bodyLine   = 4.6
	cellMargin = 1.0 // left and right of the words of a cell
	rowMargin  = 1.6 // above and below the words of a row together
	point      = 25.4 / 72
)

const family = "liberation"

// PDF writes a table as A4 landscape pages: the cover, then the table with its head repeated on every page and the pages counted. Words are
// embedded so that they can be searched and copied. A row is never parted unless it is taller than a page; then it says so.
func PDF(w io.Writer, t Table) error {
	d := newDrawing(t)
	if t.Cover != nil {
		d.cover(*t.Cover)
	}
	d.table()
	if err := d.pdf.Output(w); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// drawing is a document being drawn.
type drawing struct {
	pdf    *fpdf.Fpdf
	t      Table
	widths []float64 // of the columns, filling the page
}

// newDocument is an empty A4 document with our fonts, whose bytes follow from what is put into it. Orientation is P or L.
func newDocument(orientation, name string, at time.Time) *fpdf.Fpdf {
	pdf := fpdf.New(orientation, "mm", "A4", "")
	pdf.SetCatalogSort(true)
	made := documentTime(at).UTC()
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetTitle(clean(name), true)
	pdf.SetCreator("Giao Liên", true)
	pdf.SetLang("vi-VN")
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(family, "", fontRegular)
	pdf.AddUTF8FontFromBytes(family, "B", fontBold)
	pdf.AddUTF8FontFromBytes(family, "I", fontItalic)
	return pdf
}

func newDrawing(t Table) *drawing {
	pdf := newDocument("L", t.Name, t.Made)
	pdf.SetMargins(marginLeft, marginTop, marginRight)
	pdf.SetLineWidth(0.2)
	d := &drawing{pdf: pdf, t: t, widths: make([]float64, len(t.Columns))}
	sum := 0.0
	for _, c := range t.Columns {
		sum += c.Width
	}
	for i, c := range t.Columns {
		d.widths[i] = c.Width * tableWidth / sum
	}
	return d
}

// measure gives the widths of a font in mm, once for each letter.
func (d *drawing) measure(style string, size float64) measure {
	known := map[rune]float64{}
	return func(r rune) float64 {
		w, ok := known[r]
		if !ok {
			d.pdf.SetFont(family, style, size)
			w = d.pdf.GetStringWidth(string(r))
			known[r] = w
		}
		return w
	}
}

// centred writes a line in the middle of the page or of a part of it; y is its base line.
func (d *drawing) centred(style string, size, left, width, y float64, text string) {
	d.pdf.SetFont(family, style, size)
	d.pdf.Text(left+(width-d.pdf.GetStringWidth(text))/2, y, text)
}

// paragraph writes centred lines that fit, and gives the base line below the last.
func (d *drawing) paragraph(style string, size, left, width, y float64, text string) float64 {
	step := size * point * 1.35
	for _, line := range wrap(clean(text), width, d.measure(style, size)) {
		d.centred(style, size, left, width, y, line)
		y += step
	}
	return y
}

// page begins a page. fpdf sets font and colours again by itself.
func (d *drawing) page() { d.pdf.AddPage() }

// foot writes the foot of a page: what document it belongs to and its number, which nothing may cover.
func (d *drawing) foot(n, of int) {
	const size = 9.0
	y := pageHeight - marginBottom + 8
	text := fmt.Sprintf("Trang %d/%d", n, of)
	d.pdf.SetFont(family, "", size)
	width := d.pdf.GetStringWidth(text)
	for i, line := range d.footLines(tableWidth-width-10, size) {
		d.pdf.SetFont(family, "", size)
		d.pdf.Text(marginLeft, y+float64(i)*size*point*1.2, line)
	}
	d.pdf.Text(pageWidth-marginRight-width, y, text)
}

// footLines are the name of the document and before it that of the agency, where two lines hold both.
func (d *drawing) footLines(width, size float64) []string {
	m := d.measure("", size)
	name, c := d.t.Name, d.t.Cover
	if c != nil && c.Year != 0 {
		name = fmt.Sprintf("%s năm %d", name, c.Year)
	}
	if c != nil {
		if both := wrap(clean(c.Agency+" – "+name), width, m); len(both) <= 2 {
			return both
		}
	}
	lines := wrap(clean(name), width, m)
	return lines[:min(len(lines), 2)]
}

// linesOn is how many lines of the body fit into a height.
func linesOn(height float64) float64 { return math.Floor(height/bodyLine*1e6) / 1e6 }
