package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// waitingCommand lists what waits for a person.
type waitingCommand struct {
	JSON     bool   `help:"Print JSON lines."`
	Receiver string `help:"Only for this receiving agency."`
}

func (c *waitingCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	items, err := a.store.ListOpen(ctx, store.OpenFilter{Receiver: c.Receiver})
	if err != nil {
		return err
	}
	if err := a.byUrgency(ctx, items); err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		for _, i := range items {
			if err := enc.Encode(i); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, i := range items {
		if i.Kind == store.OpenMore {
			fmt.Fprintf(w, "there is more of kind %s than is listed here\n", i.ID)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", i.Kind, i.ID, i.State, i.Reason, vnTime(i.Since), about(i))
	}
	if len(items) == 0 {
		fmt.Fprintln(w, "nothing waits")
	}
	return w.Flush()
}

// about is what a person recognises an item by.
func about(i store.OpenItem) string {
	var parts []string
	reading := ""
	if i.Kind == store.OpenReceipt && i.Reason == bridge.ReasonReading { // nobody needs to do anything
		reading = "đang đọc tệp"
	}
	for _, s := range []string{urgencyInWords(i), reading, i.Mailbox, i.From, i.To, i.Subject, i.Text} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// noticesCommand holds what a person does with notices.
type noticesCommand struct {
	List    noticesListCommand    `cmd:"" default:"1" help:"Notices that wait for a person: to release, refused for good, bounced."`
	Show    noticesShowCommand    `cmd:"" help:"A notice as it will be, or was, sent."`
	Release noticesReleaseCommand `cmd:"" help:"Let notices go."`
	Cancel  noticesCancelCommand  `cmd:"" help:"Keep a notice from going."`
	Resume  noticesResumeCommand  `cmd:"" help:"Let notices go again that were stopped because far more than usual were sent."`

	Suppressed noticesSuppressedCommand `cmd:"" help:"Addresses that get no notices: those that bounced, and those that a person named."`
	Suppress   noticesSuppressCommand   `cmd:"" help:"Keep notices from an address."`
	Unsuppress noticesUnsuppressCommand `cmd:"" help:"Let notices go to an address again."`

	Templates noticesTemplatesCommand `cmd:"" help:"Write the shipped texts of notices into a folder, to be changed."`
	Samples   noticesSamplesCommand   `cmd:"" help:"Write one notice of each kind as agencies will get it, with your own words, letterheads and rules."`
}

type noticesListCommand struct{}

func (*noticesListCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	items, err := a.openNotices(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, i := range items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", i.ID, i.State, i.To, vnTime(i.Since), i.Reason)
	}
	if len(items) == 0 {
		fmt.Fprintln(w, "no notice waits for a person")
	}
	return w.Flush()
}

func (a *app) openNotices(ctx context.Context) ([]store.OpenItem, error) {
	items, err := a.store.ListOpen(ctx, store.OpenFilter{})
	if err != nil {
		return nil, err
	}
	var list []store.OpenItem
	for _, i := range items {
		if i.Kind == store.OpenNotice {
			list = append(list, i)
		}
	}
	return list, nil
}

type noticesShowCommand struct {
	ID  string `arg:"" help:"Notice, e.g. GL-2026-0000123.reject."`
	Raw bool   `help:"The whole mail, for a mail program: page and slip too."`
}

func (c *noticesShowCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	n, err := a.store.NoticeByID(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.Raw {
		_, err := std.out.Write(n.Rendered.Bytes)
		return err
	}
	fmt.Fprintf(std.out, "%s, %s\n", n.ID, n.State)
	if words := digestInWords(n); words != "" {
		fmt.Fprintln(std.out, words)
	}
	return printRaw(std.out, n.Rendered.Bytes)
}

type noticesReleaseCommand struct {
	IDs []string `arg:"" optional:"" name:"id" help:"Notices, e.g. GL-2026-0000123.reject."`
	All bool     `help:"All that wait to be released."`
	By  string   `help:"Who releases; default: the name of the login."`
}

func (c *noticesReleaseCommand) Run(ctx context.Context, std streams, common *Common) error {
	if (len(c.IDs) == 0) == !c.All {
		return usageError{fmt.Errorf("notices release: name notices, or --all")}
	}
	by, err := person(c.By)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if c.All {
		items, err := a.openNotices(ctx)
		if err != nil {
			return err
		}
		for _, i := range items {
			if i.State == "review" {
				c.IDs = append(c.IDs, i.ID)
			}
		}
	}
	var failed error
	for _, id := range c.IDs {
		if err := a.store.ReleaseNotice(ctx, id, by); err != nil {
			failed = errors.Join(failed, err) // the others are not to wait for it
			continue
		}
		fmt.Fprintf(std.out, "%s will be sent by the daemon or the next drain\n", id)
	}
	return failed
}

type noticesCancelCommand struct {
	who
	ID string `arg:"" help:"Notice, e.g. GL-2026-0000123.reject."`
}

func (c *noticesCancelCommand) Run(ctx context.Context, std streams, common *Common) error {
	by, err := c.person()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.store.CancelNotice(ctx, c.ID, by, c.Reason); err != nil {
		return err
	}
	a.clear(ctx, "notice-failed:"+c.ID)
	fmt.Fprintf(std.out, "%s will not be sent\n", c.ID)
	return nil
}
