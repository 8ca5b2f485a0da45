package store_test

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Who is joined to a record that turns out to be a secret is decided again; a first outcome that finds the mark leaves what people wrote nowhere.
func testLateSecretOthers(b *bench) {
	tasks := b.tasks(3)
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	join := settled(tasks[1], bridge.Duplicate, "1/UBND")
	join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.commit(join)
	b.must(b.FailTask(b.ctx(), tasks[2], "stale", true))
	b.must(b.Amend(b.ctx(), tasks[2].Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"trich_yeu": "Sao Băng"}, By: "lan", Reason: "Sao Băng"}))
	b.clock.pass(time.Minute)
	b.commit(b.decided(b.claimOne(), bridge.Quarantined))
	if left := b.quoting(); len(left) != 0 {
		b.Fatalf("left are %s", strings.Join(left, "; "))
	}
	b.commit(b.again(tasks[0].Receipt.ID, bridge.Quarantined))
	got := b.claimOne()
	if got.Receipt.ID != tasks[1].Receipt.ID || len(got.Amendments) != 1 || got.Amendments[0].Fields["do_mat"] != "mat" || got.Amendments[0].By != audit.Program {
		b.Fatalf("decided again is %s with %+v", got.Receipt.ID, got.Amendments)
	}
	b.commit(b.decided(got, bridge.Quarantined))
	b.wantCount("SELECT count(*) FROM amendments WHERE receipt = '"+tasks[0].Receipt.ID+"'", 1) // it knows already
}

// A mark that only a later copy bears is one of the document: the copy that stands and the others follow, whatever their bytes.
func testMarkOfACopy(b *bench) {
	tasks := b.tasks(3)
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	for _, t := range tasks[1:] {
		join := settled(t, bridge.Duplicate, "1/UBND")
		join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
		b.commit(join)
	}
	late := b.again(tasks[1].Receipt.ID, bridge.Quarantined)
	b.commit(quarantining(late))
	first := b.claimOne()
	if first.Receipt.ID != tasks[0].Receipt.ID || first.Amendments[0].Fields["do_mat"] != "mat" {
		b.Fatalf("next is %s with %+v", first.Receipt.ID, first.Amendments)
	}
	b.commit(quarantining(b.decided(first, bridge.Quarantined)))
	last := b.claimOne()
	if last.Receipt.ID != tasks[2].Receipt.ID || last.Amendments[0].Fields["do_mat"] != "mat" {
		b.Fatalf("next is %s with %+v", last.Receipt.ID, last.Amendments)
	}
	b.commit(quarantining(b.decided(last, bridge.Quarantined)))
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
	b.wantCount("SELECT count(*) FROM amendments", 3)
}

// What was decided before its document turned out to be a secret does not quote it afterwards.
func testTiedToASecret(b *bench) {
	tasks := b.tasks(3)
	b.commitQuoting(tellingAll(settled(tasks[0], bridge.Registered, ""), notice.Receipt))
	record := tasks[0].Receipt.ID + "/1"
	report := reporting(tasks[1], record, edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 0)
	report.Outcome.Statuses[0].Words = "đã vào sổ Kế hoạch Sao Băng"
	report.Outcome.History.Answered = [][]bridge.Answered{{{Record: record, Number: "77/KH-SAOBANG", Subject: "Kế hoạch Sao Băng"}}}
	recall := relating(settled(tasks[2], bridge.Registered, "9/UBND"), mapping.Recalls, "77/KH-SAOBANG", record)
	b.must(b.Amend(b.ctx(), tasks[0].Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": "mat"}, By: "lan"}))
	b.commitQuoting(quarantining(settled(b.claimOne(), bridge.Quarantined, "")))
	b.wants(b.commitErr(report), bridge.ErrStale)
	b.wants(b.commitErr(recall), bridge.ErrStale)
	if list := b.quoting(); len(list) > 0 {
		b.Errorf("words are left: %v", list)
	}
}
