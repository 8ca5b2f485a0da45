package main

import (
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// A clerk reads in explain what was wrong with a message, where, and what to do about it.
func TestExplainSaysWhatWasFound(t *testing.T) {
	o := store.MadeOutcome{Seq: 1, Outcome: bridge.Outcome{State: bridge.Held, Reason: bridge.ReasonUnreadFile,
		Findings: []parser.Finding{{Code: "archive-encrypted", Where: "2/a.pdf", Note: "needs a password"}}}}
	var out strings.Builder
	if err := printOutcome(&out, o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"archive-encrypted  2/a.pdf  needs a password", reasonInWords[bridge.ReasonUnreadFile]} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// What is being read, what was, and what could not be is told in words, by the name of the file.
func TestExplainSaysWhatIsRead(t *testing.T) {
	o := store.MadeOutcome{Seq: 2, Outcome: bridge.Outcome{Receipt: "GL-2026-0000001", State: bridge.Held, Reason: bridge.ReasonReading, Silence: notice.SilentReading,
		Wanted: []string{"aa", "bb"}, Evidence: bridge.Evidence{Readings: []bridge.Reading{{SHA256: "0123456789abcdef", Reader: "pdftotext 22.12.0"}}},
		Records: []bridge.RecordOutcome{{Record: mapping.Record{Files: []mapping.File{{Name: "quyet-dinh.pdf", Digest: "0123456789abcdef"}},
			Unread: []mapping.Unread{{Digest: "0123456789abcdef", Problem: mapping.ProblemEncrypted}, {Digest: "fedcba9876543210", Problem: "later"}}}}}}}
	var out strings.Builder
	if err := printOutcome(&out, o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"đang đọc 2 tệp", "theo nội dung đọc được của 1 tệp", "vì: đang đọc tệp", "không trả lời: đang đọc tệp",
		"chưa đọc hết: GL-2026-0000001/1  quyet-dinh.pdf  tệp có mật khẩu", "chưa đọc hết: GL-2026-0000001/1  fedcba987654  later"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// A clerk sees which mails only wait for their files to be read, and which for a person.
func TestWaitingTellsWhatIsBeingRead(t *testing.T) {
	reading := store.OpenItem{Kind: store.OpenReceipt, Reason: bridge.ReasonReading, Subject: "Kế hoạch"}
	if got := about(reading); got != "đang đọc tệp · Kế hoạch" {
		t.Errorf("being read: %q", got)
	}
	reading.Reason = bridge.ReasonIncomplete
	if got := about(reading); got != "Kế hoạch" {
		t.Errorf("for a person: %q", got)
	}
}
