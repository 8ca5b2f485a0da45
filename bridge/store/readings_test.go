package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// wanting lets a settlement ask for files to be read.
func wanting(s bridge.Settlement, files ...string) bridge.Settlement {
	s.Outcome.Wanted = files
	return s
}

func (b *bench) reading() (bridge.ReadingTask, bool) {
	b.Helper()
	task, ok, err := b.ClaimReading(b.ctx(), "reader-1", time.Minute)
	b.must(err)
	return task, ok
}

func (b *bench) readOne() bridge.ReadingTask {
	b.Helper()
	task, ok := b.reading()
	if !ok {
		b.Fatal("no reading is due")
	}
	return task
}

func (b *bench) wantReadings(want int) {
	b.Helper()
	n, err := b.WaitingReadings(b.ctx())
	b.must(err)
	if n != want {
		b.Fatalf("%d readings wait, want %d", n, want)
	}
}

func testReading(b *bench) {
	first := b.tasks(1)[0]
	b.commit(wanting(settled(first, bridge.Held, ""), sum("a")))
	b.wantReadings(1)
	task := b.readOne()
	r := task.Receipt
	if task.Job.Attempt != 1 || r.ID != first.Receipt.ID || r.Raw != first.Receipt.Raw || r.Location != first.Receipt.Location || r.Size != first.Receipt.Size {
		b.Fatalf("claimed %+v", task)
	}
	if _, ok := b.reading(); ok {
		b.Fatal("a leased reading was given out")
	}
	b.wantReadings(1)
	b.must(b.RenewReading(b.ctx(), task.Job, "reader-1", 3*time.Minute))
	b.clock.pass(2 * time.Minute)
	if _, ok := b.reading(); ok {
		b.Fatal("a renewed reading was given out")
	}
	b.wants(b.RenewReading(b.ctx(), task.Job, "reader-2", time.Minute), bridge.ErrFenced)
	b.must(b.ReadingLater(b.ctx(), task.Job, b.clock.Now().Add(time.Hour), "disk", true))
	b.wants(b.ReadingDone(b.ctx(), task.Job, r.ID), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0) // a lost lease revives nothing
	if _, ok := b.reading(); ok {
		b.Fatal("a reading that was put off is due at once")
	}
	b.wantReadings(1)
	b.clock.pass(time.Hour)
	if task = b.readOne(); task.Job.Attempt != 1 {
		b.Fatalf("a blameless failure counted: attempt %d", task.Job.Attempt)
	}
	for attempt := 2; attempt < 6; attempt++ { // there is no bound
		b.must(b.ReadingLater(b.ctx(), task.Job, b.clock.Now(), "breaks", false))
		if task = b.readOne(); task.Job.Attempt != attempt {
			b.Fatalf("attempt %d, want %d", task.Job.Attempt, attempt)
		}
	}
	b.clock.pass(time.Minute) // its reader is dead
	second := b.readOne()
	b.wants(b.ReadingLater(b.ctx(), task.Job, b.clock.Now(), "x", true), bridge.ErrFenced)
	b.wants(b.RenewReading(b.ctx(), task.Job, "reader-1", time.Minute), bridge.ErrFenced)
	b.wants(b.ReadingDone(b.ctx(), second.Job, "GL-2026-0000099"), bridge.ErrPermanent)
	b.LoseNextReply()
	b.wants(b.ReadingDone(b.ctx(), second.Job, r.ID), store.ErrLostReply)
	b.wants(b.ReadingDone(b.ctx(), second.Job, r.ID), bridge.ErrFenced)
	b.wantReadings(0)
	again := b.claimOne()
	if again.Receipt.ID != r.ID || again.Outcomes != 1 || again.Job.Attempt != 1 {
		b.Fatalf("after the reading due is %+v", again)
	}
	b.commit(settled(again, bridge.Registered, "1/UBND"))
	b.wantCount("SELECT count(*) FROM jobs", 0)
}

// Live mail is read before imports, the oldest first.
func testReadingOrder(b *bench) {
	old := b.arrival(1, "old")
	old.Imported = true
	b.put(old)
	b.put(b.arrival(2, "a"), b.arrival(3, "b"))
	b.put(b.arrival(1, "old")) // known already
	tasks := b.claim(9)
	slices.SortFunc(tasks, func(x, y bridge.Task) int { return strings.Compare(x.Receipt.ID, y.Receipt.ID) })
	var want []string
	for _, i := range []int{0, 2, 1} { // the import first
		b.commit(wanting(settled(tasks[i], bridge.Held, ""), sum("x")))
		b.clock.pass(time.Second)
	}
	for _, i := range []int{2, 1, 0} {
		want = append(want, tasks[i].Receipt.ID)
	}
	var got []string
	for range want {
		got = append(got, b.readOne().Receipt.ID)
	}
	if !slices.Equal(got, want) {
		b.Fatalf("read in the order %v, want %v", got, want)
	}
}

// One receipt has one reading, whatever its outcomes ask for; one in somebody's hands stays there.
func testReadingQueued(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commit(wanting(settled(task, bridge.Held, ""), sum("a")))
	b.commit(wanting(b.again(id, bridge.Held), sum("a"), sum("b")))
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'read'", 1)
	held := b.readOne()
	b.commit(wanting(b.again(id, bridge.Held), sum("b")))
	b.commit(b.again(id, bridge.Held)) // nothing more is wanted, but somebody is at it
	b.must(b.RenewReading(b.ctx(), held.Job, "reader-1", time.Minute))
	b.must(b.ReadingLater(b.ctx(), held.Job, b.clock.Now().Add(time.Hour), "x", true))
	b.commit(b.again(id, bridge.Held))
	b.wantReadings(0)
}

func testReadingDead(b *bench) {
	task := b.tasks(1)[0]
	b.commit(wanting(settled(task, bridge.Held, ""), sum("a")))
	held := b.readOne()
	b.must(b.ReadingLater(b.ctx(), held.Job, b.clock.Now(), "x", false))
	if _, err := b.raw(b.T, b.url).Exec("UPDATE jobs SET state = 'dead' WHERE kind = 'read'"); err != nil {
		b.Fatal(err)
	}
	b.wantReadings(0)
	b.commit(wanting(b.again(task.Receipt.ID, bridge.Held), sum("a")))
	if got := b.readOne(); got.Job.Attempt != 1 || got.Job.Fence <= held.Job.Fence {
		b.Fatalf("revived it is %+v", got.Job)
	}
}

// A person asks for the files of a receipt to be read once more.
func testEndReadings(b *bench) {
	tasks := b.tasks(2)
	b.commit(wanting(settled(tasks[0], bridge.Held, ""), sum("a")), wanting(settled(tasks[1], bridge.Held, ""), sum("b")))
	held := b.readOne()
	n, err := b.EndReadings(b.ctx())
	b.must(err)
	if n != 1 {
		b.Fatalf("%d readings ended, want the one that nobody has in hand", n)
	}
	b.wantReadings(1)
	if task := b.claimOne(); task.Receipt.ID == held.Receipt.ID {
		b.Fatalf("%s is decided again, and its files are being read", task.Receipt.ID)
	}
}

func testReadAgain(b *bench) {
	first := b.tasks(1)[0]
	b.commit(settled(first, bridge.Held, ""))
	b.must(b.ReadAgain(b.ctx(), first.Receipt.ID))
	b.must(b.ReadAgain(b.ctx(), first.Receipt.ID))
	b.wantReadings(1)
	if task := b.readOne(); task.Receipt.ID != first.Receipt.ID {
		b.Fatalf("claimed %+v", task)
	}
	b.wants(b.ReadAgain(b.ctx(), "GL-2026-9999999"), bridge.ErrNotFound)
	secret := b.tasks(1)[0]
	b.commit(settled(secret, bridge.Quarantined, ""))
	b.wants(b.ReadAgain(b.ctx(), secret.Receipt.ID), bridge.ErrNotFound)
}

// A secret is not read, not even by whoever is at it.
func testReadingOfSecret(b *bench) {
	tasks := b.tasks(2)
	for _, t := range tasks {
		b.commit(wanting(settled(t, bridge.Held, ""), sum("a")))
	}
	held := b.readOne()
	for _, t := range tasks {
		b.commit(wanting(b.again(t.Receipt.ID, bridge.Quarantined), sum("a")))
	}
	b.wantReadings(0)
	b.wants(b.ReadingDone(b.ctx(), held.Job, held.Receipt.ID), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM jobs", 0)
	b.commit(wanting(settled(b.tasks(1)[0], bridge.Quarantined, ""), sum("a")))
	b.wantReadings(0)

	last := b.tasks(2) // queued all the same, at the moment of the quarantine
	for i, state := range []bridge.State{bridge.Quarantined, bridge.Held} {
		b.commit(wanting(settled(last[i], state, ""), sum("a")))
	}
	if _, err := b.raw(b.T, b.url).Exec("INSERT INTO jobs (kind, job_key, priority, ready_at) SELECT 'read', '" + last[0].Receipt.ID +
		"', -1, ready_at FROM jobs WHERE kind = 'read'"); err != nil {
		b.Fatal(err)
	}
	if got := b.readOne(); got.Receipt.ID != last[1].Receipt.ID {
		b.Fatalf("given out is %s", got.Receipt.ID)
	}
	b.wantReadings(1)
}

func testReadingWakes(b *bench) {
	task := b.tasks(1)[0]
	read, process := b.Wake(b.ctx(), store.Read), b.Wake(b.ctx(), store.Process)
	b.commit(wanting(settled(task, bridge.Held, ""), sum("a")))
	<-read
	select {
	case <-process:
	default:
	}
	if b.name != "sqlite" { // there only this process hears
		b.wakesOthers(task.Receipt.ID)
	}
	b.must(b.ReadingDone(b.ctx(), b.readOne().Job, task.Receipt.ID))
	<-process
}

// wakesOthers asks for a reading until another daemon hears of it: its LISTEN runs beside its Open.
func (b *bench) wakesOthers(receipt string) {
	ctx, stop := context.WithTimeout(b.ctx(), 3*time.Minute) // a guard: it takes no time
	defer stop()
	for read := b.another().Wake(ctx, store.Read); ; {
		b.must(b.ReadAgain(b.ctx(), receipt))
		select {
		case <-read:
			return
		case <-ctx.Done():
			b.Fatal("no other daemon woke")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Readers on two daemons take every reading once, while workers go on deciding.
func testTwoReaders(b *bench) {
	const n = 24
	for _, t := range b.tasks(n) {
		b.commit(wanting(settled(t, bridge.Held, ""), sum("a")))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for _, s := range []*store.Store{b.Store, b.another()} {
		all.Go(func() {
			for {
				task, ok, err := s.ClaimReading(b.ctx(), "r", time.Minute)
				if err != nil {
					b.Error(err)
				}
				if !ok {
					return
				}
				mu.Lock()
				seen[task.Receipt.ID]++
				mu.Unlock()
				if err := errors.Join(s.PutFileEvidence(b.ctx(), sum("a"), found("r 1", "x")), s.ReadingDone(b.ctx(), task.Job, task.Receipt.ID)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Go(func() { decideAll(b, b.another(), n) })
	all.Wait()
	decideAll(b, b.Store, n)
	if len(seen) != n {
		b.Fatalf("%d of %d were read", len(seen), n)
	}
	for id, times := range seen {
		if times != 1 {
			b.Fatalf("%s was read %d times", id, times)
		}
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE kind <> 'notice'", 0)
}
