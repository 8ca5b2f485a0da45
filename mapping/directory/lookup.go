package directory

import "time"

// maxCandidates bounds the list of an ambiguous match: a person needs some names, not ten thousand.
const maxCandidates = 50

// hit is an agency that a lookup leads to, and the id that was named in the directory when that was a predecessor's.
type hit struct {
	row int32
	old string
}

// ByAddress finds who sends from the address: by the address itself, else by a pattern, else by its domain. An address that is
// malformed, quoted or written in mixed scripts matches nobody. Sub-domains of a listed domain do not match.
func (d *Directory) ByAddress(addr string, at time.Time) Match {
	m := unmatched()
	local, domain, ok := normalAddress(addr)
	if !ok {
		return m
	}
	whole := local + "@" + domain
	if owners := d.byAddress[whole]; d.begun(owners, at) {
		// The mailbox was this agency's alone: when it ended without heir, the owner of the domain must not inherit it silently.
		return d.match(ByAddress, d.holders(owners, at, true), whole)
	}
	if owners := d.patterns.match(local, domain); len(owners) > 0 {
		d.sortByEnd(owners)
		if hits := d.holders(owners, at, false); len(hits) > 0 {
			return d.match(ByPattern, hits, whole)
		}
	}
	hits := d.holders(d.byDomain[domain], at, false)
	if len(hits) != 1 {
		return d.match(ByDomain, hits, "")
	}
	first := ""
	if addresses := d.agencies[hits[0].row].Addresses; len(addresses) > 0 {
		first = addresses[0]
	}
	return d.match(ByDomain, hits, first)
}

// ByCode finds the agency by id, code or alias; one that has ended leads to its successor. Address is the agency's first, if any.
func (d *Directory) ByCode(code string, at time.Time) Match {
	for _, owners := range d.named(code) {
		hits := d.holders(owners, at, true)
		if len(hits) == 0 {
			continue
		}
		m := d.match(ByCode, hits, "")
		if addresses := d.agencies[hits[0].row].Addresses; m.How == ByCode && len(addresses) > 0 {
			m.Address = addresses[0]
		}
		return m
	}
	return unmatched()
}

func unmatched() Match { return Match{Candidates: []string{}} }

// match makes the answer: one hit is the agency, several are candidates and nobody is chosen.
func (d *Directory) match(how How, hits []hit, address string) Match {
	m := unmatched()
	switch len(hits) {
	case 0:
	case 1:
		a := &d.agencies[hits[0].row]
		m.Agency, m.Name, m.Code, m.How, m.Address, m.Successor = a.ID, a.Name, a.Code, how, address, hits[0].old
	default:
		m.How = Ambiguous
		for _, h := range hits {
			m.Candidates = append(m.Candidates, d.agencies[h.row].ID)
		}
	}
	return m
}

// begun says whether any of the owners' periods has begun at the instant.
func (d *Directory) begun(owners []int32, at time.Time) bool {
	for _, row := range owners {
		if !at.Before(d.agencies[row].ValidFrom) {
			return true
		}
	}
	return false
}

// holders are the agencies that hold an address, pattern, domain or code at the instant: its owners of that time, else the heirs of those
// whose period has ended. An address has one owner at a time, so with last only the latest owner's heirs count.
func (d *Directory) holders(owners []int32, at time.Time, last bool) []hit {
	if hits := d.valid(owners, at); len(hits) > 0 {
		return hits
	}
	var hits []hit
	var end time.Time
	for _, row := range owners {
		a := &d.agencies[row]
		if !a.endedAt(at) {
			continue
		}
		if last && !end.IsZero() && !a.ValidUntil.Equal(end) {
			break
		}
		end = a.ValidUntil
		if hits = d.heirs(hits, a.ID, at); len(hits) >= maxCandidates {
			break
		}
	}
	return hits
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

// heirs adds who answers for the agency at the instant: itself in a later period, else its successors, and theirs when they ended too.
func (d *Directory) heirs(hits []hit, id string, at time.Time) []hit {
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
	for _, have := range hits {
		if have.row == h.row {
			return hits
		}
	}
	return append(hits, h)
}

// rowAt is the agency's line at the instant; periods of one id never overlap.
func (d *Directory) rowAt(id string, at time.Time) (int32, bool) {
	for _, row := range d.byID[id] {
		if d.agencies[row].validAt(at) {
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
