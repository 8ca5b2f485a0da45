package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// midnight is the first instant of 2027 in Vietnam.
var midnight = time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)

// until brings the clock to an instant.
func (b *bench) until(at time.Time) { b.clock.pass(at.Sub(b.clock.Now())) }

// The year changes while two daemons register out of one queue: the old year ends without a gap, the new one begins with 1, no number is
// given twice, and once the new year has begun nothing enters the old one, although one of the two clocks is behind.
func testYearChange(b *bench) {
	const n = 60
	b.until(midnight.Add(-time.Hour))
	var in []bridge.Stored
	for i := range n {
		in = append(in, b.arrival(uint32(i+1), fmt.Sprint(i)))
	}
	b.put(in...)
	b.until(midnight.Add(-time.Second))
	file := &numbers{}
	slow := func() time.Time { return b.clock.Now().Add(-300 * time.Millisecond) }
	var both sync.WaitGroup
	var committed atomic.Int64
	for d, s := range []*store.Store{b.daemon(file), b.daemonAt(file, slow)} {
		both.Go(func() {
			for done := 0; done < n/2; {
				tasks, err := s.ClaimTasks(b.ctx(), fmt.Sprint("d", d), 2+d, time.Hour)
				if err != nil || len(tasks) == 0 {
					b.Error("no tasks", err)
					return
				}
				done += len(tasks)
				var in []bridge.Settlement
				for _, t := range tasks {
					in = append(in, settled(t, bridge.Registered, t.Receipt.ID))
				}
				errs, err := s.Commit(b.ctx(), draw, in)
				if err = errors.Join(append(errs, err)...); err != nil {
					b.Error(err)
					return
				}
				committed.Add(int64(len(tasks)))
				b.clock.pass(70 * time.Millisecond)
			}
		})
	}
	both.Wait()
	if committed.Load() != n {
		b.Fatalf("%d of %d are committed", committed.Load(), n)
	}
	before, after := b.lines(register.Query{Year: 2026}), b.lines(register.Query{Year: 2027})
	if len(before) == 0 || len(after) == 0 || len(before)+len(after) != n {
		b.Fatalf("%d lines in the old year and %d in the new one", len(before), len(after))
	}
	for i, e := range append(before, after...) {
		want := i + 1
		if i >= len(before) {
			want -= len(before)
		}
		if e.Number != want || e.Registered.Before(midnight) != (e.Year == 2026) {
			b.Fatalf("line %d is %d/%d of %s", i, e.Number, e.Year, e.Registered)
		}
	}
	if file.highest(register.Incoming, 2026) != len(before) || file.highest(register.Incoming, 2027) != len(after) {
		b.Fatalf("the file says %d and %d", file.highest(register.Incoming, 2026), file.highest(register.Incoming, 2027))
	}
	b.wantGapless() // and in the order of their instants
}

// A clock that goes back does not take the register with it.
func testClockBack(b *bench) {
	b.until(midnight.Add(time.Second))
	b.must(b.enter(b.Store))
	b.clock.pass(-time.Minute) // clocks that are set do that
	b.must(b.enter(b.Store))
	b.wantCount("SELECT count(*) FROM alarms", 0)
	b.clock.pass(-time.Hour)
	b.must(b.enter(b.Store))
	list := b.lines(register.Query{})
	if got := numbersOf(list); got != "den 1/2027 registered; den 2/2027 registered; den 3/2027 registered; " || !list[2].Registered.Equal(midnight.Add(time.Second)) {
		b.Fatalf("lines are %s, the last of %s", got, list[2].Registered)
	}
	alarms, err := b.OpenAlarms(b.ctx())
	b.must(err)
	if len(alarms) != 1 || alarms[0].Code != "register-clock" || alarms[0].Key != "register-clock:"+agency+"/den" {
		b.Fatalf("alarms are %+v", alarms)
	}
	b.wantGapless()
}

// A transaction that begins before midnight and gets the book after it registers into the new year.
func testWaitedPastMidnight(b *bench) {
	b.until(midnight.Add(-time.Second))
	task := b.tasks(1)[0]
	b.must(b.enter(b.Store)) // the book is there to be locked
	holder, err := b.raw(b.T, b.url).Begin()
	b.must(err)
	_, err = holder.Exec("UPDATE counters SET last = last WHERE name = 'book/" + agency + "'")
	b.must(err)
	asked := make(chan struct{})
	var once sync.Once
	s := b.daemonAt(nil, func() time.Time { once.Do(func() { close(asked) }); return b.clock.Now() })
	done := make(chan error, 1)
	go func() {
		errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{settled(task, bridge.Registered, "1/UBND")})
		done <- errors.Join(append(errs, err)...)
	}()
	if b.name == "postgres" { // SQLite asks for the time when it has the lock
		<-asked
	}
	b.clock.pass(2 * time.Second)
	b.must(holder.Commit())
	b.must(<-done)
	if got := b.explain(task.Receipt.ID).Records[0].SoDen; got != "1/2027" {
		b.Fatalf("it is entered as %s", got)
	}
}

// The same on the clock of PostgreSQL itself, which stands still inside a transaction: whoever waited is not registered with an instant from
// before those who went first.
func testDatabaseClock(b *bench) {
	if b.name != "postgres" {
		b.Skip("SQLite's transactions begin with their lock, and take the clock then")
	}
	tasks := b.tasks(2)
	holder, err := b.raw(b.T, b.url).Begin()
	b.must(err)
	_, err = holder.Exec("INSERT INTO counters (name, last) VALUES ('book/" + agency + "', 0) ON CONFLICT (name) DO UPDATE SET last = 0")
	b.must(err)
	var released sql.NullTime
	done := make(chan error, 1)
	s := b.daemonAt(nil, nil)
	go func() {
		errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{settled(tasks[0], bridge.Registered, "1/UBND")})
		done <- errors.Join(append(errs, err)...)
	}()
	db := b.raw(b.T, b.url)
	for waiting := 0; waiting == 0; { // until it stands at the lock
		b.must(db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%counters%' AND pid <> pg_backend_pid()
			AND pg_blocking_pids(pid) <> '{}' AND (SELECT count(*) FROM pg_locks AS l WHERE l.pid = pg_stat_activity.pid AND l.relation = 'counters'::regclass) > 0`).Scan(&waiting))
	}
	b.must(holder.QueryRow("SELECT clock_timestamp()").Scan(&released))
	b.must(holder.Commit())
	b.must(<-done)
	if e := b.lines(register.Query{})[0]; e.Registered.Before(released.Time.Truncate(time.Microsecond)) {
		b.Fatalf("registered at %s, before it had the book at %s", e.Registered, released.Time)
	}
}

// A book is closed when its year is over, once, and gives no number afterwards; what is still open keeps it open, or is named.
func testCloseBook(b *bench) {
	b.until(midnight.Add(-time.Hour))
	b.must(b.enter(b.Store))
	open := b.tasks(2)
	b.commit(settled(open[0], bridge.Held, ""))
	c := store.Closing{Receiver: agency, Year: 2026, Kind: register.Incoming, By: "lan"}
	_, err := b.CloseBook(b.ctx(), c)
	b.wants(err, store.ErrYearNotOver)
	b.until(midnight.Add(time.Minute))
	var left store.OpenReceiptsError
	if _, err = b.CloseBook(b.ctx(), c); !errors.As(err, &left) || len(left.Receipts) != 2 || left.Receipts[0] != open[0].Receipt.ID {
		b.Fatalf("closed with open receipts: %v", err)
	}
	c.Receiver = "khong-co"
	_, err = b.CloseBook(b.ctx(), c)
	b.wants(err, bridge.ErrNotFound)
	c.Receiver, c.Reason = agency, "còn chờ xác minh, sẽ đăng ký vào năm sau"
	cover, err := b.CloseBook(b.ctx(), c)
	b.must(err)
	if cover.First != 1 || cover.Last != 1 || cover.Lines != 1 || cover.StillOpen != 2 || cover.ClosedBy != "lan" || !cover.Closed.Equal(b.clock.Now()) ||
		!cover.FirstAt.Equal(midnight.Add(-time.Hour)) || !cover.LastAt.Equal(midnight.Add(-time.Hour)) {
		b.Fatalf("the cover says %+v", cover)
	}
	_, err = b.CloseBook(b.ctx(), c)
	b.wants(err, store.ErrBookClosed)
	if e := b.lines(register.Query{Year: 2026})[0]; e.ClosedBy != "lan" || e.Closed.IsZero() {
		b.Fatalf("the line of a closed book is %+v", e)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'register.closed' AND actor = 'lan'", 1)

	b.until(midnight.Add(-time.Minute)) // the clock is set wrong
	if errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{settled(open[1], bridge.Registered, "9/UBND")}); err == nil {
		b.Fatalf("the closed book gave a number: %v", errs)
	}
	b.wantCount("SELECT max(so_den) FROM records WHERE book_year = 2026", 1)
	b.until(midnight.Add(time.Hour))
	b.commit(settled(open[1], bridge.Registered, "9/UBND"))
	if got := numbersOf(b.lines(register.Query{})); got != "den 1/2026 registered; den 1/2027 registered; " {
		b.Fatalf("lines are %s", got)
	}
	c.Reason, c.Kind = "", register.Secret // one that gave no number; only what came in that year or before keeps it open
	b.must(b.Amend(b.ctx(), open[0].Receipt.ID, bridge.Amendment{Kind: bridge.RefuseIt, By: "lan", Reason: "x"}))
	b.commit(b.decided(b.claimOne(), bridge.Refused))
	b.tasks(1)
	if cover, err = b.CloseBook(b.ctx(), c); err != nil || cover.Lines != 0 || cover.Last != 0 {
		b.Fatalf("an empty book was closed as %+v: %v", cover, err)
	}
	books, err := b.Books(b.ctx())
	b.must(err)
	if len(books) != 3 || books[0].ClosedBy != "lan" || !books[2].Closed.IsZero() {
		b.Fatalf("books are %+v", books)
	}
	b.wantGapless()
}

// The cover of a closed book tells when documents were registered in it. That numbers were jumped over after a restore was noted in the new
// year, which is no day of the old book.
func testCloseRestored(b *bench) {
	b.until(midnight.Add(-time.Hour))
	file := &numbers{}
	b.must(b.enter(b.daemon(file)))
	b.must(file.Append(b.ctx(), []bridge.BookMark{{Receiver: agency, Kind: register.Incoming, Year: 2026, Number: 3}}))
	b.until(midnight.Add(48 * time.Hour))
	b.must(b.daemon(file).CompareNumbers(b.ctx()))
	cover, err := b.CloseBook(b.ctx(), store.Closing{Receiver: agency, Year: 2026, Kind: register.Incoming, By: "lan"})
	b.must(err)
	if cover.Lines != 3 || cover.Last != 3 || cover.Unused != 2 || !cover.FirstAt.Equal(midnight.Add(-time.Hour)) || !cover.LastAt.Equal(midnight.Add(-time.Hour)) {
		b.Fatalf("the cover says %+v", cover)
	}
	printed := register.CoverOf(b.lines(register.Query{Year: 2026}))
	if !printed.FromDay.Equal(cover.FirstAt) || !printed.ToDay.Equal(cover.LastAt) || printed.ToNumber != cover.Last {
		b.Fatalf("the cover that is printed says %+v", printed)
	}
}
