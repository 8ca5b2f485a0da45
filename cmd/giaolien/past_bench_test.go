package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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

// BenchmarkReplay makes stored outcomes again; one operation is 5,000 of them.
func BenchmarkReplay(b *testing.B) {
	for name, server := range map[string]string{"sqlite": "", "postgres": os.Getenv("GIAOLIEN_TEST_POSTGRES")} {
		if name == "postgres" && server == "" {
			continue
		}
		p := newPast(b, server)
		p.run("drain")
		p.multiply(5_000)
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, _, sum := p.replay(); sum.Same < 5_000 || sum.Same != sum.Outcomes {
					b.Fatalf("%+v", sum)
				}
			}
		})
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
		origin := p.text("SELECT origin FROM receipts WHERE id = $1", id)
		content := "substr(t.content, 1, 56) || " + number
		p.copyRows("messages", id, "t.content = (SELECT content FROM receipts WHERE id = $1)", each, map[string]string{"content": content})
		p.copyRows("receipts", id, "t.id = $1", each, map[string]string{"id": receipt, "content": content, "origin": "t.origin || '-' || n.i"})
		p.copyRows("deliveries", id, "t.origin = (SELECT origin FROM receipts WHERE id = $1)", each, map[string]string{"receipt": receipt, "origin": "t.origin || '-' || n.i"})
		named := func(column string) string { // under its own number, and by its own delivery
			text := "replace(CAST(t." + column + " AS text), '" + id + "', " + receipt + ")"
			text = "replace(" + text + ", '\"origin\":\"" + origin + "\"', '\"origin\":\"" + origin + "-' || n.i || '\"')"
			if p.postgres {
				return "CAST(" + text + " AS json)"
			}
			return text
		}
		p.copyRows("outcomes", id, "t.receipt = $1", each, map[string]string{"receipt": receipt, "inputs": named("inputs"), "outcome": named("outcome")})
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
