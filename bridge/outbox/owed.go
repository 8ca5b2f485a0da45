package outbox

import (
	"context"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// owed is something about a claimed notice that the store could not be told. Were it left to its lease, a notice that was not tried would
// wait for minutes, and one that was sent would go out again.
type owed struct {
	notice bridge.Outgoing
	tell   func(context.Context) error
	until  time.Time // no lease of it lasts longer
}

func (r *Runner) owe(o bridge.Outgoing, tell func(context.Context) error) {
	r.owed = append(r.owed, owed{o, tell, r.Now().Add(r.lease())})
}

// oweBack is giveBack for when the store answers again.
func (r *Runner) oweBack(batch []bridge.Outgoing, at time.Time, cause error, counts *Counts) {
	reply := replyText(cause)
	for _, o := range batch {
		counts.Later++
		r.owe(o, func(ctx context.Context) error { return r.Notices.NoticeLater(ctx, o, at, reply) })
	}
}

// payBack tells the store what it is owed, until it does not answer. What it does not take by the end of the lease is given up: the notice
// is due again by then.
func (r *Runner) payBack(ctx context.Context) {
	for range len(r.owed) {
		o := r.owed[0]
		r.owed = r.owed[1:]
		if err := r.tell(ctx, o.notice, o.tell); err != nil {
			r.Log.Error("claim of notice still not settled", "notice", o.notice.Notice, "error", err)
			if r.Now().Before(o.until) {
				r.owed = append(r.owed, o) // behind the others: it may be the only one that the store refuses
			}
			return
		}
	}
}
