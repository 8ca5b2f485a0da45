package bridge

import (
	"slices"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
)

// DoubtOtherBytes says that a record was joined to the one that stands although its file has other bytes: it came another way, and number,
// issuer, date and trích yếu agree. Every document system prints and signs anew what it sends, so that the bytes hardly ever agree across
// channels.
const DoubtOtherBytes = "other-bytes"

// copyWaits says whether a person has another copy of the document to decide, and has not spoken about this one.
func (c *deciding) copyWaits(rec mapping.Record) bool {
	_, waits := c.history.Waiting[rec.Key]
	return waits && rec.Key != "" && lastWord(c.history.Amendments) == ""
}

// elsewhere gives the registered record of another receipt that stands under a key.
func (c *deciding) elsewhere(key string) (Standing, bool) {
	s, ok := c.history.Registered[key]
	return s, ok && key != "" && s.Receipt != c.receipt.ID
}

// duplicate settles a record whose document stands already (ARCHITECTURE, invariant 11): the same document code, or the same number with the
// same main file, is the same document. So is the same number that came another way with the same date and trích yếu. Where the bytes are
// others, the sender must be proved. Anything else with a number that is taken is for a person: who accepts it says that it is the same
// document, anew.
func (c *deciding) duplicate(ro RecordOutcome) (RecordOutcome, bool) {
	byCode, coded := c.elsewhere(ro.CodeKey)
	s, key := byCode, ro.CodeKey
	byNumber, numbered := c.elsewhere(ro.Key)
	if numbered {
		s, key = byNumber, ro.Key
	}
	switch {
	case coded && s.Record == byCode.Record && (sameFile(byCode, ro.Record) || c.proved(ro)):
		ro.Doubts = withDoubt(ro.Doubts, byCode, ro.Record)
		return join(ro, byCode, ro.CodeKey), true
	case numbered && !coded && sameFile(byNumber, ro.Record):
		return join(ro, byNumber, ro.Key), true
	case !numbered && !coded:
		return c.besides(ro)
	}
	switch word := lastWord(c.history.Amendments); {
	case word == Exception:
		ro.Doubts = withDoubt(ro.Doubts, s, ro.Record)
		return join(ro, s, key), true
	case word == RefuseIt:
		return ro, false
	case c.replaces(ro):
		ro.State, ro.Reason = Held, ReasonReplaces
		return ro, true
	case !coded && c.anotherWay(ro, s):
		ro.Doubts = withDoubt(ro.Doubts, s, ro.Record)
		return join(ro, s, key), true
	}
	ro.State, ro.Reason = Held, ReasonNumberTaken
	return ro, true
}

// replaces says whether a document says of itself that it corrects or replaces the one with its number: that is a new version of it, and a
// person says so.
func (c *deciding) replaces(ro RecordOutcome) bool {
	return slices.ContainsFunc(ro.Relations, func(r mapping.Relation) bool { return r.Same && r.Kind != mapping.Recalls })
}

// besides joins a document that stands under another of its keys, when its main file is the same.
func (c *deciding) besides(ro RecordOutcome) (RecordOutcome, bool) {
	for _, key := range ro.Beside {
		if s, ok := c.elsewhere(key); ok && sameFile(s, ro.Record) {
			return join(ro, s, key), true
		}
	}
	return ro, false
}

func join(ro RecordOutcome, s Standing, key string) RecordOutcome {
	ro.State, ro.Reason, ro.JoinTo, ro.JoinKey = Duplicate, ReasonSameDocument, s.Record, key
	return ro
}

func withDoubt(doubts []string, s Standing, rec mapping.Record) []string {
	if sameFile(s, rec) {
		return doubts
	}
	return append(slices.Clone(doubts), DoubtOtherBytes)
}

// anotherWay says whether a record with other bytes is the one that stands, come by another channel. Within one channel other bytes are for a
// person: there a sender corrects what it sent. So they are while the sender is not proved, or something of the message could not be read;
// and where the one that stands was brought neither by its issuer nor by the agency that brings this one: else whoever mails a letter under
// the head of another agency, before that one's own comes, would have it swallow the true one.
func (c *deciding) anotherWay(ro RecordOutcome, s Standing) bool {
	return s.Alike && len(s.Channels) > 0 && !slices.Contains(s.Channels, c.receipt.Channel) && c.doubt(ro) == "" &&
		s.Agency != "" && (s.Agency == ro.Sender.Agency || s.Agency == mapping.AgencyOf(ro.Key)) &&
		c.proved(ro)
}

// proved says whether nobody else can have sent the record under its sender's name, as far as the rules ask for that.
func (c *deciding) proved(ro RecordOutcome) bool {
	return !slices.Contains(ro.Decision.Reasons, string(policy.ReasonIdentityBelow))
}

// sameFile compares main files: the same number with other bytes is for a person.
func sameFile(s Standing, rec mapping.Record) bool {
	return len(s.Files) > 0 && len(rec.Files) > 0 && s.Files[0] == rec.Files[0].Digest
}

// standsBeside says whether this document is in the register already while another of its mail waits: the refusal of the mail is of that one.
func (c *deciding) standsBeside(rec mapping.Record) bool {
	s, ok := c.history.Registered[rec.Key]
	return ok && rec.Key != "" && s.Receipt == c.receipt.ID && len(c.known.Records) > 1
}

// standing gives the record that a joined one is joined to.
func (c *deciding) standing(ro RecordOutcome) (Standing, bool) {
	s, ok := c.history.Registered[ro.JoinKey]
	return s, ok && ro.State == Duplicate && s.Record == ro.JoinTo
}

// way is the channel that the sender of a joined document is told of: over the axis, when it came so too; of several documents the first.
func (s Standing) way(before Channel) Channel {
	switch {
	case before != "":
		return before
	case slices.Contains(s.Channels, System):
		return System
	case len(s.Channels) > 0:
		return s.Channels[0]
	}
	return ""
}
