package bridge

import (
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/parser"
)

func TestCountedInstant(t *testing.T) {
	at := time.Date(2026, 4, 20, 10, 0, 0, 0, time.UTC)
	trusted := []string{"mx.example.vn", "relay.example.vn"}
	hop := func(by string, t time.Time) parser.Received { return parser.Received{By: by, At: t} }
	for _, c := range []struct {
		name     string
		received []parser.Received
		receipt  Receipt
		want     time.Time
		source   InstantSource
		by       string
		disputed int
	}{
		{"our MX", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(2 * time.Second)}, at, InstantReceived, "mx.example.vn", 0},
		{"the earliest of our own hosts", []parser.Received{hop("mx.example.vn", at.Add(time.Minute)), hop("RELAY.example.vn", at)}, Receipt{InternalDate: at.Add(time.Minute)}, at, InstantReceived, "RELAY.example.vn", 0},
		{"a stranger ends the run", []parser.Received{hop("mx.example.vn", at), hop("mail.stranger.example", at.Add(-time.Hour)), hop("relay.example.vn", at.Add(-2*time.Hour))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 0},
		{"a stranger on top: nothing is believed", []parser.Received{hop("mail.stranger.example", at.Add(-time.Hour)), hop("mx.example.vn", at.Add(-time.Hour))}, Receipt{InternalDate: at}, at, InstantInternalDate, "", 0},
		{"an unreadable date is passed over", []parser.Received{hop("mx.example.vn", time.Time{})}, Receipt{InternalDate: at}, at, InstantInternalDate, "", 0},
		{"stored six minutes later", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(6 * time.Minute)}, at, InstantReceived, "mx.example.vn", 1},
		{"stored six minutes earlier", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(-6 * time.Minute)}, at, InstantReceived, "mx.example.vn", 1},
		{"no Received, no INTERNALDATE", nil, Receipt{FetchedAt: at}, at, InstantFetched, "", 0},
		{"paper: the clerk's stamp", []parser.Received{hop("mx.example.vn", at.Add(-time.Hour))}, Receipt{Channel: Paper, InternalDate: at}, at, InstantClerk, "", 0},
	} {
		got := CountedInstant(c.receipt, parser.Message{Received: c.received}, trusted, nil)
		if !got.At.Equal(c.want) || got.Source != c.source || got.By != c.by || len(got.Disputed) != c.disputed {
			t.Errorf("%s: %v by %s %q, disputed %v; want %v by %s %q, %d disputed", c.name, got.At, got.Source, got.By, got.Disputed, c.want, c.source, c.by, c.disputed)
		}
	}
}

// A relay counts for grace only where the host above saw it, by name or by a listed address, in what that host found out itself.
func TestRelayHops(t *testing.T) {
	at := time.Date(2026, 4, 19, 16, 50, 0, 0, time.UTC)
	trusted, relays := []string{"mx.example.vn"}, []string{"chuyentiep.gov.example", "192.0.2.77", "2001:db8::77"}
	for from, want := range map[string]int{
		"from chuyentiep.gov.example (chuyentiep.gov.example [198.51.100.1])":      1,
		"from la.example (Chuyentiep.Gov.Example. [198.51.100.1])":                 1,
		"from la.example ([192.0.2.77])":                                           1,
		"from la.example (unknown [192.0.2.77])":                                   1,
		"from la.example (192.0.2.77)":                                             1,
		"from la.example ([IPv6:2001:db8::77])":                                    1,
		"from chuyentiep.gov.example (la.example [198.51.100.1])":                  0,
		"from chuyentiep.gov.example ([198.51.100.1])":                             0,
		"from la.example ([198.51.100.1] helo=[192.0.2.77])":                       0,
		"from x (chuyentiep.gov.example [192.0.2.77]) (la.example [198.51.100.1])": 0,
		"from chuyentiep.gov.example":                                              0,
		"from la.example ()":                                                       0,
		"from la.example (":                                                        0,
		"":                                                                         0,
	} {
		fields := []parser.Received{{By: "mx.example.vn", From: strings.TrimPrefix(from, "from "), At: at.Add(20 * time.Minute)}, {By: "chuyentiep.gov.example", At: at}}
		got := CountedInstant(Receipt{}, parser.Message{Received: fields}, trusted, relays)
		if len(got.Hops) != 1+want || !got.At.Equal(at.Add(20*time.Minute)) {
			t.Errorf("%s: hops %v, counted %v", from, got.Hops, got.At)
		}
	}
	alone := []parser.Received{{By: "chuyentiep.gov.example", At: at}}
	if got := CountedInstant(Receipt{InternalDate: at.Add(time.Hour)}, parser.Message{Received: alone}, trusted, relays); len(got.Hops) != 0 || got.Source != InstantInternalDate {
		t.Errorf("a relay without a host of ours above it: %+v", got)
	}
}
