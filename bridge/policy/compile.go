package policy

// factWords is for how many words of facts a decision has room of its own; larger rule sets take memory.
const factWords = 48

// probe is a condition as deciding asks it: one word of the facts and a mask. A set whose symbols stand in several words is several probes, of
// which all but the last have more. The texts stand with the condition; deciding walks over probes alone, which lie side by side.
type probe struct {
	mask uint64
	word int32
	cond skip // index among the lists of the conditions; below them, -1 - index among the flags
	not  bool
	more bool
}

// layout says where the facts of each dim stand among the words; the flags stand in word 0, two bits each.
type layout struct {
	first [dims]int32
	words int
}

// compile gives every symbol its word and turns all conditions into probes. It runs once, when everything is read.
func (r *Rules) compile() {
	r.layout.words = 1
	for d := range dims {
		r.layout.first[d] = int32(r.layout.words)
		r.layout.words += (len(r.symbols[d]) + 63) / 64
	}
	var all []probe // side by side
	put := func(q *conditions) {
		from := len(all)
		all = r.layout.probes(all, q)
		q.probes = all[from:len(all):len(all)]
	}
	for i := range r.exemptions {
		put(&r.exemptions[i].conditions)
	}
	for i := range r.rules {
		put(&r.rules[i].conditions)
	}
}

// probes appends those of the conditions, in the order in which they are asked.
func (l *layout) probes(all []probe, q *conditions) []probe {
	for i := range q.lists {
		c := &q.lists[i]
		for w, mask := range c.set {
			if mask != 0 {
				all = append(all, probe{mask: mask, word: l.first[c.dim] + int32(w), cond: skip(i), not: c.not, more: true})
			}
		}
		all[len(all)-1].more = false
	}
	for i := range q.flags {
		all = append(all, probe{mask: flagBit(q.flags[i].flag, q.flags[i].want), cond: skip(-1 - i)})
	}
	return all
}

// flagBit is the bit of word 0 that says that the flag has the value.
func flagBit(f flag, value bool) uint64 {
	if value {
		return 1 << (2 * f)
	}
	return 2 << (2 * f)
}

// ask answers the condition whose probes begin at the i-th, and says where the next one begins.
func (f *facts) ask(probes []probe, i int) (truth, int) {
	t := &probes[i]
	hit, may := f.yes[t.word]&t.mask, f.maybe[t.word]&t.mask
	for t.more {
		i++
		t = &probes[i]
		hit, may = hit|f.yes[t.word]&t.mask, may|f.maybe[t.word]&t.mask
	}
	switch {
	case hit != 0:
		return sure(!t.not), i + 1
	case may != 0:
		return unsure, i + 1
	}
	return sure(t.not), i + 1
}
