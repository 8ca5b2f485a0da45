package policy

import "slices"

// Ground gives what notices quote of the first rule that comes to refuse: a decision without a verdict, of its first phase that does. It
// reports false when no rule refuses.
func (r *Rules) Ground() (Decision, bool) {
	for i := range r.rules {
		rule := &r.rules[i]
		if n := slices.IndexFunc(rule.phases, func(p phase) bool { return p.verdict == Reject }); n >= 0 {
			return Decision{Rule: rule.id, Title: rule.title, Legal: rule.legal, Strength: rule.strength, PhaseFrom: rule.phases[n].fromText}, true
		}
	}
	return Decision{}, false
}
