package directory

import (
	"slices"
	"strings"
)

// patternIndex finds the patterns that an address matches without trying them all: they are kept by the literal domain, and within it by
// the literal end of the local part, or its literal beginning when it ends in a wildcard.
type patternIndex struct {
	exact map[string]*patternBucket // domain
	below map[string]*patternBucket // D for patterns of the form …@*.D
}

type patternBucket struct {
	bySuffix, byPrefix map[string][]pattern
}

type pattern struct {
	local string // glob
	row   int32
}

// add takes a pattern that checkPattern has passed.
func (x *patternIndex) add(glob string, row int32) {
	if x.exact == nil {
		x.exact, x.below = map[string]*patternBucket{}, map[string]*patternBucket{}
	}
	local, domain, _ := strings.Cut(glob, "@")
	index := x.exact
	if rest, wild := strings.CutPrefix(domain, "*."); wild {
		index, domain = x.below, rest
	}
	b := index[domain]
	if b == nil {
		b = &patternBucket{bySuffix: map[string][]pattern{}, byPrefix: map[string][]pattern{}}
		index[domain] = b
	}
	p := pattern{local: local, row: row}
	if suffix := local[strings.LastIndexAny(local, "*?")+1:]; suffix != "" {
		b.bySuffix[suffix] = append(b.bySuffix[suffix], p)
		return
	}
	prefix := local[:strings.IndexAny(local, "*?")]
	b.byPrefix[prefix] = append(b.byPrefix[prefix], p)
}

// match lists the rows whose patterns the address matches, each row once.
func (x *patternIndex) match(local, domain string) []int32 {
	var rows []int32
	if b := x.exact[domain]; b != nil {
		rows = b.match(rows, local)
	}
	if len(x.below) > 0 {
		for _, rest, more := strings.Cut(domain, "."); more; _, rest, more = strings.Cut(rest, ".") {
			if b := x.below[rest]; b != nil {
				rows = b.match(rows, local)
			}
		}
	}
	if len(rows) > 1 {
		slices.Sort(rows)
		rows = slices.Compact(rows)
	}
	return rows
}

func (b *patternBucket) match(rows []int32, local string) []int32 {
	for i := 0; i <= len(local); i++ {
		rows = matching(rows, b.bySuffix[local[i:]], local)
		rows = matching(rows, b.byPrefix[local[:i]], local)
	}
	return rows
}

func matching(rows []int32, patterns []pattern, local string) []int32 {
	for _, p := range patterns {
		if globMatch(p.local, local) {
			rows = append(rows, p.row)
		}
	}
	return rows
}

// globMatch matches * (any characters, also none) and ? (one byte) over the whole of s, in time proportional to len(glob)·len(s).
func globMatch(glob, s string) bool {
	g, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, i
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == s[i]):
			g++
			i++
		case star >= 0:
			mark++
			g, i = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}
