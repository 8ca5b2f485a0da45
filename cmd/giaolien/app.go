package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/archive"
	"github.com/giaolien/giaolien/bridge/config"
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
	std     streams
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
	if a.know, err = loadKnowledge(cfg, a.keys[0].ID, std.err); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, databaseURL(cfg), store.Options{}); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if a.archive, err = archive.New(archive.Options{Dir: cfg.Archive.Path, Reserve: int64(cfg.Archive.Reserve)}); err != nil {
		return nil, errors.Join(fmt.Errorf("open archive: %w", err), a.store.Close())
	}
	return a, nil
}

func (a *app) close() error { return errors.Join(a.archive.Close(), a.store.Close()) }

// readConfig reads and checks the configuration file.
func readConfig(file string) (config.Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return config.Config{}, fmt.Errorf("read configuration: %w (giaolien init writes one; --config names it)", err)
	}
	return config.Read(file, data, os.Getenv)
}

// ownerName tells this process from every other daemon on the same database.
func ownerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	b := make([]byte, 4)
	rand.Read(b) // never fails (crypto/rand)
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(b))
}

// door is the one way in.
func (a *app) door() *bridge.Door {
	return &bridge.Door{Archive: a.archive, Receipts: a.store, Meter: a.metrics, Accepted: func() {}}
}

// worker settles what came in.
func (a *app) worker(ctx context.Context) *bridge.Worker {
	return &bridge.Worker{Work: a.store, Archive: a.archive, Knowledge: a.know.active, Gather: a.gather, Render: a.render, Alarm: a.raise,
		Meter: a.metrics, Log: a.log, Now: time.Now, Owner: a.owner, Loops: loops(a.config.Intake.Workers), Batch: 32, Lease: time.Minute,
		Poll: 5 * time.Second, Wake: a.store.Wake(ctx, "process")}
}

// loops is how many batches are settled side by side: as many as there are processors, unless the configuration says.
func loops(configured int) int {
	if configured > 0 {
		return configured
	}
	return runtime.GOMAXPROCS(0)
}
