package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/outbox"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// exportCommand writes records as other systems read them.
type exportCommand struct {
	Edxml exportEdxml `cmd:"" name:"edxml" help:"One registered record as an edXML package, as a target would get it."`
}

type exportEdxml struct {
	Receipt string `arg:"" help:"Receipt, e.g. GL-2026-0000123."`
	Record  int    `help:"Which document of a mail with several." default:"1"`
	Output  string `short:"o" help:"File; default: standard output." type:"path"`
}

func (c *exportEdxml) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	d, err := a.store.Deliverable(ctx, c.Receipt, c.Record)
	if err != nil {
		return exportError(c.Receipt, err)
	}
	p, err := bridge.NewPackage(d, organOf(a.config)(d.Payload.Receiver), nil)
	if ferr := printFindings(std.err, p.Findings); ferr != nil {
		return errors.Join(err, ferr)
	}
	if err != nil {
		return exportError(c.Receipt, err)
	}
	return exportError(c.Receipt, a.export(ctx, std.out, c.Output, d, p))
}

// export builds the package apart before any of it is shown: half a package is none.
func (a *app) export(ctx context.Context, out io.Writer, file string, d bridge.Dispatch, p bridge.Package) (err error) {
	if err := os.MkdirAll(a.spool(), 0o700); err != nil {
		return fmt.Errorf("make spool folder: %w", err)
	}
	spool, err := os.CreateTemp(a.spool(), "export-*")
	if err != nil {
		return fmt.Errorf("make spool file: %w", err)
	}
	unnamed := os.Remove(spool.Name()) == nil // a command that is killed leaves no document behind, where an open file can lose its name
	defer func() {
		err = errors.Join(err, spool.Close())
		if !unnamed {
			err = errors.Join(err, os.Remove(spool.Name()))
		}
	}()
	files := outbox.NewFiles(a.archive, a.config.Limits.Parser(), a.spool(), d)
	defer files.Close()
	if err := p.Write(ctx, spool, files); err != nil {
		return err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if file == "" {
		_, err = io.Copy(out, spool)
		return err
	}
	to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return fmt.Errorf("write package: %w", err)
	}
	_, err = io.Copy(to, spool)
	return errors.Join(err, to.Sync(), to.Close())
}

// exportError says in one line what keeps a record from being written.
func exportError(receipt string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, edxml.ErrSecret) {
		return fmt.Errorf("export %s: it bears a mark of secrecy and is never written as a package (QĐ 28/2018/QĐ-TTg, Điều 1.2)", receipt)
	}
	if t, ok := errors.AsType[*bridge.TargetError](err); ok {
		return fmt.Errorf("export %s: %s: %s", receipt, t.Code, t.Reply)
	}
	return fmt.Errorf("export %s: %w", receipt, err)
}

// printFindings lists what is wrong or remarkable about a package.
func printFindings(out io.Writer, findings []edxml.Finding) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Severity, f.Code, f.Path, f.Note)
	}
	return w.Flush()
}
