// Package mapping turns a message into the records that the records system keeps, with the agency that sent it.
package mapping

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// What registration may still need (Record.Missing).
const (
	MissingSender    = "sender"
	MissingSoHieu    = "so_hieu"
	MissingTrichYeu  = "trich_yeu"
	MissingFile      = "file"
	agencyCorrection = "agency"
)

// vietnam is the zone in which the year of a number is counted.
var vietnam = time.FixedZone("+07", 7*60*60)

// Records reads the documents that a message submits. at is the counted instant, which decides which agency held the sender's address.
// fields are a clerk's corrections by JSON name of the document's field, and "agency" (id or code); they stand above everything read.
//
// A mail is one record, with or without a file: a personal mail without document waits for a person under what it lacks. Only messages
// that programs write (bounces, automatic replies, receipts, calendars, reports) and that bring no document are none: nil.
func Records(m parser.Message, dir *directory.Directory, at time.Time, fields map[string]string) []Record {
	if writtenByProgram(m.Kind) && !HasDocumentFile(m) {
		return nil
	}
	subject := vanban.ReadSubject(m.Subject)
	files := slices.DeleteFunc(items(m), func(it item) bool { return it.kind == noise })
	body := vanban.ReadText(bodyText(m))
	mainFirst(files, numberOfNested(subject, body, m))

	doc, doubts := vanban.Merge(readings(m, subject, body, files)...)
	status := isStatus(m)
	if status { // it tells of a document that was sent before, and brings none
		doc, doubts = stated(m)[0], []string{DoubtStatus}
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if doc.Correct(name, fields[name]) {
			doubts = slices.DeleteFunc(doubts, func(d string) bool { return strings.HasPrefix(d, name+"-") })
		}
	}
	rec := Record{Document: doc, Files: []File{}, Doubts: doubts, Sender: sender(m, dir, at, fields[agencyCorrection])}
	for _, f := range files {
		rec.Files = append(rec.Files, File{Name: f.Name, Type: typeOf(f), Size: f.Size, Digest: f.SHA256})
		rec.Document.Files = append(rec.Document.Files, f.SHA256)
	}
	rec.Missing = missing(&rec, len(files) > 0 && files[0].kind >= document)
	if !status {
		rec.Key = Key(rec.Document, rec.Sender.Agency, at)
	}
	return []Record{rec}
}

func writtenByProgram(k parser.Kind) bool {
	switch k {
	case parser.Bounce, parser.AutoReply, parser.MDN, parser.Calendar, parser.FeedbackReport:
		return true
	}
	return false
}

// readings are all readings of the document, the most trusted first: subject, name of the main file, its text, the mail's own text. Of
// a forwarded message its subject and text stand behind the mail's.
func readings(m parser.Message, subject, body vanban.Document, files []item) []vanban.Document {
	all := append(stated(m), subject)
	nested := nestedOf(m, files)
	if nested != nil {
		inner := vanban.ReadSubject(nested.Subject)
		if subject.SoHieu == "" && inner.SoHieu != "" {
			all = append(stated(m), inner, subject) // the forwarder's words say less than the sender's
		} else {
			all = append(all, inner)
		}
	}
	if len(files) > 0 && files[0].kind >= document {
		all = append(all, vanban.ReadFileName(files[0].Name))
		if files[0].Text != "" {
			all = append(all, vanban.ReadText(files[0].Text))
		}
	}
	all = append(all, body)
	if nested != nil {
		all = append(all, vanban.ReadText(nested.Text))
	}
	return all
}

// nestedOf is the forwarded message that brought the main file, or the only one when the mail has no file.
func nestedOf(m parser.Message, files []item) *parser.Nested {
	switch {
	case m.Kind == parser.Bounce:
	case len(files) > 0 && files[0].nested >= 0:
		return &m.Nested[files[0].nested]
	case len(files) == 0 && len(m.Nested) == 1:
		return &m.Nested[0]
	}
	return nil
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
	found := directory.Match{Candidates: []string{}}
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

func missing(rec *Record, file bool) []string {
	out := []string{}
	for _, need := range []struct {
		name string
		have bool
	}{
		{MissingSender, rec.Sender.Agency != ""}, {MissingSoHieu, rec.Document.SoHieu != ""}, {MissingTrichYeu, rec.Document.TrichYeu != ""}, {MissingFile, file},
	} {
		if !need.have {
			out = append(out, need.name)
		}
	}
	return out
}

// Key is the duplicate key of a document (NĐ 30/2020, Phụ lục VI): số, ký hiệu, agency and year, folded. The year is that of the document's
// date, or of the counted instant when the date is unknown. It is empty, and never matches, when the number is blank or the agency unknown.
func Key(d vanban.Document, agency string, at time.Time) string {
	so := strings.TrimLeft(d.So, "0")
	if so == "" || agency == "" {
		return ""
	}
	year := strconv.Itoa(at.In(vietnam).Year())
	if len(d.Ngay) >= 4 {
		year = d.Ngay[:4]
	}
	return strings.Join([]string{vanban.Fold(so), vanban.NotationKey(d.KyHieu), agency, year}, "|")
}
