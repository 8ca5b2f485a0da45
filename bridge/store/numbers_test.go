package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/store"
)

// A report that names only a number finds its document by an index, however many documents the receiving agency has.
func testNumberPlan(b *bench) {
	file, explain := "queries/postgres/relations.sql", "EXPLAIN "
	cond, bound := "Index Cond:", "< j.behind)"
	if b.name == "sqlite" {
		file, explain, cond, bound = "queries/relations.sql", "EXPLAIN QUERY PLAN ", "SEARCH k ", "(receiver=? AND rec_key>? AND rec_key<?)"
	}
	body, err := os.ReadFile(file)
	b.must(err)
	texts, err := store.ParseQueries(string(body))
	b.must(err)
	query, err := store.Expand(b.name != "sqlite", texts["answered-by-number"])
	b.must(err)
	query = strings.ReplaceAll(query, ":rows", `'[{"asker":"a","i":0,"receiver":"ubnd","prefix":"12|x|","behind":"12|x}"}]'`)
	db := b.raw(b.T, b.url)
	fill := []string{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)" +
		" INSERT INTO record_keys (receiver, rec_key, record) SELECT 'ubnd', CAST(i AS text) || '|x|snv|2026', 'r' FROM n", "ANALYZE"}
	if b.name == "sqlite" {
		fill = append([]string{"PRAGMA foreign_keys = off"}, fill...)
	} else {
		fill = append([]string{"ALTER TABLE record_keys DROP CONSTRAINT record_keys_record_fkey"}, fill...)
	}
	conn, err := db.Conn(b.ctx())
	b.must(err)
	defer func() { b.must(conn.Close()) }()
	for _, step := range fill {
		_, err := conn.ExecContext(b.ctx(), step)
		b.must(err)
	}
	rows, err := conn.QueryContext(b.ctx(), explain+query)
	b.must(err)
	plan := planOf(b, rows)
	if !slices.ContainsFunc(strings.Split(plan, "\n"), func(line string) bool { return strings.Contains(line, cond) && strings.Contains(line, bound) }) {
		b.Fatalf("the plan is\n%s", plan)
	}
}

// planOf joins the last columns of the rows, which hold the words in both databases.
func planOf(b *bench, rows *sql.Rows) string {
	b.Helper()
	names, err := rows.Columns()
	b.must(err)
	var plan strings.Builder
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		b.must(rows.Scan(values...))
		fmt.Fprintln(&plan, values[len(values)-1].(*sql.NullString).String)
	}
	b.must(rows.Err())
	return plan.String()
}
