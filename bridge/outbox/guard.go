package outbox

import (
	"errors"
	"net"
	"sync"
	"time"
)

// maxReply bounds what a server may say between two of our commands: 64 lines of 2 KiB.
const maxReply = 64 * 2 << 10

var errTalkative = errors.New("server sent more than a reply may hold")

// guard is a connection on which nothing waits for ever: every Read and Write has the limit of its step, whatever deadline the SMTP
// library sets or forgets to set. It also bounds replies, and can be closed from outside.
type guard struct {
	net.Conn

	mu    sync.Mutex // guards what follows
	step  time.Duration
	until time.Time // no step goes beyond it; zero: no such bound
	heard int       // octets read since the last write
}

func newGuard(c net.Conn, step time.Duration) *guard { return &guard{Conn: c, step: step} }

// limit sets how long one Read or Write may take from now on.
func (g *guard) limit(step time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.step = step
}

// shorten ends the connection's life after d at the latest, also for a Read that is already waiting.
func (g *guard) shorten(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = time.Now().Add(d)
	_ = g.Conn.SetDeadline(g.until) // fails only on a closed connection, which is what is wanted
}

func (g *guard) deadline() time.Time {
	t := time.Now().Add(g.step)
	if !g.until.IsZero() && g.until.Before(t) {
		return g.until
	}
	return t
}

func (g *guard) Read(b []byte) (int, error) {
	g.mu.Lock()
	err := g.Conn.SetReadDeadline(g.deadline())
	g.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := g.Conn.Read(b)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.heard += n; g.heard > maxReply {
		return 0, errTalkative
	}
	return n, err
}

func (g *guard) Write(b []byte) (int, error) {
	g.mu.Lock()
	g.heard = 0
	err := g.Conn.SetWriteDeadline(g.deadline())
	g.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return g.Conn.Write(b)
}

// The library's own deadlines would undo those of the guard.
func (g *guard) SetDeadline(time.Time) error      { return nil }
func (g *guard) SetReadDeadline(time.Time) error  { return nil }
func (g *guard) SetWriteDeadline(time.Time) error { return nil }
