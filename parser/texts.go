package parser

import (
	"fmt"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
)

// texts reads the bytes of texts at one place of a message. The zero value knows nothing of the message and notes nothing.
type texts struct {
	hint  string // charset that the body was read in, "" when there is none beyond ASCII
	found *findings
	where string   // of what is found
	keep  *content // whose body is read, nil for other texts
}

// at is t for another place.
func (t texts) at(where string) texts {
	t.where = where
	return t
}

// raw reads bytes that stand in a header without any encoding.
func (t texts) raw(s string) string {
	if printable(s) {
		return s
	}
	return t.labelled("", []byte(s))
}

// labelled reads bytes under a label and notes when they were not what it says.
func (t texts) labelled(label string, b []byte) string {
	r := charset.Read(label, b, t.hint)
	t.note(label, r)
	if t.keep != nil && t.keep.charset == "" && r.Charset != "us-ascii" {
		t.keep.charset = r.Charset
	}
	return r.Text
}

// note adds what is wrong with a label.
func (t texts) note(label string, r charset.Reading) {
	if t.found == nil || r.AsLabelled {
		return
	}
	t.found.add(UnknownCharset, t.where, "")
	if r.Guessed() && !t.found.has(CharsetGuessed, t.where) {
		if label == "" {
			label = "no charset"
		}
		t.found.add(CharsetGuessed, t.where, fmt.Sprintf("%s read as %s, confidence %.2f", charset.Clean(label, 40), r.Charset, r.Confidence))
	}
}

// printable says whether s is ASCII that no charset reads otherwise.
func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 && c != '\t' && c != '\r' && c != '\n' || c >= 0x7F || c == '^' {
			return false
		}
	}
	return true
}

// rawText reads bytes of a field that no person writes.
func rawText(s string) string { return texts{}.raw(s) }

// headerTexts reads the fields of a header block whose body was read in a charset. Raw 8-bit fields are short: what they have in common
// is found out of all of them together.
func headerTexts(b *block, body string, found *findings) texts {
	t := texts{hint: body, found: found}
	var all []byte
	for _, name := range []string{"Subject", "From", "To", "Cc", "Reply-To", "Sender"} {
		for _, v := range b.Values(name) {
			if !utf8.ValidString(v) {
				all = append(append(all, v...), '\n')
			}
		}
	}
	if len(all) > 0 {
		t.hint = charset.Read("", all, body).Charset
	}
	return t
}

// texts reads what stands in the part at path of content c.
func (k *walker) texts(c *content, path string) texts {
	return texts{hint: c.charset, found: k.found, where: path}
}

// bodies reads a body of content c, whose charset is kept for what else the message holds.
func (k *walker) bodies(c *content, path string) texts {
	t := k.texts(c, path)
	t.keep = c
	return t
}
