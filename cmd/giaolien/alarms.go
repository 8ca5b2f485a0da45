package main

import (
	"context"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge/store"
)

// alarmCodes are the alarms that there are, for a metric that shows their absence too. The first ones tell of a condition that ends by
// itself when its cause is gone; those from eventsFrom on tell of something that waits for a person, who ends it, and are no matter of /healthz.
var alarmCodes = []string{"mailbox-silent", "mailbox-login", "mailbox-token", "mailbox-folder", "mailbox-action", "mailbox-uidvalidity",
	"disk-full", "smtp-unreachable", "smtp-login", store.CodeBreaker, "delivery-unreachable", registerNumbers, "axis-silent", "axis-login", "axis-folder",
	"message-failed", "raw-damaged", "state-secret", "notice-failed", "cleared-message-gone", "delivery-failed", "delivery-stands",
	"delivery-withheld", "register-jumped", overdueRegistration, "axis-package", "axis-receiver", alarmDiffers}

// eventsFrom is the place of the first alarm about an event among alarmCodes.
const eventsFrom = 15

// condition says whether an alarm is about a state of the program itself, which /healthz is asked for.
func condition(code string) bool { return !slices.Contains(alarmCodes[eventsFrom:], code) }

// alarmsCommand holds what a person does with alarms.
type alarmsCommand struct {
	List  alarmsListCommand  `cmd:"" default:"1" help:"Alarms that are open."`
	Close alarmsCloseCommand `cmd:"" help:"Say that an alarm has been seen to."`
}

type alarmsListCommand struct{}

func (*alarmsListCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, al := range alarms {
		fmt.Fprintf(w, "%s\t%s\t%s\n", al.Key, vnTime(al.RaisedAt), al.Text)
	}
	if len(alarms) == 0 {
		fmt.Fprintln(w, "no alarm is open")
	}
	return w.Flush()
}

type alarmsCloseCommand struct {
	Key string `arg:"" help:"Key as alarms list shows it, e.g. secret:GL-2026-0000123."`
}

func (c *alarmsCloseCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(alarms, func(al store.OpenAlarm) bool { return al.Key == c.Key }) {
		return fmt.Errorf("no open alarm has the key %q; giaolien alarms lists them", c.Key)
	}
	if err := a.store.ClearAlarm(ctx, c.Key); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s is closed; while its cause lasts it is raised again\n", c.Key)
	return nil
}
