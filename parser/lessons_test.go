package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The tests here are named after failures of mail intake elsewhere (reference/lessons.md); the number is that of the lesson.

const lessonPDF = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n1 0 obj\n"

func sumOf(b string) string {
	s := sha256.Sum256([]byte(b))
	return hex.EncodeToString(s[:])
}

// mixedMail is a mail of several parts, each with its own header.
func mixedMail(fields string, parts ...string) string {
	return fields + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=gl\r\n\r\n--gl\r\n" + strings.Join(parts, "\r\n--gl\r\n") + "\r\n--gl--\r\n"
}

func base64Part(fields, body string) string {
	return fields + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(body))
}

// wantFile finds a file by the digest of its bytes.
func wantFile(t *testing.T, m Message, name, body string) {
	t.Helper()
	for _, a := range m.Attachments {
		if a.Name == name && a.SHA256 == sumOf(body) && a.Size == int64(len(body)) {
			return
		}
	}
	t.Errorf("no file %q with its bytes among %+v", name, m.Attachments)
}

// Lesson 7: a header in a charset that nobody knows sent the mail to a folder that nobody looked at.
func TestLessonOddHeaderCharset(t *testing.T) {
	m := parseString(mixedMail("From: =?x-viet-cu?Q?V=C4=83n_th=C6=B0?= <vanthu@snv.example.vn>\r\nSubject: =?x-khong-co?B?Q8O0bmcgdsSDbiA1?= =?utf-8?Q?/SNV\r\n",
		base64Part("Content-Type: application/pdf; name=5.pdf", lessonPDF)))
	if m.Subject == "" || !strings.Contains(m.Subject, "Công văn 5") || m.From[0].Addr != "vanthu@snv.example.vn" || m.From[0].Name != "Văn thư" {
		t.Errorf("subject %q, from %+v", m.Subject, m.From)
	}
	wantFile(t, m, "5.pdf", lessonPDF)
}

// Lesson 8: an HTML body that a sanitiser never finished with stopped all intake.
func TestLessonEndlessHTML(t *testing.T) {
	for name, html := range map[string]string{
		"nested":       strings.Repeat("<div><table><tr><td>", 100_000) + "Kính gửi",
		"unclosed":     strings.Repeat("<a href=\"", 200_000),
		"angles":       strings.Repeat("<", 2_000_000),
		"comments":     strings.Repeat("<!-- -", 300_000),
		"entities":     strings.Repeat("&#x1EDF;&amp", 200_000),
		"quotes":       "<p title='" + strings.Repeat(`"'`, 500_000),
		"blockquotes":  strings.Repeat("<blockquote>", 200_000) + "x",
		"style blocks": strings.Repeat("<style><!--", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			m := parseString("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html)
			if !m.HTML {
				t.Error("the body is not seen as HTML")
			}
		})
	}
}

// Lesson 9: an encoded word in Content-Type crashed a worker.
func TestLessonContentTypeEncodedWord(t *testing.T) {
	m := parseString(mixedMail("Subject: x\r\n",
		base64Part("Content-Type: =?utf-8?Q?application/pdf=3B?= name=\"=?utf-8?B?Q8O0bmcgdsSDbi5wZGY=?=\"\r\nContent-Disposition: attachment", lessonPDF),
		base64Part("Content-Type: =?utf-8?B?xJHhu4s=?=\r\nContent-Disposition: attachment; filename=b.pdf", lessonPDF+"2")))
	if len(m.Attachments) != 2 || m.Attachments[1].Type != "application/octet-stream" || m.Attachments[1].Sniffed != "application/pdf" {
		t.Errorf("%+v", m.Attachments)
	}
	wantFile(t, m, m.Attachments[0].Name, lessonPDF)
	wantFile(t, m, "b.pdf", lessonPDF+"2")
}

// Lesson 10: filename*=us-ascii”… with 8-bit bytes in it killed the mail.
func TestLessonFilenameLyingCharset(t *testing.T) {
	for _, c := range []struct{ field, want string }{
		{"filename*=us-ascii''C%C3%B4ng%20v%C4%83n.pdf", "Công văn.pdf"},
		{"filename*=us-ascii''Th%F4ng%20b%E1o.pdf", "Thông báo.pdf"},
		{"filename*=x-khong-co''C%C3%B4ng.pdf", "Công.pdf"},
		{"filename*=utf-8'vi'C%C3%B4n%ZZg.pdf", "Côn%ZZg.pdf"},
	} {
		m := parseString(mixedMail("Subject: x\r\n", base64Part("Content-Type: application/pdf\r\nContent-Disposition: attachment; "+c.field, lessonPDF)))
		if len(m.Attachments) != 1 {
			t.Fatalf("%s: %+v", c.field, m.Attachments)
		}
		wantFile(t, m, c.want, lessonPDF)
	}
}

// Lesson 11: a date with hour 29, or a bad Resent-Date, made the mail unprocessable.
func TestLessonDateHour29(t *testing.T) {
	for _, date := range []string{"Mon, 22 Apr 2019 29:24:05 +0700", "Mon, 32 Apr 2019 08:00:00 +0700", "thứ Hai", "\xff\xfe", strings.Repeat("1", 5000)} {
		m := parseString("Received: from a by mx.example.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\nFrom: a@example.vn\r\nSubject: x\r\nDate: " + date + "\r\nResent-Date: " + date + "\r\n\r\nnội dung")
		if !m.Date.IsZero() || !has(m, BadDate) || m.Subject != "x" || m.Text != "nội dung" {
			t.Errorf("%.50q: date %v, findings %v, subject %q", date, m.Date, m.Findings, m.Subject)
		}
		if len(m.Received) != 1 || m.Received[0].At != time.Date(2019, 4, 22, 1, 0, 0, 0, time.UTC) {
			t.Errorf("%.50q: the server's own time is lost: %+v", date, m.Received)
		}
	}
}

// patternReader is a large mail that is never in memory: a head, one line again and again, a tail.
type patternReader struct {
	head, line, tail string
	lines            int64
}

func (r patternReader) size() int64 {
	return int64(len(r.head)) + r.lines*int64(len(r.line)) + int64(len(r.tail))
}

func (r patternReader) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at, body := off+int64(n), r.lines*int64(len(r.line))
		switch inBody := at - int64(len(r.head)); {
		case inBody < 0:
			n += copy(p[n:], r.head[at:])
		case inBody < body:
			n += copy(p[n:], r.line[inBody%int64(len(r.line)):])
		case inBody-body < int64(len(r.tail)):
			n += copy(p[n:], r.tail[inBody-body:])
		default:
			return n, io.EOF
		}
	}
	return n, nil
}

// Lesson 13: an attachment of 20 MB was held several times over, until there was no memory left.
func TestLessonLargeAttachmentStreams(t *testing.T) {
	r := patternReader{head: "Subject: x\r\nContent-Type: application/pdf; name=lon.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		line: base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("giao lien"), 6)) + "\r\n", lines: 1_000_000}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := Parse(r, r.size(), DefaultLimits)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		t.Errorf("%d bytes were allocated for a mail of %d", n, r.size())
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Size != 54_000_000 {
		t.Errorf("%+v", m.Attachments)
	}
}

// Lesson 22: one mail with many PDFs ran out of memory again and again and stopped intake for two days.
func TestLessonManyPDFs(t *testing.T) {
	const n = 300
	parts := make([]string, n)
	for i := range parts {
		parts[i] = base64Part(fmt.Sprintf("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=%d.pdf", i), lessonPDF+strings.Repeat(fmt.Sprint(i, " "), 5000))
	}
	raw := mixedMail("Subject: x\r\n", parts...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := parseString(raw)
	runtime.ReadMemStats(&after)
	if len(m.Attachments) != n {
		t.Fatalf("%d files of %d", len(m.Attachments), n)
	}
	for i := range n {
		wantFile(t, m, fmt.Sprintf("%d.pdf", i), lessonPDF+strings.Repeat(fmt.Sprint(i, " "), 5000))
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(len(raw))/2 {
		t.Errorf("%d bytes were allocated for a mail of %d", used, len(raw))
	}
}

// Lesson 23: a part whose type has no subtype stopped a folder, and nobody was told.
func TestLessonPartWithoutSubtype(t *testing.T) {
	m := parseString(mixedMail("Subject: x\r\n", base64Part("Content-Type: application; name=a.pdf", lessonPDF), "Content-Type: text\r\n\r\nKinh gui", "Content-Type: /\r\n\r\nx", base64Part("Content-Type: application/pdf; name=b.pdf", lessonPDF+"2")))
	wantFile(t, m, "a.pdf", lessonPDF)
	wantFile(t, m, "b.pdf", lessonPDF+"2")
	if !strings.Contains(m.Text, "Kinh gui") || !has(m, BadContentType) {
		t.Errorf("text %q, findings %v", m.Text, m.Findings)
	}
}

// Lesson 26: broken UTF-8 and NUL reached the database, which refused them; mails were lost or had no body.
func TestLessonInvalidUTF8AndNUL(t *testing.T) {
	const bad = "Kính gửi Sở Nội vụ a\xE2\x80 b\x00c\xC1\xBEd e\u0301 \u202Ef"
	m := parseString(mixedMail("From: "+bad+" <a@b.vn>\r\nSubject: "+bad+"\r\nMessage-ID: <"+bad+">\r\n",
		"Content-Type: text/plain; charset=utf-8\r\n\r\n"+bad, "Content-Type: text/html; charset=utf-8\r\n\r\n<p>"+bad, base64Part("Content-Type: application/pdf; name=\""+bad+".pdf\"", lessonPDF)))
	checkMessage(t, m)
	for _, s := range []string{m.Subject, m.Text, m.HTMLText} {
		if !strings.Contains(s, "Kính gửi Sở Nội vụ") || !strings.Contains(s, "é") || !norm.NFC.IsNormalString(s) {
			t.Errorf("what can be read is lost: %q", s)
		}
	}
	if len(m.Attachments) != 1 || m.Attachments[0].SHA256 != sumOf(lessonPDF) {
		t.Errorf("%+v", m.Attachments)
	}
}

// Lesson 31: mails without Message-ID and subject were taken for one, or left out.
func TestLessonNoMessageID(t *testing.T) {
	mail := func(body string) (Message, [sha256.Size]byte) {
		raw := "Received: from a by mx.example.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\nFrom: a@example.vn\r\nDate: Mon, 22 Apr 2019 08:00:00 +0700\r\n\r\n" + body
		h := NewContentHash()
		if _, err := io.WriteString(h, raw); err != nil {
			t.Fatal(err)
		}
		return parseString(raw), h.Sum()
	}
	one, first := mail("văn bản 1")
	two, second := mail("văn bản 2")
	if one.MessageID != "" || two.MessageID != "" || one.Subject != "" {
		t.Errorf("ids %q and %q, subject %q were made up", one.MessageID, two.MessageID, one.Subject)
	}
	if first == second || one.Text == two.Text {
		t.Error("two mails of one second are taken for one")
	}
	if _, again := mail("văn bản 1"); again != first {
		t.Error("one mail that comes twice is taken for two")
	}
}

// Lesson 34: robots answered one another without end, because automatic mail was answered.
func TestLessonPingPong(t *testing.T) {
	for name, raw := range map[string]string{
		"null return path":  "Return-Path: <>\r\nFrom: a@example.vn\r\nSubject: x\r\n\r\nx",
		"MAILER-DAEMON":     "From: MAILER-DAEMON@mx.example.vn\r\nSubject: x\r\n\r\nx",
		"vacation":          "From: a@example.vn\r\nAuto-Submitted: auto-replied (vacation)\r\nSubject: x\r\n\r\nx",
		"vacation, unnamed": "From: a@example.vn\r\nSubject: =?utf-8?B?VHLhuqMgbOG7nWkgdOG7sSDEkeG7mW5nOiB4?=\r\n\r\nx",
		"DSN":               "From: a@example.vn\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
		"list":              "From: a@example.vn\r\nList-Id: <l.example.vn>\r\n\r\nx",
	} {
		if m := parseString(raw); !m.NeverAnswer || m.WhyNever == "" {
			t.Errorf("%s would be answered (%s)", name, m.Kind)
		}
	}
}

// Lesson 40: dates with a comment for the zone, from the future, or from 1970 were taken for the time of arrival.
func TestLessonDates(t *testing.T) {
	const arrived = "Received: from a by mx.example.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\n"
	at := time.Date(2019, 4, 22, 1, 0, 0, 0, time.UTC)
	for date, want := range map[string]time.Time{
		"Mon, 22 Apr 2019 08:00:00 +0700 (GMT+07:00)": at,
		"Mon, 22 Apr 2019 03:00:00 +0200 (GMT+02:00)": at,
		"Fri, 22 Apr 2050 08:00:00 +0700":             time.Date(2050, 4, 22, 1, 0, 0, 0, time.UTC),
		"Thu, 01 Jan 1970 00:00:00 +0000":             time.Unix(0, 0).UTC(),
	} {
		m := parseString(arrived + "Date: " + date + "\r\n\r\nx")
		if !m.Date.Equal(want) || len(m.Received) != 1 || !m.Received[0].At.Equal(at) {
			t.Errorf("%s: date %v, received %+v", date, m.Date, m.Received)
		}
	}
}

// More: windows-1258 was read as windows-1252, which has other letters where Vietnamese has its tones.
func TestLessonWindows1258(t *testing.T) {
	m := parseString("Subject: =?windows-1258?Q?S=F5=D2_N=F4=F2i_vu=F2?=\r\nContent-Type: text/plain; charset=windows-1258\r\n\r\nS\xF5\xD2 N\xF4\xF2i vu\xF2")
	if m.Subject != "Sở Nội vụ" || m.Text != "Sở Nội vụ" {
		t.Errorf("subject %q, text %q", m.Subject, m.Text)
	}
}

// More: VISCII was read as ASCII, so that half of the letters were missing.
func TestLessonVISCII(t *testing.T) {
	m := parseString("Subject: =?viscii?Q?S=B7_N=B5i_v=F8?=\r\nContent-Type: text/plain; charset=VISCII\r\n\r\nS\xB7 N\xB5i v\xF8")
	if m.Subject != "Sở Nội vụ" || m.Text != "Sở Nội vụ" {
		t.Errorf("subject %q, text %q", m.Subject, m.Text)
	}
}

// More: a message inside the message was one opaque file, and Outlook's .eml came as application/octet-stream.
func TestLessonNestedMessages(t *testing.T) {
	inner := mixedMail("From: vanthu@sct.example.vn\r\nSubject: =?utf-8?B?Q8O0bmcgdsSDbiA3?=\r\nMessage-ID: <7@sct.example.vn>\r\n",
		"Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi Sở", base64Part("Content-Type: application/pdf; name=7.pdf", lessonPDF))
	for name, part := range map[string]string{
		"message/rfc822":           "Content-Type: message/rfc822\r\n\r\n" + inner,
		"message/rfc822 in base64": base64Part("Content-Type: message/rfc822", inner),
		"octet-stream":             base64Part("Content-Type: application/octet-stream; name=\"Cong van.eml\"\r\nContent-Disposition: attachment", inner),
	} {
		m := parseString(mixedMail("Subject: Fwd\r\n", "\r\nKinh chuyen", part))
		if len(m.Attachments) != 1 || len(m.Nested) != 1 {
			t.Fatalf("%s: %d files, %d nested", name, len(m.Attachments), len(m.Nested))
		}
		n := m.Nested[0]
		if n.Subject != "Công văn 7" || n.MessageID != "7@sct.example.vn" || !strings.Contains(n.Text, "Kính gửi Sở") || len(n.Attachments) != 1 || n.Attachments[0].SHA256 != sumOf(lessonPDF) {
			t.Errorf("%s: %+v", name, n)
		}
	}
}

// More: a forwarder rewrote From, and the real sender was lost.
func TestLessonForwarderRewritesFrom(t *testing.T) {
	m := parseString("Return-Path: <nhom+bncABC@groups.example>\r\nFrom: =?utf-8?B?U+G7nyBO4buZaSB24bulIHF1YSBuaMOzbQ==?= <nhom@groups.example>\r\nSender: nhom@groups.example\r\n" +
		"Reply-To: =?utf-8?B?U+G7nyBO4buZaSB24bul?= <vanthu@snv.example.vn>\r\nX-Original-From: =?utf-8?B?U+G7nyBO4buZaSB24bul?= <vanthu@snv.example.vn>\r\n\r\nx")
	for what, got := range map[string][]Address{"From": m.From, "Sender": m.Sender} {
		if len(got) != 1 || got[0].Addr != "nhom@groups.example" {
			t.Errorf("%s: %+v", what, got)
		}
	}
	for what, got := range map[string][]Address{"Reply-To": m.ReplyTo, "X-Original-From": m.OriginalFrom} {
		if len(got) != 1 || got[0].Addr != "vanthu@snv.example.vn" || got[0].Name != "Sở Nội vụ" {
			t.Errorf("%s: %+v", what, got)
		}
	}
	if m.ReturnPath != "nhom+bncABC@groups.example" {
		t.Errorf("return path %q", m.ReturnPath)
	}
}
