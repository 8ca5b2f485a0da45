package evidence

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"blitiri.com.ar/go/spf"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// spf asks the envelope sender's domain whether the host that handed the message to ours may send for it (RFC 7208), when our own host noted
// which one that was. Limits of lookups are the library's, which are those of the RFC.
func (e *examination) spf(ctx context.Context) {
	client, ok := e.sender.entry.client()
	if !ok || e.sender.last < 0 {
		return
	}
	path, ok := envelope(e.mail.Message, e.sender.last)
	if !ok {
		return
	}
	local, domain, plain := cutLast(path)
	domain = domainOf(domain)
	if !plain || domain == "" || strings.ContainsAny(local, "\"@\\ ") {
		e.note("spf", "none", "", "", ReasonEnvelope)
		return
	}
	if !aligned(domain, e.domain) {
		e.note("spf", "none", domain, "", ReasonUnaligned)
		return
	}
	e.lookups.failed = false
	result, why := spf.CheckHostWithSender(net.IP(client.AsSlice()), e.sender.entry.from, local+"@"+domain, spf.WithContext(ctx), spf.WithResolver(e.lookups))
	switch {
	case result == spf.TempError, result != spf.Pass && e.lookups.failed: // an unanswered PTR only fails to match (RFC 7208, 5.5)
		e.pending = true
		e.note("spf", "unknown", domain, "", ReasonDNS)
	case result != spf.Pass:
		e.note("spf", string(result), domain, "", ReasonNotPassed)
	case errors.Is(why, spf.ErrMatchedAll):
		e.note("spf", "pass", domain, "", ReasonEveryone)
	default:
		if reason := e.strictly(ctx, domain, "aspf"); reason != "" {
			e.note("spf", "pass", domain, "", reason)
			return
		}
		e.note("spf", "pass", domain, policy.IdentitySPF, "")
	}
}

// envelope gives the envelope sender, when the Return-Path that tells it stands above the fields of our own hosts: below, anybody may have
// written it.
func envelope(m parser.Message, last int) (string, bool) {
	for _, f := range m.Trace {
		if strings.EqualFold(f.Name, "Return-Path") {
			return m.ReturnPath, f.Index < last && m.ReturnPath != ""
		}
	}
	return "", false
}

// client is the address of the host that handed the message over, as the server that wrote the field saw it: the only address in its comments,
// or in brackets as the name of the client. A client can give itself any name, also one that looks like a comment of the server's; then there
// is more than one address, and none counts.
func (h hop) client() (netip.Addr, bool) {
	var found []netip.Addr
	see := func(text string) {
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t()[],;", r) }) {
			if ip, err := netip.ParseAddr(strings.TrimPrefix(strings.ToLower(w), "ipv6:")); err == nil {
				ip = ip.Unmap().WithZone("")
				if len(found) == 0 || found[0] != ip {
					found = append(found, ip)
				}
			}
		}
	}
	for _, note := range h.notes {
		see(note)
	}
	if len(h.notes) == 0 {
		see(h.from)
	}
	if len(found) != 1 || found[0].IsLoopback() || found[0].IsPrivate() || found[0].IsUnspecified() || found[0].IsLinkLocalUnicast() {
		return netip.Addr{}, false
	}
	return found[0], true
}
