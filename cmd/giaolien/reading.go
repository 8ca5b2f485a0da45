package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/evidence"
	"github.com/giaolien/giaolien/bridge/store"
)

// readingLease is how long a reading stays with a daemon that has died.
const readingLease = time.Minute

// reader gives what reads the files of messages here, nil when nothing does: then what waits for it is decided without.
func (a *app) reader(ctx context.Context) (*bridge.Reader, error) {
	r, err := a.findReader(ctx)
	if r != nil || err != nil {
		return r, err
	}
	n, err := a.store.EndReadings(ctx)
	if n > 0 {
		a.log.Warn("files that were to be read are not: nothing reads files here any more", "receipts", n)
	}
	return nil, err
}

// findReader finds the tools of this machine, if they are wanted. From then on outcomes wait for them.
func (a *app) findReader(ctx context.Context) (*bridge.Reader, error) {
	if !a.config.Reading.Enabled {
		return nil, nil
	}
	options, err := trusting(readerOptions(a.config.Reading), a.config.Reading.TrustFolder)
	if err != nil {
		return nil, err
	}
	tools, err := evidence.NewReader(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("look for tools that read files: %w", err)
	}
	for _, p := range tools.Tools() {
		if !p.Usable {
			a.log.Warn("a tool that reads files cannot be used", "tool", p.Name, "why", p.Why, "without it", lostWithout(p.Name))
		}
	}
	if !tools.SignatureReader().Usable && !slices.ContainsFunc(tools.Tools(), func(p evidence.Program) bool { return p.Usable }) {
		return nil, nil
	}
	if err := a.know.read(); err != nil {
		return nil, err
	}
	return &bridge.Reader{Readings: a.store, Archive: a.archive, Knowledge: a.know.active, Read: tools.Read, Alarm: a.raise, Clear: a.clear, Meter: a.metrics,
		Log: a.log, Now: time.Now, Owner: a.owner, Name: tools.ReaderName(), Loops: a.config.Reading.Workers, Lease: readingLease, Poll: 30 * time.Second,
		Wake: a.store.Wake(ctx, store.Read)}, nil
}

// readFiles reads what outcomes wait for and decides again, until nothing waits. What could not be read is due later.
func (a *app) readFiles(ctx context.Context, r *bridge.Reader, w *bridge.Worker) error {
	if r == nil {
		return nil
	}
	done := make(chan struct{})
	close(done)
	for {
		n, err := r.Drain(ctx)
		if werr := w.Drain(ctx, done); werr != nil {
			return errors.Join(err, fmt.Errorf("settle receipts: %w", werr))
		}
		if err != nil || n == 0 {
			return err
		}
	}
}
