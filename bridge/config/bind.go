package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/giaolien/giaolien/mapping/directory"
)

// binder carries TOML values into the Config, and notes every fault on the way instead of stopping at the first.
type binder struct {
	file   string
	lines  lines
	faults directory.Faults
}

func (b *binder) fault(path, format string, args ...any) {
	b.faults = append(b.faults, directory.Fault{File: b.file, Line: b.lines.of(path), Key: path, Text: fmt.Sprintf(format, args...)})
}

// table binds the keys of one table to the fields of a struct by their toml tags.
func (b *binder) table(path string, in map[string]any, into reflect.Value) {
	fields := fieldsOf(into.Type())
	for key, value := range in {
		at := join(path, key)
		i, known := fields[key]
		if !known {
			b.fault(at, "unknown key; %s", meant(key, fields))
			continue
		}
		b.value(at, value, into.Field(i))
	}
}

func (b *binder) value(path string, in any, into reflect.Value) {
	if text, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok && into.Type() != reflect.TypeFor[time.Time]() {
		b.text(path, in, text)
		return
	}
	switch into.Kind() {
	case reflect.String:
		b.str(path, in, into)
	case reflect.Bool:
		v, ok := in.(bool)
		if !ok {
			b.fault(path, "is %s; write true or false, without quotes", name(in))
			return
		}
		into.SetBool(v)
	case reflect.Int:
		v, ok := in.(int64)
		if !ok {
			b.fault(path, "is %s; write a whole number, without quotes", name(in))
			return
		}
		into.SetInt(v)
	case reflect.Slice:
		b.slice(path, in, into)
	default:
		b.structure(path, in, into)
	}
}

func (b *binder) text(path string, in any, into encoding.TextUnmarshaler) {
	s, ok := in.(string)
	if n, isNumber := in.(int64); isNumber {
		s, ok = strconv.FormatInt(n, 10), true // the type's own message says which unit is missing
	}
	if !ok {
		s = ""
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		b.fault(path, "is %s, %s", shown(in), err)
	}
}

func (b *binder) str(path string, in any, into reflect.Value) {
	s, ok := in.(string)
	if !ok {
		b.fault(path, "is %s; write a text in quotes", name(in))
		return
	}
	if choice, ok := into.Interface().(interface{ Values() []string }); ok && !slices.Contains(choice.Values(), s) {
		b.fault(path, "is %q; write one of %s", s, strings.Join(choice.Values(), ", "))
		return
	}
	into.SetString(s)
}

func (b *binder) slice(path string, in any, into reflect.Value) {
	list, ok := in.([]any)
	if into.Type().Elem().Kind() == reflect.Struct {
		if !ok {
			b.fault(path, "is %s; write it as [[%s]], once for each", name(in), path)
			return
		}
		b.tables(path, list, into)
		return
	}
	if !ok {
		b.fault(path, `is %s; write a list of texts, such as ["…", "…"]`, name(in))
		return
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			b.fault(path, `has %s in it; write a list of texts, such as ["…", "…"]`, name(v))
			return
		}
		out = append(out, s)
	}
	into.Set(reflect.ValueOf(out))
}

// tables binds [[agency]], [[mailbox]] and the like; each begins with its own defaults.
func (b *binder) tables(path string, in []any, into reflect.Value) {
	for i, v := range in {
		at := entry(path, i)
		t, ok := v.(map[string]any)
		if !ok {
			b.fault(path, "has %s in it; write it as [[%s]], once for each", name(v), path)
			return
		}
		into.Set(reflect.Append(into, fresh(into.Type().Elem())))
		b.table(at, t, into.Index(i))
	}
}

func fresh(t reflect.Type) reflect.Value {
	switch t {
	case reflect.TypeFor[Mailbox]():
		return reflect.ValueOf(DefaultMailbox())
	case reflect.TypeFor[Axis]():
		return reflect.ValueOf(DefaultAxis())
	case reflect.TypeFor[Target]():
		return reflect.ValueOf(DefaultTarget())
	case reflect.TypeFor[Agency]():
		return reflect.ValueOf(DefaultAgency())
	}
	return reflect.New(t).Elem()
}

func (b *binder) structure(path string, in any, into reflect.Value) {
	if into.Type() == reflect.TypeFor[time.Time]() {
		b.instant(path, in, into)
		return
	}
	t, ok := in.(map[string]any)
	if !ok {
		b.fault(path, "is %s; write it as a table, [%s]", name(in), path)
		return
	}
	b.table(path, t, into)
}

// instant takes a TOML date (00:00 Vietnamese time), a date and time (Vietnamese time) or one with its offset.
func (b *binder) instant(path string, in any, into reflect.Value) {
	var at time.Time
	switch v := in.(type) {
	case time.Time:
		at = v
	case toml.LocalDate:
		at = v.AsTime(vietnam())
	case toml.LocalDateTime:
		at = v.AsTime(vietnam())
	default:
		b.fault(path, "is %s; write a date or a date with time, without quotes, such as 2026-12-01 or 2026-12-01T07:00:00", name(in))
		return
	}
	into.Set(reflect.ValueOf(at.UTC()))
}

// fieldsOf gives the fields of a struct by their keys.
func fieldsOf(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("toml"); key != "" {
			fields[key] = i
		}
	}
	return fields
}

// meant says which key the writer probably had in mind, or which there are.
func meant(key string, fields map[string]int) string {
	known := make([]string, 0, len(fields))
	for k := range fields {
		known = append(known, k)
	}
	slices.Sort(known)
	for _, k := range known {
		if near(key, k) {
			return fmt.Sprintf("write %s, if that was meant, or remove the line", k)
		}
	}
	return "remove the line, or write one of " + strings.Join(known, ", ")
}

// near reports whether a is b but for letter case, dashes, a plural s, one letter too many, too few or other, or two that changed places.
func near(a, b string) bool {
	fold := func(s string) string {
		return strings.TrimSuffix(strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)), "s")
	}
	a, b = fold(a), fold(b)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 2 && len(b) == 2 {
		return a[0] == b[1] && a[1] == b[0]
	}
	return len(a) <= 1 && len(b) <= 1
}

// name says in plain words what a TOML value is.
func name(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case int64:
		return "a number"
	case float64:
		return "a number with a fraction"
	case bool:
		return "true or false"
	case time.Time, toml.LocalDate, toml.LocalDateTime, toml.LocalTime:
		return "a date or time"
	case []any:
		return "a list"
	}
	return "a table"
}

func shown(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return name(v)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// entry names the i-th table of an array of tables, counted from 1 as people do.
func entry(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i+1) }
