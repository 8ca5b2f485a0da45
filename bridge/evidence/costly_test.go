package evidence

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge/policy"
)

// What would take long to check proves nothing, though it is right: 25 seconds went into one mail of 200 KB that named 60,000 fields, 6 into one
// whose field had 70,000 lines.
func TestCostlyMails(t *testing.T) {
	w := newWorld(t)
	names := func(n int) []string {
		return append([]string{"from", "to", "subject", "content-type"}, slices.Repeat([]string{"a"}, n-4)...)
	}
	after := func(more string) string {
		return strings.Replace(plainMail(), "MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\n"+more, 1)
	}
	lines := strings.Count(plainMail()[:strings.Index(plainMail(), "\r\n\r\n")], "\r\n") + 2 // with the signature
	for _, c := range []struct {
		name, raw string
		reason    string
	}{
		{"many names", w.resigned(plainMail(), fromDomain, "", names(maxNames)...), ""},
		{"too many names", w.resigned(plainMail(), fromDomain, "", names(maxNames+1)...), ReasonInvalid},
		{"many fields", w.signed(after(strings.Repeat("a:\r\n", maxFields-lines)), fromDomain, "From", "To", "Subject", "Content-Type"), ""},
		{"too many fields", w.signed(after(strings.Repeat("a:\r\n", maxFields)), fromDomain, "From", "To", "Subject", "Content-Type"), ReasonUneven},
		{"many lines", w.signed(after("a: b"+strings.Repeat("\r\n c", maxLines-lines-10)+"\r\n"), fromDomain, "From", "To", "Subject", "Content-Type"), ""},
		{"too many lines", w.signed(after("a: b"+strings.Repeat("\r\n c", maxLines)+"\r\n"), fromDomain, "From", "To", "Subject", "Content-Type"), ReasonUneven},
		{"many CR", w.signed(plainMail()+strings.Repeat("\r", maxBlank), fromDomain), ""},
		{"too many CR", w.signed(plainMail()+strings.Repeat("\r", 2*maxBlank), fromDomain), ReasonBlank},
	} {
		want := policy.IdentityFrom
		if c.reason == "" {
			want = policy.IdentityDKIM
		}
		if ev := w.look(c.raw); ev.Identity != want || reason(ev.Proofs, "dkim") != c.reason {
			t.Errorf("%s: %s, want %s with %q; %+v", c.name, ev.Identity, want, c.reason, ev.Proofs)
		}
	}
}

// A chain that is followed has few authorities, with keys that are calculated with soon.
func TestCostlyChains(t *testing.T) {
	w := newWorld(t)
	key := ecdsaKey(t)
	between := w.authority("CA phục vụ", &key.PublicKey)
	user, userKey := w.certificate("Văn thư", []string{fromAddr}, between, key)
	mail := func(more ...*x509.Certificate) string {
		return w.entry("mail.snv.quangtri.gov.vn", clientIP) + w.smimeWith(protect(plainMail()), user, userKey, w.now, more...)
	}
	var decoys []*x509.Certificate
	for i := range maxBetween {
		decoys = append(decoys, w.authority(fmt.Sprintf("CA %d", i), &ecdsaKey(t).PublicKey))
	}
	if ev := w.look(mail(append(slices.Clone(decoys[1:]), between)...)); ev.Identity != policy.IdentitySignature {
		t.Errorf("with %d authorities: %+v", maxBetween, ev)
	}
	if ev := w.look(mail(append(slices.Clone(decoys), between)...)); ev.Identity != policy.IdentityFrom || reason(ev.Proofs, "smime") != ReasonAuthority {
		t.Errorf("with %d authorities: %+v", maxBetween+1, ev)
	}
	n, err := io.ReadAll(io.LimitReader(rand.Reader, maxRSA/8+1))
	if err != nil {
		t.Fatal(err)
	}
	n[0], n[len(n)-1] = n[0]|0x80, n[len(n)-1]|1
	long := w.authority("CA khóa dài", &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537})
	if got := intermediates([][]byte{long.Raw, {1, 2, 3}, user.Raw, between.Raw}); len(got) != 1 || !got[0].Equal(between) {
		t.Errorf("%d authorities", len(got))
	}
}

// authority makes a certificate of an authority under the root for a public key.
func (w *world) authority(name string, public any) *x509.Certificate {
	w.t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(w.now.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: w.now.AddDate(-1, 0, 0), NotAfter: w.now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, w.root, public, w.rootKey)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func ecdsaKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// large answers as much as DNS can.
type large struct{}

func (large) Resolve(context.Context, string, dnsmessage.Type) (Answer, error) {
	return Answer{Texts: []string{strings.Repeat("x", 64_000)}, TTL: time.Hour}, nil
}

// Large answers do not fill the memory, and what is dropped for them is asked for again.
func TestCacheHoldsLittle(t *testing.T) {
	now := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	c := &Cache{From: large{}, Now: func() time.Time { return now }}
	ask := func(i int) {
		if a, err := c.Resolve(t.Context(), fmt.Sprintf("s%d._domainkey.evil.example", i), dnsmessage.TypeTXT); err != nil || len(a.Texts) != 1 {
			t.Fatalf("%d: %v", i, err)
		}
	}
	for i := range 1000 {
		ask(i)
		sum := 0
		for q, k := range c.answers {
			sum += weigh(q, k.answer)
		}
		if sum != c.held || sum > maxHeld+100_000 {
			t.Fatalf("after %d: %d bytes are held, reckoned %d", i, sum, c.held)
		}
	}
	now = now.Add(maxTTL)
	for range 3 {
		ask(1)
	}
	if len(c.answers) == 0 {
		t.Error("nothing is kept at all")
	}
}
