package charset

import (
	"strings"
	"unicode"
)

// Weights are natural logarithms of how much likelier a word is in the language than among chance letters. They were set by counting: of the
// words with marks in official Vietnamese some three quarters are in the list of common ones and all but a few per cent are built right;
// of such words read by a wrong table, or of other languages, a few per cent are, and one in fifty is in the list.
const (
	weightCommon   = 3.5
	weightValid    = 1.0
	weightInvalid  = -3.4
	weightSingle   = -1.5 // one letter, which a sign of another charset is soon taken for
	weightAcronym  = 0.5  // "QĐ", "HĐND"
	weightRare     = -0.5 // a letter that is rare in Vietnamese, in a word that is not common
	weightControl  = -6
	weightInside   = -5 // a sign inside a word
	weightBeside   = -4 // a sign that touches a letter
	weightPlain    = 0.5
	weightForeign  = -0.8
	mostPlain      = 3.0
	mostForeign    = -6.0
	weightSequence = 2.5 // a sequence of UTF-8
	weightTriple   = 4.0 // one of three bytes that gives a letter of Vietnamese or a typographic sign
	weightDamage   = -4.0
	weightCut      = -0.5 // one at the end of the text
)

const rareLetters = "ẳẵẽẻỡỹỵẫỗẩĩũõỏỉẹẲẴẼẺỠỸỴẪỖẨĨŨÕỎỈẸ"

// vietnamese judges a word as Vietnamese.
func vietnamese(w []rune, shared bool) float64 {
	return eachWord(w, func(word []rune) float64 {
		switch gradeWord(word, shared) {
		case common:
			if len(word) == 1 {
				return weightValid
			}
			return weightCommon
		case valid:
			if len(word) == 1 {
				return weightSingle
			}
			score := weightValid
			for _, r := range word {
				if strings.ContainsRune(rareLetters, r) {
					score += weightRare
				}
			}
			return score
		}
		if acronym(word) {
			return weightAcronym
		}
		return weightInvalid
	})
}

// acronym tells abbreviations with a Vietnamese letter: capitals, one of them Đ.
func acronym(word []rune) bool {
	if len(word) < 2 || len(word) > 6 {
		return false
	}
	has := false
	for _, r := range word {
		l := letterOf(r)
		if !unicode.IsUpper(r) || l.tone != level || l.base != 'D' && r >= 0x80 {
			return false
		}
		has = has || l.base == 'D'
	}
	return has
}

// western judges a word as French, German, Spanish and the like.
func western(w []rune) float64 {
	return eachWord(w, func(word []rune) float64 {
		score := 0.5
		upper, lower := 0, 0
		for i, r := range word {
			if unicode.IsUpper(r) && i > 0 {
				upper++
			} else if unicode.IsLower(r) {
				lower++
			}
			if r < 0x80 {
				continue
			}
			switch {
			case strings.ContainsRune("éèêëàâçùûîïôöüäßåøæñóíáúìòãõÉÈÊÀÇÖÜÄÅØÆÑÓÁÍ", r):
			case unicode.IsLetter(r):
				score--
			}
			if i > 0 && oddPair(word[i-1], r) {
				score -= 0.7
			}
		}
		if upper > 0 && lower > 0 {
			score -= 2.5
		}
		return score
	})
}

// westernPairs are a vowel and a letter with a mark after it as those languages have them.
const westernPairs = " ié ué uí aí eí oí ía éa aï oï oë eû où oû aî uè iè iá ió uá uó eó eá aü iï aù uê ãe ão õe éi äu éo ée "

func oddPair(a, b rune) bool {
	a, b = unicode.ToLower(a), unicode.ToLower(b)
	if a < 0x80 && !isVowel(byte(a)) {
		return false
	}
	return !strings.Contains(westernPairs, string([]rune{' ', a, b, ' '}))
}

// eachWord splits what one run of bytes says at its signs, adds up what the signs weigh and what judge says of the words with marks.
func eachWord(w []rune, judge func([]rune) float64) float64 {
	score, from, marks := 0.0, -1, false
	end := func(i int) {
		if from >= 0 && marks {
			score += judge(w[from:i])
		}
		from, marks = -1, false
	}
	for i, r := range w {
		if wordRune(r) {
			if from < 0 {
				from = i
			}
			marks = marks || r >= 0x80
			continue
		}
		end(i)
		score += sign(r, i > 0 && wordRune(w[i-1]), i+1 < len(w) && wordRune(w[i+1]))
	}
	end(len(w))
	return score
}

// wordRune tells letters; the signs that Unicode counts among the letters (ª º µ ˆ) are none here.
func wordRune(r rune) bool {
	if r < 0x80 {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) && r != 'ª' && r != 'º' && r != 'µ' && r != 'ˆ' && r != 'ƒ'
}

// sign weighs a sign by whether letters stand before and after it.
func sign(r rune, before, after bool) float64 {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0, r == 0xFFFD:
		return weightControl
	case r == 0xA0:
		return 0
	case strings.ContainsRune("‘’“”„‚‹›«»…–—•·™®©", r):
		switch {
		case !before || !after:
			return -0.2
		case r == '’' || r == '–' || r == '—':
			return -0.5
		}
		return weightInside
	case before && after:
		return weightInside
	case strings.ContainsRune("µ¿¡", r) && !before, r == '°' && !before, r == '²' && !after, r == '³' && !after:
		return -0.5
	case before || after:
		return weightBeside
	}
	return 0
}

// plainWeight judges the ASCII words of a text as Vietnamese.
func (s *sample) plainWeight() float64 {
	return max(mostForeign, min(mostPlain, weightPlain*float64(s.plain)+weightForeign*float64(s.foreign)))
}
