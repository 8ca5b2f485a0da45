package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// triesMost is how often a message may fail before a person looks at it.
const triesMost = 3

// suspect is a message that something went wrong with, alone or in a group.
type suspect struct {
	tries int // counted by the ledger
	due   time.Time
	why   error
}

func (f *folder) suspect(uid uint32, why error) {
	f.w.deps.Meter.Add(bridge.MetricFetchFailures, 1, f.w.o.Name)
	if f.suspects[uid] == nil {
		f.suspects[uid] = &suspect{}
	}
	f.suspects[uid].why = why
}

func (f *folder) suspected() []uint32 { return slices.Sorted(maps.Keys(f.suspects)) }

// due says whether a suspect may be tried again.
func (f *folder) due() bool { return len(f.queue()) > 0 }

// queue gives the suspects to be tried now, those that were tried least first: one that breaks every connection comes last.
func (f *folder) queue() []uint32 {
	now := time.Now()
	uids := slices.DeleteFunc(f.suspected(), func(u uint32) bool { return f.suspects[u].due.After(now) })
	slices.SortStableFunc(uids, func(a, b uint32) int { return cmp.Compare(f.suspects[a].tries, f.suspects[b].tries) })
	return uids
}

// examine fetches suspects one by one.
func (s *session) examine(ctx context.Context) error {
	for _, uid := range s.f.queue() {
		if err := s.try(ctx, uid); err != nil {
			return err
		}
	}
	return nil
}

// try makes one attempt at a suspect. It is counted before it is made, so that a message which ends our process is found out too. The
// error is that of a connection or of ours; what is wrong with the message alone is kept with it.
func (s *session) try(ctx context.Context, uid uint32) error {
	tries, err := s.w.deps.Ledger.FetchTried(ctx, s.fence, s.key(uid))
	if err != nil {
		return fmt.Errorf("count try of message %d: %w: %w", uid, errOurs, err)
	}
	one := s.f.suspects[uid]
	one.tries = tries
	if tries > triesMost {
		return s.fail(ctx, uid, reason(one.why))
	}
	why, err := s.fetchOne(ctx, uid, tries)
	switch {
	case err != nil && (!blamable(err) || ctx.Err() != nil):
		return err
	case err == nil && why == nil:
		delete(s.f.suspects, uid)
		return nil
	}
	one.why = cmp.Or(why, err)
	s.w.deps.Meter.Add(bridge.MetricFetchFailures, 1, s.w.o.Name)
	s.f.log.WarnContext(ctx, "message cannot be fetched", "uid", uid, "try", tries, "error", one.why)
	if tries == triesMost {
		return errors.Join(err, s.fail(ctx, uid, reason(one.why)))
	}
	if err == nil { // the connection is good: later may be better than at once
		one.due = time.Now().Add(time.Minute << (2 * (tries - 1)))
	}
	return err
}

// fetchOne fetches and accepts one message. why tells what is wrong with it while the connection is good.
func (s *session) fetchOne(ctx context.Context, uid uint32, tries int) (why, err error) {
	sizes, err := s.sizes(single(uid))
	if err != nil {
		return nil, err
	}
	size, ok := sizes[uid]
	if !ok {
		return s.absent(ctx, uid, errors.New("server does not tell its length"))
	}
	if size > s.w.o.MaxMessage {
		return nil, s.fail(ctx, uid, tooLong(size, s.w.o.MaxMessage))
	}
	if s.screened(uid) {
		marked, why, err := s.screenOne(ctx, uid, size, tries)
		if err != nil || why != nil || marked {
			return why, err
		}
	}
	// A broken INTERNALDATE ends the connection: the last try does without, which is better than to have nothing.
	g := &group{uids: []uint32{uid}, sizes: sizes, bytes: size, plain: tries == triesMost}
	if g, err = s.readOne(ctx, g); err != nil {
		return nil, err
	}
	if len(g.taken) == 0 {
		return s.absent(ctx, uid, cmp.Or(g.odd[uid], errors.New("server does not send it")))
	}
	if err := s.accept(ctx, g.taken); err != nil {
		g.discard()
		return nil, err
	}
	return nil, nil
}

// readOne asks for one message; when it has not the length that was announced, twice: the same bytes again are believed.
func (s *session) readOne(ctx context.Context, g *group) (*group, error) {
	s.send(g)
	if err := s.read(ctx, g); err != nil {
		return nil, err
	}
	odd := (*lengthError)(nil)
	if !errors.As(g.odd[g.uids[0]], &odd) {
		return g, nil
	}
	g = &group{uids: g.uids, sizes: g.sizes, bytes: max(g.bytes, odd.got), plain: g.plain, head: g.head, twice: odd}
	s.send(g)
	return g, s.read(ctx, g)
}

// absent finds out whether a message that did not come is still there. If not, it is settled as vanished.
func (s *session) absent(ctx context.Context, uid uint32, why error) (error, error) {
	there, err := s.onServer(single(uid))
	if err != nil {
		return nil, err
	}
	if there.contains(uid) {
		return why, nil
	}
	return nil, s.vanished(ctx, uid)
}

func (s *session) vanished(ctx context.Context, uid uint32) error {
	if err := s.w.deps.Ledger.SettleUID(ctx, s.fence, s.key(uid), bridge.Vanished, ""); err != nil {
		return fmt.Errorf("settle vanished message %d: %w: %w", uid, errOurs, err)
	}
	s.f.log.InfoContext(ctx, "message vanished before it could be fetched", "uid", uid)
	s.w.counts.add(func(c *Counts) { c.Vanished++ })
	return nil
}

// fail settles a message as one that a person must look at, and says so.
func (s *session) fail(ctx context.Context, uid uint32, reason string) error {
	k := s.key(uid)
	if err := s.w.deps.Ledger.SettleUID(ctx, s.fence, k, bridge.Failed, reason); err != nil {
		return fmt.Errorf("settle failed message %d: %w: %w", uid, errOurs, err)
	}
	delete(s.f.suspects, uid)
	s.w.counts.add(func(c *Counts) { c.Failed++ })
	s.w.alarms.tell(ctx, fmt.Sprintf("%s:%d:%d:%d", alarmMessage, k.Folder, k.UIDValidity, k.UID), alarmMessage,
		fmt.Sprintf("thư UID %d trong thư mục %s không lấy về được và đang chờ người xử lý (%s)", uid, s.f.name, reason))
	return nil
}

func tooLong(size, most int64) string {
	return fmt.Sprintf("thư dài %d byte, quá giới hạn %d byte", size, most)
}

// reason puts an error in words for a person.
func reason(err error) string {
	odd := (*lengthError)(nil)
	switch {
	case errors.Is(err, errPlaceholder):
		return "máy chủ không dựng được nội dung thư"
	case errors.Is(err, errTimeout):
		return "máy chủ không trả lời khi lấy thư này"
	case errors.As(err, &odd):
		return "độ dài nhận được khác độ dài máy chủ báo"
	}
	return "lấy thư nhiều lần đều lỗi"
}
