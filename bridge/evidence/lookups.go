package evidence

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser/charset"
)

// Bounds of what one message may ask of DNS, and of what is kept of the answers.
const (
	maxLookups = 60
	maxKept    = 40
	maxText    = 600 // runes of a record that are kept
)

// lookups asks DNS for one message, and keeps what was seen. Its methods have the form that the SPF library asks for; an error is a
// *net.DNSError, which says whether the record is not there or not known.
type lookups struct {
	from   Resolver
	asked  int
	seen   []bridge.DNSRecord
	failed bool // something was not answered
}

var _ interface {
	LookupTXT(context.Context, string) ([]string, error)
	LookupMX(context.Context, string) ([]*net.MX, error)
	LookupIPAddr(context.Context, string) ([]net.IPAddr, error)
	LookupAddr(context.Context, string) ([]string, error)
} = (*lookups)(nil)

// LookupTXT gives the TXT records of a name.
func (l *lookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	a, err := l.ask(ctx, name, dnsmessage.TypeTXT)
	return a.Texts, err
}

// LookupMX gives the mail exchangers of a name.
func (l *lookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	a, err := l.ask(ctx, name, dnsmessage.TypeMX)
	out := make([]*net.MX, 0, len(a.Texts))
	for i, host := range a.Texts {
		if i < len(a.Prefs) {
			out = append(out, &net.MX{Host: host, Pref: a.Prefs[i]})
		}
	}
	slices.SortStableFunc(out, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) })
	return out, err
}

// LookupIPAddr gives the addresses of a name. One kind that is not answered leaves the whole unknown.
func (l *lookups) LookupIPAddr(ctx context.Context, name string) ([]net.IPAddr, error) {
	var out []net.IPAddr
	var missing error
	for _, kind := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA} {
		a, err := l.ask(ctx, name, kind)
		if e, ok := err.(*net.DNSError); ok && !e.IsNotFound {
			return nil, err
		}
		missing = err
		for _, text := range a.Texts {
			if ip := net.ParseIP(text); ip != nil {
				out = append(out, net.IPAddr{IP: ip})
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, missing
}

// LookupAddr gives the names of an address (RFC 1035, 3.5; RFC 3596, 2.5).
func (l *lookups) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return nil, &net.DNSError{Err: "no address", Name: addr, IsNotFound: true}
	}
	a, err := l.ask(ctx, reverse(ip.Unmap()), dnsmessage.TypePTR)
	return a.Texts, err
}

func reverse(ip netip.Addr) string {
	var b strings.Builder
	if ip.Is4() {
		for _, n := range slices.Backward(ip.AsSlice()) {
			b.WriteString(strconv.Itoa(int(n)) + ".")
		}
		return b.String() + "in-addr.arpa"
	}
	const hex = "0123456789abcdef"
	for _, n := range slices.Backward(ip.AsSlice()) {
		b.WriteString(string(hex[n&15]) + "." + string(hex[n>>4]) + ".")
	}
	return b.String() + "ip6.arpa"
}

func (l *lookups) ask(ctx context.Context, name string, kind dnsmessage.Type) (Answer, error) {
	if l.asked++; l.asked > maxLookups {
		return Answer{}, &net.DNSError{Err: "too many lookups for one message", Name: name} // neither there nor not there, and asking again is no use
	}
	a, err := l.from.Resolve(ctx, name, kind)
	if err != nil {
		l.failed = true
		return Answer{}, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
	}
	if len(a.Texts) == 0 {
		l.note(name, kind, "")
		return Answer{}, &net.DNSError{Err: "no such record", Name: name, IsNotFound: true}
	}
	for _, text := range a.Texts {
		l.note(name, kind, text)
	}
	return a, nil
}

func (l *lookups) note(name string, kind dnsmessage.Type, text string) {
	r := bridge.DNSRecord{Name: charset.Clean(strings.ToLower(strings.TrimSuffix(name, ".")), 253), Kind: strings.TrimPrefix(kind.String(), "Type"),
		Text: charset.Clean(text, maxText)}
	if len(l.seen) < maxKept && !slices.Contains(l.seen, r) {
		l.seen = append(l.seen, r)
	}
}
