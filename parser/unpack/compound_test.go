package unpack

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// TestStreams reads streams of a Word file anywhere, short ones from the mini stream too.
func TestStreams(t *testing.T) {
	long := make([]byte, 3*cfbCutoff+77)
	for i := range long {
		long[i] = byte(i * 7)
	}
	short := []byte("short table")
	for _, sector := range []int{512, 4096} {
		img := writeCFB(&cfbNode{storage: true, children: []*cfbNode{{name: "WordDocument", data: long}, {name: "1Table", data: short}, {name: "Other", data: short},
			{name: "ObjectPool", storage: true, children: []*cfbNode{{name: "0Table", data: short}}}}}, sector)
		b := DefaultBudget
		got, err := Streams(bytes.NewReader(img.bytes), int64(len(img.bytes)), &b)
		if err != nil || len(got) != 2 {
			t.Fatalf("%d streams, %v", len(got), err)
		}
		for name, want := range map[string][]byte{"worddocument": long, "1table": short} {
			all, err := io.ReadAll(io.NewSectionReader(got[name], 0, 1<<20))
			if err != nil || !bytes.Equal(all, want) || got[name].Size != int64(len(want)) {
				t.Errorf("%s: %d bytes of %d, %v", name, len(all), len(want), err)
			}
		}
		p := make([]byte, 600)
		for _, off := range []int64{5000, 1, cfbCutoff - 1} {
			if n, err := got["worddocument"].ReadAt(p, off); n != len(p) || err != nil || !bytes.Equal(p, long[off:off+600]) {
				t.Errorf("at %d: %d bytes, %v", off, n, err)
			}
		}
		if n, err := got["1table"].ReadAt(p, 6); n != 5 || !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %d bytes, %v", n, err)
		}
		if _, err := got["1table"].ReadAt(p, -1); err == nil {
			t.Error("before the beginning: no error")
		}
	}
	b := DefaultBudget
	if _, err := Streams(bytes.NewReader([]byte("x")), 1, &b); err == nil {
		t.Error("no compound file: no error")
	}
}
