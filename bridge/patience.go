package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
)

// firstLook is how soon a receipt whose sender could not be looked up is looked at again; later looks come at half its age.
const firstLook = 30 * time.Second

// waits says whether an outcome holds a mail, or leaves its sender without an answer, only because DNS did not answer, and when it is looked at
// again. A person's word ends the waiting, and so does Patience.
func (w *Worker) waits(s Settlement) (time.Time, bool) {
	o := s.Outcome
	if !o.Evidence.Pending || s.Receipt.Imported || o.History.Outcomes > 0 || lastWord(o.History.Amendments) != "" {
		return time.Time{}, false
	}
	held := o.State == Held && slices.ContainsFunc(o.Records, func(r RecordOutcome) bool {
		return r.State == Held && slices.Contains(r.Decision.Reasons, string(policy.ReasonIdentityBelow))
	})
	if !held && o.Silence != notice.SilentIdentity {
		return time.Time{}, false
	}
	now := w.Now()
	age := now.Sub(s.Receipt.StoredAt)
	if age < 0 || age >= w.Patience {
		return time.Time{}, false
	}
	return now.Add(min(max(firstLook, age/2), max(w.Patience-age, time.Second))), true
}

// delay gives a receipt back until it is looked at again. One that cannot be given back is, when its lease ends.
func (w *Worker) delay(ctx context.Context, t Task, at time.Time) {
	w.Log.Info("the sender of a receipt could not be looked up; it is looked at again", "receipt", t.Receipt.ID, "at", at)
	if err := w.Work.DelayTask(ctx, t, at, "DNS did not answer what may prove the sender"); err != nil && !errors.Is(err, ErrFenced) {
		w.giveBack(ctx, t, err)
	}
}
