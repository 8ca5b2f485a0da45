package policy

// Reason is a stable code for something that led to a decision. Decision.Reasons lists them, the deciding one first; they are stored and
// reported, so a code is never renamed or reused.
type Reason string

const (
	ReasonRule             Reason = "rule"              // a phase of a rule gave the verdict
	ReasonDefault          Reason = "default"           // no rule matched
	ReasonSecret           Reason = "secret"            // state secret by e-mail or over the system
	ReasonExemptAgency     Reason = "exempt-agency"     // exemption of the agency by name
	ReasonExemptGroup      Reason = "exempt-group"      // exemption of its group
	ReasonExemptRequest    Reason = "exempt-request"    // it answers a document that asked for this channel
	ReasonNotReached       Reason = "not-reached"       // a rule would have matched, but does not reach citizens, enterprises or unlisted senders
	ReasonIdentityBelow    Reason = "identity-below"    // the sender is proved less well than the rule asks
	ReasonTimeDisputed     Reason = "time-disputed"     // another trusted instant gives another verdict
	ReasonTimeUnknown      Reason = "time-unknown"      // there is no instant of arrival, or only the latest possible one
	ReasonGrace            Reason = "grace"             // on a relay before the phase began; the phase before applies
	ReasonReadyGrace       Reason = "ready-grace"       // the account was opened only lately; a refusal acts as a warning
	ReasonAlsoReceived     Reason = "also-received"     // the system has the same document already; nothing is refused
	ReasonUnknownType      Reason = "unknown-type"      // the rule asked for the type, which is unknown
	ReasonUnknownPurpose   Reason = "unknown-purpose"   // … for the purpose
	ReasonUnknownSeal      Reason = "unknown-seal"      // … for the seal
	ReasonUnknownSignature Reason = "unknown-signature" // … for the signature
	ReasonUnknownAddress   Reason = "unknown-address"   // … for the domain of an address that is not there
	ReasonUnknownFile      Reason = "unknown-file"      // … for a main, editable or electronic file
	ReasonUnknownPaper     Reason = "unknown-paper"     // … for the paper beside it
)

// identities in rising order of proof.
var identities = [...]Identity{IdentityNone, IdentityFrom, IdentitySPF, IdentityDKIM, IdentityDMARC, IdentitySignature, IdentityClerk}

// AtLeast says whether an identity proves as much as another, or more.
func (i Identity) AtLeast(demand Identity) bool { return i.rank() >= demand.rank() }

// rank places an identity in the order of proof; empty and unknown ones prove nothing.
func (i Identity) rank() int {
	for rank, known := range identities {
		if i == known {
			return rank
		}
	}
	return 0
}
