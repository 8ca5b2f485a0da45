package bridge

import (
	"slices"
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// The rules are told what is known around a document: what it answers, whether a file can be edited, and where else it came.
func TestSubmissionContext(t *testing.T) {
	rec := mapping.Record{Key: "5/BC-SNV", CodeKey: "code", Document: vanban.Document{TraLoi: []string{"2221/UBND-TH", "15/KH-UBND"}},
		Files: []mapping.File{{Name: "bao-cao.pdf", Digest: "a", Size: 3}, {Name: "Bieu mau.XLSX ", Size: 4}}}
	elsewhere := func(s Standing) History { return History{Registered: map[string]Standing{"5/BC-SNV": s}} }
	same := Standing{Receipt: "GL-0", Record: "GL-0/1", SoDen: "15", Files: []string{"a"}, Channels: []Channel{System, Email}}
	ask := func(ch Channel, h History, r mapping.Record) policy.Submission {
		return submissionOf(Receipt{ID: "GL-1", Channel: ch}, Instant{}, "", policy.IdentityDKIM, h, r)
	}
	s := ask(Email, elsewhere(same), rec)
	if s.Context.Answers != "2221/UBND-TH" || !slices.Equal(s.Context.AlsoAnswers, []string{"15/KH-UBND"}) || s.Document.EditableFile == nil || !*s.Document.EditableFile ||
		s.Document.Size != 7 || s.Context.WithElectronicFile == nil || !*s.Context.WithElectronicFile || s.Context.WithPaper != nil {
		t.Errorf("asked about %+v", s)
	}
	if !slices.Equal(s.Context.AlsoReceived, []string{"system"}) || s.Context.AlsoNumber != "15" {
		t.Errorf("also received %v, %q", s.Context.AlsoReceived, s.Context.AlsoNumber)
	}
	if !s.Document.SubjectUnknown {
		t.Error("a record without trích yếu is asked about as if it had none")
	}
	if told := ask(Email, History{}, mapping.Record{Document: vanban.Document{TrichYeu: "Về việc"}}); told.Document.SubjectUnknown || told.Document.Subject != "Về việc" {
		t.Errorf("asked about %+v", told.Document)
	}
	other, own := same, same
	other.Files, own.Receipt = []string{"b"}, "GL-1"
	for name, h := range map[string]History{"other bytes": elsewhere(other), "its own record": elsewhere(own), "nothing": {}} {
		if c := ask(Email, h, rec).Context; len(c.AlsoReceived) != 0 || c.AlsoNumber != "" {
			t.Errorf("%s: also received %v, %q", name, c.AlsoReceived, c.AlsoNumber)
		}
	}
	other.Alike = true
	if c := ask(Paper, elsewhere(other), rec).Context; !slices.Equal(c.AlsoReceived, []string{"system", "email"}) || c.WithElectronicFile == nil || !*c.WithElectronicFile {
		t.Errorf("alike, on paper: %+v", c)
	}
	if c := ask(Email, History{Registered: map[string]Standing{"code": {Receipt: "GL-0", Channels: []Channel{System}, SoDen: "9"}}}, rec).Context; c.AlsoNumber != "9" {
		t.Errorf("by code: %+v", c)
	}
	bare := mapping.Record{Files: []mapping.File{{Name: "scan.pdf"}}}
	if e := ask(Email, History{}, bare).Document.EditableFile; e == nil || *e {
		t.Errorf("one PDF: editable %v", e)
	}
	bare.Unread = []mapping.Unread{{Digest: "z", Problem: "encrypted"}}
	if e := ask(Email, History{}, bare).Document.EditableFile; e != nil {
		t.Errorf("an unopened file: editable %v", *e)
	}
}
