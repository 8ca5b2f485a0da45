package pdfsign

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"
	"time"
)

// signedWith gives the only signature of a file, by a certificate that is changed first.
func signedWith(t *testing.T, change func(*x509.Certificate), also func(*signer)) Signature {
	t.Helper()
	a := shared()
	template := person("Lê Văn Thử")
	template.NotBefore, template.NotAfter = day("2025-01-01"), day("2027-01-01")
	if change != nil {
		change(template)
	}
	key := ecKey(t)
	s := &signer{t: t, key: key, cert: issue(t, template, a.between, key, a.betweenKey), more: []*x509.Certificate{a.between}, at: day("2026-01-10")}
	if also != nil {
		also(s)
	}
	rep := newPDF(t).save().sign(s).read()
	if len(rep.Signatures) != 1 || rep.Signatures[0].Verdict != "intact" {
		t.Fatalf("%s", summary(&rep))
	}
	return rep.Signatures[0]
}

func wantTrust(t *testing.T, name string, got Trust, state State, reason Reason) {
	t.Helper()
	if got.State != state || got.Reason != reason || !slices.Contains(got.Unchecked, UncheckedRevocation) || (got.Root != "") != (state == Valid) {
		t.Errorf("%s: %+v, want %s %s", name, got, state, reason)
	}
}

func TestJudge(t *testing.T) {
	s := signedWith(t, nil, nil)
	a := shared()
	wantTrust(t, "in time", Judge(&s, roots(), judged), Valid, "")
	wantTrust(t, "no roots", Judge(&s, nil, judged), Present, NoRoots)
	wantTrust(t, "no time", Judge(&s, roots(), time.Time{}), Present, NoTime)
	wantTrust(t, "run out since", Judge(&s, roots(), day("2027-06-01")), Present, ExpiredSince)
	wantTrust(t, "too early", Judge(&s, roots(), day("2024-06-01")), Invalid, Expired)
	wantTrust(t, "another root", Judge(&s, []*x509.Certificate{other(t).cert}, judged), Invalid, Untrusted)
	wantTrust(t, "the authority itself is trusted", Judge(&s, []*x509.Certificate{a.between}, judged), Valid, "")
	if got := Judge(&s, roots(), judged); !slices.Contains(got.Unchecked, UncheckedTime) || !got.At.Equal(judged) || got.Attested {
		t.Errorf("%+v", got)
	}
	s.Certificates = s.Certificates[:1]
	wantTrust(t, "the authority between is missing", Judge(&s, roots(), judged), Invalid, Untrusted)
	wantTrust(t, "but is configured", Judge(&s, append(roots(), a.between), judged), Valid, "")

	s = signedWith(t, func(c *x509.Certificate) { c.NotAfter = day("2026-01-05") }, nil)
	wantTrust(t, "run out when it signed", Judge(&s, roots(), judged), Invalid, Expired)
	s = signedWith(t, nil, func(s *signer) { s.at = day("2024-01-10") })
	wantTrust(t, "not yet valid by its own claim", Judge(&s, roots(), day("2027-06-01")), Invalid, Expired)
	s = signedWith(t, func(c *x509.Certificate) { c.NotAfter = day("2026-01-15") }, func(s *signer) { s.at = time.Time{} })
	wantTrust(t, "only M claims", Judge(&s, roots(), judged), Present, ExpiredSince)
	s.DictionaryTime = time.Time{}
	wantTrust(t, "nobody claims", Judge(&s, roots(), judged), Invalid, Expired)
}

func TestJudgeUsage(t *testing.T) {
	oid := asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}
	for _, c := range []struct {
		name   string
		change func(*x509.Certificate)
		state  State
		reason Reason
	}{
		{"no key usage", func(c *x509.Certificate) { c.KeyUsage = 0 }, Valid, ""},
		{"non-repudiation alone", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment }, Valid, ""},
		{"encipherment", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }, Invalid, KeyUsage},
		{"no extended use", func(c *x509.Certificate) { c.ExtKeyUsage = nil }, Valid, ""},
		{"any use", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }, Valid, ""},
		{"a server", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }, Invalid, KeyUsage},
		{"documents, Microsoft", func(c *x509.Certificate) {
			c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 311, 10, 3, 12}}
		}, Valid, ""},
		{"documents, RFC 9336", func(c *x509.Certificate) {
			c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}}
		}, Valid, ""},
		{"an unknown use", func(c *x509.Certificate) { c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, []asn1.ObjectIdentifier{oid} }, Invalid, KeyUsage},
		{"an unknown extension", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: oid, Value: []byte{5, 0}}}
		}, Valid, ""},
		{"an unknown critical extension", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: oid, Critical: true, Value: []byte{5, 0}}}
		}, Present, Critical},
	} {
		s := signedWith(t, c.change, nil)
		wantTrust(t, c.name, Judge(&s, roots(), judged), c.state, c.reason)
	}
}

// An authority in the chain may demand something unknown, or may be none.
func TestJudgeAuthorities(t *testing.T) {
	a := shared()
	for _, c := range []struct {
		name   string
		change func(*x509.Certificate)
		state  State
		reason Reason
	}{
		{"as usual", func(*x509.Certificate) {}, Valid, ""},
		{"critical extension", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
		}, Present, Critical},
		{"no authority", func(c *x509.Certificate) { c.IsCA = false }, Invalid, Untrusted},
		{"run out", func(c *x509.Certificate) { c.NotAfter = day("2026-01-05") }, Invalid, Expired},
		{"run out since", func(c *x509.Certificate) { c.NotAfter = day("2026-01-15") }, Present, ExpiredSince},
	} {
		template := authority("CA thử")
		c.change(template)
		key := ecKey(t)
		between := issue(t, template, a.root, key, a.rootKey)
		leafKey := ecKey(t)
		leaf := issue(t, person("Người thử"), between, leafKey, key)
		rep := newPDF(t).save().sign(&signer{t: t, key: leafKey, cert: leaf, more: []*x509.Certificate{between}, at: day("2026-01-10")}).read()
		wantTrust(t, c.name, Judge(&rep.Signatures[0], roots(), judged), c.state, c.reason)
	}
}

func TestTimestamp(t *testing.T) {
	stamped := func(change func(*signer)) Signature {
		return signedWith(t, func(c *x509.Certificate) { c.NotAfter = day("2026-01-15") }, func(s *signer) {
			s.stamp, s.stampAt = newTSA(t), day("2026-01-11")
			if change != nil {
				change(s)
			}
		})
	}
	s := stamped(nil)
	got := Judge(&s, roots(), judged)
	wantTrust(t, "attested", got, Valid, "")
	if !got.Attested || !got.At.Equal(day("2026-01-11")) || slices.Contains(got.Unchecked, UncheckedTime) || s.Timestamp.Authority.CommonName != "TSA mẫu" {
		t.Errorf("%+v", got)
	}
	s = stamped(func(s *signer) { s.stampAt = day("2026-01-20") })
	wantTrust(t, "attested, but too late", Judge(&s, roots(), judged), Invalid, Expired)
	s = stamped(func(s *signer) { s.stampAt = day("2026-03-20") })
	wantTrust(t, "a time to come", Judge(&s, roots(), judged), Present, ExpiredSince)
	s = stamped(func(s *signer) { s.imprint = []byte("another signature") })
	if s.Timestamp.Result != "broken" {
		t.Errorf("%+v", s.Timestamp)
	}
	got = Judge(&s, roots(), judged)
	wantTrust(t, "about another signature", got, Present, ExpiredSince)
	if !slices.Contains(got.Unchecked, UncheckedTimestamp) || !slices.Contains(got.Unchecked, UncheckedTime) {
		t.Errorf("%+v", got)
	}
	s = stamped(func(s *signer) { s.stamp = other(t) })
	wantTrust(t, "by a stranger", Judge(&s, roots(), judged), Present, ExpiredSince)
	s = stamped(func(s *signer) { s.stamp.key, s.stamp.cert, s.stamp.ess = shared().leafKey, shared().leaf, nil })
	wantTrust(t, "by a signer of documents", Judge(&s, roots(), judged), Present, ExpiredSince)
	s = stamped(func(s *signer) { s.stamp.ess = shared().leaf.Raw })
	if s.Timestamp.Result != "unverified" || s.Timestamp.Note == "" {
		t.Errorf("%+v", s.Timestamp)
	}
}

// A file with nothing but time-stamps is signed by nobody.
func TestOnlyTimestamps(t *testing.T) {
	p := newPDF(t)
	p.stampSig, p.subtype = true, DocumentTime
	sig := p.save().signature()
	p.field(" /V 7 0 R")
	if sig != 7 {
		t.Fatal(sig)
	}
	p.save().fill(func(content []byte) []byte { return newTSA(t).token(content, day("2026-01-11")) })
	wantSummary(t, "a time-stamp", p, "intact whole nothing valid = present")
	p.b[30] ^= 1
	wantSummary(t, "of something else", p, "broken whole nothing invalid/altered = invalid")
}
