package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// ErrBreaks is wrapped by Replay when the program panics over what it decided once.
var ErrBreaks = errBreaks

// Replay decides again what was decided once, from the same bytes, evidence, history and knowledge. The outcome must be the same to the letter,
// but for what the program itself does otherwise today. Any error but ErrBreaks is about the raw bytes, which could not be read.
func Replay(r Receipt, raw io.ReaderAt, ev Evidence, h History, k *Knowledge) (out Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("replay %s: %w", r.ID, ErrBreaks)
		}
	}()
	watched := &watchedReader{ReaderAt: raw}
	out = Process(r, watched, ev, h, k)
	if watched.err != nil {
		return Outcome{}, fmt.Errorf("read raw bytes of %s: %w", r.ID, watched.err)
	}
	return out, nil
}

// Difference is one place in which two outcomes are not the same. A side that is not there is nil.
type Difference struct {
	Path   string          `json:"path"` // e.g. records[0].decision.verdict
	Stored json.RawMessage `json:"stored"`
	Now    json.RawMessage `json:"now"`
}

// Differences compares the stored form of two outcomes field by field, in the order of their paths. With lenient, which is for another
// version of the program, a field that only one of them has and that is empty there is none: fields are added over time.
func Differences(stored, now []byte, lenient bool) ([]Difference, error) {
	if bytes.Equal(stored, now) {
		return nil, nil
	}
	c := comparison{lenient: lenient}
	before, err := decodeAny(stored)
	if err != nil {
		return nil, fmt.Errorf("read stored outcome: %w", err)
	}
	after, err := decodeAny(now)
	if err != nil {
		return nil, fmt.Errorf("read replayed outcome: %w", err)
	}
	c.compare("", before, after)
	return c.found, c.err
}

// decodeAny keeps numbers as they are written.
func decodeAny(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after its end")
	}
	return v, nil
}

// absent stands for a field that one side has not.
type absent struct{}

type comparison struct {
	lenient bool
	found   []Difference
	err     error
}

func (c *comparison) compare(path string, stored, now any) {
	switch s := stored.(type) {
	case map[string]any:
		if n, ok := now.(map[string]any); ok {
			c.compareFields(path, s, n)
			return
		}
	case []any:
		if n, ok := now.([]any); ok {
			for i := range max(len(s), len(n)) {
				c.compare(path+"["+strconv.Itoa(i)+"]", element(s, i), element(n, i))
			}
			return
		}
	default:
		if stored == now { // of two kinds they are never equal, and maps do not come here
			return
		}
	}
	if c.lenient && (stored == absent{} && empty(now) || now == absent{} && empty(stored)) {
		return
	}
	c.found = append(c.found, Difference{Path: path, Stored: c.text(stored), Now: c.text(now)})
}

func (c *comparison) compareFields(path string, stored, now map[string]any) {
	names := maps.Clone(stored)
	maps.Copy(names, now)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		below := name
		if path != "" {
			below = path + "." + name
		}
		c.compare(below, field(stored, name), field(now, name))
	}
}

func field(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	return absent{}
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return absent{}
}

// text gives a side as JSON, nil when it is not there.
func (c *comparison) text(v any) json.RawMessage {
	if v == (absent{}) {
		return nil
	}
	text, err := json.Marshal(v)
	c.err = errors.Join(c.err, err)
	return text
}

// empty says whether a value is what its field has when nothing is known.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, inner := range v {
			if !empty(inner) {
				return false
			}
		}
		return true
	}
	return false
}
