package directory

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321, 4.5.3.1, and of a domain name (RFC 1035, 2.3.4).
const (
	maxLocal   = 64
	maxDomain  = 253
	maxAddress = 254
	maxLabel   = 63
)

// normalAddress splits an address at its last @ and brings both halves to the form in which the directory keeps them: local part in lower
// case, domain in lower-case A-labels. It refuses what only looks like an address: quoted or escaped local parts, a second @, comments,
// blanks, address literals, invisible characters, and labels or local parts that mix scripts or hide compatibility characters.
func normalAddress(addr string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(addr, '@')
	if at <= 0 || len(addr) > maxAddress {
		return "", "", false
	}
	if local, ok = normalLocal(addr[:at]); !ok {
		return "", "", false
	}
	domain, ok = normalDomain(addr[at+1:])
	return local, domain, ok
}

// normalLocal takes a dot-atom (RFC 5322, 3.2.3; RFC 6532 adds UTF-8) and gives it in lower case.
func normalLocal(s string) (string, bool) {
	if s == "" || len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return "", false
	}
	ascii := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			ascii = false
		} else if c <= ' ' || c == 0x7f || strings.IndexByte(`()<>[]:;@\,"`, c) >= 0 {
			return "", false
		}
	}
	if !ascii && (norm.NFKC.String(s) != s || !oneScript(s)) {
		return "", false
	}
	return strings.ToLower(s), true
}

// normalDomain gives a domain of at least one label in lower-case A-labels (RFC 5890, 2.3.2.1).
func normalDomain(s string) (string, bool) {
	if s == "" || len(s) > maxDomain {
		return "", false
	}
	plain, lower := true, true
	for i := 0; i < len(s); i++ {
		plain = plain && s[i] < 0x80
		lower = lower && (s[i] < 'A' || s[i] > 'Z')
	}
	if plain && !lower {
		s = strings.ToLower(s)
	}
	if plain && !strings.Contains(s, "xn--") {
		return s, plainLabels(s)
	}
	labels := strings.Split(s, ".")
	for i, label := range labels {
		a, ok := aLabel(label)
		if !ok {
			return "", false
		}
		labels[i] = a
	}
	s = strings.Join(labels, ".")
	return s, len(s) <= maxDomain && plainLabels(s)
}

// plainLabels says whether every label is letters, digits and inner hyphens (RFC 1123, 2.1) and the last is not a number.
func plainLabels(s string) bool {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			c := s[i]
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
			continue
		}
		label := s[start:i]
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if i == len(s) && label[0] >= '0' && label[0] <= '9' {
			return false
		}
		start = i + 1
	}
	return true
}

// aLabel gives the A-label of one label. A label with letters beyond ASCII must stay one: those which compatibility mapping would turn
// into plain ASCII (full-width letters, soft hyphens) exist only to look like another name.
func aLabel(label string) (string, bool) {
	wide := strings.IndexFunc(label, func(r rune) bool { return r >= 0x80 }) >= 0
	if !wide {
		label = strings.ToLower(label)
	}
	if !wide && !strings.HasPrefix(label, "xn--") {
		return label, label != ""
	}
	a, err := idna.Lookup.ToASCII(label)
	if err != nil || !strings.HasPrefix(a, "xn--") || strings.Contains(a, ".") {
		return "", false
	}
	u, err := idna.Lookup.ToUnicode(a)
	if err != nil || !oneScript(u) {
		return "", false
	}
	return a, true
}

// oneScript says whether all letters are of one script: mixing them is how look-alikes are made (UTS 39, 5.1).
func oneScript(s string) bool {
	var first *unicode.RangeTable
	for _, r := range s {
		if r < 0x80 && !unicode.IsLetter(r) {
			continue
		}
		if unicode.Is(unicode.Inherited, r) {
			continue
		}
		if first == nil {
			if first = scriptOf(r); first == nil {
				return false
			}
			continue
		}
		if !unicode.Is(first, r) {
			return false
		}
	}
	return true
}

// scriptOf gives the script of a letter; nil for characters of no script, which have no place in a name.
func scriptOf(r rune) *unicode.RangeTable {
	if unicode.Is(unicode.Latin, r) {
		return unicode.Latin
	}
	for name, table := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && unicode.Is(table, r) {
			return table
		}
	}
	return nil
}
