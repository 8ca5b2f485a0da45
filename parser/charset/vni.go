package charset

// VNI for Windows writes a letter as its base and, where it has marks, a second byte for all of them together: "oä" is ộ. ơ, ư, đ, ỵ and
// the i with a tone have a byte of their own.

// vniMark is what a second byte adds: the base that it makes of a plain vowel (0: none) and the tone.
type vniMark struct {
	mark byte // '^', '(' or 0
	tone tone
	is   bool
}

// vniMarks by the small letter's byte; the capital's is 0x20 less.
var vniMarks = func() (t [256]vniMark) {
	for i, row := range []struct {
		mark  byte
		bytes string // by tone
	}{{0, "\x00\xF8\xFB\xF5\xF9\xEF"}, {'^', "\xE2\xE0\xE5\xE3\xE1\xE4"}, {'(', "\xEA\xE8\xFA\xFC\xE9\xEB"}} {
		for to, b := range []byte(row.bytes) {
			if i > 0 || to > 0 {
				t[b] = vniMark{row.mark, tone(to), true}
				t[b-0x20] = t[b]
			}
		}
	}
	return t
}()

// vniSingle is the table of the bytes that are letters by themselves; the rest are those of windows-1252.
var vniSingle = func() *oneByteTable {
	t := *windows1252
	letters := "đíìỉĩịơưỵ"
	for i, r := range []rune(letters) {
		b := "\xF1\xED\xEC\xE6\xF3\xF2\xF4\xF6\xEE"[i]
		t[b] = r
		t[b-0x20] = upperOf(r)
	}
	return &t
}()

// vniRunes reads b. A mark that no letter takes gives stray, or when that is 0 what windows-1252 has, so that nothing is lost.
func vniRunes(dst []rune, b []byte, stray rune) []rune {
	for i := 0; i < len(b); i++ {
		r := vniSingle[b[i]]
		if stray != 0 && vniMarks[b[i]].is {
			r = stray
		}
		if i+1 < len(b) && b[i+1] >= 0xC0 {
			if whole := vniCompose(r, vniMarks[b[i+1]]); whole != 0 {
				r = whole
				i++
			}
		}
		dst = append(dst, r)
	}
	return dst
}

// vniCompose joins a base and its mark, 0 when they make no letter.
func vniCompose(r rune, m vniMark) rune {
	l := letterOf(r)
	if !m.is || l.tone != level || !isVowel(l.base) || l.base == 'i' {
		return 0
	}
	if m.mark != 0 {
		base := byte(0)
		switch {
		case m.mark == '(' && l.base == 'a':
			base = 'W'
		case m.mark == '^' && (l.base == 'a' || l.base == 'e' || l.base == 'o'):
			base = l.base - 0x20
		default:
			return 0
		}
		r = withBase(r, base)
	}
	if m.tone == level {
		return r
	}
	return withTone(r, m.tone)
}
