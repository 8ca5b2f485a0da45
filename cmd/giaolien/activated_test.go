package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// After an upgrade the settings that the program before activated come out otherwise. What a person says is decided all the same, under rules
// and directory as they are, and under settings that are on record.
func TestPeopleAfterAnUpgrade(t *testing.T) {
	p := newPast(t, "")
	p.run("drain")
	a, err := openApp(t.Context(), p.common, streams{out: io.Discard, err: io.Discard})
	must(t, err)
	defer a.close()
	v, known, err := a.store.LastActivation(t.Context())
	if err != nil || !known {
		t.Fatal(known, err)
	}
	body, err := a.store.Version(t.Context(), v.Settings)
	must(t, err)
	before := bytes.Replace(body, []byte(`"reading":false,`), nil, 1)
	if len(before) >= len(body) {
		t.Fatalf("the settings lack what an earlier program would not know: %s", body)
	}
	sum := sha256.Sum256(before)
	old := bridge.Versions{Program: v.Program, Rules: v.Rules, Directory: v.Directory, Settings: hex.EncodeToString(sum[:])}
	all := sha256.Sum256([]byte(old.Rules + "\n" + old.Directory + "\n" + old.Settings + "\n"))
	old.Knowledge = hex.EncodeToString(all[:])
	must(t, a.store.PutVersion(t.Context(), store.SettingsVersion, old.Settings, before))
	must(t, a.store.ActivateKnowledge(t.Context(), "", old))
	p.say("held", "incomplete", "nguyen.van.an", "refuse")
	now, _, err := a.store.LastActivation(t.Context())
	must(t, err)
	if now.Rules != v.Rules || now.Directory != v.Directory || now.Settings == old.Settings {
		t.Errorf("activated %+v after %+v", now, old)
	}
	if n := p.text(`SELECT count(*) FROM outcomes o JOIN versions v ON v.sha256 = o.settings WHERE o.settings = $1`, now.Settings); n == "0" {
		t.Error("no outcome was made with what is on record")
	}
}

// Who brought rules into force may be broken off before noting that decisions are made with them: what a person says next is decided by them all
// the same, and that is on record.
func TestPeopleAfterABrokenActivation(t *testing.T) {
	p := newPast(t, "")
	p.run("drain")
	a, err := openApp(t.Context(), p.common, streams{out: io.Discard, err: io.Discard})
	must(t, err)
	defer a.close()
	body, err := os.ReadFile(p.softer())
	must(t, err)
	rules, _, err := policy.ReadRules("softer", body)
	must(t, err)
	before, _, err := a.store.LastActivation(t.Context())
	must(t, err)
	must(t, a.store.ChangeRules(t.Context(), store.RulesChange{Rules: rules.Version(), Title: rules.Title(), By: "lan", Reason: "thử"}, body, before.Rules, false))
	p.say("held", "incomplete", "nguyen.van.an", "refuse")
	if used := p.text(`SELECT rules FROM outcomes WHERE seq = 2`); used != rules.Version() {
		t.Errorf("decided by %s, in force is %s", short(used), short(rules.Version()))
	}
	if now, _, err := a.store.LastActivation(t.Context()); err != nil || now.Rules != rules.Version() || now.Directory != before.Directory || now.Settings != before.Settings {
		t.Errorf("on record is %+v after %+v, %v", now, before, err)
	}
}
