package store_test

import (
	"database/sql"
	"os"
	"reflect"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// beforeRegister is the last version of the schema without lines of books.
const beforeRegister = 4

// down takes the schema back to a version.
func (b *bench) down(db *sql.DB, version int64) {
	b.Helper()
	name := goose.DialectPostgres
	if b.name == "sqlite" {
		name = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
	b.must(err)
	_, err = p.DownTo(b.ctx(), version)
	b.must(err)
}

// A database from before the register has its lines afterwards as if Commit had written them: issuers and counted instants out of the
// outcomes, a secret book for what is quarantined.
func testMigrateRegister(b *bench) {
	tasks := b.tasks(5)
	first := settled(tasks[0], bridge.Registered, "1/UBND")
	first.Outcome.Records[0].Issuer = directory.Match{Agency: "dong-ha-cu", Name: "UBND thành phố Đông Hà"}
	first.Outcome.Instant.At = first.Outcome.Instant.At.Add(123456 * time.Microsecond)
	second := settled(tasks[1], bridge.Registered, "2/UBND")
	second.Outcome.Records[0].Document.CoQuan = "Sở Y tế"
	third := settled(tasks[2], bridge.Registered, "3/UBND")
	third.Outcome.Records[0].Sender.Name = "Sở Tài chính"
	b.commit(first, second, third, settled(tasks[4], bridge.Held, ""))
	secret := func(s bridge.Settlement) bridge.Settlement {
		s.Outcome.Reason = bridge.ReasonSecret
		s.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
		s.Outcome.Records[0].Sender.Name = "Công an tỉnh"
		return s
	}
	b.clock.pass(time.Hour)
	b.commit(secret(settled(tasks[3], bridge.Quarantined, "")))
	b.until(midnight.Add(time.Hour))
	b.commit(secret(b.again(tasks[2].Receipt.ID, bridge.Quarantined)))
	all := b.lines(register.Query{})
	if got := numbersOf(all); got != "den 1/2026 registered; den 2/2026 registered; den 3/2026 blanked; mat 1/2026 registered; mat 1/2027 registered; " {
		b.Fatalf("lines are %s", got)
	}
	var counted, without int
	counted = b.count("SELECT count(*) FROM receipts WHERE counted_at IS NOT NULL")
	db := b.raw(b.T, b.url)
	b.down(db, beforeRegister)
	b.must(db.QueryRow("SELECT count(*) FROM books WHERE kind = 'mat'").Scan(&without))
	b.must(store.Migrate(b.ctx(), b.url))
	b.Store = b.another()
	again := b.lines(register.Query{})
	for i := range all {
		want, got := all[i], again[i]
		if b.name == "sqlite" { // its functions count milliseconds
			want.Arrived = want.Arrived.Truncate(time.Millisecond)
			for j := range want.Ways {
				want.Ways[j].At = want.Ways[j].At.Truncate(time.Millisecond)
			}
		}
		if !reflect.DeepEqual(got, want) {
			b.Errorf("line %d is %+v, was %+v", i, got, want)
		}
	}
	if len(again) != len(all) || without != 0 || counted != 5 {
		b.Fatalf("%d lines, %d before; %d secret books on the way; %d counted", len(again), len(all), without, counted)
	}
	b.wantCount("SELECT count(*) FROM receipts WHERE counted_at IS NOT NULL", counted)
	b.wantGapless()
	last := b.tasks(1)[0]
	b.commit(settled(last, bridge.Registered, "5/UBND"))
	if got := b.explain(last.Receipt.ID).Records[0].SoDen; got != "1/2027" {
		b.Fatalf("the next number is %s", got)
	}
}
