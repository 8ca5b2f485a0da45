package parser

import (
	"encoding/base64"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxHeaderText bounds the runes of one decoded header value or name.
const maxHeaderText = 4096

// decodeWords is texts.words for who knows nothing of the message.
func decodeWords(s string) string { return texts{}.words(s) }

// words gives the text of an unstructured field (RFC 2047): bytes of adjacent encoded words of one charset are joined before they
// are decoded, because mailers cut inside a letter; everything else is read as raw text, 8-bit included. Words are recognised wherever
// they stand, inside quotes too, as every mail program does.
func (t texts) words(s string) string {
	if !strings.Contains(s, "=?") {
		return charset.Clean(t.raw(s), maxHeaderText)
	}
	var out strings.Builder
	run := wordRun{texts: t}
	for len(s) > 0 {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, n := cutWord(s[i:])
		if n == 0 { // only looks like one
			run.flush(&out)
			out.WriteString(t.raw(s[:i+2]))
			s = s[i+2:]
			continue
		}
		if gap := s[:i]; strings.Trim(gap, " \t\r\n") != "" || !run.open {
			run.flush(&out)
			out.WriteString(t.raw(gap))
		}
		run.add(w, &out)
		s = s[i+n:]
	}
	run.flush(&out)
	out.WriteString(t.raw(s))
	return charset.Clean(out.String(), maxHeaderText)
}

// maxWord bounds the encoded text of one word; RFC 2047 allows 75 characters, senders write thousands.
const maxWord = 16 << 10

// word is one encoded word: charset, encoding (q or b) and the encoded text.
type word struct {
	charset string
	enc     byte
	text    string
}

// cutWord reads the encoded word at the start of s and how long it is; 0 when there is none. Blanks inside Q text and a missing "?=" at the
// end of the field are tolerated.
func cutWord(s string) (word, int) {
	rest := s[2:]
	label, rest, ok := strings.Cut(rest, "?")
	if !ok || label == "" || len(label) > 60 || strings.ContainsAny(label, " \t\r\n\"<>()@,;:") {
		return word{}, 0
	}
	if len(rest) < 2 || rest[1] != '?' {
		return word{}, 0
	}
	enc := rest[0] | 0x20
	if enc != 'q' && enc != 'b' {
		return word{}, 0
	}
	rest = rest[2:]
	whole := rest
	rest = rest[:min(len(rest), maxWord)]
	end := strings.Index(rest, "?=")
	next := strings.Index(rest, "=?")
	switch {
	case end >= 0 && enc == 'q' && strings.HasPrefix(rest[end:], "?==") && isHex2(rest[end+2:]):
		// "?=" of a raw question mark before an escape such as "?=C3"; look on
		if e := strings.Index(rest[end+2:], "?="); e >= 0 {
			end += 2 + e
		}
	case end < 0:
		if len(rest) < len(whole) || next >= 0 || strings.ContainsAny(rest, "<>@") || !charset.Known(label) {
			return word{}, 0
		}
		return word{label, enc, rest}, len(s)
	}
	text := rest[:end]
	if enc == 'b' && strings.ContainsAny(text, "?<>@\"") {
		return word{}, 0
	}
	return word{label, enc, text}, len(s) - len(whole) + end + 2
}

func isHex2(s string) bool {
	return len(s) >= 3 && s[0] == '=' && hexValue(s[1]) >= 0 && hexValue(s[2]) >= 0
}

// wordRun collects the bytes of adjacent words of one charset.
type wordRun struct {
	texts   texts
	open    bool
	charset string
	bytes   []byte
	b64     string // base64 of a word that was cut inside a quantum, waiting for the rest
}

func (r *wordRun) add(w word, out *strings.Builder) {
	if r.open && !strings.EqualFold(r.charset, w.charset) {
		r.flush(out)
	}
	if !r.open {
		r.open, r.charset = true, w.charset
	}
	if w.enc == 'q' {
		r.endBase64()
		r.bytes = appendQ(r.bytes, w.text)
		return
	}
	t := r.b64 + dropBlanks(w.text)
	if strings.HasSuffix(t, "=") || len(t)%4 == 0 {
		r.bytes = appendBase64(r.bytes, t)
		r.b64 = ""
		return
	}
	whole := len(t) &^ 3
	r.bytes = appendBase64(r.bytes, t[:whole])
	r.b64 = t[whole:]
}

func (r *wordRun) endBase64() {
	r.bytes = appendBase64(r.bytes, r.b64)
	r.b64 = ""
}

func (r *wordRun) flush(out *strings.Builder) {
	if !r.open {
		return
	}
	r.endBase64()
	out.WriteString(r.texts.labelled(r.charset, r.bytes))
	*r = wordRun{texts: r.texts, bytes: r.bytes[:0]}
}

func dropBlanks(s string) string {
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	return strings.NewReplacer(" ", "", "\t", "").Replace(s)
}

// appendQ decodes the Q encoding (RFC 2047, 4.2); an escape that is none stands for itself.
func appendQ(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0:
			c = byte(hexValue(s[i+1])<<4 | hexValue(s[i+2]))
			i += 2
		}
		dst = append(dst, c)
	}
	return dst
}

// appendBase64 decodes what it can: characters outside the alphabet are left out, missing padding is supplied, padding in the middle ends
// a quantum.
func appendBase64(dst []byte, s string) []byte {
	if b, err := base64.StdEncoding.AppendDecode(dst, []byte(s)); err == nil {
		return b
	}
	var q quantum
	for i := 0; i < len(s); i++ {
		dst, _ = q.add(dst, s[i])
	}
	return q.end(dst)
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
