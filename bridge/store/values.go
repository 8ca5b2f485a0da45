package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser/charset"
)

// stampForm has a fixed width, so that in SQLite the order of the text is the order of time. Microseconds are what PostgreSQL keeps.
const stampForm = "2006-01-02T15:04:05.000000Z"

// stamp is an instant in the database: timestamptz or text, NULL for the zero time.
type stamp struct{ time.Time }

func at(t time.Time) stamp { return stamp{t} }

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil
	}
	return s.UTC().Format(stampForm), nil
}

// MarshalJSON gives the form of Value inside batches.
func (s stamp) MarshalJSON() ([]byte, error) {
	if s.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + s.UTC().Format(stampForm) + `"`), nil
}

// Scan implements sql.Scanner for both databases.
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		s.Time = time.Time{}
	case time.Time:
		s.Time = v.UTC()
	case string:
		t, err := time.Parse(stampForm, v)
		if err != nil {
			return fmt.Errorf("read instant: %w", err)
		}
		s.Time = t
	default:
		return fmt.Errorf("read instant: unexpected %T", v)
	}
	return nil
}

// blob is bytes inside a batch, where they travel in hexadecimal.
type blob []byte

// MarshalJSON implements json.Marshaler.
func (b blob) MarshalJSON() ([]byte, error) {
	return []byte(`"` + hex.EncodeToString(b) + `"`), nil
}

// null is a text that is NULL when empty.
type null string

// MarshalJSON implements json.Marshaler.
func (n null) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

// Value implements driver.Valuer.
func (n null) Value() (driver.Value, error) {
	if n == "" {
		return nil, nil
	}
	return safe(string(n)), nil
}

// Scan implements sql.Scanner.
func (n *null) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*n = ""
	case string:
		*n = null(v)
	case []byte:
		*n = null(v)
	default:
		return fmt.Errorf("read text: unexpected %T", v)
	}
	return nil
}

// document is JSON as the database keeps it, read back.
type document []byte

// Scan implements sql.Scanner.
func (d *document) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*d = document(v)
	case []byte:
		*d = document(bytes.Clone(v))
	default:
		return fmt.Errorf("read document: unexpected %T", v)
	}
	return nil
}

func (d document) into(v any) error {
	if err := json.Unmarshal(d, v); err != nil {
		return fmt.Errorf("decode stored document: %w", err)
	}
	return nil
}

// digest reads a SHA-256 out of its hexadecimal form.
type digest bridge.Digest

// Scan implements sql.Scanner.
func (d *digest) Scan(v any) error {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(d) {
		return errors.New("read digest: not 64 hexadecimal digits")
	}
	copy(d[:], b)
	return nil
}

func hexOf(d bridge.Digest) string { return hex.EncodeToString(d[:]) }

// batch passes rows to a query as one JSON argument: one round trip and one prepared text for any number of rows. See queries.go, rows.
type batch struct{ rows any }

// Value implements driver.Valuer.
func (b batch) Value() (driver.Value, error) { return encode(b.rows) }

// encode is the gate for everything that enters as JSON: json.Marshal writes valid UTF-8 only, and the escape of NUL, which PostgreSQL
// refuses in text, is taken out.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("encode rows: %w", err)
	}
	return withoutNUL(strings.TrimSuffix(b.String(), "\n")), nil
}

// withoutNUL removes the escape \u0000 from JSON. A backslash that is itself escaped starts no escape.
func withoutNUL(s string) string {
	const escape = `\u0000`
	if !strings.Contains(s, escape) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
			i++
		case strings.HasPrefix(s[i:], escape):
			i += len(escape)
		default: // an escape has at least two bytes
			b.WriteString(s[i : i+2])
			i += 2
		}
	}
	return b.String()
}

// safe is the gate for identifiers: valid UTF-8 without NUL, otherwise untouched, so that different names stay different.
func safe(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// longest is the bound of one line of text that people read in lists.
const longest = 2000

// line is the gate for such text: one line, NFC, bounded.
func line(s string) string { return charset.Clean(s, longest) }
