package evidence

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
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
		reason, level := e.strictly(ctx, domain, "aspf"), policy.IdentitySPF
		if reason == "" && e.letsAll(ctx, client, local+"@"+domain) {
			reason = ReasonEveryone
		}
		if reason != "" {
			level = ""
		}
		e.note("spf", "pass", domain, level, reason)
	}
}

// letsAll says whether a record lets every host send without saying so, as "ip4:0.0.0.0/0" does: an address passes that no host can have (RFC 1112, 4;
// RFC 6666).
func (e *examination) letsAll(ctx context.Context, client netip.Addr, from string) bool {
	nobody := net.IPv4(240, 0, 0, 1)
	if client.Is6() {
		nobody = net.ParseIP("100::1")
	}
	result, _ := spf.CheckHostWithSender(nobody, e.sender.entry.from, from, spf.WithContext(ctx), spf.WithResolver(e.lookups))
	return result == spf.Pass
}

// fromHostOf gives the reason why the host that handed the mail over is none of a domain's: its own record says so. A sealed mail that a
// forwarder sent to somebody else stays right when that one sends it again to us. Where the host is not known, or there is no record, nothing
// is asked.
func (e *examination) fromHostOf(ctx context.Context, domain string) string {
	client, ok := e.sender.entry.client()
	if !ok || e.sender.last < 0 {
		return ""
	}
	switch result, _ := spf.CheckHostWithSender(net.IP(client.AsSlice()), e.sender.entry.from, "postmaster@"+domain, spf.WithContext(ctx), spf.WithResolver(e.lookups)); result {
	case spf.Fail, spf.SoftFail:
		return ReasonHost
	case spf.TempError:
		e.pending = true
		return ReasonDNS
	}
	return ""
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

// client is the address of the host that handed the message over, as the server that wrote the field saw it: in its comments, or in brackets
// where else the name of the client stands. A client can give itself any name, also one that looks like a note of the server's, and Exim writes
// it beside the address, "[203.0.113.9] (helo=[192.0.2.1])"; where there is more than one address, none counts.
func (h hop) client() (netip.Addr, bool) {
	var noted []netip.Addr
	claimed := public(addressesIn(h.from))
	for _, note := range h.notes {
		if found := addressesIn(note); greeting(note) {
			claimed = append(claimed, public(found)...)
		} else {
			noted = append(noted, found...)
		}
	}
	if len(noted) == 0 && !slices.ContainsFunc(h.notes, func(note string) bool { return !greeting(note) }) {
		noted = addressesIn(h.from)
	}
	all := slices.Concat(noted, claimed)
	if len(noted) == 0 || slices.ContainsFunc(all, func(ip netip.Addr) bool { return ip != noted[0] }) || len(public(noted)) == 0 {
		return netip.Addr{}, false
	}
	return noted[0], true
}

// greeting says whether a comment is what the client called itself, as Exim, qmail and Zimbra write it.
func greeting(note string) bool {
	return len(note) > 4 && slices.Contains([]string{"helo", "ehlo", "lhlo"}, strings.ToLower(note[:4])) && strings.ContainsRune("= ", rune(note[4]))
}

// addressesIn are the words of a text that are addresses.
func addressesIn(text string) (out []netip.Addr) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t()[],;=", r) }) {
		if ip, err := netip.ParseAddr(strings.TrimPrefix(strings.ToLower(w), "ipv6:")); err == nil {
			out = append(out, ip.Unmap().WithZone(""))
		}
	}
	return out
}

// public are those that can be the address of a host on the Internet.
func public(in []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(slices.Clone(in), func(ip netip.Addr) bool {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()
	})
}
