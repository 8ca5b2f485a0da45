package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/mailbox"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/outbox"
	"github.com/giaolien/giaolien/bridge/store"
)

// watchers makes one watcher for each configured mailbox.
func (a *app) watchers() ([]*mailbox.Watcher, error) {
	list := make([]*mailbox.Watcher, 0, len(a.config.Mailboxes))
	for _, m := range a.config.Mailboxes {
		o := mailboxOptions(m)
		o.SilentAfter = time.Duration(a.config.Alarms.SilentAfter)
		w, err := a.watcher(o)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

func (a *app) watcher(o mailbox.Options) (*mailbox.Watcher, error) {
	d := mailbox.Deps{Door: a.door(), Ledger: a.store, Leases: a.store, Actions: a.store, Alarm: a.raise, Clear: a.clear, Meter: a.metrics,
		Log: a.log, Now: time.Now, Owner: a.owner}
	if a.config.Intake.ScreenHeadersFirst {
		limits := a.config.Limits.Parser()
		d.Marked = func(header []byte) bool { return bridge.MarkedHeader(header, limits) }
	}
	w, err := mailbox.New(o, d)
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", o.Name, err)
	}
	return w, nil
}

func mailboxOptions(m config.Mailbox) mailbox.Options {
	o := mailbox.Options{Name: m.Name, Receiver: m.Receiver, Start: m.Start, Host: m.Host, Port: m.Port, TLS: string(m.TLS), CAFile: m.CAFile,
		User: m.User, Auth: string(m.Auth), Folders: m.Folders, ForceSpecialUse: m.ForceSpecialUse, Poll: time.Duration(m.Poll),
		MaxMessage: int64(m.MaxMessage), MaxConnections: m.MaxConnections, Secret: secret(m.PasswordFile, m.PasswordEnv)}
	if len(m.TokenCommand) > 0 {
		o.Token = func(ctx context.Context) (string, time.Time, error) { return runToken(ctx, m.TokenCommand) }
	}
	switch m.After {
	case config.AfterFlag:
		o.After = mailbox.After{Action: mailbox.SetFlag, Flag: m.Flag}
	case config.AfterMove:
		o.After = mailbox.After{Action: mailbox.Move, Folders: map[bridge.State]string{}}
		for state, folder := range map[bridge.State]string{bridge.Registered: m.Processed, bridge.Recorded: m.Processed, bridge.Duplicate: m.Processed,
			bridge.Refused: m.Refused, bridge.Quarantined: m.Quarantined} {
			if folder != "" {
				o.After.Folders[state] = folder
			}
		}
	}
	return o
}

// secret reads a password each time it is needed, so that a changed one is taken up at the next login.
func secret(file, env string) func(context.Context) (string, error) {
	if file == "" && env == "" {
		return nil
	}
	return func(context.Context) (string, error) { return readSecret(file, env) }
}

// tokenTimeout bounds a token command; maxToken bounds what it may print.
const (
	tokenTimeout = 30 * time.Second
	maxToken     = 16 << 10
)

// runToken runs a token command. It prints the access token on the first line and, if it likes, its expiry (RFC 3339) on the second.
func runToken(ctx context.Context, command []string) (string, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).Output()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("run token command %s: %w", command[0], err)
	}
	if len(out) > maxToken {
		return "", time.Time{}, fmt.Errorf("token command %s printed more than %d bytes", command[0], maxToken)
	}
	token, rest, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	token, rest = strings.TrimSpace(token), strings.TrimSpace(rest)
	if token == "" {
		return "", time.Time{}, fmt.Errorf("token command %s printed no token", command[0])
	}
	if rest == "" {
		return token, time.Time{}, nil
	}
	expires, err := time.Parse(time.RFC3339, rest)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("token command %s: second line is no RFC 3339 time: %w", command[0], err)
	}
	return token, expires, nil
}

// submission is the configured submission server, nil when there is none.
func submission(c config.SMTP) *outbox.SMTP {
	if c.Host == "" {
		return nil
	}
	s := &outbox.SMTP{Addr: net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), TLS: outbox.TLS(c.TLS), CAFile: c.CAFile, Auth: outbox.Auth(c.Auth),
		User: c.User, Helo: c.Helo, Secret: secret(c.PasswordFile, c.PasswordEnv)}
	if len(c.TokenCommand) > 0 {
		s.Secret = func(ctx context.Context) (string, error) {
			token, _, err := runToken(ctx, c.TokenCommand)
			return token, err
		}
	}
	return s
}

// outbox sends notices; nil when there is no server to hand them to. With notices off only alarms leave.
func (a *app) outbox(ctx context.Context) *outbox.Runner {
	server := submission(a.config.SMTP)
	if server == nil {
		return nil
	}
	caps := a.config.Notices.Caps()
	mode := notice.Mode(a.config.Notices.Mode)
	caps.OnlyAlarms, caps.Review = mode == notice.ModeOff, mode == notice.ModeReview
	write := func(g notice.Gathered) (*notice.Draft, int) { return a.know.active().Digest(g) }
	return &outbox.Runner{Server: server, Notices: a.store, Digests: a.store, Render: a.render, Digest: write, Caps: caps, Owner: a.owner, Wake: a.store.Wake(ctx, store.Notify),
		Log: a.log, Meter: a.metrics, Alarm: a.raise, Clear: a.clear, GiveUp: time.Duration(a.config.Notices.GiveUp)}
}

// render gives notices their bytes, with the newest key.
func (a *app) render(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
	return notice.Render(d, n, a.keys)
}
