package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

const (
	backoffMin  = time.Second
	backoffMax  = 2 * time.Minute
	backoffDeny = time.Minute      // after a refused login, which locks accounts when repeated fast
	backoffDisk = 30 * time.Second // at most, while the disk is full
	drainTries  = 6                // sessions without progress before a drain gives up
)

// folder is one watched folder. What outlives a connection is here; it is used by one goroutine at a time.
type folder struct {
	w     *Watcher
	name  string
	id    int64 // row of the ledger, 0: not asked yet
	alone bool  // has a connection of its own, otherwise it takes turns
	log   *slog.Logger
	pulse pulse

	validity uint32
	suspects map[uint32]*suspect // of this validity
	cleared  ranges              // of this validity: UIDs whose mark a person called a false alarm, when the folder was listed last
	fails    int                 // sessions since the last successful sync
	before   bool                // there was a session before: the next is a reconnect
}

// errFresh ends a session whose connection has grown buffers, so that it waits on a new one.
var errFresh = errors.New("connection is renewed")

// watch runs sessions until ctx ends.
func (f *folder) watch(ctx context.Context) {
	defer f.pulse.rest()
	for ctx.Err() == nil {
		err := f.turn(ctx, (*session).stay)
		if ctx.Err() != nil {
			return
		}
		if sleep(ctx, f.pause(ctx, err)) != nil {
			return
		}
	}
}

// drain runs sessions until one has found nothing more to do.
func (f *folder) drain(ctx context.Context) error {
	defer f.pulse.rest()
	waited := time.Now()
	for tries := 0; ; tries++ {
		before := f.progress()
		err := f.turn(ctx, (*session).once)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("drain %s of %s: %w", f.name, f.w.o.Name, context.Cause(ctx))
		case err == nil:
			f.w.counts.add(func(c *Counts) { c.Left += len(f.suspects) })
			return nil
		case errors.Is(err, bridge.ErrHeld):
			// The lease of a process that was killed ends by itself.
			if time.Since(waited) > 2*bridge.LeaseTime {
				return fmt.Errorf("drain %s of %s: %w", f.name, f.w.o.Name, err)
			}
			if err := sleep(ctx, time.Second); err != nil {
				return err
			}
			continue
		case errors.Is(err, errRefused), errors.Is(err, errFolder):
			f.pause(ctx, err)
			return fmt.Errorf("drain %s of %s: %w", f.name, f.w.o.Name, err)
		}
		if f.progress() != before {
			tries = 0
		}
		if tries+1 >= drainTries {
			return fmt.Errorf("drain %s of %s: %w", f.name, f.w.o.Name, err)
		}
		if err := sleep(ctx, f.pause(ctx, err)); err != nil {
			return err
		}
	}
}

// progress grows with everything that is settled.
func (f *folder) progress() int {
	f.w.counts.mu.Lock()
	defer f.w.counts.mu.Unlock()
	c := f.w.counts.Counts
	return c.Accepted + c.Failed + c.Vanished
}

// turn takes the lease and runs sessions under it.
func (f *folder) turn(ctx context.Context, do func(*session, context.Context) error) error {
	release, err := f.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	var h *bridge.Hold
	if err := aside(func() (err error) { h, err = f.begin(ctx); return err }); err != nil {
		return err
	}
	for {
		if err = f.session(h, do); !errors.Is(err, errFresh) {
			break
		}
	}
	return aside(func() error { return f.end(ctx, h, err) })
}

// begin takes the lease.
func (f *folder) begin(ctx context.Context) (*bridge.Hold, error) {
	if f.id == 0 {
		id, err := f.w.deps.Ledger.Folder(ctx, f.w.o.account(), f.name, f.w.o.Name, f.w.o.Receiver)
		if err != nil {
			return nil, fmt.Errorf("look up folder: %w", err)
		}
		f.id = id
	}
	h, err := bridge.TakeHold(ctx, f.w.deps.Leases, fmt.Sprintf("mailbox:%d", f.id), f.w.deps.Owner)
	if err == nil {
		f.pulse.begin(ctx)
	}
	return h, err
}

// end gives the lease back. err is that of the session; when the lease was lost, that is its cause.
func (f *folder) end(ctx context.Context, h *bridge.Hold, err error) error {
	if cause := context.Cause(h.Ctx); cause != nil && err != nil {
		err = errors.Join(cause, err)
	}
	return errors.Join(err, h.Release(ctx))
}

// pause handles what ended a turn and gives the time to wait before the next.
func (f *folder) pause(ctx context.Context, err error) time.Duration {
	set := func(up float64) { f.w.deps.Meter.Set(bridge.MetricUp, up, f.w.o.Name, f.name) }
	switch {
	case err == nil: // only a folder that takes turns ends without error
		return f.w.o.Poll
	case errors.Is(err, bridge.ErrHeld):
		f.pulse.rest()
		set(0)
		return f.w.standby
	}
	set(0)
	f.fails++
	wait := min(backoffMax, backoffMin<<min(f.fails-1, 10))
	f.log.WarnContext(ctx, "session ended", "error", err, "failures", f.fails)
	switch {
	case isNoSpace(err):
		f.w.noSpace(ctx)
		wait = min(wait, backoffDisk)
	case errors.Is(err, errRefused):
		f.w.alarms.raise(ctx, alarmLogin, "", "máy chủ từ chối đăng nhập; kiểm tra tài khoản và mật khẩu")
		wait = max(wait, backoffDeny)
	case errors.Is(err, errFolder):
		f.w.alarms.raise(ctx, alarmFolder, f.name, "không theo dõi được thư mục "+f.name+"; kiểm tra tên thư mục trong cấu hình")
		wait = max(wait, backoffDeny)
	}
	return wait/2 + rand.N(wait/2+1)
}

// synced notes that everything on the server is accounted for: only that, not a mere connection, ends a backoff.
func (f *folder) synced(ctx context.Context) {
	f.fails = 0
	f.w.deps.Meter.Set(bridge.MetricUp, 1, f.w.o.Name, f.name)
	f.w.alarms.clear(ctx, alarmFolder, f.name)
	f.pulse.beat(ctx)
}
