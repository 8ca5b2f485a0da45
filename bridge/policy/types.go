package policy

import "github.com/giaolien/giaolien/parser/vanban"

// knownType says whether the table of types has the abbreviation (NĐ 30/2020, Phụ lục III, and what is in use beside it).
func knownType(abbreviation string) bool {
	_, ok := vanban.TypeByAbbreviation(abbreviation)
	return ok
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
