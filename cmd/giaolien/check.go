package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
)

// checkCommand looks at everything that the daemon will need, and says what is wrong and what to do about it. It changes nothing and sends
// nothing.
type checkCommand struct{}

// checkTimeout bounds each look at a server.
const checkTimeout = 30 * time.Second

func (*checkCommand) Run(ctx context.Context, std streams, common *Common) error {
	c := &checking{out: std.out}
	cfg, err := readConfig(common.Config)
	if !c.report("configuration "+common.Config, err) {
		return errCheck
	}
	keys, err := readKeys(cfg.Notices.KeyFile)
	if c.report("notice key", err) {
		_, err = loadKnowledge(cfg, keys[0].ID, std.err)
		c.report("rules "+cfg.Rules.File+" and directory "+cfg.Directory.File, err)
	}
	c.report("database", checkDatabase(ctx, cfg))
	c.mailboxes(ctx, common, std)
	c.submission(ctx, cfg)
	c.returnPaths(cfg)
	if c.failed {
		return errCheck
	}
	return nil
}

var errCheck = errors.New("check: something needs attention; see the lines above")

// checking prints one line for each thing looked at.
type checking struct {
	mu     sync.Mutex
	out    io.Writer // guarded by mu
	failed bool      // guarded by mu
}

func (c *checking) report(what string, err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		fmt.Fprintf(c.out, "ok    %s\n", what)
		return true
	}
	c.failed = true
	fmt.Fprintf(c.out, "FAIL  %s: %s\n", what, strings.ReplaceAll(err.Error(), "\n", "\n      "))
	return false
}

// note says something that is no fault, but that the administrator should know.
func (c *checking) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, "note  %s\n", what)
}

func checkDatabase(ctx context.Context, cfg config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	s, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	if err != nil {
		return err
	}
	return s.Close()
}

// mailboxes looks at all mailboxes at once: one that hangs does not hold up the others.
func (c *checking) mailboxes(ctx context.Context, common *Common, std streams) {
	a, err := openApp(ctx, common, streams{in: std.in, out: std.out, err: io.Discard})
	if err != nil {
		return // reported above
	}
	defer a.close()
	watchers, err := a.watchers()
	if err != nil {
		c.report("mailboxes", err)
		return
	}
	if len(watchers) == 0 {
		c.note("no [[mailbox]] is configured: nothing is watched")
	}
	var all sync.WaitGroup
	for i, w := range watchers {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			name := "mailbox " + a.config.Mailboxes[i].Name
			notes, err := w.Check(ctx)
			c.report(name, err)
			for _, n := range notes {
				c.note(name + ": " + n)
			}
		})
	}
	all.Wait()
}

func (c *checking) submission(ctx context.Context, cfg config.Config) {
	server := submission(cfg.SMTP)
	if server == nil {
		c.note("no [smtp] host is configured: notices cannot be sent")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	c.report("submission server "+server.Addr, server.Check(ctx))
}

func (c *checking) returnPaths(cfg config.Config) {
	for _, g := range cfg.Agencies {
		if g.ReturnPath == "<>" {
			c.note("agency " + g.ID + `: return_path is "<>", so whether a notice could not be delivered stays unknown; an address with {token} brings failures back`)
		}
	}
	if len(cfg.Identity.AuthservIDs) == 0 || len(cfg.Identity.TrustedHops) == 0 {
		c.note("[identity] names no authserv_ids or no trusted_hops: no sender is proved, and everything that rules demand proof for waits for a person")
	}
}
