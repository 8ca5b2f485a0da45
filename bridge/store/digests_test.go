package store_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// daily caps one notice a day, and gathers the rest for 16:00 in Vietnam; the bench's clock begins at 9:00 there.
var daily = bridge.Caps{PerSenderDay: 1, Digests: true, DigestAt: 16 * time.Hour}

// summary writes a digest of the gists, one line each.
func summary(g notice.Gathered) (*notice.Draft, int) {
	took := min(len(g.Gists), notice.MaxDigest)
	body := ""
	for _, gist := range g.Gists[:took] {
		body += strings.Join(gist.Lines, " ") + "\n"
	}
	return &notice.Draft{Kind: notice.Digest, To: g.To, Agency: g.Agency, Receiver: g.Receiver, Body: body}, took
}

// written renders a notice with its words.
func written(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
	r, err := draw(d, n)
	r.Bytes = append(r.Bytes, d.Body...)
	return r, err
}

func (b *bench) gather(caps bridge.Caps) int {
	b.Helper()
	n, err := b.GatherNotices(b.ctx(), written, summary, caps)
	b.must(err)
	return n
}

// overDay queues one notice that is sent and n of this kind that are gathered, and gives the ids of these.
func (b *bench) overDay(n int, kind notice.Kind) []string {
	b.Helper()
	for _, o := range b.outgoingOf(b.queueTo(notice.Receipt, "vp@dongha.quangtri.gov.vn")) {
		b.must(b.NoticeSent(b.ctx(), o, "250"))
	}
	var to []string
	for range n {
		to = append(to, "vp@dongha.quangtri.gov.vn")
	}
	ids := b.queueTo(kind, to...)
	if out := b.outgoing(50, daily); len(out) != 0 {
		b.Fatalf("over the day's cap was given out %+v", out)
	}
	return ids
}

// outgoingOf claims these notices.
func (b *bench) outgoingOf(ids []string) []bridge.Outgoing {
	b.Helper()
	out := b.outgoing(50, daily)
	if len(out) != len(ids) {
		b.Fatalf("given out were %d, want %v", len(out), ids)
	}
	return out
}

// digest makes the digest that is due and claims it.
func (b *bench) digest() bridge.Outgoing {
	b.Helper()
	if n := b.gather(daily); n != 1 {
		b.Fatalf("%d digests were made, want 1", n)
	}
	out := b.outgoing(50, daily)
	if len(out) != 1 || out[0].Kind != notice.Digest {
		b.Fatalf("given out was %+v, want the digest", out)
	}
	return out[0]
}

func (b *bench) wantNotices(want string, ids ...string) {
	b.Helper()
	var got []string
	for _, id := range ids {
		got = append(got, b.noticeState(id))
	}
	if strings.Join(got, " ") != want {
		b.Fatalf("states are %v, want %s", got, want)
	}
}

func receiptOf(id string) string { receipt, _, _ := strings.Cut(id, "."); return receipt }

// What is over the day's cap is told at once at the time of digests, once a day, over the cap, and every receipt says so.
func testDigest(b *bench) {
	ids := b.overDay(3, notice.Refuse)
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d digests were made before their time", n)
	}
	b.wantNotices("queued queued queued", ids...)
	b.wantHistory(receiptOf(ids[0]), "[]", "[]") // nobody was told
	b.clock.pass(6*time.Hour + 59*time.Minute)
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d digests were made a minute before their time", n)
	}
	b.clock.pass(time.Minute)
	o := b.digest()
	for _, id := range ids {
		if !strings.Contains(string(o.Bytes), receiptOf(id)) {
			b.Fatalf("the digest does not speak of %s: %s", id, o.Bytes)
		}
	}
	b.wantNotices("digested digested digested", ids...)
	b.wantHistory(receiptOf(ids[0]), "[reject]", "[]") // may hear of it at this moment
	b.must(b.NoticeSent(b.ctx(), o, "250"))
	b.wantHistory(receiptOf(ids[0]), "[reject]", "[]")
	if got := b.events(receiptOf(ids[0])); !strings.HasSuffix(got, "notice.gathered notice.digested notice.sent") {
		b.Fatalf("events are %s", got)
	}
	e := b.explain(receiptOf(ids[0]))
	if n := e.Notices[0]; n.Digest != o.Notice || n.DigestState != "sent" {
		b.Fatalf("explained is %+v", n)
	}
	late := b.queueTo(notice.Refuse, "vp@dongha.quangtri.gov.vn")
	if out := b.outgoing(50, daily); len(out) != 0 {
		b.Fatalf("after the digest was given out %+v", out)
	}
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d more digests were made the same day", n)
	}
	b.clock.pass(24 * time.Hour)
	b.must(b.NoticeSent(b.ctx(), b.digest(), "250"))
	b.wantNotices("digested", late...)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.gathered'", 4)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'notice'", 0)
}

// Two daemons make one digest, and whatever ends before it is sent loses nothing.
func testDigestOnce(b *bench) {
	ids := b.overDay(5, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	other := b.another()
	var mu sync.Mutex
	made := 0
	var both sync.WaitGroup
	for _, s := range []*store.Store{b.Store, other} {
		both.Go(func() {
			n, err := s.GatherNotices(context.Background(), written, summary, daily)
			mu.Lock()
			defer mu.Unlock()
			made += n
			if err != nil {
				b.Error(err)
			}
		})
	}
	both.Wait()
	if made != 1 {
		b.Fatalf("%d digests were made, want 1", made)
	}
	first := b.outgoing(9, daily)
	b.clock.pass(2 * time.Minute) // who had it is gone
	again := b.outgoing(9, daily)
	if len(first) != 1 || len(again) != 1 || string(first[0].Bytes) != string(again[0].Bytes) || first[0].MessageID != again[0].MessageID {
		b.Fatalf("given out were %+v, then %+v", first, again)
	}
	b.wantNotices("digested digested digested digested digested", ids...)
	b.LoseNextReply()
	if _, err := b.GatherNotices(b.ctx(), written, summary, daily); err != nil {
		b.Fatal(err) // there is nothing to write any more
	}
}

// A digest whose COMMIT was not answered is there, and is not made again.
func testDigestLostReply(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	b.LoseNextReply()
	_, err := b.GatherNotices(b.ctx(), written, summary, daily)
	b.wants(err, store.ErrLostReply)
	if n := b.gather(daily); n != 0 {
		b.Fatalf("%d more were made", n)
	}
	b.wantNotices("digested digested", ids...)
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'digest'", 1)
}

// A digest speaks for a hundred at most; the others come with the next.
func testDigestBounded(b *bench) {
	b.overDay(notice.MaxDigest+7, notice.Receipt)
	b.outgoing(200, daily)
	b.clock.pass(8 * time.Hour)
	b.must(b.NoticeSent(b.ctx(), b.digest(), "250"))
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'digested'", notice.MaxDigest)
	if out := b.outgoing(50, daily); len(out) != 0 {
		b.Fatalf("what was left over was given out by itself: %+v", out)
	}
	if n := b.gather(daily); n != 0 {
		b.Fatal("a second digest was made the same day")
	}
	b.clock.pass(24 * time.Hour)
	b.must(b.NoticeSent(b.ctx(), b.digest(), "250"))
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'digested'", notice.MaxDigest+7)
}

// What quotes nothing goes by itself when its day is free, never among the words of others.
func testNeutralAlone(b *bench) {
	ids := b.overDay(1, notice.Neutral)
	b.clock.pass(8 * time.Hour)
	if n := b.gather(daily); n != 0 {
		b.Fatal("a neutral notice was gathered")
	}
	b.clock.pass(24 * time.Hour)
	if out := b.outgoing(9, daily); len(out) != 1 || out[0].Notice != ids[0] {
		b.Fatalf("given out was %+v", out)
	}
}

// The modes hold for what is gathered: a person releases each, and while notices are off or stopped there are no digests.
func testDigestModes(b *bench) {
	ids := b.overDay(2, notice.Refuse)
	b.clock.pass(8 * time.Hour)
	off, review := daily, daily
	off.OnlyAlarms, review.Review = true, true
	if n := b.gather(off); n != 0 {
		b.Fatal("a digest was made while notices are off")
	}
	if n := b.gather(review); n != 0 {
		b.Fatal("a digest was made of what nobody released")
	}
	b.wantNotices("review review", ids...)
	b.must(b.ReleaseNotice(b.ctx(), ids[0], "lan"))
	if out := b.outgoing(9, review); len(out) != 0 { // released, and still over the cap
		b.Fatalf("given out was %+v", out)
	}
	b.clock.pass(23 * time.Hour)
	if n := b.gather(review); n != 1 {
		b.Fatalf("%d digests were made of what a person released", n)
	}
	if out := b.outgoing(9, review); len(out) != 1 || out[0].Kind != notice.Digest || !strings.Contains(string(out[0].Bytes), receiptOf(ids[0])) {
		b.Fatalf("given out was %+v", out)
	}
}
