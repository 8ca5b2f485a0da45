package charset

import "unicode"

// The Vietnamese alphabet beyond ASCII: twelve vowels in six tones, and đ. Tones are numbered in the order of tone.
const (
	vowels = "aăâeêioôơuưy"
	small  = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
)

// tone of a syllable; every syllable has one.
type tone uint8

const (
	level  tone = iota // ngang, not written
	grave              // huyền
	hook               // hỏi
	tilde              // ngã
	acute              // sắc
	dot                // nặng
	nTones = 6
)

// letter is what Vietnamese makes of a rune. base is 0 for what is no letter of its alphabet; else the small letter without tone: itself
// when ASCII, and for ă â đ ê ô ơ ư the capital of plainOf, so that syllables are plain strings.
type letter struct {
	base  byte
	tone  tone
	upper bool
}

// marked and markedAs name the seven letters that ASCII lacks by one byte each.
const (
	marked   = "ăâđêôơư"
	markedAs = "WADEOPU"
)

// plainOf takes the mark off a base: ă and â are a, đ is d.
func plainOf(base byte) byte {
	switch base {
	case 'W', 'A':
		return 'a'
	case 'D':
		return 'd'
	case 'E':
		return 'e'
	case 'O', 'P':
		return 'o'
	case 'U':
		return 'u'
	}
	return base
}

func isVowel(base byte) bool {
	switch base {
	case 'a', 'W', 'A', 'e', 'E', 'i', 'o', 'O', 'P', 'u', 'U', 'y':
		return true
	}
	return false
}

// alphabet holds the letters by rune, toned the vowels by base and tone.
var alphabet, toned = letterTables()

func letterTables() (byRune [0x1F00]letter, byTone [128][nTones]rune) {
	for r := 'a'; r <= 'z'; r++ {
		switch r {
		case 'f', 'j', 'w', 'z':
			continue
		}
		byRune[r], byRune[r-0x20] = letter{base: byte(r)}, letter{base: byte(r), upper: true}
	}
	base := map[rune]byte{}
	for i, r := range []rune(marked) {
		base[r] = markedAs[i]
	}
	for i, v := range []rune(vowels) {
		b, ok := base[v]
		if !ok {
			b = byte(v)
		}
		for t := range tone(nTones) {
			r := []rune(small)[i*nTones+int(t)]
			byRune[r], byRune[unicode.ToUpper(r)] = letter{b, t, false}, letter{b, t, true}
			byTone[b][t] = r
		}
	}
	byRune['đ'], byRune['Đ'] = letter{base: 'D'}, letter{base: 'D', upper: true}
	return byRune, byTone
}

func letterOf(r rune) letter {
	if uint32(r) < uint32(len(alphabet)) {
		return alphabet[r]
	}
	return letter{}
}

// withTone puts a tone on a vowel that has none yet; 0 when it cannot.
func withTone(r rune, t tone) rune {
	l := letterOf(r)
	if l.base == 0 || l.tone != level || !isVowel(l.base) {
		return 0
	}
	if r = toned[l.base][t]; l.upper {
		r = unicode.ToUpper(r)
	}
	return r
}

// withBase changes the mark of a vowel: a and 'A' give â.
func withBase(r rune, base byte) rune {
	l := letterOf(r)
	if r = toned[base][l.tone]; l.upper {
		r = unicode.ToUpper(r)
	}
	return r
}

// combiningTone gives the tone that a combining mark stands for.
func combiningTone(r rune) (tone, bool) {
	switch r {
	case 0x300:
		return grave, true
	case 0x309:
		return hook, true
	case 0x303:
		return tilde, true
	case 0x301:
		return acute, true
	case 0x323:
		return dot, true
	}
	return level, false
}
