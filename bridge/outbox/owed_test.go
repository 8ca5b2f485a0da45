package outbox

import "testing"

func TestStoreFails(t *testing.T) {
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	b.queue.fail["NoticeSent"] = writeTries - 1
	b.drain(t, Counts{Sent: 1}, nil)
	b.want(t, "a", "sent", "250 2.0.0 queued as 1")

	b.queue.add("b", "a@example.vn")
	b.queue.add("c", "a@example.vn")
	b.queue.fail["NoticeSent"] = writeTries
	if counts, err := b.Drain(t.Context()); err == nil || counts.Sent != 1 || len(s.got()) != 2 {
		t.Errorf("went on sending without a store: %+v, %v, %d mails", counts, err, len(s.got()))
	}
	if len(b.alarms) != 0 {
		t.Errorf("the store's failure was blamed on the server: %v", b.alarms)
	}
	// Once the store answers again it hears of what was sent, which does not go out twice, and what was not tried goes out without the
	// lease having to end.
	b.drain(t, Counts{Sent: 1}, nil)
	b.want(t, "b", "sent", "250 2.0.0 queued as 1")
	b.want(t, "c", "sent", "250 2.0.0 queued as 1")
	if len(s.got()) != 3 {
		t.Errorf("%d mails, want 3", len(s.got()))
	}
}

// What the store refuses holds nothing else up, and is given up when the lease has ended: then the notice is due again.
func TestStoreRefuses(t *testing.T) {
	busy := true
	s := startScripted(t, func(_ int, verb, _ string) string {
		if verb == "DOT" && busy {
			busy = false
			return "451 4.3.0 busy"
		}
		return ""
	})
	b := newBench(t, s.client())
	b.queue.add("a", "a@example.vn")
	b.queue.fail["NoticeLater"] = 1000
	if _, err := b.Drain(t.Context()); err == nil || len(b.owed) != 1 {
		t.Fatalf("owed %d, error %v", len(b.owed), err)
	}
	b.queue.add("b", "a@example.vn")
	b.drain(t, Counts{Sent: 1}, nil)
	b.want(t, "b", "sent", "250 2.0.0 queued as 1")
	if len(b.owed) != 1 {
		t.Errorf("owed %d while the lease lasts, want 1", len(b.owed))
	}
	b.clock.add(b.Lease)
	b.drain(t, Counts{Sent: 1}, nil)
	b.want(t, "a", "sent", "250 2.0.0 queued as 1")
	if len(b.owed) != 0 {
		t.Errorf("owed %d after the lease, want none", len(b.owed))
	}
}
