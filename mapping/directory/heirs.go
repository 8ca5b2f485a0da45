package directory

import (
	"slices"
	"time"
)

// holders are the agencies that hold an address, pattern, domain or code at the instant: its owners of that time, else the heirs of those
// whose period has ended. An address has one owner at a time, so with last only the latest owner's heirs count. A domain may have had
// several at once: the heirs of those who shared it with today's only owner may still use it, so they count beside that owner.
func (d *Directory) holders(owners []int32, at time.Time, last bool) []hit {
	hits := d.valid(owners, at)
	if len(hits) > 1 || len(hits) == 1 && last {
		return hits
	}
	var only *Agency
	before := int32(-1)
	if len(hits) == 1 {
		only = &d.agencies[hits[0].row]
	}
	for _, row := range owners {
		a := &d.agencies[row]
		if !a.endedAt(at) || only != nil && !only.overlaps(a) {
			continue
		}
		if last && before >= 0 && !a.ValidUntil.Equal(d.agencies[before].ValidUntil) {
			break
		}
		if before >= 0 && d.sameHeirs(before, row) {
			mix(hits)
			continue
		}
		before = row
		if hits = d.heirs(hits, row, at); len(hits) >= maxCandidates {
			break
		}
	}
	return hits
}

// sameHeirs says whether whatever took over from one line's agency also took over from the other's, without looking.
func (d *Directory) sameHeirs(i, j int32) bool {
	a, b := &d.agencies[i], &d.agencies[j]
	return d.once[i] && d.once[j] && a.ValidUntil.Equal(b.ValidUntil) && slices.Equal(a.Successors, b.Successors)
}

// mix notes that all hits with a predecessor have more than one.
func mix(hits []hit) {
	for i := range hits {
		hits[i].mixed = hits[i].mixed || hits[i].old != ""
	}
}

// valid lists the owners whose period holds the instant.
func (d *Directory) valid(owners []int32, at time.Time) []hit {
	var hits []hit
	for _, row := range owners {
		a := &d.agencies[row]
		if a.endedAt(at) || len(hits) == maxCandidates {
			break // sorted by end: all that follow have ended too
		}
		if !at.Before(a.ValidFrom) {
			hits = append(hits, hit{row: row})
		}
	}
	return hits
}

// lodgers are further agencies with mailboxes in a domain that the owner alone lists as its own: mail from a mailbox there that nobody
// lists may be theirs. Units of the owner speak for the owner.
func (d *Directory) lodgers(domain string, owner int32, at time.Time) []hit {
	id := d.agencies[owner].ID
	var hits []hit
	for _, h := range d.valid(d.byHost[domain], at) {
		if a := &d.agencies[h.row]; a.ID != id && (a.Level != Unit || a.Parent != id) {
			hits = append(hits, h)
		}
	}
	return hits
}

// heirs adds who answers at the instant for the agency of a line that has ended: itself in a later period, else its successors, and theirs
// when they ended too.
func (d *Directory) heirs(hits []hit, ended int32, at time.Time) []hit {
	id := d.agencies[ended].ID
	queue, seen := []string{id}, map[string]bool{id: true}
	for len(queue) > 0 && len(hits) < maxCandidates {
		next := queue[0]
		queue = queue[1:]
		if row, ok := d.rowAt(next, at); ok {
			h := hit{row: row}
			if next != id {
				h.old = id
			}
			hits = addHit(hits, h)
			continue
		}
		for _, s := range d.lastSuccessors(next, at) {
			if !seen[s] {
				seen[s] = true
				queue = append(queue, s)
			}
		}
	}
	return hits
}

func addHit(hits []hit, h hit) []hit {
	for i := range hits {
		if have := &hits[i]; have.row == h.row {
			have.mixed = have.mixed || have.old != h.old && have.old != "" && h.old != ""
			return hits
		}
	}
	return append(hits, h)
}

// rowAt is the agency's line at the instant; periods of one id never overlap.
func (d *Directory) rowAt(id string, at time.Time) (int32, bool) {
	for _, row := range d.byID[id] {
		if d.agencies[row].ValidAt(at) {
			return row, true
		}
	}
	return 0, false
}

// lastSuccessors are the successors named by the agency's latest period that has ended at the instant.
func (d *Directory) lastSuccessors(id string, at time.Time) []string {
	for _, row := range d.byID[id] {
		if a := &d.agencies[row]; a.endedAt(at) {
			return a.Successors
		}
	}
	return nil
}
