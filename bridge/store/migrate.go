package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrationPatience bounds one statement of a migration, and the wait for another process that migrates.
const migrationPatience = 30 * time.Minute

// Migrate brings the schema to the version of this program, creating it when there is none. It may run in several processes at once: one
// works, the others wait and find it done. It refuses a schema that is newer than the program.
func Migrate(ctx context.Context, url string) (err error) {
	a, err := parseAddress(url)
	if err != nil {
		return err
	}
	db, options, done, err := openForMigration(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done(), db.Close()) }()
	provider, err := newProvider(a.dialect, db, options...)
	if err != nil {
		return err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("migrate database: %w: its version %d is newer than %d; use the newer program", ErrSchema, current, target)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// Create makes a new database with the schema of this program. It refuses one that has a schema already.
func Create(ctx context.Context, url string) error {
	a, err := parseAddress(url)
	if err != nil {
		return err
	}
	if a.dialect == liteDialect {
		switch info, err := os.Stat(a.path); {
		case err == nil && info.Size() > 0:
			return fmt.Errorf("create database: %s: %w", a.path, fs.ErrExist)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("create database: %w", err)
		}
		return Migrate(ctx, url)
	}
	db, err := openPostgres(a.url, 30*time.Second, patience(30*time.Second))
	if err != nil {
		return err
	}
	texts, err := loadTexts(a.dialect)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	var n int
	err = db.QueryRowContext(ctx, texts["schema-exists"]).Scan(&n)
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	if n > 0 {
		return fmt.Errorf("create database: a schema is there already: %w", fs.ErrExist)
	}
	return Migrate(ctx, url)
}

// openForMigration opens a database so that no other process migrates it before done is called. PostgreSQL has an advisory lock for it.
// SQLite's own locks end with each transaction, and goose looks at the version outside of them; so a second, empty database beside it is
// locked for the whole time. The system frees it when the process dies.
func openForMigration(ctx context.Context, a address) (*sql.DB, []goose.ProviderOption, func() error, error) {
	if a.dialect == postgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, uint64(migrationPatience/time.Second)))
		if err != nil {
			return nil, nil, nil, fmt.Errorf("prepare migration lock: %w", err)
		}
		db, err := openPostgres(a.url, migrationPatience, patience(migrationPatience))
		return db, []goose.ProviderOption{goose.WithSessionLocker(locker)}, func() error { return nil }, err
	}
	guard, err := sql.Open("sqlite", "file:"+escaped(a.path+".migrate")+"?mode=rwc&_txlock=exclusive&_pragma=busy_timeout(1800000)")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("open migration lock: %w", err)
	}
	held, err := guard.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("take migration lock: %w", err), guard.Close())
	}
	done := func() error { return errors.Join(held.Rollback(), guard.Close()) }
	db, err := sql.Open("sqlite", liteDSN(a.path, "rwc", time.Minute, ""))
	if err != nil {
		return nil, nil, nil, errors.Join(fmt.Errorf("open database: %w", err), done())
	}
	return db, nil, done, nil
}

func newProvider(d dialect, db *sql.DB, options ...goose.ProviderOption) (*goose.Provider, error) {
	name := goose.DialectPostgres
	if d == liteDialect {
		name = goose.DialectSQLite3
	}
	folder, err := fs.Sub(files, path.Join("migrations", string(d)))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	provider, err := goose.NewProvider(name, db, folder, append(options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

// checkSchema refuses a schema that is missing, older or newer.
func (s *Store) checkSchema(ctx context.Context, texts map[string]string) error {
	provider, err := newProvider(s.dialect, s.write.DB)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	target := sources[len(sources)-1].Version
	var tables int
	if err := s.write.GetContext(ctx, &tables, texts["schema-exists"]); err != nil {
		return fmt.Errorf("look for the schema: %w", err)
	}
	if tables == 0 {
		return fmt.Errorf("%w: there is none; run giaolien db migrate", ErrSchema)
	}
	var version int64
	if err := s.write.GetContext(ctx, &version, texts["schema-version"]); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	switch {
	case version < target:
		return fmt.Errorf("%w: it has version %d, %d is needed; run giaolien db migrate", ErrSchema, version, target)
	case version > target:
		return fmt.Errorf("%w: its version %d is newer than %d; use the newer program", ErrSchema, version, target)
	}
	return nil
}
