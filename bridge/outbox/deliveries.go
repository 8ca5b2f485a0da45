package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// settle writes down what became of one delivery. An error is about the store.
func (r *Deliverer) settle(ctx context.Context, d bridge.Dispatch, reply bridge.DispatchReply, cause error, counts *Counts) error {
	now := r.Now()
	log := r.Log.With("delivery", d.ID, "receipt", d.Receipt, "target", d.Target, "attempt", d.Job.Attempt)
	if cause == nil {
		counts.Sent++
		r.count("sent")
		log.Info("record delivered")
		return r.write(ctx, d, func(ctx context.Context) error { return r.Queue.DispatchSent(ctx, d, reply) })
	}
	text := answerText(cause)
	if errors.Is(cause, bridge.ErrDamaged) {
		r.Alarm(context.WithoutCancel(ctx), bridge.Alarm{Key: "raw-damaged:" + d.Receipt, Code: "raw-damaged",
			Text: "Bản gốc lưu trữ của phiếu " + d.Receipt + " bị thiếu hoặc hỏng; cần khôi phục từ bản sao lưu."})
	}
	switch {
	case ctx.Err() != nil && !errors.Is(cause, bridge.ErrPermanent): // we are being stopped: due at once, and nobody is to blame
		counts.Later++
		return r.write(ctx, d, func(ctx context.Context) error { return r.Queue.DispatchLater(ctx, d, now, text, true) })
	case errors.Is(cause, errOwn):
		counts.Later++
		return r.write(ctx, d, func(ctx context.Context) error { return r.Queue.DispatchLater(ctx, d, now.Add(time.Minute), "", true) })
	case errors.Is(cause, bridge.ErrPermanent):
		return r.dead(ctx, d, reasonOf(d, cause), text, counts)
	case !d.FirstTry.IsZero() && now.Sub(d.FirstTry) >= r.giveUp() && d.Job.Attempt >= triesLeast: // a person who lets it be tried again gives it more than one try
		return r.dead(ctx, d, "given-up", text, counts)
	}
	counts.Later++
	r.count("deferred")
	until := now.Add(deliveryBackoff(d.Job.Attempt, cause))
	log.Warn("delivery put off", "code", codeOf(cause), "until", until)
	return r.write(ctx, d, func(ctx context.Context) error { return r.Queue.DispatchLater(ctx, d, until, text, false) })
}

func (r *Deliverer) count(result string) {
	r.Meter.Add(bridge.MetricDeliveries, 1, r.Target.Name(), result)
}

// dead leaves a delivery to a person. The alarm names it; what the target said stands in the list of deliveries only.
func (r *Deliverer) dead(ctx context.Context, d bridge.Dispatch, reason, text string, counts *Counts) error {
	counts.Dead++
	r.count("failed")
	r.Log.Error("delivery failed for good", "delivery", d.ID, "receipt", d.Receipt, "target", d.Target, "reason", reason)
	if err := r.write(ctx, d, func(ctx context.Context) error { return r.Queue.DispatchDead(ctx, d, reason, text) }); err != nil {
		return err
	}
	r.Alarm(context.WithoutCancel(ctx), bridge.Alarm{Key: codeDeliveryFailed + ":" + d.ID, Code: codeDeliveryFailed,
		Text: "Không chuyển được văn bản " + d.Record + " tới " + d.Target + "; cần người xử lý. Xem lý do bằng lệnh giaolien deliveries list."})
	return nil
}

// triesLeast is how often a delivery is tried before it is given up, however old it is.
const triesLeast = 6

// reasonOf is why a delivery goes to a person. Refused is only what the target surely does not have: an alarm about a late secret names all the
// others, and what was struck out is withdrawn of them.
func reasonOf(d bridge.Dispatch, cause error) string {
	t, ok := errors.AsType[*bridge.TargetError](cause)
	switch {
	case ok && t.Unclear:
		return "unclear"
	case d.Asked && (!ok || t.Unsent): // it could not be sent again; an earlier try may have arrived
		return "given-up"
	}
	return "refused"
}

// deliveryBackoff is how long a delivery waits after its nth try; longer when the target asks for it, an hour at most.
func deliveryBackoff(attempt int, cause error) time.Duration {
	steps := [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}
	wait := steps[min(max(attempt, 1), len(steps))-1]
	if t, ok := errors.AsType[*bridge.TargetError](cause); ok {
		wait = max(wait, min(t.After, time.Hour))
	}
	return wait
}

// answerText is what people are shown of a failure: the target's own words where there are some.
func answerText(cause error) string {
	if t, ok := errors.AsType[*bridge.TargetError](cause); ok && t.Reply != "" {
		return t.Reply
	}
	return cause.Error()
}

// codeOf is a failure as the log may name it.
func codeOf(cause error) string {
	if t, ok := errors.AsType[*bridge.TargetError](cause); ok {
		return t.Code
	}
	return "error"
}

// owedDelivery is something about a claimed delivery that the store could not be told, as owed is of a notice.
type owedDelivery struct {
	delivery bridge.Dispatch
	tell     func(context.Context) error
	until    time.Time
}

// write calls the store, and owes it what it could not be told: a delivery that arrived and is not written down goes out again.
func (r *Deliverer) write(ctx context.Context, d bridge.Dispatch, call func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	for try := 1; ; try++ {
		err := r.tell(ctx, d, call)
		switch {
		case err == nil:
			return nil
		case try == writeTries:
			r.owed = append(r.owed, owedDelivery{d, call, r.Now().Add(r.lease())})
			return fmt.Errorf("settle delivery %s: %w", d.ID, err)
		}
		rest(ctx, r.pause(0)/time.Duration(writeTries), nil)
	}
}

// tell calls the store once. A claim that another daemon has taken over meanwhile is that daemon's to settle.
func (r *Deliverer) tell(ctx context.Context, d bridge.Dispatch, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := call(ctx)
	if errors.Is(err, bridge.ErrFenced) {
		r.Log.Warn("claim of delivery was taken over", "delivery", d.ID)
		return nil
	}
	return err
}

// payBack tells the store what it is owed, until it does not answer. What it does not take by the end of the lease is given up: the delivery is
// due again by then, and its target is asked.
func (r *Deliverer) payBack(ctx context.Context) {
	for range len(r.owed) {
		o := r.owed[0]
		r.owed = r.owed[1:]
		if err := r.tell(ctx, o.delivery, o.tell); err != nil {
			r.Log.Error("claim of delivery still not settled", "delivery", o.delivery.ID, "error", err)
			if r.Now().Before(o.until) {
				r.owed = append(r.owed, o)
			}
			return
		}
	}
}

// report logs a failed pass, and raises an alarm when the target has been away for so long, or at once when waiting cannot help.
func (r *Deliverer) report(ctx context.Context, err error, after time.Duration) {
	if !errors.Is(err, errTarget) {
		r.Log.Error("deliveries cannot go on", "target", r.Target.Name(), "error", err)
		return
	}
	now := r.Now()
	if !r.outage.open() {
		r.outage.since = now
	}
	r.Log.Error("target fails", "target", r.Target.Name(), "since", r.outage.since, "code", codeOf(err))
	if r.outage.raised || !hopeless(err) && now.Sub(r.outage.since) < after {
		return
	}
	r.outage.raised = true
	r.Alarm(ctx, bridge.Alarm{Key: CodeTargetAway + ":" + r.Target.Name(), Code: CodeTargetAway, Text: "Không chuyển được văn bản tới " + r.Target.Name() +
		": hệ thống đích không phản hồi, từ chối kết nối hoặc trả lời không hợp lệ. Văn bản được giữ trong hàng đợi và sẽ được chuyển khi hệ thống đích hoạt động trở lại. Chạy lệnh giaolien check để xem nguyên nhân."})
}

// recovered is called when the target has answered for a delivery.
func (r *Deliverer) recovered(ctx context.Context) {
	if r.outage.open() {
		r.Log.Info("target is back", "target", r.Target.Name(), "since", r.outage.since)
	}
	if r.outage.raised || !r.outage.cleared {
		r.Clear(ctx, CodeTargetAway+":"+r.Target.Name())
	}
	r.outage = outage{cleared: true}
}
