package bridge

import (
	"bytes"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Understanding is the first half of Process: what the bytes say, before evidence and history are known.
type Understanding struct {
	Message  parser.Message
	Package  *edxml.Received  // what came over the axis instead of a message; nil for all other channels
	Paper    *PaperForm       // what a clerk typed of a document on paper; nil for all other channels
	Findings []parser.Finding // of the message, and of its files by the tools that read them
	Instant  Instant
	// Secret is the độ mật that the tripwire found, and SecretWhere the place (never the words). From then on nothing of the message is
	// read out: Records hold the mark, sizes and digests only.
	Secret      vanban.Secrecy
	SecretWhere string
	Records     []mapping.Record
	// Reports are what it tells of documents that were sent before; then it brings none.
	Reports []Report
	Lookup  Lookup
}

// Understand makes the records of a message that was parsed. files are what tools found in its files, by SHA-256.
func Understand(r Receipt, m parser.Message, files map[string]mapping.FileEvidence, amendments []Amendment, k *Knowledge) Understanding {
	u := Understanding{Message: m, Findings: append(slices.Clip(m.Findings), mapping.FileFindings(m, files)...)}
	u.Instant = CountedInstant(r, u.Message, k.Settings.TrustedHops, k.Settings.Relays)
	u.Records = mapping.Records(u.Message, mapping.Input{Files: files, Documents: r.Documents, Corrections: corrections(amendments)}, k.Directory, u.Instant.At)
	u.tripwire(r, files, amendments)
	u.Lookup = lookup(r, u.Records)
	u.Lookup.At, u.Lookup.Files = u.Instant.At, mapping.DocumentFiles(m)
	if u.Secret == "" && !r.HeadersOnly && len(u.Records) == 1 {
		u.Reports = mailReports(m, u.Records[0].Sender, k.Directory, u.Instant.At)
		u.Lookup.about(u.Reports)
	}
	return u
}

// about asks for the records that reports are about.
func (l *Lookup) about(reports []Report) {
	for _, r := range reports {
		l.About = append(l.About, r.About)
	}
}

// lookup is what the records ask of the past.
func lookup(r Receipt, records []mapping.Record) Lookup {
	l := Lookup{Receipt: r.ID, Receiver: r.Receiver, Keys: []string{}, Addresses: []string{}, Documents: map[string]vanban.Document{}}
	for _, rec := range records {
		for _, key := range append(rec.Keys(), rec.Beside...) {
			if !slices.Contains(l.Keys, key) {
				l.Keys = append(l.Keys, key)
			}
		}
		for _, r := range rec.Relations {
			for _, key := range r.Keys {
				if !slices.Contains(l.Keys, key) {
					l.Keys = append(l.Keys, key)
				}
			}
		}
		if rec.Key != "" {
			l.Documents[rec.Key] = rec.Document
		}
		if rec.Sender.Address != "" && !slices.Contains(l.Addresses, rec.Sender.Address) {
			l.Addresses = append(l.Addresses, rec.Sender.Address)
		}
	}
	return l
}

// markedHeader is the place of a mark that was found when only the header was there, and that the tripwire does not see any more.
const markedHeader = "header"

// headers understands a header block without its message. Until a person calls the mark a false alarm it is a secret, also to a later
// version of the tripwire that would have let it pass; from then on nothing is a fact about the message before its body is here.
func (u *Understanding) headers(cleared bool) {
	u.Message.Attachments, u.Message.Nested = nil, nil
	if cleared {
		u.Secret, u.SecretWhere, u.Records = "", "", nil
		return
	}
	if u.Secret == "" {
		u.Secret, u.SecretWhere = vanban.Mat, markedHeader
	}
	u.Records = blanked(u.Records, u.Secret, u.SecretWhere)
	for i := range u.Records {
		u.Records[i].Files, u.Records[i].Document.Files = []mapping.File{}, nil
	}
}

// MarkedHeader says whether a header block alone bears a độ mật, in its subject or in a file's name.
func MarkedHeader(block []byte, l parser.Limits) bool {
	mark, _ := mapping.Secret(parser.Parse(bytes.NewReader(block), int64(len(block)), l), nil)
	return mark != ""
}

// tripwire looks for a mark of secrecy, and keeps of a marked message what an incident needs. What a person has called a false alarm is none:
// all of the message, or its subject alone, if that was said while only the header was here.
func (u *Understanding) tripwire(r Receipt, files map[string]mapping.FileEvidence, amendments []Amendment) {
	cleared := has(amendments, NotSecret)
	switch {
	case r.HeadersOnly:
		u.Secret, u.SecretWhere = mapping.Secret(u.Message, files)
		u.headers(cleared)
		return
	case has(amendments[min(r.HeaderWords, len(amendments)):], NotSecret):
	case cleared:
		u.Secret, u.SecretWhere = mapping.Secret(unsubjected(r, u.Message), files)
	default:
		u.Secret, u.SecretWhere = mapping.Secret(u.Message, files)
	}
	if u.Secret == "" && !cleared {
		u.markedRecord()
	}
	if u.Secret != "" {
		u.Records = blanked(u.Records, u.Secret, u.SecretWhere)
	} else if cleared {
		unmark(u.Records)
	}
}

// markedRecord takes for a mark what the records show and the tripwire did not see: a clerk's word, or a reading that knows more than it does.
func (u *Understanding) markedRecord() {
	for _, rec := range u.Records {
		if mark := rec.Document.DoMat; mark != "" {
			u.Secret, u.SecretWhere = vanban.Graver(u.Secret, mark), string(rec.Document.Sources["do_mat"].From)
		}
	}
}

// unsubjected is a message without the subject that people have judged while nothing else of it was here.
func unsubjected(r Receipt, m parser.Message) parser.Message {
	if r.HeaderWords > 0 && !r.HeadersOnly {
		m.Subject = ""
	}
	return m
}

// mayOpen says whether tools may open the files of a message: not when it bears a mark without them. A subject that was judged by itself is
// left out. Who had not cleared it finds the message quarantined, and then nobody asks for its files.
func mayOpen(r Receipt, m parser.Message) bool {
	mark, _ := mapping.Secret(unsubjected(r, m), nil)
	return mark == ""
}

// corrections joins the fields of all amendments, the newest winning.
func corrections(amendments []Amendment) map[string]string {
	fields := map[string]string{}
	for _, a := range amendments {
		for name, value := range a.Fields {
			fields[name] = value
		}
	}
	return fields
}

func has(amendments []Amendment, kind AmendmentKind) bool {
	return slices.ContainsFunc(amendments, func(a Amendment) bool { return a.Kind == kind })
}

// unmark takes away a mark that a person called a false alarm.
func unmark(records []mapping.Record) {
	for i := range records {
		records[i].Document.DoMat = ""
		delete(records[i].Document.Sources, "do_mat")
	}
}

// blanked keeps of secret records what an incident needs: the mark, who sent it, how large each file is and its digest (ARCHITECTURE,
// invariant 10; Luật Bảo vệ bí mật nhà nước, Điều 5).
func blanked(records []mapping.Record, mark vanban.Secrecy, where string) []mapping.Record {
	out := make([]mapping.Record, 0, len(records))
	for _, rec := range records {
		doc := vanban.Document{DoMat: mark, QuyenHanKy: []string{}, KinhGui: []string{}, NoiNhan: []string{}, TraLoi: []string{}, Files: rec.Document.Files,
			Sources: map[string]vanban.Source{"do_mat": {From: secretSource(where), Confidence: 1}}}
		files := make([]mapping.File, len(rec.Files))
		for i, f := range rec.Files {
			files[i] = mapping.File{Size: f.Size, Digest: f.Digest}
		}
		out = append(out, mapping.Record{Document: doc, Files: files, Sender: rec.Sender, Issuer: directory.Nobody(), Missing: []string{}, Doubts: []string{}, Beside: []string{}, Relations: []mapping.Relation{},
			Signature: mapping.FileSignature{Signers: []mapping.Signer{}}, Unread: []mapping.Unread{}})
	}
	return out
}

func secretSource(where string) vanban.From {
	if from := vanban.From(where); slices.Contains([]vanban.From{vanban.FromSubject, vanban.FromFileName}, from) {
		return from
	}
	return vanban.FromText
}

// reportKinds carry other people's mail inside them: what a bounce returns is no submission.
var reportKinds = []parser.Kind{parser.Bounce, parser.MDN, parser.FeedbackReport}

// submits says whether the message is a submission at all. What carries a document is one, however it was sent (ARCHITECTURE, the word
// "Ignored"); automatic mail without a document is not.
func submits(m parser.Message) bool {
	if slices.Contains(reportKinds, m.Kind) {
		m.Nested = nil
		m.Attachments = slices.DeleteFunc(slices.Clone(m.Attachments), func(a parser.Attachment) bool {
			return a.Type == "message/rfc822" || strings.HasPrefix(a.Type, "message/")
		})
		return mapping.HasDocumentFile(m)
	}
	if mapping.HasDocumentFile(m) {
		return true
	}
	return !slices.Contains([]parser.Kind{parser.AutoReply, parser.Calendar, parser.MailingList}, m.Kind)
}
