package unpack

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// el writes an element of definite length.
func el(id byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(appendDERLength([]byte{id}, len(body)), body...)
}

// indef writes an element of indefinite length.
func indef(id byte, parts ...[]byte) []byte {
	return bytes.Join([][]byte{{id, 0x80}, bytes.Join(parts, nil), {0, 0}}, nil)
}

// inPieces writes a string of pieces of n bytes.
func inPieces(content []byte, n int) []byte {
	var out [][]byte
	for len(content) > 0 {
		m := min(n, len(content))
		out = append(out, el(berOctets, content[:m]))
		content = content[m:]
	}
	return indef(berOctetsParts, out...)
}

// testSigner makes SignerInfos.
type testSigner struct {
	key        crypto.Signer
	cert       []byte
	algorithm  string // object identifier in DER
	hash       crypto.Hash
	noAttrs    bool
	attributes func([][]byte) [][]byte // changes them before they are signed
	written    func([][]byte) [][]byte // changes them after that
}

func newTestSigner(t testing.TB, key crypto.Signer, algorithm string, hash crypto.Hash) *testSigner {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "Người Ký Mẫu"}, NotBefore: time.Unix(1.7e9, 0), NotAfter: time.Unix(2e9, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &testSigner{key: key, cert: cert, algorithm: algorithm, hash: hash}
}

func ecSigner(t testing.TB) *testSigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newTestSigner(t, key, oid(1, 2, 840, 10045, 4, 3, 2), crypto.SHA256)
}

func digestName(h crypto.Hash) []byte {
	for id, known := range digests {
		if known == h {
			return el(berSequence, el(berOID, []byte(id)))
		}
	}
	panic("no such digest")
}

func (s *testSigner) sign(t testing.TB, message []byte) []byte {
	t.Helper()
	opts := crypto.SignerOpts(s.hash)
	if _, ok := s.key.(ed25519.PrivateKey); ok {
		opts = crypto.Hash(0)
	} else {
		message = digestOfBytes(s.hash, message)
	}
	signature, err := s.key.Sign(rand.Reader, message, opts)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func digestOfBytes(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}

// info writes a SignerInfo about a content.
func (s *testSigner) info(t testing.TB, content []byte) []byte {
	t.Helper()
	cert, err := x509.ParseCertificate(s.cert)
	if err != nil {
		t.Fatal(err)
	}
	parts := [][]byte{el(berInteger, []byte{1}), el(berSequence, cert.RawIssuer, el(berInteger, cert.SerialNumber.Bytes())), digestName(s.hash)}
	signature := []byte(nil)
	if s.noAttrs {
		signature = s.sign(t, content)
	} else {
		list := [][]byte{
			el(berSequence, el(berOID, []byte(oidContentType)), el(berSet, el(berOID, []byte(oidData)))),
			el(berSequence, el(berOID, []byte(oidMessageDigest)), el(berSet, el(berOctets, digestOfBytes(s.hash, content)))),
		}
		if s.attributes != nil {
			list = s.attributes(list)
		}
		signature = s.sign(t, el(berSet, list...))
		if s.written != nil {
			list = s.written(list)
		}
		parts = append(parts, el(berTag0, list...))
	}
	parts = append(parts, el(berSequence, el(berOID, []byte(s.algorithm))), el(berOctets, signature))
	return el(berSequence, parts...)
}

// signedData writes a ContentInfo. content is the element that holds it; nil for a detached signature.
func signedData(content []byte, certs, infos [][]byte) []byte {
	inner := [][]byte{el(berOID, []byte(oidData))}
	if content != nil {
		inner = append(inner, indef(berTag0, content))
	}
	return indef(berSequence, el(berOID, []byte(oidSigned)), indef(berTag0, indef(berSequence,
		el(berInteger, []byte{1}), el(berSet), indef(berSequence, inner...), el(berTag0, certs...), el(berSet, infos...))))
}

func (s *testSigner) object(t testing.TB, content []byte) []byte {
	t.Helper()
	return signedData(inPieces(content, 1000), [][]byte{s.cert}, [][]byte{s.info(t, content)})
}

func TestCMSAlgorithms(t *testing.T) {
	content := bytes.Repeat([]byte("Kính gửi quý cơ quan.\r\n"), 200)
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	rsaName, edName := oid(1, 2, 840, 113549, 1, 1, 1), oid(1, 3, 101, 112)
	for _, c := range []struct {
		name      string
		signer    *testSigner
		algorithm string
		weak      bool
	}{
		{"P-521", newTestSigner(t, p521, oid(1, 2, 840, 10045, 4, 3, 4), crypto.SHA512), "ECDSA", false},
		{"ecPublicKey as algorithm", newTestSigner(t, p521, oid(1, 2, 840, 10045, 2, 1), crypto.SHA384), "ECDSA", false},
		{"Ed25519", newTestSigner(t, edwards, edName, crypto.SHA512), "Ed25519", false},
		{"RSA 1024", newTestSigner(t, small, rsaName, crypto.SHA256), "RSA", true},
	} {
		for _, c.signer.noAttrs = range []bool{false, true} {
			o, problems := readCMS(c.signer.object(t, content))
			v := o.Verify(nil)
			if len(problems) > 0 || cmsResults(v) != "intact" || v[0].Algorithm != c.algorithm || v[0].Weak != c.weak || v[0].Serial != "4d" {
				t.Errorf("%s: %v %+v", c.name, problems, v)
			}
			if r := cmsResults(o.Verify(bytes.NewReader(content[1:]))); r != "broken" {
				t.Errorf("%s, other content: %s", c.name, r)
			}
		}
	}
	ed := newTestSigner(t, edwards, edName, crypto.SHA512)
	ed.noAttrs = true
	large := make([]byte, maxPlain+1)
	o, _ := readCMS(ed.object(t, large))
	if r := cmsResults(o.Verify(nil)); r != "unverified" {
		t.Errorf("Ed25519 over a large content without attributes: %s", r)
	}
}
