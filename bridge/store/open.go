package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/giaolien/giaolien/bridge"
)

// Options of Open; the zero value is right for a daemon.
type Options struct {
	// Now replaces the database's clock, in tests.
	Now func() time.Time
	// Timeout bounds one statement on PostgreSQL, and one and a half times as much the wait for a silent network; for SQLite it bounds
	// the wait for another process that writes. Default 30 s.
	Timeout time.Duration
	// HighWater remembers the highest register numbers outside of the database; nil: nobody does, and a restored database gives numbers twice.
	HighWater bridge.HighWater
	// Conns bounds the connections to PostgreSQL (default 16), and the readers of SQLite (default 4).
	Conns int
}

func (o Options) timeout() time.Duration {
	if o.Timeout <= 0 {
		return 30 * time.Second
	}
	return o.Timeout
}

func (o Options) conns(otherwise int) int {
	if o.Conns <= 0 {
		return otherwise
	}
	return o.Conns
}

// ErrSchema is wrapped by Open when the schema is not the one that this program was made for.
var ErrSchema = errors.New("schema does not fit this program")

// Store is one database. It implements every port of package bridge and the methods of its people; it is safe for concurrent use.
type Store struct {
	dialect dialect
	write   *sqlx.DB // SQLite: one connection, because there is one writer
	read    *sqlx.DB // PostgreSQL: the same as write
	writing *queries
	reading *queries
	now     func() time.Time
	wakes   *wakes
	uncut   atomic.Bool  // the write-ahead log of SQLite may hold words that were erased since
	steps   atomic.Int64 // of fences: every claim takes the next one
	lost    lostClaims
	marks   marks
	// end, set by tests only, stands for what can happen to a COMMIT and to its reply.
	end func(*sqlx.Tx) error
}

var (
	_ bridge.Leases        = (*Store)(nil)
	_ bridge.Receipts      = (*Store)(nil)
	_ bridge.Ledger        = (*Store)(nil)
	_ bridge.ServerActions = (*Store)(nil)
	_ bridge.Work          = (*Store)(nil)
	_ bridge.FileReadings  = (*Store)(nil)
	_ bridge.Notices       = (*Store)(nil)
	_ bridge.Alarms        = (*Store)(nil)
)

// address is a database URL taken apart.
type address struct {
	dialect dialect
	path    string // SQLite
	url     string // PostgreSQL
}

// parseAddress reads "sqlite:path" and "postgres://…". Errors never quote the URL: it holds a password.
func parseAddress(text string) (address, error) {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if path == "" || strings.ContainsRune(path, 0) {
			return address{}, errors.New("read database url: sqlite: lacks the path of a file")
		}
		return address{dialect: liteDialect, path: path}, nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return address{}, errors.New("read database url: want sqlite:PATH or postgres://USER@HOST/DATABASE?sslmode=verify-full")
	}
	if u.Query().Get("sslmode") == "" {
		return address{}, errors.New("read database url: sslmode must be given (verify-full; disable only on this machine), its default differs between libraries")
	}
	return address{dialect: postgres, url: text}, nil
}

// Open opens a database whose schema is there and fits, checks that it keeps what it acknowledges, and prepares every query. It never
// creates anything: Create and Migrate do.
func Open(ctx context.Context, url string, opt Options) (*Store, error) {
	a, err := parseAddress(url)
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: a.dialect, now: opt.Now, wakes: newWakes(), marks: marks{file: opt.HighWater}}
	if err := s.connect(a, opt); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	if a.dialect == postgres {
		s.wakes.listen(a.url)
	}
	return s, nil
}

func (s *Store) connect(a address, opt Options) error {
	if a.dialect == postgres {
		db, err := openPostgres(a.url, opt.timeout(), patience(opt.timeout()))
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(opt.conns(16))
		db.SetMaxIdleConns(opt.conns(16))
		db.SetConnMaxIdleTime(5 * time.Minute)
		db.SetConnMaxLifetime(30 * time.Minute)
		s.write = sqlx.NewDb(db, a.dialect.sqlxName())
		s.read = s.write
		return nil
	}
	if _, err := os.Stat(a.path); err != nil {
		return fmt.Errorf("open database: %w (giaolien init or giaolien db migrate creates it)", err)
	}
	writer, err := sql.Open("sqlite", liteDSN(a.path, "rw", opt.timeout(), ""))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	writer.SetMaxOpenConns(1)
	writer.SetConnMaxIdleTime(0)
	reader, err := sql.Open("sqlite", liteDSN(a.path, "rw", opt.timeout(), "&_pragma=query_only(1)"))
	if err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), writer.Close())
	}
	reader.SetMaxOpenConns(opt.conns(4))
	reader.SetMaxIdleConns(opt.conns(4))
	s.write, s.read = sqlx.NewDb(writer, a.dialect.sqlxName()), sqlx.NewDb(reader, a.dialect.sqlxName())
	return nil
}

// liteDSN spells out everything that durability rests on: the defaults of SQLite drivers differ (mattn's WAL does not sync commits).
// Transactions begin IMMEDIATE, so that none has to change from reading to writing, which fails under another writer. What is deleted or
// overwritten is zeroed in the file: a message that turns out to be a state secret must be gone from it, also what a statement of an earlier
// day had freed, so it is not enough to ask for that when a secret is found.
func liteDSN(path, mode string, wait time.Duration, more string) string {
	return "file:" + escaped(path) + "?mode=" + mode + "&_txlock=immediate&_pragma=busy_timeout(" +
		strconv.FormatInt(wait.Milliseconds(), 10) + ")&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)" + more
}

// openPostgres bounds everything that can hang: the server ends long statements, long waits for locks and forgotten transactions, and the
// connection gives up on a network that has gone silent, which a context does not (lib/pq issue 620).
func openPostgres(url string, statement, network time.Duration) (*sql.DB, error) {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return nil, errors.New("read database url: not understood by the driver")
	}
	set := func(name string, d time.Duration) {
		if _, given := cfg.Runtime[name]; !given {
			cfg.Runtime[name] = strconv.FormatInt(d.Milliseconds(), 10)
		}
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	set("statement_timeout", statement)
	set("lock_timeout", statement/2)
	set("idle_in_transaction_session_timeout", 2*statement)
	// Everything here looks rows up by key. Plans are made once per connection, maybe while the tables are empty, and would then go on
	// reading whole tables that have long grown. Where no other way is left the planner takes a forbidden one at an enormous estimate, for
	// which it would compile the statement: 100 ms for counting an empty table.
	for _, way := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		if _, given := cfg.Runtime[way]; !given {
			cfg.Runtime[way] = "off"
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = min(network, 10*time.Second)
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "giaolien"
	}
	if cfg.TargetSessionAttrs == "" { // decisions and leases are read where they are written, never on a replica
		cfg.TargetSessionAttrs = pq.TargetSessionAttrsReadWrite
	}
	c, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, errors.New("read database url: not understood by the driver")
	}
	c.Dialer(dialer{network})
	return sql.OpenDB(c), nil
}

// patience is how long a connection waits for one answer of the network: longer than the server works on a statement.
func patience(statement time.Duration) time.Duration { return statement * 3 / 2 }

// start checks server and schema, and prepares the queries.
func (s *Store) start(ctx context.Context) error {
	texts, err := loadTexts(s.dialect)
	if err != nil {
		return err
	}
	for _, db := range []*sqlx.DB{s.write, s.read} {
		if err := checkSettings(ctx, db, s.dialect, texts["server-settings"]); err != nil {
			return err
		}
	}
	if err := s.checkSchema(ctx, texts); err != nil {
		return err
	}
	if s.writing, err = prepare(ctx, s.write, s.dialect, texts); err != nil {
		return err
	}
	if s.reading = s.writing; s.read != s.write {
		s.reading, err = prepare(ctx, s.read, s.dialect, texts)
	}
	return err
}

// checkSettings refuses a server that may forget what it acknowledged.
func checkSettings(ctx context.Context, db *sqlx.DB, d dialect, query string) error {
	if d == postgres {
		var got struct {
			Version int    `db:"server_version"`
			Sync    string `db:"synchronous_commit"`
		}
		if err := db.GetContext(ctx, &got, query); err != nil {
			return fmt.Errorf("read server settings: %w", err)
		}
		if got.Version < 140000 {
			return fmt.Errorf("PostgreSQL 14 or newer is needed, this one says %d", got.Version)
		}
		if got.Sync == "off" {
			return errors.New("synchronous_commit is off: acknowledged mail could be lost; set it to on")
		}
		return nil
	}
	var got struct {
		Journal string `db:"journal_mode"`
		Sync    int    `db:"synchronous"`
		Keys    int    `db:"foreign_keys"`
		Wait    int    `db:"busy_timeout"`
	}
	if err := db.GetContext(ctx, &got, query); err != nil {
		return fmt.Errorf("read database settings: %w", err)
	}
	if got.Journal != "wal" || got.Sync != 2 || got.Keys != 1 || got.Wait <= 0 {
		return fmt.Errorf("database settings did not take: journal_mode %s, synchronous %d, foreign_keys %d, busy_timeout %d; want wal, 2, 1, > 0",
			got.Journal, got.Sync, got.Keys, got.Wait)
	}
	return nil
}

// Close ends the listener and all connections. Jobs that a lost claim may have leased are handed back before, if the database answers.
func (s *Store) Close() error {
	err := errors.Join(s.handBack(), s.wakes.close())
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return errors.Join(err, s.write.Close())
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.instant(ctx); err != nil {
		return err
	}
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// escaped makes a path safe inside the URI form of a SQLite name, where ? and # have a meaning.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
