package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/giaolien/giaolien/bridge/report"
)

// BenchmarkMonthly reports on a month with 100,000 receipts; one operation is the whole command.
func BenchmarkMonthly(b *testing.B) {
	for name, server := range map[string]string{"sqlite": "", "postgres": os.Getenv("GIAOLIEN_TEST_POSTGRES")} {
		if name == "postgres" && server == "" {
			continue
		}
		p := newPast(b, server)
		p.run("drain")
		p.multiply(100_000)
		p.multiplyRecords()
		p.exec("UPDATE receipts SET counted_at = '2026-03-15T02:00:00.000000Z'")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var m report.Monthly
				must(b, json.Unmarshal([]byte(p.run("report", "monthly", "--month", "2026-03", "--format", "json")), &m))
				if m.Total.Documents()+m.Total.Joined+m.Secrets+m.Imported < 70_000 {
					b.Fatalf("%+v", m.Total)
				}
			}
		})
	}
}

// multiplyRecords gives the copies of receipts copies of their records, joined as they are; of numbers each has its own.
func (p *past) multiplyRecords() {
	p.t.Helper()
	p.exec(`INSERT INTO records (id, receipt, n, receiver, agency, state, rec_key, document, files, missing, book, book_year, so_den, numbered_at, joined_to)
SELECT c.id || '/' || n.n, c.id, n.n, n.receiver, n.agency, n.state, n.rec_key, n.document, n.files, n.missing, n.book,
    CASE WHEN n.so_den IS NULL THEN NULL ELSE 2000 + CAST(substr(t.id, 9) AS integer) END,
    CASE WHEN n.so_den IS NULL THEN NULL ELSE CAST(substr(c.id, 9) AS integer) END, n.numbered_at, n.joined_to
FROM receipts AS t JOIN records AS n ON n.receipt = t.id JOIN receipts AS c ON c.id LIKE 'GL-2025-%' AND c.origin LIKE t.origin || '-%'
WHERE t.id NOT LIKE 'GL-2025-%'`)
}
