package bridge

import (
	"slices"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// StatusSettings say which steps of a document that came by mail its sender is told, in the thread of that mail, and the groups of agencies
// that are told; no groups: all. Without steps nobody is.
type StatusSettings struct {
	Steps  []string `json:"steps"`
	Groups []string `json:"groups"`
	// Codes are those of the receiving agencies on the axis, by agency: under them their document systems report.
	Codes map[string]string `json:"codes,omitempty"`
}

// stepsByCode are the steps that can be told, by the codes that report them.
var stepsByCode = map[edxml.StatusCode]notice.Step{edxml.Arrived: notice.StepArrived, edxml.Registered: notice.StepRegistered, edxml.Done: notice.StepHandled,
	edxml.Rejected: notice.StepRefused}

// passOn tells the sender of a document that came by mail what was reported of it: once per document and step, and only what was not known.
// Of several reports in one message the first that is told is. Only what our own document system reports is told: what others say that they
// did with a document is kept, and nobody is written to on their word.
func (c *deciding) passOn() {
	for i, s := range c.out.Statuses {
		a, _ := theOne(c.history.Answered[i], c.known.Reports[i].About)
		step, ok := stepsByCode[s.Code]
		switch {
		case !ok || s.Effect != edxml.Advanced || !c.ownSystem(s.Organ) || slices.Contains(a.Steps, s.Code):
			c.out.Silence = notice.SilentStatus
		case a.Channel != Email || a.Reply == nil || !c.wanted(step, a.Reply.Sender.Agency):
			c.out.Silence = notice.SilentStatus
		default:
			c.out.Notice, c.out.Silence = notice.ComposeStatus(c.statusInput(a, s), step)
			return
		}
	}
}

// ownSystem says whether an organ is the receiving agency itself, to which its documents are delivered.
func (c *deciding) ownSystem(organ string) bool {
	own := c.receipt.Receiver
	return organ != "" && (organ == own || organ == directory.NormalCode(c.knowledge.Settings.Statuses.Codes[own]))
}

// wanted says whether an agency is told of a step.
func (c *deciding) wanted(step notice.Step, agency string) bool {
	set := c.knowledge.Settings.Statuses
	if !slices.Contains(set.Steps, string(step)) {
		return false
	}
	a, known := c.knowledge.Directory.Agency(agency, c.out.Instant.At)
	return known && (len(set.Groups) == 0 || slices.ContainsFunc(set.Groups, a.InGroup))
}

// statusInput is what the notice depends on: the safety of answering is that of the mail which brought the document.
func (c *deciding) statusInput(a Answered, s Status) notice.Input {
	k, r := c.knowledge, a.Reply
	in := notice.Input{Mode: k.Settings.Mode, Receiver: notice.Letterhead(k.Receiver(c.receipt.Receiver)), Texts: k.texts,
		Receipt: a.Receipt, Counted: c.out.Instant.At, Imported: c.receipt.Imported && !c.receipt.Live, NeverAnswer: r.NeverAnswer, Made: c.history.Notices,
		MessageID: r.MessageID, References: r.References, Sender: r.Sender, Identity: r.Identity, Needed: r.Needed, Envelope: r.Envelope,
		NullEnvelope: r.NullEnvelope, Own: k.Settings.OwnAddresses, Suppressed: c.history.Suppressed, Standing: a.SoDen,
		Documents: []notice.Document{{Number: a.Number, Subject: a.Subject}}}
	if s.Code.NeedsReason() {
		in.Reason = s.Words
	}
	if contact, ok := k.Directory.Agency(r.Sender.Agency, c.out.Instant.At); ok {
		in.Contact = contact.Contact
	}
	return in
}

// reply is what answering this mail later will take; nil for what nobody is to be answered about.
func (c *deciding) reply() *Reply {
	m := c.known.Message
	if c.receipt.Channel != Email || c.known.Secret != "" || c.known.Package != nil || len(c.out.Records) == 0 {
		return nil
	}
	return &Reply{Sender: c.out.Records[0].Sender, Identity: c.identity(), Needed: c.needed(), Envelope: m.ReturnPath, NullEnvelope: m.NullReturn,
		NeverAnswer: m.NeverAnswer, MessageID: m.MessageID, References: ancestors(m)}
}
