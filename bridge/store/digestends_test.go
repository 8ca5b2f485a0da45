package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// A digest that failed or bounced is no word to anybody: every refusal in it is decided again, and each notice stands for itself.
func testDigestDead(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.must(b.NoticeDead(b.ctx(), o, "550 5.7.1"))
	b.wantNotices("failed failed", ids...)
	for range ids {
		t := b.claimOne()
		b.wantHistory(t.Receipt.ID, "[reject]", "[reject]")
		b.commit(b.decided(t, bridge.Held))
	}
	b.wants(b.ReleaseNotice(b.ctx(), o.Notice, "lan"), bridge.ErrPermanent)
	b.must(b.ReleaseNotice(b.ctx(), ids[0], "lan"))
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'queued' AND digest IS NULL AND gathered_at IS NULL", 1)
	open, err := b.ListOpen(b.ctx(), store.OpenFilter{})
	b.must(err)
	notices := 0
	for _, i := range open {
		if i.Kind == store.OpenNotice {
			notices++
		}
	}
	if notices != 1 {
		b.Fatalf("%d notices wait for a person, want the one that was not released", notices)
	}
}

func testDigestBounced(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.must(b.NoticeSent(b.ctx(), o, "250"))
	s := settled(b.tasks(1)[0], bridge.Ignored, "")
	s.Outcome.Records = nil
	s.Outcome.Bounced, s.Outcome.BounceStatus = o.Notice, "5.1.1"
	b.commit(s)
	b.wantNotices("bounced bounced bounced", ids[0], ids[1], o.Notice)
	list, err := b.Suppressions(b.ctx())
	b.must(err)
	if len(list) != 1 || list[0].Address != "vp@dongha.quangtri.gov.vn" {
		b.Fatalf("suppressed are %+v", list)
	}
	for _, id := range ids {
		b.wantHistory(receiptOf(id), "[reject]", "[reject]")
		b.commit(b.decided(b.claimOne(), bridge.Held))
		if got := b.events(receiptOf(id)); !strings.Contains(got, "notice.sent notice.bounced") {
			b.Fatalf("events are %s", got)
		}
	}
}

// An address that bounced for good since hears nothing, alone or in a digest, and its refusals are decided again.
func testSuppressedSince(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.must(b.Suppress(b.ctx(), "vp@dongha.quangtri.gov.vn", "lan", "đã đổi hộp thư"))
	b.clock.pass(8 * time.Hour)
	if n := b.gather(daily); n != 0 {
		b.Fatal("a digest was made to an address that does not exist")
	}
	b.wantNotices("failed failed", ids...)
	for range ids {
		b.commit(b.decided(b.claimOne(), bridge.Held))
	}
	alone := b.queueTo(notice.Refuse, "vp@dongha.quangtri.gov.vn")
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
		b.Fatalf("given out was %+v", out)
	}
	b.wantNotices("failed", alone...)
	b.commit(b.decided(b.claimOne(), bridge.Held))
	b.must(b.ReleaseNotice(b.ctx(), alone[0], "lan")) // a person knows better
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 1 || out[0].Notice != alone[0] {
		b.Fatalf("released was given out %+v", out)
	}
}

// A digest that is made when its address has bounced meanwhile does not go either.
func testDigestSuppressed(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.must(b.NoticeLater(b.ctx(), o, b.clock.Now().Add(time.Hour), "451"))
	b.must(b.Suppress(b.ctx(), "vp@dongha.quangtri.gov.vn", "lan", "đã đổi hộp thư"))
	b.clock.pass(2 * time.Hour)
	if out := b.outgoing(9, daily); len(out) != 0 {
		b.Fatalf("given out was %+v", out)
	}
	b.wantNotices("failed failed failed", ids[0], ids[1], o.Notice)
	if tasks := b.claim(9); len(tasks) != 2 {
		b.Fatalf("%d receipts are decided again, want 2", len(tasks))
	}
}

// What is not true any more is taken out of a digest that was not sent; the others get another one at once.
func testDigestOverruled(b *bench) {
	ids := b.overDay(3, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	receipt := receiptOf(ids[1])
	s := telling(b.again(receipt, bridge.Registered), notice.Accepted)
	b.wants(b.commitErr(s), bridge.ErrStale) // in somebody's hands: what becomes of it will be known soon
	b.must(b.NoticeLater(b.ctx(), o, b.clock.Now().Add(time.Hour), "451"))
	s = telling(b.decided(bridge.Task{Job: s.Job, Receipt: s.Receipt}, bridge.Registered), notice.Accepted)
	b.commit(s)
	b.wantNotices("queued cancelled queued cancelled", ids[0], ids[1], ids[2], o.Notice)
	if n, err := b.NoticeByID(b.ctx(), o.Notice); err != nil || len(n.Rendered.Bytes) != 0 {
		b.Fatalf("the digest keeps its words: %+v, %v", n, err)
	}
	if n := b.gather(daily); n != 1 {
		b.Fatalf("%d digests take its place, want 1", n)
	}
	b.wantNotices("digested cancelled digested", ids...)
	out := b.outgoing(9, daily)
	i := slices.IndexFunc(out, func(o bridge.Outgoing) bool { return o.Kind == notice.Digest })
	if i < 0 || out[i].Notice == o.Notice || strings.Contains(string(out[i].Bytes), receipt) || !strings.Contains(string(out[i].Bytes), receiptOf(ids[0])) {
		b.Fatalf("given out was %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[i], "250"))
	b.wantHistory(receiptOf(ids[0]), "[reject]", "[]")
}

// A person takes one out of a digest, or the whole digest back.
func testDigestCancelled(b *bench) {
	ids := b.overDay(3, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.wants(b.CancelNotice(b.ctx(), ids[0], "lan", "x"), store.ErrBusy)
	b.wants(b.CancelNotice(b.ctx(), o.Notice, "lan", "x"), store.ErrBusy)
	b.must(b.NoticeLater(b.ctx(), o, b.clock.Now().Add(time.Hour), "451"))
	b.must(b.CancelNotice(b.ctx(), ids[0], "lan", "đã gọi điện"))
	b.wantNotices("cancelled queued queued cancelled", ids[0], ids[1], ids[2], o.Notice)
	if n := b.gather(daily); n != 1 {
		b.Fatalf("%d digests take its place, want 1", n)
	}
	next, err := b.NoticeByID(b.ctx(), ids[1])
	b.must(err)
	b.must(b.CancelNotice(b.ctx(), next.Digest, "lan", "gửi bản giấy"))
	b.wantNotices("cancelled cancelled cancelled cancelled", ids[0], ids[1], ids[2], next.Digest)
	for range ids {
		t := b.claimOne()
		b.wantHistory(t.Receipt.ID, "[]", "[reject]")
		b.commit(b.decided(t, bridge.Held))
	}
	b.must(b.NoticeSent(b.ctx(), b.outgoingOf(b.queueTo(notice.Receipt, "khac@dongha.quangtri.gov.vn"))[0], "250"))
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'notice'", 0)
}

// A mark that is found late takes its words out of the digest that has them, sent or not; the notices of others keep theirs.
func testDigestSecret(b *bench) {
	ids := b.overDay(2, notice.Receipt)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.must(b.NoticeSent(b.ctx(), o, "250 2.0.0 queued as Sao Băng"))
	b.commit(b.again(receiptOf(ids[0]), bridge.Quarantined))
	for _, id := range []string{ids[0], o.Notice} {
		n, err := b.NoticeByID(b.ctx(), id)
		b.must(err)
		if len(n.Rendered.Bytes) != 0 || strings.Contains(n.Reply, "Sao Băng") {
			b.Fatalf("%s keeps words: %q %q", id, n.Rendered.Bytes, n.Reply)
		}
	}
	if n, err := b.NoticeByID(b.ctx(), ids[1]); err != nil || len(n.Rendered.Bytes) == 0 {
		b.Fatalf("the notice of another lost its words: %+v, %v", n, err)
	}
	word := receiptOf(ids[0]) + " gist"
	b.wantCount(fmt.Sprintf("SELECT count(*) FROM notices WHERE CAST(gist AS text) LIKE '%%%s%%' OR CAST(draft AS text) LIKE '%%%s%%'", word, word), 0)
	b.wantCount("SELECT count(*) FROM notices WHERE CAST(gist AS text) LIKE '% gist%'", 2) // of the other, and of the first that was sent
}

// … and of one that was not sent.
func testDigestSecretUnsent(b *bench) {
	ids := b.overDay(2, notice.Receipt)
	b.clock.pass(8 * time.Hour)
	o := b.digest()
	b.must(b.NoticeLater(b.ctx(), o, b.clock.Now().Add(time.Hour), "451 Sao Băng"))
	b.commit(b.again(receiptOf(ids[0]), bridge.Quarantined))
	b.wantNotices("cancelled queued cancelled", ids[0], ids[1], o.Notice)
	word := receiptOf(ids[0]) + " gist"
	b.wantCount(fmt.Sprintf("SELECT count(*) FROM notices WHERE CAST(gist AS text) LIKE '%%%s%%' OR CAST(draft AS text) LIKE '%%%s%%'", word, word), 0)
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'digest' AND length(body) > 0", 0)
	b.wantCount("SELECT count(*) FROM notices WHERE reply LIKE '%Sao Băng%'", 0)
	if n := b.gather(daily); n != 1 {
		b.Fatalf("%d digests speak for the other, want 1", n)
	}
}

// The three-day rule holds for a digest: what was gathered before, and is too old by then, waits for a person.
func testDigestOld(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(4 * 24 * time.Hour)
	if n := b.gather(daily); n != 0 {
		b.Fatal("a digest was made of what is too old")
	}
	b.wantNotices("review review", ids...)
}

// A refusal of what was registered since is not told in a digest: its receipt is decided again first.
func testDigestOvertaken(b *bench) {
	ids := b.overDay(1, notice.Refuse)
	s := telling(settled(b.tasks(1)[0], bridge.Refused, "12/UBND"), notice.Refuse)
	b.commit(s)
	if out := b.outgoing(9, daily); len(out) != 0 {
		b.Fatalf("over the day's cap was given out %+v", out)
	}
	b.clock.pass(8 * time.Hour)
	b.commit(settled(b.tasks(1)[0], bridge.Registered, "12/UBND"))
	o := b.digest()
	if strings.Contains(string(o.Bytes), s.Receipt.ID) || !strings.Contains(string(o.Bytes), receiptOf(ids[0])) {
		b.Fatalf("the digest says %s", o.Bytes)
	}
	if t := b.claimOne(); t.Receipt.ID != s.Receipt.ID {
		b.Fatalf("%s is decided again, want %s", t.Receipt.ID, s.Receipt.ID)
	}
}

// What is registered between the making of a digest and its sending is not refused by it: the digest rests, the receipt is decided again, and
// the others are told in another one.
func testDigestOvertakenUnsent(b *bench) {
	ids := b.overDay(1, notice.Refuse)
	s := telling(settled(b.tasks(1)[0], bridge.Refused, "12/UBND"), notice.Refuse)
	b.commit(s)
	b.outgoing(9, daily)
	b.clock.pass(8 * time.Hour)
	if n := b.gather(daily); n != 1 {
		b.Fatalf("%d digests were made, want 1", n)
	}
	b.clock.pass(time.Second)
	first := settled(b.tasks(1)[0], bridge.Registered, "12/UBND")
	b.commit(first)
	if out := b.outgoing(9, daily); len(out) != 0 {
		b.Fatalf("given out was %s", out[0].Bytes)
	}
	again := b.decided(b.claimOne(), bridge.Duplicate)
	if again.Receipt.ID != s.Receipt.ID {
		b.Fatalf("%s is decided again, want %s", again.Receipt.ID, s.Receipt.ID)
	}
	again.Outcome.Records = settled(bridge.Task{Receipt: again.Receipt}, bridge.Duplicate, "12/UBND").Outcome.Records
	again.Outcome.Records[0].JoinTo = first.Receipt.ID + "/1"
	b.commit(again)
	b.clock.pass(2 * time.Minute)
	o := b.digest()
	if strings.Contains(string(o.Bytes), s.Receipt.ID) || !strings.Contains(string(o.Bytes), receiptOf(ids[0])) {
		b.Fatalf("the digest says %s", o.Bytes)
	}
}

// A gathered notice that was tried by itself, while digests were off, goes on by itself.
func testDigestsOffAndOn(b *bench) {
	ids := b.overDay(1, notice.Refuse)
	off := daily
	off.Digests = false
	b.clock.pass(24 * time.Hour)
	out := b.outgoing(9, off)
	if len(out) != 1 || out[0].Notice != ids[0] {
		b.Fatalf("given out was %+v", out)
	}
	b.must(b.NoticeLater(b.ctx(), out[0], b.clock.Now().Add(time.Minute), "451"))
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d digests were made of what was tried by itself", n)
	}
	b.wantNotices("queued", ids...)
	b.clock.pass(time.Minute)
	if out := b.outgoing(9, daily); len(out) != 1 || out[0].Notice != ids[0] {
		b.Fatalf("given out was %+v", out)
	}
}

// A receiving agency that is configured no more writes no digests. What was gathered for it goes by itself then, as the caps allow.
func testDigestUnwritten(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	nothing := func(notice.Draft, notice.Numbers) (notice.Rendered, error) {
		return notice.Rendered{}, errors.New("nobody writes it")
	}
	if n, err := b.GatherNotices(b.ctx(), nothing, summary, daily); n != 0 || err == nil {
		b.Fatalf("%d digests were written by nobody, and that was %v", n, err)
	}
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d digests were written after all", n)
	}
	b.wantNotices("queued queued", ids...)
	b.clock.pass(16 * time.Hour)
	if out := b.outgoing(9, daily); len(out) != 1 || out[0].Notice != ids[0] {
		b.Fatalf("given out was %+v", out)
	}
}
