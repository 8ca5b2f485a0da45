package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// Explain tells everything about one receipt. It answers ErrNotFound for an unknown number.
func (s *Store) Explain(ctx context.Context, receipt string) (Explanation, error) {
	var e Explanation
	steps := []func(context.Context, string, *Explanation) error{s.explainReceipt, s.explainDeliveries, s.explainUIDs, s.explainOutcomes,
		s.explainRecords, s.explainAmendments, s.explainNotices, s.explainEvents}
	for _, step := range steps {
		if err := step(ctx, receipt, &e); err != nil {
			return Explanation{}, fmt.Errorf("explain %s: %w", receipt, err)
		}
	}
	if e.State == bridge.Quarantined {
		e.blank()
	}
	e.fillLists()
	return e, nil
}

// fillLists leaves the documents that are not settled nil: for whoever decides again, that is not the same as none.
func (e *Explanation) fillLists() {
	settled := e.Receipt.Documents
	outcomes := make([][][]string, len(e.Outcomes))
	for i, o := range e.Outcomes {
		outcomes[i] = o.Documents
	}
	fillLists(reflect.ValueOf(e).Elem())
	e.Receipt.Documents = settled
	for i := range e.Outcomes {
		e.Outcomes[i].Documents = outcomes[i]
	}
}

func (s *Store) explainReceipt(ctx context.Context, id string, e *Explanation) error {
	var r struct {
		taskRow
		State     string `db:"state"`
		Reason    string `db:"reason"`
		SettledAt stamp  `db:"settled_at"`
		Subject   string `db:"subject"`
		Sender    string `db:"sender"`
		MessageID string `db:"message_id"`
		Files     int    `db:"files"`
	}
	known, err := s.one(ctx, s.reading.Receipt, &r, args{"id": id})
	if err != nil {
		return err
	}
	if !known {
		return bridge.ErrNotFound
	}
	e.Receipt, e.origin = r.receipt(), r.Origin
	e.State, e.Reason, e.SettledAt = bridge.State(r.State), r.Reason, r.SettledAt.Time
	e.Facts = bridge.Facts{Subject: r.Subject, From: r.Sender, MessageID: r.MessageID, Files: r.Files}
	e.Receipt.Documents, err = s.documentsOf(ctx, id)
	return err
}

func (s *Store) explainDeliveries(ctx context.Context, id string, e *Explanation) error {
	var rows []struct {
		Origin       string `db:"origin"`
		Joined       bool   `db:"joined"`
		Mailbox      string `db:"mailbox"`
		Raw          digest `db:"raw"`
		Size         int64  `db:"size"`
		Location     string `db:"location"`
		HeadersOnly  bool   `db:"headers_only"`
		InternalDate stamp  `db:"internaldate"`
		FetchedAt    stamp  `db:"fetched_at"`
		StoredAt     stamp  `db:"stored_at"`
	}
	if err := s.all(ctx, s.reading.DeliveriesOf, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		d := Delivery{Origin: r.Origin, Mailbox: r.Mailbox, Location: r.Location, Joined: r.Joined, Raw: bridge.Digest(r.Raw), Size: r.Size,
			HeadersOnly: r.HeadersOnly, InternalDate: r.InternalDate.Time, FetchedAt: r.FetchedAt.Time, StoredAt: r.StoredAt.Time}
		e.Deliveries = append(e.Deliveries, d)
		if d.Origin == e.origin {
			e.Receipt.Mailbox, e.Receipt.Raw, e.Receipt.Size, e.Receipt.Location = d.Mailbox, d.Raw, d.Size, d.Location
			e.Receipt.InternalDate, e.Receipt.FetchedAt = d.InternalDate, d.FetchedAt
		}
	}
	return nil
}

func (s *Store) explainUIDs(ctx context.Context, id string, e *Explanation) error {
	var rows []struct {
		Folder      int64  `db:"folder"`
		UIDValidity uint32 `db:"uidvalidity"`
		UID         uint32 `db:"uid"`
		State       string `db:"state"`
		Mailbox     string `db:"mailbox"`
		Name        string `db:"name"`
	}
	if err := s.all(ctx, s.reading.UIDsOf, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		e.UIDs = append(e.UIDs, DeliveredUID{Key: bridge.UIDKey{Folder: r.Folder, UIDValidity: r.UIDValidity, UID: r.UID}, Mailbox: r.Mailbox,
			Folder: r.Name, State: bridge.State(r.State)})
	}
	return nil
}

func (s *Store) explainOutcomes(ctx context.Context, id string, e *Explanation) error {
	var rows []storedOutcome
	if err := s.all(ctx, s.reading.OutcomesOf, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		outcome, in, err := r.read()
		if err != nil {
			return err
		}
		made := MadeOutcome{Seq: r.Seq, MadeAt: r.MadeAt.Time, Outcome: outcome, Live: in.Live, HeadersOnly: in.HeadersOnly, Documents: in.Documents,
			Erased: in.Erased}
		if e.State == bridge.Quarantined {
			made.Outcome = wordless(made.Outcome)
		}
		e.Outcomes = append(e.Outcomes, made)
	}
	return nil
}

// blank takes out what people wrote of such a message, and what notices quoted of it. A neutral notice quotes nothing.
func (e *Explanation) blank() {
	for i := range e.Amendments {
		e.Amendments[i].Fields = nil
	}
	for i := range e.Notices {
		if e.Notices[i].Kind != notice.Neutral {
			e.Notices[i].Rendered.Bytes = nil
		}
	}
	for i := range e.Events {
		e.Events[i].Sealed = nil
	}
}

// recordText is a record as it stands.
type recordText struct {
	ID       string   `db:"id"`
	N        int      `db:"n"`
	Agency   string   `db:"agency"`
	State    string   `db:"state"`
	Document document `db:"document"`
	Files    document `db:"files"`
	Missing  document `db:"missing"`
	BookYear *int     `db:"book_year"`
	SoDen    *int     `db:"so_den"`
	JoinedTo null     `db:"joined_to"`
}

func (s *Store) explainRecords(ctx context.Context, id string, e *Explanation) error {
	var rows []recordText
	if err := s.all(ctx, s.reading.RecordsOfReceipt, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		rec := StandingRecord{ID: r.ID, Agency: r.Agency, State: bridge.State(r.State), JoinedTo: string(r.JoinedTo)}
		if r.SoDen != nil && r.BookYear != nil {
			rec.SoDen = soDen(*r.SoDen, *r.BookYear)
		}
		for dest, doc := range map[any]document{&rec.Document: r.Document, &rec.Files: r.Files, &rec.Missing: r.Missing} {
			if err := doc.into(dest); err != nil {
				return err
			}
		}
		e.Records = append(e.Records, rec)
	}
	return s.explainTies(ctx, e)
}

func (s *Store) explainAmendments(ctx context.Context, id string, e *Explanation) error {
	var rows []amendmentRow
	if err := s.all(ctx, s.reading.AmendmentsOf, &rows, args{"rows": batch{[]idRow{{id}}}}); err != nil {
		return err
	}
	byReceipt, err := amendmentsByReceipt(rows, true)
	e.Amendments = byReceipt[id]
	return err
}

func (r sendingRow) sent() SentNotice {
	return SentNotice{ID: r.ID, Receipt: string(r.Receipt), Receiver: r.Receiver, Agency: r.Agency, To: r.To, State: r.State, Reply: r.Reply, CancelledBy: r.CancelledBy,
		Kind: notice.Kind(r.Kind), Rendered: r.rendered(), MadeAt: r.MadeAt.Time, DeferredAt: r.DeferredAt.Time, FirstTry: r.FirstTry.Time,
		SentAt: r.SentAt.Time, SettledAt: r.SettledAt.Time,
		CountedAt: r.CountedAt.Time, ReleasedAt: r.ReleasedAt.Time, GatheredAt: r.GatheredAt.Time, Digest: string(r.Digest)}
}

// withDigests fills in what became of the digests that speak for notices.
func (s *Store) withDigests(ctx context.Context, notices []SentNotice) error {
	ids := []idRow{}
	for _, n := range notices {
		if n.Digest != "" && !slices.Contains(ids, idRow{n.Digest}) {
			ids = append(ids, idRow{n.Digest})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []sendingRow
	if err := s.all(ctx, s.reading.Notices, &rows, args{"rows": batch{ids}}); err != nil {
		return err
	}
	for _, r := range rows {
		for i := range notices {
			if notices[i].Digest == r.ID {
				notices[i].DigestState = r.State
			}
		}
	}
	return nil
}

func (s *Store) explainNotices(ctx context.Context, id string, e *Explanation) error {
	var rows []sendingRow
	if err := s.all(ctx, s.reading.NoticesOfReceipt, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		e.Notices = append(e.Notices, r.sent())
	}
	return s.withDigests(ctx, e.Notices)
}

func (s *Store) explainEvents(ctx context.Context, id string, e *Explanation) error {
	var rows []struct {
		ID         int64    `db:"id"`
		HappenedAt stamp    `db:"happened_at"`
		Type       string   `db:"type"`
		Actor      string   `db:"actor"`
		Leaf       []byte   `db:"leaf"`
		Sealed     document `db:"sealed"`
	}
	if err := s.all(ctx, s.reading.EventsOfReceipt, &rows, args{"receipt": id}); err != nil {
		return err
	}
	for _, r := range rows {
		ev := LoggedEvent{ID: r.ID, At: r.HappenedAt.Time, Type: r.Type, Actor: r.Actor, Leaf: r.Leaf}
		if err := r.Sealed.into(&ev.Sealed); err != nil {
			return err
		}
		e.Events = append(e.Events, ev)
	}
	return nil
}

// NoticeByID gives one notice; ErrNotFound when there is none.
func (s *Store) NoticeByID(ctx context.Context, id string) (SentNotice, error) {
	var rows []sendingRow
	if err := s.all(ctx, s.reading.Notices, &rows, args{"rows": batch{[]idRow{{id}}}}); err != nil {
		return SentNotice{}, fmt.Errorf("read notice %s: %w", id, err)
	}
	if len(rows) == 0 {
		return SentNotice{}, fmt.Errorf("read notice %s: %w", id, bridge.ErrNotFound)
	}
	list := []SentNotice{rows[0].sent()}
	if err := s.withDigests(ctx, list); err != nil {
		return SentNotice{}, fmt.Errorf("read notice %s: %w", id, err)
	}
	return list[0], nil
}
