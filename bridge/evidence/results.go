package evidence

import (
	"slices"
	"strings"
)

// Results is one Authentication-Results field as read (RFC 8601, 2.2).
type Results struct {
	ID    string // the authserv-id, in lower case: who says so
	Bare  bool   // the id stands first and without quotes, as every real server writes it
	Items []Result
}

// Result is what one method found.
type Result struct {
	Method string // in lower case, without its version
	Value  string // pass, fail, none …, in lower case
	Props  []Prop
}

// Prop is a property that the result is about: header.from=quangtri.gov.vn has the type header and the name from.
type Prop struct {
	Type, Name, Value string
}

// Prop gives the value of the property, when it is there exactly once.
func (r Result) Prop(kind, name string) (string, bool) {
	value, n := "", 0
	for _, p := range r.Props {
		if p.Type == kind && p.Name == name {
			value = p.Value
			n++
		}
	}
	return value, n == 1
}

// Of gives the results of one method, in order.
func (r Results) Of(method string) []Result {
	return slices.DeleteFunc(slices.Clone(r.Items), func(i Result) bool { return i.Method != method })
}

// ParseResults reads an unfolded Authentication-Results value. It is tolerant where servers are known to be loose (a value may hold any
// sign but a separator, keys without a type are passed over, an empty item is none) and strict in everything that could be used to smuggle
// in a result: what stands in comments and quoted strings is never structure, and one item that cannot be read spoils the whole field.
func ParseResults(value string) (Results, error) {
	all, err := tokens(value)
	if err != nil {
		return Results{}, err
	}
	bare := len(all) > 0 && all[0].kind == word
	items := split(withoutComments(all))
	r := Results{Bare: bare}
	if r.ID, err = authserv(items[0]); err != nil {
		return Results{}, err
	}
	for _, item := range items[1:] {
		if len(item) == 0 || len(item) == 1 && strings.EqualFold(item[0].text, "none") {
			continue
		}
		result, err := resinfo(item)
		if err != nil {
			return Results{}, err
		}
		r.Items = append(r.Items, result)
	}
	return r, nil
}

// withoutComments drops comments; what follows one is not glued to what stands before it.
func withoutComments(in []token) []token {
	return slices.DeleteFunc(slices.Clone(in), func(t token) bool { return t.kind == comment })
}

func split(in []token) [][]token {
	out := [][]token{nil}
	for _, t := range in {
		if t.kind == semicolon {
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], t)
	}
	return out
}

// authserv reads the authserv-id and its version, of which there is only 1: a field of another version must be ignored (RFC 8601, 2.5).
func authserv(in []token) (string, error) {
	if len(in) == 0 || len(in) > 2 || in[0].kind != word && in[0].kind != quoted || in[0].text == "" {
		return "", errMalformed
	}
	if len(in) == 2 && (in[1].kind != word || in[1].glued || in[1].text != "1") {
		return "", errMalformed
	}
	return strings.ToLower(in[0].text), nil
}

// resinfo reads method=result and what follows it.
func resinfo(in []token) (Result, error) {
	var r Result
	for first := true; len(in) > 0; first = false {
		key, value, rest, ok := assignment(in)
		if !ok {
			return Result{}, errMalformed
		}
		in = rest
		kind, name, typed := strings.Cut(key, ".")
		switch {
		case first:
			method, version, versioned := strings.Cut(key, "/")
			if typed || versioned && version != "1" || method == "" || value == "" {
				return Result{}, errMalformed
			}
			r.Method, r.Value = method, strings.ToLower(value)
		case typed:
			r.Props = append(r.Props, Prop{Type: kind, Name: name, Value: value})
		}
	}
	return r, nil
}

// assignment reads one key=value. Blanks and comments may stand around = and around the dot or slash in the key, but not in the value.
// The value is empty when what follows is the next key.
func assignment(in []token) (key, value string, rest []token, ok bool) {
	key, in = readKey(in)
	if key == "" || len(in) == 0 || in[0].kind != equals {
		return "", "", nil, false
	}
	in = in[1:]
	if next, after := readKey(in); next != "" && !in[0].glued && len(after) > 0 && after[0].kind == equals {
		return key, "", in, true
	}
	for first := true; len(in) > 0 && (first || in[0].glued); first = false {
		if in[0].kind == equals {
			value += "="
		}
		value += in[0].text
		in = in[1:]
	}
	return key, value, in, true
}

// readKey reads the words of a key, which a dot or slash at one of their ends joins. The key is empty when none stands here.
func readKey(in []token) (string, []token) {
	key := ""
	for len(in) > 0 && in[0].kind == word {
		if key != "" && !strings.ContainsAny(key[len(key)-1:]+in[0].text[:1], "./") {
			break
		}
		key += strings.ToLower(in[0].text)
		in = in[1:]
	}
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-_./") != "" {
		return "", in
	}
	return key, in
}
