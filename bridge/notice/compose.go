package notice

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// maxReferences bounds the threading fields; the first id of a thread and the latest ones carry it.
const maxReferences = 10

// Compose decides what the sender is told. Exactly one of its results is set. Reasons for silence are looked for in this order, and the
// first one found is named:
//
//  1. nothing may be said at all: notices-off, imported, axis;
//  2. there is nobody or nothing to answer: ignored, never-answer (RFC 3834, 2);
//  3. there is nothing to tell: quarantined, held, duplicate, receipts-unwanted;
//  4. nobody may be told: no-address, own-address, identity, suppressed.
//
// A refusal that ends in silence must not stay a refusal: the caller holds it (ARCHITECTURE, invariant 6).
func Compose(in Input) (*Draft, Silence) {
	if s := in.mute(); s != "" {
		return nil, s
	}
	kind, s := in.kind()
	if s != "" {
		return nil, s
	}
	if s := in.unreachable(); s != "" {
		return nil, s
	}
	return in.draft(kind), ""
}

func (in *Input) mute() Silence {
	switch {
	case in.Mode != ModeReview && in.Mode != ModeSend:
		return SilentOff
	case in.Imported:
		return SilentImported
	case in.Ignored:
		return SilentIgnored
	case in.Axis:
		return SilentAxis
	case in.NeverAnswer || in.NullEnvelope:
		return SilentAutomatic
	}
	return ""
}

// kind is what there is to tell. A phase's own word (notice = …) stands only where it does not contradict the verdict: accepted mail is
// never told that it was refused, nor the other way round.
func (in *Input) kind() (Kind, Silence) {
	switch in.Decision.Verdict {
	case policy.Quarantine:
		if !in.WantNeutral {
			return "", SilentQuarantined
		}
		return in.once(Neutral)
	case policy.Accept, policy.Warn, policy.Reject:
	default:
		if !in.WantHeld {
			return "", SilentHeld
		}
		return in.once(Held)
	}
	told := Kind(in.Decision.Notice)
	if in.Decision.Verdict != policy.Reject && in.Decision.Notice == string(policy.ReasonAlsoReceived) {
		return in.once(OnSystem)
	}
	if in.Duplicate {
		if in.Standing == "" {
			return "", SilentDuplicate
		}
		return in.receipt()
	}
	switch {
	case in.Decision.Verdict == policy.Reject && (told == NotCounted || told == Return):
		return in.once(told)
	case in.Decision.Verdict == policy.Reject:
		return in.once(Refuse)
	case in.AfterAll || in.made(Refuse, NotCounted, Return, Neutral):
		return in.once(Accepted)
	case told == Remind || told == NotCounted:
		return in.once(told)
	case in.Decision.Verdict == policy.Warn:
		return in.once(Remind)
	}
	return in.receipt()
}

// receipt is the weakest notice: whoever was told anything has the receipt number already, unless he was told to wait.
func (in *Input) receipt() (Kind, Silence) {
	switch {
	case !in.WantReceipts:
		return "", SilentUnwanted
	case slices.ContainsFunc(in.Made, func(k Kind) bool { return k != Held }):
		return "", SilentDuplicate
	}
	return Receipt, ""
}

func (in *Input) once(k Kind) (Kind, Silence) {
	if in.made(k) {
		return "", SilentDuplicate
	}
	return k, ""
}

func (in *Input) made(kinds ...Kind) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool { return slices.Contains(in.Made, k) })
}

func (in *Input) unreachable() Silence {
	to := in.Sender.Address
	needed := in.Needed
	if needed == "" {
		needed = policy.IdentityDKIM
	}
	switch {
	case !in.addressed():
		return SilentNoAddress
	case in.own(to):
		return SilentOwn
	case !proves(in.Identity, needed):
		return SilentIdentity
	case slices.ContainsFunc(in.Suppressed, func(s string) bool { return strings.EqualFold(s, to) }):
		return SilentSuppressed
	}
	return ""
}

// addressed says whether the directory gives an address that may be written to. A code is only a claim inside the document, so it leads to
// nobody; a pattern vouches for any address that fits it, so the envelope sender must be aligned with it.
func (in *Input) addressed() bool {
	if checkAddress(in.Sender.Address) != nil {
		return false
	}
	switch in.Sender.How {
	case directory.ByAddress, directory.ByDomain:
		return true
	case directory.ByPattern:
		return aligned(in.Envelope, in.Sender.Address)
	}
	return false
}

// aligned: the envelope sender is the address itself, or belongs to the same domain or one below it. A domain above never counts, since
// without a list of public suffixes gov.vn would vouch for all.
func aligned(envelope, addr string) bool {
	envelope, addr = strings.ToLower(envelope), strings.ToLower(addr)
	if checkAddress(envelope) != nil {
		return false
	}
	have, want := domainOf(envelope), domainOf(addr)
	return have == want || strings.HasSuffix(have, "."+want)
}

// own says whether the address is one of ourselves, with or without a +tag such as our return paths carry.
func (in *Input) own(to string) bool {
	bare := untagged(to)
	if bare == untagged(in.Receiver.From) || bare == untagged(in.Receiver.ReturnPath) {
		return true
	}
	return slices.ContainsFunc(in.Own, func(s string) bool { return untagged(s) == bare })
}

func untagged(addr string) string {
	addr = strings.ToLower(addr)
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr
	}
	local, _, _ := strings.Cut(addr[:at], "+")
	return local + addr[at:]
}

// proves says whether the identity reached meets the demand, in the order of POLICY.md. A word that is not known proves nothing, and as a
// demand cannot be met.
func proves(reached, needed policy.Identity) bool {
	order := []policy.Identity{policy.IdentityNone, policy.IdentityFrom, policy.IdentitySPF, policy.IdentityDKIM, policy.IdentityDMARC,
		policy.IdentitySignature, policy.IdentityClerk}
	demand := slices.Index(order, needed)
	return demand >= 0 && slices.Index(order, reached) >= demand
}

func (in *Input) draft(k Kind) *Draft {
	d := &Draft{
		Kind: k, Receipt: in.Receipt, To: in.Sender.Address, ToName: clean(in.Sender.Name, 200), Agency: in.Sender.Agency,
		Receiver: in.Receiver.ID, FromName: clean(orElse(in.Receiver.FromName, in.Receiver.Name), 200), From: in.Receiver.From,
		ReturnPath: in.Receiver.ReturnPath, References: []string{}, Generated: in.Paper,
	}
	d.Subject, d.Body = in.text(k)
	d.Gist = in.gist(k)
	if in.WantSlip && in.returns(k) {
		d.Slip, d.Verify = true, in.texts().verify(in.Receipt, in.Digest)
	}
	if k == Neutral {
		return d // not even the id of the message that it answers
	}
	if checkMessageID(in.MessageID) == nil {
		d.InReplyTo = in.MessageID
		d.References = thread(append(slices.Clone(in.References), in.MessageID))
	}
	return d
}

// thread keeps the usable ids, each once, and of many the first and the latest (RFC 5322, 3.6.4).
func thread(ids []string) []string {
	out := []string{}
	for _, id := range ids {
		if checkMessageID(id) == nil && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if n := len(out); n > maxReferences {
		out = append(out[:1:1], out[n-maxReferences+1:]...)
	}
	return out
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}
