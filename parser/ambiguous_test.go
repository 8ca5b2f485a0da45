package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var b64of = base64.StdEncoding.EncodeToString

// filePart is a part with a base64 file.
func filePart(name, body string) string {
	return "Content-Type: application/octet-stream; name=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" + name +
		"\"\r\n\r\n" + b64of([]byte(body)) + "\r\n"
}

// TestAmbiguous shows one message to this reader and to the others: where they would find other files, a person must look. The names say
// what an attacker tries ("Inbox Invasion", CCS 2024, and what MIME readers are known to differ in).
func TestAmbiguous(t *testing.T) {
	const mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	clean, bad := filePart("a.pdf", "%PDF-1.4 clean"), filePart("b.pdf", "%PDF-1.4 other")
	for _, c := range []struct {
		name, raw string
		want      bool
	}{
		{"clean", mixed + "--b\r\n" + clean + "--b--\r\n", false},
		{"LF only", strings.ReplaceAll(mixed+"--b\r\n"+clean+"--b--\r\n", "\r\n", "\n"), false},
		{"no closing delimiter", mixed + "--b\r\n" + clean, false},
		{"mbox line", "From a@b.vn Mon Apr 22 08:00:00 2019\r\n" + mixed + "--b\r\n" + clean + "--b--\r\n", false},
		{"empty lines first", "\r\n\r\n" + mixed + "--b\r\n" + clean + "--b--\r\n", false},
		{"boundary without quotes", "Content-Type: multipart/mixed; boundary=----=_Part_1\r\n\r\n------=_Part_1\r\n" + clean + "------=_Part_1--\r\n", false},
		{"name without quotes", mixed + "--b\r\nContent-Type: application/pdf; name=Công văn 12.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n", false},
		{"one field twice, the same", "Content-Type: multipart/mixed; boundary=b\r\n" + mixed + "--b\r\n" + clean + "--b--\r\n", false},
		{"ASCII name beside the real one", mixed + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"cv.pdf\"; filename*=utf-8''c%C3%B4ng%20v%C4%83n.pdf\r\n\r\nx\r\n--b--\r\n", false},
		{"padding is missing", mixed + "--b\r\n" + strings.Replace(clean, "=\r\n", "\r\n", 1) + "--b--\r\n", false},
		{"footer of a list behind the file", mixed + "--b\r\n" + clean + "_______________________\r\nDanh sách nội bộ\r\n--b--\r\n", false},
		{"uuencode in a text", "Subject: x\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n", false},
		{"junk line before what matters not", "junk line\r\nSubject: x\r\n\r\ntext\r\n", false},
		{"damaged base64 in a text body", "Content-Transfer-Encoding: base64\r\n\r\nQUJD*QUJD\r\n", false},

		{"two Content-Type, other boundaries", "Content-Type: multipart/mixed; boundary=x\r\n" + mixed + "--b\r\n" + bad + "--b--\r\n--x\r\n" + clean + "--x--\r\n", true},
		{"two boundaries", "Content-Type: multipart/mixed; boundary=x; boundary=b\r\n\r\n--b\r\n" + bad + "--b--\r\n--x\r\n" + clean + "--x--\r\n", true},
		{"boundary in a comment", "Content-Type: multipart/mixed (; boundary=x); boundary=b\r\n\r\n--b\r\n" + bad + "--b--\r\n--x)\r\n" + clean + "--x)--\r\n", true},
		{"boundary by RFC 2231", "Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\r\n\r\n--bc\r\n" + clean + "--bc--\r\n", true},
		{"boundary as an encoded word", "Content-Type: multipart/mixed; boundary=\"=?utf-8?q?x?=\"\r\n\r\n--=?utf-8?q?x?=\r\n" + clean + "--=?utf-8?q?x?=--\r\n--x\r\n" + bad + "--x--\r\n", true},
		{"boundary up to a blank", "Content-Type: multipart/mixed; boundary=b c\r\n\r\n--b c\r\n" + clean + "--b c--\r\n--b\r\n" + bad + "--b--\r\n", true},
		{"boundary in quotes with a blank", "Content-Type: multipart/mixed; boundary=\"b c\"\r\n\r\n--b c\r\n" + clean + "--b c--\r\n", false},
		{"encoding as an encoded word", mixed + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: =?utf-8?b?YmFzZTY0?=\r\n\r\nQUJD\r\n--b--\r\n", true},
		{"encoding with a comment", mixed + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64 (x)\r\n\r\nQUJD\r\n--b--\r\n", true},
		{"one piece of a name twice", mixed + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*0=a.pdf; filename*=utf-8''a.exe\r\n\r\nx\r\n--b--\r\n", true},
		{"two encodings", mixed + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\nQUJD\r\n--b--\r\n", true},
		{"two names", mixed + "--b\r\nContent-Type: application/pdf; name=a.exe\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--b--\r\n", true},
		{"two names, RFC 2231", mixed + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.exe; filename*=utf-8''a.pdf\r\n\r\nx\r\n--b--\r\n", true},
		{"name up to a semicolon", mixed + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.exe;b.pdf\r\n\r\nx\r\n--b--\r\n", true},
		{"name up to a NUL", mixed + "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a.exe\x00.pdf\"\r\n\r\nx\r\n--b--\r\n", true},
		{"header ends at a junk line", "Subject: x\r\njunk\r\n" + mixed + "--b\r\n" + clean + "--b--\r\n", true},
		{"header ends at blanks", "Subject: x\r\n \r\n" + mixed + "--b\r\n" + clean + "--b--\r\n", true},
		{"blank before the colon", "Content-Type : multipart/mixed; boundary=b\r\n\r\n--b\r\n" + clean + "--b--\r\n", true},
		{"guessed boundary", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--b\r\n" + clean + "--b--\r\n", true},
		{"no boundary", "Content-Type: multipart/mixed\r\n\r\n--b\r\n" + clean + "--b--\r\n", true},
		{"parts after the end", mixed + "--b\r\n" + clean + "--b--\r\n--b\r\n" + bad + "--b--\r\n", true},
		{"delimiter with something behind", mixed + "--b\r\n" + clean + "--b x\r\n" + bad + "--b--\r\n", true},
		{"line that begins like the delimiter", mixed + "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--bc\r\n" + bad + "--b--\r\n", true},
		{"closing delimiter with a blank", mixed + "--b\r\n" + clean + "--b --\r\n" + bad + "--b--\r\n", true},
		{"inner boundary that goes on", mixed + "--b\r\nContent-Type: multipart/mixed; boundary=bc\r\n\r\nx\r\n--bc\r\n" + clean + "--bc--\r\n--b--\r\n", false}, // the same files
		{"same boundary inside", mixed + "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + clean + "--b--\r\n--b\r\n" + bad + "--b--\r\n", true},
		{"junk in base64", mixed + "--b\r\n" + strings.Replace(clean, "\r\n\r\nJVBE", "\r\n\r\nJV*BE", 1) + "--b--\r\n", true},
		{"base64 goes on after padding", mixed + "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\nQkNE\r\n--b--\r\n", true},
		{"base64 goes on in the line", mixed + "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==QkNE\r\n--b--\r\n", true},
		{"encoding by likeness", mixed + "--b\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64 x\r\n\r\nQUJD\r\n--b--\r\n", true},
		{"encoded multipart", "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64of([]byte("--b\r\n"+clean+"--b--\r\n")) + "\r\n", true},
		{"multipart that only says it is encoded", "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n" + clean + "--b--\r\n", false},
		{"CR alone in a header", "Subject: x\rContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + clean + "--b--\r\n", true},
		{"CR alone in a Content- field", "Content-Type: text/plain;\rContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + clean + "--b--\r\n", true},
		{"CR alone before a delimiter", mixed + "--b\r\nContent-Type: text/plain\r\n\r\nx\r--b\r" + strings.ReplaceAll(bad, "\r\n", "\r") + "\r--b--\r\n", true},
		{"missing empty line", mixed + "--b\r\nContent-Disposition: attachment; filename=a.txt\r\nNội dung\r\n\r\nx\r\n--b--\r\n", false},
		{"a field beyond the limit", strings.Repeat("X-A: b\r\n", 1000) + mixed + "--b\r\n" + clean + "--b--\r\n", true},
		{"forwarded, inside it two boundaries", "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=x; boundary=b\r\n\r\n--b\r\n" + bad + "--b--\r\n", true},
		{"encoded .eml, inside it two boundaries", "Content-Type: application/octet-stream; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			b64of([]byte("Content-Type: multipart/mixed; boundary=x; boundary=b\r\n\r\n--b\r\n"+bad+"--b--\r\n")), true},
	} {
		m := parseString(c.raw)
		if has(m, Ambiguous) != c.want {
			t.Errorf("%s: %v", c.name, m.Findings)
		}
	}
}

// TestSoundMailReadsTheSame composes sound messages and reads them in every way there is: all must find the same files, or ordinary mail
// would go to a person for nothing.
func TestSoundMailReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var contents [][]byte
		for range 3 {
			contents = append(contents, rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "content"))
		}
		raw := compose(contents, rapid.Uint8().Draw(t, "shape"))
		if rapid.Bool().Draw(t, "LF") {
			raw = strings.ReplaceAll(raw, "\r\n", "\n")
		}
		_, k := walk(strings.NewReader(raw), int64(len(raw)), DefaultLimits, &findings{}, nil)
		if len(filled(k.files)) < 3 {
			t.Fatalf("%v", k.files)
		}
		for flip := forkLetter; flip < forkLimit; flip <<= 1 {
			if flip == forkPrefix && strings.Contains(raw, "--=_bc") {
				continue // the inner boundary begins like the outer one
			}
			left := int64(1 << 20)
			r := newReading(strings.NewReader(raw), DefaultLimits, flip, &left)
			if r.message(span{0, int64(len(raw))}, 0, true); !sameFiles(k.files, r.files, false) {
				t.Fatalf("%s: %v, want %v in %q", flip, r.files, k.files, raw)
			}
		}
	})
}

// TestSecondReadingIsBounded gives a message whose second readings would be dear.
func TestSecondReadingIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("Content-Type: multipart/mixed; boundary=x; boundary=b0\r\nContent-Disposition: a\r\nContent-Disposition: b\r\n")
	for i := range 18 {
		b.WriteString("Content-Type: multipart/mixed; boundary=b" + strings.Repeat("b", i) + "\r\n\r\n--b" + strings.Repeat("b", i) + "\r\n")
	}
	b.WriteString("\r\n" + strings.Repeat("--b x\r\n", 1<<20))
	if m := parseString(b.String()); !has(m, Ambiguous) {
		t.Errorf("findings %v", m.Findings)
	}
}

// TestAttachedMessageDigest holds where an attached message ends: before the line end that belongs to the delimiter.
func TestAttachedMessageDigest(t *testing.T) {
	for _, inner := range []string{
		"Subject: x\r\n\r\ntext\r\n", "Subject: x\r\n\r\ntext", "Subject: x\r\n", "REDACTED\r\n",
		"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--", "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n",
		"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain",
	} {
		raw := "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" + inner + "\r\n--o--\r\n"
		found := &findings{}
		_, k := walk(bytes.NewReader([]byte(raw)), int64(len(raw)), DefaultLimits, found, nil)
		want := digest([]byte(inner))
		if len(k.files) == 0 || k.files[len(k.files)-1].sum != want {
			t.Errorf("%q: %v", inner, k.files)
		}
	}
}

func digest(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
