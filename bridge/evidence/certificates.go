package evidence

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/giaolien/giaolien/parser/unpack"
)

// How many certificates one file of the trust folder may hold; in a list of PKCS #7, as many as unpack looks at.
const (
	maxTrustCertificates = 500
	maxBundle            = 100
)

// certificatesIn reads one certificate in DER, or any number in PEM; what stands around them is a comment.
func certificatesIn(b []byte) ([]*x509.Certificate, error) {
	block, rest := pem.Decode(b)
	if block == nil {
		c, err := x509.ParseCertificate(b)
		if err != nil {
			return nil, fmt.Errorf("cannot be read as a certificate in DER or PEM (%w); fetch it again from the authority", err)
		}
		return []*x509.Certificate{c}, nil
	}
	var found []*x509.Certificate
	for ; block != nil; block, rest = pem.Decode(rest) {
		if len(found) == maxTrustCertificates {
			return nil, fmt.Errorf("holds more than %d certificates; split it", maxTrustCertificates)
		}
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
		case "PKCS7":
			more, err := bundleIn(block.Bytes)
			if err != nil {
				return found, err
			}
			found = append(found, more...)
			continue
		case "X509 CRL":
			return found, errors.New("holds a list of revoked certificates, which is not used; take it away")
		default: // its words are not repeated: it may be a secret
			return found, errors.New("holds something else than certificates, perhaps a private key; keep that elsewhere, readable by its owner alone")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return found, fmt.Errorf("certificate %d in it cannot be read (%w); fetch it again from the authority", len(found)+1, err)
		}
		found = append(found, c)
	}
	return found, nil
}

// bundleIn reads a list of certificates in PKCS #7, in DER or PEM.
func bundleIn(b []byte) ([]*x509.Certificate, error) {
	budget := unpack.Budget{Entries: 4, Bytes: 4 * maxTrustFile, Ratio: unpack.DefaultBudget.Ratio, Depth: 1}
	o, _ := unpack.ReadCMS(bytes.NewReader(b), int64(len(b)), &budget)
	switch {
	case o.Kind != unpack.CMSSigned || len(o.Certs) == 0:
		return nil, errors.New("holds no list of certificates (PKCS #7); fetch it again from the authority")
	case len(o.Certs) >= maxBundle:
		return nil, fmt.Errorf("holds %d certificates or more; put them into files of their own", maxBundle)
	}
	var found []*x509.Certificate
	for i, der := range o.Certs {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return found, fmt.Errorf("certificate %d in it cannot be read (%w); fetch it again from the authority", i+1, err)
		}
		found = append(found, c)
	}
	return found, nil
}
