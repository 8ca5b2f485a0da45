package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// Writing down what became of a notice gets a time of its own, also when we are being stopped, and some tries: a notice that was sent and
// not written down is sent twice.
const (
	writeTimeout = 10 * time.Second
	writeTries   = 3
)

// settle writes down what became of one notice. An error is about the store.
func (r *Runner) settle(ctx context.Context, o bridge.Outgoing, v verdict, reply string, cause error, counts *Counts) error {
	now := r.Now()
	log := r.Log.With("notice", o.Notice, "receipt", o.Receipt, "attempt", o.Job.Attempt)
	if cause != nil {
		reply = replyText(cause)
	}
	switch {
	case v == sent:
		counts.Sent++
		r.Meter.Add(bridge.MetricNotices, 1, "sent")
		log.Info("notice sent")
		return r.write(ctx, o, func(ctx context.Context) error { return r.Notices.NoticeSent(ctx, o, reply) })
	case v == notNow:
		return r.giveBack(ctx, []bridge.Outgoing{o}, now, cause, counts)
	case v == dead || r.spent(o, now):
		counts.Dead++
		r.Meter.Add(bridge.MetricNotices, 1, "failed")
		log.Error("notice refused for good", "status", statusOf(cause))
		if err := r.write(ctx, o, func(ctx context.Context) error { return r.Notices.NoticeDead(ctx, o, reply) }); err != nil {
			return err
		}
		r.alarmDead(ctx, o)
		return nil
	}
	counts.Later++
	r.Meter.Add(bridge.MetricNotices, 1, "deferred")
	at := now.Add(backoff(o.Job.Attempt))
	log.Warn("notice put off", "status", statusOf(cause), "until", at)
	return r.write(ctx, o, func(ctx context.Context) error { return r.Notices.NoticeLater(ctx, o, at, reply) })
}

// spent says whether the notice has been tried for long enough (RFC 5321, 4.5.4.1: at least 4 to 5 days).
func (r *Runner) spent(o bridge.Outgoing, now time.Time) bool {
	return !o.FirstTry.IsZero() && now.Sub(o.FirstTry) >= r.giveUp()
}

// giveBack returns claimed notices that were not tried, due at the instant given. They never die of that, however old they are.
func (r *Runner) giveBack(ctx context.Context, batch []bridge.Outgoing, at time.Time, cause error, counts *Counts) error {
	reply := replyText(cause)
	for i, o := range batch {
		counts.Later++
		if err := r.write(ctx, o, func(ctx context.Context) error { return r.Notices.NoticeLater(ctx, o, at, reply) }); err != nil {
			r.oweBack(batch[i+1:], at, cause, counts) // a store that is away is not waited for once per notice
			return err
		}
	}
	return nil
}

// write calls the store, and owes it what it could not be told. A claim that another daemon has taken over meanwhile is that daemon's to
// settle.
func (r *Runner) write(ctx context.Context, o bridge.Outgoing, call func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	for try := 0; ; try++ {
		err := r.tell(ctx, o, call)
		switch {
		case err == nil:
			return nil
		case try+1 == writeTries:
			r.owe(o, call)
			return fmt.Errorf("settle notice %s: %w", o.Notice, err)
		}
		r.rest(ctx, r.pause(0)/time.Duration(writeTries), nil)
	}
}

// tell calls the store once.
func (r *Runner) tell(ctx context.Context, o bridge.Outgoing, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := call(ctx)
	if errors.Is(err, bridge.ErrFenced) {
		r.Log.Warn("claim of notice was taken over", "notice", o.Notice)
		return nil
	}
	return err
}

// alarmDead tells a person about a notice that will not arrive; not about an alarm, which would only make the next one.
func (r *Runner) alarmDead(ctx context.Context, o bridge.Outgoing) {
	if o.Kind == notice.Alarm || r.Alarm == nil {
		return
	}
	r.Alarm(context.WithoutCancel(ctx), bridge.Alarm{
		Key: "notice-failed:" + o.Notice, Code: "notice-failed",
		Text: "Thông báo " + o.Notice + " không gửi được và cần người xử lý: máy chủ từ chối hẳn, hoặc đã hết thời hạn gửi lại.",
	})
}
