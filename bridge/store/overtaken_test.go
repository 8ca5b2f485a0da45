package store_test

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// A refusal that is not handed over yet is decided again when its document is registered from another receipt; when it is decided so knowingly,
// or is of another document, it goes.
func testOvertakenRefusal(b *bench) {
	refused := func(number string) (receipt, id string) {
		s := telling(settled(b.tasks(1)[0], bridge.Refused, number), notice.Refuse)
		b.commit(s)
		return s.Receipt.ID, s.Receipt.ID + "." + string(notice.Refuse)
	}
	late, refusal := refused("12/UBND")
	_, other := refused("13/UBND")
	registered := settled(b.tasks(1)[0], bridge.Registered, "12/UBND")
	b.clock.pass(time.Second)
	b.commit(registered)

	out := b.outgoing(9, bridge.Caps{})
	if len(out) != 1 || out[0].Notice != other {
		b.Fatalf("given out were %+v, want the refusal of the other document", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
		b.Fatalf("given out while it is decided again: %+v", out)
	}
	again := b.decided(b.claimOne(), bridge.Refused) // somebody means it
	if again.Receipt.ID != late {
		b.Fatalf("%s is decided again, want %s", again.Receipt.ID, late)
	}
	b.clock.pass(time.Second)
	again.Outcome.Records = settled(bridge.Task{Receipt: again.Receipt}, bridge.Refused, "12/UBND").Outcome.Records
	b.commit(telling(again, notice.Refuse))
	b.clock.pass(2 * time.Minute)
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 1 || out[0].Notice != refusal {
		b.Fatalf("given out were %+v, want the refusal that was decided knowingly", out)
	}
}

// Decided again, it is joined to what was registered, and its sender never hears that it was refused. One that waits for a person is found when
// that person releases it.
func testOvertakenAndJoined(b *bench) {
	s := telling(settled(b.tasks(1)[0], bridge.Refused, "14/UBND"), notice.Refuse)
	s.Review = true
	b.commit(s)
	refusal := s.Receipt.ID + "." + string(notice.Refuse)
	b.clock.pass(time.Second)
	first := settled(b.tasks(1)[0], bridge.Registered, "14/UBND")
	b.commit(first)
	b.must(b.ReleaseNotice(b.ctx(), refusal, "lan"))
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
		b.Fatalf("given out were %+v", out)
	}
	joined := b.decided(b.claimOne(), bridge.Duplicate)
	joined.Outcome.Records = settled(bridge.Task{Receipt: joined.Receipt}, bridge.Duplicate, "14/UBND").Outcome.Records
	joined.Outcome.Records[0].JoinTo = first.Receipt.ID + "/1"
	b.commit(joined)
	b.clock.pass(2 * time.Minute)
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 || b.noticeState(refusal) != "cancelled" {
		b.Fatalf("given out were %+v; the refusal is %s", out, b.noticeState(refusal))
	}
}
