package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// suppressedFor is how long an address that bounced gets no notices: mailboxes are closed by mistake and opened again. What a person asked
// for stays until a person ends it.
const suppressedFor = 90 * 24 * time.Hour

// byPerson begins the reason of what a person asked for; the others are status codes (RFC 3463).
const byPerson = "person "

// mailbox is an address as the directory writes it: domains know no case, and local parts that differ in nothing else are nobody's.
func mailbox(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// Suppress keeps notices from an address until a person ends it. Those that are queued
// already fail, unless a person released them or somebody has them in hand.
func (s *Store) Suppress(ctx context.Context, address, by, reason string) error {
	return wrap("suppress an address", s.change(ctx, func(t *tx) error {
		t.note(audit.NewAddressSuppressed(t.now, line(by), mailbox(address), line(reason)))
		return t.suppress(address, byPerson+line(by)+": "+line(reason))
	}))
}

func (t *tx) suppress(address, reason string) error {
	_, err := t.exec(t.q.Suppress, args{"address": mailbox(address), "reason": line(reason), "now": at(t.now)})
	return err
}

// suppressBounced suppresses the address of a notice that bounced for good: RFC 3463, 3.2 and 3.3 say by 5.1.x that there is no such address, by
// 5.2.1 that it is closed. Other failures may pass. A report about another recipient, such as one of those that an alias stands for, says
// nothing about the alias.
func (t *tx) suppressBounced(address, status, recipient string) error {
	if !strings.HasPrefix(status, "5.1.") && status != "5.2.1" || recipient != "" && mailbox(recipient) != mailbox(address) {
		return nil
	}
	t.note(audit.NewAddressSuppressed(t.now, audit.Program, mailbox(address), status))
	return t.suppress(address, status)
}

// Unsuppress lets notices go to an address again.
func (s *Store) Unsuppress(ctx context.Context, address, by, reason string) error {
	return wrap("unsuppress an address", s.change(ctx, func(t *tx) error {
		n, err := t.exec(t.q.Unsuppress, args{"address": mailbox(address)})
		if err == nil && n == 0 {
			return bridge.ErrNotFound
		}
		t.note(audit.NewAddressReleased(t.now, line(by), mailbox(address), line(reason)))
		return err
	}))
}

// Suppression is an address that gets no notices.
type Suppression struct {
	Address, Reason string
	Since           time.Time
	Until           time.Time // first instant without it; zero: until a person ends it
}

// Suppressions lists the addresses that get no notices.
func (s *Store) Suppressions(ctx context.Context) ([]Suppression, error) {
	now, err := s.instant(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Address string `db:"address"`
		Reason  string `db:"reason"`
		AddedAt stamp  `db:"added_at"`
	}
	if err := s.all(ctx, s.reading.Suppressions, &rows, args{"expired": at(now.Add(-suppressedFor))}); err != nil {
		return nil, fmt.Errorf("read suppressions: %w", err)
	}
	out := make([]Suppression, len(rows))
	for i, r := range rows {
		out[i] = Suppression{Address: r.Address, Reason: r.Reason, Since: r.AddedAt.Time}
		if asked, is := strings.CutPrefix(r.Reason, byPerson); is {
			out[i].Reason = asked
		} else {
			out[i].Until = r.AddedAt.Add(suppressedFor)
		}
	}
	return out, nil
}
