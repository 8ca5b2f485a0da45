package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
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
	return a.knowledgeOf(ctx, v)
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
	if err == nil && k.Hash() != v.Knowledge {
		err = fmt.Errorf("stored knowledge %s comes out as %s", short(v.Knowledge), short(k.Hash()))
	}
	return k, err
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
