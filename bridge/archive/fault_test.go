package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/giaolien/giaolien/bridge"
)

func mustDisk(t testing.TB, dir string) *folder {
	t.Helper()
	d, err := openDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// counting counts fsyncs of files.
type counting struct {
	disk
	syncs atomic.Int64
}

type countingFile struct {
	file
	n *atomic.Int64
}

func (c *counting) create(name string) (file, error) {
	f, err := c.disk.create(name)
	return countingFile{f, &c.syncs}, err
}

func (f countingFile) Sync() error { f.n.Add(1); return f.file.Sync() }

// how a step goes wrong.
type how string

const (
	lost  how = "failed and lost"
	done  how = "failed but done"
	short how = "short"
)

// faulty fails at the n-th step that changes something on the disk.
type faulty struct {
	disk
	at, steps int
	how       how
	err       error
	broke     string // which step failed
	freeBytes int64
}

// step runs do unless this is the step that fails.
func (d *faulty) step(what string, do func() error) error {
	d.steps++
	if d.steps != d.at {
		return do()
	}
	d.broke = what
	if d.how == done {
		return errors.Join(d.err, do())
	}
	return d.err
}

func (d *faulty) create(name string) (f file, err error) {
	err = d.step("create segment", func() error { f, err = d.disk.create(name); return err })
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d, "segment"}, nil
}

func (d *faulty) spool() (f file, err error) {
	err = d.step("create spool", func() error { f, err = d.disk.spool(); return err })
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d, "spool"}, nil
}

func (d *faulty) syncDir() error { return d.step("sync folder", d.disk.syncDir) }

func (d *faulty) free() (int64, error) {
	if d.freeBytes > 0 {
		return d.freeBytes, nil
	}
	return d.disk.free()
}

type faultyFile struct {
	file
	d    *faulty
	what string
}

func (f *faultyFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.d.step("write "+f.what, func() error { n, err = f.file.WriteAt(p, off); return err })
	if err != nil && f.d.how == short {
		n, _ = f.file.WriteAt(p[:len(p)/2], off)
		if f.d.err == nil {
			return n, nil
		}
	}
	return n, err
}

func (f *faultyFile) Sync() error { return f.d.step("sync "+f.what, f.file.Sync) }

func (f *faultyFile) Close() error {
	return errors.Join(f.d.step("close "+f.what, func() error { return nil }), f.file.Close())
}

// TestEveryStepCanFail lets each step of a run fail in each way: what Append has confirmed must be there, and the archive must work on.
func TestEveryStepCanFail(t *testing.T) {
	raws := [][]byte{message(1, 2000), message(2, frameSize+9000), message(3, 1200<<10), message(4, 800)}
	seen := map[string]bool{}
	for _, kind := range []how{lost, done, short} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			d := &faulty{disk: mustDisk(t, dir), at: n, how: kind, err: syscall.EIO}
			a, err := newOn(d, -1)
			if err != nil {
				t.Fatal(err)
			}
			a.held, a.out.most = 600<<10, 1<<20 // the third is spooled and message ends the segment
			var failed int
			at := make([]string, len(raws))
			for i, raw := range raws {
				for at[i] == "" { // the caller keeps its work and tries again
					if at[i], err = store(t, a, raw); err != nil {
						failed++
						if !errors.Is(err, syscall.EIO) {
							t.Fatalf("%s at step %d: %v", kind, n, err)
						}
					}
				}
			}
			closeErr := a.Close()
			b := open(t, dir)
			for i, raw := range raws {
				if err := b.Verify(t.Context(), sha256.Sum256(raw), at[i]); err != nil {
					t.Errorf("%s at step %d: confirmed message %d: %v", kind, n, i, err)
				}
			}
			for l, err := range scrub(t, b) {
				if err != nil {
					t.Errorf("%s at step %d: scrub at %s: %v", kind, n, l, err)
				}
			}
			if d.steps < n {
				if n < 10 {
					t.Fatalf("only %d steps", d.steps)
				}
				break
			}
			// Closing a spool file has no consequence; everything else must be told.
			if failed == 0 && closeErr == nil && d.broke != "close spool" {
				t.Errorf("%s at step %d (%s): nobody was told", kind, n, d.broke)
			}
			seen[d.broke] = true
		}
	}
	for _, what := range []string{"create segment", "sync folder", "sync segment", "write segment", "close segment", "create spool", "write spool"} {
		if !seen[what] {
			t.Errorf("no %q ever failed", what)
		}
	}
}

// store is what Door.Accept does with one message.
func store(t *testing.T, a *Archive, raw []byte) (string, error) {
	t.Helper()
	in := a.Begin()
	if _, err := in.Write(raw); err != nil {
		in.Discard()
		return "", err
	}
	s, err := in.Seal()
	if err != nil {
		return "", err
	}
	defer s.Discard()
	at, err := a.Append(t.Context(), []bridge.Sealed{s})
	if err != nil {
		return "", err
	}
	return at[0], nil
}

// TestSegmentIsAbandonedAfterError looks at the file names: after an error no byte may go to the same segment.
func TestSegmentIsAbandonedAfterError(t *testing.T) {
	for _, kind := range []how{lost, done, short} {
		for n := 1; n <= 2; n++ { // write, sync
			d := &faulty{disk: mustDisk(t, t.TempDir()), how: kind, err: syscall.EIO}
			a, err := newOn(d, -1)
			if err != nil {
				t.Fatal(err)
			}
			first, err := store(t, a, message(1, 500))
			if err != nil {
				t.Fatal(err)
			}
			d.at = d.steps + n
			if _, err := store(t, a, message(2, 500)); err == nil {
				t.Fatalf("%s: step %d did not fail", kind, n)
			}
			second, err := store(t, a, message(2, 500))
			if err != nil {
				t.Fatal(err)
			}
			x, errX := parseLocation(first)
			y, errY := parseLocation(second)
			if errX != nil || errY != nil || x.segment == y.segment {
				t.Errorf("%s at step %d: %s was written to again: %s", kind, n, first, second)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFullDisk(t *testing.T) {
	for _, big := range [][]byte{message(1, 6<<20), message(2, 1<<20)} {
		testFullDisk(t, big)
	}
}

func testFullDisk(t *testing.T, big []byte) {
	for n := 1; n <= 5; n++ {
		d := &faulty{disk: mustDisk(t, t.TempDir()), at: n, how: short, err: syscall.ENOSPC}
		a, err := newOn(d, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store(t, a, big); !errors.Is(err, bridge.ErrNoSpace) {
			t.Errorf("step %d: %v", n, err)
		}
		if names, err := d.names(); err != nil || len(names) > 0 {
			t.Errorf("step %d: a full disk gathers %v, %v", n, names, err)
		}
		at, err := store(t, a, big) // room again
		if err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		check(t, a, big, at)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestReserveIsKept(t *testing.T) {
	d := &faulty{disk: mustDisk(t, t.TempDir()), freeBytes: 10 << 20}
	a, err := newOn(d, 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	at, err := store(t, a, message(1, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	d.freeBytes = 8<<20 + 1000
	for _, size := range []int{1 << 20, 7 << 20} { // held in memory, spooled
		if _, err := store(t, a, message(2, size)); !errors.Is(err, bridge.ErrNoSpace) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	check(t, a, message(1, 1<<20), at) // reading goes on
	d.freeBytes = 100 << 20
	if _, err := store(t, a, message(2, 1<<20)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestAppendWritesAllOrNothing(t *testing.T) {
	d := &faulty{disk: mustDisk(t, t.TempDir()), how: lost, err: io.ErrClosedPipe}
	a, err := newOn(d, -1)
	if err != nil {
		t.Fatal(err)
	}
	var blobs []bridge.Sealed
	for i := range 5 {
		blobs = append(blobs, seal(t, a, message(uint64(i), 3000)))
	}
	d.at = d.steps + 5 // create, sync, folder, write, sync
	if at, err := a.Append(t.Context(), blobs); err == nil || at != nil {
		t.Fatalf("%v, %v", at, err)
	}
	at, err := a.Append(t.Context(), blobs) // the same blobs again, as Accept's contract allows
	if err != nil {
		t.Fatal(err)
	}
	for i := range blobs {
		check(t, a, message(uint64(i), 3000), at[i])
		check(t, a, message(uint64(i), 3000), at[i])
	}
	if err := a.Close(); err != nil {
		t.Error(fmt.Errorf("close: %w", err))
	}
}
