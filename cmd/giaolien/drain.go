package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/mailbox"
)

// drainCommand does the daemon's work once.
type drainCommand struct {
	JSON bool `help:"Print counts as JSON at the end."`
}

// drained is what a drain reports: what it fetched and sent, and how every UID of the watched folders stands afterwards.
type drained struct {
	Fetched  int            `json:"fetched"`
	Joined   int            `json:"joined"`
	Sent     int            `json:"sent"`
	Deferred int            `json:"deferred"`
	UIDs     map[string]int `json:"uids"`     // by state
	Receipts map[string]int `json:"receipts"` // by state
	Records  int            `json:"records"`
	Notices  map[string]int `json:"notices"` // by state
	Reading  int            `json:"reading"` // receipts whose files are still to be read by tools: 0 unless reading failed
	Left     int            `json:"left"`    // messages left on the servers for a later try: 0 unless something failed
	// Delivered is how many records this drain handed over to document systems, DeliveriesDeferred how many it put off.
	Delivered          int            `json:"delivered"`
	DeliveriesDeferred int            `json:"deliveries_deferred"`
	Deliveries         map[string]int `json:"deliveries"` // by state
	Errors             []string       `json:"errors"`
}

func (c *drainCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	d, err := a.drain(ctx, newProgress(std.err))
	if d != nil {
		if perr := d.print(std.out, c.JSON); perr != nil {
			return errors.Join(err, perr)
		}
	}
	return err
}

// drain fetches, settles and sends until nothing is due. Fetching and settling overlap; an unreachable mailbox does not stop the others,
// but makes the drain fail in the end.
func (a *app) drain(ctx context.Context, bar *progress) (*drained, error) {
	reader, err := a.reader(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.know.save(ctx, a.store); err != nil {
		return nil, err
	}
	tellIfNotActivated(a.config, a.know, a.std.err)
	watchers, err := a.watchers()
	if err != nil {
		return nil, err
	}
	deliverers, err := a.deliverers(ctx)
	if err != nil {
		return nil, err
	}
	inboxes, err := a.inboxes()
	if err != nil {
		return nil, err
	}
	d := &drained{Errors: []string{}, UIDs: map[string]int{}, Receipts: map[string]int{}, Notices: map[string]int{}, Deliveries: map[string]int{}}
	fetched := make(chan struct{})
	var workers errgroup.Group
	worker, err := a.worker(ctx)
	if err != nil {
		return nil, err
	}
	worker.Patience = min(worker.Patience, drainPatience)
	workers.Go(func() error { return worker.Drain(ctx, fetched) })

	failed := a.fetch(ctx, watchers, inboxes, d, bar)
	close(fetched)
	if err := workers.Wait(); err != nil {
		failed = errors.Join(failed, fmt.Errorf("settle receipts: %w", err))
	}
	if err := a.readFiles(ctx, reader, worker); err != nil {
		failed = errors.Join(failed, fmt.Errorf("read files: %w", err))
	}
	if err := a.actAfter(ctx, watchers); err != nil {
		failed = errors.Join(failed, err)
	}
	a.remind(ctx)
	if err := a.sendDue(ctx, d); err != nil {
		failed = errors.Join(failed, err)
	}
	if err := a.deliverDue(ctx, deliverers, d); err != nil {
		failed = errors.Join(failed, err)
	}
	bar.done()
	return d, errors.Join(failed, a.count(ctx, d))
}

// fetch takes in what lies in all mailboxes and inboxes, side by side: one that fails holds up no other.
func (a *app) fetch(ctx context.Context, watchers []*mailbox.Watcher, inboxes []namedInbox, d *drained, bar *progress) error {
	var mu sync.Mutex // guards d and failed
	var failed error
	took := func(name string, accepted, joined, left int, err error) {
		mu.Lock()
		defer mu.Unlock()
		d.Fetched += accepted
		d.Joined += joined
		d.Left += left
		bar.show("fetched", d.Fetched, 0)
		if err != nil {
			d.Errors = append(d.Errors, name)
			failed = errors.Join(failed, err)
		}
	}
	var fetching sync.WaitGroup
	for i, w := range watchers {
		fetching.Go(func() {
			n, err := w.Drain(ctx)
			name := a.config.Mailboxes[i].Name
			if err != nil {
				err = fmt.Errorf("mailbox %s: %w", name, err)
			}
			took(name, n.Accepted, n.Joined, n.Left, err)
		})
	}
	for _, in := range inboxes {
		fetching.Go(func() {
			n, err := in.Drain(ctx)
			took(in.name, n.Accepted, n.Joined, n.Left, err)
		})
	}
	fetching.Wait()
	return failed
}

// actAfter sets the flags and makes the moves that are asked for, now that everything is settled.
func (a *app) actAfter(ctx context.Context, watchers []*mailbox.Watcher) error {
	var failed error
	for i, w := range watchers {
		if a.config.Mailboxes[i].After == config.AfterNone {
			continue
		}
		if _, err := w.Drain(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("mailbox %s: %w", a.config.Mailboxes[i].Name, err))
		}
	}
	return failed
}

// sendDue hands over what is due now.
func (a *app) sendDue(ctx context.Context, d *drained) error {
	runner := a.outbox(ctx)
	if runner == nil {
		return nil
	}
	for range 2 { // what is sent may raise an alarm, and its mail is not to wait for the next drain
		n, err := runner.Drain(ctx)
		d.Sent, d.Deferred = d.Sent+n.Sent, d.Deferred+n.Later
		if err != nil {
			return fmt.Errorf("send notices: %w", err)
		}
		a.remind(ctx)
	}
	return nil
}

func (a *app) count(ctx context.Context, d *drained) error {
	counts, err := a.store.Counts(ctx)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	if d.Reading, err = a.store.WaitingReadings(ctx); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	d.UIDs, d.Receipts, d.Notices, d.Records = map[string]int{}, map[string]int{}, counts.Notices, 0
	d.Deliveries = counts.Dispatches
	for _, n := range counts.Records {
		d.Records += n
	}
	for s, n := range counts.UIDs {
		d.UIDs[string(s)] = n
	}
	for s, n := range counts.Receipts {
		d.Receipts[string(s)] = n
	}
	return nil
}

func (d *drained) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(d)
	}
	fmt.Fprintf(out, "fetched %d, joined %d, left %d, notices sent %d, records %d\n", d.Fetched, d.Joined, d.Left, d.Sent, d.Records)
	if len(d.Deliveries) > 0 {
		fmt.Fprintf(out, "delivered %d, put off %d\n", d.Delivered, d.DeliveriesDeferred)
	}
	for _, group := range []struct {
		name   string
		counts map[string]int
	}{{"uids", d.UIDs}, {"receipts", d.Receipts}, {"notices", d.Notices}, {"delivery", d.Deliveries}} {
		for _, state := range sortedKeys(group.counts) {
			fmt.Fprintf(out, "%-9s %-12s %6d\n", group.name, state, group.counts[state])
		}
	}
	return nil
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
