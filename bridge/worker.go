package bridge

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/parser"
)

// Gatherer finds the evidence about one receipt that its rules need. It may touch the network and the database; what it could not find is
// said in the Evidence, an error is only about ourselves.
// The raw bytes are those of the receipt.
type Gatherer func(ctx context.Context, t Task, raw io.ReaderAt, m parser.Message) (Evidence, error)

// Worker settles receipts: claims them, reads them, decides and commits. Several run side by side, in one daemon and in many; the store
// alone keeps them apart.
type Worker struct {
	Work      Work
	Files     FileReadings
	Archive   Archive
	Knowledge func() *Knowledge // the active one; asked once per batch
	Gather    Gatherer
	Render    Renderer
	Targets   func(receiver string) []TargetRule // that take the records of a receiving agency; nil: nothing is delivered
	Alarm     func(context.Context, Alarm)
	Meter     Meter
	Log       *slog.Logger
	Now       func() time.Time
	Owner     string
	// Hold, when set, writes down where a crash cannot reach that a receipt is being read, until the function it gives is called: if this
	// process dies meanwhile, that receipt is the suspect, and not the others of its batch.
	Hold func(receipt string) (letGo func())

	// Patience is how long a receipt waits, from its arrival here, for evidence that could not be had and might yet prove its sender; then a
	// person decides. Zero: not at all.
	Patience time.Duration

	Loops int           // how many batches are in work at once
	Batch int           // receipts per batch and commit
	Lease time.Duration // of a claimed batch
	Poll  time.Duration // the safety net under Wake
	Wake  <-chan struct{}

	mu   sync.Mutex
	owed []owed // guarded by mu: tasks that could not be given back yet
}

// Run works until ctx ends, then returns nil when every loop has finished or given back its batch.
func (w *Worker) Run(ctx context.Context) error {
	nudge := make(chan struct{}, w.Loops)
	group, ctx := errgroup.WithContext(ctx)
	for range w.Loops {
		group.Go(func() error { return w.loop(ctx, nudge) })
	}
	return group.Wait()
}

func (w *Worker) loop(ctx context.Context, nudge chan struct{}) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-w.Wake:
		case <-nudge:
		}
		for ctx.Err() == nil {
			n, err := w.Step(ctx)
			if err != nil {
				if ctx.Err() == nil {
					w.Log.Error("batch of receipts not settled", "error", err)
				}
				break
			}
			if n == 0 { // a small batch says nothing: suspects are given out alone
				break
			}
			if n == w.Batch { // there is more: a sleeping loop may help
				select {
				case nudge <- struct{}{}:
				default:
				}
			}
		}
		timer.Reset(w.Poll)
	}
}

// drainPoll is how often a drain looks for work that others have in hand, once nothing more comes by itself. drainPatience is how long it goes on while nothing gets done:
// longer than a message that breaks the reader needs for its three tries, and than a lease of somebody who died.
const (
	drainPoll     = 20 * time.Millisecond
	drainPatience = 90 * time.Second
)

// Drain works until done is closed and no receipt waits any more, neither due, nor resting before another try, nor in anybody's hands.
func (w *Worker) Drain(ctx context.Context, done <-chan struct{}) error {
	group, ctx := errgroup.WithContext(ctx)
	for range w.Loops {
		group.Go(func() error { return w.drainLoop(ctx, done) })
	}
	return group.Wait()
}

func (w *Worker) drainLoop(ctx context.Context, done <-chan struct{}) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	fewest, since := -1, w.Now()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		case <-w.Wake:
		}
		ended := closed(done) // asked before looking for work, so that what came before the end is seen
		n, err := w.Step(ctx)
		if err != nil {
			return err
		}
		switch {
		case n > 0:
			timer.Reset(0)
			continue
		case !ended: // what comes wakes us
			timer.Reset(10 * drainPoll)
			continue
		}
		timer.Reset(drainPoll)
		waiting, err := w.Work.WaitingTasks(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		if fewest < 0 || waiting < fewest {
			fewest, since = waiting, w.Now()
		} else if w.Now().Sub(since) > drainPatience {
			return fmt.Errorf("%d receipts still wait and none gets done; the log says why", waiting)
		}
	}
}

func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// Step claims and settles one batch, and reports how many receipts it claimed.
func (w *Worker) Step(ctx context.Context) (int, error) {
	if err := w.payBack(ctx); err != nil {
		return 0, err
	}
	tasks, err := w.Work.ClaimTasks(ctx, w.Owner, w.Batch, w.Lease)
	if err != nil {
		return 0, fmt.Errorf("claim receipts: %w", err)
	}
	return len(tasks), w.Settle(ctx, tasks)
}
