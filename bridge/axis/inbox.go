package axis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// InboxOptions say how the inbox of one account is read.
type InboxOptions struct {
	Name    string    // of the axis in the configuration
	Account string    // system id and server: the same package of another account is another delivery
	Start   time.Time // what the axis had before is recorded, never judged
	Poll    time.Duration
	// Window is how far back lists are asked for, where an axis can be asked: far enough for everything that could still be unfetched.
	Window time.Duration
	// Ack tells the axis when a package is fetched (processing) and stored (done). Without it nothing there is touched, so that the document
	// system may read the same inbox.
	Ack         bool
	SilentAfter time.Duration // without a good answer for so long an alarm is raised; 0: 10 min
	Spool       string
	Pause       time.Duration // after the first failure of a package, then four times as long; a sixtieth of it after one of the axis. 0: 1 min
}

// triesMost is how often a package may fail before a person is asked. It is tried on, each hour: what was broken there may be mended there.
const (
	triesMost  = 3
	lateAgain  = time.Hour
	drainTries = 6
	backoffMax = 5 * time.Minute
)

// Inbox reads the inbox of one account: what is listed there and was never delivered is fetched, made durable, and only then acknowledged.
// That it was delivered the store knows by its origin; where a list begins, and what stands in it twice or again, decides nothing. Run and
// Drain may not be used at the same time.
type Inbox struct {
	o     InboxOptions
	axis  bridge.Axis
	deps  Deps
	take  reception
	log   *slog.Logger
	heard time.Time           // last good list, or the beginning
	bad   map[string]*trouble // by docId
	acked map[string]bool     // of the packages listed last
	unack error               // why the axis did not take an acknowledgement in this round
	fails int

	mu     sync.Mutex
	raised map[string]bool // guarded by mu: alarms that are, or may be, open
}

// trouble is a package that something is wrong with.
type trouble struct {
	tries int
	due   time.Time
}

// NewInbox checks the options.
func NewInbox(o InboxOptions, a bridge.Axis, d Deps) (*Inbox, error) {
	if !d.complete() || a == nil || o.Name == "" || o.Account == "" || o.Start.IsZero() {
		return nil, fmt.Errorf("inbox %s: an option or dependency is missing", o.Name)
	}
	o.Poll = cmp.Or(o.Poll, time.Minute)
	o.Window = cmp.Or(o.Window, 30*24*time.Hour)
	o.SilentAfter = cmp.Or(o.SilentAfter, 10*time.Minute)
	o.Pause = cmp.Or(o.Pause, time.Minute)
	i := &Inbox{o: o, axis: a, deps: d, log: d.Log.With("axis", o.Name), bad: map[string]*trouble{}, raised: map[string]bool{}}
	i.take = reception{deps: &i.deps, name: o.Name, start: o.Start, spool: o.Spool}
	return i, nil
}

// Run reads the inbox until ctx ends. Errors of the axis are logged, raise alarms, and are tried again.
func (i *Inbox) Run(ctx context.Context) error {
	i.heard = i.deps.Now()
	for ctx.Err() == nil {
		_, err := i.round(ctx, false)
		if ctx.Err() != nil {
			return nil
		}
		if sleep(ctx, i.pause(ctx, err)) != nil {
			return nil
		}
	}
	return nil
}

// Drain reads the inbox until nothing new is left, and tries broken packages as often as they may be tried.
func (i *Inbox) Drain(ctx context.Context) (Counts, error) {
	i.heard = i.deps.Now()
	var all Counts
	for tries := 0; ; {
		n, err := i.round(ctx, true)
		all.add(n)
		all.Listed, all.Left = n.Listed, len(i.bad)
		again := slices.ContainsFunc(values(i.bad), func(t *trouble) bool { return t.tries < triesMost })
		switch {
		case ctx.Err() != nil:
			return all, fmt.Errorf("drain axis %s: %w", i.o.Name, context.Cause(ctx))
		case err == nil && !again:
			return all, nil
		case err == nil:
			continue
		case n.Accepted > 0:
			tries = 0
		}
		if tries++; tries >= drainTries {
			i.pause(ctx, err)
			return all, fmt.Errorf("drain axis %s: %w", i.o.Name, err)
		}
		if err := sleep(ctx, min(i.pause(ctx, err), time.Second<<tries)); err != nil {
			return all, fmt.Errorf("drain axis %s: %w", i.o.Name, err)
		}
	}
}

func values(m map[string]*trouble) []*trouble {
	var out []*trouble
	for _, t := range m {
		out = append(out, t)
	}
	return out
}

// pause handles what ended a round and says how long to wait.
func (i *Inbox) pause(ctx context.Context, err error) time.Duration {
	set := func(up float64) { i.deps.Meter.Set(bridge.MetricUp, up, i.o.Name, "axis") }
	if err == nil || errors.Is(err, errUnacked) {
		i.fails = 0
		set(1)
		return i.o.Poll
	}
	set(0)
	if errors.Is(err, bridge.ErrHeld) {
		i.heard = i.deps.Now()
		return i.o.Poll
	}
	i.fails++
	i.log.WarnContext(ctx, "axis is not read", "error", logged(err), "failures", i.fails)
	if errors.Is(err, bridge.ErrLogin) {
		i.alarm(ctx, alarmLogin, "", "trục từ chối tài khoản; kiểm tra system_id và khóa bí mật")
	}
	if errors.Is(err, bridge.ErrNoSpace) {
		i.alarm(ctx, alarmDisk, "", "ổ đĩa đã đầy; tạm ngừng nhận văn bản, sẽ tự tiếp tục khi có chỗ trống")
	}
	if i.deps.Now().Sub(i.heard) > i.o.SilentAfter {
		i.alarm(ctx, alarmSilent, "", fmt.Sprintf("đã hơn %d phút không nhận được danh sách văn bản từ trục", int(i.o.SilentAfter.Minutes())))
	}
	wait := min(backoffMax, i.o.Pause/60<<min(i.fails, 10))
	return wait/2 + rand.N(wait/2+1)
}

// round lists the inbox once, under the lease, and takes what is new. Its error ends it early: the axis or our own side does not work.
func (i *Inbox) round(ctx context.Context, draining bool) (n Counts, err error) {
	h, err := bridge.TakeHold(ctx, i.deps.Leases, "axis:"+i.o.Account, i.deps.Owner)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, h.Release(ctx)) }()
	listed, acked, seen := map[string]bool{}, i.acked, map[string]bool{}
	i.unack = nil
	for _, kind := range []edxml.Kind{edxml.KindEdoc, edxml.KindStatus} {
		items, err := i.axis.Received(h.Ctx, kind, i.deps.Now().Add(-i.o.Window))
		if err != nil {
			return n, err
		}
		i.alive(ctx, kind)
		items = unlike(items)
		n.Listed += len(items)
		fresh, err := i.fresh(h.Ctx, items, acked, seen)
		if err != nil {
			return n, err
		}
		for _, item := range items {
			listed[item.DocID] = true
		}
		for _, item := range fresh {
			if t := i.bad[item.DocID]; t != nil && (draining && t.tries >= triesMost || !draining && i.deps.Now().Before(t.due)) {
				continue
			}
			one, settled, err := i.one(ctx, h, item)
			n.add(one)
			if err != nil {
				return n, err
			}
			seen[item.DocID] = settled
		}
	}
	i.acked = seen
	for id := range i.bad {
		if !listed[id] { // it is there no longer, or outside the window
			delete(i.bad, id)
		}
	}
	return n, i.unack
}

// unlike gives each package once, oldest first.
func unlike(items []bridge.AxisItem) []bridge.AxisItem {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b bridge.AxisItem) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.DocID, b.DocID))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(x bridge.AxisItem) bool { again := seen[x.DocID]; seen[x.DocID] = true; return again })
}

// askedAtOnce is how many origins one question to the store names.
const askedAtOnce = 500

// fresh gives the packages that were never delivered. What was, and was not acknowledged yet, is acknowledged here: the last answer may have
// been lost.
func (i *Inbox) fresh(ctx context.Context, items []bridge.AxisItem, acked, seen map[string]bool) ([]bridge.AxisItem, error) {
	var out []bridge.AxisItem
	for part := range slices.Chunk(items, max(1, askedAtOnce/max(1, len(i.deps.Receivers)))) {
		var origins []string
		for _, item := range part {
			for _, r := range i.deps.Receivers {
				origins = append(origins, bridge.OriginAxis(i.o.Account, item.Kind, item.DocID, r))
			}
		}
		known, err := i.deps.Known(ctx, origins)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errOurs, err)
		}
		for _, item := range part {
			delivered := slices.ContainsFunc(i.deps.Receivers, func(r string) bool { return known[bridge.OriginAxis(i.o.Account, item.Kind, item.DocID, r)] })
			if delivered {
				delete(i.bad, item.DocID)
			}
			switch {
			case !delivered && item.Transport != bridge.AxisFail:
				out = append(out, item)
			case delivered && (acked[item.DocID] || item.Transport == bridge.AxisDone || !i.o.Ack):
				seen[item.DocID] = true
			case delivered:
				if seen[item.DocID], err = i.done(ctx, item); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}
