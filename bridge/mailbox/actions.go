package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/giaolien/giaolien/bridge"
)

// actionsMost is how many messages one command flags or moves.
const actionsMost = 200

// act does on the server what the administrator asked for. It is best effort: what the server does not allow stays undone, raises one
// alarm and is tried again at the next poll.
func (s *session) act(ctx context.Context) error {
	if s.w.o.After.Action == Leave {
		return nil
	}
	for {
		pending, err := s.w.deps.Actions.PendingActions(ctx, s.f.id, s.f.validity, actionsMost)
		if err != nil {
			return fmt.Errorf("read pending actions: %w: %w", errOurs, err)
		}
		if len(pending) == 0 {
			return nil
		}
		done, err := s.actOn(ctx, pending)
		if err != nil || !done {
			return err
		}
		if len(pending) < actionsMost {
			return nil
		}
	}
}

// actOn handles some messages; done is false when the server did not let us.
func (s *session) actOn(ctx context.Context, pending []bridge.Settled) (done bool, err error) {
	if s.w.o.After.Action == SetFlag {
		return s.flag(ctx, pending)
	}
	byFolder := map[string][]bridge.Settled{}
	for _, p := range pending {
		to := s.w.o.After.Folders[p.State]
		byFolder[to] = append(byFolder[to], p)
	}
	done = true
	for to, some := range byFolder {
		if to == "" {
			if err := s.noteDone(ctx, some, "stays: no folder for "+string(some[0].State)); err != nil {
				return false, err
			}
			continue
		}
		ok, err := s.move(ctx, some, to)
		if err != nil {
			return false, err
		}
		done = done && ok
	}
	return done, nil
}

func (s *session) flag(ctx context.Context, some []bridge.Settled) (bool, error) {
	flag := imap.Flag(s.w.o.After.Flag)
	kept := slices.ContainsFunc(s.permanent, func(f imap.Flag) bool {
		return f == imap.FlagWildcard || strings.EqualFold(string(f), string(flag))
	})
	if !kept {
		s.w.alarms.raise(ctx, alarmAction, s.f.name, "máy chủ không cho đặt cờ trong thư mục "+s.f.name)
		return false, nil
	}
	return s.perform(ctx, some, "flag "+string(flag), func() error {
		return s.client.Store(uidsOf(some).set(), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
	})
}

// move never lets the library fall back to COPY, STORE and EXPUNGE: it does not wait for the copy to succeed, and expunges.
func (s *session) move(ctx context.Context, some []bridge.Settled, to string) (bool, error) {
	if !s.client.Caps().Has(imap.CapMove) {
		s.w.alarms.raise(ctx, alarmAction, s.f.name, "máy chủ không hỗ trợ lệnh MOVE; thư được để nguyên trong thư mục "+s.f.name)
		return false, nil
	}
	return s.perform(ctx, some, "moved to "+to, func() error {
		_, err := s.client.Move(uidsOf(some).set(), to).Wait()
		return err
	})
}

// perform runs the command and notes it. Doing it twice does no harm: a flag is there already, and a moved UID names nothing any more.
func (s *session) perform(ctx context.Context, some []bridge.Settled, note string, command func() error) (bool, error) {
	err := s.do("act on messages", commandTime, command)
	var answer *imap.Error
	switch {
	case errors.As(err, &answer) && answer.Type != imap.StatusResponseTypeBye && s.conn.why.Load() == nil:
		s.f.log.WarnContext(ctx, "server does not allow the action", "error", err)
		s.w.alarms.raise(ctx, alarmAction, s.f.name, "máy chủ không cho thực hiện thao tác sau xử lý trong thư mục "+s.f.name)
		return false, nil
	case err != nil:
		return false, err
	}
	s.w.alarms.clear(ctx, alarmAction, s.f.name)
	return true, s.noteDone(ctx, some, note)
}

func (s *session) noteDone(ctx context.Context, some []bridge.Settled, note string) error {
	for _, x := range some {
		if err := s.w.deps.Actions.ActionDone(ctx, s.fence, x.Key, note); err != nil {
			return fmt.Errorf("note action on message %d: %w: %w", x.Key.UID, errOurs, err)
		}
	}
	return nil
}

func uidsOf(some []bridge.Settled) ranges {
	uids := make([]uint32, len(some))
	for i, x := range some {
		uids[i] = x.Key.UID
	}
	return single(uids...)
}
