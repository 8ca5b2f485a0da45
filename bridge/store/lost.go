package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A claim whose COMMIT was not answered may stand in the database although nobody has its jobs in hand. Left to their leases they would wait
// for minutes and then count as abandoned. So the store remembers such claims, and the next claim of the same kind takes them back first.

// claimed is one job as a claim of ours left it. Its fence tells that claim from every other one: each raises the fence by a step that this
// store never took before, and another daemon has another owner.
type claimed struct {
	kind  string
	id    int64
	fence int64
	owner string
	until time.Time // end of the lease
}

// lostClaims are the claims that may or may not stand.
type lostClaims struct {
	mu   sync.Mutex
	jobs []claimed // guarded by mu
}

func (l *lostClaims) add(jobs []claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, jobs...)
}

func (l *lostClaims) none() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.jobs) == 0
}

func (l *lostClaims) of(kind string) []claimed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.jobs), func(c claimed) bool { return c.kind != kind })
}

func (l *lostClaims) forget(jobs []claimed) {
	if len(jobs) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = slices.DeleteFunc(l.jobs, func(c claimed) bool { return slices.Contains(jobs, c) })
}

// lostFor is how long after its lease a lost claim is still looked for when its job is not to be seen: because it is done and gone, or
// because the server still holds the open transaction. That lasts no longer than the server lets a transaction idle.
const lostFor = 10 * time.Minute

type claimedRow struct {
	ID    int64  `json:"id"`
	Fence int64  `json:"fence"`
	Owner string `json:"owner"`
}

// takeBack makes the jobs of lost claims due again as if they had never been claimed. A claim whose transaction has not ended yet may still
// be written: its jobs are locked and passed over, and it stays remembered.
func (t *tx) takeBack(kind string) error {
	lost := t.s.lost.of(kind)
	if len(lost) == 0 {
		return nil
	}
	ids := make([]jobID, len(lost))
	for i, c := range lost {
		ids[i] = jobID{c.id}
	}
	var ended []int64
	if err := t.all(t.q.EndedClaims, &ended, args{"rows": batch{ids}}); err != nil {
		return err
	}
	rows := []claimedRow{}
	for _, c := range lost {
		switch {
		case slices.Contains(ended, c.id):
			rows = append(rows, claimedRow{c.id, c.fence, c.owner})
			t.found = append(t.found, c)
		case t.now.After(c.until.Add(lostFor)):
			t.found = append(t.found, c)
		}
	}
	n, err := t.exec(t.q.TakeBackClaims, args{"rows": batch{rows}, "now": at(t.now)})
	if err == nil && n > 0 {
		t.wake[kind] = true
	}
	return err
}

// handBack takes lost claims back for the daemons that go on. Without it they wait for their leases to run out, so it takes no longer than
// closing may: on a silent network the driver does not heed ctx, and goes on until its connection loses patience.
func (s *Store) handBack() error {
	if s.lost.none() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- s.change(ctx, func(t *tx) error {
			for _, kind := range kinds() {
				if err := t.takeBack(kind); err != nil {
					return err
				}
			}
			return nil
		})
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return wrap("take back claims that were not answered", err)
}
