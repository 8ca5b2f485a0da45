package pdfsign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"
)

// signer makes CMS objects.
type signer struct {
	t        testing.TB
	key      crypto.Signer
	cert     *x509.Certificate
	more     []*x509.Certificate // given as well
	at       time.Time           // signing time, zero for none
	ess      []byte              // certificate that the signer names as his, nil for none
	stamp    *signer             // authority that stamps the signature
	stampAt  time.Time
	imprint  []byte // what the stamp is about instead
	content  []byte // put into the object
	typeID   asn1.ObjectIdentifier
	infos    int // signers, when more than one
	sha1     bool
	trailing []byte // behind the object
}

var (
	idData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	idSigned  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	idTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	idSHA256  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	idSHA1    = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	idRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	idECDSA   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

func el(tag byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	n := len(body)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	}
	return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
}

func (s *signer) oid(id asn1.ObjectIdentifier) []byte { return s.marshal(id) }

func (s *signer) marshal(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *signer) sum(b []byte) (crypto.Hash, []byte, []byte) {
	if s.sha1 {
		d := sha1.Sum(b)
		return crypto.SHA1, d[:], el(0x30, s.oid(idSHA1))
	}
	d := sha256.Sum256(b)
	return crypto.SHA256, d[:], el(0x30, s.oid(idSHA256))
}

func (s *signer) attribute(id string, value []byte) []byte {
	return el(0x30, el(0x06, []byte(id)), el(0x31, value))
}

// info writes a SignerInfo (RFC 5652, 5.3).
func (s *signer) info(content []byte, contentType asn1.ObjectIdentifier) []byte {
	_, digest, algorithm := s.sum(content)
	const pkcs9 = "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
	attributes := [][]byte{
		s.attribute(pkcs9+"\x03", s.oid(contentType)),
		s.attribute(pkcs9+"\x04", el(0x04, digest)),
	}
	if !s.at.IsZero() {
		attributes = append(attributes, s.attribute(pkcs9+"\x05", s.marshal(s.at.UTC())))
	}
	if s.ess != nil {
		sum := sha256.Sum256(s.ess)
		attributes = append(attributes, s.attribute(pkcs9+"\x10\x02\x2f", el(0x30, el(0x30, el(0x30, el(0x04, sum[:]))))))
	}
	slices.SortFunc(attributes, slices.Compare)
	set := slices.Concat(attributes...)
	hash, digest, _ := s.sum(el(0x31, set))
	signature, err := s.key.Sign(rand.Reader, digest, hash)
	if err != nil {
		s.t.Fatal(err)
	}
	method := el(0x30, s.oid(idECDSA))
	if _, ok := s.key.(*rsa.PrivateKey); ok {
		method = el(0x30, s.oid(idRSA), el(0x05))
	}
	parts := [][]byte{el(0x02, []byte{1}), el(0x30, s.cert.RawIssuer, s.marshal(s.cert.SerialNumber)), algorithm, el(0xA0, set), method, el(0x04, signature)}
	if s.stamp != nil {
		about := signature
		if s.imprint != nil {
			about = s.imprint
		}
		parts = append(parts, el(0xA1, s.attribute(pkcs9+"\x10\x02\x0e", s.stamp.token(about, s.stampAt))))
	}
	return el(0x30, parts...)
}

// cms writes a ContentInfo about a content that stands elsewhere, or about s.content.
func (s *signer) cms(content []byte) []byte {
	id, inner := idData, [][]byte(nil)
	if s.typeID != nil {
		id = s.typeID
	}
	if s.content != nil {
		content = s.content
		inner = [][]byte{el(0xA0, el(0x04, content))}
	}
	certs := [][]byte{s.cert.Raw}
	for _, c := range s.more {
		certs = append(certs, c.Raw)
	}
	infos := [][]byte{s.info(content, id)}
	for range s.infos {
		infos = append(infos, s.info(content, id))
	}
	_, _, algorithm := s.sum(nil)
	o := el(0x30, s.oid(idSigned), el(0xA0, el(0x30, el(0x02, []byte{1}), el(0x31, algorithm), el(0x30, append([][]byte{s.oid(id)}, inner...)...),
		el(0xA0, certs...), el(0x31, infos...))))
	return append(o, s.trailing...)
}

// token writes a time-stamp token (RFC 3161, 2.4.2).
func (s *signer) token(about []byte, at time.Time) []byte {
	sum := sha256.Sum256(about)
	t := *s
	t.typeID = idTSTInfo
	t.content = el(0x30, el(0x02, []byte{1}), s.oid(asn1.ObjectIdentifier{1, 2, 3, 4}), el(0x30, el(0x30, s.oid(idSHA256)), el(0x04, sum[:])), el(0x02, []byte{7}),
		el(0x18, []byte(at.UTC().Format("20060102150405Z"))), el(0x01, []byte{0xFF}))
	return t.cms(nil)
}

// authorities are the certificates that all tests share.
type authorities struct {
	root, between, leaf, tsa *x509.Certificate
	rootKey, betweenKey      crypto.Signer
	leafKey, tsaKey          crypto.Signer
}

// issue makes a certificate; parent nil makes one that signs itself.
func issue(t testing.TB, template, parent *x509.Certificate, key, by crypto.Signer) *x509.Certificate {
	t.Helper()
	if parent == nil {
		parent, by = template, key
	}
	if template.NotBefore.IsZero() {
		template.NotBefore, template.NotAfter = day("2025-01-01"), day("2028-01-01")
	}
	b, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ecKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func person(cn string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(int64(len(cn)) + 1000), Subject: pkix.Name{CommonName: cn, Organization: []string{"Sở Nội vụ tỉnh Mẫu"}, Country: []string{"VN"}},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, EmailAddresses: []string{"vanthu@snv.mau.example.vn"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection, x509.ExtKeyUsageClientAuth}}
}

func authority(cn string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(int64(len(cn))), Subject: pkix.Name{CommonName: cn}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, NotBefore: day("2020-01-01"), NotAfter: day("2040-01-01")}
}

var shared = sync.OnceValue(func() *authorities {
	t := &testing.T{} // keys are made once for all tests
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	a := &authorities{rootKey: ecKey(t), betweenKey: ecKey(t), leafKey: rsaKey, tsaKey: ecKey(t)}
	a.root = issue(t, authority("CA gốc mẫu"), nil, a.rootKey, nil)
	a.between = issue(t, authority("CA phục vụ mẫu"), a.root, a.betweenKey, a.rootKey)
	a.leaf = issue(t, person("Trần Thị Mẫu"), a.between, a.leafKey, a.betweenKey)
	tsa := person("TSA mẫu")
	tsa.KeyUsage, tsa.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	a.tsa = issue(t, tsa, a.between, a.tsaKey, a.betweenKey)
	return a
})

func newSigner(t testing.TB) *signer {
	a := shared()
	return &signer{t: t, key: a.leafKey, cert: a.leaf, more: []*x509.Certificate{a.between}, at: day("2026-01-10"), ess: a.leaf.Raw}
}

func newTSA(t testing.TB) *signer {
	a := shared()
	return &signer{t: t, key: a.tsaKey, cert: a.tsa, more: []*x509.Certificate{a.between}}
}

func roots() []*x509.Certificate { return []*x509.Certificate{shared().root} }

// other is a signer whom nobody trusts.
func other(t testing.TB) *signer {
	key := ecKey(t)
	c := person("Trần Thị Mẫu")
	return &signer{t: t, key: key, cert: issue(t, c, nil, key, nil), at: day("2026-01-10")}
}
