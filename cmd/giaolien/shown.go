package main

import (
	"time"

	"github.com/giaolien/giaolien/mapping"
)

// The forms in which inspect and explain print signatures: an instant that is not known is "", a list is never null (CLI.md).

// shownRecord is a record as it is printed.
type shownRecord struct {
	mapping.Record
	Signature shownSignature `json:"signature"`
}

type shownSignature struct {
	mapping.FileSignature
	Signers []shownSigner `json:"signers"`
	Judged  shownTime     `json:"judged"`
}

type shownSigner struct {
	mapping.Signer
	At        shownTime `json:"at"`
	Unchecked []string  `json:"unchecked"`
}

// shownTime is an instant that may be unknown.
type shownTime time.Time

// MarshalJSON implements json.Marshaler.
func (s shownTime) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte(`""`), nil
	}
	return t.UTC().MarshalJSON()
}

func shown(s mapping.FileSignature) shownSignature {
	out := shownSignature{FileSignature: s, Signers: []shownSigner{}, Judged: shownTime(s.Judged)}
	for _, g := range s.Signers {
		out.Signers = append(out.Signers, shownSigner{Signer: g, At: shownTime(g.At), Unchecked: append([]string{}, g.Unchecked...)})
	}
	return out
}
