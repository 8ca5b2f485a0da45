package pdfsign

import (
	"bytes"
	"crypto"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"time"

	"github.com/giaolien/giaolien/parser/unpack"
)

// Timestamp is what a time-stamping authority says (RFC 3161). The zero value: there is none.
type Timestamp struct {
	Time         time.Time          // UTC
	Result       unpack.Result      // Intact: the authority's key signed that these very bytes existed at Time
	Note         string             // for people, in English
	Weak         bool               // as Signature.Weak
	Authority    unpack.Certificate // unchecked: see Judge
	Certificates [][]byte           // that the token carries, in DER
}

const (
	oidTSTInfo = "1.2.840.113549.1.9.16.1.4" // RFC 3161, 2.4.2
	maxTSTInfo = 16 << 10
)

// stamp is a token that was read, with the imprint of what it is about.
type stamp struct {
	Timestamp
	hash    crypto.Hash
	imprint []byte
}

// tstInfo is the beginning of a TSTInfo (RFC 3161, 2.4.2).
type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	Serial *big.Int
	Time   time.Time `asn1:"generalized"`
}

// readStamp reads a token that stands in an attribute.
func readStamp(token []byte) stamp {
	budget := unpack.Budget{Entries: 1, Bytes: 4 * maxTSTInfo, Ratio: unpack.DefaultBudget.Ratio, Depth: 1}
	o, _ := unpack.ReadCMS(bytes.NewReader(token), int64(len(token)), &budget)
	return stampOf(&o)
}

// stampOf reads a token, and checks the authority's signature over what the token says.
func stampOf(o *unpack.CMSObject) stamp {
	s := stamp{Timestamp: Timestamp{Result: unpack.Unverified, Certificates: o.Certs}}
	if o.Kind != unpack.CMSSigned || len(o.Signers) != 1 || o.ContentType != oidTSTInfo || o.Content.Open == nil {
		s.Note = "no time-stamp token"
		return s
	}
	r, err := o.Content.Open()
	if err != nil {
		s.Note = "time-stamp token cannot be read"
		return s
	}
	b, err := io.ReadAll(io.LimitReader(r, maxTSTInfo))
	var info tstInfo
	if err == nil {
		_, err = asn1.Unmarshal(b, &info)
	}
	if err != nil || info.Version != 1 {
		s.Note = "time-stamp token cannot be read"
		return s
	}
	v := o.Verify(nil)[0]
	s.Time, s.Result, s.Note, s.Weak, s.Authority = info.Time.UTC(), v.Result, v.Note, v.Weak, cleanCertificate(v.Certificate)
	s.hash, s.imprint = hashes[info.Imprint.Algorithm.Algorithm.String()], info.Imprint.Hash
	if !namesItself(&v) {
		s.Result, s.Note = unpack.Unverified, faultNote(WrongCert)
	}
	return s
}

// about checks that the token is about the bytes of r.
func (s *stamp) about(r io.Reader) {
	if s.Result != unpack.Intact {
		return
	}
	if s.hash == 0 {
		s.Result, s.Note = unpack.Unverified, "digest algorithm of the time-stamp is not known"
		return
	}
	s.Weak = s.Weak || s.hash == crypto.SHA1
	sum, err := digest(s.hash, r)
	switch {
	case err != nil:
		s.Result, s.Note = unpack.Unverified, "content cannot be read to its end"
	case !bytes.Equal(sum, s.imprint):
		s.Result, s.Note = unpack.Broken, "the time-stamp is about something else"
	}
}

// documentTime checks a document time-stamp: its token is about the bytes that a signature would stand on (ISO 32000-2, 12.8.5).
func (d *document) documentTime(s *Signature, o *unpack.CMSObject) {
	t := stampOf(o)
	t.about(d.signed(s))
	s.Timestamp = t.Timestamp
	s.verdict(o.Verify(nil)[0])
	s.Verdict, s.Note, s.Weak = t.Result, t.Note, t.Weak
}

// hashes are the digest algorithms of imprints and of certificate names.
var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

func digest(h crypto.Hash, r io.Reader) ([]byte, error) {
	sum := h.New()
	if _, err := io.Copy(sum, r); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}

// Attributes by which a signer says which certificate is his (RFC 2634, 5.4 and RFC 5035, 3).
const (
	oidCertificateV1 = "1.2.840.113549.1.9.16.2.12"
	oidCertificateV2 = "1.2.840.113549.1.9.16.2.47"
)

// namesItself says whether the certificate that fits a signature is the one that the signer signed to be his, as far as he says so: else
// another certificate over the same key would pass.
func namesItself(v *unpack.Verdict) bool {
	if v.Certificate.DER == nil {
		return true // then nothing was verified
	}
	for _, id := range []string{oidCertificateV1, oidCertificateV2} {
		if b := v.Attribute(id); b != nil && !namesCertificate(b, id, v.Certificate.DER) {
			return false
		}
	}
	return true
}

// namesCertificate says whether the first name in an attribute is that of a certificate.
func namesCertificate(attribute []byte, id string, cert []byte) bool {
	var list struct{ Certs []asn1.RawValue }
	if _, err := asn1.Unmarshal(attribute, &list); err != nil || len(list.Certs) == 0 {
		return false
	}
	var v1 struct{ Hash []byte }
	v2 := struct {
		Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
		Hash      []byte
	}{}
	h, want := crypto.SHA1, []byte(nil)
	if id == oidCertificateV1 {
		if _, err := asn1.Unmarshal(list.Certs[0].FullBytes, &v1); err != nil {
			return false
		}
		want = v1.Hash
	} else {
		if _, err := asn1.Unmarshal(list.Certs[0].FullBytes, &v2); err != nil {
			return false
		}
		h, want = crypto.SHA256, v2.Hash
		if v2.Algorithm.Algorithm != nil {
			h = hashes[v2.Algorithm.Algorithm.String()]
		}
	}
	if h == 0 {
		return false
	}
	sum, err := digest(h, bytes.NewReader(cert))
	return err == nil && bytes.Equal(sum, want)
}
