package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// rulesCommand is how a rules file comes into force: as a version, by a person and for a reason. The file itself decides nothing.
type rulesCommand struct {
	Check    rulesCheck    `cmd:"" help:"Read a rules file, try it on the mail of the last month, and change nothing."`
	Activate rulesActivate `cmd:"" help:"Bring a rules file into force as a version; with [rules] approvals = 2, propose it."`
	Confirm  rulesConfirm  `cmd:"" help:"Bring the proposed version into force, as the second person."`
	List     rulesList     `cmd:"" help:"List the versions: who brought them into force, when and why."`
	Show     rulesShow     `cmd:"" help:"Print the text of a version."`
}

// rulesOffice is what the rules commands work with.
type rulesOffice struct {
	config config.Config
	store  *store.Store
}

func openRulesOffice(ctx context.Context, common *Common) (*rulesOffice, error) {
	cfg, err := readConfig(common.Config)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &rulesOffice{cfg, s}, nil
}

type rulesCheck struct {
	File string `arg:"" optional:"" help:"Rules file; default: the one that the configuration names." type:"path"`
}

func (c *rulesCheck) Run(ctx context.Context, std streams, common *Common) error {
	o, err := openRulesOffice(ctx, common)
	if err != nil {
		return err
	}
	defer o.store.Close()
	d, err := o.read(ctx, c.File, std.err)
	if err != nil {
		return err
	}
	state := "chưa được kích hoạt"
	if d.active == d.rules.Version() {
		state = "đang áp dụng"
	}
	fmt.Fprintf(std.out, "%s %s: %s; %s\n", short(d.rules.Version()), d.rules.Title(), state, d.words())
	if question := d.question(); question != "" && d.active != d.rules.Version() {
		fmt.Fprintf(std.err, "warning: %s; activate will ask for --yes\n", question)
	}
	return nil
}

type rulesActivate struct {
	who
	File string `arg:"" optional:"" help:"Rules file; default: the one that the configuration names." type:"path"`
	Yes  bool   `help:"Go on although much mail would have been refused."`
}

func (c *rulesActivate) Run(ctx context.Context, std streams, common *Common) error {
	by, err := c.person()
	if err != nil {
		return err
	}
	o, err := openRulesOffice(ctx, common)
	if err != nil {
		return err
	}
	defer o.store.Close()
	d, err := o.read(ctx, c.File, std.err)
	if err != nil {
		return fmt.Errorf("%w\nnothing was changed", err)
	}
	version := short(d.rules.Version())
	if d.active == d.rules.Version() {
		fmt.Fprintf(std.out, "%s đang áp dụng; không có gì thay đổi\n", version)
		return nil
	}
	if question := d.question(); question != "" && !c.Yes {
		return fmt.Errorf("not activated: %s; if that is meant, say --yes", question)
	}
	second := o.config.Rules.Approvals == 2
	change := store.RulesChange{Rules: d.rules.Version(), Title: d.rules.Title(), By: by, Reason: c.Reason, Looked: d.trial.Looked, Refused: d.trial.Refused}
	if err := o.store.ChangeRules(ctx, change, d.body, d.active, second); err != nil {
		return err
	}
	if second {
		fmt.Fprintf(std.out, "%s %s: đã đề xuất, %s; người thứ hai xác nhận bằng: giaolien rules confirm %s\n", version, d.rules.Title(), d.words(), version)
		return nil
	}
	if err := o.record(ctx, d.rules, by); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s %s: đã kích hoạt, %s\n", version, d.rules.Title(), d.words())
	return nil
}

// record notes that decisions are made with these rules from now on, so that the commands of people use them at once; a daemon takes them
// over by itself. Directory and settings stay as they were. Before the first start there is nothing to note.
func (o *rulesOffice) record(ctx context.Context, rules *policy.Rules, by string) error {
	v, known, err := o.store.LastActivation(ctx)
	if err != nil || !known {
		return err
	}
	body, err := o.store.Version(ctx, v.Directory)
	if err != nil {
		return err
	}
	dir, _, err := directory.Read("directory "+short(v.Directory), body)
	if err != nil {
		return fmt.Errorf("read stored directory: %w", err)
	}
	if body, err = o.store.Version(ctx, v.Settings); err != nil {
		return err
	}
	var s bridge.Settings
	if err := json.Unmarshal(body, &s); err != nil {
		return fmt.Errorf("read stored settings: %w", err)
	}
	k, err := bridge.NewKnowledge(rules, dir, s)
	if err != nil {
		return err
	}
	if err := o.store.PutVersion(ctx, store.SettingsVersion, k.SettingsVersion(), k.SettingsBody()); err != nil {
		return err
	}
	return o.store.ActivateKnowledge(ctx, by, k.Versions())
}

type rulesConfirm struct {
	Version string `arg:"" help:"The proposed version, as rules activate or list names it."`
	By      string `help:"Who confirms; default: the name of the login."`
	Yes     bool   `help:"Go on although much mail would have been refused."`
}

func (c *rulesConfirm) Run(ctx context.Context, std streams, common *Common) error {
	by, err := person(c.By)
	if err != nil {
		return err
	}
	o, err := openRulesOffice(ctx, common)
	if err != nil {
		return err
	}
	defer o.store.Close()
	p, known, err := o.store.RulesIn(ctx, store.RulesProposed)
	if err != nil {
		return err
	}
	if !known || !strings.HasPrefix(p.Rules, c.Version) || len(c.Version) < 8 {
		return fmt.Errorf("%s is not proposed; giaolien rules list shows what is", c.Version)
	}
	body, err := o.store.Version(ctx, p.Rules)
	if err != nil {
		return err
	}
	d, err := o.draft(ctx, "rules "+short(p.Rules), body, std.err) // much may have come since it was proposed
	if err != nil {
		return fmt.Errorf("%w\nnothing was changed", err)
	}
	if question := d.question(); question != "" && !c.Yes {
		return fmt.Errorf("not confirmed: %s; if that is meant, say --yes", question)
	}
	err = o.store.ConfirmRules(ctx, p.Rules, by)
	switch {
	case errors.Is(err, store.ErrSamePerson):
		return fmt.Errorf("%s was proposed by %s: another person confirms it (--by)", short(p.Rules), p.By)
	case errors.Is(err, bridge.ErrNotFound):
		return fmt.Errorf("%s is not proposed any more; giaolien rules list shows what is", short(p.Rules))
	case err != nil:
		return err
	}
	if err := o.record(ctx, d.rules, by); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s %s: đã kích hoạt; đề xuất: %s, xác nhận: %s; %s\n", short(p.Rules), p.Title, p.By, by, d.words())
	return nil
}

type rulesList struct {
	JSON bool `help:"Print as JSON lines."`
}

var rulesStates = map[store.RulesState]string{store.RulesActive: "đang áp dụng", store.RulesProposed: "chờ xác nhận", store.RulesReplaced: "đã thay thế",
	store.RulesWithdrawn: "đã rút"}

func (c *rulesList) Run(ctx context.Context, std streams, common *Common) error {
	o, err := openRulesOffice(ctx, common)
	if err != nil {
		return err
	}
	defer o.store.Close()
	list, err := o.store.RulesChanges(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		for _, v := range list {
			if err := enc.Encode(v); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, v := range list {
		since := v.ActivatedAt
		if since.IsZero() {
			since = v.At
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", short(v.Rules), rulesStates[v.State], vnTime(since), dash(v.By), dash(v.ConfirmedBy), dash(v.Title), v.Reason)
	}
	return w.Flush()
}

type rulesShow struct {
	Version string `arg:"" optional:"" help:"A version, as rules list names it; default: the one in force."`
}

func (c *rulesShow) Run(ctx context.Context, std streams, common *Common) error {
	o, err := openRulesOffice(ctx, common)
	if err != nil {
		return err
	}
	defer o.store.Close()
	list, err := o.store.RulesChanges(ctx)
	if err != nil {
		return err
	}
	named := ""
	for _, v := range list {
		switch meant := c.Version == "" && v.State == store.RulesActive || c.Version != "" && strings.HasPrefix(v.Rules, c.Version); {
		case meant && named != "" && named != v.Rules:
			return fmt.Errorf("%s is the beginning of several versions; giaolien rules list names them", c.Version)
		case meant:
			named = v.Rules
		}
	}
	if named == "" {
		return errors.New("there is no such version; giaolien rules list names them")
	}
	body, err := o.store.Version(ctx, named)
	if err != nil {
		return err
	}
	_, err = std.out.Write(body)
	return err
}
