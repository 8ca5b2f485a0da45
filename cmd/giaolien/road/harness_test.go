package road

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"
	_ "github.com/lib/pq"
)

// need returns the value of an environment variable that names a server. Without it the test is skipped, or fails where
// GIAOLIEN_TEST_REQUIRE says that nothing may be missing.
func need(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		cannot(t, name+" is not set; .ci/servers starts the servers and prints it")
	}
	return v
}

// cannot skips a test that this machine cannot run; where GIAOLIEN_TEST_REQUIRE is set, that is a failure.
func cannot(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatal(why + ", and GIAOLIEN_TEST_REQUIRE is set")
	}
	t.Skip(why)
}

var (
	buildOnce sync.Once
	program   string
	buildErr  error
)

// giaolien is the path of the binary, built once as it is shipped.
func giaolien(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "giaolien-road-")
		if err != nil {
			buildErr = err
			return
		}
		program = filepath.Join(dir, "giaolien")
		cmd := exec.Command("go", "build", "-trimpath", "-o", program, "github.com/giaolien/giaolien/cmd/giaolien")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("%w: %s", err, out)
		}
	})
	if buildErr != nil {
		t.Fatalf("build the binary: %v", buildErr)
	}
	return program
}

func TestMain(m *testing.M) {
	code := m.Run()
	if program != "" {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

func token() string {
	b := make([]byte, 6)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// site is one installation of the program: configuration, database, a Dovecot mailbox and a catcher of notices.
type site struct {
	t        testing.TB
	dir      string
	user     string
	password string
	imap     string // host:port
	database string // URL, empty: SQLite
	catcher  *catcher
}

// options of a site.
type options struct {
	postgres bool
	mode     string // of notices; default off
	poll     string // default 60s
}

// newSite makes an installation with an empty mailbox of its own and an empty database.
func newSite(t testing.TB, o options) *site {
	t.Helper()
	server, err := url.Parse(need(t, "GIAOLIEN_TEST_DOVECOT"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := server.User.Password()
	s := &site{t: t, dir: t.TempDir(), user: "gl-" + token(), password: password, imap: server.Host, catcher: newCatcher(t)}
	if o.postgres {
		s.database = newDatabase(t, need(t, "GIAOLIEN_TEST_POSTGRES"))
	}
	if o.mode == "" {
		o.mode = "off"
	}
	if o.poll == "" {
		o.poll = "60s"
	}
	s.write("config.toml", s.configText(o))
	s.write("rules.toml", rulesText)
	s.write("agencies.csv", agenciesCSV())
	s.write("password", s.password+"\n")
	s.run("db", "migrate")
	return s
}

// rulesText reminds every sender, so that each mail causes a notice.
const rulesText = `title = "Thử nghiệm"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"
[[rule]]
id = "nhac"
title = "Gửi qua Hệ thống"
legal = "Công văn thử nghiệm"
strength = "order"
channels = ["email"]
[rule.sender]
groups = ["so-nganh"]
[[rule.phase]]
from = 2020-01-01
verdict = "warn"
notice = "remind"
`

func (s *site) configText(o options) string {
	host, port, _ := net.SplitHostPort(s.imap)
	_, smtpPort, _ := net.SplitHostPort(s.catcher.addr)
	return fmt.Sprintf(`data = "data"
[database]
url = %q
[archive]
reserve = "1MiB"
[http]
listen = ""
[reading]
enabled = false
[log]
level = "warn"
[[agency]]
id = "ubnd"
name = "Văn phòng thử nghiệm"
from = "vanthu@quangtri.example.vn"
[[mailbox]]
name = "vanthu"
receiver = "ubnd"
host = %q
port = %s
tls = "none"
user = %q
password_file = "password"
start = 2020-01-01
poll = %q
[identity]
authserv_ids = [%q]
trusted_hops = [%q]
[smtp]
auth = "none"
host = "127.0.0.1"
port = %s
tls = "none"
[notices]
mode = %q
per_sender_hour = 0
per_sender_day = 0
per_agency_day = 0
per_hour = 0
per_domain_hour = 0
breaker_factor = 0
`, s.database, host, port, s.user, o.poll, mx, mx, smtpPort, o.mode)
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// command prepares a call of the binary on this site.
func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(giaolien(s.t), append([]string{"--config", filepath.Join(s.dir, "config.toml")}, args...)...)
	cmd.Dir = s.dir
	return cmd
}

// run calls the binary and returns its standard output; a failure ends the test.
func (s *site) run(args ...string) []byte {
	s.t.Helper()
	cmd := s.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("giaolien %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes()
}

// counts is what `drain --json` prints.
type counts struct {
	Fetched  int            `json:"fetched"`
	Sent     int            `json:"sent"`
	UIDs     map[string]int `json:"uids"`
	Receipts map[string]int `json:"receipts"`
	Records  int            `json:"records"`
	Notices  map[string]int `json:"notices"`
	Reading  int            `json:"reading"`
	Left     int            `json:"left"`
}

// drain runs a drain to its end.
func (s *site) drain() counts {
	s.t.Helper()
	var c counts
	if err := json.Unmarshal(s.run("drain", "--json"), &c); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// dial logs in to the site's mailbox.
func (s *site) dial(o *imapclient.Options) *imapclient.Client {
	s.t.Helper()
	c, err := imapclient.DialInsecure(s.imap, o)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Login(s.user, s.password).Wait(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// fill delivers the mails first to first+n-1 of a seed, that arrived within the last hour.
func (s *site) fill(seed uint64, first, n int) {
	s.t.Helper()
	c := s.dial(nil)
	defer c.Close()
	now := time.Now()
	for i := first; i < first+n; i++ {
		at := now.Add(-time.Hour + time.Duration(i)*time.Second)
		s.append(c, mail(seed, i, at), at)
	}
}

// onServer counts the messages that the server shows.
func (s *site) onServer() int {
	s.t.Helper()
	c := s.dial(nil)
	defer c.Close()
	box, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		s.t.Fatal(err)
	}
	return int(box.NumMessages)
}

func (s *site) append(c *imapclient.Client, raw []byte, at time.Time) {
	s.t.Helper()
	cmd := c.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: at})
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

// newDatabase makes an empty PostgreSQL database that goes with the test.
func newDatabase(t testing.TB, server string) string {
	t.Helper()
	name := "road_" + token()
	db, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
		db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// catcher is the submission server: it counts every message that it took, by Message-ID.
type catcher struct {
	addr string
	mu   sync.Mutex
	ids  map[string]int    // guarded by mu
	text map[string][]byte // guarded by mu: bytes of the first copy
	diff int               // guarded by mu: copies whose bytes differ from the first
}

func newCatcher(t testing.TB) *catcher {
	t.Helper()
	c := &catcher{ids: map[string]int{}, text: map[string][]byte{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }))
	server.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.addr = l.Addr().String()
	go server.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(ctx)
	})
	return c
}

type session struct{ catcher *catcher }

func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }
func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (*session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	id := ""
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if v, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			id = v
			break
		}
	}
	c := s.catcher
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids[id]++; c.ids[id] == 1 {
		c.text[id] = raw
	} else if !bytes.Equal(c.text[id], raw) {
		c.diff++
	}
	return nil
}

// totals are distinct notices, further copies of them, and copies that were not byte for byte the same.
func (c *catcher) totals() (distinct, copies, different int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.ids {
		distinct++
		copies += n - 1
	}
	return distinct, copies, c.diff
}
