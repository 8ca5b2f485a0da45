package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// Watcher watches the folders of one account. Run, Drain and Check may not be used at the same time.
type Watcher struct {
	o       Options
	deps    Deps
	log     *slog.Logger
	alarms  alarms
	folders []*folder
	shared  chan struct{} // the connection that folders above MaxConnections share
	counts  counts
	// patience bounds how long a full disk is waited for; 0: for ever.
	patience time.Duration
	standby  time.Duration // between looks at a lease that another process has

	tokenMu   sync.Mutex
	tokenText string
	tokenEnd  time.Time
}

// Counts are what a drain came to.
type Counts struct {
	Sighted  int   `json:"sighted"`  // UIDs that were on the server and not accounted for
	Accepted int   `json:"accepted"` // messages that are durable now, joined deliveries included
	Joined   int   `json:"joined"`   // of these, further deliveries of a message that had a receipt
	Imported int   `json:"imported"` // of these, older than the mailbox's start
	Failed   int   `json:"failed"`   // wait for a person
	Vanished int   `json:"vanished"` // gone before they could be fetched
	Left     int   `json:"left"`     // left for a later try
	Bytes    int64 `json:"bytes"`
}

type counts struct {
	mu sync.Mutex
	Counts
}

func (c *counts) add(f func(c *Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.Counts)
}

// New checks the options and reports everything that is wrong with them at once. Nothing is connected yet.
func New(o Options, d Deps) (*Watcher, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", o.Name, err)
	}
	switch {
	case d.Door == nil, d.Ledger == nil, d.Leases == nil, d.Actions == nil, d.Alarm == nil, d.Clear == nil, d.Meter == nil, d.Log == nil,
		d.Now == nil, d.Owner == "":
		return nil, fmt.Errorf("mailbox %s: a dependency is missing", o.Name)
	}
	if d.Dial == nil {
		d.Dial = tcp
	}
	w := &Watcher{o: o, deps: d, log: d.Log.With("mailbox", o.Name), shared: make(chan struct{}, 1), standby: bridge.RenewEvery}
	w.alarms = alarms{deps: &w.deps, name: o.Name}
	own := len(o.Folders)
	if own > o.MaxConnections {
		own = o.MaxConnections - 1
	}
	for i, name := range o.Folders {
		f := &folder{w: w, name: name, alone: i < own, suspects: map[uint32]*suspect{}}
		f.pulse.f = f
		f.log = w.log.With("folder", name)
		w.folders = append(w.folders, f)
	}
	return w, nil
}

// Run watches every folder until ctx ends. Errors of the server and the network are logged, raise alarms and are tried again.
func (w *Watcher) Run(ctx context.Context) error {
	w.patience = 0
	var others sync.WaitGroup
	for _, f := range w.folders[1:] {
		others.Go(func() { f.watch(ctx) })
	}
	w.folders[0].watch(ctx)
	others.Wait()
	return nil
}

// Drain fetches what is there, once, and returns when the server shows nothing new; it also does the actions that are due by then.
// Folders do not wait for each other, and the error tells of all that could not be finished.
func (w *Watcher) Drain(ctx context.Context) (Counts, error) {
	w.patience = 2 * time.Minute
	w.counts.add(func(c *Counts) { *c = Counts{} })
	errs := make([]error, len(w.folders))
	var all sync.WaitGroup
	for i, f := range w.folders {
		all.Go(func() { errs[i] = f.drain(ctx) })
	}
	all.Wait()
	w.counts.mu.Lock()
	defer w.counts.mu.Unlock()
	return w.counts.Counts, errors.Join(errs...)
}

// slot waits for a connection of those that folders share.
func (f *folder) slot(ctx context.Context) (release func(), err error) {
	if f.alone {
		return func() {}, nil
	}
	select {
	case f.w.shared <- struct{}{}:
		return func() { <-f.w.shared }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *Watcher) noSpace(ctx context.Context) {
	w.alarms.raise(ctx, alarmDisk, "", "ổ đĩa đã đầy; tạm ngừng nhận thư, sẽ tự tiếp tục khi có chỗ trống")
}

func isNoSpace(err error) bool { return errors.Is(err, bridge.ErrNoSpace) }
