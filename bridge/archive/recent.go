package archive

import (
	"slices"
	"sync"

	"github.com/giaolien/giaolien/bridge"
)

// recent keeps messages that were appended just now and are still in memory, because a worker of the same process reads each of them
// next: it gets the very bytes that were hashed, and nothing is read or hashed again. A message goes when it has been read once, or when
// younger ones need the room.
type recent struct {
	mu   sync.Mutex
	most int // encoded bytes
	size int
	by   map[bridge.Digest]*held
	old  []*held // oldest first, with those that are gone already
}

// held is an appended message in memory.
type held struct {
	head     head
	table    []frame
	frames   [][]byte
	size     int
	location string
	gone     bool
}

// put keeps b if it is in memory. The frames are shared with b, which does not change them any more.
func (r *recent) put(b *blob, location string) {
	if b.spooled != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[bridge.Digest]*held{}
	}
	if b.heldLen > r.most {
		return
	}
	if h, ok := r.by[b.head.raw]; ok {
		r.drop(h) // appended again after an unclear commit: the new location counts
	}
	h := &held{head: b.head, table: b.table, frames: b.held, size: b.heldLen, location: location}
	r.by[h.head.raw] = h
	r.old = append(r.old, h)
	r.size += h.size
	for r.size > r.most {
		r.drop(r.old[0])
		r.old = r.old[1:]
	}
	if len(r.old) > 2*len(r.by)+16 {
		r.old = slices.DeleteFunc(r.old, func(h *held) bool { return h.gone })
	}
}

// get gives the message that was appended at this location, and its frames, if it is here.
func (r *recent) get(d bridge.Digest, at string) (*held, [][]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h, ok := r.by[d]; ok && h.location == at {
		return h, h.frames
	}
	return nil, nil
}

// used says that a reader of h is closed.
func (r *recent) used(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(h)
	if len(r.by) == 0 {
		r.by, r.old = nil, nil
	}
}

func (r *recent) drop(h *held) {
	if h.gone {
		return
	}
	h.gone = true
	delete(r.by, h.head.raw)
	r.size -= h.size
	h.frames = nil // readers have their own reference
}

func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.by, r.old, r.size = nil, nil, 0
}
