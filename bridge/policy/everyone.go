package policy

import (
	"slices"
	"time"
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
