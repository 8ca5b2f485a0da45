package evidence

import (
	"context"
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/giaolien/giaolien/bridge/policy"
)

// dmarcRecord is what a domain says about mail in its name (RFC 7489, 6.3).
type dmarcRecord struct {
	exists, unknown bool
	strict          map[string]bool // adkim, aspf
}

// dmarc looks the record of the From domain up, or of its organisation, once. Its policy is never carried out: that was the matter of the mail
// server. Alignment is, and that the domain signs its mail at all is kept as evidence.
func (e *examination) dmarc(ctx context.Context) *dmarcRecord {
	if e.policy != nil {
		return e.policy
	}
	e.policy = &dmarcRecord{strict: map[string]bool{}}
	domains := []string{e.domain}
	if org, err := publicsuffix.EffectiveTLDPlusOne(e.domain); err == nil && org != e.domain {
		domains = append(domains, org)
	}
	for _, d := range domains {
		texts, err := e.lookups.LookupTXT(ctx, "_dmarc."+d)
		if dns, ok := err.(*net.DNSError); ok && !dns.IsNotFound {
			e.policy.unknown = true
			return e.policy
		}
		var found []map[string]string
		for _, text := range texts {
			version, _, _ := strings.Cut(text, ";")
			if t, ok := tags(text); ok && compact(version) == "v=DMARC1" {
				found = append(found, t)
			}
		}
		if len(found) > 0 { // several records are none (RFC 7489, 6.6.3)
			e.policy.exists = len(found) == 1
			for _, key := range []string{"adkim", "aspf"} {
				e.policy.strict[key] = len(found) == 1 && strings.EqualFold(found[0][key], "s")
			}
			return e.policy
		}
	}
	return e.policy
}

// strictly gives the reason why a domain of the same organisation is not near enough to From: a DMARC record asks for the very same one, or
// there is none, and it is not a domain above that of From. Agencies of one province share its domain, and none of them speaks for another.
func (e *examination) strictly(ctx context.Context, domain, key string) string {
	if domain == e.domain {
		return ""
	}
	above := strings.HasSuffix(e.domain, "."+domain)
	switch p := e.dmarc(ctx); {
	case p.unknown:
		e.pending = true
		return ReasonDNS
	case p.strict[key], !p.exists && !above:
		return ReasonStrict
	}
	return ""
}

// kin asks the DMARC record about other domains of the organisation for which our server vouched: it said that they sent this, and not whether
// they speak for From.
func (e *examination) kin(ctx context.Context) {
	for _, m := range [...]struct {
		method, key string
		level       policy.Identity
	}{{"dkim", "adkim", policy.IdentityDKIM}, {"spf", "aspf", policy.IdentitySPF}} {
		d := e.sender.kin(m.method)
		if d == "" {
			continue
		}
		reason, level := e.strictly(ctx, d, m.key), m.level
		if reason != "" {
			level = ""
		}
		e.by[m.method] = "authentication-results of our own server, " + m.method + "=pass of " + d + ", which dmarc lets speak for the from domain"
		e.note(m.method, resultOf(reason), d, level, reason)
	}
}
