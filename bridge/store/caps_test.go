package store_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// queueTo makes one notice to each address and gives their ids.
func (b *bench) queueTo(kind notice.Kind, to ...string) []string {
	b.Helper()
	var in []bridge.Settlement
	var ids []string
	for i, t := range b.tasks(len(to)) {
		s := telling(settled(t, bridge.Held, ""), kind)
		s.Outcome.Notice.To, s.Outcome.Notice.Agency = to[i], "agency-of-"+to[i]
		in = append(in, s)
		ids = append(ids, t.Receipt.ID+"."+string(kind))
	}
	b.commit(in...)
	return ids
}

// several gives n addresses of one domain.
func several(n int, domain string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("vanthu%d@%s", i, domain)
	}
	return out
}

// sendAll hands over whatever is given out, and tells how many that were.
func (b *bench) sendAll(caps bridge.Caps) int {
	b.Helper()
	n := 0
	for {
		out := b.outgoing(50, caps)
		if len(out) == 0 {
			return n
		}
		for _, o := range out {
			b.must(b.NoticeSent(b.ctx(), o, "250"))
			n++
		}
	}
}

// A mail domain is counted by itself, whatever letters it is written in; a sub-domain is another one.
func testCapDomain(b *bench) {
	ids := b.queueTo(notice.Receipt, "a@QuangTri.gov.vn", "b@quangtri.gov.vn", "c@quangtri.gov.VN", "d@dongha.quangtri.gov.vn")
	caps := bridge.Caps{PerDomainHour: 2}
	if n := b.sendAll(caps); n != 3 {
		b.Fatalf("%d were given out, want 2 of the domain and 1 of its sub-domain", n)
	}
	events := b.explain(strings.TrimSuffix(ids[2], ".receipt")).Events
	if last := events[len(events)-1]; last.Type != "notice.deferred" || !strings.Contains(string(last.Leaf), "per-domain-hour") {
		b.Fatalf("the last event is %s %s", last.Type, last.Leaf)
	}
	b.clock.pass(time.Hour)
	if n := b.sendAll(caps); n != 1 {
		b.Fatalf("%d were given out when the window was free, want 1", n)
	}
}

// A small office may have a busy morning; what is over the floor stops everything but alarms, for all daemons, until a person resumes.
func testBreaker(b *bench) {
	caps := bridge.Caps{BreakerFactor: 10, BreakerFloor: 20}
	b.queueTo(notice.Receipt, several(20, "quangtri.gov.vn")...)
	if n := b.sendAll(caps); n != 20 {
		b.Fatalf("%d of an ordinary morning were given out, want 20", n)
	}
	late := b.queueTo(notice.Refuse, several(2, "quangtri.gov.vn")...)
	if n := b.sendAll(caps); n != 0 {
		b.Fatalf("%d were given out over the floor", n)
	}
	stopped, is, err := b.NoticesStopped(b.ctx())
	b.must(err)
	if !is || stopped.Tried != 20 || stopped.Bound != 20 || !stopped.Since.Equal(b.clock.Now()) {
		b.Fatalf("it is stopped %v %+v", is, stopped)
	}
	alarms, err := b.OpenAlarms(b.ctx())
	b.must(err)
	if len(alarms) != 1 || alarms[0].Code != store.CodeBreaker {
		b.Fatalf("alarms are %+v", alarms)
	}
	b.must(b.MailAlarm(b.ctx(), draw, store.CodeBreaker, []notice.Draft{{To: "admin@quangtri.gov.vn"}}))
	if out := b.outgoing(1, caps); len(out) != 1 || out[0].Kind != notice.Alarm {
		b.Fatalf("the mail about it was not given out: %+v", out)
	} else {
		b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	}

	b.must(b.ClearAlarm(b.ctx(), store.CodeBreaker)) // closing the alarm starts nothing
	b.clock.pass(48 * time.Hour)
	other := b.another()
	out, err := other.ClaimNotices(b.ctx(), "outbox-2", 9, time.Minute, caps)
	b.must(err)
	if len(out) != 0 {
		b.Fatalf("another daemon sends: %+v", out)
	}
	if alarms, err = b.OpenAlarms(b.ctx()); err != nil || len(alarms) != 1 {
		b.Fatalf("closed without a word it is not raised again: %+v, %v", alarms, err)
	}
	b.must(b.ResumeNotices(b.ctx(), "hoa", "đã xem, là văn bản thật"))
	b.wants(b.ResumeNotices(b.ctx(), "hoa", "x"), bridge.ErrNotFound)
	if alarms, err = b.OpenAlarms(b.ctx()); err != nil || len(alarms) != 0 {
		b.Fatalf("resumed, alarms are %+v, %v", alarms, err)
	}
	if n := b.sendAll(caps); n != len(late) {
		b.Fatalf("resumed, %d were given out at once, want %d", n, len(late))
	}
	b.wantCount(`SELECT count(*) FROM events WHERE type = 'notices.stopped'`, 1)
	b.wantCount(`SELECT count(*) FROM events WHERE type = 'notices.resumed' AND actor = 'hoa'`, 1)
}

// What was tried before a person resumed does not stop it again in the same hour; a second flood does.
func testBreakerAgain(b *bench) {
	caps := bridge.Caps{BreakerFactor: 10, BreakerFloor: 5}
	b.queueTo(notice.Receipt, several(12, "quangtri.gov.vn")...)
	if n := b.sendAll(caps); n != 5 {
		b.Fatalf("%d were given out, want 5", n)
	}
	b.must(b.ResumeNotices(b.ctx(), "hoa", "đã xem"))
	b.clock.pass(time.Second)
	if n := b.sendAll(caps); n != 5 {
		b.Fatalf("%d were given out after it was resumed, want 5 more", n)
	}
	if _, is, err := b.NoticesStopped(b.ctx()); !is || err != nil {
		b.Fatalf("a second flood did not stop it: %v", err)
	}
}

// A busy office sends ten times its usual hour before it is stopped. Nights do not count, or its usual hour would be nothing.
func testBreakerUsual(b *bench) {
	caps := bridge.Caps{BreakerFactor: 10, BreakerFloor: 5}
	for range 5 { // five days of three hours with two notices each
		for range 3 {
			b.queueTo(notice.Receipt, several(2, "quangtri.gov.vn")...)
			if n := b.sendAll(caps); n != 2 {
				b.Fatalf("%d were given out in a usual hour", n)
			}
			b.clock.pass(time.Hour)
		}
		b.clock.pass(21 * time.Hour)
	}
	b.queueTo(notice.Receipt, several(25, "quangtri.gov.vn")...)
	if n := b.sendAll(caps); n != 20 {
		b.Fatalf("%d were given out, want ten times the usual two", n)
	}
}

// The first morning after nine days of Tết is an ordinary one: what was usual before them counts.
func testBreakerAfterHolidays(b *bench) {
	caps := bridge.Caps{BreakerFactor: 10, BreakerFloor: 5}
	for range 3 {
		b.queueTo(notice.Receipt, several(3, "quangtri.gov.vn")...)
		b.sendAll(caps)
		b.clock.pass(24 * time.Hour)
	}
	b.clock.pass(9 * 24 * time.Hour)
	b.queueTo(notice.Receipt, several(40, "quangtri.gov.vn")...)
	if n := b.sendAll(caps); n != 30 {
		b.Fatalf("%d were given out, want ten times the usual three", n)
	}
}

// A bound of the store that is off holds nothing up.
func testBreakerOff(b *bench) {
	b.queueTo(notice.Receipt, several(30, "quangtri.gov.vn")...)
	if n := b.sendAll(bridge.Caps{PerHour: 1000, BreakerFloor: 5}); n != 30 {
		b.Fatalf("%d were given out, want all 30", n)
	}
}

// The mail about an alarm goes before everything that is held up, however much that is.
func testAlarmFirst(b *bench) {
	b.queueTo(notice.Receipt, several(40, strings.Repeat("a", 10)+".gov.vn")...)
	alarm := bridge.Alarm{Key: "k", Code: "c", Text: "t"}
	b.must(b.RaiseAlarm(b.ctx(), draw, alarm, []notice.Draft{{To: "admin@quangtri.gov.vn"}}))
	if out := b.outgoing(1, bridge.Caps{OnlyAlarms: true}); len(out) != 1 || out[0].Kind != notice.Alarm {
		b.Fatalf("given out first was %+v", out)
	}
}
