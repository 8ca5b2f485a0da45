package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// answer is a mail with an EXPORTSTATUS.
func answer(code string) []byte {
	return []byte("Return-Path: <vanthu@noivu.example.vn>\r\nFrom: <vanthu@noivu.example.vn>\r\nTo: vanthu@ubnd.example.vn\r\nSubject: Phan hoi van ban\r\nMessage-ID: <tl@noivu.example.vn>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPhan hoi\r\n--x\r\nContent-Type: text/xml; name=\"XMLOutput.sdk\"\r\nContent-Disposition: attachment; filename=\"XMLOutput.sdk\"\r\n\r\n" +
		"<EXPORTSTATUS><NOIGUI><STRMADONVI>H99.99</STRMADONVI><STRTENDONVI>Ai do</STRTENDONVI></NOIGUI><PHANHOIVANBAN><STRSOKYHIEU>45/UBND-VP</STRSOKYHIEU><STRNGAYKY>02/03/2026</STRNGAYKY></PHANHOIVANBAN><STRMATRANGTHAI>" + code + "</STRMATRANGTHAI><STRNOIDUNGXULY>Van thu da nhan</STRNOIDUNGXULY></EXPORTSTATUS>\r\n--x--\r\n")
}

func statusPack(code string) []byte {
	return pack{organ: "H50.03", status: code, about: `<ResponseFor><OrganId>H50.01</OrganId><Code>45/UBND-VP</Code><PromulgationDate>2026-03-02</PromulgationDate><DocumentId>id-1</DocumentId></ResponseFor>`}.raw()
}

// mailed is a document that came by mail, as a report of it finds it.
func mailed(change func(*Answered)) Answered {
	a := Answered{Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Channel: Email, By: AnsweredByDocument, Organs: map[string]edxml.State{},
		Number: "45/UBND-VP", Subject: "V/v cử cán bộ", Reply: &Reply{Identity: policy.IdentityDMARC, MessageID: "thu@noivu.example.vn", References: []string{"dau@noivu.example.vn"}, Envelope: "vanthu@noivu.example.vn",
			Sender: directory.Match{Agency: "snv", Name: "Sở Nội vụ", How: directory.ByAddress, Address: "vanthu@noivu.example.vn", Candidates: []string{}, Findings: []string{}}}}
	if change != nil {
		change(&a)
	}
	return a
}

// What became of a document is kept with it, when it is clear which one it is and who says so.
func TestReports(t *testing.T) {
	k := testKnowledge(t, nil)
	dmarc := Evidence{Identity: policy.IdentityDMARC}
	two := []Answered{mailed(func(a *Answered) { a.By, a.Agency = AnsweredByNumber, "snv" }), mailed(func(a *Answered) { a.By, a.Record, a.Agency = AnsweredByNumber, "GL-2026-0000010/1", "sct" })}
	for _, c := range []struct {
		name   string
		raw    []byte
		ev     Evidence
		found  []Answered
		words  []Amendment
		axis   bool
		state  State
		reason string
		effect edxml.Effect
		organ  string
		alarm  string
	}{
		{name: "a package", raw: statusPack("03"), axis: true, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03"},
		{name: "one digit", raw: statusPack("3"), axis: true, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03"},
		{name: "a mail", raw: answer("3"), ev: dmarc, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.01"},
		{name: "a forged mail", raw: answer("3"), ev: Evidence{Identity: policy.IdentityFrom}, found: []Answered{mailed(nil)}, state: Held, reason: ReasonStatusForged},
		{name: "a clerk vouches for it", raw: answer("3"), ev: Evidence{Identity: policy.IdentityFrom}, words: []Amendment{{Kind: Release}}, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.01"},
		{name: "a clerk refuses it", raw: answer("3"), ev: dmarc, words: []Amendment{{Kind: RefuseIt}}, found: []Answered{mailed(nil)}, state: Refused, reason: ReasonClerkRefused},
		{name: "about another agency's with this number", raw: statusPack("03"), axis: true, found: two[1:], state: Held, reason: ReasonStatusUntied},
		{name: "asked back by another organ, by its identity", raw: statusPack("13"), axis: true, found: []Answered{mailed(func(a *Answered) { a.Agency = "snv" })}, state: Held, reason: ReasonStatusUntied},
		{name: "asked back by another organ, by its number", raw: statusPack("13"), axis: true, found: two[:1], state: Held, reason: ReasonStatusUntied},
		{name: "asked back by another organ, of nobody's", raw: statusPack("13"), axis: true, found: []Answered{mailed(nil)}, state: Held, reason: ReasonStatusUntied},
		{name: "asked back under its own code", raw: statusPack("13"), axis: true, found: []Answered{mailed(func(a *Answered) { a.By = AnsweredByCode })}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03", alarm: ReasonRecallAsked},
		{name: "asked back by a mail of another agency, which names the issuer", raw: answer("13"), ev: dmarc, found: two[1:], state: Held, reason: ReasonStatusUntied},
		{name: "asked back by a mail of its own agency", raw: answer("13"), ev: dmarc, found: two[:1], state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.01", alarm: ReasonRecallAsked},
		{name: "about nothing here", raw: statusPack("03"), axis: true, state: Held, reason: ReasonStatusUntied},
		{name: "about one of two, whose issuer it names", raw: statusPack("03"), axis: true, found: two, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03"},
		{name: "about one of two", raw: answer("03"), ev: dmarc, found: two, state: Held, reason: ReasonStatusUntied},
		{name: "its identity tells it from its number", raw: statusPack("03"), axis: true, found: append(slices.Clone(two), mailed(nil)), state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03"},
		{name: "refused there", raw: statusPack("02"), axis: true, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03", alarm: AlarmStatusRejected},
		{name: "refused after it was registered", raw: statusPack("02"), axis: true, found: []Answered{mailed(func(a *Answered) { a.Organs["H50.03"] = edxml.State{Progress: edxml.Registered} })},
			state: Recorded, reason: ReasonStatus, effect: edxml.Contrary, organ: "H50.03", alarm: AlarmStatusContrary},
		{name: "said before", raw: statusPack("03"), axis: true, found: []Answered{mailed(func(a *Answered) { a.Organs["H50.03"] = edxml.State{Progress: edxml.Registered} })},
			state: Recorded, reason: ReasonStatus, effect: edxml.Repeated, organ: "H50.03"},
		{name: "late", raw: statusPack("01"), axis: true, found: []Answered{mailed(func(a *Answered) { a.Organs["H50.03"] = edxml.State{Progress: edxml.Registered} })},
			state: Recorded, reason: ReasonStatus, effect: edxml.Late, organ: "H50.03"},
		{name: "a code of no meaning", raw: statusPack("09"), axis: true, found: []Answered{mailed(nil)}, state: Recorded, reason: ReasonStatus, effect: edxml.Unheard, organ: "H50.03", alarm: AlarmStatusUnheard},
		{name: "asked back", raw: statusPack("13"), axis: true, found: []Answered{mailed(func(a *Answered) { a.Agency = "sct" })}, state: Recorded, reason: ReasonStatus, effect: edxml.Advanced, organ: "H50.03", alarm: ReasonRecallAsked},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := History{Amendments: c.words, Answered: [][]Answered{c.found}}
			change := func(r *Receipt) {
				if c.axis {
					overAxis(r)
				}
			}
			o := settle(t, c.raw, cutoff.Add(-time.Hour), c.ev, h, k, change)
			if o.State != c.state || o.Reason != c.reason || o.Notice != nil || len(o.Records) != 1 || o.Records[0].Key != "" {
				t.Fatalf("%s (%s), %+v", o.State, o.Reason, o.Notice)
			}
			if (len(o.Statuses) == 1) != (c.state == Recorded) {
				t.Fatalf("statuses %+v", o.Statuses)
			}
			if c.state == Recorded {
				if s := o.Statuses[0]; s.Effect != c.effect || s.Organ != c.organ || s.Record != "GL-2026-0000009/1" || s.Words == "" {
					t.Errorf("%+v", s)
				}
			}
			for _, a := range o.History.Answered[0] {
				if tied := len(o.Statuses) == 1 && o.Statuses[0].Record == a.Record; (a.Subject != "") != tied || (a.Reply != nil) != tied {
					t.Errorf("kept of %s (tied %v): %+v", a.Record, tied, a)
				}
			}
			if !same(t, o, settle(t, c.raw, cutoff.Add(-time.Hour), c.ev, o.History, k, change)) {
				t.Error("what is kept gives another outcome")
			}
			if alarmed := len(o.Alarms) == 1 && o.Alarms[0].Code == c.alarm; alarmed != (c.alarm != "") || len(o.Alarms) > 1 {
				t.Errorf("alarms %+v", o.Alarms)
			}
		})
	}
}

// The sender of a mailed document hears of the steps that are configured, once each, in the thread of its mail.
func TestStatusesGoBackToTheSender(t *testing.T) {
	told := func(s *Settings) {
		s.Statuses = StatusSettings{Steps: []string{"registered", "refused"}, Codes: map[string]string{"ubnd": "H50.03"}}
	}
	for _, c := range []struct {
		name     string
		code     string
		settings func(*Settings)
		change   func(*Answered)
		h        func(*History)
		kind     notice.Kind
		silence  notice.Silence
	}{
		{name: "registered", code: "03", settings: told, kind: notice.StatusRegistered},
		{name: "refused, with the reason", code: "02", settings: told, kind: notice.StatusRefused},
		{name: "off", code: "03", silence: notice.SilentStatus},
		{name: "a step that is not told", code: "06", settings: told, silence: notice.SilentStatus},
		{name: "a step that cannot be told", code: "04", settings: told, silence: notice.SilentStatus},
		{name: "a group that is told", code: "03", settings: func(s *Settings) { told(s); s.Statuses.Groups = []string{"so-nganh"} }, kind: notice.StatusRegistered},
		{name: "a group that is not", code: "03", settings: func(s *Settings) { told(s); s.Statuses.Groups = []string{"thue"} }, silence: notice.SilentStatus},
		{name: "another organ says so", code: "02", settings: func(s *Settings) { told(s); s.Statuses.Codes["ubnd"] = "H50.09" }, silence: notice.SilentStatus},
		{name: "nobody's code is ours", code: "02", settings: func(s *Settings) { told(s); s.Statuses.Codes = nil }, silence: notice.SilentStatus},
		{name: "another has reported it", code: "03", settings: told, change: func(a *Answered) { a.Steps = []edxml.StatusCode{edxml.Registered} }, silence: notice.SilentStatus},
		{name: "said before", code: "03", settings: told, change: func(a *Answered) { a.Organs["H50.03"] = edxml.State{Progress: edxml.InWork} }, silence: notice.SilentStatus},
		{name: "it came over the axis", code: "03", settings: told, change: func(a *Answered) { a.Channel = System }, silence: notice.SilentStatus},
		{name: "nobody knows how to answer", code: "03", settings: told, change: func(a *Answered) { a.Reply = nil }, silence: notice.SilentStatus},
		{name: "the mail was not proved", code: "03", settings: told, change: func(a *Answered) { a.Reply.Identity = policy.IdentityFrom }, silence: notice.SilentIdentity},
		{name: "the mail was automatic", code: "03", settings: told, change: func(a *Answered) { a.Reply.NeverAnswer = true }, silence: notice.SilentAutomatic},
		{name: "the address bounces", code: "03", settings: told, h: func(h *History) { h.Suppressed = []string{"vanthu@noivu.example.vn"} }, silence: notice.SilentSuppressed},
		{name: "told by this report", code: "03", settings: told, h: func(h *History) { h.Notices = []notice.Kind{notice.StatusRegistered} }, silence: notice.SilentDuplicate},
		{name: "notices are off", code: "03", settings: func(s *Settings) { told(s); s.Mode = notice.ModeOff }, silence: notice.SilentOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := History{Answered: [][]Answered{{mailed(c.change)}}}
			if c.h != nil {
				c.h(&h)
			}
			o := settle(t, statusPack(c.code), cutoff, Evidence{}, h, testKnowledge(t, c.settings), overAxis)
			var kind notice.Kind
			if o.Notice != nil {
				kind = o.Notice.Kind
			}
			if o.State != Recorded || kind != c.kind || o.Silence != c.silence {
				t.Fatalf("%s, notice %q, silence %q", o.State, kind, o.Silence)
			}
			if d := o.Notice; d != nil && (d.To != "vanthu@noivu.example.vn" || d.InReplyTo != "thu@noivu.example.vn" || len(d.References) != 2 || !strings.HasPrefix(d.Subject, "Re: ") ||
				!strings.Contains(d.Subject, "GL-2026-0000009") || !contains(d.Body, "45/UBND-VP") || c.code == "02" && !contains(d.Body, "đã tiếp nhận")) {
				t.Errorf("%+v", d)
			}
		})
	}
}

// What answering a mail later takes is kept with its outcome; of a secret, and of what did not come by mail, nothing is.
func TestReplyIsKept(t *testing.T) {
	k := testKnowledge(t, nil)
	at := cutoff.Add(-time.Hour)
	o := settle(t, letter{subject: subject, received: at, fields: "References: <a@noivu.example.vn>\r\n"}.raw(), at, Evidence{Identity: policy.IdentityDMARC}, History{}, k, nil)
	if r := o.Reply; r == nil || r.Sender.Agency != "snv" || r.MessageID != "thu@noivu.example.vn" || len(r.References) != 1 || r.Identity != policy.IdentityDMARC || r.Envelope == "" || r.NeverAnswer {
		t.Errorf("%+v", o.Reply)
	}
	for _, o := range []Outcome{settle(t, letter{subject: "[MAT] " + subject, received: at}.raw(), at, Evidence{}, History{}, k, nil), settle(t, pack{}.raw(), at, Evidence{}, History{}, k, overAxis)} {
		if o.Reply != nil {
			t.Errorf("%s: %+v", o.State, o.Reply)
		}
	}
}

// A person strikes a recalled entry out: the record stays beside its number, nobody is written to, and it can be taken back.
func TestWithdraw(t *testing.T) {
	k := testKnowledge(t, nil)
	at := cutoff.Add(-time.Hour)
	raw := letter{subject: subject, received: at}.raw()
	own := []Standing{{Record: "GL-2026-0000001/1", Receipt: "GL-2026-0000001", SoDen: "7/2026", State: Registered}}
	proved := Evidence{Identity: policy.IdentityDMARC}
	for _, c := range []struct {
		words []Amendment
		own   []Standing
		want  State
	}{
		{[]Amendment{{Kind: Withdraw, By: "lan"}}, own, Recorded},
		{[]Amendment{{Kind: Withdraw, By: "lan", Fields: map[string]string{"record": "1"}}}, own, Recorded},
		{[]Amendment{{Kind: Withdraw, By: "lan", Fields: map[string]string{"record": "2"}}}, own, Registered},
		{[]Amendment{{Kind: Withdraw, By: "lan"}}, nil, Registered}, // it never stood
		{[]Amendment{{Kind: Withdraw, By: "lan"}, {Kind: Exception, By: "lan"}}, own, Registered},
	} {
		o := settle(t, raw, at, proved, History{Outcomes: 1, Amendments: c.words, Own: c.own}, k, nil)
		if o.State != c.want || c.want == Recorded && (o.Reason != ReasonWithdrawn || o.Notice != nil || o.Silence != notice.SilentRecorded) {
			t.Errorf("%s: %s (%s), %+v", fmt.Sprint(c.words), o.State, o.Reason, o.Notice)
		}
		logged := slices.ContainsFunc(o.Events, func(e audit.Event) bool { return e.Type == audit.RecordWithdrawn && e.Actor == "lan" })
		if logged != (c.want == Recorded) {
			t.Errorf("%s: events %+v", fmt.Sprint(c.words), o.Events)
		}
	}
}
