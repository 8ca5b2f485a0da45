package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// who is the person behind a command: every amendment names one and a reason.
type who struct {
	Reason string `required:"" help:"Why; kept with the amendment and shown wherever the outcome is."`
	By     string `help:"Who decides; default: the name of the login."`
}

func (w who) person() (string, error) {
	if strings.TrimSpace(w.Reason) == "" {
		return "", usageError{errors.New("--reason is empty: say why")}
	}
	return person(w.By)
}

// person is who is named, else the name of the login.
func person(by string) (string, error) {
	if name := strings.Join(strings.Fields(by), " "); by != "" {
		if name == "" {
			return "", usageError{errors.New("--by names nobody")}
		}
		return name, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find the name of the login: %w (--by names it)", err)
	}
	return u.Username, nil
}

type amendCommand struct {
	who
	Receipt string   `arg:"" help:"Receipt, e.g. GL-2026-0000123."`
	Set     []string `required:"" sep:"none" help:"Field and value, e.g. --set so_hieu=12/SNV-VP; also trich_yeu, ngay_ban_hanh, loai_viet_tat, agency; 2.so_hieu for the second document of a mail; records=1 makes all files one document. Of a paper also stamped_at, seal, pages, electronic."`
}

// amendable are the fields that a person may correct, by their names in inspect --json, and the agency by code or id.
var amendable = []string{"so_hieu", "trich_yeu", "ngay_ban_hanh", "loai_viet_tat", "loai_van_ban", "co_quan_ban_hanh", "nguoi_ky", "chuc_vu", "do_khan", "agency"}

func (c *amendCommand) Run(ctx context.Context, std streams, common *Common) error {
	fields := map[string]string{}
	for _, s := range c.Set {
		name, value, ok := strings.Cut(s, "=")
		n, field, fits := mapping.SplitCorrection(name)
		paper := bridge.IsPaperField(field) && n == 1
		if !ok || !fits || !slices.Contains(amendable, field) && s != mapping.OneDocument && !paper {
			return usageError{fmt.Errorf("--set %s: want FIELD=VALUE with one of %s, with 2. before it for the second document; or %s", s, strings.Join(amendable, ", "), mapping.OneDocument)}
		}
		if n == 1 {
			name = field
		}
		if paper {
			normal, err := bridge.CheckPaperField(field, value, time.Now())
			if err != nil {
				return usageError{fmt.Errorf("--set %s: %w", s, err)}
			}
			value = normal
		} else if field != "agency" && s != mapping.OneDocument { // agencies are looked up in the directory below
			normal, err := vanban.Check(field, value)
			if err != nil {
				return usageError{fmt.Errorf("--set %w", err)}
			}
			value = normal
		}
		fields[name] = value
	}
	return amend(ctx, std, common, c.Receipt, bridge.Amend, fields, c.who)
}

// verdictCommand is a person's word on one receipt: release, refuse, accept, or clear.
type verdictCommand struct {
	who
	Receipt string               `arg:"" help:"Receipt, e.g. GL-2026-0000123."`
	kind    bridge.AmendmentKind // set where the commands are listed
}

func (c *verdictCommand) Run(ctx context.Context, std streams, common *Common) error {
	return amend(ctx, std, common, c.Receipt, c.kind, nil, c.who)
}

// withdrawCommand strikes out what its sender recalled (NĐ 30/2020, Điều 18.4).
type withdrawCommand struct {
	verdictCommand
	Document int `help:"Of a mail with several documents: which one, from 1; default: all."`
}

func (c *withdrawCommand) Run(ctx context.Context, std streams, common *Common) error {
	var fields map[string]string
	if c.Document != 0 {
		fields = map[string]string{"record": strconv.Itoa(c.Document)}
	}
	return amend(ctx, std, common, c.Receipt, c.kind, fields, c.who)
}

// fitting are the states in which a person's word has an effect. What is registered is struck out only when its sender recalled it;
// what is imported is never judged; a duplicate follows the record that it is joined to.
var fitting = map[bridge.AmendmentKind][]bridge.State{
	bridge.Amend:     {bridge.ImportedOld, bridge.Held, bridge.Failed, bridge.Registered, bridge.Recorded, bridge.Refused, bridge.Waiting},
	bridge.Release:   {bridge.Held},
	bridge.RefuseIt:  {bridge.Held},
	bridge.Withdraw:  {bridge.Registered},
	bridge.Exception: {bridge.Held, bridge.Refused, bridge.Ignored, bridge.Recorded},
	bridge.NotSecret: {bridge.Quarantined},
}

// fits refuses a word that would change nothing, and says so. It gives how many outcomes there are so far.
func (a *app) fits(ctx context.Context, receipt string, kind bridge.AmendmentKind, fields map[string]string) (outcomes int, err error) {
	e, err := a.store.Explain(ctx, receipt)
	if errors.Is(err, bridge.ErrNotFound) {
		return 0, fmt.Errorf("there is no receipt %s; giaolien waiting lists what waits for a person", receipt)
	}
	if err != nil {
		return 0, err
	}
	for name := range fields {
		if n, _, _ := mapping.SplitCorrection(name); n > max(1, len(e.Records)) {
			return 0, fmt.Errorf("--set %s: %s has %d record(s)", name, receipt, len(e.Records))
		}
		if bridge.IsPaperField(name) && e.Receipt.Channel != bridge.Paper {
			return 0, fmt.Errorf("--set %s: %s did not come on paper", name, receipt)
		}
	}
	if slices.Contains(fitting[kind], e.State) {
		return len(e.Outcomes), nil
	}
	list := make([]string, len(fitting[kind]))
	for i, s := range fitting[kind] {
		list[i] = string(s)
	}
	return 0, fmt.Errorf("%s is %s; this is for what is %s", receipt, e.State, strings.Join(list, " or "))
}

// amend stores the amendment and decides the receipt again at once, so that the person sees what became of it.
func amend(ctx context.Context, std streams, common *Common, receipt string, kind bridge.AmendmentKind, fields map[string]string, w who) error {
	by, err := w.person()
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if fields == nil {
		fields = map[string]string{}
	}
	if code := fields["agency"]; code != "" {
		k, err := a.activated(ctx)
		if err != nil {
			return err
		}
		agency, ok := k.Directory.Find(code, time.Now())
		if !ok {
			return fmt.Errorf("agency %q is not in the directory that is in force; name it by id, code or alias as in %s (after a change there: reload the daemon, or drain)", code, a.config.Directory.File)
		}
		fields["agency"] = agency.ID
	}
	before, err := a.fits(ctx, receipt, kind, fields)
	if err != nil {
		return err
	}
	if err := a.store.Amend(ctx, receipt, bridge.Amendment{Kind: kind, Fields: fields, Reason: w.Reason, By: by, At: time.Now().UTC()}); err != nil {
		return err
	}
	if err := a.settleOne(ctx, receipt, before); err != nil {
		return err
	}
	if kind == bridge.Withdraw || kind == bridge.RefuseIt {
		a.clearRecalls(ctx, receipt)
	}
	if kind == bridge.NotSecret {
		e, err := a.store.Explain(ctx, receipt)
		if err != nil {
			return err
		}
		if e.State != bridge.Quarantined {
			a.clear(ctx, "secret:"+receipt)
		}
	}
	return a.explain(ctx, receipt, false)
}

// clearRecalls clears the alarms about the entries of a receipt that were asked back, now that somebody has spoken.
func (a *app) clearRecalls(ctx context.Context, receipt string) {
	e, err := a.store.Explain(ctx, receipt)
	if err != nil {
		a.log.Warn("alarms about a recall stay", "receipt", receipt, "error", err)
		return
	}
	for _, r := range e.Records {
		a.clear(ctx, bridge.ReasonRecallAsked+":"+r.ID)
	}
}

type retryCommand struct {
	Receipt string `arg:"" optional:"" help:"Receipt that failed."`
	Files   bool   `help:"Read the files of the receipt again, with the tools that there are now."`
	Mailbox string `help:"Or: watched mailbox whose messages could not be fetched."`
}

func (c *retryCommand) Run(ctx context.Context, std streams, common *Common) error {
	if (c.Receipt == "") == (c.Mailbox == "") || c.Files && c.Receipt == "" {
		return usageError{fmt.Errorf("retry: name a receipt, or --mailbox")}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Mailbox != "" {
		return a.retryMailbox(ctx, c.Mailbox)
	}
	if c.Files {
		if err := a.store.ReadAgain(ctx, c.Receipt); err != nil {
			return err
		}
		fmt.Fprintf(a.std.out, "files of %s will be read again by the daemon or the next drain; explain then shows what was found\n", c.Receipt)
		return nil
	}
	if err := a.store.RetryReceipt(ctx, c.Receipt); err != nil {
		return err
	}
	a.clear(ctx, "raw-damaged:"+c.Receipt) // raised again if it is
	e, err := a.store.Explain(ctx, c.Receipt)
	if err != nil {
		return err
	}
	if err := a.settleOne(ctx, c.Receipt, len(e.Outcomes)); err != nil {
		return err
	}
	return a.explain(ctx, c.Receipt, false)
}

// retryMailbox gives every message of a mailbox that could not be fetched its three tries again.
func (a *app) retryMailbox(ctx context.Context, mailbox string) error {
	if !slices.ContainsFunc(a.config.Mailboxes, func(m config.Mailbox) bool { return m.Name == mailbox }) {
		return usageError{fmt.Errorf("retry: no [[mailbox]] has the name %q", mailbox)}
	}
	items, err := a.store.ListOpen(ctx, store.OpenFilter{})
	if err != nil {
		return err
	}
	n := 0
	for _, i := range items {
		if i.Kind != store.OpenUID || i.Mailbox != mailbox {
			continue
		}
		if err := a.store.RetryUID(ctx, i.UID); err != nil {
			return err
		}
		a.clear(ctx, fmt.Sprintf("message-failed:%d:%d:%d", i.UID.Folder, i.UID.UIDValidity, i.UID.UID)) // raised again if it fails again
		n++
	}
	fmt.Fprintf(a.std.out, "%d messages of %s will be fetched again by the daemon or the next drain\n", n, mailbox)
	return nil
}
