package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

// Deliverer hands registered records over to one target: one at a time, in order per record. Every target has a Deliverer of its own, so that
// one that is away holds up nobody else. Fields are set before Run or Drain and not changed after; one Deliverer is used by one goroutine.
type Deliverer struct {
	Target  bridge.Target
	Queue   bridge.Dispatches
	Archive bridge.Archive
	Limits  parser.Limits // with which the stored messages are read
	Spool   string        // folder for files that are too large for the memory
	Owner   string
	Wake    <-chan struct{} // may be nil
	Now     func() time.Time
	Log     *slog.Logger
	Meter   bridge.Meter
	Alarm   func(context.Context, bridge.Alarm)
	Clear   func(ctx context.Context, key string)

	Poll       time.Duration // how often the queue is looked at without being woken; 30 s
	Lease      time.Duration // of a claim, renewed while it lasts; 2 min
	GiveUp     time.Duration // how long after its first try a delivery is tried again; 3 days
	AlarmAfter time.Duration // how long the target may be away before an alarm; 10 min

	outage outage
	owed   []owedDelivery
	pauses []time.Duration // of the tests; nil: the usual ones
}

// CodeTargetAway is the code of the alarm that a target is away; its key names the target. It ends by itself.
const (
	CodeTargetAway     = "delivery-unreachable"
	codeDeliveryFailed = "delivery-failed"
)

// patience is how many deliveries in a row a target may fail before it is left alone for a while.
const patience = 3

func (r *Deliverer) poll() time.Duration       { return orDefault(r.Poll, 30*time.Second) }
func (r *Deliverer) lease() time.Duration      { return orDefault(r.Lease, 2*time.Minute) }
func (r *Deliverer) giveUp() time.Duration     { return orDefault(r.GiveUp, 3*24*time.Hour) }
func (r *Deliverer) alarmAfter() time.Duration { return orDefault(r.AlarmAfter, 10*time.Minute) }

func (r *Deliverer) prepare() {
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Meter == nil {
		r.Meter = bridge.NoMeter{}
	}
	if r.Alarm == nil {
		r.Alarm = func(context.Context, bridge.Alarm) {}
	}
	if r.Clear == nil {
		r.Clear = func(context.Context, string) {}
	}
}

// Run delivers until the context ends, and returns nil then. Failures of target and store are reported and tried again.
func (r *Deliverer) Run(ctx context.Context) error {
	r.prepare()
	for failures := 0; ctx.Err() == nil; {
		counts, err := r.pass(ctx)
		if counts.Sent > 0 {
			failures = 0
		}
		if err == nil {
			rest(ctx, r.poll(), r.Wake)
			continue
		}
		r.report(ctx, err, r.alarmAfter())
		rest(ctx, r.pause(failures), nil) // being woken does not shorten it: a target that is away is not called once for every record
		failures++
	}
	return nil
}

// Drain delivers once what is due now. What could not be delivered is due again later; the error is about target or store.
func (r *Deliverer) Drain(ctx context.Context) (Counts, error) {
	r.prepare()
	counts, err := r.pass(ctx)
	if err != nil && ctx.Err() == nil {
		r.report(ctx, err, 0)
	}
	return counts, err
}

func (r *Deliverer) pause(failures int) time.Duration {
	steps := []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	if r.pauses != nil {
		steps = r.pauses
	}
	return steps[min(failures, len(steps)-1)]
}

func rest(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-wake:
	}
}

var (
	errTarget = errors.New("target")                 // marks an error that is about the target as a whole
	errOwn    = errors.New("own files not readable") // … one about our own archive or disk: no delivery is to blame
)

// pass delivers everything that is due, one after the other. A target that fails several times in a row is left alone; a single delivery that it
// stumbles over does not keep the others from it.
func (r *Deliverer) pass(ctx context.Context) (Counts, error) {
	var counts Counts
	r.payBack(ctx)
	for failures := 0; ctx.Err() == nil; {
		d, ok, err := r.Queue.ClaimDispatch(ctx, r.Owner, r.Target.Name(), r.lease())
		if err != nil {
			return counts, fmt.Errorf("claim a delivery: %w", err)
		}
		if !ok {
			return counts, nil
		}
		reply, cause, lost := r.try(ctx, d)
		if lost {
			r.Log.Info("delivery was taken over or cancelled", "delivery", d.ID)
			continue
		}
		if err := r.settle(ctx, d, reply, cause, &counts); err != nil {
			return counts, err
		}
		switch {
		case cause == nil || errors.Is(cause, bridge.ErrPermanent):
			failures = 0
			r.recovered(ctx)
		case errors.Is(cause, errOwn): // it would fail for every delivery
			return counts, fmt.Errorf("deliver %s: %w", d.ID, cause)
		default:
			if failures++; failures >= patience || hopeless(cause) {
				return counts, fmt.Errorf("%w %s: %w", errTarget, r.Target.Name(), cause)
			}
		}
	}
	return counts, ctx.Err()
}

// hopeless says whether the target refuses us as such, so that waiting cannot help and nothing else need be tried now.
func hopeless(err error) bool {
	t, ok := errors.AsType[*bridge.TargetError](err)
	return ok && t.Shut || errors.Is(err, bridge.ErrLogin)
}

// try delivers one record under a lease that is renewed meanwhile. A panic is a fault of ours, and a person must see it.
func (r *Deliverer) try(ctx context.Context, d bridge.Dispatch) (reply bridge.DispatchReply, err error, lost bool) {
	held, let := r.hold(ctx, d)
	files := NewFiles(r.Archive, r.Limits, r.Spool, d)
	begun := r.Now()
	func() {
		defer files.Close()
		defer func() {
			if p := recover(); p != nil {
				r.Log.Error("a delivery panicked the program", "delivery", d.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				err = &bridge.TargetError{Code: "panic", Reply: "Lỗi chương trình khi chuyển văn bản; xem nhật ký.", Unclear: true, Err: bridge.ErrPermanent}
			}
		}()
		reply, err = r.Target.Deliver(held, d, files)
		if err != nil && files.fault != nil {
			err = fmt.Errorf("%w: %w", errOwn, files.fault)
		}
	}()
	lost = let()
	r.Meter.Observe(bridge.MetricDelivering, r.Now().Sub(begun).Seconds(), r.Target.Name())
	return reply, err, lost && err != nil
}

// hold renews the lease until let is called, and ends the context when the delivery was taken over or cancelled; let says whether it was.
func (r *Deliverer) hold(ctx context.Context, d bridge.Dispatch) (held context.Context, let func() (lost bool)) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.lease() / 3)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
			}
			if err := r.Queue.RenewDispatch(held, d, r.Owner, r.lease()); errors.Is(err, bridge.ErrFenced) {
				cancel(bridge.ErrFenced)
			}
		}
	}()
	return held, func() bool {
		cancel(nil)
		<-done
		return errors.Is(context.Cause(held), bridge.ErrFenced)
	}
}
