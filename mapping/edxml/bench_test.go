package edxml

import (
	"bytes"
	"crypto/rand"
	"io"
	"runtime"
	"testing"
)

// A package with one file of 10 MB. peak-KB is how much more memory was in use while it went through than before, at most; the bytes
// of the package itself, which the benchmark holds, are not in it.
const tenMB = 10 << 20

func big(b *testing.B) (Edoc, []byte) {
	b.Helper()
	content := make([]byte, tenMB)
	if _, err := rand.Read(content); err != nil {
		b.Fatal(err)
	}
	e := whole()
	e.Files = []File{{ContentID: "c0", Name: "a.pdf", Size: tenMB}}
	return e, content
}

// peaks gives the highest use of memory at the calls of its method above that of its making.
type peaks struct {
	r    io.Reader
	base uint64
	top  uint64
	seen int
}

func newPeaks(r io.Reader) *peaks {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return &peaks{r: r, base: m.HeapAlloc, top: m.HeapAlloc}
}

func (p *peaks) Read(b []byte) (int, error) {
	if p.seen++; p.seen%64 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		p.top = max(p.top, m.HeapAlloc)
	}
	return p.r.Read(b)
}

func (p *peaks) report(b *testing.B) { b.ReportMetric(float64(p.top-p.base)/1024, "peak-KB") }

func BenchmarkEncode10MB(b *testing.B) {
	e, content := big(b)
	encode := func(r io.Reader) {
		if err := Encode(io.Discard, e, func(int) (io.Reader, error) { return r, nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(tenMB)
	b.ReportAllocs()
	for b.Loop() {
		encode(bytes.NewReader(content))
	}
	b.StopTimer()
	p := newPeaks(bytes.NewReader(content))
	encode(p)
	p.report(b)
}

func BenchmarkDecode10MB(b *testing.B) {
	e, content := big(b)
	in, err := edocBytes(e, [][]byte{content})
	if err != nil {
		b.Fatal(err)
	}
	decode := func(r io.Reader) {
		var n int64
		p, err := Decode(r, Limits{}, func(_ int, r io.Reader) (err error) { n, err = io.Copy(io.Discard, r); return err })
		if err != nil || p.Refused() || n != tenMB {
			b.Fatal(err, p.Findings, n)
		}
	}
	b.SetBytes(tenMB)
	b.ReportAllocs()
	for b.Loop() {
		decode(bytes.NewReader(in))
	}
	b.StopTimer()
	p := newPeaks(bytes.NewReader(in))
	decode(p)
	p.report(b)
}

func BenchmarkDecodeHeader(b *testing.B) {
	b.SetBytes(int64(len(letter)))
	b.ReportAllocs()
	for b.Loop() {
		if p, err := Decode(bytes.NewReader([]byte(letter)), Limits{}, nil); err != nil || p.Refused() {
			b.Fatal(err)
		}
	}
}
