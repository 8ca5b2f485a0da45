package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// replayCommand decides again what was decided, and compares.
type replayCommand struct {
	JSON      bool     `help:"Print JSON lines: each outcome that is not the same, and a summary."`
	After     string   `help:"Begin behind this receipt, e.g. where an earlier run was ended." placeholder:"RECEIPT"`
	Rules     string   `help:"Decide by this rules file instead of the stored versions, to see what it changes." type:"path"`
	Directory string   `help:"Use this directory (CSV) instead of the stored versions." type:"path"`
	Receipts  []string `arg:"" optional:"" name:"receipt" help:"Receipts; none: all."`
}

func (c *replayCommand) Run(ctx context.Context, std streams, common *Common) error {
	if c.After != "" && len(c.Receipts) > 0 {
		return usageError{errors.New("--after is for a run over all receipts; leave it out, or the receipts")}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	r := &replay{app: a, versions: &versions{store: a.store, parsed: map[bridge.Versions]*bridge.Knowledge{}}, tell: newReplayTeller(std.out, c.JSON)}
	if err := c.other(r.versions); err != nil {
		return err
	}
	if err := c.all(ctx, r); err != nil {
		return err
	}
	if err := r.tell.end(); err != nil {
		return err
	}
	return r.tell.sum.verdict()
}

// other takes the files that stand in for stored versions.
func (c *replayCommand) other(v *versions) (err error) {
	if c.Rules != "" {
		if v.rules, err = os.ReadFile(c.Rules); err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
	}
	if c.Directory != "" {
		if v.directory, err = os.ReadFile(c.Directory); err != nil {
			return fmt.Errorf("read directory: %w", err)
		}
	}
	return nil
}

// replayPage is how many receipts are asked for at a time.
const replayPage = 500

func (c *replayCommand) all(ctx context.Context, r *replay) error {
	for _, id := range c.Receipts {
		if err := r.receipt(ctx, id); err != nil {
			return err
		}
	}
	if len(c.Receipts) > 0 {
		return nil
	}
	p := newProgress(r.app.std.err)
	defer p.done()
	for after := c.After; ; {
		ids, err := r.app.store.ReceiptIDs(ctx, after, replayPage)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := r.receipt(ctx, id); err != nil {
				return fmt.Errorf("%w (giaolien replay --after %s goes on from here)", err, after)
			}
			after = id
			p.show("replay", r.tell.sum.Outcomes, 0)
		}
		if len(ids) < replayPage {
			return nil
		}
	}
}

// What can be missing for a replay, beside what the store tells. Codes are stable.
const (
	gapRaw        = "raw"                // the archive has not the bytes any more, or they are damaged
	gapVersion    = "version"            // rules, directory or settings that it was made with are not kept
	gapUnreadable = "version-unreadable" // … or this program cannot read them
	gapWithheld   = "withheld"           // it comes out otherwise, and words of its files were taken away since
)

// replay is one run.
type replay struct {
	app      *app
	versions *versions
	tell     *replayTeller
}

func (r *replay) receipt(ctx context.Context, id string) error {
	outcomes, err := r.app.store.Replayables(ctx, id)
	if err != nil {
		return err
	}
	if len(outcomes) == 0 {
		r.tell.sum.Undecided++
	}
	for _, o := range outcomes {
		result, err := r.outcome(ctx, o)
		if err != nil {
			return err
		}
		if err := r.tell.outcome(result); err != nil {
			return err
		}
	}
	return nil
}

// outcome makes one outcome again.
func (r *replay) outcome(ctx context.Context, o store.Replayable) (replayed, error) {
	out := replayed{Kind: kindOutcome, Receipt: o.Receipt.ID, Outcome: o.Seq, Program: o.Versions.Program, Running: version, Differences: []bridge.Difference{}}
	if o.Gap != "" {
		return out.gone(o.Gap), nil
	}
	k, gap, err := r.versions.knowledge(ctx, o.Versions)
	if err != nil || gap != "" {
		return out.gone(gap), err
	}
	raw, err := r.app.archive.Open(ctx, o.Receipt.Raw, o.Receipt.Location)
	if errors.Is(err, bridge.ErrDamaged) {
		return out.gone(gapRaw), nil
	}
	if err != nil {
		return out, err
	}
	defer raw.Close()
	now, err := bridge.Replay(o.Receipt, raw, o.Evidence, o.History, k)
	if errors.Is(err, bridge.ErrBreaks) {
		return out.differs([]bridge.Difference{{Path: "$", Now: []byte(`"the program breaks on it"`)}}), nil
	}
	if err != nil {
		return out, err
	}
	if k.SettingsVersion() != o.Versions.Settings { // they were read from that text, and this program writes it with other fields
		now.Versions.Settings = o.Versions.Settings
		if r.versions.rules == nil && r.versions.directory == nil {
			now.Versions.Knowledge = o.Versions.Knowledge
		}
	}
	found, err := compareOutcome(o, now)
	if err != nil {
		return out, err
	}
	if len(found) > 0 && o.Withheld {
		return out.gone(gapWithheld), nil
	}
	if o.State == bridge.Quarantined || now.State == bridge.Quarantined || o.Columns["state"] == string(bridge.Quarantined) {
		for i := range found { // what one side reads of a secret is shown to nobody
			found[i].Stored, found[i].Now = nil, nil
		}
	}
	return out.differs(found), nil
}

// compareOutcome finds where an outcome is not what is stored, in its own text and in the columns beside it.
func compareOutcome(o store.Replayable, now bridge.Outcome) ([]bridge.Difference, error) {
	text, err := store.OutcomeText(now)
	if err != nil {
		return nil, err
	}
	found, err := bridge.Differences(o.Text, text, o.Versions.Program != version)
	if err != nil { // the stored text is no JSON: that is a difference, and the largest
		return []bridge.Difference{{Path: "$"}}, nil
	}
	beside := map[string]string{"state": string(now.State), "reason": now.Reason, "decision.verdict": string(now.Decision.Verdict), "decision.rule": now.Decision.Rule,
		"versions.program": now.Versions.Program, "versions.knowledge": now.Versions.Knowledge, "versions.rules": now.Versions.Rules,
		"versions.directory": now.Versions.Directory, "versions.settings": now.Versions.Settings}
	for _, d := range found { // it is told already
		delete(beside, d.Path)
	}
	columns, err := columnDifferences(o.Columns, beside)
	return append(found, columns...), err
}
