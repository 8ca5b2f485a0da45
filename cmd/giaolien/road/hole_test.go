package road

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// hole is a network between us and the database in which packets can get lost.
type hole struct {
	t      testing.TB
	addr   string
	target string
	mu     sync.Mutex
	open   *sync.Cond
	mute   bool                  // guarded by mu: nothing comes back from the database
	conns  map[net.Conn]struct{} // guarded by mu
}

// digHole puts a hole between the site and its database, for what is started from now on.
func (s *site) digHole() *hole {
	s.t.Helper()
	u, err := url.Parse(s.database)
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	h := &hole{t: s.t, addr: l.Addr().String(), target: u.Host, conns: map[net.Conn]struct{}{}}
	h.open = sync.NewCond(&h.mu)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed
			}
			all.Go(func() { h.carry(c) })
		}
	})
	s.t.Cleanup(func() {
		l.Close()
		h.cut()
		all.Wait()
	})
	s.edit(u.Host, h.addr)
	return h
}

// fillHole lets the site reach its database directly again.
func (s *site) fillHole(h *hole) { s.edit(h.addr, h.target) }

func (h *hole) carry(ours net.Conn) {
	defer ours.Close()
	theirs, err := net.Dial("tcp", h.target)
	if err != nil {
		return
	}
	defer theirs.Close()
	h.mu.Lock()
	h.conns[ours], h.conns[theirs] = struct{}{}, struct{}{}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.conns, ours)
		delete(h.conns, theirs)
		h.mu.Unlock()
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(theirs, ours) // ends when either side is closed
		_ = theirs.Close()
	}()
	_, _ = io.Copy(&passage{h, ours}, theirs)
	_ = ours.Close()
	<-done
}

// passage lets answers of the database through unless the hole is mute.
type passage struct {
	h *hole
	net.Conn
}

func (p *passage) Write(b []byte) (int, error) {
	p.h.mu.Lock()
	for p.h.mute {
		p.h.open.Wait()
	}
	_, here := p.h.conns[p.Conn]
	p.h.mu.Unlock()
	if !here {
		return 0, net.ErrClosed
	}
	return p.Conn.Write(b)
}

// silence swallows every answer from now on: statements still reach the database and are done.
func (h *hole) silence() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mute = true
}

// cut breaks every connection; what was swallowed is lost, and new connections work.
func (h *hole) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		c.Close()
		delete(h.conns, c)
	}
	h.mute = false
	h.open.Broadcast()
}
