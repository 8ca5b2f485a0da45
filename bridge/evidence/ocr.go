package evidence

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// How pictures are made and read. A page's longer side gets longSide dots: 200 dpi on A4, and never more, however large the page claims to
// be. The segmentation mode is tesseract's; see TestOCR for what others gave.
const (
	longSide = 2339
	dpi      = 200
	psm      = 3
	headPSM  = 4 // of a first page whose number the usual mode did not find: heads of two columns whose lines do not stand level run together
	maxTSV   = 8 << 20
)

// look reads by OCR the pages whose text layer is missing or bad, as far as the budget goes.
func (r *Reader) look(ctx context.Context, j *job) error {
	looked := 0
	for i := range j.Pages {
		p := &j.Pages[i]
		if good(p.Text) {
			continue
		}
		if !r.OCR() || !r.tool(pdftoppm).Usable {
			if letterCount(p.Text) == 0 {
				p.Method, p.Confidence = "", 0
			}
			j.trouble(NoOCR)
			continue
		}
		if looked++; looked > r.options.OCRPages {
			j.Truncated = true
			continue
		}
		if err := r.lookAt(ctx, j, p); err != nil || j.Secret != "" {
			return err
		}
	}
	return nil
}

// lookAt makes a picture of one page and reads it.
func (r *Reader) lookAt(ctx context.Context, j *job, p *PageText) error {
	drawn, picture, err := unnamed(r.options.Dir)
	if err != nil {
		return err
	}
	defer func() { _, _ = drawn.Close(), picture.Close() }() // without a name: nothing is to be saved
	t, n := r.tool(pdftoppm), strconv.Itoa(p.Number)
	end, err := r.use(ctx, r.task(t, "-f", n, "-l", n, "-gray", "-scale-to", strconv.Itoa(longSide), "-"), j.input, drawn)
	if err != nil {
		return fmt.Errorf("run %s: %w", t.Name, err)
	}
	if !j.judge(end) || end.deadline {
		return nil
	}
	read, err := r.recognise(ctx, j, picture, p.Number == 1)
	if err != nil || len(read) == 0 {
		return err
	}
	if text := read[0]; letterCount(text.Text) > letterCount(p.Text) || !plausible(p.Text) && letterCount(text.Text) > 0 {
		text.Number, text.Layer = p.Number, p.Text
		*p = text
	}
	return nil
}

// readPicture reads a file that is one picture.
func (r *Reader) readPicture(ctx context.Context, j *job) error {
	if !r.OCR() {
		j.trouble(NoOCR)
		return nil
	}
	j.PageCount = 1
	read, err := r.recognise(ctx, j, j.input, true)
	j.Pages = read
	return err
}

// readTIFF reads the first and last pictures of a file that can hold many.
func (r *Reader) readTIFF(ctx context.Context, j *job) error {
	if !r.OCR() {
		j.trouble(NoOCR)
		return nil
	}
	j.PageCount = tiffPages(j.input)
	if j.PageCount == 0 {
		j.trouble(Damaged)
		return nil
	}
	for n := range j.PageCount {
		if n >= r.options.First && n < j.PageCount-r.options.Last || len(j.Pages) >= r.options.OCRPages {
			j.Truncated = true
			continue
		}
		read, err := r.recognise(ctx, j, j.input, n == 0, "-c", "tessedit_page_number="+strconv.Itoa(n))
		if err != nil || j.Secret != "" {
			return err
		}
		for _, p := range read {
			p.Number = n + 1
			j.Pages = append(j.Pages, p)
		}
	}
	return nil
}

// recognise reads the pages of a picture by tesseract. One that begins a document and shows no number is looked at once more in another way,
// and taken as it then reads when that shows one.
func (r *Reader) recognise(ctx context.Context, j *job, picture *os.File, begins bool, more ...string) ([]PageText, error) {
	pages, err := r.segment(ctx, j, picture, psm, more)
	if err != nil || j.Secret != "" || !begins || len(pages) == 0 || numbered(pages[0]) {
		return pages, err
	}
	again, err := r.segment(ctx, j, picture, headPSM, more)
	if err != nil || len(again) == 0 || !numbered(again[0]) {
		return pages, err
	}
	pages[0] = again[0]
	return pages, nil
}

func numbered(p PageText) bool { return vanban.ReadText(p.Text).So != "" }

// segment reads the pages of a picture in one of tesseract's ways to tell columns and lines.
func (r *Reader) segment(ctx context.Context, j *job, picture *os.File, psm int, more []string) ([]PageText, error) {
	t := r.tool(tesseract)
	args := append([]string{"stdin", "stdout", "-l", r.options.Language, "--psm", strconv.Itoa(psm), "--dpi", strconv.Itoa(dpi)}, more...)
	out := &bounded{left: maxTSV}
	end, err := r.use(ctx, r.task(t, append(args, "tsv")...), picture, out)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", t.Name, err)
	}
	j.used(t, fmt.Sprintf("lang=%s psm=%d long-side=%d order=%d", r.options.Language, psm, longSide, orderVersion))
	if !j.judge(end) {
		return nil, nil
	}
	var pages []PageText
	for _, p := range readTSV(out.String()) {
		text := clean(arrange(pieces(p.lines), p.height), r.options.Text)
		j.see(text)
		pages = append(pages, PageText{Number: p.number, Text: text, Method: ByOCR, Confidence: p.confidence})
	}
	return pages, nil
}

// seenPage is a page as tesseract saw it.
type seenPage struct {
	page
	confidence float64
	most       float64 // that the confidence may be; 0: no bound
}

// Tesseract is sure of a digit that it misreads (97 of 07, by 91 %), and not of the label before it then (33 %). A page on which the label or
// the number is a guess, by tesseract's percentage, is believed so far that its number waits for a clerk (vanban.Sure).
const (
	sureWord   = 60
	weakNumber = 0.75
)

// readTSV reads tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. Level 1 is a page,
// 4 a line, 5 a word.
func readTSV(out string) []seenPage {
	var pages []seenPage
	var sum, words float64
	var before, beforeSure = "", 0.0 // the word before, on the same line
	for row := range strings.Lines(out) {
		f := strings.SplitN(strings.TrimRight(row, "\r\n"), "\t", 12)
		if len(f) < 11 {
			continue
		}
		var n [11]float64
		ok := true
		for i := range n {
			v, err := strconv.ParseFloat(f[i], 64)
			n[i], ok = v, ok && err == nil && v == v && v < 1e6 && v > -1e6
		}
		if !ok {
			continue // the heading
		}
		switch level := n[0]; {
		case level == 1:
			pages, sum, words = append(pages, seenPage{page: page{number: int(n[1]), width: n[8], height: n[9]}}), 0, 0
		case len(pages) == 0:
		case level == 4:
			p := &pages[len(pages)-1]
			p.lines = append(p.lines, nil)
			before = ""
		case level == 5 && len(f) == 12:
			p := &pages[len(pages)-1]
			if p.add(placed{text: f[11], box: box{n[6], n[7], n[6] + n[8], n[7] + n[9]}}) {
				sum, words = sum+n[10], words+1
				if digit := f[11] != "" && f[11][0] >= '0' && f[11][0] <= '9'; digit && min(beforeSure, n[10]) < sureWord && vanban.Fold(strings.TrimRight(before, ":.")) == "so" {
					p.most = weakNumber
				}
				before, beforeSure = f[11], n[10]
				p.confidence = max(0, min(1, sum/words/100, cmp.Or(p.most, 1)))
			}
		}
	}
	return pages
}
