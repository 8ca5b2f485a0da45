package store_test

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// A refused mail is decided again when another mailbox turns out to have had it before, and the new decision is told when. What was accepted
// stays, and so does what another mailbox had later. Whoever decides at that moment decides on a history that is no longer true.
func testSoonerElsewhere(b *bench) {
	other := b.watch("vanthu2")
	copyOf := func(uid uint32, content string, after time.Duration) {
		a := b.arrivalIn(other, 7, uid, content)
		a.InternalDate = a.InternalDate.Add(after)
		if p := b.put(a)[0]; !p.Joined {
			b.Fatalf("the copy got %+v", p)
		}
	}
	elsewhere := func(receipt string) time.Time {
		return b.history(bridge.Lookup{Receipt: receipt, Receiver: agency}).Elsewhere
	}
	refused := b.put(b.arrival(1, "a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Refused, "1/UBND"))
	copyOf(1, "a", 0)
	b.wantCount("SELECT count(*) FROM jobs", 0)
	copyOf(2, "a", -10*time.Minute)
	task := b.claimOne()
	if at := elsewhere(refused); task.Receipt.ID != refused || !at.Equal(task.Receipt.InternalDate.Add(-10*time.Minute)) {
		b.Fatalf("%s is decided again, with a copy of %v; it was stored at %v itself", task.Receipt.ID, at, task.Receipt.InternalDate)
	}
	copyOf(3, "a", -20*time.Minute) // while it is decided
	known := settled(task, bridge.Held, "1/UBND")
	known.Outcome.History.Elsewhere = task.Receipt.InternalDate.Add(-10 * time.Minute)
	b.wants(b.commitErr(known), bridge.ErrStale)
	known.Outcome.History.Elsewhere = elsewhere(refused)
	b.commit(known)

	b.put(b.arrival(2, "b"))
	b.commit(settled(b.claimOne(), bridge.Registered, "2/UBND"))
	copyOf(4, "b", -10*time.Minute)
	b.wantCount("SELECT count(*) FROM jobs", 0)
}
