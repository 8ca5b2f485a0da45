package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// directoryImport puts a CSV file into the configured directory. With one fault in it nothing is changed.
type directoryImport struct {
	DryRun  bool   `help:"Say what would become of each line, and change nothing."`
	Replace bool   `help:"Make the file the whole directory, instead of putting its lines into the one there is."`
	JSON    bool   `help:"Print what becomes of each line as JSON lines."`
	File    string `arg:"" help:"CSV file with the columns of agencies.csv." type:"path"`
}

func (c *directoryImport) Run(ctx context.Context, std streams, common *Common) error {
	cfg, err := readConfig(common.Config)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read agencies: %w", err)
	}
	e, err := openEdit(cfg, c.Replace)
	if err != nil {
		return err
	}
	merge := directory.Merge
	if c.Replace {
		merge = directory.Replace
	}
	plan, err := merge(e.current, c.File, data)
	if err != nil {
		return refused(std.err, err)
	}
	if err := printPlan(std, plan, c.JSON); err != nil {
		return err
	}
	return e.carryOut(ctx, std, plan, c.DryRun)
}

// refused prints all faults of a file and gives the one line that ends the command.
func refused(out io.Writer, err error) error {
	var faults directory.Faults
	if !errors.As(err, &faults) {
		return err
	}
	for _, f := range faults {
		fmt.Fprintln(out, f.Error())
	}
	return fmt.Errorf("the directory was left as it is: %d faults, see the lines above", len(faults))
}

var changeInWords = map[directory.Change]string{
	directory.Added: "thêm", directory.Changed: "sửa", directory.Closed: "đóng", directory.Unchanged: "không đổi",
}

// printPlan says what becomes of each line, and what is doubtful.
func printPlan(std streams, plan directory.Plan, asJSON bool) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	out := json.NewEncoder(std.out)
	for _, l := range plan.Lines {
		var err error
		if asJSON {
			err = out.Encode(l)
		} else {
			_, err = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", l.Line, changeInWords[l.Change], l.ID, columnsInWords(l), l.Name)
		}
		if err != nil {
			return err
		}
	}
	printWarnings(std.err, plan.Warnings)
	return w.Flush()
}

func columnsInWords(l directory.Planned) string {
	return dash(strings.Join(l.Columns, ", "))
}

// directoryEdit is the configured directory file about to be changed.
type directoryEdit struct {
	config  config.Config
	file    string // where it really lies
	before  []byte
	current *directory.Directory
}

// openEdit reads the configured file. One with faults can only be replaced: what would be put into it nobody knows.
func openEdit(cfg config.Config, replace bool) (*directoryEdit, error) {
	e := &directoryEdit{config: cfg}
	var err error
	if e.file, err = filepath.EvalSymlinks(cfg.Directory.File); err != nil {
		return nil, fmt.Errorf("find the directory: %w (giaolien init writes one)", err)
	}
	if e.before, err = os.ReadFile(e.file); err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	e.current, _, err = directory.Read(cfg.Directory.File, e.before)
	if err != nil && replace {
		e.current, err = directory.Empty(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w\nthe directory itself has faults; correct it, or give a whole one with import --replace", err)
	}
	return e, nil
}

// carryOut writes the new directory and activates it. Before anything is written it is sure that rules and directory go together and that
// the database answers.
func (e *directoryEdit) carryOut(ctx context.Context, std streams, plan directory.Plan, dry bool) error {
	l := &loaded{directory: plan.Data}
	if err := e.rules(ctx, l); err != nil {
		return err
	}
	if _, err := parseKnowledge(e.config, l, "", io.Discard); err != nil {
		return err
	}
	told := std.err // standard output belongs to what becomes of the lines
	if dry {
		fmt.Fprintf(told, "chạy thử: %s; không có gì bị thay đổi\n", countInWords(plan))
		return nil
	}
	if plan.Directory.Version() == e.current.Version() {
		fmt.Fprintln(told, "danh bạ đã như vậy; không có gì thay đổi")
		return nil
	}
	if err := checkDatabase(ctx, e.config); err != nil {
		return fmt.Errorf("nothing was changed, since the new directory could not be activated: %w", err)
	}
	backup := e.file + ".bak-" + short(directory.Version(e.before))
	if err := replaceFile(e.file, e.before, plan.Data, backup); err != nil {
		return fmt.Errorf("write directory: %w", err)
	}
	fmt.Fprintf(told, "%s: %s; bản trước ở %s\n", e.config.Directory.File, countInWords(plan), backup)
	if err := activate(ctx, e.config); err != nil {
		return fmt.Errorf("the new directory is written, but not activated; the next start of serve or drain does it: %w", err)
	}
	fmt.Fprintf(told, "danh bạ %s đã được kích hoạt; tiến trình serve đang chạy dùng bản này sau kill -HUP\n", short(plan.Directory.Version()))
	return nil
}

// countInWords says how many lines become what.
func countInWords(plan directory.Plan) string {
	count := map[directory.Change]int{}
	for _, l := range plan.Lines {
		count[l.Change]++
	}
	var parts []string
	for _, c := range []directory.Change{directory.Added, directory.Changed, directory.Closed, directory.Unchanged} {
		parts = append(parts, fmt.Sprintf("%s %d", changeInWords[c], count[c]))
	}
	if len(plan.Gone) > 0 {
		parts = append(parts, fmt.Sprintf("bỏ %d", len(plan.Gone)))
	}
	return strings.Join(parts, ", ")
}

// activate makes the files as they lie there the knowledge that decisions are made with, and notes it.
func activate(ctx context.Context, cfg config.Config) error {
	keys, err := readKeys(cfg.Notices.KeyFile)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	know, err := loadKnowledge(ctx, cfg, keys[0].ID, s, io.Discard)
	if err == nil {
		err = know.save(ctx, s)
	}
	return errors.Join(err, s.Close())
}

// rules finds the activated rules, or those of the file where nothing was activated or the database cannot tell.
func (e *directoryEdit) rules(ctx context.Context, l *loaded) error {
	h := &knowledgeHolder{config: e.config}
	if s, err := store.Open(ctx, databaseURL(e.config), store.Options{}); err == nil {
		defer s.Close()
		h.store = s
	}
	return h.findRules(ctx, l)
}
