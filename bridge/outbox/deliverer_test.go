package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// taker is a target in memory that does what the test says.
type taker struct {
	name string
	take func(ctx context.Context, d bridge.Dispatch, files bridge.Files) error

	mu    sync.Mutex
	calls []string // ids, guarded by mu
}

func (k *taker) Name() string { return k.name }

func (k *taker) Deliver(ctx context.Context, d bridge.Dispatch, files bridge.Files) (bridge.DispatchReply, error) {
	k.mu.Lock()
	k.calls = append(k.calls, d.ID)
	k.mu.Unlock()
	if k.take != nil {
		if err := k.take(ctx, d, files); err != nil {
			return bridge.DispatchReply{}, err
		}
	}
	return bridge.DispatchReply{RemoteID: "vb-1", Text: "đã nhận"}, nil
}

func (k *taker) called() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.calls)
}

// one is the only delivery as people see it.
func (o *office) one() store.DispatchItem {
	o.t.Helper()
	list, err := o.store.ListDispatches(o.t.Context(), store.DispatchFilter{})
	o.must(err)
	if len(list) != 1 {
		o.t.Fatalf("there are %d deliveries", len(list))
	}
	return list[0]
}

func (o *office) drained(d *Deliverer, want Counts, wantErr error) {
	o.t.Helper()
	got, err := d.Drain(o.t.Context())
	if got != want || !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) {
		o.t.Fatalf("drained %+v, %v; want %+v, %v", got, err, want, wantErr)
	}
}

// TestDeliverySettled: what follows from each end of a try.
func TestDeliverySettled(t *testing.T) {
	away := errors.New("connection reset")
	for _, c := range []struct {
		name         string
		err          error
		want         Counts
		state, reply string
		attempts     int
	}{
		{"taken", nil, Counts{Sent: 1}, "sent", "đã nhận", 0},
		{"away", away, Counts{Later: 1}, "queued", "connection reset", 1},
		{"refused", &bridge.TargetError{Code: "x", Reply: "thiếu\ntrích yếu\x00", Err: bridge.ErrPermanent}, Counts{Dead: 1}, "dead", "thiếu trích yếu", 1},
		{"damaged", fmt.Errorf("file: %w", bridge.ErrDamaged), Counts{Later: 1}, "queued", "file: stored message damaged", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.register(1, 1, "qlvb")
			k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error { return c.err }}
			o.drained(o.deliverer(k, o.store), c.want, nil)
			if d := o.one(); d.State != c.state || d.Reply != c.reply || d.Attempts != c.attempts {
				t.Fatalf("it is %+v", d)
			}
			if got := o.alarmed(); strings.Contains(got, "delivery-failed:") != (c.state == "dead") || strings.Contains(got, "raw-damaged:") != (c.name == "damaged") {
				t.Errorf("alarms are %s", got)
			}
		})
	}
}

// TestGivenUp: what never succeeds goes to a person after its time, and is told from what was refused.
func TestGivenUp(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error { return errLost }}
	d := o.deliverer(k, o.store)
	d.GiveUp = 10 * time.Hour
	o.untilDone(d)
	if one := o.one(); one.State != "dead" || one.Reason != "given-up" || k.called() < 9 || o.alarmed() != "delivery-failed:"+one.ID {
		t.Fatalf("it is %+v after %d calls, alarms %s", one, k.called(), o.alarmed())
	}
}

// TestDeliveryPanic: a delivery that breaks the program is for a person, and the others go on.
func TestDeliveryPanic(t *testing.T) {
	o := newOffice(t)
	ids := o.register(1, 3, "qlvb")
	k := &taker{name: "qlvb", take: func(_ context.Context, d bridge.Dispatch, _ bridge.Files) error {
		if d.Receipt == ids[1] {
			panic("vỡ")
		}
		return nil
	}}
	o.drained(o.deliverer(k, o.store), Counts{Sent: 2, Dead: 1}, nil)
}

// TestStumble: one delivery that its target stumbles over does not keep the others from it; a target that fails for all is left alone, and
// costs nobody else an attempt.
func TestStumble(t *testing.T) {
	o := newOffice(t)
	ids := o.register(1, 20, "qlvb", "khac")
	k := &taker{name: "qlvb", take: func(_ context.Context, d bridge.Dispatch, _ bridge.Files) error {
		if d.Receipt == ids[4] {
			return &bridge.TargetError{Code: "webhook-500", Err: errLost}
		}
		return nil
	}}
	o.drained(o.deliverer(k, o.store), Counts{Sent: 19, Later: 1}, nil)
	dead := &taker{name: "khac", take: func(context.Context, bridge.Dispatch, bridge.Files) error { return errLost }}
	o.drained(o.deliverer(dead, o.store), Counts{Later: patience}, errTarget)
	if dead.called() != patience {
		t.Fatalf("called %d times", dead.called())
	}
}

// TestTargetOutage: one alarm when the target has been away for ten minutes, none before, and it ends when the target answers again.
func TestTargetOutage(t *testing.T) {
	o := newOffice(t)
	o.register(1, 9, "qlvb")
	fails := true
	k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error {
		if fails {
			return errLost
		}
		return nil
	}}
	d := o.deliverer(k, o.store)
	d.prepare()
	for minute := range 12 {
		_, err := d.pass(t.Context())
		if err != nil {
			d.report(t.Context(), err, d.alarmAfter())
		}
		if (o.alarmed() != "") != (minute >= 10) {
			t.Fatalf("after %d minutes alarms are %q", minute, o.alarmed())
		}
		o.clock.add(time.Minute)
	}
	fails = false
	o.untilDone(d)
	if o.alarmed() != "delivery-unreachable:qlvb" || !slices.Equal(o.clears, []string{"delivery-unreachable:qlvb"}) {
		t.Fatalf("alarms %s, cleared %v", o.alarmed(), o.clears)
	}
}

// TestOwnFault: an archive that is away is nobody's fault: no attempt is lost, nothing dies of it, however long it lasts.
func TestOwnFault(t *testing.T) {
	o := newOffice(t)
	o.register(1, 2, "qlvb")
	k := &taker{name: "qlvb", take: func(ctx context.Context, d bridge.Dispatch, files bridge.Files) error {
		r, err := files.Open(ctx, d.Payload.Record.Files[0].Digest)
		if err != nil {
			return &bridge.TargetError{Code: "x", Err: err}
		}
		return r.Close()
	}}
	d := o.deliverer(k, o.store)
	d.Archive = noArchive{o.archive}
	for range 200 {
		o.drained(d, Counts{Later: 1}, errOwn)
		o.clock.add(time.Hour)
	}
	d.Archive = o.archive
	o.untilDone(d)
	if got := o.counts(); got["sent"] != 2 || o.alarmed() != "" {
		t.Fatalf("deliveries stand at %v, alarms %s", got, o.alarmed())
	}
}

// noArchive opens nothing.
type noArchive struct{ bridge.Archive }

func (noArchive) Open(context.Context, bridge.Digest, string) (bridge.Raw, error) {
	return nil, errors.New("disk is away")
}

// TestTakenOver: a delivery that is cancelled while it is on its way is given up at once, and nothing is written about it.
func TestTakenOver(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	began := make(chan bridge.Dispatch)
	k := &taker{name: "qlvb", take: func(ctx context.Context, d bridge.Dispatch, _ bridge.Files) error {
		began <- d
		<-ctx.Done()
		return ctx.Err()
	}}
	d := o.deliverer(k, o.store)
	d.Lease = 30 * time.Millisecond // of the clock that stands: only the renewals are real
	end := make(chan error, 1)
	go func() {
		_, err := d.Drain(t.Context())
		end <- err
	}()
	claimed := <-began
	o.must(o.store.DispatchLater(t.Context(), claimed, o.clock.now().Add(time.Hour), "người khác", true)) // as if another daemon had it
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	if one := o.one(); one.State != "queued" || one.Reply != "người khác" || one.Attempts != 0 {
		t.Fatalf("it is %+v", one)
	}
}

// TestStopped: a delivery that is cut off by a stop is due at once, and has lost no attempt.
func TestStopped(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	ctx, cancel := context.WithCancel(t.Context())
	k := &taker{name: "qlvb", take: func(ctx context.Context, _ bridge.Dispatch, _ bridge.Files) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}}
	d := o.deliverer(k, o.store)
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if one := o.one(); one.State != "queued" || one.Attempts != 0 {
		t.Fatalf("it is %+v", one)
	}
	k.take = nil
	o.drained(o.deliverer(k, o.open()), Counts{Sent: 1}, nil)
}

// hole is a store that answers nothing for a while.
type hole struct {
	bridge.Dispatches
	shut *bool
}

func (h hole) DispatchSent(ctx context.Context, d bridge.Dispatch, r bridge.DispatchReply) error {
	if *h.shut {
		return errLost
	}
	return h.Dispatches.DispatchSent(ctx, d, r)
}

func (h hole) ClaimDispatch(ctx context.Context, owner, target string, lease time.Duration) (bridge.Dispatch, bool, error) {
	if *h.shut {
		return bridge.Dispatch{}, false, errLost
	}
	return h.Dispatches.ClaimDispatch(ctx, owner, target, lease)
}

// TestDeliveryOwed: what arrived while the database was away is written down when it is back, and is not sent again.
func TestDeliveryOwed(t *testing.T) {
	o := newOffice(t)
	o.register(1, 2, "qlvb")
	shut := false
	k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error {
		shut = true
		return nil
	}}
	d := o.deliverer(k, hole{o.store, &shut})
	o.drained(d, Counts{Sent: 1}, errLost)
	o.drained(d, Counts{}, errLost)
	shut, k.take = false, nil
	o.drained(d, Counts{Sent: 1}, nil)
	if got := o.counts(); got["sent"] != 2 || k.called() != 2 || o.alarmed() != "" {
		t.Fatalf("deliveries stand at %v after %d calls, alarms %s", got, k.called(), o.alarmed())
	}
}

// TestKilled: a daemon that dies with a delivery in hand leaves it to the next one, which knows that the target may have it.
func TestKilled(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	o.delivery("qlvb") // and nothing more is heard of whoever claimed it
	asked := false
	k := &taker{name: "qlvb", take: func(_ context.Context, d bridge.Dispatch, _ bridge.Files) error {
		asked = d.Asked
		return nil
	}}
	d := o.deliverer(k, o.store)
	o.drained(d, Counts{}, nil)
	o.clock.add(2 * time.Hour)
	o.drained(d, Counts{Sent: 1}, nil)
	if !asked {
		t.Error("the target was not to be asked")
	}
}

// TestFiles: the bytes are those of the message, from memory and from a spool file; what is not there is damaged.
func TestFiles(t *testing.T) {
	o := newOffice(t)
	large := slices.Repeat([]byte("văn bản dài "), 500_000)
	for n, content := range [][]byte{file(1), large, {}} {
		task := o.receive(content)[0]
		o.commit(decided(task, n+1, content, "Báo cáo", "qlvb"))
		d := o.delivery("qlvb")
		spool := t.TempDir()
		files := NewFiles(o.archive, o.deliverer(nil, nil).Limits, spool, d)
		for range 2 { // it can be opened again
			r, err := files.Open(t.Context(), d.Payload.Record.Files[0].Digest)
			o.must(err)
			got, err := io.ReadAll(r)
			o.must(errors.Join(err, r.Close()))
			if string(got) != string(content) {
				t.Fatalf("%d bytes came for %d", len(got), len(content))
			}
		}
		if _, err := files.Open(t.Context(), strings.Repeat("0", 64)); !errors.Is(err, bridge.ErrDamaged) {
			t.Errorf("what is not there gave %v", err)
		}
		files.Close()
		if left := packages(t, spool); len(left) != 0 {
			t.Errorf("left in the spool folder are %v", left)
		}
	}
}
