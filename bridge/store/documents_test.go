package store_test

import (
	"strings"

	"github.com/giaolien/giaolien/bridge"
)

// Of a mail with three documents one is joined to a record that stands, one gets its number at once and keeps it, and one when a person has
// completed it.
func testTwoDocuments(b *bench) {
	tasks := b.tasks(2)
	stood, task := tasks[0].Receipt.ID, tasks[1]
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	mail := func(t bridge.Task, last bridge.State) bridge.Settlement {
		s := settled(t, bridge.Registered, "2/UBND")
		joined := settled(t, bridge.Duplicate, "1/UBND").Outcome.Records[0]
		joined.JoinTo = stood + "/1"
		s.Outcome.Records = append(s.Outcome.Records, joined, settled(t, last, "3/UBND").Outcome.Records[0])
		s.Outcome.State = last
		return s
	}
	b.commit(mail(task, bridge.Held))
	numbers := func() string {
		var list []string
		for i, r := range b.explain(task.Receipt.ID).Records {
			if r.ID != bridge.RecordID(task.Receipt.ID, i) {
				b.Errorf("record %d is %s", i+1, r.ID)
			}
			list = append(list, r.Document.SoHieu+" "+string(r.State)+" "+r.SoDen+r.JoinedTo)
		}
		return strings.Join(list, "; ")
	}
	if got, want := numbers(), "2/UBND registered 2/2026; 1/UBND duplicate "+stood+"/1; 3/UBND held "; got != want {
		b.Fatalf("%q, want %q", got, want)
	}
	h := b.history(bridge.Lookup{Receipt: task.Receipt.ID, Receiver: agency, Keys: []string{"key:2/UBND", "key:3/UBND"}})
	if s := h.Registered["key:2/UBND"]; s.Record != task.Receipt.ID+"/1" || s.Receipt != task.Receipt.ID || len(h.Registered) != 1 {
		b.Fatalf("standing: %+v", h.Registered)
	}
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"3.trich_yeu": "x"}, By: "lan", Reason: "bổ sung"}))
	b.commit(mail(b.claimOne(), bridge.Registered))
	if got, want := numbers(), "2/UBND registered 2/2026; 1/UBND duplicate "+stood+"/1; 3/UBND registered 3/2026"; got != want {
		b.Fatalf("%q, want %q", got, want)
	}
	if n := strings.Count(b.events(task.Receipt.ID), "record.registered"); n != 2 {
		b.Errorf("%d registrations in the log, want one of each document", n)
	}
	b.wantCount("SELECT last FROM books", 3)
	b.wantCount("SELECT count(*) FROM record_keys", 3)
}
