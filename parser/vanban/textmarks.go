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

// textMarks adds the marks that stand among the words of a text; short says whether it is taken for a covering mail. It folds only what is
// near a possible mark.
func textMarks(text string, short bool, all marks, evidence markEvidence) (marks, markEvidence) {
	for i := nextMark(text, 0); i >= 0; i = nextMark(text, min(len(text), i+windowStep)) {
		all, evidence = phraseMarks(newPhrase(window(text, i)), short, i < headBytes, all, evidence)
	}
	return all, evidence
}

// phraseMarks is textMarks for what is folded already.
func phraseMarks(p phrase, short, head bool, all marks, evidence markEvidence) (marks, markEvidence) {
	found := sightings(p)
	for k, s := range found {
		if s.urgency != "" && !head {
			continue
		}
		from, to := lineAround(p, s)
		first, last := k, k+1
		for first > 0 && found[first-1].from >= from {
			first--
		}
		for last < len(found) && found[last].to <= to {
			last++
		}
		line := newMarkLine(p.slice(from, to), found[first:last], from)
		words := p.slice(s.from, s.to)
		if s.from, s.to = s.from-from, s.to-from; line.inText(s, short) {
			evidence.add(all, s.marks, words)
			all = all.with(s.marks)
		}
	}
	return all, evidence
}

// lineAround gives the line, or the cell of a table, in which a mark stands, or what of it is near. The mark itself may be broken over two.
func lineAround(p phrase, s sighting) (from, to int) {
	ends := func(i int) bool { return p.f[i] == '\n' || p.f[i] == '|' }
	for from = s.from; from > 0 && s.from-from < windowBefore && !ends(from-1); from-- {
	}
	for to = s.to; to < p.len() && to-s.to < windowAfter && !ends(to); to++ {
	}
	return from, to
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
		if letterGap(c) {
			continue // M.Ậ.T
		}
		if c != letters[k] || r >= 0x80 && !strings.ContainsRune("ậâạẬÂẠẩảẨẢốôóỐÔÓ", r) {
			return false
		}
		k++
	}
	return k == len(letters)
}
