package policy

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/mapping/directory"
)

// checkRule warns of what a single rule says that nobody can have meant. Whoever is refused by such a rule was refused by a slip.
func (b *builder) checkRule(t *table, r *rule) {
	b.checkReady(t, r)
	b.checkSecret(t, r)
	b.checkGrace(r)
	everyListed := slices.ContainsFunc(r.flags, func(c flagCond) bool { return c.flag == flagInDirectory && c.want })
	if sender := t.sub("sender"); everyListed && r.refuses() && !r.chooses(dimAgency, dimGroup, dimLevel) {
		b.warn(sender.lineOf("in_directory"), sender.key("in_directory"),
			"true reaches citizens and enterprises of the directory too, and rule %q refuses them; name the agencies that are meant by levels or groups", r.id)
	}
}

func (r *rule) refuses() bool {
	return slices.ContainsFunc(r.phases, func(p phase) bool { return p.verdict == Reject })
}

// chooses says whether one of these lists stands there, not as a not_ form.
func (q *conditions) chooses(dims ...dim) bool {
	return slices.ContainsFunc(q.lists, func(c listCond) bool { return !c.not && slices.Contains(dims, c.dim) })
}

// checkReady: the time for getting used to an account is nothing to those who have none.
func (b *builder) checkReady(t *table, r *rule) {
	sender := t.sub("sender")
	switch {
	case r.readyGrace == 0 || len(r.phases) == 0:
	case !r.refuses():
		b.warn(sender.lineOf("ready_grace"), sender.key("ready_grace"), "has no effect: no phase of the rule refuses; remove it")
	case !slices.ContainsFunc(r.flags, func(c flagCond) bool { return c.flag == flagReady }):
		b.warn(sender.lineOf("ready_grace"), sender.key("ready_grace"), "spares those whose account is new, and rule %q refuses those who have none; add ready = true", r.id)
	}
}

// checkSecret: secrets are quarantined before any rule is asked, unless they come on paper.
func (b *builder) checkSecret(t *table, r *rule) {
	if !r.chooses(dimSecrecy) {
		return
	}
	paper, known := b.rules.symbols[dimChannel]["paper"]
	for i := range r.lists {
		c := &r.lists[i]
		if c.dim != dimChannel {
			continue
		}
		if on := known && c.set.has(paper); on == c.not {
			document := t.sub("document")
			b.warn(document.lineOf("secrecy"), document.key("secrecy"), "is never asked: a state secret that comes otherwise than on paper is quarantined before any rule; remove rule %q, or name the channel paper", r.id)
			return
		}
	}
}

// checkGrace: grace lets the phase before stand, which must not be worse for a sender who was delayed; and only mail has relays.
func (b *builder) checkGrace(r *rule) {
	email, known := b.rules.symbols[dimChannel]["email"]
	mail := !slices.ContainsFunc(r.lists, func(c listCond) bool { return c.dim == dimChannel && (known && c.set.has(email)) == c.not })
	for i := range r.phases {
		p := &r.phases[i]
		switch {
		case p.grace == 0:
		case !mail:
			b.warn(p.line, "rule.phase.grace", "has no effect: it is for delays of mail, and rule %q is not about e-mail; remove it", r.id)
		case i > 0 && r.phases[i-1].verdict.demand() > p.verdict.demand():
			b.warn(p.line, "rule.phase.grace", "lets the phase before stand for mail that was delayed, and that one asks more (%s before %s); remove it", r.phases[i-1].verdict, p.verdict)
		}
	}
}

// checkDomain warns of what is no mail domain: it matches nobody.
func (b *builder) checkDomain(w word, key string) {
	domain := foldDomain(w.text)
	if strings.ContainsAny(domain, "@*/ ,;:?") || strings.Contains(domain, "..") {
		b.warn(w.line, key, "%q is no mail domain and matches nobody; write it as in quangtri.gov.vn, which means those below it too", w.text)
	}
}

// warnMixed warns of groups that a refusing rule names and that hold citizens or enterprises beside agencies of the state.
func (r *Rules) warnMixed(w *reader, dir *directory.Directory) {
	private, state := map[string]string{}, map[string]bool{}
	for _, a := range dir.Agencies() {
		for _, g := range a.Groups {
			if a.Level == directory.Citizen || a.Level == directory.Enterprise {
				private[g] = a.ID
			} else {
				state[g] = true
			}
		}
	}
	for _, m := range r.groups {
		id, mixed := private[m.text]
		if !mixed || !state[m.text] || m.rule < 0 || strings.Contains(m.key, "not_") || !r.rules[m.rule].refuses() || r.rules[m.rule].sparesPrivate(&r.symbols) {
			continue
		}
		w.warn(m.line, m.key, "the group %q holds citizens or enterprises (%s) beside agencies of the state, and rule %q refuses them all; give them a group of their own, or add not_levels = [\"citizen\", \"enterprise\"]",
			m.text, id, r.rules[m.rule].id)
	}
}

// sparesPrivate says whether the rule's levels leave citizens and enterprises out.
func (r *rule) sparesPrivate(s *symbols) bool {
	return slices.ContainsFunc(r.lists, func(c listCond) bool {
		if c.dim != dimLevel {
			return false
		}
		for _, level := range []directory.Level{directory.Citizen, directory.Enterprise} {
			id, known := s[dimLevel][string(level)]
			if (known && c.set.has(id)) != c.not {
				return false
			}
		}
		return true
	})
}

// UnknownReceivers warns of receivers that rules and exemptions name, and that are neither a receiving agency nor a mailbox: nothing would
// ever match there. known are the ids and names of those.
func (r *Rules) UnknownReceivers(known []string) []directory.Fault {
	w := reader{file: r.file}
	for _, m := range r.receivers {
		if !slices.ContainsFunc(known, func(k string) bool { return foldName(k) == foldName(m.text) }) {
			w.warn(m.line, m.key, "there is no receiving agency and no mailbox %q in the configuration; correct the name (%s)", m.text, strings.Join(known, ", "))
		}
	}
	return w.warnings
}
