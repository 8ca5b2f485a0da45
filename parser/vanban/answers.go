package vanban

import "slices"

// maxAnswers bounds how many answered documents are listed.
const maxAnswers = 20

// answering are the words after which the number of the document stands that this one answers or carries out, each with whether it answers
// by itself: then whatever number follows is meant. The others also open speech of the law that is applied, which asked nobody.
var answering = []struct {
	words  string
	answer bool
}{
	{"tra loi", true}, {"phuc dap", true}, {"phan hoi", true}, {"thuc hien", false}, {"trien khai", false}, {"theo yeu cau", false},
	{"theo de nghi", false}, {"theo chi dao", false}, {"theo y kien", false}, {"theo", false},
}

// maxAnswerGap is how far behind such a word its number may stand, in runes: "Thực hiện ý kiến chỉ đạo của Chủ tịch UBND tỉnh tại Công văn số".
const maxAnswerGap = 160

// answersIn finds the numbers that follow one of the words, in order, with the words they were read from.
func answersIn(p phrase) (numbers []string, evidence phrase) {
	for i := 0; i < p.len() && len(numbers) < maxAnswers; i++ {
		if !letterByte(p.f[i]) || wordByte(p.at(i-1)) {
			continue
		}
		found, end := answersAt(p, i)
		for _, n := range found {
			if !slices.ContainsFunc(numbers, func(have string) bool { return NumberKey(have) == NumberKey(n) }) && len(numbers) < maxAnswers {
				numbers = append(numbers, n)
			}
		}
		if end > i {
			if evidence.len() == 0 {
				evidence = p.slice(i, end)
			}
			i = max(end, subjectOfQuoted(p, end)) - 1
		}
	}
	return numbers, evidence
}

// subjectOfQuoted gives where the sentence ends in which "về việc" follows an answered document: what stands there is that document's subject.
func subjectOfQuoted(p phrase, i int) int {
	about := false
	for ; i < p.len(); i++ {
		switch c := p.f[i]; {
		case c == ';', c == '.' && (i+1 == p.len() || blankByte(p.f[i+1])) && wordByte(p.at(i-1)) && !isUpper(p.r[i-1]):
			if about {
				return i
			}
			return 0
		case letterByte(c) && !wordByte(p.at(i-1)):
			about = about || p.from(i).hasWord("ve viec") || p.from(i).hasWord("v/v")
		}
	}
	if about {
		return p.len()
	}
	return 0
}

// answersAt reads the answered numbers when one of the words begins at i, and gives where the last of them ends.
func answersAt(p phrase, i int) (numbers []string, end int) {
	for _, a := range answering {
		rest := p.from(i)
		if !rest.hasWord(a.words) {
			continue
		}
		return numbersFrom(p, i+len(a.words), a.answer, a.words == "theo")
	}
	return nil, 0
}

// numbersFrom reads the numbers that are named one after the other from at on.
func numbersFrom(p phrase, at int, answer, plain bool) (numbers []string, end int) {
	for len(numbers) < maxAnswers {
		n, ok := findNumber(p.slice(0, min(p.len(), at+maxAnswerGap)), at)
		if !ok || !leadsToNumber(p.slice(at, n.from), plain, len(numbers) > 0) {
			break
		}
		if n.so != "" && (answer || !normative(n.ky)) {
			numbers, end = append(numbers, n.printed), n.to
		}
		at = n.to
	}
	return numbers, end
}

// receivedAnd reads the other way to open an answer: "Bộ Y tế nhận được Công văn số … . Bộ Y tế trả lời như sau". Who only passes on what
// was received answers nothing.
func receivedAnd(p phrase) (numbers []string, evidence phrase) {
	const received = "nhan duoc"
	for i := 0; i < min(p.len(), maxAnswerGap); i++ {
		if !p.from(i).hasWord(received) || wordByte(p.at(i-1)) {
			continue
		}
		found, end := numbersFrom(p, i+len(received), true, false)
		for k := end; k < p.len() && len(found) > 0; k++ {
			if rest := p.from(k); !wordByte(p.at(k-1)) && (rest.hasWord("tra loi") || rest.hasWord("phuc dap") || rest.hasWord("co y kien")) {
				return found, p.slice(i, end)
			}
		}
		break
	}
	return nil, phrase{}
}

// aboutWords open what a quoted document is about: a number behind them is one that it speaks of, not the answered one.
var aboutWords = []string{"ve viec", "v/v", "ve", "gui", "ban hanh", "can cu", "bao cao so", "to trinh so"}

// leadsToNumber says whether the words between an answering word and a number, or between two numbers, belong to the naming of the document:
// who wrote it, of which day, of which type. A sentence or a clause that ends between them parts them.
func leadsToNumber(gap phrase, plain, further bool) bool {
	joined := false
	for i, c := range gap.f {
		switch {
		case c == ',' && further:
			joined = true
		case c == ';' && further:
			joined = true
		case c == ';' || c == ',' || c == ':' && trimRight(gap.slice(0, i), " ").len() > 3 && !trimRight(gap.slice(0, i), " ").hasSuffixWord("so"):
			return false
		case c == '.' && (i+1 == gap.len() || blankByte(gap.f[i+1])) && wordByte(gap.at(i-1)) && !isUpper(gap.r[i-1]):
			return false
		}
		if !letterByte(c) || wordByte(gap.at(i-1)) {
			continue
		}
		rest := gap.from(i)
		joined = joined || rest.hasWord("va") || rest.hasWord("cac")
		for _, words := range aboutWords {
			if rest.hasWord(words) {
				return false
			}
		}
	}
	if further {
		return joined
	}
	return !plain || namesLetter(gap)
}

// namesLetter says whether the words name a document that asks somebody for something, right after "theo".
func namesLetter(gap phrase) bool {
	gap = gap.from(gap.skip(0, " \n"))
	for _, words := range []string{"cong van", "cong dien", "van ban", "giay moi", "phieu chuyen", "thong bao", "cv"} {
		if gap.hasWord(words) {
			return true
		}
	}
	return false
}

// normative says whether a ký hiệu is that of a legal-normative document, which has the year in it.
func normative(ky string) bool {
	p := newPhrase(ky)
	return isYear(p.upTo(4)) && p.at(4) == '/'
}

// readAnswers lists the documents that the trích yếu or the opening of the text says are answered or carried out ("Trả lời Công văn số …").
// Legal bases ("Căn cứ …") are none.
func (r *reading) readAnswers() {
	numbers, evidence := answersIn(newPhrase(r.d.TrichYeu).upTo(maxName))
	for i := max(r.number, r.date, r.title, r.about) + 1; i < min(len(r.cells), r.body+openingCells, headCells) && len(numbers) == 0; i++ {
		numbers, evidence = receivedAnd(r.paragraph(i))
	}
	for i := r.body; i < min(len(r.cells), r.body+openingCells); i++ {
		c := r.cells[i]
		if _, end := answersAt(c.text, c.text.skip(0, " -+*")); end == 0 && !opensAnswer(c.text) {
			continue
		}
		more, words := answersIn(r.paragraph(i))
		if evidence.len() == 0 {
			evidence = words
		}
		numbers = append(numbers, more...)
	}
	r.d.setAnswers(numbers, evidence, FromText, sureLayout)
}

// openingCells is how many lines at the start of the text may open with what is answered.
const openingCells = 8

func opensAnswer(p phrase) bool {
	p = p.from(p.skip(0, " -+*"))
	for _, a := range answering {
		if p.hasWord(a.words) {
			return true
		}
	}
	return false
}

// paragraph is cell i with the lines that it goes on in.
func (r *reading) paragraph(i int) phrase {
	end := r.cells[i].at + r.cells[i].text.len()
	for k := i + 1; k < len(r.cells) && !r.cells[k].gap && r.cells[k].at-r.cells[i].at < 3*maxAnswerGap; k++ {
		if opensAnswer(r.cells[k].text) {
			break
		}
		end = r.cells[k].at + r.cells[k].text.len()
	}
	return r.p.slice(r.cells[i].at, end).upTo(maxName)
}

// setAnswers sets the answered documents.
func (d *Document) setAnswers(numbers []string, evidence phrase, from From, confidence float64) {
	if d.addAnswers(numbers); len(d.TraLoi) > 0 {
		d.source(fieldTraLoi, from, evidence, confidence)
	}
}

// addAnswers adds answered documents that are not listed yet; the document's own number is none of them.
func (d *Document) addAnswers(numbers []string) {
	for _, n := range numbers {
		same := func(have string) bool { return NumberKey(have) == NumberKey(n) }
		if d.SoHieu != "" && same(d.SoHieu) || slices.ContainsFunc(d.TraLoi, same) || len(d.TraLoi) >= maxAnswers {
			continue
		}
		d.TraLoi = append(d.TraLoi, n)
	}
}
