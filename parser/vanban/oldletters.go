package vanban

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"github.com/giaolien/giaolien/parser/charset"
)

// oldWord is a word of a mark in the letters of an old font, and what it is.
type oldWord struct {
	word  string
	label string
	tells bool // no other word of any language in use here is spelled so
}

// oldWords are the words of marks as the bytes of TCVN3 (ABC) and VNI look to a program that takes them for Western letters: the fonts .VnTime
// and VNI-Times make Vietnamese of them. Where there is nothing but one mark, statistics of letters can't tell; the mark itself can.
var oldWords = oldWordTable()

func oldWordTable() map[string]oldWord {
	tcvn3 := strings.NewReplacer("ậ", "Ë", "ẩ", "È", "ố", "è", "ệ", "Ö", "ợ", "î", "ư", "\u00ad", "ỏ", "á", "ả", "¶")
	vni := strings.NewReplacer("ậ", "aä", "ẩ", "aå", "ố", "oá", "ệ", "eä", "ợ", "ôï", "ư", "ö", "ỏ", "oû", "ả", "aû")
	ascii := func(s string, f func(rune) rune) string {
		return strings.Map(func(r rune) rune {
			if r < 0x80 {
				return f(r)
			}
			return r
		}, s)
	}
	all := map[string]oldWord{}
	for _, w := range []string{"mật", "khẩn", "tốc", "hỏa", "hoả", "tối", "tuyệt", "thượng"} {
		tells := w == "mật" || w == "khẩn" || w == "tốc"
		upper := strings.ToUpper(w)
		first := strings.ToUpper(w[:1]) + w[1:]
		// The capitals of TCVN3 with a tone are in the font, not in the code.
		old := tcvn3.Replace(w)
		all[old] = oldWord{w, "tcvn3", tells}
		all[strings.ToUpper(old[:1])+old[1:]] = oldWord{first, "tcvn3", tells}
		all[ascii(old, unicode.ToUpper)] = oldWord{upper, "tcvn3", tells}
		all[strings.ReplaceAll(ascii(old, unicode.ToUpper), "\u00ad", "¦")] = oldWord{upper, "tcvn3", tells}
		old = vni.Replace(w)
		tells = tells && w != "tốc" || w == "hỏa" || w == "hoả" // "toác" is a word
		all[old] = oldWord{w, "vni", tells}
		all[strings.ToUpper(old[:1])+old[1:]] = oldWord{first, "vni", tells}
		all[strings.ToUpper(old)] = oldWord{upper, "vni", tells}
	}
	return all
}

// modern gives a text in Unicode letters when a mark in it is written in those of an old font, and leaves every other text as it is.
func modern(s string) string {
	if strings.IndexFunc(s, oldLetter) < 0 {
		return s
	}
	label := ""
	eachWord(s, func(word string) string {
		if w := oldWords[word]; w.tells && label == "" {
			label = w.label
		}
		return word
	})
	if label == "" {
		return s
	}
	mixed := strings.ContainsFunc(s, func(r rune) bool { return r >= 0x1ea0 && r <= 0x1ef9 }) // the rest is in Unicode already
	s = eachWord(s, func(word string) string {
		if w, ok := oldWords[word]; ok {
			return w.word
		}
		return word
	})
	if mixed {
		return s
	}
	return decodeOld(s, label)
}

// oldLetter says whether r is a letter of Latin-1 or one of the signs that stand for letters in TCVN3.
func oldLetter(r rune) bool { return r >= 0xc0 && r <= 0xff || r == 0xad || r == '¦' || r == '¶' }

// eachWord calls f with every word that has a letter beyond ASCII, and puts what it gives in the word's place.
func eachWord(s string, f func(string) string) string {
	var out strings.Builder
	done, start, old := 0, -1, false
	end := func(i int) {
		if start >= 0 && old {
			if word := s[start:i]; len(word) < 24 {
				if is := f(word); is != word {
					out.WriteString(s[done:start])
					out.WriteString(is)
					done = i
				}
			}
		}
		start, old = -1, false
	}
	for i, r := range s {
		special := oldLetter(r)
		if !special && !unicode.IsLetter(r) {
			end(i)
			continue
		}
		if start < 0 {
			start = i
		}
		old = old || special
	}
	end(len(s))
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// decodeOld decodes what can be bytes of an old charset.
func decodeOld(s, label string) string {
	var out strings.Builder
	out.Grow(len(s))
	var run []byte
	flush := func() {
		if len(run) > 0 {
			text, _ := charset.Decode(label, run)
			out.WriteString(text)
			run = run[:0]
		}
	}
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		if ok {
			run = append(run, c)
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	return out.String()
}
