package store

import (
	"context"
	"fmt"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// VersionKind is a sort of text that outcomes are made with.
type VersionKind string

const (
	RulesVersion     VersionKind = "rules"
	DirectoryVersion VersionKind = "directory"
	SettingsVersion  VersionKind = "settings"
)

// PutVersion keeps a text under its SHA-256 (hexadecimal), for replays. It comes before the first outcome that names it.
func (s *Store) PutVersion(ctx context.Context, kind VersionKind, sha256 string, body []byte) error {
	return wrap("put version of "+string(kind), s.change(ctx, func(t *tx) error { return t.putVersion(kind, sha256, body) }))
}

func (t *tx) putVersion(kind VersionKind, sha256 string, body []byte) error {
	type row struct {
		Kind      string `json:"kind"`
		SHA256    string `json:"sha256"`
		Body      blob   `json:"body"`
		FirstUsed stamp  `json:"first_used"`
	}
	_, err := t.exec(t.q.PutVersion, args{"rows": batch{[]row{{string(kind), sha256, body, at(t.now)}}}})
	return err
}

// Version gives the text of a version; ErrNotFound when it was never kept.
func (s *Store) Version(ctx context.Context, sha256 string) ([]byte, error) {
	var body []byte
	known, err := s.one(ctx, s.reading.Version, &body, args{"sha256": sha256})
	if err == nil && !known {
		err = bridge.ErrNotFound
	}
	return body, wrap("read version "+sha256, err)
}

// ActivateKnowledge notes, with an event, that decisions are made with these versions from now on. by is the person who activated them,
// empty for the program itself. Nothing is written when they were in force already, so every start may call it.
func (s *Store) ActivateKnowledge(ctx context.Context, by string, v bridge.Versions) error {
	return wrap("activate knowledge", s.change(ctx, func(t *tx) error {
		if _, err := t.exec(t.q.LockCounter, args{"name": "knowledge"}); err != nil {
			return err
		}
		var last activationRow
		known, err := t.one(t.q.LastActivation, &last, args{})
		if err != nil || (known && last.Program == v.Program && last.Knowledge == v.Knowledge) {
			return err
		}
		if by == "" {
			by = audit.Program
		}
		a := args{"program": v.Program, "knowledge": v.Knowledge, "rules": v.Rules, "directory": v.Directory, "settings": v.Settings, "by": line(by), "now": at(t.now)}
		if _, err := t.exec(t.q.AddActivation, a); err != nil {
			return err
		}
		t.note(audit.NewKnowledgeActivated(t.now, line(by), audit.Versions{Program: v.Program, Knowledge: v.Knowledge, Rules: v.Rules, Directory: v.Directory}))
		return nil
	}))
}

type activationRow struct {
	Program   string `db:"program"`
	Knowledge string `db:"knowledge"`
	Rules     string `db:"rules"`
	Directory string `db:"directory"`
	Settings  string `db:"settings"`
}

// LastActivation tells which versions decisions were last made with; false when none were ever activated. Version gives their texts.
func (s *Store) LastActivation(ctx context.Context) (bridge.Versions, bool, error) {
	var last activationRow
	known, err := s.one(ctx, s.reading.LastActivation, &last, args{})
	return bridge.Versions(last), known, wrap("read last activation", err)
}

// Counts says how many there are of everything, by state; alarms by code, open ones only.
type Counts struct {
	Receipts, UIDs map[bridge.State]int
	Records        map[bridge.State]int
	Notices        map[string]int
	Dispatches     map[string]int
	Alarms         map[string]int
}

// Counts counts receipts, UIDs, records, notices, deliveries and open alarms.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	type row struct {
		State string `db:"state"`
		N     int    `db:"n"`
	}
	c := Counts{Receipts: map[bridge.State]int{}, UIDs: map[bridge.State]int{}, Records: map[bridge.State]int{}, Notices: map[string]int{}, Dispatches: map[string]int{},
		Alarms: map[string]int{}}
	parts := []struct {
		q   *statement
		add func(row)
	}{
		{s.reading.CountReceipts, func(r row) { c.Receipts[bridge.State(r.State)] = r.N }},
		{s.reading.CountUIDs, func(r row) { c.UIDs[bridge.State(r.State)] = r.N }},
		{s.reading.CountRecords, func(r row) { c.Records[bridge.State(r.State)] = r.N }},
		{s.reading.CountNotices, func(r row) { c.Notices[r.State] = r.N }},
		{s.reading.CountDispatches, func(r row) { c.Dispatches[r.State] = r.N }},
		{s.reading.CountAlarms, func(r row) { c.Alarms[r.State] = r.N }},
	}
	for _, p := range parts {
		var rows []row
		if err := s.all(ctx, p.q, &rows, args{}); err != nil {
			return Counts{}, fmt.Errorf("count: %w", err)
		}
		for _, r := range rows {
			p.add(r)
		}
	}
	return c, nil
}

// RawRef says where the raw bytes of a delivery are supposed to be.
type RawRef struct {
	Origin, Receipt, Location string
	Raw                       bridge.Digest
	Size                      int64
}

// RawRefs lists up to n deliveries after the one with this origin (empty: from the start), in the order of origins: for a scrub.
func (s *Store) RawRefs(ctx context.Context, after string, n int) ([]RawRef, error) {
	var rows []struct {
		Origin   string `db:"origin"`
		Receipt  string `db:"receipt"`
		Raw      digest `db:"raw"`
		Size     int64  `db:"size"`
		Location string `db:"location"`
	}
	if err := s.all(ctx, s.reading.RawRefs, &rows, args{"after": after, "n": n}); err != nil {
		return nil, fmt.Errorf("list raw messages: %w", err)
	}
	out := make([]RawRef, len(rows))
	for i, r := range rows {
		out[i] = RawRef{Origin: r.Origin, Receipt: r.Receipt, Location: r.Location, Raw: bridge.Digest(r.Raw), Size: r.Size}
	}
	return out, nil
}

// ReceiptIDs lists up to n receipts after this one (empty: from the start), in order: for replays.
func (s *Store) ReceiptIDs(ctx context.Context, after string, n int) ([]string, error) {
	var ids []string
	if err := s.all(ctx, s.reading.ReceiptsAfter, &ids, args{"after": after, "n": n}); err != nil {
		return nil, fmt.Errorf("list receipts: %w", err)
	}
	return ids, nil
}
