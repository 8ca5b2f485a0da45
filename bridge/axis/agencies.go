package axis

import (
	"cmp"

	"github.com/giaolien/giaolien/mapping/directory"
)

// joined puts the superiors, and the codes before, of the second list into the first, and adds the organisations that only the second has.
// Entries are the same when they have the same id and one of their codes in common; never by name.
func joined(first, second []directory.Listed) []directory.Listed {
	byID, seen := map[string]int{}, map[directory.Listed]bool{}
	out := append([]directory.Listed{}, first...)
	for i, l := range out {
		seen[l] = true
		if l.ID != "" {
			byID[l.ID] = i
		}
	}
	for _, l := range second {
		i, known := byID[l.ID]
		if !known || !common(out[i], l) {
			if !seen[l] {
				out = append(out, l)
			}
			continue
		}
		into := &out[i]
		into.Parent, into.Mail = cmp.Or(into.Parent, l.Parent), cmp.Or(into.Mail, l.Mail)
		into.Old = cmp.Or(into.Old, other(l.Old, into.Code), other(l.Code, into.Code))
		into.Deleted = into.Deleted || l.Deleted
	}
	return out
}

func common(a, b directory.Listed) bool {
	for _, x := range []string{a.Code, a.Old} {
		if x != "" && (x == b.Code || x == b.Old) {
			return true
		}
	}
	return false
}

// other gives the code unless it is that one.
func other(code, than string) string {
	if code == than {
		return ""
	}
	return code
}
