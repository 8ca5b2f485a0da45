package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
)

// work is one receipt between claim and commit.
type work struct {
	task     Task
	message  parser.Message
	pack     *edxml.Received // of what came over the axis, instead of the message
	paper    *PaperForm      // of what came on paper; the message holds the scan
	wanted   []string        // its files that only tools can read
	evidence Evidence
	known    Understanding
}

// Settle understands, decides and commits claimed receipts. Each one that cannot be settled goes back to the queue by itself; the error is
// about the database, and then all of them have gone back.
func (w *Worker) Settle(ctx context.Context, tasks []Task) error {
	if len(tasks) == 0 {
		return nil
	}
	k := w.Knowledge()
	cases, err := w.inputs(ctx, tasks, k)
	if err != nil {
		return err
	}
	return w.settle(ctx, cases, k)
}

// guarded runs a part of the judgement of one receipt. A panic in it is a fault of ours that this message brings out: it counts as a try,
// and the third hands the receipt to a person. Should the process die instead, Hold says of what.
func (w *Worker) guarded(receipt string, judge func() error) (err error) {
	if w.Hold != nil {
		defer w.Hold(receipt)()
	}
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("a message panicked the program", "receipt", receipt, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errBreaks
		}
	}()
	return judge()
}

// settle decides and commits a batch. What another commit or a person overtook in the meantime is decided again on the new history; after
// a few rounds it goes back to the queue rather than hold up the rest.
func (w *Worker) settle(ctx context.Context, cases []*work, k *Knowledge) error {
	for range 3 {
		if len(cases) == 0 {
			return nil
		}
		stale, err := w.commit(ctx, cases, k)
		if err != nil {
			w.giveBackAll(ctx, cases, err)
			return err
		}
		cases = stale
	}
	w.giveBackAll(ctx, cases, ErrStale)
	return nil
}

// commit decides and commits once. It gives the cases that were overtaken.
func (w *Worker) commit(ctx context.Context, cases []*work, k *Knowledge) (stale []*work, err error) {
	lookups := make([]Lookup, len(cases))
	for i, c := range cases {
		lookups[i] = c.known.Lookup
	}
	histories, err := w.Work.Histories(ctx, lookups)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	var ready []*work
	var in []Settlement
	for i, c := range cases {
		if again, overtaken := w.reread(ctx, c, histories[i], k); overtaken {
			if again != nil {
				stale = append(stale, again)
			}
			continue
		}
		s := Settlement{Job: c.task.Job, Receipt: c.task.Receipt, Review: k.Settings.Mode == notice.ModeReview}
		if w.Targets != nil {
			s.Targets = w.Targets(c.task.Receipt.Receiver)
		}
		err := w.guarded(c.task.Receipt.ID, func() error {
			s.Outcome = Decide(c.task.Receipt, c.known, c.evidence, histories[i], k)
			return nil
		})
		if err != nil {
			w.giveBack(ctx, c.task, err)
			continue
		}
		if at, waits := w.waits(s); waits {
			w.delay(ctx, c.task, at)
			continue
		}
		if err := w.draw(&s); err != nil {
			w.giveBack(ctx, c.task, fmt.Errorf("%w: %w", errBreaks, err))
			continue
		}
		ready, in = append(ready, c), append(in, s)
	}
	ready, in, changed, err := w.whatWaits(ctx, ready, in, k)
	stale = append(stale, changed...)
	if err != nil {
		return nil, err
	}
	overtaken, err := w.commitAll(ctx, ready, in)
	return append(stale, overtaken...), err
}

// whatWaits looks for copies that wait for a person, of what would be refused: the first copy may have come in time. Of all others nobody
// asks. It gives the cases that were overtaken meanwhile.
func (w *Worker) whatWaits(ctx context.Context, ready []*work, in []Settlement, k *Knowledge) (kept []*work, out []Settlement, stale []*work, err error) {
	var lookups []Lookup
	for i, c := range ready {
		if refusesUnasked(c, in[i]) {
			l := c.known.Lookup
			l.Waiting = true
			lookups = append(lookups, l)
		}
	}
	if len(lookups) == 0 {
		return ready, in, nil, nil
	}
	histories, err := w.Work.Histories(ctx, lookups)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read what waits: %w", err)
	}
	for i, c := range ready {
		if refusesUnasked(c, in[i]) {
			h := histories[0]
			histories = histories[1:]
			if len(h.Amendments) != len(in[i].Outcome.History.Amendments) {
				stale = append(stale, c)
				continue
			}
			err := w.guarded(c.task.Receipt.ID, func() error {
				in[i].Outcome = Decide(c.task.Receipt, c.known, c.evidence, h, k)
				return nil
			})
			if err != nil {
				w.giveBack(ctx, c.task, err)
				continue
			}
		}
		kept, out = append(kept, c), append(out, in[i])
	}
	return kept, out, stale, nil
}

// refusesUnasked says whether something of a message would be refused, and nobody has asked for copies of it that wait.
func refusesUnasked(c *work, s Settlement) bool {
	return !c.known.Lookup.Waiting && len(c.known.Lookup.Keys) > 0 && slices.ContainsFunc(s.Outcome.Records, func(r RecordOutcome) bool { return r.State == Refused })
}

// reread understands a receipt anew when a person amended it after it was claimed: what they say is an input of the first half too. It
// gives nil when the receipt went back to the queue, because only a new claim tells which records the person saw.
func (w *Worker) reread(ctx context.Context, c *work, h History, k *Knowledge) (again *work, overtaken bool) {
	if len(h.Amendments) == len(c.task.Amendments) { // amendments are only ever added
		return nil, false
	}
	err := ErrStale
	if h.Outcomes == 0 {
		c.task.Amendments = h.Amendments
		err = w.guarded(c.task.Receipt.ID, func() error {
			c.understand(k)
			return nil
		})
	}
	if err != nil {
		w.giveBack(ctx, c.task, err)
		return nil, true
	}
	return c, true
}

func (w *Worker) commitAll(ctx context.Context, cases []*work, in []Settlement) (stale []*work, err error) {
	if len(in) == 0 {
		return nil, nil
	}
	results, err := w.Work.Commit(ctx, w.render, in)
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
		default: // the database takes the others, and not this one
			w.giveBack(ctx, cases[i].task, fmt.Errorf("%w: %w", errBreaks, err))
		}
	}
	return stale, nil
}

// draw draws the slip of a notice while no transaction is open.
func (w *Worker) draw(s *Settlement) error {
	if s.Outcome.Notice == nil {
		return nil
	}
	return w.guarded(s.Receipt.ID, func() error {
		d, err := notice.Draw(*s.Outcome.Notice, w.Now())
		s.Outcome.Notice = &d
		return err
	})
}

// render keeps a panic in one notice from ending the transaction of all.
func (w *Worker) render(d notice.Draft, n notice.Numbers) (r notice.Rendered, err error) {
	err = w.guarded(d.Receipt, func() (err error) {
		r, err = w.Render(d, n)
		return err
	})
	return r, err
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

// errBreaks is the blame of a message that the program cannot get through: its judgement panics, or the database refuses its outcome.
var errBreaks = errors.New("the message breaks the program")

// giveBack returns a task to the queue. Only a message that breaks the program, or whose stored bytes are damaged, loses a try by it: a
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
		w.Log.Error("receipt could not be given back; it will be when the database answers", "receipt", t.Receipt.ID, "error", err)
		w.mu.Lock()
		w.owed = append(w.owed, owed{t, cause.Error(), blameless})
		w.mu.Unlock()
	}
}

// owed is a task that the database could not take back. Were it left to its lease, it would count as abandoned: a try lost, and given out
// alone.
type owed struct {
	task      Task
	reason    string
	blameless bool
}

// payBack gives back what is owed. The error is that of a database which still does not answer.
func (w *Worker) payBack(ctx context.Context) error {
	for {
		w.mu.Lock()
		if len(w.owed) == 0 {
			w.mu.Unlock()
			return nil
		}
		o := w.owed[0]
		w.mu.Unlock()
		if err := w.Work.FailTask(ctx, o.task, o.reason, o.blameless); err != nil && !errors.Is(err, ErrFenced) {
			return fmt.Errorf("give back receipt %s: %w", o.task.Receipt.ID, err)
		}
		w.mu.Lock()
		if len(w.owed) > 0 && w.owed[0].task.Job == o.task.Job { // another loop may have been faster
			w.owed = w.owed[1:]
		}
		w.mu.Unlock()
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
