package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/lib/pq"
)

// The kinds of work that Wake tells of; also the kinds of jobs.
const (
	Process = "process"  // a receipt is to be processed
	Notify  = "notice"   // a notice is to be sent
	Read    = "read"     // files of a receipt are to be read by tools
	Deliver = "dispatch" // a record is to be delivered to a document system
)

func kinds() []string { return []string{Process, Notify, Read, Deliver} }

func channelOf(kind string) string { return "giaolien_" + kind }

// Wake gives a channel that gets a value when work of this kind may be there: from this process at once, from other daemons on PostgreSQL
// a moment later. A value can be missed or come for nothing: whoever waits here polls as well. It ends, without being closed, with ctx.
func (s *Store) Wake(ctx context.Context, kind string) <-chan struct{} {
	return s.wakes.add(ctx, kind)
}

// wakes passes signals to whoever waits.
type wakes struct {
	listener *pq.Listener
	stop     chan struct{}
	loops    sync.WaitGroup

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // under mu
}

func newWakes() *wakes {
	return &wakes{stop: make(chan struct{}), waiting: map[string]map[chan struct{}]bool{}}
}

func (w *wakes) add(ctx context.Context, kind string) <-chan struct{} {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting[kind] == nil {
		w.waiting[kind] = map[chan struct{}]bool{}
	}
	w.waiting[kind][c] = true
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[kind], c)
	})
	return c
}

// signal never blocks: one value in the channel says it all.
func (w *wakes) signal(kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.waiting[kind] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// heartbeat is how often the listener asks for a sign of life. Its connection is silent for hours by nature, so its reads may take three
// times as long before the network is given up.
const heartbeat = time.Minute

// listen hears what other daemons commit. The listener reconnects by itself; what went unheard meanwhile is made up for by a signal of
// every kind.
func (w *wakes) listen(url string) {
	w.listener = pq.NewDialListener(dialer{3 * heartbeat}, url, time.Second, 30*time.Second, nil)
	w.loops.Go(func() {
		for _, kind := range kinds() {
			// Without a connection Listen waits for one, or for Close; ErrChannelAlreadyOpen cannot be. Polling covers the rest.
			if err := w.listener.Listen(channelOf(kind)); err != nil {
				return
			}
		}
	})
	go func() { // ends when the listener has: until then its channel must be emptied, or it cannot end
		for n := range w.listener.NotificationChannel() {
			w.heard(n)
		}
	}()
	w.loops.Go(func() { // apart from the reader: Ping waits for it (lib/pq#1178)
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-beat.C:
				// An error is the listener's to act on: it reconnects and then says nil.
				if err := w.listener.Ping(); err != nil {
					continue
				}
			}
		}
	})
}

func (w *wakes) heard(n *pq.Notification) {
	for _, kind := range kinds() {
		if n == nil || n.Channel == channelOf(kind) {
			w.signal(kind)
		}
	}
}

// closing bounds how long Close waits for each thing that is in the middle of a call on a silent network.
const closing = 5 * time.Second

func (w *wakes) close() error {
	if w.listener == nil {
		return nil
	}
	close(w.stop)
	done := make(chan error, 1)
	go func() {
		err := w.listener.Close()
		w.loops.Wait()
		done <- err
	}()
	patience := time.NewTimer(closing)
	defer patience.Stop()
	select {
	case err := <-done:
		if err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("close listener: %w", err)
		}
		return nil
	case <-patience.C:
		return errors.New("close listener: it is waiting for a silent network")
	}
}
