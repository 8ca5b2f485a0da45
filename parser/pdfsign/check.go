package pdfsign

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"io"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/unpack"
)

const oidPlain = "1.2.840.113549.1.7.1" // id-data (RFC 5652, 4)

// check says what one signature is worth.
func (d *document) check(c *candidate) Signature {
	s := Signature{Field: c.field, Object: c.object.num, Verdict: unpack.Unverified, Fault: c.fault}
	if c.fault == Unreadable {
		s.Note = "signature cannot be read"
		return s
	}
	d.claims(&s, &c.dict)
	if c.fault != Hidden {
		d.stand(&s, &c.dict)
	}
	if s.Fault == "" || s.Fault == Removed {
		d.cover(&s, c)
		if s.Fault == Removed && s.Later.Kind != LaterDocument && s.Later.Kind != LaterUnknown {
			s.Fault = "" // nothing was taken away: some programs enter signatures into their page alone
		}
	}
	d.cms(&s, c)
	switch {
	case s.Fault != "" && s.Verdict == unpack.Intact:
		s.Verdict, s.Note = unpack.Unverified, faultNote(s.Fault)
	case s.Fault != "" && s.Note == "":
		s.Note = faultNote(s.Fault)
	}
	return s
}

// stand checks what the signature stands on: all of the file up to an offset but for its own Contents (ISO 32000-2, 12.8.1). Everything
// else has been used by forgers: a missing or negative ByteRange, a gap that holds more than the signature, an empty Contents.
func (d *document) stand(s *Signature, v *value) {
	br, contents := v.get("ByteRange"), v.get("Contents")
	var r [4]int64
	ok := br.kind == array && len(br.list) == 4
	for i := 0; ok && i < 4; i++ {
		ok = br.list[i].kind == integer && br.list[i].n >= 0 && br.list[i].n <= d.w.size
		r[i] = br.list[i].n
	}
	ok = ok && r[0] == 0 && r[1] > 0 && r[2] > r[1] && r[3] > 0 && r[2]+r[3] <= d.w.size
	fault := s.Fault
	switch {
	case v.twice:
		fault = TwoKeys
	case !ok:
		fault = BadRange
	case contents.kind != hexed || !contents.plain || contents.s == "":
		fault = BadContents
	case r[1] != contents.at || r[2] != contents.end:
		fault = BadGap
	}
	if ok {
		s.Range = r
	}
	s.Fault = fault
}

// faultNote says a fault in words.
func faultNote(f Fault) string {
	switch f {
	case BadRange:
		return "ByteRange is missing or does not fit the file"
	case BadContents:
		return "Contents is missing or no plain hexadecimal string"
	case BadGap:
		return "ByteRange does not leave out exactly the signature"
	case BadPadding:
		return "Contents holds more than the signature"
	case TwoKeys:
		return "the signature dictionary gives a key twice"
	case Hidden:
		return "the signature stands in an object stream"
	case WrongCert:
		return "the signer named another certificate"
	case BadCMS:
		return "not one signer, or a content where none may be"
	case Removed:
		return "no field of the form holds the signature any more"
	}
	return "signature cannot be read"
}

// signed gives the bytes that a signature stands on.
func (d *document) signed(s *Signature) io.Reader {
	r := s.Range
	return io.MultiReader(&stretch{d.w, 0, r[1]}, &stretch{d.w, r[2], r[2] + r[3]})
}

// cms reads the CMS object in Contents and checks it. Who signed is told also where the signature proves nothing.
func (d *document) cms(s *Signature, c *candidate) {
	raw := []byte(c.dict.get("Contents").s)
	if len(raw) == 0 || raw[0] != 0x30 {
		s.fail(BadCMS)
		return
	}
	budget := unpack.Budget{Entries: 4, Bytes: int64(8 * len(raw)), Ratio: unpack.DefaultBudget.Ratio, Depth: 1}
	o, _ := unpack.ReadCMS(bytes.NewReader(raw), int64(len(raw)), &budget)
	if s.SubFilter == "adbe.x509.rsa_sha1" {
		s.Note = "kind of signature is not checked"
		return
	}
	if o.Kind != unpack.CMSSigned || len(o.Signers) != 1 || o.End <= 0 || o.End > int64(len(raw)) {
		s.fail(BadCMS)
		return
	}
	s.Certificates = o.Certs
	s.signer(o.Signers[0].Certificate)
	s.SignedAt = o.Signers[0].SigningTime
	if len(bytes.TrimLeft(raw[o.End:], "\x00")) > 0 {
		s.fail(BadPadding)
	}
	if s.Fault != "" && s.Fault != Removed {
		return
	}
	n := s.Range[1] + s.Range[3]
	if n > d.lim.Digest {
		d.problem(Limit, "more signed bytes than are digested")
		s.Note = "too much is signed"
		return
	}
	d.lim.Digest -= n
	switch s.SubFilter {
	case Detached, CAdES:
		d.detached(s, &o)
	case SHA1:
		d.overDigest(s, &o)
	case DocumentTime:
		d.documentTime(s, &o)
	default:
		s.Note = "kind of signature is not checked"
	}
}

func (s *Signature) fail(f Fault) {
	if s.Fault == "" || s.Fault == Removed {
		s.Fault = f
	}
}

func (s *Signature) signer(c unpack.Certificate) {
	s.Signer = cleanCertificate(c)
	s.Organization = ""
	if cert, err := x509.ParseCertificate(c.DER); err == nil && len(cert.Subject.Organization) > 0 {
		s.Organization = charset.Clean(cert.Subject.Organization[0], maxClaim)
	}
}

// cleanCertificate makes what a certificate says fit to be shown and stored.
func cleanCertificate(c unpack.Certificate) unpack.Certificate {
	c.Subject, c.CommonName, c.Issuer = charset.Clean(c.Subject, maxClaim), charset.Clean(c.CommonName, maxClaim), charset.Clean(c.Issuer, maxClaim)
	emails := c.Emails
	c.Emails = nil
	for _, e := range emails {
		c.Emails = append(c.Emails, charset.Clean(e, 320))
	}
	return c
}

// verdict takes what was found of the only signer.
func (s *Signature) verdict(v unpack.Verdict) {
	s.Verdict, s.Note, s.Digest, s.Algorithm, s.Weak = v.Result, v.Note, v.Digest, v.Algorithm, v.Weak
	if v.Certificate.DER != nil {
		s.signer(v.Certificate)
	}
	if !namesItself(&v) {
		s.fail(WrongCert)
	}
}

// detached checks a signature over the bytes themselves, as nearly all are.
func (d *document) detached(s *Signature, o *unpack.CMSObject) {
	if o.Content.Open != nil || o.ContentType != oidPlain {
		s.fail(BadCMS)
		return
	}
	v := o.Verify(d.signed(s))
	s.verdict(v[0])
	for _, token := range o.Signers[0].Stamps() {
		stamp := readStamp(token)
		stamp.about(bytes.NewReader(o.Signers[0].Signature()))
		if s.Timestamp.Result == "" || s.Timestamp.Result != unpack.Intact && stamp.Result == unpack.Intact {
			s.Timestamp = stamp.Timestamp
		}
	}
}

// overDigest checks a signature over the SHA-1 digest of the bytes, which stands in the CMS object (adbe.pkcs7.sha1, PDF 1.3 to 1.7).
func (d *document) overDigest(s *Signature, o *unpack.CMSObject) {
	if o.Content.Open == nil || o.ContentType != oidPlain {
		s.fail(BadCMS)
		return
	}
	r, err := o.Content.Open()
	if err != nil {
		s.fail(BadCMS)
		return
	}
	inside, err := io.ReadAll(io.LimitReader(r, 64))
	if err != nil {
		s.fail(BadCMS)
		return
	}
	s.verdict(o.Verify(nil)[0])
	s.Weak = true
	sum, err := digest(crypto.SHA1, d.signed(s))
	switch {
	case err != nil:
		s.Verdict, s.Note = unpack.Unverified, "content cannot be read to its end"
	case s.Verdict == unpack.Intact && !bytes.Equal(sum, inside):
		s.Verdict, s.Note = unpack.Broken, "content is not what was signed"
	}
}
