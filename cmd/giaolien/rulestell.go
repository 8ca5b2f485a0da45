package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// tellIfNotActivated says that the rules file holds something else than what decides: nobody should think that editing it is enough.
func tellIfNotActivated(cfg config.Config, know *knowledgeHolder, warn io.Writer) {
	if text := notActivated(cfg, know.active().Rules.Version()); text != "" {
		fmt.Fprintln(warn, "warning:", text)
	}
}

// notActivated compares the rules file with the version in force; empty: they are the same, or there is no file to compare.
func notActivated(cfg config.Config, active string) string {
	body, err := os.ReadFile(cfg.Rules.File)
	if err != nil {
		return ""
	}
	rules, _, err := policy.ReadRules(cfg.Rules.File, body)
	switch {
	case err != nil:
		return cfg.Rules.File + " cannot be read; version " + short(active) + " stays in force: giaolien rules check tells what is wrong"
	case rules.Version() == active:
		return ""
	}
	return cfg.Rules.File + " is version " + short(rules.Version()) + " and not in force; version " + short(active) + " is: giaolien rules activate --reason … brings it into force"
}

// activation tells which version of the rules decides, whether the file says the same, and what waits for a second person.
func (c *checking) activation(ctx context.Context, cfg config.Config) {
	s, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	if err != nil {
		c.report("activated rules", err)
		return
	}
	defer s.Close()
	active, known, err := s.RulesIn(ctx, store.RulesActive)
	switch {
	case err != nil:
		c.report("activated rules", err)
		return
	case !known:
		c.note("no rules are activated yet: the first start of serve or drain activates " + cfg.Rules.File)
	default:
		if text := notActivated(cfg, active.Rules); text != "" {
			c.note(text)
		}
	}
	if p, waits, err := s.RulesIn(ctx, store.RulesProposed); err == nil && waits {
		c.note("rules " + short(p.Rules) + " were proposed by " + p.By + fmt.Sprintf(" (of %d mails of the month before they would have refused %d)", p.Looked, p.Refused) + ": giaolien rules confirm " + short(p.Rules) + " brings them into force")
	}
}
