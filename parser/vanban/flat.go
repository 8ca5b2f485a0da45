package vanban

// splitFlat cuts the head of a document out of lines that hold all of it: readers of web pages and of mail put no line end between the date,
// the title and the first sentence. A date of the letterhead ends a line; a title in capitals behind it is one of its own.
func splitFlat(in []cell) []cell {
	out := make([]cell, 0, len(in)+4)
	for i, c := range in {
		if i >= headCells || c.motto || c.text.len() > maxName {
			out = append(out, c)
			continue
		}
		end := flatDate(c.text)
		if end == 0 {
			out = append(out, c)
			continue
		}
		out = appendPart(out, c, 0, end, false)
		title := end + titleRun(c.text.from(end))
		out = appendPart(out, c, end, title, false)
		out = appendPart(out, c, title, c.text.len(), false)
	}
	return out
}

// flatDate gives the end of the place and date in a line that goes on with a title, or 0.
func flatDate(p phrase) int {
	start := afterLabelled(p)
	_, _, at, ok := findPlaceDate(p.from(start), 0)
	if !ok {
		return 0
	}
	at += start
	_, end, ok := dateAt(p, at)
	if !ok || end >= p.len() || p.f[end] != ' ' {
		return 0
	}
	rest := p.from(p.skip(end, " -*_."))
	if t, name, ok := typePrefix(rest); ok && t.Kind != Own && rest.slice(0, name).capitals() {
		return end
	}
	return 0
}

// afterLabelled gives the end of the first "Số: …" in the line, or 0.
func afterLabelled(p phrase) int {
	for i := range p.f {
		if at, ok := label(p, i); ok {
			if n, ok := numberAt(p, at, true); ok {
				return n.to
			}
		}
	}
	return 0
}

// titleRun gives the end of the words in capitals that a phrase begins with. Numbers and signs between them belong to them.
func titleRun(p phrase) int {
	end := 0
	for i := 0; i < p.len(); {
		if !letterByte(p.f[i]) {
			i++
			continue
		}
		word := firstWord(p.from(i))
		if _, lower := word.letters(); lower > 0 {
			break
		}
		i += word.len()
		for i < p.len() && !blankByte(p.f[i]) && !letterByte(p.f[i]) {
			i++
		}
		end = i
	}
	return end
}
