package mailbox

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// guard stands between TLS and the IMAP library. It passes the bytes through a scanner, gives every wait for the server an end, and can
// be killed from anywhere, which ends whatever waits on the connection.
type guard struct {
	net.Conn            // plain text side
	raw        net.Conn // what kill closes: closing TLS would wait for the peer
	scan       scanner  // used by the reader alone, but for its atomics
	quiet      time.Duration
	stall      time.Duration
	literal    atomic.Bool // a message body is being read
	downloaded atomic.Int64

	once sync.Once
	why  atomic.Pointer[error]
}

// newGuard wraps conn. quiet is how long the server may be silent between responses, stall within one.
func newGuard(conn, raw net.Conn, quiet, stall time.Duration) *guard {
	g := &guard{Conn: conn, raw: raw, quiet: quiet, stall: stall}
	g.scan.other.Store(maxOther)
	return g
}

func (g *guard) Read(p []byte) (int, error) {
	if g.literal.Load() {
		if err := g.Conn.SetReadDeadline(time.Now().Add(g.stall)); err != nil {
			return 0, err
		}
	}
	n, err := g.Conn.Read(p)
	g.downloaded.Add(int64(n))
	if scanErr := g.scan.feed(p[:n]); scanErr != nil {
		g.kill(scanErr)
		return 0, scanErr
	}
	return n, err
}

// SetReadDeadline turns the deadlines of the library into ours. It sets none between responses, where a dead peer would never be
// noticed; and one of five minutes for a whole literal, within which a large message on a slow line does not arrive: there every read
// gets a deadline of its own, and the command's watchdog bounds the whole.
func (g *guard) SetReadDeadline(t time.Time) error {
	now := time.Now()
	g.literal.Store(t.Sub(now) > time.Minute)
	switch {
	case t.IsZero():
		g.literal.Store(false)
		t = now.Add(g.quiet)
	case g.literal.Load():
		t = now.Add(g.stall)
	}
	return g.Conn.SetReadDeadline(t)
}

// kill closes the connection; the first reason is kept.
func (g *guard) kill(why error) {
	g.once.Do(func() {
		g.why.Store(&why)
		if err := g.raw.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			g.why.Store(new(errors.Join(why, err)))
		}
	})
}

// blame puts the reason why the connection was killed in front of what the library makes of it.
func (g *guard) blame(err error) error {
	if why := g.why.Load(); why != nil && err != nil {
		return fmt.Errorf("%w (%w)", *why, err)
	}
	return err
}

func (g *guard) Close() error {
	g.kill(net.ErrClosed)
	return nil
}

var errTimeout = errors.New("server does not answer")

// watch kills the connection after d unless it is stopped or given more time.
func (g *guard) watch(d time.Duration) *time.Timer {
	g.scan.other.Store(maxOther)
	return time.AfterFunc(d, func() { g.kill(errTimeout) })
}
