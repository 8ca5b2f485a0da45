package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// registerList lists lines of the register.
type registerList struct {
	registerFilter
	JSON bool `help:"Print JSON lines."`
}

func (c *registerList) Run(ctx context.Context, std streams, common *Common) error {
	now := time.Now()
	q, err := c.query(now)
	if err != nil {
		return err
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	out := bufio.NewWriter(std.out)
	show, end := listed(out, q.Today)
	if c.JSON {
		calendar, err := loadCalendar(a.config.Register)
		if err != nil {
			return err
		}
		show, end = listedJSON(out, q.Today, calendar)
	}
	if err := c.each(ctx, a, common, std, q, show); err != nil {
		return err
	}
	return errors.Join(end(), out.Flush())
}

// listedJSON prints lines for programs, one object each.
func listedJSON(out io.Writer, today string, c *register.Calendar) (show func(register.Entry) error, end func() error) {
	enc := json.NewEncoder(out)
	return func(e register.Entry) error { return enc.Encode(toEntryJSON(e, today, c)) }, func() error { return nil }
}

// shownSubject is how many characters of a trích yếu a line of the list shows; the JSON form has all.
const shownSubject = 70

// listed prints lines for people, book by book.
func listed(out io.Writer, today string) (show func(register.Entry) error, end func() error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var book register.Book
	show = func(e register.Entry) error {
		if e.Receiver != book.Receiver || e.Year != book.Year || e.Kind != book.Kind {
			book = e.Book
			if err := w.Flush(); err != nil { // each book has columns of its own
				return err
			}
			fmt.Fprintf(out, "%s %d · %s%s\n", e.Kind.Title(), e.Year, e.Receiver, closedInWords(e.Book))
			fmt.Fprintln(w, "số đến\tngày đến\ttác giả\tsố, ký hiệu\ttên loại và trích yếu\tđơn vị, người nhận\tthời hạn\tghi chú")
		}
		line := register.Line(e)
		_, err := fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Number, dash(line[0]), oneLine(line[2]), oneLine(line[3]), shorten(oneLine(line[5])), oneLine(line[6]), dueInWords(e, today), oneLine(line[9]))
		return err
	}
	return show, func() error {
		if book == (register.Book{}) {
			fmt.Fprintln(w, "không có văn bản nào")
		}
		return w.Flush()
	}
}

func closedInWords(b register.Book) string {
	if b.Closed.IsZero() {
		return ""
	}
	return " · đã khóa sổ " + vnTime(b.Closed)
}

// dueInWords says until when a document is to be handled, and whether that is over.
func dueInWords(e register.Entry, today string) string {
	due := e.Handling().Due
	if t, err := time.ParseInLocation(time.DateOnly, due, vietnam); err == nil {
		due = vnDay(t)
	}
	switch {
	case !e.Done.IsZero():
		return "đã giải quyết " + vnDay(e.Done)
	case e.OverdueOn(today):
		return due + " (quá hạn)"
	}
	return dash(due)
}

// oneLine keeps words from breaking the columns, and the terminal: what can't be seen is left out, also what turns the order of letters.
func oneLine(s string) string {
	return dash(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(s), " ")))
}

func shorten(s string) string {
	if letters := []rune(s); len(letters) > shownSubject {
		return strings.TrimSpace(string(letters[:shownSubject])) + "…"
	}
	return s
}

// entryJSON is a line for other programs (CLI.md): an instant that is not known is "", a list is never null.
type entryJSON struct {
	Receiver       string              `json:"receiver"`
	Year           int                 `json:"year"`
	Book           register.Kind       `json:"book"`
	Closed         shownTime           `json:"closed"`
	Number         int                 `json:"number"`
	State          register.State      `json:"state"`
	Record         string              `json:"record"`
	Receipt        string              `json:"receipt"`
	Arrived        shownTime           `json:"arrived"`
	ArrivalDay     string              `json:"arrival_day"` // the Vietnamese day
	Registered     shownTime           `json:"registered"`
	RegisteredLate bool                `json:"registered_late"` // after the last day on which it should have been
	Author         string              `json:"author"`
	AuthorID       string              `json:"author_id"`
	Document       vanban.Document     `json:"document"`
	Ways           []wayJSON           `json:"ways"`
	Relations      []register.Relation `json:"relations"`
	Directions     []directionJSON     `json:"directions"`
	Handler        string              `json:"handler"`
	CoHandlers     []string            `json:"co_handlers"`
	Due            string              `json:"due"`
	Overdue        bool                `json:"overdue"` // today
	AtOnce         register.Priority   `json:"at_once"` // why it goes before all others; empty: it does not
	Transferred    shownTime           `json:"transferred"`
	ReceivedBy     string              `json:"received_by"`
	Done           shownTime           `json:"done"`
	Answer         string              `json:"answer"`
	Note           string              `json:"note"`
	Files          int                 `json:"files"`
	Pages          int                 `json:"pages"`
	Overlong       []register.Excess   `json:"overlong"` // fields longer than NĐ 30/2020, Phụ lục VI allows
}

type wayJSON struct {
	register.Way
	At shownTime `json:"at"`
}

type directionJSON struct {
	register.Direction
	CoHandlers []string  `json:"co_handlers"`
	At         shownTime `json:"at"`
}

func toEntryJSON(e register.Entry, today string, c *register.Calendar) entryJSON {
	late := c.RegisteredLate(e)
	e = e.Facts()
	h := e.Handling()
	atOnce, _ := register.AtOnce(e.Document)
	out := entryJSON{Receiver: e.Receiver, Year: e.Year, Book: e.Kind, Closed: shownTime(e.Closed), Number: e.Number, State: e.State, Record: e.Record,
		Receipt: e.Receipt, Arrived: shownTime(e.Arrived), ArrivalDay: register.Day(e.Arrived), Registered: shownTime(e.Registered), RegisteredLate: late, Author: e.Author,
		AuthorID: e.AuthorID, Document: e.Document, Ways: []wayJSON{}, Relations: append([]register.Relation{}, e.Relations...),
		Directions: []directionJSON{}, Handler: h.Handler, CoHandlers: append([]string{}, h.CoHandlers...), Due: h.Due, Overdue: e.OverdueOn(today),
		AtOnce: atOnce, Transferred: shownTime(e.Transferred), ReceivedBy: e.ReceivedBy, Done: shownTime(e.Done), Answer: e.Answer, Note: e.Note,
		Files: e.Files, Pages: e.Pages, Overlong: append([]register.Excess{}, register.Overlong(e)...)}
	for _, w := range e.Ways {
		out.Ways = append(out.Ways, wayJSON{w, shownTime(w.At)})
	}
	for _, d := range e.Directions {
		out.Directions = append(out.Directions, directionJSON{d, append([]string{}, d.CoHandlers...), shownTime(d.At)})
	}
	return out
}
