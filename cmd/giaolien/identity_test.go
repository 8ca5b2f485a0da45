package main

import (
	"net"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge/config"
)

func identityConfig() config.Config {
	cfg := config.Default()
	cfg.Agencies = []config.Agency{{ID: "ubnd", From: "vanthu@UBND.example.vn"}}
	cfg.Mailboxes = []config.Mailbox{{User: "vanthu@mail.example.vn"}, {User: "vanthu"}}
	cfg.Identity.OwnAddresses = []string{"khac@ubnd.example.vn"}
	return cfg
}

// Our own domains are those of all our addresses, each once; DNS is asked only where something is looked at.
func TestTrust(t *testing.T) {
	cfg := identityConfig()
	if got := trust(cfg); !slices.Equal(got.OwnDomains, []string{"mail.example.vn", "ubnd.example.vn"}) || !got.Verify {
		t.Errorf("%+v", got)
	}
	if resolver(cfg.Identity) == nil {
		t.Error("nobody can be asked")
	}
	cfg.Identity.Verify = false
	if resolver(cfg.Identity) != nil {
		t.Error("DNS is asked although nothing is verified")
	}
	cfg.Identity.Forwarders = []string{"chuyentiep.example.vn"}
	if resolver(cfg.Identity) == nil {
		t.Error("forwarders are listed, and their keys cannot be asked for")
	}
	cfg.Identity.Resolvers = []string{"192.0.2.53:53"}
	if got := nameServers(cfg.Identity); !slices.Equal(got, cfg.Identity.Resolvers) {
		t.Errorf("%v", got)
	}
}

// check says of each name server whether it answers; one that does not is no fault, since mail can wait for a person.
func TestCheckNameServers(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) == nil {
				m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeNameError, nil
				if out, err := m.Pack(); err == nil {
					server.WriteTo(out, from)
				}
			}
		}
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	cfg := identityConfig()
	cfg.Identity.Resolvers = []string{server.LocalAddr().String(), "127.0.0.1:1"}
	var out strings.Builder
	c := &checking{out: &out}
	c.identity(t.Context(), cfg)
	for _, want := range []string{"ok    name server " + server.LocalAddr().String() + "\n", "note  name server 127.0.0.1:1 does not answer", "no authserv_ids", "no SPF without trusted_hops"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if c.failed {
		t.Error("a name server that does not answer is taken for a fault")
	}
}
