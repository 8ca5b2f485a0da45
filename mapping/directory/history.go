package directory

import "time"

// AsOf finds what the agency with this id was at the instant: itself; before it began, the agency that it took over from; after it ended,
// its successor. Where several come into question nobody is chosen.
func (d *Directory) AsOf(id string, at time.Time) Match {
	rows := d.byID[id]
	if len(rows) == 0 {
		return Nobody()
	}
	if d.begun(rows, at) {
		return d.match(ByID, rows, d.holders(rows, at, true), "", at)
	}
	hits := d.ancestors(id, at)
	m := d.match(ByID, nil, hits, "", at)
	switch len(hits) {
	case 0:
	case 1:
		m.Successor, m.Findings[0] = "", FoundPredecessor
	default:
		m.Successor, m.Findings[0] = "", FoundSeveralPredecessors
	}
	return m
}

// Author finds who wrote a document of the instant: what the sender was then. sender is the match of the mail that brought it, addr the
// mail's address, or empty. Mail of 2025 from an old domain is its successor's, the document of 2024 in it is of the agency of 2024.
func (d *Directory) Author(sender Match, addr string, at time.Time) Match {
	if sender.Successor == "" && addr != "" && found(sender, FoundSucceeded, FoundSeveralSuccessors, FoundEnded) {
		return d.ByAddress(addr, at) // several have ended, or nobody took over: their address tells them apart, if anything
	}
	id := sender.Successor
	if id == "" {
		id = sender.Agency
	}
	return d.AsOf(id, at)
}

func found(m Match, codes ...string) bool {
	for _, have := range m.Findings {
		for _, code := range codes {
			if have == code {
				return true
			}
		}
	}
	return false
}

// ancestors are the agencies of the instant that the agency took over from, directly or through others. Their old is the agency.
func (d *Directory) ancestors(id string, at time.Time) []hit {
	var hits []hit
	queue, seen := []string{id}, map[string]bool{id: true}
	for len(queue) > 0 && len(hits) < maxCandidates {
		next := queue[0]
		queue = queue[1:]
		for _, row := range d.byHeir[next] {
			a := &d.agencies[row]
			if seen[a.ID] || a.ValidUntil.IsZero() {
				continue // an agency that goes on has handed over nothing
			}
			seen[a.ID] = true
			if then, ok := d.rowAt(a.ID, at); ok {
				hits = addHit(hits, hit{row: then, old: id})
			} else {
				queue = append(queue, a.ID)
			}
		}
	}
	return hits
}
