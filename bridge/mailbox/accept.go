package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// acceptor brings groups through the door while the next are being read. One group waits at most.
type acceptor struct {
	in     chan []bridge.Arrival
	failed chan struct{} // closed when err is set
	done   chan struct{}
	err    error
}

func (s *session) startAcceptor(ctx context.Context) *acceptor {
	a := &acceptor{in: make(chan []bridge.Arrival, 1), failed: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		for batch := range a.in {
			if a.err == nil {
				if a.err = s.accept(ctx, batch); a.err != nil {
					close(a.failed)
				}
			}
			if a.err != nil {
				discard(batch)
			}
		}
	}()
	return a
}

// give hands a group over; on an error it stays the caller's.
func (a *acceptor) give(ctx context.Context, batch []bridge.Arrival) error {
	if len(batch) == 0 {
		return nil
	}
	select {
	case a.in <- batch:
		return nil
	case <-a.failed:
		return a.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// finish waits until everything that was given is durable or discarded.
func (a *acceptor) finish() error {
	close(a.in)
	<-a.done
	return a.err
}

func discard(batch []bridge.Arrival) {
	for _, a := range batch {
		a.Raw.Discard()
	}
}

// accept makes a group durable. While the disk is full it waits and tries again with the same bytes, and the connection waits with it;
// an error that could pass is tried a few times here and then ends the session. What the store refuses for good is failed, by itself.
// On an error the batch is still the caller's.
func (s *session) accept(ctx context.Context, batch []bridge.Arrival) error {
	begun, wait := time.Now(), 200*time.Millisecond
	for tries := 1; ; tries++ {
		puts, err := s.w.deps.Door.Accept(ctx, s.fence, batch)
		switch {
		case err == nil:
			s.accepted(ctx, batch, puts)
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("accept: %w: %w", context.Cause(ctx), err)
		case errors.Is(err, bridge.ErrPermanent):
			return s.acceptEach(ctx, batch, err)
		case isNoSpace(err):
			s.w.noSpace(ctx)
			if p := s.w.patience; p > 0 && time.Since(begun) > p {
				return err
			}
		case errors.Is(err, bridge.ErrFenced):
			return err
		case tries == 4:
			return fmt.Errorf("%w: %w", errOurs, err)
		}
		s.f.log.WarnContext(ctx, "accept again", "messages", len(batch), "try", tries, "error", err)
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, backoffDisk)
	}
}

// acceptEach finds out which message the store refuses.
func (s *session) acceptEach(ctx context.Context, batch []bridge.Arrival, refusal error) error {
	if len(batch) == 1 {
		s.f.log.ErrorContext(ctx, "message is refused by the store", "uid", batch[0].UID.UID, "error", refusal)
		if err := s.fail(ctx, batch[0].UID.UID, "kho lưu trữ không nhận thư này"); err != nil {
			return err
		}
		discard(batch)
		return nil
	}
	for i := range batch {
		if err := s.accept(ctx, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) accepted(ctx context.Context, batch []bridge.Arrival, puts []bridge.Put) {
	s.w.alarms.clear(ctx, alarmDisk, "")
	s.w.counts.add(func(c *Counts) {
		c.Accepted += len(batch)
		for i, a := range batch {
			c.Bytes += a.Raw.Size()
			if a.Imported {
				c.Imported++
			}
			if i < len(puts) && puts[i].Joined {
				c.Joined++
			}
		}
	})
}
