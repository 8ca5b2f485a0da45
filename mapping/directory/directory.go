// Package directory is one immutable version of the agencies: who sends from which address, since when, and who took over.
package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Directory is one version of agencies.csv. It is never changed after Read and may be used by several goroutines.
type Directory struct {
	version  string
	agencies []Agency // in file order
	groups   []string

	// Indexes into agencies. Every list is sorted by the end of the period, the open ones first.
	byID      map[string][]int32
	byCode    map[string][]int32 // folded code
	byAlias   map[string][]int32 // folded alias
	byAddress map[string][]int32
	byDomain  map[string][]int32
	patterns  patternIndex
}

// Empty is a directory without agencies: every lookup is unmatched.
func Empty() *Directory { return build(nil, nil) }

// Version is the SHA-256 of the file's bytes, hexadecimal.
func (d *Directory) Version() string { return d.version }

// Len counts lines: one agency in two periods counts twice.
func (d *Directory) Len() int { return len(d.agencies) }

// Groups lists the names of all groups, sorted.
func (d *Directory) Groups() []string { return slices.Clone(d.groups) }

// Agency gives the agency with exactly this id as it is at the instant.
func (d *Directory) Agency(id string, at time.Time) (Agency, bool) {
	row, ok := d.rowAt(id, at)
	if !ok {
		return Agency{}, false
	}
	return d.agencies[row], true
}

// Find gives the agency that carries this id, code or alias (in this order) at the instant. It follows no successor, so that what is
// granted to an agency by name ends with the agency; ByCode does follow. A code that several agencies carry finds none.
func (d *Directory) Find(codeOrIDOrAlias string, at time.Time) (Agency, bool) {
	for _, owners := range d.named(codeOrIDOrAlias) {
		hits := d.valid(owners, at)
		if len(hits) == 1 {
			return d.agencies[hits[0].row], true
		}
		if len(hits) > 1 {
			return Agency{}, false
		}
	}
	return Agency{}, false
}

// InGroup says whether the agency is in the group; names are compared exactly.
func (a *Agency) InGroup(g string) bool { return slices.Contains(a.Groups, g) }

// Ready says whether the agency has its account on the system, or its code on the axis, at the instant.
func (a *Agency) Ready(at time.Time) bool { return !a.ReadySince.IsZero() && !at.Before(a.ReadySince) }

// validAt says whether the instant lies in the period.
func (a *Agency) validAt(at time.Time) bool { return !at.Before(a.ValidFrom) && !a.endedAt(at) }

// endedAt says whether the period is over at the instant.
func (a *Agency) endedAt(at time.Time) bool {
	return !a.ValidUntil.IsZero() && !at.Before(a.ValidUntil)
}

// overlaps says whether two periods have an instant in common.
func (a *Agency) overlaps(b *Agency) bool {
	return (a.ValidUntil.IsZero() || b.ValidFrom.Before(a.ValidUntil)) && (b.ValidUntil.IsZero() || a.ValidFrom.Before(b.ValidUntil))
}

// codeKey folds a code for comparing: codes are printed in either case and with stray blanks.
func codeKey(code string) string { return strings.ToUpper(strings.Join(strings.Fields(code), "")) }

// named lists the rows that carry the name as id, as code and as alias.
func (d *Directory) named(name string) [3][]int32 {
	key := codeKey(name)
	return [3][]int32{d.byID[strings.TrimSpace(name)], d.byCode[key], d.byAlias[key]}
}

// build indexes the rows, which it keeps.
func build(data []byte, rows []Agency) *Directory {
	sum := sha256.Sum256(data)
	d := &Directory{
		version:   hex.EncodeToString(sum[:]),
		agencies:  rows,
		byID:      make(map[string][]int32, len(rows)),
		byCode:    make(map[string][]int32, len(rows)),
		byAlias:   map[string][]int32{},
		byAddress: make(map[string][]int32, len(rows)),
		byDomain:  map[string][]int32{},
	}
	groups := map[string]bool{}
	for i := range rows {
		a, row := &rows[i], int32(i)
		d.byID[a.ID] = append(d.byID[a.ID], row)
		if a.Code != "" {
			d.byCode[codeKey(a.Code)] = append(d.byCode[codeKey(a.Code)], row)
		}
		for _, s := range a.Aliases {
			d.byAlias[codeKey(s)] = append(d.byAlias[codeKey(s)], row)
		}
		for _, s := range a.Addresses {
			d.byAddress[s] = append(d.byAddress[s], row)
		}
		for _, s := range a.Domains {
			d.byDomain[s] = append(d.byDomain[s], row)
		}
		for _, s := range a.Patterns {
			d.patterns.add(s, row)
		}
		for _, g := range a.Groups {
			groups[g] = true
		}
	}
	for _, index := range []map[string][]int32{d.byID, d.byCode, d.byAlias, d.byAddress, d.byDomain} {
		for _, owners := range index {
			d.sortByEnd(owners)
		}
	}
	d.groups = make([]string, 0, len(groups))
	for g := range groups {
		d.groups = append(d.groups, g)
	}
	slices.Sort(d.groups)
	return d
}

// sortByEnd sorts rows by the end of their period, open ones first, then in file order.
func (d *Directory) sortByEnd(rows []int32) {
	slices.SortStableFunc(rows, func(x, y int32) int {
		a, b := d.agencies[x].ValidUntil, d.agencies[y].ValidUntil
		switch {
		case a.IsZero() && b.IsZero():
			return 0
		case a.IsZero():
			return -1
		case b.IsZero():
			return 1
		}
		return b.Compare(a)
	})
}
