package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

const (
	postgresEnv = "GIAOLIEN_TEST_POSTGRES"
	requireEnv  = "GIAOLIEN_TEST_REQUIRE"
)

// database makes empty databases of one kind.
type database struct {
	name  string
	fresh func(t *testing.T) string // URL of an empty database
	raw   func(t *testing.T, url string) *sql.DB
}

func sqliteDatabase() database {
	return database{
		name:  "sqlite",
		fresh: func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "một kho?#%.db") },
		raw: func(t *testing.T, address string) *sql.DB {
			path := strings.TrimPrefix(address, "sqlite:")
			db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(5000)&_txlock=immediate")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		},
	}
}

// postgresDatabase gives a schema of its own to every test in the database that the environment names.
func postgresDatabase(t *testing.T) database {
	base := os.Getenv(postgresEnv)
	if base == "" {
		if os.Getenv(requireEnv) == "1" {
			t.Fatalf("%s is not set, and %s=1 asks for it", postgresEnv, requireEnv)
		}
		t.Skipf("%s is not set: no PostgreSQL to test on", postgresEnv)
	}
	return database{
		name: "postgres",
		fresh: func(t *testing.T) string {
			url, drop := schema(t, base)
			t.Cleanup(drop)
			return url
		},
		raw: func(t *testing.T, url string) *sql.DB {
			db, err := sql.Open("postgres", url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		},
	}
}

// schemas numbers the schemas of this process.
var schemas atomic.Int64

// schema makes an empty schema in the database at base, and gives the URL that works in it.
func schema(t testing.TB, base string) (string, func()) {
	t.Helper()
	admin, err := sql.Open("postgres", base)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("giaolien_test_%d_%d", os.Getpid(), schemas.Add(1))
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("the URL of the test database cannot be read")
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() {
		if _, err := admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	}
}

// clock is the database's clock in tests.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 6, 15, 2, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is one test's database with a store on it.
type bench struct {
	*testing.T
	*store.Store
	database
	url    string
	clock  *clock
	folder int64
	direct *sql.DB // for count
}

const agency = "ubnd-tinh"

func newBench(t *testing.T, d database) *bench {
	t.Helper()
	b := &bench{T: t, database: d, url: d.fresh(t), clock: newClock()}
	b.must(store.Create(b.ctx(), b.url))
	b.Store = b.another()
	b.must(b.PutReceivers(b.ctx(), []store.ReceivingAgency{{ID: agency, Name: "UBND tỉnh Quảng Trị"}, {ID: "so-tttt", Name: "Sở TT&TT"}}))
	b.folder = b.watch("INBOX")
	return b
}

// another opens the same database as a second daemon would.
func (b *bench) another() *store.Store {
	b.Helper()
	s, err := store.Open(b.ctx(), b.url, store.Options{Now: b.clock.Now, Timeout: 20 * time.Second})
	b.must(err)
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func (b *bench) ctx() context.Context { return context.Background() }

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) wants(err, target error) {
	b.Helper()
	if !errors.Is(err, target) {
		b.Fatalf("got error %v, want one that wraps %v", err, target)
	}
}

func (b *bench) watch(name string) int64 {
	b.Helper()
	id, err := b.Folder(b.ctx(), "vanthu@mail.quangtri.gov.vn:993", name, "vanthu", agency)
	b.must(err)
	return id
}

// count asks the database itself.
func (b *bench) count(query string) int {
	b.Helper()
	if b.direct == nil {
		b.direct = b.raw(b.T, b.url)
	}
	var n int
	b.must(b.direct.QueryRow(query).Scan(&n))
	return n
}

func (b *bench) wantCount(query string, want int) {
	b.Helper()
	if got := b.count(query); got != want {
		b.Fatalf("%s: got %d, want %d", query, got, want)
	}
}

// mail is a sealed message in memory.
type mail struct{ raw, content bridge.Digest }

func (m mail) Raw() bridge.Digest     { return m.raw }
func (m mail) Content() bridge.Digest { return m.content }
func (m mail) Size() int64            { return 170_000 }
func (m mail) Discard()               {}

// letter is a message with this content that came by this way.
func letter(content, way string) mail {
	return mail{raw: sha256.Sum256([]byte(content + way)), content: sha256.Sum256([]byte(content))}
}

// arrival comes by IMAP under a UID.
func (b *bench) arrival(uid uint32, content string) bridge.Stored {
	return b.arrivalIn(b.folder, 7, uid, content)
}

func (b *bench) arrivalIn(folder int64, validity, uid uint32, content string) bridge.Stored {
	origin := fmt.Sprintf("imap:%d:%d:%d", folder, validity, uid)
	return bridge.Stored{Location: "seg-1@0", Arrival: bridge.Arrival{Receiver: agency, Channel: bridge.Email, Mailbox: "vanthu", Origin: origin,
		UID: bridge.UIDKey{Folder: folder, UIDValidity: validity, UID: uid}, Raw: letter(content, origin),
		InternalDate: b.clock.Now().Add(-time.Minute), FetchedAt: b.clock.Now()}}
}

func (b *bench) put(in ...bridge.Stored) []bridge.Put {
	b.Helper()
	puts, err := b.PutReceipts(b.ctx(), bridge.Fence{}, in)
	b.must(err)
	if len(puts) != len(in) {
		b.Fatalf("%d answers for %d arrivals", len(puts), len(in))
	}
	return puts
}

func (b *bench) claim(n int) []bridge.Task {
	b.Helper()
	tasks, err := b.ClaimTasks(b.ctx(), "daemon-1", n, time.Minute)
	b.must(err)
	return tasks
}

func (b *bench) claimOne() bridge.Task {
	b.Helper()
	tasks := b.claim(1)
	if len(tasks) != 1 {
		b.Fatalf("%d tasks are due, want 1", len(tasks))
	}
	return tasks[0]
}

// state of every UID of the bench's folder.
func (b *bench) uids() map[uint32]bridge.State {
	b.Helper()
	list, err := b.UIDStates(b.ctx(), b.folder, 7)
	b.must(err)
	out := map[uint32]bridge.State{}
	for _, u := range list {
		out[u.UID] = u.State
	}
	return out
}

func (b *bench) explain(receipt string) store.Explanation {
	b.Helper()
	e, err := b.Explain(b.ctx(), receipt)
	b.must(err)
	return e
}

// events are the types in the log of a receipt.
func (b *bench) events(receipt string) string {
	b.Helper()
	var types []string
	for _, e := range b.explain(receipt).Events {
		types = append(types, e.Type)
	}
	return strings.Join(types, " ")
}

// draw renders a notice so that its numbers can be read.
func draw(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
	body := fmt.Sprintf("%s|%s|%d|%s\r\n", n.ID, n.SoDen, n.Reminder, n.At.Format(time.RFC3339))
	return notice.Rendered{MessageID: n.ID + ".t@quangtri.gov.vn", EnvelopeFrom: "vanthu+t@quangtri.gov.vn", EnvelopeTo: d.To, Bytes: []byte(body)}, nil
}

// settled makes an outcome of a task with one record in this state. Key and main file follow number, which may be empty.
func settled(t bridge.Task, state bridge.State, number string) bridge.Settlement {
	o := bridge.Outcome{Receipt: t.Receipt.ID, State: state, Reason: "default",
		Instant:  bridge.Instant{At: t.Receipt.InternalDate, Source: bridge.InstantInternalDate},
		Facts:    bridge.Facts{Subject: "Báo cáo " + number, From: "vp@dongha.quangtri.gov.vn", MessageID: "m@dongha", Files: 1},
		Decision: policy.Decision{Verdict: policy.Accept, Rule: "qt-2014"},
		Versions: bridge.Versions{Program: "0.1", Knowledge: "k1", Rules: "r1", Directory: "d1", Settings: "s1"},
		History:  bridge.History{Outcomes: t.Outcomes, Amendments: t.Amendments}}
	rec := bridge.RecordOutcome{State: state, Decision: o.Decision, Record: mapping.Record{
		Document: vanban.Document{SoHieu: number, TrichYeu: "Báo cáo"},
		Files:    []mapping.File{{Name: "bc.pdf", Type: "application/pdf", Size: 9, Digest: fmt.Sprintf("%x", sha256.Sum256([]byte(number)))}},
		Sender:   directory.Match{Agency: "dong-ha", Address: "vp@dongha.quangtri.gov.vn"}}}
	if number != "" {
		rec.Key = "key:" + number
	}
	o.Records = []bridge.RecordOutcome{rec}
	return bridge.Settlement{Job: t.Job, Receipt: t.Receipt, Outcome: o}
}

// telling adds a notice to a settlement.
func telling(s bridge.Settlement, kind notice.Kind) bridge.Settlement {
	s.Outcome.Notice = &notice.Draft{Kind: kind, Receipt: s.Receipt.ID, To: "vp@dongha.quangtri.gov.vn", Agency: "dong-ha", Receiver: agency,
		From: "vanthu@quangtri.gov.vn", Subject: "V/v tiếp nhận", Body: "Kính gửi", Gist: notice.Gist{Lines: []string{s.Receipt.ID + " gist"}}}
	s.Outcome.Brings = bridge.Brings{Files: []string{fmt.Sprintf("%x", sha256.Sum256([]byte(s.Receipt.ID)))}, New: true}
	return s
}

// commit wants all of it to be written.
func (b *bench) commit(in ...bridge.Settlement) {
	b.Helper()
	errs, err := b.Commit(b.ctx(), draw, in)
	b.must(err)
	for _, err := range errs {
		b.must(err)
	}
}

// commitErr gives the error of a single settlement.
func (b *bench) commitErr(s bridge.Settlement) error {
	b.Helper()
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{s})
	b.must(err)
	return errs[0]
}
