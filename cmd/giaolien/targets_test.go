package main

import (
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/outbox"
)

// TestRuleOf: what the store is told of a target is what the target itself says.
func TestRuleOf(t *testing.T) {
	for kind, target := range map[config.TargetKind]bridge.Target{config.TargetFolder: &outbox.Folder{}, config.TargetWebhook: &outbox.Webhook{}} {
		w, can := target.(bridge.Withdrawer)
		if want := can && w.Withdraws(); ruleOf(config.Target{Kind: kind}).Withdraws != want {
			t.Errorf("the rule of a %s says %v", kind, !want)
		}
	}
}
