package bridge

import (
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
		got := CountedInstant(c.receipt, parser.Message{Received: c.received}, trusted)
		if !got.At.Equal(c.want) || got.Source != c.source || got.By != c.by || len(got.Disputed) != c.disputed {
			t.Errorf("%s: %v by %s %q, disputed %v; want %v by %s %q, %d disputed", c.name, got.At, got.Source, got.By, got.Disputed, c.want, c.source, c.by, c.disputed)
		}
	}
}
