package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// loadCalendar reads the working days that the register is kept by.
func loadCalendar(c config.Register) (*register.Calendar, error) {
	if c.Calendar == "" {
		return register.ReadCalendar("calendar", register.StartingCalendar())
	}
	data, err := os.ReadFile(c.Calendar)
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w ([register] calendar names it)", err)
	}
	return register.ReadCalendar(c.Calendar, data)
}

// calendar looks at the calendar of working days, and whether it knows the Tết of this year and, in its last months, of the next.
func (c *checking) calendar(cfg config.Register, now time.Time) {
	cal, err := loadCalendar(cfg)
	if !c.report("calendar", err) {
		return
	}
	for _, year := range []int{now.In(vietnam).Year(), now.In(vietnam).AddDate(0, 2, 0).Year()} {
		if !cal.Known(year) {
			c.note(fmt.Sprintf("the calendar does not know the Tết of %d: its days off count as working days until [register] calendar names a file that does", year))
			return
		}
	}
}

// bookFlags say which book is meant.
type bookFlags struct {
	Receiver string `help:"Receiving agency; may be left out when there is only one."`
	Year     int    `help:"Year of the book; default: that of the number, else this year."`
	Book     string `help:"den: incoming documents; mat: the secret book." enum:"den,mat" default:"den"`
}

// receiver finds the receiving agency that is meant.
func (f bookFlags) receiver(c config.Config) (string, error) {
	switch {
	case f.Receiver != "":
		for _, a := range c.Agencies {
			if a.ID == f.Receiver {
				return a.ID, nil
			}
		}
		return "", usageError{fmt.Errorf("--receiver %s: no [[agency]] has this id", f.Receiver)}
	case len(c.Agencies) == 1:
		return c.Agencies[0].ID, nil
	}
	return "", usageError{errors.New("name the receiving agency with --receiver")}
}

// thisYear is the year of the books at this moment.
func thisYear() int { return time.Now().In(vietnam).Year() }

// line finds the line that a person names: by its số đến (12 or 12/2026), by a record, or by a receipt with one record.
func (a *app) line(ctx context.Context, name string, f bookFlags) (store.LineRef, error) {
	kind := register.Kind(f.Book)
	if strings.HasPrefix(name, "GL-") {
		if !strings.Contains(name, "/") {
			name += "/1"
		}
		l, err := a.store.LineOf(ctx, name, kind)
		if errors.Is(err, bridge.ErrNotFound) {
			return l, fmt.Errorf("%s has no line in book %s", name, kind)
		}
		return l, err
	}
	text, year, dated := strings.Cut(name, "/")
	number, err := strconv.Atoi(text)
	l := store.LineRef{Year: f.Year, Kind: kind, Number: number}
	if dated && err == nil {
		var of int
		of, err = strconv.Atoi(year)
		if err == nil && l.Year != 0 && l.Year != of {
			return l, usageError{fmt.Errorf("%s is of another year than --year %d", name, f.Year)}
		}
		l.Year = of
	}
	if err != nil || number < 1 {
		return l, usageError{fmt.Errorf("%q is no số đến (12 or 12/2026), record (GL-2026-0000123/1) or receipt", name)}
	}
	if l.Year == 0 {
		l.Year = thisYear()
	}
	l.Receiver, err = f.receiver(a.config)
	return l, err
}

// lineError says to a person why nothing was written at a line.
func lineError(l store.LineRef, err error) error {
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return fmt.Errorf("book %s %d of %s has no number %d", l.Kind, l.Year, l.Receiver, l.Number)
	case errors.Is(err, store.ErrNoDocument):
		return fmt.Errorf("number %d/%d has no document any more: it was withdrawn, turned out to be a secret, or was never given", l.Number, l.Year)
	case errors.Is(err, store.ErrBeforeArrival):
		return fmt.Errorf("number %d/%d came after that; --at is when it was passed on, \"YYYY-MM-DD HH:MM\" Vietnamese time", l.Number, l.Year)
	case errors.Is(err, store.ErrSecretBook):
		return usageError{errors.New("the secret book holds facts only; nothing can be said of its documents there")}
	}
	return err
}

// clerk is who enters something into the register.
type clerk struct {
	By string `help:"Who enters it; default: the name of the login."`
}

// atLine opens the program and finds the line.
func atLine(ctx context.Context, std streams, common *Common, c clerk, name string, f bookFlags, do func(*app, store.LineRef, string) error) error {
	by, err := person(c.By)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	l, err := a.line(ctx, name, f)
	if err != nil {
		return err
	}
	return lineError(l, do(a, l, by))
}

type registerDirectCommand struct {
	clerk
	bookFlags
	Number  string `arg:"" help:"Số đến (12 or 12/2026), record or receipt."`
	Author  string `required:"" help:"The leader who gives the direction."`
	Text    string `required:"" help:"What it says (Thông tin chỉ đạo)."`
	Handler string `help:"Who handles the document."`
	Co      string `help:"Who helps, several with ; between them."`
	Due     string `help:"Last day, YYYY-MM-DD."`
}

func (c *registerDirectCommand) Run(ctx context.Context, std streams, common *Common) error {
	d := register.Direction{Author: strings.TrimSpace(c.Author), Text: strings.TrimSpace(c.Text), Handler: strings.TrimSpace(c.Handler), Due: c.Due, CoHandlers: []string{}}
	if d.Author == "" || d.Text == "" {
		return usageError{errors.New("register direct: --author and --text must not be empty")}
	}
	if _, err := time.Parse(time.DateOnly, c.Due); c.Due != "" && err != nil {
		return usageError{fmt.Errorf("--due %s: want YYYY-MM-DD", c.Due)}
	}
	for who := range strings.SplitSeq(c.Co, ";") {
		if who = strings.TrimSpace(who); who != "" {
			d.CoHandlers = append(d.CoHandlers, who)
		}
	}
	return atLine(ctx, std, common, c.clerk, c.Number, c.bookFlags, func(a *app, l store.LineRef, by string) error {
		d.By = by
		n, err := a.store.Direct(ctx, l, d)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "số đến %d/%d: chỉ đạo %d của %s; chủ trì %s; hạn %s\n", l.Number, l.Year, n, d.Author, dash(d.Handler), dash(d.Due))
		return nil
	})
}

type registerSignCommand struct {
	clerk
	bookFlags
	Number     string `arg:"" help:"Số đến (12 or 12/2026), record or receipt."`
	ReceivedBy string `required:"" help:"Who signs for the document (ký nhận)."`
	At         string `help:"When it was passed on, \"YYYY-MM-DD HH:MM\" Vietnamese time; default: now."`
}

func (c *registerSignCommand) Run(ctx context.Context, std streams, common *Common) error {
	var passed time.Time
	if c.At != "" {
		var err error
		if passed, err = time.ParseInLocation("2006-01-02 15:04", c.At, vietnam); err != nil {
			return usageError{fmt.Errorf("--at %s: want YYYY-MM-DD HH:MM", c.At)}
		}
		if passed.After(time.Now()) {
			return usageError{fmt.Errorf("--at %s: lies in the future", c.At)}
		}
	}
	if strings.TrimSpace(c.ReceivedBy) == "" {
		return usageError{errors.New("register sign: --received-by must not be empty")}
	}
	return atLine(ctx, std, common, c.clerk, c.Number, c.bookFlags, func(a *app, l store.LineRef, by string) error {
		if err := a.store.Sign(ctx, l, passed, c.ReceivedBy, by); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "số đến %d/%d: %s đã ký nhận\n", l.Number, l.Year, c.ReceivedBy)
		return nil
	})
}

type registerDoneCommand struct {
	clerk
	bookFlags
	Number string `arg:"" help:"Số đến (12 or 12/2026), record or receipt."`
	Answer string `help:"Số, ký hiệu of the document that answers it, if there is one."`
}

func (c *registerDoneCommand) Run(ctx context.Context, std streams, common *Common) error {
	return atLine(ctx, std, common, c.clerk, c.Number, c.bookFlags, func(a *app, l store.LineRef, by string) error {
		if err := a.store.Finish(ctx, l, c.Answer, by); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "số đến %d/%d: đã giải quyết; văn bản trả lời %s\n", l.Number, l.Year, dash(c.Answer))
		return nil
	})
}
