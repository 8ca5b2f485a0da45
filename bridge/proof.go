package bridge

import (
	"slices"

	"github.com/giaolien/giaolien/bridge/policy"
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
