package bridge

import (
	"cmp"
	"encoding/hex"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// say composes the notice, or names the reason for silence. What waits for a person is told nothing yet (POLICY.md, "What a verdict
// means"), whatever the rules would have said, unless the administrator wants it told that it waits.
func (c *deciding) say() {
	waits := c.out.State == Held || len(c.doubted) > 0
	if waits && !c.knowledge.Settings.Held {
		c.out.Silence = notice.SilentHeld
		return
	}
	if c.out.State == Recorded { // kept, and nothing to tell
		c.out.Silence = notice.SilentRecorded
		return
	}
	in := c.noticeInput()
	if waits {
		in.Decision.Verdict = policy.Hold
	}
	c.out.Notice, c.out.Silence = notice.Compose(in)
	if s := c.repeats(); s != "" && c.out.Notice != nil {
		c.out.Notice, c.out.Silence = nil, s
	}
	if c.out.Notice != nil && len(c.out.Wanted) > 0 { // what it quotes may be read better, or must not be quoted
		c.out.Notice, c.out.Silence = nil, notice.SilentReading
	}
}

func (c *deciding) noticeInput() notice.Input {
	k, m := c.knowledge, c.known.Message
	in := notice.Input{Mode: k.Settings.Mode, WantReceipts: k.Settings.Receipts, WantNeutral: k.Settings.Neutral, WantHeld: k.Settings.Held, WantSlip: k.Settings.Slip,
		Receiver: notice.Letterhead(k.Receiver(c.receipt.Receiver)), Texts: k.texts,
		Receipt: c.receipt.ID, Digest: hex.EncodeToString(c.receipt.Raw[:]), Counted: c.out.Instant.At, Decision: c.out.Decision,
		Imported: c.receipt.Imported && !c.receipt.Live, NeverAnswer: m.NeverAnswer, Duplicate: c.out.State == Duplicate,
		Paper: c.known.Paper != nil, Axis: c.known.Package != nil, AfterAll: lastWord(c.history.Amendments) == Exception, Made: c.history.Notices,
		MessageID: m.MessageID, References: ancestors(m), Identity: c.identity(), Needed: c.needed(), Envelope: m.ReturnPath, NullEnvelope: m.NullReturn,
		Own: k.Settings.OwnAddresses, Suppressed: c.history.Suppressed}
	if c.known.Secret == "" {
		in.Subject = m.Subject
	}
	var standing []string
	var by Channel
	for _, r := range c.out.Records {
		in.Sender = r.Sender
		if c.known.Secret == "" && (c.out.State != Refused || r.State == Refused) { // a refusal names only what is refused
			in.Documents = append(in.Documents, notice.Document{Number: r.Document.SoHieu, Subject: r.Document.TrichYeu})
		}
		if s, ok := c.standing(r); ok {
			standing = append(standing, s.SoDen)
			by = s.way(by)
		}
	}
	in.Standing, in.StandingBy = strings.Join(standing, ", "), string(by)
	k.introduce(&in, c.receipt.Receiver)
	if in.Decision.Verdict == "" {
		in.Decision.Verdict = policy.Hold
	}
	return in
}

// ancestors are the ids of the thread that a mail stands in: where it has no References, what it answers, if that is one (RFC 5322, 3.6.4).
func ancestors(m parser.Message) []string {
	if len(m.References) == 0 && len(m.InReplyTo) == 1 {
		return m.InReplyTo
	}
	return m.References
}

// introduce says what the directory knows of the addressee when its mail came, and how it stands to the agency that speaks. The code of that
// one on the axis is the directory's, else the configuration's.
func (k *Knowledge) introduce(in *notice.Input, speaks string) {
	dir, at := k.Directory, in.Counted
	in.ReceiverCode = k.Settings.Statuses.Codes[speaks]
	if own, ok := k.speaker(speaks, at); ok {
		speaks, in.ReceiverCode = own.ID, cmp.Or(own.Code, in.ReceiverCode)
	}
	if a, ok := dir.Agency(in.Sender.Agency, at); ok {
		in.Contact, in.Code, in.Ready, in.Relation = a.Contact, a.Code, a.ReadySince, relation(dir, a, speaks, at)
	}
}

// speaker finds a receiving agency in the directory: by its id, else by its code, since the configuration may call it otherwise.
func (k *Knowledge) speaker(id string, at time.Time) (directory.Agency, bool) {
	own, ok := k.Directory.Agency(id, at)
	if code := k.Settings.Statuses.Codes[id]; !ok && code != "" {
		return k.Directory.Find(code, at)
	}
	return own, ok
}

// Knows says whether the directory knows a receiving agency of the configuration.
func (k *Knowledge) Knows(receiver string, at time.Time) bool {
	_, ok := k.speaker(receiver, at)
	return ok
}

// needed is the identity that answering takes: what the rule demands for it, else for deciding by itself, but by e-mail never less than an
// aligned SPF pass, since an answer to a mere From address may hit somebody who did not write (RFC 3834, 4). Empty is the usual demand.
func (c *deciding) needed() policy.Identity {
	demand := cmp.Or(c.out.Decision.MinAnswer, c.out.Decision.MinIdentity)
	if c.receipt.Channel == Email && (demand == policy.IdentityNone || demand == policy.IdentityFrom) {
		return policy.IdentitySPF
	}
	return demand
}
