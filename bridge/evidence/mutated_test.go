package evidence

import (
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// Whatever is done to a proved mail on the way, it either loses its proof, or shows what was signed.
func TestMutatedMails(t *testing.T) {
	w := newWorld(t)
	dmarc := "dmarc=pass header.from=" + fromDomain
	mails := []string{w.signed(plainMail(), fromDomain), w.signed(plainMail(), fromDomain, "From", "To", "Subject"),
		w.sealed(plainMail(), "chuyentiep.example.vn", dmarc, "none", 1),
		w.sealed(w.sealed(plainMail(), "chuyentiep.example.vn", dmarc, "none", 1), "chuyentiep.example.vn", "arc=pass", "pass", 2),
		w.smime(plainMail(), w.user, w.userKey, w.now)}
	lines := rapid.SampledFrom([]string{"From: <vanthu@sct.quangtri.gov.vn>", "Subject: Cong van so 99/SNV-VP", "Content-Type: multipart/mixed; boundary=y", "Content-Type: text/plain",
		"Content-Transfer-Encoding: base64", "DKIM-Signature: v=1; d=" + fromDomain, "ARC-Seal: i=1; cv=pass", " folded", "To: x@y.example", "X: y\rFrom: z@evil.example", "", "--x", "--x--",
		"Content-Type: application/pdf; name=99_SNV-VP.pdf", "Cc: a@b.example", "--s", "--y"})
	proved := 0
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(mails)-1).Draw(t, "mail")
		whole := w.parse(mails[i])
		list := strings.Split(mails[i], "\r\n")
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(list)-1).Draw(t, "line")
			switch rapid.IntRange(0, 5).Draw(t, "change") {
			case 0:
				list = slices.Insert(list, at, lines.Draw(t, "new"))
			case 1:
				list = slices.Delete(list, at, min(at+1, len(list)-1))
			case 2:
				list[at] = lines.Draw(t, "other")
			case 3:
				other := rapid.IntRange(0, len(list)-1).Draw(t, "with")
				list[at], list[other] = list[other], list[at]
			case 4:
				if n := len(list[at]); n > 0 {
					k := rapid.IntRange(0, n-1).Draw(t, "byte")
					list[at] = list[at][:k] + rapid.SampledFrom([]string{"", " ", ";", "=", "a", "\"", "(", "\x00", "\n", "\r"}).Draw(t, "for") + list[at][k+1:]
				}
			case 5:
				list[at] += rapid.SampledFrom([]string{" ", "\t", "\r\n ", "; l=10", "x"}).Draw(t, "behind")
			}
		}
		raw := strings.Join(list, "\r\n")
		m := w.parse(raw)
		ev, err := w.verifier.Identify(t.Context(), Mail{Raw: strings.NewReader(raw), Size: int64(len(raw)), Header: 1 << 18, Message: m, At: w.now}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !ev.Identity.AtLeast(policy.IdentitySPF) {
			return
		}
		proved++
		same := m.From[0].Addr == whole.From[0].Addr && slices.Equal(files(t, raw), files(t, mails[i]))
		if i < len(mails)-1 { // S/MIME does not sign the subject
			same = same && strings.Join(strings.Fields(m.Subject), " ") == strings.Join(strings.Fields(whole.Subject), " ")
		}
		if !same && !unclear(m) {
			t.Fatalf("%s (%s) of\n%s", ev.Identity, ev.IdentityBy, raw)
		}
	})
	if proved == 0 {
		t.Error("nothing was proved at all")
	}
}

// files are the files of a mail, but for white space, which the relaxed form does not sign, and without the signature itself.
func files(t *rapid.T, raw string) []string {
	var out []string
	parser.Visit(strings.NewReader(raw), int64(len(raw)), parser.DefaultLimits, func(a parser.Attachment, content io.Reader) {
		b, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		if a.Type != "application/pkcs7-signature" {
			out = append(out, a.Name+": "+strings.Join(strings.Fields(string(b)), " "))
		}
	})
	return out
}

// unclear says that a person looks at the message whoever sent it.
func unclear(m parser.Message) bool {
	return slices.ContainsFunc(m.Findings, func(f parser.Finding) bool { return f.Code == parser.Ambiguous })
}
