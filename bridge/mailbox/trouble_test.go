package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// TestFullDiskPausesAndResumes fills the disk at the spool and at the append.
func TestFullDiskPausesAndResumes(t *testing.T) {
	for _, where := range []string{"append", "spool"} {
		t.Run(where, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, 40)
				s.mails[7] = mail(7, 100_000)
				st, a := newStore(), newArchive()
				full := func(size int) error {
					if where == "append" || size > 50_000 {
						return fmt.Errorf("write: %w", bridge.ErrNoSpace)
					}
					return nil
				}
				a.fault = full
				run(t, srv.watcher(t, st, a, "một", nil))
				st.await(t, "the alarm", func() bool { return st.alarms["disk-full"].Code == "disk-full" })
				time.Sleep(time.Hour) // of the bubble's clock: it stays full
				st.mu.Lock()
				if len(st.arrivals) > 0 || len(st.fetched) > 0 || st.in(bridge.Failed) > 0 {
					t.Errorf("%d messages taken, tries %v, states %v", len(st.arrivals), st.fetched, st.states())
				}
				st.mu.Unlock()
				a.mu.Lock()
				a.fault = nil
				a.mu.Unlock()
				begun := time.Now()
				st.await(t, "all messages", func() bool { return len(st.arrivals) == 40 })
				if d := time.Since(begun); d > 35*time.Second {
					t.Errorf("resumed after %v", d)
				}
				st.await(t, "the end of the alarm", func() bool { return len(st.alarms) == 0 })
				if n := slices.Index(st.raised[1:], "disk-full"); n >= 0 {
					t.Errorf("alarms %v", st.raised)
				}
			})
		})
	}
}

// TestDatabaseFaults fails each call to the store in turn, in each way; nothing may be lost, nothing be blamed on a message.
func TestDatabaseFaults(t *testing.T) {
	for _, call := range []string{"Folder", "TakeLease", "RenewLease", "Accounted", "WaitingUIDs", "Sighted", "PutReceipts", "DropLease"} {
		for name, fault := range map[string]error{"transient": errors.New("connection reset"), "fenced": bridge.ErrFenced} {
			t.Run(call+"/"+name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					_, srv := startScript(t, 50)
					st, a := newStore(), newArchive()
					left := 3
					st.fault = func(c string) error {
						if c == call && left > 0 {
							left--
							return fault
						}
						return nil
					}
					stop := run(t, srv.watcher(t, st, a, "một", nil))
					st.await(t, "all messages", func() bool { return len(st.arrivals) == 50 })
					time.Sleep(time.Hour) // of the bubble's clock
					stop()
					if len(st.fetched) > 0 || len(st.raised) > 0 {
						t.Errorf("tries %v, alarms %v", st.fetched, st.raised)
					}
					noneHeld(t, a)
				})
			})
		}
	}
}

// TestUnclearCommit commits and then reports an error: the same arrivals come again and must not count twice.
func TestUnclearCommit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, srv := startScript(t, 20)
		st, a := newStore(), newArchive()
		w := srv.watcher(t, st, a, "một", nil)
		w.deps.Door.Receipts = &forgetful{store: st, left: 2}
		got, err := w.Drain(t.Context())
		if err != nil || got.Accepted != 20 || len(st.contents) != 20 || len(st.receipts) != 20 {
			t.Errorf("%+v, %v, %d receipts", got, err, len(st.contents))
		}
		noneHeld(t, a)
	})
}

// forgetful loses the answer to a commit.
type forgetful struct {
	*store
	left int
}

func (f *forgetful) PutReceipts(ctx context.Context, fence bridge.Fence, in []bridge.Stored) ([]bridge.Put, error) {
	puts, err := f.store.PutReceipts(ctx, fence, in)
	if err == nil && f.left > 0 {
		f.left--
		return nil, errors.New("connection lost during commit")
	}
	return puts, err
}

// TestRefusedByStore has one message that the store will never take.
func TestRefusedByStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, srv := startScript(t, 20)
		st, a := newStore(), newArchive()
		w := srv.watcher(t, st, a, "một", nil)
		w.deps.Door.Receipts = &picky{st}
		got, err := w.Drain(t.Context())
		if err != nil || got.Accepted != 19 || got.Failed != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		if e := st.uids[bridge.UIDKey{Folder: 1, UIDValidity: 7, UID: 13}]; e.state != bridge.Failed {
			t.Errorf("message 13: %+v", e)
		}
		noneHeld(t, a)
	})
}

type picky struct{ *store }

func (p *picky) PutReceipts(ctx context.Context, f bridge.Fence, in []bridge.Stored) ([]bridge.Put, error) {
	if slices.ContainsFunc(in, func(a bridge.Stored) bool { return a.UID.UID == 13 }) {
		return nil, fmt.Errorf("unlucky: %w", bridge.ErrPermanent)
	}
	return p.store.PutReceipts(ctx, f, in)
}

// TestLostLease takes the lease away in the middle of the work.
func TestLostLease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		_, srv := startScript(t, 200)
		st, a := newStore(), newArchive()
		st.fault = func(call string) error {
			if call == "PutReceipts" && st.accepts == 2 {
				l := st.leases["mailbox:1"]
				st.leases["mailbox:1"] = lease{"người khác", l.token + 1, time.Now().Add(bridge.LeaseTime)}
			}
			return nil
		}
		w := srv.watcher(t, st, a, "một", nil)
		stop := run(t, w)
		st.await(t, "the loss", func() bool { return st.leases["mailbox:1"].owner == "người khác" })
		st.mu.Lock()
		st.fault = nil
		taken := len(st.arrivals)
		st.mu.Unlock()
		if taken == 0 || taken > 2*groupMost {
			t.Errorf("%d messages were taken under the lease", taken)
		}
		st.await(t, "the rest, after the other's lease has ended", func() bool { return len(st.arrivals) == 200 })
		stop()
		noneHeld(t, a)
		if len(st.fetched) > 0 {
			t.Errorf("the loss was blamed on messages %v", st.fetched)
		}
	})
}

// TestSelfFence stops renewing: our own side effects must end before the lease does.
func TestSelfFence(t *testing.T) {
	bubble(t, func(t *testing.T) {
		st := newStore()
		_, srv := startScript(t, 0)
		w := srv.watcher(t, st, newArchive(), "một", nil)
		f := w.folders[0]
		f.id = 1
		h, err := bridge.TakeHold(t.Context(), f.w.deps.Leases, "mailbox:1", f.w.deps.Owner)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if h.Ctx.Err() != nil {
			t.Fatal("a lease that is renewed ended")
		}
		st.mu.Lock()
		st.fault = func(string) error { return errors.New("database is away") }
		st.mu.Unlock()
		<-h.Ctx.Done()
		st.mu.Lock()
		left := time.Until(st.leases["mailbox:1"].until)
		st.fault = nil
		st.mu.Unlock()
		if left < bridge.LeaseMargin || !errors.Is(context.Cause(h.Ctx), bridge.ErrFenced) {
			t.Errorf("ended %v before the lease: %v", left, context.Cause(h.Ctx))
		}
		if err := h.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestHeavyConnectionIsRenewed waits for new mail on a fresh connection after a large sync.
func TestHeavyConnectionIsRenewed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		s.mails[2] = mail(2, 300_000)
		st := newStore()
		run(t, srv.watcher(t, st, newArchive(), "một", nil))
		st.await(t, "the messages", func() bool { return len(st.arrivals) == 3 })
		time.Sleep(10 * time.Minute)
		if n := s.l.dials.Load(); n != 2 {
			t.Errorf("%d connections", n)
		}
	})
}

// TestRestOfTheDay counts what a quiet mailbox asks of its server.
func TestRestOfTheDay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		st := newStore()
		run(t, srv.watcher(t, st, newArchive(), "một", func(o *Options) { o.Poll = 30 * time.Minute }))
		st.await(t, "the messages", func() bool { return len(st.arrivals) == 3 })
		time.Sleep(8 * time.Hour)
		idles, bodies := 0, 0
		for _, c := range s.commands() {
			if c == "IDLE" {
				idles++
			}
			if strings.Contains(c, "BODY.PEEK") {
				bodies++
			}
		}
		if least := int(8 * time.Hour / (9 * time.Minute)); idles < least || bodies != 1 {
			t.Errorf("%d times IDLE, at least %d wanted; bodies asked %d times", idles, least, bodies)
		}
		if len(st.raised) > 0 {
			t.Errorf("alarms %v", st.raised)
		}
	})
}
