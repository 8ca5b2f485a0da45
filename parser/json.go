package parser

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// jsonDate is the form of a date that may be unreadable: RFC 3339 in UTC, or the empty string (CLI.md).
func jsonDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func readJSONDate(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("read date: %w", err)
	}
	return t.UTC(), nil
}

// MarshalJSON writes an unreadable date as "".
func (m Message) MarshalJSON() ([]byte, error) {
	type fields Message // without this method
	return json.Marshal(struct {
		fields
		Date string `json:"date"`
	}{fields(m), jsonDate(m.Date)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Message) UnmarshalJSON(b []byte) error {
	type fields Message
	x := struct {
		*fields
		Date string `json:"date"`
	}{fields: (*fields)(m)}
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	t, err := readJSONDate(x.Date)
	m.Date = t
	return err
}

// MarshalJSON writes an unreadable date as "".
func (r Received) MarshalJSON() ([]byte, error) {
	type fields Received
	return json.Marshal(struct {
		fields
		At string `json:"at"`
	}{fields(r), jsonDate(r.At)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Received) UnmarshalJSON(b []byte) error {
	type fields Received
	x := struct {
		*fields
		At string `json:"at"`
	}{fields: (*fields)(r)}
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	t, err := readJSONDate(x.At)
	r.At = t
	return err
}

// MarshalJSON writes times that are not known as "".
func (s Signature) MarshalJSON() ([]byte, error) {
	type fields Signature
	return json.Marshal(struct {
		fields
		NotBefore string `json:"not_before"`
		NotAfter  string `json:"not_after"`
		SignedAt  string `json:"signed_at"`
	}{fields(s), jsonDate(s.NotBefore), jsonDate(s.NotAfter), jsonDate(s.SignedAt)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Signature) UnmarshalJSON(b []byte) error {
	type fields Signature
	x := struct {
		*fields
		NotBefore string `json:"not_before"`
		NotAfter  string `json:"not_after"`
		SignedAt  string `json:"signed_at"`
	}{fields: (*fields)(s)}
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	var errs [3]error
	s.NotBefore, errs[0] = readJSONDate(x.NotBefore)
	s.NotAfter, errs[1] = readJSONDate(x.NotAfter)
	s.SignedAt, errs[2] = readJSONDate(x.SignedAt)
	return errors.Join(errs[:]...)
}
