package mailbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/giaolien/giaolien/bridge"
)

func TestDrain(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		if err := c.Create("Công văn", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		want := map[bridge.Digest]time.Time{}
		for i := range 75 {
			raw, date := mail(i, 300+i*1500), start.Add(time.Duration(i-20)*time.Hour)
			folder := "INBOX"
			if i%5 == 0 {
				folder = "Công văn"
			}
			put(t, c, folder, raw, date)
			want[sha256.Sum256(raw)] = date
		}
		put(t, c, "INBOX", mail(1, 1800), start) // the same content once more
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", func(o *Options) { o.Folders = []string{"INBOX", "Công văn"} })
		got, err := w.Drain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Accepted != 76 || got.Sighted != 76 || got.Joined != 1 || got.Imported != 20 || got.Failed+got.Vanished+got.Left != 0 {
			t.Errorf("drained %+v", got)
		}
		for k, arrival := range st.arrivals {
			date, ok := want[arrival.Raw.Raw()]
			if !ok {
				t.Fatalf("message %v has bytes of its own", k)
			}
			if again := arrival.InternalDate.Equal(start) && arrival.Raw.Raw() == sha256.Sum256(mail(1, 1800)); !again && !arrival.InternalDate.Equal(date) {
				t.Errorf("message %v came at %v, want %v", k, arrival.InternalDate, date)
			}
			if arrival.Imported != arrival.InternalDate.Before(start) || arrival.Receiver != "H50.01" || arrival.Channel != bridge.Email ||
				arrival.Mailbox != "vanthu" || arrival.Origin != bridge.OriginIMAP(k) || arrival.FetchedAt.IsZero() {
				t.Errorf("arrival %+v", arrival)
			}
		}
		accepts := st.accepts
		again, err := s.watcher(t, st, a, "hai", func(o *Options) { o.Folders = []string{"INBOX", "Công văn"} }).Drain(t.Context())
		if err != nil || again != (Counts{}) || st.accepts != accepts {
			t.Errorf("second drain gives %+v, %v", again, err)
		}
		noneHeld(t, a)
		if len(st.raised) > 0 {
			t.Errorf("alarms %v", st.raised)
		}
	})
}

// TestServerIsLeftUntouched checks that nobody else can see that we were there.
func TestServerIsLeftUntouched(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		for i := range 3 {
			put(t, c, "INBOX", mail(i, 1000), start)
		}
		if _, err := s.watcher(t, newStore(), newArchive(), "một", nil).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		messages, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{Flags: true}).Collect()
		if err != nil || len(messages) != 3 {
			t.Fatalf("%d messages, %v", len(messages), err)
		}
		for _, m := range messages {
			if slices.ContainsFunc(m.Flags, func(f imap.Flag) bool { return f != `\Recent` }) {
				t.Errorf("message %d has flags %v", m.SeqNum, m.Flags)
			}
		}
	})
}

func TestWatchTakesNewMail(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		put(t, c, "INBOX", mail(1, 1000), start)
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", nil)
		stop := run(t, w)
		st.await(t, "the first message", func() bool { return len(st.arrivals) == 1 })
		for i := 2; i < 6; i++ {
			put(t, c, "INBOX", mail(i, 200_000), start)
			st.await(t, "a new message", func() bool { return len(st.arrivals) == i })
		}
		m := w.deps.Meter.(*meter)
		if m.get(bridge.MetricUp, "vanthu", "INBOX") != 1 || m.get(bridge.MetricContact, "vanthu", "INBOX") == 0 {
			t.Errorf("metrics %v", m.values)
		}
		stop()
		noneHeld(t, a)
		if l := st.leases["mailbox:1"]; l.owner != "" {
			t.Errorf("the lease is kept by %s", l.owner)
		}
	})
}

func TestLargeMessage(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		raw := mail(1, 12<<20)
		put(t, c, "INBOX", mail(0, 500), start)
		put(t, c, "INBOX", raw, start)
		put(t, c, "INBOX", mail(2, 500), start)
		st, a := newStore(), newArchive()
		got, err := s.watcher(t, st, a, "một", nil).Drain(t.Context())
		if err != nil || got.Accepted != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
		if !bytes.Equal(a.raws[sha256.Sum256(raw)], raw) {
			t.Error("the large message is not whole")
		}
		// A limit makes it failed, visibly, and leaves the others alone.
		st, a = newStore(), newArchive()
		got, err = s.watcher(t, st, a, "hai", func(o *Options) { o.MaxMessage = 1 << 20 }).Drain(t.Context())
		if err != nil || got.Accepted != 2 || got.Failed != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		for k, e := range st.uids {
			if e.state == bridge.Failed && (!strings.Contains(e.reason, "quá giới hạn") || st.alarms[fmt.Sprintf("message-failed:1:%d:%d", k.UIDValidity, k.UID)].Code == "") {
				t.Errorf("message %d failed because of %q, alarms %v", k.UID, e.reason, st.alarms)
			}
		}
	})
}

func TestFlagAndMove(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		if err := c.Create("Đã nhận", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			put(t, c, "INBOX", mail(i, 1000), start)
		}
		st, a := newStore(), newArchive()
		flag := func(o *Options) { o.After = After{Action: SetFlag, Flag: "$GiaoLien"} }
		if _, err := s.watcher(t, st, a, "một", flag).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(st.noted) != 3 {
			t.Errorf("noted %v", st.noted)
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		found, err := c.Search(&imap.SearchCriteria{Flag: []imap.Flag{"$GiaoLien"}}, nil).Wait()
		if err != nil || len(found.AllSeqNums()) != 3 {
			t.Errorf("flagged %v, %v", found.AllSeqNums(), err)
		}
		clear(st.noted)
		move := func(o *Options) {
			o.After = After{Action: Move, Folders: map[bridge.State]string{bridge.Registered: "Đã nhận"}}
		}
		if _, err := s.watcher(t, st, a, "hai", move).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		status, err := c.Status("Đã nhận", &imap.StatusOptions{NumMessages: true}).Wait()
		if err != nil {
			t.Fatal(err)
		}
		there := *status.NumMessages
		if c.Caps().Has(imap.CapMove) {
			if there != 3 || len(st.noted) != 3 {
				t.Errorf("%d moved, noted %v", there, st.noted)
			}
			return
		}
		if there != 0 || len(st.noted) != 0 || st.alarms["mailbox-action:vanthu"].Code == "" {
			t.Errorf("without MOVE %d moved, noted %v, alarms %v", there, st.noted, st.alarms)
		}
		if status, err = c.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait(); err != nil || *status.NumMessages != 3 {
			t.Errorf("without MOVE the messages must stay: %v, %v", status, err)
		}
	})
}

func TestMoveToMissingFolderLeavesMail(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		put(t, c, "INBOX", mail(1, 1000), start)
		st := newStore()
		move := func(o *Options) {
			o.After = After{Action: Move, Folders: map[bridge.State]string{bridge.Registered: "Không có"}}
		}
		w := s.watcher(t, st, newArchive(), "một", move)
		if _, err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		status, err := c.Status("INBOX", &imap.StatusOptions{NumMessages: true}).Wait()
		if err != nil || *status.NumMessages != 1 || len(st.noted) != 0 || st.alarms["mailbox-action:vanthu"].Code == "" {
			t.Errorf("inbox %v, %v, noted %v, alarms %v", status, err, st.noted, st.alarms)
		}
		findings, err := w.Check(t.Context())
		if err != nil || len(findings) == 0 || !strings.Contains(strings.Join(findings, "\n"), "Không có") {
			t.Errorf("check finds %q, %v", findings, err)
		}
	})
}

func TestSpecialUseIsRefused(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		if !c.Caps().Has(imap.CapCreateSpecialUse) && !s.real {
			t.Skip("the server knows no special use")
		}
		// Both servers mark it by its name.
		if err := c.Create("Sent", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		put(t, c, "Sent", mail(1, 1000), start)
		st := newStore()
		sent := func(o *Options) { o.Folders = []string{"Sent"} }
		w := s.watcher(t, st, newArchive(), "một", sent)
		if _, err := w.Drain(t.Context()); !errors.Is(err, errFolder) {
			t.Fatalf("drain of \\Sent: %v", err)
		}
		if len(st.arrivals) != 0 || st.alarms["mailbox-folder:vanthu"].Code == "" {
			t.Errorf("took %d messages, alarms %v", len(st.arrivals), st.alarms)
		}
		if findings, err := w.Check(t.Context()); err != nil || !strings.Contains(strings.Join(findings, "\n"), "Sent") {
			t.Errorf("check finds %q, %v", findings, err)
		}
		forced := func(o *Options) { o.Folders, o.ForceSpecialUse = []string{"Sent"}, true }
		if got, err := s.watcher(t, st, newArchive(), "một", forced).Drain(t.Context()); err != nil || got.Accepted != 1 {
			t.Errorf("forced: %+v, %v", got, err)
		}
		if len(st.alarms) != 0 {
			t.Errorf("alarms stay: %v", st.alarms)
		}
	})
}

func TestWrongPassword(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		st := newStore()
		wrong := func(o *Options) {
			o.Secret = func(context.Context) (string, error) { return "sai", nil }
		}
		w := s.watcher(t, st, newArchive(), "một", wrong)
		if _, err := w.Drain(t.Context()); !errors.Is(err, errRefused) {
			t.Fatalf("drain: %v", err)
		}
		if st.alarms["mailbox-login:vanthu"].Code != "mailbox-login" {
			t.Errorf("alarms %v", st.alarms)
		}
		if findings, err := w.Check(t.Context()); err != nil || len(findings) != 1 || !strings.Contains(findings[0], "từ chối đăng nhập") {
			t.Errorf("check finds %q, %v", findings, err)
		}
		if _, err := s.watcher(t, st, newArchive(), "một", nil).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(st.alarms) != 0 {
			t.Errorf("alarms stay after the login: %v", st.alarms)
		}
	})
}

func TestMissingFolder(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		st := newStore()
		w := s.watcher(t, st, newArchive(), "một", func(o *Options) { o.Folders = []string{"Không có", "INBOX"} })
		put(t, s.user(t), "INBOX", mail(1, 1000), start)
		got, err := w.Drain(t.Context())
		if !errors.Is(err, errFolder) || got.Accepted != 1 || st.alarms["mailbox-folder:vanthu"].Code == "" {
			t.Errorf("%+v, %v, alarms %v: the other folder must be drained", got, err, st.alarms)
		}
		if findings, err := w.Check(t.Context()); err != nil || !strings.Contains(strings.Join(findings, "\n"), "Không có") {
			t.Errorf("check finds %q, %v", findings, err)
		}
	})
}

// TestTwoDaemons lets two watchers fight over one mailbox.
func TestTwoDaemons(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		for i := range 60 {
			put(t, c, "INBOX", mail(i, 1000), start)
		}
		st, a := newStore(), newArchive()
		first, second := s.watcher(t, st, a, "một", nil), s.watcher(t, st, a, "hai", nil)
		first.standby, second.standby = time.Second, time.Second
		stop := run(t, first)
		st.await(t, "the first lease", func() bool { return st.leases["mailbox:1"].owner == "một" })
		run(t, second)
		st.await(t, "all messages", func() bool { return len(st.arrivals) == 60 })
		stop() // the lease is dropped, and the other daemon comes
		put(t, c, "INBOX", mail(60, 1000), start)
		st.await(t, "the message after the change", func() bool { return len(st.arrivals) == 61 })
		st.mu.Lock()
		defer st.mu.Unlock()
		if st.leases["mailbox:1"].token < 2 || len(st.contents) != 61 {
			t.Errorf("lease %+v, %d receipts", st.leases["mailbox:1"], len(st.contents))
		}
	})
}

// TestFoldersTakeTurns has more folders than connections.
func TestFoldersTakeTurns(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		folders := []string{"INBOX", "A", "B", "C"}
		for _, f := range folders[1:] {
			if err := c.Create(f, nil).Wait(); err != nil {
				t.Fatal(err)
			}
		}
		st := newStore()
		run(t, s.watcher(t, st, newArchive(), "một", func(o *Options) { o.Folders, o.MaxConnections = folders, 2 }))
		for i, f := range folders {
			put(t, c, f, mail(i, 1000), start)
		}
		st.await(t, "a message of every folder", func() bool { return len(st.arrivals) == 4 })
	})
}

func TestExpungedBeforeFetch(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		for i := range 4 {
			put(t, c, "INBOX", mail(i, 1000), start)
		}
		st := newStore()
		// An earlier life saw UID 2 and died; a person deleted it since.
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		w := s.watcher(t, st, newArchive(), "một", nil)
		st.fault = func(call string) error {
			if call == "PutReceipts" {
				return fmt.Errorf("database gone: %w", bridge.ErrFenced)
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _, _ = w.Drain(ctx) }()
		st.await(t, "sightings", func() bool { return st.in(bridge.Waiting) == 4 })
		cancel()
		<-done
		if err := c.Store(imap.SeqSet{{Start: 2, Stop: 2}}, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Expunge().Close(); err != nil {
			t.Fatal(err)
		}
		st.mu.Lock()
		st.fault = nil
		st.mu.Unlock()
		got, err := s.watcher(t, st, newArchive(), "hai", nil).Drain(t.Context())
		if err != nil || got.Accepted != 3 || got.Vanished != 1 || st.in(bridge.Vanished) != 1 || st.in(bridge.Waiting) != 0 {
			t.Errorf("%+v, %v, states %v", got, err, st.states())
		}
	})
}
