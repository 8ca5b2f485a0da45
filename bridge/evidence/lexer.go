package evidence

import (
	"errors"
	"strings"
)

// token is a piece of a structured header field (RFC 5322, 3.2): a word, a quoted string, a comment, or one of ; and =.
type token struct {
	kind  tokenKind
	text  string // of a word, or the inside of a quoted string or comment with its escapes resolved
	glued bool   // nothing, not even a comment, stands between it and the token before
}

type tokenKind byte

const (
	word      tokenKind = 'w'
	quoted    tokenKind = '"'
	comment   tokenKind = '('
	semicolon tokenKind = ';'
	equals    tokenKind = '='
)

// Bounds of what is read: real fields have a few hundred bytes. The parser cuts a field at 16 KiB, and one that was cut may have lost the
// word that speaks against the sender.
const (
	maxField  = 12 << 10
	maxTokens = 4000
)

var errMalformed = errors.New("malformed")

// tokens splits an unfolded field value. It knows quoted strings, and comments within comments, so that what stands in them can never
// pass for anything else; a field in which one of them does not end is malformed as a whole.
func tokens(value string) ([]token, error) {
	if len(value) > maxField {
		return nil, errMalformed
	}
	var out []token
	glued := false
	for i := 0; i < len(value); {
		if len(out) == maxTokens {
			return nil, errMalformed
		}
		t, n := token{glued: glued}, 1
		switch c := value[i]; c {
		case ' ', '\t', '\r', '\n':
			glued = false
			i++
			continue
		case ';', '=':
			t.kind = tokenKind(c)
		case '"', '(':
			t.kind = tokenKind(c)
			t.text, n = enclosed(value[i:])
			if n == 0 {
				return nil, errMalformed
			}
		case ')':
			return nil, errMalformed
		default:
			n = strings.IndexAny(value[i:], " \t\r\n;=\"()")
			if n < 0 {
				n = len(value) - i
			}
			t.kind, t.text = word, value[i:i+n]
			if strings.ContainsFunc(t.text, control) {
				return nil, errMalformed
			}
		}
		out = append(out, t)
		glued = t.kind != comment
		i += n
	}
	return out, nil
}

// enclosed reads the quoted string or comment at the start of s, and says how many bytes it takes: 0 when it does not end.
func enclosed(s string) (string, int) {
	var text strings.Builder
	depth := 1
	for i := 1; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			i++
			if i == len(s) {
				return "", 0
			}
			c = s[i]
		case s[0] == '"' && c == '"', s[0] == '(' && c == ')' && depth == 1:
			return text.String(), i + 1
		case s[0] == '(' && c == '(':
			depth++
		case s[0] == '(' && c == ')':
			depth--
		}
		text.WriteByte(c)
	}
	return "", 0
}

func control(r rune) bool { return r < 0x20 || r == 0x7f }
