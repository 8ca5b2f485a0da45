package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/report"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// registerCommand is the sổ văn bản đến.
type registerCommand struct {
	List   registerList   `cmd:"" help:"List lines of the register."`
	Export registerExport `cmd:"" help:"Write lines of a book as CSV or XLSX."`
	Print  registerPrint  `cmd:"" help:"Write a book as PDF: A4 landscape, with cover, repeated head and counted pages."`

	Direct  registerDirectCommand  `cmd:"" help:"Enter what a leader directs on a document (Thông tin chỉ đạo)."`
	Sign    registerSignCommand    `cmd:"" help:"Enter who signed for a document, and when it was passed on."`
	Done    registerDoneCommand    `cmd:"" help:"Enter that a document is handled, and by which answer."`
	Overdue registerOverdueCommand `cmd:"" help:"List documents whose last day has passed."`
	Close   registerCloseCommand   `cmd:"" help:"Close the book of a year that is over."`
}

// registerFilter says which lines are asked for.
type registerFilter struct {
	Receiver string `help:"Receiving agency."`
	Year     int    `help:"Year of the book."`
	Book     string `help:"den: sổ văn bản đến; mat: sổ văn bản mật đến." enum:",den,mat" default:""`
	From     int    `help:"First số đến."`
	To       int    `help:"Last số đến."`
	FromDay  string `help:"First ngày đến (2026-03-01)."`
	ToDay    string `help:"Last ngày đến (2026-03-31)."`
	Agency   string `help:"Author: id in the directory of agencies."`
	Overdue  bool   `help:"Only what should have been handled before today."`
}

// query is the question as the database is asked it.
func (f registerFilter) query(now time.Time) (register.Query, error) {
	q := register.Query{Receiver: f.Receiver, Year: f.Year, Kind: register.Kind(f.Book), From: f.From, To: f.To, FromDay: f.FromDay, ToDay: f.ToDay,
		Agency: f.Agency, Overdue: f.Overdue, Today: register.Day(now)}
	if err := q.Check(); err != nil {
		return q, usageError{fmt.Errorf("register: %w", err)}
	}
	return q, nil
}

// whole says whether the question asks for whole books.
func whole(q register.Query) bool {
	return q.From == 0 && q.To == 0 && q.FromDay == "" && q.ToDay == "" && q.Agency == "" && !q.Overdue
}

// each hands fn the lines that are asked for, without what may not be shown of them, and then says what is wrong with the numbers of whole
// books.
func (f registerFilter) each(ctx context.Context, a *app, common *Common, std streams, q register.Query, fn func(register.Entry) error) error {
	if q.Receiver != "" && !a.hasReceiver(q.Receiver) {
		return usageError{fmt.Errorf("register: receiving agency %q is not in %s; [[agency]] id names one", q.Receiver, common.Config)}
	}
	var series register.Series
	books, err := a.store.Books(ctx)
	if err != nil {
		return err
	}
	for _, b := range books {
		if (q.Receiver == "" || b.Receiver == q.Receiver) && (q.Year == 0 || b.Year == q.Year) && (q.Kind == "" || b.Kind == q.Kind) {
			series.Book(b)
		}
	}
	err = a.store.EachEntry(ctx, q, func(e register.Entry) error {
		series.Line(e)
		return fn(e.Facts())
	})
	if err == nil && whole(q) {
		tellGaps(std.err, series.Gaps())
	}
	return err
}

// registerForm says in which form lines are written.
type registerForm struct {
	registerFilter
	Output     string `short:"o" required:"" help:"File to write." type:"path"`
	Force      bool   `help:"Write over a file that is there."`
	BookNumber string `help:"Quyển số, for the cover."`
}

// The forms.
const (
	formIncoming = "iv"        // ten columns (NĐ 30/2020, Phụ lục IV)
	formFields   = "vi"        // fields for programs (Phụ lục VI)
	formFollowUp = "follow-up" // sổ theo dõi giải quyết (Phụ lục IV)
)

// table asks for the lines and lays them out. A book is of one receiving agency, year and kind: what is not said is the only agency of the
// configuration, this year, the sổ văn bản đến; a follow-up list goes over the years.
func (f registerForm) table(ctx context.Context, common *Common, std streams, form string) (t report.Table, entries []register.Entry, err error) {
	now := time.Now()
	q, err := f.query(now)
	if err != nil {
		return t, nil, err
	}
	if q.Kind == "" {
		q.Kind = register.Incoming
	}
	if q.Year == 0 && form != formFollowUp {
		q.Year = now.In(vietnam).Year()
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return t, nil, err
	}
	defer a.close()
	if q.Receiver == "" && len(a.config.Agencies) == 1 {
		q.Receiver = a.config.Agencies[0].ID
	}
	if q.Receiver == "" {
		return t, nil, usageError{fmt.Errorf("register: there are several receiving agencies, each with books of its own; name one with --receiver")}
	}
	err = f.each(ctx, a, common, std, q, func(e register.Entry) error {
		entries = append(entries, printed(e))
		return nil
	})
	if err != nil {
		return t, nil, err
	}
	cover := coverFor(a.config, q, entries)
	cover.BookNumber = f.BookNumber
	switch form {
	case formFields:
		return report.Fields(entries, now), entries, nil
	case formFollowUp:
		return report.FollowUpBook(entries, cover, q.Today, q.Overdue, now), entries, nil
	}
	return report.IncomingBook(entries, cover, now), entries, nil
}

// coverFor is the cover of the lines, also where there are none.
func coverFor(cfg config.Config, q register.Query, entries []register.Entry) register.Cover {
	c := register.CoverOf(entries)
	c.Title, c.Year = q.Kind.Title(), q.Year
	for _, a := range cfg.Agencies {
		if a.ID == q.Receiver {
			c.Agency, c.Parent = strings.ToUpper(a.Name), strings.ToUpper(a.ParentName)
		}
	}
	return c
}

// printed is a line without what no form prints of its document, the words that its fields were read from above all: they are many times as
// long as the line, and a book is laid out as a whole.
func printed(e register.Entry) register.Entry {
	d := e.Document
	e.Document = vanban.Document{SoHieu: d.SoHieu, So: d.So, KyHieu: d.KyHieu, Loai: d.Loai, LoaiTat: d.LoaiTat, Ngay: d.Ngay, TrichYeu: d.TrichYeu,
		NguoiKy: d.NguoiKy, ChucVu: d.ChucVu, DoKhan: d.DoKhan, DoMat: d.DoMat}
	return e
}

// tellGaps says of whole books whether a number is missing or stands twice: that would be our fault, and a person must know.
func tellGaps(out io.Writer, gaps []register.Gap) {
	for _, g := range gaps {
		fmt.Fprintf(out, "giaolien: register: book %s %d of %s: %s %d to %d; restore the database from a copy, or ask who changed it\n", g.Book, g.Year, g.Receiver, g.Kind, g.From, g.To)
	}
}

// registerExport writes lines for spreadsheets and programs.
type registerExport struct {
	registerForm
	Format string `required:"" enum:"csv,xlsx" help:"csv or xlsx."`
	Form   string `enum:"iv,vi,follow-up" default:"iv" help:"iv: the ten columns of the printed register; vi: the fields of NĐ 30/2020, Phụ lục VI; follow-up: sổ theo dõi giải quyết."`
}

func (c *registerExport) Run(ctx context.Context, std streams, common *Common) error {
	if err := mayWrite(c.Output, c.Force); err != nil {
		return err
	}
	t, entries, err := c.table(ctx, common, std, c.Form)
	if err != nil {
		return err
	}
	write := report.CSV
	if c.Format == "xlsx" {
		write = report.XLSX
	}
	if err := writeTable(c.Output, c.Force, t, write); err != nil {
		return err
	}
	if c.Form == formFields {
		tellOverlong(std, entries)
	}
	tellWritten(std, c.Output, t)
	return nil
}

// tellOverlong says how many lines do not fit in the annex, and where each is told.
func tellOverlong(std streams, entries []register.Entry) {
	n := 0
	for _, e := range entries {
		if len(register.Overlong(e)) > 0 {
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(std.err, "giaolien: register: %d lines have fields longer than NĐ 30/2020, Phụ lục VI allows; they are written whole and named in the last column\n", n)
	}
}

func tellWritten(std streams, file string, t report.Table) {
	fmt.Fprintf(std.out, "%s: %d dòng\n", file, len(t.Rows))
}

// registerPrint writes lines for the records office.
type registerPrint struct {
	registerForm
	Form string `enum:"iv,follow-up" default:"iv" help:"iv: sổ đăng ký văn bản đến; follow-up: sổ theo dõi giải quyết, or with --overdue the list of what is overdue."`
}

func (c *registerPrint) Run(ctx context.Context, std streams, common *Common) error {
	if err := mayWrite(c.Output, c.Force); err != nil {
		return err
	}
	t, _, err := c.table(ctx, common, std, c.Form)
	if err != nil {
		return err
	}
	if err := writeTable(c.Output, c.Force, t, report.PDF); err != nil {
		return err
	}
	tellWritten(std, c.Output, t)
	return nil
}
