package parser

import (
	"testing"
	"time"
)

// The date of a Received field decides about cutoffs: what it does not say for certain it does not say.
func TestHopDate(t *testing.T) {
	for text, want := range map[string]string{
		"Mon, 20 Apr 2026 00:00:00 +0700":           "2026-04-19T17:00:00Z",
		"Mon, 20 Apr 2026 00:00:00 +0700 (ICT)":     "2026-04-19T17:00:00Z",
		"20 Apr 26 00:00:00 +07":                    "2026-04-19T17:00:00Z",
		"Sun, 19 Apr 2026 17:00:00 -0000":           "2026-04-19T17:00:00Z",
		"Sun, 19 Apr 2026 17:00:00 GMT":             "2026-04-19T17:00:00Z",
		"Mon, 20 Apr 2026 00:00:00 ICT":             "2026-04-19T17:00:00Z",
		"Sun, 19 Apr 2026 23:59:60 +0700":           "2026-04-19T16:59:59Z", // RFC 5322, 3.3: a leap second belongs to its minute
		"Thu, 31 Dec 2026 23:59:60 +0000":           "2026-12-31T23:59:59Z",
		"Thu, 31 Dec 2026 23:59:59 -0700":           "2027-01-01T06:59:59Z",
		"Fri, 1 Jan 2027 06:59:59 +0700":            "2026-12-31T23:59:59Z",
		"Sat, 29 Feb 2028 00:00:00 +0700":           "2028-02-28T17:00:00Z",
		"Mon, 20 Apr 2026 (thứ hai) 00:00:00 +0700": "2026-04-19T17:00:00Z",
		"Mon, 20 Apr 2026 00:00:00":                 "", // seven hours early or late, who knows
		"Mon, 20 Apr 2026 00:00:00 (+0700)":         "",
		"Mon, 20 Apr 2026 00:00:00 VST":             "",
		"Mon, 20 Apr 2026 00:00:00 +9900":           "",
		"Mon, 20 Apr 2026 24:00:00 +0700":           "",
		"Mon, 20 Apr 2026 23:60:00 +0700":           "",
		"Mon, 20 Apr 2026 23:59:61 +0700":           "",
		"Sun, 29 Feb 2026 00:00:00 +0700":           "",
		"hôm qua":                                   "",
		"":                                          "",
	} {
		got := ""
		if at, ok := parseHopDate(text); ok {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
