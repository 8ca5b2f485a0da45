package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// lateJSON is a line of the register that is overdue, for other programs.
type lateJSON struct {
	entryJSON
	Days        int `json:"days"`         // since its last day
	WorkingDays int `json:"working_days"` // of them worked
}

type registerOverdueCommand struct {
	Receiver string `help:"Only of this receiving agency."`
	On       string `help:"As on this day, YYYY-MM-DD; default: today."`
	JSON     bool   `help:"Print JSON lines."`
}

func (c *registerOverdueCommand) Run(ctx context.Context, std streams, common *Common) error {
	day := c.On
	if day == "" {
		day = register.Day(time.Now())
	}
	q := register.Query{Receiver: c.Receiver, Kind: register.Incoming, Overdue: true, Today: day}
	if err := q.Check(); err != nil {
		return usageError{err}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Receiver != "" && !a.hasReceiver(c.Receiver) {
		return usageError{fmt.Errorf("register overdue: receiving agency %q is not in %s; [[agency]] id names one", c.Receiver, common.Config)}
	}
	calendar, err := loadCalendar(a.config.Register)
	if err != nil {
		return err
	}
	entries, err := a.store.Entries(ctx, q)
	if err != nil {
		return err
	}
	late := register.Overdue(entries, day, calendar)
	if c.JSON {
		enc := json.NewEncoder(std.out)
		for _, l := range late {
			if err := enc.Encode(lateJSON{toEntryJSON(l.Entry, day, calendar), l.Days, l.WorkingDays}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, l := range late {
		line := register.Line(l.Entry)
		fmt.Fprintf(w, "%s\t%d/%d\thạn %s\tquá %d ngày (%d ngày làm việc)\t%s\t%s\t%s\n", l.Entry.Receiver, l.Entry.Number, l.Entry.Year,
			register.FollowUpLine(l.Entry, day)[3], l.Days, l.WorkingDays, oneLine(l.Handling.Handler), oneLine(line[3]), shorten(oneLine(line[5])))
	}
	if len(late) == 0 {
		fmt.Fprintln(w, "không có văn bản quá hạn")
	}
	return w.Flush()
}

type registerCloseCommand struct {
	clerk
	Receiver string `help:"Receiving agency; may be left out when there is only one."`
	Year     int    `required:"" help:"Year of the book."`
	Book     string `help:"den: incoming documents; mat: the secret book." enum:"den,mat" default:"den"`
	Force    bool   `help:"Also while receipts of that year are open; asks for --reason."`
	Reason   string `help:"Why it is closed although receipts are open; kept in the log."`
}

func (c *registerCloseCommand) Run(ctx context.Context, std streams, common *Common) error {
	if c.Force != (c.Reason != "") {
		return usageError{errors.New("register close: --force and --reason go together")}
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
	receiver, err := bookFlags{Receiver: c.Receiver}.receiver(a.config)
	if err != nil {
		return err
	}
	if err := a.know.receivers(ctx, a.store); err != nil { // nothing may have come for it yet
		return err
	}
	cover, err := a.store.CloseBook(ctx, store.Closing{Receiver: receiver, Year: c.Year, Kind: register.Kind(c.Book), By: by, Reason: c.Reason})
	var open store.OpenReceiptsError
	switch {
	case errors.Is(err, store.ErrYearNotOver):
		return fmt.Errorf("%d is not over: its book is closed from 1/1/%d on", c.Year, c.Year+1)
	case errors.Is(err, store.ErrBookClosed):
		return fmt.Errorf("the book %s %d of %s is closed already", c.Book, c.Year, receiver)
	case errors.As(err, &open):
		return fmt.Errorf("%w; decide them first (giaolien waiting), or say --force --reason \"…\"", open)
	case err != nil:
		return err
	}
	return printCover(std, cover)
}

// printCover prints what stands on the cover of the closed book.
func printCover(std streams, c store.Cover) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s %d\t%s\n", c.Kind.Title(), c.Year, c.Receiver)
	if c.Lines == 0 {
		fmt.Fprintf(w, "  không có số nào\n")
	} else {
		fmt.Fprintf(w, "  từ số\t%d\tđến số\t%d\n  từ ngày\t%s\tđến ngày\t%s\n", c.First, c.Last, register.Shown(c.FirstAt), register.Shown(c.LastAt))
	}
	if c.Unused > 0 {
		fmt.Fprintf(w, "  số không dùng\t%d\n", c.Unused)
	}
	if c.StillOpen > 0 {
		fmt.Fprintf(w, "  phiếu còn mở khi khóa sổ\t%d\n", c.StillOpen)
	}
	fmt.Fprintf(w, "  khóa sổ\t%s\t%s\n", vnTime(c.Closed), c.ClosedBy)
	return w.Flush()
}
