package store

import (
	"slices"

	"github.com/giaolien/giaolien/bridge"
)

// noteSooner notes a copy that another mailbox had before the delivery that counts. Is that refused, or being decided, it is decided again: the
// copy may say that it was in time.
func (i *intake) noteSooner(r standing, a bridge.Stored) {
	open := slices.Contains([]string{string(bridge.Waiting), string(bridge.Refused)}, r.State)
	if open && !a.HeadersOnly && !a.InternalDate.IsZero() && a.InternalDate.Before(r.Stored.Time) {
		i.sooner = append(i.sooner, r.ID)
	}
}

// writeSooner locks the jobs of these receipts, so that no commit in between decides without the copy.
func (i *intake) writeSooner() error {
	if len(i.sooner) == 0 {
		return nil
	}
	return i.revive(Process, i.sooner...)
}

// writeLive lets imported receipts that came live be decided anew. Their jobs are locked first: a commit in between would be lost.
func (i *intake) writeLive() error {
	if len(i.live) == 0 {
		return nil
	}
	ids := make([]string, len(i.live))
	for n, l := range i.live {
		ids[n] = l.ID
	}
	if err := i.revive(Process, ids...); err != nil {
		return err
	}
	_, err := i.exec(i.q.LiveReceipts, args{"rows": batch{i.live}})
	return err
}
