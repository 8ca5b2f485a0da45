package report

// part is what of a row stands on one page: lines from to before to of each of its cells.
type part struct {
	row      int
	from, to int
}

// rounding is what sums of heights may be off by.
const rounding = 1e-6

// paginate lays rows of so many lines each on pages: first says how many lines fit on the first page, rest on each other, and every part
// of a row takes a margin of its own, counted in lines. A row goes to the next page as a whole; only one that is taller than a page is
// continued, and then fills the page that it begins on when a good part of it fits there. There is always a page, and every line stands on
// exactly one.
func paginate(rows []int, first, rest, margin float64) [][]part {
	pages := [][]part{nil}
	space, full := first, rest
	next := func() {
		pages = append(pages, nil)
		space = full
	}
	for i, lines := range rows {
		lines = max(lines, 1)
		need := float64(lines) + margin
		if need > space+rounding && (need <= full+rounding || space < full/3) && len(pages[len(pages)-1]) > 0 {
			next()
		}
		for from := 0; from < lines; {
			fit := min(lines-from, int(space-margin+rounding))
			if fit < 1 && len(pages[len(pages)-1]) > 0 {
				next()
				continue
			}
			fit = max(fit, 1)
			pages[len(pages)-1] = append(pages[len(pages)-1], part{row: i, from: from, to: from + fit})
			from += fit
			if space -= float64(fit) + margin; from < lines {
				next()
			}
		}
	}
	return pages
}
