package unpack

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func cmsFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "cms", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readCMS(b []byte) (CMSObject, []Problem) {
	budget := DefaultBudget
	return ReadCMS(bytes.NewReader(b), int64(len(b)), &budget)
}

// cmsContent reads the content as far as it goes.
func cmsContent(c CMSObject) ([]byte, error) {
	if c.Content.Open == nil {
		return nil, nil
	}
	r, err := c.Content.Open()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func cmsCodes(problems []Problem) string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Code)
	}
	return strings.Join(out, " ")
}

// cmsResults joins the results of verdicts.
func cmsResults(v []Verdict) string {
	var out []string
	for _, v := range v {
		out = append(out, string(v.Result))
	}
	return strings.Join(out, " ")
}

func TestCMSOfOtherPrograms(t *testing.T) {
	for _, c := range []struct {
		file, kind, content string
		detached            string // what a detached signature belongs to
		problems            string
		results             string
		algorithms          string
		weak                bool
	}{
		{file: "opaque-rsa.p7m", kind: CMSSigned, content: "content.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "opaque-stream.p7m", kind: CMSSigned, content: "content.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "gpgsm-opaque.p7m", kind: CMSSigned, content: "content.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "opaque-pem.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "detached-rsa.p7s", kind: CMSSigned, detached: "small.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "python-detached.p7s", kind: CMSSigned, detached: "small.txt", results: "intact", algorithms: "SHA-256 ECDSA"},
		{file: "noattr-rsa.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "sha1-rsa.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-1 RSA", weak: true},
		{file: "pss.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-384 RSA-PSS"},
		{file: "pss-key.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-256 RSA-PSS"},
		{file: "ecdsa-keyid.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-512 ECDSA"},
		{file: "expired-p384.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-256 ECDSA"},
		{file: "two-signers.p7m", kind: CMSSigned, content: "small.txt", results: "intact intact", algorithms: "SHA-256 ECDSA SHA-256 RSA"},
		{file: "no-certs.p7m", kind: CMSSigned, content: "small.txt", results: "unverified", algorithms: "SHA-256 RSA"},
		{file: "typed.p7m", kind: CMSSigned, content: "small.txt", results: "intact", algorithms: "SHA-256 ECDSA"},
		{file: "twice.p7m", kind: CMSSigned, content: "inner.txt", results: "intact", algorithms: "SHA-256 RSA"},
		{file: "certs-only.p7c", kind: CMSSigned},
		{file: "enveloped.p7m", kind: CMSEnveloped, problems: Encrypted},
		{file: "auth-enveloped.p7m", kind: CMSAuthenticEnveloped, problems: Encrypted},
		{file: "encrypted.p7m", kind: CMSEncrypted, problems: Encrypted},
		{file: "digested.p7m", kind: CMSDigested, content: "small.txt"},
		{file: "data.p7m", kind: CMSData, content: "small.txt"},
	} {
		t.Run(c.file, func(t *testing.T) {
			raw := cmsFile(t, c.file)
			o, problems := readCMS(raw)
			if o.Kind != c.kind || cmsCodes(problems) != c.problems {
				t.Fatalf("kind %q, problems %v", o.Kind, problems)
			}
			if c.content == "" && o.Content.Open != nil {
				t.Error("there is a content")
			} else if c.content != "" {
				want := cmsFile(t, c.content)
				if got, err := cmsContent(o); err != nil || !bytes.Equal(got, want) || o.Content.Size != int64(len(want)) {
					t.Errorf("content of %d bytes (%d said), %v", len(got), o.Content.Size, err)
				}
			}
			var content io.Reader
			if c.detached != "" {
				content = bytes.NewReader(cmsFile(t, c.detached))
			}
			v := o.Verify(content)
			if cmsResults(v) != c.results {
				t.Errorf("verdicts %q, want %q: %+v", cmsResults(v), c.results, v)
			}
			var algorithms []string
			for _, v := range v {
				algorithms = append(algorithms, v.Digest, v.Algorithm)
				if v.Weak != c.weak {
					t.Errorf("weak: %v", v.Weak)
				}
			}
			if got := strings.Join(algorithms, " "); got != c.algorithms {
				t.Errorf("algorithms %q", got)
			}
			if !isCMS(raw[:min(512, len(raw))], "application/octet-stream", "attachment.dat") {
				t.Error("not recognised by its bytes")
			}
		})
	}
}

func TestCMSSaysWhoSigned(t *testing.T) {
	o, _ := readCMS(cmsFile(t, "opaque-rsa.p7m"))
	v := o.Verify(nil)[0]
	c := v.Certificate
	if c.Subject != "E=mau.tt@quangtri.example.vn,CN=Trần Thị Mẫu,O=Sở Nội vụ tỉnh Quảng Trị,C=VN" || c.CommonName != "Trần Thị Mẫu" ||
		c.Issuer != "CN=CA example.vn,O=CA thử nghiệm,C=VN" || v.Issuer != c.Issuer || v.Serial != c.Serial || len(c.Serial) < 16 {
		t.Errorf("%+v", v)
	}
	if !slices.Equal(c.Emails, []string{"mau.tt@quangtri.example.vn"}) || len(c.SHA256) != 64 || len(o.Certs) != 2 {
		t.Errorf("addresses %q, digest %q, %d certificates", c.Emails, c.SHA256, len(o.Certs))
	}
	if v.SigningTime.IsZero() || v.SigningTime.Before(c.NotBefore) || c.NotAfter.Before(v.SigningTime) {
		t.Errorf("signed at %v, valid from %v to %v", v.SigningTime, c.NotBefore, c.NotAfter)
	}
	o, _ = readCMS(cmsFile(t, "ecdsa-keyid.p7m"))
	if s := o.Signers[0]; len(s.KeyID) != 40 || s.Issuer != "" || s.Certificate.CommonName != "Lê Văn Ví Dụ" {
		t.Errorf("%+v", s)
	}
	if o, _ = readCMS(cmsFile(t, "no-certs.p7m")); o.Signers[0].Issuer != "CN=CA example.vn,O=CA thử nghiệm,C=VN" || o.Signers[0].Certificate.DER != nil {
		t.Errorf("%+v", o.Signers[0])
	}
}

// Lesson 21: an opaque object under the name of any file.
func TestCMSDetected(t *testing.T) {
	opaque := cmsFile(t, "opaque-rsa.p7m")[:512]
	stream := cmsFile(t, "opaque-stream.p7m")[:512]
	once := []byte(base64.StdEncoding.EncodeToString(cmsFile(t, "opaque-rsa.p7m")))
	for _, c := range []struct {
		head        []byte
		ctype, name string
		want        Format
	}{
		{opaque, "application/octet-stream", "smime.p7m", CMS},
		{opaque, "application/octet-stream", "", CMS},
		{stream, "", "", CMS},
		{stream, "application/x-pkcs7-mime", "smime.p7m", CMS},
		{cmsFile(t, "detached-rsa.p7s")[:512], "application/pkcs7-signature", "smime.p7s", CMS},
		{cmsFile(t, "opaque-pem.p7m")[:512], "application/octet-stream", "", CMS},
		{once[:512], "application/octet-stream", "", CMS},
		{once[:512], "application/octet-stream", "SMIME.P7M", CMS},
		{[]byte(base64.StdEncoding.EncodeToString(once))[:512], "", "", CMS},
		{[]byte("no CMS"), "application/pkcs7-mime", "", CMS}, // ReadCMS tells
		{nil, "application/pkcs7-mime", "smime.p7m", ""},
		{[]byte("0 chữ số đầu dòng là văn bản"), "text/plain", "a.txt", ""},
		{[]byte("MIME means Multipurpose Internet Mail Extensions"), "text/plain", "a.txt", ""},
		{[]byte("-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n"), "", "a.pem", ""},
		{[]byte("0\x82\x0a\x00\x02\x01\x030\x82\x09\xc6\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x01"), "application/x-pkcs12", "a.p12", ""},
		{[]byte("0\x80"), "", "", ""},
	} {
		if got := Detect(c.head, c.ctype, c.name); got != c.want {
			t.Errorf("Detect(%.20q, %q, %q) = %q", c.head, c.ctype, c.name, got)
		}
	}
}

func TestCMSAsText(t *testing.T) {
	want := cmsFile(t, "content.txt")
	raw := cmsFile(t, "opaque-stream.p7m")
	lines := func(b []byte, end string) []byte {
		var out bytes.Buffer
		for text := base64.StdEncoding.EncodeToString(b); text != ""; {
			n := min(64, len(text))
			out.WriteString(text[:n] + end)
			text = text[n:]
		}
		return out.Bytes()
	}
	pem := append([]byte("-----BEGIN PKCS7-----\n"), append(lines(raw, "\n"), "-----END PKCS7-----\n"...)...)
	for name, text := range map[string][]byte{
		"LF": lines(raw, "\n"), "CRLF": lines(raw, "\r\n"), "one line": lines(raw, ""), "twice": lines(lines(raw, "\r\n"), "\r\n"),
		"PEM": pem, "PEM with a mark": append([]byte("\xEF\xBB\xBF\r\n"), pem...), "PEM in base64": lines(pem, "\n"),
	} {
		o, problems := readCMS(text)
		got, err := cmsContent(o)
		if err != nil || !bytes.Equal(got, want) || len(problems) > 0 {
			t.Errorf("%s: %d bytes, %v, %v", name, len(got), err, problems)
		}
		if r := cmsResults(o.Verify(nil)); r != "intact" {
			t.Errorf("%s: %s", name, r)
		}
		o, problems = readCMS(text[:len(text)/2])
		if got, err := cmsContent(o); !errors.Is(err, io.ErrUnexpectedEOF) || cmsCodes(problems) != Damaged || len(got) < len(want)/3 || !bytes.HasPrefix(want, got) {
			t.Errorf("half of %s: %d bytes, %v, %v", name, len(got), err, problems)
		}
	}
}

// A ContentInfo that ends before it has said anything is broken, not empty.
func TestCMSWithoutAnything(t *testing.T) {
	for kind, known := range cmsKinds {
		o, problems := readCMS(el(berSequence, el(berOID, []byte(kind))))
		want := Damaged
		if known.locked {
			want = Encrypted
		}
		if o.Kind != known.name || cmsCodes(problems) != want || o.Content.Open != nil {
			t.Errorf("%s: %+v, %v", known.name, o, problems)
		}
	}
}

func TestNoCMS(t *testing.T) {
	for _, b := range [][]byte{nil, {0}, []byte("0"), []byte("0\x80"), []byte("Content-Type: text/plain\r\n\r\nKính gửi"), bytes.Repeat([]byte("0\x80"), 1000),
		[]byte("MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa"), []byte("0\x03\x06\x01\x2a"), {berSequence, 0}, []byte("MAA0A00000000000000000"), []byte("0\x06\x02\x01\x030\x01\x00")} {
		o, problems := readCMS(b)
		if o.Kind != "" || o.Content.Open != nil || cmsCodes(problems) != Damaged || o.Verify(nil) != nil {
			t.Errorf("%.20q: %+v %v", b, o, problems)
		}
	}
}
