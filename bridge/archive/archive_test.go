package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

func open(t testing.TB, dir string) *Archive {
	t.Helper()
	a, err := New(Options{Dir: dir, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// message makes a mail of about size bytes: a header, some text, the rest base64. Equal seeds give equal mails.
func message(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <vanthu@example.vn>\r\nReceived: by mx.quangtri.gov.vn; Sat, 20 Apr 2019 08:00:00 +0700\r\nSubject: %d\r\n\r\n", seed)
	for range min(size/8, 20<<10) / 40 {
		b.WriteString("Kính gửi: Ủy ban nhân dân các huyện.\r\n")
	}
	raw := make([]byte, 57)
	for b.Len() < size {
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		b.WriteString(base64.StdEncoding.EncodeToString(raw) + "\r\n")
	}
	return b.Bytes()
}

func seal(t testing.TB, a *Archive, raw []byte) bridge.Sealed {
	t.Helper()
	in := a.Begin()
	if _, err := in.Write(raw); err != nil {
		t.Fatal(err)
	}
	s, err := in.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put stores messages in one Append and gives their locations.
func put(t testing.TB, a *Archive, raws ...[]byte) []string {
	t.Helper()
	blobs := make([]bridge.Sealed, len(raws))
	for i := range raws {
		blobs[i] = seal(t, a, raws[i])
	}
	at, err := a.Append(t.Context(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		b.Discard()
	}
	return at
}

// check opens a message and compares every byte, also by reads that cross frames.
func check(t testing.TB, a *Archive, raw []byte, at string) {
	t.Helper()
	r, err := a.Open(t.Context(), sha256.Sum256(raw), at)
	if err != nil {
		t.Fatal(err)
	}
	if r.Size() != int64(len(raw)) {
		t.Errorf("size %d, want %d", r.Size(), len(raw))
	}
	got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("read %d bytes of %d, %v", len(got), len(raw), err)
	}
	for _, off := range []int{len(raw) / 2, frameSize - 3, len(raw) - 1} {
		if off < 0 || off >= len(raw) {
			continue
		}
		p := make([]byte, 9)
		n, err := r.ReadAt(p, int64(off))
		want := raw[off:min(off+9, len(raw))]
		if !bytes.Equal(p[:n], want) || (n < 9) != (err == io.EOF) {
			t.Errorf("ReadAt %d gives %q, %v; want %q", off, p[:n], err, want)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("read after Close")
	}
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	var raws [][]byte
	for i, size := range []int{0, 1, 300, frameSize - 1, frameSize, frameSize + 1, 3*frameSize + 17, 6 << 20} {
		raws = append(raws, message(uint64(i), size)[:size/2+size%2+min(size/2, size)])
	}
	raws[0] = nil
	at := put(t, a, raws...)
	for i, raw := range raws {
		check(t, a, raw, at[i]) // from memory, but for the largest
		check(t, a, raw, at[i]) // from the disk
	}
	b := open(t, dir) // another process
	for i, raw := range raws {
		check(t, b, raw, at[i])
	}
}

func TestSealedTellsDigests(t *testing.T) {
	a := open(t, t.TempDir())
	raw := message(1, 700_000)
	for _, step := range []int{1000, 32 << 10, len(raw)} {
		in := a.Begin()
		for i := 0; i < len(raw); i += step {
			if _, err := in.Write(raw[i:min(i+step, len(raw))]); err != nil {
				t.Fatal(err)
			}
		}
		s, err := in.Seal()
		if err != nil {
			t.Fatal(err)
		}
		c := parser.NewContentHash()
		c.Write(raw)
		if s.Raw() != bridge.Digest(sha256.Sum256(raw)) || s.Content() != bridge.Digest(c.Sum()) || s.Size() != int64(len(raw)) {
			t.Errorf("written %d bytes at a time: digests or size are wrong", step)
		}
		s.Discard()
	}
	in := a.Begin()
	if n, err := in.(io.ReaderFrom).ReadFrom(bytes.NewReader(raw)); n != int64(len(raw)) || err != nil {
		t.Errorf("ReadFrom gives %d, %v", n, err)
	}
	s, err := in.Seal()
	if err != nil || s.Raw() != bridge.Digest(sha256.Sum256(raw)) {
		t.Errorf("digest after ReadFrom is wrong, %v", err)
	}
	if _, err := in.Write([]byte("x")); err == nil {
		t.Error("write after Seal")
	}
	if _, err := in.(io.ReaderFrom).ReadFrom(strings.NewReader("x")); err == nil {
		t.Error("ReadFrom after Seal")
	}
	s.Discard()
	if _, err := a.Append(t.Context(), []bridge.Sealed{s}); err == nil {
		t.Error("appended what was discarded")
	}
}

func TestContentDigestIsThatOfBothDeliveries(t *testing.T) {
	a := open(t, t.TempDir())
	x := seal(t, a, []byte("Delivered-To: vanthu@quangtri.gov.vn\r\nSubject: a\r\n\r\nb"))
	y := seal(t, a, []byte("Delivered-To: phong@quangtri.gov.vn\r\nSubject: a\r\n\r\nb"))
	if x.Raw() == y.Raw() || x.Content() != y.Content() {
		t.Error("two deliveries must differ in their raw digest and agree in that of the content")
	}
}

func TestSpillKeepsMemoryFlat(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	const size = 100 << 20
	line := message(7, 57*1000)
	base := heap()
	var most uint64
	in, sum := a.Begin(), sha256.New()
	for n := 0; n < size; n += len(line) {
		line[len(line)/2]++ // no two pieces alike
		sum.Write(line)
		if _, err := in.Write(line); err != nil {
			t.Fatal(err)
		}
		if n/len(line)%300 == 0 {
			most = max(most, heap())
		}
	}
	s, err := in.Seal()
	if err != nil {
		t.Fatal(err)
	}
	at, err := a.Append(t.Context(), []bridge.Sealed{s})
	if err != nil {
		t.Fatal(err)
	}
	most = max(most, heap())
	s.Discard()
	r, err := a.Open(t.Context(), bridge.Digest(sum.Sum(nil)), at[0])
	if err != nil {
		t.Fatal(err)
	}
	most = max(most, heap())
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if most > base+16<<20 {
		t.Errorf("100 MB took %d MB of memory", (most-base)>>20)
	}
	if left, err := os.ReadDir(filepath.Join(dir, spoolName)); err != nil || len(left) > 0 {
		t.Errorf("%d spool files are left, %v", len(left), err)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func TestDiscardAndSweep(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	in := a.Begin()
	if _, err := in.Write(message(1, 7<<20)); err != nil {
		t.Fatal(err)
	}
	in.Discard()
	in.Discard()
	if _, err := in.Seal(); err == nil {
		t.Error("sealed after Discard")
	}
	old, young := filepath.Join(dir, spoolName, "message-1.tmp"), filepath.Join(dir, spoolName, "message-2.tmp")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * spoolAge)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("old spool file: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the spool file of a living process was removed: %v", err)
	}
	if names, err := a.disk.names(); err != nil || len(names) > 0 {
		t.Errorf("discarding left segments %v, %v", names, err)
	}
}
