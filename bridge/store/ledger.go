package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// sightChunk bounds one batch of sighted UIDs: a first look at a folder can show hundreds of thousands.
const sightChunk = 5000

// Folder implements bridge.Ledger. The receiving agency must be known: see PutReceivers.
func (s *Store) Folder(ctx context.Context, account, folder, mailbox, receiver string) (int64, error) {
	var id int64
	err := s.change(ctx, func(t *tx) error {
		_, err := t.one(t.q.PutFolder, &id, args{"account": account, "folder": folder, "mailbox": line(mailbox), "receiver": receiver})
		return err
	})
	return id, wrap("note folder of mailbox "+mailbox, err)
}

// Accounted implements bridge.Ledger.
func (s *Store) Accounted(ctx context.Context, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error) {
	list, err := s.ranges(ctx, s.reading.Accounted, folder, uidvalidity)
	return list, wrap(fmt.Sprintf("read accounted uids of folder %d", folder), err)
}

// WaitingUIDs lists, in rising order, the UIDs that were seen and are neither fetched nor settled: those that are gone from the server
// vanished while nobody looked.
func (s *Store) WaitingUIDs(ctx context.Context, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error) {
	list, err := s.ranges(ctx, s.reading.SightedOnly, folder, uidvalidity)
	return list, wrap(fmt.Sprintf("read waiting uids of folder %d", folder), err)
}

// ClearedUIDs lists, in rising order, the UIDs of which only the header was taken because of its mark, and whose mark a person called a
// false alarm: now the whole message is to be fetched.
func (s *Store) ClearedUIDs(ctx context.Context, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error) {
	list, err := s.ranges(ctx, s.reading.ClearedUIDs, folder, uidvalidity)
	return list, wrap(fmt.Sprintf("read cleared uids of folder %d", folder), err)
}

func (s *Store) ranges(ctx context.Context, q *statement, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error) {
	var rows []struct {
		First uint32 `db:"first"`
		Last  uint32 `db:"last"`
	}
	if err := s.all(ctx, q, &rows, args{"folder": folder, "uidvalidity": uidvalidity}); err != nil {
		return nil, err
	}
	out := make([]bridge.UIDRange, len(rows))
	for i, r := range rows {
		out[i] = bridge.UIDRange{From: r.First, To: r.Last}
	}
	return out, nil
}

type folderRow struct {
	ID          int64   `db:"id"`
	Mailbox     string  `db:"mailbox"`
	UIDValidity *uint32 `db:"uidvalidity"`
}

// Sighted implements bridge.Ledger. The first sight of a new UIDVALIDITY is an event.
func (s *Store) Sighted(ctx context.Context, f bridge.Fence, folder int64, uidvalidity uint32, uids []uint32) error {
	err := s.change(ctx, func(t *tx) error {
		if err := t.checkFence(f); err != nil {
			return err
		}
		if err := t.noteUIDValidity(folder, uidvalidity); err != nil {
			return err
		}
		for chunk := range slices.Chunk(uids, sightChunk) {
			rows := make([]map[string]uint32, len(chunk))
			for i, uid := range chunk {
				rows[i] = map[string]uint32{"uid": uid}
			}
			a := args{"folder": folder, "uidvalidity": uidvalidity, "now": at(t.now), "rows": batch{rows}}
			if _, err := t.exec(t.q.SightUIDs, a); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(fmt.Sprintf("note %d uids of folder %d", len(uids), folder), err)
}

func (t *tx) noteUIDValidity(folder int64, uidvalidity uint32) error {
	var row folderRow
	known, err := t.one(t.q.Folder, &row, args{"id": folder})
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("folder %d: %w", folder, bridge.ErrNotFound)
	}
	if row.UIDValidity != nil && *row.UIDValidity == uidvalidity {
		return nil
	}
	if row.UIDValidity != nil {
		t.note(audit.NewUIDValidityChanged(t.now, row.Mailbox, folder, *row.UIDValidity, uidvalidity))
	}
	if _, err := t.exec(t.q.SetUIDValidity, args{"id": folder, "uidvalidity": uidvalidity}); err != nil {
		return err
	}
	return t.loseUIDs(row, uidvalidity)
}

// reasonRenumbered is why a UID vanished that the folder's new UIDVALIDITY made void.
const reasonRenumbered = "renumbered"

// loseUIDs settles what was seen under an older numbering and never fetched, also for want of success. The same messages, if they are still there, are seen anew
// under the new one.
func (t *tx) loseUIDs(row folderRow, uidvalidity uint32) error {
	var lost []struct {
		UIDValidity uint32 `db:"uidvalidity"`
		UID         uint32 `db:"uid"`
	}
	if err := t.all(t.q.LoseUIDs, &lost, args{"folder": row.ID, "uidvalidity": uidvalidity, "now": at(t.now)}); err != nil {
		return err
	}
	for _, l := range lost {
		u := audit.UID{Mailbox: row.Mailbox, Folder: row.ID, UIDValidity: l.UIDValidity, UID: l.UID}
		t.note(audit.NewUIDVanished(t.now, u, reasonRenumbered))
	}
	return nil
}

func uidArgs(k bridge.UIDKey, more args) args {
	a := args{"folder": k.Folder, "uidvalidity": k.UIDValidity, "uid": k.UID}
	for name, v := range more {
		a[name] = v
	}
	return a
}

// FetchTried implements bridge.Ledger.
func (s *Store) FetchTried(ctx context.Context, f bridge.Fence, k bridge.UIDKey) (int, error) {
	var tries int
	err := s.change(ctx, func(t *tx) error {
		if err := t.checkFence(f); err != nil {
			return err
		}
		_, err := t.one(t.q.TryUID, &tries, uidArgs(k, args{"now": at(t.now)}))
		return err
	})
	return tries, wrap(fmt.Sprintf("count try at uid %d", k.UID), err)
}

// SettleUID implements bridge.Ledger. A UID that has a receipt, or that state already, is left alone.
func (s *Store) SettleUID(ctx context.Context, f bridge.Fence, k bridge.UIDKey, state bridge.State, reason string) error {
	if state != bridge.Failed && state != bridge.Vanished {
		return fmt.Errorf("settle uid %d as %s: %w: only failed and vanished need no receipt", k.UID, state, bridge.ErrPermanent)
	}
	return wrap(fmt.Sprintf("settle uid %d", k.UID), s.change(ctx, func(t *tx) error {
		if err := t.checkFence(f); err != nil {
			return err
		}
		var uid uint32
		a := uidArgs(k, args{"state": string(state), "reason": line(reason), "now": at(t.now), "settled": at(t.now)})
		changed, err := t.one(t.q.SettleUID, &uid, a)
		if err != nil || !changed {
			return err
		}
		var row folderRow
		if _, err := t.one(t.q.Folder, &row, args{"id": k.Folder}); err != nil {
			return err
		}
		u := audit.UID{Mailbox: row.Mailbox, Folder: k.Folder, UIDValidity: k.UIDValidity, UID: k.UID}
		if state == bridge.Vanished {
			t.note(audit.NewUIDVanished(t.now, u, line(reason)))
		} else {
			t.note(audit.NewUIDFailed(t.now, u, line(reason)))
		}
		return nil
	}))
}

// PendingActions implements bridge.ServerActions, in rising order of UID. Imported mail is never among them: it is older than the
// mailbox's start and stays as it is.
func (s *Store) PendingActions(ctx context.Context, folder int64, uidvalidity uint32, n int) ([]bridge.Settled, error) {
	var rows []struct {
		UID   uint32 `db:"uid"`
		State string `db:"state"`
	}
	if err := s.all(ctx, s.reading.PendingActions, &rows, args{"folder": folder, "uidvalidity": uidvalidity, "n": n}); err != nil {
		return nil, fmt.Errorf("read pending actions of folder %d: %w", folder, err)
	}
	out := make([]bridge.Settled, len(rows))
	for i, r := range rows {
		out[i] = bridge.Settled{Key: bridge.UIDKey{Folder: folder, UIDValidity: uidvalidity, UID: r.UID}, State: bridge.State(r.State)}
	}
	return out, nil
}

// ActionDone implements bridge.ServerActions. A later change of state asks for a new action.
func (s *Store) ActionDone(ctx context.Context, f bridge.Fence, k bridge.UIDKey, note string) error {
	return wrap(fmt.Sprintf("note action on uid %d", k.UID), s.change(ctx, func(t *tx) error {
		if err := t.checkFence(f); err != nil {
			return err
		}
		_, err := t.exec(t.q.ActionDone, uidArgs(k, args{"now": at(t.now), "note": line(note)}))
		return err
	}))
}

// UIDState is the state of one UID of a folder.
type UIDState struct {
	UID      uint32
	State    bridge.State
	Reason   string
	Receipt  string
	Attempts int
}

// UIDStates lists every UID of a folder that was ever seen, in rising order: for a reconciliation with the server.
func (s *Store) UIDStates(ctx context.Context, folder int64, uidvalidity uint32) ([]UIDState, error) {
	var rows []struct {
		UID      uint32 `db:"uid"`
		State    string `db:"state"`
		Reason   string `db:"reason"`
		Receipt  null   `db:"receipt"`
		Attempts int    `db:"attempts"`
	}
	if err := s.all(ctx, s.reading.UIDStates, &rows, args{"folder": folder, "uidvalidity": uidvalidity}); err != nil {
		return nil, fmt.Errorf("read uids of folder %d: %w", folder, err)
	}
	out := make([]UIDState, len(rows))
	for i, r := range rows {
		out[i] = UIDState{UID: r.UID, State: bridge.State(r.State), Reason: r.Reason, Receipt: string(r.Receipt), Attempts: r.Attempts}
	}
	return out, nil
}

// WatchedFolder is a folder that was ever watched. UIDValidity is zero until UIDs were sighted in it.
type WatchedFolder struct {
	ID                                 int64
	Account, Folder, Mailbox, Receiver string
	UIDValidity                        uint32
}

// Folders lists the folders that were ever watched.
func (s *Store) Folders(ctx context.Context) ([]WatchedFolder, error) {
	var rows []struct {
		folderRow
		Account  string `db:"account"`
		Folder   string `db:"folder"`
		Receiver string `db:"receiver"`
	}
	if err := s.all(ctx, s.reading.Folders, &rows, args{}); err != nil {
		return nil, fmt.Errorf("read folders: %w", err)
	}
	out := make([]WatchedFolder, len(rows))
	for i, r := range rows {
		out[i] = WatchedFolder{ID: r.ID, Account: r.Account, Folder: r.Folder, Mailbox: r.Mailbox, Receiver: r.Receiver}
		if r.UIDValidity != nil {
			out[i].UIDValidity = *r.UIDValidity
		}
	}
	return out, nil
}
