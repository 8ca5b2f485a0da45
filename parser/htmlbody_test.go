package parser

import (
	"strings"
	"testing"
)

const alternative = "Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nXem tệp kèm.\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gửi văn bản <b>TỐI</b> <b>MẬT</b>.</p>\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Phần hai</p>\r\n--b--\r\n"

// The HTML is read beside a plain text, in the outermost message and in a nested one, and leaves the plain text as it is.
func TestHTMLBesidePlainText(t *testing.T) {
	read := func(raw string, lim Limits) Message { return Parse(strings.NewReader(raw), int64(len(raw)), lim) }
	whole := func(where, plain, html string) {
		if strings.TrimSpace(plain) != "Xem tệp kèm." {
			t.Errorf("%s: text %q", where, plain)
		}
		if !strings.Contains(html, "TỐI MẬT") || !strings.Contains(html, "Phần hai") || strings.Contains(html, "Xem") {
			t.Errorf("%s: HTML text %q", where, html)
		}
	}
	m := read("Subject: a\r\n"+alternative, DefaultLimits)
	whole("message", m.Text, m.HTMLText)
	m = read("Subject: a\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: b\r\n"+
		alternative+"\r\n--x--\r\n", DefaultLimits)
	if len(m.Nested) != 1 || m.HTMLText != "" {
		t.Fatalf("%d nested messages, HTML text %q", len(m.Nested), m.HTMLText)
	}
	whole("nested message", m.Nested[0].Text, m.Nested[0].HTMLText)
}

// Blank plain text, as some programs send it, hides no HTML of a nested message.
func TestNestedBlankTextBesideHTML(t *testing.T) {
	raw := "Subject: a\r\nContent-Type: message/rfc822\r\n\r\nSubject: b\r\n" + strings.Replace(alternative, "Xem tệp kèm.", " \r\n ", 1)
	m := Parse(strings.NewReader(raw), int64(len(raw)), DefaultLimits)
	if len(m.Nested) != 1 || !strings.Contains(m.Nested[0].Text, "TỐI MẬT") {
		t.Errorf("nested: %+v", m.Nested)
	}
}

// Many HTML bodies cost together no more than one may.
func TestHTMLBodiesAreBounded(t *testing.T) {
	lim := DefaultLimits
	lim.Text = 1000
	var raw strings.Builder
	raw.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 50 {
		raw.WriteString("--b\r\nContent-Type: text/html\r\n\r\n" + strings.Repeat("<p>abc</p>\r\n", 100))
	}
	raw.WriteString("--b--\r\n")
	found := &findings{}
	c, _ := walk(strings.NewReader(raw.String()), int64(raw.Len()), lim, found, nil)
	kept := 0
	for _, part := range c.htmls {
		kept += len(part.source)
	}
	if most := htmlDocument.keep(lim); kept > most || kept == 0 {
		t.Errorf("%d bytes kept, at most %d allowed", kept, most)
	}
	if n := len([]rune(c.htmlBody(lim.Text))); n > lim.Text || n == 0 {
		t.Errorf("%d runes of text", n)
	}
}
