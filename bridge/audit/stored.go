package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

// Stored is an event as the store keeps it: the leaf for ever, and beside it the sealed values with their salts for as long as they may be
// known. The leaf holds the commitments, so it stays the same after erasure.
type Stored struct {
	Leaf   []byte
	Sealed map[string]string
	Salts  map[string][]byte
}

// Seal makes the stored form of an event. It fails when a sealed value has no salt: NewSalts comes first.
func Seal(e Event) (Stored, error) {
	for name := range e.Sealed {
		if len(e.Salts[name]) != SaltSize {
			return Stored{}, fmt.Errorf("seal %s event: %q has no salt", e.Type, name)
		}
	}
	s := Stored{Leaf: e.Leaf(), Sealed: maps.Clone(e.Sealed), Salts: make(map[string][]byte, len(e.Sealed))}
	for name := range e.Sealed {
		s.Salts[name] = bytes.Clone(e.Salts[name])
	}
	return s, nil
}

// Erase forgets the sealed values of these names with their salts, or all of them when none is named. Without the salt not even a guess
// of the value can be checked any more; the leaf and its hash are untouched.
func (s Stored) Erase(names ...string) Stored {
	out := Stored{Leaf: s.Leaf, Sealed: maps.Clone(s.Sealed), Salts: maps.Clone(s.Salts)}
	if len(names) == 0 {
		out.Sealed, out.Salts = nil, nil
	}
	for _, name := range names {
		delete(out.Sealed, name)
		delete(out.Salts, name)
	}
	return out
}

// Check says what is wrong between the leaf and what is still kept beside it: nil when every kept value opens its commitment.
func (s Stored) Check() error {
	committed, err := Commitments(s.Leaf)
	if err != nil {
		return err
	}
	for name, value := range s.Sealed {
		if !OpenCommitment(committed[normal(name)], name, value, s.Salts[name]) {
			return fmt.Errorf("check audit leaf: sealed value %q does not match its commitment", name)
		}
	}
	return nil
}

// Commitments reads the commitments out of a leaf, by name of the sealed value. It fails on bytes that are not a leaf of a known version.
func Commitments(leaf []byte) (map[string]string, error) {
	var l struct {
		Sealed  map[string]string `json:"sealed"`
		Version int               `json:"v"`
	}
	if err := json.Unmarshal(leaf, &l); err != nil {
		return nil, fmt.Errorf("read audit leaf: %w", err)
	}
	if l.Version != LeafVersion {
		return nil, fmt.Errorf("read audit leaf: version %d is not known", l.Version)
	}
	return l.Sealed, nil
}
