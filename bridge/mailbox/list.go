package mailbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/giaolien/giaolien/bridge"
)

// window is how many messages one SEARCH asks about: its answer, up to 11 bytes for each, stays within a line that the guard lets pass.
const window = 5000

// errCount says that the answer to a SEARCH cannot be true.
var errCount = errors.New("server names more messages than it has")

// waitingLedger is what a Ledger may offer besides: UIDs that were sighted and never settled. Those that are no longer on the server
// vanished while nobody looked.
type waitingLedger interface {
	WaitingUIDs(ctx context.Context, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error)
}

// sync brings everything that is on the server and not accounted for through the door.
func (s *session) sync(ctx context.Context) error {
	select {
	case <-s.wake: // what woke us is about to be seen
	default:
	}
	begun, look := time.Now(), s.news
	whole := s.next == 0 || time.Since(s.listed) > relistEvery
	if whole {
		look = s.missing
	}
	uidNext := s.uidNext
	work, upTo, err := look(ctx)
	if err != nil {
		return err
	}
	if whole {
		upTo = max(upTo, uidNext)
	}
	work = work.minus(single(s.f.suspected()...))
	s.w.counts.add(func(c *Counts) { c.Sighted += int(work.count()) })
	if err := s.fetch(ctx, work); err != nil {
		return err
	}
	if err := s.examine(ctx); err != nil {
		return err
	}
	s.next = max(s.next, upTo)
	if whole {
		s.listed = begun
		s.w.alarms.clear(ctx, alarmValidity, s.f.name)
	}
	s.f.synced(ctx)
	return nil
}

// missing lists the whole folder and gives what the ledger does not account for, and the UID after the highest.
func (s *session) missing(ctx context.Context) (ranges, uint32, error) {
	there, err := s.everything()
	if err != nil {
		return nil, 0, err
	}
	accounted, err := s.w.deps.Ledger.Accounted(ctx, s.f.id, s.f.validity)
	if err != nil {
		return nil, 0, fmt.Errorf("read ledger: %w: %w", errOurs, err)
	}
	if err := s.gone(ctx, there); err != nil {
		return nil, 0, err
	}
	if s.f.cleared, err = s.cleared(ctx); err != nil {
		return nil, 0, err
	}
	if err := s.goneCleared(ctx, there); err != nil {
		return nil, 0, err
	}
	return there.minus(makeRanges(accounted)), after(there), nil
}

// after is the UID after the highest.
func after(r ranges) uint32 {
	if h := r.highest(); h < math.MaxUint32 {
		return h + 1
	}
	return math.MaxUint32
}

// news gives the UIDs that came since, and the UID after the highest. UIDs rise strictly (RFC 3501, 2.3.1.1), so nothing below s.next can
// be new.
func (s *session) news(context.Context) (ranges, uint32, error) {
	if s.uidNext > s.next && s.uidNext-s.next > window {
		there, err := s.everything()
		return there.from(s.next), after(there), err
	}
	found, err := s.search(imap.SearchCriteria{UID: []imap.UIDSet{{{Start: imap.UID(s.next)}}}})
	if err != nil {
		return nil, 0, err
	}
	// "n:*" always names the last message, even below n.
	found = found.from(s.next)
	if found.count() > uint64(max(s.exists.Load(), window)) {
		return nil, 0, errCount
	}
	return found, after(found), nil
}

// everything lists the folder, in windows of sequence numbers. A message that is expunged meanwhile moves the others down, past a window
// that was read already: then it is done again.
func (s *session) everything() (ranges, error) {
	for range 5 {
		s.expunged.Store(false)
		var there ranges
		exists := s.exists.Load()
		for from := uint32(1); from <= exists; from += window {
			to := min(from+window-1, exists)
			if to < from {
				break
			}
			found, err := s.search(imap.SearchCriteria{SeqNum: []imap.SeqSet{{{Start: from, Stop: to}}}})
			if err != nil {
				return nil, err
			}
			if found.count() > uint64(to-from)+1 {
				return nil, errCount
			}
			there = there.plus(found)
		}
		if !s.expunged.Load() {
			return there, nil
		}
		if err := s.do("look again", commandTime, func() error { return s.client.Noop().Wait() }); err != nil {
			return nil, err
		}
		if mailbox := s.client.Mailbox(); mailbox != nil {
			s.exists.Store(mailbox.NumMessages)
		}
	}
	return nil, errors.New("folder changes faster than it can be listed")
}

// search asks for UIDs. The answer is a set of ranges that must be counted before use.
func (s *session) search(criteria imap.SearchCriteria) (ranges, error) {
	var options *imap.SearchOptions
	if s.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true}
	}
	var out ranges
	err := s.do("search", commandTime, func() error {
		data, err := s.client.UIDSearch(&criteria, options).Wait()
		if err != nil || data.All == nil {
			return err
		}
		set, ok := data.All.(imap.UIDSet)
		if ok {
			out, ok = fromSet(set)
		}
		if !ok {
			return errors.New("server does not answer with UIDs")
		}
		return nil
	})
	return out, err
}

// onServer says which of the UIDs are there.
func (s *session) onServer(uids ranges) (ranges, error) {
	found, err := s.search(imap.SearchCriteria{UID: []imap.UIDSet{uids.set()}})
	if err != nil {
		return nil, err
	}
	if found.count() > uids.count() {
		return nil, errCount
	}
	return found, nil
}

// gone settles UIDs that were sighted in an earlier life and are no longer there.
func (s *session) gone(ctx context.Context, there ranges) error {
	ledger, ok := s.w.deps.Ledger.(waitingLedger)
	if !ok {
		return nil
	}
	waiting, err := ledger.WaitingUIDs(ctx, s.f.id, s.f.validity)
	if err != nil {
		return fmt.Errorf("read ledger: %w: %w", errOurs, err)
	}
	for uids := range makeRanges(waiting).minus(there).chunks(window / 10) {
		lost := single(uids...)
		still, err := s.onServer(lost)
		if err != nil {
			return err
		}
		for one := range lost.minus(still).chunks(1) {
			if err := s.vanished(ctx, one[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) key(uid uint32) bridge.UIDKey {
	return bridge.UIDKey{Folder: s.f.id, UIDValidity: s.f.validity, UID: uid}
}
