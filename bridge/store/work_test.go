package store_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

func testTakeover(b *bench) {
	b.put(b.arrival(1, "a"))
	first := b.claimOne()
	if again := b.claim(1); len(again) != 0 {
		b.Fatalf("a leased task was given out: %+v", again)
	}
	b.clock.pass(time.Minute)
	second, err := b.another().ClaimTasks(b.ctx(), "daemon-2", 1, time.Minute)
	b.must(err)
	if len(second) != 1 || second[0].Job.Fence <= first.Job.Fence || second[0].Job.Attempt != 2 || second[0].Receipt.Attempt != 2 {
		b.Fatalf("after the lease ran out: %+v", second)
	}
	b.wants(b.commitErr(settled(first, bridge.Registered, "1/UBND")), bridge.ErrFenced)
	b.wants(b.FailTask(b.ctx(), first, "late", true), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM outcomes", 0)
	b.commit(settled(second[0], bridge.Registered, "1/UBND"))
}

func testThreeTries(b *bench) {
	id := b.put(b.arrival(1, "poison"))[0].Receipt
	for attempt := 1; attempt <= 3; attempt++ {
		if got := b.claimOne().Job.Attempt; got != attempt {
			b.Fatalf("attempt %d was counted as %d", attempt, got)
		}
		b.clock.pass(time.Minute)
	}
	b.put(b.arrival(2, "good"))
	if got := b.claimOne().Receipt.ID; got == id {
		b.Fatal("a task was given out a fourth time")
	}
	e := b.explain(id)
	if e.State != bridge.Failed || b.uids()[1] != bridge.Failed || b.events(id) != "receipt.stored receipt.failed" {
		b.Fatalf("state %s, uids %v, events %s", e.State, b.uids(), b.events(id))
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE state = 'dead'", 1)
	n, err := b.WaitingTasks(b.ctx())
	b.must(err)
	if n != 1 {
		b.Fatalf("%d tasks wait, want 1", n)
	}
}

// When a batch kills its worker, its members come one by one: only the poison uses up its tries.
func testSuspectsAlone(b *bench) {
	for uid := range uint32(5) {
		b.put(b.arrival(uid+1, fmt.Sprint(uid)))
	}
	if got := len(b.claim(3)); got != 3 {
		b.Fatalf("claimed %d, want 3", got)
	}
	b.clock.pass(time.Minute)
	var sizes []int
	for range 4 {
		tasks := b.claim(10)
		sizes = append(sizes, len(tasks))
		for _, t := range tasks {
			b.commit(settled(t, bridge.Ignored, ""))
		}
	}
	if fmt.Sprint(sizes) != "[2 1 1 1]" {
		b.Fatalf("batches had %v tasks, want the fresh ones and then each suspect alone", sizes)
	}
}

func testImportsLast(b *bench) {
	old := b.arrival(1, "old")
	old.Imported = true
	b.put(old)
	b.clock.pass(time.Hour)
	fresh := b.put(b.arrival(2, "new"))[0].Receipt
	tasks := b.claim(2)
	if tasks[0].Receipt.ID != fresh || !tasks[1].Receipt.Imported {
		b.Fatalf("order is %s, %s", tasks[0].Receipt.ID, tasks[1].Receipt.ID)
	}
}

func testGiveBack(b *bench) {
	b.put(b.arrival(1, "a"))
	for range 5 {
		task := b.claimOne()
		if task.Job.Attempt != 1 {
			b.Fatalf("a blameless failure cost a try: attempt %d", task.Job.Attempt)
		}
		b.must(b.FailTask(b.ctx(), task, "disk", true))
		b.wants(b.FailTask(b.ctx(), task, "disk", true), bridge.ErrFenced)
		if got := b.claim(1); len(got) != 0 {
			b.Fatal("a task that was given back is due at once")
		}
		b.clock.pass(time.Minute)
	}
	for attempt := 1; attempt <= 3; attempt++ {
		task := b.claimOne()
		b.must(b.FailTask(b.ctx(), task, "breaks the reader", false))
		b.clock.pass(10 * time.Minute)
	}
	if got := b.claim(1); len(got) != 0 {
		b.Fatal("a task was given out a fourth time")
	}
	if got := b.uids()[1]; got != bridge.Failed {
		b.Fatalf("its uid is %s, want failed", got)
	}
}

func testClaimOne(b *bench) {
	puts := b.put(b.arrival(1, "a"), b.arrival(2, "b"))
	id := puts[1].Receipt
	claim := func() (bridge.Task, bool) {
		b.Helper()
		task, ok, err := b.ClaimTask(b.ctx(), "clerk", id, time.Minute)
		b.must(err)
		return task, ok
	}
	task, ok := claim()
	if !ok || task.Receipt.ID != id || task.Job.Attempt != 1 || task.Receipt.Raw != b.arrival(2, "b").Raw.Raw() {
		b.Fatalf("claimed %+v, %v", task, ok)
	}
	if _, ok = claim(); ok {
		b.Fatal("a leased task was given out")
	}
	b.must(b.FailTask(b.ctx(), task, "breaks", false))
	if task, ok = claim(); !ok || task.Job.Attempt != 2 { // it rests, but a person asks
		b.Fatalf("claimed %+v, %v", task, ok)
	}
	b.clock.pass(time.Minute)
	if task, ok = claim(); !ok || task.Job.Attempt != 3 { // run out
		b.Fatalf("claimed %+v, %v", task, ok)
	}
	b.clock.pass(time.Minute)
	if _, ok = claim(); ok || b.explain(id).State != bridge.Failed {
		b.Fatalf("a fourth try, or not failed: %v, %s", ok, b.explain(id).State)
	}
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Release, Reason: "x", By: "lan"}))
	if task, ok = claim(); !ok || len(task.Amendments) != 1 {
		b.Fatalf("claimed %+v, %v", task, ok)
	}
	b.commit(settled(task, bridge.Registered, "1/UBND"))
	if _, ok = claim(); ok {
		b.Fatal("a settled receipt was given out")
	}
	if rest := b.claim(9); len(rest) != 1 || rest[0].Receipt.ID != puts[0].Receipt {
		b.Fatalf("the other one is %+v", rest)
	}
}

func testTwoDaemonsClaim(b *bench) {
	var in []bridge.Stored
	for i := range uint32(80) {
		in = append(in, b.arrival(i+1, fmt.Sprint(i)))
	}
	b.put(in...)
	other := b.another()
	var mu sync.Mutex
	seen := map[string]int{}
	var both sync.WaitGroup
	for _, s := range []*store.Store{b.Store, other} {
		both.Go(func() {
			for {
				tasks, err := s.ClaimTasks(context.Background(), "d", 7, time.Minute)
				if err != nil {
					b.Error(err)
				}
				if len(tasks) == 0 {
					return
				}
				mu.Lock()
				for _, t := range tasks {
					seen[t.Receipt.ID]++
				}
				mu.Unlock()
			}
		})
	}
	both.Wait()
	if len(seen) != 80 {
		b.Fatalf("%d of 80 tasks were given out", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			b.Fatalf("%s was given out %d times", id, n)
		}
	}
}

func testWake(b *bench) {
	ctx, stop := context.WithCancel(context.Background())
	process, notices := b.Wake(ctx, store.Process), b.Wake(ctx, store.Notify)
	b.put(b.arrival(1, "a"))
	<-process
	select {
	case <-notices:
		b.Fatal("a receipt woke the outbox")
	default:
	}
	b.commit(telling(settled(b.claimOne(), bridge.Registered, "1/UBND"), "receipt"))
	<-notices
	stop()
	b.put(b.arrival(2, "b"))
}
