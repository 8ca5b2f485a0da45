package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// maxFaults bounds a report.
const maxFaults = 1000

// reader gathers every fault of a file instead of stopping at the first.
type reader struct {
	file     string
	lines    lineIndex
	faults   directory.Faults
	warnings []directory.Fault
}

func (r *reader) fault(line int, key, format string, args ...any) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, directory.Fault{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
	}
}

func (r *reader) warn(line int, key, format string, args ...any) {
	if len(r.warnings) < maxFaults {
		r.warnings = append(r.warnings, directory.Fault{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
	}
}

// table is one TOML table being read. Every key that is asked for counts as known; close names the rest.
type table struct {
	r       *reader
	place   string // with indexes, for the line
	name    string // as a person writes it: rule.sender
	line    int
	entries map[string]any
	known   []string
}

// word is one text of the file and where it stands.
type word struct {
	text string
	line int
}

func (r *reader) newTable(place, name string, entries map[string]any) *table {
	return &table{r: r, place: place, name: name, line: r.lines[place], entries: entries}
}

func (t *table) key(k string) string { return join(t.name, k) }

func (t *table) lineOf(k string) int {
	if line, ok := t.r.lines[join(t.place, k)]; ok {
		return line
	}
	return t.line
}

// has says whether the key stands in the file.
func (t *table) has(k string) bool { _, ok := t.entries[k]; return ok }

func (t *table) fault(k, format string, args ...any) {
	t.r.fault(t.lineOf(k), t.key(k), format, args...)
}

func (t *table) get(k string) (any, bool) {
	t.known = append(t.known, k)
	v, ok := t.entries[k]
	return v, ok
}

// text reads a text in quotes; absent gives the empty string.
func (t *table) text(k string) string {
	v, ok := t.get(k)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		t.fault(k, "must be a text in double quotes, not %s", kindOf(v))
		return ""
	}
	if s = clean(s); s == "" {
		t.fault(k, "is empty; give it a text or remove the key")
	}
	return s
}

// required is text that must be there.
func (t *table) required(k, why string) string {
	if !t.has(k) {
		t.known = append(t.known, k)
		t.r.fault(t.line, t.key(k), "is missing; %s", why)
		return ""
	}
	return t.text(k)
}

// oneOf reads a text out of a closed list; absent gives the fallback.
func (t *table) oneOf(k, fallback string, allowed ...string) string {
	before := len(t.r.faults)
	s := t.text(k)
	if s == "" || len(t.r.faults) > before {
		return fallback
	}
	if !slices.Contains(allowed, s) {
		t.fault(k, "%s is not known; use one of %s", strconv.Quote(s), strings.Join(allowed, ", "))
		return fallback
	}
	return s
}

// list reads a list of texts. An empty list matches nothing and is a fault.
func (t *table) list(k string) []word {
	v, ok := t.get(k)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		t.fault(k, "must be a list such as [\"a\", \"b\"], not %s", kindOf(v))
		return nil
	}
	if len(items) == 0 {
		t.fault(k, "is an empty list, which matches nothing; name at least one or remove the key")
	}
	words := make([]word, 0, len(items))
	for i, item := range items {
		line, ok := t.r.lines[join(t.place, k)+"["+strconv.Itoa(i)+"]"]
		if !ok {
			line = t.lineOf(k)
		}
		s, ok := item.(string)
		if !ok {
			t.r.fault(line, t.key(k), "element %d must be a text in double quotes, not %s", i+1, kindOf(item))
		} else if s = clean(s); s == "" {
			t.r.fault(line, t.key(k), "element %d is empty; remove it", i+1)
		} else {
			words = append(words, word{s, line})
		}
	}
	return words
}

// flag reads true or false; absent gives nil.
func (t *table) flag(k string) *bool {
	v, ok := t.get(k)
	if !ok {
		return nil
	}
	b, ok := v.(bool)
	if !ok {
		t.fault(k, "must be true or false without quotes, not %s", kindOf(v))
		return nil
	}
	return &b
}

// instant reads a date (00:00 Vietnamese time), a local date and time (Vietnamese time) or one with its own offset.
func (t *table) instant(k string) time.Time {
	v, ok := t.get(k)
	if !ok {
		return time.Time{}
	}
	var at time.Time
	switch d := v.(type) {
	case toml.LocalDate:
		at = d.AsTime(vietnam)
	case toml.LocalDateTime:
		at = d.AsTime(vietnam)
	case time.Time:
		at = d.In(vietnam)
	}
	switch year := at.Year(); {
	case kindOf(v) != "a date":
	case at.IsZero() || year > 9999: // no such time can be told, or told from none
		t.fault(k, "the year %d cannot be used; write a day such as 2019-04-20", year)
		return time.Time{}
	default:
		if year < 1945 {
			t.r.warn(t.lineOf(k), t.key(k), "is in the year %d, which can hardly be meant; write a day such as 2019-04-20", year)
		}
		return at
	}
	t.fault(k, "must be a date such as 2019-04-20 or 2019-04-20T14:00:00 without quotes, not %s", kindOf(v))
	return time.Time{}
}

// duration reads "30d", "24h", "90m" or sums such as "1d12h"; absent gives zero.
func (t *table) duration(k string) time.Duration {
	v, ok := t.get(k)
	if !ok {
		return 0
	}
	s, ok := v.(string)
	if !ok {
		t.fault(k, "must be a duration in double quotes such as \"30d\", \"24h\" or \"90m\", not %s", kindOf(v))
		return 0
	}
	d, ok := parseDuration(s)
	if !ok {
		t.fault(k, "%s is not a duration; write days, hours or minutes as in \"30d\", \"24h\", \"90m\"", strconv.Quote(s))
	}
	return d
}

// size reads a number of bytes, or a text such as "25MB" (1 MB = 1024 × 1024 bytes); absent gives zero.
func (t *table) size(k string) int64 {
	v, ok := t.get(k)
	if !ok {
		return 0
	}
	if n, ok := v.(int64); ok && n > 0 {
		return n
	}
	if s, ok := v.(string); ok {
		if n, ok := parseSize(s); ok {
			return n
		}
	}
	t.fault(k, "must be a size above zero: bytes as a number, or a text such as \"500KB\" or \"25MB\"")
	return 0
}

// sub reads a table within the table; absent gives an empty one.
func (t *table) sub(k string) *table {
	v, ok := t.get(k)
	if !ok {
		return &table{r: t.r, place: join(t.place, k), name: t.key(k), line: t.line}
	}
	m, ok := v.(map[string]any)
	if !ok {
		t.fault(k, "must be a table headed [%s], not %s", t.key(k), kindOf(v))
	}
	return t.r.newTable(join(t.place, k), t.key(k), m)
}

// subs reads an array of tables, in file order.
func (t *table) subs(k string) []*table {
	v, ok := t.get(k)
	if !ok {
		return nil
	}
	items, isList := v.([]any)
	if !isList {
		t.fault(k, "must be headed [[%s]] in double brackets, because there can be several", t.key(k))
		return nil
	}
	var out []*table
	for i, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			t.fault(k, "element %d must be a table headed [[%s]], not %s", i+1, t.key(k), kindOf(item))
			continue
		}
		out = append(out, t.r.newTable(join(t.place, k)+"["+strconv.Itoa(i)+"]", t.key(k), m))
	}
	return out
}

// named lists the tables below a table of names, such as [lists.x], by line.
func (t *table) named(k string) []*table {
	parent := t.sub(k)
	var out []*table
	for name, v := range parent.entries {
		m, ok := v.(map[string]any)
		if !ok {
			parent.fault(name, "must be a table headed [%s], not %s", parent.key(name), kindOf(v))
			continue
		}
		out = append(out, t.r.newTable(join(parent.place, name), parent.key(name), m))
	}
	slices.SortFunc(out, func(a, b *table) int { return a.line - b.line })
	return out
}

// close names every key that nobody asked for. home says for a key where else it belongs.
func (t *table) close(home func(key string) string) {
	for k := range t.entries {
		if slices.Contains(t.known, k) {
			continue
		}
		plain := strings.TrimPrefix(k, "not_")
		near := slices.IndexFunc(t.known, func(known string) bool { return vanban.Apart(k, known) <= 2 })
		switch place := home(k); {
		case plain != k && slices.Contains(t.known, plain):
			t.fault(k, "only lists have a not_ form; write %s with its opposite value", plain)
		case place != "":
			t.fault(k, "does not belong here; move it to %s", place)
		case near >= 0:
			t.fault(k, "unknown key; write %s if that is meant", t.known[near])
		default:
			t.fault(k, "unknown key; the keys here are %s", strings.Join(t.known, ", "))
		}
	}
}

func nowhere(string) string { return "" }

// clean makes a text comparable: NFC, without blanks at the ends.
func clean(s string) string { return strings.TrimSpace(norm.NFC.String(s)) }

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "a text in quotes"
	case int64, float64:
		return "a number"
	case bool:
		return "true or false"
	case toml.LocalDate, toml.LocalDateTime, time.Time:
		return "a date"
	case toml.LocalTime:
		return "a time of day without its date"
	case []any:
		return "a list"
	}
	return "a table"
}
