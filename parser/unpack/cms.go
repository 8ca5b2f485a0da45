package unpack

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"strings"
)

// Kinds of CMS objects.
const (
	CMSData               = "data"
	CMSSigned             = "signed"                  // RFC 5652, 5; also a mere bag of certificates
	CMSEnveloped          = "enveloped"               // RFC 5652, 6, and the old kind that is signed and enveloped
	CMSDigested           = "digested"                // RFC 5652, 7
	CMSEncrypted          = "encrypted"               // RFC 5652, 8
	CMSAuthenticated      = "authenticated"           // RFC 5652, 9
	CMSAuthenticEnveloped = "authenticated-enveloped" // RFC 5083
	CMSCompressed         = "compressed"              // RFC 3274
)

// CMSObject is what an object of the Cryptographic Message Syntax (RFC 5652), which S/MIME uses (RFC 8551), holds. Strings out of
// certificates are unclean: they may hold controls.
type CMSObject struct {
	Kind string // one of the constants above; empty when it is no CMS
	// Content is what was signed, digested or compressed; for S/MIME a MIME entity with header. Open is nil when there is none: a
	// detached signature, certificates alone, or something encrypted. What was cut off ends with io.ErrUnexpectedEOF after what is there.
	Content     Entry
	ContentType string   // object identifier of the type of the content, in dots; 1.2.840.113549.1.7.1 for plain data
	Signers     []Signer // whoever says to have signed; Verify tells
	Certs       [][]byte // the certificates in the object, in DER, in their order, unchecked
	// End is the offset behind the object in its binary form: whatever stands there is no part of it. 0 when it was not read to its end.
	End int64

	contentOID string              // in DER
	parsed     []*x509.Certificate // as Certs; nil for what cannot be read
}

// ReadCMS reads a CMS object in DER, in BER, or as text: PEM or bare base64, also twice. The content of a signed object is given whatever
// the signature is worth, and also when everything behind it is missing. Certificates and signers are kept in memory, bounded; the content
// is not.
func ReadCMS(src io.ReaderAt, size int64, b *Budget) (CMSObject, []Problem) {
	r := &cmsReader{budget: b}
	for range maxArmours {
		head := make([]byte, min(armourHead, max(0, size)))
		n, err := src.ReadAt(head, 0)
		if n == 0 && len(head) > 0 && !errors.Is(err, io.EOF) {
			r.problem(Damaged, cmsNote(err))
			return r.obj, r.problems
		}
		skip, ok := armoured(head[:n])
		if !ok {
			break
		}
		src, size = dearmour(src, size, int64(skip))
	}
	r.src, r.w = src, newBERWindow(src, size, skimWindow)
	if err := r.read(); err != nil {
		r.problem(Damaged, cmsNote(err))
	}
	r.obj.identify()
	return r.obj, r.problems
}

// cmsNote says in words what a walk through BER ended with.
func cmsNote(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut off"
	case errors.Is(err, errNoCMS):
		return err.Error()
	case errors.Is(err, errBER), errors.Is(err, errLarge):
		return "broken structure"
	}
	return "cannot be read to the end"
}

// isCMS goes by type or name, and else by the first bytes, because mail programs label S/MIME as any file.
func isCMS(head []byte, ctype, name string) bool {
	switch ctype {
	case "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/cms":
		return len(head) > 0
	}
	n := strings.ToLower(name)
	for _, ext := range []string{".p7m", ".p7s", ".p7c", ".p7z"} {
		if strings.HasSuffix(n, ext) {
			return len(head) > 0
		}
	}
	return looksCMS(head)
}

// looksCMS says whether bytes begin a ContentInfo (RFC 5652, 3) of a known kind, in BER or as text.
func looksCMS(head []byte) bool {
	for range maxArmours {
		skip, ok := armoured(head)
		if !ok {
			break
		}
		head = decodeHead(head[skip:])
	}
	if len(head) == 0 || head[0] != berSequence {
		return false
	}
	_, header, _, err := berLength(head)
	if err != nil {
		return false
	}
	oid := head[header:]
	for known := range cmsKinds {
		if len(oid) > 2 && oid[0] == berOID && int(oid[1]) == len(known) && bytes.HasPrefix(oid[2:], []byte(known)) {
			return true
		}
	}
	return false
}
