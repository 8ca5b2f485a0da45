package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/mapping/directory"
)

// ReadRules reads a rules file (TOML; the keys stand in docs/rules.md). file is the name that faults are reported under. The slice holds
// warnings: the rules can be used as they are. The error is a directory.Faults with every fault that makes the file unusable: what cannot
// be read, or contradicts itself.
func ReadRules(file string, data []byte) (*Rules, []directory.Fault, error) {
	sum := sha256.Sum256(data)
	b := builder{reader: reader{file: file}, rules: &Rules{file: file, version: hex.EncodeToString(sum[:])}}
	if tree := b.decodeTOML(data); tree != nil {
		b.readFile(b.newTable("", "", tree))
	}
	sortFaults(b.faults)
	sortFaults(b.warnings)
	if len(b.faults) > 0 {
		return nil, b.warnings, b.faults
	}
	return b.rules, b.warnings, nil
}

func sortFaults(faults []directory.Fault) {
	slices.SortStableFunc(faults, func(x, y directory.Fault) int {
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return strings.Compare(x.Key, y.Key)
	})
}

// builder reads one file into Rules.
type builder struct {
	reader
	rules    *Rules
	lists    map[string]*list
	purposes map[string]bool
}

func (b *builder) readFile(t *table) {
	r := b.rules
	r.title = t.text("title")
	if zone := t.text("timezone"); zone != "" && zone != timezoneName {
		t.fault("timezone", "must be %q: rules are decided in Vietnamese time", timezoneName)
	}
	r.fallback = Verdict(t.oneOf("default", string(Accept), string(Accept), string(Hold)))
	b.readLists(t.named("lists"))
	b.readPurposes(t.named("purposes"))
	for _, rt := range b.atMost(maxRules, t.subs("rule")) {
		b.readRule(rt)
	}
	for _, et := range b.atMost(maxExemptions, t.subs("exemption")) {
		b.readExemption(et)
	}
	t.close(func(key string) string {
		switch {
		case key == "rules" || key == "exemptions":
			return "[[" + strings.TrimSuffix(key, "s") + "]], one for each"
		case slices.Contains(ruleKeys[:], key):
			return "a [[rule]]"
		}
		return ""
	})
	b.checkIDs()
	if len(b.faults) == 0 {
		b.rules.compile()
		b.checkReach()
		b.checkGaps(t)
		b.checkPauses()
		b.checkBaseLists()
	}
}

// Bounds of one file: every rule is compared with every other one, and every decision explains all of them.
const (
	maxRules      = 10_000
	maxExemptions = 50_000
)

// atMost refuses a file that has more of something, and leaves the rest unread.
func (b *builder) atMost(n int, tables []*table) []*table {
	if len(tables) <= n {
		return tables
	}
	b.fault(tables[n].line, tables[n].name, "is one too many: a file has at most %d", n)
	return tables[:n]
}

// checkIDs refuses two rules of one id: decisions name their rule by it.
func (b *builder) checkIDs() {
	first := map[string]int{}
	for i := range b.rules.rules {
		r := &b.rules.rules[i]
		if r.id == "" {
			continue
		}
		if line, ok := first[r.id]; ok {
			b.fault(b.lineIn(r.line, i, "id"), "rule.id", "%q is already the id of the rule in line %d; give each rule its own", r.id, line)
			continue
		}
		first[r.id] = b.lineIn(r.line, i, "id")
	}
}
