package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The ABC fonts have no code of their own for a capital with a tone: it is the small letter, shown in a font of capitals, and mail keeps
// no fonts. So a toned small letter is taken for a capital where the letters around it say so.

func upperOf(r rune) rune { return unicode.ToUpper(r) }

// caseOf a word, by its letters that have a case.
type wordCase uint8

const (
	unknownCase wordCase = iota // at most one capital and nothing small: "Së" is Sở or SỞ
	smallCase
	capitalCase
	otherWord // capitals that are no syllable: an abbreviation says nothing of its neighbours
)

// casedWord is one word of a line. apart says that something other than blanks or a hyphen stands before it.
type casedWord struct {
	from, to int
	is       wordCase
	apart    bool
	raise    bool // it has letters to be raised
}

// maxLineWords bounds the words of a line that are looked at together.
const maxLineWords = 2000

// raiseCapitals makes toned small letters capitals in words whose other letters are capitals; a word that leaves it open ("Së", "ý") goes
// with the words next to it.
func raiseCapitals(s string) string {
	var out []byte
	var words []casedWord
	for at := 0; at < len(s); {
		end := strings.IndexByte(s[at:], '\n') + at + 1
		if end == at {
			end = len(s)
		}
		words = lineWords(words[:0], s[at:end])
		settle(words)
		for _, w := range words {
			if !w.raise || w.is != capitalCase {
				continue
			}
			if out == nil {
				out = []byte(s)
			}
			raise(out[at+w.from:at+w.to], s[at+w.from:at+w.to])
		}
		at = end
	}
	if out == nil {
		return s
	}
	return string(out)
}

// raise writes word in capitals over dst, which has its bytes: a Vietnamese capital is as long in UTF-8 as its small letter.
func raise(dst []byte, word string) {
	at := 0
	for _, r := range word {
		if u := upperOf(r); utf8.RuneLen(u) == utf8.RuneLen(r) {
			utf8.EncodeRune(dst[at:], u)
		}
		at += utf8.RuneLen(r)
	}
}

// lineWords finds the words of a line.
func lineWords(words []casedWord, line string) []casedWord {
	apart := true
	for i := 0; i < len(line) && len(words) < maxLineWords; {
		r, n := utf8.DecodeRuneInString(line[i:])
		if !isLetterOrMark(r) {
			apart = apart || !(r == ' ' || r == '\t' || r == '-' || r == 0xA0)
			i += n
			continue
		}
		w := casedWord{from: i, apart: apart}
		upper, lower, open := 0, 0, 0
		for i < len(line) {
			if r, n = utf8.DecodeRuneInString(line[i:]); !isLetterOrMark(r) {
				break
			}
			switch l := letterOf(r); {
			case unicode.IsUpper(r):
				upper++
			case l.tone != level:
				open++
			default:
				lower++
			}
			i += n
		}
		w.to, w.raise, apart = i, open > 0, false
		switch {
		case lower > 0:
			w.is = smallCase
		case upper >= 2:
			if w.is = capitalCase; open == 0 && gradeString(line[w.from:w.to]) == invalid {
				w.is = otherWord
			}
		}
		words = append(words, w)
	}
	return words
}

// settle decides the open words: capitals when the nearest decided words on both sides, as far as nothing stands between, are.
func settle(words []casedWord) {
	before := otherWord
	for i := range words {
		w := &words[i]
		if w.apart {
			before = otherWord
		}
		if w.is != unknownCase {
			before = w.is
			continue
		}
		after := otherWord
		for j := i + 1; j < len(words) && j < i+4 && !words[j].apart; j++ {
			if words[j].is != unknownCase {
				after = words[j].is
				break
			}
		}
		if (before == capitalCase || after == capitalCase) && before != smallCase && after != smallCase {
			w.is = capitalCase
			before = capitalCase
		}
	}
}
