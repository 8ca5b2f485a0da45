package bridge

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Simulation tries a draft of the rules on the stored past, beside the rules in force. It asks both about every record; that somebody has
// decided otherwise since, or that a file could not be read, is left out: it counts what the rules say. The zero value with both of its
// knowledges is ready.
type Simulation struct {
	Draft, Active *Knowledge
	// At lets every record come at that instant, to try phases that are still to begin; zero: when it came.
	At time.Time

	Receipts, Joined, Ignored int // of Receipts, how many have only documents that stood already, and how many are no submissions
	Verdicts                  Verdicts
	Changed                   int
	agencies                  map[string]*SimulatedAgency
	moves                     map[Move]*SimulatedMove
}

// Verdicts counts records.
type Verdicts struct {
	Accepted    int `json:"accepted"`
	Warned      int `json:"warned"`
	Refused     int `json:"refused"`
	Held        int `json:"held"`
	Quarantined int `json:"quarantined"`
}

func (v *Verdicts) count(verdict policy.Verdict) {
	switch verdict {
	case policy.Accept:
		v.Accepted++
	case policy.Warn:
		v.Warned++
	case policy.Reject:
		v.Refused++
	case policy.Quarantine:
		v.Quarantined++
	default:
		v.Held++
	}
}

// Total is how many records there are.
func (v Verdicts) Total() int { return v.Accepted + v.Warned + v.Refused + v.Held + v.Quarantined }

// SimulatedAgency is what the draft does to the records of one sender; Agency is empty for senders who are not in the directory.
type SimulatedAgency struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	Verdicts
	Changed int `json:"changed"`
	// Examples are some receipts that are warned, refused and held.
	Examples Examples `json:"examples"`
}

// Examples are receipt numbers, of each verdict a few.
type Examples struct {
	Warn   []string `json:"warn"`
	Reject []string `json:"reject"`
	Hold   []string `json:"hold"`
}

// examples is how many receipts are named at most.
const examples = 3

func (e *Examples) add(verdict policy.Verdict, receipt string) {
	list := &e.Hold
	switch verdict {
	case policy.Accept, policy.Quarantine: // of secrets nothing is shown
		return
	case policy.Warn:
		list = &e.Warn
	case policy.Reject:
		list = &e.Reject
	}
	*list = example(*list, receipt)
}

// example adds a receipt to a list that has room and does not name it yet. Records of one receipt come one after the other.
func example(list []string, receipt string) []string {
	if len(list) >= examples || len(list) > 0 && list[len(list)-1] == receipt {
		return list
	}
	return append(list, receipt)
}

// Move is a change of verdict, from that of the rules in force to that of the draft.
type Move struct {
	From policy.Verdict `json:"from"`
	To   policy.Verdict `json:"to"`
}

// SimulatedMove is how many records change so.
type SimulatedMove struct {
	Move
	Records  int      `json:"records"`
	Examples []string `json:"examples"`
}

// SimulatedChange is one record that the draft decides otherwise.
type SimulatedChange struct {
	Receipt string `json:"receipt"`
	Record  int    `json:"record"`
	Agency  string `json:"agency"`
	Move
	Rule      string `json:"rule"` // of the draft, empty: exemption or default
	Exemption string `json:"exemption"`
	Reason    string `json:"reason"` // stable code
}

// Try decides the records of one receipt by both, and gives those that change.
func (s *Simulation) Try(receipt string, state State, asked []Asked) []SimulatedChange {
	if s.agencies == nil {
		s.agencies, s.moves = map[string]*SimulatedAgency{}, map[Move]*SimulatedMove{}
	}
	s.Receipts++
	if len(asked) == 0 {
		if state == Duplicate {
			s.Joined++
		} else {
			s.Ignored++
		}
		return nil
	}
	var changes []SimulatedChange
	for _, a := range asked {
		if !s.At.IsZero() {
			a.ReceivedAt, a.Hops, a.Disputed = s.At, nil, nil
		}
		now, then := a.decide(s.Draft), a.decide(s.Active)
		agency := s.agency(now.Agency, a)
		s.Verdicts.count(now.Verdict)
		agency.count(now.Verdict)
		agency.Examples.add(now.Verdict, receipt)
		if now.Verdict == then.Verdict {
			continue
		}
		agency.Changed++
		s.Changed++
		change := SimulatedChange{Receipt: receipt, Record: a.Record, Agency: now.Agency, Move: Move{then.Verdict, now.Verdict}, Rule: now.Rule,
			Exemption: now.Exemption, Reason: first(now.Reasons)}
		s.move(change)
		changes = append(changes, change)
	}
	return changes
}

func (s *Simulation) agency(id string, a Asked) *SimulatedAgency {
	agency, ok := s.agencies[id]
	if !ok {
		agency = &SimulatedAgency{Agency: id, Examples: Examples{Warn: []string{}, Reject: []string{}, Hold: []string{}}}
		if found, known := s.Draft.Directory.Agency(id, a.ReceivedAt); known {
			agency.Name = found.Name
		}
		s.agencies[id] = agency
	}
	return agency
}

func (s *Simulation) move(c SimulatedChange) {
	m, ok := s.moves[c.Move]
	if !ok {
		m = &SimulatedMove{Move: c.Move}
		s.moves[c.Move] = m
	}
	m.Records++
	m.Examples = example(m.Examples, c.Receipt)
}

// Agencies lists senders, those with most refusals first.
func (s *Simulation) Agencies() []SimulatedAgency {
	out := make([]SimulatedAgency, 0, len(s.agencies))
	for _, a := range s.agencies {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(x, y SimulatedAgency) int {
		return cmp.Or(cmp.Compare(y.Refused, x.Refused), cmp.Compare(y.Held, x.Held), cmp.Compare(y.Total(), x.Total()), cmp.Compare(x.Agency, y.Agency))
	})
	return out
}

// Moves lists the changes of verdict, the most frequent first.
func (s *Simulation) Moves() []SimulatedMove {
	out := make([]SimulatedMove, 0, len(s.moves))
	for _, key := range slices.SortedFunc(maps.Keys(s.moves), func(x, y Move) int {
		return cmp.Or(cmp.Compare(s.moves[y].Records, s.moves[x].Records), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	}) {
		out = append(out, *s.moves[key])
	}
	return out
}
