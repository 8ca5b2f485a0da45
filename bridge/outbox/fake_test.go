package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// queue is bridge.Notices in memory, with the rules of its contract that the runner depends on: leases, attempts counted at the claim, and
// a fence that grows with every claim.
type queue struct {
	mu     sync.Mutex
	now    func() time.Time
	rows   []*row
	claims int
	fail   map[string]int  // by method: how many calls fail from now on
	on     func(id string) // called after a notice was settled
	looked chan struct{}   // told of every count of what waits; may be nil
}

type row struct {
	out    bridge.Outgoing
	due    time.Time
	leased time.Time
	state  string // queued, sent, dead
	reply  string
}

func (q *queue) add(id, to string) *row {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := &row{state: "queued", due: q.now(), out: bridge.Outgoing{
		Notice: id, Receipt: "GL-2026-0000001", Kind: notice.Refuse,
		Rendered: notice.Rendered{
			MessageID: id + "@quangtri.gov.vn", EnvelopeFrom: "vanthu+t@quangtri.gov.vn", EnvelopeTo: to,
			Bytes: []byte("Subject: " + id + "\r\n\r\nd=C3=B2ng\r\n.dot\r\n..\r\n"),
		},
	}}
	r.out.Job.ID = int64(len(q.rows) + 1)
	q.rows = append(q.rows, r)
	return r
}

func (q *queue) failing(method string) error {
	if q.fail[method] > 0 {
		q.fail[method]--
		return errors.New(method + ": database is away")
	}
	return nil
}

func (q *queue) due(r *row) bool {
	return r.state == "queued" && !r.due.After(q.now()) && !r.leased.After(q.now())
}

func (q *queue) WaitingNotices(context.Context) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, r := range q.rows {
		if q.due(r) {
			n++
		}
	}
	select {
	case q.looked <- struct{}{}:
	default:
	}
	return n, q.failing("WaitingNotices")
}

func (q *queue) ClaimNotices(_ context.Context, _ string, n int, lease time.Duration, caps bridge.Caps) ([]bridge.Outgoing, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing("ClaimNotices"); err != nil {
		return nil, err
	}
	if caps.PerHour > 0 {
		n = min(n, caps.PerHour-q.claims)
	}
	var out []bridge.Outgoing
	for _, r := range q.rows {
		if !q.due(r) || len(out) >= n {
			continue
		}
		q.claims++
		r.leased = q.now().Add(lease)
		r.out.Job.Attempt++
		r.out.Job.Fence++
		out = append(out, r.out)
		if r.out.FirstTry.IsZero() {
			r.out.FirstTry = q.now()
		}
	}
	return out, nil
}

func (q *queue) settle(method string, o bridge.Outgoing, state string, due time.Time, reply string) error {
	q.mu.Lock()
	if err := q.failing(method); err != nil {
		q.mu.Unlock()
		return err
	}
	i := slices.IndexFunc(q.rows, func(r *row) bool { return r.out.Job.ID == o.Job.ID })
	r := q.rows[i]
	if r.out.Job.Fence != o.Job.Fence {
		q.mu.Unlock()
		return fmt.Errorf("settle %s: %w", o.Notice, bridge.ErrFenced)
	}
	r.state, r.reply, r.leased, r.due = state, reply, time.Time{}, due
	on := q.on
	q.mu.Unlock()
	if on != nil {
		on(o.Notice)
	}
	return nil
}

func (q *queue) NoticeSent(_ context.Context, o bridge.Outgoing, reply string) error {
	return q.settle("NoticeSent", o, "sent", time.Time{}, reply)
}

func (q *queue) NoticeLater(_ context.Context, o bridge.Outgoing, at time.Time, reply string) error {
	return q.settle("NoticeLater", o, "queued", at, reply)
}

func (q *queue) NoticeDead(_ context.Context, o bridge.Outgoing, reply string) error {
	return q.settle("NoticeDead", o, "dead", time.Time{}, reply)
}

func (q *queue) get(id string) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.out.Notice == id {
			return *r
		}
	}
	return row{}
}

// clock is a clock that the test sets.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bench is a runner with its surroundings.
type bench struct {
	*Runner
	clock  *clock
	queue  *queue
	mu     sync.Mutex
	alarms []bridge.Alarm
	clears []string
	counts map[string]int
}

func newBench(t *testing.T, server *SMTP) *bench {
	t.Helper()
	c := &clock{t: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
	b := &bench{clock: c, queue: &queue{now: c.now, fail: map[string]int{}}, counts: map[string]int{}}
	b.Runner = &Runner{
		Server: server, Notices: b.queue, Owner: "test", Now: c.now, Meter: b, Lease: time.Hour, pauses: []time.Duration{time.Millisecond},
		Alarm: func(_ context.Context, a bridge.Alarm) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.alarms = append(b.alarms, a)
		},
		Clear: func(_ context.Context, key string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.clears = append(b.clears, key)
		},
	}
	return b
}

func (b *bench) Add(name string, _ float64, labels ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts[fmt.Sprint(name, labels)]++
}
func (b *bench) Set(string, float64, ...string)     {}
func (b *bench) Observe(string, float64, ...string) {}

func (b *bench) alarmKeys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var keys []string
	for _, a := range b.alarms {
		keys = append(keys, a.Key)
	}
	return keys
}

func (b *bench) drain(t *testing.T, want Counts, wantErr error) {
	t.Helper()
	got, err := b.Drain(t.Context())
	if got != want || !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) {
		t.Fatalf("drained %+v, %v; want %+v, %v", got, err, want, wantErr)
	}
}

func (b *bench) want(t *testing.T, id, state, reply string) {
	t.Helper()
	if r := b.queue.get(id); r.state != state || r.reply != reply {
		t.Errorf("%s is %s with %q, want %s with %q", id, r.state, r.reply, state, reply)
	}
}
