package evidence

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// box is a rectangle on a page, y downwards, in points or pixels.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) height() float64 { return b.y1 - b.y0 }
func (b box) middle() float64 { return (b.y0 + b.y1) / 2 }

func (b box) with(o box) box {
	return box{min(b.x0, o.x0), min(b.y0, o.y0), max(b.x1, o.x1), max(b.y1, o.y1)}
}

// placed is a word, or a piece of a line, with its place on the page.
type placed struct {
	box
	text string
}

// line is a line of words as the tool that found them saw it; columns that stand side by side may be in one.
type line []placed

// Blanks between words and between columns, in heights of the line. Justified text rarely has wider ones than columnGap.
const (
	columnGap = 1.2
	tableGap  = 2.5
)

// arrange writes the pieces of a page in reading order. The head of a Vietnamese document has two columns (agency and number left, quốc hiệu
// and date right: NĐ 30/2020, Phụ lục I, II), and so has its end (Nơi nhận left, signer right); each is written column by column. Elsewhere
// what stands side by side stays in one line, with a tabulator between. Where lines are set further apart than the page's are, a blank line
// is written: it parts the trích yếu from the text.
func arrange(pieces []placed, height float64) string {
	rows := toRows(pieces)
	usual := usualGap(rows)
	var b strings.Builder
	for i := 0; i < len(rows); {
		n := 1
		if run := columns(rows[i:]); run.end > 0 && (run.both > 1 && rows[i][0].y0 < height*headShare && b.Len() < headText || signed(rows[i:i+run.end])) {
			n = run.end
			run.write(&b, rows[i:i+n])
		} else {
			writeRow(&b, rows[i])
		}
		i += n
		if i < len(rows) && gap(rows[i-1], rows[i]) > usual+wideGap*rows[i][0].height() {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// wideGap is how much wider than usual, in heights of the line, the blank between two lines is that parts paragraphs.
const wideGap = 0.3

// gap is the blank between two rows.
func gap(above, below []placed) float64 {
	low := math.Inf(-1)
	for _, p := range above {
		low = max(low, p.y1)
	}
	return below[0].y0 - low
}

// usualGap is the blank between rows of a page that a quarter of them are within: a page of many short paragraphs has as many wide ones.
func usualGap(rows [][]placed) float64 {
	if len(rows) < 2 {
		return 0
	}
	gaps := make([]float64, 0, len(rows))
	for i := 1; i < len(rows); i++ {
		gaps = append(gaps, gap(rows[i-1], rows[i]))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/4]
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// headText is how many bytes at most are written before the head begins: stamps, a line of the mail program's.
const headText = 600

// headShare is the part of a page, from its top, in which a head begins.
const headShare = 0.3

// orderVersion counts the changes of arrange: what it made of the same words is part of the evidence.
const orderVersion = 1

// pieces cuts lines where columns may part, and drops what is empty or only dirt on the paper.
func pieces(lines []line) []placed {
	slope := slope(lines)
	var out []placed
	for _, l := range lines {
		var words line
		for _, w := range l {
			if w.text = strings.Trim(w.text, dirt); w.text != "" {
				words = append(words, w)
			}
		}
		if len(words) == 0 {
			continue
		}
		slices.SortStableFunc(words, func(a, b placed) int { return cmp.Compare(a.x0, b.x0) })
		straighten(words, slope)
		piece, em := words[0], max(1, words[0].height())
		for _, w := range words[1:] {
			blank := w.x0 - piece.x1
			switch {
			case blank > columnGap*em:
				out = append(out, piece)
				piece = w
				continue
			case blank > tightGap*em:
				piece.text += " "
			}
			piece.text += w.text
			piece.box = piece.with(w.box)
		}
		out = append(out, piece)
	}
	return out
}

// slope is how much the lines of a crooked scan fall per unit of width: the median of the long ones.
func slope(lines []line) float64 {
	var slopes []float64
	for _, l := range lines {
		if len(l) < 4 {
			continue
		}
		first, last := l[0], l[len(l)-1]
		if width := last.middleX() - first.middleX(); width > 10*first.height() && width > 10*last.height() {
			slopes = append(slopes, (last.y1-first.y1)/width)
		}
	}
	if len(slopes) < 3 {
		return 0
	}
	return median(slopes)
}

// straighten moves the words of a line as if it did not fall, and gives all of them its height: a dash has its own, and is in line all the
// same.
func straighten(words []placed, slope float64) {
	top, bottom := make([]float64, 0, len(words)), make([]float64, 0, len(words))
	tallest := 0.0
	for _, w := range words {
		tallest = max(tallest, w.height())
	}
	for i := range words {
		w := &words[i]
		if w.height() > tallest/2 {
			top, bottom = append(top, w.y0-slope*w.middleX()), append(bottom, w.y1-slope*w.middleX())
		}
	}
	if len(top) == 0 { // without a height, as a lie about the page may have it
		return
	}
	y0, y1 := median(top), median(bottom)
	for i := range words {
		words[i].y0, words[i].y1 = y0, y1
	}
}

// dirt is what specks and rules on the paper are taken for, and no word begins or ends with.
const dirt = " _|~`¬¦"

// tightGap is a blank that is none: letters of one word in two fonts, which makers of PDFs set apart by a hair.
const tightGap = 0.06

// toRows groups pieces that stand beside each other, from top to bottom, each from left to right.
func toRows(in []placed) [][]placed {
	slices.SortStableFunc(in, func(a, b placed) int { return cmp.Compare(a.middle(), b.middle()) })
	var rows [][]placed
	for _, p := range in {
		if n := len(rows); n > 0 && beside(rows[n-1], p) {
			rows[n-1] = append(rows[n-1], p)
			continue
		}
		rows = append(rows, []placed{p})
	}
	for _, r := range rows {
		slices.SortStableFunc(r, func(a, b placed) int { return cmp.Compare(a.x0, b.x0) })
	}
	return rows
}

// Bounds that no honest page comes near: pieces in a row, rows of a head or an end.
const (
	maxRow  = 100
	maxRows = 80
)

// beside says whether p stands in the row: at its height, and not over or under one of its pieces.
func beside(row []placed, p placed) bool {
	if len(row) >= maxRow {
		return false
	}
	for _, q := range row {
		if math.Abs(q.middle()-p.middle()) > 0.45*min(q.height(), p.height()) || min(q.x1, p.x1)-max(q.x0, p.x0) > 0.1*p.height() {
			return false
		}
	}
	return true
}

func writeRow(b *strings.Builder, row []placed) {
	for i, p := range row {
		if i > 0 {
			if p.x0-row[i-1].x1 > tableGap*max(1, min(p.height(), row[i-1].height())) {
				b.WriteByte('\t')
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(p.text)
	}
	b.WriteByte('\n')
}

// run is a number of rows in two columns, and the blank strip between them.
type run struct {
	end    int     // rows
	both   int     // of them with a piece in either column
	lo, hi float64 // the strip
}

// columns finds how many of the rows, from the first on, stand in two columns; none when the first does not. A column may go on alone as
// long as its lines follow closely.
func columns(rows [][]placed) run {
	var r run
	for i, row := range rows[:min(len(rows), maxRows)] {
		next, two, ok := r.take(row)
		if !ok || !two && (i == 0 || !follows(rows[i-1], row, next)) {
			break
		}
		if r = next; two {
			r.both++
		}
		r.end = i + 1
	}
	return r
}

// take narrows the strip by one more row; false when a piece lies across it. The first row's widest blank is the strip.
func (r run) take(row []placed) (next run, two, ok bool) {
	if r.end == 0 {
		widest := 0.0
		for i := 1; i < len(row); i++ {
			if blank := row[i].x0 - row[i-1].x1; blank > widest {
				widest, r.lo, r.hi = blank, row[i-1].x1, row[i].x0
			}
		}
		return r, widest > 0, true
	}
	left, right := false, false
	for _, p := range row {
		if r.left(p) {
			r.lo, left = max(r.lo, p.x1), true
		} else {
			r.hi, right = min(r.hi, p.x0), true
		}
	}
	return r, left && right, r.lo < r.hi
}

// left says in which column a piece is.
func (r run) left(p placed) bool { return p.middleX() < (r.lo+r.hi)/2 }

func (b box) middleX() float64 { return (b.x0 + b.x1) / 2 }

// follows says whether a row of one column goes on with the columns above it: close below, and not the opening of the text.
func follows(above, row []placed, r run) bool {
	if !r.left(row[0]) {
		return true // what goes on at the right is written last anyhow
	}
	return gap(above, row) < 0.7*row[0].height() && !strings.HasPrefix(row[0].text, "Kính")
}

// signed says whether the rows are the end of a document.
func signed(rows [][]placed) bool {
	for _, row := range rows {
		for _, p := range row {
			if strings.HasPrefix(p.text, "Nơi nhận") {
				return true
			}
		}
	}
	return false
}

// write writes the left column and then the right one.
func (r run) write(b *strings.Builder, rows [][]placed) {
	for _, left := range []bool{true, false} {
		for _, row := range rows {
			part := slices.DeleteFunc(slices.Clone(row), func(p placed) bool { return r.left(p) != left })
			if len(part) > 0 {
				writeRow(b, part)
			}
		}
	}
}
