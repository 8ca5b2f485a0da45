package outbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// errAddress marks a connection that was not made because of the address that a name led to.
var errAddress = errors.New("address is not allowed")

// inner are the address blocks that lead back into networks which nobody outside shall reach through us, and those that only carry another
// address (IANA special-purpose registries, RFC 6890). What netip knows by itself is not repeated. 168.63.129.16 is a metadata service with a
// public address.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

// outside are the IPv6 addresses that are given out at all (RFC 4291, 2.4): NAT64, mapped, unique local and site-local ones are not among them.
var outside = netip.MustParsePrefix("2000::/3")

// allowed says whether a connection to this address may be made. listed are the blocks that the administrator names.
func allowed(ip netip.Addr, listed []netip.Prefix) bool {
	ip = ip.Unmap().WithZone("")
	in := func(list []netip.Prefix) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	switch {
	case in(listed):
		return true
	case !ip.IsValid() || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || in(inner):
		return false
	}
	return ip.Is4() || outside.Contains(ip)
}

// guardedDialer connects only to allowed addresses. It looks at the address after the name was resolved, when the connection is made: a name
// that leads elsewhere the second time gains nothing.
func guardedDialer(listed []netip.Prefix, timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return fmt.Errorf("%w: %s %s", errAddress, network, address)
		}
		if !allowed(at.Addr(), listed) {
			return fmt.Errorf("%w: %s", errAddress, at.Addr())
		}
		return nil
	}}
}
