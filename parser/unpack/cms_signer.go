package unpack

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"time"
)

// Signer is one signer of a CMS object, as the object describes it.
type Signer struct {
	Issuer      string      // of its certificate, as RFC 4514 writes names; empty when the signer is named by KeyID
	Serial      string      // of its certificate, hexadecimal, lower case
	KeyID       string      // subject key identifier, hexadecimal, when the signer is named by it
	SigningTime time.Time   // as the signer claims, UTC; zero when it does not
	Certificate Certificate // zero when it is not in the object or cannot be read

	info signerInfo
}

// signerInfo is a SignerInfo (RFC 5652, 5.3).
type signerInfo struct {
	fault     string // what is wrong with the structure; then the rest is not to be used
	issuer    []byte // Name in DER
	name      string // the same in words
	serial    *big.Int
	keyID     []byte
	digest    string // object identifier
	algorithm string // object identifier
	params    der    // of the algorithm
	signature []byte

	signed        bool   // there are signed attributes
	attributes    []byte // they, as a SET in the order of the object
	sorted        []byte // the same in the order of DER
	contentType   string // object identifier
	messageDigest []byte
	stamps        [][]byte // unsigned time-stamp tokens
}

const maxSerialBytes = 64 // RFC 5280, 4.1.2.2 allows 20

// signer takes one element of signerInfos. Unsigned attributes are passed over but for time-stamp tokens: they may hold whole lists of
// revoked certificates.
func (r *cmsReader) signer(e berElement) (int64, error) {
	if e.id != berSequence {
		return unread, nil
	}
	if len(r.obj.Signers) == maxSigners {
		r.problem(LimitCount, "more signers than are looked at")
		return unread, nil
	}
	var body der
	var stamps [][]byte
	next, err := r.w.children(e, func(c berElement) (int64, error) {
		if c.id == berTag1 {
			if stamps == nil {
				stamps = r.stamps(c)
			}
			return unread, nil
		}
		b, err := r.raw(c, maxSignerBytes-int64(len(body)))
		if err != nil {
			return 0, err
		}
		part, _, err := toDER(b)
		if err != nil { // it was read whole, so that what seems to be cut off is broken
			return 0, errors.Join(errBER, err)
		}
		body = append(body, part...)
		return c.at + int64(len(b)), nil
	})
	s := Signer{}
	switch {
	case errors.Is(err, errLarge):
		r.problem(LimitSize, "what is said of a signer is larger than is kept in memory")
		s.info.fault, next, err = "larger than is kept in memory", unread, nil
	case errors.Is(err, errBER):
		s.info.fault, next, err = "broken structure", unread, nil
	case err != nil:
		return 0, err
	default:
		s.read(body)
		s.info.stamps = stamps
	}
	r.obj.Signers = append(r.obj.Signers, s)
	return next, err
}

// read takes what is in a SignerInfo.
func (s *Signer) read(body der) {
	i := &s.info
	i.fault = "broken structure"
	if _, ok := body.take(berInteger); !ok || !s.readID(&body) {
		return
	}
	algorithm, ok := body.take(berSequence)
	if !ok {
		return
	}
	id, _ := algorithm.take(berOID)
	i.digest = string(id)
	if attributes, ok := body.take(berTag0); ok {
		i.signed = true
		if !s.readAttributes(attributes) {
			return
		}
	}
	if algorithm, ok = body.take(berSequence); !ok {
		return
	}
	id, _ = algorithm.take(berOID)
	i.algorithm, i.params = string(id), algorithm
	if signature, ok := body.take(berOctets); ok {
		i.signature, i.fault = signature, ""
	}
}

// readID takes what names the certificate of the signer: issuer and serial number, or a key identifier.
func (s *Signer) readID(body *der) bool {
	if id, ok := body.take(berKeyID); ok {
		s.info.keyID, s.KeyID = id, hex.EncodeToString(id[:min(len(id), maxSerialBytes)])
		return len(id) > 0
	}
	id, _ := body.take(berSequence)
	first, _, name, ok := id.next()
	if !ok || first != berSequence {
		return false
	}
	serial, ok := id.take(berInteger)
	if !ok || len(serial) == 0 || len(serial) > maxSerialBytes || serial[0]&0x80 != 0 {
		return false
	}
	s.info.issuer, s.info.serial = name, new(big.Int).SetBytes(serial)
	s.info.name = rdnString(name)
	s.Issuer, s.Serial = s.info.name, serialString(s.info.serial)
	return true
}

func serialString(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

// readAttributes takes the signed attributes. Each of those that matter must be there at most once, with one value (RFC 5652, 11).
func (s *Signer) readAttributes(attributes der) bool {
	i := &s.info
	var list [][]byte
	seen := map[string]bool{}
	for rest := attributes; len(rest) > 0; {
		first, a, full, ok := rest.next()
		if !ok || first != berSequence {
			return false
		}
		list = append(list, full)
		id, _ := a.take(berOID)
		values, _ := a.take(berSet)
		switch name := string(id); name {
		case oidContentType, oidMessageDigest, oidSigningTime:
			_, value, full, ok := values.next()
			if !ok || len(values) > 0 || seen[name] {
				return false
			}
			seen[name] = true
			switch name {
			case oidContentType:
				i.contentType = string(value)
			case oidMessageDigest:
				i.messageDigest = value
			case oidSigningTime:
				s.SigningTime = asn1Time(full)
			}
		}
	}
	i.attributes = setOf(list)
	if !slices.IsSortedFunc(list, bytes.Compare) {
		slices.SortFunc(list, bytes.Compare)
		i.sorted = setOf(list)
	}
	return true
}

// setOf writes elements as a SET OF, which is what attributes are signed as (RFC 5652, 5.4).
func setOf(list [][]byte) []byte {
	n := 0
	for _, e := range list {
		n += len(e)
	}
	out := appendDERLength([]byte{berSet}, n)
	for _, e := range list {
		out = append(out, e...)
	}
	return out
}

func asn1Time(full []byte) time.Time {
	var t time.Time
	if _, err := asn1.Unmarshal(full, &t); err != nil {
		return time.Time{} // a claim that cannot be read is no claim
	}
	return t.UTC()
}
