package store

import (
	"errors"

	"github.com/jmoiron/sqlx"
)

// ErrLostReply stands for a connection that breaks between COMMIT and its reply.
var ErrLostReply = errors.New("connection lost")

// LoseNextReply makes the next transaction commit, and its caller hear of an error.
func (s *Store) LoseNextReply() {
	s.CommitNextBy(func(t *sqlx.Tx) error { return errors.Join(t.Commit(), ErrLostReply) })
}

// LoseNextCommit makes the next transaction end without a trace, and its caller hear of an error.
func (s *Store) LoseNextCommit() {
	s.CommitNextBy(func(t *sqlx.Tx) error { return errors.Join(t.Rollback(), ErrLostReply) })
}

// CommitNextBy lets the test end the next transaction.
func (s *Store) CommitNextBy(commit func(*sqlx.Tx) error) {
	s.CommitBy(func(t *sqlx.Tx) error {
		s.end = nil
		return commit(t)
	})
}

// CommitBy lets the test end every transaction.
func (s *Store) CommitBy(commit func(*sqlx.Tx) error) { s.end = commit }

// WithoutNUL and Parse give the gate and the reader of query files to tests.
var (
	WithoutNUL   = withoutNUL
	ParseQueries = parseQueries
)

// MonthPage is how many receipts one query of a month reads.
const MonthPage = monthPage

// Expand writes out the rows calls of a query for SQLite or PostgreSQL.
func Expand(onPostgres bool, query string) (string, error) {
	if onPostgres {
		return postgres.expand(query)
	}
	return liteDialect.expand(query)
}
