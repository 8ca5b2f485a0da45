package parser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func fixture(t testing.TB, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tnefOnly is a mail as Exchange sends it to the outside: nothing but winmail.dat.
func tnefOnly(t testing.TB, name string) []byte {
	return []byte(strings.Replace(string(mailOf("application/ms-tnef", "winmail.dat", fixture(t, "testdata/outlook", name))), "Kính gửi\r\n", "", 1))
}

// What Outlook had put into winmail.dat was lost: files, and mails whose body was nowhere else.
func TestWinmailDat(t *testing.T) {
	m := parsed(tnefOnly(t, "full.tnef"), DefaultLimits)
	want := []string{"winmail.dat", "winmail.dat/Công văn 7.pdf", "winmail.dat/phụ lục.txt"}
	for i, got := range listed(m.Attachments) {
		if name, _, _ := strings.Cut(got, "="); i >= len(want) || name != want[i] {
			t.Errorf("file %d is %q", i, got)
		}
	}
	if len(m.Attachments) != 3 || m.Attachments[1].Sniffed != "application/pdf" || m.Attachments[2].Text != "Phụ lục một" {
		t.Errorf("%+v", m.Attachments)
	}
	if !strings.Contains(m.Text, "Kính gửi Văn phòng.") {
		t.Errorf("text %q", m.Text)
	}
	if !strings.Contains(m.HTMLText, "Công văn số 7/SNV-VP") {
		t.Errorf("its subject is not read: %q", m.HTMLText)
	}
	if len(m.Nested) != 1 || m.Nested[0].Subject != "Thư cũ" || m.Nested[0].Text != "Nội dung cũ" || len(m.Nested[0].Attachments) != 1 || m.Nested[0].Attachments[0].Name != "cũ.pdf" {
		t.Errorf("%+v", m.Nested)
	}
	if len(m.Findings) > 0 {
		t.Errorf("%v", m.Findings)
	}
	checkMessage(t, m)

	m = parsed(tnefOnly(t, "rtf-only.tnef"), DefaultLimits)
	if !strings.Contains(m.HTMLText, "Chứng thực\ndòng hai") {
		t.Errorf("body in RTF: %q, %q, %v", m.Text, m.HTMLText, m.Findings)
	}
	m = parsed(tnefOnly(t, "ansi.tnef"), DefaultLimits)
	if !strings.Contains(m.Text, "Sở Nội vụ") || !strings.Contains(m.HTMLText, "Một ý khác") || !m.HTML || len(m.Attachments) != 2 || m.Attachments[1].Name != "Báo cáo.pdf" {
		t.Errorf("8-bit: %q, %q, %q", m.Text, m.HTMLText, listed(m.Attachments))
	}
}

// A message that Outlook saved as .msg is a message inside the message, also when it is in an archive.
func TestSavedOutlookMessage(t *testing.T) {
	msg := fixture(t, "testdata/outlook/full.msg")
	for _, raw := range [][]byte{mailOf("application/vnd.ms-outlook", "công văn.msg", msg), mailOf("application/octet-stream", "a.msg", msg),
		mailOf("application/zip", "a.zip", zipped(t, "a.msg", string(msg)))} {
		m := parsed(raw, DefaultLimits)
		if len(m.Nested) != 2 || len(m.Findings) > 0 {
			t.Fatalf("%d messages, %v", len(m.Nested), m.Findings)
		}
		n := m.Nested[0]
		if n.Subject != "Công văn số 7/SNV-VP" || n.MessageID != "7@quangtri.example.vn" || len(n.From) != 1 || n.From[0] != (Address{"Sở Nội vụ", "snv@quangtri.example.vn"}) ||
			!strings.Contains(n.Text, "Kính gửi Văn phòng.") {
			t.Errorf("%+v", n)
		}
		if got := listed(n.Attachments); len(got) != 2 || !strings.HasPrefix(got[0], "Công văn 7.pdf=") || n.Attachments[0].SHA256 == "" {
			t.Errorf("%q", got)
		}
		if m.Nested[1].Subject != "Thư cũ" {
			t.Errorf("%+v", m.Nested[1])
		}
		checkMessage(t, m)
	}
}

// opaque is a mail that is nothing but an S/MIME object.
func opaque(t testing.TB, ctype, name string) []byte {
	raw := mailOf(ctype, "smime.p7m", fixture(t, "unpack/testdata/cms", name))
	head, rest, _ := strings.Cut(string(raw), "Content-Type: multipart/mixed; boundary=b\r\n")
	_, part, _ := strings.Cut(rest, "--b\r\n\r\nKính gửi\r\n--b\r\n")
	return []byte(head + strings.TrimSuffix(part, "--b--\r\n"))
}

// What was signed is read as if it had stood in the mail itself.
func TestOpaqueSignedMail(t *testing.T) {
	want := parsed(fixture(t, "unpack/testdata/cms/content.txt"), DefaultLimits)
	if want.Text == "" {
		t.Fatal("the signed content has no text to compare")
	}
	for _, ctype := range []string{"application/pkcs7-mime; smime-type=signed-data", "application/x-pkcs7-mime", "application/octet-stream"} {
		for _, name := range []string{"opaque-rsa.p7m", "opaque-stream.p7m", "gpgsm-opaque.p7m"} {
			m := parsed(opaque(t, ctype, name), DefaultLimits)
			if m.Text != want.Text || len(m.Attachments) != 1+len(want.Attachments) || m.Subject != "x" {
				t.Errorf("%s as %s: text %.60q, files %q, subject %q", name, ctype, m.Text, listed(m.Attachments), m.Subject)
			}
			for i, a := range want.Attachments {
				if got := m.Attachments[i+1]; got.SHA256 != a.SHA256 || !slices.Equal(got.Path, []string{"smime.p7m"}) {
					t.Errorf("%s: %+v", name, got)
				}
			}
			if len(m.Signatures) != 1 || m.Signatures[0].Verdict != Intact || m.Signatures[0].Cert == "" {
				t.Errorf("%s as %s: %+v", name, ctype, m.Signatures)
			}
			checkMessage(t, m)
		}
	}
}

func TestBrokenSignatureStillReads(t *testing.T) {
	object := fixture(t, "unpack/testdata/cms/opaque-rsa.p7m")
	altered := slices.Clone(object)
	i := strings.Index(string(altered), "Content-Type")
	if i < 0 {
		t.Fatal("no header in the signed content")
	}
	altered[i] = 'c' // the header means the same, and is not what was signed
	for name, c := range map[string]struct {
		object  []byte
		verdict Verdict
	}{"altered": {altered, Broken}, "cut off": {object[:len(object)-700], Unverified}} {
		m := parsed(mailOf("application/pkcs7-mime", "smime.p7m", c.object), DefaultLimits)
		want := parsed(fixture(t, "unpack/testdata/cms/content.txt"), DefaultLimits)
		if !strings.Contains(m.Text, strings.TrimSpace(want.Text)) {
			t.Errorf("%s: text %.80q", name, m.Text)
		}
		if c.verdict == Broken && (len(m.Signatures) != 1 || m.Signatures[0].Verdict != Broken || !slices.Contains(codes(m), SignatureBroken)) {
			t.Errorf("%s: %+v %v", name, m.Signatures, m.Findings)
		}
		for _, s := range m.Signatures {
			if s.Verdict == Intact {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

// A detached signature is checked over the part that it stands beside, whatever the line ends the mail was stored with.
func TestDetachedSignature(t *testing.T) {
	content := string(fixture(t, "unpack/testdata/cms/small.txt"))
	raw := mailOf("application/pkcs7-signature; name=smime.p7s", "smime.p7s", fixture(t, "unpack/testdata/cms/detached-rsa.p7s"))
	signed := func(content string) string {
		s := strings.Replace(string(raw), "multipart/mixed; boundary=b", "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b", 1)
		return strings.Replace(s, "--b\r\n\r\nKính gửi\r\n", "--b\r\n"+content+"\r\n", 1)
	}
	for name, c := range map[string]struct {
		raw  string
		want Verdict
	}{
		"as sent":       {signed(content), Intact},
		"stored by LF":  {strings.ReplaceAll(signed(content), "\r\n", "\n"), Intact},
		"other header":  {strings.Replace(signed(content), "MIME-Version: 1.0", "mime-version: 1.0", 1), Intact},
		"another word":  {signed(content + "thêm"), Broken},
		"not in signed": {string(raw), Unverified},
	} {
		m := parsed([]byte(c.raw), DefaultLimits)
		if len(m.Signatures) != 1 || m.Signatures[0].Verdict != c.want {
			t.Errorf("%s: %+v, want %s", name, m.Signatures, c.want)
		}
		checkMessage(t, m)
	}
}

// What is encrypted is said to be, and listed.
func TestEncryptedContainers(t *testing.T) {
	for name, raw := range map[string][]byte{
		"zip":   mailOf("application/zip", "a.zip", fixture(t, "unpack/testdata/archives/infozip-zipcrypto.zip")),
		"7z":    mailOf("application/octet-stream", "a.7z", fixture(t, "unpack/testdata/archives/encrypted.7z")),
		"names": mailOf("application/octet-stream", "a.7z", fixture(t, "unpack/testdata/archives/encrypted-names.7z")),
		"smime": opaque(t, "application/pkcs7-mime", "enveloped.p7m"),
	} {
		m := parsed(raw, DefaultLimits)
		if !slices.Contains(codes(m), "archive-encrypted") || len(m.Attachments) == 0 {
			t.Errorf("%s: %q, %v", name, listed(m.Attachments), m.Findings)
		}
		said := map[string]int{}
		for _, f := range m.Findings {
			if said[f.Code+f.Where]++; said[f.Code+f.Where] > 1 {
				t.Errorf("%s: said twice: %v", name, f)
			}
		}
		checkMessage(t, m)
	}
}
