package notice

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a header line should stay within: 76 octets with an encoded-word in it (RFC 2047, 2), 78 otherwise (RFC 5322, 2.1.1). Only a single
// word that is longer, such as a foreign message id, goes beyond it.
const (
	encodedLimit = 76
	lineLimit    = 78
)

// header writes fields whose lines are folded at blanks.
type header struct{ bytes.Buffer }

// field writes one field of words that hold no blanks and are ASCII.
func (h *header) field(name string, words ...string) {
	h.WriteString(name)
	h.WriteByte(':')
	column, limit := len(name)+1, lineLimit
	if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "=?") }) {
		limit = encodedLimit
	}
	for i, w := range words {
		// The first word stays on the line of the name where it can: some readers take an empty first line for an empty field.
		if column+1+len(w) > limit && (i > 0 || len(w) < limit) {
			h.WriteString("\r\n")
			column = 0
		}
		h.WriteByte(' ')
		h.WriteString(w)
		column += 1 + len(w)
	}
	h.WriteString("\r\n")
}

// unstructured gives the words of a text field (RFC 5322, 2.2.1), such as a subject; column is where the first of them stands.
func unstructured(text string, column int) []string {
	if words := strings.Fields(text); plain(words) {
		return words
	}
	return encodedWords(text, column)
}

// plain says whether words can stand as they are: ASCII, short enough to fold, and not to be taken for encoded-words.
func plain(words []string) bool {
	for _, w := range words {
		if len(w) > 60 || strings.Contains(w, "=?") {
			return false
		}
		for i := range len(w) {
			if w[i] <= ' ' || w[i] >= 0x7f {
				return false
			}
		}
	}
	return true
}

// mailbox gives the words of an address with a display name (RFC 5322, 3.4).
func mailbox(name, addr string, column int) []string {
	words := strings.Fields(name)
	switch {
	case len(words) == 0:
		return []string{addr}
	case !plain(words):
		words = encodedWords(name, column)
	case strings.Trim(strings.Join(words, ""), atext) != "":
		if len(name) > 60 {
			words = encodedWords(name, column)
			break
		}
		words = []string{`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(strings.Join(words, " ")) + `"`}
	}
	return append(words, "<"+addr+">")
}

// encodedWords writes a text in UTF-8 and base64 (RFC 2047, 2 and 4.1): words of at most 75 octets, cut between characters. Blanks between
// two of them are not part of the text.
func encodedWords(text string, column int) []string {
	const open, end = "=?utf-8?b?", "?="
	var words []string
	for text != "" {
		room := (encodedLimit - 1 - column - len(open) - len(end)) / 4 * 3
		column = 0
		n := 0
		for n < len(text) {
			_, size := utf8.DecodeRuneInString(text[n:])
			if n+size > room {
				break
			}
			n += size
		}
		words = append(words, open+base64.StdEncoding.EncodeToString([]byte(text[:n]))+end)
		text = text[n:]
	}
	return words
}
