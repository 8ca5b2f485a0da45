package bridge

import (
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

func TestCountedInstant(t *testing.T) {
	at := time.Date(2026, 4, 20, 10, 0, 0, 0, time.UTC)
	trusted := []string{"mx.example.vn", "relay.example.vn"}
	hop := func(by string, t time.Time) parser.Received {
		return parser.Received{By: by, At: t, From: "gui.example (gui.example [198.51.100.1])"}
	}
	passed := func(from, by string, t time.Time) parser.Received { return parser.Received{By: by, At: t, From: from} }
	const inside = "relay.example.vn (relay.example.vn [10.0.0.2])"
	for _, c := range []struct {
		name     string
		received []parser.Received
		receipt  Receipt
		want     time.Time
		source   InstantSource
		by       string
		disputed int
		latest   bool
	}{
		{"our MX", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(2 * time.Second)}, at, InstantReceived, "mx.example.vn", 0, false},
		{"the earliest of our own hosts", []parser.Received{passed(inside, "mx.example.vn", at.Add(time.Minute)), hop("RELAY.example.vn", at)}, Receipt{InternalDate: at.Add(time.Minute)}, at, InstantReceived, "RELAY.example.vn", 0, false},
		{"a later host of ours has the earlier clock", []parser.Received{passed(inside, "mx.example.vn", at.Add(-time.Minute)), hop("relay.example.vn", at)}, Receipt{InternalDate: at}, at, InstantReceived, "relay.example.vn", 1, false},
		{"in our name, below what a stranger handed over: a claim", []parser.Received{hop("mx.example.vn", at), hop("relay.example.vn", at.Add(-time.Minute))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 1, false},
		{"in our name, below what says that a host of ours handed it over, from a stranger's address", []parser.Received{passed("relay.example.vn (unknown [198.51.100.1])", "mx.example.vn", at), hop("relay.example.vn", at.Add(-time.Minute))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 1, false},
		{"a claim that is later says nothing", []parser.Received{hop("mx.example.vn", at), hop("relay.example.vn", at.Add(time.Minute))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 0, false},
		{"a filter on the same machine", []parser.Received{passed("localhost (localhost [127.0.0.1])", "mx.example.vn", at.Add(time.Hour)), passed("mx.example.vn ([127.0.0.1])", "localhost", at.Add(time.Minute)), hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(time.Hour)}, at, InstantReceived, "mx.example.vn", 1, false},
		{"a filter that a stranger claims", []parser.Received{hop("mx.example.vn", at), passed("localhost (localhost [127.0.0.1])", "localhost", at.Add(-time.Hour)), hop("mx.example.vn", at.Add(-time.Hour))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 0, false},
		{"a stranger ends the run", []parser.Received{hop("mx.example.vn", at), hop("mail.stranger.example", at.Add(-time.Hour)), hop("relay.example.vn", at.Add(-2*time.Hour))}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 0, false},
		{"a stranger on top: nothing is believed", []parser.Received{hop("mail.stranger.example", at.Add(-time.Hour)), hop("mx.example.vn", at.Add(-time.Hour))}, Receipt{InternalDate: at}, at, InstantInternalDate, "", 0, false},
		{"no date that can be read: it came before it was stored", []parser.Received{hop("mx.example.vn", time.Time{})}, Receipt{InternalDate: at}, at, InstantInternalDate, "", 0, true},
		{"the first of ours cannot be read: it came before the second", []parser.Received{passed(inside, "mx.example.vn", at), hop("relay.example.vn", time.Time{})}, Receipt{InternalDate: at}, at, InstantReceived, "mx.example.vn", 0, true},
		{"the second of ours cannot be read", []parser.Received{passed(inside, "mx.example.vn", time.Time{}), hop("relay.example.vn", at)}, Receipt{InternalDate: at}, at, InstantReceived, "relay.example.vn", 0, false},
		{"stored six minutes later", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(6 * time.Minute)}, at, InstantReceived, "mx.example.vn", 1, false},
		{"stored six minutes earlier", []parser.Received{hop("mx.example.vn", at)}, Receipt{InternalDate: at.Add(-6 * time.Minute)}, at, InstantReceived, "mx.example.vn", 1, false},
		{"no Received, no INTERNALDATE: it came before it was fetched", nil, Receipt{FetchedAt: at}, at, InstantFetched, "", 0, true},
		{"paper: the clerk's stamp", []parser.Received{hop("mx.example.vn", at.Add(-time.Hour))}, Receipt{Channel: Paper, InternalDate: at}, at, InstantClerk, "", 0, false},
	} {
		got := CountedInstant(c.receipt, parser.Message{Received: c.received}, trusted, nil)
		if !got.At.Equal(c.want) || got.Source != c.source || got.By != c.by || len(got.Disputed) != c.disputed || got.Latest != c.latest {
			t.Errorf("%s: %v by %s %q, disputed %v, latest %v; want %v by %s %q, %d disputed, %v", c.name, got.At, got.Source, got.By, got.Disputed, got.Latest, c.want, c.source, c.by, c.disputed, c.latest)
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
		"from la.example (la.example [192.0.2.77])\n":                              1,
		"from la.example (la.example [192.0.2.77]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits)) (No client certificate requested)": 1,
		"from la.example (chuyentiep.gov.example [198.51.100.1]) (using TLSv1.2 with cipher X (256/256 bits)) (Client CN \"x [203.0.113.5]\", Issuer \"y\" (not verified)) (Authenticated sender: chuyentiep)":         1,
		"from la.example (la.example [198.51.100.1]) (using TLSv1.2 with cipher X) (Client CN \"chuyentiep.gov.example [192.0.2.77]\", Issuer \"y\" (verified OK))":                                                    0,
		"from la.example (chuyentiep.gov.example [198.51.100.1] (may be forged))": 0,
		"from la.example (chuyentiep.gov.example [192.0.2.77] (may be forged))":   1,
		"from la.example (IDENT:root@chuyentiep.gov.example [198.51.100.1])":      1,
		"from unknown (HELO la.example) (192.0.2.77)":                             1,
		"from unknown (HELO 192.0.2.77) (198.51.100.1)":                           0,
		"from [192.0.2.77] (helo=la.example)":                                     1,
		"from [192.0.2.77] (port=25 helo=la.example)":                             1,
		"from [192.0.2.77] (unknown [198.51.100.1])":                              0,
		"from la.example (192.0.2.77) by":                                         1,
		"from la.example (chuyentiep.gov.example)":                                0,
		"from la.example ()":                                                      0,
		"from la.example (":                                                       0,
		"":                                                                        0,
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

// What a second mailbox of ours had before the cutoff is not refused because the first got it late; nor is the sooner copy the one that counts.
func TestStoredElsewhere(t *testing.T) {
	k := testKnowledge(t, nil)
	raw := letter{subject: subject, received: cutoff.Add(time.Second)}.raw()
	for at, want := range map[time.Time]State{{}: Refused, cutoff.Add(-time.Second): Held, cutoff: Refused, cutoff.Add(time.Second): Refused, cutoff.Add(time.Hour): Refused} {
		o := settle(t, raw, cutoff.Add(time.Second), Evidence{Identity: policy.IdentityDMARC}, History{Outcomes: 1, Elsewhere: at}, k, nil)
		if o.State != want || want == Held && o.Reason != string(policy.ReasonTimeDisputed) || !o.Instant.At.Equal(cutoff.Add(time.Second)) {
			t.Errorf("stored elsewhere at %v: %s (%s), counted %v; want %s", at, o.State, o.Reason, o.Instant.At, want)
		}
	}
}
