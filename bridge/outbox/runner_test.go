package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBatchOverOneConnection(t *testing.T) {
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	b.Batch = 3
	var want []string
	for i := range 7 {
		r := b.queue.add(fmt.Sprintf("GL-2026-000000%d.reject", i), "vanthu.stc@example.vn")
		want = append(want, string(r.out.Bytes))
	}
	b.drain(t, Counts{Sent: 7}, nil)
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if !slices.Equal(s.got(), want) {
		t.Errorf("sent bytes differ: %q, want %q", s.got(), want)
	}
	b.want(t, "GL-2026-0000003.reject", "sent", "250 2.0.0 queued as 1")
	if s.count("QUIT") != 1 || s.count("MAIL FROM:<vanthu+t@quangtri.gov.vn>") != 7 || b.counts["giaolien_notices_total[sent]"] != 7 {
		t.Errorf("said %q, counted %v", s.said, b.counts)
	}
	b.drain(t, Counts{}, nil)
	if n := s.connections(); n != 1 {
		t.Errorf("connected with nothing to send (%d)", n)
	}
}

func TestNullReversePath(t *testing.T) {
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	b.queue.add("a", "x@example.vn").out.EnvelopeFrom = ""
	b.drain(t, Counts{Sent: 1}, nil)
	if s.count("MAIL FROM:<> ") != 1 {
		t.Errorf("said %q", s.said)
	}
}

// A server that knows RFC 3461 is asked for reports of failure, with headers alone; another hears nothing of it.
func TestReportsAsked(t *testing.T) {
	s := startScripted(t, func(_ int, verb, _ string) string {
		if verb == "EHLO" {
			return "250-test\r\n250-AUTH PLAIN\r\n250 DSN"
		}
		return ""
	})
	b := newBench(t, s.client())
	b.queue.add("a", "van+thu@example.vn")
	b.drain(t, Counts{Sent: 1}, nil)
	if s.count("MAIL FROM:<vanthu+t@quangtri.gov.vn> RET=HDRS") != 1 || s.count("RCPT TO:<van+thu@example.vn> NOTIFY=FAILURE ORCPT=RFC822;van+2Bthu@example.vn") != 1 {
		t.Errorf("said %q", s.said)
	}
	s = startScripted(t, nil)
	b = newBench(t, s.client())
	b.queue.add("a", "x@example.vn")
	b.drain(t, Counts{Sent: 1}, nil)
	if said := strings.Join(s.said, "\n"); !strings.Contains(said, "RCPT TO:<x@example.vn>") || strings.Contains(said, "NOTIFY") || strings.Contains(said, "RET=") {
		t.Errorf("said %q", s.said)
	}
}

// TestRefusals: what each reply at each verb means for the notice, and that the next one is not touched by it.
func TestRefusals(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT", "DATA", "DOT"} {
		for _, x := range []struct {
			reply, state, kept string
			delay              time.Duration
		}{
			{"450 4.2.0 <a@x>: greylisted", "queued", "450 4.2.0 <a@x>: greylisted", time.Minute},
			{"451 local error", "queued", "451 local error", time.Minute},
			{"452-4.3.1 first\r\n452 4.3.1 second", "queued", "452 4.3.1 first second", time.Minute},
			{"550 5.1.1 no \xe1\xbb\x81 such user", "dead", "550 5.1.1 no ? such user", 0},
			{"554 " + strings.Repeat("long ", 300), "dead", "", 0},
		} {
			t.Run(verb+" "+x.reply[:3], func(t *testing.T) {
				first := true
				s := startScripted(t, func(_ int, v, _ string) string {
					if v == verb && first {
						first = false
						return x.reply
					}
					return ""
				})
				b := newBench(t, s.client())
				b.queue.add("one", "a@example.vn")
				b.queue.add("two", "b@example.vn")
				want := Counts{Sent: 1, Later: 1}
				if x.state == "dead" {
					want = Counts{Sent: 1, Dead: 1}
				}
				b.drain(t, want, nil)
				if x.kept != "" {
					b.want(t, "one", x.state, x.kept)
				}
				r := b.queue.get("one")
				if len(r.reply) > maxReplyText || x.delay > 0 && !r.due.Equal(b.clock.now().Add(x.delay)) {
					t.Errorf("kept %q, due %s", r.reply, r.due)
				}
				if b.queue.get("two").state != "sent" || s.connections() != 1 {
					t.Errorf("the next notice is %s, after %d connections", b.queue.get("two").state, s.connections())
				}
				if dead := slices.Contains(b.alarmKeys(), "notice-failed:one"); dead != (x.state == "dead") {
					t.Errorf("alarms %v", b.alarmKeys())
				}
			})
		}
	}
}

func TestDeadAlarmRaisesNoAlarm(t *testing.T) {
	s := startScripted(t, at("RCPT", "550 5.1.1 no"))
	b := newBench(t, s.client())
	b.queue.add("AL-1", "a@example.vn").out.Kind = notice.Alarm
	b.drain(t, Counts{Dead: 1}, nil)
	if len(b.alarms) != 0 {
		t.Errorf("alarm about an alarm: %v", b.alarms)
	}
}

// TestBackoff walks one notice through five days of refusals.
func TestBackoff(t *testing.T) {
	s := startScripted(t, at("RCPT", "450 4.7.1 try later"))
	b := newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	start := b.clock.now()
	for i, step := range []time.Duration{1, 5, 15, 30, 60, 60} {
		b.drain(t, Counts{Later: 1}, nil)
		if due := b.queue.get("a").due; !due.Equal(b.clock.now().Add(step * time.Minute)) {
			t.Fatalf("try %d: due %s after %s", i+1, due, b.clock.now())
		}
		b.drain(t, Counts{}, nil)
		b.clock.add(step * time.Minute)
	}
	b.clock.add(start.Add(5*24*time.Hour - time.Second).Sub(b.clock.now()))
	b.drain(t, Counts{Later: 1}, nil)
	b.clock.add(time.Hour)
	b.drain(t, Counts{Dead: 1}, nil)
	b.want(t, "a", "dead", "450 4.7.1 try later")
}

// TestLostBeforeTheDot: the server has nothing. After other notices the connection may just have been too old, so there is one new one.
func TestLostBeforeTheDot(t *testing.T) {
	for _, verb := range []string{"MAIL", "RCPT", "DATA"} {
		for _, reply := range []string{drop, "421 4.4.2 closing"} {
			t.Run(verb+" "+reply, func(t *testing.T) {
				seen := 0
				s := startScripted(t, func(_ int, v, _ string) string {
					if v == verb {
						if seen++; seen == 2 {
							return reply
						}
					}
					return ""
				})
				b := newBench(t, s.client())
				b.queue.add("one", "a@example.vn")
				b.queue.add("two", "b@example.vn")
				b.drain(t, Counts{Sent: 2}, nil)
				if s.connections() != 2 || len(s.got()) != 2 {
					t.Errorf("%d connections, %d mails", s.connections(), len(s.got()))
				}
			})
		}
	}
}

// TestPoisonNotice: a notice that breaks even a new connection is put off, and the others go.
func TestPoisonNotice(t *testing.T) {
	s := startScripted(t, func(_ int, v, line string) string {
		if v == "RCPT" && strings.Contains(line, "poison@") {
			return drop
		}
		return ""
	})
	b := newBench(t, s.client())
	b.queue.add("bad", "poison@example.vn")
	b.queue.add("good", "a@example.vn")
	b.drain(t, Counts{Sent: 1, Later: 1}, nil)
	if r := b.queue.get("bad"); r.state != "queued" || !strings.HasPrefix(r.reply, "connection lost at RCPT") {
		t.Errorf("bad: %s %q", r.state, r.reply)
	}
}

// TestServerDiesInTheBatch: two new connections in a row break, so the server is at fault and the rest of the claim is given back.
func TestServerDiesInTheBatch(t *testing.T) {
	mails := 0
	s := startScripted(t, func(_ int, v, _ string) string {
		if v == "MAIL" {
			if mails++; mails > 3 {
				return drop
			}
		}
		return ""
	})
	b := newBench(t, s.client())
	for i := range 9 {
		b.queue.add(fmt.Sprint("n", i), "a@example.vn")
	}
	b.Batch = 9
	counts, err := b.Drain(t.Context())
	if !errors.Is(err, errServer) || counts != (Counts{Sent: 3, Later: 6}) {
		t.Fatalf("%+v, %v", counts, err)
	}
	if n := s.connections(); n != 3 {
		t.Errorf("%d connections for a server that breaks each", n)
	}
	if !slices.Equal(b.alarmKeys(), []string{codeUnreachable}) {
		t.Errorf("alarms %v", b.alarmKeys())
	}
}

// TestUnclear: the connection is lost after the final dot. Nobody knows, so the same bytes go again.
func TestUnclear(t *testing.T) {
	s := startScripted(t, func(conn int, v, _ string) string {
		if v == "DOT" && conn == 1 {
			return drop
		}
		return ""
	})
	b := newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	b.drain(t, Counts{Later: 1}, nil)
	if r := b.queue.get("a"); r.state != "queued" || !strings.HasPrefix(r.reply, "connection lost at the final dot") {
		t.Errorf("%s %q", r.state, r.reply)
	}
	b.clock.add(time.Minute)
	b.drain(t, Counts{Sent: 1}, nil)
	if len(s.got()) != 2 || s.got()[0] != s.got()[1] {
		t.Errorf("the second try differs: %q", s.got())
	}
}

func TestSlowServer(t *testing.T) {
	for _, verb := range []string{"GREET", "EHLO", "MAIL", "RCPT", "DATA", "DOT"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel() // with time enough for the answers that do come
			s := startScripted(t, at(verb, hang))
			c := s.client()
			c.CommandTimeout, c.SubmitTimeout, c.Grace = 2*time.Second, 2*time.Second, 2*time.Second
			b := newBench(t, c)
			b.queue.add("a", "a@example.vn")
			counts, err := b.Drain(t.Context())
			if early := verb == "GREET" || verb == "EHLO"; early {
				if !errors.Is(err, errServer) || b.queue.get("a").out.Job.Attempt != 0 {
					t.Errorf("%v, attempt %d", err, b.queue.get("a").out.Job.Attempt)
				}
			} else if err != nil || counts.Later != 1 {
				t.Errorf("%+v, %v", counts, err)
			}
		})
	}
}

func TestTalkativeServer(t *testing.T) {
	s := startScripted(t, at("EHLO", strings.Repeat("250-"+strings.Repeat("x", 1000)+"\r\n", 400)+"250 end"))
	if err := s.client().Check(t.Context()); !errors.Is(err, errTalkative) {
		t.Errorf("a reply without end: %v", err)
	}
}

// TestLeaseTooShort: neither DATA nor the dot goes out when another daemon may soon send the same notice.
func TestLeaseTooShort(t *testing.T) {
	for _, verb := range []string{"RCPT", "DATA"} {
		t.Run("before "+verb, func(t *testing.T) {
			var b *bench
			s := startScripted(t, func(_ int, v, _ string) string {
				if v == verb {
					b.clock.add(b.Lease - margin + time.Second)
				}
				return ""
			})
			b = newBench(t, s.client())
			b.queue.add("a", "a@example.vn")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.queue.on = func(string) { cancel() }
			counts, err := b.Drain(ctx)
			if counts != (Counts{Later: 1}) || !errors.Is(err, context.Canceled) {
				t.Fatalf("%+v, %v", counts, err)
			}
			if len(s.got()) != 0 {
				t.Errorf("a message was completed: %q", s.got())
			}
			if r := b.queue.get("a"); r.state != "queued" || r.due.After(b.clock.now()) {
				t.Errorf("%s, due %s", r.state, r.due)
			}
		})
	}
	b := newBench(t, &SMTP{Addr: "127.0.0.1:1"})
	b.Lease = time.Minute
	if _, err := b.Drain(t.Context()); err == nil {
		t.Error("a lease shorter than a send was taken")
	}
}

// TestStop: the context's end closes the connection before the dot, and waits for the reply after it.
func TestStop(t *testing.T) {
	for verb, want := range map[string]Counts{"RCPT": {Later: 1}, "DOT": {Sent: 1}} {
		t.Run(verb, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := startScripted(t, func(_ int, v, _ string) string {
				if v != verb {
					return ""
				}
				cancel()
				if v == "RCPT" {
					return hang
				}
				return ""
			})
			b := newBench(t, s.client())
			b.queue.add("a", "a@example.vn")
			counts, err := b.Drain(ctx)
			if counts != want || !errors.Is(err, context.Canceled) {
				t.Errorf("%+v, %v; want %+v", counts, err, want)
			}
			if len(b.alarms) != 0 {
				t.Errorf("stopping raised %v", b.alarms)
			}
		})
	}
}

func TestFenced(t *testing.T) {
	var b *bench
	s := startScripted(t, func(_ int, v, _ string) string {
		if v == "RCPT" {
			b.queue.mu.Lock()
			b.queue.rows[0].out.Job.Fence++ // another daemon claims it
			b.queue.mu.Unlock()
		}
		return ""
	})
	b = newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	b.drain(t, Counts{Sent: 1}, nil)
	if r := b.queue.get("a"); r.state != "queued" {
		t.Errorf("wrote %q over another daemon's claim", r.state)
	}
}

func TestRunWakes(t *testing.T) {
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	wake, settled := make(chan struct{}, 1), make(chan string, 1)
	b.Wake, b.Poll = wake, time.Hour
	b.queue.looked = make(chan struct{}, 10)
	b.queue.on = func(id string) { settled <- id }
	b.Caps = bridge.Caps{PerHour: 1}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	<-b.queue.looked // the queue was empty: the next look is an hour away
	b.queue.add("a", "a@example.vn")
	b.queue.add("b", "a@example.vn")
	wake <- struct{}{}
	if id := <-settled; id != "a" {
		t.Errorf("%s went first", id)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if b.queue.get("b").state != "queued" {
		t.Error("more was sent than the cap allows")
	}
}
