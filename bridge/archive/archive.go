// Package archive keeps raw messages by digest in a local folder, durable before anything else happens to them.
//
// Messages are appended to segment files, each of which belongs to one process for ever: nobody else writes to it. All messages of an
// Append, and of all Appends that wait at the same moment, share one fsync. A message is cut into frames of 256 KiB that are compressed
// one by one, so that a reader can seek and a writer needs little memory. Whatever was not synced, or was synced with an error, is never
// referred to: after any error the segment is left alone and a new one is begun, because the kernel may forget a failed write after
// having reported it once (PostgreSQL, data_sync_retry).
//
// Opening a message reads all of it once and compares the SHA-256. Bytes that do not match are never served.
//
// The folder must be on a file system where fsync means what it says and where new files survive after their folder has been synced.
package archive

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

const (
	frameSize   = 256 << 10 // raw bytes of every frame but the last
	heldMost    = 4 << 20   // encoded bytes of one message that stay in memory; the rest is spooled
	recentMost  = 64 << 20  // encoded bytes of all messages that wait in memory for their worker
	segmentMost = 256 << 20 // a segment that is longer gets no further record
	writeBuffer = 1 << 20
	spoolAge    = 24 * time.Hour
)

// Options say where the archive is and when it counts as full.
type Options struct {
	Dir string
	// Reserve is how many bytes of the disk are left free: below it nothing is accepted. 0 means 256 MiB, negative none.
	Reserve int64
}

// Archive implements bridge.Archive. It is safe for concurrent use, also by several processes on one folder.
type Archive struct {
	disk    disk
	reserve int64
	held    int // heldMost, less in tests
	codec   *codec
	raws    sync.Pool // *[]byte of frameSize: a frame as it was received
	recent  recent

	mu      sync.Mutex // guards queue and leading
	queue   []*request
	leading bool
	out     writer // used by the leader alone
}

var _ bridge.Archive = (*Archive)(nil)

// New opens the folder, which it makes when it is missing, and removes spool files that a crash left a day ago or earlier.
func New(o Options) (*Archive, error) {
	d, err := openDisk(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	if err := d.sweep(spoolAge); err != nil {
		return nil, fmt.Errorf("sweep spool of archive: %w", err)
	}
	return newOn(d, o.Reserve)
}

func newOn(d disk, reserve int64) (*Archive, error) {
	if reserve == 0 {
		reserve = 256 << 20
	}
	c, err := newCodec()
	if err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("name segments: %w", err)
	}
	a := &Archive{disk: d, reserve: reserve, held: heldMost, codec: c}
	a.raws.New = func() any { b := make([]byte, frameSize); return &b }
	a.recent.most = recentMost
	a.out.disk, a.out.process, a.out.most = d, hex.EncodeToString(id[:]), segmentMost
	a.out.spare.New = func() any { b := make([]byte, 0, writeBuffer); return &b }
	return a, nil
}

// Begin starts to take in a message.
func (a *Archive) Begin() bridge.Intake { return newIntake(a) }

// Close ends the use of the archive. Appends must have returned.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.leading || len(a.queue) > 0 {
		return errors.New("close archive: appends are under way")
	}
	a.recent.clear()
	a.codec.close()
	return a.out.close()
}

// disk is what the archive asks of a file system; tests make each step of it fail.
type disk interface {
	create(name string) (file, error) // a new segment; it must not exist
	open(name string) (file, error)   // for reading; wraps fs.ErrNotExist
	remove(name string) error
	names() ([]string, error) // of all segments, sorted
	syncDir() error
	spool() (file, error) // a file that is gone when it is closed
	free() (int64, error) // bytes
}

// file is a segment or a spool file.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Size() (int64, error)
}
