package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// tasks puts n messages and claims them.
func (b *bench) tasks(n int) []bridge.Task {
	b.Helper()
	var in []bridge.Stored
	first := b.count("SELECT count(*) FROM uids")
	for i := range n {
		in = append(in, b.arrival(uint32(first+i+1), fmt.Sprint("mail ", first+i)))
	}
	b.put(in...)
	tasks := b.claim(n)
	if len(tasks) != n {
		b.Fatalf("claimed %d of %d tasks", len(tasks), n)
	}
	return tasks
}

func (b *bench) history(l bridge.Lookup) bridge.History {
	b.Helper()
	h, err := b.Histories(b.ctx(), []bridge.Lookup{l})
	b.must(err)
	return h[0]
}

func testRegistered(b *bench) {
	tasks := b.tasks(2)
	s := telling(settled(tasks[0], bridge.Registered, "12/UBND"), notice.Receipt)
	s.Outcome.Events = []audit.Event{{Type: audit.OutcomeDecided, Receipt: s.Receipt.ID, Facts: map[string]string{"rule": "qt-2014"}}}
	s.Outcome.Evidence = bridge.Evidence{Identity: "dmarc", Tool: "a-r 1"}
	b.commit(s, settled(tasks[1], bridge.Held, ""))
	e := b.explain(s.Receipt.ID)
	if e.State != bridge.Registered || e.Records[0].SoDen != "1/2026" || e.Facts != s.Outcome.Facts || b.uids()[1] != bridge.Registered || b.uids()[2] != bridge.Held {
		b.Fatalf("explained: %+v", e)
	}
	if got := b.events(s.Receipt.ID); got != "receipt.stored outcome.decided record.registered notice.queued" {
		b.Fatalf("events are %q", got)
	}
	made := e.Outcomes[0].Outcome
	if made.Evidence.Tool != "a-r 1" || made.Versions != s.Outcome.Versions || made.Decision.Rule != "qt-2014" || made.Records[0].Key != "key:12/UBND" {
		b.Fatalf("the stored outcome is %+v", made)
	}
	want := s.Receipt.ID + ".receipt|1/2026|0|2026-06-15T02:00:00Z\r\n"
	if len(e.Notices) != 1 || string(e.Notices[0].Rendered.Bytes) != want || e.Notices[0].State != "queued" {
		b.Fatalf("notices are %+v, want %q", e.Notices, want)
	}
	h := b.history(bridge.Lookup{Receipt: "other", Receiver: agency, Keys: []string{"key:12/UBND", "key:13/UBND"}})
	standing := h.Registered["key:12/UBND"]
	if len(h.Registered) != 1 || standing.SoDen != "1/2026" || standing.Receipt != s.Receipt.ID || len(standing.Files) != 1 {
		b.Fatalf("registered are %+v", h.Registered)
	}
	if h := b.history(bridge.Lookup{Receipt: "other", Receiver: "so-tttt", Keys: []string{"key:12/UBND"}}); len(h.Registered) != 0 {
		b.Fatal("a record of one receiving agency stands in the way of another's")
	}
	n, err := b.WaitingTasks(b.ctx())
	b.must(err)
	if n != 0 {
		b.Fatalf("%d tasks wait after all were settled", n)
	}
}

func testCommitAgain(b *bench) {
	s := telling(settled(b.tasks(1)[0], bridge.Registered, "1/UBND"), notice.Receipt)
	b.commit(s)
	b.wants(b.commitErr(s), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM outcomes", 1)
	b.wantCount("SELECT last FROM books", 1)
	twice := settled(b.tasks(1)[0], bridge.Held, "")
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{twice, twice})
	b.must(err)
	if errs[0] != nil || !errors.Is(errs[1], bridge.ErrFenced) {
		b.Fatalf("the same settlement twice in a batch gave %v", errs)
	}
}

func testLostCommit(b *bench) {
	tasks := b.tasks(2)
	in := []bridge.Settlement{telling(settled(tasks[0], bridge.Registered, "1/UBND"), notice.Receipt), settled(tasks[1], bridge.Held, "")}
	b.LoseNextReply()
	_, err := b.Commit(b.ctx(), draw, in)
	b.wants(err, store.ErrLostReply)
	errs, err := b.Commit(b.ctx(), draw, in)
	b.must(err)
	for _, err := range errs {
		b.wants(err, bridge.ErrFenced)
	}
	b.wantCount("SELECT count(*) FROM outcomes", 2)
	b.wantCount("SELECT count(*) FROM notices", 1)
	b.wantCount("SELECT last FROM books", 1)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'notice'", 1)
}

func testStaleKey(b *bench) {
	tasks := b.tasks(4)
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{settled(tasks[0], bridge.Registered, "1/UBND"),
		telling(settled(tasks[1], bridge.Registered, "1/UBND"), notice.Receipt), settled(tasks[2], bridge.Registered, "2/UBND")})
	b.must(err)
	if errs[0] != nil || !errors.Is(errs[1], bridge.ErrStale) || errs[2] != nil {
		b.Fatalf("got %v, want only the second to be stale", errs)
	}
	b.wants(b.commitErr(settled(tasks[3], bridge.Registered, "1/UBND")), bridge.ErrStale)
	b.wantCount("SELECT last FROM books", 2)
	b.wantCount("SELECT count(*) FROM notices", 0)
	b.wantCount("SELECT count(*) FROM outcomes", 2)
	if got := b.explain(tasks[1].Receipt.ID).State; got != bridge.Waiting {
		b.Fatalf("a stale settlement left state %s", got)
	}
	again := settled(tasks[1], bridge.Duplicate, "1/UBND")
	again.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.commit(again)
	if got := b.explain(tasks[1].Receipt.ID); got.State != bridge.Duplicate || got.Records[0].JoinedTo != tasks[0].Receipt.ID+"/1" {
		b.Fatalf("decided anew it is %+v", got)
	}
}

func testStaleAmendment(b *bench) {
	task := b.tasks(1)[0]
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"so_hieu": "3/UBND"}, Reason: "đọc nhầm", By: "lan"}))
	b.wants(b.commitErr(settled(task, bridge.Held, "")), bridge.ErrStale)
	h := b.history(bridge.Lookup{Receipt: task.Receipt.ID, Receiver: agency})
	if h.Outcomes != 0 || len(h.Amendments) != 1 || h.Amendments[0].Fields["so_hieu"] != "3/UBND" || h.Amendments[0].By != "lan" {
		b.Fatalf("history is %+v", h)
	}
	task.Amendments = h.Amendments
	b.commit(settled(task, bridge.Registered, "3/UBND"))
	b.wantCount("SELECT count(*) FROM jobs", 0)
	if got := b.events(task.Receipt.ID); got != "receipt.stored amendment.made record.registered" {
		b.Fatalf("events are %q", got)
	}
}

func testJoinedRecord(b *bench) {
	tasks := b.tasks(3)
	b.commit(settled(tasks[0], bridge.Refused, "1/UBND"))
	join := settled(tasks[1], bridge.Duplicate, "1/UBND")
	join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.wants(b.commitErr(join), bridge.ErrStale) // refused, so nothing stands there
	b.must(b.Amend(b.ctx(), tasks[0].Receipt.ID, bridge.Amendment{Kind: bridge.Exception, Reason: "chấp nhận", By: "lan"}))
	b.commit(settled(b.claimOne(), bridge.Registered, "1/UBND"))
	b.commit(join)
	unknown := settled(tasks[2], bridge.Duplicate, "1/UBND")
	unknown.Outcome.Records[0].JoinTo = "GL-2026-0009999/1"
	b.wants(b.commitErr(unknown), bridge.ErrStale)
}

// Whoever is joined to a record that does not stand any more, or no more under their key, is decided again.
func testJoinedToNothing(b *bench) {
	tasks := b.tasks(4)
	first := tasks[0].Receipt.ID
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	join := func(t bridge.Task) bridge.Settlement {
		s := settled(t, bridge.Duplicate, "1/UBND")
		s.Outcome.Records[0].JoinTo = first + "/1"
		return s
	}
	b.commit(join(tasks[1]), join(tasks[2]))
	amend := func() bridge.Task {
		b.must(b.Amend(b.ctx(), first, bridge.Amendment{Kind: bridge.Amend, Reason: "đọc nhầm", By: "lan"}))
		return b.claimOne()
	}
	b.commit(settled(amend(), bridge.Registered, "1/UBND"))
	b.wantCount("SELECT count(*) FROM jobs WHERE job_key <> '"+tasks[3].Receipt.ID+"'", 0) // it stands as before
	again := amend()
	b.commit(join(tasks[3]))
	b.commit(settled(again, bridge.Registered, "2/UBND")) // another key
	revived := b.claim(9)
	if len(revived) != 3 || revived[0].Outcomes != 1 {
		b.Fatalf("%d receipts are decided again, want the three that were joined", len(revived))
	}
	b.wants(b.commitErr(join(revived[0])), bridge.ErrStale) // registered, but not under this key
	b.commit(settled(revived[0], bridge.Registered, "1/UBND"))
	if got := b.explain(revived[0].Receipt.ID).Records[0]; got.State != bridge.Registered || got.SoDen != "2/2026" || got.JoinedTo != "" {
		b.Fatalf("it stands as %+v", got)
	}
	first = revived[0].Receipt.ID
	b.commit(join(revived[1]))
	// One batch lets the record go and joins another to it.
	b.must(b.Amend(b.ctx(), first, bridge.Amendment{Kind: bridge.RefuseIt, Reason: "x", By: "lan"}))
	b.commit(settled(b.claimOne(), bridge.Refused, "1/UBND"), join(revived[2]))
	last := b.claim(9)
	if len(last) != 2 || last[0].Receipt.ID == first || last[1].Receipt.ID == first {
		b.Fatalf("after the refusal %d receipts are decided again, want the two that were joined", len(last))
	}
}

func testSecondOutcome(b *bench) {
	task := b.tasks(1)[0]
	two := telling(settled(task, bridge.Registered, "1/UBND"), notice.Receipt)
	two.Outcome.Records = append(two.Outcome.Records, two.Outcome.Records[0])
	two.Outcome.Records[1].Key = "key:2/UBND"
	b.commit(two)
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"so_hieu": "7/UBND"}, By: "lan", Reason: "sửa"}))
	next := b.claimOne()
	if next.Outcomes != 1 || len(next.Amendments) != 1 {
		b.Fatalf("the task is %+v", next)
	}
	h := b.history(bridge.Lookup{Receipt: task.Receipt.ID, Receiver: agency, Keys: []string{"key:1/UBND"}})
	if len(h.Notices) != 0 { // it waits: whatever comes next may still overrule it
		b.Fatalf("notices in history are %v", h.Notices)
	}
	b.commit(telling(settled(next, bridge.Registered, "7/UBND"), notice.Receipt))
	e := b.explain(task.Receipt.ID)
	if len(e.Outcomes) != 2 || len(e.Records) != 2 || e.Records[0].SoDen != "1/2026" || e.Records[0].Document.SoHieu != "7/UBND" ||
		e.Records[1].SoDen != "2/2026" || e.Records[1].State != bridge.Ignored || len(e.Notices) != 1 {
		b.Fatalf("after the correction: records %+v, %d outcomes, %d notices", e.Records, len(e.Outcomes), len(e.Notices))
	}
	b.wantCount("SELECT last FROM books", 2)
	b.wantCount("SELECT count(*) FROM record_keys", 1)
	b.commit(settled(b.tasks(1)[0], bridge.Registered, "1/UBND")) // the old key is free again
}

// Two daemons register 40 documents each out of one queue, in batches of many sizes, some of which meet on the same keys.
func testGapless(b *bench) {
	var in []bridge.Stored
	for i := range 80 {
		in = append(in, b.arrival(uint32(i+1), fmt.Sprint(i)))
	}
	b.put(in...)
	other := b.another()
	var both sync.WaitGroup
	for d, s := range []*store.Store{b.Store, other} {
		both.Go(func() { registerAll(b, s, 3+2*d) })
	}
	both.Wait()
	registered := b.count("SELECT count(*) FROM records WHERE state = 'registered'")
	b.wantCount("SELECT max(so_den) FROM records", registered)
	b.wantCount("SELECT count(DISTINCT so_den) FROM records", registered)
	b.wantCount("SELECT last FROM books", registered)
	b.wantCount("SELECT count(*) FROM record_keys", registered)
	b.wantCount("SELECT count(*) FROM receipts WHERE state = 'waiting'", 0)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'record.registered'", registered)
	if registered != 40 {
		b.Fatalf("%d records are registered, want one for each of 40 keys", registered)
	}
}

func registerAll(b *bench, s *store.Store, size int) {
	ctx := context.Background()
	for {
		tasks, err := s.ClaimTasks(ctx, "d", size, time.Minute)
		if err != nil {
			b.Error(err)
			return
		}
		if len(tasks) == 0 {
			return
		}
		var in []bridge.Settlement
		for _, t := range tasks {
			var n int
			if _, err := fmt.Sscanf(t.Receipt.ID, "GL-2026-%d", &n); err != nil {
				b.Error(err)
			}
			in = append(in, settled(t, bridge.Registered, fmt.Sprintf("%d/UBND", n%40)))
		}
		errs, err := s.Commit(ctx, draw, in)
		if err != nil {
			b.Error(err)
			return
		}
		for i, err := range errs {
			if errors.Is(err, bridge.ErrStale) { // as Process would on the new history
				held := settled(tasks[i], bridge.Held, "")
				if _, err := s.Commit(ctx, draw, []bridge.Settlement{held}); err != nil {
					b.Error(err)
				}
			} else if err != nil {
				b.Error(err)
			}
		}
	}
}

func testBookYear(b *bench) {
	b.clock.pass(time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC).Sub(b.clock.Now()))
	tasks := b.tasks(2)
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	b.clock.pass(time.Second)
	b.commit(settled(tasks[1], bridge.Registered, "2/UBND"))
	if got := b.explain(tasks[0].Receipt.ID).Records[0].SoDen; got != "1/2026" {
		b.Fatalf("got %s", got)
	}
	if got := b.explain(tasks[1].Receipt.ID).Records[0].SoDen; got != "1/2027" {
		b.Fatalf("got %s: the book is that of the year of registration", got)
	}
}

func testUnrenderable(b *bench) {
	tasks := b.tasks(3)
	broken := errors.New("no template")
	render := func(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
		if d.Receipt == tasks[0].Receipt.ID {
			return notice.Rendered{}, broken
		}
		return draw(d, n)
	}
	var in []bridge.Settlement
	for i, t := range tasks {
		in = append(in, telling(settled(t, bridge.Registered, fmt.Sprintf("%d/UBND", i)), notice.Receipt))
	}
	errs, err := b.Commit(b.ctx(), render, in)
	b.must(err)
	if !errors.Is(errs[0], broken) || errs[1] != nil || errs[2] != nil {
		b.Fatalf("got %v, want only the first to be broken", errs)
	}
	b.wantCount("SELECT last FROM books", 2)
	if got := b.explain(tasks[1].Receipt.ID).Records[0].SoDen; got != "1/2026" {
		b.Fatalf("the first that was written has %s", got)
	}
}

func testRefusedData(b *bench) {
	tasks := b.tasks(3)
	bad := settled(tasks[1], "no-such-state", "")
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{settled(tasks[0], bridge.Held, ""), bad, settled(tasks[2], bridge.Held, "")})
	b.must(err)
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		b.Fatalf("got %v, want only the second to be refused", errs)
	}
	b.wantCount("SELECT count(*) FROM outcomes", 2)
}

func testSecret(b *bench) {
	task := b.tasks(1)[0]
	before := settled(task, bridge.Held, "1/UBND")
	before.Outcome.Records[0].Signature = mapping.FileSignature{State: "present", Signers: []mapping.Signer{{Name: "Trần Thị Hoa"}}}
	b.commit(before)
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": "mat"}, By: "lan", Reason: "thấy dấu MẬT"}))
	s := settled(b.claimOne(), bridge.Quarantined, "")
	s.Outcome.Records[0].Record = mapping.Record{Document: vanban.Document{DoMat: vanban.Mat}}
	s.Outcome.Alarms = []bridge.Alarm{{Key: "secret:" + task.Receipt.ID, Code: "state-secret", Text: "cách ly"}}
	b.commit(s) // the facts of this outcome are not blank, but a secret has none
	e := b.explain(task.Receipt.ID)
	if !reflect.DeepEqual(e.Facts, bridge.Facts{Files: 1}) {
		b.Fatalf("facts of a secret are %+v", e.Facts)
	}
	if shown := fmt.Sprintf("%+v %+v %+v", e.Facts, e.Outcomes, e.Records); strings.Contains(shown, "Báo cáo") || strings.Contains(shown, "1/UBND") || strings.Contains(shown, "Trần Thị Hoa") || strings.Contains(shown, "bc.pdf") {
		b.Fatalf("an explained secret shows what was read: %s", shown)
	}
	alarms, err := b.OpenAlarms(b.ctx())
	b.must(err)
	if len(alarms) != 1 || alarms[0].Mailed || alarms[0].Code != "state-secret" {
		b.Fatalf("alarms are %+v", alarms)
	}
}

func testImportedNeverSends(b *bench) {
	old := b.arrival(1, "old")
	old.Imported = true
	b.put(old)
	b.commit(telling(settled(b.claimOne(), bridge.Registered, "1/UBND"), notice.Refuse))
	b.wantCount("SELECT count(*) FROM notices", 0)
	if got := b.explain("GL-2026-0000001").Outcomes[0].Outcome; got.Notice != nil || got.Silence != notice.SilentImported {
		b.Fatalf("the stored outcome still speaks: %+v", got.Notice)
	}
}
