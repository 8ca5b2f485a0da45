package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// loseClaim claims everything that is due, and the answer is lost.
func (b *bench) loseClaim() {
	b.Helper()
	b.LoseNextReply()
	_, err := b.ClaimTasks(b.ctx(), "daemon-1", 10, time.Minute)
	b.wants(err, store.ErrLostReply)
}

// wantFresh wants n tasks that were never tried before, and settles them.
func (b *bench) wantFresh(n int, tasks []bridge.Task) {
	b.Helper()
	if len(tasks) != n {
		b.Fatalf("%d tasks are due, want %d: %+v", len(tasks), n, tasks)
	}
	for _, t := range tasks {
		if t.Job.Attempt != 1 {
			b.Fatalf("a claim that nobody heard of used up a try: %+v", t.Job)
		}
		b.commit(settled(t, bridge.Ignored, ""))
	}
}

// A claim whose answer is lost did not happen: however often, no try is used up, and the next claim gets all of it at once.
func testLostClaim(b *bench) {
	b.put(b.arrival(1, "a"), b.arrival(2, "b"), b.arrival(3, "c"))
	other := b.another()
	for range 5 {
		b.loseClaim()
		b.wantCount("SELECT count(*) FROM jobs WHERE lease_owner = 'daemon-1'", 3)
		tasks, err := other.ClaimTasks(b.ctx(), "daemon-2", 10, time.Minute)
		b.must(err)
		if len(tasks) != 0 {
			b.Fatalf("another daemon took what is leased: %+v", tasks)
		}
	}
	b.wantFresh(3, b.claim(10))
	b.wantCount("SELECT count(*) FROM jobs", 0)
}

// The database may have been away for longer than the lease.
func testLostClaimRunOut(b *bench) {
	b.put(b.arrival(1, "a"), b.arrival(2, "b"))
	b.loseClaim()
	b.clock.pass(time.Hour)
	b.wantFresh(2, b.claim(10))
}

// Where another daemon was faster, what it holds is its own, by whatever right it got there.
func testLostClaimTakenOver(b *bench) {
	b.put(b.arrival(1, "a"))
	b.loseClaim()
	b.clock.pass(time.Minute)
	tasks, err := b.another().ClaimTasks(b.ctx(), "daemon-2", 10, time.Minute)
	b.must(err)
	if len(tasks) != 1 {
		b.Fatalf("%d tasks are due, want 1", len(tasks))
	}
	if got := b.claim(10); len(got) != 0 {
		b.Fatalf("claimed out of the hands of another: %+v", got)
	}
	b.commit(settled(tasks[0], bridge.Ignored, ""))
}

// A claim that was not written takes nothing from those that come after it, neither from our own nor from those of others.
func testClaimNotWritten(b *bench) {
	for uid, owner := range []string{"daemon-1", "daemon-2"} {
		b.put(b.arrival(uint32(uid+1), owner))
		s := b.another()
		if owner == "daemon-1" {
			s = b.Store
		}
		b.LoseNextCommit()
		_, err := b.ClaimTasks(b.ctx(), "daemon-1", 10, time.Minute)
		b.wants(err, store.ErrLostReply)
		b.wantCount("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL OR attempts > 0", 0)
		tasks, err := s.ClaimTasks(b.ctx(), owner, 10, time.Minute)
		b.must(err)
		for range 2 {
			if got := b.claim(10); len(got) != 0 {
				b.Fatalf("claimed out of the hands of %s: %+v", owner, got)
			}
		}
		b.wantFresh(1, tasks)
	}
}

// What the same daemon has in hand by other claims stays there.
func testLostClaimBesideOthers(b *bench) {
	b.put(b.arrival(1, "a"))
	held := b.claim(10)
	b.put(b.arrival(2, "b"))
	b.loseClaim()
	b.wantFresh(1, b.claim(10))
	b.wantFresh(1, held)
}

// The answer that is lost may be that of the claim which takes another back.
func testLostClaimOfOne(b *bench) {
	id := b.put(b.arrival(1, "a"))[0].Receipt
	for range 4 {
		b.LoseNextReply()
		_, _, err := b.ClaimTask(b.ctx(), "clerk", id, time.Minute)
		b.wants(err, store.ErrLostReply)
		b.loseClaim()
		b.LoseNextCommit()
		_, _, err = b.ClaimTask(b.ctx(), "clerk", id, time.Minute)
		b.wants(err, store.ErrLostReply)
	}
	task, mine, err := b.ClaimTask(b.ctx(), "clerk", id, time.Minute)
	b.must(err)
	if !mine {
		b.Fatal("a task that nobody has in hand was not given out")
	}
	b.wantFresh(1, []bridge.Task{task})
}

// A daemon that stops leaves nothing leased that it never heard of.
func testLostClaimAtTheEnd(b *bench) {
	b.put(b.arrival(1, "a"))
	s, err := store.Open(b.ctx(), b.url, store.Options{Now: b.clock.Now})
	b.must(err)
	s.LoseNextReply()
	_, err = s.ClaimTasks(b.ctx(), "daemon-2", 10, time.Minute)
	b.wants(err, store.ErrLostReply)
	b.must(s.Close())
	b.wantFresh(1, b.claim(10))
}

// Notices come back with the same bytes, and count once for the caps.
func testLostClaimOfNotices(b *bench) {
	ids := b.queue(3)
	caps := bridge.Caps{PerHour: 3}
	for range 4 {
		b.LoseNextReply()
		_, err := b.ClaimNotices(b.ctx(), "outbox-1", 10, time.Hour, caps)
		b.wants(err, store.ErrLostReply)
		b.wantCount("SELECT count(*) FROM jobs WHERE lease_owner = 'outbox-1'", 3)
		b.LoseNextCommit()
		_, err = b.ClaimNotices(b.ctx(), "outbox-1", 10, time.Hour, caps)
		b.wants(err, store.ErrLostReply)
	}
	out := b.outgoing(10, caps)
	if len(out) != 3 {
		b.Fatalf("%d notices are due, want 3", len(out))
	}
	for i, o := range out {
		n, err := b.NoticeByID(b.ctx(), ids[i])
		b.must(err)
		if o.Notice != ids[i] || o.Job.Attempt != 1 || string(o.Bytes) != string(n.Rendered.Bytes) {
			b.Fatalf("claimed %+v", o)
		}
		b.must(b.NoticeSent(b.ctx(), o, "250 ok"))
	}
	b.wantCount("SELECT count(*) FROM jobs", 0)
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'sent'", 3)
}

// A reading that nobody heard of is not tried by that.
func testLostClaimOfReading(b *bench) {
	b.commit(wanting(settled(b.tasks(1)[0], bridge.Held, ""), sum("a")))
	for range 3 {
		b.LoseNextReply()
		_, _, err := b.ClaimReading(b.ctx(), "reader-1", time.Hour)
		b.wants(err, store.ErrLostReply)
		b.wantCount("SELECT count(*) FROM jobs WHERE lease_owner = 'reader-1'", 1)
	}
	if task := b.readOne(); task.Job.Attempt != 1 {
		b.Fatalf("claimed at attempt %d", task.Job.Attempt)
	}
}

// Several loops claim while every third answer is lost, and every third claim: each task comes into one pair of hands, once.
func testLostClaimsOfMany(b *bench) {
	const loops, all = 4, 60
	var in []bridge.Stored
	for i := range uint32(all) {
		in = append(in, b.arrival(i+1, fmt.Sprint(i)))
	}
	b.put(in...)
	b.CommitBy(func(t *sqlx.Tx) error {
		switch rand.IntN(3) {
		case 0:
			return errors.Join(t.Commit(), store.ErrLostReply)
		case 1:
			return errors.Join(t.Rollback(), store.ErrLostReply)
		}
		return t.Commit()
	})
	var mu sync.Mutex
	hands := map[string]int{}
	var done sync.WaitGroup
	for range loops {
		done.Go(func() {
			for left := true; left; {
				tasks, err := b.ClaimTasks(context.Background(), "daemon-1", 3, time.Hour)
				if err != nil && !errors.Is(err, store.ErrLostReply) {
					b.Error(err)
					return
				}
				mu.Lock()
				for _, t := range tasks {
					hands[t.Receipt.ID]++
					if t.Job.Attempt != 1 || hands[t.Receipt.ID] > 1 {
						b.Errorf("%s is in %d hands, at attempt %d", t.Receipt.ID, hands[t.Receipt.ID], t.Job.Attempt)
					}
				}
				left = len(hands) < all && !b.Failed()
				mu.Unlock()
			}
		})
	}
	done.Wait()
	b.CommitBy(nil) // closing takes back as well, and has to be heard
}

// A COMMIT that is still on its way is written after the store has given up on it, and maybe after later claims: it is taken back then.
func TestLateCommit(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	b.put(b.arrival(1, "a"))
	b.commit(telling(settled(b.claimOne(), bridge.Registered, "1/UBND"), notice.Receipt))
	b.put(b.arrival(2, "b"))
	var late []*sqlx.Tx
	delay := func() {
		b.CommitNextBy(func(t *sqlx.Tx) error {
			late = append(late, t)
			return store.ErrLostReply
		})
	}
	delay()
	_, err := b.ClaimTasks(b.ctx(), "daemon-1", 10, time.Minute)
	b.wants(err, store.ErrLostReply)
	delay()
	_, err = b.ClaimNotices(b.ctx(), "outbox-1", 10, time.Hour, bridge.Caps{})
	b.wants(err, store.ErrLostReply)
	for range 2 {
		if tasks, out := b.claim(10), b.outgoing(10, bridge.Caps{}); len(tasks)+len(out) != 0 {
			t.Fatalf("given out before the claim has ended: %+v, %+v", tasks, out)
		}
	}
	for _, tx := range late {
		b.must(tx.Commit())
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL", 2)
	out := b.outgoing(10, bridge.Caps{})
	if len(out) != 1 || out[0].Job.Attempt != 1 {
		t.Fatalf("claimed %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250 ok"))
	b.wantFresh(1, b.claim(10))
}

// A daemon that is stopped while the network is silent does not wait for it, however patient the store is otherwise.
func TestLostClaimOnSilentNetwork(t *testing.T) {
	b := newBench(t, postgresDatabase(t))
	b.put(b.arrival(1, "a"))
	u, n := b.behind()
	s, err := store.Open(b.ctx(), u, store.Options{Now: b.clock.Now, Timeout: time.Hour})
	b.must(err)
	s.LoseNextReply()
	_, err = s.ClaimTasks(b.ctx(), "daemon-2", 10, time.Minute)
	b.wants(err, store.ErrLostReply)
	n.set(func(n *network) { n.silent = true })
	b.wants(s.Close(), context.DeadlineExceeded)
}
