package parser

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// tnefAttribute writes one attribute of winmail.dat (MS-OXTNEF, 2.1.3.1): level, id, length, data, and the sum of the data's bytes.
func tnefAttribute(level byte, id uint32, data string) string {
	b := binary.LittleEndian.AppendUint32([]byte{level}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	b = append(b, data...)
	sum := uint16(0)
	for _, c := range []byte(data) {
		sum += uint16(c)
	}
	return string(binary.LittleEndian.AppendUint16(b, sum))
}

// tnefHTML writes the message properties (MS-OXTNEF, 2.1.3.5) with nothing but an HTML body (PidTagBodyHtml as binary, MS-OXPROPS).
func tnefHTML(html string) string {
	b := binary.LittleEndian.AppendUint32(nil, 1)
	for _, n := range []uint32{0x10130102, 1, uint32(len(html))} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, html...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return string(b)
}

// Lesson 19: all that a mail had was in winmail.dat, which nobody opened: files in one variant, nothing but a body in the other.
func TestLessonWinmail(t *testing.T) {
	const start = "\x78\x9F\x3E\x22\x01\x00"
	files := start + tnefAttribute(2, 0x00069002, strings.Repeat("\x00", 14)) + tnefAttribute(2, 0x00018010, "8-SNV.pdf\x00") + tnefAttribute(2, 0x0006800F, lessonPDF)
	for _, c := range []struct{ name, winmail, text string }{
		{"files", files, ""},
		{"plain body", start + tnefAttribute(1, 0x0002800C, "Kinh gui So Noi vu\x00"), "Kinh gui So Noi vu"},
		{"HTML body", start + tnefAttribute(1, 0x00069003, tnefHTML("<html><body><p>Kinh gui So Noi vu</p></body></html>")), "Kinh gui So Noi vu"},
	} {
		for _, ctype := range []string{"application/ms-tnef", "application/octet-stream"} {
			m := parseString(mixedMail("Subject: x\r\n", base64Part("Content-Type: "+ctype+"; name=winmail.dat", c.winmail)))
			if !strings.Contains(m.Text+m.HTMLText, c.text) {
				t.Errorf("%s as %s: text %q, HTML %q", c.name, ctype, m.Text, m.HTMLText)
			}
			if c.text == "" {
				wantFile(t, m, "8-SNV.pdf", lessonPDF)
			}
		}
	}
}

// der writes one element of DER (X.690, 8.1) around others.
func der(tag byte, parts ...string) string {
	body := strings.Join(parts, "")
	if n := len(body); n >= 0x80 {
		return string([]byte{tag, 0x82, byte(n >> 8), byte(n)}) + body
	}
	return string([]byte{tag, byte(len(body))}) + body
}

// signedData wraps a content in CMS SignedData (RFC 5652, 5) with whatever stands for its signers.
func signedData(content, signers string) string {
	const pkcs7 = "\x2A\x86\x48\x86\xF7\x0D\x01\x07"
	data := der(0x30, der(0x06, pkcs7+"\x01"), der(0xA0, der(0x04, content)))
	signed := der(0x30, der(0x02, "\x01"), der(0x31), data, der(0x31, signers))
	return der(0x30, der(0x06, pkcs7+"\x02"), der(0xA0, signed))
}

// signedContent is what is inside of the signed mails below.
const signedContent = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKính gửi Sở\r\n--in\r\n" +
	"Content-Type: application/pdf; name=9.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"

// Lesson 20: a signature that could not be checked made the mail vanish.
func TestLessonBrokenSignature(t *testing.T) {
	content := signedContent + encoded(lessonPDF) + "\r\n--in--\r\n"
	garbage := "\x30\x03\x02\x01\x07"
	whole := signedData(content, garbage)
	m := parseString("Subject: x\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(whole))
	if m.Subject != "x" || !strings.Contains(m.Text, "Kính gửi Sở") {
		t.Errorf("subject %q, text %q, findings %v", m.Subject, m.Text, m.Findings)
	}
	wantFile(t, m, "9.pdf", lessonPDF)
	for _, s := range m.Signatures {
		if s.Verdict == "valid" {
			t.Errorf("a signature that is none is called valid: %+v", s)
		}
	}

	// Detached: the content stands beside a signature that is cut off, or is no CMS at all.
	for _, signature := range []string{"\x30\x82", "no signature", whole[:40]} {
		m := parseString("Subject: x\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=o\r\n\r\n--o\r\n" + content +
			"--o\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(signature) + "\r\n--o--\r\n")
		if !strings.Contains(m.Text, "Kính gửi Sở") {
			t.Errorf("signature %q: text %q", signature, m.Text)
		}
		wantFile(t, m, "9.pdf", lessonPDF)
	}
}

// Lesson 21: Outlook's opaque signature hid the whole mail in smime.p7m, also when that was called octet-stream.
func TestLessonOpaqueSignature(t *testing.T) {
	content := signedContent + encoded(lessonPDF) + "\r\n--in--\r\n"
	for _, ctype := range []string{"application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "application/x-pkcs7-mime; name=smime.p7m", "application/octet-stream; name=smime.p7m"} {
		m := parseString("Subject: x\r\nContent-Type: " + ctype + "\r\nContent-Disposition: attachment; filename=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(signedData(content, "")))
		if !strings.Contains(m.Text, "Kính gửi Sở") {
			t.Errorf("%s: text %q, findings %v", ctype, m.Text, m.Findings)
		}
		wantFile(t, m, "9.pdf", lessonPDF)
		if i := slices.IndexFunc(m.Attachments, func(a Attachment) bool { return a.Name == "9.pdf" }); i >= 0 && !slices.Contains(m.Attachments[i].Path, "smime.p7m") {
			t.Errorf("%s: the path does not say where the file was: %q", ctype, m.Attachments[i].Path)
		}
	}
}

// Lesson 25: what Exchange gives in the place of a mail that it cannot convert was registered as if it were the mail.
func TestLessonServerCouldNotRender(t *testing.T) {
	const subject = "Retrieval using the IMAP4 protocol failed for the following message: 752"
	m := parseString("From: System Administrator\r\nSubject: " + subject + "\r\n\r\nThe server couldn't retrieve the following message:\r\n\r\nSubject: \"Cong van 12\"\r\nFrom: (\"Van thu\")\r\nSent date: 11/5/2026\r\n\r\nThe message hasn't been deleted.\r\n")
	if !has(m, ServerCouldNotRender) {
		t.Errorf("findings %v", m.Findings)
	}
	for name, raw := range map[string]string{
		"a person asks about it": "From: a@example.vn\r\nSubject: Fwd: " + subject + "\r\n\r\nNho kiem tra.",
		"a document of a server": mixedMail("From: a@example.vn\r\nSubject: "+subject+"\r\n", "\r\nThe server couldn't retrieve the following message:", base64Part("Content-Type: application/pdf; name=a.pdf", lessonPDF)),
	} {
		if m := parseString(raw); has(m, ServerCouldNotRender) {
			t.Errorf("%s is taken for the placeholder", name)
		}
	}
}

// encoded is base64 in lines, as mail has it.
func encoded(s string) string {
	e, out := base64.StdEncoding.EncodeToString([]byte(s)), []string{}
	for len(e) > 76 {
		out, e = append(out, e[:76]), e[76:]
	}
	return strings.Join(append(out, e), "\r\n")
}
