// Package mapping turns a message into the records that the records system keeps, with the agency that sent it.
package mapping

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// What registration may still need (Record.Missing).
const (
	MissingSender   = "sender"
	MissingSoHieu   = "so_hieu"
	MissingTrichYeu = "trich_yeu"
	MissingFile     = "file"
)

// vietnam is the zone in which the year of a number is counted.
var vietnam = time.FixedZone("+07", 7*60*60)

// Records reads the documents that a message submits. at is the counted instant, which decides which agency held the sender's address.
//
// A mail without a file is one record too: a personal mail without document waits for a person under what it lacks. It is several where
// its files show several documents (papers). Only messages that programs write (bounces, automatic replies, receipts, calendars, reports)
// and that bring no document are none: nil.
func Records(m parser.Message, in Input, dir *directory.Directory, at time.Time) []Record {
	fields := in.Corrections
	if writtenByProgram(m.Kind) && !HasDocumentFile(m) {
		return nil
	}
	subject, body := vanban.ReadSubject(m.Subject), vanban.ReadText(bodyText(m))
	status := isStatus(m)
	from := sender(m, dir, at, fields[agencyCorrection])
	all := papers(m, subject, body, in)
	wanted := Wanted(m)
	records := make([]Record, len(all))
	for i, p := range all {
		doc, doubts := vanban.Merge(readings(m, subject, body, p)...)
		if status { // it tells of a document that was sent before, and brings none
			doc, doubts = stated(m)[0], []string{DoubtStatus}
		} else {
			p.signers(&doc, in.Files)
		}
		for _, code := range p.doubts {
			if !slices.Contains(doubts, code) {
				doubts = append(doubts, code)
			}
		}
		doubts = correct(&doc, doubts, fields, i)
		rec := Record{Document: doc, Files: []File{}, Doubts: doubts, Sender: from, Signature: p.signature(in.Files), Unread: p.unread(wanted, in.Files)}
		for _, f := range p.leaves {
			rec.Files = append(rec.Files, File{Name: f.Name, Type: typeOf(f.item), Size: f.Size, Digest: f.SHA256})
			rec.Document.Files = append(rec.Document.Files, f.SHA256)
		}
		pack := packageOf(m, rec.Document, len(all) == 1)
		rec.Issuer = issued(dir, from, m, pack, rec.Document, at)
		rec.Doubts = append(rec.Doubts, from.Findings...)
		rec.Missing = missing(&rec, len(p.leaves) > 0 && p.leaves[0].kind >= document)
		rec.Beside, rec.Relations = []string{}, []Relation{}
		if !status {
			rec.Identify(dir, at)
		}
		by := issued(dir, from, m, nil, rec.Document, at).Agency // whoever passes a package on does not vouch for its code
		if pack != nil && by == rec.Issuer.Agency {
			rec.CodeKey = CodeKey(pack.Sender.Code, pack.DocumentID)
		}
		if !status {
			rec.relations(m, len(all) == 1, at, func(code string) bool {
				return by != "" && dir.Author(dir.ByCode(code, at), "", DocumentDay(rec.Document, at)).Agency == by
			})
		}
		records[i] = rec
	}
	return records
}

func writtenByProgram(k parser.Kind) bool {
	switch k {
	case parser.Bounce, parser.AutoReply, parser.MDN, parser.Calendar, parser.FeedbackReport:
		return true
	}
	return false
}

// numberOfNested is the số by which the main file is told from the others.
func numberOfNested(subject, body vanban.Document, m parser.Message) string {
	if subject.So != "" || m.Kind == parser.Bounce {
		return subject.So
	}
	for _, n := range m.Nested {
		if d := vanban.ReadSubject(n.Subject); d.So != "" {
			return d.So
		}
	}
	return body.So
}

func bodyText(m parser.Message) string {
	if m.Text != "" {
		return m.Text
	}
	return m.HTMLText
}

// sender finds the agency by the one From address. Several addresses leave nobody: whoever were chosen could be the wrong one. An agency
// that a clerk names is taken, and told at the address that the mail came from when that is the agency's own.
func sender(m parser.Message, dir *directory.Directory, at time.Time, clerk string) directory.Match {
	found := directory.Nobody()
	if len(m.From) == 1 && !twoFrom(m) {
		found = dir.ByAddress(m.From[0].Addr, at)
	} else if len(m.From) > 1 || twoFrom(m) {
		found.How = directory.Ambiguous
		for _, a := range m.From {
			if id := dir.ByAddress(a.Addr, at).Agency; id != "" && !slices.Contains(found.Candidates, id) {
				found.Candidates = append(found.Candidates, id)
			}
		}
	}
	if clerk == "" {
		return found
	}
	named := dir.ByCode(clerk, at)
	if named.Agency != "" && named.Agency == found.Agency {
		return found
	}
	return named
}

func twoFrom(m parser.Message) bool {
	return slices.ContainsFunc(m.Findings, func(f parser.Finding) bool { return f.Code == parser.TwoFrom })
}

func typeOf(f item) string {
	if f.Sniffed != "" {
		return f.Sniffed
	}
	return f.Type
}

// missing lists what registration still needs. A number that OCR is not sure of is shown to a clerk, who says what it is: in the register it
// would be the number of another document.
func missing(rec *Record, file bool) []string {
	out := []string{}
	for _, need := range []struct {
		name string
		have bool
	}{
		{MissingSender, rec.Sender.Agency != ""},
		{MissingSoHieu, rec.Document.SoHieu != "" && !rec.Document.Sources["so_hieu"].Unsure()},
		{MissingTrichYeu, rec.Document.TrichYeu != ""},
		{MissingFile, file},
	} {
		if !need.have {
			out = append(out, need.name)
		}
	}
	return out
}
