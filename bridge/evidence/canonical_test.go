package evidence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"
)

// Our canonical forms are those of the DKIM library, for any body and any field.
func TestCanonicalForms(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	piece := rapid.SampledFrom([]string{"a", "Kính gửi", " ", "\t", "\r\n", "\n", "\r\n\r\n", "  \r\n", " x ", "\x00", ".", "--b"})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "body"), "")
		subject := strings.TrimRight(strings.ReplaceAll(strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "  ", "\t", "\r\n ", "é"}), 1, 8).Draw(t, "subject"), ""), "\n \r", "\n x\r"), " \t\r\n") + "z"
		form := rapid.SampledFrom([]dkim.Canonicalization{dkim.CanonicalizationSimple, dkim.CanonicalizationRelaxed}).Draw(t, "form")
		mail := "From: a@b.example\r\nSubject: " + subject + "\r\n\r\n" + body
		var out bytes.Buffer
		if err := dkim.Sign(&out, strings.NewReader(mail), &dkim.SignOptions{Domain: "b.example", Selector: "s", Signer: key, HeaderCanonicalization: form, BodyCanonicalization: form, HeaderKeys: []string{"From", "Subject"}}); err != nil {
			t.Fatal(err)
		}
		fields, at, err := readBlock(bytes.NewReader(out.Bytes()), int64(out.Len()), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		found, ok := tags(fields[0].value())
		if !ok {
			t.Fatalf("%q", fields[0].text)
		}
		sum := sha256.New()
		if err := (&bodyForm{w: sum, relaxed: form == dkim.CanonicalizationRelaxed}).copyFrom(bytes.NewReader(out.Bytes()[at:])); err != nil {
			t.Fatal(err)
		}
		if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != compact(found["bh"]) {
			t.Fatalf("body %q as %s: %s, the library has %s", body, form, got, found["bh"])
		}
		field := simpleField
		if form == dkim.CanonicalizationRelaxed {
			field = relaxedField
		}
		sum.Reset()
		for _, text := range picked(fields, strings.Split(compact(found["h"]), ":")) {
			sum.Write([]byte(field(text)))
		}
		sum.Write([]byte(strings.TrimSuffix(field(unsealed(fields[0].text)), "\r\n")))
		signature, err := base64.StdEncoding.DecodeString(compact(found["b"]))
		if err != nil || !ed25519.Verify(key.Public().(ed25519.PublicKey), sum.Sum(nil), signature) {
			t.Fatalf("header %q as %s: the library signed something else", subject, form)
		}
	})
}

// FuzzVerify lets any bytes through everything that looks at a mail: it must end, and prove nothing that the key does not.
func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	f.Add(w.signed(plainMail(), fromDomain))
	f.Add(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1))
	f.Add("Return-Path: <" + fromAddr + ">\r\n" + w.entry("a.example", clientIP) + plainMail())
	w.dns.records = map[string][]string{} // nobody has a key
	f.Fuzz(func(t *testing.T, raw string) {
		if strings.Contains(strings.ToLower(raw), "mx.quangtri.gov.vn") { // our own server is believed
			t.Skip()
		}
		m := w.parse(raw)
		ev, err := w.verifier.Identify(t.Context(), Mail{Raw: strings.NewReader(raw), Size: int64(len(raw)), Header: 1 << 18, Message: m, At: w.now}, nil)
		if err != nil || ev.Identity.AtLeast("spf") {
			t.Errorf("%+v %v", ev, err)
		}
	})
}
