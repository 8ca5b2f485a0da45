package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/web"
)

// serveCommand is the daemon.
type serveCommand struct{}

func (*serveCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	reader, err := a.reader(ctx)
	switch {
	case ctx.Err() != nil: // told to stop before it had begun
		return nil
	case err != nil:
		return err
	}
	if err := a.know.save(ctx, a.store); err != nil {
		return err
	}
	tellIfNotActivated(a.config, a.know, std.err)
	if err := a.forgetMailboxes(ctx); err != nil {
		return err
	}
	if _, err := loadCalendar(a.config.Register); err != nil {
		return err
	}
	return a.serve(ctx, reader)
}

// serve runs every long-lived part until ctx ends or one of them fails. A mailbox that cannot be reached is no failure: its watcher
// reports it, raises an alarm and tries again. reader may be nil.
func (a *app) serve(ctx context.Context, reader *bridge.Reader) error {
	watchers, err := a.watchers()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	deliverers, err := a.deliverers(ctx)
	if err != nil {
		return err
	}
	for _, r := range deliverers {
		group.Go(func() error { return r.Run(ctx) })
	}
	inboxes, err := a.inboxes()
	if err != nil {
		return err
	}
	for _, in := range inboxes {
		group.Go(func() error { return in.Run(ctx) })
	}
	for _, x := range a.config.Axes {
		if x.Sync == config.SyncDaily {
			group.Go(func() error { return a.compareDaily(ctx, x) })
		}
	}
	for _, w := range watchers {
		group.Go(func() error { return w.Run(ctx) })
	}
	worker, err := a.worker(ctx)
	if err != nil {
		return err
	}
	worker.Knowledge = func() *bridge.Knowledge { // who activates rules means the next mail, not that of ten seconds later
		a.followRules(ctx)
		return a.know.active()
	}
	group.Go(func() error { return worker.Run(ctx) })
	if reader != nil {
		group.Go(func() error { return reader.Run(ctx) })
	}
	if runner := a.outbox(ctx); runner != nil {
		group.Go(func() error { return runner.Run(ctx) })
	}
	group.Go(func() error { return a.watchQueues(ctx) })
	group.Go(func() error { return a.reloadOnSignal(ctx) })
	if a.config.HTTP.Listen != "" {
		server := &web.Server{Addr: a.config.HTTP.Listen, Metrics: a.metrics, Health: a.health}
		group.Go(func() error { return server.Run(ctx) })
	}
	a.log.Info("giaolien is watching", "version", version, "mailboxes", len(a.config.Mailboxes), "notices", string(a.config.Notices.Mode),
		"knowledge", a.know.active().Hash())
	err = group.Wait()
	a.log.Info("giaolien has stopped")
	return err
}

// followEvery is how often a daemon without mail asks whether other rules were activated; with mail it asks before each batch.
const followEvery = 10 * time.Second

// reloadOnSignal reads the directory anew on SIGHUP, and takes over rules as soon as they are activated. What is broken is refused, and the
// old stays.
func (a *app) reloadOnSignal(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			a.takeOver(ctx, func() (bool, error) { return true, a.know.reload(ctx, a.std.err) })
			tellIfNotActivated(a.config, a.know, a.std.err)
		case <-tick.C:
			a.followRules(ctx)
		}
	}
}

// followRules takes over the rules that were activated last.
func (a *app) followRules(ctx context.Context) {
	a.takeOver(ctx, func() (bool, error) { return a.know.follow(ctx, a.std.err) })
}

// takeOver swaps the knowledge and says so.
func (a *app) takeOver(ctx context.Context, read func() (bool, error)) {
	changed, err := a.know.swap(ctx, a.store, read)
	switch {
	case err != nil && ctx.Err() != nil: // told to stop meanwhile
	case err != nil:
		a.log.Error("rules or directory not taken over; the old ones stay", "error", err)
	case changed:
		a.log.Info("rules and directory taken over", "rules", a.know.active().Rules.Version(), "knowledge", a.know.active().Hash())
	}
}

// watchQueues measures what waits, for the monitoring.
func (a *app) watchQueues(ctx context.Context) error {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		counts, err := a.store.Counts(ctx)
		switch {
		case err == nil:
			for _, s := range []bridge.State{bridge.Waiting, bridge.Held, bridge.Failed} {
				a.metrics.Set(bridge.MetricOpen, float64(counts.Receipts[s]), string(s))
			}
			a.metrics.Set(bridge.MetricOpen, float64(counts.Notices["queued"]), "notices")
			a.metrics.Set(bridge.MetricOpen, float64(counts.Notices["review"]), "review")
			a.metrics.Set(bridge.MetricOpen, float64(counts.Dispatches["queued"]), "deliveries")
			a.metrics.Set(bridge.MetricOpen, float64(counts.Dispatches["dead"]), "deliveries-dead")
		case ctx.Err() == nil:
			a.log.Warn("queues could not be counted", "error", err)
		}
		if n, err := a.store.WaitingReadings(ctx); err == nil {
			a.metrics.Set(bridge.MetricOpen, float64(n), "reading")
		} else if ctx.Err() == nil {
			a.log.Warn("files to be read could not be counted", "error", err)
		}
		a.watchNumbers(ctx)
		if err := a.watchRegister(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn("what is late for the register could not be found", "error", err)
		}
		a.remind(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// settle works until nothing waits, with the knowledge that was activated last.
func (a *app) settle(ctx context.Context) error {
	k, err := a.activated(ctx)
	if err != nil {
		return err
	}
	w, err := a.worker(ctx)
	if err != nil {
		return err
	}
	w.Patience = 0 // somebody waits for what becomes of it
	w.Knowledge = func() *bridge.Knowledge { return k }
	done := make(chan struct{})
	close(done)
	if err := w.Drain(ctx, done); err != nil {
		return fmt.Errorf("settle receipts: %w", err)
	}
	return nil
}
