package store_test

import (
	"reflect"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
)

// The documents of a receipt are as its last outcome had them, once a person has spoken or one has its number; and Own are those with a number.
func testSettledDocuments(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	mail := func(t bridge.Task, one, two bridge.State) bridge.Settlement {
		s := settled(t, one, "1/UBND")
		s.Outcome.Records[0].Files = append(s.Outcome.Records[0].Files, mapping.File{Digest: sum("annex")})
		s.Outcome.Records = append(s.Outcome.Records, settled(t, two, "2/UBND").Outcome.Records[0])
		s.Outcome.State = two
		s.Outcome.Evidence.Readings = []bridge.Reading{{SHA256: sum("annex"), Reader: "r 1"}}
		return s
	}
	documents := [][]string{{sum("1/UBND"), sum("annex")}, {sum("2/UBND")}}
	own := func(want ...bridge.Standing) {
		b.Helper()
		h := b.history(bridge.Lookup{Receipt: id, Receiver: agency})
		if h.Own == nil || !reflect.DeepEqual(h.Own, append([]bridge.Standing{}, want...)) {
			b.Fatalf("own are %+v, want %+v", h.Own, want)
		}
	}
	if task.Receipt.Documents != nil {
		b.Fatalf("before the first outcome: %v", task.Receipt.Documents)
	}
	own()
	b.commit(wanting(mail(task, bridge.Held, bridge.Held), sum("annex")))
	own()
	read := b.readOne()
	b.must(b.ReadingDone(b.ctx(), read.Job, id))
	if task = b.claimOne(); task.Receipt.Documents != nil || read.Receipt.Documents != nil { // nobody has said anything
		b.Fatalf("settled too soon: %v", task.Receipt.Documents)
	}
	b.commit(wanting(mail(task, bridge.Held, bridge.Held), sum("annex")))
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"2.trich_yeu": "x"}, By: "lan"}))
	if read = b.readOne(); !reflect.DeepEqual(read.Receipt.Documents, documents) {
		b.Fatalf("for the reader: %v", read.Receipt.Documents)
	}
	task = b.claimOne()
	if !reflect.DeepEqual(task.Receipt.Documents, documents) {
		b.Fatalf("a person spoke: %v", task.Receipt.Documents)
	}
	stale := mail(task, bridge.Registered, bridge.Held)
	stale.Receipt.Documents = nil
	b.wants(b.commitErr(stale), bridge.ErrStale)
	b.commit(mail(task, bridge.Registered, bridge.Held))
	own(bridge.Standing{Record: id + "/1", Receipt: id, SoDen: "1/2026", Files: documents[0], State: bridge.Registered})
	heard := func(want, said int) {
		b.Helper()
		if h := b.history(bridge.Lookup{Receipt: id, Receiver: agency}); h.Heard != want || len(h.Amendments) != said {
			b.Fatalf("%d of %d words are heard, want %d of %d", h.Heard, len(h.Amendments), want, said)
		}
	}
	heard(1, 1)
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"trich_yeu": "y"}, By: "lan"}))
	heard(1, 2)
	e := b.explain(id)
	if !reflect.DeepEqual(e.Receipt.Documents, documents) || e.Outcomes[0].Documents != nil || !reflect.DeepEqual(e.Outcomes[2].Documents, documents) {
		b.Fatalf("explained: %v, %v, %v", e.Receipt.Documents, e.Outcomes[0].Documents, e.Outcomes[2].Documents)
	}
	b.must(b.ReadingDone(b.ctx(), read.Job, id))
	task = b.claimOne()
	b.commit(mail(task, bridge.Registered, bridge.Registered))
	if h := b.history(bridge.Lookup{Receipt: id, Receiver: agency}); len(h.Own) != 2 || h.Own[1].SoDen != "2/2026" {
		b.Fatalf("own are %+v", h.Own)
	}

	plain := b.tasks(1)[0] // registered, and nobody has said a word
	b.commit(wanting(settled(plain, bridge.Registered, "3/UBND"), sum("3/UBND")))
	b.wantCount("SELECT count(*) FROM outcomes WHERE CAST(inputs AS text) LIKE '%\"readings\":null%' OR CAST(outcome AS text) LIKE '%\"wanted\":null%'", 0)
	b.must(b.ReadingDone(b.ctx(), b.readOne().Job, plain.Receipt.ID))
	if plain = b.claimOne(); !reflect.DeepEqual(plain.Receipt.Documents, [][]string{{sum("3/UBND")}}) {
		b.Fatalf("with a number: %v", plain.Receipt.Documents)
	}
	nothing := b.tasks(1)[0] // without a record there is nothing to hold on to
	s := settled(nothing, bridge.Ignored, "")
	s.Outcome.Records = nil
	b.commit(s)
	b.must(b.Amend(b.ctx(), nothing.Receipt.ID, bridge.Amendment{Kind: bridge.Exception, By: "lan"}))
	if nothing = b.claimOne(); nothing.Receipt.Documents != nil {
		b.Fatalf("of an outcome without records: %v", nothing.Receipt.Documents)
	}
}

// What a header block was taken for says nothing about the documents of the whole message.
func testHeadersSettleNothing(b *bench) {
	id := b.put(b.headed(7, 4, "a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.NotSecret, By: "hoa"}))
	if task := b.claimOne(); task.Receipt.Documents != nil {
		b.Fatalf("of a header: %v", task.Receipt.Documents)
	}
	b.put(b.arrival(4, "whole"))
	b.clock.pass(time.Minute)
	if task := b.claimOne(); task.Receipt.HeadersOnly || task.Receipt.Documents != nil {
		b.Fatalf("of the message after its header: %+v", task.Receipt)
	}
}
