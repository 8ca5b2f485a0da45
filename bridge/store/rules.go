package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// RulesState is how a version of the rules stands.
type RulesState string

const (
	RulesProposed  RulesState = "proposed"  // by one person; another has yet to confirm it
	RulesActive    RulesState = "active"    // what decides; there is one at most
	RulesReplaced  RulesState = "replaced"  // was active
	RulesWithdrawn RulesState = "withdrawn" // was proposed, and another was proposed instead
)

// RulesChange is one version of the rules being brought into force.
type RulesChange struct {
	Rules       string     `json:"rules"` // SHA-256 of the text; Version gives it
	Title       string     `json:"title"`
	State       RulesState `json:"state"`
	By          string     `json:"by"` // who proposed it, or activated it alone
	Reason      string     `json:"reason"`
	At          time.Time  `json:"at"`           // of the proposal
	ConfirmedBy string     `json:"confirmed_by"` // the second person, empty when none was asked for
	ActivatedAt time.Time  `json:"activated_at"` // zero: not yet, or never
	Looked      int        `json:"looked"`       // mails of the last month that the version was tried on …
	Refused     int        `json:"refused"`      // … and those of them that it would have refused
}

// Errors of bringing rules into force, beside bridge.ErrNotFound.
var (
	ErrSamePerson    = errors.New("who proposed the rules cannot confirm them")
	ErrRulesOvertook = errors.New("another version of the rules was activated meanwhile")
)

type rulesRow struct {
	ID          int64  `db:"id"`
	Rules       string `db:"rules"`
	Title       string `db:"title"`
	State       string `db:"state"`
	By          string `db:"proposed_by"`
	Reason      string `db:"reason"`
	At          stamp  `db:"proposed_at"`
	ConfirmedBy string `db:"confirmed_by"`
	ActivatedAt stamp  `db:"activated_at"`
	Looked      int    `db:"looked"`
	Refused     int    `db:"refused"`
}

func (r rulesRow) change() RulesChange {
	return RulesChange{Rules: r.Rules, Title: r.Title, State: RulesState(r.State), By: r.By, Reason: r.Reason, At: r.At.Time, ConfirmedBy: r.ConfirmedBy,
		ActivatedAt: r.ActivatedAt.Time, Looked: r.Looked, Refused: r.Refused}
}

// RulesIn gives the active version of the rules, or the proposed one; false when there is none.
func (s *Store) RulesIn(ctx context.Context, state RulesState) (RulesChange, bool, error) {
	var r rulesRow
	known, err := s.one(ctx, s.reading.RulesInState, &r, args{"state": string(state)})
	return r.change(), known, wrap("read "+string(state)+" rules", err)
}

// RulesChanges lists all versions that were ever proposed or activated, newest first.
func (s *Store) RulesChanges(ctx context.Context) ([]RulesChange, error) {
	var rows []rulesRow
	if err := s.all(ctx, s.reading.RuleChanges, &rows, args{}); err != nil {
		return nil, wrap("list rules", err)
	}
	out := make([]RulesChange, len(rows))
	for i, r := range rows {
		out[i] = r.change()
	}
	return out, nil
}

// ChangeRules keeps a version of the rules and makes it active, or, where a second person is asked for, proposed; an open proposal is withdrawn
// by either. before is the version that the person saw as active, empty for none: ErrRulesOvertook says that it is another by now. The text
// is kept too.
func (s *Store) ChangeRules(ctx context.Context, c RulesChange, body []byte, before string, second bool) error {
	return wrap("change rules", s.change(ctx, func(t *tx) error {
		active, known, err := t.lockRules(RulesActive)
		if err != nil {
			return err
		}
		if active.Rules != before || known != (before != "") {
			return ErrRulesOvertook
		}
		if err := t.putVersion(RulesVersion, c.Rules, body); err != nil {
			return err
		}
		if _, err := t.exec(t.q.EndRules, args{"state": string(RulesProposed), "to": string(RulesWithdrawn)}); err != nil {
			return err
		}
		a := args{"rules": c.Rules, "title": line(c.Title), "state": string(RulesProposed), "by": line(c.By), "reason": line(c.Reason),
			"now": at(t.now), "activated": stamp{}, "looked": c.Looked, "refused": c.Refused}
		if second {
			t.note(audit.NewRulesProposed(t.now, line(c.By), c.Rules, line(c.Reason), c.Refused, c.Looked))
			_, err = t.exec(t.q.AddRules, a)
			return err
		}
		if _, err := t.exec(t.q.EndRules, args{"state": string(RulesActive), "to": string(RulesReplaced)}); err != nil {
			return err
		}
		a["state"], a["activated"] = string(RulesActive), at(t.now)
		t.note(audit.NewRulesActivated(t.now, line(c.By), "", c.Rules, line(c.Reason), c.Refused, c.Looked))
		_, err = t.exec(t.q.AddRules, a)
		return err
	}))
}

// ConfirmRules makes the proposed version active. rules names it, so that nobody confirms another than they saw; bridge.ErrNotFound when it is
// not proposed (any more), ErrSamePerson when by is who proposed it.
func (s *Store) ConfirmRules(ctx context.Context, rules, by string) error {
	return wrap("confirm rules", s.change(ctx, func(t *tx) error {
		p, known, err := t.lockRules(RulesProposed)
		switch {
		case err != nil:
			return err
		case !known || p.Rules != rules:
			return bridge.ErrNotFound
		case samePerson(p.By, by):
			return ErrSamePerson
		}
		if _, err := t.exec(t.q.EndRules, args{"state": string(RulesActive), "to": string(RulesReplaced)}); err != nil {
			return err
		}
		t.note(audit.NewRulesActivated(t.now, p.By, line(by), p.Rules, p.Reason, p.Refused, p.Looked))
		_, err = t.exec(t.q.ConfirmRules, args{"id": p.ID, "by": line(by), "now": at(t.now)})
		return err
	}))
}

// samePerson compares names as people write them: in either case, with the marks composed or not, with any blanks between the words. "Lan" and
// "Lân" are two.
func samePerson(a, b string) bool {
	written := func(name string) string { return strings.Join(strings.Fields(line(name)), " ") }
	return strings.EqualFold(written(a), written(b))
}

// lockRules reads a version so that nobody changes it before this transaction ends.
func (t *tx) lockRules(state RulesState) (r rulesRow, known bool, err error) {
	if _, err = t.exec(t.q.LockCounter, args{"name": "rules"}); err != nil {
		return r, false, err
	}
	known, err = t.one(t.q.RulesInState, &r, args{"state": string(state)})
	return r, known, err
}
