package axis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
)

func TestInboxTakesEverythingOnce(t *testing.T) {
	for _, f := range faces(t, fake.Options{}) {
		t.Run(f.name, func(t *testing.T) {
			h := newHouse(t)
			want := map[string]int{}
			var ids []string
			for n := 1; n <= 40; n++ {
				ids = append(ids, deliver(t, f.server, parcel(t, fmt.Sprint(n), ours, "%PDF-1.7"))...)
				want[fmt.Sprintf("sokhcn %s,2026/11/20,%d/SNV-VP", issuer, n)] = 1
			}
			ids = append(ids, deliver(t, f.server, status(t, ours))...)
			want["sokhcn 03 "+ours+",2026/11/19,7/SKHCN-VP"] = 1
			f.server.SetFaults(fake.Faults{Percent: 30})
			i := newInbox(t, h, f, true)
			for try := 0; ; try++ {
				n, err := i.Drain(t.Context())
				if err == nil && n.Left == 0 {
					break
				}
				if try == 100 {
					t.Fatalf("does not come to its end: %+v, %v", n, err)
				}
				if err == nil {
					i = newInbox(t, h, f, true) // an hour later
				}
			}
			f.server.SetFaults(fake.Faults{})
			for range 2 { // listing again changes nothing, also for another process
				if n, err := newInbox(t, h, f, true).Drain(t.Context()); err != nil || n.Accepted != 0 {
					t.Errorf("again: %+v, %v", n, err)
				}
			}
			got := h.receipts(t)
			for k, n := range want {
				if got[k] != n {
					t.Errorf("%s is there %d times, want %d", k, got[k], n)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d receipts, want %d", len(got), len(want))
			}
			for _, id := range ids {
				if f.server.Status(id) != "done" {
					t.Errorf("%s is %s on the axis", id, f.server.Status(id))
				}
			}
		})
	}
}

func TestInboxLeavesTheAxisAloneUnlessAsked(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	id := deliver(t, f.server, parcel(t, "1", ours, "x"))[0]
	for want := 1; want >= 0; want-- {
		if n, err := newInbox(t, h, f, false).Drain(t.Context()); err != nil || n.Accepted != want {
			t.Errorf("%+v, %v", n, err)
		}
	}
	if f.server.Status(id) != "initial" || f.server.Calls()["updateStatus"] != 0 || f.server.Calls()["getEdoc"] != 1 {
		t.Errorf("status %s, calls %v", f.server.Status(id), f.server.Calls())
	}
}

func TestInboxAcknowledgesOnlyWhatIsDurable(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	id := deliver(t, f.server, parcel(t, "1", ours, "x"))[0]
	i := newInbox(t, h, f, true)
	i.deps.Door.Receipts = refusing{}
	if _, err := i.round(t.Context(), true); !errors.Is(err, errRefusing) {
		t.Fatalf("a store that refuses gave %v", err)
	}
	if f.server.Status(id) == "done" || len(i.bad) != 0 {
		t.Errorf("status is %s, blamed: %v", f.server.Status(id), i.bad)
	}
	// The answer to the acknowledgement is lost: it is made again.
	f.server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{fake.CutBefore}, Calls: []string{"updateStatus"}})
	i = newInbox(t, h, f, true)
	for range 2 {
		if _, err := i.round(t.Context(), true); err == nil {
			t.Error("a lost acknowledgement is not told")
		}
	}
	f.server.SetFaults(fake.Faults{})
	if n, err := newInbox(t, h, f, true).Drain(t.Context()); err != nil || f.server.Status(id) != "done" {
		t.Errorf("%+v, %v, status %s", n, err, f.server.Status(id))
	}
	if got := h.receipts(t); len(got) != 1 {
		t.Errorf("receipts %v", got)
	}
}

var errRefusing = errors.New("database is away")

type refusing struct{}

func (refusing) PutReceipts(context.Context, bridge.Fence, []bridge.Stored) ([]bridge.Put, error) {
	return nil, errRefusing
}

func TestInboxAsksAPersonAfterThreeTries(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	id := deliver(t, f.server, parcel(t, "1", ours, "x"))[0]
	good := deliver(t, f.server, status(t, ours))[0]
	f.server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{fake.CutBase64}})
	i := newInbox(t, h, f, true)
	n, err := i.Drain(t.Context())
	if err != nil || n.Left != 2 || n.Accepted != 0 {
		t.Fatalf("%+v, %v", n, err)
	}
	if want := []string{"axis-package:vxp:" + id, "axis-package:vxp:" + good}; !slices.Equal(h.open(), slices.Sorted(slices.Values(want))) {
		t.Errorf("alarms %v, want %v", h.open(), want)
	}
	if f.server.Calls()["getEdoc"] != 6 || f.server.Status(id) == "done" || f.server.Status(id) == "fail" {
		t.Errorf("calls %v, status %s", f.server.Calls(), f.server.Status(id))
	}
	f.server.SetFaults(fake.Faults{})
	for _, x := range i.bad {
		x.due = time.Time{} // an hour later
	}
	if n, err := i.round(t.Context(), false); err != nil || n.Accepted != 2 {
		t.Fatalf("%+v, %v", n, err)
	}
	if len(h.open()) != 0 {
		t.Errorf("alarms stay: %v", h.open())
	}
	if strings.Contains(h.log.String(), "thử nghiệm") || strings.Contains(h.log.String(), plainSecret) {
		t.Error("the log holds words of a document, or a secret")
	}
}

func TestInboxOfSeveralAgencies(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	e := edxml.Edoc{From: edxml.Organ{ID: issuer, Name: "Sở Nội vụ"}, To: []edxml.Organ{{ID: "H50.13", Name: "B"}, {ID: ours, Name: "A"}, {ID: "H50.99", Name: "C"}},
		DocumentID: "x1", Number: "1", Notation: "SNV-VP", Date: "2026-11-20", Type: edxml.DocumentType{Number: 2, Name: "Công văn"}, Subject: "Thử",
		Trace: []edxml.Hop{{OrganID: issuer, At: time.Now()}}}
	var b bytes.Buffer
	if err := edxml.Encode(&b, e, nil); err != nil {
		t.Fatal(err)
	}
	i := newInbox(t, h, f, true)
	hold, err := bridge.TakeHold(t.Context(), h.store, "x", "one")
	if err != nil {
		t.Fatal(err)
	}
	n, err := i.take.take(t.Context(), hold.Fence, bytes.NewReader(b.Bytes()), facts{origin: func(r string, _ bridge.Digest) string { return "o:" + r }})
	if err != nil || n.Accepted != 2 {
		t.Fatalf("%+v, %v", n, err)
	}
	if err := hold.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.receipts(t); got["sokhcn x1"] != 1 || got["sotp x1"] != 1 || len(got) != 2 {
		t.Errorf("receipts %v", got)
	}
}

func TestInboxOfNobodyRaisesAnAlarm(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	id := deliver(t, f.server, parcel(t, "1", issuer, "x"))[0] // lies in the inbox, and is no agency of ours
	n, err := newInbox(t, h, f, true).Drain(t.Context())
	if err != nil || n.Accepted != 0 || n.Left != 1 || f.server.Status(id) == "done" {
		t.Errorf("%+v, %v, status %s", n, err, f.server.Status(id))
	}
	if want := []string{"axis-receiver:vxp:" + id}; !slices.Equal(h.open(), want) {
		t.Errorf("alarms %v, want %v", h.open(), want)
	}
}

func TestOlderThanStartIsImported(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	deliver(t, f.server, parcel(t, "1", ours, "x"))
	i := newInbox(t, h, f, true)
	i.take.start = time.Now().Add(time.Hour)
	if n, err := i.Drain(t.Context()); err != nil || n.Imported != 1 {
		t.Fatalf("%+v, %v", n, err)
	}
}

func TestOneProcessReadsAnInbox(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	hold, err := bridge.TakeHold(t.Context(), h.store, "axis:a@vxp", "another")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newInbox(t, h, f, true).round(t.Context(), true); !errors.Is(err, bridge.ErrHeld) {
		t.Errorf("gave %v", err)
	}
	if err := hold.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := newInbox(t, h, f, true).round(t.Context(), true); err != nil {
		t.Error(err)
	}
}

func TestSilentAxisRaisesAnAlarmThatEnds(t *testing.T) {
	f := faces(t, fake.Options{Faults: fake.Faults{Percent: 100, Kinds: []fake.Fault{fake.HTML}}})[0]
	h := newHouse(t)
	i := newInbox(t, h, f, true)
	now := time.Now()
	i.deps.Now = func() time.Time { return now }
	i.heard = now
	_, err := i.round(t.Context(), false)
	i.pause(t.Context(), err)
	if len(h.open()) != 0 {
		t.Errorf("alarms at once: %v", h.open())
	}
	now = now.Add(11 * time.Minute)
	_, err = i.round(t.Context(), false)
	i.pause(t.Context(), err)
	if want := []string{"axis-silent:vxp"}; !slices.Equal(h.open(), want) {
		t.Errorf("alarms %v, want %v", h.open(), want)
	}
	f.server.SetFaults(fake.Faults{})
	if _, err = i.round(t.Context(), false); err != nil || len(h.open()) != 0 {
		t.Errorf("%v, alarms %v", err, h.open())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	deliver(t, f.server, parcel(t, "1", ours, "x"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	i := newInbox(t, h, f, true)
	i.deps.Door.Accepted = cancel
	if err := i.Run(ctx); err != nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Error(err, ctx.Err())
	}
}
