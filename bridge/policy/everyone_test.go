package policy

import (
	"slices"
	"testing"
)

func TestRefusesEveryone(t *testing.T) {
	rules := mustRules(t, `[[rule]]
id = "het"
channels = ["email"]
receivers = ["vp"]
[rule.document]
not_types = ["HĐ"]
[[rule.phase]]
from = 2026-01-01
verdict = "warn"
[[rule.phase]]
from = 2026-05-01
verdict = "reject"

[[rule]]
id = "nhom"
channels = ["paper"]
[rule.sender]
groups = ["so"]
[[rule.phase]]
from = 2026-04-01
verdict = "reject"

[[rule]]
id = "nhac"
channels = ["paper"]
[[rule.phase]]
from = 2026-04-01
verdict = "warn"
`)
	if got := rules.RefusesEveryone(); !slices.Equal(got, []string{"het"}) {
		t.Errorf("%v", got)
	}
	if got := rules.Last(); !got.Equal(day("2026-05-01")) {
		t.Errorf("the last phase begins at %v", got)
	}
	if none := mustRules(t, "default = \"hold\"\n"); !none.Last().IsZero() || len(none.RefusesEveryone()) != 0 {
		t.Error("no rules")
	}
}

// TestReached: rules that refuse nobody alone may refuse everyone together.
func TestReached(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv") // 11 agencies of the state, an enterprise, a citizen
	rule := func(id, sender string) string {
		return "[[rule]]\nid = \"" + id + "\"\nchannels = [\"email\"]\nreceivers = [\"vp\"]\n[rule.sender]\n" + sender + "\n[[rule.phase]]\nfrom = 2030-01-01\nverdict = \"reject\"\n"
	}
	for _, c := range []struct {
		text, channel, receiver string
		refused                 int
	}{
		{rule("a", `levels = ["central", "province", "district", "commune", "unit"]`), "email", "vp", 11},
		{rule("a", `levels = ["central", "province", "district"]`) + rule("b", `levels = ["commune", "unit", "citizen"]`), "email", "vp", 11},
		{rule("a", `levels = ["province"]`), "email", "vp", 2},
		{rule("a", `in_directory = true`), "paper", "vp", 0},
		{rule("a", `in_directory = true`), "email", "so", 0},
	} {
		if refused, asked := mustRules(t, c.text).Reached(dir, c.channel, c.receiver); refused != c.refused || asked != 11 {
			t.Errorf("%s: %d of %d, want %d of 11", c.text, refused, asked, c.refused)
		}
	}
}
