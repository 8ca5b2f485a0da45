package store_test

import (
	"database/sql"
	"errors"
	"os"

	"github.com/pressly/goose/v3"

	"github.com/giaolien/giaolien/bridge/store"
)

// A database of the version before keeps its jobs, and never gives one the id of a job that is gone.
func testMigrateReadings(b *bench) {
	url := b.fresh(b.T)
	b.must(store.Migrate(b.ctx(), url))
	db := b.raw(b.T, url)
	migrate := func(step func(*goose.Provider) error) {
		b.Helper()
		name := goose.DialectPostgres
		if b.name == "sqlite" {
			name = goose.DialectSQLite3
		}
		p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
		b.must(err)
		b.must(step(p))
	}
	exec := func(query string) {
		b.Helper()
		_, err := db.Exec(query)
		b.must(err)
	}
	insert := func(kind string) (int, error) {
		var id int
		err := db.QueryRow("INSERT INTO jobs (kind, job_key, ready_at, fence) VALUES ('" + kind + "', 'x', '2026-06-15T02:00:00.000000Z', 7) RETURNING id").Scan(&id)
		return id, err
	}
	down := func(p *goose.Provider) error { _, err := p.DownTo(b.ctx(), 2); return err }
	migrate(down)
	last := 0
	for _, kind := range []string{"process", "notice"} {
		id, err := insert(kind)
		b.must(err)
		last = id
	}
	exec("DELETE FROM jobs WHERE kind = 'notice'")
	if _, err := insert("read"); err == nil {
		b.Fatal("the version before took a reading")
	}
	b.must(store.Migrate(b.ctx(), url))
	var fence int
	b.must(db.QueryRow("SELECT fence FROM jobs WHERE kind = 'process' AND job_key = 'x'").Scan(&fence))
	id, err := insert("read")
	b.must(err)
	if fence != 7 || id <= last {
		b.Fatalf("fence %d; the new job has id %d, one that was dropped had %d", fence, id, last)
	}
	exec("INSERT INTO file_evidence (sha256, reader, body, made_at) VALUES ('" + sum("a") + "', 'r', '{}', '2026-06-15T02:00:00.000000Z')")
	migrate(down)
	if _, err := insert("notice"); err != nil {
		b.Fatal(err)
	}
	if err := db.QueryRow("SELECT fence FROM jobs WHERE kind = 'read'").Scan(&fence); !errors.Is(err, sql.ErrNoRows) {
		b.Fatalf("after the way back a reading is there: %v", err)
	}
	b.must(store.Migrate(b.ctx(), url))
}

// A database of the version before keeps its jobs, and on the way back the deliveries are gone.
func testMigrateDispatches(b *bench) {
	url := b.fresh(b.T)
	b.must(store.Migrate(b.ctx(), url))
	db := b.raw(b.T, url)
	name := goose.DialectPostgres
	if b.name == "sqlite" {
		name = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
	b.must(err)
	insert := func(kind string) (id int, err error) {
		err = db.QueryRow("INSERT INTO jobs (kind, job_key, ready_at, fence) VALUES ('" + kind + "', 'x', '2026-06-15T02:00:00.000000Z', 7) RETURNING id").Scan(&id)
		return id, err
	}
	_, err = p.DownTo(b.ctx(), 3)
	b.must(err)
	before, err := insert("read")
	b.must(err)
	if _, err := insert("dispatch"); err == nil {
		b.Fatal("the version before took a delivery")
	}
	b.must(store.Migrate(b.ctx(), url))
	after, err := insert("dispatch")
	b.must(err)
	if after <= before {
		b.Fatalf("the new job has id %d, an older one %d", after, before)
	}
	_, err = p.DownTo(b.ctx(), 3)
	b.must(err)
	var kinds string
	b.must(db.QueryRow("SELECT kind FROM jobs").Scan(&kinds))
	if kinds != "read" {
		b.Fatalf("left is a job of kind %s", kinds)
	}
	b.must(store.Migrate(b.ctx(), url))
}

// A database of the version before keeps what people said, and takes what they may say now; on the way back a withdrawal is a refusal.
func testMigrateRecords(b *bench) {
	url := b.fresh(b.T)
	b.must(store.Migrate(b.ctx(), url))
	db := b.raw(b.T, url)
	name := goose.DialectPostgres
	if b.name == "sqlite" {
		name = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
	b.must(err)
	const at = "'2026-06-15T02:00:00.000000Z'"
	insert := func(seq, kind string) error {
		_, err := db.Exec("INSERT INTO amendments (receipt, seq, kind, fields, reason, made_by, made_at) VALUES ('GL-2026-0000001', " + seq + ", '" + kind + "', '{}', 'nhầm', 'lan', " + at + ")")
		return err
	}
	kinds := func() string {
		var all string
		b.must(db.QueryRow("SELECT group_concat(kind || ' ' || reason) FROM (SELECT kind, reason FROM amendments ORDER BY seq) AS a").Scan(&all))
		return all
	}
	if b.name != "sqlite" {
		kinds = func() string {
			var all string
			b.must(db.QueryRow("SELECT string_agg(kind || ' ' || reason, ',' ORDER BY seq) FROM amendments").Scan(&all))
			return all
		}
	}
	_, err = p.DownTo(b.ctx(), 5)
	b.must(err)
	for _, row := range []string{"INSERT INTO receiving_agencies (id, name, since) VALUES ('a', 'A', " + at + ")", "INSERT INTO messages (content) VALUES ('" + sum("c") + "')",
		"INSERT INTO receipts (id, receiver, channel, content, origin, imported, state, stored_at) VALUES ('GL-2026-0000001', 'a', 'email', '" + sum("c") + "', 'o', " + map[bool]string{true: "0", false: "false"}[b.name == "sqlite"] + ", 'waiting', " + at + ")"} {
		_, err := db.Exec(row)
		b.must(err)
	}
	b.must(insert("1", "refuse"))
	if insert("2", "withdraw") == nil {
		b.Fatal("the version before took a withdrawal")
	}
	b.must(store.Migrate(b.ctx(), url))
	b.must(insert("2", "withdraw"))
	if got := kinds(); got != "refuse nhầm,withdraw nhầm" {
		b.Fatalf("after the migration there is %q", got)
	}
	_, err = p.DownTo(b.ctx(), 5)
	b.must(err)
	if got := kinds(); got != "refuse nhầm,refuse nhầm" {
		b.Fatalf("after the way back there is %q", got)
	}
	b.must(store.Migrate(b.ctx(), url))
}

// A database of the version before keeps its notices; on the way back what a digest speaks for is settled.
func testMigrateCaps(b *bench) {
	url := b.fresh(b.T)
	b.must(store.Migrate(b.ctx(), url))
	db := b.raw(b.T, url)
	name := goose.DialectPostgres
	if b.name == "sqlite" {
		name = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
	b.must(err)
	const at = "'2026-06-15T02:00:00.000000Z'"
	exec := func(query string) {
		b.Helper()
		_, err := db.Exec(query)
		b.must(err)
	}
	body := map[string]string{"sqlite": "x''", "postgres": "''::bytea"}[b.name]
	insert := func(id, state, settled string) string {
		return "INSERT INTO notices (id, kind, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at, settled_at, reply) VALUES ('" +
			id + "', 'reject', 'a', '', 'x@y.vn', '{}', '" + id + "@y', '', 'x@y.vn', " + body + ", '" + state + "', " + at + ", " + settled + ", 'r')"
	}
	_, err = p.DownTo(b.ctx(), 8)
	b.must(err)
	exec(insert("n1", "queued", "NULL"))
	if _, err := db.Exec(insert("n2", "digested", at)); err == nil {
		b.Fatal("the version before took a digested notice")
	}
	b.must(store.Migrate(b.ctx(), url))
	if _, err := db.Exec(insert("n2", "digested", at)); err == nil {
		b.Fatal("a digested notice without its digest was taken")
	}
	exec(insert("d1", "queued", "NULL"))
	exec("UPDATE notices SET state = 'digested', digest = 'd1', settled_at = " + at + " WHERE id = 'n1'")
	exec("INSERT INTO digest_entries (digest, notice) VALUES ('d1', 'n1')")
	if _, err := db.Exec("INSERT INTO digest_entries (digest, notice) VALUES ('d9', 'n1')"); err == nil && b.name != "sqlite" { // this connection of SQLite checks no references
		b.Fatal("an entry of no digest was taken")
	}
	var gist string
	b.must(db.QueryRow("SELECT gist FROM notices WHERE id = 'n1'").Scan(&gist))
	if gist != "{}" {
		b.Fatalf("an old notice has the gist %q", gist)
	}
	_, err = p.DownTo(b.ctx(), 8)
	b.must(err)
	var state, reply string
	b.must(db.QueryRow("SELECT state, reply FROM notices WHERE id = 'n1'").Scan(&state, &reply))
	if state != "cancelled" || reply != "digested" {
		b.Fatalf("after the way back it is %s, %q", state, reply)
	}
	b.must(store.Migrate(b.ctx(), url))
	var n int
	b.must(db.QueryRow("SELECT count(*) FROM notices WHERE reply = 'digested' OR id = 'd1'").Scan(&n))
	if n != 2 {
		b.Fatalf("%d notices are left, want 2", n)
	}
}
