package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// ClaimDispatch implements bridge.Dispatches.
func (s *Store) ClaimDispatch(ctx context.Context, owner, target string, lease time.Duration) (bridge.Dispatch, bool, error) {
	var d bridge.Dispatch
	var found bool
	err := s.change(ctx, func(t *tx) (err error) {
		d, found = bridge.Dispatch{}, false
		if err := t.takeBack(Deliver); err != nil {
			return err
		}
		for again := true; again && err == nil; {
			d, found, again, err = t.claimDispatch(owner, target, lease)
		}
		return err
	})
	if err != nil || !found {
		return bridge.Dispatch{}, false, wrap("claim a delivery to "+target, err)
	}
	return d, true, nil
}

// claimDispatch claims the next delivery. It says again when the next one must not go out any more, and was cancelled.
func (t *tx) claimDispatch(owner, target string, lease time.Duration) (d bridge.Dispatch, found, again bool, err error) {
	var job dueJob
	if due, err := t.one(t.q.DueDispatch, &job, args{"target": target, "now": at(t.now)}); err != nil || !due {
		return d, false, false, err
	}
	var row dispatchRow
	if _, err := t.one(t.q.Dispatch, &row, args{"id": job.Key}); err != nil {
		return d, false, false, err
	}
	receipts, err := t.receipts([]dueJob{{Key: row.Receipt}})
	if err != nil {
		return d, false, false, err
	}
	receipt := receipts[row.Receipt]
	if reason := row.unfit(receipt); reason != "" {
		p := &dispatchPlan{tx: t, cancel: map[string][]idRow{reason: {{row.ID}}}, owner: map[string]string{row.ID: row.Receipt}}
		return d, false, true, p.write()
	}
	jobs, err := t.claim(Deliver, []dueJob{job}, owner, lease)
	if err != nil {
		return d, false, false, err
	}
	d = bridge.Dispatch{ID: row.ID, Job: jobs[job.Key], Record: row.Record, Receipt: row.Receipt, Target: row.Target, Seq: row.Seq,
		Event: bridge.DispatchEvent(row.Event), DocumentID: row.DocumentID, FirstTry: row.FirstTry.Time, Asked: !row.FirstTry.IsZero() && row.Reason != reasonLooked,
		Stored: receipt.receipt()}
	if err := row.Payload.into(&d.Payload); err != nil {
		return d, false, false, err
	}
	_, err = t.exec(t.q.TryDispatch, args{"id": row.ID, "now": at(t.now)})
	return d, err == nil, false, err
}

// unfit is why a delivery must not go out, whatever was thought when it was queued.
func (r *dispatchRow) unfit(receipt taskRow) string {
	switch {
	case receipt.Quarantined || string(r.Payload) == "{}":
		return reasonSecret
	case !r.Stands && r.Event != string(bridge.DispatchWithdrawn):
		return reasonStruckOut
	case r.OnAxis && r.FirstTry.IsZero() && r.Event == string(bridge.DispatchRegistered):
		return reasonOnAxis
	}
	return ""
}

// RenewDispatch implements bridge.Dispatches. A lease that has run out can be renewed as long as nobody has taken the delivery over.
func (s *Store) RenewDispatch(ctx context.Context, d bridge.Dispatch, owner string, lease time.Duration) error {
	return s.RenewReading(ctx, d.Job, owner, lease)
}

// DispatchSent implements bridge.Dispatches. After an unclear error it may be called again and then answers ErrFenced: it was noted.
func (s *Store) DispatchSent(ctx context.Context, d bridge.Dispatch, reply bridge.DispatchReply) error {
	return wrap("note delivery "+d.ID, s.change(ctx, func(t *tx) error {
		var key string
		held, err := t.one(t.q.FinishJob, &key, args{"id": d.Job.ID, "fence": d.Job.Fence})
		if err != nil {
			return err
		}
		if !held {
			return bridge.ErrFenced
		}
		remote := short(reply.RemoteID)
		end := args{"id": key, "state": dispatchSent, "remote": remote, "reply": short(reply.Text), "reason": "", "sent": at(t.now), "now": at(t.now)}
		if _, err := t.exec(t.q.EndDispatch, end); err != nil {
			return err
		}
		body, err := encode(d.Payload)
		if err != nil {
			return err
		}
		t.wake[Deliver] = true // the next of its record may go now
		t.note(audit.NewDeliveryHandedOver(t.now, d.Receipt, d.Record, d.Target, opaque(remote), sha256.Sum256([]byte(body))))
		return nil
	}))
}

// DispatchLater implements bridge.Dispatches. After an unclear error it may be called again and then answers ErrFenced.
func (s *Store) DispatchLater(ctx context.Context, d bridge.Dispatch, when time.Time, reply string, blameless bool) error {
	return wrap("put off delivery "+d.ID, s.change(ctx, func(t *tx) error {
		a := args{"id": d.Job.ID, "fence": d.Job.Fence, "error": "", "ready": at(when), "uncounted": 0}
		if blameless {
			a["uncounted"] = 1
		}
		var key string
		held, err := t.one(t.q.GiveBackJob, &key, a)
		if err == nil && !held {
			err = bridge.ErrFenced
		}
		if err != nil {
			return err
		}
		_, err = t.exec(t.q.NoteDispatchReply, args{"id": key, "reply": short(reply)})
		return err
	}))
}

// DispatchDead implements bridge.Dispatches: a person sees it among the open work, and may let it be tried again or cancel it.
func (s *Store) DispatchDead(ctx context.Context, d bridge.Dispatch, reason, reply string) error {
	return wrap("give up delivery "+d.ID, s.change(ctx, func(t *tx) error {
		var key string
		held, err := t.one(t.q.KillJob, &key, args{"id": d.Job.ID, "fence": d.Job.Fence, "error": ""})
		if err == nil && !held {
			err = bridge.ErrFenced
		}
		if err != nil {
			return err
		}
		end := args{"id": key, "state": dispatchDead, "remote": "", "reply": short(reply), "reason": reason, "sent": stamp{}, "now": at(t.now)}
		if _, err := t.exec(t.q.EndDispatch, end); err != nil {
			return err
		}
		t.note(audit.NewDeliveryFailed(t.now, d.Receipt, d.Record, d.Target, reason, d.Job.Attempt))
		return nil
	}))
}

// WaitingDispatches implements bridge.Dispatches.
func (s *Store) WaitingDispatches(ctx context.Context, target string) (int, error) {
	now, err := s.instant(ctx)
	if err != nil {
		return 0, err
	}
	var n int
	if _, err := s.one(ctx, s.reading.WaitingDispatches, &n, args{"target": target, "now": at(now)}); err != nil {
		return 0, fmt.Errorf("count waiting deliveries: %w", err)
	}
	return n, nil
}

// maxAnswer bounds what is kept of a target's answer, in characters.
const maxAnswer = 400

func short(s string) string {
	s = line(s)
	if r := []rune(s); len(r) > maxAnswer {
		s = string(r[:maxAnswer-1]) + "…"
	}
	return s
}

// opaque is a target's reference as the log may keep it for ever: only one that surely is no word of a document.
func opaque(reference string) string {
	bare := strings.ReplaceAll(reference, "-", "")
	if _, err := hex.DecodeString(bare); err != nil || len(bare) < 16 {
		return ""
	}
	return reference
}
