package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/parser/vanban"
)

type copyRow struct {
	ID       string `json:"id"`
	JoinedTo null   `json:"joined_to"`
}

// markCopies carries a mark of secrecy that was found late to the other copies of the document: the record that it was joined to, and those
// that are joined to it. They came another way, with other bytes, in which nobody may ever see the mark. It is written as a correction, so that
// they are decided by it now and ever after, and the custodian can call it a false alarm for each.
func (b *commitBatch) markCopies() error {
	for _, c := range b.cases {
		if c.Outcome.State != bridge.Quarantined {
			continue
		}
		rows := []copyRow{}
		for _, was := range b.earlier {
			if receipt, _, _ := strings.Cut(was.ID, "/"); receipt == c.Receipt.ID {
				rows = append(rows, copyRow{was.ID, was.JoinedTo})
			}
		}
		if len(rows) == 0 {
			continue
		}
		var copies []string
		if err := b.all(b.q.OpenCopies, &copies, args{"rows": batch{rows}}); err != nil {
			return err
		}
		copies = slices.DeleteFunc(copies, func(id string) bool { return id == c.Receipt.ID })
		if err := b.mark(c, copies); err != nil {
			return err
		}
	}
	return nil
}

func (b *commitBatch) mark(c *settling, copies []string) error {
	if len(copies) == 0 {
		return nil
	}
	if err := b.revive(Process, copies...); err != nil {
		return err
	}
	for _, receipt := range copies {
		word := bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": string(cmp.Or(c.mark(), vanban.Mat))}, By: audit.Program,
			Reason: "cùng một văn bản với phiếu " + c.Receipt.ID + ", mang dấu độ mật"}
		if err := b.amend(receipt, word); err != nil {
			return err
		}
	}
	return nil
}

// checkTied finds settlements that quote a record which has turned out to be a secret since they were decided: they report of it, or it is what
// they recall, correct or replace.
func (b *commitBatch) checkTied() error {
	ids := []idRow{}
	for _, c := range b.cases {
		ids = append(ids, c.tied()...)
	}
	if len(ids) == 0 {
		return nil
	}
	var secret []string
	if err := b.all(b.q.SecretRecords, &secret, args{"rows": batch{uniqueRows(ids)}}); err != nil {
		return err
	}
	b.keep(func(c *settling) bool {
		return !slices.ContainsFunc(c.tied(), func(id idRow) bool { return slices.Contains(secret, id.ID) })
	}, bridge.ErrStale)
	return nil
}

// tied are the records of others that a settlement is about.
func (c *settling) tied() []idRow {
	ids := []idRow{}
	for _, s := range c.Outcome.Statuses {
		ids = append(ids, idRow{s.Record})
	}
	for _, r := range c.Outcome.Records {
		for _, rel := range r.Relations {
			if rel.Target != "" {
				ids = append(ids, idRow{rel.Target})
			}
		}
	}
	return ids
}
