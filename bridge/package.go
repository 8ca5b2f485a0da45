package bridge

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// ReadPackage reads the raw bytes of a receipt of channel System. Like parser.Parse it is total: what is wrong is a finding, also that the
// bytes could not be read to their end, which whoever owns them notes for himself.
func ReadPackage(raw io.ReaderAt, size int64) edxml.Received {
	p, err := edxml.Receive(io.NewSectionReader(raw, 0, size), edxml.Limits{})
	if err != nil {
		p.Findings = []edxml.Finding{{Code: edxml.NotWellFormed, Severity: edxml.Fault}}
	}
	return p
}

// UnderstandPackage is Understand for what came over the axis. Its fields and the names of its files are looked at for a mark of secrecy; the
// files are not opened.
func UnderstandPackage(r Receipt, p edxml.Received, amendments []Amendment, k *Knowledge) Understanding {
	u := Understanding{Package: &p, Message: parser.Message{Kind: parser.Normal, Subject: p.Edoc.Subject}, Findings: packageFindings(p.Findings),
		Instant: CountedInstant(r, parser.Message{}, nil, nil), Records: []mapping.Record{}}
	if !p.Refused() {
		switch p.Kind {
		case edxml.KindEdoc:
			u.Records = append(u.Records, mapping.PackagedRecord(packaged(&p), corrections(amendments), k.Directory, u.Instant.At))
		case edxml.KindStatus:
			report, rec := packageReport(&p, corrections(amendments), k.Directory, u.Instant.At)
			u.Reports, u.Records = []Report{report}, []mapping.Record{rec}
		}
	}
	mark := vanban.Graver(p.Edoc.Secrecy, p.Status.Secrecy)
	switch cleared := has(amendments, NotSecret); {
	case cleared:
		unmark(u.Records)
	case mark != "":
		u.Secret, u.SecretWhere = mark, mapping.InText
	default:
		u.markedRecord()
	}
	if u.Secret != "" {
		u.Records = blanked(u.Records, u.Secret, u.SecretWhere)
		u.Message.Subject, u.Reports = "", nil
	}
	u.Lookup = lookup(r, u.Records)
	u.Lookup.about(u.Reports)
	if u.Secret == "" && p.Kind == edxml.KindEdoc {
		u.Lookup.About = append(u.Lookup.About, About{DocumentID: p.Edoc.DocumentID}) // was it delivered by ourselves?
	}
	u.Lookup.Addresses = []string{} // nobody is written to
	return u
}

// packageFindings are the findings of a package as those of any message.
func packageFindings(list []edxml.Finding) []parser.Finding {
	out := make([]parser.Finding, len(list))
	for i, f := range list {
		out[i] = parser.Finding{Code: string(f.Code), Where: f.Path, Note: f.Note}
	}
	return out
}

// packaged is what an edoc says, for a record. A package that recalls or updates bears the identity of the document that it is about: it is
// no document of its own.
func packaged(p *edxml.Received) mapping.Packaged {
	e := &p.Edoc
	_, known := e.Type.Known()
	d := mapping.Packaged{Document: e.Document(), UnknownType: !known && e.Type.Name != "", Files: p.Files, Organ: e.From.ID, DocumentID: e.DocumentID}
	about := func(kind mapping.RelationKind, id string) mapping.Relation {
		return mapping.Relation{Kind: kind, DocumentID: id, Source: vanban.Source{From: vanban.FromSidecar, Confidence: 0.95}}
	}
	switch e.Business.Kind {
	case edxml.Recalled, edxml.Updated:
		kind := mapping.Recalls
		if e.Business.Kind == edxml.Updated {
			kind = mapping.Updates
		}
		r := about(kind, cmp.Or(e.Business.DocumentID, e.DocumentID))
		r.SoHieu, r.Ngay = d.Document.SoHieu, d.Document.Ngay
		d.Relations, d.DocumentID = append(d.Relations, r), ""
	case edxml.Replacing:
		for _, old := range e.Business.Replaces {
			d.Relations = append(d.Relations, about(mapping.Replaces, old.DocumentID))
		}
		if len(d.Relations) == 0 {
			d.Relations = append(d.Relations, about(mapping.Replaces, e.Business.DocumentID))
		}
	}
	return d
}

// judgePackage decides what came over the axis. A package that cannot be taken waits for a person with what is wrong with it.
func (c *deciding) judgePackage() {
	p := c.known.Package
	if c.ownDelivery() && lastWord(c.history.Amendments) != Exception {
		c.ignore(ReasonOwnDelivery)
		return
	}
	if p.Refused() || len(c.known.Records) == 0 {
		c.out.State, c.out.Reason = Held, ReasonPackage
		if lastWord(c.history.Amendments) == RefuseIt {
			c.out.State, c.out.Reason = Refused, ReasonClerkRefused
		}
		c.say()
		return
	}
	c.judge()
}

// ownDelivery says whether the package is one that we put on the axis ourselves: it lies in the inbox of the document system, which may be read
// here too. It is no further way on which the document came.
func (c *deciding) ownDelivery() bool {
	return c.known.Package.Kind == edxml.KindEdoc && len(c.history.Answered) > 0 &&
		slices.ContainsFunc(c.history.Answered[0], func(a Answered) bool { return a.By == AnsweredByDocument })
}

// change settles what changes an earlier document. Whatever a package or a new version of a document asks for, nothing is done by itself: a
// person accepts it, and then it goes to the record that it is about (QĐ 28/2018, Điều 9).
func (c *deciding) change(ro RecordOutcome) (RecordOutcome, bool) {
	rel, ok := c.asks(ro)
	if !ok {
		return ro, false
	}
	target, stands := c.target(rel)
	switch word := lastWord(c.history.Amendments); {
	case word == RefuseIt:
		return ro, false
	case word != Exception && word != Release:
		ro.State, ro.Reason = Held, ReasonChange
	case rel.Kind == mapping.Recalls:
		ro.State, ro.Reason = Recorded, ReasonRecallAsked
	case stands && (rel.Same || rel.Kind == mapping.Updates):
		ro.Doubts = withDoubt(ro.Doubts, target.Standing, ro.Record)
		return join(ro, target.Standing, target.key), true
	default:
		return ro, false
	}
	return ro, true
}

// asks is the change that a record asks for, other than to be registered as a document of its own.
func (c *deciding) asks(ro RecordOutcome) (mapping.Relation, bool) {
	i := slices.IndexFunc(ro.Relations, func(r mapping.Relation) bool { return c.receipt.Channel == System })
	if i < 0 {
		return mapping.Relation{}, false
	}
	return ro.Relations[i], true
}

// kept is a record that stands, and the key that it was found under.
type kept struct {
	Standing
	key string
}

// target finds the record that a relation is about.
func (c *deciding) target(r mapping.Relation) (kept, bool) {
	for _, key := range r.Keys {
		if s, ok := c.elsewhere(key); ok {
			return kept{s, key}, true
		}
	}
	return kept{}, false
}

// withdrawn strikes out an entry of the register that a person took back (NĐ 30/2020, Điều 18.4): the record stays, its number stays, and the
// document's number is free for whatever the sender sends in its place. Of a mail with several documents the person may name one.
func (c *deciding) withdrawn(i int, ro RecordOutcome) RecordOutcome {
	if lastWord(c.history.Amendments) != Withdraw {
		return ro
	}
	if _, ok := c.stands(i); !ok {
		return ro
	}
	if n := corrections(c.history.Amendments)[withdrawnRecord]; n != "" && n != strconv.Itoa(i+1) {
		return ro
	}
	ro.State, ro.Reason, ro.JoinTo, ro.JoinKey = Recorded, ReasonWithdrawn, "", ""
	return ro
}

// withdrawnRecord is the field of a Withdraw that names the record, counted from 1; without it all records of the mail are meant.
const withdrawnRecord = "record"

// tie names the records that relations are about, and raises what a person must hear of.
func (c *deciding) tie(ro RecordOutcome) RecordOutcome {
	if len(ro.Relations) == 0 {
		return ro
	}
	relations := slices.Clone(ro.Relations)
	for i := range relations {
		if t, ok := c.target(relations[i]); ok {
			relations[i].Target = t.Record
			c.recallAsked(ro, relations[i], t.Standing)
		}
	}
	ro.Relations = relations
	return ro
}

// recallAsked raises the alarm that an entry of the register is asked back. Of a sender who is not proved nobody is alarmed: what it sent
// waits for a person anyway.
func (c *deciding) recallAsked(ro RecordOutcome, r mapping.Relation, s Standing) {
	if r.Kind != mapping.Recalls || ro.State == Refused || slices.Contains(ro.Decision.Reasons, string(policy.ReasonIdentityBelow)) {
		return
	}
	c.out.Alarms = append(c.out.Alarms, RecallAlarm(s.Record, s.SoDen, c.receipt.ID))
}

// RecallAlarm says that the sender of an entry of the register wants it back; by is the receipt that says so.
func RecallAlarm(record, soDen, by string) Alarm {
	entry := "hồ sơ " + record
	if soDen != "" {
		entry += ", số đến " + soDen
	}
	receipt, _, _ := strings.Cut(record, "/")
	return Alarm{Key: ReasonRecallAsked + ":" + record, Code: ReasonRecallAsked, Text: "Nơi gửi đề nghị thu hồi văn bản đã vào sổ (" + entry + "); phiếu " + by +
		". Văn thư xem xét; nếu đồng ý: giaolien withdraw " + receipt + ". Số đến được giữ nguyên."}
}
