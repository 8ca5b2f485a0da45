package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/giaolien/giaolien/bridge"
)

// Open gives the message with this digest, after having read and hashed all of it; one that this process appended a moment ago comes
// from memory instead. When the location is wrong or its record damaged, every segment is searched for another copy. The error then
// wraps bridge.ErrDamaged and names digest and location.
func (a *Archive) Open(ctx context.Context, raw bridge.Digest, at string) (bridge.Raw, error) {
	if h, frames := a.recent.get(raw, at); h != nil {
		return a.fromMemory(h, frames), nil
	}
	r, err := a.openAt(ctx, raw, at)
	if err == nil {
		return r, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("open message %s: %w", hex.EncodeToString(raw[:]), ctx.Err())
	}
	copied, searchErr := a.openElsewhere(ctx, raw, at)
	if searchErr == nil {
		return copied, nil
	}
	if !errors.Is(err, bridge.ErrDamaged) { // e.g. no file descriptor left: that says nothing about the message
		return nil, fmt.Errorf("open message %s at %q: %w", hex.EncodeToString(raw[:]), at, err)
	}
	return nil, fmt.Errorf("open message %s at %q: %w", hex.EncodeToString(raw[:]), at, errors.Join(err, searchErr))
}

// Verify reads the message once and closes it again; its errors are those of Open, but it looks nowhere else and not in memory.
func (a *Archive) Verify(ctx context.Context, raw bridge.Digest, at string) error {
	r, err := a.openAt(ctx, raw, at)
	if err != nil {
		return fmt.Errorf("verify message %s at %q: %w", hex.EncodeToString(raw[:]), at, err)
	}
	return r.Close()
}

// damaged says that a record is not what it should be.
func damaged(why string) error { return fmt.Errorf("%w: %s", bridge.ErrDamaged, why) }

func (a *Archive) openAt(ctx context.Context, raw bridge.Digest, at string) (*reader, error) {
	l, err := parseLocation(at)
	if err != nil {
		return nil, damaged(err.Error())
	}
	f, err := a.disk.open(l.segment)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, damaged("segment is missing")
	}
	if err != nil {
		return nil, err
	}
	r, err := a.openRecord(ctx, f, l.offset, raw)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return r, nil
}

// openRecord reads the record at offset and checks it from end to end. It keeps f on success.
func (a *Archive) openRecord(ctx context.Context, f file, offset int64, raw bridge.Digest) (*reader, error) {
	h, table, err := a.readHead(f, offset)
	if err != nil {
		return nil, err
	}
	if h.raw != raw {
		return nil, damaged("another message stands there")
	}
	r := a.newReader(h, table)
	r.src, r.base, r.close = f, offset+headSize+h.tableSize(), f.Close
	if err := r.verify(ctx); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

func (a *Archive) readHead(f file, offset int64) (head, []frame, error) {
	b := make([]byte, headSize)
	if _, err := f.ReadAt(b, offset); err != nil && err != io.EOF {
		return head{}, nil, err
	}
	h, err := a.codec.parseHead(b)
	if err != nil {
		return head{}, nil, damaged(err.Error())
	}
	size, err := f.Size()
	if err != nil {
		return head{}, nil, err
	}
	if h.length() > size-offset {
		return head{}, nil, damaged("record is cut off")
	}
	t := make([]byte, h.tableSize())
	if _, err := f.ReadAt(t, offset+headSize); err != nil {
		return head{}, nil, err
	}
	table, err := a.codec.parseTable(t, h)
	if err != nil {
		return head{}, nil, damaged(err.Error())
	}
	return h, table, nil
}

func (a *Archive) fromMemory(h *held, frames [][]byte) *reader {
	r := a.newReader(h.head, h.table)
	r.frames = frames
	r.close = func() error { a.recent.used(h); return nil }
	return r
}

// reader is one open message. One frame is kept unpacked.
type reader struct {
	a      *Archive
	head   head
	table  []frame
	starts []int64  // of the frames, from base
	frames [][]byte // in memory, or nil and:
	src    io.ReaderAt
	base   int64
	close  func() error

	mu     sync.Mutex
	plain  *[]byte // from the pool
	view   []byte  // the frame that was read last: in plain, or in memory as it was appended
	inside int     // which frame view shows, -1: none
	over   bool
}

func (a *Archive) newReader(h head, table []frame) *reader {
	r := &reader{a: a, head: h, table: table, inside: -1, plain: a.raws.Get().(*[]byte), starts: make([]int64, len(table))}
	var at int64
	for i, f := range table {
		r.starts[i] = at
		at += int64(f.length)
	}
	return r
}

func (r *reader) Size() int64 { return r.head.size }

// ReadAt is io.ReaderAt's. It fails rather than give a byte that does not pass the checksum which Open found to be right.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read message: negative offset")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return 0, fs.ErrClosed
	}
	done := 0
	for done < len(p) && off < r.head.size {
		i := int(off / frameSize)
		if err := r.load(i); err != nil {
			return done, fmt.Errorf("read message %s: %w", hex.EncodeToString(r.head.raw[:]), err)
		}
		n := copy(p[done:], r.view[off-int64(i)*frameSize:])
		done += n
		off += int64(n)
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// load unpacks frame i.
func (r *reader) load(i int) error {
	if r.inside == i {
		return nil
	}
	r.inside = -1
	f := r.table[i]
	encoded := []byte(nil)
	switch {
	case r.frames != nil && f.stored: // the very bytes that were hashed a moment ago
		r.view, r.inside = r.frames[i], i
		return nil
	case r.frames != nil:
		encoded = r.frames[i]
	default:
		b := r.a.raws.Get().(*[]byte)
		defer r.a.raws.Put(b)
		encoded = (*b)[:f.length]
		if _, err := r.src.ReadAt(encoded, r.base+r.starts[i]); err != nil && err != io.EOF {
			return err
		}
	}
	plain, err := r.a.codec.decode(f, encoded, r.head.rawLen(i), (*r.plain)[:0:frameSize])
	if err != nil {
		return damaged(err.Error())
	}
	*r.plain = plain[:cap(plain)]
	r.view, r.inside = plain, i
	return nil
}

// verify reads everything once.
func (r *reader) verify(ctx context.Context) error {
	sum := sha256.New()
	for i := range r.table {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.load(i); err != nil {
			return err
		}
		sum.Write(r.view)
	}
	if bridge.Digest(sum.Sum(nil)) != r.head.raw {
		return damaged("digest does not match")
	}
	return nil
}

func (r *reader) release() {
	r.over = true
	if cap(*r.plain) >= frameSize {
		*r.plain = (*r.plain)[:frameSize]
		r.a.raws.Put(r.plain)
	}
	r.plain = nil
}

// Close frees the file or the memory.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return fs.ErrClosed
	}
	r.release()
	return r.close()
}
