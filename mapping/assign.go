package mapping

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// keys are the numbers that files show as their own, in a fixed order; numbers that may be one are made one, the longest standing for all.
func (s *splitting) keys() []string {
	var all []string
	for _, l := range s.leaves {
		if l.key != "" {
			all = append(all, l.key)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	stands := make(map[string]string, len(all))
	var reps []string
	for i, k := range all {
		if stands[k] != "" {
			continue
		}
		rep, alike := k, []string{k}
		for _, longer := range all[i+1:] { // a shorter ký hiệu is sorted before those that go on from it
			if !strings.HasPrefix(longer, k) {
				break
			}
			if sameNumber(k, longer) {
				alike = append(alike, longer)
				if len(longer) > len(rep) {
					rep = longer
				}
			}
		}
		for _, a := range alike {
			stands[a] = rep
		}
		reps = append(reps, rep)
	}
	for _, l := range s.leaves {
		if l.key != "" {
			l.key = stands[l.key]
		}
	}
	return reps
}

// standalone gives the numbers of documents that stand for themselves: those that another document in the mail quotes, or that the mail
// answers, came with it for reference. When that leaves none, each of them quotes another: the mail's own number stands, else the first.
func (s *splitting) standalone(keys []string) []string {
	if len(keys) < 2 {
		return keys
	}
	note := func(by, number string) {
		for _, k := range keys {
			if k != by && sameNumber(k, number) {
				s.quoted[k] = append(s.quoted[k], by)
			}
		}
	}
	for _, number := range s.answered() {
		note("", vanban.NumberKey(number))
	}
	for _, l := range s.leaves {
		if l.key == "" || l.Text == "" {
			continue
		}
		for _, number := range l.answers() {
			note(l.key, vanban.NumberKey(number))
		}
		for number := range numbersIn(l.Text) {
			note(l.key, number)
		}
	}
	own := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return len(s.quoted[k]) > 0 })
	if len(own) > 0 {
		return own
	}
	if i := slices.IndexFunc(keys, func(k string) bool { return sameNumber(k, s.headOf(-1)) }); i >= 0 {
		return keys[i : i+1]
	}
	return keys[:1]
}

// answered are the numbers that the mail says it answers or carries out.
func (s *splitting) answered() []string {
	all := append(slices.Clone(s.subject.TraLoi), s.body.TraLoi...)
	if s.m.Kind != parser.Bounce {
		for _, n := range s.m.Nested {
			all = append(all, vanban.ReadSubject(n.Subject).TraLoi...)
		}
	}
	for _, c := range sidecars(s.m) {
		for _, a := range c.Answers {
			all = append(all, a.Number)
		}
	}
	return all
}

// answers are the numbers that a file says it answers.
func (l *leaf) answers() []string {
	if l.tool == nil {
		return l.says().TraLoi
	}
	return append(slices.Clone(l.says().TraLoi), l.tool.seen.TraLoi...)
}

// numbersIn are the words of a text that could be số ký hiệu, in the form in which they are compared.
func numbersIn(text string) map[string]bool {
	found := map[string]bool{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r <= ' ' || strings.ContainsRune("()[]{},;:\"'“”\u00a0", r) }) {
		if word = strings.TrimRight(word, "./-"); len(word) >= 4 && len(word) <= 80 && word[0] >= '0' && word[0] <= '9' && strings.ContainsAny(word, "/-") {
			found[vanban.NumberKey(word)] = true
		}
	}
	return found
}

// found makes a paper of every number: that of the subject first, then in mail order.
func (s *splitting) found(own []string) {
	by := map[string]*paper{}
	for _, l := range s.leaves {
		if !slices.Contains(own, l.key) {
			continue
		}
		p := by[l.key]
		if p == nil {
			p = &paper{key: l.key, among: true}
			by[l.key] = p
			s.papers = append(s.papers, p)
		}
		p.leaves = append(p.leaves, l)
		s.owner[l] = p
	}
	head := s.headOf(-1)
	slices.SortStableFunc(s.papers, func(a, b *paper) int {
		switch {
		case sameNumber(a.key, head) == sameNumber(b.key, head):
			return 0
		case sameNumber(a.key, head):
			return -1
		}
		return 1
	})
	for _, p := range s.papers {
		p.mainFirst("", nil)
		p.shown = len(p.leaves)
		if head != "" && !slices.ContainsFunc(s.papers, func(q *paper) bool { return sameNumber(q.key, head) }) {
			p.doubt(vanban.DoubtNumber)
		}
	}
}
