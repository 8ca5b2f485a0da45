package bridge

import (
	"cmp"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// PastSubmissions are the records of a stored outcome as the rules saw them. Only id, receiver, channel and mailbox of the receipt are asked for.
func PastSubmissions(r Receipt, o Outcome) []policy.Submission {
	out := make([]policy.Submission, 0, len(o.Records))
	for _, rec := range o.Records {
		out = append(out, submissionOf(r, o.Instant, o.Facts.From, cmp.Or(rec.Identity, proved(o.History.Amendments, r.Channel == System, o.Evidence)), o.History, rec.Record))
	}
	return out
}

// Trial counts what a version of the rules would have done to past receipts.
type Trial struct {
	Looked  int // receipts with at least one document
	Refused int // of which it would have refused at least one document …
	Newly   int // … that the rules in force would not have refused
}

// Try tries a draft on one past receipt, as if it had come when every phase of the draft had begun: whoever activates a rule that begins next
// month wants to know whom it will hit then. active may be nil. Nothing is sent or stored.
func (t *Trial) Try(draft, active *policy.Rules, dir *directory.Directory, r Receipt, o Outcome) {
	documents := PastSubmissions(r, o)
	if len(documents) == 0 {
		return
	}
	t.Looked++
	if !refusesAny(draft, dir, documents) {
		return
	}
	t.Refused++
	if active == nil || !refusesAny(active, dir, documents) {
		t.Newly++
	}
}

// refusesAny answers for the time when everything that the rules say has begun. What was exempt then is exempt: the exemption's end is no
// reason to take fright at the rules.
func refusesAny(rules *policy.Rules, dir *directory.Directory, documents []policy.Submission) bool {
	for _, s := range documents {
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
