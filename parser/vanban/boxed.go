package vanban

import "strings"

// seenLines is how many lines at the top of a page may hold the box of a mark: the letterhead and the trích yếu, below which it stands
// (NĐ 30/2020, Phụ lục I, II.10), each of which OCR may break.
const seenLines = 30

// SecretOnPage finds a mark of secrecy on one page of a file: as SecretMark does in a long text, since a page is no covering mail, and, in
// the first lines, what OCR makes of a mark in its box: tones lost or taken for others, letters for digits, the lines of the box for
// letters. Of the latter only a line in capitals that holds nothing else counts, so that no prose is taken for a mark.
func SecretOnPage(text string) (Secrecy, string) {
	text = modern(narrow(text))
	lines := cells(newPhrase(head(text)))
	m, evidence := stampedCells(lines)
	m, evidence = textMarks(text, false, m, evidence)
	seen, words := seenMarks(lines)
	m, evidence = graver(m, evidence, seen, words)
	return m.secrecy, evidence.secrecy
}

// seenMarks finds the marks in the first lines of what OCR read.
func seenMarks(lines []cell) (all marks, evidence markEvidence) {
	lines = lines[:min(len(lines), seenLines)]
	for i, line := range lines {
		m, words := seenStamp(line.text)
		if m.none() || otherWord(lines, i, words) {
			continue
		}
		evidence.add(all, m, words)
		all = all.with(m)
	}
	return all, evidence
}

// maxSeen is how long a line with nothing but a mark and what OCR makes of its box can be, in runes.
const maxSeen = 40

// seenStamp reads a line, or what stands in it before the date and the motto of the other column, as a mark.
func seenStamp(p phrase) (marks, phrase) {
	if p = leftColumn(p.upTo(4 * maxSeen)); p.len() < 3 || p.len() > maxSeen {
		return marks{}, phrase{}
	}
	p = withoutBox(p)
	if upper, lower := p.letters(); upper < 2 || lower > 0 {
		return marks{}, phrase{}
	}
	letters := seenLetters(p)
	for _, w := range markWords {
		if strings.ReplaceAll(w.words, " ", "") == letters && (w.tight != "mật" || likeMat(p)) {
			return w.marks, p
		}
	}
	// Two words of which one letter was misread still are no others. Marks of urgency are left out: HỎA TỐC is one letter from HÒA LỘC.
	for _, w := range markWords {
		if word := strings.ReplaceAll(w.words, " ", ""); w.secrecy != "" && w.secrecy != Mat && len(word) == len(letters) && Apart(word, letters) == 1 {
			return w.marks, p
		}
	}
	return marks{}, phrase{}
}

// leftColumn cuts off the place and date or the motto that stand beside the mark: OCR may read both columns as one line.
func leftColumn(p phrase) phrase {
	if from, _, kind := mottoIn(p); kind != 0 && from > 0 {
		return p.slice(0, from).trim(" ")
	}
	if _, _, at, ok := findPlaceDate(p, 0); ok {
		return p.slice(0, titleRun(p.slice(0, at))).trim(" ")
	}
	return p
}

// boxSigns are what OCR makes of the lines of a box; boxLetters those of them that are letters or digits.
const (
	boxSigns   = markEdges + "|!\\/`^%&+"
	boxLetters = "il1jt"
)

// withoutBox takes the box off a mark: signs, and single letters that stand apart.
func withoutBox(p phrase) phrase {
	for {
		q := p.trim(boxSigns)
		if q.len() > 2 && q.f[1] == ' ' && strings.IndexByte(boxLetters, q.f[0]) >= 0 {
			q = q.from(2)
		}
		if n := q.len(); n > 2 && q.f[n-2] == ' ' && strings.IndexByte(boxLetters, q.f[n-1]) >= 0 {
			q = q.slice(0, n-2)
		}
		if q.len() == p.len() {
			return q
		}
		p = q
	}
}

// seenLetters gives the letters of a mark, digits and signs as the letters that they are taken for, the box's lines at its ends left out.
// It gives nothing when there is any other sign.
func seenLetters(p phrase) string {
	b := make([]byte, 0, p.len())
	for _, c := range p.f {
		switch {
		case c == '0':
			c = 'o'
		case c == '1' || c == '!' || c == '|':
			c = 'i'
		case c == '4':
			c = 'a'
		case c == '6':
			c = 'g'
		case c >= 'a' && c <= 'z':
		case blankByte(c) || strings.IndexByte(markEdges, c) >= 0:
			continue
		default:
			return ""
		}
		b = append(b, c)
	}
	s := string(b)
	for _, word := range [...]string{"mat", "toimat", "tuyetmat"} {
		if i := strings.Index(s, word); i >= 0 && len(s)-len(word) <= 2 && strings.Trim(s[:i]+s[i+len(word):], boxLetters) == "" && i <= 1 {
			return word
		}
	}
	return s
}

// likeMat says whether the one word may be MẬT misread. MẮT (an eye) and MẤT (lost) are words of their own, in tables of hospitals too.
func likeMat(p phrase) bool { return !strings.ContainsAny(string(p.r), "ẮẤ") }

// otherWord says whether a line with one word goes on with its neighbours to another word: MẶT BẰNG, RĂNG HÀM MẶT, BẢO MẬT.
func otherWord(lines []cell, i int, words phrase) bool {
	if len(seenLetters(words)) > len("khan") {
		return false
	}
	if i > 0 && !lines[i].gap {
		if oneOf(lastWord(lines[i-1].text), []string{"hàm", "bề", "bảo", "bí", "cơ", "gặp", "cầu", "ngoài", "công", "thành"}) && lines[i-1].text.capitals() {
			return true
		}
	}
	if i+1 < len(lines) && !lines[i+1].gap && lines[i+1].text.capitals() {
		return oneOf(firstWord(lines[i+1].text), []string{"trận", "bằng", "cắt", "đường", "hàng", "nước", "tiền", "phẳng", "đứng", "khẩu", "mã", "cấp", "trương", "thiết"})
	}
	return false
}
