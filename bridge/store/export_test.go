package store

import "errors"

// ErrLostReply stands for a connection that breaks between COMMIT and its reply.
var ErrLostReply = errors.New("connection lost")

// LoseNextReply makes the next transaction commit, and its caller hear of an error.
func (s *Store) LoseNextReply() {
	s.afterCommit = func() error {
		s.afterCommit = nil
		return ErrLostReply
	}
}

// WithoutNUL and Parse give the gate and the reader of query files to tests.
var (
	WithoutNUL   = withoutNUL
	ParseQueries = parseQueries
)

// Expand writes out the rows calls of a query for SQLite or PostgreSQL.
func Expand(onPostgres bool, query string) (string, error) {
	if onPostgres {
		return postgres.expand(query)
	}
	return liteDialect.expand(query)
}
