package axis

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// choosy is an axis that answers for one package with a failure of its own.
type choosy struct {
	bridge.Axis
	id         string
	fetch, ack error
}

func (c choosy) Fetch(ctx context.Context, id string) (io.ReadCloser, error) {
	if id == c.id && c.fetch != nil {
		return nil, c.fetch
	}
	return c.Axis.Fetch(ctx, id)
}

func (c choosy) Ack(ctx context.Context, id string, t bridge.AxisTransport) error {
	if id == c.id && c.ack != nil {
		return c.ack
	}
	return c.Axis.Ack(ctx, id, t)
}

// answered is the error of a client for an answer of this status.
func answered(op string, status int) error {
	c := &caller{}
	return c.statusError(&answer{op: op, status: status, Reader: http.NoBody, close: func() {}})
}

// TestOnePackageHoldsUpNoOther: whatever the axis answers about one package, the others are taken.
func TestOnePackageHoldsUpNoOther(t *testing.T) {
	for _, code := range []int{http.StatusFound, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusInternalServerError} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			f := faces(t, fake.Options{})[0]
			h := newHouse(t)
			bad := deliver(t, f.server, parcel(t, "1", ours, "x"))[0]
			deliver(t, f.server, parcel(t, "2", ours, "x"))
			deliver(t, f.server, status(t, ours))
			i := newInbox(t, h, f, true)
			i.axis = choosy{Axis: f.client, id: bad, fetch: answered("getEdoc", code)}
			if n, err := i.Drain(t.Context()); err != nil || n.Accepted != 2 || n.Left != 1 {
				t.Errorf("%+v, %v", n, err)
			}
			if want := []string{"axis-package:vxp:" + bad}; !slices.Equal(h.open(), want) {
				t.Errorf("alarms %v, want %v", h.open(), want)
			}
		})
	}
}

// TestRefusedAcknowledgementHoldsUpNoPackage: what the axis does not let be acknowledged is here, and the packages behind it are taken. It is
// told, and acknowledged when it can be.
func TestRefusedAcknowledgementHoldsUpNoPackage(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	h := newHouse(t)
	bad := deliver(t, f.server, parcel(t, "1", ours, "x"))[0]
	i := newInbox(t, h, f, true)
	refusal := bridge.NewAxisError("updateStatus", 200, "7", "không cập nhật được", bridge.ErrFail, false)
	i.axis = choosy{Axis: f.client, id: bad, ack: refusal}
	for n := range 3 {
		deliver(t, f.server, parcel(t, string(rune('2'+n)), ours, "x"))
		got, err := i.round(t.Context(), false)
		if want := min(n, 1); got.Accepted != 2-want || !errors.Is(err, bridge.ErrFail) {
			t.Fatalf("round %d: %+v, %v", n, got, err)
		}
		if i.pause(t.Context(), err) != i.o.Poll || i.fails != 0 {
			t.Error("the inbox is thought to be away")
		}
	}
	i.axis = f.client
	if _, err := i.Drain(t.Context()); err != nil || f.server.Status(bad) != "done" {
		t.Errorf("%v, status %s", err, f.server.Status(bad))
	}
	if got := h.receipts(t); len(got) != 4 {
		t.Errorf("receipts %v", got)
	}
}

// TestRegisteredAgainAfterARecall: what the axis has of a document from before its recall is not the lost try at registering it again.
func TestRegisteredAgainAfterARecall(t *testing.T) {
	now := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	f := faces(t, fake.Options{Now: clock})[0]
	f.client.(*VXP).o.Now = clock
	s, target := shelf{}, newTarget(t, f.client)
	d := registered(s, 1)
	for _, next := range []bridge.DispatchEvent{bridge.DispatchWithdrawn, bridge.DispatchRegistered} {
		if _, err := target.Deliver(t.Context(), d, s); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		d = later(d, next)
	}
	d.Asked, d.FirstTry = true, now // this try was lost before the axis had it
	now = now.Add(time.Minute)
	for range 2 { // once there, it is not sent again
		if _, err := target.Deliver(t.Context(), d, s); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.server.Inbox(ours); len(got) != 3 {
		t.Errorf("%d packages lie there, want 3", len(got))
	}
}

// mum is an axis whose list of what was sent does not tell the receivers.
type mum struct{ bridge.Axis }

func (m mum) Sent(ctx context.Context, q bridge.AxisQuestion) ([]bridge.AxisSent, error) {
	q.To = ""
	list, err := m.Axis.Sent(ctx, q)
	for i := range list {
		list[i].To = ""
	}
	return list, err
}

// TestCopyForAnotherReceiverIsAnother: the same document goes to two of our agencies under one identity. That the first has it says nothing of
// the second.
func TestCopyForAnotherReceiverIsAnother(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	s := shelf{}
	target := newTarget(t, mum{f.client})
	target.To = func(r string) (edxml.Organ, bool) {
		return edxml.Organ{ID: map[string]string{"sokhcn": ours, "sotp": issuer}[r], Name: "Sở"}, true
	}
	d := registered(s, 1)
	if _, err := target.Deliver(t.Context(), d, s); err != nil {
		t.Fatal(err)
	}
	d.ID, d.Payload.Receiver, d.Asked, d.FirstTry = "r2.truc.1", "sotp", true, time.Now()
	for range 2 { // of the second only one copy is sent
		if _, err := target.Deliver(t.Context(), d, s); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.server.Inbox(ours)) != 1 || len(f.server.Inbox(issuer)) != 1 {
		t.Errorf("inboxes hold %v and %v", f.server.Inbox(ours), f.server.Inbox(issuer))
	}
}

// unnamed is an axis whose list of what was sent has an entry without an id.
type unnamed struct{ bridge.Axis }

func (unnamed) Sent(context.Context, bridge.AxisQuestion) ([]bridge.AxisSent, error) {
	return []bridge.AxisSent{{Code: "SNV-VP"}}, nil
}

// TestFailedQuestionIsNoRefusal: what an axis says of a question tells nothing of the delivery.
func TestFailedQuestionIsNoRefusal(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	s := shelf{}
	d := registered(s, 1)
	d.Asked, d.FirstTry = true, time.Now()
	_, err := newTarget(t, unnamed{f.client}).Deliver(t.Context(), d, s)
	if failed, ok := errors.AsType[*bridge.TargetError](err); !ok || !failed.Unsent {
		t.Errorf("gave %+v", err)
	}
	if got := f.server.Documents(); len(got) != 0 {
		t.Errorf("sent on a guess: %v", got)
	}
}

// TestListWithoutIDs: a list in which nothing can be named is no list: nobody would hear that nothing is taken out of it.
func TestListWithoutIDs(t *testing.T) {
	for data, want := range map[string]int{`[]`: 0, `[{"docId":"1"},{"id":"2"}]`: 1, `[{"docId":7,"messagetype":"status"}]`: 0, `[{"id":"1"},{"id":"2"}]`: -1, `[{}]`: -1} {
		got, err := items("getReceivedEdocList", []byte(data), edxml.KindEdoc, &caller{})
		if want < 0 && !errors.Is(err, bridge.ErrUnusable) || want >= 0 && (err != nil || len(got) != want) {
			t.Errorf("%s gave %v, %v", data, got, err)
		}
	}
}
