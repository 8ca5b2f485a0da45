package vanban

import (
	"bytes"
	"strings"
)

// nameMarks adds the marks that stand among the words of a subject or a file's name.
func nameMarks(p phrase, all marks, evidence markEvidence) (marks, markEvidence) {
	found := sightings(p)
	if len(found) == 0 {
		return all, evidence
	}
	p, shift := withoutReplies(p)
	line := newMarkLine(p, found, shift)
	for _, s := range found {
		s.from, s.to = s.from-shift, s.to-shift
		if s.from < 0 || !line.inName(s) {
			continue
		}
		words := p.slice(s.from, s.to)
		evidence.add(all, s.marks, words)
		all = all.with(s.marks)
	}
	return all, evidence
}

func withoutReplies(p phrase) (rest phrase, cut int) {
	rest = stripReplies(p)
	return rest, p.len() - rest.len()
}

// markLine is a subject, a file's name or a line of text, with what is to be known of it as a whole.
type markLine struct {
	p     phrase
	end   int  // without the extension of a file
	mixed bool // the words beside marks and numbers are not all in capitals
	bare  bool // there are no such words
	tones bool // it is written with accents
}

// newMarkLine measures the words of a line that belong to no mark and to no number. shift is what the places of found are ahead of p's.
func newMarkLine(p phrase, found []sighting, shift int) markLine {
	l := markLine{p: p, end: extensionAt(p)}
	upper, lower, k := 0, 0, 0
	for i := 0; i < l.end; {
		for k < len(found) && found[k].to-shift <= i {
			k++
		}
		if k < len(found) && found[k].from-shift <= i {
			i = found[k].to - shift
			continue
		}
		j := i + 1
		if !blankByte(p.f[i]) && (i == 0 || blankByte(p.f[i-1])) {
			if stop := chunkEnd(p, i); numeric(p.slice(i, stop)) {
				i = stop
				continue
			}
		}
		if letterByte(p.f[i]) {
			if isUpper(p.r[i]) {
				upper++
			} else {
				lower++
			}
			l.tones = l.tones || p.r[i] >= 0x80
		}
		i = j
	}
	l.bare = upper+lower == 0
	l.mixed = lower*4 > upper
	return l
}

// chunkEnd gives the end of what stands between blanks.
func chunkEnd(p phrase, i int) int {
	for i < p.len() && !blankByte(p.f[i]) {
		i++
	}
	return i
}

// numeric says whether a chunk is a number, a notation or "V/v": it says nothing of how the words are printed.
func numeric(p phrase) bool {
	if bytes.IndexByte(p.f, '_') >= 0 {
		return false // a file's name with underscores for blanks
	}
	return bytes.IndexByte(p.f, '/') >= 0 || bytes.ContainsAny(p.f, "0123456789")
}

// extensionAt gives where a file's extension begins, the end when there is none.
func extensionAt(p phrase) int {
	dot := p.len() - 1
	for dot > 0 && wordByte(p.f[dot]) {
		dot--
	}
	if n := p.len() - dot - 1; dot > 0 && p.f[dot] == '.' && n >= 2 && n <= 4 {
		return dot
	}
	return p.len()
}

// inName says whether a sighting in a subject or a file's name is the mark of what is sent.
func (l *markLine) inName(s sighting) bool {
	if s.compound(l.p) {
		return false
	}
	if l.labelled(s) || l.numbered(s) || l.worded(s) {
		return true
	}
	switch {
	case s.form == capitals && s.toned:
		return s.double || l.mixed || l.bare || l.setOff(s)
	case s.form == capitals && s.double:
		return l.mixed || l.bare || l.setOff(s) || s.secrecy == TuyetMat
	case s.form == capitals:
		return l.mixed && !l.tones && s.secrecy != ""
	case !s.toned:
		return false
	case s.form == title && l.titled(s):
		return true
	}
	return l.opens(s)
}

// inText says whether a sighting in a line of text is a mark. short: the text is no longer than a covering mail.
func (l *markLine) inText(s sighting, short bool) bool {
	if s.compound(l.p) {
		return false
	}
	if l.labelled(s) || short && l.graded(s) {
		return true
	}
	if l.numbered(s) {
		return short && !l.quoted(s)
	}
	switch {
	case s.form != capitals:
		return false
	case s.double && s.toned:
		return true
	case s.double:
		return l.mixed || l.opened(s) && l.closed(s)
	case !s.toned || !l.mixed:
		return false
	}
	_, noun := documentBefore(l.p.slice(0, s.from))
	return short || noun
}

// markLabelEnds end the label of a mark: "Độ mật:", "Mức độ bảo mật:".
var markLabelEnds = []string{"do mat", "muc mat", "do bao mat", "muc do", "cap do", "do khan", "muc khan"}

// labelled says whether a label stands before the mark, with a colon or set off from it.
func (l *markLine) labelled(s sighting) bool {
	if l.gapLabelled(s) {
		return true
	}
	lead := trimRight(l.p.slice(0, s.from), " \n\"'*[(\x02")
	if c := lead.at(lead.len() - 1); c != ':' && c != '=' {
		return false
	}
	lead = trimRight(lead, " \n:=")
	for _, label := range markLabelEnds {
		if lead.hasSuffixWord(label) {
			return true
		}
	}
	return false
}

// numbered says whether the mark stands before the word "số" and a number, and tells what the number is of: "Công văn mật số 12".
func (l *markLine) numbered(s sighting) bool {
	i := l.p.skip(s.to, " \n_")
	at, ok := label(l.p, i)
	if !ok || at < l.p.len() && !digitByte(l.p.f[at]) && strings.IndexByte("./_-", l.p.f[at]) < 0 || at == l.p.len() && !s.toned {
		return false
	}
	if s.double {
		return true
	}
	_, ok = documentBefore(withoutMarks(l.p.slice(0, s.from)))
	return ok
}

// nouns are words for a document beside the names of types.
var nouns = []string{"van ban", "tai lieu", "ho so", "thu", "dien", "phieu trinh", "cong ham", "giay to"}

// documentBefore finds the word for a document that a phrase ends with, and where it begins.
func documentBefore(lead phrase) (int, bool) {
	lead = trimRight(lead, " \n_-\"'(")
	if _, at, ok := typeSuffix(lead); ok {
		return at, true
	}
	for _, noun := range nouns {
		if lead.hasSuffixWord(noun) {
			return lead.len() - len(noun), true
		}
	}
	return 0, false
}

// citing are words after which a document that a text names is not the one that comes with it.
var citing = []string{"can cu", "thuc hien", "theo", "tra loi", "phuc dap", "trien khai", "tham chieu", "lien quan"}

func (l *markLine) quoted(s sighting) bool {
	for i := range s.from {
		if !letterByte(l.p.f[i]) || wordByte(l.p.at(i-1)) {
			continue
		}
		for _, words := range citing {
			if l.p.from(i).hasWord(words) && !l.p.slice(0, i).trim(" ").hasSuffixWord("kem") {
				return true
			}
		}
	}
	return false
}

// opened says whether the place before the mark is the line's beginning, a number, or a separator.
func (l *markLine) opened(s sighting) bool { return beginsAt(l.p, s.from) }

func beginsAt(p phrase, i int) bool {
	lead := trimRight(p.slice(0, i), " \n")
	if lead.len() == 0 || strings.IndexByte("-_:;,.([{/|\"+", lead.f[lead.len()-1]) >= 0 {
		return true
	}
	at := lead.len()
	for at > 0 && !blankByte(lead.f[at-1]) {
		at--
	}
	return numeric(lead.from(at))
}

// closed says whether the place after the mark is the line's end, a number, or a separator.
func (l *markLine) closed(s sighting) bool {
	i := l.p.skip(s.to, " \n")
	return i >= l.end || digitByte(l.p.f[i]) || strings.IndexByte("-_:;,.)]}/|\"+", l.p.f[i]) >= 0
}

// setOff says whether a mark in a line of capitals is set off from them: after a number, at the beginning before a document, at the end of
// words that name no document, or after the type that opens the line. "QUẢN LÝ VĂN BẢN MẬT" is a title.
func (l *markLine) setOff(s sighting) bool {
	opened, closed := l.opened(s), l.closed(s)
	if opened && (closed || l.afterNumber(s) || beginsDocument(l.p.slice(s.to, l.end).trim(" \n_-./"), true)) {
		return true
	}
	at, document := documentBefore(l.p.slice(0, s.from))
	if document && beginsAt(l.p, at) {
		return closed || s.double
	}
	return closed && !document || s.double && document
}

func (l *markLine) afterNumber(s sighting) bool {
	lead := trimRight(l.p.slice(0, s.from), " \n-:;,)]")
	at := lead.len()
	for at > 0 && !blankByte(lead.f[at-1]) {
		at--
	}
	return lead.len() > 0 && numeric(lead.from(at))
}

// titled says whether a mark with a capital initial among small letters is meant as one: "kế hoạch Tối mật", "Công văn Mật", "độ Mật". Where
// the line speaks of state secrets it is their grade.
func (l *markLine) titled(s sighting) bool {
	if bytes.Contains(l.p.f, []byte("bi mat")) {
		return false
	}
	if s.double {
		return true
	}
	lead := trimRight(l.p.slice(0, s.from), " _")
	last := lastWord(lead)
	if last.len() == 0 || formOf(last) != small {
		return false
	}
	_, _, typed := typeSuffix(lead)
	return typed || sameLetters(last, "độ")
}

// afterOpening are the words that go on after "Công văn mật" when it is the document itself.
var afterOpening = []string{"v/v", "ve viec", "ve", "cua", "ngay", "so", "gui"}

// opens says whether the mark and the word for a document before it open the line, whatever their letters: "Công văn mật V/v …".
func (l *markLine) opens(s sighting) bool {
	at, ok := documentBefore(l.p.slice(0, s.from))
	if !ok || !beginsAt(l.p, at) {
		return false
	}
	if l.closed(s) {
		return true
	}
	rest := l.p.from(l.p.skip(s.to, " \n_"))
	for _, words := range afterOpening {
		if rest.hasWord(words) {
			return true
		}
	}
	return strings.IndexByte("([", rest.at(0)) >= 0
}
