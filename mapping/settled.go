package mapping

import (
	"cmp"
	"slices"

	"github.com/giaolien/giaolien/parser/vanban"
)

// settled gives the documents of a mail that were settled, by the digests of their files: these files in this order, what the mail has
// beside them with the first, and what the mail has not left out. all is how the mail reads now; that it reads otherwise is a doubt, since
// a document may have come to light. A clerk who joins them to one document is heard all the same.
func (s *splitting) settled(all []*paper, documents [][]string, together bool) []*paper {
	groups := s.groups(documents)
	if together || len(groups) == 1 {
		p := &paper{leaves: slices.Concat(groups...)}
		if len(all) > 1 {
			p.doubt(DoubtOtherNumber)
		} else {
			p.doubts = all[0].doubts
		}
		return []*paper{p}
	}
	return s.several(all, groups)
}

// groups gives the files of each document. Files with the same bytes, as empty ones, are taken in mail order.
func (s *splitting) groups(documents [][]string) [][]*leaf {
	byDigest := make(map[string][]*leaf, len(s.leaves))
	for _, l := range s.leaves {
		byDigest[l.SHA256] = append(byDigest[l.SHA256], l)
	}
	groups := make([][]*leaf, max(1, len(documents)))
	placed := make(map[*leaf]bool, len(s.leaves))
	for i, digests := range documents {
		for _, digest := range digests {
			if same := byDigest[digest]; len(same) > 0 {
				groups[i], byDigest[digest] = append(groups[i], same[0]), same[1:]
				placed[same[0]] = true
			}
		}
	}
	for _, l := range s.leaves {
		if !placed[l] {
			groups[0] = append(groups[0], l)
		}
	}
	return groups
}

// several makes the settled documents of a mail that has more than one. Each is known by the number that its files show without what
// tools found in them, so that what speaks for it without evidence does so with it; where they show none, by what tools read.
func (s *splitting) several(all []*paper, groups [][]*leaf) []*paper {
	plain := newSplitting(s.m, s.subject, s.body, nil)
	plain.split(false)
	out := make([]*paper, len(groups))
	for i, leaves := range groups {
		p := &paper{leaves: leaves, among: true}
		for _, l := range leaves {
			p.key = cmp.Or(p.key, plain.leaves[l.at].key)
		}
		if len(leaves) > 0 && p.key == "" {
			p.key = numberOf(vanban.ReadFileName(leaves[0].Name))
		}
		for _, l := range leaves {
			p.key = cmp.Or(p.key, l.key)
		}
		out[i] = p
	}
	if same(all, out) {
		for i, now := range all {
			out[i].doubts = now.doubts
		}
		return out
	}
	for i, p := range out {
		for _, l := range p.leaves {
			if l.kind >= document && (l.attached || l.unsure || l.key != "" && !sameNumber(l.key, p.key)) {
				p.doubt(DoubtOtherNumber)
			}
		}
		if i == 0 && len(all) > 0 && slices.Contains(all[0].doubts, DoubtDocuments) {
			p.doubt(DoubtDocuments)
		}
	}
	return out
}

// same says whether two ways of telling documents apart give the same files in the same order.
func same(a, b []*paper) bool {
	return slices.EqualFunc(a, b, func(p, q *paper) bool { return slices.Equal(p.leaves, q.leaves) })
}
