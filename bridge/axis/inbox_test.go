package axis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/archive"
	"github.com/giaolien/giaolien/bridge/store"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// house is a real store with a real archive.
type house struct {
	store   *store.Store
	archive *archive.Archive
	log     bytes.Buffer

	mu     sync.Mutex
	alarms map[string]string // guarded by mu: open ones, by key
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	url := "sqlite:" + filepath.Join(dir, "giaolien.db")
	if err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutReceivers(t.Context(), []store.ReceivingAgency{{ID: "sokhcn", Name: "A"}, {ID: "sotp", Name: "B"}}); err != nil {
		t.Fatal(err)
	}
	a, err := archive.New(archive.Options{Dir: filepath.Join(dir, "archive"), Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(a.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return &house{store: s, archive: a, alarms: map[string]string{}}
}

func (h *house) deps(owner string) Deps {
	return Deps{Door: &bridge.Door{Archive: h.archive, Receipts: h.store, Meter: bridge.NoMeter{}, Accepted: func() {}}, Leases: h.store, Known: h.store.KnownOrigins,
		Receiver: func(code string) (string, bool) {
			id, ok := map[string]string{ours: "sokhcn", "H50.13": "sotp"}[code]
			return id, ok
		},
		Receivers: []string{"sokhcn", "sotp"},
		Alarm: func(_ context.Context, a bridge.Alarm) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.alarms[a.Key] = a.Text
		},
		Clear: func(_ context.Context, key string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.alarms, key)
		},
		Meter: bridge.NoMeter{}, Log: slog.New(slog.NewTextHandler(&h.log, nil)), Now: time.Now, Owner: owner}
}

// open lists the alarms that are open.
func (h *house) open() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for k := range h.alarms {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// receipts lists what waits to be decided: receiving agency and the identity of the document in the stored bytes.
func (h *house) receipts(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for {
		tasks, err := h.store.ClaimTasks(t.Context(), "test", 100, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if len(tasks) == 0 {
			return out
		}
		for _, task := range tasks {
			r := task.Receipt
			if r.Channel != bridge.System {
				t.Errorf("%s came by %s", r.ID, r.Channel)
			}
			raw, err := h.archive.Open(t.Context(), r.Raw, r.Location)
			if err != nil {
				t.Fatal(err)
			}
			p, err := edxml.Decode(io.NewSectionReader(raw, 0, raw.Size()), edxml.Limits{}, nil)
			raw.Close()
			if err != nil || p.Refused() {
				t.Fatalf("%s holds no package: %v, %v", r.ID, p.Findings, err)
			}
			name := p.Edoc.DocumentID
			if p.Kind == edxml.KindStatus {
				name = string(p.Status.Code) + " " + p.Status.About.DocumentID
			}
			if r.Imported {
				name += " imported"
			}
			out[r.Receiver+" "+name]++
		}
	}
}

func newInbox(t *testing.T, h *house, f face, ack bool) *Inbox {
	t.Helper()
	i, err := NewInbox(InboxOptions{Name: f.name, Account: "a@" + f.name, Start: time.Now().Add(-time.Hour), Ack: ack, Pause: 60 * time.Microsecond, Spool: t.TempDir()}, f.client,
		h.deps("one"))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func deliver(t *testing.T, a *fake.Axis, body []byte) []string {
	t.Helper()
	ids, err := a.Deliver(body)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// status is a status package about a document.
func status(t *testing.T, to string) []byte {
	t.Helper()
	var b bytes.Buffer
	err := edxml.EncodeStatus(&b, edxml.Status{From: edxml.Organ{ID: issuer, Name: "Sở Nội vụ"}, About: edxml.Reference{OrganID: to, Code: "7/SKHCN-VP", DocumentID: to + ",2026/11/19,7/SKHCN-VP"},
		Code: edxml.Registered, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

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
	hold, err := takeHold(t.Context(), h.store, "x", "one")
	if err != nil {
		t.Fatal(err)
	}
	n, err := i.take.take(t.Context(), hold.fence, bytes.NewReader(b.Bytes()), facts{origin: func(r string, _ bridge.Digest) string { return "o:" + r }})
	if err != nil || n.Accepted != 2 {
		t.Fatalf("%+v, %v", n, err)
	}
	if err := hold.release(t.Context()); err != nil {
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
	hold, err := takeHold(t.Context(), h.store, "axis:a@vxp", "another")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newInbox(t, h, f, true).round(t.Context(), true); !errors.Is(err, errHeld) {
		t.Errorf("gave %v", err)
	}
	if err := hold.release(t.Context()); err != nil {
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

func TestFolderInbox(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	write := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := parcel(t, "1", ours, "%PDF-1.7")
	write("mot.edxml", good)
	write("hai.EDXML", parcel(t, "2", ours, "%PDF-1.7"))
	write("hong.edxml", good[:len(good)/2])
	write("khac.txt", good)
	if err := os.Symlink(filepath.Join(dir, "khac.txt"), filepath.Join(dir, "lien-ket.edxml")); err != nil {
		t.Fatal(err)
	}
	d, err := NewDrop(DropOptions{Name: "thumuc", Folder: dir, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Settle: time.Nanosecond, Spool: t.TempDir()}, h.deps("one"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := d.Drain(t.Context())
	if err != nil || n.Accepted != 2 || n.Left != 1 || n.Listed != 3 {
		t.Fatalf("%+v, %v", n, err)
	}
	if len(h.open()) != 1 || !strings.HasPrefix(h.open()[0], "axis-package:thumuc:") {
		t.Errorf("alarms %v", h.open())
	}
	write("hong.edxml", parcel(t, "3", ours, "%PDF-1.7"))
	write("mot.edxml", good) // the same package again, under the same name
	if n, err = d.Drain(t.Context()); err != nil || n.Accepted != 1 || n.Left != 0 || len(h.open()) != 0 {
		t.Errorf("%+v, %v, alarms %v", n, err, h.open())
	}
	done, err := os.ReadDir(filepath.Join(dir, doneFolder))
	if err != nil || len(done) != 4 {
		t.Errorf("done holds %v, %v", done, err)
	}
	if got := h.receipts(t); len(got) != 3 {
		t.Errorf("receipts %v", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Drain(t.Context()); err == nil || !slices.Equal(h.open(), []string{"axis-folder:thumuc"}) {
		t.Errorf("a folder that is gone gave %v, alarms %v", err, h.open())
	}
	if strings.Contains(h.log.String(), "hong") {
		t.Error("the log names a file")
	}
}
