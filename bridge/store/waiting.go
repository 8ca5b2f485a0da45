package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// openMost bounds how much of each kind one list can hold, as a guard of the memory: where so much is open, the list is not what is needed.
const openMost = 100_000

// OpenFilter narrows ListOpen; empty means all. Limit bounds each kind but alarms; zero means everything, up to a guard of 100,000.
type OpenFilter struct {
	Receiver string
	Limit    int
}

// OpenKind is what sort of thing waits for a person.
type OpenKind string

const (
	OpenReceipt  OpenKind = "receipt"  // held, or processing broke
	OpenUID      OpenKind = "uid"      // could not be fetched
	OpenNotice   OpenKind = "notice"   // to be released, refused for good, or bounced
	OpenDelivery OpenKind = "delivery" // failed for good
	OpenAlarms   OpenKind = "alarm"
	OpenMore     OpenKind = "more" // not a thing: more of the kind that ID names is open than was listed
)

// OpenItem is one thing that waits for a person. ID is that of the receipt, notice or alarm; UID is set for OpenUID. Subject and From are
// those of the message, To is the addressee of a notice or the target of a delivery, Text that of an alarm or what the target said.
type OpenItem struct {
	Kind     OpenKind      `json:"kind"`
	ID       string        `json:"id"`
	Receiver string        `json:"receiver"`
	State    string        `json:"state"`
	Reason   string        `json:"reason"`
	Mailbox  string        `json:"mailbox"`
	UID      bridge.UIDKey `json:"uid"`
	Receipt  string        `json:"receipt"`
	Subject  string        `json:"subject"`
	From     string        `json:"from"`
	Text     string        `json:"text"`
	To       string        `json:"to"`
	Notice   notice.Kind   `json:"notice"`
	Since    time.Time     `json:"since"`
	// Of a receipt that may have to be registered, filled in by who knows the calendar: why it goes before others, when it should have been
	// registered at the latest, and whether that is over.
	Priority   string    `json:"priority"`
	RegisterBy time.Time `json:"register_by"`
	Late       bool      `json:"late"`
	// Of a notice: the counted instant of its receipt, and, filled in likewise, when its sender should have heard that it arrived.
	Counted       time.Time `json:"counted,omitzero"`
	AcknowledgeBy time.Time `json:"acknowledge_by,omitzero"`
}

// ListOpen lists what waits for a person: receipts held or failed, UIDs that could not be fetched, notices, deliveries, alarms, in this order. A list
// that was cut says so: an item of kind OpenMore stands where the rest would be.
func (s *Store) ListOpen(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	limit := f.Limit
	if limit <= 0 || limit > openMost {
		limit = openMost
	}
	f.Limit = limit + 1 // one more tells that there are more
	list := []OpenItem{}
	for _, part := range []func(context.Context, OpenFilter) ([]OpenItem, error){s.openReceipts, s.openUIDs, s.openNotices, s.openDispatches} {
		items, err := part(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("list open work: %w", err)
		}
		if len(items) > limit {
			items = append(items[:limit], OpenItem{Kind: OpenMore, ID: string(items[0].Kind), Receiver: f.Receiver, State: "open",
				Reason: fmt.Sprintf("only the first %d are listed", limit)})
		}
		list = append(list, items...)
	}
	alarms, err := s.openAlarms(ctx)
	if err != nil {
		return nil, fmt.Errorf("list open work: %w", err)
	}
	return append(list, alarms...), nil
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
		Counted  stamp  `db:"counted_at"`
	}
	err := s.all(ctx, s.reading.OpenNotices, &rows, args{"receiver": f.Receiver, "n": f.Limit})
	out := make([]OpenItem, len(rows))
	for i, r := range rows {
		out[i] = OpenItem{Kind: OpenNotice, ID: r.ID, Receiver: r.Receiver, Receipt: string(r.Receipt), State: r.State, Reason: r.Reply,
			Notice: notice.Kind(r.Kind), To: r.To, Since: r.MadeAt.Time, Counted: r.Counted.Time}
	}
	return out, err
}

func (s *Store) openAlarms(ctx context.Context) ([]OpenItem, error) {
	alarms, err := s.OpenAlarms(ctx)
	out := make([]OpenItem, len(alarms))
	for i, a := range alarms {
		out[i] = OpenItem{Kind: OpenAlarms, ID: a.Key, State: "open", Reason: a.Code, Text: a.Text, Since: a.RaisedAt}
	}
	return out, err
}
