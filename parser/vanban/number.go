package vanban

import "strings"

// number is a số ký hiệu as read: so and ky in normal form, printed joins them. A blank number (a draft) has no so.
type number struct {
	so, ky, printed string
	labelled        bool     // "Số" stood before it
	also            []string // further số with the same ký hiệu: 614, 615, 616-CV/VPTW
	from, to        int      // where it stands in the phrase
}

// maxDigits of a số: longer ones are telephone numbers, dates written together, tax codes.
const maxDigits = 6

// SplitNumber splits a số ký hiệu into số and ký hiệu: "28/2018/QĐ-TTg" gives "28" and "2018/QĐ-TTg". The số of a blank number is empty.
func SplitNumber(soHieu string) (so, kyHieu string) {
	s := strings.TrimSpace(soHieu)
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if rest := s[i:]; i > 0 && len(rest) > 3 && rest[0] == '.' && rest[3] == '/' {
		i += 3 // 66.15/2026/NQ-CP
	}
	if i > 0 && i+1 < len(s) && (s[i] >= 'a' && s[i] <= 'd') && (s[i+1] == '/' || s[i+1] == '-') {
		i++ // 12a/QĐ-UBND: a number squeezed in
	}
	return s[:i], strings.TrimLeft(s[i:], "/- .…_")
}

// label finds the word "Số" with its colon at i and gives where the number should begin.
func label(p phrase, i int) (int, bool) {
	if p.at(i) != 's' || wordByte(p.at(i-1)) {
		return 0, false
	}
	j := i + 1
	if p.at(j) == 'o' {
		if !strings.ContainsRune("ốOoÔôỐóÓ", p.r[j]) {
			return 0, false // sổ, so sánh with other marks
		}
		j++
	} else if k := p.skip(j, " "); p.at(k) != ':' {
		return 0, false // reading sometimes loses the o of "Số:", never the colon too
	}
	if wordByte(p.at(j)) && !digitByte(p.at(j)) {
		return 0, false
	}
	j = p.skip(j, " \n")
	if p.at(j) == ':' || p.at(j) == '.' && digitByte(p.at(j+1)) {
		j = p.skip(j+1, " \n")
	}
	return j, true
}

// numberAt reads a số ký hiệu that begins at i. With labelled, forms are accepted that could be anything without the word "Số" before
// them: a blank number, a blank or nothing in place of the slash, a dash and one word.
func numberAt(p phrase, i int, labelled bool) (number, bool) {
	j := i
	for digitByte(p.at(j)) {
		j++
	}
	if j == i {
		if labelled {
			return blankNumber(p, i)
		}
		return number{}, false
	}
	if j-i > maxDigits {
		return number{}, false
	}
	if c := p.at(j); c >= 'a' && c <= 'd' && (p.at(j+1) == '/' || p.at(j+1) == '-') {
		j++
	}
	if end := j + 3; p.at(j) == '.' && digitByte(p.at(j+1)) && digitByte(p.at(j+2)) && p.at(end) == '/' && isYear(p.slice(min(end+1, p.len()), min(end+5, p.len()))) {
		j = end // 66.15/2026/NQ-CP: a number under another number, in use since 2025
	}
	so := string(p.r[i:j])
	if labelled {
		if n, ok := series(p, i, j); ok {
			return n, true
		}
	}
	k := p.skip(j, " ")
	n := number{so: so, labelled: labelled, from: i}
	switch sep := p.at(k); {
	case sep == '/':
		return n.afterSlash(p, k+1)
	case sep == '-':
		return n.afterDash(p, k+1)
	case letterByte(sep) && k-j <= 2:
		return n.withoutSeparator(p, k, k > j)
	}
	return number{}, false
}

// maxSeries bounds how many numbers share one ký hiệu.
const maxSeries = 30

// series reads several số before one ký hiệu ("614, 615, 616-CV/VPTW", "12 và 13/UBND-VP"); the first is the document's.
func series(p phrase, i, j int) (number, bool) {
	var also []string
	for k := j; len(also) < maxSeries; {
		next := p.skip(k, " ")
		switch {
		case p.at(next) == ',' || p.at(next) == ';':
			next++
		case p.from(next).hasWord("va"):
			next += len("va")
		case len(also) == 0:
			return number{}, false
		default:
			last, ok := numberAt(p, k-len(also[len(also)-1]), false)
			if !ok {
				return number{}, false
			}
			last.so, last.from, last.labelled, last.also = string(p.r[i:j]), i, true, also
			last.printed = last.so + strings.TrimPrefix(last.printed, also[len(also)-1])
			return last, true
		}
		from := p.skip(next, " \n")
		if k = from; !digitByte(p.at(k)) {
			return number{}, false
		}
		for digitByte(p.at(k)) {
			k++
		}
		if k-from > maxDigits {
			return number{}, false
		}
		also = append(also, string(p.r[from:k]))
	}
	return number{}, false
}

// Numbers reads a printed số ký hiệu in its normal form: one, or several that share their ký hiệu. A blank number is none.
func Numbers(printed string) []string {
	p := newPhrase(printed).upTo(maxName)
	i := 0
	if after, ok := label(p, 0); ok {
		i = after
	}
	n, ok := numberAt(p, i, true)
	if !ok || n.so == "" {
		return nil
	}
	all := []string{n.printed}
	for _, so := range n.also {
		all = append(all, so+strings.TrimPrefix(n.printed, n.so))
	}
	return all
}

// afterSlash reads what follows "12/".
func (n number) afterSlash(p phrase, i int) (number, bool) {
	ky, end, ok := notation(p, i, n.labelled)
	if !ok {
		return number{}, false
	}
	n.ky, n.printed, n.to = ky, n.so+"/"+ky, end
	return n, true
}

// afterDash reads what follows "12-": the Party's order, type before slash (06-CTr/TU), or one word when labelled (35-CTPT).
func (n number) afterDash(p phrase, i int) (number, bool) {
	ky, end, ok := notation(p, i, n.labelled)
	if !ok {
		return number{}, false
	}
	first, rest, slash := strings.Cut(ky, "/")
	_, known := types.byAbbr[first]
	if !n.labelled && (!slash || !known || strings.Contains(rest, "/")) {
		return number{}, false
	}
	n.ky, n.printed, n.to = ky, n.so+"-"+ky, end
	return n, true
}

// withoutSeparator reads "298 KH/TWĐTN", "22HD/TWĐTN" (the Party's dash is lost), "2440 TCT/PCCS" and "14 GD-ĐT".
func (n number) withoutSeparator(p phrase, i int, blank bool) (number, bool) {
	ky, end, ok := notation(p, i, n.labelled)
	if !ok {
		return number{}, false
	}
	first, _, slash := strings.Cut(ky, "/")
	_, known := types.byAbbr[first]
	n.ky, n.to = ky, end
	switch {
	case slash && known:
		n.printed = n.so + "-" + ky
	case !n.labelled:
		return number{}, false
	case slash && blank:
		n.printed = n.so + " " + ky
	case slash:
		n.printed = n.so + ky
	case strings.Contains(ky, "-"):
		n.printed = n.so + "/" + ky
	default:
		return number{}, false
	}
	return n, true
}

// blankNumber reads "     /QĐ-UBND", "....../TTr-VPCP", " - HD/TWĐTN": a draft. It has a ký hiệu, but no số.
func blankNumber(p phrase, i int) (number, bool) {
	j := p.skip(i, " ._")
	if c := p.at(j); c != '/' && c != '-' {
		return number{}, false
	}
	ky, end, ok := notation(p, j+1, true)
	return number{ky: ky, labelled: true, from: i, to: end}, ok
}

// findNumber finds the first số ký hiệu in the phrase from i on, labelled or not.
func findNumber(p phrase, i int) (number, bool) {
	for ; i < p.len(); i++ {
		if p.f[i] == 's' {
			if j, ok := label(p, i); ok {
				if n, ok := numberAt(p, j, true); ok && n.so != "" {
					n.from = i
					return n, true
				}
			}
			continue
		}
		if !digitByte(p.f[i]) {
			continue
		}
		if before := p.at(i - 1); !wordByte(before) && strings.IndexByte("/-.,@&", before) < 0 || before == 0 {
			if n, ok := numberAt(p, i, false); ok {
				return n, true
			}
		}
		for digitByte(p.at(i + 1)) {
			i++
		}
	}
	return number{}, false
}
