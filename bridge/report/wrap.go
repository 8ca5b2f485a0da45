package report

import (
	"strings"
	"unicode"
)

// measure gives the width of one letter of a font.
type measure func(r rune) float64

func (m measure) width(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += m(r)
	}
	return w
}

// wrap breaks a text into lines no wider than width: at blanks, in words that are wider by themselves behind a sign that parts them (12/UBND-
// VX), and only if nothing else is left between letters. No letter is lost; of the blanks only those at a break. An empty text has no line.
func wrap(text string, width float64, m measure) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line, used := "", 0.0
		for _, word := range strings.Fields(paragraph) {
			w := m.width(word)
			if gap := m(' '); line != "" && used+gap+w <= width {
				line, used = line+" "+word, used+gap+w
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			pieces := breakWord(word, width, m)
			lines = append(lines, pieces[:len(pieces)-1]...)
			line = pieces[len(pieces)-1]
			used = m.width(line)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// breakWord breaks one word into pieces that fit, at least one.
func breakWord(word string, width float64, m measure) []string {
	var pieces []string
	letters := []rune(word)
	for start := 0; ; {
		end, good, used := start, 0, 0.0
		for end < len(letters) {
			if used += m(letters[end]); used > width && end > start {
				break
			}
			if end++; end < len(letters) && strings.ContainsRune("/-_.,;:&@)", letters[end-1]) {
				good = end
			}
		}
		if end < len(letters) {
			if good > start {
				end = good
			}
			for end < len(letters) && end > start+1 && unicode.Is(unicode.Mn, letters[end]) { // a mark stays with its letter
				end--
			}
		}
		pieces = append(pieces, string(letters[start:end]))
		if start = end; start == len(letters) {
			return pieces
		}
	}
}
