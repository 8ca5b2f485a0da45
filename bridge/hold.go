package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Times of the lease of a mailbox folder or an inbox.
const (
	LeaseTime   = 30 * time.Second
	LeaseMargin = 10 * time.Second // so long before its end we act as if it were lost
	RenewEvery  = LeaseTime / 3
)

// ErrHeld says that another daemon holds the lease.
var ErrHeld = errors.New("another process holds the lease")

// Hold is a lease that is renewed for as long as it is held. Its context ends when the lease is lost, or when it could not be renewed for
// so long that it may be: a paused machine or a dead database must not go on with side effects. No goroutine waits in between.
type Hold struct {
	Ctx    context.Context
	cancel context.CancelCauseFunc
	leases Leases
	Fence  Fence

	mu     sync.Mutex
	over   bool
	renew  *time.Timer
	expire *time.Timer
}

// TakeHold takes the lease, and answers ErrHeld while another owner has it.
func TakeHold(ctx context.Context, leases Leases, name, owner string) (*Hold, error) {
	begun := time.Now()
	fence, ok, err := leases.TakeLease(ctx, name, owner, LeaseTime)
	if err != nil {
		return nil, fmt.Errorf("take lease %s: %w", name, err)
	}
	if !ok {
		return nil, ErrHeld
	}
	h := &Hold{leases: leases, Fence: fence}
	h.Ctx, h.cancel = context.WithCancelCause(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire = time.AfterFunc(LeaseTime-LeaseMargin-time.Since(begun), func() {
		h.cancel(fmt.Errorf("lease %s could not be renewed in time: %w", name, ErrFenced))
	})
	h.renew = time.AfterFunc(RenewEvery, h.again)
	return h, nil
}

// again renews the lease once.
func (h *Hold) again() {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(h.Ctx, RenewEvery)
	err := h.leases.RenewLease(ctx, h.Fence, LeaseTime)
	cancel()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.over || h.Ctx.Err() != nil:
	case errors.Is(err, ErrFenced):
		h.cancel(fmt.Errorf("renew lease %s: %w", h.Fence.Name, err))
	case err != nil:
		h.renew.Reset(time.Second)
	default:
		h.expire.Reset(LeaseTime - LeaseMargin - time.Since(begun))
		h.renew.Reset(RenewEvery)
	}
}

// Release gives the lease back, unless it was lost.
func (h *Hold) Release(ctx context.Context) error {
	h.mu.Lock()
	h.over = true
	h.renew.Stop()
	h.expire.Stop()
	h.mu.Unlock()
	lost := errors.Is(context.Cause(h.Ctx), ErrFenced)
	h.cancel(context.Canceled)
	if lost {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := h.leases.DropLease(ctx, h.Fence); err != nil {
		return fmt.Errorf("drop lease %s: %w", h.Fence.Name, err)
	}
	return nil
}
