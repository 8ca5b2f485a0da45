package vanban

import (
	"slices"
	"strings"
)

// SecretInName finds a mark of secrecy in the subject of a mail or in a file's name: in brackets, at the beginning, as a part of its own
// between separators, in capitals among other words, before a number ("Công văn mật số 12"), after the word for a document or as two
// words with their tones in any letters ("gửi tài liệu tối mật"); never inside other words ("bảo mật", "giai_phong_mat_bang"). In doubt
// it is a mark: a person can clear a false alarm, but nobody can take back what was quoted.
func SecretInName(fileOrSubject string) (Secrecy, string) {
	p := newPhrase(modern(fileOrSubject))
	all, evidence := longNameMarks(p)
	p = p.upTo(maxName)
	m, words := subjectMarks(p)
	all, evidence = graver(all, evidence, m, words)
	m, words = fileMarks(baseName(p))
	all, evidence = graver(all, evidence, m, words)
	return all.secrecy, evidence.secrecy
}

// longNameMarks reads what is longer than any name part by part: still no place to hide a mark.
func longNameMarks(p phrase) (all marks, evidence markEvidence) {
	for at := maxName; at < p.len(); at += maxName {
		all, evidence = nameMarks(p.slice(at-markWidth, min(p.len(), at+maxName)), all, evidence)
	}
	return all, evidence
}

// markWidth is how far two parts of a long name overlap, in runes: more than any mark with its label takes.
const markWidth = 64

// UrgencyInName finds a mark of urgency as SecretInName does.
func UrgencyInName(fileOrSubject string) (Urgency, string) {
	p := newPhrase(modern(fileOrSubject)).upTo(maxName)
	all, evidence := subjectMarks(p)
	m, words := fileMarks(baseName(p))
	all, evidence = graver(all, evidence, m, words)
	return all.urgency, evidence.urgency
}

// graver joins two readings; the words of the graver mark are kept.
func graver(all marks, evidence markEvidence, m marks, words markEvidence) (marks, markEvidence) {
	if graverSecrecy(all.secrecy, m.secrecy) != all.secrecy {
		evidence.secrecy = words.secrecy
	}
	if graverUrgency(all.urgency, m.urgency) != all.urgency {
		evidence.urgency = words.urgency
	}
	return all.with(m), evidence
}

// subjectMarks finds marks in a subject.
func subjectMarks(p phrase) (marks, markEvidence) {
	_, all, evidence := leadingMarks(stripReplies(p))
	note := func(piece phrase) {
		if m := stamp(piece); !m.none() {
			evidence.add(all, m, piece)
			all = all.with(m)
		}
	}
	bracketed(p, note)
	if i := lastSeparator(p); i >= 0 {
		if last := p.from(i + 1).trim(markEdges); last.capitals() {
			note(last) // "… tháng 5 - MẬT"
		}
	}
	return nameMarks(p, all, evidence)
}

// bracketed calls f with the contents of every pair of brackets.
func bracketed(p phrase, f func(phrase)) {
	for i, c := range p.f {
		closing := strings.IndexByte("([{<", c)
		if closing < 0 {
			continue
		}
		if end := slices.Index(p.f[i+1:], ")]}>"[closing]); end > 0 {
			f(p.slice(i+1, i+1+end))
		}
	}
}

// lastSeparator finds the last separator that is set off from its neighbours.
func lastSeparator(p phrase) int {
	for i := p.len() - 1; i > 0; i-- {
		switch p.f[i] {
		case '-', '/':
			if p.f[i-1] == ' ' && p.at(i+1) == ' ' {
				return i
			}
		case ':', ';', ',':
			return i
		}
	}
	return -1
}

// leadingMarks takes marks off the beginning of a subject: "[HỎA TỐC] …", "Mật - …", "KHẨN: …", "HỎA TỐC V/v …".
func leadingMarks(p phrase) (rest phrase, all marks, evidence markEvidence) {
	rest = p.trim(" \n")
	for rest.len() > 0 {
		end, piece := leadingPiece(rest)
		m := stamp(piece)
		if m.none() {
			return rest, all, evidence
		}
		evidence.add(all, m, piece)
		all = all.with(m)
		rest = rest.from(end)
		rest = rest.from(rest.skip(0, " \n-:;,.!/_*"))
	}
	return rest, all, evidence
}

// leadingPiece is what may be a mark at the beginning, and where it ends.
func leadingPiece(p phrase) (int, phrase) {
	if closing := strings.IndexByte("([{<", p.f[0]); closing >= 0 {
		if end := slices.Index(p.f, ")]}>"[closing]); end > 0 {
			return end + 1, p.slice(1, end)
		}
		return 0, phrase{}
	}
	if !stamp(p).none() {
		return p.len(), p
	}
	for i := 0; i < p.len() && i < 40; i++ {
		if strings.IndexByte(":;,!/_*|.", p.f[i]) >= 0 || p.f[i] == '-' {
			piece := p.slice(0, i)
			if joinedOn := letterByte(p.at(i+1)) && strings.IndexByte("_-./", p.f[i]) >= 0; joinedOn && !beginsDocument(p.from(i+1), false) {
				break // "mat_bang", "Mật-mã"
			}
			if !stamp(piece).none() {
				return i, piece
			}
			break
		}
	}
	for _, w := range markWords {
		if !p.hasWord(w.words) {
			continue
		}
		piece := p.slice(0, len(w.words))
		if stamp(piece).none() || !beginsDocument(p.from(len(w.words)).trim(" \n_-./"), piece.capitals()) {
			return 0, phrase{}
		}
		return len(w.words), piece
	}
	return 0, phrase{}
}

// beginsDocument says whether what follows a mark shows that the mark ended there: a type, a number, "V/v", a bracket, another mark, or a
// change from capitals to small letters, unless the two make one word ("Mật độ", "KHẨN trương").
func beginsDocument(rest phrase, capitals bool) bool {
	if rest.len() == 0 || compound(phrase{}, firstWord(rest), "mat") || compound(phrase{}, firstWord(rest), "khan") {
		return rest.len() == 0
	}
	if c := rest.f[0]; digitByte(c) || strings.IndexByte("([{<\"", c) >= 0 {
		return true
	}
	if rest.hasWord("v/v") || rest.hasWord("ve viec") {
		return true
	}
	if _, _, ok := typePrefix(rest); ok {
		return true
	}
	word := firstWord(rest)
	if _, ok := abbreviationOf(word); ok {
		return true
	}
	for _, w := range markWords {
		if rest.hasWord(w.words) {
			return true
		}
	}
	return capitals && !word.capitals()
}

func firstWord(p phrase) phrase {
	i := 0
	for i < p.len() && wordByte(p.f[i]) {
		i++
	}
	return p.slice(0, i)
}

// Words that make another word of what looks like a mark, before and after it; folded.
var (
	beforeMat  = []string{"bao", "bi", "co", "giu", "an", "ra", "bo", "thong", "be", "khuon", "gap", "nhieu", "guong", "chu"}
	afterMat   = []string{"ma", "khau", "bang", "do", "tran", "troi", "ong", "vu", "hang", "nuoc", "dien", "thu", "nghi", "danh", "thiet", "san", "tien", "truoc", "phang", "duong", "dat", "cat", "con", "tai", "tich", "nhan", "doc"}
	beforeKhan = []string{"kho", "kham", "doi"}
	afterKhan  = []string{"truong", "cap", "hiem", "gia", "dai", "thiet", "khoan", "nai", "hoang", "quang", "tay", "giay", "mat"}
)

// compound says whether a neighbour makes another word of the mark word.
func compound(before, after phrase, word string) bool {
	if word == "mat" {
		return slices.Contains(beforeMat, string(before.f)) || slices.Contains(afterMat, string(after.f))
	}
	return slices.Contains(beforeKhan, string(before.f)) || slices.Contains(afterKhan, string(after.f)) && string(after.f) != "mat"
}

// fileMarks finds marks among the parts of a file name that stand between separators other than blanks. Names often write underscores or
// hyphens for blanks, so a mark of one word counts only where no neighbour makes another word of it, and where at least one side is the
// name's edge, a number, an abbreviation or a bracket.
func fileMarks(p phrase) (marks, markEvidence) {
	var all marks
	var evidence markEvidence
	parts := fileParts(p)
	for i := range parts {
		for n := min(4, len(parts)-i); n >= 1; n-- {
			piece := p.slice(parts[i][0], parts[i+n-1][1])
			m := stamp(joined(piece))
			if m.none() || n == 1 && !ownPart(p, parts, i) {
				continue
			}
			evidence.add(all, m, piece)
			all = all.with(m)
			break
		}
	}
	return nameMarks(p, all, evidence)
}

// joined writes blanks for the separators of a file name.
func joined(p phrase) phrase {
	f := slices.Clone(p.f)
	for i, c := range f {
		if c == '_' || c == '-' || c == '+' || c == '.' {
			f[i] = ' '
		}
	}
	return phrase{p.r, f}
}

const fileSeparators = "_-.()[]{}+,;=&#"

func fileParts(p phrase) [][2]int {
	var parts [][2]int
	start := 0
	for i := 0; i <= p.len(); i++ {
		if i < p.len() && strings.IndexByte(fileSeparators, p.f[i]) < 0 {
			continue
		}
		if part := p.slice(start, i).trim(" \n"); part.len() > 0 {
			from := p.skip(start, " \n")
			parts = append(parts, [2]int{from, from + part.len()})
		}
		start = i + 1
	}
	return parts
}

// ownPart says whether a part that is one mark stands for itself.
func ownPart(p phrase, parts [][2]int, i int) bool {
	var before, after phrase
	if i > 0 {
		before = p.slice(parts[i-1][0], parts[i-1][1])
	}
	if i+1 < len(parts) {
		after = p.slice(parts[i+1][0], parts[i+1][1])
	}
	part := p.slice(parts[i][0], parts[i][1])
	if strings.IndexByte("([{", p.at(parts[i][0]-1)) >= 0 && p.at(parts[i][0]-1) != 0 {
		return true
	}
	if strings.Contains(string(part.f), " ") {
		// Two words between separators are no accident, but for those of a list in prose.
		return formOf(part) != small || strings.IndexByte(",;", p.at(trimRight(p.slice(0, parts[i][0]), " \n").len()-1)) < 0 || i == 0
	}
	word := string(part.f)
	if compound(lastWord(before), firstWord(after), word) {
		return false
	}
	return edge(before) || edge(after)
}

// edge says whether a neighbour is nothing, a number, or printed in capitals.
func edge(p phrase) bool {
	upper, lower := p.letters()
	return upper+lower == 0 || lower == 0
}

func lastWord(p phrase) phrase {
	i := p.len()
	for i > 0 && wordByte(p.f[i-1]) {
		i--
	}
	return p.from(i)
}
