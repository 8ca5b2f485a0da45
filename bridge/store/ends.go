package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// refusal says whether a receipt is refused by a notice of this kind: untold, the refusal does not stand (ARCHITECTURE, invariant 6).
func refusal(kind string) bool {
	return slices.Contains([]notice.Kind{notice.Refuse, notice.NotCounted, notice.Return}, notice.Kind(kind))
}

// reconsider lets the receipt of a refusal be decided again because that notice leaves one of these states. It comes before the notice's own
// lock, as everywhere.
func (t *tx) reconsider(id string, states ...string) error {
	notices, err := t.noticesOf([]idRow{{id}})
	if err != nil {
		return err
	}
	if n, known := notices[id]; known && refusal(n.Kind) && slices.Contains(states, n.State) {
		return t.revive(Process, string(n.Receipt))
	}
	return nil
}

// NoticeDead implements bridge.Notices: a person sees it among the open work and may release it again. A receipt whose refusal died is
// decided anew: it cannot stay refused when nobody was told.
func (s *Store) NoticeDead(ctx context.Context, o bridge.Outgoing, reply string) error {
	return wrap("give up notice "+o.Notice, s.change(ctx, func(t *tx) error {
		entries, err := t.digested(o.Notice)
		if err != nil {
			return err
		}
		if err := errors.Join(t.reconsider(o.Notice, noticeQueued), t.reconsiderDigested(entries)); err != nil {
			return err
		}
		var key string
		held, err := t.one(t.q.KillJob, &key, args{"id": o.Job.ID, "fence": o.Job.Fence, "error": line(reply)})
		if err != nil {
			return err
		}
		if !held {
			return bridge.ErrFenced
		}
		a := args{"id": key, "state": "failed", "reply": line(reply), "sent": null(""), "now": at(t.now)}
		if _, err := t.exec(t.q.EndNotice, a); err != nil {
			return err
		}
		t.note(audit.NewNoticeFailed(t.now, o.Receipt, key, line(reply), o.Job.Attempt))
		return t.settleDigested(key, noticeFailed, reply, "", entries, func(e spokenFor) audit.Event {
			return audit.NewNoticeFailed(t.now, string(e.Receipt), e.ID, line(reply), o.Job.Attempt)
		})
	}))
}

// ReleaseNotice queues a notice that waited for a person, or that failed. Neither mode nor age hold it up any more, and its tries count anew. A
// receipt whose refusal had failed is decided anew: it may be told after all. A refusal that does not stand any more answers ErrPermanent.
func (s *Store) ReleaseNotice(ctx context.Context, id, by string) error {
	return wrap("release notice "+id, s.change(ctx, func(t *tx) error {
		if err := t.reconsider(id, noticeFailed); err != nil {
			return err
		}
		if err := t.releasable(id); err != nil {
			return err
		}
		if err := t.revive(Notify, id); err != nil {
			return err
		}
		var receipt null
		waited, err := t.one(t.q.ReleaseNotice, &receipt, args{"id": id, "now": at(t.now)})
		if err != nil {
			return err
		}
		if !waited {
			return fmt.Errorf("none waits for a person under this id: %w", bridge.ErrNotFound)
		}
		if err := t.standing(id); err != nil {
			return err
		}
		t.note(audit.NewNoticeReleased(t.now, string(receipt), id, by))
		return nil
	}))
}

// releasable refuses a digest that failed: what it said stands for itself since, and may not be true any more.
func (t *tx) releasable(id string) error {
	notices, err := t.noticesOf([]idRow{{id}})
	if n := notices[id]; err == nil && n.Kind == string(notice.Digest) && n.State == noticeFailed {
		return fmt.Errorf("it is a digest; release the notices that it spoke for: %w", bridge.ErrPermanent)
	}
	return err
}

// refusable tells the states of a receipt in which its sender may hear of a refusal: it stands, or a person is about to decide.
func refusable(s bridge.State) bool { return s == bridge.Refused || s == bridge.Held }

// standing refuses a refusal whose receipt is not refused any more. It comes after the lock of the notice, which a commit takes as well.
func (t *tx) standing(id string) error {
	notices, err := t.noticesOf([]idRow{{id}})
	if err != nil {
		return err
	}
	n := notices[id]
	if !refusal(n.Kind) {
		return nil
	}
	var row struct {
		State bridge.State `db:"state"`
	}
	if _, err := t.one(t.q.ReceiptState, &row, args{"id": n.Receipt}); err != nil {
		return err
	}
	if refusable(row.State) {
		return nil
	}
	stands := notice.Kind(n.Kind) == notice.NotCounted // is said of accepted mail as well, as long as nothing took it back
	var all []sendingRow
	if err := t.all(t.q.NoticesOfReceipt, &all, args{"receipt": n.Receipt}); err != nil {
		return err
	}
	for _, other := range all {
		stands = stands && (notice.Kind(other.Kind) != notice.Accepted || other.State == noticeCancelled)
	}
	if !stands {
		return fmt.Errorf("its receipt is %s, so the refusal does not stand: %w", row.State, bridge.ErrPermanent)
	}
	return nil
}

// ErrBusy is wrapped when a notice is being handed over at this moment, so that it cannot be taken back any more.
var ErrBusy = errors.New("is being handed over")

// CancelNotice takes a notice back that was not sent, and settles one that failed or bounced. A receipt whose refusal is cancelled is decided
// anew.
func (s *Store) CancelNotice(ctx context.Context, id, by, reason string) error {
	return wrap("cancel notice "+id, s.change(ctx, func(t *tx) error {
		entries, err := t.digested(id)
		if err != nil {
			return err
		}
		if err := t.takeOut(id); err != nil {
			return err
		}
		if err := errors.Join(t.reconsider(id, noticeReview, noticeQueued, noticeFailed, noticeBounced), t.reconsiderDigested(entries)); err != nil {
			return err
		}
		if err := t.dropFree(id); err != nil {
			return err
		}
		var receipt null
		waited, err := t.one(t.q.CancelNotice, &receipt, args{"id": id, "by": line(by), "now": at(t.now)})
		if err != nil {
			return err
		}
		if !waited {
			return fmt.Errorf("none is unsent or undelivered under this id: %w", bridge.ErrNotFound)
		}
		t.note(audit.NewNoticeCancelled(t.now, string(receipt), id, by, line(reason)))
		return t.settleDigested(id, noticeCancelled, "", by, entries, func(e spokenFor) audit.Event {
			return audit.NewNoticeCancelled(t.now, string(e.Receipt), e.ID, by, line(reason))
		})
	}))
}

// bounce notes that a notice was not delivered, as the message of receipt by says of recipient. A receipt whose refusal bounced is decided anew.
func (t *tx) bounce(id, by, status, recipient string) error {
	var row struct {
		To      string `db:"to_addr"`
		Receipt null   `db:"receipt"`
	}
	status = line(status)
	entries, err := t.digested(id)
	if err != nil {
		return err
	}
	if err := errors.Join(t.reconsider(id, noticeQueued, noticeSent), t.reconsiderDigested(entries)); err != nil {
		return err
	}
	bounced, err := t.one(t.q.BounceNotice, &row, args{"id": id, "now": at(t.now), "reply": status})
	if err != nil || !bounced {
		return err
	}
	t.note(audit.NewNoticeBounced(t.now, string(row.Receipt), id, by, status))
	if err := t.settleDigested(id, noticeBounced, status, "", entries, func(e spokenFor) audit.Event {
		return audit.NewNoticeBounced(t.now, string(e.Receipt), e.ID, by, status)
	}); err != nil {
		return err
	}
	if _, err := t.exec(t.q.DropJobOf, args{"kind": Notify, "job_key": id, "now": at(t.now)}); err != nil {
		return err
	}
	return t.suppressBounced(row.To, status, recipient)
}
