package pdfsign

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"time"
)

// chain leads a certificate to a root (RFC 5280, 6).
type chain struct {
	roots []*x509.Certificate
	given [][]byte                     // certificates that may stand between, in DER
	fits  func(*x509.Certificate) bool // the use of the first one
}

// at judges a certificate at a time. Only State, Reason and Root are set.
func (c *chain) at(der []byte, now time.Time) Trust {
	leaf, err := x509.ParseCertificate(der)
	switch {
	case err != nil:
		return Trust{State: Present, Reason: NotVerified}
	case len(leaf.UnhandledCriticalExtensions) > 0:
		return Trust{State: Present, Reason: Critical}
	case !c.fits(leaf):
		return Trust{State: Invalid, Reason: KeyUsage}
	}
	chains, err := c.verify(leaf, now, false)
	if err == nil {
		root := chains[0][len(chains[0])-1]
		sum := sha256.Sum256(root.Raw)
		return Trust{State: Valid, Root: hex.EncodeToString(sum[:])}
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired || now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		return Trust{State: Invalid, Reason: Expired}
	}
	demanding := func(c *x509.Certificate) bool { return len(c.UnhandledCriticalExtensions) > 0 }
	if slices.ContainsFunc(c.between(), demanding) || slices.ContainsFunc(c.roots, demanding) {
		if _, err := c.verify(leaf, now, true); err == nil {
			return Trust{State: Present, Reason: Critical}
		}
	}
	return Trust{State: Invalid, Reason: Untrusted}
}

// Bounds of what a signature may bring along to be calculated with. Real chains have one or two certificates between.
const (
	maxBetween = 8
	maxRSABits = 4096
)

// between gives the authorities that came with the signature.
func (c *chain) between() []*x509.Certificate {
	var out []*x509.Certificate
	for _, b := range c.given {
		cert, err := x509.ParseCertificate(b)
		if err != nil || !cert.IsCA || len(out) == maxBetween {
			continue // it leads nowhere
		}
		if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
			continue
		}
		out = append(out, cert)
	}
	return out
}

// verify follows the chain. With blind it looks past critical extensions, to tell why a chain does not hold.
func (c *chain) verify(leaf *x509.Certificate, now time.Time, blind bool) ([][]*x509.Certificate, error) {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, r := range c.roots {
		if blind {
			copied := *r
			copied.UnhandledCriticalExtensions = nil
			r = &copied
		}
		roots.AddCert(r)
	}
	for _, cert := range c.between() {
		if blind {
			cert.UnhandledCriticalExtensions = nil
		}
		between.AddCert(cert)
	}
	return leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
}

// documentUses are the extended uses under which authorities give certificates for signing documents, besides those for mail and for any
// use: RFC 9336, 3.1; Microsoft's and Adobe's own.
var documentUses = []string{"1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"}

// signerUsage says whether a certificate is for signing documents (RFC 5280, 4.2.1.3 and 4.2.1.12). One that says nothing is.
func signerUsage(c *x509.Certificate) bool {
	if c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return false
	}
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) ||
		slices.ContainsFunc(c.UnknownExtKeyUsage, func(id asn1.ObjectIdentifier) bool { return slices.Contains(documentUses, id.String()) })
}

// stampUsage says whether a certificate is for time-stamps and nothing else (RFC 3161, 2.3).
func stampUsage(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) == 1 && len(c.UnknownExtKeyUsage) == 0 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping
}
