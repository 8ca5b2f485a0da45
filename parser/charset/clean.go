package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean is the gate for every one-line string that leaves the parser or enters the database: valid UTF-8, NFC, no NUL, no control
// characters, no bidi marks and overrides; line ends and tabs become blanks; blanks at both ends are cut; at most maxRunes runes.
func Clean(s string, maxRunes int) string {
	s = strings.TrimSpace(gate(s, maxRunes, false))
	return cut(s, maxRunes)
}

// CleanText is Clean for text of several lines: it keeps tabs, makes every line end "\n" and does not trim.
func CleanText(s string, maxRunes int) string {
	return cut(gate(s, maxRunes, true), maxRunes)
}

// gate validates before it normalises: norm must never see invalid UTF-8 (CVE-2026-56852 is that class of fault).
func gate(s string, maxRunes int, lines bool) string {
	if plain(s, lines) {
		return s
	}
	if most := maxRunes*utf8.UTFMax*4 + 64; len(s) > most { // normalising composes at most a handful of runes into one
		s = s[:most]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	var b strings.Builder
	from := 0 // what stands before is in b
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7F {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		with, keep := gated(r, s[i+n:], lines)
		if !keep {
			if b.Len() == 0 {
				b.Grow(len(s))
			}
			b.WriteString(s[from:i])
			b.WriteString(with)
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return norm.NFC.String(s)
	}
	b.WriteString(s[from:])
	return norm.NFC.String(b.String())
}

// gated says whether a rune may stay, and what stands for it when it may not; after is what follows it.
func gated(r rune, after string, lines bool) (with string, keep bool) {
	lineEnd := r == '\r' && strings.HasPrefix(after, "\n")
	switch {
	case lineEnd:
		return "", false
	case r == '\r' && lines:
		return "\n", false
	case (r == '\n' || r == '\t') && lines:
		return "", true
	case r == '\r', r == '\n', r == '\t', r == '\v', r == '\f', r == 0x85, r == 0x2028, r == 0x2029:
		return " ", false
	case dropped(r):
		return "", false
	}
	return "", true
}

// plain reports strings that are clean as they stand: printable ASCII.
func plain(s string, lines bool) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 0x20 || c >= 0x7F) && !(lines && (c == '\n' || c == '\t')) {
			return false
		}
	}
	return true
}

// dropped are control characters (C0, DEL, C1), everything that reorders text for display, and the byte order mark.
func dropped(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return true
	case r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB, r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true
	}
	return false
}

// cut keeps the first n runes. A prefix of NFC text is NFC.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
