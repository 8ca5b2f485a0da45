package evidence

import (
	"crypto/rsa"
	"crypto/x509"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// signedWithin is how far the time that an S/MIME signature gives may lie from the counted instant. The signature covers neither From nor To nor
// the subject: without a bound anybody could send an old signed letter again under a new subject.
const signedWithin = 24 * time.Hour

// smime looks for a signature over the whole message whose certificate is that of the From address (RFC 8551), by an authority that the
// administrator trusts, at the counted instant. It says who wrote the content, and not that he sent it to us: whoever got a signed letter can
// send it again, under any subject. So the host that handed the mail over must be one of the From domain too, or the fields of the header be
// under the signature.
func (e *examination) smime(vouched policy.Identity) {
	if len(e.mail.Message.Signatures) == 0 || e.authorities == nil {
		return
	}
	why, tried := ReasonPart, 0
	for i := range e.mail.Message.Signatures {
		s := &e.mail.Message.Signatures[i]
		if !s.Whole {
			continue
		}
		if s.Verdict != parser.Intact || s.Weak {
			e.note("smime", "fail", e.domain, "", ReasonInvalid)
			return
		}
		if tried++; tried > maxSigners {
			break
		}
		if why = e.certified(s); why == "" {
			e.by["smime"] = "s/mime certificate " + s.Cert[:min(len(s.Cert), 16)] + " of the from address"
			why = e.contrary(vouched, s.Protected)
			break
		}
	}
	level := policy.IdentitySignature
	if why != "" {
		level = ""
	}
	e.note("smime", resultOf(why), e.domain, level, why)
}

// Bounds of what a signature may bring along to be calculated with: real mail has one signer and one or two authorities between, and a chain of
// keys as long as certificates can hold takes minutes to follow.
const (
	maxSigners = 4
	maxBetween = 8
	maxRSA     = 4096 // bits
)

// intermediates are the certificates of authorities among those given, within bounds.
func intermediates(given [][]byte) (out []*x509.Certificate) {
	for _, der := range given {
		c, err := x509.ParseCertificate(der)
		if err != nil || !c.IsCA || len(out) == maxBetween {
			continue // it leads nowhere
		}
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSA {
			continue
		}
		out = append(out, c)
	}
	return out
}

// certified says why the certificate of a signature is not that of the sender; empty: it is.
func (e *examination) certified(s *parser.Signature) string {
	if len(s.Chain) == 0 {
		return ReasonAuthority
	}
	c, err := x509.ParseCertificate(s.Chain[0])
	if err != nil {
		return ReasonAuthority
	}
	var own bool
	for _, a := range s.Emails {
		own = own || sameAddress(a, e.sender.address)
	}
	switch off := s.SignedAt.Sub(e.mail.At); {
	case !own:
		return ReasonAddress
	case s.SignedAt.IsZero() || off > signedWithin || off < -signedWithin:
		return ReasonSigningDay
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return ReasonAuthority
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, r := range e.authorities.Roots() {
		roots.AddCert(r)
	}
	for _, b := range intermediates(e.authorities.lend(s.Chain[0], s.Chain[1:])) {
		between.AddCert(b)
	}
	_, err = c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: e.mail.At,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}})
	if err != nil {
		return ReasonAuthority
	}
	return ""
}

// contrary says what speaks against a signature that is right: our server, or that nothing of the transport belongs to the From domain and the
// signature does not say whom it was made for.
func (e *examination) contrary(vouched policy.Identity, fields *parser.Protected) string {
	if vouched.AtLeast(policy.IdentitySPF) || e.best().AtLeast(policy.IdentitySPF) {
		return ""
	}
	if _, _, against := e.sender.dmarc(); against {
		return ReasonContrary
	}
	switch {
	case fields != nil && e.sameLetter(fields):
		return ""
	case e.pending:
		return ReasonDNS
	}
	return ReasonAgain
}

// sameLetter says whether the header under a signature is that of the message, and names us.
func (e *examination) sameLetter(signed *parser.Protected) bool {
	m := e.mail.Message
	return len(e.trust.OwnDomains) > 0 && len(signed.From) == 1 && signed.From[0].Addr == m.From[0].Addr && signed.Subject == m.Subject &&
		toUs(parser.Message{To: signed.To, Cc: signed.Cc}, e.trust.OwnDomains)
}
