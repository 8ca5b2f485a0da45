package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/report"
	"github.com/giaolien/giaolien/bridge/store"
)

// reportCommand prints figures.
type reportCommand struct {
	Monthly reportMonthly `cmd:"" help:"How each agency sent its documents in a month, and what became of them (báo cáo tháng)."`
}

// reportMonthly is the transition report of one month.
type reportMonthly struct {
	Month    string `required:"" help:"The month, YYYY-MM: from 00:00 of its first day, Vietnamese time." placeholder:"YYYY-MM"`
	Format   string `help:"xlsx, csv, html, pdf or json; default: by the ending of --output, else a table for the screen. csv has the lines of the agencies alone." enum:",xlsx,csv,html,pdf,json" default:""`
	Output   string `short:"o" help:"File; default: standard output." type:"path"`
	Force    bool   `help:"Write over a file that is there."`
	Receiver string `help:"Receiving agency; default: all of them together."`
	All      bool   `help:"Also agencies of the directory that sent nothing."`
}

// The formats.
const (
	formatText = ""
	formatXLSX = "xlsx"
	formatCSV  = "csv"
	formatHTML = "html"
	formatPDF  = "pdf"
	formatJSON = "json"
)

func (c *reportMonthly) Run(ctx context.Context, std streams, common *Common) error {
	month, err := report.ReadMonth(c.Month)
	if err != nil {
		return usageError{fmt.Errorf("--month %w", err)}
	}
	format, err := c.format(std.out)
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := mayWrite(c.Output, c.Force); err != nil {
			return err
		}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Receiver != "" && !a.hasReceiver(c.Receiver) {
		return usageError{fmt.Errorf("report: receiving agency %q is not in %s; [[agency]] id names one", c.Receiver, common.Config)}
	}
	m, err := c.monthly(ctx, a, month, time.Now())
	if err != nil {
		return err
	}
	write := monthlyWriter(format, m)
	if c.Output != "" {
		if err := writeTable(c.Output, c.Force, m.Table(), write); err != nil {
			return err
		}
		tellWritten(std, c.Output, m.Table())
		return nil
	}
	var whole bytes.Buffer // half a report is none
	if err := write(&whole, m.Table()); err != nil {
		return err
	}
	if _, err := whole.WriteTo(std.out); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// format is what is asked for, or what the name of the file says.
func (c *reportMonthly) format(out io.Writer) (string, error) {
	format := c.Format
	if format == "" && c.Output != "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Output)), ".")
		if !slices.Contains([]string{formatXLSX, formatCSV, formatHTML, formatPDF, formatJSON}, format) {
			return "", usageError{fmt.Errorf("%s does not say in which form; add --format xlsx, csv, html, pdf or json", c.Output)}
		}
	}
	if f, ok := out.(*os.File); ok && c.Output == "" && (format == formatXLSX || format == formatPDF) && term.IsTerminal(int(f.Fd())) {
		return "", usageError{fmt.Errorf("--format %s is nothing for the screen; name a file with -o", format)}
	}
	return format, nil
}

// monthly counts what is stored.
func (c *reportMonthly) monthly(ctx context.Context, a *app, month report.Month, now time.Time) (report.Monthly, error) {
	tally := report.NewTally(month, a.know.active().Directory)
	p := newProgress(a.std.err)
	n := 0
	err := a.store.EachArrival(ctx, c.Receiver, month, func(arrival report.Arrival) {
		n++
		p.show("report", n, 0)
		tally.Add(arrival)
	})
	p.done()
	if err != nil {
		return report.Monthly{}, err
	}
	if err := a.store.LastMails(ctx, c.Receiver, month, tally.LastMail); err != nil {
		return report.Monthly{}, err
	}
	w := report.Wanted{All: c.All, Made: now}
	w.Parent, w.Receiver = a.letterhead(c.Receiver)
	if w.Activations, err = a.activations(ctx); err != nil {
		return report.Monthly{}, err
	}
	if w.Title, err = a.ruleTitles(ctx, tally.Versions()); err != nil {
		return report.Monthly{}, err
	}
	return tally.Report(w), nil
}

// letterhead names the receiving agency, or all of them.
func (a *app) letterhead(receiver string) (parent, name string) {
	var names []string
	for _, agency := range a.config.Agencies {
		if receiver == "" || agency.ID == receiver {
			parent = strings.ToUpper(agency.ParentName)
			names = append(names, strings.ToUpper(agency.Name))
		}
	}
	if len(names) > 1 {
		parent = ""
	}
	return parent, strings.Join(names, " – ")
}

// activations are the versions of the rules that were ever in force, in their order.
func (a *app) activations(ctx context.Context) ([]report.Activation, error) {
	changes, err := a.store.RulesChanges(ctx)
	if err != nil {
		return nil, err
	}
	var out []report.Activation
	for _, c := range changes {
		if c.State == store.RulesActive || c.State == store.RulesReplaced {
			out = append(out, report.Activation{Title: c.Title, Version: c.Rules, At: c.ActivatedAt})
		}
	}
	slices.SortStableFunc(out, func(x, y report.Activation) int { return x.At.Compare(y.At) })
	return out, nil
}

// ruleTitles finds what rules of stored versions are called. A version that is not kept any more, or that this program cannot read, has no
// titles: then a rule is told by its id.
func (a *app) ruleTitles(ctx context.Context, versions []string) (func(version, rule string) string, error) {
	known := map[string]*policy.Rules{}
	for _, v := range versions {
		body, err := a.store.Version(ctx, v)
		if errors.Is(err, bridge.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if rules, _, err := policy.ReadRules("rules "+short(v), body); err == nil {
			known[v] = rules
		}
	}
	return func(version, rule string) string {
		if r := known[version]; r != nil {
			return r.RuleTitle(rule)
		}
		return ""
	}, nil
}

// monthlyWriter writes a report in its form.
func monthlyWriter(format string, m report.Monthly) func(io.Writer, report.Table) error {
	switch format {
	case formatXLSX:
		return report.XLSX
	case formatCSV:
		return report.CSV
	case formatHTML:
		return report.HTML
	case formatPDF:
		return report.PDF
	case formatJSON:
		return func(w io.Writer, _ report.Table) error {
			if err := json.NewEncoder(w).Encode(m); err != nil {
				return fmt.Errorf("write report: %w", err)
			}
			return nil
		}
	}
	return printTable
}

// printTable shows a table on the screen.
func printTable(out io.Writer, t report.Table) error {
	for _, line := range t.Heading {
		fmt.Fprintln(out, oneLine(line))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, c := range t.Columns {
		if i > 0 {
			fmt.Fprint(w, "\t")
		}
		fmt.Fprint(w, oneLine(c.Head))
	}
	fmt.Fprintln(w)
	for _, r := range t.Rows {
		for i, cell := range r.Cells {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, oneLine(cell))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for _, line := range t.Closing {
		if _, err := fmt.Fprintln(out, oneLine(line)); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}
