package main

import (
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
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
