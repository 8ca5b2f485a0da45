package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// numbers is a file of register numbers in memory. Like the one of the archive it owes what it could not write, and can be read as long as it
// owes nothing.
type numbers struct {
	mu    sync.Mutex
	list  []bridge.BookMark
	owed  []bridge.BookMark
	fails error // of writing
}

func (n *numbers) Append(_ context.Context, marks []bridge.BookMark) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.owed = append(n.owed, marks...)
	return n.write()
}

func (n *numbers) write() error {
	if len(n.owed) > 0 && n.fails != nil {
		return n.fails
	}
	n.list, n.owed = append(n.list, n.owed...), nil
	return nil
}

func (n *numbers) Marks(context.Context) ([]bridge.BookMark, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.write(); err != nil {
		return nil, err
	}
	return slices.Clone(n.list), nil
}

func (n *numbers) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fails = err
}

// highest of a book, 0 when the file does not know it.
func (n *numbers) highest(kind register.Kind, year int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	most := 0
	for _, m := range n.list {
		if m.Receiver == agency && m.Kind == kind && m.Year == year {
			most = max(most, m.Number)
		}
	}
	return most
}

// daemon opens the bench's database with a file of numbers.
func (b *bench) daemon(n *numbers) *store.Store {
	b.Helper()
	return b.daemonAt(n, b.clock.Now)
}

func (b *bench) daemonAt(n *numbers, now func() time.Time) *store.Store {
	b.Helper()
	o := store.Options{Now: now, Timeout: 20 * time.Second}
	if n != nil {
		o.HighWater = n
	}
	s, err := store.Open(b.ctx(), b.url, o)
	b.must(err)
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// enter registers one more document by way of a store.
func (b *bench) enter(s *store.Store) error {
	b.Helper()
	task := b.tasks(1)[0]
	errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{settled(task, bridge.Registered, task.Receipt.ID)})
	return errors.Join(append(errs, err)...)
}

// A crash between COMMIT and append leaves the file behind: the next store brings it up, and no number is lost or given twice.
func testFileBehind(b *bench) {
	file := &numbers{}
	s := b.daemon(file)
	b.must(b.enter(s))
	if got := file.highest(register.Incoming, 2026); got != 1 {
		b.Fatalf("after one number the file says %d", got)
	}
	b.must(b.enter(b.Store)) // as if its process had died before it could append
	other := b.daemon(file)
	b.must(other.CompareNumbers(b.ctx()))
	if got := file.highest(register.Incoming, 2026); got != 2 {
		b.Fatalf("brought up, the file says %d", got)
	}
	secret := settled(b.tasks(1)[0], bridge.Quarantined, "")
	secret.Outcome.Reason = bridge.ReasonSecret
	if errs, err := other.Commit(b.ctx(), draw, []bridge.Settlement{secret}); err != nil || errs[0] != nil || file.highest(register.Secret, 2026) != 1 {
		b.Fatalf("a number of the secret book: %v, %v; the file says %d", errs, err, file.highest(register.Secret, 2026))
	}
	b.wantGapless()
}

// A COMMIT that was not answered: written or not, no gap comes of it, and the file knows before the next number is taken.
func testUnclearNumbers(b *bench) {
	file := &numbers{}
	s := b.daemon(file)
	b.must(b.enter(s))
	for i, lose := range []func(){s.LoseNextReply, s.LoseNextCommit, s.LoseNextReply} {
		task := b.tasks(1)[0]
		in := []bridge.Settlement{settled(task, bridge.Registered, task.Receipt.ID)}
		b.must(s.CompareNumbers(b.ctx()))
		lose()
		_, err := s.Commit(b.ctx(), draw, in)
		b.wants(err, store.ErrLostReply)
		errs, err := s.Commit(b.ctx(), draw, in)
		b.must(err)
		if written := i != 1; written != errors.Is(errs[0], bridge.ErrFenced) {
			b.Fatalf("said again, it gives %v", errs[0])
		}
		if got, want := file.highest(register.Incoming, 2026), i+2; got != want {
			b.Fatalf("the file says %d, want %d", got, want)
		}
	}
	if got := numbersOf(b.lines(register.Query{})); got != "den 1/2026 registered; den 2/2026 registered; den 3/2026 registered; den 4/2026 registered; " {
		b.Fatalf("lines are %s", got)
	}
	b.wantCount("SELECT count(*) FROM alarms", 0)
}

// While the file cannot be written, what was committed stands, and no further number is taken.
func testFileFull(b *bench) {
	file := &numbers{}
	s := b.daemon(file)
	b.must(s.CompareNumbers(b.ctx()))
	file.fail(bridge.ErrNoSpace)
	b.must(b.enter(s))
	task := b.tasks(1)[0]
	_, err := s.Commit(b.ctx(), draw, []bridge.Settlement{settled(task, bridge.Registered, "x")})
	b.wants(err, bridge.ErrNoSpace)
	held := settled(b.tasks(1)[0], bridge.Held, "")
	if errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{held}); err != nil || errs[0] != nil {
		b.Fatalf("what takes no number was kept up: %v, %v", errs, err)
	}
	file.fail(nil)
	if errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{settled(task, bridge.Registered, "x")}); err != nil || errs[0] != nil {
		b.Fatalf("afterwards: %v, %v", errs, err)
	}
	if got := file.highest(register.Incoming, 2026); got != 2 {
		b.Fatalf("the file says %d", got)
	}
	b.wantGapless()
}

// A restored database jumps past what its file knows, once, and says so: lines, log and alarm. Rolled back work makes no gap.
func testRestored(b *bench) {
	file := &numbers{}
	s := b.daemon(file)
	b.must(b.enter(s))
	b.must(file.Append(b.ctx(), []bridge.BookMark{{Receiver: agency, Kind: register.Incoming, Year: 2026, Number: 4},
		{Receiver: agency, Kind: register.Secret, Year: 2026, Number: 1}, {Receiver: agency, Kind: register.Incoming, Year: 2025, Number: 2},
		{Receiver: "so-moi", Kind: register.Incoming, Year: 2026, Number: 1}}))
	restored := b.daemon(file)
	task := b.tasks(1)[0]
	render := settled(task, bridge.Registered, "5/UBND")
	if errs, err := restored.Commit(b.ctx(), draw, []bridge.Settlement{render}); err != nil || errs[0] != nil {
		b.Fatalf("after the restore: %v, %v", errs, err)
	}
	want := "den 1/2025 unused; den 2/2025 unused; den 1/2026 registered; den 2/2026 unused; den 3/2026 unused; den 4/2026 unused; den 5/2026 registered; mat 1/2026 unused; "
	if got := numbersOf(b.lines(register.Query{Receiver: agency})); got != want {
		b.Fatalf("lines are %s, want %s", got, want)
	}
	if e := b.lines(register.Query{Receiver: agency, Year: 2026, From: 2, To: 2})[0]; e.Record != "" || e.Note == "" || e.Registered.IsZero() || !e.Arrived.IsZero() {
		b.Fatalf("a line that was jumped over is %+v", e)
	}
	for range 2 { // again, by another daemon as well, there is nothing to do
		b.must(b.daemon(file).CompareNumbers(b.ctx()))
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'register.jumped'", 4)
	b.wantCount("SELECT count(*) FROM alarms WHERE code = 'register-jumped' AND cleared_at IS NULL", 4)
	b.wantGapless()

	b.must(file.Append(b.ctx(), []bridge.BookMark{{Receiver: agency, Kind: register.Incoming, Year: 2026, Number: 900_000_000}}))
	if err := b.daemon(file).CompareNumbers(b.ctx()); err == nil || !strings.Contains(err.Error(), "900000000") {
		b.Fatalf("nine hundred million numbers were believed: %v", err)
	}
}

// A book of more lines than are read at once is listed whole and in order, and fn can end the list.
func testLongBook(b *bench) {
	const last = 4001
	file := &numbers{}
	b.must(file.Append(b.ctx(), []bridge.BookMark{{Receiver: agency, Kind: register.Incoming, Year: 2026, Number: last - 1}}))
	b.must(b.enter(b.daemon(file)))
	for from, to := range map[int]int{1: last, 1999: 2001, 2001: last, last: last} {
		list := b.lines(register.Query{Receiver: agency, From: from, To: to})
		if len(list) != to-from+1 {
			b.Fatalf("of numbers %d to %d there are %d lines", from, to, len(list))
		}
		for i, e := range list {
			if e.Number != from+i || e.Last != last {
				b.Fatalf("line %d from %d on is %d of %d", i, from, e.Number, e.Last)
			}
		}
	}
	enough, seen := errors.New("enough"), 0
	err := b.EachEntry(b.ctx(), register.Query{}, func(register.Entry) error {
		if seen++; seen == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || seen != 3 {
		b.Fatalf("after %d lines: %v", seen, err)
	}
}

// The database is put back under daemons that run: the next number is one that was given before, whichever of them gave it.
func testRestoredUnderneath(b *bench) {
	b.restoreUnder(func(s, _ *store.Store) *store.Store { return s })
}

func testRestoredUnderAnother(b *bench) {
	b.restoreUnder(func(_, other *store.Store) *store.Store { return other })
}

// restoreUnder lets one daemon register after the other, takes the second's line back, and lets the chosen one register the next.
func (b *bench) restoreUnder(who func(last, other *store.Store) *store.Store) {
	b.Helper()
	file := &numbers{}
	other, s := b.daemon(file), b.daemon(file)
	b.must(b.enter(other))
	b.must(b.enter(s))
	db := b.raw(b.T, b.url)
	for _, q := range []string{"DELETE FROM entries WHERE number = 2", "DELETE FROM record_keys WHERE record = 'GL-2026-0000002/1'",
		"UPDATE records SET state = 'held', book = NULL, book_year = NULL, so_den = NULL, numbered_at = NULL WHERE so_den = 2", "UPDATE books SET last = 1"} {
		_, err := db.Exec(q)
		b.must(err)
	}
	b.must(b.enter(who(s, other)))
	if got := numbersOf(b.lines(register.Query{})); got != "den 1/2026 registered; den 2/2026 unused; den 3/2026 registered; " {
		b.Fatalf("lines are %s", got)
	}
}

// A true restore: the database of yesterday, and the file beside the archive of today.
func testRestoredCopy(b *bench) {
	if b.name != "sqlite" {
		b.Skip("the copy of a file; PostgreSQL is put back by its own tools, and looks the same to us afterwards: testRestored")
	}
	file := &numbers{}
	b.must(b.enter(b.daemon(file)))
	path := strings.TrimPrefix(b.url, "sqlite:")
	copied := filepath.Join(b.TempDir(), "restored.db")
	if _, err := b.raw(b.T, b.url).Exec("VACUUM INTO ?", copied); err != nil {
		b.Fatal(err)
	}
	for range 3 {
		b.must(b.enter(b.daemon(file)))
	}
	yesterday := &bench{T: b.T, database: b.database, url: "sqlite:" + copied, clock: b.clock, folder: b.folder}
	yesterday.Store = yesterday.another()
	yesterday.must(yesterday.enter(yesterday.daemon(file)))
	want := "den 1/2026 registered; den 2/2026 unused; den 3/2026 unused; den 4/2026 unused; den 5/2026 registered; "
	if got := numbersOf(yesterday.lines(register.Query{})); got != want {
		b.Fatalf("lines are %s, want %s", got, want)
	}
	yesterday.wantGapless()
	if _, err := os.Stat(path); err != nil {
		b.Fatal(err)
	}
}

// Two daemons register at once while the file is compared again and again: nothing is ever jumped over.
func testCompareRace(b *bench) {
	file := &numbers{}
	var in []bridge.Stored
	for i := range 40 {
		in = append(in, b.arrival(uint32(i+1), fmt.Sprint(i)))
	}
	b.put(in...)
	var work, look sync.WaitGroup
	done := make(chan struct{})
	for d := range 2 {
		s := b.daemon(file)
		work.Go(func() { registerAll(b, s, 2+d) })
	}
	looker := b.daemon(file)
	look.Go(func() {
		for {
			if err := looker.CompareNumbers(b.ctx()); err != nil {
				b.Error(err)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	work.Wait()
	close(done)
	look.Wait()
	b.wantCount("SELECT count(*) FROM entries WHERE note = 'jumped'", 0)
	b.wantCount("SELECT count(*) FROM entries", 40)
	if got := file.highest(register.Incoming, 2026); got != 40 {
		b.Fatalf("the file says %d", got)
	}
	b.wantGapless()
}
