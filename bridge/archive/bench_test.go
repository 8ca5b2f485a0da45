package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// BenchmarkIntake is what one mail of 300 KB costs before and while it is made durable: two hashes, packing, and the write without fsync.
func BenchmarkIntake(b *testing.B) {
	for name, raw := range map[string][]byte{"base64": message(1, 300_000), "text": textMessage(300_000)} {
		b.Run(name, func(b *testing.B) {
			d := &noSync{mustDisk(b, b.TempDir())}
			a, err := newOn(d, -1)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				s := seal(b, a, raw)
				if _, err := a.Append(b.Context(), []bridge.Sealed{s}); err != nil {
					b.Fatal(err)
				}
				s.Discard()
			}
			if err := a.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}

func textMessage(size int) []byte {
	raw := message(1, 20<<10)
	for len(raw) < size {
		raw = append(raw, "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;\r\n"...)
	}
	return raw
}

type noSync struct{ *folder }

type noSyncFile struct{ file }

func (d *noSync) create(name string) (file, error) {
	f, err := d.folder.create(name)
	return noSyncFile{f}, err
}
func (noSyncFile) Sync() error { return nil }

// BenchmarkAppend compares, within each iteration, 320 mails appended by ten at a time from two goroutines with the same mails written to
// one file each (temporary name, fsync, rename, fsync of the folder). It prints both and the ratio.
func BenchmarkAppend(b *testing.B) {
	const count, batch = 320, 32
	mails := make([][]byte, count)
	var bytes int64
	for i := range mails {
		mails[i] = message(uint64(i), 20_000+(i*7919)%560_000)
		bytes += int64(len(mails[i]))
	}
	var grouped, single time.Duration
	n := 0
	for b.Loop() {
		n++
		dir := b.TempDir()
		a, err := New(Options{Dir: dir, Reserve: -1})
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		var wg sync.WaitGroup
		for half := range 2 {
			wg.Go(func() {
				for i := half * batch; i < count; i += 2 * batch {
					appendBatch(b, a, mails[i:i+batch])
				}
			})
		}
		wg.Wait()
		grouped += time.Since(begun)
		if err := a.Close(); err != nil {
			b.Error(err)
		}

		dir = b.TempDir()
		begun = time.Now()
		for _, raw := range mails {
			if err := writeAlone(dir, raw); err != nil {
				b.Fatal(err)
			}
		}
		single += time.Since(begun)
	}
	perMail := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(n*count) }
	b.ReportMetric(perMail(grouped), "µs/mail-grouped")
	b.ReportMetric(perMail(single), "µs/mail-one-file-each")
	b.ReportMetric(float64(single)/float64(grouped), "ratio")
	b.ReportMetric(0, "ns/op")
}

func appendBatch(b *testing.B, a *Archive, mails [][]byte) {
	blobs := make([]bridge.Sealed, len(mails))
	for i, raw := range mails {
		blobs[i] = seal(b, a, raw)
	}
	if _, err := a.Append(b.Context(), blobs); err != nil {
		b.Error(err)
	}
	for _, s := range blobs {
		s.Discard()
	}
}

// writeAlone is the other side of the comparison: a file per message, no less durable.
func writeAlone(dir string, raw []byte) error {
	sum := sha256.Sum256(raw)
	name := filepath.Join(dir, hex.EncodeToString(sum[:]))
	f, err := os.Create(name + ".tmp")
	if err != nil {
		return err
	}
	if _, err := f.Write(raw); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(name+".tmp", name); err != nil {
		return err
	}
	return syncFolder(dir)
}
