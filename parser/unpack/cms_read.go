package unpack

import (
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is kept in memory of one CMS object.
const (
	maxCertBytes    = 64 << 10 // of one certificate; real ones have two to five thousand
	maxAllCertBytes = 1 << 20  // of all of them
	maxCerts        = 100      // real objects carry two to five for each signer
	maxSignerBytes  = 64 << 10 // of one signer
	maxSigners      = 16
	maxOIDBytes     = 64
)

// cmsKind says what a type of ContentInfo is. before counts the SEQUENCEs that stand before the one that holds the content.
type cmsKind struct {
	name   string
	locked bool // nothing can be read without a key
	before int
}

// cmsKinds is keyed by object identifiers in DER.
var cmsKinds = map[string]cmsKind{
	oidData:                         {name: CMSData},
	oidSigned:                       {name: CMSSigned},
	oid(1, 2, 840, 113549, 1, 7, 3): {name: CMSEnveloped, locked: true},
	oid(1, 2, 840, 113549, 1, 7, 4): {name: CMSEnveloped, locked: true}, // signed and enveloped, of PKCS #7 v1.5
	oid(1, 2, 840, 113549, 1, 7, 5): {name: CMSDigested, before: 1},
	oid(1, 2, 840, 113549, 1, 7, 6): {name: CMSEncrypted, locked: true},

	oid(1, 2, 840, 113549, 1, 9, 16, 1, 2):  {name: CMSAuthenticated, before: 1},
	oid(1, 2, 840, 113549, 1, 9, 16, 1, 9):  {name: CMSCompressed, before: 1},
	oid(1, 2, 840, 113549, 1, 9, 16, 1, 23): {name: CMSAuthenticEnveloped, locked: true},
}

var (
	errNoCMS = errors.New("no CMS object")
	errLarge = errors.New("larger than is kept in memory")
)

// cmsReader walks once through an object and notes where its content is.
type cmsReader struct {
	src      io.ReaderAt
	w        *berWindow
	budget   *Budget
	obj      CMSObject
	problems []Problem

	kind      cmsKind
	packing   string // how the content is compressed, an object identifier in DER
	found     bool   // the element that holds the content
	certBytes int64
}

func (r *cmsReader) problem(code, note string) {
	p := Problem{Code: code, Note: note}
	for _, known := range r.problems {
		if known == p {
			return
		}
	}
	r.problems = append(r.problems, p)
}

// read walks through a ContentInfo (RFC 5652, 3), or a SignedData that stands without one, as signed content of type SignedData does.
func (r *cmsReader) read() error {
	top, err := r.w.header(0)
	if err != nil {
		return err
	}
	if top.id != berSequence {
		return errNoCMS
	}
	first, err := r.w.header(top.body)
	if err != nil {
		return err
	}
	if first.id == berInteger {
		if second, err := r.w.header(first.end); err != nil || second.id != berSet {
			return errNoCMS
		}
		r.kind = cmsKinds[oidSigned]
		r.obj.Kind = r.kind.name
		r.obj.End, err = r.w.children(top, r.part)
	} else {
		r.obj.End, err = r.w.children(top, r.contentInfo)
	}
	if err != nil {
		r.obj.End = 0
	}
	switch {
	case err != nil:
		return err
	case r.obj.Kind == "":
		return errNoCMS
	case !r.kind.locked && !r.found:
		return errBER
	}
	return nil
}

func (r *cmsReader) contentInfo(e berElement) (int64, error) {
	switch {
	case r.kind.name == "" && e.id == berOID:
		id, err := r.oid(e)
		if err != nil {
			return 0, err
		}
		known := false
		if r.kind, known = cmsKinds[id]; !known {
			return 0, errNoCMS
		}
		r.obj.Kind = r.kind.name
		if r.kind.locked {
			r.problem(Encrypted, "")
		}
		return unread, nil
	case r.kind.name == "":
		return 0, errNoCMS
	case e.id != berTag0 || r.kind.locked:
		return unread, nil
	case r.kind.name == CMSData:
		r.found = true
		r.obj.contentOID, r.obj.ContentType = oidData, dotted(oidData)
		return r.w.children(e, r.content)
	}
	return r.w.children(e, func(e berElement) (int64, error) {
		if e.id != berSequence || r.found {
			return unread, nil
		}
		return r.w.children(e, r.part)
	})
}

// part takes what is in a SignedData, DigestedData, AuthenticatedData or CompressedData: the content stands in a SEQUENCE after some others.
func (r *cmsReader) part(e berElement) (int64, error) {
	switch {
	case !r.found && e.id == berSequence && r.kind.before > 0:
		r.kind.before--
		return r.algorithm(e)
	case !r.found && e.id == berSequence:
		r.found = true
		return r.inside(e, r.encapsulated)
	case !r.found || r.kind.name != CMSSigned:
		return unread, nil
	case e.id == berTag0:
		return r.inside(e, r.certificate)
	case e.id == berSet:
		return r.inside(e, r.signer)
	}
	return unread, nil // lists of revoked certificates may be large, and are of no use here
}

// inside visits what is in e. What is broken in it does not hide what follows when its length says where that is.
func (r *cmsReader) inside(e berElement, visit func(berElement) (int64, error)) (int64, error) {
	next, err := r.w.children(e, visit)
	if errors.Is(err, errBER) && e.end >= 0 && e.end <= r.w.size {
		r.problem(Damaged, cmsNote(err))
		return e.end, nil
	}
	return next, err
}

// algorithm takes the AlgorithmIdentifier before a content.
func (r *cmsReader) algorithm(e berElement) (int64, error) {
	return r.w.children(e, func(e berElement) (int64, error) {
		if e.id != berOID {
			return unread, nil
		}
		id, err := r.oid(e)
		r.packing = id
		return e.end, err
	})
}

// encapsulated takes what is in an EncapsulatedContentInfo (RFC 5652, 5.2).
func (r *cmsReader) encapsulated(e berElement) (int64, error) {
	switch e.id {
	case berOID:
		id, err := r.oid(e)
		if err != nil {
			return 0, err
		}
		r.obj.contentOID, r.obj.ContentType = id, dotted(id)
		return e.end, nil
	case berTag0:
		return r.w.children(e, r.content)
	}
	return unread, nil
}

// content takes the element with the content: an OCTET STRING, or in PKCS #7 v1.5 anything (RFC 5652, 5.2.1).
func (r *cmsReader) content(e berElement) (int64, error) {
	if r.obj.Content.Open != nil {
		return unread, nil
	}
	if r.budget.Entries <= 0 {
		r.problem(LimitCount, "")
		return unread, nil
	}
	r.budget.Entries--
	o := newOctets(r.w, e)
	size, next, err := o.skipAll()
	if e.id != berOctetsParts && e.end < 0 && err == nil {
		next, err = r.w.skip(e)
	}
	c := Entry{Size: size, Open: r.opener(e, size)}
	switch {
	case r.kind.name == CMSCompressed:
		c.Size = -1
	case err != nil && e.end >= 0 && e.id != berOctetsParts:
		c.Size = e.end - e.body
	case err != nil:
		c.Size = -1
	}
	if k, ok := cmsKinds[r.obj.contentOID]; ok && k.name == CMSSigned {
		c.Type = "application/pkcs7-mime"
	}
	if r.kind.name == CMSCompressed && r.packing != oidZlib {
		r.problem(Unsupported, "compression "+dotted(r.packing))
	}
	r.obj.Content = c
	return next, err
}

// opener gives the content of element e, whose value has size bytes.
func (r *cmsReader) opener(e berElement, size int64) func() (io.Reader, error) {
	src, whole, b, packing := r.src, r.w.size, r.budget, r.packing
	plain := func() io.Reader { return newOctets(newBERWindow(src, whole, readWindow), e) }
	if r.kind.name != CMSCompressed {
		return func() (io.Reader, error) { return b.Count(plain(), -1, 1), nil }
	}
	return func() (io.Reader, error) {
		if packing != oidZlib {
			return nil, ErrUnsupported
		}
		z, err := zlib.NewReader(plain())
		if err != nil {
			return nil, fmt.Errorf("open compressed content: %w", cutShort(err))
		}
		return b.Count(z, size, 1), nil
	}
}

// oid reads an object identifier.
func (r *cmsReader) oid(e berElement) (string, error) {
	b, err := r.raw(e, maxOIDBytes)
	if err != nil {
		return "", err
	}
	return string(b[e.body-e.at:]), nil
}

// raw reads a small element into memory as it stands.
func (r *cmsReader) raw(e berElement, most int64) ([]byte, error) {
	end, err := r.w.skip(e)
	if err != nil {
		return nil, err
	}
	if end-e.at > most {
		return nil, errLarge
	}
	b := make([]byte, end-e.at)
	if n, err := r.src.ReadAt(b, e.at); n < len(b) && err != nil {
		return nil, fmt.Errorf("read element at %d: %w", e.at, cutShort(err))
	}
	return b, nil
}

// cutShort makes the end of a file that comes too early an error that says so.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
