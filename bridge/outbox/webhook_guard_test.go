package outbox

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

func TestAllowed(t *testing.T) {
	listed := []netip.Prefix{netip.MustParsePrefix("10.0.5.0/24"), netip.MustParsePrefix("fd00:1::/64")}
	for ip, want := range map[string]bool{
		"203.162.4.191": true, "8.8.8.8": true, "2001:ee0:1::1": true, "10.0.5.7": true, "::ffff:10.0.5.7": true, "fd00:1::9": true,
		"10.0.6.7": false, "127.0.0.1": false, "::1": false, "0.0.0.0": false, "::": false, "192.168.1.1": false, "172.16.0.1": false, "172.31.255.255": false,
		"169.254.169.254": false, "fe80::1": false, "100.64.0.1": false, "100.100.100.200": false, "168.63.129.16": false, "fd00:ec2::254": false,
		"fc00::1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false,
		"64:ff9b:1::1": false, "2002:7f00:1::1": false, "2002:c0a8:101::1": false, "2001:0:7f00:1::": false, "::127.0.0.1": false, "fec0::1": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "2001:db8::1": false,
		"fe80::1%eth0": false, "100.128.0.1": true, "172.32.0.1": true,
	} {
		if got := allowed(netip.MustParseAddr(ip), listed); got != want {
			t.Errorf("%s is allowed: %v", ip, got)
		}
	}
	if allowed(netip.Addr{}, listed) {
		t.Error("no address is allowed")
	}
}

// TestWebhookGuards: nothing is called but what the configuration names, whatever a name leads to or an answer asks for.
func TestWebhookGuards(t *testing.T) {
	o := newOffice(t)
	s, server := newSystem(t, o.clock)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	o.must(err)
	for _, bad := range []WebhookOptions{
		{URL: "http://qlvb.example.vn/hook", Hosts: []string{"qlvb.example.vn"}},
		{URL: "https://qlvb.example.vn/hook", Hosts: []string{"other.example.vn"}},
		{URL: "https://user:pw@qlvb.example.vn/hook", Hosts: []string{"qlvb.example.vn"}},
		{URL: "file:///etc/passwd", Hosts: []string{""}},
		{URL: "http://localhost:" + port, Hosts: []string{"localhost"}},
	} {
		if _, err := NewWebhook(bad); err == nil {
			t.Errorf("%s was taken", bad.URL)
		}
	}
	o.register(1, 1, "qlvb")
	unlisted := hook(t, o.clock, server.URL, func(w *WebhookOptions) { w.Addresses = nil })
	if err := unlisted.Check(t.Context()); err == nil {
		t.Error("check finds nothing wrong with a private address")
	}
	d := o.deliverer(unlisted, o.store)
	if _, err := d.Drain(t.Context()); !errors.Is(err, errAddress) || s.calls != 0 {
		t.Fatalf("a private address gave %v after %d calls", err, s.calls)
	}
	if err := hook(t, o.clock, server.URL).Check(t.Context()); err != nil {
		t.Error(err)
	}
	s.fault = func(w http.ResponseWriter, r *http.Request, _ func()) bool {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		return true
	}
	d = o.deliverer(hook(t, o.clock, server.URL), o.store)
	o.clock.add(time.Hour)
	if _, err := d.Drain(t.Context()); !errors.Is(err, errTarget) || s.calls != 1 {
		t.Fatalf("a redirect gave %v after %d calls", err, s.calls)
	}
}

// TestSecretIsNoBody: a record that bears a mark is neither posted nor packed, whoever asks for it.
func TestSecretIsNoBody(t *testing.T) {
	o := newOffice(t)
	s, server := newSystem(t, o.clock)
	d := bridge.Dispatch{Payload: bridge.DispatchPayload{}}
	d.Payload.Record.Document.DoMat = vanban.Mat
	for _, target := range []bridge.Target{hook(t, o.clock, server.URL), NewFolder("thumuc", t.TempDir(), ownOrgan, nil)} {
		if _, err := target.Deliver(t.Context(), d, nil); !errors.Is(err, edxml.ErrSecret) || !errors.Is(err, bridge.ErrPermanent) {
			t.Errorf("%s: %v", target.Name(), err)
		}
	}
	if s.calls != 0 {
		t.Error("the secret was posted")
	}
}
