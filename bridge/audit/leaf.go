package audit

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// LeafVersion is the form of the leaves that this program writes. Another form gets another number; this one is never changed, since a log
// that hashes it must be verifiable for ever.
const LeafVersion = 1

// SaltSize is the length of the salt of a sealed value in bytes.
const SaltSize = 16

// Program is the actor of events that no person caused.
const Program = "giaolien"

// timeForm is RFC 3339 in UTC with always nine digits of a second, so that equal instants give equal bytes.
const timeForm = "2006-01-02T15:04:05.000000000Z"

// commitmentDomain separates these hashes from every other use of SHA-256 in the program.
const commitmentDomain = "giaolien/audit/sealed/v1"

// unsalted stands in a leaf for a sealed value without a salt of SaltSize bytes: a plain hash of a short value could be guessed, so none is
// written. Seal answers an error for such an event.
const unsalted = "unsalted"

// Leaf gives the canonical bytes of the event: JSON by RFC 8785 (keys sorted, no blanks) over NFC strings, with a commitment in the place
// of every sealed value. The same event gives the same bytes on every machine and in every later version.
func (e Event) Leaf() []byte {
	b := make([]byte, 0, 512)
	b = append(b, `{"actor":`...)
	b = appendString(b, e.Actor)
	b = append(b, `,"at":`...)
	b = appendString(b, e.At.UTC().Format(timeForm))
	b = append(b, `,"facts":`...)
	b = appendMap(b, e.Facts)
	b = append(b, `,"receipt":`...)
	b = appendString(b, e.Receipt)
	b = append(b, `,"sealed":`...)
	b = appendMap(b, e.commitments())
	b = append(b, `,"type":`...)
	b = appendString(b, string(e.Type))
	b = append(b, `,"v":`...)
	b = strconv.AppendInt(b, LeafVersion, 10)
	return append(b, '}')
}

func (e Event) commitments() map[string]string {
	out := make(map[string]string, len(e.Sealed))
	for name, value := range e.Sealed {
		if salt := e.Salts[name]; len(salt) == SaltSize {
			out[name] = commitment(name, value, salt)
		} else {
			out[name] = unsalted
		}
	}
	return out
}

// Stamped dates an event that was made where there is no clock: an instant that it has already is kept.
func (e Event) Stamped(at time.Time) Event {
	if e.At.IsZero() {
		e.At = at.UTC()
	}
	return e
}

// NewSalts gives every sealed value that has none a salt of SaltSize bytes out of random (crypto/rand.Reader), in the order of the names.
// The event that it was given is left as it is.
func NewSalts(e Event, random io.Reader) (Event, error) {
	salts := make(map[string][]byte, len(e.Sealed))
	for _, name := range slices.Sorted(maps.Keys(e.Sealed)) {
		if old := e.Salts[name]; len(old) == SaltSize {
			salts[name] = old
			continue
		}
		salt := make([]byte, SaltSize)
		if _, err := io.ReadFull(random, salt); err != nil {
			return Event{}, fmt.Errorf("read salt of %s event: %w", e.Type, err)
		}
		salts[name] = salt
	}
	e.Salts = salts
	return e, nil
}

// LeafHash is the Merkle leaf hash of RFC 6962, 2.1: the prefix 0x00 keeps a leaf from passing for an inner node.
func LeafHash(leaf []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{0x00})
	h.Write(leaf)
	return [32]byte(h.Sum(nil))
}

// OpenCommitment says whether value and salt are what the commitment of that name in a leaf was made of.
func OpenCommitment(committed, name, value string, salt []byte) bool {
	if len(salt) != SaltSize {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(committed), []byte(commitment(name, value, salt))) == 1
}

// commitment hashes domain, salt, name and value, each behind its length in eight bytes, so that no two inputs run into each other.
func commitment(name, value string, salt []byte) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(commitmentDomain), salt, []byte(normal(name)), []byte(normal(value))} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// normal makes the one form of a string that is hashed: valid UTF-8, checked before NFC looks at it, and NFC.
func normal(s string) string {
	return norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
}

// appendMap writes an object with its keys in the order of their UTF-16 code units (RFC 8785, 3.2.3). Of names that fall together in NFC
// the one that sorts first as it was given stands; constructors use plain ASCII names only.
func appendMap(b []byte, m map[string]string) []byte {
	values := make(map[string]string, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		n := normal(k)
		if _, known := values[n]; !known {
			values[n] = m[k]
		}
	}
	keys := slices.SortedFunc(maps.Keys(values), func(x, y string) int {
		return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
	})
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, k)
		b = append(b, ':')
		b = appendString(b, values[k])
	}
	return append(b, '}')
}

// appendString writes a JSON string with the escapes of RFC 8785, 3.2.2.2: the short ones, \u00xx in lower case for other control
// characters, and everything else as it is.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, c := range []byte(normal(s)) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
