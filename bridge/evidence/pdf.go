package evidence

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxBoxes bounds what pdftotext may write: words with their places, a hundred bytes and more for each.
const maxBoxes = 32 << 20

// readPDF reads the first and last pages: by the text layer where it is good, else by OCR. What costs least comes first, so that as little
// as can be has been looked at when a mark of secrecy is seen.
func (r *Reader) readPDF(ctx context.Context, j *job) error {
	for _, step := range []func(context.Context, *job) error{r.layers, r.sign, r.look} {
		if err := step(ctx, j); err != nil || j.Secret != "" {
			return err
		}
	}
	return nil
}

// layers reads the text layer of the first and last pages.
func (r *Reader) layers(ctx context.Context, j *job) error {
	layer := r.tool(pdftotext)
	if !layer.Usable {
		j.trouble(NoTool)
		return nil
	}
	// One page more than wanted shows whether there are others, so that a short document needs one run only.
	most := r.options.First + r.options.Last
	pages, err := r.layer(ctx, j, layer, 1, most+1)
	if err != nil || j.Problem != "" && len(pages) == 0 {
		return err
	}
	if len(pages) == 0 {
		j.trouble(Damaged)
		return nil
	}
	j.used(layer, fmt.Sprintf("bbox-layout first=%d last=%d order=%d", r.options.First, r.options.Last, orderVersion))
	if len(pages) <= most {
		j.PageCount = len(pages)
		r.keep(j, pages)
		return nil
	}
	r.keep(j, pages[:r.options.First])
	if j.Secret != "" {
		return nil
	}
	pages, err = r.lastPages(ctx, j, layer)
	r.keep(j, pages)
	return err
}

// keep takes pages as they were read into the result.
func (r *Reader) keep(j *job, pages []page) {
	for _, p := range pages {
		j.Truncated = j.Truncated || p.words > maxWords
		words := pieces(p.lines)
		j.decode(words)
		text := clean(arrange(words, p.height), r.options.Text)
		j.see(text)
		j.Pages = append(j.Pages, PageText{Number: p.number, Text: text, Method: TextLayer, Confidence: 1})
	}
}

// decode reads the letters of old fonts (TCVN3, VNI), which a text layer gives back as they are numbered, not as they look. It is done
// before the pieces are put in order, since the order is found by words.
func (j *job) decode(pieces []placed) {
	all := make([]string, len(pieces))
	for i, p := range pieces {
		all[i] = strings.ReplaceAll(p.text, "\n", " ")
	}
	read := charset.Read("", []byte(strings.Join(all, "\n")), j.Charset)
	texts := strings.Split(read.Text, "\n")
	if !read.Guessed() || len(texts) != len(pieces) {
		return
	}
	j.Charset = read.Charset
	for i := range pieces {
		pieces[i].text = texts[i]
	}
}

// lastPages counts the pages and reads the last ones behind the first.
func (r *Reader) lastPages(ctx context.Context, j *job, layer Program) ([]page, error) {
	j.Truncated = true
	n, err := r.count(ctx, j)
	if err != nil || n == 0 {
		return nil, err
	}
	j.PageCount = n
	if r.options.Last == 0 {
		return nil, nil
	}
	return r.layer(ctx, j, layer, max(n-r.options.Last+1, r.options.First+1), n)
}

// layer reads the text layer of some pages, as words with their places.
func (r *Reader) layer(ctx context.Context, j *job, t Program, from, to int) ([]page, error) {
	out := &bounded{left: maxBoxes}
	end, err := r.use(ctx, r.task(t, "-bbox-layout", "-f", strconv.Itoa(from), "-l", strconv.Itoa(to), "-", "-"), j.input, out)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", t.Name, err)
	}
	if !j.judge(end) && out.String() == "" {
		return nil, nil
	}
	return readBoxes(out.String(), from), nil
}

var pagesForm = regexp.MustCompile(`(?m)^Pages:\s+(\d{1,9})$`)

// count asks for the number of pages; 0 when it cannot be told.
func (r *Reader) count(ctx context.Context, j *job) (int, error) {
	t := r.tool(pdfinfo)
	if !t.Usable {
		j.trouble(NoTool)
		return 0, nil
	}
	out := &bounded{left: 64 << 10}
	end, err := r.use(ctx, r.task(t, "-"), j.input, out)
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", t.Name, err)
	}
	if !j.judge(end) {
		return 0, nil
	}
	m := pagesForm.FindStringSubmatch(out.String())
	if m == nil {
		j.trouble(Damaged)
		return 0, nil
	}
	return strconv.Atoi(m[1])
}

// page is a page as lines of words.
type page struct {
	number        int
	width, height float64
	lines         []line
	words         int
}

// maxWords is more than a page can hold; the rest is left out, so that a page without end costs no more than one with.
const maxWords = 20000

// add takes a word into the page's last line; false when it has enough.
func (p *page) add(w placed) bool {
	if p.words++; p.words > maxWords || len(p.lines) == 0 {
		return false
	}
	last := len(p.lines) - 1
	p.lines[last] = append(p.lines[last], w)
	return true
}

// readBoxes reads what pdftotext -bbox-layout writes: XHTML with one element a line. It reads line by line and passes over what it does not
// know, since a document's own words stand in it.
func readBoxes(out string, number int) []page {
	var pages []page
	for text := range strings.Lines(out) {
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(text, "<page "):
			pages = append(pages, page{number: number, width: attribute(text, "width"), height: attribute(text, "height")})
			number++
		case len(pages) == 0:
		case strings.HasPrefix(text, "<line "):
			p := &pages[len(pages)-1]
			p.lines = append(p.lines, nil)
		case strings.HasPrefix(text, "<word "):
			_, word, _ := strings.Cut(text, ">")
			pages[len(pages)-1].add(placed{text: html.UnescapeString(strings.TrimSuffix(word, "</word>")), box: box{
				attribute(text, "xMin"), attribute(text, "yMin"), attribute(text, "xMax"), attribute(text, "yMax")}})
		}
	}
	return pages
}

// attribute reads a number out of an element; 0 when it is not there.
func attribute(element, name string) float64 {
	element, _, _ = strings.Cut(element, ">")
	_, value, ok := strings.Cut(element, " "+name+`="`)
	if !ok {
		return 0
	}
	value, _, _ = strings.Cut(value, `"`)
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f != f || f > 1e6 || f < -1e6 {
		return 0
	}
	return f
}
