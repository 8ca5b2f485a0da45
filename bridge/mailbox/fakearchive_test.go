package mailbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// archive keeps messages in memory. What is in use counts what was begun and neither appended for good nor discarded.
type archive struct {
	mu    sync.Mutex
	raws  map[bridge.Digest][]byte
	open  map[*intake]bool
	fault func(size int) error // asked before Append and at every write
}

func newArchive() *archive {
	return &archive{raws: map[bridge.Digest][]byte{}, open: map[*intake]bool{}}
}

type intake struct {
	a   *archive
	buf bytes.Buffer
}

func (a *archive) Begin() bridge.Intake {
	a.mu.Lock()
	defer a.mu.Unlock()
	in := &intake{a: a}
	a.open[in] = true
	return in
}

func (a *archive) check(size int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fault == nil {
		return nil
	}
	return a.fault(size)
}

func (a *archive) Append(_ context.Context, blobs []bridge.Sealed) ([]string, error) {
	at := make([]string, len(blobs))
	for i, b := range blobs {
		if err := a.check(int(b.Size())); err != nil {
			return nil, err
		}
		in := b.(*intake)
		a.mu.Lock()
		if !a.open[in] {
			a.mu.Unlock()
			return nil, fmt.Errorf("appended after it was discarded")
		}
		a.raws[b.Raw()] = bytes.Clone(in.buf.Bytes())
		a.mu.Unlock()
		at[i] = fmt.Sprintf("%x", b.Raw())
	}
	return at, nil
}

func (a *archive) Open(context.Context, bridge.Digest, string) (bridge.Raw, error) {
	return nil, bridge.ErrDamaged
}

// inUse says how many messages are held.
func (a *archive) inUse() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.open)
}

func (in *intake) Write(p []byte) (int, error) {
	if err := in.a.check(in.buf.Len() + len(p)); err != nil {
		return 0, err
	}
	return in.buf.Write(p)
}
func (in *intake) Seal() (bridge.Sealed, error) { return in, nil }
func (in *intake) Raw() bridge.Digest           { return sha256.Sum256(in.buf.Bytes()) }
func (in *intake) Size() int64                  { return int64(in.buf.Len()) }

func (in *intake) Content() bridge.Digest {
	_, rest, _ := bytes.Cut(in.buf.Bytes(), []byte("Subject:"))
	return sha256.Sum256(rest)
}

func (in *intake) Discard() {
	in.a.mu.Lock()
	defer in.a.mu.Unlock()
	delete(in.a.open, in)
}

// meter keeps the last value of every gauge and the sum of every counter.
type meter struct {
	mu     sync.Mutex
	values map[string]float64
}

func (m *meter) Add(name string, v float64, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[fmt.Sprint(name, labels)] += v
}

func (m *meter) Set(name string, v float64, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[fmt.Sprint(name, labels)] = v
}

func (m *meter) Observe(string, float64, ...string) {}

func (m *meter) get(name string, labels ...string) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[fmt.Sprint(name, labels)]
}

// deps wires the fakes.
func deps(t *testing.T, s *store, a *archive, owner string) Deps {
	m := &meter{values: map[string]float64{}}
	return Deps{
		Door:   &bridge.Door{Archive: a, Receipts: s, Meter: m, Accepted: func() {}},
		Ledger: s, Leases: s, Actions: s, Alarm: s.raise, Clear: s.clear, Meter: m, Now: time.Now, Owner: owner,
		Log: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	if testing.Verbose() {
		l.t.Logf("%s", bytes.TrimSpace(p))
	}
	return len(p), nil
}
