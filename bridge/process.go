package bridge

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Reasons of an outcome, beside those of the decision. Codes are stable for ever.
const (
	ReasonOwnMail       = "own-mail"                 // one of our own notices came back
	ReasonImported      = "imported"                 // older than the mailbox's start, or brought by import
	ReasonAlsoLive      = "imported-before"          // imported, and then it came live: is it old mail copied anew, or new?
	ReasonSecret        = "secret"                   // bears a độ mật
	ReasonIncomplete    = "incomplete"               // registration needs what is missing
	ReasonCannotTell    = "refusal-cannot-be-told"   // a refusal that nobody would hear of
	ReasonAnswersNotice = "answers-notice"           // would be refused, and answers a notice of ours without bringing anything new
	ReasonNothingNew    = "nothing-new"              // would be refused, brings nothing new, and its sender heard from us within a day
	ReasonSameDocument  = "same-document"            // joined to the registered record
	ReasonNumberTaken   = "same-number-other-bytes"  // a person compares the two
	ReasonReplaces      = "replaces-standing"        // the same, and it says that it corrects or replaces it
	ReasonAmbiguous     = "ambiguous"                // readers of the message disagree about its files
	ReasonUnreadFile    = "unread-file"              // a file of the message could not be opened, or not to its end
	ReasonDangerousFile = "dangerous-file"           // a program in a document's clothes
	ReasonSignature     = "signature-invalid"        // a digital signature that is none: the file was altered, or is not what it says
	ReasonDocuments     = "documents-not-told-apart" // more documents than the files could be told apart by
	ReasonMailHeld      = "mail-held"                // a refusal waits with another document of its mail: one notice tells of all
	ReasonCopyHeld      = "copy-held"                // a refusal waits while a person has another copy of the document to decide
	ReasonScanDiffers   = "scan-differs"             // number or date in the scan of a paper is not what the clerk typed
	ReasonReading       = "reading-files"            // tools have not read its files yet, and what they find may decide
	ReasonDoubted       = "entry-doubted"            // it stands in the register, and what was read later speaks against it
	ReasonHeadersOnly   = "headers-only"             // cleared of its mark, and the body is not here yet
	ReasonPackage       = "package-broken"           // a package of the axis that cannot be taken
	ReasonOwnDelivery   = "own-delivery"             // a package that we delivered ourselves came back out of the inbox of the document system
	ReasonChange        = "change-asked"             // a package or document that recalls, updates or replaces an earlier one: a person decides
	ReasonRecallAsked   = "recall-asked"             // kept beside the record that its sender wants back
	ReasonWithdrawn     = "withdrawn"                // was in the register, and a person struck it out because its sender recalled it
	ReasonClerkRefused  = "clerk-refused"
	ReasonClerkAccepted = "clerk-accepted"
)

// Process turns one receipt and its inputs into an outcome: the whole of the program's judgement, without clock, I/O or error. It is used
// live, in dry runs, in replays, by `inspect` and in tests; live work calls its two halves, because what History and Evidence are asked
// for depends on the first.
func Process(r Receipt, raw io.ReaderAt, ev Evidence, h History, k *Knowledge) Outcome {
	switch r.Channel {
	case System:
		return Decide(r, UnderstandPackage(r, ReadPackage(raw, r.Size), h.Amendments, k), ev, h, k)
	case Paper:
		return Decide(r, UnderstandPaper(r, ReadPaper(raw, r.Size, k.Settings.Limits), ev.Files, h.Amendments, k), ev, h, k)
	}
	return Decide(r, Understand(r, parser.Parse(raw, r.Size, k.Settings.Limits), ev.Files, h.Amendments, k), ev, h, k)
}

// Decide is the second half of Process.
func Decide(r Receipt, u Understanding, ev Evidence, h History, k *Knowledge) Outcome {
	if r.Channel == Email {
		u.Instant = u.Instant.storedElsewhere(h.Elsewhere)
	}
	c := &deciding{receipt: r, known: u, evidence: ev, history: h, knowledge: k}
	c.out = Outcome{Receipt: r.ID, Kind: u.Message.Kind, Instant: u.Instant, Findings: u.Findings, Records: []RecordOutcome{},
		Wanted: []string{}, Statuses: []Status{}, Alarms: []Alarm{}, Versions: k.Versions(), Evidence: ev, History: h, Facts: factsOf(u)}
	switch {
	case c.statedSecret():
		c.secretBook()
	case u.Secret != "":
		c.quarantine()
	case r.HeadersOnly:
		c.withoutBody()
	// Who got a notice of ours can write under its Message-ID: a document is decided whatever it is called.
	case ev.OwnMail && !mapping.HasDocumentFile(u.Message) && lastWord(h.Amendments) != Exception:
		c.ignore(ReasonOwnMail)
	case ev.OwnNotice != "" && u.Message.Kind == parser.Bounce && !submits(u.Message):
		c.bounced()
	case r.Imported && !r.Live:
		c.record()
	case len(u.Reports) > 0:
		c.report()
	case u.Package != nil:
		c.judgePackage()
	case !submits(u.Message) && lastWord(h.Amendments) != Exception && !mustBeSeen(u.Message):
		c.ignore(string(u.Message.Kind))
	default:
		c.judge()
	}
	if u.Package != nil && len(u.Reports) == 0 {
		c.out.History.Answered = c.untiedUnquoted()
	}
	c.out.Reply = c.reply()
	c.out.Brings = Brings{Files: u.Lookup.Files, New: c.bringsNew()}
	c.out.Events = c.events()
	return c.out
}

// deciding holds the inputs and the growing outcome of one Decide.
type deciding struct {
	receipt   Receipt
	known     Understanding
	evidence  Evidence
	history   History
	knowledge *Knowledge
	out       Outcome
	doubted   []string // reasons that speak against entries of the register
}

func (c *deciding) ignore(reason string) {
	c.out.State, c.out.Reason, c.out.Silence = Ignored, reason, notice.SilentIgnored
}

// bounced ties a delivery status notification to the notice of ours that it is about. One that only says that delivery takes long, or
// that it succeeded, changes nothing (RFC 3464, 2.3.3).
func (c *deciding) bounced() {
	if r := c.known.Message.Report; r.Action == "failed" || r.Action == "" && !strings.HasPrefix(r.Status, "4.") && !strings.HasPrefix(r.Status, "2.") {
		c.out.Bounced, c.out.BounceStatus, c.out.BounceRecipient = c.evidence.OwnNotice, r.Status, r.Recipient
	}
	c.ignore(string(parser.Bounce))
}

// quarantine keeps facts only and raises the alarm (ARCHITECTURE, invariant 10). The one thing that may be said is neutral: it quotes
// nothing.
func (c *deciding) quarantine() {
	c.out.State, c.out.Reason = Quarantined, ReasonSecret
	for i, rec := range c.known.Records {
		d := c.knowledge.Rules.Decide(c.ask(i, rec), c.knowledge.Directory)
		c.out.Records = append(c.out.Records, RecordOutcome{Record: rec, State: Quarantined, Reason: ReasonSecret, Decision: d})
	}
	if len(c.out.Records) > 0 {
		c.out.Decision = c.out.Records[0].Decision
	}
	c.out.Decision.Verdict = policy.Quarantine
	c.out.Findings = []parser.Finding{}
	text := "Phiếu " + c.receipt.ID + " mang dấu hiệu bí mật nhà nước (" + string(c.known.Secret) + ") và đã được cách ly; người được giao quản lý bí mật cần xử lý."
	if c.history.Outcomes > 0 {
		text += c.foundLate()
	}
	if c.receipt.HeadersOnly {
		text += " Chỉ phần đầu thư được lấy về; thân thư còn nguyên trên máy chủ."
	}
	c.out.Alarms = append(c.out.Alarms, Alarm{Key: "secret:" + c.receipt.ID, Code: "state-secret", Text: text})
	if c.known.Paper != nil { // the neutral text is about a mail; who sent paper sent it as it must be sent
		c.out.Silence = notice.SilentQuarantined
		return
	}
	c.say()
}

// withoutBody waits for the whole message, which is fetched once the mark is cleared. A header alone is never registered, recorded or
// answered, whatever a person says; a person can only end the wait for a message that is gone.
func (c *deciding) withoutBody() {
	c.out.State, c.out.Reason, c.out.Silence = Held, ReasonHeadersOnly, notice.SilentHeld
	c.out.Findings = []parser.Finding{} // that the body is missing says nothing about the message
	if lastWord(c.history.Amendments) == RefuseIt {
		c.out.State, c.out.Reason = Refused, ReasonClerkRefused
	}
}

// record keeps old mail without judging it (ARCHITECTURE, invariant 7).
func (c *deciding) record() {
	c.out.State, c.out.Reason, c.out.Silence = ImportedOld, ReasonImported, notice.SilentImported
	for i, rec := range c.known.Records {
		if submits(c.known.Message) {
			c.ask(i, rec)
		}
		c.out.Records = append(c.out.Records, RecordOutcome{Record: rec, State: ImportedOld, Reason: ReasonImported})
	}
}

// judge decides every record; the message takes the state of the one that asks most of a person.
func (c *deciding) judge() {
	c.out.Wanted = c.unread()
	taken := map[string]bool{}
	for i, rec := range c.known.Records {
		ro := c.tie(c.withdrawn(i, c.keepStanding(i, c.awaitReading(c.judgeRecord(rec)))))
		keys := ro.Keys()
		if ro.State == Registered && slices.ContainsFunc(keys, func(k string) bool { return taken[k] }) { // a clerk gave two documents of one mail one number
			ro.State, ro.Reason = Held, ReasonNumberTaken
		}
		for _, k := range keys {
			taken[k] = true
		}
		if ro.State != Duplicate { // what is joined is joined whatever the rules say
			c.ask(i, rec)
		}
		c.out.Records = append(c.out.Records, ro)
		if c.out.State == "" || weight(ro.State) > weight(c.out.State) {
			c.out.State, c.out.Reason, c.out.Decision = ro.State, ro.Reason, ro.Decision
		}
	}
	if c.out.State == "" { // nothing to record, yet not automatic either: a person looks
		c.out.State, c.out.Reason = Held, ReasonIncomplete
	}
	if c.out.State == Held && lastWord(c.history.Amendments) != RefuseIt {
		c.hold(ReasonMailHeld)
	}
	c.entryDoubted()
	c.say()
	// A person's own refusal stands: whoever makes it knows how the sender hears of it.
	if c.out.State == Refused && lastWord(c.history.Amendments) != RefuseIt && (c.untellable() || c.undelivered() || c.severalGrounds()) {
		c.out.Notice, c.out.Silence = nil, cmp.Or(c.out.Silence, notice.SilentHeld)
		c.out.State, c.out.Reason = Held, cannotTell(c.out.Silence)
		c.hold(c.out.Reason)
	}
}

// severalGrounds: the mail's documents are refused under more than one rule, and a notice gives one ground.
func (c *deciding) severalGrounds() bool {
	return slices.ContainsFunc(c.out.Records, func(r RecordOutcome) bool { return r.State == Refused && !c.sameGround(r) })
}

func (c *deciding) sameGround(r RecordOutcome) bool {
	return r.Decision.Rule == c.out.Decision.Rule && r.Decision.Notice == c.out.Decision.Notice
}

// untellable: nobody may be told of the refusal.
func (c *deciding) untellable() bool {
	return c.out.Notice == nil && c.out.Silence != notice.SilentDuplicate
}

// undelivered: the refusal was told, and did not arrive, or a person kept it from going.
func (c *deciding) undelivered() bool {
	return slices.ContainsFunc(c.history.Failed, func(k notice.Kind) bool {
		return k == notice.Refuse || k == notice.NotCounted || k == notice.Return
	})
}

// hold turns refused records into held ones: nothing is refused of a held mail, whose sender is told nothing yet.
func (c *deciding) hold(reason string) {
	for i := range c.out.Records {
		if r := &c.out.Records[i]; r.State == Refused {
			r.State, r.Reason = Held, reason
		}
	}
}

func weight(s State) int {
	return slices.Index([]State{Duplicate, Recorded, Registered, Refused, Held, Quarantined}, s)
}

// judgeRecord asks, in this order: the clerk, the duplicates, the rules.
func (c *deciding) judgeRecord(rec mapping.Record) RecordOutcome {
	ro := RecordOutcome{Record: rec, Decision: c.unproved(c.knowledge.Rules.Decide(c.submission(rec), c.knowledge.Directory))}
	if lifted := c.documentIdentity(rec); lifted != c.identity() {
		ro.Identity = lifted
	}
	if changed, is := c.change(ro); is {
		return changed
	}
	if joined, is := c.joinedByClerk(ro); is {
		return joined
	}
	if joined, is := c.duplicate(ro); is {
		return joined
	}
	switch clerk := lastWord(c.history.Amendments); {
	case clerk == Exception:
		ro.Decision.Verdict = policy.Accept
		ro.Decision.Reasons = append([]string{ReasonClerkAccepted}, ro.Decision.Reasons...)
	case clerk == RefuseIt && !c.standsBeside(rec):
		ro.Decision.Verdict = policy.Reject
		ro.Decision.Reasons = append([]string{ReasonClerkRefused}, ro.Decision.Reasons...)
	}
	if doubt := c.doubt(ro); doubt != "" {
		ro.State, ro.Reason = Held, doubt
		return ro
	}
	ro.Reason = first(ro.Decision.Reasons)
	switch ro.Decision.Verdict {
	case policy.Accept, policy.Warn:
		ro.State = Registered
		if len(rec.Missing) > 0 {
			ro.State, ro.Reason = Held, ReasonIncomplete
		}
	case policy.Reject:
		ro.State = Refused
		if c.copyWaits(rec) {
			ro.State, ro.Reason = Held, ReasonCopyHeld
		}
	case policy.Quarantine:
		ro.State = Quarantined
	default:
		ro.State = Held
	}
	return ro
}

// doubt is the reason why a person must look before this record is decided, empty when one has, or none need.
func (c *deciding) doubt(ro RecordOutcome) string {
	switch {
	case lastWord(c.history.Amendments) != "":
		return ""
	case c.receipt.Imported:
		return ReasonAlsoLive
	case ro.Decision.Verdict == policy.Quarantine:
		return ""
	}
	switch reason := doubtful(c.known.Findings); {
	case reason != "":
		return reason
	case slices.Contains(ro.Doubts, mapping.DoubtDocuments):
		return ReasonDocuments
	case c.known.Paper != nil && (slices.Contains(ro.Doubts, vanban.DoubtNumber) || slices.Contains(ro.Doubts, vanban.DoubtDate)):
		return ReasonScanDiffers
	}
	return ""
}

// lastWord is the newest decision of a person; corrections of fields are none.
func lastWord(amendments []Amendment) AmendmentKind {
	for _, a := range slices.Backward(amendments) {
		if a.Kind == Exception || a.Kind == RefuseIt || a.Kind == Release || a.Kind == Withdraw {
			return a.Kind
		}
	}
	return ""
}

func factsOf(u Understanding) Facts {
	if u.Secret != "" {
		return Facts{}
	}
	if p := u.Paper; p != nil {
		return Facts{Subject: p.Subject, Files: len(u.Message.Attachments)}
	}
	if p := u.Package; p != nil {
		return Facts{Subject: p.Edoc.Subject, From: p.Edoc.From.ID, Files: len(p.Files)}
	}
	return Facts{Subject: u.Message.Subject, From: fromAddress(u.Message), MessageID: u.Message.MessageID, Files: len(u.Message.Attachments)}
}

// fromAddress is the sender that the message claims; empty unless it claims exactly one.
func fromAddress(m parser.Message) string {
	if len(m.From) != 1 || slices.ContainsFunc(m.Findings, func(f parser.Finding) bool { return f.Code == "two-from" }) {
		return ""
	}
	return m.From[0].Addr
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// events are the leaves that this outcome adds to the log; the store dates them with its transaction and adds those that name numbers.
func (c *deciding) events() []audit.Event {
	var undated time.Time
	o, id := c.out, c.receipt.ID
	v := audit.Versions{Program: o.Versions.Program, Knowledge: o.Versions.Knowledge, Rules: o.Versions.Rules, Directory: o.Versions.Directory}
	list := []audit.Event{audit.NewOutcomeDecided(undated, id, string(o.State), o.Reason, o.Instant.At, string(o.Instant.Source), o.Decision, v)}
	for i, r := range o.Records {
		record := RecordID(id, i)
		switch r.State {
		case Refused:
			list = append(list, audit.NewRecordRefused(undated, id, record, r.Decision.Rule, r.Reason, c.actor()))
		case Held:
			list = append(list, audit.NewRecordHeld(undated, id, record, r.Decision.Rule, r.Reason))
		case Duplicate:
			list = append(list, audit.NewRecordJoined(undated, id, record, r.JoinTo))
		case Recorded:
			if r.Reason == ReasonWithdrawn {
				list = append(list, audit.NewRecordWithdrawn(undated, id, record, c.said(Withdraw)))
			}
		case Quarantined:
			if i > 0 { // of the message, once, however many documents it was read as
				continue
			}
			list = append(list, audit.NewSecretQuarantined(undated, id, c.receipt.Raw, string(r.Document.DoMat), c.known.SecretWhere))
		}
	}
	return list
}

// actor is who refused: the newest word of a person, else the program.
func (c *deciding) actor() string { return c.said(RefuseIt) }

// said is who spoke this word last, else the program.
func (c *deciding) said(kind AmendmentKind) string {
	for _, a := range slices.Backward(c.history.Amendments) {
		if a.Kind == kind {
			return a.By
		}
	}
	return audit.Program
}

// RecordID names the i-th record (from 0) of a receipt.
func RecordID(receipt string, i int) string { return receipt + "/" + strconv.Itoa(i+1) }
