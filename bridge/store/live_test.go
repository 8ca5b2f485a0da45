package store_test

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// imported is an arrival that import brought from a file: it has no UID and no time of a server.
func (b *bench) imported(content string) bridge.Stored {
	a := b.arrival(0, content)
	a.Origin, a.UID, a.Mailbox, a.InternalDate, a.Imported = "import:"+content, bridge.UIDKey{}, "", time.Time{}, true
	return a
}

func testImportedThenLive(b *bench) {
	id := b.put(b.imported("a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.ImportedOld, ""))
	b.clock.pass(time.Hour)
	live := b.arrival(4, "a")
	if p := b.put(live)[0]; p.Receipt != id || !p.Joined {
		b.Fatalf("the live delivery got %+v", p)
	}
	if e := b.explain(id); e.State != bridge.Waiting || !e.Receipt.Live || !e.SettledAt.IsZero() || b.uids()[4] != bridge.Waiting {
		b.Fatalf("it stands as %s, live %v, uids %v", e.State, e.Receipt.Live, b.uids())
	}
	task := b.claimOne()
	if r := task.Receipt; r.ID != id || !r.Imported || !r.Live || task.Job.Attempt != 1 {
		b.Fatalf("the task is %+v", task)
	}
	if r := task.Receipt; r.Raw != live.Raw.Raw() || r.Mailbox != "vanthu" || !r.InternalDate.Equal(live.InternalDate) {
		b.Fatalf("what counts is not the live delivery: %+v", r)
	}
	b.commit(telling(settled(task, bridge.Registered, "1/UBND"), notice.Receipt))
	if got := b.uids()[4]; got != bridge.Registered {
		b.Fatalf("its uid is %s", got)
	}
	b.wantCount("SELECT count(*) FROM notices", 1) // a person let it be judged
	e := b.explain(id)
	if len(e.Outcomes) != 2 || e.Outcomes[0].Live || !e.Outcomes[1].Live || len(e.Deliveries) != 2 || e.Deliveries[0].Joined {
		b.Fatalf("a replay cannot tell what each outcome was made from: %+v", e.Outcomes)
	}
	b.put(b.arrival(5, "a"))
	if got := b.uids(); got[5] != bridge.Duplicate {
		b.Fatalf("uids are %v: what comes a second time is a duplicate", got)
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
}

// The worker has it in hand as imported mail while it comes live.
func testLiveMeanwhile(b *bench) {
	b.put(b.imported("a"))
	task := b.claimOne()
	b.put(b.arrival(4, "a"), b.arrival(5, "a"))
	b.wants(b.commitErr(settled(task, bridge.ImportedOld, "")), bridge.ErrStale)
	b.must(b.FailTask(b.ctx(), task, "stale", true))
	b.clock.pass(time.Minute)
	b.commit(settled(b.claimOne(), bridge.Held, ""))
	if got := b.uids(); got[4] != bridge.Held || got[5] != bridge.Duplicate {
		b.Fatalf("uids are %v", got)
	}
}

func testLiveInOneBatch(b *bench) {
	puts := b.put(b.imported("a"), b.arrival(4, "a"), b.arrival(6, "b"))
	if !puts[1].Joined || puts[1].Receipt != puts[0].Receipt {
		b.Fatalf("got %+v", puts)
	}
	for _, task := range b.claim(3) {
		b.commit(settled(task, bridge.Held, ""))
	}
	if got := b.uids(); got[4] != bridge.Held || got[6] != bridge.Held {
		b.Fatalf("uids are %v", got)
	}
}

// A UID that is older than the mailbox's start stays as it is, on the server and in the books, when the same mail comes anew.
func testOldUIDStays(b *bench) {
	old, waiting := b.arrival(1, "a"), b.arrival(2, "b")
	old.Imported, waiting.Imported = true, true
	b.put(old, waiting)
	tasks := b.claim(2)
	b.commit(settled(tasks[0], bridge.ImportedOld, ""))
	b.put(b.arrival(11, "a"), b.arrival(12, "b"))
	b.wants(b.commitErr(settled(tasks[1], bridge.ImportedOld, "")), bridge.ErrStale)
	b.must(b.FailTask(b.ctx(), tasks[1], "stale", true))
	b.clock.pass(time.Minute)
	for _, task := range b.claim(2) {
		b.commit(settled(task, bridge.Held, ""))
	}
	if got := b.uids(); got[1] != bridge.ImportedOld || got[2] != bridge.ImportedOld || got[11] != bridge.Held || got[12] != bridge.Held {
		b.Fatalf("uids are %v", got)
	}
	actions, err := b.PendingActions(b.ctx(), b.folder, 7, 10)
	b.must(err)
	if len(actions) != 2 || actions[0].Key.UID != 11 || actions[1].Key.UID != 12 {
		b.Fatalf("actions are %+v", actions)
	}
	secret := b.arrival(3, "c")
	secret.Imported = true
	b.put(secret)
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	if actions, err = b.PendingActions(b.ctx(), b.folder, 7, 10); err != nil || len(actions) != 2 {
		b.Fatalf("an old secret would be touched: %+v, %v", actions, err)
	}
}

// Broken as imported mail, it is tried again when it comes live.
func testLiveAfterFailure(b *bench) {
	id := b.put(b.imported("a"))[0].Receipt
	task := b.claimOne()
	task.Job.Attempt = 3
	b.must(b.FailTask(b.ctx(), task, "breaks", false))
	b.put(b.arrival(4, "a"))
	again := b.claimOne()
	if again.Receipt.ID != id || again.Job.Attempt != 1 {
		b.Fatalf("the task is %+v", again)
	}
	again.Job.Attempt = 3
	b.must(b.FailTask(b.ctx(), again, "breaks", false))
	if got := b.uids()[4]; got != bridge.Failed {
		b.Fatalf("its uid is %s", got)
	}
	b.must(b.RetryReceipt(b.ctx(), id))
	if got := b.uids()[4]; got != bridge.Waiting {
		b.Fatalf("its uid is %s", got)
	}
}

// Import and mailbox bring the same messages at the same time, while a worker settles: all of them end as live mail.
func testLiveRace(b *bench) {
	const n = 30
	var all sync.WaitGroup
	put := func(make func(int) bridge.Stored, s *store.Store) {
		for i := range n {
			if _, err := s.PutReceipts(b.ctx(), bridge.Fence{}, []bridge.Stored{make(i)}); err != nil {
				b.Error(err)
			}
		}
	}
	all.Go(func() { put(func(i int) bridge.Stored { return b.imported(fmt.Sprint(i)) }, b.another()) })
	all.Go(func() { put(func(i int) bridge.Stored { return b.arrival(uint32(i+1), fmt.Sprint(i)) }, b.Store) })
	worker := b.another()
	settle := func() int {
		tasks, err := worker.ClaimTasks(b.ctx(), "w", 5, time.Minute)
		b.must(err)
		for _, t := range tasks {
			state := bridge.Held
			if t.Receipt.Imported && !t.Receipt.Live {
				state = bridge.ImportedOld
			}
			errs, err := worker.Commit(b.ctx(), draw, []bridge.Settlement{settled(t, state, "")})
			b.must(err)
			if errors.Is(errs[0], bridge.ErrStale) {
				b.must(worker.FailTask(b.ctx(), t, "stale", true))
			} else {
				b.must(errs[0])
			}
		}
		return len(tasks)
	}
	for range 40 {
		settle()
	}
	all.Wait()
	for b.clock.pass(time.Minute); settle() > 0; b.clock.pass(time.Minute) {
	}
	b.wantCount("SELECT count(*) FROM receipts WHERE state = 'held'", n)
	b.wantCount("SELECT count(*) FROM uids WHERE state = 'held'", n)
}
