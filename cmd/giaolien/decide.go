package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// decideCommand answers submissions by a rules file. No clock is read and nothing is stored or sent.
type decideCommand struct {
	Rules     string `required:"" help:"Rules file." type:"path"`
	Directory string `help:"Directory of agencies (CSV)." type:"path"`
	JSON      bool   `help:"Print decisions as JSON lines."`
}

// maxSubmission bounds one input line, in bytes.
const maxSubmission = 1 << 20

func (c *decideCommand) Run(std streams) error {
	rules, err := readRules(c.Rules, std.err)
	if err != nil {
		return err
	}
	dir, err := readDirectory(c.Directory, std.err)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(std.out)
	err = c.decide(rules, dir, std.in, out)
	return errors.Join(err, out.Flush())
}

// decide answers line by line. Lines are independent of each other: a bad one is told in the end, and costs the others nothing.
func (c *decideCommand) decide(rules *policy.Rules, dir *directory.Directory, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, maxSubmission)
	var bad []error
	for n := 1; ; n++ {
		line, err := submissionLine(lines)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return errors.Join(bad...)
		}
		if errors.Is(err, errLongSubmission) {
			bad = append(bad, fmt.Errorf("standard input:%d: %w", n, err))
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(append(bad, fmt.Errorf("read standard input: %w", err))...)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		s, err := policy.ParseSubmission(line)
		if err != nil {
			bad = append(bad, fmt.Errorf("standard input:%d: %w", n, err))
			continue
		}
		if err := c.print(out, rules.Decide(s, dir)); err != nil {
			return err
		}
	}
}

var errLongSubmission = fmt.Errorf("line is longer than %d bytes", maxSubmission)

// submissionLine reads one line, which holds until the next is read. The last one may have no end: then the error is io.EOF. Of a line that is too
// long, all is read and nothing given.
func submissionLine(lines *bufio.Reader) ([]byte, error) {
	line, err := lines.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = lines.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLongSubmission
}

func (c *decideCommand) print(out io.Writer, d policy.Decision) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(d)
	}
	fmt.Fprintf(out, "%s: %s", d.ID, d.Verdict)
	if d.Rule != "" {
		fmt.Fprintf(out, " (%s)", d.Rule)
	}
	fmt.Fprintln(out)
	return printTrace(out, d.Trace)
}

// printTrace shows every rule that was looked at.
func printTrace(out io.Writer, trace []policy.Step) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range trace {
		mark := "-"
		if s.Matched {
			mark = "+"
		}
		fmt.Fprintf(w, "  %s %s\t%s\n", mark, s.Rule, s.Because)
	}
	return w.Flush()
}

// readRules reads a rules file; warnings go to standard error.
func readRules(file string, warn io.Writer) (*policy.Rules, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	rules, warnings, err := policy.ReadRules(file, data)
	if err != nil {
		return nil, err
	}
	printWarnings(warn, warnings)
	return rules, nil
}

// readDirectory reads agencies.csv; without a file the directory is empty.
func readDirectory(file string, warn io.Writer) (*directory.Directory, error) {
	if file == "" {
		return directory.Empty(), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read directory: %w", err)
	}
	dir, warnings, err := directory.Read(file, data)
	if err != nil {
		return nil, err
	}
	printWarnings(warn, warnings)
	return dir, nil
}

func printWarnings(w io.Writer, list []directory.Fault) {
	for _, f := range list {
		fmt.Fprintln(w, "warning:", f.Error())
	}
}
