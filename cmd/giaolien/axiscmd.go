package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// axisCommand holds what a person does with the inbox of an axis.
type axisCommand struct {
	List axisListCommand `cmd:"" help:"Packages that lie in the inbox of an axis, and what became of them here."`
	Fail axisFailCommand `cmd:"" help:"Tell the axis that a package is given up, and close its alarms."`
}

type axisListCommand struct {
	Name string `arg:"" help:"Name of the [[axis]]."`
	All  bool   `help:"Also what was taken in already."`
}

func (c *axisListCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, client, err := openAxis(ctx, common, std, c.Name)
	if err != nil {
		return err
	}
	defer a.close()
	defer client.Close()
	x, _ := axisNamed(a.config, c.Name) // openAxis has found it
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, kind := range []edxml.Kind{edxml.KindEdoc, edxml.KindStatus} {
		items, err := client.Received(ctx, kind, time.Now().Add(-time.Duration(x.Window)))
		if err != nil {
			return fmt.Errorf("list inbox of axis %s: %w", c.Name, err)
		}
		for _, i := range items {
			taken, err := a.takenIn(ctx, accountName(x), i)
			if err != nil {
				return err
			}
			if taken && !c.All {
				continue
			}
			state := "chưa nhận"
			if taken {
				state = "đã nhận"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s → %s\t%s\t%s\n", bridge.AxisText(i.DocID), kind, vnTime(i.Created), dash(bridge.AxisText(i.From)), dash(bridge.AxisText(i.To)),
				dash(bridge.AxisText(string(i.Transport))), state)
		}
	}
	return w.Flush()
}

// takenIn says whether a package has a receipt.
func (a *app) takenIn(ctx context.Context, account string, i bridge.AxisItem) (bool, error) {
	var origins []string
	for _, g := range a.config.Agencies {
		origins = append(origins, bridge.OriginAxis(account, i.Kind, i.DocID, g.ID))
	}
	known, err := a.store.KnownOrigins(ctx, origins)
	return len(known) > 0, err
}

type axisFailCommand struct {
	Name  string `arg:"" help:"Name of the [[axis]]."`
	DocID string `arg:"" name:"docid" help:"The axis' id of the package, as axis list and the alarm show it."`
}

func (c *axisFailCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, client, err := openAxis(ctx, common, std, c.Name)
	if err != nil {
		return err
	}
	defer a.close()
	defer client.Close()
	if err := client.Ack(ctx, c.DocID, bridge.AxisFail); err != nil {
		return fmt.Errorf("give up package on axis %s: %w", c.Name, err)
	}
	open, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	keys := []string{"axis-package:" + c.Name + ":" + c.DocID, "axis-receiver:" + c.Name + ":" + c.DocID}
	for _, al := range open {
		if slices.Contains(keys, al.Key) {
			a.clear(ctx, al.Key)
		}
	}
	fmt.Fprintf(std.out, "gói tin %s được báo là không nhận trên trục %s\n", bridge.AxisText(c.DocID), c.Name)
	return nil
}

// openAxis opens the program and the client of an axis.
func openAxis(ctx context.Context, common *Common, std streams, name string) (*app, account, error) {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return nil, nil, err
	}
	x, ok := axisNamed(a.config, name)
	if !ok {
		a.close()
		return nil, nil, usageError{fmt.Errorf("axis: no [[axis]] has the name %q", name)}
	}
	client, err := accountOf(x)
	if err != nil {
		a.close()
		return nil, nil, err
	}
	return a, client, nil
}
