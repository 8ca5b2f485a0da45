package parser

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/unpack"
)

// maxSignatures bounds what is said of the signatures of one message.
const maxSignatures = 50

// cms opens an S/MIME part (RFC 8551). What was signed is read whatever the signature is worth; the verdict stands beside it.
func (k *walker) cms(f *file) {
	obj, problems := unpack.ReadCMS(f.reader(), f.size, &k.shared.unpack)
	k.report(f, problems)
	if obj.Content.Open == nil {
		k.detached(f, &obj)
		return
	}
	r, err := obj.Content.Open()
	if err != nil {
		k.unread(f, err)
		return
	}
	count := &countReader{r: r}
	whole := k.around == nil && f.outer == nil && len(k.stack) == 0
	var fields *Protected
	if whole {
		if first, err := obj.Content.Open(); err == nil {
			fields = protected(first, k.lim)
		}
	}
	k.sign(f, &obj, obj.Verify(count), whole, fields)
	if _, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{count}, k.shared.scratch()); err != nil || count.err != nil { // what Verify left
		k.unread(f, errors.Join(err, count.err))
	}
	at := unpack.Seekable(obj.Content.Open, count.n)
	inner := k.inside(f, at, count.n)
	inner.path = f.inner()
	outer := f.content.header
	defer func() { f.content.header = outer }() // the header inside only describes the content
	inner.read(f.content)
	k.nested = append(k.nested, inner.nested...)
}

// detached checks a signature that stands beside the part it signs (RFC 1847, 2.1).
func (k *walker) detached(f *file, obj *unpack.CMSObject) {
	if len(obj.Signers) == 0 {
		return
	}
	var content io.Reader
	var fields *Protected
	whole := false
	if n := len(k.stack); n > 0 && f.outer == k.around && k.stack[n-1].signed && k.stack[n-1].first.to > 0 {
		first := k.stack[n-1].first
		whole = k.around == nil && n == 1 && k.stack[0].parts == 2 && onlySignature(f)
		if k.stack[n-1].glued {
			first.to -= k.lineEnd(first)
		}
		signed := func() io.Reader { return unpack.CRLF(io.NewSectionReader(k.w.r, first.from, first.to-first.from)) }
		if content = signed(); whole {
			fields = protected(signed(), k.lim)
		}
	}
	k.sign(f, obj, obj.Verify(content), whole, fields)
}

// onlySignature says whether a file is a signature by type and name too: what stands behind one in its file is not signed, and must not be
// shown as a document.
func onlySignature(f *file) bool {
	a := f.attachment()
	return (a.Type == "application/pkcs7-signature" || a.Type == "application/x-pkcs7-signature") &&
		(a.Name == "" || strings.HasSuffix(strings.ToLower(a.Name), ".p7s"))
}

// lineEnd is how many bytes the line end at the end of a span has: it belongs to the delimiter behind it (RFC 2046, 5.1.1).
func (k *walker) lineEnd(s span) int64 {
	end := make([]byte, min(2, max(0, s.to-s.from)))
	if _, err := k.w.r.ReadAt(end, s.to-int64(len(end))); err != nil {
		return 0
	}
	switch {
	case string(end) == "\r\n":
		return 2
	case len(end) > 0 && end[len(end)-1] == '\n':
		return 1
	}
	return 0
}

// notWhole takes back that the signatures of a multipart are those of the whole message: it has more parts than the one that is signed and the
// signature.
func (k *walker) notWhole() {
	for i := range k.shared.signatures {
		s := &k.shared.signatures[i]
		s.Whole, s.Chain, s.Protected = false, nil, nil
	}
}

// sign notes what each signer's signature is worth. whole is true of the signature over the message itself, and fields are those of its header
// that it covers.
func (k *walker) sign(f *file, obj *unpack.CMSObject, verdicts []unpack.Verdict, whole bool, fields *Protected) {
	for _, v := range verdicts {
		if len(k.shared.signatures) >= maxSignatures {
			return
		}
		c := &v.Certificate
		s := Signature{Where: f.where, Verdict: Verdict(v.Result), Algorithm: v.Digest + " " + v.Algorithm, Signer: c.Subject, Emails: slices.Clone(c.Emails),
			Issuer: v.Issuer, Serial: v.Serial, NotBefore: c.NotBefore, NotAfter: c.NotAfter, SignedAt: v.SigningTime, Cert: c.SHA256, Note: v.Note}
		if s.Whole, s.Weak = whole, v.Weak; whole && len(c.DER) > 0 {
			s.Chain, s.Protected = append([][]byte{c.DER}, obj.Certs...), fields
		}
		if v.Weak {
			s.Note = "weak algorithm or key; " + s.Note
		}
		for _, p := range []*string{&s.Where, &s.Algorithm, &s.Signer, &s.Issuer, &s.Serial, &s.Note} {
			*p = charset.Clean(*p, 500)
		}
		if s.Emails == nil {
			s.Emails = []string{}
		}
		for i := range s.Emails {
			s.Emails[i] = charset.Clean(s.Emails[i], 320)
		}
		if s.Verdict == Broken {
			k.found.add(SignatureBroken, f.where, s.Note)
		}
		k.shared.signatures = append(k.shared.signatures, s)
	}
}

// countReader counts what goes through it and remembers why it ended.
type countReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
