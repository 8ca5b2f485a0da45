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

// tagDomain gives the domain of a d tag (RFC 6376, 3.5), as A-labels in lower case; empty when it is not a domain and nothing else: keys are asked
// for under the tag as it stands.
func tagDomain(tag string) string {
	tag = strings.TrimSuffix(strings.ToLower(compact(tag)), ".")
	if d := domainOf(tag); d == tag {
		return d
	}
	return ""
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

// speaksFor reports whether what is proved of a domain proves a sender of another one without asking anybody: it is the same, or stands above it
// in the same organisation. Agencies of one province share its domain, and none of them speaks for another, nor for the province.
func speaksFor(domain, from string) bool {
	return aligned(domain, from) && (domain == from || strings.HasSuffix(from, "."+domain))
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
