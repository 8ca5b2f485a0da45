package parser

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/extract"
)

// content is what one message, the outermost or a nested one, has gathered.
type content struct {
	header      *block
	claims      *claims // instead of a header
	charset     string  // that its first body beyond ASCII was read in
	text        strings.Builder
	left        int // runes of text that may still be kept
	html        bool
	htmls       []htmlPart
	htmlLeft    int // bytes of HTML bodies that may still be kept
	attachments []Attachment
	inner       []*content // messages directly inside

	// signs for Kind, from the parts
	calendar, receipt, feedback bool
	status                      []byte   // the first message/delivery-status
	returned                    []string // message ids of headers that came back
}

// htmlPart is what was kept of one HTML body.
type htmlPart struct {
	source string
	in     texts
	text   string // instead of source: a body that was not HTML
}

func newContent(lim Limits) *content {
	return &content{left: lim.Text, htmlLeft: htmlDocument.keep(lim), attachments: []Attachment{}}
}

// saw notes what a part's type says of the message.
func (c *content) saw(t *partType) {
	switch t.ctype {
	case "text/html":
		c.html = c.html || t.body()
	case "text/calendar":
		c.calendar = c.calendar || t.invites()
	case "message/disposition-notification", "message/global-disposition-notification":
		c.receipt = true
	case "message/feedback-report":
		c.feedback = true
	}
}

// hasText says whether plain text has come that a person could read.
func (c *content) hasText() bool {
	return strings.TrimSpace(c.text.String()) != ""
}

// addText adds a body part and gives what no longer fitted.
func (c *content) addText(s string) string {
	if s == "" {
		return ""
	}
	if n := c.text.Len(); n > 0 && c.left > 0 && !strings.HasSuffix(c.text.String(), "\n") {
		c.text.WriteByte('\n')
		c.left--
	}
	n := utf8.RuneCountInString(s)
	if n <= c.left {
		c.text.WriteString(s)
		c.left -= n
		return ""
	}
	kept := charset.CleanText(s, max(c.left, 0))
	c.text.WriteString(kept)
	c.left = 0
	return s[len(kept):]
}

// htmlBody is the readable text of the HTML bodies, joined. It is read beside plain text too: a mail may say in its HTML alternative what
// the plain one leaves out, and most programs show the HTML.
func (c *content) htmlBody(limit int) string {
	var out strings.Builder
	for _, part := range c.htmls {
		s := part.readable()
		if out.Len() > 0 && s != "" {
			out.WriteByte('\n')
		}
		out.WriteString(s)
	}
	return charset.CleanText(out.String(), limit)
}

// html decodes HTML by the declared charset, else by the one that its meta element names.
func (t texts) html(label string, raw []byte) htmlPart {
	if label == "" {
		label = metaCharset(raw)
	}
	s := t.labelled(label, raw)
	return htmlPart{source: s, in: t}
}

// readable is what a person reads of it. Letters of an old font that stand there as entities are those of Latin-1 ("C&laquo;ng").
func (p htmlPart) readable() string {
	if p.source == "" {
		return p.text
	}
	s := extract.HTML(p.source)
	if strings.IndexByte(p.source, '&') >= 0 {
		s = p.in.labelled("utf-8", []byte(s))
	}
	return s
}

// metaCharset finds charset=… in the first kilobyte, in either form of the meta element.
func metaCharset(raw []byte) string {
	head := bytes.ToLower(raw[:min(len(raw), 1024)])
	_, rest, ok := bytes.Cut(head, []byte("charset"))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " =\"'")
	end := 0
	for end < len(rest) && (rest[end] == '-' || rest[end] == '_' || isDigit(rest[end]) || rest[end] >= 'a' && rest[end] <= 'z') {
		end++
	}
	if label := string(rest[:end]); charset.Known(label) && !strings.HasPrefix(label, "utf-16") {
		return label
	}
	return ""
}

// unflow joins the lines of format=flowed text (RFC 3676): a line that ends in a blank goes on, at the same depth of quoting; "-- " never
// does; delsp drops that blank.
func unflow(s string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	open, depth := false, 0
	for len(s) > 0 {
		line, rest, ended := strings.Cut(s, "\n")
		s = rest
		line = strings.TrimSuffix(line, "\r")
		text := strings.TrimLeft(line, ">")
		d := len(line) - len(text)
		signature := strings.TrimPrefix(text, " ") == "-- "
		if open && (d != depth || signature) {
			out.WriteByte('\n')
			open = false
		}
		text = strings.TrimPrefix(text, " ") // space-stuffing
		if !open {
			if d > 0 {
				text = strings.Repeat(">", d) + " " + text
			}
		}
		open, depth = ended && strings.HasSuffix(text, " ") && !signature, d
		if open && delsp {
			text = text[:len(text)-1]
		}
		out.WriteString(text)
		if ended && !open {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
