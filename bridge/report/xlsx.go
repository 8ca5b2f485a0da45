package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// XLSX writes a table as a workbook: the table with a head that stays in sight and is printed on each page, and a sheet with what a cover
// says. Cells with words are typed as text, so that none is a formula, whatever it begins with; numbers and days are typed as such.
//
// Sheets above 16 MB spill into a temporary file, which only its owner can read and which is gone when XLSX returns.
func XLSX(w io.Writer, t Table) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closed := f.Close(); err == nil && closed != nil {
			err = fmt.Errorf("close workbook: %w", closed)
		}
	}()
	b := book{f: f, t: t, sheet: cmp.Or(t.Sheet, "Sổ"), beside: cmp.Or(t.Beside, "Bìa sổ")}
	for _, step := range []struct {
		name string
		do   func() error
	}{{"styles", b.styles}, {"page", b.page}, {"rows", b.rows}, {"cover", b.cover}, {"properties", b.properties}} {
		if err := step.do(); err != nil {
			return fmt.Errorf("write workbook: %s: %w", step.name, err)
		}
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}

// book is a workbook being written.
type book struct {
	f      *excelize.File
	t      Table
	sheet  string
	beside string
	head   int
	style  map[cellStyle]int
}

// cellStyle is what cells differ in.
type cellStyle struct {
	day, centred, marked bool
	tone                 Tone
}

func (b *book) styles() error {
	if err := b.f.SetSheetName("Sheet1", b.sheet); err != nil {
		return err
	}
	if err := b.f.SetDefaultFont("Times New Roman"); err != nil { // its digits are what widths of columns count
		return err
	}
	border := []excelize.Border{{Type: "left", Color: "000000", Style: 1}, {Type: "right", Color: "000000", Style: 1}, {Type: "top", Color: "000000", Style: 1}, {Type: "bottom", Color: "000000", Style: 1}}
	font := func(s cellStyle) *excelize.Font {
		return &excelize.Font{Family: "Times New Roman", Size: sheetSize, Italic: s.tone == Void, Bold: s.tone == Sum, Strike: s.tone == Struck}
	}
	var err error
	b.head, err = b.f.NewStyle(&excelize.Style{Border: border, Font: &excelize.Font{Family: "Times New Roman", Size: sheetSize, Bold: true},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}})
	if err != nil {
		return err
	}
	b.style = map[cellStyle]int{}
	for i := range 32 {
		s := cellStyle{day: i&1 > 0, centred: i&2 > 0, marked: i&4 > 0, tone: Tone(i / 8)}
		style := excelize.Style{Border: border, Font: font(s), Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: 49} // 49: text
		if s.centred {
			style.Alignment.Horizontal = "center"
			style.NumFmt = 0
		}
		if s.day {
			format := "dd/mm/yyyy"
			style.NumFmt, style.CustomNumFmt = 0, &format
		}
		if s.marked {
			style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF66"}}
		}
		if b.style[s], err = b.f.NewStyle(&style); err != nil {
			return err
		}
	}
	return nil
}

// Sizes on the sheet: spreadsheet programs count the width of a column in digits of their own face, here in mm, and don't all make rows
// as high as their words when a file says nothing, so heights are set: letters in points, a line in points, and how much of a column's
// width may be counted on.
const (
	digitWidth = 1.9
	sheetSize  = 11
	sheetLine  = 14.5
	sheetSlack = 0.95
)

// headRows is the head of a table: the names of the columns and their numbers, as the printed form has them.
const headRows = 2

func (b *book) rows() error {
	w, err := b.f.NewStreamWriter(b.sheet)
	if err != nil {
		return err
	}
	for i, c := range b.t.Columns {
		if err := w.SetColWidth(i+1, i+1, c.Width/digitWidth); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: headRows, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	names, numbers := make([]any, len(b.t.Columns)), make([]any, len(b.t.Columns))
	for i, c := range b.t.Columns {
		names[i], numbers[i] = excelize.Cell{StyleID: b.head, Value: c.Head}, excelize.Cell{StyleID: b.head, Value: i + 1}
		if c.Sub != "" {
			numbers[i] = excelize.Cell{StyleID: b.head, Value: c.Sub}
		}
	}
	if err := w.SetRow("A1", names, excelize.RowOpts{Height: b.headHeight()}); err != nil {
		return err
	}
	sub := 1.25 * sheetLine
	if len(b.t.Columns) > 0 && b.t.Columns[0].Sub != "" {
		sub = 3.25 * sheetLine
	}
	if err := w.SetRow("A2", numbers, excelize.RowOpts{Height: sub}); err != nil {
		return err
	}
	line := make([]any, len(b.t.Columns))
	m := newDrawing(b.t).measure("", sheetSize)
	for n, r := range b.t.Rows {
		lines := 1
		for i, c := range b.t.Columns {
			line[i] = b.cell(c, r, i)
			lines = max(lines, len(wrap(clean(r.Cells[i]), c.Width*sheetSlack, m)))
		}
		height := excelize.RowOpts{Height: min(float64(lines)*sheetLine+sheetLine/4, excelize.MaxRowHeight)}
		if err := w.SetRow("A"+strconv.Itoa(n+1+headRows), line, height); err != nil {
			return err
		}
	}
	return w.Flush()
}

// headHeight is what the names of the columns need, in points.
func (b *book) headHeight() float64 {
	m := newDrawing(b.t).measure("B", sheetSize)
	lines := 0
	for _, c := range b.t.Columns {
		lines = max(lines, len(wrap(clean(c.Head), c.Width*sheetSlack, m)))
	}
	return max(2.5, float64(lines)+0.5) * sheetLine
}

// maxCell is how many characters a cell holds; the writer would cut the rest without a word. overflow ends a cell that does not hold all.
const (
	maxCell  = excelize.TotalCellChars
	overflow = " […còn %d ký tự, xem bản CSV]"
)

func (b *book) cell(c Column, r Row, i int) excelize.Cell {
	text := clean(r.Cells[i])
	s := cellStyle{tone: r.Tone, marked: r.Marked != nil && r.Marked[i]}
	if r.Tone == Struck && !c.Struck {
		s.tone = Plain
	}
	if text == "" {
		return excelize.Cell{StyleID: b.style[s]}
	}
	switch c.Type {
	case Number:
		if n, err := strconv.Atoi(text); err == nil {
			s.centred = true
			return excelize.Cell{StyleID: b.style[s], Value: n}
		}
	case Day:
		if day, err := time.Parse("02/01/2006", text); err == nil && day.Year() > 1900 { // before, spreadsheet programs know no days
			s.centred, s.day = true, true
			return excelize.Cell{StyleID: b.style[s], Value: day}
		}
	}
	if letters := []rune(text); len(letters) > maxCell {
		s.marked = true
		rest := len(letters) - (maxCell - len([]rune(overflow)) - 10)
		text = string(letters[:len(letters)-rest]) + fmt.Sprintf(overflow, rest)
	}
	return excelize.Cell{StyleID: b.style[s], Value: text}
}

func (b *book) page() error {
	landscape, a4, fit, height := "landscape", 9, 1, 0
	if err := b.f.SetPageLayout(b.sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &fit, FitToHeight: &height}); err != nil {
		return err
	}
	yes, inch := true, 25.4
	if err := b.f.SetSheetProps(b.sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	left, right, top, bottom := marginLeft/inch, marginRight/inch, marginTop/inch, marginBottom/inch
	if err := b.f.SetPageMargins(b.sheet, &excelize.PageLayoutMarginsOptions{Left: &left, Right: &right, Top: &top, Bottom: &bottom}); err != nil {
		return err
	}
	if err := b.f.SetHeaderFooter(b.sheet, &excelize.HeaderFooterOptions{OddFooter: "&R&\"Times New Roman,Regular\"&9Trang &P/&N"}); err != nil {
		return err
	}
	return b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: b.sheet, RefersTo: fmt.Sprintf("'%s'!$1:$%d", b.sheet, headRows)})
}

// cover puts what a cover and the lines below the last row say on a sheet of its own.
func (b *book) cover() error {
	if _, err := b.f.NewSheet(b.beside); err != nil {
		return err
	}
	lines := append([]string{}, b.t.Heading...)
	if b.t.Cover != nil {
		lines = coverLines(*b.t.Cover)
	}
	wrapped, err := b.f.NewStyle(&excelize.Style{Font: &excelize.Font{Family: "Times New Roman", Size: sheetSize}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: 49})
	if err != nil {
		return err
	}
	m := newDrawing(b.t).measure("", sheetSize)
	for i, line := range append(lines, b.t.Closing...) {
		cell := "A" + strconv.Itoa(i+1)
		if err := b.f.SetCellStr(b.beside, cell, clean(line)); err != nil {
			return err
		}
		if err := b.f.SetCellStyle(b.beside, cell, cell, wrapped); err != nil {
			return err
		}
		height := float64(max(1, len(wrap(clean(line), besideWidth*digitWidth*sheetSlack, m)))) * sheetLine
		if err := b.f.SetRowHeight(b.beside, i+1, min(height, excelize.MaxRowHeight)); err != nil {
			return err
		}
	}
	return b.f.SetColWidth(b.beside, "A", "A", besideWidth)
}

// besideWidth is how wide the sheet beside the rows is, in digits: a portrait page.
const besideWidth = 90

func (b *book) properties() error {
	made := documentTime(b.t.Made).UTC().Format(time.RFC3339)
	return b.f.SetDocProps(&excelize.DocProperties{Title: clean(b.t.Name), Creator: "Giao Liên", LastModifiedBy: "Giao Liên", Created: made, Modified: made, Language: "vi-VN"})
}

// documentTime is when a document says it was made. Without an instant it is 1970, since writers put the clock's time in place of none.
func documentTime(made time.Time) time.Time {
	if made.IsZero() {
		return time.Unix(0, 0)
	}
	return made
}
