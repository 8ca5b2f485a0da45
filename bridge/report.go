package bridge

import (
	"cmp"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Report is what an agency tells of a document that was sent before: a status package of the axis, or the EXPORTSTATUS of a mail.
type Report struct {
	Code  edxml.StatusCode
	Organ string    // who reports: its code, else its id in the directory
	Words string    // its own
	At    time.Time // as it says; zero when it does not
	About About
}

// About names the document that a report is about.
type About struct {
	DocumentID string
	Number     string // mapping.NumberPrefix of it; empty when it is not named
	Ngay       string // yyyy-mm-dd
	Agency     string // whose document it is, by the code that the report gives; empty when the directory does not know
	Organ      string // … as the report gives it
	// Own says that whoever reports speaks of a document of its own, as one who wants it back: then no other agency's is meant.
	Own bool
}

// Answered is a record that a report may be about, with what was reported of it before.
type Answered struct {
	Record  string  `json:"record"`
	Receipt string  `json:"receipt"`
	SoDen   string  `json:"so_den"`
	Channel Channel `json:"channel"`
	By      string  `json:"by"`     // document-id: a delivery of ours went under it; code: it came under it; number
	Agency  string  `json:"agency"` // whose document it is; empty when it stands under no number
	// Organs are the states at those who reported; Steps the codes by which any of them advanced; Told how many reports there are. Reports of
	// the receipt that asks are not among them.
	Organs map[string]edxml.State `json:"organs"`
	Steps  []edxml.StatusCode     `json:"steps"`
	Told   int                    `json:"told"`
	// What its sender is told, when statuses are passed on.
	Number  string `json:"number"`
	Subject string `json:"subject"`
	Reply   *Reply `json:"reply"`
}

// Reply is what it takes to answer the sender of a mail later, in its thread.
type Reply struct {
	Sender       directory.Match `json:"sender"`
	Identity     policy.Identity `json:"identity"`
	Needed       policy.Identity `json:"needed"`
	Envelope     string          `json:"envelope"`
	NullEnvelope bool            `json:"null_envelope"`
	NeverAnswer  bool            `json:"never_answer"`
	MessageID    string          `json:"message_id"`
	References   []string        `json:"references"`
}

// Status is what a report did: a line of the history of a record. What was said in words is Words; the store keeps it with the record.
type Status struct {
	Record string           `json:"record"`
	Organ  string           `json:"organ"`
	Code   edxml.StatusCode `json:"code"`
	By     string           `json:"by"`
	At     time.Time        `json:"at,omitzero"`
	Effect edxml.Effect     `json:"effect"`
	State  edxml.State      `json:"state"` // afterwards
	Told   int              `json:"told"`  // reports of the record before this one; Commit checks that it is still so
	Words  string           `json:"-"`
}

// Reasons of receipts that report.
const (
	ReasonStatus        = "status"          // a status of a document, kept with it
	ReasonStatusUntied  = "status-untied"   // about no record, or more than one
	ReasonStatusForged  = "status-unproved" // whoever reports is not proved
	AlarmStatusContrary = "status-contrary" // cannot follow what was reported before
	AlarmStatusUnheard  = "status-unheard"  // a code without a meaning
	AlarmStatusRejected = "status-rejected" // the document was refused there, or what was asked of it
)

// mailReports are the reports of a mail. Who reports is whoever sent the mail, not whom a field in it names.
func mailReports(m parser.Message, sender directory.Match, dir *directory.Directory, at time.Time) []Report {
	var out []Report
	for _, s := range mapping.Reports(m) {
		r := Report{Code: edxml.StatusCode(s.Report.Code), Organ: cmp.Or(directory.NormalCode(sender.Code), sender.Agency), Words: s.Report.Text,
			About: About{Number: mapping.NumberPrefix(s.Document), Ngay: s.Document.Ngay}}
		if len(s.Answers) > 0 {
			r.About.DocumentID, r.About.Organ = s.Answers[0].DocumentID, s.Answers[0].Issuer.Code
		}
		r.About.Agency = dir.ByCode(r.About.Organ, mapping.DocumentDay(s.Document, at)).Agency
		if edxml.StatusCode(s.Report.Code).BySender() {
			r.About.Own, r.About.Organ, r.About.Agency = true, sender.Code, sender.Agency
		}
		out = append(out, r)
	}
	return out
}

// packageReport is the report of a status package, and the record that shows it.
func packageReport(p *edxml.Received, corrections map[string]string, dir *directory.Directory, at time.Time) (Report, mapping.Record) {
	s := p.Status
	doc := vanban.New()
	doc.TakeNumber(s.About.Code, "", vanban.FromSidecar, 0.95)
	if s.About.Date != "" {
		doc.Take("ngay_ban_hanh", s.About.Date, vanban.FromSidecar, 0.95)
	}
	rec := mapping.PackagedRecord(mapping.Packaged{Document: doc, Organ: s.From.ID}, corrections, dir, at)
	rec.Key, rec.Beside, rec.Missing = "", []string{}, []string{}
	rec.Doubts = append(rec.Doubts, mapping.DoubtStatus)
	about := About{DocumentID: s.About.DocumentID, Number: mapping.NumberPrefix(doc), Ngay: doc.Ngay, Organ: s.About.OrganID}
	if s.Code.BySender() { // it goes to a receiver: the document is of whoever reports
		about.Own, about.Organ = true, s.From.ID
	}
	about.Agency = dir.ByCode(about.Organ, mapping.DocumentDay(doc, at)).Agency
	return Report{Code: edxml.StatusCode(sidecar.StatusCode(string(s.Code))), Organ: directory.NormalCode(s.From.ID), Words: s.Description, At: s.At, About: about}, rec
}

// report ties what is reported to the records that it is about. It goes to the history of these records alone: rules about submissions are
// not asked, but for the proof that they demand of a sender.
func (c *deciding) report() {
	ro := RecordOutcome{State: Held}
	if len(c.known.Records) > 0 {
		ro.Record = c.known.Records[0]
	}
	ro.Decision = c.knowledge.Rules.Decide(c.submission(ro.Record), c.knowledge.Directory)
	word := lastWord(c.history.Amendments)
	switch {
	case word == RefuseIt:
		ro.State, ro.Reason = Refused, ReasonClerkRefused
	case word == "" && !c.identity().AtLeast(cmp.Or(ro.Decision.MinIdentity, policy.IdentityDKIM)):
		ro.Reason = ReasonStatusForged
	case !c.tieReports():
		ro.Reason = ReasonStatusUntied
	default:
		ro.State, ro.Reason = Recorded, ReasonStatus
	}
	if ro.State != Recorded {
		c.out.Statuses = []Status{}
	}
	c.out.History.Answered = c.untiedUnquoted()
	ro.Decision.Verdict, ro.Decision.Notice = policy.Hold, ""
	c.out.Records = append(c.out.Records, ro)
	c.out.State, c.out.Reason, c.out.Decision = ro.State, ro.Reason, ro.Decision
	c.out.Silence = notice.SilentHeld
	if ro.State == Recorded {
		c.statusAlarms()
		c.passOn()
	}
}

// tieReports finds the one record that each report is about. It reports false when one of them has none, or several.
func (c *deciding) tieReports() bool {
	c.out.Statuses = []Status{}
	for i, r := range c.known.Reports {
		if i >= len(c.history.Answered) {
			return false
		}
		a, ok := theOne(c.history.Answered[i], r.About)
		if !ok {
			return false
		}
		state, effect := a.Organs[r.Organ].Take(r.Code)
		c.out.Statuses = append(c.out.Statuses, Status{Record: a.Record, Organ: r.Organ, Code: r.Code, By: a.By, At: r.At, Effect: effect, State: state,
			Told: a.Told, Words: r.Words})
	}
	return len(c.known.Reports) > 0
}

// untiedUnquoted is what the outcome keeps of the records that the reports might have been about. What it quotes of one that it is tied to goes
// with that one, should it turn out to be a secret; of all others nothing may be quoted that nobody would look for here.
func (c *deciding) untiedUnquoted() [][]Answered {
	out := make([][]Answered, len(c.history.Answered))
	for i, list := range c.history.Answered {
		out[i] = slices.Clone(list)
		for j := range out[i] {
			a := &out[i][j]
			if !slices.ContainsFunc(c.out.Statuses, func(s Status) bool { return s.Record == a.Record }) {
				a.Number, a.Subject, a.Reply = "", "", nil
			}
		}
	}
	return out
}

// theOne is the only record that a report can be about: by the identity of the document, else by its number. A number is another document's
// when the report names whose it is and the record is another agency's; and what an agency says of its own documents is of no other's.
func theOne(list []Answered, about About) (Answered, bool) {
	if about.Own {
		list = slices.DeleteFunc(slices.Clone(list), func(a Answered) bool {
			return a.By != AnsweredByCode && (a.Agency == "" || a.Agency != about.Agency) // under a code stands what its own organ gave it to
		})
	}
	for _, by := range []string{AnsweredByDocument, AnsweredByCode} {
		if i := slices.IndexFunc(list, func(a Answered) bool { return a.By == by }); i >= 0 {
			same := func(a Answered) bool { return a.By == by && a.Record != list[i].Record }
			return list[i], !slices.ContainsFunc(list, same)
		}
	}
	if about.Agency != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(a Answered) bool { return a.Agency != about.Agency })
	}
	if len(list) != 1 {
		return Answered{}, false
	}
	return list[0], true
}

// How the record was found that a report is about.
const (
	AnsweredByDocument = "document-id"
	AnsweredByCode     = "code"
	AnsweredByNumber   = "number"
)

// statusAlarms raises what a person must look at.
func (c *deciding) statusAlarms() {
	for _, s := range c.out.Statuses {
		code, what := "", ""
		switch {
		case s.Effect == edxml.Contrary:
			code, what = AlarmStatusContrary, "trạng thái không phù hợp với những gì đã báo trước đó"
		case s.Effect == edxml.Unheard:
			code, what = AlarmStatusUnheard, "mã trạng thái không có trong danh mục"
		case s.Effect != edxml.Advanced:
		case s.Code == edxml.Withdraw:
			code, what = ReasonRecallAsked, "nơi gửi yêu cầu lấy lại văn bản"
		case s.Code == edxml.Rejected, s.Code == edxml.Declined:
			code, what = AlarmStatusRejected, "bên nhận từ chối"
		}
		if code != "" {
			c.out.Alarms = append(c.out.Alarms, Alarm{Key: code + ":" + s.Record + ":" + s.Organ + ":" + string(s.Code), Code: code,
				Text: "Hồ sơ " + s.Record + ": " + what + " (đơn vị " + s.Organ + ", mã " + string(s.Code) + "; phiếu " + c.receipt.ID + "). Văn thư cần xem."})
		}
	}
}
