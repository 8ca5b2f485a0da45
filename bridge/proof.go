package bridge

import (
	"errors"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/pdfsign"
)

// identity is the level that evidence proves; a clerk who released or excepted the mail vouches above everything, and may have named one.
func (c *deciding) identity() policy.Identity {
	return proved(c.history.Amendments, c.known.Package != nil, c.evidence)
}

func proved(amendments []Amendment, onAxis bool, ev Evidence) policy.Identity {
	if lastWord(amendments) != "" {
		return policy.IdentityClerk
	}
	if onAxis { // the axis knows the systems on it by their keys: what rules demand of mail does not apply
		return policy.IdentitySignature
	}
	return ev.Identity
}

// Signer is a certificate that signs documents for an agency.
type Signer struct {
	Agency string `json:"agency"` // id or code of the directory
	Serial string `json:"serial"` // hexadecimal, in lower case, without leading zeros
	Issuer string `json:"issuer"` // RFC 4514
}

// ReadSigner reads "agency serial issuer". Names of organisations in certificates are not used: they are not unique, and the directory does
// not know them.
func ReadSigner(s string) (Signer, error) {
	agency, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	serial, issuer, _ := strings.Cut(strings.TrimSpace(rest), " ")
	serial = strings.ToLower(strings.ReplaceAll(serial, ":", ""))
	if agency == "" || issuer == "" || serial == "" || strings.Trim(serial, "0123456789abcdef") != "" || !strings.Contains(issuer, "=") {
		return Signer{}, errors.New(`is no signer; write "agency serial issuer", such as "H50.12 54010b2e CN=Cơ quan chứng thực,C=VN"`)
	}
	return Signer{Agency: agency, Serial: strings.TrimLeft(serial, "0"), Issuer: strings.TrimSpace(issuer)}, nil
}

// documentIdentity is the identity that one document is decided by. A valid signature of the agency that the sender is taken for lifts it,
// when the sender's domain is proved by SPF at least: a signed file proves who made the document, and not who sends it. It is no ground for
// writing to the sender.
func (c *deciding) documentIdentity(rec mapping.Record) policy.Identity {
	have := c.identity()
	if !have.AtLeast(policy.IdentitySPF) || have.AtLeast(policy.IdentitySignature) || rec.Sender.Agency == "" || rec.Signature.State != string(pdfsign.Valid) {
		return have
	}
	for _, s := range rec.Signature.Signers {
		if s.State == string(pdfsign.Valid) && !s.Stamp && c.signsFor(s, rec.Sender.Agency) {
			return policy.IdentitySignature
		}
	}
	return have
}

// signsFor says whether the certificate of a signature is listed for the agency.
func (c *deciding) signsFor(s mapping.Signer, agency string) bool {
	return slices.ContainsFunc(c.knowledge.Settings.Signers, func(listed Signer) bool {
		if listed.Serial != strings.TrimLeft(s.Serial, "0") || listed.Issuer != s.Issuer {
			return false
		}
		a, ok := c.knowledge.Directory.Find(listed.Agency, c.known.Instant.At)
		return ok && a.ID == agency
	})
}

// unproved holds what an exemption would accept from anybody who writes its agency's name into From: an exemption lifts the cutoff, not the
// proof. One that says by itself how much proof it asks for was asked already.
func (c *deciding) unproved(d policy.Decision) policy.Decision {
	asked := d.Exemption == "" || d.MinIdentity != "" || c.receipt.Channel != Email
	if asked || d.Verdict != policy.Accept || c.identity().AtLeast(policy.IdentityDKIM) {
		return d
	}
	d.Verdict, d.Notice, d.MinIdentity = policy.Hold, "", policy.IdentityDKIM
	d.Reasons = slices.Insert(slices.Clone(d.Reasons), 0, string(policy.ReasonIdentityBelow))
	d.Trace = append(slices.Clip(d.Trace), policy.Step{Matched: true, Because: "Chờ người có thẩm quyền quyết định: người gửi nhân danh cơ quan được miễn trừ nhưng chưa được xác thực."})
	return d
}
