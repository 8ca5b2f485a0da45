package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/mailbox"
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
	c.keys(cfg)
	know, err := loadKnowledge(ctx, cfg, "", nil, std.err)
	var active *bridge.Knowledge
	if c.report("rules "+cfg.Rules.File+" and directory "+cfg.Directory.File, err) {
		active = know.active()
	}
	if c.report("database", checkDatabase(ctx, cfg)) {
		c.activation(ctx, cfg)
		c.stopped(ctx, cfg)
	}
	c.mailboxes(ctx, cfg)
	c.submission(ctx, cfg)
	c.axes(ctx, cfg)
	c.targets(ctx, cfg)
	c.returnPaths(cfg)
	c.notices(cfg, active)
	c.identity(ctx, cfg)
	c.screening(cfg)
	c.reading(ctx, cfg.Reading)
	c.calendar(cfg.Register, time.Now())
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
	text := strings.TrimPrefix(err.Error(), what+": ")
	fmt.Fprintf(c.out, "FAIL  %s: %s\n", what, strings.ReplaceAll(text, "\n", "\n      "))
	return false
}

// note says something that is no fault, but that the administrator should know.
func (c *checking) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, "note  %s\n", what)
}

// keys looks at the keys of notices without making any: a start that makes new ones does not know the notices sent with the old ones.
func (c *checking) keys(cfg config.Config) {
	_, err := findKeys(cfg.Notices.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		c.note("there is no notice key in " + cfg.Notices.KeyFile + " yet: the next command that opens the database makes one; if there was one, restore it from a backup first")
		return
	}
	c.report("notice key", err)
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

// onlySlower is in the one finding of a mailbox that is worth knowing and no fault: polling does without IDLE.
const onlySlower = "không có IDLE"

// mailboxes looks at all mailboxes at once: one that hangs does not hold up the others. The watchers never watch, so they get no store:
// what is found here raises no alarm and ends none.
func (c *checking) mailboxes(ctx context.Context, cfg config.Config) {
	if len(cfg.Mailboxes) == 0 {
		c.note("no [[mailbox]] is configured: nothing is watched")
	}
	var none *store.Store
	deps := mailbox.Deps{Door: &bridge.Door{}, Ledger: none, Leases: none, Actions: none, Alarm: func(context.Context, bridge.Alarm) {},
		Clear: func(context.Context, string) {}, Meter: bridge.NoMeter{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Owner: "check"}
	var all sync.WaitGroup
	for _, m := range cfg.Mailboxes {
		name := "mailbox " + m.Name
		w, err := mailbox.New(mailboxOptions(m), deps)
		if err != nil {
			c.report(name, err)
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			c.mailbox(ctx, name, w)
		})
	}
	all.Wait()
}

func (c *checking) mailbox(ctx context.Context, name string, w *mailbox.Watcher) {
	findings, err := w.Check(ctx)
	faults := []error{err}
	for _, f := range findings {
		if strings.Contains(f, onlySlower) {
			c.note(name + ": " + f)
		} else {
			faults = append(faults, errors.New(f))
		}
	}
	c.report(name, errors.Join(faults...))
}

func (c *checking) submission(ctx context.Context, cfg config.Config) {
	server := submission(cfg.SMTP)
	if server == nil {
		c.note("no [smtp] host is configured: notices cannot be sent")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	err := server.Check(ctx)
	if err != nil {
		err = fmt.Errorf("%w; correct [smtp] host, port, tls, user and its password", err)
	}
	c.report("submission server "+server.Addr, err)
}

// screening tells what headers first leaves undone.
func (c *checking) screening(cfg config.Config) {
	for _, m := range cfg.Mailboxes {
		if cfg.Intake.ScreenHeadersFirst && m.After == config.AfterMove && m.Quarantined != "" {
			c.note("mailbox " + m.Name + ": [intake] screen_headers_first leaves mail whose header bears a mark where it is; only a mark that is found after the fetch moves mail to " + m.Quarantined)
		}
	}
}

func (c *checking) returnPaths(cfg config.Config) {
	for _, g := range cfg.Agencies {
		if g.ReturnPath == "<>" {
			c.note("agency " + g.ID + `: return_path is "<>", so whether a notice could not be delivered stays unknown; an address with {token} brings failures back`)
		}
	}
}
