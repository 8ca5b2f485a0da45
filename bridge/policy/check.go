package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// lineIn gives the line of a key of the i-th rule.
func (b *builder) lineIn(fallback, i int, key string) int {
	if line, ok := b.lines["rule["+strconv.Itoa(i)+"]."+key]; ok {
		return line
	}
	return fallback
}

// checkReach warns of rules, and phases of rules, that never decide because an earlier rule always does.
func (b *builder) checkReach() {
	rules := b.rules.rules
	for i := range rules {
		last := rules[i].phases[len(rules[i].phases)-1].from
		for j := range i {
			since := rules[j].phases[0].from
			if since.After(last) || rules[j].phases[0].grace > 0 || !rules[j].covers(&rules[i], &b.rules.symbols) {
				continue
			}
			if !since.After(rules[i].phases[0].from) {
				b.warn(rules[i].line, "rule", "%q is never reached: rule %q in line %d matches everything that it matches and begins no later; put it before that rule, or remove it",
					rules[i].id, rules[j].id, rules[j].line)
				break
			}
			if p, ok := rules[i].phaseSince(since); ok {
				b.warn(p.line, "rule.phase", "is never reached: from %s rule %q in line %d decides first; put rule %q before it, or remove the phase",
					clock(since), rules[j].id, rules[j].line, rules[i].id)
				break
			}
		}
	}
}

// phaseSince is the first phase that begins at the instant or later.
func (r *rule) phaseSince(at time.Time) (phase, bool) {
	for _, p := range r.phases {
		if !p.from.Before(at) {
			return p, true
		}
	}
	return phase{}, false
}

// covers says whether r surely matches whatever o matches. It may miss a case, but never claims one wrongly.
func (r *rule) covers(o *rule, s *symbols) bool {
	if r.maxSize > 0 && (o.maxSize == 0 || o.maxSize > r.maxSize) {
		return false
	}
	for i := range r.lists {
		if !o.promises(&r.lists[i]) {
			return false
		}
	}
	for _, c := range r.flags {
		if !slices.ContainsFunc(o.flags, func(given flagCond) bool { return given.flag == c.flag && given.want == c.want }) {
			return false
		}
	}
	return r.outsiders || o.inside(s)
}

// promises says whether a submission that fulfils these conditions surely fulfils c too. It is asked for every pair of rules.
func (q *conditions) promises(c *listCond) bool {
	for i := range q.lists {
		if given := &q.lists[i]; given.dim == c.dim && given.implies(c) {
			return true
		}
	}
	return false
}

// implies says whether a submission that fulfils c surely fulfils o, which asks for the same thing.
func (c *listCond) implies(o *listCond) bool {
	switch {
	case !c.not && !o.not:
		return c.set.within(o.set)
	case c.not && o.not:
		return o.set.within(c.set)
	case !c.not && o.not:
		return dimensions[c.dim].single && !c.set.meets(o.set)
	}
	return false
}

// checkGaps warns of what the file leaves open, or closes, without saying so.
func (b *builder) checkGaps(t *table) {
	if len(b.rules.rules) == 0 {
		b.warn(0, "rule", "there is no rule: the default (%s) decides everything", b.rules.fallback)
	}
	for i := range b.rules.rules {
		r := &b.rules.rules[i]
		named := slices.ContainsFunc(r.lists, func(c listCond) bool { return c.dim == dimChannel })
		if r.refuses() && !named {
			b.warn(r.line, "rule.channels", "rule %q refuses without naming channels, so what comes over the system is refused too; name channels = [\"email\"], [\"paper\"] or both", r.id)
		}
	}
}

// Warnings are those that need an instant and a directory: exemptions that have expired, names that the directory does not know, a file
// none of whose rules has begun, and groups that no rule decides about.
func (r *Rules) Warnings(at time.Time, dir *directory.Directory) []directory.Fault {
	w := reader{file: r.file}
	for i := range r.exemptions {
		if e := &r.exemptions[i]; !at.Before(e.until) {
			w.warn(e.line, "exemption", "%q has expired at %s; remove it or set a later until", e.name, clock(e.until))
		}
	}
	r.warnBeginning(&w, at)
	if dir != nil {
		r.warnNames(&w, at, dir)
	}
	sortFaults(w.warnings)
	return w.warnings
}

func (r *Rules) warnBeginning(w *reader, at time.Time) {
	var first time.Time
	for i := range r.rules {
		if from := r.rules[i].phases[0].from; first.IsZero() || from.Before(first) {
			first = from
		}
	}
	if at.Before(first) {
		w.warn(0, "rule", "no rule has begun yet: until %s the default (%s) decides everything", clock(first), r.fallback)
	}
}

func (r *Rules) warnNames(w *reader, at time.Time, dir *directory.Directory) {
	groups := dir.Groups()
	for _, m := range r.groups {
		if !slices.Contains(groups, m.text) {
			w.warn(m.line, m.key, "no agency of the directory is in the group %q; correct the name, or add the group to agencies.csv", m.text)
		}
	}
	for _, m := range r.agencies {
		if _, ok := dir.Find(m.text, at); !ok {
			w.warn(m.line, m.key, "the directory has no agency %q at this time; correct the code, or add the agency to agencies.csv", m.text)
		}
	}
	r.warnMixed(w, dir)
	for _, g := range groups {
		if r.forgets(g) && (r.namesMost(groups) || r.namesWaveOf(g)) {
			w.warn(0, "rule.sender.groups", "every rule names groups, but none names %q: the default (%s) decides about its agencies", g, r.fallback)
		}
	}
}

// namesMost says whether the file names more than half of the groups: then it means to name all, and a file about a few does not.
func (r *Rules) namesMost(groups []string) bool {
	named := 0
	for _, g := range groups {
		if slices.ContainsFunc(r.groups, func(m mention) bool { return m.text == g }) {
			named++
		}
	}
	return 2*named > len(groups)
}

// namesWaveOf says whether the file names another group whose name differs in its number alone: dot-1 and dot-2 beside dot-3.
func (r *Rules) namesWaveOf(group string) bool {
	const digits = "0123456789"
	stem := strings.TrimRight(group, digits)
	return stem != group && slices.ContainsFunc(r.groups, func(m mention) bool { return m.text != group && strings.TrimRight(m.text, digits) == stem })
}

// forgets says whether all rules choose their senders by groups, and none chooses this one.
func (r *Rules) forgets(group string) bool {
	id, named := r.symbols[dimGroup][group]
	var one bits
	if named {
		one.set(id)
	}
	for i := range r.rules {
		chosen := slices.ContainsFunc(r.rules[i].lists, func(c listCond) bool { return c.dim == dimGroup && !c.not && !c.set.meets(one) })
		if !chosen {
			return false
		}
	}
	return len(r.rules) > 0
}
