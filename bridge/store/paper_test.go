package store_test

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// sheet is a paper at the door, stamped two days before it was entered.
func (b *bench) sheet(number, scan string) bridge.Stored {
	f := bridge.PaperForm{Receiver: agency, StampedAt: b.clock.Now().Add(-48 * time.Hour), EnteredAt: b.clock.Now(), By: "Trần Thị Hoa", Agency: "dong-ha", Number: number, Subject: "Sao Băng"}
	return bridge.Stored{Location: "seg-1@0", Arrival: f.Arrival(letter("paper "+number+scan, scan))}
}

// A paper has a receipt without mailbox and UID, dated by its stamp; the same sheet again writes nothing. It shares book, numbers and duplicate
// keys with mail, and what it is joined by shows.
func testPaper(b *bench) {
	one := b.sheet("12/UBND", "scan")
	p := b.put(one)[0]
	if again := b.put(b.sheet("12/UBND", "scanned once more"))[0]; !again.Known || again.Receipt != p.Receipt {
		b.Fatalf("the same sheet is %+v after %+v", again, p)
	}
	task := b.claimOne()
	if r := task.Receipt; r.Channel != bridge.Paper || r.Mailbox != "" || !r.InternalDate.Equal(one.InternalDate) || r.Raw != one.Raw.Raw() {
		b.Fatalf("claimed %+v", r)
	}
	s := settled(task, bridge.Registered, "12/UBND")
	s.Outcome.Instant = bridge.Instant{At: one.InternalDate, Source: bridge.InstantClerk}
	yes := true
	s.Outcome.Records[0].Paper = &mapping.Paper{Seal: "red", Pages: 2, Electronic: &yes}
	b.commit(s)
	e := b.explain(p.Receipt)
	if e.Records[0].SoDen != "1/2026" || len(e.UIDs) != 0 || len(e.Deliveries) != 1 || e.Outcomes[0].Outcome.Records[0].Paper.Pages != 2 {
		b.Fatalf("explained %+v", e)
	}

	m := b.tasks(1)[0]
	h := b.history(bridge.Lookup{Receipt: m.Receipt.ID, Receiver: agency, Keys: []string{"key:12/UBND"}})
	if st := h.Registered["key:12/UBND"]; st.Record != p.Receipt+"/1" || len(st.Channels) != 1 || st.Channels[0] != bridge.Paper {
		b.Fatalf("a mail finds %+v", st)
	}
	joined := settled(m, bridge.Duplicate, "12/UBND")
	joined.Outcome.History.Registered = h.Registered
	joined.Outcome.Records[0].JoinTo, joined.Outcome.Records[0].JoinKey = p.Receipt+"/1", "key:12/UBND"
	b.commit(joined)
	if c := b.explain(p.Receipt).Records[0].Channels; len(c) != 2 || c[0] != bridge.Paper || c[1] != bridge.Email {
		b.Errorf("it came by %v", c)
	}
}

// A paper is told of what waits for a person under its number, at the same receiving agency; a mail does not ask, and what is its own is none.
func testPaperOfWhatWaits(b *bench) {
	held := settled(b.tasks(1)[0], bridge.Held, "14/UBND")
	b.commit(held)
	b.commit(settled(b.tasks(2)[1], bridge.Registered, "15/UBND"))
	asks := bridge.Lookup{Receipt: b.put(b.sheet("14/UBND", ""))[0].Receipt, Receiver: agency, Keys: []string{"key:14/UBND", "key:15/UBND", ""}, Waiting: true}
	if h := b.history(asks); len(h.Waiting) != 1 || h.Waiting["key:14/UBND"] != held.Receipt.ID+"/1" {
		b.Fatalf("a paper finds %+v waiting", h.Waiting)
	}
	for what, change := range map[string]func(*bridge.Lookup){"who does not ask": func(l *bridge.Lookup) { l.Waiting = false }, "the mail itself": func(l *bridge.Lookup) { l.Receipt = held.Receipt.ID },
		"another agency": func(l *bridge.Lookup) { l.Receiver = "khac" }} {
		other := asks
		change(&other)
		if h := b.history(other); len(h.Waiting) != 0 {
			b.Errorf("%s finds %+v", what, h.Waiting)
		}
	}
	b.claimOne() // the paper
	b.commit(b.again(held.Receipt.ID, bridge.Refused))
	if h := b.history(asks); len(h.Waiting) != 0 {
		b.Errorf("what waits no more is %+v", h.Waiting)
	}
}

// A paper with a độ mật takes a number of the secret book and none of the other. Found late, a mark leaves no word of the paper: neither of its
// fields, nor in the key that tells it from others.
func testSecretPaper(b *bench) {
	id := b.put(b.sheet("", "secret"))[0].Receipt
	s := settled(b.claimOne(), bridge.Quarantined, "")
	s.Outcome.Reason, s.Outcome.Facts = bridge.ReasonSecret, bridge.Facts{}
	s.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
	s.Outcome.Records[0].Files = nil
	b.commit(s)
	b.wantCount("SELECT count(*) FROM entries WHERE kind = 'mat'", 1)
	if e := b.explain(id); e.Records[0].SoDen != "" {
		b.Errorf("it stands in the open book: %+v", e.Records[0])
	}

	late := b.put(b.sheet("99/SAO-CHOI", "late"))[0].Receipt
	s = settled(b.claimOne(), bridge.Registered, "99/SAO-CHOI")
	s.Outcome.Facts.Subject, s.Outcome.Records[0].Document.TrichYeu = "Sao Băng", "Sao Băng"
	s.Outcome.Records[0].Paper = &mapping.Paper{Seal: "red", Pages: 3}
	b.commit(s)
	q := b.again(late, bridge.Quarantined)
	q.Outcome.Reason, q.Outcome.Facts = bridge.ReasonSecret, bridge.Facts{}
	q.Outcome.Records[0].Record = mapping.Record{Document: vanban.Document{DoMat: vanban.Mat}}
	b.commit(q)
	if text := b.printed(b.explain(late)); strings.Contains(text, "Sao") || strings.Contains(text, "99/") {
		b.Errorf("words of a secret paper in %s", text)
	}
}
