package report

import (
	"io"
	"testing"
)

func BenchmarkTenThousandLines(b *testing.B) {
	entries := sample(10_000)
	table := IncomingBook(entries, sampleCover(entries), made())
	for name, write := range map[string]func(io.Writer, Table) error{"csv": CSV, "xlsx": XLSX, "pdf": PDF} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, table); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
