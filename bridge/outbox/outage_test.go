package outbox

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"
)

// TestOutage: while the server is away nothing is claimed and nothing ages; one alarm goes out, and is cleared.
func TestOutage(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	b.Server.Addr = gone
	b.queue.add("a", "a@example.vn")
	for range 3 {
		b.drain(t, Counts{}, errServer)
	}
	if r := b.queue.get("a"); r.out.Job.Attempt != 0 || !r.out.FirstTry.IsZero() || b.queue.claims != 0 {
		t.Errorf("an outage cost %d attempts", r.out.Job.Attempt)
	}
	if !slices.Equal(b.alarmKeys(), []string{codeUnreachable}) || len(b.clears) != 0 {
		t.Errorf("alarms %v, cleared %v", b.alarmKeys(), b.clears)
	}
	b.Server.Addr = s.addr
	b.drain(t, Counts{Sent: 1}, nil)
	if !slices.Contains(b.clears, codeUnreachable) {
		t.Errorf("cleared %v", b.clears)
	}
}

func TestAlarmOnlyAfterAWhile(t *testing.T) {
	failures := make(chan struct{})
	s := startScripted(t, func(_ int, v, _ string) string {
		if v != "GREET" {
			return ""
		}
		select {
		case failures <- struct{}{}:
		case <-t.Context().Done():
		}
		return "421 4.3.2 not now"
	})
	b := newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	for range 3 { // at the third, two failures have been reported
		<-failures
	}
	if len(b.alarmKeys()) != 0 {
		t.Errorf("alarm at once: %v", b.alarms)
	}
	b.clock.add(10 * time.Minute)
	<-failures
	<-failures
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !slices.Equal(b.alarmKeys(), []string{codeUnreachable}) {
		t.Errorf("alarms %v", b.alarmKeys())
	}
}

func TestLoginRefused(t *testing.T) {
	for name, script := range map[string]func(int, string, string) string{
		"at AUTH": at("AUTH", "535 5.7.8 wrong password"),
		"at MAIL": at("MAIL", "530 5.7.0 authentication required"),
	} {
		t.Run(name, func(t *testing.T) {
			s := startScripted(t, script)
			c := s.client()
			c.User, c.Secret = "vanthu", func(context.Context) (string, error) { return "sai", nil }
			b := newBench(t, c)
			b.queue.add("a", "a@example.vn")
			b.queue.add("b", "a@example.vn")
			for range 2 {
				if _, err := b.Drain(t.Context()); !errors.Is(err, errServer) || !errors.Is(err, errLogin) {
					t.Fatal(err)
				}
				b.clock.add(time.Hour)
			}
			if !slices.Equal(b.alarmKeys(), []string{codeLogin}) || len(b.clears) != 0 {
				t.Errorf("alarms %v, cleared %v", b.alarmKeys(), b.clears)
			}
			if r := b.queue.get("b"); r.state != "queued" {
				t.Errorf("a notice is %s because our login is wrong", r.state)
			}
		})
	}
}
