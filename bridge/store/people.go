package store

import (
	"context"
	"fmt"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
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

// Amend adds a person's correction or decision, and makes the receipt due again. A zero At becomes the store's now.
func (s *Store) Amend(ctx context.Context, receipt string, a bridge.Amendment) error {
	if a.Fields == nil {
		a.Fields = map[string]string{}
	}
	return wrap("amend "+receipt, s.change(ctx, func(t *tx) error {
		if err := t.revive(Process, receipt); err != nil {
			return err
		}
		return t.amend(receipt, a)
	}))
}

// amend writes an amendment of a receipt whose job is due again, and locked by that.
func (t *tx) amend(receipt string, a bridge.Amendment) error {
	fields, err := encode(a.Fields)
	if err != nil {
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
	return t.forgetWithheld(receipt)
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

// RetryUID lets a message that could not be fetched be fetched again, with all its tries. One of an older numbering than the folder's vanished:
// nobody can ask for it by that UID, and if it is still there, it has been seen under a new one.
func (s *Store) RetryUID(ctx context.Context, k bridge.UIDKey) error {
	return wrap(fmt.Sprintf("retry uid %d", k.UID), s.change(ctx, func(t *tx) error {
		n, err := t.exec(t.q.ReviveUID, uidArgs(k, nil))
		if err != nil || n > 0 {
			return err
		}
		if n, err = t.exec(t.q.LoseUID, uidArgs(k, args{"now": at(t.now)})); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("no failed uid: %w", bridge.ErrNotFound)
		}
		var row folderRow
		if _, err := t.one(t.q.Folder, &row, args{"id": k.Folder}); err != nil {
			return err
		}
		u := audit.UID{Mailbox: row.Mailbox, Folder: k.Folder, UIDValidity: k.UIDValidity, UID: k.UID}
		t.note(audit.NewUIDVanished(t.now, u, reasonRenumbered))
		return nil
	}))
}
