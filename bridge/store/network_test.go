package store_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// network is a TCP proxy in front of PostgreSQL that can fail in the ways of real networks.
type network struct {
	listener net.Listener
	target   string

	mu       sync.Mutex
	silent   bool // under mu: bytes are swallowed, connections stay open
	loseNext bool // under mu: the reply to the next COMMIT is not delivered, the connection breaks
	conns    []net.Conn
}

func newNetwork(t *testing.T, target string) *network {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &network{listener: l, target: target}
	go n.serve()
	t.Cleanup(func() {
		_ = l.Close()
		n.cut()
	})
	return n
}

func (n *network) serve() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", n.target)
		if err != nil {
			_ = c.Close()
			continue
		}
		n.mu.Lock()
		n.conns = append(n.conns, c, s)
		n.mu.Unlock()
		p := &passage{network: n, client: c, server: s}
		go p.up()
		go p.down()
	}
}

func (n *network) set(change func(*network)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// cut ends every connection.
func (n *network) cut() {
	n.set(func(n *network) {
		for _, c := range n.conns {
			_ = c.Close()
		}
		n.conns = nil
	})
}

func (n *network) swallows() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.silent
}

// passage is one proxied connection.
type passage struct {
	*network
	client, server net.Conn
	mu             sync.Mutex
	committing     bool // under mu
}

func (p *passage) up() {
	defer func() { _ = p.server.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := p.client.Read(buf)
		if err != nil {
			return
		}
		if p.swallows() {
			continue
		}
		p.watch(buf[:n])
		if _, err := p.server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// watch notes that a COMMIT goes by whose reply is to be lost.
func (p *passage) watch(b []byte) {
	p.network.set(func(n *network) {
		if n.loseNext && bytes.Contains(b, []byte("COMMIT")) {
			n.loseNext = false
			p.mu.Lock()
			p.committing = true
			p.mu.Unlock()
		}
	})
}

func (p *passage) down() {
	defer func() { _ = p.client.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := p.server.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		lost := p.committing
		p.mu.Unlock()
		if lost { // the server has done it and says so, but nobody hears
			return
		}
		if p.swallows() {
			continue
		}
		if _, err := p.client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// behind puts the database behind a network of its own, and gives its URL there.
func (b *bench) behind() (string, *network) {
	b.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.Fatal("the URL of the test database cannot be read")
	}
	if port := u.Port(); port == "" {
		u.Host += ":5432"
	}
	n := newNetwork(b.T, u.Host)
	u.Host = n.listener.Addr().String()
	return u.String(), n
}

// through opens a store behind a network of its own.
func (b *bench) through(opt store.Options) (*store.Store, *network) {
	b.Helper()
	u, n := b.behind()
	s, err := store.Open(b.ctx(), u, opt)
	b.must(err)
	b.Cleanup(func() { // a cut network may leave an error behind
		if err := s.Close(); err != nil {
			b.Log(err)
		}
	})
	return s, n
}

// lib/pq waits for ever on a network that swallows packets; the store must not, whatever the context says: this test ends.
func TestSilentNetwork(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	s, n := b.through(store.Options{Timeout: time.Second})
	n.set(func(n *network) { n.silent = true })
	if _, err := s.PutReceipts(context.Background(), bridge.Fence{}, []bridge.Stored{b.arrival(1, "a")}); err == nil {
		t.Fatal("a write through a silent network succeeded")
	}
	if _, err := s.Counts(context.Background()); err == nil {
		t.Fatal("a read through a silent network succeeded")
	}
	n.set(func(n *network) { n.silent = false })
	n.cut()
	if _, err := s.PutReceipts(context.Background(), bridge.Fence{}, []bridge.Stored{b.arrival(1, "a")}); err != nil {
		t.Fatalf("when the network was back: %v", err)
	}
	b.wantCount("SELECT count(*) FROM receipts", 1)
}

// The server commits, the reply is lost: the caller hears of an error, asks again and gets the same answer.
func TestLostCommitReply(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	s, n := b.through(store.Options{Now: b.clock.Now})
	lose := func() { n.set(func(n *network) { n.loseNext = true }) }
	in := []bridge.Stored{b.arrival(1, "a"), b.arrival(2, "a"), b.arrival(3, "b")}
	lose()
	if _, err := s.PutReceipts(b.ctx(), bridge.Fence{}, in); err == nil {
		t.Fatal("no error though the reply was lost")
	}
	b.wantCount("SELECT count(*) FROM receipts", 2)
	puts, err := s.PutReceipts(b.ctx(), bridge.Fence{}, in)
	b.must(err)
	if puts[0].Receipt != "GL-2026-0000001" || puts[1] != (bridge.Put{Receipt: "GL-2026-0000001", Joined: true, Known: true}) || puts[2].Receipt != "GL-2026-0000002" {
		t.Fatalf("asked again it answered %+v", puts)
	}
	var settlements []bridge.Settlement
	tasks, err := s.ClaimTasks(b.ctx(), "d", 10, time.Minute)
	b.must(err)
	for _, task := range tasks {
		settlements = append(settlements, telling(settled(task, bridge.Registered, task.Receipt.ID), notice.Receipt))
	}
	lose()
	if _, err := s.Commit(b.ctx(), draw, settlements); err == nil {
		t.Fatal("no error though the reply was lost")
	}
	errs, err := s.Commit(b.ctx(), draw, settlements)
	b.must(err)
	for _, err := range errs {
		b.wants(err, bridge.ErrFenced)
	}
	b.wantCount("SELECT count(*) FROM notices", 2)
	b.wantCount("SELECT last FROM books", 2)
	b.wantCount("SELECT count(*) FROM outcomes", 2)
}

// What one daemon commits wakes another, and after a broken connection everybody looks.
func TestWakeAcrossDaemons(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	other, n := b.through(store.Options{})
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute) // a guard: it takes no time
	defer stop()
	process := other.Wake(ctx, store.Process)
	heard := func(what string) {
		t.Helper()
		for i := uint32(1); ; i++ { // LISTEN runs beside Open: say it until it is heard
			b.put(b.arrival(i+uint32(b.count("SELECT count(*) FROM uids")), what+string(rune('a'+i%26))+time.Now().String()))
			select {
			case <-process:
				return
			case <-ctx.Done():
				t.Fatalf("%s: nobody woke", what)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	heard("first")
	n.cut()
	heard("after the cut")
}

// A daemon that is killed in the middle of a transaction leaves nothing behind, and its locks go with it.
func TestCutInTransaction(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	b.put(b.arrival(1, "a"))
	s, n := b.through(store.Options{Now: b.clock.Now})
	tasks, err := s.ClaimTasks(b.ctx(), "d", 1, time.Minute)
	b.must(err)
	cutting := func(d notice.Draft, m notice.Numbers) (notice.Rendered, error) {
		n.cut()
		return draw(d, m)
	}
	if _, err := s.Commit(b.ctx(), cutting, []bridge.Settlement{telling(settled(tasks[0], bridge.Registered, "1/UBND"), notice.Receipt)}); err == nil {
		t.Fatal("a commit over a cut connection succeeded")
	}
	b.wantCount("SELECT count(*) FROM outcomes", 0)
	b.commit(telling(settled(tasks[0], bridge.Registered, "1/UBND"), notice.Receipt))
	b.wantCount("SELECT last FROM books", 1)
}
