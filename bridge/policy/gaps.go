package policy

// How much a verdict asks of the sender: a phase that asks less than the one before it opens a gap when more is asked again later.
func (v Verdict) demand() int {
	switch v {
	case Warn:
		return 1
	case Hold:
		return 2
	case Reject:
		return 3
	case Quarantine:
		return 4
	}
	return 0
}

// strict says whether any phase asks something of the sender.
func (r *rule) strict() bool {
	for _, p := range r.phases {
		if p.verdict.demand() > 0 {
			return true
		}
	}
	return false
}

// ends is the phase with which a rule stops asking for anything, after it had asked.
func (r *rule) ends() (phase, bool) {
	last := len(r.phases) - 1
	if last < 1 || r.phases[last].verdict != Accept || !r.strict() {
		return phase{}, false
	}
	return r.phases[last], true
}

// checkPauses warns of gaps in time: a ladder that asks less for a while and then more again, and a rule that ends before the one that
// follows it begins.
func (b *builder) checkPauses() {
	for i := range b.rules.rules {
		b.checkLadder(&b.rules.rules[i])
		if end, ok := b.rules.rules[i].ends(); ok {
			b.checkSuccession(i, end)
		}
	}
}

func (b *builder) checkLadder(r *rule) {
	for i := 1; i+1 < len(r.phases); i++ {
		p, before := r.phases[i], r.phases[i-1]
		if p.verdict.demand() >= before.verdict.demand() {
			continue
		}
		for _, later := range r.phases[i+1:] {
			if later.verdict.demand() > p.verdict.demand() {
				b.warn(p.line, "rule.phase", "is a gap: from %s to %s rule %q asks less (%s after %s) and then more again (%s); remove the phase, or correct its verdict",
					clock(p.from), clock(later.from), r.id, p.verdict, before.verdict, later.verdict)
				return
			}
		}
	}
}

// checkSuccession looks for the rule that takes over the same senders and documents after this one's end, but too late.
func (b *builder) checkSuccession(i int, end phase) {
	old := &b.rules.rules[i]
	for j := range b.rules.rules {
		next := &b.rules.rules[j]
		if j == i || !next.strict() || !next.phases[0].from.After(end.from) || !next.covers(old, &b.rules.symbols) {
			continue
		}
		b.warn(end.line, "rule.phase", "leaves a gap: rule %q asks nothing from %s, and rule %q in line %d, which takes over what it matches, begins only at %s",
			old.id, clock(end.from), next.id, next.line, clock(next.phases[0].from))
		return
	}
}
