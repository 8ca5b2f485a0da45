package unpack

import "errors"

// maxStamps bounds the time-stamp tokens that are kept of one signer; real ones carry one.
const maxStamps = 4

// Attribute gives the values of a signed attribute as they stand in its SET, in DER. id is an object identifier in dots. It is what the
// signer signed only if the verdict is Intact. Nil: there is none.
func (s *Signer) Attribute(id string) []byte {
	set := der(s.info.attributes)
	rest, _ := set.take(berSet)
	for len(rest) > 0 {
		_, a, _, ok := rest.next()
		if !ok {
			return nil
		}
		if name, _ := a.take(berOID); dotted(string(name)) == id {
			values, _ := a.take(berSet)
			return values
		}
	}
	return nil
}

// Signature gives the value of the signature, which a time-stamp token is made over (RFC 3161, appendix A).
func (s *Signer) Signature() []byte { return s.info.signature }

// Stamps gives the time-stamp tokens that were put beside the signature after it was made, unsigned and unchecked: CMS objects in BER.
func (s *Signer) Stamps() [][]byte { return s.info.stamps }

// stamps looks for time-stamp tokens among unsigned attributes. These may hold whole lists of revoked certificates, and may be broken:
// what cannot be read proves nothing, and is passed over.
func (r *cmsReader) stamps(unsigned berElement) [][]byte {
	var out [][]byte
	left := int64(maxSignerBytes)
	value := func(e berElement) (int64, error) {
		b, err := r.raw(e, left)
		if errors.Is(err, errLarge) || len(out) == maxStamps {
			return unread, nil
		}
		if err != nil {
			return 0, err
		}
		left -= int64(len(b))
		out = append(out, b)
		return e.at + int64(len(b)), nil
	}
	_, err := r.w.children(unsigned, func(a berElement) (int64, error) {
		found := false
		return r.w.children(a, func(e berElement) (int64, error) {
			switch {
			case e.id == berOID:
				id, err := r.oid(e)
				found = err == nil && id == oidStamp
			case e.id == berSet && found:
				return r.w.children(e, value)
			}
			return unread, nil
		})
	})
	if errors.Is(err, errBER) {
		return nil
	}
	return out
}
