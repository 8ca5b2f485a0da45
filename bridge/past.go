package bridge

import (
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// Trial counts what a version of the rules would have done to past receipts.
type Trial struct {
	Looked  int // receipts with at least one document
	Refused int // of which it would have refused at least one document …
	Newly   int // … that the rules in force would not have refused
}

// Try tries a draft on what the rules were asked about a past receipt, as if it had come when every phase of the draft had begun: whoever activates
// a rule that begins next month wants to know whom it will hit then. What was never judged, or is kept apart whatever the rules say, is not looked
// at. active may be nil. Nothing is sent or stored.
func (t *Trial) Try(draft, active *policy.Rules, dir *directory.Directory, state State, asked []Asked) {
	if len(asked) == 0 || state == Quarantined || state == ImportedOld {
		return
	}
	t.Looked++
	if !refusesAny(draft, dir, asked) {
		return
	}
	t.Refused++
	if active == nil || !refusesAny(active, dir, asked) {
		t.Newly++
	}
}

// refusesAny answers for the time when everything that the rules say has begun. What was exempt then is exempt: the exemption's end is no
// reason to take fright at the rules.
func refusesAny(rules *policy.Rules, dir *directory.Directory, asked []Asked) bool {
	for _, a := range asked {
		s := a.Submission
		exempt := rules.Decide(s, dir).Exemption != ""
		if last := rules.Last(); !exempt && s.ReceivedAt.Before(last) && !s.ReceivedAt.IsZero() {
			s.ReceivedAt, s.AtLatest, s.Hops, s.Disputed = last, false, nil, []time.Time{}
		}
		if rules.Decide(s, dir).Verdict == policy.Reject {
			return true
		}
	}
	return false
}
