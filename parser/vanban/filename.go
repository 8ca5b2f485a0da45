package vanban

import (
	"slices"
	"strings"
)

const (
	sureFileNumber = 0.7
	sureFileType   = 0.5
	sureFileWords  = 0.4
)

// ReadFileName reads what a file's name says: "1775_UBND-KGVX.signed.pdf", "12-BC-SNV báo cáo quý I.pdf". The slash of the number can't
// stand in a name, so what replaced it is put back. A bare number without ký hiệu is not taken: it may be anything.
func ReadFileName(name string) Document {
	d := New()
	p := baseName(newPhrase(modern(name)).upTo(maxName))
	m, evidence := fileMarks(p)
	d.setMarks(m, evidence, FromFileName, sureFileNumber)

	n, ok := fileNumber(p)
	if !ok {
		if t, end, found := fileType(p); found {
			d.setType(t, FromFileName, p.slice(0, end), sureFileType)
		}
		d.setFileWords(p)
		return d
	}
	d.setNumber(n, FromFileName, p.slice(n.from, n.to), sureFileNumber)
	lead := trimRight(joined(p.slice(0, n.from)), " ([{")
	if lead.hasSuffixWord("so") {
		lead = trimRight(lead.slice(0, lead.len()-2), " ")
	}
	if t, at, found := typeSuffix(lead); found {
		d.setType(t, FromFileName, p.slice(at, n.to), sureFileNumber)
	} else if t, found := notationType(n.ky); found {
		d.setType(t, FromFileName, p.slice(n.from, n.to), sureFileNumber)
	} else if letterNotation(n.ky) {
		t, _ := TypeByAbbreviation("CV")
		d.setType(t, FromFileName, p.slice(n.from, n.to), sureFileType)
	}
	d.setFileWords(p.from(n.to))
	return d
}

// fileNoise are parts that programs and people add to a name; they say nothing of the document.
var fileNoise = []string{"signed", "sign", "da ky", "daky", "ky so", "kyso", "dau", "final", "scan", "copy", "ban chinh", "pdf", "doc", "docx", "xls", "xlsx", "rtf", "odt", "zip", "rar"}

// baseName cuts folders, extensions and the additions of signing programs off a name.
func baseName(p phrase) phrase {
	for i := p.len() - 1; i >= 0; i-- {
		if p.f[i] == '/' && !wordByte(p.at(i+1)) || p.f[i] == '\\' {
			p = p.from(i + 1)
			break
		}
	}
	for {
		p = p.trim(" \n_-.+,")
		dot := p.len() - 1
		for dot > 0 && wordByte(p.f[dot]) {
			dot--
		}
		last := string(p.from(dot + 1).f)
		switch {
		case dot > 0 && strings.IndexByte("._-", p.f[dot]) >= 0 && slices.Contains(fileNoise, last):
			p = p.slice(0, dot)
		case dot > 0 && p.f[dot] == '.' && len(last) >= 2 && len(last) <= 4 && p.from(dot+1).len() == len(last) && !isCapitalWord(p.from(dot+1)):
			p = p.slice(0, dot) // an extension that is not in the list
		case p.len() > 3 && p.f[p.len()-1] == ')' && copyMark(p) > 0:
			p = p.slice(0, copyMark(p)) // "(1)" of a second download
		default:
			return p
		}
	}
}

func isCapitalWord(p phrase) bool {
	upper, lower := p.letters()
	return upper > 0 && lower == 0
}

// copyMark finds the "(1)" at the end of a name.
func copyMark(p phrase) int {
	i := p.len() - 2
	for i > 0 && digitByte(p.f[i]) {
		i--
	}
	if i > 0 && i < p.len()-2 && p.f[i] == '(' {
		return i
	}
	return 0
}

// fileNumber finds số and ký hiệu in a name: digits, a separator, and parts that look like a notation.
func fileNumber(p phrase) (number, bool) {
	for i := 0; i < p.len(); i++ {
		if !digitByte(p.f[i]) || wordByte(p.at(i-1)) {
			continue
		}
		if n, ok := fileNumberAt(p, i); ok {
			return n, true
		}
		for digitByte(p.at(i + 1)) {
			i++
		}
	}
	return number{}, false
}

// part is one piece of a notation in a file name, with the separator before it.
type part struct {
	separator byte
	text      phrase
}

func fileNumberAt(p phrase, i int) (number, bool) {
	j := i
	for digitByte(p.at(j)) {
		j++
	}
	if j-i > maxDigits {
		return number{}, false
	}
	n := number{so: string(p.r[i:j]), from: i}
	parts, end := notationParts(p, j)
	first := 0
	if len(parts) > 0 && isYear(parts[0].text) {
		first = 1
	}
	if len(parts) <= first {
		return number{}, false
	}
	letters := 0
	for _, part := range parts[first:] {
		upper, lower := part.text.letters()
		letters += upper + lower
	}
	_, known := fileAbbreviation(parts[first].text)
	if letters < 2 || len(parts) == first+1 && (known || letters < 3) {
		return number{}, false // a lone type: "12 BC" says no organ
	}
	// The Party writes a hyphen after the number and a slash before the organ; only then does the name hold two kinds of separator.
	party := known && first == 0 && len(parts) == 2 && parts[0].separator == '-' && parts[1].separator != '-' && parts[1].separator != ' '
	var ky strings.Builder
	for k, part := range parts {
		switch {
		case k == 0:
		case k == first && first == 1, party && k == 1:
			ky.WriteByte('/')
		default:
			ky.WriteByte('-')
		}
		ky.WriteString(upperNotation(part.text))
	}
	n.ky, n.to = ky.String(), end
	n.printed = n.so + "/" + n.ky
	if party {
		n.printed = n.so + "-" + n.ky
	}
	return n, true
}

// notationParts reads the parts of a notation that follow the number's digits.
func notationParts(p phrase, i int) (parts []part, end int) {
	end = i
	for {
		separator := p.at(i)
		j := p.skip(i, " ")
		if c := p.at(j); strings.IndexByte("_-./+", c) >= 0 && c != 0 {
			separator = c
			j = p.skip(j+1, " ")
		} else if j == i {
			return parts, end
		}
		stop := j
		for wordByte(p.at(stop)) || p.at(stop) == '&' && wordByte(p.at(stop+1)) {
			stop++
		}
		text := p.slice(j, stop)
		if !filePart(parts, separator, text) {
			return parts, end
		}
		parts = append(parts, part{separator, text})
		i, end = stop, stop
	}
}

// filePart says whether the text may continue the notation.
func filePart(before []part, separator byte, text phrase) bool {
	if text.len() == 0 || slices.Contains(fileNoise, string(text.f)) {
		return false
	}
	if len(before) == 0 && isYear(text) {
		return true
	}
	lead := len(before) == 0 || len(before) == 1 && isYear(before[0].text)
	_, known := fileAbbreviation(text)
	switch {
	case lead && known:
		return true
	case !lead && len(before) > 0:
		if _, typed := fileAbbreviation(before[len(before)-1].text); typed && (acronym(text) || isCapitalWord(text) && (separator == '-' || text.len() <= 2)) {
			return true // 12-bc-snv
		}
	}
	if separator == ' ' {
		return lead && acronym(text) && isCapitalWord(text)
	}
	return acceptable(text, true, false) && (acronym(text) || len(before) > 0 && separator == '-' && text.len() <= 3)
}

// acronym tells abbreviations (UBND, STTTT, KGVX) from syllables in capitals (BAO, QUY): they have few vowels.
func acronym(p phrase) bool {
	vowels, letters := 0, 0
	for _, c := range p.f {
		if letterByte(c) {
			letters++
			if strings.IndexByte("aeiouy", c) >= 0 {
				vowels++
			}
		}
	}
	return letters >= 2 && (vowels*3 < letters || letters == 2 && vowels == 0)
}

// fileAbbreviation finds the type whose abbreviation the word is, in any case and with or without accents.
func fileAbbreviation(word phrase) (Type, bool) {
	if word.len() < 2 || word.len() > 4 {
		return Type{}, false
	}
	if t, ok := types.byAbbr[string(word.r)]; ok {
		return t, t.Kind != Own
	}
	switch string(word.f) {
	case "qd", "hd", "cd", "nd", "tt": // several types share the letters; any of them opens a notation
		return Type{}, true
	}
	t, ok := types.byFold[string(word.f)]
	return t, ok && t.Kind != Own
}

// upperNotation writes a part in capitals when it was typed in small letters throughout.
func upperNotation(p phrase) string {
	if upper, _ := p.letters(); upper == 0 {
		return strings.ToUpper(string(p.r))
	}
	return string(p.r)
}

// fileType finds the type that a name opens with.
func fileType(p phrase) (Type, int, bool) {
	q := joined(p)
	if t, end, ok := typePrefix(q); ok {
		return t, end, true
	}
	if word := firstWord(p); word.len() >= 2 && word.len() < p.len() {
		if t, ok := abbreviationOf(word); ok && t.Kind != Own {
			return t, word.len(), true
		}
	}
	return Type{}, 0, false
}

// setFileWords takes three words and more for a trích yếu of little trust.
func (d *Document) setFileWords(p phrase) {
	words := phrase{slices.Clone(p.r), slices.Clone(p.f)}
	for i, c := range words.f {
		if c == '_' || c == '+' {
			words.f[i], words.r[i] = ' ', ' '
		}
	}
	words = words.trim(subjectEdges)
	n := 0
	for i := range words.f {
		if letterByte(words.f[i]) && !wordByte(words.at(i-1)) {
			n++
		}
	}
	if n >= 3 && !saysNothing(words) {
		d.setTrichYeu(words, FromFileName, sureFileWords)
	}
}
