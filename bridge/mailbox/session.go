package mailbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/giaolien/giaolien/bridge"
)

const (
	relistEvery = time.Hour
	lightMost   = 64 << 10 // bytes after which a connection is too heavy to wait on
)

// errFolder says that the folder is not there or must not be watched: an error of the configuration.
var errFolder = errors.New("folder cannot be watched")

// session is one connection with one selected folder.
type session struct {
	w      *Watcher
	f      *folder
	fence  bridge.Fence
	conn   *guard
	client *imapclient.Client
	caps   imap.CapSet

	wake     chan struct{} // EXISTS has come
	exists   atomic.Uint32
	expunged atomic.Bool

	uidNext   uint32      // from the last SELECT, 0: the server does not say
	permanent []imap.Flag // flags that can be kept
	next      uint32      // every UID below is accounted for or a suspect; 0: unknown, list the whole folder
	listed    time.Time   // when that was done last
}

// session connects, does, and closes.
func (f *folder) session(h *bridge.Hold, do func(*session, context.Context) error) error {
	s := &session{w: f.w, f: f, fence: h.Fence, wake: make(chan struct{}, 1)}
	if f.before {
		f.w.deps.Meter.Add(bridge.MetricReconnects, 1, f.w.o.Name)
	}
	f.before = true
	if err := aside(func() error { return s.open(h.Ctx) }); err != nil {
		return err
	}
	stop := context.AfterFunc(h.Ctx, func() { s.conn.kill(context.Cause(h.Ctx)) })
	defer stop()
	defer s.close()
	if err := aside(func() error { return s.enter(h.Ctx, f.name, f.w.o.After.Action != Leave) }); err != nil {
		return err
	}
	return do(s, h.Ctx)
}

// aside runs f on a stack of its own, which is gone afterwards: hundreds of goroutines that wait for mail for days shall not each keep
// the stack that a TLS handshake once needed.
func aside(f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return <-done
}

// open connects and logs in.
func (s *session) open(ctx context.Context) error {
	var err error
	if s.conn, err = s.w.connect(ctx); err != nil {
		return err
	}
	s.client = s.newClient()
	if err := s.greet(ctx); err != nil {
		s.close()
		return err
	}
	return nil
}

func (s *session) greet(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.conn.kill(context.Cause(ctx)) })
	defer stop()
	if err := s.do("wait for greeting", commandTime, s.client.WaitGreeting); err != nil {
		return err
	}
	if err := s.loggedIn(); err != nil {
		return err
	}
	if err := s.login(ctx); err != nil {
		return err
	}
	s.w.alarms.clear(ctx, alarmLogin, "")
	return s.do("ask for capabilities", commandTime, func() error {
		if s.caps = s.client.Caps(); s.caps == nil {
			return errors.New("server does not tell its capabilities")
		}
		return nil
	})
}

// close ends the connection without a word: LOGOUT would be one more wait for a server that may be dead.
func (s *session) close() {
	s.conn.kill(errClosed)
	_ = s.client.Close() // waits for the reader; its error is that of the closed connection
}

var errClosed = errors.New("session is over")

// do runs one command under the watchdog.
func (s *session) do(what string, limit time.Duration, f func() error) error {
	dog := s.conn.watch(limit)
	defer dog.Stop()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", what, s.conn.blame(err))
	}
	return nil
}

// enter checks that the folder may be watched and selects it.
func (s *session) enter(ctx context.Context, name string, write bool) error {
	if !s.w.o.ForceSpecialUse {
		use, err := s.specialUse(name)
		if err != nil {
			return err
		}
		if use != "" {
			return fmt.Errorf("%w: %s is marked %s", errFolder, name, use)
		}
	}
	return s.choose(ctx, name, write)
}

// specialUse gives the mark of a folder that is no inbox (RFC 6154).
func (s *session) specialUse(name string) (imap.MailboxAttr, error) {
	var options *imap.ListOptions
	if s.caps.Has(imap.CapSpecialUse) && s.caps.Has(imap.CapListExtended) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	var use imap.MailboxAttr
	err := s.do("list folder", commandTime, func() error {
		list, err := s.client.List("", name, options).Collect()
		for _, l := range list {
			if l.Mailbox != name {
				continue
			}
			for _, attr := range l.Attrs {
				switch attr {
				case imap.MailboxAttrSent, imap.MailboxAttrDrafts, imap.MailboxAttrAll, imap.MailboxAttrTrash, imap.MailboxAttrJunk:
					use = attr
				}
			}
		}
		return err
	})
	return use, err
}

// choose selects the folder, again too: that tells UIDVALIDITY, UIDNEXT and the number of messages anew. Read-only unless something is to
// be done to the messages.
func (s *session) choose(ctx context.Context, name string, write bool) error {
	var data *imap.SelectData
	err := s.do("select folder", commandTime, func() (err error) {
		data, err = s.client.Select(name, &imap.SelectOptions{ReadOnly: !write}).Wait()
		return err
	})
	var answer *imap.Error
	if errors.As(err, &answer) && answer.Type == imap.StatusResponseTypeNo {
		return fmt.Errorf("%w: %w", errFolder, err)
	}
	if err != nil {
		return err
	}
	if data.UIDValidity == 0 {
		return fmt.Errorf("%w: the server gives it no UIDVALIDITY", errFolder)
	}
	s.exists.Store(data.NumMessages)
	s.uidNext, s.permanent = uint32(data.UIDNext), data.PermanentFlags
	s.f.pulse.beat(ctx)
	if s.f.validity != data.UIDValidity {
		if s.f.validity != 0 {
			s.f.log.WarnContext(ctx, "folder was renumbered", "uidvalidity_before", s.f.validity, "uidvalidity", data.UIDValidity)
			s.w.alarms.raise(ctx, alarmValidity, s.f.name, "máy chủ đã đánh số lại thư trong thư mục "+s.f.name+"; đang đối chiếu lại toàn bộ")
		}
		if err := s.noteValidity(ctx, data.UIDValidity); err != nil {
			return err
		}
		s.f.validity = data.UIDValidity
		clear(s.f.suspects)
		s.f.cleared = nil
		s.next = 0
	}
	return nil
}

// noteValidity tells the ledger which numbering holds, even when there is nothing to see: what was seen under an older one is gone by this.
// A check writes nothing.
func (s *session) noteValidity(ctx context.Context, validity uint32) error {
	if s.fence == (bridge.Fence{}) {
		return nil
	}
	if err := s.w.deps.Ledger.Sighted(ctx, s.fence, s.f.id, validity, nil); err != nil {
		return fmt.Errorf("note uidvalidity: %w: %w", errOurs, err)
	}
	return nil
}

// once is a session of a drain: until nothing is new.
func (s *session) once(ctx context.Context) error {
	for {
		if err := s.sync(ctx); err != nil {
			return err
		}
		if err := s.choose(ctx, s.f.name, s.w.o.After.Action != Leave); err != nil {
			return err
		}
		more, _, err := s.news(ctx)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			return s.act(ctx)
		}
	}
}

// stay is a session of a daemon: syncs, and waits for more.
func (s *session) stay(ctx context.Context) error {
	for {
		err := aside(func() error {
			if err := s.sync(ctx); err != nil {
				return err
			}
			return s.act(ctx)
		})
		if err != nil {
			return err
		}
		if !s.f.alone {
			return nil // others wait for the connection
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
}

// wait returns when there is something new, with the folder selected anew at every poll.
func (s *session) wait(ctx context.Context) error {
	for {
		woken, err := s.idle(ctx)
		if err != nil || woken {
			return err
		}
		more := false
		err = aside(func() (err error) { more, err = s.poll(ctx); return err })
		if err != nil || more {
			return err
		}
	}
}

// poll selects the folder anew and says whether there is something to sync.
func (s *session) poll(ctx context.Context) (more bool, err error) {
	s.w.checkToken(ctx)
	if err := s.choose(ctx, s.f.name, s.w.o.After.Action != Leave); err != nil {
		return false, err
	}
	if err := s.lookCleared(ctx); err != nil {
		return false, err
	}
	if s.next == 0 || s.uidNext == 0 || s.uidNext > s.next || s.f.due() || time.Since(s.listed) > relistEvery {
		return true, nil
	}
	s.f.synced(ctx)
	if err := s.act(ctx); err != nil {
		return false, err
	}
	if s.conn.downloaded.Load() > lightMost {
		return false, errFresh
	}
	return false, nil
}

// idle waits in IDLE (RFC 2177), or just waits where the server does not have it. IDLE is never relied upon: the poll ends it.
func (s *session) idle(ctx context.Context) (woken bool, err error) {
	var cmd *imapclient.IdleCommand
	if s.caps.Has(imap.CapIdle) {
		if err := aside(func() (err error) { cmd, err = s.beginIdle(); return err }); err != nil {
			return false, err
		}
	}
	limit := time.NewTimer(min(s.w.o.Poll, s.w.o.IdleMax))
	defer limit.Stop()
	select {
	case <-s.wake:
		woken = true
	case <-limit.C:
	case <-s.client.Closed():
	case <-ctx.Done():
	}
	if cmd == nil {
		return woken, context.Cause(ctx)
	}
	return woken, aside(func() error { return s.endIdle(cmd) })
}

func (s *session) beginIdle() (cmd *imapclient.IdleCommand, err error) {
	err = s.do("begin to idle", commandTime, func() (err error) {
		cmd, err = s.client.Idle()
		return err
	})
	s.conn.scan.other.Store(maxOther)
	return cmd, err
}

func (s *session) endIdle(cmd *imapclient.IdleCommand) error {
	return s.do("end idling", commandTime, func() error {
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	})
}
