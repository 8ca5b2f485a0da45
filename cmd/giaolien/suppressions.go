package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

type noticesSuppressedCommand struct{}

func (*noticesSuppressedCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	list, err := a.store.Suppressions(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, s := range list {
		until := "until a person ends it"
		if !s.Until.IsZero() {
			until = "until " + vnTime(s.Until)
		}
		fmt.Fprintf(w, "%s\tsince %s\t%s\t%s\n", s.Address, vnTime(s.Since), until, s.Reason)
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "every address gets notices")
	}
	return w.Flush()
}

type noticesSuppressCommand struct {
	who
	Address string `arg:"" help:"Address of the directory."`
}

func (c *noticesSuppressCommand) Run(ctx context.Context, std streams, common *Common) error {
	if err := notice.CheckAddress(c.Address); err != nil {
		return usageError{fmt.Errorf("notices suppress: %w", err)}
	}
	by, err := c.person()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.store.Suppress(ctx, c.Address, by, c.Reason); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s gets no notices from now on; what is queued for it fails and waits for a person\n", c.Address)
	return nil
}

type noticesUnsuppressCommand struct {
	who
	Address string `arg:"" help:"Address that gets no notices."`
}

func (c *noticesUnsuppressCommand) Run(ctx context.Context, std streams, common *Common) error {
	by, err := c.person()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	err = a.store.Unsuppress(ctx, c.Address, by, c.Reason)
	if errors.Is(err, bridge.ErrNotFound) {
		return fmt.Errorf("%s is not suppressed; giaolien notices suppressed lists what is", c.Address)
	}
	if err == nil {
		fmt.Fprintf(std.out, "%s gets notices again\n", c.Address)
	}
	return err
}
