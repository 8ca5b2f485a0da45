package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// list is one [lists.x]: types that rules name together as "@x".
type list struct {
	t       *table
	name    string
	types   []word
	extends []word
	remove  []word
	state   resolution
	all     []string // resolved
}

// maxListed is how many types a list, or one condition, may name; the table of NĐ 30/2020 and of the Party have a hundred. Lists that take in
// lists would otherwise double with every line.
const maxListed = 1000

// resolution is how far a list is resolved; meeting a begun one again is a circle.
type resolution int

const (
	untouched resolution = iota
	begun
	resolved
)

func (b *builder) readLists(tables []*table) {
	b.lists = map[string]*list{}
	for _, t := range tables {
		l := &list{t: t, name: clean(t.name[len("lists."):])}
		l.types, l.extends, l.remove = t.list("types"), t.list("extends"), t.list("remove")
		if !t.has("types") && !t.has("extends") {
			t.r.fault(t.line, t.name, "names no types; give it types, or extends with the name of another list")
		}
		for _, w := range append(l.types, l.remove...) {
			if strings.HasPrefix(w.text, "@") {
				b.fault(w.line, t.key("types"), "%q: a list takes in another one by extends = [%q]", w.text, w.text[1:])
			}
			b.checkType(w, t.key("types"))
		}
		t.close(nowhere)
		if same, ok := b.lists[l.name]; ok {
			b.fault(t.line, t.name, "has the name of the list in line %d, written with other accents; give each list its own", same.t.line)
			continue
		}
		b.lists[l.name] = l
	}
	for _, t := range tables {
		b.resolve(b.lists[clean(t.name[len("lists."):])], nil)
	}
}

// resolve adds up what a list extends and its own types, then takes out what it removes.
func (b *builder) resolve(l *list, path []string) []string {
	switch l.state {
	case resolved:
		return l.all
	case begun:
		b.fault(l.t.lineOf("extends"), l.t.key("extends"), "goes round in a circle (%s → %s); take one extends out", strings.Join(path, " → "), l.name)
		return nil
	}
	l.state = begun
	for _, w := range l.extends {
		other, ok := b.lists[clean(strings.TrimPrefix(w.text, "@"))]
		if !ok {
			b.fault(w.line, l.t.key("extends"), "there is no list %q; write [lists.%s] or correct the name", w.text, w.text)
			continue
		}
		l.all = append(l.all, b.resolve(other, append(path, l.name))...)
		if len(l.all) > maxListed {
			break
		}
	}
	for _, w := range l.types {
		l.all = append(l.all, w.text)
	}
	if len(l.all) > maxListed {
		b.fault(l.t.line, l.t.name, "names more than %d types, with those of the lists that it extends; shorten it", maxListed)
		l.all = nil
	}
	for _, w := range l.remove {
		kept := l.all[:0:0]
		for _, have := range l.all {
			if typeKey(have) != typeKey(w.text) {
				kept = append(kept, have)
			}
		}
		if len(kept) == len(l.all) {
			b.warn(w.line, l.t.key("remove"), "%q is not in the list, so removing it changes nothing", w.text)
		}
		l.all = kept
	}
	l.state = resolved
	return l.all
}

// types turns the words of a types key into types, lists included.
func (b *builder) types(words []word, key string) []string {
	var out []string
	for _, w := range words {
		name, isList := strings.CutPrefix(w.text, "@")
		if !isList {
			b.checkType(w, key)
			out = append(out, w.text)
			continue
		}
		l, ok := b.lists[clean(name)]
		if !ok {
			b.fault(w.line, key, "there is no list %q; write [lists.%s] or correct the name", name, name)
			continue
		}
		out = append(out, l.all...)
		if len(out) > maxListed {
			b.fault(w.line, key, "names more than %d types, with those of its lists; shorten it", maxListed)
			return nil
		}
	}
	return out
}

// checkType warns of what looks like an abbreviation but is none. Own types are written as words, so they pass.
func (b *builder) checkType(w word, key string) {
	switch {
	case strings.HasPrefix(w.text, "@") || knownType(w.text):
		return
	case utf8.RuneCountInString(w.text) > 4 || !looksShort(w.text):
		if near := nearType(w.text); near != "" {
			b.warn(w.line, key, "%q is no type of the table, and nearly %q; correct it if that is meant", w.text, near)
		}
		return
	}
	b.warn(w.line, key, "%q is not an abbreviation of NĐ 30/2020; correct it, or write an own type as words", w.text)
}

// looksShort says whether a type is written like an abbreviation: one word with at least two capitals.
func looksShort(s string) bool {
	capitals := 0
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return capitals >= 2
}

// readPurposes reads [purposes.x]: classes of documents that no type names.
func (b *builder) readPurposes(tables []*table) {
	b.purposes = map[string]bool{}
	for _, t := range tables {
		name := clean(t.name[len("purposes."):])
		p := purpose{name: name, symbol: b.rules.symbols.intern(dimPurpose, name)}
		for _, s := range b.types(t.list("types"), t.key("types")) {
			p.types.set(b.rules.symbols.intern(dimType, s))
		}
		for _, w := range t.list("words") {
			folded := foldPhrase(w.text)
			if folded.empty() {
				b.fault(w.line, t.key("words"), "%q holds no word; write words of the subject", w.text)
				continue
			}
			p.words = append(p.words, folded)
			b.rules.words = true
		}
		if !t.has("types") && !t.has("words") {
			b.fault(t.line, t.name, "says nothing; give it types, words of the subject, or both")
		}
		t.close(nowhere)
		if b.purposes[foldName(name)] {
			b.fault(t.line, t.name, "has the name of another purpose, apart from capitals and accents; give each its own")
		}
		b.purposes[foldName(name)] = true
		b.rules.purposes = append(b.rules.purposes, p)
	}
}
