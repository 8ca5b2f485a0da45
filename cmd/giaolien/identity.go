package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
	"github.com/giaolien/giaolien/parser"
)

// trust is what the configuration says of our own server and of ourselves.
func trust(cfg config.Config) evidence.Trust {
	t := evidence.Trust{AuthservIDs: cfg.Identity.AuthservIDs, TrustedHops: cfg.Identity.TrustedHops, AboveReceived: cfg.Identity.AboveReceived,
		Verify: cfg.Identity.Verify, Forwarders: cfg.Identity.Forwarders}
	for _, a := range ownAddresses(cfg) {
		t.OwnDomains = append(t.OwnDomains, a[strings.LastIndexByte(a, '@')+1:])
	}
	slices.Sort(t.OwnDomains)
	t.OwnDomains = slices.Compact(t.OwnDomains)
	return t
}

// resolver asks DNS, and keeps its answers; nil where nothing would ever be asked.
func resolver(id config.Identity) evidence.Resolver {
	if !id.Verify && len(id.Forwarders) == 0 {
		return nil
	}
	return &evidence.Cache{From: &evidence.DNS{Servers: nameServers(id)}, Now: time.Now}
}

func nameServers(id config.Identity) []string {
	if len(id.Resolvers) > 0 {
		return id.Resolvers
	}
	return evidence.SystemServers()
}

// newVerifier makes what looks at senders. The trust folder is that of documents: who may sign those may sign mail.
func newVerifier(cfg config.Config) (*evidence.Verifier, error) {
	authorities, err := evidence.LoadAuthorities(cfg.Reading.TrustFolder)
	if err != nil {
		return nil, err
	}
	return &evidence.Verifier{Trust: trust(cfg), Resolver: resolver(cfg.Identity), Authorities: authorities, Now: time.Now}, nil
}

// gather finds who sent a message, and whether it is a notice of ours that came back. Of a header block alone, of mail that is only recorded
// and of what did not come by mail, nothing is asked of DNS.
func (a *app) gather(ctx context.Context, t bridge.Task, raw io.ReaderAt, m parser.Message) (bridge.Evidence, error) {
	r := t.Receipt
	if r.HeadersOnly || r.Imported && !r.Live || r.Channel != bridge.Email {
		ev := evidence.Identify(m, trust(a.config))
		ownNotice(&ev, a.keys, m)
		return ev, nil
	}
	k := a.know.active().Settings
	mail := evidence.Mail{Raw: raw, Size: r.Size, Header: k.Limits.HeaderBytes, Message: m, At: bridge.CountedInstant(r, m, k.TrustedHops, k.Relays).At}
	var before *bridge.Evidence
	if t.Outcomes > 0 {
		var err error
		if before, err = a.store.LastEvidence(ctx, r.ID); err != nil {
			return bridge.Evidence{}, err
		}
	}
	ev, err := a.verifier.Identify(ctx, mail, before)
	if err != nil {
		return bridge.Evidence{}, fmt.Errorf("find the sender: %w", err)
	}
	ownNotice(&ev, a.keys, m)
	return ev, nil
}

// drainPatience is how long a drain waits for DNS: it is to end.
const drainPatience = 20 * time.Second
