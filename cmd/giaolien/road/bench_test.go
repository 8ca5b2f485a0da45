package road

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the baseline decodes what it is given
)

// figures of one run.
type figures struct {
	wall, cpu time.Duration // cpu: user and system of the measured process alone
	peak      int64         // bytes resident at the most
}

// measure runs a command to its end. Its peak is the high-water mark that the kernel keeps for its memory map (VmHWM), looked at while it
// runs: the maximum that wait4 gives begins with the memory of the process that forked it, which is this one.
func measure(b *testing.B, cmd *exec.Cmd) figures {
	b.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended, peaked := make(chan struct{}), make(chan int64)
	go func() { peaked <- highWater(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	wall := time.Since(start)
	close(ended)
	peak := <-peaked
	if err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, errs.String())
	}
	return figures{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak: peak}
}

// highWater follows the peak of a process until it has ended.
func highWater(pid int, ended <-chan struct{}) (peak int64) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // gone when the process is
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			var kb int64
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				peak = max(peak, kb<<10)
			}
		}
		select {
		case <-ended:
			return peak
		case <-tick.C:
		}
	}
}

func median(list []figures) figures {
	slices.SortFunc(list, func(a, b figures) int { return int(a.wall - b.wall) })
	return list[len(list)/2]
}

// BenchmarkDrain compares, in one run and round by round, our drain into PostgreSQL and SQLite with the straightforward loop and with
// mbsync, which only downloads. The same 300 mails lie in a Dovecot mailbox on loopback.
func BenchmarkDrain(b *testing.B) {
	const mails, rounds = 300, 5
	if _, err := exec.LookPath("mbsync"); err != nil {
		b.Skip("mbsync is not installed (Debian package isync)")
	}
	for b.Loop() {
		s := newSite(b, options{postgres: true})
		s.fill(7, 0, mails)
		baseline := naiveBinary(b)
		var loop, sync, postgres, sqlite []figures
		for range rounds {
			loop = append(loop, measure(b, s.naive(baseline)))
			sync = append(sync, measure(b, s.mbsync()))
			postgres = append(postgres, measure(b, s.fresh(true).command("drain", "--json")))
			sqlite = append(sqlite, measure(b, s.fresh(false).command("drain", "--json")))
		}
		l, m, p, q := median(loop), median(sync), median(postgres), median(sqlite)
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(w, "\ndrain of %d mails, median of %d rounds\twall\tmails/s\tCPU s per 1,000\tagainst the loop\tagainst mbsync\t\n", mails, rounds)
		for _, r := range []struct {
			name string
			f    figures
		}{{"straightforward loop into PostgreSQL", l}, {"mbsync (downloads only)", m}, {"giaolien drain into PostgreSQL", p}, {"giaolien drain into SQLite", q}} {
			fmt.Fprintf(w, "%s\t%v\t%.0f\t%.2f\t%.2f×\t%.2f×\t\n", r.name, r.f.wall.Round(time.Millisecond), mails/r.f.wall.Seconds(),
				r.f.cpu.Seconds()*1000/mails, l.wall.Seconds()/r.f.wall.Seconds(), m.wall.Seconds()/r.f.wall.Seconds())
		}
		w.Flush()
		b.ReportMetric(l.wall.Seconds()/p.wall.Seconds(), "×loop")
		b.ReportMetric(m.wall.Seconds()/p.wall.Seconds(), "×mbsync")
		b.ReportMetric(p.cpu.Seconds()*1000/mails, "CPU-s/1000")
	}
}

// fresh is an empty installation on the same mailbox.
func (s *site) fresh(postgres bool) *site {
	f := newSite(s.t, options{postgres: postgres})
	f.user = s.user
	f.write("config.toml", f.configText(options{mode: "off", poll: "60s"}))
	return f
}

// mbsync downloads the mailbox into an empty Maildir.
func (s *site) mbsync() *exec.Cmd {
	dir := s.t.TempDir()
	host, port, err := net.SplitHostPort(s.imap)
	if err != nil {
		s.t.Fatal(err)
	}
	text := fmt.Sprintf("IMAPAccount a\nHost %s\nPort %s\nUser %s\nPass %s\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath %s/\nInbox %s/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX\nSync Pull New\nCreate Near\nSyncState *\n",
		host, port, s.user, s.password, dir, dir)
	file := filepath.Join(dir, "mbsyncrc")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return exec.Command("mbsync", "-q", "-c", file, "c")
}

// naive runs the straightforward loop: this test binary, called anew.
func (s *site) naive(program string) *exec.Cmd {
	cmd := exec.Command(program, "-test.run", "^TestNaiveLoop$")
	cmd.Env = append(os.Environ(), "ROAD_NAIVE_IMAP="+s.imap, "ROAD_NAIVE_USER="+s.user, "ROAD_NAIVE_PASSWORD="+s.password, "ROAD_NAIVE_DATABASE="+newDatabase(s.t, need(s.t, "GIAOLIEN_TEST_POSTGRES")))
	return cmd
}

func naiveBinary(b *testing.B) string {
	path, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	return path
}

// TestNaiveLoop is the baseline of BenchmarkDrain when it is called with the variables of (*site).naive, and nothing otherwise: fetch one,
// parse with go-message, insert with the raw bytes as bytea, commit per mail.
func TestNaiveLoop(t *testing.T) {
	addr := os.Getenv("ROAD_NAIVE_IMAP")
	if addr == "" {
		return // not called as the baseline
	}
	db, err := sql.Open("postgres", os.Getenv("ROAD_NAIVE_DATABASE"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE mails (uid bigint PRIMARY KEY, subject text, sender text, files int, raw bytea)"); err != nil {
		t.Fatal(err)
	}
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(os.Getenv("ROAD_NAIVE_USER"), os.Getenv("ROAD_NAIVE_PASSWORD")).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{}, nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	for _, uid := range found.AllUIDs() {
		if err := naiveOne(c, db, uid); err != nil {
			t.Fatal(err)
		}
	}
}

func naiveOne(c *imapclient.Client, db *sql.DB, uid imap.UID) error {
	section := &imap.FetchItemBodySection{Peek: true}
	got, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return err
	}
	raw := got[0].FindBodySection(section)
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	files := 0
	if err := e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		if part.MultipartReader() == nil {
			files++
			_, err = io.Copy(io.Discard, part.Body)
		}
		return err
	}); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO mails VALUES ($1, $2, $3, $4, $5)", int64(uid), e.Header.Get("Subject"), e.Header.Get("From"), files, raw); err != nil {
		return err
	}
	return tx.Commit()
}

// BenchmarkBigMail drains one mail of 100 MB and compares the memory at its peak with that of a drain that finds nothing.
func BenchmarkBigMail(b *testing.B) {
	for b.Loop() {
		s := newSite(b, options{})
		c := s.dial(nil)
		idle := measure(b, s.command("drain", "--json"))
		at := time.Now()
		s.append(c, bigMail(at, 100<<20), at)
		c.Close()
		big := measure(b, s.command("drain", "--json"))
		fmt.Printf("\none mail of 100 MB: peak %d MB resident, %d MB with nothing to do, %d MB above (SQLite)\n", big.peak>>20, idle.peak>>20, (big.peak-idle.peak)>>20)
		b.ReportMetric(float64(big.peak-idle.peak)/(1<<20), "MB-above-idle")
	}
}

func bigMail(at time.Time, size int) []byte {
	raw := mail(9, 0, at)
	i := bytes.Index(raw, []byte("Content-Transfer-Encoding: base64\r\n\r\nJVBER"))
	if i < 0 {
		panic("the first mail has no PDF")
	}
	i += len("Content-Transfer-Encoding: base64\r\n\r\n")
	var b bytes.Buffer
	b.Write(raw[:i])
	base64Lines(&b, scan(random(9, 1), size*57/78))
	b.WriteString("--=_9_0--\r\n")
	return b.Bytes()
}

// BenchmarkLatency measures the time from the server's EXISTS, as it passes on the daemon's own connection, to the committed record.
func BenchmarkLatency(b *testing.B) {
	const mails = 40
	for b.Loop() {
		s := newSite(b, options{postgres: true})
		t := newTap(b, s.imap)
		direct := s.imap
		s.imap = t.addr
		s.write("config.toml", s.configText(options{mode: "off", poll: "60s"}))
		s.imap = direct
		daemon := s.command("serve")
		daemon.Stderr = os.Stderr
		if err := daemon.Start(); err != nil {
			b.Fatal(err)
		}
		delays := s.arrivals(b, t.exists, mails)
		if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		if err := daemon.Wait(); err != nil {
			b.Fatal(err)
		}
		slices.Sort(delays)
		fmt.Printf("\nfrom the server's EXISTS to the committed record, %d mails: median %v, 90 %% under %v\n", len(delays),
			delays[len(delays)/2].Round(time.Millisecond), delays[len(delays)*9/10].Round(time.Millisecond))
		b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, "ms-median")
	}
}

// tap passes connections on to an IMAP server and tells when an untagged EXISTS goes by.
type tap struct {
	addr   string
	exists chan time.Time
}

func newTap(t testing.TB, server string) *tap {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &tap{addr: l.Addr().String(), exists: make(chan time.Time, 1000)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", server)
			if err != nil {
				c.Close()
				continue
			}
			go func() {
				io.Copy(s, c)
				s.Close()
			}()
			go func() {
				io.Copy(c, io.TeeReader(s, p))
				c.Close()
			}()
		}
	}()
	return p
}

// Write sees what the server sends. A split "EXISTS" is missed, which the caller notices.
func (p *tap) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(" EXISTS\r\n")) && !bytes.Contains(b, []byte("UIDVALIDITY")) {
		p.exists <- time.Now()
	}
	return len(b), nil
}

// arrivals delivers mails one by one and times each from EXISTS to the commit that PostgreSQL shows.
func (s *site) arrivals(b *testing.B, exists <-chan time.Time, n int) []time.Duration {
	db, err := sql.Open("postgres", s.database)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c := s.dial(nil)
	defer c.Close()
	var delays []time.Duration
	for i := range n {
		at := time.Now()
		s.append(c, mail(8, i*10, at), at)
		records := 0
		for deadline := time.Now().Add(time.Minute); records < i+1; {
			if err := db.QueryRow("SELECT count(*) FROM records").Scan(&records); err != nil {
				b.Fatal(err)
			}
			if time.Now().After(deadline) {
				b.Fatalf("mail %d has no record after a minute", i+1)
			}
		}
		done := time.Now()
		var seen time.Time
		for len(exists) > 0 {
			seen = <-exists
		}
		if !seen.IsZero() { // the first one was there before the daemon waited
			delays = append(delays, done.Sub(seen))
		}
	}
	if len(delays) < n/2 {
		b.Fatalf("the server said EXISTS for %d of %d mails only", len(delays), n)
	}
	return delays
}
