package bridge

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
)

// maxParents bounds the way up; a directory whose agencies are each other's parents has no top.
const maxParents = 16

// ranks of the state, from above.
var ranks = [...]directory.Level{directory.Central, directory.Province, directory.District, directory.Commune}

// relation says how an agency stands to the one that speaks. It is subordinate when that one is above it on the way up, or when an office
// speaks for the body that it belongs to, that body is on the way up, and the agency is of a lower level: the office of a province's
// committee may tell a commune, but only ask a department, which is its equal. What is not known is taken for an equal.
func relation(dir *directory.Directory, a directory.Agency, speaks string, at time.Time) notice.Relation {
	if a.Level == directory.Citizen || a.Level == directory.Enterprise {
		return notice.Outside
	}
	above := parents(dir, a, at)
	if slices.Contains(above, speaks) {
		return notice.Subordinate
	}
	own, ok := dir.Agency(speaks, at)
	if ok && own.Parent != "" && slices.Contains(above, own.Parent) && lower(a.Level, own.Level) {
		return notice.Subordinate
	}
	return notice.Other
}

// parents lists the ids of the agencies above one, the nearest first.
func parents(dir *directory.Directory, a directory.Agency, at time.Time) []string {
	var out []string
	for len(out) < maxParents && a.Parent != "" && a.Parent != a.ID && !slices.Contains(out, a.Parent) {
		out = append(out, a.Parent)
		next, ok := dir.Agency(a.Parent, at)
		if !ok {
			break
		}
		a = next
	}
	return out
}

// lower says whether a level is below another. Units have no place in the order.
func lower(a, than directory.Level) bool {
	i, j := slices.Index(ranks[:], a), slices.Index(ranks[:], than)
	return i >= 0 && j >= 0 && i > j
}
