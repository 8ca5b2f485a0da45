package edxml

import (
	"slices"
	"strings"
)

// element is one element of a package, without its contents when it is a file.
type element struct {
	name string // local name in lower case, the double s of the standard restored
	path string // as findings show it
	text []byte
	kids []*element
	up   *element
	file int // 1 and more: the contents of that file stood here
	used bool
}

// Bounds of what is kept of a package.
const (
	maxDepth    = 64 // a package has 9
	maxElements = 200_000
	maxShown    = 40 // runes of an element's name in findings
)

// known gives the name of an element as it is looked for: one product writes Business, where the standard has two s (Bkav).
func known(local string) string {
	name := strings.ToLower(local)
	if rest, ok := strings.CutPrefix(name, "business"); ok {
		name = "bussiness" + rest
	}
	return name
}

// anchor says whether paths in findings begin at the element, whatever is around it.
func anchor(name string) bool {
	switch name {
	case "messageheader", "traceheaderlist", "edxmlmanifest", "attachmentencoded":
		return true
	}
	return false
}

// shown is the name of an element for findings: nothing that it could say but letters, digits and the like.
func shown(local string) string {
	s := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '?'
	}, local)
	return s[:min(len(s), maxShown)]
}

// child gives the first element of one of the names, nil when there is none or no e.
func (e *element) child(names ...string) *element {
	if e == nil {
		return nil
	}
	at := slices.IndexFunc(e.kids, func(k *element) bool { return slices.Contains(names, k.name) })
	if at < 0 {
		return nil
	}
	e.kids[at].used = true
	return e.kids[at]
}

// all gives all elements of the name.
func (e *element) all(name string) []*element {
	if e == nil {
		return nil
	}
	var out []*element
	for _, k := range e.kids {
		if k.name == name {
			k.used = true
			out = append(out, k)
		}
	}
	return out
}

// find gives the first element of the name anywhere in e.
func (e *element) find(name string) *element {
	for _, k := range e.kids {
		if k.name == name {
			k.used = true
			return k
		}
		if found := k.find(name); found != nil {
			k.used = true
			return found
		}
	}
	return nil
}

// unknown lists the paths of values that nobody took, below elements that were.
func (e *element) unknown(report func(path string)) {
	for _, k := range e.kids {
		switch {
		case k.used:
			k.unknown(report)
		case k.stated():
			report(k.path)
		}
	}
}

// stated says whether there is any text in the element.
func (e *element) stated() bool {
	return form(line).of(string(e.text)) != "" || slices.ContainsFunc(e.kids, (*element).stated)
}
