package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/quotedprintable"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// part is a MIME entity: its own fields, and either its encoded bytes or further parts.
type part struct {
	fields []func(*header)
	kind   string // of a multipart: alternative or mixed
	parts  []part
	body   []byte
}

// parts are what a draft says, the text first: whoever shows only one part shows that (RFC 2046, 5.1.4). An alarm is text alone. The digest is
// that of the slip, where there is one.
func (d *Draft) parts(n Numbers) (body part, digest string, err error) {
	text := substitute(d.Body, n)
	plain, err := textPart("plain", text, maxLine)
	if err != nil || d.Kind == Alarm {
		return plain, "", err
	}
	page, err := textPart("html", htmlText(clean(replace(d.Subject, n), 200), text), maxPage)
	if err != nil {
		return part{}, "", err
	}
	both := part{kind: "alternative", parts: []part{plain, page}}
	if !d.Slip {
		return both, "", nil
	}
	slip, err := d.slip(n)
	if err != nil {
		return part{}, "", err
	}
	sum := sha256.Sum256(slip)
	return part{kind: "mixed", parts: []part{both, filePart("application/pdf", slipName, slip)}}, hex.EncodeToString(sum[:]), nil
}

// Bounds of one line, in letters: a page must not be cut within a tag, and its text is bounded already.
const (
	maxLine = 4000
	maxPage = 8 * maxWritten
)

// textPart writes a text as quoted-printable (RFC 2045, 6.7) with CRLF: readable in any archive, unlike base64.
func textPart(subtype, text string, limit int) (part, error) {
	text = norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if _, err := w.Write([]byte(bodyLine(line, limit) + "\r\n")); err != nil {
			return part{}, fmt.Errorf("encode body: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return part{}, fmt.Errorf("encode body: %w", err)
	}
	return part{body: b.Bytes(), fields: []func(*header){
		func(h *header) { h.field("Content-Type", "text/"+subtype+";", "charset=utf-8") },
		func(h *header) { h.field("Content-Transfer-Encoding", "quoted-printable") },
		func(h *header) { h.field("Content-Language", "vi") },
	}}, nil
}

// filePart writes a file in base64, in lines of 76 (RFC 2045, 6.8). The name is ASCII of our own.
func filePart(mediaType, name string, body []byte) part {
	var b bytes.Buffer
	encoded := base64.StdEncoding.EncodeToString(body)
	for len(encoded) > 0 {
		n := min(len(encoded), 76)
		b.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	return part{body: b.Bytes(), fields: []func(*header){
		func(h *header) { h.field("Content-Type", mediaType+";", `name="`+name+`"`) },
		func(h *header) { h.field("Content-Disposition", "attachment;", `filename="`+name+`"`) },
		func(h *header) { h.field("Content-Transfer-Encoding", "base64") },
	}}
}

// boundary is the same for the same message, and cannot stand in quoted-printable or base64: there "=" is never followed by "_".
func boundary(messageID string) string {
	sum := sha256.Sum256([]byte(messageID))
	return "=_" + hex.EncodeToString(sum[:12])
}

// write puts a part behind the fields that are there already.
func (p *part) write(h *header, mark string) {
	for _, f := range p.fields {
		f(h)
	}
	if p.kind == "" {
		h.WriteString("\r\n")
		h.Write(p.body)
		return
	}
	h.field("Content-Type", "multipart/"+p.kind+";", `boundary="`+mark+`"`)
	h.WriteString("\r\n")
	for i := range p.parts {
		h.WriteString("--" + mark + "\r\n")
		p.parts[i].write(h, mark+"."+strconv.Itoa(i))
		h.WriteString("\r\n")
	}
	h.WriteString("--" + mark + "--\r\n")
}
