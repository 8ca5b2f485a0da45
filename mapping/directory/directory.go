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
	once     []bool // of each line: its agency has no other

	// Indexes into agencies. Every list is sorted by the end of the period, the open ones first.
	byID      map[string][]int32
	byCode    map[string][]int32 // folded code
	byAlias   map[string][]int32 // folded alias
	byTurned  map[string][]int32 // what codes and aliases in older notations are in that of QĐ 20/2020
	byAddress map[string][]int32
	byDomain  map[string][]int32
	byHost    map[string][]int32 // domains in which agencies have addresses or patterns, without listing them as theirs
	byHeir    map[string][]int32 // id → lines that name it as successor
	byName    map[string][]int32 // nameKey
	patterns  patternIndex
}

// Empty is a directory without agencies: every lookup is unmatched.
func Empty() *Directory { return build(nil, nil) }

// Version is the SHA-256 of a file's bytes, hexadecimal.
func Version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Version is that of the file that the directory was read from.
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

// ValidAt says whether the instant lies in the period.
func (a *Agency) ValidAt(at time.Time) bool { return !at.Before(a.ValidFrom) && !a.endedAt(at) }

// endedAt says whether the period is over at the instant.
func (a *Agency) endedAt(at time.Time) bool {
	return !a.ValidUntil.IsZero() && !at.Before(a.ValidUntil)
}

// overlaps says whether two periods have an instant in common.
func (a *Agency) overlaps(b *Agency) bool {
	return (a.ValidUntil.IsZero() || b.ValidFrom.Before(a.ValidUntil)) && (b.ValidUntil.IsZero() || a.ValidFrom.Before(b.ValidUntil))
}

// named lists the rows that carry the name as id, as code and as alias.
func (d *Directory) named(name string) [3][]int32 {
	key := NormalCode(name)
	return [3][]int32{d.byID[strings.TrimSpace(name)], d.byCode[key], d.byAlias[key]}
}

// converted lists the rows that carry the code in another notation. Of agencies that would all be meant none is preferred.
func (d *Directory) converted(code string) []int32 {
	key := NormalCode(code)
	turned, older := ToQD20(key)
	if !older {
		return d.byTurned[key]
	}
	rows := slices.Concat(d.byCode[turned], d.byAlias[turned], d.byTurned[turned])
	slices.Sort(rows)
	rows = slices.Compact(rows)
	d.sortByEnd(rows)
	return rows
}

// build indexes the rows, which it keeps.
func build(data []byte, rows []Agency) *Directory {
	d := &Directory{
		version:   Version(data),
		agencies:  rows,
		once:      make([]bool, len(rows)),
		byID:      make(map[string][]int32, len(rows)),
		byCode:    make(map[string][]int32, len(rows)),
		byAlias:   map[string][]int32{},
		byTurned:  map[string][]int32{},
		byAddress: make(map[string][]int32, len(rows)),
		byDomain:  map[string][]int32{},
		byHost:    map[string][]int32{},
		byHeir:    map[string][]int32{},
		byName:    make(map[string][]int32, len(rows)),
	}
	groups := map[string]bool{}
	for i := range rows {
		d.add(int32(i))
		for _, g := range rows[i].Groups {
			groups[g] = true
		}
	}
	for i := range rows {
		d.once[i] = len(d.byID[rows[i].ID]) == 1
	}
	for _, index := range []map[string][]int32{d.byID, d.byCode, d.byAlias, d.byTurned, d.byAddress, d.byDomain, d.byHost, d.byHeir, d.byName} {
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

// add enters one line into the indexes.
func (d *Directory) add(row int32) {
	a := &d.agencies[row]
	d.byID[a.ID] = append(d.byID[a.ID], row)
	if a.Code != "" {
		d.addCode(d.byCode, a.Code, row)
	}
	if key := nameKey(a.Name); key != "" {
		d.byName[key] = append(d.byName[key], row)
	}
	for _, s := range a.Aliases {
		d.addCode(d.byAlias, s, row)
	}
	hosts := map[string]bool{}
	for _, s := range a.Addresses {
		d.byAddress[s] = append(d.byAddress[s], row)
		hosts[domainOf(s)] = true
	}
	for _, s := range a.Patterns {
		d.patterns.add(s, row)
		if host := domainOf(s); host[0] != '*' {
			hosts[host] = true
		}
	}
	for _, s := range a.Domains {
		d.byDomain[s] = append(d.byDomain[s], row)
		delete(hosts, s)
	}
	for host := range hosts {
		d.byHost[host] = append(d.byHost[host], row)
	}
	for _, s := range a.Successors {
		d.byHeir[s] = append(d.byHeir[s], row)
	}
}

// addCode enters a code or alias, and what it would be in the notation of QĐ 20/2020.
func (d *Directory) addCode(index map[string][]int32, code string, row int32) {
	key := NormalCode(code)
	addRow(index, key, row)
	if turned, ok := ToQD20(key); ok {
		addRow(d.byTurned, turned, row)
	}
}

// addRow enters a row under a name, once: rows come in order.
func addRow(index map[string][]int32, name string, row int32) {
	if rows := index[name]; len(rows) == 0 || rows[len(rows)-1] != row {
		index[name] = append(rows, row)
	}
}

// domainOf is what stands behind the @ of a checked address or pattern.
func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

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
