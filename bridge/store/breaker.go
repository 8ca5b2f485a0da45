package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// The breaker stops all notices when far more of them go out in an hour than usual: something loops, or a rule is wrong, and every further
// notice makes it worse. What bounds a busy day is per_hour, which delays; what the breaker stops, only a person starts again. It stands in
// the database, so that a restart and a second daemon respect it. Mails about alarms go out all the same.

// CodeBreaker is the alarm of stopped notices, and its key.
const CodeBreaker = "notice-breaker"

// usualDays is how far back the usual hour is looked for: farther than the longest holidays, nine days of Tết with the weekends beside them, so that
// the first morning after them is measured by ordinary ones.
const usualDays = 35 * day

// breaker is its state, with the bound that one claim measures by.
type breaker struct {
	stopped time.Time // zero: notices go
	resumed time.Time // by a person; what was tried before does not count any more
	tried   int       // in the hour when it opened
	bound   int       // of an hour; 0: there is none
	tripped bool      // by this claim
}

func (b breaker) open() bool { return !b.stopped.IsZero() || b.tripped }

// breaker reads the state.
func (t *tx) breaker() (breaker, error) {
	var row breakerRow
	_, err := t.one(t.q.Breaker, &row, args{})
	return breaker{stopped: row.StoppedAt.Time, resumed: row.ResumedAt.Time, tried: row.Tried}, err
}

type breakerRow struct {
	StoppedAt stamp `db:"stopped_at"`
	ResumedAt stamp `db:"resumed_at"`
	Tried     int   `db:"tried"`
	Bound     int   `db:"bound"`
}

// setBreaker finds the bound of this hour. The past is only looked at when the floor may be reached.
func (t *tx) setBreaker(c *tally, more int) error {
	if c.caps.BreakerFactor <= 0 || c.breaker.open() {
		return nil
	}
	c.breaker.bound = max(c.caps.BreakerFloor, 1)
	if len(c.tries[capKey{boundBreaker, ""}])+more <= c.breaker.bound {
		return nil
	}
	var hours []int
	a := args{"from": at(t.now.Add(-usualDays)), "until": at(t.now.Add(-hour))}
	if err := t.all(t.q.HourlyTries, &hours, a); err != nil {
		return err
	}
	c.breaker.bound = max(c.breaker.bound, usualBound(hours, c.caps.BreakerFactor))
	return nil
}

// usualBound is factor times the median of the hours in which anything was sent at all. Nights and holidays are left out: with them the median
// of an office that works eight hours a day would be nothing.
func usualBound(hours []int, factor int) int {
	if len(hours) == 0 {
		return 0
	}
	slices.Sort(hours)
	n := len(hours)
	return factor * (hours[(n-1)/2] + hours[n/2]) / 2
}

// trips opens the breaker when one more notice would be over the bound.
func (c *tally) trips(now time.Time) bool {
	tried := len(c.tries[capKey{boundBreaker, ""}])
	if c.breaker.bound <= 0 || tried < c.breaker.bound {
		return false
	}
	c.breaker.tripped, c.breaker.stopped, c.breaker.tried = true, now, tried
	return true
}

// stop writes down that the breaker opened. Whoever closes the alarm without resuming hears of it again.
func (t *tx) stop(b breaker) error {
	if !b.open() {
		return nil
	}
	if b.tripped {
		if _, err := t.exec(t.q.StopNotices, args{"now": at(t.now), "tried": b.tried, "bound": b.bound}); err != nil {
			return err
		}
		t.note(audit.NewNoticesStopped(t.now, b.tried, b.bound))
	}
	return t.raise([]bridge.Alarm{{Key: CodeBreaker, Code: CodeBreaker, Text: fmt.Sprintf("Việc gửi thông báo đã tự dừng: trong một giờ đã gửi %d thông báo, "+
		"nhiều bất thường so với năm tuần qua. Hãy xem các thông báo gần đây và quy tắc; khi đã rõ, cho gửi tiếp bằng giaolien notices resume.", b.tried)}})
}

// Stopped says that no notice goes, since when, and what stopped them: more than Bound were tried in an hour.
type Stopped struct {
	Since time.Time
	Tried int
	Bound int
}

// NoticesStopped reports whether the breaker is open.
func (s *Store) NoticesStopped(ctx context.Context) (Stopped, bool, error) {
	var row breakerRow
	if _, err := s.one(ctx, s.reading.Breaker, &row, args{}); err != nil {
		return Stopped{}, false, fmt.Errorf("read breaker: %w", err)
	}
	return Stopped{row.StoppedAt.Time, row.Tried, row.Bound}, !row.StoppedAt.IsZero(), nil
}

// ResumeNotices lets notices go again, on the word of a person. Those of the last hour do not count against the bound any more. It answers
// ErrNotFound when nothing was stopped.
func (s *Store) ResumeNotices(ctx context.Context, by, reason string) error {
	return wrap("resume notices", s.change(ctx, func(t *tx) error {
		if _, err := t.exec(t.q.LockCounter, args{"name": counterCaps}); err != nil {
			return err
		}
		n, err := t.exec(t.q.ResumeNotices, args{"now": at(t.now)})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("they are not stopped: %w", bridge.ErrNotFound)
		}
		if _, err := t.exec(t.q.DueAgain, args{"now": at(t.now)}); err != nil {
			return err
		}
		t.wake[Notify] = true
		t.note(audit.NewNoticesResumed(t.now, line(by), line(reason)))
		return t.clear(CodeBreaker)
	}))
}
