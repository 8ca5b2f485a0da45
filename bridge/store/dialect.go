package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the two databases. Its value names the folders of queries and migrations.
type dialect string

const (
	liteDialect dialect = "sqlite"
	postgres    dialect = "postgres"
)

// sqlxName is the driver name by which sqlx picks its placeholders.
func (d dialect) sqlxName() string {
	if d == postgres {
		return "postgres"
	}
	return "sqlite3"
}

// rowsCall is the one extension of SQL in queries/: rows(:name, column type, …) stands for the rows of a JSON array that is passed as one
// argument. Both databases can unfold JSON, each with another function; with multi-row VALUES the text would change with the number of
// rows, could not be prepared at start, and is bound to 65,535 arguments.
var rowsCall = regexp.MustCompile(`\brows\((:\w+),([^()]*)\)`)

// expand writes out the rows calls of a query. It fails on a type that it does not know.
func (d dialect) expand(query string) (string, error) {
	var fault error
	text := rowsCall.ReplaceAllStringFunc(query, func(call string) string {
		parts := rowsCall.FindStringSubmatch(call)
		var picked, declared []string
		for column := range strings.SplitSeq(parts[2], ",") {
			name, kind, ok := strings.Cut(strings.TrimSpace(column), " ")
			pick, declare, known := d.column(name, kind)
			if !ok || !known {
				fault = errors.Join(fault, fmt.Errorf("rows: column %q has no known type", strings.TrimSpace(column)))
			}
			picked = append(picked, pick+" AS "+name)
			declared = append(declared, name+" "+declare)
		}
		if d == postgres {
			return "(SELECT " + strings.Join(picked, ", ") + " FROM json_to_recordset(CAST(" + parts[1] + " AS json)) AS j(" + strings.Join(declared, ", ") + "))"
		}
		return "(SELECT " + strings.Join(picked, ", ") + " FROM jsonb_each(" + parts[1] + ") AS j)"
	})
	return text, fault
}

// column says how a column of a rows call is picked out of its JSON, and as what PostgreSQL declares it. JSON inside rows travels as a
// string, so that it is kept to the letter.
func (d dialect) column(name, kind string) (pick, declare string, known bool) {
	declare, known = map[string]string{"text": "text", "bigint": "bigint", "bool": "boolean", "time": "timestamptz", "json": "text", "bytes": "text"}[kind]
	switch {
	case d == postgres && kind == "json":
		return "CAST(j." + name + " AS json)", declare, known
	case d == postgres && kind == "bytes":
		return "decode(j." + name + ", 'hex')", declare, known
	case d == postgres:
		return "j." + name, declare, known
	case kind == "bytes":
		return "unhex(json_extract(j.value, '$." + name + "'))", declare, known
	}
	return "json_extract(j.value, '$." + name + "')", declare, known
}

// errAgain asks for the transaction to be run again: somebody was faster in a way that only a new look can tell.
var errAgain = errors.New("overtaken by another transaction")

// again reports errors after which the same transaction may succeed: the database rolled it back for the sake of another.
func again(err error) bool {
	if errors.Is(err, errAgain) {
		return true
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "40001" || e.Code == "40P01" // serialization failure, deadlock
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	return false
}

// faulty reports errors about the data itself: a constraint or a value that the database refuses. Trying the same again cannot help.
func faulty(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code.Class() == "22" || e.Code.Class() == "23"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
			return true
		}
	}
	return false
}

// full reports that the database's disk is full.
func full(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == "53100"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_FULL
	}
	return false
}
