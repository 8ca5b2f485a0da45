package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/archive"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/bridge/web"
)

// app is the opened program: what every command that works on the stored past or on the mailboxes needs.
type app struct {
	config  config.Config
	log     *slog.Logger
	store   *store.Store
	archive *archive.Archive
	metrics *web.Metrics
	keys    []notice.Key
	owner   string // of leases and jobs: one name per process
	know    *knowledgeHolder
	hand    *hand
	unheard unheard
	// numbersAgree is whether books and file of numbers did at the last look of watchQueues, which alone uses it.
	numbersAgree bool
	asking       singleflight.Group // of /healthz to the database
	std          streams
	verifier     *evidence.Verifier // finds who sent a message; set where receipts are settled
}

// openApp reads the configuration, opens store and archive, and loads rules and directory. Nothing is started. close releases it all.
func openApp(ctx context.Context, c *Common, std streams) (*app, error) {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return nil, err
	}
	a := &app{config: cfg, log: newLogger(cfg.Log, std.err), metrics: web.NewMetrics(), owner: ownerName(), std: std}
	if a.keys, err = readKeys(cfg.Notices.KeyFile); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, databaseURL(cfg), store.Options{HighWater: archive.NewNumbers(cfg.Archive.Path)}); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if a.know, err = loadKnowledge(ctx, cfg, a.keys[0].ID, a.store, std.err); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	if a.archive, err = archive.New(archive.Options{Dir: cfg.Archive.Path, Reserve: int64(cfg.Archive.Reserve)}); err != nil {
		return nil, errors.Join(fmt.Errorf("open archive: %w", err), a.store.Close())
	}
	if a.hand, err = newHand(cfg.Data, a.owner); err == nil {
		err = a.releaseDead(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) close() error {
	errs := []error{a.archive.Close(), a.store.Close()}
	if a.hand != nil {
		errs = append(errs, a.hand.close())
	}
	return errors.Join(errs...)
}

// readConfig reads and checks the configuration file.
func readConfig(file string) (config.Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return config.Config{}, fmt.Errorf("read configuration: %w (giaolien init writes one; --config names it)", err)
	}
	return config.Read(file, data, os.Getenv)
}

// door is the one way in.
func (a *app) door() *bridge.Door {
	return &bridge.Door{Archive: a.archive, Receipts: a.store, Meter: a.metrics, Accepted: func() {}}
}

// worker settles what came in. A trust folder that cannot be read is an error: see trusting.
func (a *app) worker(ctx context.Context) (*bridge.Worker, error) {
	var err error
	if a.verifier, err = newVerifier(a.config); err != nil {
		return nil, err
	}
	return &bridge.Worker{Work: a.store, Files: a.store, Archive: a.archive, Knowledge: a.know.active, Gather: a.gather, Render: a.render, Alarm: a.raise,
		Targets: a.targetRules, Meter: a.metrics, Log: a.log, Now: time.Now, Owner: a.owner, Hold: a.hand.hold, Loops: loops(a.config.Intake.Workers), Batch: 32, Lease: time.Minute,
		Poll: 5 * time.Second, Patience: time.Duration(a.config.Identity.Wait), Wake: a.store.Wake(ctx, store.Process)}, nil
}

// loops is how many batches are settled side by side: as many as there are processors, unless the configuration says.
func loops(configured int) int {
	if configured > 0 {
		return configured
	}
	return runtime.GOMAXPROCS(0)
}
