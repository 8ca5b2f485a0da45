package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/axis"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// account is a client of an axis.
type account interface {
	bridge.Axis
	// Skew is how far the axis' clock was ahead of ours at its last answer.
	Skew() (time.Duration, bool)
	Close()
}

// axisNamed finds an [[axis]].
func axisNamed(cfg config.Config, name string) (config.Axis, bool) {
	i := slices.IndexFunc(cfg.Axes, func(a config.Axis) bool { return a.Name == name })
	if i < 0 {
		return config.Axis{}, false
	}
	return cfg.Axes[i], true
}

// accountOf makes the client of an [[axis]]. Nothing is connected.
func accountOf(c config.Axis) (account, error) {
	o := axis.Options{Name: c.Name, URL: c.URL, SystemID: c.SystemID, CAFile: c.CAFile, ProperHash: c.ProperHash, SharedInbox: c.OwnInbox,
		Timeout: time.Duration(c.Timeout), MaxPackage: int64(c.MaxPackage), Version: version, Now: time.Now,
		Secret: func(context.Context) (string, error) { return readSecret(c.SecretFile, c.SecretEnv) }}
	switch c.Kind {
	case config.AxisVXP:
		return axis.NewVXP(o)
	case config.AxisLGSP:
		return axis.NewLGSP(o)
	}
	return nil, fmt.Errorf("axis %s is a folder, not an account", c.Name)
}

// accountName names an account for ever: the same package of another account is another delivery.
func accountName(c config.Axis) string {
	host := c.URL
	if u, err := url.Parse(c.URL); err == nil {
		host = u.Host
	}
	return c.SystemID + "@" + host
}

// axisTarget makes the target that sends over an [[axis]]. dir gives the directory that holds now; nil when there is none to ask.
func axisTarget(cfg config.Config, t config.Target, dir func() *directory.Directory) (bridge.Target, error) {
	c, ok := axisNamed(cfg, t.Axis)
	if !ok {
		return nil, fmt.Errorf("target %s: there is no [[axis]] of the name %q", t.Name, t.Axis)
	}
	a, err := accountOf(c)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	organ := organOf(cfg)
	target := &axis.Target{Label: t.Name, Axis: a, Again: c.Resend, From: sender(dir), Spool: filepath.Join(cfg.Data, "spool"),
		To: func(receiver string) (edxml.Organ, bool) { o := organ(receiver); return o, o.ID != "" }}
	if c.Types == config.TypesNamed {
		target.Types = func(string, bool) (int, int) { return 1, 0 }
	}
	return target, nil
}

// sender names the agency that a document is from: by its code when the document was registered, else by the one that the directory has
// now.
func sender(dir func() *directory.Directory) func(directory.Match) (edxml.Organ, bool) {
	return func(m directory.Match) (edxml.Organ, bool) {
		if m.Code == "" && m.Agency != "" && dir != nil {
			if a, ok := dir().Agency(m.Agency, time.Now()); ok {
				m.Code, m.Name = a.Code, a.Name
			}
		}
		return edxml.Organ{ID: m.Code, Name: m.Name}, m.Code != ""
	}
}

// inbox is a watcher of packages.
type inbox interface {
	Run(ctx context.Context) error
	Drain(ctx context.Context) (axis.Counts, error)
}

// namedInbox is an inbox with its name in the configuration.
type namedInbox struct {
	inbox
	name string
}

// inboxes makes one watcher for each [[axis]] that is received from.
func (a *app) inboxes() ([]namedInbox, error) {
	var list []namedInbox
	for _, c := range a.config.Axes {
		if !c.Receives() {
			continue
		}
		in, err := a.inbox(c)
		if err != nil {
			return nil, fmt.Errorf("axis %s: %w", c.Name, err)
		}
		list = append(list, namedInbox{in, c.Name})
	}
	if len(list) > 0 {
		if err := os.MkdirAll(a.spool(), 0o700); err != nil {
			return nil, fmt.Errorf("make spool folder: %w", err)
		}
	}
	return list, nil
}

func (a *app) inbox(c config.Axis) (inbox, error) {
	d := axis.Deps{Door: a.door(), Leases: a.store, Known: a.store.KnownOrigins, Receiver: a.receiverOf, Alarm: a.raise, Clear: a.clear, Meter: a.metrics, Log: a.log,
		Now: time.Now, Owner: a.owner}
	for _, g := range a.config.Agencies {
		d.Receivers = append(d.Receivers, g.ID)
	}
	if c.Kind == config.AxisFolder {
		return axis.NewDrop(axis.DropOptions{Name: c.Name, Folder: c.Folder, Start: c.Start, Poll: time.Duration(c.Poll), Most: int64(c.MaxPackage), Spool: a.spool()}, d)
	}
	client, err := accountOf(c)
	if err != nil {
		return nil, err
	}
	return axis.NewInbox(axis.InboxOptions{Name: c.Name, Account: accountName(c), Start: c.Start, Poll: time.Duration(c.Poll), Window: time.Duration(c.Window), Ack: c.Ack,
		SilentAfter: time.Duration(a.config.Alarms.SilentAfter), Spool: a.spool()}, client, d)
}

// receiverOf finds the receiving agency that a code is of: its own, or one that the directory gives the same agency. A code that is merely
// turned around into another notation is not taken: that is a guess.
func (a *app) receiverOf(code string) (string, bool) {
	dir := a.know.active().Directory
	now := time.Now()
	found, known := dir.Find(code, now)
	for _, g := range a.config.Agencies {
		if g.Code == "" {
			continue
		}
		if directory.NormalCode(g.Code) == directory.NormalCode(code) {
			return g.ID, true
		}
		if own, ok := dir.Find(g.Code, now); ok && known && own.ID == found.ID && hasCode(found, code) {
			return g.ID, true
		}
	}
	return "", false
}

// hasCode says whether the directory itself gives the agency this code.
func hasCode(a directory.Agency, code string) bool {
	code = directory.NormalCode(code)
	return directory.NormalCode(a.Code) == code ||
		slices.ContainsFunc(a.Aliases, func(alias string) bool { return directory.NormalCode(alias) == code })
}

// maxSkew is how far the clocks may be apart before check says so: signed calls carry our time.
const maxSkew = 2 * time.Minute

// axes looks at every account and folder.
func (c *checking) axes(ctx context.Context, cfg config.Config) {
	for _, x := range cfg.Axes {
		c.report("axis "+x.Name, checkAxis(ctx, x))
		if x.Receive && x.Ack && slices.ContainsFunc(cfg.Targets, func(t config.Target) bool { return t.Axis == x.Name }) {
			c.note("axis " + x.Name + ": a target sends over it and ack = true: make sure that the document system does not read the same inbox, or it may not see what was taken here")
		}
	}
}

// movable says whether files can be moved from a folder into its folder done.
func movable(folder string) error {
	done := filepath.Join(folder, "done")
	if _, err := os.ReadDir(folder); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".giaolien-check-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // most likely moved away
	if err := errors.Join(f.Close(), os.MkdirAll(done, 0o750)); err != nil {
		return err
	}
	to := filepath.Join(done, filepath.Base(f.Name()))
	return errors.Join(os.Rename(f.Name(), to), os.Remove(to))
}

// checkAxis makes one signed call that changes nothing.
func checkAxis(ctx context.Context, c config.Axis) error {
	if c.Kind == config.AxisFolder {
		info, err := os.Stat(c.Folder)
		if err == nil && !info.IsDir() {
			err = errors.New("is no folder")
		}
		if err == nil {
			err = movable(c.Folder)
		}
		if err != nil {
			return fmt.Errorf("%w; correct folder, or make it, and let the daemon write into it: what was taken is moved to done", err)
		}
		return nil
	}
	a, err := accountOf(c)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	_, err = a.Received(ctx, edxml.KindEdoc, time.Now().AddDate(0, 0, -1))
	skew, told := a.Skew()
	if told && skew.Abs() > maxSkew {
		err = errors.Join(err, fmt.Errorf("the axis' clock is %s ahead of ours, so that signed calls may be refused; correct the time of this machine", skew))
	}
	switch {
	case errors.Is(err, bridge.ErrLogin):
		return fmt.Errorf("%w; correct system_id and the secret key", err)
	case err != nil:
		return fmt.Errorf("%w; correct url, ca_file, system_id or the secret key, or ask whoever runs the axis", err)
	}
	return nil
}
