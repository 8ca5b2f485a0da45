package parser

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// files lists what a message holds, one file after the other, for comparing.
func files(m Message) string {
	var b strings.Builder
	list := func(l []Attachment) {
		for _, a := range l {
			fmt.Fprintf(&b, "%s %d %.8s;", a.Name, a.Size, a.SHA256)
		}
	}
	list(m.Attachments)
	for _, n := range m.Nested {
		list(n.Attachments)
	}
	return b.String()
}

// TestSameFiles reads messages as broken software writes them; each must give the files and the text of the sound one.
func TestSameFiles(t *testing.T) {
	doc := "Công văn số 12\r\n"
	sum := sha256.Sum256([]byte(doc))
	want := fmt.Sprintf("a.pdf %d %.8s;", len(doc), hex.EncodeToString(sum[:]))
	part := "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64of([]byte(doc)) + "\r\n"
	text := "Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi\r\n"
	body := func(b string) string {
		return "--" + b + "\r\n" + text + "--" + b + "\r\n" + part + "--" + b + "--\r\n"
	}
	sound := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body("b")
	inner := func(outer, in string) string {
		return "Subject: x\r\nContent-Type: multipart/mixed; boundary=" + outer + "\r\n\r\n--" + outer + "\r\nContent-Type: multipart/mixed; boundary=" + in + "\r\n\r\n" + body(in) + "--" + outer + "--\r\n"
	}
	for name, raw := range map[string]string{
		"sound":                         sound,
		"CR as the line end":            strings.ReplaceAll(sound, "\r\n", "\r"),
		"CR as the line end, mbox":      "From a@b.vn Mon Apr 22 08:00:00 2019\r" + strings.ReplaceAll(sound, "\r\n", "\r"),
		"LF as the line end":            strings.ReplaceAll(sound, "\r\n", "\n"),
		"multipart without subtype":     strings.Replace(sound, "multipart/mixed", "multipart", 1),
		"multipart without boundary":    strings.Replace(sound, "; boundary=b", "", 1),
		"multipart of neither":          strings.Replace(sound, "multipart/mixed; boundary=b", "multipart", 1),
		"another boundary":              strings.Replace(sound, "boundary=b", "boundary=c", 1),
		"first part without header":     strings.Replace(strings.Replace(sound, text, "\r\nKính gửi\r\n", 1), "; boundary=b", "", 1),
		"text without subtype":          strings.Replace(sound, "text/plain", "text", 1),
		"line of blanks in the header":  strings.Replace(sound, "Subject: x\r\n", "Subject: x\r\n \t \r\n", 1),
		"line of blanks in a fold":      strings.Replace(sound, "multipart/mixed; ", "multipart/mixed;\r\n  \r\n ", 1),
		"no empty line after a header":  strings.Replace(sound, "charset=utf-8\r\n\r\n", "charset=utf-8\r\n", 1),
		"no last delimiter":             strings.TrimSuffix(sound, "--b--\r\n"),
		"encoded as a whole":            "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64of([]byte(body("b"))),
		"said to be encoded":            strings.Replace(sound, "boundary=b\r\n", "boundary=b\r\nContent-Transfer-Encoding: base64\r\n", 1),
		"inner boundary goes on":        inner("b", "bc"),
		"inner boundary goes on, dash":  inner("b", "b--c"),
		"outer boundary goes on":        inner("bc", "b"),
		"outer boundary goes on, dash":  inner("b-", "b"),
		"same boundary":                 inner("b", "b"),
		"long boundaries, one byte off": inner(strings.Repeat("b", 69), strings.Repeat("b", 70)),
		"inner one not closed":          strings.Replace(inner("o", "b"), "--b--\r\n", "", 1),
	} {
		m := parseString(raw)
		if got := files(m); got != want {
			t.Errorf("%s: %q, want %q (%v)", name, got, want, m.Findings)
		}
		if strings.TrimSpace(m.Text) != "Kính gửi" || m.Subject != "x" {
			t.Errorf("%s: subject %q, text %q", name, m.Subject, m.Text)
		}
	}
}

// uuWritten writes a file as uuencode does.
func uuWritten(name string, b []byte) string {
	var out strings.Builder
	out.WriteString("begin 644 " + name + "\r\n")
	c := func(x byte) byte {
		if x &= 63; x != 0 {
			return x + ' '
		}
		return '`'
	}
	for len(b) > 0 {
		n := min(45, len(b))
		out.WriteByte(c(byte(n)))
		line := append(append([]byte{}, b[:n]...), 0, 0)
		for i := 0; i < n; i += 3 {
			x, y, z := line[i], line[i+1], line[i+2]
			out.Write([]byte{c(x >> 2), c(x<<4 | y>>4), c(y<<2 | z>>6), c(z)})
		}
		out.WriteString("\r\n")
		b = b[n:]
	}
	return out.String() + "`\r\nend\r\n"
}

// TestUUInText takes files out of texts, whatever their size and wherever the window is cut, and leaves the text around them.
func TestUUInText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var raw, text strings.Builder
		raw.WriteString("Subject: x\r\n\r\n")
		var want []string
		for range rapid.IntRange(0, 4).Draw(t, "pieces") {
			words := rapid.SampledFrom([]string{"", "Kính gửi\r\n", "begin with this\r\n", "begin 644 a.txt\r\nlà gì?\r\n", "begin 12\r\n", strings.Repeat("x", 70_000) + "\r\n", "end\r\n", "\r\n"}).Draw(t, "words")
			raw.WriteString(words)
			text.WriteString(words)
			file := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "file")
			if rapid.Bool().Draw(t, "large") {
				file = []byte(strings.Repeat(string(file), 3000))
			}
			raw.WriteString(uuWritten("a.bin", file))
			want = append(want, digest(file))
		}
		m := parseString(raw.String())
		var got []string
		for _, a := range m.Attachments {
			got = append(got, a.SHA256)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || has(m, UUDamaged) {
			t.Fatalf("%v, want %v; %v", got, want, m.Findings)
		}
		kept := []rune(strings.ReplaceAll(text.String(), "\r\n", "\n"))
		if w := string(kept[:min(len(kept), DefaultLimits.Text)]); m.Text != w {
			t.Fatalf("text of %d bytes, want %d", len(m.Text), len(w))
		}
	})
}

// TestUUAsEncoding undoes x-uuencode of any size without holding it.
func TestUUAsEncoding(t *testing.T) {
	file := []byte(strings.Repeat("Công văn \x00\xFF", 200_000))
	m := parseString("Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n" + uuWritten("a.pdf", file))
	if len(m.Attachments) != 1 || m.Attachments[0].SHA256 != digest(file) || has(m, UUDamaged) {
		t.Errorf("%v %v", m.Attachments, m.Findings)
	}
}

// TestNothingIsLostInSilence: where a file may be that is not read, a finding makes the message wait.
func TestNothingIsLostInSilence(t *testing.T) {
	guessed := func(b, part string) string {
		return "--b\r\nContent-Type: multipart/mixed; boundary=none\r\n\r\n--" + b + "\r\n" + part + "\r\n--" + b + "--\r\n"
	}
	decoys := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	for i := range maxRescans {
		decoys += guessed(fmt.Sprintf("x%d", i), "Content-Type: text/plain\r\n\r\n")
	}
	for raw, want := range map[string]string{
		decoys + guessed("y", "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF") + "--b--\r\n":                                         LimitParts,
		"Content-Type: message/partial; id=\"a@example.vn\"; number=1; total=2\r\n\r\nContent-Type: application/pdf\r\n\r\n%PDF":             "archive-unsupported",
		"Content-Type: message/external-body; access-type=URL; URL=\"http://example.vn/a.pdf\"\r\n\r\nContent-Type: application/pdf\r\n\r\n": "archive-unsupported",
	} {
		if m := parsed([]byte(raw), DefaultLimits); !slices.Contains(codes(m), want) {
			t.Errorf("%.60q: %v, want %s", raw, m.Findings, want)
		}
	}
}

// TestAttachedMessagesByName: a message that was attached under another type is entered, a file that only has its name is not.
func TestAttachedMessagesByName(t *testing.T) {
	inner := "From: a@example.vn\r\nSubject: y\r\nContent-Type: application/pdf; name=q.pdf\r\n\r\n%PDF-1.4"
	for _, ctype := range []string{"application/octet-stream", "application/eml", "application/x-eml", "text/plain", "application/vnd.ms-outlook"} {
		m := parsed(mailOf(ctype+"; name=a.eml", "a.eml", []byte(inner)), DefaultLimits)
		if len(m.Nested) != 1 || len(m.Nested[0].Attachments) != 1 || m.Nested[0].Attachments[0].Name != "q.pdf" {
			t.Errorf("%s: %+v", ctype, m.Nested)
		}
	}
	if m := parsed(mailOf("application/eml", "a.eml", zipped(t, "x.pdf", "%PDF")), DefaultLimits); len(m.Nested) != 0 || len(m.Attachments) != 2 {
		t.Errorf("an archive with the name of a message: %+v", m.Attachments)
	}
}

// TestTextOfAnUnsplitMultipart: what stands in a multipart whose boundary never comes is read, its uuencoded files included; between
// other parts it is none of the message's own text (mime4j expects so).
func TestTextOfAnUnsplitMultipart(t *testing.T) {
	lost := "Content-Type: multipart/alternative; boundary=none\r\n\r\nTUYỆT MẬT\r\n" + uuWritten("a.zip", zipped(t, "x.pdf", "%PDF"))
	for name, raw := range map[string]string{
		"alone":   "Subject: x\r\n" + lost,
		"a part":  "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n" + lost + "\r\n--b\r\n\r\nbye\r\n--b--\r\n",
		"a blank": "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=no\r\n\r\n\r\n--b\r\n" + lost + "\r\n--b--\r\n",
	} {
		m := parsed([]byte(raw), DefaultLimits)
		if !strings.Contains(m.Text+m.HTMLText, "TUYỆT MẬT") || strings.Contains(m.Text, "TUYỆT") != (name == "alone") || len(m.Attachments) != 2 || m.Attachments[1].Name != "x.pdf" {
			t.Errorf("%s: %q, %+v", name, m.Text, m.Attachments)
		}
	}
}
