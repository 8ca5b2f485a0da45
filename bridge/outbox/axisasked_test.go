package outbox

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

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
