package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-message/mail"
)

// mxHost is the demo's own mail server: the only host whose Received and Authentication-Results fields are believed.
const mxHost = "mx.quangtri.example.vn"

// letter is one mail of the demo: who wrote what, when our mail server took it, and what that server found about the sender.
type letter struct {
	About    string // what it shows, for the table
	From     string
	Name     string
	Subject  string
	Text     string
	At       time.Time // when our mail server received it
	Stored   time.Time // INTERNALDATE; zero: the same
	Pass     bool      // DKIM and DMARC passed
	Files    []file
	Fields   []string // further header fields
	Raw      []byte   // instead of all the above but At
	Mailbox  string   // "vanthu" when empty
	SameMail int      // index+1 of an earlier letter: delivered once more, to this Mailbox
}

type file struct {
	Name, Type string
	Data       []byte
}

// bytes writes the letter as our mail server would have stored it.
func (l letter) bytes(n int) ([]byte, error) {
	var b bytes.Buffer
	domain := l.From[strings.LastIndexByte(l.From, '@')+1:]
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", l.From)
	fmt.Fprintf(&b, "Received: from mail.%s (mail.%s [192.0.2.%d])\r\n\tby %s (Postfix) with ESMTPS id %08X\r\n\tfor <vanthu@quangtri.example.vn>; %s\r\n",
		domain, domain, 10+n, mxHost, 0xA0000+n, l.At.Format(time.RFC1123Z))
	if l.Pass {
		fmt.Fprintf(&b, "Authentication-Results: %s;\r\n\tdkim=pass (2048-bit key) header.d=%s header.s=s1;\r\n\tdmarc=pass header.from=%s\r\n", mxHost, domain, domain)
	} else {
		fmt.Fprintf(&b, "Authentication-Results: %s;\r\n\tdkim=none; spf=softfail smtp.mailfrom=%s;\r\n\tdmarc=fail header.from=%s\r\n", mxHost, domain, domain)
	}
	for _, f := range l.Fields {
		b.WriteString(f + "\r\n")
	}
	if l.Raw != nil {
		b.Write(l.Raw)
		return b.Bytes(), nil
	}
	if err := l.compose(&b, n, domain); err != nil {
		return nil, fmt.Errorf("compose demo mail %d: %w", n, err)
	}
	return b.Bytes(), nil
}

func (l letter) compose(b *bytes.Buffer, n int, domain string) error {
	var h mail.Header
	h.SetDate(l.At)
	h.SetSubject(l.Subject)
	h.SetAddressList("From", []*mail.Address{{Name: l.Name, Address: l.From}})
	h.SetAddressList("To", []*mail.Address{{Name: "Văn thư UBND tỉnh", Address: "vanthu@quangtri.example.vn"}})
	h.SetMessageID(fmt.Sprintf("%d.%d@%s", l.At.UnixNano(), n, domain))
	w, err := mail.CreateWriter(b, h)
	if err != nil {
		return err
	}
	var th mail.InlineHeader
	th.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	t, err := w.CreateSingleInline(th)
	if err != nil {
		return err
	}
	if _, err := t.Write([]byte(strings.ReplaceAll(l.Text, "\n", "\r\n"))); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	for _, f := range l.Files {
		if err := attach(w, f); err != nil {
			return err
		}
	}
	return w.Close()
}

func attach(w *mail.Writer, f file) error {
	var h mail.AttachmentHeader
	h.SetContentType(f.Type, nil)
	h.SetFilename(f.Name)
	a, err := w.CreateAttachment(h)
	if err != nil {
		return err
	}
	if _, err := a.Write(f.Data); err != nil {
		return err
	}
	return a.Close()
}

// pdf is a valid one-page PDF that shows a line of ASCII text.
func pdf(name, line string) file {
	var b bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	stream := "BT /F1 12 Tf 72 770 Td (" + line + ") Tj ET"
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return file{Name: name, Type: "application/pdf", Data: b.Bytes()}
}

// docx is a Word document with one paragraph per line.
func docx(name string, lines ...string) (file, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	var body strings.Builder
	for _, l := range lines {
		body.WriteString("<w:p><w:r><w:t>" + l + "</w:t></w:r></w:p>")
	}
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() + `</w:body></w:document>`},
	}
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err != nil {
			return file{}, fmt.Errorf("make %s: %w", name, err)
		}
		if _, err := w.Write([]byte(p.text)); err != nil {
			return file{}, fmt.Errorf("make %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return file{}, fmt.Errorf("make %s: %w", name, err)
	}
	return file{Name: name, Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Data: b.Bytes()}, nil
}
