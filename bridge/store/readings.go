package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// ClaimReading implements bridge.FileReadings. Should a reading have been queued at the moment in which its receipt was quarantined, it is not
// given out: of a secret nothing is read.
func (s *Store) ClaimReading(ctx context.Context, owner string, lease time.Duration) (bridge.ReadingTask, bool, error) {
	var task bridge.ReadingTask
	var found bool
	err := s.change(ctx, func(t *tx) (err error) {
		if err := t.takeBack(Read); err != nil {
			return err
		}
		for again := true; again && err == nil; {
			task, found, again, err = t.claimReading(owner, lease)
		}
		return err
	})
	if err != nil || !found {
		return bridge.ReadingTask{}, false, wrap("claim a reading", err)
	}
	return task, true, nil
}

// claimReading claims the next reading. It says again when the next one was that of a secret, and is gone now.
func (t *tx) claimReading(owner string, lease time.Duration) (task bridge.ReadingTask, found, again bool, err error) {
	var due []dueJob
	if err := t.all(t.q.DueJobs, &due, args{"kind": Read, "now": at(t.now), "n": 1}); err != nil || len(due) == 0 {
		return task, false, false, err
	}
	receipts, err := t.receipts(due)
	if err != nil {
		return task, false, false, err
	}
	next := due[0]
	receipt := receipts[next.Key]
	if receipt.Quarantined {
		_, err := t.exec(t.q.DropJobs, args{"rows": batch{[]jobID{{next.ID}}}})
		return task, false, err == nil, err
	}
	jobs, err := t.claim(Read, due, owner, lease)
	return bridge.ReadingTask{Job: jobs[next.Key], Receipt: receipt.receipt()}, err == nil, false, err
}

// RenewReading implements bridge.FileReadings. A lease that has run out can be renewed as long as nobody has taken the reading over.
func (s *Store) RenewReading(ctx context.Context, job bridge.Job, owner string, lease time.Duration) error {
	return wrap("renew lease of a reading", s.change(ctx, func(t *tx) error {
		var key string
		held, err := t.one(t.q.RenewJob, &key, args{"id": job.ID, "fence": job.Fence, "owner": owner, "until": at(t.now.Add(lease))})
		if err == nil && !held {
			return bridge.ErrFenced
		}
		return err
	}))
}

// ReadingDone implements bridge.FileReadings. The receipt's own job is locked first, as everywhere. After an unclear error it may be called
// again and then answers ErrFenced: it was done.
func (s *Store) ReadingDone(ctx context.Context, job bridge.Job, receipt string) error {
	return wrap("end reading of "+receipt, s.change(ctx, func(t *tx) error {
		if err := t.revive(Process, receipt); err != nil {
			return err
		}
		var key string
		held, err := t.one(t.q.FinishJob, &key, args{"id": job.ID, "fence": job.Fence})
		switch {
		case err != nil:
			return err
		case !held:
			return bridge.ErrFenced
		case key != receipt:
			return fmt.Errorf("the job is that of %s: %w", key, bridge.ErrPermanent)
		}
		return nil
	}))
}

// ReadingLater implements bridge.FileReadings. After an unclear error it may be called again and then answers ErrFenced.
func (s *Store) ReadingLater(ctx context.Context, job bridge.Job, when time.Time, reason string, blameless bool) error {
	return wrap("put off a reading", s.change(ctx, func(t *tx) error {
		a := args{"id": job.ID, "fence": job.Fence, "error": line(reason), "ready": at(when), "uncounted": 0}
		if blameless {
			a["uncounted"] = 1
		}
		var key string
		held, err := t.one(t.q.GiveBackJob, &key, a)
		if err == nil && !held {
			return bridge.ErrFenced
		}
		return err
	}))
}

// WaitingReadings implements bridge.FileReadings. Those that rest before another try count as well.
func (s *Store) WaitingReadings(ctx context.Context) (int, error) {
	var n int
	if _, err := s.one(ctx, s.reading.WaitingJobs, &n, args{"kind": Read}); err != nil {
		return 0, fmt.Errorf("count waiting readings: %w", err)
	}
	return n, nil
}

// writeReadings queues the readings that the outcomes ask for, live mail before imports, and removes those that nobody needs any more. Of a
// secret nothing is read: its reading is taken even out of the hands that hold it, so that what they bring ends nothing.
func (b *commitBatch) writeReadings() error {
	type wantedRow struct {
		ID       string `json:"id"`
		Priority int    `json:"priority"`
		ReadyAt  stamp  `json:"ready_at"`
	}
	wanted, idle, secret := []wantedRow{}, []idRow{}, []idRow{}
	for _, c := range b.cases {
		id := c.Receipt.ID
		switch {
		case c.Outcome.State == bridge.Quarantined:
			secret = append(secret, idRow{id})
		case len(c.Outcome.Wanted) == 0 && c.again():
			idle = append(idle, idRow{id})
		case len(c.Outcome.Wanted) > 0:
			row := wantedRow{ID: id, ReadyAt: at(b.now)}
			if c.mute {
				row.Priority = 1
			}
			wanted = append(wanted, row)
		}
	}
	if len(wanted) > 0 {
		b.wake[Read] = true
		if _, err := b.exec(b.q.QueueReadings, args{"rows": batch{wanted}}); err != nil {
			return err
		}
	}
	if len(idle) > 0 {
		if _, err := b.exec(b.q.DropReadings, args{"rows": batch{idle}, "now": at(b.now)}); err != nil {
			return err
		}
	}
	if len(secret) == 0 {
		return nil
	}
	_, err := b.exec(b.q.DropJobsOf, args{"kind": Read, "rows": batch{secret}})
	return err
}

// ReadAgain queues the files of a receipt for what reads them now. Of a quarantined receipt nothing is read.
func (s *Store) ReadAgain(ctx context.Context, receipt string) error {
	return wrap("read files of "+receipt+" again", s.change(ctx, func(t *tx) error {
		t.wake[Read] = true
		n, err := t.exec(t.q.ReadAgain, args{"id": receipt, "ready_at": at(t.now)})
		if err == nil && n == 0 {
			return fmt.Errorf("no receipt whose files may be read: %w", bridge.ErrNotFound)
		}
		return err
	}))
}

// EndReadings lets receipts that wait for tools be decided without them: nothing reads here any more. It reports how many there were. The
// receipts' own jobs are locked after the readings; nobody who holds one of those waits for a reading that is in nobody's hands.
func (s *Store) EndReadings(ctx context.Context) (int, error) {
	var receipts []string
	err := s.change(ctx, func(t *tx) error {
		receipts = nil
		if err := t.all(t.q.EndReadings, &receipts, args{"now": at(t.now)}); err != nil || len(receipts) == 0 {
			return err
		}
		return t.revive(Process, receipts...)
	})
	return len(receipts), wrap("end readings", err)
}
