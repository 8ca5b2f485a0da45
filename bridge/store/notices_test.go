package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// queue makes n notices to one address and gives their ids.
func (b *bench) queue(n int) []string {
	b.Helper()
	var in []bridge.Settlement
	var ids []string
	for _, t := range b.tasks(n) {
		in = append(in, telling(settled(t, bridge.Held, ""), notice.Refuse))
		ids = append(ids, t.Receipt.ID+".reject")
	}
	b.commit(in...)
	return ids
}

func (b *bench) outgoing(n int, caps bridge.Caps) []bridge.Outgoing {
	b.Helper()
	out, err := b.ClaimNotices(b.ctx(), "outbox-1", n, time.Minute, caps)
	b.must(err)
	return out
}

func (b *bench) noticeState(id string) string {
	b.Helper()
	n, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	return n.State
}

func testNoticeOnce(b *bench) {
	id := b.queue(1)[0]
	receipt := strings.TrimSuffix(id, ".reject")
	before, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	b.must(b.Amend(b.ctx(), receipt, bridge.Amendment{Kind: bridge.Exception, By: "lan", Reason: "x"}))
	b.clock.pass(time.Hour)
	b.commit(telling(settled(b.claimOne(), bridge.Held, ""), notice.Refuse))
	after, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if string(before.Rendered.Bytes) != string(after.Rendered.Bytes) || !before.MadeAt.Equal(after.MadeAt) {
		b.Fatal("a notice that exists was made anew")
	}
	b.wantCount("SELECT count(*) FROM notices", 1)
	b.wantCount("SELECT count(*) FROM jobs", 1)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.queued'", 1)
	if _, err := b.NoticeByID(b.ctx(), "none"); err == nil {
		b.Fatal("an unknown notice was found")
	}
}

func testReview(b *bench) {
	tasks := b.tasks(3)
	asked := telling(settled(tasks[0], bridge.Held, ""), notice.Refuse)
	asked.Review = true
	old := telling(settled(tasks[1], bridge.Held, ""), notice.Refuse)
	old.Outcome.Instant.At = b.clock.Now().Add(-72*time.Hour - time.Second)
	young := telling(settled(tasks[2], bridge.Held, ""), notice.Refuse)
	young.Outcome.Instant.At = b.clock.Now().Add(-72 * time.Hour)
	b.commit(asked, old, young)
	ids := []string{tasks[0].Receipt.ID + ".reject", tasks[1].Receipt.ID + ".reject", tasks[2].Receipt.ID + ".reject"}
	if got := fmt.Sprint(b.noticeState(ids[0]), b.noticeState(ids[1]), b.noticeState(ids[2])); got != "review"+"review"+"queued" && got != "review review queued" {
		b.Fatalf("states are %s", got)
	}
	if got := b.outgoing(10, bridge.Caps{}); len(got) != 1 || got[0].Notice != ids[2] {
		b.Fatalf("claimed %+v", got)
	}
	b.must(b.ReleaseNotice(b.ctx(), ids[0], "lan"))
	b.wants(b.ReleaseNotice(b.ctx(), ids[0], "lan"), bridge.ErrNotFound)
	if got := b.outgoing(10, bridge.Caps{}); len(got) != 1 || got[0].Notice != ids[0] {
		b.Fatalf("after the release claimed %+v", got)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.released'", 1)
}

// Mode and age count when a notice is claimed, too.
func testReviewAtClaim(b *bench) {
	ids := b.queue(3)
	alarm := bridge.Alarm{Key: "k", Code: "c", Text: "t"}
	b.must(b.RaiseAlarm(b.ctx(), draw, alarm, []notice.Draft{{To: "admin@quangtri.gov.vn"}}))
	review := bridge.Caps{Review: true}
	out := b.outgoing(2, review)
	if len(out) != 1 || out[0].Kind != notice.Alarm { // it looks behind what it moves
		b.Fatalf("in review mode claimed %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	if got := b.noticeState(ids[0]) + b.noticeState(ids[1]) + b.noticeState(ids[2]); got != "reviewreviewreview" {
		b.Fatalf("they are %s", got)
	}
	b.must(b.ReleaseNotice(b.ctx(), ids[1], "lan"))
	out = b.outgoing(9, review)
	if len(out) != 1 || out[0].Notice != ids[1] || out[0].Job.Attempt != 1 {
		b.Fatalf("after the release claimed %+v", out)
	}
	b.must(b.NoticeDead(b.ctx(), out[0], "given up"))
	b.commit(b.decided(b.claimOne(), bridge.Held))
	b.clock.pass(4 * 24 * time.Hour)
	b.must(b.ReleaseNotice(b.ctx(), ids[1], "lan")) // old, but a person knows
	if out = b.outgoing(9, bridge.Caps{}); len(out) != 1 || out[0].Notice != ids[1] || !out[0].FirstTry.IsZero() {
		b.Fatalf("released again claimed %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	b.commit(b.decided(b.claimOne(), bridge.Refused))

	late := b.queue(1)[0]
	b.clock.pass(3 * 24 * time.Hour) // the mail is a minute older than the notice
	if out = b.outgoing(9, bridge.Caps{}); len(out) != 0 || b.noticeState(late) != "review" {
		b.Fatalf("one of a mail older than three days is %s, claimed %+v", b.noticeState(late), out)
	}
	b.must(b.ReleaseNotice(b.ctx(), late, "lan"))
	if out = b.outgoing(9, bridge.Caps{}); len(out) != 1 || !out[0].FirstTry.IsZero() {
		b.Fatalf("released claimed %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
}

// One that was tried in time is tried again until the outbox gives it up, however old the mail becomes meanwhile.
func testTriedPastThreeDays(b *bench) {
	id := b.queue(1)[0]
	first := b.clock.Now()
	for day := range 5 {
		out := b.outgoing(9, bridge.Caps{})
		if len(out) != 1 || out[0].Notice != id || day > 0 && !out[0].FirstTry.Equal(first) {
			b.Fatalf("on day %d it is %s, claimed %+v", day, b.noticeState(id), out)
		}
		b.must(b.NoticeLater(b.ctx(), out[0], b.clock.Now().Add(24*time.Hour), "451"))
		b.clock.pass(24 * time.Hour)
	}
	if out := b.outgoing(9, bridge.Caps{Review: true}); len(out) != 0 || b.noticeState(id) != "review" {
		b.Fatalf("in review mode it is %s, claimed %+v", b.noticeState(id), out)
	}
}

func testReminders(b *bench) {
	tasks := b.tasks(4)
	var in []bridge.Settlement
	for _, t := range tasks {
		in = append(in, telling(settled(t, bridge.Held, ""), notice.Remind))
	}
	other := *in[2].Outcome.Notice
	other.Agency, in[2].Outcome.Notice = "cam-lo", &other
	b.commit(in[:3]...)
	b.commit(in[3])
	var got []string
	for _, t := range tasks {
		n, err := b.NoticeByID(b.ctx(), t.Receipt.ID+".remind")
		b.must(err)
		got = append(got, strings.Split(string(n.Rendered.Bytes), "|")[2])
	}
	if strings.Join(got, " ") != "1 2 1 3" {
		b.Fatalf("reminders are numbered %v, want 1 2 1 3", got)
	}
}

func testSend(b *bench) {
	ids := b.queue(3)
	n, err := b.WaitingNotices(b.ctx())
	b.must(err)
	if n != 3 {
		b.Fatalf("%d wait, want 3", n)
	}
	out := b.outgoing(3, bridge.Caps{})
	if len(out) != 3 || !out[0].FirstTry.IsZero() || out[0].EnvelopeTo != "vp@dongha.quangtri.gov.vn" || len(out[0].Bytes) == 0 || out[0].Kind != notice.Refuse {
		b.Fatalf("claimed %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250 2.0.0 ok"))
	b.must(b.NoticeLater(b.ctx(), out[1], b.clock.Now().Add(5*time.Minute), "451 4.7.1 greylisted"))
	b.must(b.NoticeDead(b.ctx(), out[2], "550 5.1.1 unknown"))
	if got := []string{b.noticeState(ids[0]), b.noticeState(ids[1]), b.noticeState(ids[2])}; strings.Join(got, " ") != "sent queued failed" {
		b.Fatalf("states are %v", got)
	}
	if n, err = b.WaitingNotices(b.ctx()); n != 0 || err != nil {
		b.Fatalf("%d wait before the next try is due, %v", n, err)
	}
	first := b.clock.Now()
	b.clock.pass(5 * time.Minute)
	again := b.outgoing(3, bridge.Caps{})
	if len(again) != 1 || again[0].Notice != ids[1] || again[0].Job.Attempt != 2 || !again[0].FirstTry.Equal(first) ||
		string(again[0].Bytes) != string(out[1].Bytes) || again[0].MessageID != out[1].MessageID {
		b.Fatalf("second try is %+v", again)
	}
	b.must(b.ReleaseNotice(b.ctx(), ids[2], "lan")) // a person lets the refused one go again
	if got := b.outgoing(3, bridge.Caps{}); len(got) != 1 || got[0].Notice != ids[2] {
		b.Fatalf("claimed %+v", got)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type IN ('notice.sent', 'notice.failed')", 2)
}

func testNoticeFence(b *bench) {
	b.queue(1)
	first := b.outgoing(1, bridge.Caps{})[0]
	if got := b.outgoing(1, bridge.Caps{}); len(got) != 0 {
		b.Fatal("a leased notice was given out")
	}
	if n, err := b.WaitingNotices(b.ctx()); n != 1 || err != nil {
		b.Fatalf("%d wait while one is leased, %v", n, err)
	}
	b.clock.pass(time.Minute)
	second := b.outgoing(1, bridge.Caps{})[0]
	b.wants(b.NoticeSent(b.ctx(), first, "250"), bridge.ErrFenced)
	b.wants(b.NoticeLater(b.ctx(), first, b.clock.Now(), "451"), bridge.ErrFenced)
	b.wants(b.NoticeDead(b.ctx(), first, "550"), bridge.ErrFenced)
	b.LoseNextReply()
	b.wants(b.NoticeSent(b.ctx(), second, "250"), store.ErrLostReply)
	b.wants(b.NoticeSent(b.ctx(), second, "250"), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.sent'", 1)
}

func testCaps(b *bench) {
	b.queue(5)
	caps := bridge.Caps{PerSenderHour: 2}
	for _, o := range b.outgoing(10, caps) {
		b.must(b.NoticeSent(b.ctx(), o, "250"))
	}
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'sent'", 2)
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'queued' AND deferred_at IS NOT NULL", 3)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.deferred'", 3)
	b.clock.pass(59 * time.Minute)
	if got := b.outgoing(10, caps); len(got) != 0 {
		b.Fatalf("%d over the cap were given out", len(got))
	}
	b.clock.pass(time.Minute)
	out := b.outgoing(10, caps)
	if len(out) != 2 {
		b.Fatalf("%d were given out when the window was free, want 2", len(out))
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'notice.deferred'", 3)
	b.must(b.NoticeLater(b.ctx(), out[0], b.clock.Now(), "451"))
	if got := b.outgoing(10, caps); len(got) != 1 || got[0].Notice != out[0].Notice {
		b.Fatalf("a second try was counted for the cap again: %+v", got)
	}
	b.clock.pass(2 * time.Hour)
	if got := b.outgoing(1, bridge.Caps{PerAgencyDay: 4, PerSenderDay: 9, PerHour: 9}); len(got) != 0 {
		b.must(b.NoticeSent(b.ctx(), got[0], "250"))
	}
	if got := b.outgoing(10, bridge.Caps{PerAgencyDay: 4}); len(got) != 0 && got[0].FirstTry.IsZero() {
		b.Fatalf("the agency got a fifth notice in a day: %+v", got)
	}
	alarm := bridge.Alarm{Key: "k", Code: "c", Text: "t"}
	b.must(b.RaiseAlarm(b.ctx(), draw, alarm, []notice.Draft{{To: "admin@quangtri.gov.vn"}}))
	if got := b.outgoing(10, bridge.Caps{PerHour: 1, PerAgencyDay: 1, PerSenderHour: 1}); len(got) == 0 || got[len(got)-1].Kind != notice.Alarm {
		b.Fatalf("an alarm was held up by a cap: %+v", got)
	}
}

func testCapsTwoDaemons(b *bench) {
	b.queue(30)
	other := b.another()
	var mu sync.Mutex
	n := 0
	var both sync.WaitGroup
	for _, s := range []*store.Store{b.Store, other} {
		both.Go(func() {
			for range 6 {
				out, err := s.ClaimNotices(context.Background(), "o", 3, time.Minute, bridge.Caps{PerHour: 10})
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				n += len(out)
				mu.Unlock()
			}
		})
	}
	both.Wait()
	if n != 10 {
		b.Fatalf("%d notices were given out under a cap of 10", n)
	}
}

// A mail with several documents is told all of their numbers, and none in a refusal of another of them.
func testNumbersTold(b *bench) {
	tasks := b.tasks(2)
	three := func(t bridge.Task, from int, states ...bridge.State) bridge.Settlement {
		s := telling(settled(t, states[len(states)-1], ""), notice.Receipt)
		s.Outcome.Records = nil
		for i, state := range states {
			one := settled(t, state, fmt.Sprintf("%d/UBND", from+i))
			s.Outcome.Records = append(s.Outcome.Records, one.Outcome.Records...)
		}
		return s
	}
	told := func(s bridge.Settlement) string {
		n, err := b.NoticeByID(b.ctx(), s.Receipt.ID+".receipt")
		b.must(err)
		return strings.Split(string(n.Rendered.Bytes), "|")[1]
	}
	all := three(tasks[0], 1, bridge.Registered, bridge.Registered, bridge.Registered)
	b.commit(all)
	if got := told(all); got != "1/2026, 2/2026, 3/2026" {
		b.Errorf("three documents are told %q", got)
	}
	mixed := three(tasks[1], 4, bridge.Registered, bridge.Refused)
	b.commit(mixed)
	if got := told(mixed); got != "" {
		b.Errorf("a refusal names %q", got)
	}
}

func testBounce(b *bench) {
	id := b.queue(1)[0]
	b.must(b.NoticeSent(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "250"))
	s := settled(b.tasks(1)[0], bridge.Ignored, "")
	s.Outcome.Records = nil
	s.Outcome.Bounced, s.Outcome.BounceStatus = id, "5.1.1"
	b.commit(s)
	if got := b.noticeState(id); got != "bounced" {
		b.Fatalf("the notice is %s", got)
	}
	if got := b.events(strings.TrimSuffix(id, ".reject")); !strings.HasSuffix(got, "notice.sent notice.bounced") {
		b.Fatalf("events are %q", got)
	}
	b.commit(b.decided(b.claimOne(), bridge.Held))
	look := bridge.Lookup{Receipt: "x", Receiver: agency, Addresses: []string{"vp@dongha.quangtri.gov.vn", "other@quangtri.gov.vn"}}
	if got := b.history(look).Suppressed; len(got) != 1 || got[0] != "vp@dongha.quangtri.gov.vn" {
		b.Fatalf("suppressed are %v", got)
	}
	b.must(b.Unsuppress(b.ctx(), "vp@dongha.quangtri.gov.vn", "lan", "đã mở lại"))
	b.must(b.Suppress(b.ctx(), "other@quangtri.gov.vn", "lan", "được yêu cầu"))
	list, err := b.Suppressions(b.ctx())
	b.must(err)
	if len(list) != 1 || list[0].Address != "other@quangtri.gov.vn" {
		b.Fatalf("suppressions are %+v", list)
	}
	full := b.queue(1)[0]
	b.must(b.NoticeSent(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "250"))
	s = settled(b.tasks(1)[0], bridge.Ignored, "")
	s.Outcome.Bounced, s.Outcome.BounceStatus = full, "5.2.2"
	b.commit(s)
	if got := b.history(look).Suppressed; len(got) != 1 {
		b.Fatalf("a full mailbox was suppressed: %v", got)
	}
}

func testCancel(b *bench) {
	ids := b.queue(2)
	out := b.outgoing(1, bridge.Caps{})[0]
	b.wants(b.CancelNotice(b.ctx(), out.Notice, "lan", "gửi nhầm"), store.ErrBusy)
	rest := ids[0]
	if rest == out.Notice {
		rest = ids[1]
	}
	b.must(b.CancelNotice(b.ctx(), rest, "lan", "gửi nhầm"))
	b.wants(b.CancelNotice(b.ctx(), rest, "lan", "gửi nhầm"), bridge.ErrNotFound)
	b.must(b.NoticeSent(b.ctx(), out, "250"))
	b.wants(b.CancelNotice(b.ctx(), out.Notice, "lan", "x"), bridge.ErrNotFound)
	b.clock.pass(time.Hour)
	if got := b.outgoing(5, bridge.Caps{}); len(got) != 0 {
		b.Fatalf("a cancelled notice was given out: %+v", got)
	}
	if got := b.noticeState(rest); got != "cancelled" {
		b.Fatalf("it is %s", got)
	}
}
