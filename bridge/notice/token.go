package notice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

const (
	tokenMark   = "{token}"
	tokenDomain = "giaolien/notice-token/v1\x00" // separates these MACs from every other use of the key
	macBytes    = 10                             // 80 bits: enough against guessing by mail, short enough for a local part
	macChars    = 16
	minSecret   = 16
	// longestToken is that of the longest id which the program makes: GL-2026-0000123.not-counted, with room for one digit more.
	longestToken = 28 + 1 + macChars
	// escaped begins the token of an id that lower-casing would destroy: base32 of its bytes follows.
	escaped = "x-"
)

// Key makes and checks tokens. ID names it in the configuration and in the versions of an outcome; it is not in the token.
type Key struct {
	ID     string
	Secret []byte // at least 16 bytes
}

// Keys are the keys in use: the first one makes tokens, all of them are believed, so that one can be replaced without losing bounces of
// notices that are still under way.
type Keys []Key

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// token is the id in a form that survives lower-casing, a dot, and its MAC.
func (k Key) token(id string) (string, error) {
	if len(k.Secret) < minSecret {
		return "", fmt.Errorf("key %q is shorter than %d bytes", k.ID, minSecret)
	}
	if id == "" {
		return "", errors.New("notice has no id")
	}
	return encodeID(id) + "." + k.mac(id), nil
}

func (k Key) mac(id string) string {
	m := hmac.New(sha256.New, k.Secret)
	m.Write([]byte(tokenDomain))
	m.Write([]byte(id))
	return lowerBase32.EncodeToString(m.Sum(nil)[:macBytes])
}

// Verify recognises an address or a message id (with or without <>) that carries a token of ours, in whatever letter case it came back, and
// gives the id of the notice. Forged ones, and those of a key that is no longer among keys, are not recognised.
func Verify(keys []Key, addrOrMessageID string) (noticeID string, ok bool) {
	s := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(addrOrMessageID), "<"), ">")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at > 4*maxLocal {
		return "", false
	}
	local := strings.ToLower(s[:at])
	dot := strings.LastIndexByte(local, '.')
	if dot < 0 || len(local)-dot-1 != macChars {
		return "", false
	}
	// A return path has the mailbox before the token, and relays may put more in front (SRS, BATV): every place where the id could begin
	// is tried, and the MAC tells which one it is.
	mac := []byte(local[dot+1:])
	for start := 0; start < dot; start++ {
		if start > 0 && strings.IndexByte(letters, local[start-1]) >= 0 {
			continue
		}
		id, ok := decodeID(local[start:dot])
		if !ok {
			continue
		}
		for _, k := range keys {
			if len(k.Secret) >= minSecret && hmac.Equal(mac, []byte(k.mac(id))) {
				return id, true
			}
		}
	}
	return "", false
}

// encodeID writes an id so that it can stand in a local part and be restored from lower case. The usual ids have one canonical form: upper
// case up to the first dot, lower case after it (GL-2026-0000123.not-counted). Any other id is escaped.
func encodeID(id string) string {
	lower := strings.ToLower(id)
	if canonical(lower) == id && dotAtom(lower) && strings.Trim(lower, ldh+".") == "" && !strings.HasPrefix(lower, escaped) {
		return lower
	}
	return escaped + lowerBase32.EncodeToString([]byte(id))
}

func decodeID(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, escaped); ok {
		id, err := lowerBase32.DecodeString(rest)
		return string(id), err == nil && len(id) > 0
	}
	return canonical(s), true
}

func canonical(lower string) string {
	head, tail, found := strings.Cut(lower, ".")
	if !found {
		return strings.ToUpper(head)
	}
	return strings.ToUpper(head) + "." + tail
}
