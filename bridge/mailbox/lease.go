package mailbox

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

// errHeld says that another daemon watches the folder.
var errHeld = errors.New("another process watches this folder")

// hold is a lease that is renewed for as long as it is held. Its context ends when the lease is lost, or when it could not be renewed for
// so long that it may be: a paused machine or a dead database must not go on with side effects. No goroutine waits in between.
type hold struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	leases bridge.Leases
	fence  bridge.Fence

	mu     sync.Mutex
	over   bool
	renew  *time.Timer
	expire *time.Timer
}

// takeLease answers errHeld while another owner has it.
func (f *folder) takeLease(ctx context.Context) (*hold, error) {
	begun := time.Now()
	name := fmt.Sprintf("mailbox:%d", f.id)
	fence, ok, err := f.w.deps.Leases.TakeLease(ctx, name, f.w.deps.Owner, leaseTime)
	if err != nil {
		return nil, fmt.Errorf("take lease %s: %w", name, err)
	}
	if !ok {
		return nil, errHeld
	}
	h := &hold{leases: f.w.deps.Leases, fence: fence}
	h.ctx, h.cancel = context.WithCancelCause(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire = time.AfterFunc(leaseTime-leaseMargin-time.Since(begun), func() {
		h.cancel(fmt.Errorf("lease %s could not be renewed in time: %w", name, bridge.ErrFenced))
	})
	h.renew = time.AfterFunc(renewEvery, h.again)
	return h, nil
}

// again renews the lease once.
func (h *hold) again() {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(h.ctx, renewEvery)
	err := h.leases.RenewLease(ctx, h.fence, leaseTime)
	cancel()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.over || h.ctx.Err() != nil:
	case errors.Is(err, bridge.ErrFenced):
		h.cancel(fmt.Errorf("renew lease %s: %w", h.fence.Name, err))
	case err != nil:
		h.renew.Reset(time.Second)
	default:
		h.expire.Reset(leaseTime - leaseMargin - time.Since(begun))
		h.renew.Reset(renewEvery)
	}
}

// release gives the lease back, unless it was lost.
func (h *hold) release(ctx context.Context) error {
	h.mu.Lock()
	h.over = true
	h.renew.Stop()
	h.expire.Stop()
	h.mu.Unlock()
	lost := errors.Is(context.Cause(h.ctx), bridge.ErrFenced)
	h.cancel(context.Canceled)
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
