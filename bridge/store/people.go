package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// ReceivingAgency is an agency that mailboxes and books belong to.
type ReceivingAgency struct{ ID, Name string }

// PutReceivers makes receiving agencies known; receipts, folders and books refer to them. It comes before the first arrival.
func (s *Store) PutReceivers(ctx context.Context, agencies []ReceivingAgency) error {
	type row struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Since stamp  `json:"since"`
	}
	if len(agencies) == 0 {
		return nil
	}
	return wrap("put receiving agencies", s.change(ctx, func(t *tx) error {
		rows := make([]row, len(agencies))
		for i, a := range agencies {
			rows[i] = row{safe(a.ID), line(a.Name), at(t.now)}
		}
		_, err := t.exec(t.q.PutReceivers, args{"rows": batch{rows}})
		return err
	}))
}

// OpenFilter narrows ListOpen; empty means all. Limit bounds each kind, default 1000.
type OpenFilter struct {
	Receiver string
	Limit    int
}

// OpenKind is what sort of thing waits for a person.
type OpenKind string

const (
	OpenReceipt OpenKind = "receipt" // held, or processing broke
	OpenUID     OpenKind = "uid"     // could not be fetched
	OpenNotice  OpenKind = "notice"  // to be released, refused for good, or bounced
	OpenAlarms  OpenKind = "alarm"
)

// OpenItem is one thing that waits for a person. ID is that of the receipt, notice or alarm; UID is set for OpenUID. Subject and From are
// those of the message, To is the addressee of a notice, Text that of an alarm.
type OpenItem struct {
	Kind                         OpenKind
	ID, Receiver, State, Reason  string
	Mailbox                      string
	UID                          bridge.UIDKey
	Receipt, Subject, From, Text string
	To                           string
	Notice                       notice.Kind
	Since                        time.Time
}

// ListOpen lists what waits for a person: receipts held or failed, UIDs that could not be fetched, notices, alarms, in this order.
func (s *Store) ListOpen(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	list := []OpenItem{}
	for _, part := range []func(context.Context, OpenFilter) ([]OpenItem, error){s.openReceipts, s.openUIDs, s.openNotices, s.openAlarms} {
		items, err := part(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("list open work: %w", err)
		}
		list = append(list, items...)
	}
	return list, nil
}

func (s *Store) openReceipts(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	var rows []struct {
		ID       string `db:"id"`
		Receiver string `db:"receiver"`
		State    string `db:"state"`
		Reason   string `db:"reason"`
		Settled  stamp  `db:"settled_at"`
		Subject  string `db:"subject"`
		Sender   string `db:"sender"`
	}
	err := s.all(ctx, s.reading.OpenReceipts, &rows, args{"receiver": f.Receiver, "n": f.Limit})
	out := make([]OpenItem, len(rows))
	for i, r := range rows {
		out[i] = OpenItem{Kind: OpenReceipt, ID: r.ID, Receipt: r.ID, Receiver: r.Receiver, State: r.State, Reason: r.Reason, Subject: r.Subject,
			From: r.Sender, Since: r.Settled.Time}
	}
	return out, err
}

func (s *Store) openUIDs(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	var rows []struct {
		Folder      int64  `db:"folder"`
		UIDValidity uint32 `db:"uidvalidity"`
		UID         uint32 `db:"uid"`
		Reason      string `db:"reason"`
		Settled     stamp  `db:"settled_at"`
		Mailbox     string `db:"mailbox"`
		Receiver    string `db:"receiver"`
	}
	err := s.all(ctx, s.reading.OpenUIDs, &rows, args{"receiver": f.Receiver, "n": f.Limit})
	out := make([]OpenItem, len(rows))
	for i, r := range rows {
		out[i] = OpenItem{Kind: OpenUID, ID: fmt.Sprintf("%d/%d/%d", r.Folder, r.UIDValidity, r.UID), Receiver: r.Receiver,
			State: string(bridge.Failed), Reason: r.Reason, Mailbox: r.Mailbox, Since: r.Settled.Time,
			UID: bridge.UIDKey{Folder: r.Folder, UIDValidity: r.UIDValidity, UID: r.UID}}
	}
	return out, err
}

func (s *Store) openNotices(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	var rows []struct {
		ID       string `db:"id"`
		Receiver string `db:"receiver"`
		Receipt  null   `db:"receipt"`
		Kind     string `db:"kind"`
		State    string `db:"state"`
		To       string `db:"to_addr"`
		Reply    string `db:"reply"`
		MadeAt   stamp  `db:"made_at"`
	}
	err := s.all(ctx, s.reading.OpenNotices, &rows, args{"receiver": f.Receiver, "n": f.Limit})
	out := make([]OpenItem, len(rows))
	for i, r := range rows {
		out[i] = OpenItem{Kind: OpenNotice, ID: r.ID, Receiver: r.Receiver, Receipt: string(r.Receipt), State: r.State, Reason: r.Reply,
			Notice: notice.Kind(r.Kind), To: r.To, Since: r.MadeAt.Time}
	}
	return out, err
}

func (s *Store) openAlarms(ctx context.Context, _ OpenFilter) ([]OpenItem, error) {
	alarms, err := s.OpenAlarms(ctx)
	out := make([]OpenItem, len(alarms))
	for i, a := range alarms {
		out[i] = OpenItem{Kind: OpenAlarms, ID: a.Key, State: "open", Reason: a.Code, Text: a.Text, Since: a.RaisedAt}
	}
	return out, err
}

// Amend adds a person's correction or decision, and makes the receipt due again. A zero At becomes the store's now.
func (s *Store) Amend(ctx context.Context, receipt string, a bridge.Amendment) error {
	if a.Fields == nil {
		a.Fields = map[string]string{}
	}
	fields, err := encode(a.Fields)
	if err != nil {
		return fmt.Errorf("amend %s: %w", receipt, err)
	}
	return wrap("amend "+receipt, s.change(ctx, func(t *tx) error {
		if err := t.revive(Process, receipt); err != nil {
			return err
		}
		var seq int
		known, err := t.one(t.q.CountAmendment, &seq, args{"id": receipt})
		if err != nil {
			return err
		}
		if !known {
			return bridge.ErrNotFound
		}
		made := a.At
		if made.IsZero() {
			made = t.now
		}
		row := args{"receipt": receipt, "seq": seq, "kind": string(a.Kind), "fields": fields, "reason": line(a.Reason), "made_by": line(a.By), "made_at": at(made)}
		if _, err := t.exec(t.q.AddAmendment, row); err != nil {
			return err
		}
		t.note(audit.NewAmendmentMade(t.now, receipt, line(a.By), string(a.Kind), a.Fields, line(a.Reason)))
		return nil
	}))
}

// RetryReceipt lets a receipt that failed be processed again, with all its tries.
func (s *Store) RetryReceipt(ctx context.Context, receipt string) error {
	return wrap("retry "+receipt, s.change(ctx, func(t *tx) error {
		if err := t.revive(Process, receipt); err != nil {
			return err
		}
		n, err := t.exec(t.q.ReopenReceipt, args{"id": receipt})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("no failed receipt: %w", bridge.ErrNotFound)
		}
		_, err = t.exec(t.q.ReopenUIDs, args{"id": receipt})
		return err
	}))
}

// RetryUID lets a message that could not be fetched be fetched again, with all its tries.
func (s *Store) RetryUID(ctx context.Context, k bridge.UIDKey) error {
	return wrap(fmt.Sprintf("retry uid %d", k.UID), s.change(ctx, func(t *tx) error {
		n, err := t.exec(t.q.ReviveUID, uidArgs(k, nil))
		if err == nil && n == 0 {
			return fmt.Errorf("no failed uid: %w", bridge.ErrNotFound)
		}
		return err
	}))
}

// Suppress keeps notices from an address, for this reason (a code).
func (s *Store) Suppress(ctx context.Context, address, reason string) error {
	return wrap("suppress an address", s.change(ctx, func(t *tx) error {
		_, err := t.exec(t.q.Suppress, args{"address": address, "reason": line(reason), "now": at(t.now)})
		return err
	}))
}

// Unsuppress lets notices go to an address again.
func (s *Store) Unsuppress(ctx context.Context, address string) error {
	return wrap("unsuppress an address", s.change(ctx, func(t *tx) error {
		n, err := t.exec(t.q.Unsuppress, args{"address": address})
		if err == nil && n == 0 {
			return bridge.ErrNotFound
		}
		return err
	}))
}

// Suppression is an address that gets no notices.
type Suppression struct {
	Address, Reason string
	Since           time.Time
}

// Suppressions lists the addresses that get no notices.
func (s *Store) Suppressions(ctx context.Context) ([]Suppression, error) {
	var rows []struct {
		Address string `db:"address"`
		Reason  string `db:"reason"`
		AddedAt stamp  `db:"added_at"`
	}
	if err := s.all(ctx, s.reading.Suppressions, &rows, args{}); err != nil {
		return nil, fmt.Errorf("read suppressions: %w", err)
	}
	out := make([]Suppression, len(rows))
	for i, r := range rows {
		out[i] = Suppression{r.Address, r.Reason, r.AddedAt.Time}
	}
	return out, nil
}
