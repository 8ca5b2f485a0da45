package store

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// What may be kept of a message that turned out to be a state secret (ARCHITECTURE, invariant 10). Every function here builds a new value
// out of what is known to quote nothing, so that a field which is added later does not stay by accident.

// wordless is an outcome without anything that it read from the message: codes, counts, digests, versions, who sent it, and a notice
// only if it is neutral.
func wordless(o bridge.Outcome) bridge.Outcome {
	out := bridge.Outcome{Receipt: o.Receipt, State: o.State, Reason: o.Reason, Kind: o.Kind, Instant: o.Instant, Facts: bridge.Facts{Files: o.Facts.Files},
		Records: []bridge.RecordOutcome{}, Decision: wordlessDecision(o.Decision), Silence: o.Silence, Findings: []parser.Finding{}, Alarms: o.Alarms,
		Bounced: o.Bounced, BounceStatus: o.BounceStatus, Wanted: o.Wanted, Events: o.Events, Versions: o.Versions, Evidence: o.Evidence,
		History: wordlessHistory(o.History), Brings: o.Brings}
	for _, f := range o.Findings {
		out.Findings = append(out.Findings, parser.Finding{Code: f.Code})
	}
	for _, r := range o.Records {
		out.Records = append(out.Records, bridge.RecordOutcome{Record: wordlessRecord(r.Record), State: r.State, Reason: r.Reason, JoinTo: r.JoinTo,
			Decision: wordlessDecision(r.Decision)})
	}
	for _, a := range o.Asked {
		out.Asked = append(out.Asked, wordlessAsked(a))
	}
	if o.Notice != nil {
		d := wordlessDraft(*o.Notice)
		out.Notice = &d
	}
	return out
}

// wordlessAsked is what the rules may know of a secret: who sent it, when, how large it is, and its mark.
func wordlessAsked(a bridge.Asked) bridge.Asked {
	s := a.Submission
	return bridge.Asked{Record: a.Record, Proved: a.Proved, Submission: policy.Submission{ID: s.ID, Channel: s.Channel, Receiver: s.Receiver, Mailbox: s.Mailbox,
		ReceivedAt: s.ReceivedAt, Hops: s.Hops, Disputed: s.Disputed, Sender: s.Sender,
		Document: policy.Document{Secrecy: s.Document.Secrecy, Signature: s.Document.Signature, MainFile: s.Document.MainFile, Size: s.Document.Size}}}
}

// wordlessDecision has no reasons in words: they name what the rules were asked about.
func wordlessDecision(d policy.Decision) policy.Decision {
	trace := make([]policy.Step, len(d.Trace))
	for i, s := range d.Trace {
		trace[i] = policy.Step{Rule: s.Rule, Matched: s.Matched}
	}
	d.Trace = trace
	return d
}

func wordlessRecord(r mapping.Record) mapping.Record {
	return mapping.Record{Document: wordlessDocument(r.Document), Files: wordlessFiles(r.Files), Sender: r.Sender, Missing: []string{}, Doubts: []string{}, Beside: []string{}, Relations: []mapping.Relation{},
		Signature: mapping.FileSignature{State: r.Signature.State, Reason: r.Signature.Reason, Signers: []mapping.Signer{}, Trust: r.Signature.Trust},
		Unread:    filled(r.Unread)}
}

// wordlessDocument is a document of which nothing is known but its mark and where that was found.
func wordlessDocument(d vanban.Document) vanban.Document {
	const mark = "do_mat"
	out := vanban.Document{DoMat: d.DoMat, QuyenHanKy: []string{}, KinhGui: []string{}, NoiNhan: []string{}, TraLoi: []string{}, Files: filled(d.Files),
		Sources: map[string]vanban.Source{}}
	if s, ok := d.Sources[mark]; ok {
		out.Sources[mark] = vanban.Source{From: s.From, Confidence: s.Confidence}
	}
	return out
}

func wordlessFiles(files []mapping.File) []mapping.File {
	out := make([]mapping.File, len(files))
	for i, f := range files {
		out[i] = mapping.File{Size: f.Size, Digest: f.Digest}
	}
	return out
}

// wordlessHistory has no duplicate keys, which are made of numbers, and of amendments only who spoke, when and to what end.
func wordlessHistory(h bridge.History) bridge.History {
	amendments := make([]bridge.Amendment, len(h.Amendments))
	for i, a := range h.Amendments {
		amendments[i] = bridge.Amendment{Kind: a.Kind, Fields: map[string]string{}, By: a.By, At: a.At}
		for name, value := range a.Fields {
			if !wordlessField(name, value) {
				value = ""
			}
			amendments[i].Fields[name] = value
		}
	}
	h.Amendments, h.Registered, h.Waiting, h.Answered = amendments, map[string]bridge.Standing{}, nil, nil
	return h
}

// codeFields are the corrections whose values are codes, not words of the message. The mark that a person saw must stay, or it would be
// forgotten with the next outcome.
var codeFields = []string{"do_mat", "do_khan", "agency", "records", "record"}

// wordlessField says whether a correction may be kept as it is.
func wordlessField(name, value string) bool {
	const code = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
	_, field, ok := mapping.SplitCorrection(name)
	return ok && slices.Contains(codeFields, field) && len(value) <= 40 && strings.Trim(value, code) == ""
}

// wordlessDraft keeps to whom a notice went and from whom. A neutral one quotes nothing.
func wordlessDraft(d notice.Draft) notice.Draft {
	if d.Kind == notice.Neutral {
		return d
	}
	return notice.Draft{Kind: d.Kind, Receipt: d.Receipt, To: d.To, ToName: d.ToName, Agency: d.Agency, Receiver: d.Receiver, FromName: d.FromName,
		From: d.From, ReturnPath: d.ReturnPath, References: []string{}}
}

// wordlessReply keeps of what a mail server answered the codes that it begins with (RFC 5321, 4.2; RFC 3463): the rest may quote the subject.
func wordlessReply(reply string) string {
	fields := strings.Fields(reply)
	n := 0
	for n < len(fields) && strings.Trim(fields[n], "0123456789.") == "" {
		n++
	}
	return strings.Join(fields[:n], " ")
}
