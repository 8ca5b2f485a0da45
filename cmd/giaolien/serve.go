package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
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
	if err := a.know.save(ctx, a.store); err != nil {
		return err
	}
	return a.serve(ctx)
}

// serve runs every long-lived part until ctx ends or one of them fails. A mailbox that cannot be reached is no failure: its watcher
// reports it, raises an alarm and tries again.
func (a *app) serve(ctx context.Context) error {
	watchers, err := a.watchers()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range watchers {
		group.Go(func() error { return w.Run(ctx) })
	}
	worker := a.worker(ctx)
	group.Go(func() error { return worker.Run(ctx) })
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

// reloadOnSignal reads rules and directory anew on SIGHUP. A broken file is refused, and the old one stays.
func (a *app) reloadOnSignal(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
		}
		before := a.know.now.Load()
		if err := a.know.reload(a.std.err); err != nil {
			a.log.Error("rules or directory not taken over; the old ones stay", "error", err)
			continue
		}
		if err := a.know.save(ctx, a.store); err != nil {
			a.know.now.Store(before) // what is not on record decides nothing
			a.log.Error("new rules and directory could not be recorded; the old ones stay", "error", err)
			continue
		}
		a.log.Info("rules and directory read anew", "knowledge", a.know.active().Hash())
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
		case ctx.Err() == nil:
			a.log.Warn("queues could not be counted", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// health lists what keeps the program from its work now: /healthz is 200 only when nothing does. What has happened and waits for a person is
// not its matter; the metric giaolien_alarms counts both.
func (a *app) health(ctx context.Context) []web.Problem {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		return []web.Problem{{Code: "database", Text: "the database does not answer"}}
	}
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return []web.Problem{{Code: "database", Text: "the database does not answer"}}
	}
	var list []web.Problem
	for _, al := range alarms {
		if condition(al.Code) {
			list = append(list, web.Problem{Code: al.Code, Text: al.Key})
		}
	}
	return list
}

// raise puts an alarm on record, in the log and, where administrators are named, into their mail.
func (a *app) raise(ctx context.Context, al bridge.Alarm) {
	a.log.Log(ctx, slog.LevelError, "alarm", "code", al.Code, "key", al.Key)
	if err := a.store.RaiseAlarm(ctx, a.render, al, a.alarmMails(al)); err != nil {
		a.log.Error("alarm could not be put on record", "key", al.Key, "error", err)
	}
	a.countAlarms(ctx)
}

// alarmMails writes to each administrator. The first receiving agency lends its letterhead.
func (a *app) alarmMails(al bridge.Alarm) []notice.Draft {
	if len(a.config.Agencies) == 0 || a.config.SMTP.Host == "" {
		return nil
	}
	var mails []notice.Draft
	for _, to := range a.config.Alarms.To {
		if d := notice.ComposeAlarm(notice.Letterhead(a.config.Agencies[0]), to, al.Code, al.Text); d != nil {
			mails = append(mails, *d)
		}
	}
	return mails
}

// clear ends an alarm whose cause is gone.
func (a *app) clear(ctx context.Context, key string) {
	if err := a.store.ClearAlarm(ctx, key); err != nil {
		a.log.Error("alarm could not be cleared", "key", key, "error", err)
		return
	}
	a.countAlarms(ctx)
}

func (a *app) countAlarms(ctx context.Context) {
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		a.log.Warn("alarms could not be counted", "error", err)
		return
	}
	counts := map[string]int{}
	for _, code := range alarmCodes {
		counts[code] = 0
	}
	for _, al := range alarms {
		counts[al.Code]++
	}
	for code, n := range counts {
		a.metrics.Set(bridge.MetricAlarms, float64(n), code)
	}
}

// settle works until nothing is due: for commands that want to see the end of what they asked.
func (a *app) settle(ctx context.Context) error {
	if err := a.know.save(ctx, a.store); err != nil {
		return err
	}
	done := make(chan struct{})
	close(done)
	if err := a.worker(ctx).Drain(ctx, done); err != nil {
		return fmt.Errorf("settle receipts: %w", err)
	}
	return nil
}
