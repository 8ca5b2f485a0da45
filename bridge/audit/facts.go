package audit

import (
	"encoding/hex"
	"strconv"
	"time"
)

// newEvent keeps what is there: empty facts and sealed values are left out, so that a leaf never claims that something was known.
func newEvent(t Type, at time.Time, receipt, actor string, facts, sealed map[string]string) Event {
	if !at.IsZero() {
		at = at.UTC()
	}
	if actor == "" {
		actor = Program
	}
	return Event{Type: t, At: at, Receipt: receipt, Actor: actor, Facts: filled(facts), Sealed: filled(sealed)}
}

func filled(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		if v != "" {
			out[k] = v
		}
	}
	return out
}

func digest(d [32]byte) string {
	if d == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(d[:])
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeForm)
}

func number[T int | int64 | uint32](n T) string { return strconv.FormatInt(int64(n), 10) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
