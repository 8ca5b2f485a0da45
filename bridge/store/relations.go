package store

import (
	"fmt"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/mapping"
)

type relationRow struct {
	Record   string `json:"record"`
	N        int    `json:"n"`
	Key      string `json:"rel_key"`
	Receiver string `json:"receiver"`
	Kind     string `json:"kind"`
	SoHieu   string `json:"so_hieu"`
	Target   null   `json:"target"`
}

// writeRelations writes what the records of the batch do to earlier ones, and ties what named a record that stands only now.
func (b *commitBatch) writeRelations() error {
	if earlier := b.ids((*settling).again); len(earlier) > 0 {
		if _, err := b.exec(b.q.DropRelations, args{"rows": batch{earlier}}); err != nil {
			return err
		}
	}
	rows := []relationRow{}
	for _, c := range b.cases {
		for i, r := range c.Outcome.Records {
			n := 0
			for _, rel := range r.Relations {
				keys := rel.Keys
				if len(keys) == 0 {
					keys = []string{""}
				}
				for _, key := range keys {
					n++
					rows = append(rows, relationRow{c.records[i].ID, n, safe(key), c.Receipt.Receiver, string(rel.Kind), line(rel.SoHieu), null(rel.Target)})
				}
				if rel.Target != "" {
					b.note(audit.NewRelationTied(b.now, c.Receipt.ID, c.records[i].ID, string(rel.Kind), rel.Target))
				}
			}
		}
	}
	if len(rows) > 0 {
		if _, err := b.exec(b.q.AddRelations, args{"rows": batch{rows}}); err != nil {
			return err
		}
	}
	return b.tieRelations()
}

// tieRelations ties relations to the records that take their keys in this batch. The person who would have been alarmed about a recall that
// came after its document is alarmed about one that came before it.
func (b *commitBatch) tieRelations() error {
	keys := b.wantedKeys()
	if len(keys) == 0 {
		return nil
	}
	var tied []struct {
		Record string `db:"record"`
		Kind   string `db:"kind"`
		Target string `db:"target"`
	}
	if err := b.all(b.q.TieRelations, &tied, args{"rows": batch{keys}}); err != nil {
		return err
	}
	alarms := []bridge.Alarm{}
	for _, t := range tied {
		receipt, _, _ := strings.Cut(t.Record, "/")
		b.note(audit.NewRelationTied(b.now, receipt, t.Record, t.Kind, t.Target))
		if t.Kind == string(mapping.Recalls) {
			alarms = append(alarms, bridge.RecallAlarm(t.Target, "", receipt))
		}
	}
	return b.raise(alarms)
}

// writeStatuses writes the history of the records that the batch reports of.
func (b *commitBatch) writeStatuses() error {
	type keptRow struct {
		ID string `json:"id"`
		N  int    `json:"n"`
	}
	rows, kept := []statusRow{}, []keptRow{}
	for _, c := range b.cases {
		if c.again() {
			kept = append(kept, keptRow{c.Receipt.ID, len(c.Outcome.Statuses)})
		}
		for i, s := range c.Outcome.Statuses {
			rows = append(rows, statusRow{Receipt: c.Receipt.ID, N: i + 1, Record: s.Record, Organ: line(s.Organ), Code: line(string(s.Code)), FoundBy: s.By,
				Effect: string(s.Effect), Progress: line(string(s.State.Progress)), Asked: string(s.State.Asked), Withdrawn: s.State.Withdrawn, Words: safe(s.Words),
				ToldAt: at(s.At), TakenAt: at(b.now)})
			b.note(audit.NewStatusTied(b.now, c.Receipt.ID, s.Record, s.Organ, string(s.Code), string(s.Effect), s.By))
		}
	}
	if len(kept) > 0 {
		if _, err := b.exec(b.q.DropStatuses, args{"rows": batch{kept}}); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := b.exec(b.q.PutStatuses, args{"rows": batch{rows}})
	return err
}

// checkStatuses finds settlements that report of a record of which more was reported meanwhile, in the database or earlier in this batch.
func (b *commitBatch) checkStatuses() error {
	ids := []idRow{}
	for _, c := range b.cases {
		for _, s := range c.Outcome.Statuses {
			ids = append(ids, idRow{s.Record})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []statusRow
	if err := b.all(b.q.StatusesOf, &rows, args{"rows": batch{uniqueRows(ids)}}); err != nil {
		return err
	}
	here := map[string]bool{}
	b.keep(func(c *settling) bool {
		for _, s := range c.Outcome.Statuses {
			told := 0
			for _, r := range rows {
				if r.Record == s.Record && r.Receipt != c.Receipt.ID {
					told++
				}
			}
			if told != s.Told || here[s.Record] {
				return false
			}
		}
		for _, s := range c.Outcome.Statuses {
			here[s.Record] = true
		}
		return true
	}, bridge.ErrStale)
	return nil
}

func uniqueRows(ids []idRow) []idRow {
	seen := map[idRow]bool{}
	out := []idRow{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// eraseTied takes the words out of the relations of secrets and to them, of what was reported of them, and of the receipts that reported it:
// they name the document.
func (b *commitBatch) eraseTied(ids []idRow) error {
	var reporting []string
	if err := b.all(b.q.Reporting, &reporting, args{"rows": batch{ids}}); err != nil {
		return err
	}
	for _, q := range []*statement{b.q.BlankRelations, b.q.BlankStatuses} {
		if _, err := b.exec(q, args{"rows": batch{ids}}); err != nil {
			return err
		}
	}
	facts := []idRow{}
	for _, id := range reporting {
		facts = append(facts, idRow{id})
		c := &settling{Settlement: bridge.Settlement{Receipt: bridge.Receipt{ID: id}}}
		for _, step := range []func(*settling) error{b.eraseOutcomes, b.eraseAmendments, b.eraseRecords, b.eraseNotices, b.eraseEvents} {
			if err := step(c); err != nil {
				return fmt.Errorf("erase words of %s: %w", id, err)
			}
		}
	}
	if len(facts) == 0 {
		return nil
	}
	_, err := b.exec(b.q.BlankFacts, args{"rows": batch{facts}})
	return err
}
