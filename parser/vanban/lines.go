package vanban

// cell is one line of text, or one cell of a line that holds several columns.
type cell struct {
	text  phrase // trimmed
	gap   bool   // a blank line, a cell's border or a rule stands before it
	rule  bool   // and it was a border or a rule, not just a blank line
	motto bool   // quốc hiệu, tiêu ngữ or their place in Party documents
	at    int    // of the first rune in the whole text
}

// wideBlank is how many blanks part two columns that were flattened into one line.
const wideBlank = 4

// cells splits a text at line ends, at | (tables flattened by converters) and at wide blanks, and leaves out what is empty.
func cells(p phrase) []cell {
	out := make([]cell, 0, 64)
	gap, rule := true, true
	start := 0
	flush := func(end int, border bool) {
		i, j := start, end
		for i < j && p.f[i] == ' ' {
			i++
		}
		for j > i && p.f[j-1] == ' ' {
			j--
		}
		switch {
		case i == j:
			gap = true
		case isRule(p.slice(i, j)):
			gap, rule = true, true
		default:
			out = append(out, cell{text: p.slice(i, j), gap: gap, rule: rule, at: i})
			gap, rule = false, false
		}
		gap, rule = gap || border, rule || border
		start = end + 1
	}
	for i := 0; i < len(p.f); i++ {
		switch p.f[i] {
		case '\n':
			flush(i, false)
		case '|':
			flush(i, true)
		case ' ':
			j := i
			tab := false
			for j < len(p.f) && p.f[j] == ' ' {
				tab = tab || p.r[j] == '\t'
				j++
			}
			if i > start && j < len(p.f) && p.f[j] != '\n' && (tab || j-i >= wideBlank) && splits(p, start, i, j) {
				flush(i, true)
			}
			i = j - 1
		}
	}
	flush(len(p.f), false)
	return out
}

// splits says whether wide blanks between i and j part columns. They don't where the number of a draft is left blank ("Số:     /QĐ-UBND"),
// nor after a comma ("Hà Nội,     ngày …") or between the parts of a blank date.
func splits(p phrase, start, i, j int) bool {
	switch p.f[i-1] {
	case ',':
		return false
	case ':':
		if digitByte(p.f[j]) {
			return false
		}
	}
	if p.f[j] == '/' || p.f[j] == '-' && p.at(j+1) != ' ' {
		return false
	}
	rest := p.from(j)
	return !rest.has("thang") && !rest.has("nam ") && !(digitByte(p.f[j]) && p.slice(start, i).len() <= 6)
}

// isRule says whether a line is only drawn: dashes, stars, underscores.
func isRule(p phrase) bool {
	for _, c := range p.f {
		if c != '-' && c != '*' && c != '_' && c != '=' && c != ' ' && c != '.' && c != otherSign && c != '~' {
			return false
		}
	}
	return true
}
