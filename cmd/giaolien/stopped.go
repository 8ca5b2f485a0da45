package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
)

// noticesResumeCommand is a person's word that notices may go again.
type noticesResumeCommand struct{ who }

func (c *noticesResumeCommand) Run(ctx context.Context, std streams, common *Common) error {
	by, err := c.person()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	err = a.store.ResumeNotices(ctx, by, c.Reason)
	if errors.Is(err, bridge.ErrNotFound) {
		return errors.New("notices are not stopped")
	}
	if err != nil {
		return err
	}
	a.countAlarms(ctx)
	fmt.Fprintln(std.out, "notices go again with the daemon or the next drain")
	return nil
}

// stoppedInWords says that the breaker is open.
func stoppedInWords(s store.Stopped) string {
	return fmt.Sprintf("stopped since %s: %d were sent in an hour, where %d are the bound; see what they are, then giaolien notices resume --reason …",
		vnTime(s.Since), s.Tried, s.Bound)
}

// stopped says whether notices are stopped.
func (c *checking) stopped(ctx context.Context, cfg config.Config) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	st, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	if err != nil {
		c.report("notices", err)
		return
	}
	s, is, err := st.NoticesStopped(ctx)
	if err == nil && is {
		err = errors.New(stoppedInWords(s))
	}
	if err = errors.Join(err, st.Close()); err != nil {
		c.report("notices", err)
	}
}

// digestInWords says which digest speaks for a notice, or that one will.
func digestInWords(n store.SentNotice) string {
	switch {
	case n.Digest != "":
		return "trong thông báo tổng hợp " + n.Digest + " (" + n.DigestState + ")"
	case n.State == "queued" && !n.GatheredAt.IsZero():
		return "chờ thông báo tổng hợp trong ngày"
	}
	return ""
}
