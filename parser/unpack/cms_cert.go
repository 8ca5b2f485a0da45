package unpack

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Certificate is what a certificate says. Nothing of it is proved: no chain is followed, and no clock is asked.
type Certificate struct {
	Subject    string // as RFC 4514 writes names
	CommonName string
	Issuer     string
	Serial     string   // hexadecimal, lower case
	Emails     []string // rfc822Names of the subject alternative name, then emailAddress of the subject (PKCS #9)
	NotBefore  time.Time
	NotAfter   time.Time
	SHA256     string // of DER, hexadecimal
	DER        []byte
}

const (
	maxEmails    = 20
	maxNameBytes = 8 << 10
)

// certificate takes one element of certificates. Attribute certificates and other forms have other tags.
func (r *cmsReader) certificate(e berElement) (int64, error) {
	if e.id != berSequence {
		return unread, nil
	}
	if len(r.obj.Certs) == maxCerts {
		r.problem(LimitCount, "more certificates than are looked at")
		return unread, nil
	}
	b, err := r.raw(e, min(maxCertBytes, maxAllCertBytes-r.certBytes))
	switch {
	case errors.Is(err, errLarge):
		r.problem(LimitSize, "certificates are larger than is kept in memory")
		return unread, nil
	case err != nil:
		return 0, err
	}
	r.certBytes += int64(len(b))
	r.obj.Certs = append(r.obj.Certs, b)
	return e.at + int64(len(b)), nil
}

// identify finds the certificates of the signers.
func (c *CMSObject) identify() {
	if len(c.Signers) == 0 {
		return
	}
	for _, b := range c.Certs {
		cert, err := x509.ParseCertificate(b)
		if err != nil {
			cert = nil // then its signers have none
		}
		c.parsed = append(c.parsed, cert)
	}
	for i := range c.Signers {
		if found := c.candidates(&c.Signers[i].info); len(found) > 0 {
			c.Signers[i].Certificate = describeCertificate(found[0])
		}
	}
}

// candidates finds the certificates that a signer names. There may be several, of which one checks.
func (c *CMSObject) candidates(s *signerInfo) []*x509.Certificate {
	var out []*x509.Certificate
	for _, cert := range c.parsed {
		switch {
		case cert == nil:
		case s.keyID != nil:
			if bytes.Equal(cert.SubjectKeyId, s.keyID) {
				out = append(out, cert)
			}
		case s.serial == nil || cert.SerialNumber.Cmp(s.serial) != 0:
		case bytes.Equal(cert.RawIssuer, s.issuer), s.name != "" && strings.EqualFold(rdnString(cert.RawIssuer), s.name):
			// The same name may be written in another kind of string (RFC 5280, 7.1).
			out = append(out, cert)
		}
	}
	return out
}

func describeCertificate(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	out := Certificate{
		Subject: rdnString(c.RawSubject), CommonName: strings.ToValidUTF8(c.Subject.CommonName, "\uFFFD"), Issuer: rdnString(c.RawIssuer),
		Serial:    serialString(c.SerialNumber),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		SHA256: hex.EncodeToString(sum[:]), DER: c.Raw,
	}
	emails := slices.Clone(c.EmailAddresses)
	for _, a := range c.Subject.Names {
		if s, ok := a.Value.(string); ok && a.Type.String() == "1.2.840.113549.1.9.1" {
			emails = append(emails, s)
		}
	}
	seen := map[string]bool{}
	for _, s := range emails {
		if !seen[s] && utf8.ValidString(s) && len(out.Emails) < maxEmails {
			seen[s] = true
			out.Emails = append(out.Emails, s)
		}
	}
	return out
}

// attributeNames are short names of parts of names: RFC 4514, 3, and those that Vietnamese certificates use besides.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU",
	"2.5.4.12": "T", "2.5.4.4": "SN", "2.5.4.42": "GN", "1.2.840.113549.1.9.1": "E", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}

// rdnString writes a Name in DER as RFC 4514 does, last part first; empty when it is none, or far too long.
func rdnString(name []byte) string {
	if len(name) > maxNameBytes {
		return ""
	}
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(name, &rdns); err != nil {
		return ""
	}
	var out []string
	for i := len(rdns) - 1; i >= 0; i-- {
		var parts []string
		for _, a := range rdns[i] {
			id := a.Type.String()
			short, ok := attributeNames[id]
			if !ok {
				short = id
			}
			value, ok := a.Value.(string)
			if !ok {
				value = "?"
			}
			parts = append(parts, short+"="+nameEscaper.Replace(strings.ToValidUTF8(value, "\uFFFD")))
		}
		out = append(out, strings.Join(parts, "+"))
	}
	return strings.Join(out, ",")
}

// nameEscaper escapes what separates parts of names (RFC 4514, 2.4).
var nameEscaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `"`, `\"`, `;`, `\;`, `<`, `\<`, `>`, `\>`)
