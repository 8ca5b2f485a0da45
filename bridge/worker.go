package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/parser"
)

// Gatherer finds the evidence about one receipt that its rules need. It may touch the network and the database; what it could not find is
// said in the Evidence, an error is only about ourselves.
type Gatherer func(ctx context.Context, r Receipt, m parser.Message) (Evidence, error)

// Worker settles receipts: claims them, reads them, decides and commits. Several run side by side, in one daemon and in many; the store
// alone keeps them apart.
type Worker struct {
	Work      Work
	Archive   Archive
	Knowledge func() *Knowledge // the active one; asked once per batch
	Gather    Gatherer
	Render    Renderer
	Alarm     func(context.Context, Alarm)
	Meter     Meter
	Log       *slog.Logger
	Now       func() time.Time
	Owner     string
	// Hold, when set, writes down where a crash cannot reach that a receipt is being read, until the function it gives is called: if this
	// process dies meanwhile, that receipt is the suspect, and not the others of its batch.
	Hold func(receipt string) (letGo func())

	Loops int           // how many batches are in work at once
	Batch int           // receipts per batch and commit
	Lease time.Duration // of a claimed batch
	Poll  time.Duration // the safety net under Wake
	Wake  <-chan struct{}
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
			if n < w.Batch {
				break
			}
			select { // there is more: a sleeping loop may help
			case nudge <- struct{}{}:
			default:
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
	tasks, err := w.Work.ClaimTasks(ctx, w.Owner, w.Batch, w.Lease)
	if err != nil {
		return 0, fmt.Errorf("claim receipts: %w", err)
	}
	if len(tasks) == 0 {
		return 0, nil
	}
	k := w.Knowledge()
	cases := make([]*work, 0, len(tasks))
	for _, t := range tasks {
		if c, err := w.understand(ctx, t, k); err != nil {
			w.giveBack(ctx, t, err)
		} else {
			cases = append(cases, c)
		}
	}
	return len(tasks), w.settle(ctx, cases, k)
}

// work is one receipt between claim and commit.
type work struct {
	task     Task
	known    Understanding
	evidence Evidence
}

// understand does everything about one receipt that needs no history: reads its bytes, understands them, gathers evidence. A panic of the
// reader is a fault of ours that this message brings out: it counts as a try, and the third hands the receipt to a person.
func (w *Worker) understand(ctx context.Context, t Task, k *Knowledge) (c *work, err error) {
	if w.Hold != nil {
		defer w.Hold(t.Receipt.ID)()
	}
	watched := &watchedReader{}
	defer func() {
		if p := recover(); p != nil && watched.err == nil {
			w.Log.Error("reading a message panicked", "receipt", t.Receipt.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("read receipt %s: %w", t.Receipt.ID, errBreaks)
		}
		if watched.err != nil { // what was understood from half a message is thrown away
			err = fmt.Errorf("read raw bytes of %s: %w", t.Receipt.ID, watched.err)
		}
	}()
	raw, err := w.Archive.Open(ctx, t.Receipt.Raw, t.Receipt.Location)
	if err != nil {
		return nil, fmt.Errorf("open raw bytes of %s: %w", t.Receipt.ID, err)
	}
	defer raw.Close()
	watched.ReaderAt = raw
	c = &work{task: t, known: Understand(t.Receipt, watched, t.Amendments, k)}
	if c.evidence, err = w.Gather(ctx, t.Receipt, c.known.Message); err != nil {
		return nil, fmt.Errorf("gather evidence for %s: %w", t.Receipt.ID, err)
	}
	return c, nil
}

// settle decides and commits a batch. What another commit overtook in the meantime (ErrStale) is decided again on the new history; after
// a few rounds it goes back to the queue rather than hold up the rest.
func (w *Worker) settle(ctx context.Context, cases []*work, k *Knowledge) error {
	for range 3 {
		if len(cases) == 0 {
			return nil
		}
		stale, err := w.commit(ctx, cases, k)
		if err != nil {
			for _, c := range cases {
				w.giveBack(ctx, c.task, err)
			}
			return err
		}
		cases = stale
	}
	for _, c := range cases {
		w.giveBack(ctx, c.task, ErrStale)
	}
	return nil
}

func (w *Worker) commit(ctx context.Context, cases []*work, k *Knowledge) (stale []*work, err error) {
	lookups := make([]Lookup, len(cases))
	for i, c := range cases {
		lookups[i] = c.known.Lookup
	}
	histories, err := w.Work.Histories(ctx, lookups)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	in := make([]Settlement, len(cases))
	for i, c := range cases {
		in[i] = Settlement{Job: c.task.Job, Receipt: c.task.Receipt, Review: k.Settings.Mode == notice.ModeReview,
			Outcome: Decide(c.task.Receipt, c.known, c.evidence, histories[i], k)}
	}
	results, err := w.Work.Commit(ctx, w.Render, in)
	if err != nil {
		return nil, fmt.Errorf("commit %d outcomes: %w", len(in), err)
	}
	for i, err := range results {
		switch {
		case err == nil:
			w.committed(ctx, in[i])
		case errors.Is(err, ErrStale):
			stale = append(stale, cases[i])
		case errors.Is(err, ErrFenced):
			w.Log.Info("receipt was settled by another worker", "receipt", in[i].Receipt.ID)
		default:
			w.giveBack(ctx, cases[i].task, err)
		}
	}
	return stale, nil
}

func (w *Worker) committed(ctx context.Context, s Settlement) {
	w.Meter.Add(MetricOutcomes, 1, s.Receipt.Receiver, string(s.Outcome.State))
	w.Meter.Observe(MetricSettle, w.Now().Sub(s.Receipt.FetchedAt).Seconds())
	w.Log.Info("receipt settled", "receipt", s.Receipt.ID, "state", s.Outcome.State, "reason", s.Outcome.Reason,
		"rule", s.Outcome.Decision.Rule, "silence", s.Outcome.Silence)
	for _, a := range s.Outcome.Alarms {
		w.Alarm(ctx, a)
	}
}

// errBreaks is the blame of a message whose reading panicked.
var errBreaks = errors.New("the message breaks the reader")

// giveBack returns a task to the queue. Only a message that breaks the reader, or whose stored bytes are damaged, loses a try by it: a
// shutdown, a database or a disk that is away are not its fault.
func (w *Worker) giveBack(ctx context.Context, t Task, cause error) {
	blameless := !errors.Is(cause, ErrDamaged) && !errors.Is(cause, errBreaks)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	w.Log.Warn("receipt goes back to the queue", "receipt", t.Receipt.ID, "attempt", t.Job.Attempt, "error", cause)
	if errors.Is(cause, ErrDamaged) {
		w.Alarm(ctx, Alarm{Key: "raw-damaged:" + t.Receipt.ID, Code: "raw-damaged",
			Text: "Bản gốc lưu trữ của phiếu " + t.Receipt.ID + " bị thiếu hoặc hỏng; cần khôi phục từ bản sao lưu."})
	}
	if err := w.Work.FailTask(ctx, t, cause.Error(), blameless); err != nil && !errors.Is(err, ErrFenced) {
		w.Log.Error("receipt could not be given back; its lease will run out", "receipt", t.Receipt.ID, "error", err)
	}
}

// watchedReader remembers that a read failed: Process has no error result, so the worker asks afterwards.
type watchedReader struct {
	io.ReaderAt
	err error
}

func (r *watchedReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, off)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
