package pdfsign

import (
	"bytes"
	"strings"
	"testing"
)

func benchmarkRead(b *testing.B, size int) {
	p := newPDF(b)
	p.packed = true
	p.set(50, stream("", strings.Repeat("0123456789abcdef", size/16)))
	p.save().sign(newSigner(b)).sign(newSigner(b))
	b.SetBytes(int64(len(p.b)))
	b.ReportAllocs()
	for b.Loop() {
		rep, err := Read(bytes.NewReader(p.b), int64(len(p.b)), DefaultLimits)
		if err != nil || len(rep.Signatures) != 2 {
			b.Fatal(rep, err)
		}
		if j := JudgeFile(&rep, roots(), judged); j.State != Valid {
			b.Fatal(j)
		}
	}
}

func BenchmarkRead100KB(b *testing.B) { benchmarkRead(b, 100<<10) }
func BenchmarkRead10MB(b *testing.B)  { benchmarkRead(b, 10<<20) }
