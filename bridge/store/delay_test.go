package store_test

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// A task that waits for something outside is due at its instant, with all its tries.
func testDelay(b *bench) {
	b.put(b.arrival(1, "a"))
	for range 5 {
		task := b.claimOne()
		if task.Job.Attempt != 1 {
			b.Fatalf("waiting cost a try: attempt %d", task.Job.Attempt)
		}
		due := b.clock.Now().Add(10 * time.Minute)
		b.must(b.DelayTask(b.ctx(), task, due, "DNS did not answer"))
		b.wants(b.DelayTask(b.ctx(), task, due, "DNS did not answer"), bridge.ErrFenced)
		b.clock.pass(9 * time.Minute)
		if got := b.claim(1); len(got) != 0 {
			b.Fatal("a task that waits was given out")
		}
		b.clock.pass(2 * time.Minute)
	}
}

// What the last outcome was made with is given back as it was; that of a header block is not.
func testLastEvidence(b *bench) {
	id := b.put(b.arrival(1, "a"))[0].Receipt
	none, err := b.LastEvidence(b.ctx(), id)
	b.must(err)
	if none != nil {
		b.Fatalf("evidence without an outcome: %+v", none)
	}
	s := settled(b.claimOne(), bridge.Held, "")
	s.Outcome.Evidence = bridge.Evidence{Identity: "dkim", Tool: "t", Proofs: []bridge.Proof{{Method: "dkim", Result: "pass", Domain: "snv.example.vn", Level: "dkim"}},
		Records: []bridge.DNSRecord{{Name: "s._domainkey.snv.example.vn", Kind: "TXT", Text: "v=DKIM1; p=x"}}, Pending: true}
	b.commit(s)
	got, err := b.LastEvidence(b.ctx(), id)
	b.must(err)
	if got == nil || got.Identity != "dkim" || len(got.Proofs) != 1 || got.Proofs[0] != s.Outcome.Evidence.Proofs[0] || len(got.Records) != 1 || !got.Pending {
		b.Fatalf("%+v", got)
	}
}
