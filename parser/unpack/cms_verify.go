package unpack

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"hash"
	"io"
)

// Result of checking one signature. The zero value proves nothing.
type Result string

const (
	Unverified Result = "unverified" // not told: unknown algorithm, missing certificate, broken structure, content not read to its end
	Intact     Result = "intact"     // the content is what the holder of the certificate's key signed
	Broken     Result = "broken"     // the content, or what is said of it, was changed after it was signed
)

// Verdict says whether the content is what a signer signed. It does not say who that is: whether the certificate is to be trusted, and at
// what time, is decided elsewhere.
type Verdict struct {
	Signer
	Result    Result
	Note      string // for people, in English; empty when intact
	Digest    string // algorithm such as SHA-256, or its identifier
	Algorithm string // of the signature, such as RSA, RSA-PSS, ECDSA, Ed25519, or its identifier
	Weak      bool   // SHA-1, or an RSA key below 2048 bits: what is intact may still be forged
}

const (
	// maxPlain is the largest content that is kept to check Ed25519 without signed attributes, which is made over the content itself.
	maxPlain  = 1 << 20
	lookAhead = 256 // bytes of the content that are kept to tell what it is
)

// Verify says of each signer whether the content is what was signed. A detached signature needs its content, which for S/MIME is the first
// part of the multipart/signed with its header and without the line end before the delimiter, with line ends CRLF (see CRLF). Nil stands
// for the content of the object.
func (c *CMSObject) Verify(content io.Reader) []Verdict {
	if len(c.Signers) == 0 {
		return nil
	}
	s := c.sums()
	if content == nil && c.Content.Open != nil {
		var err error
		if content, err = c.Content.Open(); err != nil {
			s.fault = "content cannot be read"
		}
	}
	if content == nil {
		s.fault = "content is missing"
	} else if err := s.take(content); err != nil {
		s.fault = "content cannot be read to its end"
	}
	var out []Verdict
	for i := range c.Signers {
		out = append(out, c.verdict(&c.Signers[i], s))
	}
	return out
}

// sums are the digests of a content, by all algorithms that its signers use.
type sums struct {
	fault string
	by    map[crypto.Hash]hash.Hash
	all   []io.Writer
	plain []byte // the beginning of the content
	keep  int    // how much of it
	size  int64
}

func (c *CMSObject) sums() *sums {
	s := &sums{by: map[crypto.Hash]hash.Hash{}, keep: lookAhead}
	for i := range c.Signers {
		info := &c.Signers[i].info
		d, _ := digestOf(info.digest)
		m := info.method(d)
		if m.family == familyEd25519 && !info.signed {
			s.keep = maxPlain
		}
		for _, h := range []crypto.Hash{d, m.hash} {
			if h != 0 && s.by[h] == nil {
				s.by[h] = h.New()
				s.all = append(s.all, s.by[h])
			}
		}
	}
	return s
}

func (s *sums) take(content io.Reader) error {
	_, err := io.CopyBuffer(io.MultiWriter(append(s.all, s)...), content, make([]byte, readWindow))
	return err
}

// Write keeps the beginning of the content.
func (s *sums) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	s.plain = append(s.plain, p[:min(len(p), s.keep-len(s.plain))]...)
	return len(p), nil
}

// verdict checks one signer (RFC 5652, 5.6).
func (c *CMSObject) verdict(signer *Signer, s *sums) Verdict {
	i := &signer.info
	v := Verdict{Signer: *signer, Result: Unverified}
	if i.fault != "" {
		v.Note = i.fault
		return v
	}
	digest, known := digestOf(i.digest)
	m := i.method(digest)
	v.Digest, v.Algorithm = dotted(i.digest), dotted(i.algorithm)
	if known {
		v.Digest = digest.String()
	}
	if m.family != "" {
		v.Algorithm = string(m.family)
	}
	v.Weak = digest == crypto.SHA1 || m.hash == crypto.SHA1
	switch {
	case s.fault != "":
		v.Note = s.fault
	case !known:
		v.Note = "digest algorithm is not known"
	case i.signed && (i.contentType == "" || i.messageDigest == nil):
		v.Note = "signed attributes lack the content type or the digest"
	case i.signed && i.contentType != c.contentOID:
		v.Note = "signed attributes name another type of content"
	case i.signed && !bytes.Equal(i.messageDigest, s.by[digest].Sum(nil)):
		v.Result, v.Note = Broken, "content is not what was signed"
	case !i.signed && (c.contentOID != oidData || s.attributes()):
		// Else a SET of attributes that was once signed could pass for a content that was signed without them.
		v.Note = "signed attributes are missing"
	case m.family == "" || m.hash == 0 && m.family != familyEd25519:
		v.Note = "signature algorithm is not known"
	default:
		c.checkKeys(&v, i, m, s)
	}
	return v
}

// attributes says whether the content looks like a SET of signed attributes.
func (s *sums) attributes() bool {
	b := s.plain[:min(len(s.plain), lookAhead)]
	return len(b) > 0 && b[0] == berSet && (bytes.Contains(b, []byte(oidMessageDigest)) || bytes.Contains(b, []byte(oidContentType)))
}

// maxCandidates bounds the certificates that are tried for one signer.
const maxCandidates = 4

// checkKeys tries the certificates that the signer names.
func (c *CMSObject) checkKeys(v *Verdict, i *signerInfo, m method, s *sums) {
	found, weakDigest := c.candidates(i), v.Weak
	if len(found) == 0 {
		v.Note = "certificate is missing or cannot be read"
		return
	}
	for n, cert := range found[:min(len(found), maxCandidates)] {
		result, weak, note := m.check(cert, i, s)
		if n > 0 && result != Intact {
			continue // what the first one says stands
		}
		v.Certificate = describeCertificate(cert)
		v.Result, v.Note = result, note
		v.Weak = weakDigest || weak
		if result == Intact {
			return
		}
	}
}

// check checks a signature with the key of a certificate.
func (m method) check(cert *x509.Certificate, i *signerInfo, s *sums) (result Result, weak bool, note string) {
	if !i.signed {
		if m.family == familyEd25519 {
			if s.size > int64(len(s.plain)) {
				return Unverified, false, "content is too large for a signature without attributes"
			}
			return m.verify(cert, s.plain, nil, i.signature)
		}
		return m.verify(cert, nil, s.by[m.hash].Sum(nil), i.signature)
	}
	result, weak, note = m.over(cert, i.attributes, i.signature)
	if result == Broken && i.sorted != nil { // signed in the order of DER, but written in another
		return m.over(cert, i.sorted, i.signature)
	}
	return result, weak, note
}

// over checks a signature over a message in memory.
func (m method) over(cert *x509.Certificate, message, signature []byte) (result Result, weak bool, note string) {
	if m.family == familyEd25519 {
		return m.verify(cert, message, nil, signature)
	}
	h := m.hash.New()
	h.Write(message)
	return m.verify(cert, nil, h.Sum(nil), signature)
}
