package mapping

import (
	"encoding/json"
	"time"
)

// written is an instant as the machine-readable forms have it: "" when it is not known.
type written time.Time

func (w written) MarshalText() ([]byte, error) {
	if time.Time(w).IsZero() {
		return nil, nil
	}
	return time.Time(w).UTC().AppendFormat(nil, time.RFC3339Nano), nil
}

func (w *written) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*w = written{}
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, string(text))
	*w = written(at)
	return err
}

// The fields that a form of their own has are named twice: the outer one is written and read.
type (
	plainSignature   FileSignature
	writtenSignature struct {
		plainSignature
		Judged written `json:"judged"`
	}
	plainSigner   Signer
	writtenSigner struct {
		plainSigner
		At written `json:"at"`
	}
)

// MarshalJSON writes an instant that is not known as "".
func (s FileSignature) MarshalJSON() ([]byte, error) {
	return json.Marshal(writtenSignature{plainSignature(s), written(s.Judged)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *FileSignature) UnmarshalJSON(b []byte) error {
	var w writtenSignature
	err := json.Unmarshal(b, &w)
	*s = FileSignature(w.plainSignature)
	s.Judged = time.Time(w.Judged)
	return err
}

// MarshalJSON writes an instant that is not known as "".
func (s Signer) MarshalJSON() ([]byte, error) {
	return json.Marshal(writtenSigner{plainSigner(s), written(s.At)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Signer) UnmarshalJSON(b []byte) error {
	var w writtenSigner
	err := json.Unmarshal(b, &w)
	*s = Signer(w.plainSigner)
	s.At = time.Time(w.At)
	return err
}
