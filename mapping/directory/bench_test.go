package directory

import (
	"fmt"
	"strings"
	"testing"
)

// many is a directory as large as that of the axis: 100,000 agencies of 34 provinces, of which one in ten has ended and has a successor.
func many(b *testing.B) *Directory {
	b.Helper()
	const n = 100_000
	var s strings.Builder
	s.WriteString("id,code,aliases,addresses,domains,patterns,valid_to,successors\n")
	for i := range n {
		until, heir := "", ""
		if i%10 == 3 {
			until, heir = "2025-06-30", fmt.Sprintf("x%d", i+1)
		}
		fmt.Fprintf(&s, "x%d,H%02d.%d,%03d.%02d.00.H%02d;L%d,vanthu%d@tinh%d.gov.vn,dv%d.gov.vn,*.dv%d@tinh%d.gov.vn,%s,%s\n",
			i, i%34, i, i%1000, i/1000%100, i%34, i, i, i%34, i/2, i, i%34, until, heir)
	}
	d, _, err := Read("many.csv", []byte(s.String()))
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkLookup asks a directory of 100,000 agencies; the goal is less than 10 µs for each question.
func BenchmarkLookup(b *testing.B) {
	d := many(b)
	at := day("2026-01-01")
	for _, c := range []struct{ name, addr string }{
		{"address", "vanthu77777@tinh19.gov.vn"}, {"address-of-ended", "vanthu77773@tinh15.gov.vn"}, {"pattern", "nguyen.van.an.dv77777@tinh19.gov.vn"},
		{"shared-domain", "ai@dv1234.gov.vn"}, {"domain-with-ended", "ai@dv1231.gov.vn"}, {"nobody", "nguyen.van.an.phong.khac@tinh19.gov.vn"}, {"trick", "vanthu77777@tinh19.gov.vn.evil.com"},
		{"u-label", "vanthu@quảngtrị.vn"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				d.ByAddress(c.addr, at)
			}
		})
	}
	for _, c := range []struct{ name, code string }{{"code", "H19.77777"}, {"code-of-ended", "h15.77773"}, {"alias", "L77777"}, {"converted", "000.00.31.H99"}, {"unknown-code", "H99.1.2.3"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				d.ByCode(c.code, at)
			}
		})
	}
	b.Run("as-of", func(b *testing.B) {
		for b.Loop() {
			d.AsOf("x77774", day("2024-01-01"))
		}
	})
}

// BenchmarkRead reads, checks and indexes 100,000 lines.
func BenchmarkRead(b *testing.B) {
	data := Write(many(b).Agencies())
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := Read("many.csv", data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMerge imports 100,000 lines into the same 100,000.
func BenchmarkMerge(b *testing.B) {
	d := many(b)
	data := Write(d.Agencies())
	for b.Loop() {
		if _, err := Merge(d, "many.csv", data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSync compares with a list of 100,000.
func BenchmarkSync(b *testing.B) {
	d := many(b)
	var list []Listed
	for _, a := range d.Agencies() {
		list = append(list, Listed{Code: a.Code, Old: a.Aliases[0], Name: a.Name})
	}
	for b.Loop() {
		d.Sync(list, day("2026-01-01"))
	}
}
