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

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// simulateCommand tries a draft of the rules on the stored past. It sends nothing and writes nothing.
type simulateCommand struct {
	Rules string `required:"" help:"The draft." type:"path"`
	From  string `required:"" help:"First day or instant (2026-10-01, or RFC 3339): receipts whose counted instant lies there or after." placeholder:"D"`
	To    string `required:"" help:"First day or instant that is left out." placeholder:"D"`
	With  string `name:"directory" help:"Directory (CSV) to try instead of the one in force." type:"path"`
	At    string `help:"Let everything come at this instant, to try phases that are still to begin." placeholder:"D"`
	JSON  bool   `help:"Print JSON lines: each change, each sender, a summary."`
}

func (c *simulateCommand) Run(ctx context.Context, std streams, common *Common) error {
	var from, to, at time.Time
	for _, d := range []struct {
		name, text string
		into       *time.Time
	}{{"--from", c.From, &from}, {"--to", c.To, &to}, {"--at", c.At, &at}} {
		if d.text == "" {
			continue
		}
		var err error
		if *d.into, err = instant(d.text); err != nil {
			return usageError{fmt.Errorf("%s: %w", d.name, err)}
		}
	}
	if !from.Before(to) {
		return usageError{errors.New("--from must lie before --to, which is left out")}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	sim, err := c.simulation(ctx, a)
	if err != nil {
		return err
	}
	sim.At = at
	out := bufio.NewWriter(std.out)
	return errors.Join(c.try(ctx, a, sim, from, to, out), out.Flush())
}

// instant reads a day, which begins at midnight in Vietnam, or an instant.
func instant(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, vietnam); err == nil {
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, errors.New("write a day as 2026-10-01, or an instant as 2026-10-01T17:00:00+07:00")
	}
	return t, nil
}

// simulation reads the draft and what is in force. Where nothing was activated yet, that is what the files say.
func (c *simulateCommand) simulation(ctx context.Context, a *app) (*bridge.Simulation, error) {
	active := a.know.active()
	v, known, err := a.store.LastActivation(ctx)
	if err != nil {
		return nil, err
	}
	if known {
		var gap string
		stored := &versions{store: a.store, parsed: map[bridge.Versions]*bridge.Knowledge{}}
		if active, gap, err = stored.knowledge(ctx, v); err != nil {
			return nil, err
		}
		if gap != "" {
			return nil, fmt.Errorf("the knowledge in force cannot be had (%s); giaolien check says more", gap)
		}
	}
	rules, err := readRules(c.Rules, a.std.err)
	if err != nil {
		return nil, err
	}
	dir := active.Directory
	if c.With != "" {
		if dir, err = readDirectory(c.With, a.std.err); err != nil {
			return nil, err
		}
	}
	printWarnings(a.std.err, rules.Warnings(time.Now(), dir))
	draft, err := bridge.NewKnowledge(rules, dir, active.Settings)
	return &bridge.Simulation{Draft: draft, Active: active}, err
}

func (c *simulateCommand) try(ctx context.Context, a *app, sim *bridge.Simulation, from, to time.Time, out io.Writer) error {
	p := newProgress(a.std.err)
	changes := json.NewEncoder(out)
	err := a.store.AskedBetween(ctx, from, to, sim.Active, func(r store.AskedReceipt) error {
		p.show("simulate", sim.Receipts, 0)
		for _, change := range sim.Try(r.ID, r.State, r.Asked) {
			if !c.JSON {
				break
			}
			if err := changes.Encode(changeLine{kindChange, change}); err != nil {
				return err
			}
		}
		return nil
	})
	p.done()
	if err != nil {
		return err
	}
	if c.JSON {
		return printSimulationJSON(out, sim, from, to)
	}
	return printSimulation(out, sim, from, to)
}

type changeLine struct {
	Kind string `json:"kind"`
	bridge.SimulatedChange
}

func printSimulationJSON(out io.Writer, sim *bridge.Simulation, from, to time.Time) error {
	lines := json.NewEncoder(out)
	for _, s := range sim.Agencies() {
		if err := lines.Encode(struct {
			Kind string `json:"kind"`
			bridge.SimulatedAgency
		}{kindAgency, s}); err != nil {
			return err
		}
	}
	for _, m := range sim.Moves() {
		if err := lines.Encode(struct {
			Kind string `json:"kind"`
			bridge.SimulatedMove
		}{kindMove, m}); err != nil {
			return err
		}
	}
	return lines.Encode(struct {
		Kind     string `json:"kind"`
		From     string `json:"from"`
		To       string `json:"to"`
		Rules    string `json:"rules"`
		Active   string `json:"active"`
		Receipts int    `json:"receipts"`
		Records  int    `json:"records"`
		Joined   int    `json:"joined"`
		Ignored  int    `json:"ignored"`
		bridge.Verdicts
		Changed int `json:"changed"`
	}{kindSummary, from.In(vietnam).Format(time.RFC3339), to.In(vietnam).Format(time.RFC3339), sim.Draft.Rules.Version(), sim.Active.Rules.Version(),
		sim.Receipts, sim.Verdicts.Total(), sim.Joined, sim.Ignored, sim.Verdicts, sim.Changed})
}

// verdictInWords names verdicts in tables.
var verdictInWords = map[policy.Verdict]string{policy.Accept: "nhận", policy.Warn: "nhận, nhắc", policy.Reject: "từ chối", policy.Hold: "chờ người xử lý",
	policy.Quarantine: "cách ly"}

func printSimulation(out io.Writer, sim *bridge.Simulation, from, to time.Time) error {
	fmt.Fprintf(out, "Dự thảo %s (%s) trên các phiếu đến từ %s đến trước %s; không gửi, không ghi gì.\n\n", oneLine(sim.Draft.Rules.Title()), short(sim.Draft.Rules.Version()),
		vnTime(from), vnTime(to))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "nơi gửi\tnhận\tnhận, nhắc\ttừ chối\tchờ\tcách ly\tđổi\tví dụ")
	row := func(name string, v bridge.Verdicts, changed int, examples string) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", name, v.Accepted, v.Warned, v.Refused, v.Held, v.Quarantined, changed, examples)
	}
	for _, s := range sim.Agencies() {
		name := "(không có trong danh bạ)"
		if s.Agency != "" {
			name = s.Agency + " " + oneLine(s.Name)
		}
		row(name, s.Verdicts, s.Changed, examplesInWords(s.Examples))
	}
	row("Tổng số", sim.Verdicts, sim.Changed, "")
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d phiếu; %d chỉ có văn bản đã vào sổ trước, %d không phải văn bản gửi đến.\n", sim.Receipts, sim.Joined, sim.Ignored)
	fmt.Fprintf(out, "So với quy tắc đang áp dụng (%s): %d văn bản đổi kết luận.\n", short(sim.Active.Rules.Version()), sim.Changed)
	for _, m := range sim.Moves() {
		fmt.Fprintf(w, "  %s → %s\t%d\t%s\n", inWords(verdictInWords, m.From), inWords(verdictInWords, m.To), m.Records, strings.Join(m.Examples, ", "))
	}
	return w.Flush()
}

// examplesInWords names some receipts, those that are refused first.
func examplesInWords(e bridge.Examples) string {
	var parts []string
	for _, p := range []struct {
		verdict policy.Verdict
		list    []string
	}{{policy.Reject, e.Reject}, {policy.Hold, e.Hold}, {policy.Warn, e.Warn}} {
		if len(p.list) > 0 {
			parts = append(parts, verdictInWords[p.verdict]+": "+strings.Join(p.list, ", "))
		}
	}
	return strings.Join(parts, "; ")
}
