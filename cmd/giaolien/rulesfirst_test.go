package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
)

// Of two first starts with different files one activates its rules; the other is told, and decides by what is in force when it starts again.
// What is in force then stays, whatever the files say.
func TestFirstRules(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Default()
	cfg.Data = dir
	cfg.Directory.File = writeFile(t, "agencies.csv", someAgencies)
	if err := migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), databaseURL(cfg), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	load := func(text string) *knowledgeHolder {
		t.Helper()
		own := cfg
		own.Rules.File = filepath.Join(t.TempDir(), "rules.toml")
		if err := os.WriteFile(own.Rules.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := loadKnowledge(t.Context(), own, "key", s, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one, same, other := load(someRules), load(someRules), load(otherRules)
	for _, h := range []*knowledgeHolder{one, same} {
		if err := h.save(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.save(t.Context(), s); err == nil || !strings.Contains(err.Error(), "start again") {
		t.Fatalf("another first version: %v", err)
	}
	again := load(otherRules)
	if got, want := again.active().Rules.Version(), one.active().Rules.Version(); got != want {
		t.Errorf("the second start decides by %s, in force is %s", short(got), short(want))
	}
	if err := again.save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if changed, err := again.follow(t.Context(), io.Discard); changed || err != nil {
		t.Errorf("nothing was activated since: %t, %v", changed, err)
	}
	list, err := s.RulesChanges(t.Context())
	if err != nil || len(list) != 1 || list[0].State != store.RulesActive || list[0].By != "giaolien" {
		t.Errorf("versions %+v, %v", list, err)
	}
}

// The first version is not activated by itself when it refuses everyone: a person is asked, as ever.
func TestFirstRulesRefuseEveryone(t *testing.T) {
	p := newPast(t, "")
	file := filepath.Join(p.stage.Dir, "rules.toml")
	text := someRules + "[[rule]]\nid = \"het-thu\"\nchannels = [\"email\"]\n[[rule.phase]]\nfrom = 2020-01-01\nverdict = \"reject\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := p.call("drain"); code != exitFailed || !strings.Contains(errs, "rules.toml is not activated: rule het-thu refuses every sender") || len(p.stage.Caught()) > 0 {
		t.Fatalf("exit %d, %s%s", code, out, errs)
	}
	if n := p.text("SELECT CAST(count(*) AS text) FROM receipts"); n != "0" {
		t.Errorf("%s mails were taken in", n)
	}
	p.run("rules", "activate", "--reason", "hết thời gian chuẩn bị", "--by", "lan", "--yes")
	p.run("drain")
	if p.text("SELECT CAST(count(*) AS text) FROM outcomes WHERE rule = 'het-thu'") == "0" {
		t.Error("the rules that a person activated decide nothing")
	}
}
