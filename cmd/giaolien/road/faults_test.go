package road

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// TestReserve keeps more free than the disk has: nothing is taken in, an alarm says so, and with room again everything goes on.
func TestReserve(t *testing.T) {
	const n = 20
	s := newSite(t, options{mode: "send", postgres: true, poll: "5s"})
	s.fill(11, 0, n)
	s.edit(`reserve = "1MiB"`, `reserve = "1000000GiB"`)
	d := s.serve()
	until(t, "alarm disk-full", func() bool {
		code, text := d.health()
		return code == http.StatusServiceUnavailable && strings.Contains(text, "disk-full")
	})
	if got := s.number("SELECT count(*) FROM receipts"); got != 0 {
		t.Errorf("%d receipts on a disk without room, want none", got)
	}
	d.stop()

	s.edit(`reserve = "1000000GiB"`, `reserve = "1MiB"`)
	d = s.serve()
	until(t, "healthy again", func() bool { code, _ := d.health(); return code == http.StatusOK })
	until(t, "all notices", func() bool { distinct, _, _ := s.catcher.totals(); return distinct >= n*9/10 })
	d.stop()
	settled(t, s, s.drain(), n)
	if _, copies, _ := s.catcher.totals(); copies != 0 {
		t.Errorf("%d notices twice, want none", copies)
	}
}

// TestRenumberedFolder deletes a folder and makes it anew with the old mails and a few more, under other UIDs and another UIDVALIDITY.
// Every UID of both is accounted for; the old mails are joined, not registered or answered a second time.
func TestRenumberedFolder(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const old, more = 20, 5
			s := newSite(t, o)
			s.edit("poll = ", "folders = [\"Den\"]\npoll = ")
			c := s.dial(nil)
			defer c.Close()
			at := time.Now().Add(-time.Hour).Truncate(time.Second)
			s.makeFolder(c, "Den")
			for i := range old {
				s.put(c, "Den", mail(12, i, at), at)
			}
			first := s.drain()
			before := s.validity(c, "Den")

			if err := c.Delete("Den").Wait(); err != nil {
				t.Fatal(err)
			}
			s.makeFolder(c, "Den")
			for i := old + more - 1; i >= 0; i-- { // in another order: no UID keeps its mail
				s.put(c, "Den", mail(12, i, at), at)
			}
			if after := s.validity(c, "Den"); after == before {
				cannot(t, "the server gave the new folder the same UIDVALIDITY")
			}
			second := s.drain()
			t.Logf("first %+v, second %+v", first, second)
			if first.Fetched != old || second.Fetched != old+more || sum(second.UIDs) != 2*old+more || second.UIDs["waiting"]+second.UIDs["failed"] != 0 || second.Left != 0 {
				t.Errorf("fetched %d and %d, states %v, left %d; want %d and %d, %d UIDs, none open", first.Fetched, second.Fetched, second.UIDs, second.Left,
					old, old+more, 2*old+more)
			}
			if second.Records != old+more || sum(second.Receipts) != old+more {
				t.Errorf("%d records of %d receipts, want %d of each", second.Records, sum(second.Receipts), old+more)
			}
			if distinct, copies, _ := s.catcher.totals(); distinct != second.Receipts["registered"] || copies != 0 {
				t.Errorf("%d notices and %d copies for %d registered mails", distinct, copies, second.Receipts["registered"])
			}
		})
	}
}

func (s *site) makeFolder(c *imapclient.Client, name string) {
	s.t.Helper()
	if err := c.Create(name, nil).Wait(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) put(c *imapclient.Client, folder string, raw []byte, at time.Time) {
	s.t.Helper()
	cmd := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: at})
	if _, err := cmd.Write(raw); err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		s.t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) validity(c *imapclient.Client, folder string) uint32 {
	s.t.Helper()
	status, err := c.Status(folder, &imap.StatusOptions{UIDValidity: true}).Wait()
	if err != nil {
		s.t.Fatal(err)
	}
	return status.UIDValidity
}

// TestHumanBesideUs stops the daemon in the middle of its work; a person reads some mails, moves some away and deletes some. Afterwards
// every UID has its state, those that are gone too, and the marks on the server are those of the person alone.
func TestHumanBesideUs(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send", poll: "5s"}, "postgres": {mode: "send", poll: "5s", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const n, late = 150, 10
			s := newSite(t, o)
			s.fill(13, 0, n)
			c := s.dial(nil)
			defer c.Close()
			s.makeFolder(c, "Luu")
			if _, err := c.Select("INBOX", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			d := s.serve()
			until(t, "first mails stored", s.storing)
			d.signal(syscall.SIGSTOP)
			s.mark(c, 1, 9, imap.FlagSeen)
			s.mark(c, 61, 69, imap.FlagSeen)
			s.mark(c, 10, 19, imap.FlagDeleted)
			s.mark(c, 70, n, imap.FlagDeleted)
			if err := c.Expunge().Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Move(uids(20, 29), "Luu").Wait(); err != nil {
				t.Fatal(err)
			}
			d.signal(syscall.SIGCONT)
			s.fill(13, n, late)
			d.stop()
			got := s.drain()
			distinct, copies, _ := s.catcher.totals()
			t.Logf("%+v; notices %d, copies %d", got, distinct, copies)

			if sum(got.UIDs) != n+late || got.UIDs["waiting"]+got.UIDs["failed"] != 0 || got.Left != 0 {
				t.Errorf("states %v, left %d; want all %d UIDs, none open", got.UIDs, got.Left, n+late)
			}
			if got.UIDs["vanished"] == 0 {
				t.Log("the daemon was quicker than the person: no mail was deleted in time")
			}
			if taken := n + late - got.UIDs["vanished"]; got.Records != taken || distinct != got.Receipts["registered"] || copies != 0 {
				t.Errorf("%d records, %d notices and %d copies, want %d, one for each of %d registered, none", got.Records, distinct, copies, taken, got.Receipts["registered"])
			}
			if there := s.onServer(); there != n+late-10-81-10 {
				t.Errorf("%d mails on the server", there)
			}
			seen, err := c.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			if len(seen.AllUIDs()) != 18 {
				t.Errorf("%d mails are marked as read (%v), want the 18 that the person read", len(seen.AllUIDs()), seen.AllUIDs())
			}
		})
	}
}

// storing says whether raw mail has begun to reach the disk.
func (s *site) storing() bool {
	files, err := filepath.Glob(filepath.Join(s.dir, "data", "archive", "*.gls"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			return true
		}
	}
	return false
}

func uids(from, to imap.UID) imap.UIDSet {
	var set imap.UIDSet
	set.AddRange(from, to)
	return set
}

func (s *site) mark(c *imapclient.Client, from, to imap.UID, flag imap.Flag) {
	s.t.Helper()
	if err := c.Store(uids(from, to), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close(); err != nil {
		s.t.Fatal(err)
	}
}

// TestDatabaseBlackHole swallows the database's answers again and again while mail arrives, COMMITs among them: nobody can tell what was
// done. Nothing is lost or registered twice, and no notice is handed over a second time but one that was on its way in a hole.
func TestDatabaseBlackHole(t *testing.T) {
	const rounds, portion = 5, 20
	s := newSite(t, options{mode: "send", postgres: true, poll: "5s"})
	h := s.digHole()
	d := s.serve()
	until(t, "the daemon is up", func() bool { code, _ := d.health(); return code == http.StatusOK })
	for i := range rounds {
		before, _, _ := s.catcher.totals()
		s.fill(14, i*portion, portion)
		until(t, "work has begun", func() bool { distinct, _, _ := s.catcher.totals(); return distinct > before })
		h.silence()
		if i == 0 {
			until(t, "the daemon is no longer healthy", func() bool { code, _ := d.health(); return code != http.StatusOK })
		}
		h.cut()
	}
	until(t, "all notices", func() bool { distinct, _, _ := s.catcher.totals(); return distinct >= rounds*portion*9/10 })
	d.stop()
	s.fillHole(h)
	c := s.drain()
	_, copies, _ := s.catcher.totals()
	t.Logf("%+v; copies of notices %d", c, copies)
	settled(t, s, c, rounds*portion)
	if copies > rounds {
		t.Errorf("%d notices twice after %d holes, want at most one for each", copies, rounds)
	}
}

// TestRenumberedWhileWaiting renumbers a folder whose mails were seen and not yet taken in: those of the old numbering are gone, and
// none of them stays open.
func TestRenumberedWhileWaiting(t *testing.T) {
	const n = 10
	s := newSite(t, options{mode: "send", postgres: true, poll: "5s"})
	s.edit("poll = ", "folders = [\"Den\"]\npoll = ", `reserve = "1MiB"`, `reserve = "1000000GiB"`)
	c := s.dial(nil)
	defer c.Close()
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	s.makeFolder(c, "Den")
	for i := range n {
		s.put(c, "Den", mail(15, i, at), at)
	}
	d := s.serve()
	until(t, "mails seen", func() bool { return s.number("SELECT count(*) FROM uids") == n })
	d.stop()
	before := s.validity(c, "Den")
	if err := c.Delete("Den").Wait(); err != nil {
		t.Fatal(err)
	}
	s.makeFolder(c, "Den")
	if s.validity(c, "Den") == before {
		cannot(t, "the server gave the new folder the same UIDVALIDITY")
	}
	for i := range n {
		s.put(c, "Den", mail(15, i, at), at)
	}
	s.edit(`reserve = "1000000GiB"`, `reserve = "1MiB"`)
	got := s.drain()
	if sum(got.UIDs) != 2*n || got.UIDs["vanished"] != n || got.UIDs["waiting"] != 0 || got.Records != n {
		t.Errorf("%d records, states %v; want %d, %d UIDs of which %d vanished and none waits", got.Records, got.UIDs, n, 2*n, n)
	}
}
