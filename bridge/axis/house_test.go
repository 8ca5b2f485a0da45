package axis

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
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
