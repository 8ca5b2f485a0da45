package store_test

import (
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// headed is the header block of a message that stays on the server.
func (b *bench) headed(validity, uid uint32, content string) bridge.Stored {
	a := b.arrivalIn(b.folder, validity, uid, content)
	a.Origin, a.HeadersOnly = bridge.OriginHeaders(a.UID), true
	return a
}

// clear calls the mark of a receipt a false alarm, and settles what follows.
func (b *bench) clearMark(id string) {
	b.Helper()
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.NotSecret, Reason: "ghi nhầm", By: "hoa"}))
	s := settled(b.claimOne(), bridge.Held, "")
	s.Outcome.Reason, s.Outcome.Records = bridge.ReasonHeadersOnly, nil
	b.commit(s)
}

func (b *bench) wantWork(validity uint32, accounted, cleared []bridge.UIDRange) {
	b.Helper()
	got, err := b.Accounted(b.ctx(), b.folder, validity)
	b.must(err)
	if !slices.Equal(got, accounted) {
		b.Fatalf("accounted %v, want %v", got, accounted)
	}
	got, err = b.ClearedUIDs(b.ctx(), b.folder, validity)
	b.must(err)
	if !slices.Equal(got, cleared) {
		b.Fatalf("cleared %v, want %v", got, cleared)
	}
}

// The block is quarantined and accounted for, and nothing is done on the server; once cleared, its UID is work again, and the whole message
// takes the receipt over.
func testHeadersOnly(b *bench) {
	id := b.put(b.headed(7, 4, "a"))[0].Receipt
	if p := b.put(b.headed(7, 4, "a"))[0]; !p.Known || p.Receipt != id {
		b.Fatalf("the same block again got %+v", p)
	}
	task := b.claimOne()
	if !task.Receipt.HeadersOnly {
		b.Fatal("the task does not say that the body is missing")
	}
	b.commit(settled(task, bridge.Quarantined, ""))
	b.wantWork(7, []bridge.UIDRange{{From: 4, To: 4}}, []bridge.UIDRange{})
	if pending, err := b.PendingActions(b.ctx(), b.folder, 7, 10); err != nil || len(pending) != 0 {
		b.Fatalf("pending actions %v, %v: the message is to stay as it is", pending, err)
	}
	if e := b.explain(id); e.State != bridge.Quarantined || !e.Receipt.HeadersOnly || !e.Deliveries[0].HeadersOnly || !e.Outcomes[0].HeadersOnly {
		b.Fatalf("explained as %+v", e)
	}
	b.clearMark(id)
	b.wantWork(7, []bridge.UIDRange{}, []bridge.UIDRange{{From: 4, To: 4}})
	if e := b.explain(id); e.State != bridge.Held || !e.Receipt.HeadersOnly {
		b.Fatalf("cleared, it is %s", e.State)
	}

	whole := b.arrival(4, "a") // no body: the same bytes as its header
	if p := b.put(whole)[0]; p.Receipt != id || p.Joined || p.Known {
		b.Fatalf("the whole message got %+v", p)
	}
	b.wantWork(7, []bridge.UIDRange{{From: 4, To: 4}}, []bridge.UIDRange{})
	task = b.claimOne()
	if r := task.Receipt; r.ID != id || r.HeadersOnly || r.Raw != whole.Raw.Raw() || r.Content != whole.Raw.Content() || len(task.Amendments) != 1 || r.HeaderWords != 1 {
		b.Fatalf("the task is %+v", task)
	}
	b.commit(telling(settled(task, bridge.Registered, "1/UBND"), notice.Receipt))
	e := b.explain(id)
	if b.uids()[4] != bridge.Registered || e.Receipt.HeadersOnly || e.Outcomes[2].HeadersOnly || !e.Outcomes[1].HeadersOnly || len(e.Deliveries) != 2 {
		b.Fatalf("uid is %s, explained as %+v", b.uids()[4], e)
	}
	if p := b.put(b.headed(7, 4, "a"))[0]; !p.Known || p.Receipt != id {
		b.Fatalf("a late header block got %+v", p)
	}
	if pending, err := b.PendingActions(b.ctx(), b.folder, 7, 10); err != nil || len(pending) != 1 {
		b.Fatalf("pending actions %v, %v", pending, err)
	}
	b.wantCount("SELECT count(*) FROM receipts", 1)
}

// A header block is no duplicate of a message, nor the reverse.
func testHeadersAreNoDuplicate(b *bench) {
	puts := b.put(b.arrival(1, "a"), b.headed(7, 2, "a"), b.arrival(3, "a"))
	if puts[0].Receipt == puts[1].Receipt || puts[1].Joined || puts[2].Receipt != puts[0].Receipt || !puts[2].Joined {
		b.Fatalf("answers %+v", puts)
	}
	if got := b.put(b.headed(7, 5, "a"))[0]; got.Receipt != puts[1].Receipt || !got.Joined {
		b.Fatalf("the same header in another mailbox got %+v", got)
	}
	// Cleared, the whole message turns out to be the one that stands already: it is joined there, and the block waits for a person.
	for _, t := range b.claim(10) {
		b.commit(settled(t, bridge.Held, ""))
	}
	b.clearMark(puts[1].Receipt)
	if got := b.put(b.arrival(2, "a"))[0]; got.Receipt != puts[0].Receipt || !got.Joined {
		b.Fatalf("the whole message got %+v", got)
	}
	b.wantWork(7, []bridge.UIDRange{{From: 1, To: 3}}, []bridge.UIDRange{{From: 5, To: 5}})
}

// Of two messages with one header each body is fetched, and another body is another message.
func testHeadersOfTwoMessages(b *bench) {
	puts := b.put(b.headed(7, 1, "a"), b.headed(7, 2, "a"), b.headed(7, 3, "a"))
	id := puts[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	b.clearMark(id)
	b.wantWork(7, []bridge.UIDRange{}, []bridge.UIDRange{{From: 1, To: 3}})
	puts = b.put(b.arrival(1, "whole"), b.arrival(2, "whole"), b.arrival(3, "other"))
	if puts[0].Receipt != id || puts[0].Joined || puts[1].Receipt != id || !puts[1].Joined || puts[2].Receipt == id || puts[2].Joined {
		b.Fatalf("answers %+v", puts)
	}
	b.wantWork(7, []bridge.UIDRange{{From: 1, To: 3}}, []bridge.UIDRange{})
	if got := b.uids(); got[1] != bridge.Waiting || got[2] != bridge.Duplicate || got[3] != bridge.Waiting {
		b.Fatalf("uids %v", got)
	}
}

// A renumbered folder shows the same header under another UID: no second alarm, and a clearing holds for it.
func testHeadersRenumbered(b *bench) {
	id := b.put(b.headed(7, 1, "a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	if p := b.put(b.headed(8, 5, "a"))[0]; p.Receipt != id || !p.Joined {
		b.Fatalf("the same header got %+v", p)
	}
	states, err := b.UIDStates(b.ctx(), b.folder, 8)
	b.must(err)
	if len(states) != 1 || states[0].State != bridge.Quarantined {
		b.Fatalf("uids %+v", states)
	}
	b.clearMark(id)
	b.wantWork(8, []bridge.UIDRange{}, []bridge.UIDRange{{From: 5, To: 5}})
	if p := b.put(b.arrivalIn(b.folder, 8, 5, "whole"))[0]; p.Receipt != id || p.Joined {
		b.Fatalf("the whole message got %+v", p)
	}
	b.commit(settled(b.claimOne(), bridge.Recorded, ""))
	// Renumbered once more: known by its header, cleared already, and fetched whole at once.
	if p := b.put(b.headed(9, 6, "a"))[0]; p.Receipt != id || !p.Joined {
		b.Fatalf("the header after the whole message got %+v", p)
	}
	b.wantWork(9, []bridge.UIDRange{}, []bridge.UIDRange{{From: 6, To: 6}})
	if p := b.put(b.arrivalIn(b.folder, 9, 6, "whole"))[0]; p.Receipt != id || !p.Joined {
		b.Fatalf("the whole message got %+v", p)
	}
	b.wantCount("SELECT count(*) FROM receipts", 1)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
}

// The worker has the block in hand while the whole message comes: what it decides is not written.
func testHeadersMeanwhile(b *bench) {
	id := b.put(b.headed(7, 4, "a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.NotSecret, By: "hoa"}))
	task := b.claimOne()
	b.put(b.arrival(4, "whole"))
	b.wants(b.commitErr(settled(task, bridge.Held, "")), bridge.ErrStale)
	b.must(b.FailTask(b.ctx(), task, "stale", true))
	b.clock.pass(1 << 40)
	if task = b.claimOne(); task.Receipt.HeadersOnly {
		b.Fatal("the task is still that of the header")
	}
	b.commit(settled(task, bridge.Recorded, ""))
}

// Nothing comes of a header block under a lease that is lost.
func testHeadersFenced(b *bench) {
	f, ok, err := b.TakeLease(b.ctx(), "imap/1", "daemon-1", 1<<36)
	b.must(err)
	if !ok {
		b.Fatal("no lease")
	}
	b.clock.pass(1 << 40)
	if _, ok, err = b.TakeLease(b.ctx(), "imap/1", "daemon-2", 1<<36); err != nil || !ok {
		b.Fatal(ok, err)
	}
	_, err = b.PutReceipts(b.ctx(), f, []bridge.Stored{b.headed(7, 4, "a")})
	b.wants(err, bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM receipts", 0)
}
