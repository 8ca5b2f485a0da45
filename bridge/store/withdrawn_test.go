package store_test

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// What a person took back does not come back by itself, and never goes out unseen.
func testCancelledStays(b *bench) {
	receipt, id := b.told(notice.Remind)
	b.must(b.Amend(b.ctx(), receipt, bridge.Amendment{Kind: bridge.Amend, Reason: "sửa trích yếu", By: "hoa"}))
	b.clock.pass(time.Minute)
	b.must(b.CancelNotice(b.ctx(), id, "lan", "không gửi"))
	b.commit(telling(b.decided(b.claimOne(), bridge.Registered), notice.Remind)) // the amendment is older than her word
	n, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if n.State != "cancelled" || n.CancelledBy != "lan" {
		b.Fatalf("it is %s, cancelled by %q", n.State, n.CancelledBy)
	}
	b.clock.pass(time.Minute)
	for _, to := range []string{"vt@dongha.quangtri.gov.vn", "vp@camlo.quangtri.gov.vn"} { // anew from cancelled, then from review
		s := telling(b.again(receipt, bridge.Registered), notice.Remind)
		s.Outcome.Notice.To = to
		b.commit(s)
		n, err := b.NoticeByID(b.ctx(), id)
		b.must(err)
		if n.State != "review" || n.To != to {
			b.Fatalf("made anew it is %s, to %s", n.State, n.To)
		}
		if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
			b.Fatalf("given out were %+v", out)
		}
	}
	b.must(b.ReleaseNotice(b.ctx(), id, "lan"))
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 1 || out[0].Notice != id {
		b.Fatalf("released, given out were %+v", out)
	}
}

// What a notice quoted, and what a clerk wrote, is not shown any more when the message turns out to be secret.
func testSecretExplained(b *bench) {
	receipt, _ := b.told(notice.Remind)
	b.must(b.Amend(b.ctx(), receipt, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"so_hieu": "12/M"}, Reason: "x", By: "lan"}))
	s := b.decided(b.claimOne(), bridge.Registered)
	open := b.explain(receipt)
	if len(open.Amendments[0].Fields) != 1 || len(open.Notices[0].Rendered.Bytes) == 0 {
		b.Fatalf("before, it shows %+v, %+v", open.Amendments, open.Notices)
	}
	s.Outcome.State = bridge.Quarantined
	b.commit(s)
	e := b.explain(receipt)
	if len(e.Amendments) != 1 || len(e.Amendments[0].Fields) != 0 || len(e.Notices) != 1 || len(e.Notices[0].Rendered.Bytes) != 0 {
		b.Fatalf("it shows %+v, %+v", e.Amendments, e.Notices)
	}
	for _, ev := range e.Events {
		if len(ev.Sealed) != 0 || len(ev.Leaf) == 0 {
			b.Fatalf("event %s shows %d sealed values, %d bytes of leaf", ev.Type, len(ev.Sealed), len(ev.Leaf))
		}
	}
}

// A refusal that failed is not sent to somebody whose document was accepted meanwhile.
func testFailedRefusalOverruled(b *bench) {
	receipt, id := b.told(notice.Refuse)
	b.must(b.NoticeDead(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "550"))
	b.commit(b.decided(b.claimOne(), bridge.Held))
	if got := b.noticeState(id); got != "failed" { // a person may still try it again
		b.Fatalf("it is %s", got)
	}
	b.commit(telling(b.again(receipt, bridge.Registered), notice.Accepted))
	n, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if n.State != "cancelled" || n.Reply != "overruled" || n.CancelledBy != "" {
		b.Fatalf("overruled it is %s, %q, by %q", n.State, n.Reply, n.CancelledBy)
	}
	b.wants(b.ReleaseNotice(b.ctx(), id, "lan"), bridge.ErrNotFound)
	b.wantHistory(receipt, "[]", "[]")

	// One that was left failed beside an accepted receipt.
	if _, err := b.raw(b.T, b.url).Exec("UPDATE notices SET state = 'failed' WHERE kind = 'reject'"); err != nil {
		b.Fatal(err)
	}
	b.wants(b.ReleaseNotice(b.ctx(), id, "lan"), bridge.ErrPermanent)
	if got := b.noticeState(id); got != "failed" {
		b.Fatalf("after the release was refused it is %s", got)
	}
	out := b.outgoing(9, bridge.Caps{})
	if len(out) != 1 || out[0].Notice != receipt+".accepted" {
		b.Fatalf("given out were %+v", out)
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)

	// A failed word of acceptance goes when the receipt is not accepted any more, and stays while it is.
	receipt, id = b.told(notice.Receipt)
	b.must(b.NoticeDead(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "550"))
	b.commit(b.again(receipt, bridge.Registered))
	if got := b.noticeState(id); got != "failed" {
		b.Fatalf("a receipt notice of what is registered is %s", got)
	}
	b.commit(b.again(receipt, bridge.Held))
	if got := b.noticeState(id); got != "cancelled" {
		b.Fatalf("a receipt notice of what is held is %s", got)
	}
}

// That it does not count is said of accepted mail as well: a person may release it, until the mail is told to be accepted after all.
func testNotCountedOfAccepted(b *bench) {
	s := telling(settled(b.tasks(1)[0], bridge.Registered, ""), notice.NotCounted)
	s.Review = true
	b.commit(s)
	receipt, id := s.Receipt.ID, s.Receipt.ID+".not-counted"
	b.must(b.ReleaseNotice(b.ctx(), id, "lan"))
	b.must(b.NoticeDead(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "550"))
	same := b.decided(b.claimOne(), bridge.Registered)
	same.Outcome.Silence = notice.SilentDuplicate
	b.commit(same)
	b.must(b.ReleaseNotice(b.ctx(), id, "lan"))
	b.must(b.NoticeDead(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "550"))
	b.commit(telling(b.decided(b.claimOne(), bridge.Registered), notice.Accepted))
	if got := b.noticeState(id); got != "cancelled" {
		b.Fatalf("it is %s", got)
	}
	if _, err := b.raw(b.T, b.url).Exec("UPDATE notices SET state = 'failed' WHERE kind = 'not-counted'"); err != nil {
		b.Fatal(err)
	}
	b.wants(b.ReleaseNotice(b.ctx(), id, "lan"), bridge.ErrPermanent)
	b.wantHistory(receipt, "[not-counted]", "[not-counted]")
}
