package policy

import (
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/vanban"
)

// knownType says whether the table of types has the abbreviation (NĐ 30/2020, Phụ lục III, and what is in use beside it).
func knownType(abbreviation string) bool {
	_, ok := vanban.TypeByAbbreviation(abbreviation)
	return ok
}

// nearType is the type of the table that a name in words was probably meant to be; empty when it is one, or is far from all.
func nearType(name string) string {
	folded := foldName(name) // with its marks: công báo is not công bố
	if _, ok := vanban.TypeByName(name); ok || utf8.RuneCountInString(folded) < 6 {
		return ""
	}
	for _, t := range vanban.Types() {
		if vanban.Apart(folded, foldName(t.Name)) == 1 {
			return t.Name
		}
	}
	return ""
}

// typeKey makes types comparable: a type of the table may be written by its abbreviation or its name; an own type is its name.
func typeKey(s string) string {
	s = clean(s)
	t, ok := vanban.TypeByAbbreviation(s)
	if !ok {
		t, ok = vanban.TypeByName(s)
	}
	switch {
	case !ok:
		return foldName(s)
	case t.Abbreviation != "":
		return foldName(t.Abbreviation)
	}
	return foldName(t.Name)
}
