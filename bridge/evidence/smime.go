package evidence

import (
	"context"
	"crypto/x509"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// signedWithin is how far the time that an S/MIME signature gives may lie from the counted instant. The signature covers neither From nor To nor
// the subject: without a bound anybody could send an old signed letter again under a new subject.
const signedWithin = 24 * time.Hour

// smime looks for a signature over the whole message whose certificate is that of the From address (RFC 8551), by an authority that the
// administrator trusts, at the counted instant. Who sends somebody's signed letter again within a day is not found out by it; so it counts for
// nothing where the From domain signs its mail by DMARC and this one is not.
func (e *examination) smime(ctx context.Context, vouched policy.Identity) {
	if len(e.mail.Message.Signatures) == 0 || e.authorities == nil {
		return
	}
	why := ReasonPart
	for i := range e.mail.Message.Signatures {
		s := &e.mail.Message.Signatures[i]
		if !s.Whole {
			continue
		}
		if s.Verdict != parser.Intact || s.Weak {
			e.note("smime", "fail", e.domain, "", ReasonInvalid)
			return
		}
		if why = e.certified(s); why == "" {
			e.smimeBy = "s/mime certificate " + s.Cert[:min(len(s.Cert), 16)] + " of the from address"
			break
		}
	}
	if why == "" {
		why = e.contrary(ctx, vouched)
	}
	level := policy.IdentitySignature
	if why != "" {
		level = ""
	}
	e.note("smime", resultOf(why), e.domain, level, why)
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
	for _, der := range e.authorities.lend(s.Chain[0], s.Chain[1:]) {
		if b, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(b)
		}
	}
	_, err = c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: e.mail.At,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}})
	if err != nil {
		return ReasonAuthority
	}
	return ""
}

// contrary says what speaks against a signature that is right: our server, or the domain's own DMARC record, when nothing else of the
// transport belongs to the From domain.
func (e *examination) contrary(ctx context.Context, vouched policy.Identity) string {
	if vouched.AtLeast(policy.IdentitySPF) || e.best().AtLeast(policy.IdentitySPF) {
		return ""
	}
	if _, _, against := e.sender.dmarc(); against {
		return ReasonContrary
	}
	if !e.verifies() {
		return ""
	}
	switch p := e.dmarc(ctx); {
	case p.unknown:
		e.pending = true
		return ReasonDNS
	case p.exists:
		return ReasonContrary
	}
	return ""
}
