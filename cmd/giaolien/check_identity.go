package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
)

// identity tells what is believed of senders, and whether the name servers answer that it takes.
func (c *checking) identity(ctx context.Context, cfg config.Config) {
	id := cfg.Identity
	if len(id.AuthservIDs) == 0 || len(id.TrustedHops) == 0 {
		without := "no sender is proved, and everything that rules demand proof for waits for a person"
		if id.Verify {
			without = "only what we verify ourselves proves a sender (DKIM, S/MIME), and everything else that rules demand proof for waits for a person"
		}
		c.note("[identity] names no authserv_ids or no trusted_hops: " + without)
	}
	if len(id.AuthservIDs) > 0 && !id.AboveReceived {
		c.note("[identity] believes Authentication-Results below our own Received too: our mail server must remove forged ones from incoming mail (RFC 8601, 5); if it does not, set above_received = true")
	}
	if resolver(id) == nil {
		return
	}
	if len(id.TrustedHops) == 0 {
		c.note("[identity] verify checks no SPF without trusted_hops: they tell which host handed a mail over")
	}
	for _, server := range nameServers(id) {
		err := askOnce(ctx, server, ownDomain(cfg))
		if err == nil {
			c.report("name server "+server, nil)
			continue
		}
		c.note(fmt.Sprintf("name server %s does not answer (%s): mail that only DNS can prove waits %s and then for a person; correct [identity] resolvers, or set verify = false",
			server, strings.TrimSpace(err.Error()), id.Wait))
	}
}

// ownDomain is a name that any name server of ours knows something about.
func ownDomain(cfg config.Config) string {
	for _, a := range cfg.Agencies {
		if i := strings.LastIndexByte(a.From, '@'); i >= 0 {
			return a.From[i+1:]
		}
	}
	return "vn"
}

// askOnce asks one name server one question; any answer will do.
func askOnce(ctx context.Context, server, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err := (&evidence.DNS{Servers: []string{server}, Timeout: 1500 * time.Millisecond}).Resolve(ctx, name, dnsmessage.TypeTXT)
	return err
}
