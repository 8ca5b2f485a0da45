package main

import (
	"bytes"
	"strings"
	"testing"
)

// A line that is too long is told by its number like any bad line, and costs those behind it nothing; the last line needs no end.
func TestDecideLongLine(t *testing.T) {
	rules := writeFile(t, "rules.toml", someRules)
	line := func(id string) string {
		return `{"id":"` + id + `","channel":"email","received_at":"2026-11-01T00:00:00Z"}`
	}
	in := line("1") + "\n" + strings.Repeat("x", maxSubmission) + "\n" + line("3") + "\r\n\n" + line(strings.Repeat("4", maxSubmission)) + "\n" + line("6")
	var out, errs bytes.Buffer
	err := (&decideCommand{Rules: rules, JSON: true}).Run(streams{in: strings.NewReader(in), out: &out, err: &errs})
	if err == nil || !strings.Contains(err.Error(), "standard input:2: ") || !strings.Contains(err.Error(), "standard input:5: ") || strings.Contains(err.Error(), ":3:") || strings.Contains(err.Error(), ":6:") {
		t.Errorf("told %v", err)
	}
	if got := strings.Count(out.String(), "\n"); got != 3 || !strings.Contains(out.String(), `{"id":"3",`) || !strings.Contains(out.String(), `{"id":"6",`) {
		t.Errorf("%d decisions:\n%s", got, out.String())
	}
}
