package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// TakeLease implements bridge.Leases. An owner that takes its own lease again gets a higher fence: what it did before it forgot is over.
func (s *Store) TakeLease(ctx context.Context, name, owner string, ttl time.Duration) (bridge.Fence, bool, error) {
	var token int64
	var taken bool
	err := s.change(ctx, func(t *tx) (err error) {
		taken, err = t.one(t.q.TakeLease, &token, args{"name": name, "owner": owner, "until": at(t.now.Add(ttl)), "now": at(t.now)})
		return err
	})
	if err != nil || !taken {
		return bridge.Fence{}, false, wrap("take lease "+name, err)
	}
	return bridge.Fence{Name: name, Owner: owner, Token: token}, true, nil
}

// RenewLease implements bridge.Leases.
func (s *Store) RenewLease(ctx context.Context, f bridge.Fence, ttl time.Duration) error {
	return wrap("renew lease "+f.Name, s.change(ctx, func(t *tx) error {
		n, err := t.exec(t.q.RenewLease, args{"name": f.Name, "owner": f.Owner, "fence": f.Token, "until": at(t.now.Add(ttl))})
		if err == nil && n == 0 {
			return bridge.ErrFenced
		}
		return err
	}))
}

// DropLease implements bridge.Leases. A lease that has changed hands is not touched, which is no error: it is dropped.
func (s *Store) DropLease(ctx context.Context, f bridge.Fence) error {
	return wrap("drop lease "+f.Name, s.change(ctx, func(t *tx) error {
		_, err := t.exec(t.q.DropLease, args{"name": f.Name, "owner": f.Owner, "fence": f.Token, "now": at(t.now)})
		return err
	}))
}

// checkFence answers ErrFenced when the lease has changed hands, and keeps it from doing so until the transaction ends.
func (t *tx) checkFence(f bridge.Fence) error {
	if f == (bridge.Fence{}) {
		return nil
	}
	var token int64
	held, err := t.one(t.q.CheckFence, &token, args{"name": f.Name, "owner": f.Owner, "fence": f.Token})
	if err != nil {
		return err
	}
	if !held {
		return fmt.Errorf("lease %s: %w", f.Name, bridge.ErrFenced)
	}
	return nil
}

// wrap adds the step to an error, if there is one.
func wrap(step string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", step, err)
}
