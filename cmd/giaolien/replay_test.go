package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// replay runs a replay and reads what it prints.
func (p *past) replay(args ...string) (code int, outcomes []replayed, sum replaySum) {
	p.t.Helper()
	code, out, errs := p.call(append([]string{"replay", "--json"}, args...)...)
	for _, line := range lines([]byte(out)) {
		var kind struct{ Kind string }
		if err := json.Unmarshal(line, &kind); err != nil {
			p.t.Fatalf("%v: %s%s", err, out, errs)
		}
		if kind.Kind == kindSummary {
			must(p.t, json.Unmarshal(line, &sum))
			continue
		}
		var r replayed
		must(p.t, json.Unmarshal(line, &r))
		outcomes = append(outcomes, r)
	}
	return code, outcomes, sum
}

// TestReplay: everything that was decided comes out the same to the letter; what cannot be made again is named apart; other rules, and a byte
// that was altered in the database, are found.
func TestReplay(t *testing.T) {
	eachPast(t, func(p *past) {
		t := p.t
		p.live()
		blanked := 0
		code, list, sum := p.replay()
		for _, r := range list {
			if r.Gap == store.GapBlanked {
				blanked++
				continue
			}
			text, _ := json.Marshal(r)
			t.Errorf("%s", text)
		}
		if code != exitDone || sum.Different != 0 || sum.Same != sum.Outcomes-blanked || sum.Same < 24 || blanked != sum.NotReplayed[store.GapBlanked] {
			t.Fatalf("exit %d, %+v", code, sum)
		}
		if p.reads() && blanked != 2 {
			t.Errorf("%d outcomes of a secret found late are blanked, want both", blanked)
		}
		p.kindsAreThere()
		p.otherRules()
		p.alteredBytes()
		p.missing()
	})
}

// kindsAreThere guards the test: every kind of input that a replay needs was used.
func (p *past) kindsAreThere() {
	p.t.Helper()
	for what, query := range map[string]string{
		"joined":               `SELECT count(*) FROM records WHERE state = 'duplicate'`,
		"amended":              `SELECT count(*) FROM receipts WHERE amendments > 0 AND outcomes > 1`,
		"imported, then live":  `SELECT count(*) FROM receipts WHERE imported AND live AND outcomes > 1`,
		"headers, then whole":  `SELECT count(*) FROM receipts WHERE header_words > 0 AND outcomes > 1`,
		"on paper":             `SELECT count(*) FROM receipts WHERE channel = 'paper' AND state = 'registered'`,
		"joined on paper":      `SELECT count(*) FROM receipts WHERE channel = 'paper' AND state = 'duplicate'`,
		"secret on paper":      `SELECT count(*) FROM receipts WHERE channel = 'paper' AND state = 'quarantined'`,
		"over the axis":        `SELECT count(*) FROM receipts WHERE channel = 'system' AND outcomes > 0`,
		"reported":             `SELECT count(*) FROM outcomes WHERE reason = 'status'`,
		"several versions":     `SELECT count(DISTINCT settings) - 1 FROM outcomes`,
		"cleared secret":       `SELECT count(*) FROM amendments WHERE kind = 'not-secret'`,
		"quarantined or clear": `SELECT count(*) FROM outcomes WHERE state = 'quarantined'`,
	} {
		if p.text("SELECT CAST(("+query+") AS text)") == "0" {
			p.t.Errorf("nothing was %s", what)
		}
	}
	if p.reads() && p.text(`SELECT CAST(count(*) AS text) FROM outcomes WHERE CAST(inputs AS text) LIKE '%"readings":[{%'`) == "0" {
		p.t.Error("nothing was read")
	}
}

// otherRules: with another version of the rules each outcome says what is different in it.
func (p *past) otherRules() {
	t := p.t
	file := p.softer()
	code, list, sum := p.replay("--rules", file)
	if code != exitFailed || sum.Different != sum.Outcomes-sum.NotReplayed[store.GapBlanked] {
		t.Errorf("exit %d, %+v", code, sum)
	}
	softer := 0
	for _, r := range list {
		if r.Gap != "" {
			continue
		}
		if !slices.ContainsFunc(r.Differences, func(d bridge.Difference) bool { return d.Path == "versions.rules" }) {
			t.Errorf("%s/%d does not name the version: %+v", r.Receipt, r.Outcome, r.Differences)
		}
		for _, d := range r.Differences {
			if d.Path == "decision.verdict" && string(d.Stored) == `"reject"` && string(d.Now) == `"warn"` {
				softer++
			}
		}
	}
	if refused := p.text(`SELECT CAST(count(*) AS text) FROM outcomes WHERE verdict = 'reject' AND reason <> 'clerk-refused'`); fmt.Sprint(softer) != refused {
		t.Errorf("%d refusals became warnings, want %s", softer, refused)
	}
}

// alteredBytes: one stored byte is changed at a time, and each time the outcome is named.
func (p *past) alteredBytes() {
	t := p.t
	r := rand.New(rand.NewPCG(6, 6))
	rows, err := p.db.Query(`SELECT receipt, seq, CAST(outcome AS text) FROM outcomes WHERE CAST(inputs AS text) NOT LIKE '%"erased":true%' ORDER BY receipt, seq`)
	must(t, err)
	defer rows.Close()
	type stored struct {
		receipt, text string
		seq           int
	}
	var all []stored
	for rows.Next() {
		var s stored
		must(t, rows.Scan(&s.receipt, &s.seq, &s.text))
		all = append(all, s)
	}
	must(t, rows.Err())
	must(t, rows.Close())
	letters := regexp.MustCompile(`[a-z0-9]`)
	around := map[string]string{}
	for _, s := range all {
		places := letters.FindAllStringIndex(s.text, -1)
		for {
			at := places[r.IntN(len(places))][0]
			altered := []byte(s.text)
			altered[at] = "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)]
			if string(altered) == s.text || !json.Valid(altered) {
				continue
			}
			p.exec(`UPDATE outcomes SET outcome = $1 WHERE receipt = $2 AND seq = $3`, string(altered), s.receipt, s.seq)
			around[fmt.Sprint(s.receipt, s.seq)] = fmt.Sprintf("byte %d, %q", at, altered[max(0, at-20):min(len(altered), at+20)])
			break
		}
	}
	code, list, sum := p.replay()
	if code != exitFailed || sum.Different != len(all) {
		t.Errorf("altered %d outcomes: exit %d, %+v", len(all), code, sum)
	}
	for _, r := range list {
		if len(r.Differences) > 0 {
			delete(around, fmt.Sprint(r.Receipt, r.Outcome))
		}
	}
	for outcome, where := range around {
		t.Errorf("%s was altered, and is not named: %s", outcome, where)
	}
	for _, s := range all {
		p.exec(`UPDATE outcomes SET outcome = $1 WHERE receipt = $2 AND seq = $3`, s.text, s.receipt, s.seq)
	}
	if code, _, sum := p.replay(); code != exitDone {
		t.Errorf("put back: %+v", sum)
	}
}

// missing: what is not there any more is told, and is no difference.
func (p *past) missing() {
	t := p.t
	third := `GL-` + time.Now().In(vietnam).Format("2006") + `-0000003`
	for column, value := range map[string]string{"verdict": "accept", "knowledge": strings.Repeat("0", 64)} {
		was := p.text("SELECT "+column+" FROM outcomes WHERE receipt = $1 AND seq = 1", third)
		p.exec("UPDATE outcomes SET "+column+" = $1 WHERE receipt = $2 AND seq = 1", value, third)
		code, list, _ := p.replay(third)
		if code != exitFailed || len(list) == 0 || len(list[0].Differences) != 1 || !strings.HasPrefix(list[0].Differences[0].Path, "column ") || !strings.HasSuffix(list[0].Differences[0].Path, column) {
			t.Errorf("an altered column %s: exit %d, %+v", column, code, list)
		}
		p.exec("UPDATE outcomes SET "+column+" = $1 WHERE receipt = $2 AND seq = 1", was, third)
	}
	p.damaged()
	must(t, os.Rename(filepath.Join(p.stage.Dir, "data", "archive"), filepath.Join(p.stage.Dir, "data", "away")))
	if code, _, sum := p.replay(); code != exitFailed || sum.Same != 0 || sum.Different != 0 || sum.NotReplayed[gapRaw] == 0 {
		t.Errorf("without raw mail: exit %d, %+v", code, sum)
	}
	p.exec(`DELETE FROM versions WHERE kind = 'settings'`)
	if code, _, sum := p.replay(); code != exitFailed || sum.Same != 0 || sum.Different != 0 || sum.NotReplayed[gapVersion] == 0 {
		t.Errorf("without versions: exit %d, %+v", code, sum)
	}
}

// damaged: raw bytes that are not what they were are named with their receipts, and the others come out as before.
func (p *past) damaged() {
	t := p.t
	segments, err := filepath.Glob(filepath.Join(p.stage.Dir, "data", "archive", "seg-*"))
	must(t, err)
	for _, name := range segments {
		text, err := os.ReadFile(name)
		must(t, err)
		if len(text) < 1000 {
			continue
		}
		spoiled := slices.Clone(text)
		spoiled[len(spoiled)/2] ^= 0xff
		must(t, os.WriteFile(name, spoiled, 0o600))
		code, list, sum := p.replay()
		if code != exitFailed || sum.NotReplayed[gapRaw] == 0 || sum.Same == 0 || sum.Different != 0 || !slices.ContainsFunc(list, func(r replayed) bool { return r.Gap == gapRaw && r.Receipt != "" }) {
			t.Errorf("one byte of %s is another: exit %d, %+v", filepath.Base(name), code, sum)
		}
		must(t, os.WriteFile(name, text, 0o600))
		return
	}
	t.Errorf("no segment to spoil among %v", segments)
}
