package store_test

import (
	"os"
	"time"

	"github.com/pressly/goose/v3"
	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

func rulesChange(text, by string) store.RulesChange {
	return store.RulesChange{Rules: sum(text), Title: "Quy tắc " + text, By: by, Reason: "chỉ thị mới", Looked: 20, Refused: 3}
}

func (b *bench) rulesIn(state store.RulesState) string {
	b.Helper()
	c, known, err := b.Store.RulesIn(b.ctx(), state)
	b.must(err)
	if known != (c.Rules != "") || known && c.State != state {
		b.Fatalf("%s rules: %v, %+v", state, known, c)
	}
	return c.Rules
}

func (b *bench) wantStates(want ...store.RulesState) []store.RulesChange {
	b.Helper()
	list, err := b.Store.RulesChanges(b.ctx())
	b.must(err)
	if len(list) != len(want) {
		b.Fatalf("%d versions, want %v: %+v", len(list), want, list)
	}
	for i, c := range list {
		if c.State != want[i] {
			b.Fatalf("version %d is %s, want %v", i, c.State, want)
		}
	}
	return list
}

func testRulesOfOne(b *bench) {
	if b.rulesIn(store.RulesActive) != "" {
		b.Fatal("there are rules before any were activated")
	}
	b.wants(b.Store.ChangeRules(b.ctx(), rulesChange("a", "lan"), []byte("a"), sum("z"), false), store.ErrRulesOvertook)
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("a", "lan"), []byte("a"), "", false))
	b.clock.pass(time.Hour)
	b.wants(b.Store.ChangeRules(b.ctx(), rulesChange("b", "lan"), []byte("b"), "", false), store.ErrRulesOvertook)
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("b", "minh"), []byte("b"), sum("a"), false))
	list := b.wantStates(store.RulesActive, store.RulesReplaced)
	if c := list[0]; c.Rules != sum("b") || c.Title != "Quy tắc b" || c.By != "minh" || c.Reason != "chỉ thị mới" || c.Looked != 20 || c.Refused != 3 ||
		c.At.IsZero() || !c.ActivatedAt.Equal(c.At) || !list[1].ActivatedAt.Before(c.ActivatedAt) || c.ConfirmedBy != "" {
		b.Fatalf("kept as %+v after %+v", c, list[1])
	}
	if body, err := b.Store.Version(b.ctx(), sum("a")); err != nil || string(body) != "a" {
		b.Fatalf("the replaced text is %q, %v", body, err)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'rules.activated'", 2)
}

func testRulesOfTwo(b *bench) {
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("a", "giaolien"), []byte("a"), "", false))
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("b", "Lan"), []byte("b"), sum("a"), true))
	if b.rulesIn(store.RulesActive) != sum("a") || b.rulesIn(store.RulesProposed) != sum("b") {
		b.Fatal("a proposal decides already")
	}
	b.wants(b.Store.ConfirmRules(b.ctx(), sum("b"), "lan "), store.ErrSamePerson)
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("b", "Trần  Thị Đào"), []byte("b"), sum("a"), true))
	for _, same := range []string{"trần thị đào", "TRẦN THỊ ĐÀO", norm.NFD.String("Trần Thị Đào"), " Trần\tThị\u00a0Đào\n"} {
		b.wants(b.Store.ConfirmRules(b.ctx(), sum("b"), same), store.ErrSamePerson)
	}
	b.wants(b.Store.ConfirmRules(b.ctx(), sum("c"), "minh"), bridge.ErrNotFound)
	b.must(b.Store.ChangeRules(b.ctx(), rulesChange("c", "minh"), []byte("c"), sum("a"), true))
	b.wants(b.Store.ConfirmRules(b.ctx(), sum("b"), "lan"), bridge.ErrNotFound)
	b.must(b.Store.ConfirmRules(b.ctx(), sum("c"), "lan"))
	if b.rulesIn(store.RulesActive) != sum("c") || b.rulesIn(store.RulesProposed) != "" {
		b.Fatal("the confirmed version does not decide")
	}
	b.wants(b.Store.ConfirmRules(b.ctx(), sum("c"), "lan"), bridge.ErrNotFound)
	if c := b.wantStates(store.RulesActive, store.RulesWithdrawn, store.RulesWithdrawn, store.RulesReplaced)[0]; c.By != "minh" || c.ConfirmedBy != "lan" || c.ActivatedAt.IsZero() {
		b.Fatalf("kept as %+v", c)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'rules.proposed'", 3)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'rules.activated'", 2)
}

// What decided before versions were kept is the first active version.
func testMigrateRules(b *bench) {
	url := b.fresh(b.T)
	b.must(store.Migrate(b.ctx(), url))
	db := b.raw(b.T, url)
	name := goose.DialectPostgres
	if b.name == "sqlite" {
		name = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(name, db, os.DirFS("migrations/"+b.name))
	b.must(err)
	_, err = p.DownTo(b.ctx(), rulesMigration-1)
	b.must(err)
	for _, rules := range []string{sum("old"), sum("last")} {
		_, err = db.Exec("INSERT INTO activations (program, knowledge, rules, directory, settings, activated_by, activated_at) VALUES ('v1', 'k', '" + rules +
			"', 'd', 's', 'giaolien', '2026-06-15T02:00:00.000000Z')")
		b.must(err)
	}
	b.must(store.Migrate(b.ctx(), url))
	var rules, state string
	b.must(db.QueryRow("SELECT rules, state FROM rule_changes").Scan(&rules, &state))
	if rules != sum("last") || state != "active" {
		b.Fatalf("%s rules %s", state, rules)
	}
}

// rulesMigration is the number of the migration that made the table of rules.
const rulesMigration = 7
