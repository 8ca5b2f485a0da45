package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// activated is the knowledge that decisions are made with now: what the daemon, or the last drain, has activated. A command of a person
// uses it rather than the files, which somebody may be editing; where nothing was activated yet, the files are.
func (a *app) activated(ctx context.Context) (*bridge.Knowledge, error) {
	v, known, err := a.store.LastActivation(ctx)
	if err != nil {
		return nil, err
	}
	if !known {
		return a.know.active(), a.know.save(ctx, a.store)
	}
	if v, err = a.withActiveRules(ctx, v); err != nil {
		return nil, err
	}
	return a.knowledgeOf(ctx, v)
}

// withActiveRules is what was activated last with the rules that are in force: whoever brought them there may have been broken off before noting
// that decisions are made with them.
func (a *app) withActiveRules(ctx context.Context, v bridge.Versions) (bridge.Versions, error) {
	active, known, err := a.store.RulesIn(ctx, store.RulesActive)
	if err != nil || !known || active.Rules == v.Rules {
		return v, err
	}
	body, err := a.store.Version(ctx, active.Rules)
	if err != nil {
		return v, err
	}
	rules, _, err := policy.ReadRules("rules "+short(active.Rules), body)
	if err != nil {
		return v, fmt.Errorf("read stored rules: %w", err)
	}
	if err := (&rulesOffice{a.config, a.store}).record(ctx, rules, ""); err != nil {
		return v, err
	}
	v, _, err = a.store.LastActivation(ctx)
	return v, err
}

// knowledgeOf makes the knowledge of stored versions again.
func (a *app) knowledgeOf(ctx context.Context, v bridge.Versions) (*bridge.Knowledge, error) {
	bodies := map[string][]byte{v.Rules: nil, v.Directory: nil, v.Settings: nil}
	for sum := range bodies {
		body, err := a.store.Version(ctx, sum)
		if err != nil {
			return nil, err
		}
		bodies[sum] = body
	}
	rules, _, err := policy.ReadRules("rules "+short(v.Rules), bodies[v.Rules])
	if err != nil {
		return nil, fmt.Errorf("read stored rules: %w", err)
	}
	dir, _, err := directory.Read("directory "+short(v.Directory), bodies[v.Directory])
	if err != nil {
		return nil, fmt.Errorf("read stored directory: %w", err)
	}
	var s bridge.Settings
	if err := json.Unmarshal(bodies[v.Settings], &s); err != nil {
		return nil, fmt.Errorf("read stored settings %s: %w", short(v.Settings), err)
	}
	k, err := bridge.NewKnowledge(rules, dir, s)
	kept := sha256.Sum256(bodies[v.Settings])
	switch {
	case err != nil || k.Hash() == v.Knowledge:
		return k, err
	case rules.Version() != v.Rules || dir.Version() != v.Directory || hex.EncodeToString(kept[:]) != v.Settings:
		return nil, fmt.Errorf("stored knowledge %s comes out as %s: what it was made of is not what it was", short(v.Knowledge), short(k.Hash()))
	}
	return a.renewed(ctx, k)
}

// renewed is knowledge that another build of the program activated, whose settings this one writes otherwise: rules and directory as they
// are, the settings of the configuration. What decides is on record first.
func (a *app) renewed(ctx context.Context, was *bridge.Knowledge) (*bridge.Knowledge, error) {
	s := a.know.active().Settings
	s.Reading = was.Settings.Reading // whether tools read is the daemon's matter
	k, err := bridge.NewKnowledge(was.Rules, was.Directory, s)
	if err != nil {
		return nil, err
	}
	if err := a.store.PutVersion(ctx, store.SettingsVersion, k.SettingsVersion(), k.SettingsBody()); err != nil {
		return nil, err
	}
	return k, a.store.ActivateKnowledge(ctx, "", k.Versions())
}

// settleOne decides one receipt, so that the person who asked sees what becomes of it; outcomes is how many it had before. Whoever has it in
// work already, a daemon most likely, is waited for.
func (a *app) settleOne(ctx context.Context, receipt string, outcomes int) error {
	k, err := a.activated(ctx)
	if err != nil {
		return err
	}
	w, err := a.worker(ctx)
	if err != nil {
		return err
	}
	w.Patience = 0 // somebody waits for what becomes of it
	w.Knowledge = func() *bridge.Knowledge { return k }
	deadline := time.NewTimer(settlePatience)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		task, mine, err := a.store.ClaimTask(ctx, a.owner, receipt, time.Minute)
		if err != nil {
			return err
		}
		if mine {
			if err := w.Settle(ctx, []bridge.Task{task}); err != nil {
				return err
			}
		}
		e, err := a.store.Explain(ctx, receipt)
		if err != nil || len(e.Outcomes) > outcomes {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return fmt.Errorf("what was said about %s is on record, and it is not decided yet: another process has it in work, or it cannot be read now; giaolien explain %s shows what becomes of it", receipt, receipt)
		case <-tick.C:
		}
	}
}

// settlePatience is how long a person waits for another process to decide.
const settlePatience = 15 * time.Second
