package unpack

import (
	"crypto"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
)

// Object identifiers are compared in DER, without tag and length, as strings.
var (
	oidData          = oid(1, 2, 840, 113549, 1, 7, 1)
	oidSigned        = oid(1, 2, 840, 113549, 1, 7, 2)
	oidZlib          = oid(1, 2, 840, 113549, 1, 9, 16, 3, 8)  // RFC 3274, 2
	oidContentType   = oid(1, 2, 840, 113549, 1, 9, 3)         // RFC 5652, 11.1
	oidMessageDigest = oid(1, 2, 840, 113549, 1, 9, 4)         // RFC 5652, 11.2
	oidSigningTime   = oid(1, 2, 840, 113549, 1, 9, 5)         // RFC 5652, 11.3
	oidStamp         = oid(1, 2, 840, 113549, 1, 9, 16, 2, 14) // RFC 3161, appendix A
	oidMGF1          = oid(1, 2, 840, 113549, 1, 1, 8)         // RFC 8017, A.2.1
	oidPSS           = oid(1, 2, 840, 113549, 1, 1, 10)
)

// oid writes an object identifier as DER has it (X.690, 8.19).
func oid(arcs ...int) string {
	out := []byte{byte(arcs[0]*40 + arcs[1])}
	for _, arc := range arcs[2:] {
		at := len(out)
		out = append(out, byte(arc&0x7F))
		for arc >>= 7; arc > 0; arc >>= 7 {
			out = append(out, 0)
			copy(out[at+1:], out[at:])
			out[at] = byte(arc&0x7F) | 0x80
		}
	}
	return string(out)
}

// dotted writes an object identifier in DER as people do; empty when it is none.
func dotted(der string) string {
	if len(der) > maxOIDBytes {
		return ""
	}
	var id asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(append([]byte{berOID, byte(len(der))}, der...), &id); err != nil || len(rest) > 0 {
		return ""
	}
	return id.String()
}

// family is the arithmetic of a signature.
type family string

const (
	familyRSA     family = "RSA" // PKCS #1 v1.5
	familyPSS     family = "RSA-PSS"
	familyECDSA   family = "ECDSA"
	familyEd25519 family = "Ed25519"
)

// signatureKind is a signature algorithm. hash is 0 where the digest algorithm of the signer says it.
type signatureKind struct {
	family family
	hash   crypto.Hash
}

var digests = map[string]crypto.Hash{
	oid(1, 3, 14, 3, 2, 26):             crypto.SHA1,
	oid(2, 16, 840, 1, 101, 3, 4, 2, 4): crypto.SHA224,
	oid(2, 16, 840, 1, 101, 3, 4, 2, 1): crypto.SHA256,
	oid(2, 16, 840, 1, 101, 3, 4, 2, 2): crypto.SHA384,
	oid(2, 16, 840, 1, 101, 3, 4, 2, 3): crypto.SHA512,
}

var signatures = map[string]signatureKind{
	oid(1, 2, 840, 113549, 1, 1, 1):  {familyRSA, 0}, // what most mail programs write
	oid(1, 2, 840, 113549, 1, 1, 5):  {familyRSA, crypto.SHA1},
	oid(1, 3, 14, 3, 2, 29):          {familyRSA, crypto.SHA1}, // the name that Microsoft's old libraries have for it
	oid(1, 2, 840, 113549, 1, 1, 14): {familyRSA, crypto.SHA224},
	oid(1, 2, 840, 113549, 1, 1, 11): {familyRSA, crypto.SHA256},
	oid(1, 2, 840, 113549, 1, 1, 12): {familyRSA, crypto.SHA384},
	oid(1, 2, 840, 113549, 1, 1, 13): {familyRSA, crypto.SHA512},
	oidPSS:                           {familyPSS, 0}, // parameters say it
	oid(1, 2, 840, 10045, 2, 1):      {familyECDSA, 0},
	oid(1, 2, 840, 10045, 4, 1):      {familyECDSA, crypto.SHA1},
	oid(1, 2, 840, 10045, 4, 3, 1):   {familyECDSA, crypto.SHA224},
	oid(1, 2, 840, 10045, 4, 3, 2):   {familyECDSA, crypto.SHA256},
	oid(1, 2, 840, 10045, 4, 3, 3):   {familyECDSA, crypto.SHA384},
	oid(1, 2, 840, 10045, 4, 3, 4):   {familyECDSA, crypto.SHA512},
	oid(1, 3, 101, 112):              {familyEd25519, 0}, // RFC 8419
}

// digestOf finds a digest algorithm. Some signers name their signature algorithm instead, which says the digest as well.
func digestOf(id string) (crypto.Hash, bool) {
	if h, ok := digests[id]; ok {
		return h, true
	}
	h := signatures[id].hash
	return h, h != 0
}
