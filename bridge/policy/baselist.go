package policy

import (
	"maps"
	"slices"
	"strings"
)

// A base list is one that others extend (R08: the list of the whole country, and a local one that adds and takes out). What follows looks
// for rules that say the contrary of such a list without the file saying so. All are warnings: a directive may mean it.

// checkBaseLists warns of rules that accept what a rule over a base list asks for, or ask for what a local list took out of it.
func (b *builder) checkBaseLists() {
	for _, name := range slices.Sorted(maps.Keys(b.lists)) {
		base := b.lists[name]
		overrides := b.overrides(name)
		if len(overrides) == 0 {
			continue
		}
		for i := range b.rules.rules {
			b.checkAccepts(i, base)
			for _, o := range overrides {
				b.checkTakenOut(i, base, o)
			}
		}
	}
}

// overrides are the lists that extend this one directly and that some rule uses.
func (b *builder) overrides(base string) []*list {
	var out []*list
	for _, l := range b.lists {
		extends := slices.ContainsFunc(l.extends, func(w word) bool { return listName(w) == base })
		if extends && slices.ContainsFunc(b.rules.rules, func(r rule) bool { return r.names(l.name) }) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(x, y *list) int { return strings.Compare(x.name, y.name) })
	return out
}

func listName(w word) string { return clean(strings.TrimPrefix(w.text, "@")) }

// names says whether the rule's types name the list.
func (r *rule) names(list string) bool {
	return slices.ContainsFunc(r.types, func(w word) bool { return strings.HasPrefix(w.text, "@") && listName(w) == list })
}

// checkAccepts: a rule that asks nothing and names a type of the base list itself, above a rule that asks for the whole list.
func (b *builder) checkAccepts(i int, base *list) {
	r := &b.rules.rules[i]
	if r.strict() || r.phases[0].verdict != Accept {
		return
	}
	for j := i + 1; j < len(b.rules.rules); j++ {
		over := &b.rules.rules[j]
		if !over.strict() || !b.built(over, base.name) || r.apart(over) {
			continue
		}
		for _, w := range r.types {
			if key := typeKey(w.text); slices.ContainsFunc(base.all, func(t string) bool { return typeKey(t) == key }) && b.matches(over, w.text) {
				b.warn(w.line, "rule.document.types", "%q stands in the base list %q, which rule %q in line %d asks for; rule %q accepts it first. If it is meant as a local exception, take it out with remove",
					w.text, base.name, over.id, over.line, r.id)
				return
			}
		}
	}
}

// built says whether the rule's types come from the base list, by itself or through one that extends it.
func (b *builder) built(r *rule, base string) bool {
	return slices.ContainsFunc(r.types, func(w word) bool {
		if !strings.HasPrefix(w.text, "@") {
			return false
		}
		l := b.lists[listName(w)]
		return l != nil && (l.name == base || slices.ContainsFunc(l.extends, func(e word) bool { return listName(e) == base }))
	})
}

// matches says whether the rule's types take in this one.
func (b *builder) matches(r *rule, t string) bool {
	id, known := b.rules.symbols[dimType][typeKey(t)]
	var one bits
	if known {
		one.set(id)
	}
	for _, c := range r.lists {
		if c.dim == dimType && c.set.meets(one) == c.not {
			return false
		}
	}
	return known
}

// checkTakenOut: a rule asks for a type that a local list took out of the base list, of senders whom the local list is for.
func (b *builder) checkTakenOut(i int, base, local *list) {
	r := &b.rules.rules[i]
	if !r.strict() || r.names(local.name) {
		return
	}
	uses := slices.IndexFunc(b.rules.rules, func(o rule) bool { return o.names(local.name) && !o.apart(r) })
	if uses < 0 {
		return
	}
	for _, removed := range local.remove {
		in := func(t string) bool { return typeKey(t) == typeKey(removed.text) }
		if !slices.ContainsFunc(base.all, in) || !b.matches(r, removed.text) {
			continue
		}
		at := slices.IndexFunc(r.types, func(w word) bool { return in(w.text) || w.text[0] == '@' && listName(w) == base.name })
		if at < 0 {
			continue
		}
		b.warn(r.types[at].line, "rule.document.types", "asks for %q, which list %q takes out of the base list %q; name \"@%s\", or say by receivers or senders who follows which",
			removed.text, local.name, base.name, local.name)
		return
	}
}

// apart says whether no submission can match both rules, as far as their channels, receivers and senders tell.
func (r *rule) apart(o *rule) bool {
	return r.excludes(o) || o.excludes(r)
}

func (r *rule) excludes(o *rule) bool {
	for _, c := range r.lists {
		if c.not {
			continue
		}
		for _, d := range o.lists {
			switch {
			case d.dim != c.dim:
			case d.not && c.set.within(d.set):
				return true
			case !d.not && (dimensions[c.dim].single || c.dim == dimReceiver) && !c.set.meets(d.set):
				return true
			}
		}
	}
	return false
}
