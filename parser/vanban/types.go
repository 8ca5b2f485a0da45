package vanban

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// Type is one kind of document.
type Type struct {
	Name         string // Quyết định
	Abbreviation string // QĐ; empty for the few that have none
	Kind         TypeKind
}

// TypeKind says where a type comes from.
type TypeKind string

const (
	Letter   TypeKind = "letter" // no type is printed in the head (công văn, thư công)
	Named    TypeKind = "named"  // NĐ 30/2020, Điều 7
	Copy     TypeKind = "copy"   // NĐ 30/2020, Phụ lục III
	Law      TypeKind = "law"    // quy phạm pháp luật
	Party    TypeKind = "party"  // of the Party and the unions
	Own      TypeKind = "own"    // in use beside the lists
	Unlisted TypeKind = ""
)

//go:embed types.csv
var typesCSV string

var types = loadTypes()

type typeTable struct {
	list    []Type
	byAbbr  map[string]Type // as printed
	byFold  map[string]Type // folded abbreviation, where only one type has it
	byTight map[string]Type // folded name without blanks
	names   []typeName      // longest first
}

type typeName struct {
	fold string
	Type Type
}

// loadTypes reads the embedded table; a fault in it is a fault of the program.
func loadTypes() typeTable {
	lines, err := csv.NewReader(strings.NewReader(typesCSV)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("types.csv: %v", err))
	}
	t := typeTable{byAbbr: map[string]Type{}, byFold: map[string]Type{}, byTight: map[string]Type{}}
	shared := map[string]bool{}
	for _, cells := range lines[1:] {
		entry := Type{Name: cells[0], Abbreviation: cells[1], Kind: TypeKind(cells[2])}
		t.list = append(t.list, entry)
		t.addName(entry.Name, entry)
		for _, abbr := range append([]string{entry.Abbreviation}, strings.Split(cells[3], ";")...) {
			switch {
			case abbr == "":
			case strings.Contains(abbr, " "):
				t.addName(abbr, entry)
			default:
				t.byAbbr[abbr] = entry
				key := Fold(abbr)
				if other, taken := t.byFold[key]; taken && other != entry {
					shared[key] = true
				}
				t.byFold[key] = entry
			}
		}
	}
	for key := range shared {
		delete(t.byFold, key)
	}
	slices.SortFunc(t.names, func(a, b typeName) int { return len(b.fold) - len(a.fold) })
	return t
}

func (t *typeTable) addName(name string, entry Type) {
	t.byTight[newPhrase(name).tight()] = entry
	t.names = append(t.names, typeName{Fold(name), entry})
}

// TypeByAbbreviation finds a type by its abbreviation as printed (QĐ, TTr), else by its folded form (QD, TTR) when only one type has that.
func TypeByAbbreviation(abbr string) (Type, bool) {
	if t, ok := types.byAbbr[abbr]; ok {
		return t, true
	}
	t, ok := types.byFold[Fold(abbr)]
	return t, ok
}

// TypeByName finds a type by its name in any spelling ("QUYẾT ĐỊNH", "quyet dinh").
func TypeByName(name string) (Type, bool) {
	t, ok := types.byTight[newPhrase(name).tight()]
	return t, ok
}

// Types lists all known types in the order of the table.
func Types() []Type { return slices.Clone(types.list) }

// partyType gives the Party's own type of the same name where it has one: its quy định is another kind of document than the state's.
func partyType(t Type) Type {
	if own, ok := types.byTight[newPhrase(t.Name).tight()+"dang"]; ok && own.Kind == Party {
		return own
	}
	return t
}

// typePrefix finds the longest type name that the phrase begins with, and where it ends.
func typePrefix(p phrase) (Type, int, bool) {
	for _, n := range types.names {
		if p.hasWord(n.fold) {
			return n.Type, len(n.fold), true
		}
	}
	return Type{}, 0, false
}

// typeSuffix finds the longest type name or abbreviation that the phrase ends with, and where it begins.
func typeSuffix(p phrase) (Type, int, bool) {
	for _, n := range types.names {
		at := len(p.f) - len(n.fold)
		if at >= 0 && string(p.f[at:]) == n.fold && !wordByte(p.at(at-1)) {
			return n.Type, at, true
		}
	}
	at := len(p.f)
	for at > 0 && letterByte(p.f[at-1]) {
		at--
	}
	if word := p.from(at); word.len() >= 2 && word.len() <= 5 {
		if t, ok := abbreviationOf(word); ok {
			return t, at, true
		}
	}
	return Type{}, 0, false
}

// abbreviationOf takes a word for a type's abbreviation when it is printed like one, in capitals but for a letter or two.
func abbreviationOf(word phrase) (Type, bool) {
	if upper, _ := word.letters(); upper < 2 {
		return Type{}, false
	}
	return TypeByAbbreviation(string(word.r))
}
