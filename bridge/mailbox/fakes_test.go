package mailbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// store is ledger, leases, receipts and server actions in memory. fault, if set, is asked before every call and may fail it.
type store struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and renewed at every change
	fault    func(call string) error
	folders  map[string]int64
	uids     map[bridge.UIDKey]*entry
	receipts map[string]string        // by origin
	contents map[bridge.Digest]string // receipt by content
	arrivals map[bridge.UIDKey]bridge.Stored
	leases   map[string]lease
	cleared  map[bridge.UIDKey]bool // by a person: of these the whole message is wanted
	pending  []bridge.Settled
	noted    map[bridge.UIDKey]string
	alarms   map[string]bridge.Alarm // open
	raised   []string
	fetched  []uint32 // tries, in order
	accepts  int
}

type entry struct {
	state  bridge.State
	tries  int
	reason string
}

type lease struct {
	owner string
	token int64
	until time.Time
}

func newStore() *store {
	return &store{changed: make(chan struct{}), folders: map[string]int64{}, uids: map[bridge.UIDKey]*entry{}, receipts: map[string]string{},
		contents: map[bridge.Digest]string{}, arrivals: map[bridge.UIDKey]bridge.Stored{}, leases: map[string]lease{},
		noted: map[bridge.UIDKey]string{}, cleared: map[bridge.UIDKey]bool{}, alarms: map[string]bridge.Alarm{}}
}

// enter locks, and fails when the test wants it to; leave with change.
func (s *store) enter(call string) error {
	s.mu.Lock()
	if s.fault != nil {
		return s.fault(call)
	}
	return nil
}

func (s *store) leave() {
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
}

// await waits until cond holds; it is asked under the lock after every change.
func (s *store) await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	limit := time.After(time.Hour)
	if !inBubble(t) {
		limit = time.After(3 * time.Minute) // a guard, not a measurement
	}
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-limit:
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Fatalf("waited in vain for %s; states %v, alarms raised %v", what, s.states(), s.raised)
		}
	}
}

func (s *store) states() map[uint32]bridge.State {
	out := map[uint32]bridge.State{}
	for k, e := range s.uids {
		out[k.UID] = e.state
	}
	return out
}

// in counts the UIDs in a state.
func (s *store) in(state bridge.State) int {
	n := 0
	for _, e := range s.uids {
		if e.state == state {
			n++
		}
	}
	return n
}

func (s *store) fenced(f bridge.Fence) error {
	if l := s.leases[f.Name]; l.token != f.Token || time.Now().After(l.until) {
		return fmt.Errorf("fence %v: %w", f, bridge.ErrFenced)
	}
	return nil
}

func (s *store) TakeLease(_ context.Context, name, owner string, ttl time.Duration) (bridge.Fence, bool, error) {
	defer s.leave()
	if err := s.enter("TakeLease"); err != nil {
		return bridge.Fence{}, false, err
	}
	l := s.leases[name]
	if l.owner != "" && l.owner != owner && time.Now().Before(l.until) {
		return bridge.Fence{}, false, nil
	}
	l = lease{owner, l.token + 1, time.Now().Add(ttl)}
	s.leases[name] = l
	return bridge.Fence{Name: name, Owner: owner, Token: l.token}, true, nil
}

func (s *store) RenewLease(_ context.Context, f bridge.Fence, ttl time.Duration) error {
	defer s.leave()
	if err := s.enter("RenewLease"); err != nil {
		return err
	}
	if err := s.fenced(f); err != nil {
		return err
	}
	l := s.leases[f.Name]
	l.until = time.Now().Add(ttl)
	s.leases[f.Name] = l
	return nil
}

func (s *store) DropLease(_ context.Context, f bridge.Fence) error {
	defer s.leave()
	if err := s.enter("DropLease"); err != nil {
		return err
	}
	if err := s.fenced(f); err != nil {
		return err
	}
	l := s.leases[f.Name]
	l.owner = ""
	s.leases[f.Name] = l
	return nil
}

func (s *store) Folder(_ context.Context, account, folder, _, _ string) (int64, error) {
	defer s.leave()
	if err := s.enter("Folder"); err != nil {
		return 0, err
	}
	k := account + "/" + folder
	if s.folders[k] == 0 {
		s.folders[k] = int64(len(s.folders) + 1)
	}
	return s.folders[k], nil
}

func (s *store) Accounted(_ context.Context, folder int64, validity uint32) ([]bridge.UIDRange, error) {
	defer s.leave()
	if err := s.enter("Accounted"); err != nil {
		return nil, err
	}
	var out []bridge.UIDRange
	for k, e := range s.uids {
		a, stored := s.arrivals[k]
		if a.HeadersOnly && s.cleared[k] {
			continue
		}
		if k.Folder == folder && k.UIDValidity == validity && (stored || e.state == bridge.Failed || e.state == bridge.Vanished) {
			out = append(out, bridge.UIDRange{From: k.UID, To: k.UID})
		}
	}
	slices.SortFunc(out, func(a, b bridge.UIDRange) int { return int(a.From) - int(b.From) })
	return out, nil
}

func (s *store) ClearedUIDs(_ context.Context, folder int64, validity uint32) ([]bridge.UIDRange, error) {
	defer s.leave()
	if err := s.enter("ClearedUIDs"); err != nil {
		return nil, err
	}
	var out []bridge.UIDRange
	for k, a := range s.arrivals {
		if k.Folder == folder && k.UIDValidity == validity && a.HeadersOnly && s.cleared[k] {
			out = append(out, bridge.UIDRange{From: k.UID, To: k.UID})
		}
	}
	return out, nil
}

func (s *store) WaitingUIDs(_ context.Context, folder int64, validity uint32) ([]bridge.UIDRange, error) {
	defer s.leave()
	if err := s.enter("WaitingUIDs"); err != nil {
		return nil, err
	}
	var out []bridge.UIDRange
	for k, e := range s.uids {
		if _, stored := s.arrivals[k]; k.Folder == folder && k.UIDValidity == validity && !stored && e.state == bridge.Waiting {
			out = append(out, bridge.UIDRange{From: k.UID, To: k.UID})
		}
	}
	return out, nil
}

func (s *store) Sighted(_ context.Context, f bridge.Fence, folder int64, validity uint32, uids []uint32) error {
	defer s.leave()
	if err := s.enter("Sighted"); err != nil {
		return err
	}
	if err := s.fenced(f); err != nil {
		return err
	}
	for _, u := range uids {
		k := bridge.UIDKey{Folder: folder, UIDValidity: validity, UID: u}
		if s.uids[k] == nil {
			s.uids[k] = &entry{state: bridge.Waiting}
		}
	}
	return nil
}

func (s *store) FetchTried(_ context.Context, f bridge.Fence, k bridge.UIDKey) (int, error) {
	defer s.leave()
	if err := s.enter("FetchTried"); err != nil {
		return 0, err
	}
	if err := s.fenced(f); err != nil {
		return 0, err
	}
	s.fetched = append(s.fetched, k.UID)
	s.uids[k].tries++
	return s.uids[k].tries, nil
}

func (s *store) SettleUID(_ context.Context, f bridge.Fence, k bridge.UIDKey, state bridge.State, reason string) error {
	defer s.leave()
	if err := s.enter("SettleUID"); err != nil {
		return err
	}
	if err := s.fenced(f); err != nil {
		return err
	}
	s.uids[k].state, s.uids[k].reason = state, reason
	return nil
}

// PutReceipts settles at once: every receipt counts as registered, one of a header alone as quarantined.
func (s *store) PutReceipts(_ context.Context, f bridge.Fence, in []bridge.Stored) ([]bridge.Put, error) {
	defer s.leave()
	if err := s.enter("PutReceipts"); err != nil {
		return nil, err
	}
	if err := s.fenced(f); err != nil {
		return nil, err
	}
	s.accepts++
	puts := make([]bridge.Put, len(in))
	for i, a := range in {
		if s.uids[a.UID] == nil {
			return nil, fmt.Errorf("UID %d was not sighted", a.UID.UID)
		}
		id, known := s.receipts[a.Origin]
		first, joined := s.contents[a.Content()]
		if !known {
			id = first
			if !joined {
				id = fmt.Sprintf("GL-2026-%07d", len(s.contents)+1)
				s.contents[a.Content()] = id
			}
			s.receipts[a.Origin] = id
			s.arrivals[a.UID] = a
			if a.HeadersOnly {
				s.uids[a.UID].state = bridge.Quarantined
				puts[i] = bridge.Put{Receipt: id, Joined: joined}
				continue
			}
			s.uids[a.UID].state = bridge.Registered
			s.pending = append(s.pending, bridge.Settled{Key: a.UID, State: bridge.Registered})
		}
		puts[i] = bridge.Put{Receipt: id, Joined: joined}
	}
	return puts, nil
}

func (s *store) PendingActions(_ context.Context, folder int64, validity uint32, n int) ([]bridge.Settled, error) {
	defer s.leave()
	if err := s.enter("PendingActions"); err != nil {
		return nil, err
	}
	var out []bridge.Settled
	for _, p := range s.pending {
		if p.Key.Folder == folder && p.Key.UIDValidity == validity && s.noted[p.Key] == "" && len(out) < n {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *store) ActionDone(_ context.Context, f bridge.Fence, k bridge.UIDKey, note string) error {
	defer s.leave()
	if err := s.enter("ActionDone"); err != nil {
		return err
	}
	if err := s.fenced(f); err != nil {
		return err
	}
	s.noted[k] = note
	return nil
}

func (s *store) raise(_ context.Context, a bridge.Alarm) {
	s.mu.Lock()
	defer s.leave()
	s.alarms[a.Key] = a
	s.raised = append(s.raised, a.Key)
}

func (s *store) clear(_ context.Context, key string) {
	s.mu.Lock()
	defer s.leave()
	delete(s.alarms, key)
}
