package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
)

// simulated is a line of any kind that simulate prints.
type simulated struct {
	Kind     string          `json:"kind"`
	Receipt  string          `json:"receipt"`
	Agency   string          `json:"agency"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Rule     string          `json:"rule"`
	Receipts int             `json:"receipts"`
	Records  int             `json:"records"`
	Joined   int             `json:"joined"`
	Ignored  int             `json:"ignored"`
	Changed  int             `json:"changed"`
	Examples json.RawMessage `json:"examples"`
	bridge.Verdicts
}

// simulate runs a simulation and reads what it prints, by kind.
func (p *past) simulate(args ...string) (kinds map[string][]simulated, sum simulated, text string) {
	p.t.Helper()
	text = p.run(append([]string{"simulate", "--json"}, args...)...)
	kinds = map[string][]simulated{}
	for _, line := range lines([]byte(text)) {
		var s simulated
		must(p.t, json.Unmarshal(line, &s))
		kinds[s.Kind] = append(kinds[s.Kind], s)
	}
	return kinds, kinds[kindSummary][0], text
}

// rules writes a draft.
func (p *past) rules(change func(string) string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.stage.Dir, "rules.toml"))
	must(p.t, err)
	file, err := os.CreateTemp(p.stage.Dir, "draft-*.toml")
	must(p.t, err)
	_, err = file.WriteString(change(string(text)))
	must(p.t, err)
	must(p.t, file.Close())
	return file.Name()
}

// softer is a draft that reminds where the rules in force refuse.
func (p *past) softer() string {
	return p.rules(func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, `verdict  = "reject"`, `verdict  = "warn"`), `notice   = "reject"`, `notice   = "remind"`)
	})
}

// counts are all rows that a person or the program could have written.
func (p *past) counts() string {
	var out []string
	for _, table := range []string{"receipts", "outcomes", "records", "notices", "jobs", "events", "alarms", "amendments", "versions", "activations", "rule_changes", "dispatches"} {
		out = append(out, table+" "+p.text("SELECT CAST(count(*) AS text) FROM "+table))
	}
	return strings.Join(out, ", ")
}

// TestSimulate: the rules in force change nothing; a draft tells whom it hits, and every receipt whose verdict changes; nothing is written or
// sent; outcomes of before the questions were stored give the same.
func TestSimulate(t *testing.T) {
	eachPast(t, func(p *past) {
		t := p.t
		p.run("import", "--receiver", "ubnd", p.oldLetter())
		p.run("drain")
		before, caught := p.counts(), len(p.stage.Caught())
		same := p.rules(func(s string) string { return s })
		_, sum, _ := p.simulate("--rules", same, "--from", "2020-01-01", "--to", "2100-01-01")
		// 15 receipts of the demo and the imported one: 13 of them with a document that is not joined.
		want := simulated{Kind: kindSummary, Receipts: 16, Records: 13, Joined: 1, Ignored: 2, Verdicts: bridge.Verdicts{Accepted: 3, Warned: 5, Refused: 2, Held: 2, Quarantined: 1}}
		if sum.Receipts != want.Receipts || sum.Records != want.Records || sum.Joined != want.Joined || sum.Ignored != want.Ignored || sum.Verdicts != want.Verdicts || sum.Changed != 0 {
			t.Errorf("as in force: %+v, want %+v", sum, want)
		}
		softer := p.softer()
		kinds, sum, first := p.simulate("--rules", softer, "--from", "2020-01-01", "--to", "2100-01-01")
		if sum.Changed != 3 || sum.Refused != 0 || len(kinds[kindChange]) != 3 || len(kinds[kindMove]) == 0 {
			t.Errorf("softer: %s", first)
		}
		rejected := p.text(`SELECT CAST(count(*) AS text) FROM outcomes WHERE verdict = 'reject'`)
		n := 0
		for _, c := range kinds[kindChange] {
			if c.From == "reject" && c.To == "warn" && c.Agency == "snv" && c.Rule == "so-nganh-qua-truc" && p.text("SELECT verdict FROM outcomes WHERE receipt = $1", c.Receipt) == "reject" {
				n++
			}
		}
		if fmt.Sprint(n) != rejected {
			t.Errorf("%d of %s refusals become warnings: %s", n, rejected, first)
		}
		p.window(softer)
		if strings.Contains(first, "TCBC") || strings.Contains(first, "nhân sự") {
			t.Errorf("words of a secret: %s", first)
		}
		if now := p.counts(); now != before || len(p.stage.Caught()) != caught {
			t.Errorf("written: %s, before %s", now, before)
		}
		p.exec(p.withoutAsked())
		if _, _, again := p.simulate("--rules", softer, "--from", "2020-01-01", "--to", "2100-01-01"); again != first {
			t.Errorf("without stored questions:\n%s, want\n%s", again, first)
		}
	})
}

// window: the window is half-open and counts the counted instant; --at moves everything to one instant.
func (p *past) window(draft string) {
	t := p.t
	cut := p.stage.Cutoff.UTC().Format("2006-01-02T15:04:05Z")
	_, before, _ := p.simulate("--rules", draft, "--from", "2020-01-01", "--to", cut)
	_, after, _ := p.simulate("--rules", draft, "--from", cut, "--to", "2100-01-01")
	if before.Receipts+after.Receipts != 16 || before.Changed != 1 || after.Changed != 2 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	_, moved, text := p.simulate("--rules", p.rules(func(s string) string { return s }), "--from", "2020-01-01", "--to", "2100-01-01", "--at", "2099-01-01")
	if moved.Refused <= 2 || moved.Changed != 0 {
		t.Errorf("at an instant when all phases have begun: %s", text)
	}
	for _, args := range [][]string{{"--from", "2026-01-02", "--to", "2026-01-02"}, {"--from", "hôm nay", "--to", "2026-01-02"}} {
		if code, _, errs := p.call(append([]string{"simulate", "--rules", draft}, args...)...); code != exitUsage || errs == "" {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
}

// oldLetter is a mail for import.
func (p *past) oldLetter() string {
	file := filepath.Join(p.stage.Dir, "cu.eml")
	must(p.t, os.WriteFile(file, letter("cu", "Cong van 77/SCT-VP", "77_SCT-VP.txt", []byte("Số: 77/SCT-VP\nV/v báo cáo quý\n"), p.stage.Cutoff.AddDate(0, -1, 0)), 0o600))
	return file
}

// withoutAsked makes outcomes what earlier versions of the program stored.
func (p *past) withoutAsked() string {
	without := `replace(CAST(inputs AS text), '"asked"', '"asked_once"')`
	if p.postgres {
		without = "CAST(" + without + " AS json)"
	}
	return "UPDATE outcomes SET inputs = " + without
}
