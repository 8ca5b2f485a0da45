package evidence

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// domainOf gives the domain of an address, or of a value that is a domain alone, as A-labels in lower case; empty when it has none. The
// domain is what follows the last @ (RFC 5322, 3.4.1: a quoted local part may hold others).
func domainOf(s string) string {
	s = strings.Trim(s, "<>")
	s = s[strings.LastIndexByte(s, '@')+1:]
	a, err := idna.Lookup.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil || !strings.Contains(a, ".") {
		return ""
	}
	return strings.ToLower(a)
}

// aligned reports whether two domains are the same, or belong to one organisation (RFC 7489, 3.1.1, relaxed). Both are A-labels.
func aligned(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if a == b {
		return true
	}
	orgA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	orgB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && orgA == orgB
}

// sameAddress compares addresses without regard to letter case.
func sameAddress(a, b string) bool {
	localA, _, okA := cutLast(a)
	localB, _, okB := cutLast(b)
	return okA && okB && strings.EqualFold(localA, localB) && domainOf(a) != "" && domainOf(a) == domainOf(b)
}

func cutLast(s string) (local, domain string, ok bool) {
	i := strings.LastIndexByte(s, '@')
	if i <= 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}
