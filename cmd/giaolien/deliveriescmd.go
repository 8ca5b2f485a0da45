package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
)

// deliveriesCommand holds what a person does with deliveries to document systems.
type deliveriesCommand struct {
	List   deliveriesList   `cmd:"" default:"withargs" help:"Deliveries: those that failed, or of a state."`
	Retry  deliveriesRetry  `cmd:"" help:"Let deliveries that failed be tried again."`
	Cancel deliveriesCancel `cmd:"" help:"Keep deliveries from being made."`
	Queue  deliveriesQueue  `cmd:"" help:"Queue what was registered before a target was configured."`
}

type deliveriesList struct {
	State   string `help:"queued, sent, dead, cancelled, or all." enum:"queued,sent,dead,cancelled,all" default:"dead"`
	Target  string `help:"Only to this target."`
	Receipt string `help:"Only of this receipt; in every state."`
	Limit   int    `help:"How many at most." default:"1000"`
	JSON    bool   `help:"Print JSON lines."`
}

func (c *deliveriesList) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	f := store.DispatchFilter{Target: c.Target, State: c.State, Receipt: c.Receipt, Limit: c.Limit}
	if c.State == "all" || c.Receipt != "" {
		f.State = ""
	}
	list, err := a.store.ListDispatches(ctx, f)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		for _, d := range list {
			if err := enc.Encode(d); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Event, d.State, d.Reason, vnTime(latest(d.MadeAt, d.SentAt)), d.Reply)
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "no delivery is listed")
	}
	return w.Flush()
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// named are deliveries that a person names.
type named struct {
	IDs []string `arg:"" name:"id" help:"Delivery, e.g. GL-2026-0000123/1.qlvb.1."`
	By  string   `help:"Who decides; default: the name of the login."`
}

// each does something to every delivery that was named; one that fails does not keep the others from it.
func (n named) each(ctx context.Context, std streams, common *Common, done string, do func(a *app, id, by string) error) error {
	by, err := person(n.By)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	var failed error
	for _, id := range n.IDs {
		if err := do(a, id, by); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		a.clear(ctx, "delivery-failed:"+id)
		fmt.Fprintf(std.out, "%s %s\n", id, done)
	}
	return failed
}

type deliveriesRetry struct{ named }

func (c *deliveriesRetry) Run(ctx context.Context, std streams, common *Common) error {
	return c.each(ctx, std, common, "is queued again", func(a *app, id, by string) error { return a.store.RetryDispatch(ctx, id, by) })
}

type deliveriesCancel struct{ named }

func (c *deliveriesCancel) Run(ctx context.Context, std streams, common *Common) error {
	return c.each(ctx, std, common, "is cancelled", func(a *app, id, by string) error { return a.store.CancelDispatch(ctx, id, by) })
}

type deliveriesQueue struct {
	Target string `required:"" help:"Target, as [[target]] names it."`
	Since  string `required:"" help:"First day of registration (2026-03-01)."`
}

func (c *deliveriesQueue) Run(ctx context.Context, std streams, common *Common) error {
	since, err := time.ParseInLocation("2006-01-02", c.Since, vietnam)
	if err != nil {
		return usageError{fmt.Errorf("--since %s: want yyyy-mm-dd", c.Since)}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	t, ok := a.targetNamed(c.Target)
	if !ok {
		return usageError{fmt.Errorf("--target %s: not in %s; [[target]] name names one", c.Target, common.Config)}
	}
	var receivers []string
	for _, g := range a.config.Agencies {
		if t.Takes(g.ID) {
			receivers = append(receivers, g.ID)
		}
	}
	n, err := a.store.QueueDispatches(ctx, ruleOf(t), receivers, since)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "queued %d for %s\n", n, t.Name)
	return nil
}

func (a *app) targetNamed(name string) (config.Target, bool) {
	for _, t := range a.config.Targets {
		if t.Name == name {
			return t, true
		}
	}
	return config.Target{}, false
}

// ruleOf is what the store must know of a target. Packages cannot take back another agency's document: only what is no folder withdraws.
func ruleOf(t config.Target) bridge.TargetRule {
	return bridge.TargetRule{Name: t.Name, Withdraws: t.Kind != config.TargetFolder}
}
