package directory

import (
	"slices"
	"time"
)

// maxCandidates bounds the list of an ambiguous match: a person needs some names, not ten thousand.
const maxCandidates = 50

// hit is an agency that a lookup leads to, and the id that was named in the directory when that was a predecessor's.
type hit struct {
	row   int32
	old   string
	mixed bool // several predecessors lead to it; old is one of them
}

// ByAddress finds who sends from the address: by the address itself, else by a pattern, else by its domain. An address that is
// malformed, quoted or written in mixed scripts matches nobody. Sub-domains of a listed domain do not match.
func (d *Directory) ByAddress(addr string, at time.Time) Match {
	local, domain, ok := normalAddress(addr)
	if !ok {
		return Nobody()
	}
	whole := local + "@" + domain
	if owners := d.byAddress[whole]; d.begun(owners, at) {
		// The mailbox was this agency's alone: when it ended without heir, the owner of the domain must not inherit it silently.
		return d.match(ByAddress, owners, d.holders(owners, at, true), whole, at)
	}
	if owners := d.patterns.match(local, domain); d.begun(owners, at) { // so were the mailboxes of a pattern
		d.sortByEnd(owners)
		return d.match(ByPattern, owners, d.holders(owners, at, false), whole, at)
	}
	owners := d.byDomain[domain]
	hits := d.holders(owners, at, false)
	if len(hits) != 1 {
		return d.match(ByDomain, owners, hits, "", at)
	}
	if others := d.lodgers(domain, hits[0].row, at); len(others) > 0 {
		return d.match(ByDomain, owners, append(hits, others...), "", at)
	}
	first := ""
	if addresses := d.agencies[hits[0].row].Addresses; len(addresses) > 0 {
		first = addresses[0]
	}
	return d.match(ByDomain, owners, hits, first, at)
}

// ByCode finds the agency by id, code or alias, and only then by what the code would be in the other notation; an agency that has ended
// leads to its successor. Address is the agency's first, if any.
func (d *Directory) ByCode(code string, at time.Time) Match {
	names := d.named(code)
	ended := Nobody()
	for i, owners := range append(names[:], d.converted(code)) {
		hits := d.holders(owners, at, true)
		if len(hits) == 0 {
			if ended.Findings = append(ended.Findings, d.match(ByCode, owners, nil, "", at).Findings...); len(ended.Findings) > 0 {
				return ended
			}
			continue
		}
		m := d.match(ByCode, owners, hits, "", at)
		if i == len(names) {
			m.Findings = append(m.Findings, FoundConverted)
		}
		if addresses := d.agencies[hits[0].row].Addresses; m.How == ByCode && len(addresses) > 0 {
			m.Address = addresses[0]
		}
		return m
	}
	return ended
}

// Nobody is the match of what leads to no agency.
func Nobody() Match { return Match{Candidates: []string{}, Findings: []string{}} }

// match makes the answer: one hit is the agency, several are candidates and nobody is chosen. owners are the lines that carry the name.
func (d *Directory) match(how How, owners []int32, hits []hit, address string, at time.Time) Match {
	m := Nobody()
	switch len(hits) {
	case 0:
		if slices.ContainsFunc(owners, func(row int32) bool { return d.agencies[row].endedAt(at) }) {
			m.Findings = append(m.Findings, FoundEnded)
		}
	case 1:
		a, h := &d.agencies[hits[0].row], hits[0]
		m.Agency, m.Name, m.Code, m.How, m.Address = a.ID, a.Name, a.Code, how, address
		if !h.mixed {
			m.Successor = h.old
		}
		if h.old != "" {
			m.Findings = append(m.Findings, FoundSucceeded)
		} else if !slices.Contains(owners, h.row) {
			m.Findings = append(m.Findings, FoundOutdated)
		}
		if a.Doubt != "" || h.old != "" && slices.ContainsFunc(owners, func(row int32) bool { return d.agencies[row].ID == h.old && d.agencies[row].Doubt != "" }) {
			m.Findings = append(m.Findings, FoundDoubt)
		}
	default:
		m.How = Ambiguous
		finding := FoundSeveralSuccessors
		for _, h := range hits[:min(len(hits), maxCandidates)] {
			m.Candidates = append(m.Candidates, d.agencies[h.row].ID)
			if h.old == "" {
				finding = FoundShared
			}
		}
		if old := hits[0].old; !slices.ContainsFunc(hits, func(h hit) bool { return h.old != old || h.mixed }) {
			m.Successor = old
		}
		m.Findings = append(m.Findings, finding)
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
