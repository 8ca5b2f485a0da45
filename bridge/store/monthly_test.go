package store_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/report"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// june is the month of the bench's clock.
var june = report.Month{Year: 2026, Month: time.June}

// arrivals is what came in June and in May, in order.
func (b *bench) arrivals(receiver string) []report.Arrival {
	b.Helper()
	var out []report.Arrival
	b.must(b.EachArrival(b.ctx(), receiver, june, func(a report.Arrival) { out = append(out, a) }))
	return out
}

// counted gives the outcome of a settlement its counted instant.
func counted(s bridge.Settlement, at time.Time) bridge.Settlement {
	s.Outcome.Instant.At = at
	return s
}

// Every record counts once, in the month of its counted instant, by the outcome in force now, with the ways by which its document came.
func testMonth(b *bench) {
	now := b.clock.Now()
	tasks := b.tasks(8)
	warned := settled(tasks[0], bridge.Registered, "1/UBND")
	warned.Outcome.Decision.Verdict, warned.Outcome.Records[0].Decision.Verdict = policy.Warn, policy.Warn
	refused := settled(tasks[1], bridge.Refused, "2/UBND")
	refused.Outcome.Decision = policy.Decision{Verdict: policy.Reject, Rule: "r1"}
	byClerk := settled(tasks[2], bridge.Refused, "3/UBND")
	byClerk.Outcome.Reason, byClerk.Outcome.Records[0].Reason = bridge.ReasonClerkRefused, bridge.ReasonClerkRefused
	two := settled(tasks[3], bridge.Refused, "4/UBND") // the mail is told by its refused document; the other was only warned of
	two.Outcome.Decision = policy.Decision{Verdict: policy.Reject, Rule: "r1"}
	two.Outcome.Records[0].Decision = policy.Decision{Verdict: policy.Reject, Rule: "r2"}
	other := settled(tasks[3], bridge.Registered, "5/UBND").Outcome.Records[0]
	other.Decision.Verdict = policy.Warn
	two.Outcome.Records = append(two.Outcome.Records, other)
	b.commit(warned, refused, byClerk, two)

	join := settled(tasks[4], bridge.Duplicate, "1/UBND")
	join.Outcome.History.Registered = map[string]bridge.Standing{"key:1/UBND": {Record: warned.Receipt.ID + "/1"}}
	join.Outcome.Records[0].JoinTo, join.Outcome.Records[0].JoinKey = warned.Receipt.ID+"/1", "key:1/UBND"
	early := counted(settled(tasks[5], bridge.Registered, "6/UBND"), june.Before().Start())
	late := counted(settled(tasks[6], bridge.Registered, "7/UBND"), june.End())
	none := settled(tasks[7], bridge.Ignored, "")
	none.Outcome.Records = nil
	b.commit(join, early, late, none)

	type told struct {
		Fate     report.Fate
		Numbered bool
		Rule     string
		ByPerson bool
		Copies   int
	}
	var got []told
	for _, a := range b.arrivals("") {
		got = append(got, told{a.Fate, a.Numbered, a.Rule, a.ByPerson, len(a.Copies)})
		if a.Fate != report.NoDocument && (a.Agency != "dong-ha" || a.Channel != "email" || a.Fate == report.Refused && a.Rules != "r1") {
			b.Errorf("it is told as %+v", a)
		}
	}
	want := []told{{report.Reminded, true, "", false, 1}, {report.Refused, false, "r1", false, 0}, {report.Refused, false, "qt-2014", true, 0}, {report.Refused, false, "r2", false, 0},
		{report.Reminded, true, "", false, 0}, {report.Joined, false, "", false, 0}, {report.Taken, true, "", false, 0}, {report.NoDocument, false, "", false, 0}}
	if !slices.Equal(got, want) {
		b.Fatalf("came %+v, want %+v", got, want)
	}
	if c := b.arrivals("")[0].Copies[0]; c.Channel != "email" || !c.At.Equal(join.Outcome.Instant.At) {
		b.Errorf("its copy is %+v", c)
	}
	if a := b.arrivals(agency); len(a) != len(want) {
		b.Errorf("for the agency came %d", len(a))
	}
	if a := b.arrivals("so-tttt"); len(a) != 0 {
		b.Errorf("for another came %+v", a)
	}

	// What a person changes counts from then on, once.
	b.commit(b.again(refused.Receipt.ID, bridge.Registered))
	if a := b.arrivals("")[1]; a.Fate != report.Taken || !a.Numbered {
		b.Errorf("accepted after all it is %+v", a)
	}
	// Waiting receipts are told as such, and one that was not decided yet by when it was stored.
	b.put(b.arrival(90, "không đọc được"))
	if a := b.arrivals(""); a[len(a)-1].Fate != report.Unread || !a[len(a)-1].At.Equal(now) {
		b.Errorf("what is not decided is %+v", a[len(a)-1])
	}
}

// Old mail is told apart whatever became of it; a secret is a secret on every way, also one that is found late, and nothing else is told of it.
func testMonthApart(b *bench) {
	b.put(b.arrival(1, "a"), b.imported("b"), b.arrival(3, "c"))
	secret := settled(b.claimOne(), bridge.Quarantined, "")
	secret.Outcome.Reason, secret.Outcome.Facts = bridge.ReasonSecret, bridge.Facts{}
	secret.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
	b.commit(secret)
	late := settled(b.claimOne(), bridge.Registered, "2/UBND")
	b.commit(late)
	b.commit(settled(b.claimOne(), bridge.ImportedOld, "3/UBND"))
	q := b.again(late.Receipt.ID, bridge.Quarantined)
	q.Outcome.Reason, q.Outcome.Facts = bridge.ReasonSecret, bridge.Facts{}
	q.Outcome.Records[0].Record = mapping.Record{Document: vanban.Document{DoMat: vanban.Mat}}
	b.commit(q)
	fates := map[report.Fate]int{}
	for _, a := range b.arrivals("") {
		fates[a.Fate]++
	}
	if len(fates) != 2 || fates[report.Secret] != 2 || fates[report.Imported] != 1 {
		b.Fatalf("came %v", fates)
	}
	b.must(b.LastMails(b.ctx(), "", june, func(agency string, at time.Time) { b.Errorf("%s last mailed at %v", agency, at) }))

	b.put(b.arrival(40, "virus"))
	b.commit(settled(b.claimOne(), bridge.Quarantined, "")) // by a rule, for another reason than secrecy
	if a := b.arrivals(""); a[len(a)-1].Fate != report.Quarantined {
		b.Errorf("shut away is %+v", a[len(a)-1])
	}
}

// testLastMails: the last mail of each agency before the month ends, of whatever was a document; paper and what came later do not count.
func testLastMails(b *bench) {
	tasks := b.tasks(4)
	first := counted(settled(tasks[0], bridge.Registered, "1/UBND"), june.Start().AddDate(0, -4, 0))
	second := counted(settled(tasks[1], bridge.Refused, "2/UBND"), june.Start().AddDate(0, -2, 0))
	after := counted(settled(tasks[2], bridge.Registered, "3/UBND"), june.End())
	stranger := settled(tasks[3], bridge.Held, "4/UBND")
	stranger.Outcome.Records[0].Sender = directory.Match{}
	b.commit(first, second, after, stranger)
	b.put(b.sheet("5/UBND", "scan"))
	b.commit(settled(b.claimOne(), bridge.Registered, "5/UBND"))
	got := map[string]time.Time{}
	b.must(b.LastMails(b.ctx(), agency, june, func(agency string, at time.Time) { got[agency] = at }))
	if len(got) != 1 || !got["dong-ha"].Equal(second.Outcome.Instant.At) {
		b.Fatalf("last mails are %v", got)
	}
}

// testLongMonth: more than a page of receipts, each once.
func testLongMonth(b *bench) {
	n := store.MonthPage*2 + 1
	b.fillReceipts(n)
	seen := 0
	for _, a := range b.arrivals("") {
		if a.Fate == report.Waiting && a.Agency == "dong-ha" {
			seen++
		}
	}
	if seen != n {
		b.Fatalf("%d of %d came", seen, n)
	}
}

// fillReceipts makes n held receipts with a record each, counted now, without the road that leads there.
func (b *bench) fillReceipts(n int) {
	b.Helper()
	db := b.raw(b.T, b.url)
	number := "substr(CAST(100000000 + i AS text), 2)"
	at := "'" + b.clock.Now().Format("2006-01-02T15:04:05.000000Z") + "'"
	json := "CAST('{}' AS json)"
	if b.name == "sqlite" {
		json = "'{}'"
	} else {
		at = "CAST(" + at + " AS timestamptz)"
	}
	series := "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < " + fmt.Sprint(n) + ") "
	for _, insert := range []string{
		"INSERT INTO messages (content) " + series + "SELECT '" + strings.Repeat("0", 56) + "' || " + number + " FROM s",
		"INSERT INTO receipts (id, receiver, channel, content, origin, imported, state, outcomes, stored_at, settled_at, counted_at) " + series + "SELECT 'GL-2026-' || " + number + ", '" + agency +
			"', 'email', '" + strings.Repeat("0", 56) + "' || " + number + ", 'o' || i, false, 'held', 1, " + at + ", " + at + ", " + at + " FROM s",
		"INSERT INTO outcomes (receipt, seq, state, reason, verdict, rule, program, knowledge, rules, directory, settings, inputs, outcome, made_at) " + series + "SELECT 'GL-2026-' || " + number +
			", 1, 'held', '', 'hold', '', '', '', '', '', '', " + json + ", " + json + ", " + at + " FROM s",
		"INSERT INTO records (id, receipt, n, receiver, agency, state, rec_key, document, files, missing) " + series + "SELECT 'GL-2026-' || " + number + " || '/1', 'GL-2026-' || " + number + ", 1, '" + agency +
			"', 'dong-ha', 'held', '', " + json + ", " + json + ", " + json + " FROM s",
		"ANALYZE",
	} {
		_, err := db.ExecContext(b.ctx(), insert)
		b.must(err)
	}
}

// testMonthPlan: a page of a month goes over the receipts once, in their order, and everything that it asks for beside them comes by an index.
func testMonthPlan(b *bench) {
	b.fillReceipts(5000)
	body, err := os.ReadFile("queries/monthly.sql")
	b.must(err)
	texts, err := store.ParseQueries(string(body))
	b.must(err)
	explain := "EXPLAIN "
	if b.name == "sqlite" {
		explain = "EXPLAIN QUERY PLAN "
	}
	values := strings.NewReplacer(":after", "'GL-2026-00004000'", ":receiver", "''", ":from", "'2026-05-01T00:00:00.000000Z'", ":to", "'2026-07-01T00:00:00.000000Z'", ":n", "100",
		":rows", `'[{"id":"GL-2026-00000001/1"},{"id":"GL-2026-00000002/1"}]'`)
	for name, wants := range map[string][]string{
		"month-records": {"receipts", "records", "outcomes"},
		"month-copies":  {"records_joined"},
	} {
		query, err := store.Expand(b.name != "sqlite", texts[name])
		b.must(err)
		rows, err := b.raw(b.T, b.url).QueryContext(b.ctx(), explain+values.Replace(query))
		b.must(err)
		plan := planOf(b, rows)
		for _, line := range strings.Split(plan, "\n") {
			scan := strings.Contains(line, "Seq Scan on") && !strings.Contains(line, "Seq Scan on entries")                         // which is empty here
			if scan || strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "SCAN t") && !strings.Contains(line, "SCAN j") { // t: the page itself, j: the rows that are asked for
				b.Errorf("%s reads a whole table: %s\n%s", name, line, plan)
			}
		}
		for _, want := range wants {
			if b.name != "sqlite" || want == "records_joined" {
				if !strings.Contains(plan, want) {
					b.Errorf("%s does not use %s:\n%s", name, want, plan)
				}
			}
		}
	}
}
