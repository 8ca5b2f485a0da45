package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/giaolien/giaolien/bridge"
)

// request is an Append that waits.
type request struct {
	blobs []*blob
	at    []string
	err   error
	// done is closed when the request has been served; lead is signalled instead when its Append is to serve the queue.
	done chan struct{}
	lead chan struct{}
}

// Append makes blobs durable: all of them, and those of other Appends that wait meanwhile, with one fsync. Once begun it is not given up
// when ctx ends, since others share it and it takes milliseconds.
func (a *Archive) Append(ctx context.Context, blobs []bridge.Sealed) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("append %d messages: %w", len(blobs), err)
	}
	if len(blobs) == 0 {
		return nil, nil
	}
	r := &request{blobs: make([]*blob, len(blobs)), done: make(chan struct{}), lead: make(chan struct{}, 1)}
	for i, s := range blobs {
		b, ok := s.(*blob)
		if !ok || b.a != a || b.gone {
			return nil, fmt.Errorf("append message %d of %d: it was not sealed here, or is discarded", i+1, len(blobs))
		}
		r.blobs[i] = b
	}
	a.mu.Lock()
	a.queue = append(a.queue, r)
	if !a.leading {
		a.leading = true
		r.lead <- struct{}{}
	}
	a.mu.Unlock()

	select {
	case <-r.done:
	case <-r.lead:
		a.serve()
	}
	if r.err != nil {
		return nil, fmt.Errorf("append %d messages: %w", len(blobs), r.err)
	}
	return r.at, nil
}

// serve writes everything that waits, and then hands the lead to the first that has come meanwhile.
func (a *Archive) serve() {
	a.mu.Lock()
	group := a.queue
	a.queue = nil
	a.mu.Unlock()

	err := a.write(group)
	for _, r := range group {
		r.err = err
		if err == nil {
			for i, b := range r.blobs {
				a.recent.put(b, r.at[i])
			}
		}
		close(r.done)
	}

	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) > 0 {
		a.queue[0].lead <- struct{}{}
	} else {
		a.leading = false
	}
}

// write appends a group to the segment and syncs it. After any error the segment is never used again.
func (a *Archive) write(group []*request) error {
	var total int64
	for _, r := range group {
		for _, b := range r.blobs {
			total += b.head.length()
		}
	}
	if err := a.room(total); err != nil {
		return err
	}
	if err := a.out.begin(); err != nil {
		a.out.rest()
		return full(err)
	}
	err := func() error {
		for _, r := range group {
			r.at = make([]string, len(r.blobs))
			for i, b := range r.blobs {
				r.at[i] = a.out.here().String()
				if err := a.out.record(a.codec, b); err != nil {
					return err
				}
			}
		}
		return a.out.sync()
	}()
	if err != nil {
		return full(errors.Join(err, a.out.abandon()))
	}
	return nil
}

// writer appends to the segments of this process.
type writer struct {
	disk    disk
	process string // random, in the name of every segment
	most    int64  // length after which a new segment is begun
	count   int

	name   string
	f      file // nil: none is open
	at     int64
	synced bool      // something in it was made durable
	spare  sync.Pool // *[]byte of writeBuffer
	buf    *[]byte   // nil between groups
}

func (w *writer) here() location { return location{w.name, w.at + int64(len(*w.buf))} }

// begin makes sure that a segment is open. A new one is durable itself, file and name, before anything is written to it.
func (w *writer) begin() error {
	if w.f != nil && w.at >= w.most {
		if err := w.close(); err != nil {
			return err
		}
	}
	if w.buf == nil {
		w.buf = w.spare.Get().(*[]byte)
	}
	if w.f != nil {
		return nil
	}
	w.count++
	name := "seg-" + w.process + "-" + strconv.Itoa(w.count)
	f, err := w.disk.create(name)
	if err != nil {
		return fmt.Errorf("make segment %s: %w", name, err)
	}
	w.name, w.f, w.at, w.synced = name, f, 0, false
	if err := errors.Join(f.Sync(), w.disk.syncDir()); err != nil {
		return fmt.Errorf("sync new segment %s: %w", name, errors.Join(err, w.abandon()))
	}
	return nil
}

func (w *writer) record(c *codec, b *blob) error {
	if err := w.put(c.appendHead(nil, b.head, b.table)); err != nil {
		return err
	}
	for _, e := range b.held {
		if err := w.put(e); err != nil {
			return err
		}
	}
	if b.spooled == nil {
		return nil
	}
	for at := int64(0); at < b.spoolAt; {
		room, err := w.room()
		if err != nil {
			return err
		}
		room = room[:min(int64(len(room)), b.spoolAt-at)]
		if _, err := b.spooled.ReadAt(room, at); err != nil {
			return fmt.Errorf("read spool file: %w", err)
		}
		at += int64(len(room))
		*w.buf = (*w.buf)[:len(*w.buf)+len(room)]
	}
	return nil
}

func (w *writer) put(p []byte) error {
	for len(p) > 0 {
		room, err := w.room()
		if err != nil {
			return err
		}
		n := copy(room, p)
		*w.buf = (*w.buf)[:len(*w.buf)+n]
		p = p[n:]
	}
	return nil
}

// room gives the free part of the buffer, which is never empty.
func (w *writer) room() ([]byte, error) {
	if len(*w.buf) == cap(*w.buf) {
		if err := w.flush(); err != nil {
			return nil, err
		}
	}
	return (*w.buf)[len(*w.buf):cap(*w.buf)], nil
}

func (w *writer) flush() error {
	n, err := w.f.WriteAt(*w.buf, w.at)
	if err == nil && n != len(*w.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write segment %s: %w", w.name, err)
	}
	w.at += int64(n)
	*w.buf = (*w.buf)[:0]
	return nil
}

func (w *writer) sync() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("sync segment %s: %w", w.name, err)
	}
	w.synced = true
	w.rest()
	return nil
}

// rest gives the buffer back: an archive at rest holds none.
func (w *writer) rest() {
	if w.buf != nil {
		*w.buf = (*w.buf)[:0]
		w.spare.Put(w.buf)
		w.buf = nil
	}
}

// abandon leaves the segment as it is, for ever. One that holds nothing durable is removed, or a disk that stays full for a night would
// gather torn beginnings.
func (w *writer) abandon() error {
	w.rest()
	err := w.close()
	if !w.synced {
		err = errors.Join(err, w.disk.remove(w.name))
	}
	return err
}

func (w *writer) close() error {
	if w.f == nil {
		return nil
	}
	f := w.f
	w.f = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("close segment %s: %w", w.name, err)
	}
	return nil
}
