package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/giaolien/giaolien/bridge"
)

// TestFlippedByteIsNamedAndNeverServed flips bytes in every part of a record.
func TestFlippedByteIsNamedAndNeverServed(t *testing.T) {
	dir := t.TempDir()
	raws := [][]byte{message(1, 3000), message(2, 2*frameSize+5000), message(3, 3000)}
	at := put(t, open(t, dir), raws...)
	l, err := parseLocation(at[1])
	if err != nil {
		t.Fatal(err)
	}
	third, err := parseLocation(at[2])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, l.segment+suffix)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []int64{0, 5, 40, 70, 80, 86, 91, 94, 120, headSize + 30, headSize + 3*entrySize + 5, 5000, frameSize + 9000, third.offset - l.offset - 1} {
		t.Run(fmt.Sprint(off), func(t *testing.T) {
			bad := bytes.Clone(whole)
			bad[l.offset+off] ^= 0x20
			if err := os.WriteFile(name, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			a := open(t, dir)
			r, err := a.Open(t.Context(), sha256.Sum256(raws[1]), at[1])
			if err == nil {
				t.Fatalf("served a damaged message: %v", r.Close())
			}
			sum := sha256.Sum256(raws[1])
			if !errors.Is(err, bridge.ErrDamaged) || !strings.Contains(err.Error(), at[1]) || !strings.Contains(err.Error(), hex.EncodeToString(sum[:])) {
				t.Errorf("the error does not name digest and location: %v", err)
			}
			found := scrub(t, a)
			if found[at[0]] != nil || found[at[2]] != nil || len(found) != 3 {
				t.Errorf("scrub finds %v", found)
			}
			if !errors.Is(found[at[1]], bridge.ErrDamaged) {
				t.Errorf("scrub says of the damaged message: %v", found[at[1]])
			}
			check(t, a, raws[0], at[0])
			check(t, a, raws[2], at[2])
		})
	}
}

func scrub(t *testing.T, a *Archive) map[string]error {
	t.Helper()
	found := map[string]error{}
	if err := a.Scrub(t.Context(), func(_ bridge.Digest, at string, err error) { found[at] = err }); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDamageAfterOpenIsNotServed(t *testing.T) {
	dir := t.TempDir()
	raw := message(2, 3*frameSize)
	at := put(t, open(t, dir), raw)
	r, err := open(t, dir).Open(t.Context(), sha256.Sum256(raw), at[0])
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	l, err := parseLocation(at[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, l.segment+suffix), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{0, 1, 2}, 9000); err != nil {
		t.Fatal(err)
	}
	if n, err := r.ReadAt(make([]byte, 100), 100); !errors.Is(err, bridge.ErrDamaged) {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestWrongLocationIsSearched(t *testing.T) {
	dir := t.TempDir()
	raw, other := message(1, 5000), message(2, 5000)
	at := put(t, open(t, dir), other, raw)
	a := open(t, dir)
	for _, wrong := range []string{at[0], "", "seg-00-1:0", "../../etc/passwd:0", at[1] + "1", strings.Replace(at[1], ":", ":-", 1)} {
		check(t, a, raw, wrong)
	}
	if got, err := a.Find(t.Context(), sha256.Sum256(raw)); err != nil || got != at[1] {
		t.Errorf("found at %q, %v; want %q", got, err, at[1])
	}
	none := bridge.Digest{1}
	if _, err := a.Find(t.Context(), none); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("find what is not there: %v", err)
	}
	if _, err := a.Open(t.Context(), none, at[0]); !errors.Is(err, bridge.ErrDamaged) {
		t.Errorf("open what is not there: %v", err)
	}
}

func TestSecondCopyServes(t *testing.T) {
	dir := t.TempDir()
	raw := message(1, 5000)
	at := put(t, open(t, dir), raw, raw)
	l, err := parseLocation(at[0])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, l.segment+suffix)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b[l.offset+500] ^= 1
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	check(t, open(t, dir), raw, at[0])
}

// TestTornTail cuts the segment at every length that a crash can leave.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	raws := [][]byte{message(1, 400), message(2, 600)}
	at := put(t, open(t, dir), raws...)
	l, err := parseLocation(at[1])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, l.segment+suffix)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := l.offset; n < int64(len(whole)); n++ {
		if err := os.WriteFile(name, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		a := open(t, dir)
		if found := scrub(t, a); len(found) != 1 || found[at[0]] != nil {
			t.Fatalf("cut at %d: scrub finds %v", n, found)
		}
		if _, err := a.Open(t.Context(), sha256.Sum256(raws[1]), at[1]); !errors.Is(err, bridge.ErrDamaged) {
			t.Fatalf("cut at %d: opened a torn message: %v", n, err)
		}
	}
}

func TestConcurrentAppends(t *testing.T) {
	dir := t.TempDir()
	c := &counting{disk: mustDisk(t, dir)}
	a, err := newOn(c, -1)
	if err != nil {
		t.Fatal(err)
	}
	a.out.most = 1 << 20 // several segments
	const writers, each = 16, 20
	var wg sync.WaitGroup
	var mu sync.Mutex
	want := map[string][]byte{}
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				raw := message(uint64(w*1000+i), 20_000)
				s := seal(t, a, raw)
				at, err := a.Append(context.Background(), []bridge.Sealed{s})
				if err != nil {
					t.Error(err)
					return
				}
				s.Discard()
				mu.Lock()
				want[at[0]] = raw
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(want) != writers*each {
		t.Fatalf("%d locations for %d messages", len(want), writers*each)
	}
	b := open(t, dir)
	for at, raw := range want {
		check(t, b, raw, at)
	}
	if n := c.syncs.Load(); n >= writers*each {
		t.Errorf("%d fsyncs for %d appends: none was shared", n, writers*each)
	}
	names, err := a.disk.names()
	if err != nil || len(names) < 3 {
		t.Errorf("segments %v, %v: none was ended", names, err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestRecentIsBounded(t *testing.T) {
	a := open(t, t.TempDir())
	a.recent.most = 1 << 20
	var at []string
	for i := range 40 {
		at = append(at, put(t, a, message(uint64(i), 100_000))...)
	}
	if a.recent.size > a.recent.most || len(a.recent.by) == 0 {
		t.Errorf("%d messages of %d bytes are kept in memory", len(a.recent.by), a.recent.size)
	}
	for i := range 40 {
		check(t, a, message(uint64(i), 100_000), at[i])
	}
	if a.recent.size != 0 || len(a.recent.by) != 0 {
		t.Errorf("after all were read %d bytes of %d messages stay in memory", a.recent.size, len(a.recent.by))
	}
	for i := range 100 { // one that nobody opens must not keep the others
		loc := put(t, a, message(uint64(100+i), 1000))
		if i > 0 {
			check(t, a, message(uint64(100+i), 1000), loc[0])
		}
	}
	if len(a.recent.old) > 20 {
		t.Errorf("%d entries for %d messages", len(a.recent.old), len(a.recent.by))
	}
}

func FuzzParseHead(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	h := head{size: 10, encoded: 10, frames: 1}
	f.Add(c.appendHead(nil, h, []frame{{length: 10, stored: true}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := c.parseHead(b)
		if err != nil || h.tableSize() > int64(len(b)-headSize) {
			return
		}
		if table, err := c.parseTable(b[headSize:headSize+h.tableSize()], h); err == nil && len(table) != framesFor(h.size) {
			t.Errorf("%d frames for %d bytes", len(table), h.size)
		}
	})
}
