package vanban

import (
	"strings"
	"unicode/utf8"
)

// shortText is the length, in bytes, up to which a text is taken for a covering mail, whose words speak of what it brings.
const shortText = 4 << 10

// A window of text around a possible mark, in bytes before and after it. Marks further ahead than windowStep have the next window.
const (
	windowBefore = 320
	windowStep   = 320
	windowAfter  = 480
)

// textMarks adds the marks that stand among the words of a text. It folds only what is near a possible mark.
func textMarks(text string, all marks, evidence markEvidence) (marks, markEvidence) {
	short := len(text) <= shortText
	for i := nextMark(text, 0); i >= 0; i = nextMark(text, min(len(text), i+windowStep)) {
		p := newPhrase(window(text, i))
		for start := 0; start < p.len(); {
			stop := lineEnd(p, start)
			all, evidence = lineMarks(p.slice(start, stop), short, i < headBytes, all, evidence)
			start = stop + 1
		}
	}
	return all, evidence
}

func window(text string, i int) string {
	from, to := max(0, i-windowBefore), min(len(text), i+windowAfter)
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	return text[from:to]
}

// lineEnd finds the end of the line at i. Where the line breaks between the two words of a mark it goes on.
func lineEnd(p phrase, i int) int {
	for ; i < p.len(); i++ {
		if p.f[i] != '\n' && p.f[i] != '|' {
			continue
		}
		next := p.skip(i, " \n")
		if s, ok := broken(p, next); p.f[i] == '|' || !ok || s.from > i {
			return i
		}
	}
	return i
}

// broken reads a mark of two words whose last word begins at i.
func broken(p phrase, i int) (sighting, bool) {
	for k := range markEnds {
		if s, ok := sightingAt(p, i, &markEnds[k]); ok && s.double {
			return s, true
		}
	}
	return sighting{}, false
}

func lineMarks(p phrase, short, head bool, all marks, evidence markEvidence) (marks, markEvidence) {
	found := sightings(p)
	if len(found) == 0 {
		return all, evidence
	}
	line := newMarkLine(p, found, 0)
	for _, s := range found {
		if s.urgency != "" && !head || !line.inText(s, short) {
			continue
		}
		evidence.add(all, s.marks, p.slice(s.from, s.to))
		all = all.with(s.marks)
	}
	return all, evidence
}

// nextMark finds the next place where the last word of a mark may stand in a text that is not folded yet, -1 when there is none.
func nextMark(text string, i int) int {
	for ; i < len(text); i++ {
		switch text[i] | 0x20 {
		case 'm':
			if spells(text[i+1:], "at") {
				return i
			}
		case 'k':
			if spells(text[i+1:], "han") {
				return i
			}
		case 't':
			if spells(text[i+1:], "oc") {
				return i
			}
		}
	}
	return -1
}

// spells says whether a text goes on with the folded letters and then the word ends; accents that could be those of a mark are passed over.
func spells(text, letters string) bool {
	k := 0
	for _, r := range text {
		c := byte(r | 0x20)
		if r >= 0x80 {
			if c = foldRune(r); c == dropped {
				continue
			}
		}
		if k == len(letters) {
			return !letterByte(c)
		}
		if c != letters[k] || r >= 0x80 && !strings.ContainsRune("ậâạẬÂẠẩảẨẢốôóỐÔÓ", r) {
			return false
		}
		k++
	}
	return k == len(letters)
}
