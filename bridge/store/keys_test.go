package store_test

import (
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser/vanban"
)

// A record stands under its number and under its code; either taken by another makes a settlement stale.
func testSeveralKeys(b *bench) {
	tasks := b.tasks(4)
	coded := func(t bridge.Task, number, code string) bridge.Settlement {
		s := settled(t, bridge.Registered, number)
		s.Outcome.Records[0].CodeKey = code
		return s
	}
	b.commit(coded(tasks[0], "1/UBND", "edxml|H50|a"))
	b.wantCount("SELECT count(*) FROM record_keys", 2)
	for _, s := range []bridge.Settlement{coded(tasks[1], "2/UBND", "edxml|H50|a"), coded(tasks[1], "1/UBND", "edxml|H50|b")} {
		b.wants(b.commitErr(s), bridge.ErrStale)
	}
	b.wantCount("SELECT last FROM books", 1)
	h := b.history(bridge.Lookup{Receipt: tasks[1].Receipt.ID, Receiver: agency, Keys: []string{"edxml|H50|a", "key:1/UBND", "edxml|H50|b"}})
	if len(h.Registered) != 2 || h.Registered["edxml|H50|a"].Record != h.Registered["key:1/UBND"].Record {
		b.Fatalf("registered are %+v", h.Registered)
	}
	join := settled(tasks[1], bridge.Duplicate, "2/UBND") // its number was misread: joined by its code
	join.Outcome.Records[0].CodeKey, join.Outcome.Records[0].JoinKey = "edxml|H50|a", "edxml|H50|a"
	join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.commit(join)
	wrong := settled(tasks[2], bridge.Duplicate, "2/UBND")
	wrong.Outcome.Records[0].JoinKey, wrong.Outcome.Records[0].JoinTo = "edxml|H50|b", tasks[0].Receipt.ID+"/1"
	b.wants(b.commitErr(wrong), bridge.ErrStale)
	// What was committed by a version that knew number keys only names none: it joins under its number.
	old := settled(tasks[3], bridge.Duplicate, "1/UBND")
	old.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.commit(old)
	if got := b.explain(tasks[1].Receipt.ID); got.State != bridge.Duplicate || got.Records[0].JoinedTo != tasks[0].Receipt.ID+"/1" {
		b.Fatalf("joined by code it is %+v", got.Records)
	}
}

// What stands is known with the ways that it came, and whether it says the same; its words are not handed out.
func testChannels(b *bench) {
	by := func(c bridge.Channel, uid uint32, content string) bridge.Task {
		a := b.arrival(uid, content)
		a.Channel = c
		b.put(a)
		return b.claimOne()
	}
	first := settled(by(bridge.Email, 1, "mail"), bridge.Registered, "1/UBND")
	document := vanban.Document{SoHieu: "1/UBND", Ngay: "2026-06-01", TrichYeu: "Báo cáo kết quả phòng, chống thiên tai"}
	first.Outcome.Records[0].Document = document
	b.commit(first)
	for i, c := range []bridge.Channel{bridge.System, bridge.Email, bridge.Paper} {
		join := settled(by(c, uint32(i+2), "copy "+string(c)), bridge.Duplicate, "1/UBND")
		join.Outcome.Records[0].JoinTo = first.Receipt.ID + "/1"
		b.commit(join)
	}
	ask := func(d vanban.Document) bridge.Standing {
		return b.history(bridge.Lookup{Receipt: "other", Receiver: agency, Keys: []string{"key:1/UBND"},
			Documents: map[string]vanban.Document{"key:1/UBND": d}}).Registered["key:1/UBND"]
	}
	s := ask(document)
	if !slices.Equal(s.Channels, []bridge.Channel{bridge.Email, bridge.Paper, bridge.System}) || !s.Alike || s.Agency != "dong-ha" {
		b.Fatalf("it stands as %+v", s)
	}
	if document.Ngay = "2026-06-02"; ask(document).Alike {
		b.Fatal("a document of another day is the same")
	}
}
