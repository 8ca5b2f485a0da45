package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// BenchmarkSimulate tries a draft on 100,000 stored receipts; one operation is all of them.
func BenchmarkSimulate(b *testing.B) {
	for name, server := range map[string]string{"sqlite": "", "postgres": os.Getenv("GIAOLIEN_TEST_POSTGRES")} {
		if name == "postgres" && server == "" {
			continue
		}
		p := newPast(b, server)
		p.run("drain")
		p.multiply(100_000)
		draft := p.rules(func(s string) string { return s })
		large := p.rules(manyRules)
		for _, c := range []struct{ name, rules, agencies string }{{"as in force", draft, ""}, {"200 rules, 20000 agencies", large, p.manyAgencies()}} {
			b.Run(name+", "+c.name, func(b *testing.B) {
				args := []string{"--rules", c.rules, "--from", "2020-01-01", "--to", "2100-01-01"}
				if c.agencies != "" {
					args = append(args, "--directory", c.agencies)
				}
				for range b.N {
					if _, sum, _ := p.simulate(args...); sum.Receipts < 100_000 {
						b.Fatalf("%+v", sum)
					}
				}
			})
		}
	}
}

// manyRules puts 199 rules before those of the demo.
func manyRules(text string) string {
	var rules strings.Builder
	for i := range 199 {
		fmt.Fprintf(&rules, "[[rule]]\nid = \"r%d\"\ntitle = \"Quy tắc %d\"\nlegal = \"Công văn %d/UBND-VP\"\nchannels = [\"email\"]\n[rule.sender]\ngroups = [\"nhom-%d\"]\n"+
			"[rule.document]\ntypes = [\"BC\"]\n[[rule.phase]]\nfrom = 2020-01-01\nverdict = \"reject\"\n", i, i, i, i)
	}
	head, tail, _ := strings.Cut(text, "[[rule]]")
	return head + rules.String() + "[[rule]]" + tail
}

// manyAgencies are those of the demo and 20,000 more.
func (p *past) manyAgencies() string {
	text, err := os.ReadFile(filepath.Join(p.stage.Dir, "agencies.csv"))
	must(p.t, err)
	head := strings.Split(strings.SplitN(string(text), "\n", 2)[0], ",")
	var b strings.Builder
	b.Write(text)
	for i := range 20_000 {
		cells := make([]string, len(head))
		for name, value := range map[string]string{"id": fmt.Sprint("a", i), "name": fmt.Sprint("Cơ quan ", i), "level": "province", "groups": fmt.Sprint("nhom-", i%199),
			"domains": fmt.Sprintf("a%d.example.org", i)} {
			cells[slices.Index(head, name)] = value
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	file := filepath.Join(p.stage.Dir, "many.csv")
	must(p.t, os.WriteFile(file, []byte(b.String()), 0o600))
	return file
}

// multiply copies the decided receipts until there are n more.
func (p *past) multiply(n int) {
	p.t.Helper()
	rows, err := p.db.Query("SELECT id FROM receipts WHERE outcomes > 0 ORDER BY id")
	must(p.t, err)
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		must(p.t, rows.Scan(&id))
		ids = append(ids, id)
	}
	must(p.t, rows.Err())
	must(p.t, rows.Close())
	each := (n + len(ids) - 1) / len(ids)
	for j, id := range ids {
		number := fmt.Sprintf("substr(CAST(%d + n.i AS text), 2)", 100_000_000+j*each)
		receipt := "'GL-2025-' || " + number
		content := "substr(t.content, 1, 56) || " + number
		p.copyRows("messages", id, "t.content = (SELECT content FROM receipts WHERE id = $1)", each, map[string]string{"content": content})
		p.copyRows("receipts", id, "t.id = $1", each, map[string]string{"id": receipt, "content": content, "origin": "t.origin || '-' || n.i"})
		p.copyRows("deliveries", id, "t.origin = (SELECT origin FROM receipts WHERE id = $1)", each, map[string]string{"receipt": receipt, "origin": "t.origin || '-' || n.i"})
		p.copyRows("outcomes", id, "t.receipt = $1", each, map[string]string{"receipt": receipt})
	}
}

func (p *past) copyRows(table, id, where string, each int, changed map[string]string) {
	p.t.Helper()
	rows, err := p.db.Query("SELECT * FROM " + table + " LIMIT 0")
	must(p.t, err)
	columns, err := rows.Columns()
	must(p.t, err)
	must(p.t, rows.Close())
	values := make([]string, len(columns))
	for i, c := range columns {
		if values[i] = "t." + c; changed[c] != "" {
			values[i] = changed[c]
		}
	}
	p.exec(fmt.Sprintf("INSERT INTO %s (%s) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT %s FROM %s AS t CROSS JOIN n WHERE %s",
		table, strings.Join(columns, ", "), each, strings.Join(values, ", "), table, where), id)
}
