package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// margin is what must be left of a lease for DATA to be begun, and for the final dot to be sent.
const margin = 30 * time.Second

// Runner sends what is due. Fields are set before Run or Drain and not changed after; one Runner is used by one goroutine at a time.
type Runner struct {
	Server  *SMTP
	Notices bridge.Notices
	Caps    bridge.Caps
	Owner   string                              // name of this daemon in claims
	Wake    <-chan struct{}                     // says that there may be something to send; may be nil
	Now     func() time.Time                    // nil: time.Now
	Log     *slog.Logger                        // nil: says nothing
	Meter   bridge.Meter                        // nil: counts nothing
	Alarm   func(context.Context, bridge.Alarm) // raises an alarm, once per key; may be nil
	Clear   func(ctx context.Context, key string)

	Digests bridge.Digests // gathers what is over the day's cap; nil: it is put off
	Render  bridge.Renderer
	Digest  bridge.DigestWriter

	Poll       time.Duration // how often the queue is looked at without being woken; 30 s
	Lease      time.Duration // of a claim; 4 min more than sending one notice can take
	Batch      int           // notices of one claim; 10
	GiveUp     time.Duration // how long after its first try a notice is tried again; 5 days
	AlarmAfter time.Duration // how long the server may be away before an alarm; 10 min

	outage outage
	owed   []owed          // what the store could not be told yet, oldest first
	pauses []time.Duration // of the tests; nil: the usual ones
}

// Counts say what became of the notices of a drain.
type Counts struct {
	Sent  int `json:"sent"`
	Later int `json:"later"` // put off: refused for now, or given back
	Dead  int `json:"dead"`
}

func (r *Runner) poll() time.Duration       { return orDefault(r.Poll, 30*time.Second) }
func (r *Runner) lease() time.Duration      { return orDefault(r.Lease, r.Server.Longest()+4*time.Minute) }
func (r *Runner) giveUp() time.Duration     { return orDefault(r.GiveUp, 5*24*time.Hour) }
func (r *Runner) alarmAfter() time.Duration { return orDefault(r.AlarmAfter, 10*time.Minute) }

func (r *Runner) batch() int {
	if r.Batch <= 0 {
		return 10
	}
	return r.Batch
}

// prepare fills in what was left out and checks what was set.
func (r *Runner) prepare() error {
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Meter == nil {
		r.Meter = bridge.NoMeter{}
	}
	if r.lease() < r.Server.Longest()+margin {
		return fmt.Errorf("lease of %s is shorter than sending one notice can take (%s)", r.lease(), r.Server.Longest()+margin)
	}
	return nil
}

// Run sends until the context ends, and returns nil then. Failures of server and store are reported and tried again.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.prepare(); err != nil {
		return err
	}
	for failures := 0; ; {
		counts, err := r.pass(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			failures = 0
			r.rest(ctx, r.poll(), r.Wake)
		default:
			r.report(ctx, err, r.alarmAfter())
			// Being woken does not shorten this wait: a server that is away must not be called once for every mail that comes in.
			if counts.Sent > 0 {
				failures = 0
			}
			r.rest(ctx, r.pause(failures), nil)
			failures++
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// Drain sends once what is due now. What could not be sent is due again later; the error is about server or store.
func (r *Runner) Drain(ctx context.Context) (Counts, error) {
	if err := r.prepare(); err != nil {
		return Counts{}, err
	}
	counts, err := r.pass(ctx)
	if err != nil && ctx.Err() == nil {
		r.report(ctx, err, 0)
	}
	return counts, err
}

// pause is how long the server or the store is left alone after so many failures in a row.
func (r *Runner) pause(failures int) time.Duration {
	steps := []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	if r.pauses != nil {
		steps = r.pauses
	}
	return steps[min(failures, len(steps)-1)]
}

func (r *Runner) rest(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-wake:
	}
}

// pass sends everything that is due, over one connection as long as it holds. Nothing is claimed before the server has let us in.
func (r *Runner) pass(ctx context.Context) (Counts, error) {
	var counts Counts
	r.payBack(ctx)
	if err := r.gather(ctx); err != nil {
		return counts, err
	}
	waiting, err := r.Notices.WaitingNotices(ctx)
	if err != nil {
		return counts, fmt.Errorf("count waiting notices: %w", err)
	}
	if waiting == 0 && !r.outage.open() {
		return counts, nil
	}
	l := link{server: r.Server}
	defer l.close()
	if _, err := l.get(ctx); err != nil {
		return counts, err
	}
	for ctx.Err() == nil {
		until := r.Now().Add(r.lease())
		batch, err := r.Notices.ClaimNotices(ctx, r.Owner, r.batch(), r.lease(), r.Caps)
		if err != nil {
			return counts, fmt.Errorf("claim notices: %w", err)
		}
		if len(batch) == 0 {
			r.recovered(ctx)
			return counts, nil
		}
		if err := r.sendBatch(ctx, &l, batch, until, &counts); err != nil {
			return counts, err
		}
	}
	return counts, ctx.Err()
}

// gather queues the digests that are due.
func (r *Runner) gather(ctx context.Context) error {
	if r.Digests == nil {
		return nil
	}
	n, err := r.Digests.GatherNotices(ctx, r.Render, r.Digest, r.Caps)
	if n > 0 {
		r.Log.Info("digests queued", "digests", n)
	}
	if err != nil && ctx.Err() == nil {
		r.Log.Error("digests could not be written; they are tried again", "error", err) // what else is due is not to wait for them
	}
	return ctx.Err()
}

// sendBatch sends claimed notices until their lease is too short for one more. Those that are left are given back.
func (r *Runner) sendBatch(ctx context.Context, l *link, batch []bridge.Outgoing, until time.Time, counts *Counts) error {
	for i, o := range batch {
		if err := r.ready(ctx, until, r.Server.Longest()); err != nil {
			return r.giveBack(ctx, batch[i:], r.Now(), err, counts)
		}
		v, reply, err := r.try(ctx, l, o, until)
		if v == ourFault {
			wait := r.Now().Add(time.Minute)
			return errors.Join(err, r.giveBack(ctx, batch[i:], wait, err, counts))
		}
		if v == sent || v == dead || v == later {
			r.recovered(ctx)
		}
		if err := r.settle(ctx, o, v, reply, err, counts); err != nil {
			r.oweBack(batch[i+1:], r.Now(), errors.New("not tried: the store did not answer"), counts)
			return err
		}
	}
	return nil
}

func (r *Runner) ready(ctx context.Context, until time.Time, need time.Duration) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: stopping", errNotNow)
	}
	if until.Sub(r.Now()) < need {
		return fmt.Errorf("%w: the claim ends too soon", errNotNow)
	}
	return nil
}

// try sends one notice. A connection that breaks before the dot after having carried other notices was most likely closed by the server
// for its own reasons, so the notice gets one new connection at once. With ourFault the error is about the server.
func (r *Runner) try(ctx context.Context, l *link, o bridge.Outgoing, until time.Time) (verdict, string, error) {
	for again := false; ; again = true {
		c, err := l.get(ctx)
		if err != nil {
			return ourFault, "", err
		}
		fresh := !c.used
		reply, err := c.send(o.Rendered, func() error { return r.ready(ctx, until, margin) })
		v := judge(err)
		if v == lost && ctx.Err() != nil {
			v = notNow
		}
		if v == lost || v == unclear || v == notNow || v == ourFault {
			l.drop()
		}
		switch {
		case v == lost && !fresh && !again:
			continue
		case v == lost:
			if l.losses++; l.losses > 1 { // two notices in a row lost new connections: it is the server
				return ourFault, "", fmt.Errorf("%w %s: %w", errServer, r.Server.Addr, err)
			}
			return v, "", err
		case v == ourFault:
			return v, "", fmt.Errorf("%w %s: %w: %w", errServer, r.Server.Addr, errLogin, err)
		}
		l.losses = 0
		return v, reply, err
	}
}

// link is the connection in use, made anew when it has broken.
type link struct {
	server *SMTP
	now    *session
	losses int // new connections in a row that broke before the dot
}

func (l *link) get(ctx context.Context) (*session, error) {
	if l.now != nil {
		return l.now, nil
	}
	c, err := l.server.open(ctx)
	if err != nil {
		return nil, err
	}
	l.now = c
	return c, nil
}

func (l *link) drop() {
	if l.now != nil {
		l.now.drop()
		l.now = nil
	}
}

func (l *link) close() {
	if l.now != nil {
		l.now.close()
		l.now = nil
	}
}
