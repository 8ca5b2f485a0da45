package pdfsign

import (
	"crypto/x509"
	"slices"
	"time"

	"github.com/giaolien/giaolien/parser/unpack"
)

// State of a signature, or of all signatures of a file. The zero value: not all of the file was searched, and nothing was found.
type State string

const (
	Valid   State = "valid"   // intact, over all that is shown, by a certificate that led to a given root at Trust.At
	Invalid State = "invalid" // altered, malformed, or not by a certificate that is trusted
	Present State = "present" // there is one, but what would be needed to judge it is missing
	Absent  State = "absent"  // none
)

// Reason for a state that is not Valid. The zero value is none.
type Reason string

const (
	Altered      Reason = "altered"            // Broken
	Malformed    Reason = "malformed"          // Fault says how
	CoversPart   Reason = "covers-part"        // more than the signature is left out of what is signed
	ChangedAfter Reason = "changed-after"      // later revisions change the document
	MarkedAfter  Reason = "marked-after"       // later revisions add notes or values
	LaterUnclear Reason = "later-unclear"      // it cannot be told what later revisions do
	NotShown     Reason = "not-shown"          // the signature was taken out of the form
	NotVerified  Reason = "not-verified"       // Unverified: Note says why
	WeakMethod   Reason = "weak"               // SHA-1, or a short key
	NoRoots      Reason = "no-roots"           // no authority is configured
	NoTime       Reason = "no-time"            // no time to judge at
	Untrusted    Reason = "untrusted"          // the certificate leads to none of the given roots
	Expired      Reason = "expired"            // the certificate was not valid when it signed
	ExpiredSince Reason = "expired-since"      // it was valid at the time that the signer claims, which nobody attests
	KeyUsage     Reason = "key-usage"          // the certificate is not for signing documents, or not for time-stamps
	Critical     Reason = "critical-extension" // a certificate of the chain demands something that is not understood (RFC 5280, 4.2)
	OnlyStamps   Reason = "only-timestamps"    // of a file: somebody attests when it existed, nobody signed it
)

// What is never or was not checked.
const (
	UncheckedRevocation = "revocation"       // whether a certificate was withdrawn
	UncheckedTime       = "signing-time"     // when it was signed
	UncheckedTimestamp  = "timestamp"        // whether the authority of the time-stamp is to be trusted
	UncheckedLater      = "later-appearance" // what pictures of later signatures hide
)

// Trust is what a signature is worth to somebody who trusts certain authorities.
type Trust struct {
	State     State
	Reason    Reason
	At        time.Time // for which the chain was judged; zero when it was not
	Attested  bool      // At is the time of a time-stamp whose authority is trusted as well
	Root      string    // SHA-256 of the root that the chain leads to, when State is Valid
	Unchecked []string  // constants above
}

// Judge says what a signature is worth. roots are the authorities that the caller trusts; at is the time for which that is asked, best the
// one when the file came. A time-stamp by a trusted authority goes before it. Whether certificates were revoked is not asked.
func Judge(s *Signature, roots []*x509.Certificate, at time.Time) Trust {
	t := Trust{State: Present, Unchecked: []string{UncheckedRevocation}}
	if s.Later.Kind == LaterSignatures {
		t.Unchecked = append(t.Unchecked, UncheckedLater)
	}
	if t.State, t.Reason = structural(s); t.Reason != "" {
		return t.timeUnchecked(s)
	}
	switch {
	case s.Weak:
		t.Reason = WeakMethod
	case len(roots) == 0:
		t.Reason = NoRoots
	case at.IsZero():
		t.Reason = NoTime
	}
	if t.Reason != "" {
		return t.timeUnchecked(s)
	}
	t.At = at.UTC()
	if s.Stamp {
		c := chain{roots: roots, given: s.Certificates, fits: stampUsage}
		return t.chained(s, &c)
	}
	if stamp := &s.Timestamp; stamp.Result == unpack.Intact && !stamp.Weak && !stamp.Time.After(at) {
		c := chain{roots: roots, given: stamp.Certificates, fits: stampUsage}
		t.Attested = c.at(stamp.Authority.DER, at).Reason == ""
	}
	if t.Attested {
		t.At = s.Timestamp.Time
	}
	c := chain{roots: roots, given: s.Certificates, fits: signerUsage}
	return t.chained(s, &c)
}

// timeUnchecked notes that nobody who is trusted says when it was signed.
func (t Trust) timeUnchecked(s *Signature) Trust {
	if !t.Attested {
		t.Unchecked = append(t.Unchecked, UncheckedTime)
		if s.Timestamp.Result != "" && !s.Stamp {
			t.Unchecked = append(t.Unchecked, UncheckedTimestamp)
		}
	}
	return t
}

// structural judges all that needs no authority.
func structural(s *Signature) (State, Reason) {
	switch {
	case s.Verdict == unpack.Broken:
		return Invalid, Altered
	case s.Fault == Removed:
		return Present, NotShown
	case s.Fault == Unreadable:
		return Present, NotVerified
	case s.Fault != "":
		return Invalid, Malformed
	case s.Verdict != unpack.Intact:
		return Present, NotVerified
	case s.Coverage == Partial:
		return Invalid, CoversPart
	}
	switch s.Later.Kind {
	case LaterNothing, LaterValidation:
	case LaterSignatures:
		if s.Permits == 1 {
			return Invalid, ChangedAfter // its author allowed no change (ISO 32000-2, table 257)
		}
	case LaterMarks:
		return Present, MarkedAfter
	case LaterDocument:
		return Invalid, ChangedAfter
	default:
		return Present, LaterUnclear
	}
	if s.Coverage != Whole && s.Coverage != Revision {
		return Present, LaterUnclear
	}
	return Present, ""
}

// chained judges the certificates.
func (t Trust) chained(s *Signature, c *chain) Trust {
	found := c.at(s.Signer.DER, t.At)
	t.State, t.Reason, t.Root = found.State, found.Reason, found.Root
	if (t.Reason == Expired || t.Reason == Untrusted) && !t.Attested {
		// A certificate may have run out between signing and now. That it had not when it signed is only what the signer says.
		claimed := s.SignedAt
		if claimed.IsZero() {
			claimed = s.DictionaryTime
		}
		if !claimed.IsZero() && claimed.Before(t.At) && c.at(s.Signer.DER, claimed).Reason == "" {
			t.State, t.Reason = Present, ExpiredSince
		}
	}
	return t.timeUnchecked(s)
}

// Judgement is what all signatures of a file are worth together.
type Judgement struct {
	State      State
	Reason     Reason  // of the first signature that keeps the file from being Valid
	Signatures []Trust // beside Report.Signatures
}

// JudgeFile judges a file. It is Valid when somebody's signature is, and no other one speaks against it. A signature behind which the
// document was changed does not, if one that is Valid covers the change: so a clerk numbers what his chief has signed, and signs for the
// agency (NĐ 30/2020, Điều 15 and 17).
func JudgeFile(rep *Report, roots []*x509.Certificate, at time.Time) Judgement {
	var j Judgement
	person := int64(0) // up to where a valid signature of somebody covers
	for i := range rep.Signatures {
		s := &rep.Signatures[i]
		t := Judge(s, roots, at)
		j.Signatures = append(j.Signatures, t)
		if t.State == Valid && !s.Stamp {
			person = max(person, s.End())
		}
	}
	for i := range j.Signatures {
		t := &j.Signatures[i]
		if t.Reason == ChangedAfter && rep.Signatures[i].Permits != 1 && rep.Signatures[i].End() < person {
			t.State = Present
		}
	}
	j.State, j.Reason = j.sum(rep, person > 0)
	return j
}

func (j *Judgement) sum(rep *Report, person bool) (State, Reason) {
	if len(j.Signatures) == 0 {
		if rep.Complete {
			return Absent, ""
		}
		return "", ""
	}
	if i := slices.IndexFunc(j.Signatures, func(t Trust) bool { return t.State == Invalid }); i >= 0 {
		return Invalid, j.Signatures[i].Reason
	}
	for _, t := range j.Signatures {
		if t.State != Valid && (!person || t.Reason != ChangedAfter && t.Reason != NotShown) {
			return Present, t.Reason
		}
	}
	switch {
	case !person:
		return Present, OnlyStamps
	case !rep.Complete:
		return Present, LaterUnclear
	}
	return Valid, ""
}
