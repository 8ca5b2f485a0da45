package evidence

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
)

// Reasons why a signature that is right in itself proves nothing about the sender. They are stored.
const (
	ReasonUnaligned  = "other-domain"       // it belongs to another domain than From
	ReasonUnsigned   = "fields-not-signed"  // From, To, Cc, Subject or the kind of the content is not under the signature, or not every time
	ReasonRecipient  = "other-recipient"    // it was written to somebody else, and sent here again
	ReasonTest       = "key-on-trial"       // the key's owner only tries it out (RFC 6376, 3.6.1, t=y)
	ReasonStrict     = "strict-alignment"   // a domain of the same organisation that does not speak for From
	ReasonUneven     = "header-uneven"      // the header can be read in more than one way
	ReasonBlank      = "too-many-blanks"    // too many blank lines to be checked
	ReasonDNS        = "dns-no-answer"      // DNS did not answer: neither yes nor no
	ReasonLength     = "length-tag"         // only the beginning of the body is signed (l=)
	ReasonInvalid    = "not-valid"          // it is wrong, expired, weak, or its key is missing or revoked
	ReasonFuture     = "signed-in-future"   // it says that it was made later than now
	ReasonEveryone   = "record-for-all"     // the SPF record lets every host send
	ReasonNotPassed  = "not-passed"         // the record does not name the host that sent it
	ReasonEnvelope   = "envelope-odd"       // the envelope's sender is not one plain address
	ReasonForwarder  = "forwarder-unlisted" // sealed by a forwarder that the configuration does not list
	ReasonChain      = "chain-broken"       // the chain of seals does not hold
	ReasonNothing    = "nothing-proved"     // the forwarder found nothing that belongs to the From domain
	ReasonPart       = "not-whole-message"  // the signature is that of a part or file, not of the message
	ReasonAuthority  = "not-trusted"        // no trusted authority stands behind the certificate, or not at that time, or not for mail
	ReasonAddress    = "other-address"      // the certificate is that of another address
	ReasonSigningDay = "not-signed-then"    // signed on another day than it came, or it does not say when
	ReasonContrary   = "transport-contrary" // our server found that the From domain did not send it
	ReasonAgain      = "may-be-sent-again"  // it says who wrote the content, and nothing who sent it to us
	ReasonHost       = "other-host"         // the forwarder's own record does not let the host send that handed it over
)

// Reasons lists all of them.
func Reasons() []string {
	return []string{ReasonUnaligned, ReasonUnsigned, ReasonRecipient, ReasonTest, ReasonStrict, ReasonUneven, ReasonBlank, ReasonDNS, ReasonLength, ReasonInvalid, ReasonFuture,
		ReasonEveryone, ReasonNotPassed, ReasonEnvelope, ReasonForwarder, ReasonChain, ReasonNothing, ReasonPart, ReasonAuthority, ReasonAddress, ReasonSigningDay, ReasonContrary, ReasonAgain, ReasonHost}
}

// essential are the fields that say who wrote what to whom, and what kind of content it is. A signature that leaves one of them out stays
// right when somebody sends the same body with another one.
var essential = [...]string{"from", "to", "cc", "subject", "content-type", "content-transfer-encoding"}

// leavesOut says whether an essential field is in the header more often than the signature covers it, but for those in except.
func leavesOut(fields []rawField, signed []string, except ...string) bool {
	for _, name := range essential {
		there, covered := 0, 0
		for _, f := range fields {
			if f.name == name {
				there++
			}
		}
		for _, s := range signed {
			if strings.EqualFold(strings.TrimSpace(s), name) {
				covered++
			}
		}
		if there > covered && !slices.Contains(except, name) {
			return true
		}
	}
	return false
}

// signs says whether a signature names a field.
func signs(signed []string, name string) bool {
	return slices.ContainsFunc(signed, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) })
}

// kindCertain says whether a Content-Type that is not signed can be no other than the signer's: a multipart whose boundary is the first line
// of the signed body. Whoever put another boundary there could show some inner part, perhaps quoted from a stranger, as the whole mail.
func kindCertain(fields []rawField, raw io.ReaderAt, body int64) (bool, error) {
	var of []rawField
	for _, f := range fields {
		if f.name == "content-type" {
			of = append(of, f)
		}
	}
	if len(of) != 1 {
		return false, nil
	}
	kind, params, err := mime.ParseMediaType(strings.TrimSpace(of[0].value()))
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return false, nil
	}
	first := make([]byte, len(params["boundary"])+4)
	n, err := raw.ReadAt(first, body)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	line, _, _ := bytes.Cut(first[:n], []byte{'\n'})
	return string(bytes.TrimRight(line, "\r")) == "--"+params["boundary"], nil
}

// encodingHarmless says whether every Content-Transfer-Encoding at the top means the body as it stands.
func encodingHarmless(fields []rawField) bool {
	for _, f := range fields {
		if f.name == "content-transfer-encoding" && !slices.Contains([]string{"7bit", "8bit", "binary"}, strings.ToLower(strings.TrimSpace(f.value()))) {
			return false
		}
	}
	return true
}

// toUs says whether To or Cc names somebody of our own domains. A mail that is signed for others and sent on to us unchanged is none that its
// signer sent us; a neighbour under the domain of the province is another. Without own domains nothing is asked.
func toUs(m parser.Message, own []string) bool {
	if len(own) == 0 {
		return true
	}
	for _, a := range slices.Concat(m.To, m.Cc) {
		d := domainOf(a.Addr)
		if d != "" && slices.ContainsFunc(own, func(o string) bool { return domainOf(o) == d }) {
			return true
		}
	}
	return false
}
