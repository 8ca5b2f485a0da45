package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/report"
)

// TestMonthlyOfAWholeLife: the figures of a month are those that one gets by asking every receipt, one by one, what it came to; no form of the
// report has a word of a document.
func TestMonthlyOfAWholeLife(t *testing.T) {
	eachPast(t, func(p *past) {
		p.live()
		p.run("paper", "add", "--receiver", "ubnd", "--stamped-at", "2026-01-05T09:30", "--agency", "snv", "--so-hieu", "312/SNV-CCVC", "--trich-yeu", "Sao Băng", "--by", "hoa")
		p.run("paper", "add", "--receiver", "ubnd", "--stamped-at", "2026-03-03T10:30", "--agency", "sct", "--so-hieu", "66/SCT-VP", "--ngay", "2/3/2026", "--trich-yeu", "Sao Chổi", "--by", "hoa",
			"--joins", p.text("SELECT n.id FROM records n JOIN receipts r ON r.id = n.receipt WHERE r.channel = 'system' AND n.state = 'registered'"))
		p.exec("UPDATE receipts SET counted_at = '2026-03-15T02:00:00.000000Z' WHERE counted_at IS NOT NULL")
		p.exec("UPDATE receipts SET stored_at = '2026-03-15T02:00:00.000000Z'")

		var got report.Monthly
		must(t, json.Unmarshal([]byte(p.run("report", "monthly", "--month", "2026-03", "--format", "json")), &got))
		want := p.asked()
		if got.Total != want.Total || got.Secrets != want.Secrets || got.Imported != want.Imported || got.Unread != want.Unread || got.Shut != want.Shut {
			t.Errorf("the report says %+v, %d secrets, %d shut, %d imported, %d unread; one by one there are %+v, %d, %d, %d, %d", got.Total, got.Secrets, got.Shut, got.Imported, got.Unread,
				want.Total, want.Secrets, want.Shut, want.Imported, want.Unread)
		}
		if c := got.Total; c.Email == 0 || c.Paper == 0 || c.System == 0 || c.Refused == 0 || c.Held == 0 || c.Joined == 0 || c.SeveralWays == 0 || got.Secrets == 0 || got.Imported == 0 {
			t.Errorf("the month shows too little: %+v", got)
		}
		refused := 0
		for _, r := range got.Refusals {
			refused += r.Refusals
		}
		if refused != got.Total.Refused || len(got.Rules) > 1 {
			t.Errorf("grounds are %+v of %d; rules %+v", got.Refusals, got.Total.Refused, got.Rules)
		}
		for _, month := range []string{"2026-02", "2026-04"} {
			var other report.Monthly
			must(t, json.Unmarshal([]byte(p.run("report", "monthly", "--month", month, "--format", "json")), &other))
			if other.Total != (report.Counts{}) || other.Enough || (month == "2026-04") != (other.Before.Documents() > 0) {
				t.Errorf("%s has %+v, before it %+v", month, other.Total, other.Before)
			}
		}
		for _, format := range []string{"", "csv", "html", "json"} {
			out := p.run("report", "monthly", "--month", "2026-03", "--format", format)
			if strings.Contains(out, "Sao ") || strings.Contains(out, "312/SNV") || !strings.Contains(out, "Sở Nội vụ") {
				t.Errorf("%q says %s", format, out)
			}
		}
		file := filepath.Join(t.TempDir(), "thang.xlsx")
		if out := p.run("report", "monthly", "--month", "2026-03", "-o", file); !strings.Contains(out, fmt.Sprintf("%d dòng", len(got.Senders)+1)) {
			t.Errorf("told %q", out)
		}
	})
}

// asked counts all that is stored, deliberately without the queries of the report.
func (p *past) asked() (m report.Monthly) {
	t := p.t
	a, err := openApp(t.Context(), p.common, streams{out: io.Discard, err: io.Discard})
	must(t, err)
	defer a.close()
	rows, err := p.db.Query("SELECT id FROM receipts ORDER BY id")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		e, err := a.store.Explain(t.Context(), id)
		must(t, err)
		old := e.Receipt.Imported && !e.Receipt.Live
		if len(e.Records) == 0 && e.State.Open() {
			m.Unread++
		}
		for i, r := range e.Records {
			verdict := policy.Verdict("")
			if o := e.Outcomes[len(e.Outcomes)-1].Outcome; i < len(o.Records) {
				verdict = o.Records[i].Decision.Verdict
			}
			numbered := r.SoDen != ""
			switch {
			case old:
				m.Imported++
				continue
			case e.State == bridge.Quarantined:
				m.Secrets++
				continue
			case r.State == bridge.Duplicate:
				m.Total.Joined++
				continue
			case r.State == bridge.Refused:
				m.Total.Refused++
			case r.State == bridge.Held:
				m.Total.Held++
			case (r.State == bridge.Registered || r.State == bridge.Recorded && numbered) && verdict == policy.Warn:
				m.Total.Reminded++
			case r.State == bridge.Registered || r.State == bridge.Recorded && numbered:
				m.Total.Accepted++
			default:
				continue
			}
			switch e.Receipt.Channel { // all have one counted instant here: the first way is that of the record
			case bridge.Email:
				m.Total.Email++
			case bridge.Paper:
				m.Total.Paper++
			case bridge.System:
				m.Total.System++
			}
			if numbered {
				m.Total.Registered++
			}
			if slices.ContainsFunc(r.Channels, func(c bridge.Channel) bool { return c != e.Receipt.Channel }) {
				m.Total.SeveralWays++
			}
		}
	}
	must(t, rows.Err())
	return m
}
