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
