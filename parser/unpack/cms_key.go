package unpack

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
)

// Bounds of RSA keys. Checking with larger ones costs more than any real signature is worth; crypto/rsa refuses smaller ones.
const (
	minRSABits  = 1024
	weakRSABits = 2048
	maxRSABits  = 8192
	maxExponent = 1<<31 - 1
	maxSalt     = 1024 // bytes
)

// method is how a signature is checked. The zero value is unknown.
type method struct {
	family family
	hash   crypto.Hash // of what is signed; 0 for Ed25519
	salt   int         // bytes, for RSA-PSS
}

// method finds how the signature was made, when the signer's digest is as given.
func (i *signerInfo) method(digest crypto.Hash) method {
	kind := signatures[i.algorithm]
	m := method{family: kind.family, hash: kind.hash}
	switch {
	case m.family == familyPSS:
		return pssMethod(i.params)
	case m.family == familyEd25519:
	case m.hash == 0:
		m.hash = digest
	}
	return m
}

// pssMethod reads RSASSA-PSS-params (RFC 8017, A.2.3). Both digests must be the same, as everyone writes them.
func pssMethod(params der) method {
	m := method{family: familyPSS, salt: 20}
	body, ok := params.take(berSequence)
	if !ok {
		return m
	}
	hash, mask := crypto.SHA1, crypto.SHA1
	if p, ok := body.take(berTag0); ok {
		hash = digestIn(p)
	}
	if p, ok := body.take(berTag1); ok {
		generator, _ := p.take(berSequence)
		if id, _ := generator.take(berOID); string(id) != oidMGF1 {
			return m
		}
		mask = digestIn(generator)
	}
	if p, ok := body.take(berTag0 + 2); ok {
		salt, _ := p.take(berInteger)
		if m.salt, ok = smallInt(salt); !ok || m.salt > maxSalt {
			return m
		}
	}
	if hash == mask {
		m.hash = hash
	}
	return m
}

// digestIn reads an AlgorithmIdentifier of a digest; 0 when it is unknown.
func digestIn(b der) crypto.Hash {
	algorithm, _ := b.take(berSequence)
	id, _ := algorithm.take(berOID)
	return digests[string(id)]
}

func smallInt(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 3 || b[0]&0x80 != 0 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n, true
}

// verify checks a signature over a digest, or for Ed25519 over a message. weak is said of the key.
func (m method) verify(cert *x509.Certificate, message, digest, signature []byte) (result Result, weak bool, note string) {
	ok := false
	switch key := publicKey(cert).(type) {
	case *rsa.PublicKey:
		if m.family != familyRSA && m.family != familyPSS {
			return Unverified, false, "key is of another kind than the signature"
		}
		bits := key.N.BitLen()
		if bits < minRSABits || bits > maxRSABits || key.N.Bit(0) == 0 || key.E < 3 || key.E&1 == 0 || key.E > maxExponent {
			return Unverified, false, "RSA key is of a size that is not checked"
		}
		weak = bits < weakRSABits
		ok = m.verifyRSA(key, digest, signature) == nil
	case *ecdsa.PublicKey:
		if m.family != familyECDSA {
			return Unverified, false, "key is of another kind than the signature"
		}
		ok = ecdsa.VerifyASN1(key, digest, signature)
	case ed25519.PublicKey:
		if m.family != familyEd25519 {
			return Unverified, false, "key is of another kind than the signature"
		}
		ok = ed25519.Verify(key, message, signature)
	default:
		return Unverified, false, "kind of key is not known"
	}
	if !ok {
		return Broken, weak, "signature does not belong to the content and the certificate"
	}
	return Intact, weak, ""
}

func (m method) verifyRSA(key *rsa.PublicKey, digest, signature []byte) error {
	if m.family == familyPSS {
		return rsa.VerifyPSS(key, m.hash, digest, signature, &rsa.PSSOptions{SaltLength: m.salt, Hash: m.hash})
	}
	return rsa.VerifyPKCS1v15(key, m.hash, digest, signature)
}

// publicKey gives the key of a certificate, also an RSA key that is only for RSA-PSS (RFC 4055, 1.2), which crypto/x509 leaves out.
func publicKey(cert *x509.Certificate) crypto.PublicKey {
	if cert.PublicKey != nil {
		return cert.PublicKey
	}
	key, err := pssKey(cert.RawSubjectPublicKeyInfo)
	if err != nil {
		return nil // an unknown kind
	}
	return key
}

var errNoPSSKey = errors.New("no key for RSA-PSS")

func pssKey(info []byte) (*rsa.PublicKey, error) {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(info, &spki); err != nil {
		return nil, errors.Join(errNoPSSKey, err)
	}
	if spki.Algorithm.Algorithm.String() != dotted(oidPSS) {
		return nil, errNoPSSKey
	}
	return x509.ParsePKCS1PublicKey(spki.Key.RightAlign())
}
