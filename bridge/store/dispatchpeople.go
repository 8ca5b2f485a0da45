package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// DispatchFilter narrows ListDispatches; empty means all.
type DispatchFilter struct {
	Target, State, Receipt string
	Limit                  int // zero: 1,000
}

// DispatchItem is a delivery as people see it.
type DispatchItem struct {
	ID          string    `json:"id"`
	Record      string    `json:"record"`
	Receipt     string    `json:"receipt"`
	Receiver    string    `json:"receiver"`
	Target      string    `json:"target"`
	Event       string    `json:"event"`
	State       string    `json:"state"`
	Reason      string    `json:"reason"` // code: why it failed or was cancelled
	Reply       string    `json:"reply"`  // what the target said last
	RemoteID    string    `json:"remote_id"`
	DocumentID  string    `json:"document_id"`
	Attempts    int       `json:"attempts"`
	CancelledBy string    `json:"cancelled_by"`
	MadeAt      time.Time `json:"made_at"`
	FirstTry    time.Time `json:"first_try"`
	SentAt      time.Time `json:"sent_at"`
	NextTry     time.Time `json:"next_try"`
}

// MarshalJSON implements json.Marshaler.
func (i DispatchItem) MarshalJSON() ([]byte, error) {
	type plain DispatchItem
	return json.Marshal(struct {
		plain
		MadeAt   optional `json:"made_at"`
		FirstTry optional `json:"first_try"`
		SentAt   optional `json:"sent_at"`
		NextTry  optional `json:"next_try"`
	}{plain(i), optional(i.MadeAt), optional(i.FirstTry), optional(i.SentAt), optional(i.NextTry)})
}

type dispatchItemRow struct {
	ID          string `db:"id"`
	Record      string `db:"record"`
	Receipt     string `db:"receipt"`
	Receiver    string `db:"receiver"`
	Target      string `db:"target"`
	Event       string `db:"event"`
	State       string `db:"state"`
	Reason      string `db:"reason"`
	Reply       string `db:"reply"`
	RemoteID    string `db:"remote_id"`
	DocumentID  string `db:"document_id"`
	CancelledBy string `db:"cancelled_by"`
	Attempts    int    `db:"attempts"`
	MadeAt      stamp  `db:"made_at"`
	FirstTry    stamp  `db:"first_try"`
	SentAt      stamp  `db:"sent_at"`
	NextTry     stamp  `db:"next_try"`
}

// ListDispatches lists deliveries, the newest last.
func (s *Store) ListDispatches(ctx context.Context, f DispatchFilter) ([]DispatchItem, error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	var rows []dispatchItemRow
	err := s.all(ctx, s.reading.ListDispatches, &rows, args{"target": f.Target, "state": f.State, "receipt": f.Receipt, "n": f.Limit})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out := make([]DispatchItem, len(rows))
	for i, r := range rows {
		out[i] = DispatchItem{ID: r.ID, Record: r.Record, Receipt: r.Receipt, Receiver: r.Receiver, Target: r.Target, Event: r.Event, State: r.State,
			Reason: r.Reason, Reply: r.Reply, RemoteID: r.RemoteID, DocumentID: r.DocumentID, Attempts: r.Attempts, CancelledBy: r.CancelledBy,
			MadeAt: r.MadeAt.Time, FirstTry: r.FirstTry.Time, SentAt: r.SentAt.Time, NextTry: r.NextTry.Time}
	}
	return out, nil
}

func (s *Store) openDispatches(ctx context.Context, f OpenFilter) ([]OpenItem, error) {
	var rows []dispatchItemRow
	err := s.all(ctx, s.reading.DeadDispatches, &rows, args{"receiver": f.Receiver, "n": f.Limit})
	out := make([]OpenItem, len(rows))
	for i, r := range rows {
		out[i] = OpenItem{Kind: OpenDelivery, ID: r.ID, Receiver: r.Receiver, Receipt: r.Receipt, State: r.State, Reason: r.Reason, Text: r.Reply,
			To: r.Target, Since: r.SentAt.Time}
	}
	return out, err
}

// RetryDispatch lets a delivery that failed be tried again, with all its tries. Its receipt is decided again as well: what a person has mended in
// the directory meanwhile makes another delivery of it.
func (s *Store) RetryDispatch(ctx context.Context, id, by string) error {
	return wrap("retry delivery "+id, s.change(ctx, func(t *tx) error {
		var row dispatchRow
		known, err := t.one(t.q.Dispatch, &row, args{"id": id})
		if err == nil && !known {
			err = bridge.ErrNotFound
		}
		if err != nil {
			return err
		}
		if row.State == dispatchQueued { // it only need not wait any longer
			return t.revive(Deliver, id)
		}
		if err := t.revive(Process, row.Receipt); err != nil {
			return err
		}
		if err := t.revive(Deliver, id); err != nil {
			return err
		}
		n, err := t.exec(t.q.ReviveDispatch, args{"id": id})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("none has failed under this id: %w", bridge.ErrNotFound)
		}
		t.note(audit.NewDeliveryRetried(t.now, row.Receipt, id, by))
		return nil
	}))
}

// CancelDispatch takes back a delivery that was not taken. What waits behind it goes on: an update of a record that its target was never told
// of becomes its registration, and there is nothing to withdraw. One in somebody's hands answers ErrBusy.
func (s *Store) CancelDispatch(ctx context.Context, id, by string) error {
	return wrap("cancel delivery "+id, s.change(ctx, func(t *tx) error {
		if _, err := t.exec(t.q.DropJobOf, args{"kind": Deliver, "job_key": id, "now": at(t.now)}); err != nil {
			return err
		}
		var left int // it was leased a moment ago
		if _, err := t.one(t.q.CountJob, &left, args{"kind": Deliver, "job_key": id}); err != nil {
			return err
		}
		if left > 0 {
			return ErrBusy
		}
		var cancelled []string
		err := t.all(t.q.CancelDispatches, &cancelled, args{"rows": batch{[]idRow{{id}}}, "by": line(by), "reason": "person", "now": at(t.now)})
		if err != nil {
			return err
		}
		if len(cancelled) == 0 {
			return fmt.Errorf("none is open under this id: %w", bridge.ErrNotFound)
		}
		var row dispatchRow
		if _, err := t.one(t.q.Dispatch, &row, args{"id": id}); err != nil {
			return err
		}
		t.note(audit.NewDeliveryCancelled(t.now, row.Receipt, id, by, "person"))
		t.wake[Deliver] = true
		return t.mendChain(row)
	}))
}

// mendChain gives what waits behind a cancelled delivery the event that is true now.
func (t *tx) mendChain(row dispatchRow) error {
	var rows []dispatchRow
	if err := t.all(t.q.DispatchesOf, &rows, args{"rows": batch{[]idRow{{row.Receipt}}}, "now": at(t.now)}); err != nil {
		return err
	}
	c := chainsOf(rows)[chainKey{row.Record, row.Target}]
	if _, has := c.told(); has {
		return nil
	}
	p := &dispatchPlan{tx: t, cancel: map[string][]idRow{}, owner: map[string]string{}}
	for _, r := range c {
		switch {
		case !r.untried():
		case r.Event == string(bridge.DispatchWithdrawn):
			p.cancelOpen(chain{r}, reasonStruckOut, (*dispatchRow).open)
		case r.Event == string(bridge.DispatchUpdated):
			if _, err := t.exec(t.q.FirstDispatch, args{"id": r.ID}); err != nil {
				return err
			}
		}
	}
	return p.write()
}

// QueueDispatches queues what was registered since an instant and was never queued for a target: for one that was configured later. Asking
// twice queues nothing twice. It reports how many there were.
func (s *Store) QueueDispatches(ctx context.Context, target bridge.TargetRule, receivers []string, since time.Time) (int, error) {
	total, after := 0, ""
	for {
		n, last := 0, ""
		err := s.change(ctx, func(t *tx) (err error) {
			n, last, err = t.queueBacklog(target, receivers, since, after)
			return err
		})
		if err != nil || last == "" {
			return total, wrap("queue deliveries to "+target.Name, err)
		}
		total, after = total+n, last
	}
}

// backlogBatch is how many records one transaction queues.
const backlogBatch = 200

// backlogRow is a registered record with the last outcome of its receipt.
type backlogRow struct {
	recordText
	Receipt    string   `db:"receipt"`
	Receiver   string   `db:"receiver"`
	Channel    string   `db:"channel"`
	Book       null     `db:"book"`
	NumberedAt stamp    `db:"numbered_at"`
	Inputs     document `db:"inputs"`
	Outcome    document `db:"outcome"`
}

// queueBacklog queues some records behind the one named, and says which was the last that it looked at. The books are locked first, as by Commit, so that none of them is decided again meanwhile.
func (t *tx) queueBacklog(target bridge.TargetRule, receivers []string, since time.Time, after string) (int, string, error) {
	for _, r := range receivers {
		if _, err := t.exec(t.q.LockCounter, args{"name": "book/" + r}); err != nil {
			return 0, "", err
		}
	}
	ids := make([]idRow, len(receivers))
	for i, r := range receivers {
		ids[i] = idRow{r}
	}
	var rows []backlogRow
	if err := t.all(t.q.Backlog, &rows, args{"rows": batch{ids}, "target": target.Name, "since": at(since), "after": after, "n": backlogBatch}); err != nil {
		return 0, "", err
	}
	p, err := t.newPlan([]bridge.TargetRule{target})
	if err != nil {
		return 0, "", err
	}
	n, last := 0, ""
	for _, r := range rows {
		last = r.ID
		queued, err := p.backlog(r, target)
		if err != nil {
			return 0, "", fmt.Errorf("record %s: %w", r.ID, err)
		}
		if queued {
			n++
		}
	}
	return n, last, p.write()
}

// backlog queues one record, unless its last outcome says that it may not go out.
func (p *dispatchPlan) backlog(r backlogRow, target bridge.TargetRule) (bool, error) {
	o, _, err := storedOutcome{Inputs: r.Inputs, Outcome: r.Outcome}.read()
	if err != nil || r.N > len(o.Records) || len(o.Wanted) > 0 || o.Records[r.N-1].Reason == bridge.ReasonDoubted {
		return false, err
	}
	row := &recordRow{ID: r.ID, Receipt: r.Receipt, Receiver: r.Receiver, State: r.State, Book: r.Book, BookYear: r.BookYear, SoDen: r.SoDen, NumberedAt: r.NumberedAt}
	payload := payloadOf(bridge.Receipt{Receiver: r.Receiver, Channel: bridge.Channel(r.Channel)}, o.Records[r.N-1], row, o.Instant.At)
	before := len(p.queue)
	err = p.queueTold(nil, nil, payload, row, target.Name)
	return len(p.queue) > before, err
}

// ErrUnregistered is wrapped when a record is not in the register, so that there is nothing to deliver of it.
var ErrUnregistered = errors.New("is not registered")

// Deliverable is a registered record as a target would get it that was told nothing of it yet. One of a secret answers edxml.ErrSecret.
func (s *Store) Deliverable(ctx context.Context, receipt string, record int) (bridge.Dispatch, error) {
	var row struct {
		backlogRow
		DocumentID string `db:"document_id"`
		Secret     bool   `db:"secret"`
	}
	var d bridge.Dispatch
	found, err := s.one(ctx, s.reading.Deliverable, &row, args{"receipt": receipt, "record": record})
	switch {
	case err != nil:
		return d, fmt.Errorf("read record %d of %s: %w", record, receipt, err)
	case !found:
		return d, fmt.Errorf("record %d of %s: %w", record, receipt, bridge.ErrNotFound)
	case row.Secret:
		return d, edxml.ErrSecret
	case row.State != string(bridge.Registered):
		return d, fmt.Errorf("record %d, which is %s, %w", record, row.State, ErrUnregistered)
	}
	o, _, err := storedOutcome{Inputs: row.Inputs, Outcome: row.Outcome}.read()
	if err != nil {
		return d, err
	}
	if record > len(o.Records) {
		return d, fmt.Errorf("record %d of the last outcome: %w", record, bridge.ErrNotFound)
	}
	e, err := s.Explain(ctx, receipt)
	if err != nil {
		return d, err
	}
	r := &recordRow{Book: row.Book, BookYear: row.BookYear, SoDen: row.SoDen, NumberedAt: row.NumberedAt}
	return bridge.Dispatch{Record: row.ID, Receipt: receipt, Seq: 1, Event: bridge.DispatchRegistered, DocumentID: row.DocumentID, Stored: e.Receipt,
		Payload: payloadOf(e.Receipt, o.Records[record-1], r, o.Instant.At)}, nil
}
