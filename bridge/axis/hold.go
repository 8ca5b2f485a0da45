package axis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

const (
	leaseTime   = 30 * time.Second
	leaseMargin = 10 * time.Second // so long before its end we act as if it were lost
	renewEvery  = leaseTime / 3
)

// errHeld says that another daemon reads the inbox.
var errHeld = errors.New("another process reads this inbox")

// hold is a lease that is renewed in the background. Its context ends when the lease is lost, or may be.
type hold struct {
	ctx    context.Context
	fence  bridge.Fence
	leases bridge.Leases
	cancel context.CancelCauseFunc
	ended  sync.WaitGroup
}

// take answers errHeld while another owner has it.
func takeHold(ctx context.Context, leases bridge.Leases, name, owner string) (*hold, error) {
	begun := time.Now()
	fence, ok, err := leases.TakeLease(ctx, name, owner, leaseTime)
	if err != nil {
		return nil, fmt.Errorf("take lease %s: %w", name, err)
	}
	if !ok {
		return nil, errHeld
	}
	h := &hold{fence: fence, leases: leases}
	h.ctx, h.cancel = context.WithCancelCause(ctx)
	h.ended.Go(func() { h.renew(begun) })
	return h, nil
}

func (h *hold) renew(renewed time.Time) {
	tick := time.NewTimer(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(h.ctx, renewEvery)
		err := h.leases.RenewLease(ctx, h.fence, leaseTime)
		cancel()
		switch {
		case err == nil:
			renewed = begun
			tick.Reset(renewEvery)
		case errors.Is(err, bridge.ErrFenced), time.Since(renewed) > leaseTime-leaseMargin:
			h.cancel(fmt.Errorf("renew lease %s: %w: %w", h.fence.Name, bridge.ErrFenced, err))
		default:
			tick.Reset(time.Second)
		}
	}
}

// release gives the lease back, unless it was lost.
func (h *hold) release(ctx context.Context) error {
	lost := errors.Is(context.Cause(h.ctx), bridge.ErrFenced)
	h.cancel(context.Canceled)
	h.ended.Wait()
	if lost {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := h.leases.DropLease(ctx, h.fence); err != nil {
		return fmt.Errorf("drop lease %s: %w", h.fence.Name, err)
	}
	return nil
}
