package policy

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Last is the first instant at which every phase of every rule has begun; zero without rules.
func (r *Rules) Last() time.Time {
	var last time.Time
	for i := range r.rules {
		if from := r.rules[i].phases[len(r.rules[i].phases)-1].from; from.After(last) {
			last = from
		}
	}
	return last
}

// RefusesEveryone names the rules that refuse what comes by a channel whoever sends it and whatever it is: right for the last day of an old
// way, and the commonest slip of a first draft.
func (r *Rules) RefusesEveryone() []string {
	var ids []string
	for i := range r.rules {
		rule := &r.rules[i]
		narrow := len(rule.flags) > 0 || rule.maxSize > 0 || slices.ContainsFunc(rule.lists, func(c listCond) bool { return c.dim != dimChannel && c.dim != dimReceiver && !c.not })
		if rule.refuses() && !narrow {
			ids = append(ids, rule.id)
		}
	}
	return ids
}

// maxAsked is how many agencies Reached asks about at most, evenly out of all.
const maxAsked = 2000

// Reached says how many agencies of the state would be refused with an ordinary letter that they send this way to this receiver once every
// phase has begun, and how many were asked about. It finds what no single rule shows: rules that refuse everyone together.
func (r *Rules) Reached(dir *directory.Directory, channel, receiver string) (refused, asked int) {
	at, yes := r.Last(), true
	agencies := slices.DeleteFunc(dir.Agencies(), func(a directory.Agency) bool {
		return !a.ValidAt(at) || a.Level == directory.Citizen || a.Level == directory.Enterprise
	})
	step := 1 + len(agencies)/maxAsked
	for i := 0; i < len(agencies); i += step {
		s := Submission{Channel: channel, Receiver: receiver, ReceivedAt: at, Sender: Sender{Agency: agencies[i].ID, Identity: IdentityClerk},
			Document: Document{Type: "CV", Subject: "Về việc", Seal: "digital", Signature: "valid", MainFile: &yes, EditableFile: &yes}, Context: Context{WithElectronicFile: &yes, WithPaper: &yes}}
		asked++
		if r.Decide(s, dir).Verdict == Reject {
			refused++
		}
	}
	return refused, asked
}
