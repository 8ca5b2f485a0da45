package charset

import (
	"strings"
	"unicode"
)

// Vietnamese is written in syllables of a fixed build: an onset, a rhyme, and a tone whose sign has its place. Few strings of letters in
// any other language, or in Vietnamese read by the wrong table, have it. That is the model of the detector.

// grade of a word as a Vietnamese syllable.
type grade uint8

const (
	invalid grade = iota
	valid         // built right
	common        // and among those that fill official texts
)

// rhymes by the letter they begin with; every one that is in use, without tones. k closes names of places in the highlands.
const rhymes = "a ac ach ai am an ang anh ao ap at au ay " +
	"ă ăc ăk ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây " +
	"e ec em en eng eo ep et ê êch êm ên ênh êp êt êu " +
	"i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu " +
	"o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot " +
	"ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt " +
	"u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh ui uôc uôi uôm uôn uông uôt uơ uy uya uych uyên uyêt uyn uynh uyp uyt uyu " +
	"ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu " +
	"y yêm yên yêng yêt yêu"

// onsets in use; p only in borrowed words and names.
const onsets = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"

// rhyme is what the table knows of one: whether it ends in a stop (c, ch, k, p, t), which allows two tones only, and the letters that may
// bear the tone, one bit each.
type rhyme struct {
	stop  bool
	bears uint8
}

var (
	rhymeTable  = rhymeTables()
	plainRhymes = plainTable()
	onsetTable  = wordSet(onsets)
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[string(bases(nil, w))] = true
	}
	return set
}

// bases appends the base of every letter.
func bases(dst []byte, s string) []byte {
	for _, r := range s {
		dst = append(dst, letterOf(r).base)
	}
	return dst
}

func rhymeTables() map[string]rhyme {
	table := map[string]rhyme{}
	for _, w := range strings.Fields(rhymes) {
		b := string(bases(nil, w))
		last := b[len(b)-1]
		table[b] = rhyme{stop: last == 'c' || last == 'k' || last == 'p' || last == 't' || strings.HasSuffix(b, "ch"), bears: bearers(b)}
	}
	return table
}

// bearers says where the tone may stand: on the last vowel with a mark; else on the last of the vowels before a consonant, on the middle
// one of three, and of two at the end on the first or, for oa, oe and uy, on either (both ways are taught).
func bearers(b string) uint8 {
	n, last := 0, -1
	for n < len(b) && isVowel(b[n]) {
		if plainOf(b[n]) != b[n] {
			last = n
		}
		n++
	}
	switch {
	case last >= 0:
		return 1 << last
	case n < len(b), n == 1:
		return 1 << (n - 1)
	case n == 3:
		return 1 << 1
	case b == "oa" || b == "oe" || b == "uy":
		return 3
	}
	return 1
}

// plainTable is the rhymes as they look without any mark.
func plainTable() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(rhymes) {
		b := bases(nil, w)
		for i := range b {
			b[i] = plainOf(b[i])
		}
		set[string(b)] = true
	}
	return set
}

// maxSyllable is the length of "nghiêng".
const maxSyllable = 7

// gradeWord judges a word of letters. shared says that the case of toned letters means nothing.
func gradeWord(w []rune, shared bool) grade {
	if len(w) == 0 || len(w) > maxSyllable {
		return invalid
	}
	var buf [maxSyllable + 1]byte
	key := buf[:0]
	at, sign := -1, level
	for i, r := range w {
		l := letterOf(r)
		if l.base == 0 {
			return invalid
		}
		if l.tone != level {
			if sign != level {
				return invalid
			}
			at, sign = i, l.tone
		}
		key = append(key, l.base)
	}
	if !caseFits(w, shared) || !built(key, at, sign) {
		return invalid
	}
	if commonSyllables[string(append(key, '0'+byte(sign)))] {
		return common
	}
	return valid
}

func gradeString(s string) grade {
	var buf [maxSyllable + 1]rune
	w := buf[:0]
	for _, r := range s {
		if len(w) > maxSyllable {
			return invalid
		}
		w = append(w, r)
	}
	return gradeWord(w, true)
}

// caseFits allows small letters, a capital first, and capitals only.
func caseFits(w []rune, shared bool) bool {
	upper, lower := 0, 0
	for i, r := range w {
		l := letterOf(r)
		switch {
		case shared && l.tone != level && !l.upper:
		case !l.upper:
			lower++
		case i > 0:
			upper++
		}
	}
	return upper == 0 || lower == 0
}

// built says whether the bases are onset and rhyme with the tone where it may stand.
func built(key []byte, at int, sign tone) bool {
	for n := min(3, len(key)-1); n >= 0; n-- {
		if n > 0 && !onsetTable[string(key[:n])] {
			continue
		}
		rest := key[n:]
		r, ok := rhymeTable[string(rest)]
		if !ok || !spelled(string(key[:n]), rest) {
			continue
		}
		if r.stop && sign != acute && sign != dot {
			return false
		}
		return sign == level || at >= n && r.bears&(1<<(at-n)) != 0
	}
	return false
}

// spelled holds the rules that choose between c and k, g and gh, ng and ngh by the letter that follows.
func spelled(onset string, rest []byte) bool {
	front := rest[0] == 'i' || rest[0] == 'e' || rest[0] == 'E' || rest[0] == 'y'
	switch onset {
	case "k", "gh", "ngh":
		return front
	case "c", "ng":
		return !front
	case "g":
		return !front || rest[0] == 'i'
	case "qu":
		return rest[0] != 'u' && rest[0] != 'U' && rest[0] != 'o'
	case "gi":
		return rest[0] != 'i' && rest[0] != 'y'
	}
	return true
}

// plainSyllable says whether an ASCII word may be a Vietnamese syllable, with its marks or without.
func plainSyllable(w []byte) bool {
	if len(w) == 0 || len(w) > maxSyllable {
		return false
	}
	var buf [maxSyllable]byte
	key := buf[:len(w)]
	for i, c := range w {
		if key[i] = c | 0x20; letterOf(rune(c)).base == 0 {
			return false
		}
	}
	for n := min(3, len(key)-1); n >= 0; n-- {
		if (n == 0 || onsetTable[string(key[:n])]) && plainRhymes[string(key[n:])] {
			return true
		}
	}
	return false
}

func isLetterOrMark(r rune) bool {
	if r < 0x80 {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r)
}
