package outbox

import (
	"context"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/axis"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// TestAskedAfterAnotherDaemon: a daemon whose own last try left nothing asks all the same when another daemon has tried meanwhile, and what
// became of that nobody knows.
func TestAskedAfterAnotherDaemon(t *testing.T) {
	o := newOffice(t)
	server := fake.New(fake.Options{Now: o.clock.now, Systems: map[string]fake.System{"gl": {Secret: "khoa", Organs: []string{"H50"}}}})
	listener := httptest.NewServer(server)
	defer listener.Close()
	daemon := func(secret *error) *axis.Target {
		v, err := axis.NewVXP(axis.Options{Name: "vxp", URL: listener.URL, SystemID: "gl", Version: "test", Now: o.clock.now,
			Secret: func(context.Context) (string, error) { return "khoa", *secret }})
		o.must(err)
		t.Cleanup(v.Close)
		return &axis.Target{Label: "truc", Axis: v, Spool: t.TempDir(), To: func(string) (edxml.Organ, bool) { return ownOrgan(""), true },
			From: func(m directory.Match) (edxml.Organ, bool) { return edxml.Organ{ID: m.Code, Name: m.Name}, true }}
	}
	missing, there := errLost, error(nil)
	first, second := o.deliverer(daemon(&missing), o.store), o.deliverer(daemon(&there), o.open())
	o.register(1, 1, "truc")
	o.drained(first, Counts{Later: 1}, errTarget) // its key cannot be read: nothing was stored
	o.clock.add(time.Hour)
	server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{fake.CutAfter}, Calls: []string{"sendEdoc"}})
	o.drained(second, Counts{Later: 1}, nil) // stored, and the answer is lost
	o.clock.add(time.Hour)
	server.SetFaults(fake.Faults{})
	missing = nil
	o.drained(first, Counts{Sent: 1}, nil)
	if got := server.Documents(); len(got) != 1 || got[0].Times != 1 {
		t.Errorf("arrived: %+v", got)
	}
}

// TestReasons: refused is only what the target surely does not have.
func TestReasons(t *testing.T) {
	permanent := bridge.ErrPermanent
	for _, c := range []struct {
		name  string
		asked bool
		cause error
		want  string
	}{
		{"said no", false, &bridge.TargetError{Code: "webhook-422", Err: permanent}, "refused"},
		{"said no to a repeated one", true, &bridge.TargetError{Code: "webhook-422", Err: permanent}, "refused"},
		{"never sent", false, &bridge.TargetError{Code: "axis-no-sender", Unsent: true, Err: permanent}, "refused"},
		{"cannot be sent again", true, &bridge.TargetError{Code: "axis-no-sender", Unsent: true, Err: permanent}, "given-up"},
		{"no word of a target", true, permanent, "given-up"},
		{"nobody can tell", true, &bridge.TargetError{Code: "axis-unclear", Unclear: true, Unsent: true, Err: permanent}, "unclear"},
		{"broke the program", false, &bridge.TargetError{Code: "panic", Unclear: true, Err: permanent}, "unclear"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.register(1, 1, "qlvb")
			tries := 0
			k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error {
				if tries++; tries == 1 && c.asked {
					return errLost
				}
				return c.cause
			}}
			o.untilDone(o.deliverer(k, o.store))
			if one := o.one(); one.State != "dead" || one.Reason != c.want {
				t.Fatalf("it is %+v", one)
			}
		})
	}
}

// TestPersonLooked: what nobody could tell goes out again without a question when a person says so, once; and it counts as perhaps delivered
// all the time.
func TestPersonLooked(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	var asked []bool
	end := error(&bridge.TargetError{Code: "axis-unclear", Unclear: true, Unsent: true, Err: bridge.ErrPermanent})
	k := &taker{name: "qlvb", take: func(_ context.Context, d bridge.Dispatch, _ bridge.Files) error {
		asked = append(asked, d.Asked)
		return end
	}}
	d := o.deliverer(k, o.store)
	o.drained(d, Counts{Dead: 1}, nil)
	o.must(o.store.RetryDispatch(t.Context(), o.one().ID, "lan"))
	if one := o.one(); one.FirstTry.IsZero() || one.Reason != "looked" {
		t.Errorf("queued again it is %+v", one)
	}
	end = errLost
	o.drained(d, Counts{Later: 1}, nil)
	o.clock.add(time.Hour)
	o.drained(d, Counts{Later: 1}, nil)
	if want := []bool{false, false, true}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
}

// TestRetriedGetsItsTries: what a person lets be tried again, long after its first try, is not given up at the next failure.
func TestRetriedGetsItsTries(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "qlvb")
	k := &taker{name: "qlvb", take: func(context.Context, bridge.Dispatch, bridge.Files) error { return errLost }}
	d := o.deliverer(k, o.store)
	d.GiveUp = 10 * time.Hour
	o.untilDone(d)
	before := k.called()
	o.must(o.store.RetryDispatch(t.Context(), o.one().ID, "lan"))
	o.untilDone(d)
	if again := k.called() - before; again < 6 {
		t.Errorf("tried %d times again", again)
	}
}
