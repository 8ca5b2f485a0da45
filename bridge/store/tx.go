package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// tx is one writing transaction. It carries one fixed instant, gathers the events and wake-ups of what it does, and writes the events
// itself before it commits.
type tx struct {
	*sqlx.Tx
	ctx    context.Context
	s      *Store
	q      *queries
	now    time.Time
	events []audit.Event
	wake   map[string]bool
	claims []claimed // what it leases
	found  []claimed // lost claims of which it knows what became of them
}

// unclear is an error of COMMIT: whether the transaction was written is not known.
type unclear struct{ err error }

func (u unclear) Error() string { return "commit, outcome unknown: " + u.err.Error() }
func (u unclear) Unwrap() error { return u.err }

// attempts bounds how often a transaction is run that the database ended for the sake of another.
const attempts = 8

// change runs fn in a transaction, again when the database ended it for the sake of another. fn must start from nothing each time.
func (s *Store) change(ctx context.Context, fn func(*tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, fn)
		if err == nil {
			return nil
		}
		_, lost := errors.AsType[unclear](err)
		if lost || attempt == attempts || !again(err) {
			if full(err) {
				return fmt.Errorf("%w: %w", bridge.ErrNoSpace, err)
			}
			return err
		}
		pause := time.NewTimer(time.Duration(attempt) * 10 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		case <-pause.C:
		}
	}
}

func (s *Store) once(ctx context.Context, fn func(*tx) error) error {
	inner, err := s.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &tx{Tx: inner, ctx: ctx, s: s, q: s.writing, wake: map[string]bool{}}
	if err := t.run(fn); err != nil {
		return errors.Join(err, t.undo())
	}
	commit := (*sqlx.Tx).Commit
	if s.end != nil {
		commit = s.end
	}
	if err := commit(inner); err != nil {
		s.lost.add(t.claims)
		return unclear{err}
	}
	s.lost.forget(t.found)
	for kind := range t.wake {
		s.wakes.signal(kind)
	}
	return nil
}

func (t *tx) run(fn func(*tx) error) error {
	var err error
	if t.now, err = t.clock(); err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	if err := t.writeEvents(); err != nil {
		return err
	}
	if t.s.dialect == postgres {
		for kind := range t.wake {
			if _, err := t.exec(t.q.Notify, args{"channel": channelOf(kind)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// undo ends the transaction without a trace. That it was ended already, by ctx or by a broken connection, is no error.
func (t *tx) undo() error {
	if err := t.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) && t.ctx.Err() == nil {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

func (t *tx) clock() (time.Time, error) {
	switch {
	case t.s.now != nil:
		return t.s.now().UTC().Truncate(time.Microsecond), nil
	case t.s.dialect != postgres:
		return time.Now().UTC().Truncate(time.Microsecond), nil
	}
	var now stamp
	_, err := t.one(t.q.Now, &now, args{})
	return now.Time, err
}

// exec runs a statement and tells how many rows it wrote.
func (t *tx) exec(q *statement, a args) (int64, error) {
	res, err := t.NamedStmtContext(t.ctx, q.named).ExecContext(t.ctx, a.gated())
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name, err)
	}
	return n, nil
}

// all reads every row into dest, a pointer to a slice.
func (t *tx) all(q *statement, dest any, a args) error {
	if err := t.NamedStmtContext(t.ctx, q.named).SelectContext(t.ctx, dest, a.gated()); err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

// one reads the first row into dest and reports whether there was one.
func (t *tx) one(q *statement, dest any, a args) (bool, error) {
	return found(q, t.NamedStmtContext(t.ctx, q.named).GetContext(t.ctx, dest, a.gated()))
}

func found(q *statement, err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", q.name, err)
	}
	return true, nil
}

// all reads outside a transaction.
func (s *Store) all(ctx context.Context, q *statement, dest any, a args) error {
	if err := q.named.SelectContext(ctx, dest, a.gated()); err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

// one reads outside a transaction.
func (s *Store) one(ctx context.Context, q *statement, dest any, a args) (bool, error) {
	return found(q, q.named.GetContext(ctx, dest, a.gated()))
}

// instant is now for reads outside a transaction.
func (s *Store) instant(ctx context.Context) (time.Time, error) {
	switch {
	case s.now != nil:
		return s.now().UTC().Truncate(time.Microsecond), nil
	case s.dialect != postgres:
		return time.Now().UTC().Truncate(time.Microsecond), nil
	}
	var now stamp
	_, err := s.one(ctx, s.reading.Now, &now, args{})
	return now.Time, err
}

// gated passes every text through the gate of identifiers: PostgreSQL refuses what SQLite would keep.
func (a args) gated() args {
	for name, v := range a {
		if text, ok := v.(string); ok {
			a[name] = safe(text)
		}
	}
	return a
}

// note adds an event to what the transaction writes.
func (t *tx) note(e audit.Event) { t.events = append(t.events, e) }

type eventRow struct {
	HappenedAt stamp  `json:"happened_at"`
	Type       string `json:"type"`
	Receipt    null   `json:"receipt"`
	Actor      string `json:"actor"`
	Leaf       blob   `json:"leaf"`
	Sealed     string `json:"sealed"`
	Salts      string `json:"salts"`
}

func (t *tx) writeEvents() error {
	if len(t.events) == 0 {
		return nil
	}
	rows := make([]eventRow, len(t.events))
	for i, e := range t.events {
		row, err := t.eventRow(e)
		if err != nil {
			return err
		}
		rows[i] = row
	}
	_, err := t.exec(t.q.AddEvents, args{"rows": batch{rows}})
	return err
}

func (t *tx) eventRow(e audit.Event) (eventRow, error) {
	e = e.Stamped(t.now)
	if e.Actor == "" {
		e.Actor = audit.Program
	}
	e.Actor, e.Facts, e.Sealed = safe(e.Actor), safeAll(e.Facts), safeAll(e.Sealed)
	e, err := audit.NewSalts(e, rand.Reader)
	if err != nil {
		return eventRow{}, err
	}
	kept, err := audit.Seal(e)
	if err != nil {
		return eventRow{}, err
	}
	row := eventRow{HappenedAt: at(e.At), Type: string(e.Type), Receipt: null(e.Receipt), Actor: e.Actor, Leaf: kept.Leaf}
	if row.Sealed, err = encode(kept.Sealed); err != nil {
		return eventRow{}, err
	}
	row.Salts, err = encode(kept.Salts)
	return row, err
}

// safeAll cleans what is hashed before it is hashed, so that what is kept beside the leaf still opens its commitments.
func safeAll(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = safe(v)
	}
	return out
}
