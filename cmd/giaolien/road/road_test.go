package road

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestDrain empties a Dovecot mailbox into each database, with every UID accounted for.
func TestDrain(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const n = 60
			s := newSite(t, o)
			s.fill(1, 0, n)
			first := s.drain()
			again := s.drain()
			t.Logf("first drain %+v", first)
			t.Logf("second drain %+v", again)
			settled(t, s, again, n)
			if again.Fetched != 0 || again.Sent != 0 {
				t.Errorf("second drain fetched %d and sent %d, want nothing", again.Fetched, again.Sent)
			}
		})
	}
}

// settled asserts that n mails became n records with one notice each, and that no UID is open.
func settled(t *testing.T, s *site, c counts, n int) {
	t.Helper()
	if on := s.onServer(); on != n || sum(c.UIDs) != n || c.Left != 0 || c.UIDs["waiting"]+c.UIDs["failed"] != 0 {
		t.Errorf("%d UIDs on the server, %d in the books (%v), %d left; want %d, %d, none open but held ones", on, sum(c.UIDs), c.UIDs, c.Left, n, n)
	}
	if c.Records != n || c.UIDs["registered"]+c.UIDs["held"] != n || c.UIDs["registered"] < n*8/10 {
		t.Errorf("%d records, states %v; want %d records, nearly all registered", c.Records, c.UIDs, n)
	}
	distinct, _, different := s.catcher.totals()
	if distinct != c.UIDs["registered"] || different != 0 {
		t.Errorf("%d notices caught (%d copies differ), want one for each of %d registered mails", distinct, different, c.UIDs["registered"])
	}
	wantBooks(t, s)
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// TestKilledDrain kills drains with SIGKILL at twenty random moments while mail keeps arriving, and wants the counts of
// undisturbed ones. A notice
// may be handed over twice only when the kill fell between the server's taking it and our noting it; then byte for byte the same.
func TestKilledDrain(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const kills, portion = 20, 15
			s := newSite(t, o)
			r := rand.New(rand.NewPCG(2, 3))
			killed, n := 0, 0
			for rounds := 0; killed < kills; rounds++ {
				if rounds > 4*kills {
					t.Fatalf("only %d of %d rounds could be killed", killed, rounds)
				}
				s.fill(uint64(100+rounds), n, portion)
				n += portion
				if s.killDrain(time.Duration(20+r.IntN(180)) * time.Millisecond) {
					killed++
				}
			}
			c := s.drain()
			_, copies, _ := s.catcher.totals()
			t.Logf("killed %d times; counts %+v; copies of notices %d", killed, c, copies)
			settled(t, s, c, n)
			if copies > killed {
				t.Errorf("%d copies of notices after %d kills, want at most one for each kill", copies, killed)
			}
		})
	}
}

// killDrain starts a drain and kills it after a while, unless it has ended before; it reports which.
func (s *site) killDrain(after time.Duration) bool {
	s.t.Helper()
	cmd := s.command("drain", "--json")
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			s.t.Fatalf("drain: %v", err)
		}
		return false
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	var exit *exec.ExitError
	return errors.As(<-ended, &exit) && !exit.Exited() // killed, not ended at the last moment
}

// TestTwoDaemons lets two daemons watch one mailbox on one database while 500 mails arrive.
func TestTwoDaemons(t *testing.T) {
	const n = 500
	s := newSite(t, options{mode: "send", postgres: true, poll: "5s"})
	daemons := []*exec.Cmd{s.command("serve"), s.command("serve")}
	said := make([]bytes.Buffer, len(daemons))
	for i, d := range daemons {
		d.Stderr = &said[i]
		if err := d.Start(); err != nil {
			t.Fatal(err)
		}
	}
	s.fill(3, 0, n)
	until(t, "a notice for each of nine in ten mails", func() bool {
		distinct, _, _ := s.catcher.totals()
		return distinct >= n*9/10
	})
	for i, d := range daemons {
		if err := d.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := d.Wait(); err != nil {
			t.Errorf("daemon: %v\n%s", err, said[i].String())
		}
	}
	c := s.drain()
	distinct, copies, _ := s.catcher.totals()
	t.Logf("counts %+v; notices %d, copies %d", c, distinct, copies)
	settled(t, s, c, n)
	if copies != 0 {
		t.Errorf("%d duplicate notices, want none", copies)
	}
}
