package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// told makes a receipt with a notice of this kind, and gives both ids.
func (b *bench) told(kind notice.Kind) (receipt, id string) {
	b.Helper()
	s := telling(settled(b.tasks(1)[0], bridge.Refused, ""), kind)
	b.commit(s)
	return s.Receipt.ID, s.Receipt.ID + "." + string(kind)
}

// again makes a receipt due by a clerk's word and gives its settlement on the history as it is.
func (b *bench) again(receipt string, state bridge.State) bridge.Settlement {
	b.Helper()
	b.must(b.Amend(b.ctx(), receipt, bridge.Amendment{Kind: bridge.Exception, Reason: "chấp nhận", By: "lan"}))
	return b.decided(b.claimOne(), state)
}

func (b *bench) decided(t bridge.Task, state bridge.State) bridge.Settlement {
	b.Helper()
	s := settled(t, state, "")
	s.Outcome.History = b.history(bridge.Lookup{Receipt: t.Receipt.ID, Receiver: agency})
	return s
}

func (b *bench) wantHistory(receipt, notices, failed string) {
	b.Helper()
	h := b.history(bridge.Lookup{Receipt: receipt, Receiver: agency})
	if got := fmt.Sprint(h.Notices, h.Failed); got != notices+" "+failed {
		b.Fatalf("history has notices and failed %s, want %s %s", got, notices, failed)
	}
}

func testOverruled(b *bench) {
	receipt, refusal := b.told(notice.Refuse)
	b.wantHistory(receipt, "[]", "[]") // nobody heard of it yet
	b.commit(telling(b.again(receipt, bridge.Registered), notice.Accepted))
	n, err := b.NoticeByID(b.ctx(), refusal)
	b.must(err)
	if n.State != "cancelled" || n.Reply != "overruled" {
		b.Fatalf("the overruled refusal is %s, %q", n.State, n.Reply)
	}
	out := b.outgoing(9, bridge.Caps{})
	if len(out) != 1 || out[0].Notice != receipt+".accepted" {
		b.Fatalf("given out were %+v", out)
	}
	if got := b.events(receipt); !strings.Contains(got, "notice.cancelled") {
		b.Fatalf("events are %s", got)
	}
	b.wantHistory(receipt, "[accepted]", "[]") // withdrawn by us, so nothing failed
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	b.wantHistory(receipt, "[accepted]", "[]")

	waiting, id := b.told(notice.Refuse) // in review it is overruled as well
	b.must(b.NoticeLater(b.ctx(), b.outgoing(1, bridge.Caps{})[0], b.clock.Now().Add(time.Hour), "451"))
	b.wantHistory(waiting, "[]", "[]")
	b.commit(b.again(waiting, bridge.Held))
	if got := b.noticeState(id); got != "cancelled" {
		b.Fatalf("it is %s", got)
	}
	b.clock.pass(2 * time.Hour)
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
		b.Fatalf("given out were %+v", out)
	}
	b.wantCount("SELECT count(*) FROM jobs", 0)
}

func testMadeAnew(b *bench) {
	receipt, id := b.told(notice.Remind)
	before, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	b.must(b.NoticeLater(b.ctx(), b.outgoing(1, bridge.Caps{})[0], b.clock.Now().Add(time.Hour), "451"))
	b.clock.pass(time.Minute)
	s := telling(b.again(receipt, bridge.Registered), notice.Remind) // with a number now
	s.Outcome.Notice.To = "vt@dongha.quangtri.gov.vn"
	s.Review = true
	b.commit(s)
	n, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if n.State != "review" || n.To != "vt@dongha.quangtri.gov.vn" || n.Rendered.EnvelopeTo != n.To || n.Rendered.MessageID != before.Rendered.MessageID ||
		!strings.Contains(string(n.Rendered.Bytes), "|1/2026|1|") || !n.FirstTry.IsZero() || n.Reply != "" {
		b.Fatalf("made anew it is %+v, %s", n, n.Rendered.Bytes)
	}
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 {
		b.Fatalf("given out were %+v", out)
	}
	b.commit(b.again(receipt, bridge.Held)) // and away
	s = telling(b.again(receipt, bridge.Registered), notice.Remind)
	b.commit(s)
	if got := b.noticeState(id); got != "queued" {
		b.Fatalf("after it was withdrawn and made again it is %s", got)
	}
	out := b.outgoing(9, bridge.Caps{})
	if len(out) != 1 || !strings.Contains(string(out[0].Bytes), "|1/2026|1|") {
		b.Fatalf("given out were %+v", out)
	}
	b.wantCount("SELECT reminders FROM correspondents", 1)
	b.wantCount("SELECT count(*) FROM notices", 1)
}

// A person released it, and the new outcome says the same: it goes on as it was.
func testSaysTheSame(b *bench) {
	s := telling(settled(b.tasks(1)[0], bridge.Refused, ""), notice.Refuse)
	s.Review = true
	b.commit(s)
	id := s.Receipt.ID + ".reject"
	b.must(b.ReleaseNotice(b.ctx(), id, "lan"))
	before, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	b.clock.pass(time.Hour)
	s = telling(b.again(s.Receipt.ID, bridge.Refused), notice.Refuse)
	s.Review = true
	b.commit(s)
	after, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if after.State != "queued" || string(after.Rendered.Bytes) != string(before.Rendered.Bytes) {
		b.Fatalf("it was %+v, and is %+v", before, after)
	}
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 1 {
		b.Fatalf("given out were %+v", out)
	}
}

func testOverrulesWhatIsSent(b *bench) {
	receipt, id := b.told(notice.Refuse)
	early := telling(b.again(receipt, bridge.Registered), notice.Accepted)
	out := b.outgoing(1, bridge.Caps{})[0]
	b.wants(b.commitErr(early), bridge.ErrStale) // it is in somebody's hands since
	held := b.decided(bridge.Task{Job: early.Job, Receipt: early.Receipt}, bridge.Registered)
	b.wantHistory(receipt, "[reject]", "[]")
	b.wants(b.commitErr(telling(held, notice.Accepted)), bridge.ErrStale) // and still is
	same := b.decided(bridge.Task{Job: early.Job, Receipt: early.Receipt}, bridge.Refused)
	same.Outcome.Silence = notice.SilentDuplicate
	b.commit(same) // that says nothing else
	if got := b.noticeState(id); got != "queued" {
		b.Fatalf("it is %s", got)
	}
	next := b.again(receipt, bridge.Registered)
	b.must(b.NoticeSent(b.ctx(), out, "250"))
	b.commit(telling(next, notice.Accepted)) // as the history said
	if got := b.noticeState(id); got != "sent" {
		b.Fatalf("it is %s", got)
	}
	stale := b.again(receipt, bridge.Refused)
	stale.Outcome.History.Notices = nil
	b.wants(b.commitErr(stale), bridge.ErrStale)

	other, late := b.told(notice.Refuse)
	next = b.again(other, bridge.Registered)
	for _, o := range b.outgoing(9, bridge.Caps{}) {
		b.must(b.NoticeSent(b.ctx(), o, "250"))
	}
	b.wants(b.commitErr(next), bridge.ErrStale) // sent since
	if got := b.noticeState(late); got != "sent" {
		b.Fatalf("it is %s", got)
	}
}

// A refusal that nobody hears of does not stand: its receipt is decided again.
func testRefusalNotTold(b *bench) {
	receipt, id := b.told(notice.Refuse)
	b.must(b.NoticeDead(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "550 5.1.1 unknown"))
	b.wantHistory(receipt, "[reject]", "[reject]")
	b.commit(b.decided(b.claimOne(), bridge.Held))
	b.must(b.ReleaseNotice(b.ctx(), id, "lan")) // a person tries it again
	b.wantHistory(receipt, "[]", "[]")
	b.commit(telling(b.decided(b.claimOne(), bridge.Refused), notice.Refuse))
	out := b.outgoing(1, bridge.Caps{})
	if len(out) != 1 || out[0].Notice != id {
		b.Fatalf("released it was not given out: %+v", out)
	}
	b.must(b.NoticeSent(b.ctx(), out[0], "250"))
	b.wantHistory(receipt, "[reject]", "[]")

	// The bounce comes in the batch that decides the receipt again for another reason.
	hand := b.again(receipt, bridge.Refused)
	bounce := settled(b.tasks(1)[0], bridge.Ignored, "")
	bounce.Outcome.Records = nil
	bounce.Outcome.Bounced, bounce.Outcome.BounceStatus = id, "5.2.2"
	b.commit(hand, bounce)
	b.wantHistory(receipt, "[reject]", "[reject]")
	b.commit(b.decided(b.claimOne(), bridge.Held))
	bounce = settled(b.tasks(1)[0], bridge.Ignored, "")
	bounce.Outcome.Records = nil
	bounce.Outcome.Bounced = id
	b.commit(bounce)
	b.wantCount("SELECT count(*) FROM jobs", 0) // known already
	b.must(b.CancelNotice(b.ctx(), id, "lan", "đã gọi điện"))
	if got := b.noticeState(id); got != "cancelled" {
		b.Fatalf("it is %s", got)
	}
	b.wantHistory(receipt, "[reject]", "[reject]")
	b.commit(telling(b.decided(b.claimOne(), bridge.Refused), notice.Refuse)) // what was handed over once is not made again
	b.wantCount("SELECT count(*) FROM jobs", 0)

	receipt, id = b.told(notice.NotCounted)
	b.must(b.CancelNotice(b.ctx(), id, "lan", "nhầm"))
	b.wantHistory(receipt, "[]", "[not-counted]")
	b.commit(telling(b.decided(b.claimOne(), bridge.Refused), notice.NotCounted))
	if got := b.noticeState(id); got != "cancelled" { // nobody said anything new since
		b.Fatalf("decided again it is %s", got)
	}
	b.wantHistory(receipt, "[]", "[not-counted]")
	b.clock.pass(time.Minute)
	b.commit(telling(b.again(receipt, bridge.Refused), notice.NotCounted)) // a clerk's word
	if got := b.noticeState(id); got != "review" {
		b.Fatalf("made anew it is %s", got)
	}
	b.wantHistory(receipt, "[]", "[]")

	_, id = b.told(notice.Receipt)
	b.must(b.CancelNotice(b.ctx(), id, "lan", "nhầm"))
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
	b.wants(b.CancelNotice(b.ctx(), "none", "lan", "x"), bridge.ErrNotFound)
	b.wants(b.ReleaseNotice(b.ctx(), "none", "lan"), bridge.ErrNotFound)
}

// The receipt is in a worker's hands while its refusal dies: what the worker decided does not hold.
func testRefusalDiesMeanwhile(b *bench) {
	receipt, _ := b.told(notice.Refuse)
	hand := b.again(receipt, bridge.Refused)
	out := b.outgoing(1, bridge.Caps{})[0]
	b.must(b.NoticeDead(b.ctx(), out, "550"))
	b.wants(b.NoticeDead(b.ctx(), out, "550"), bridge.ErrFenced)
	b.wants(b.commitErr(telling(hand, notice.Refuse)), bridge.ErrStale)
	b.commit(b.decided(bridge.Task{Job: hand.Job, Receipt: hand.Receipt}, bridge.Held))
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
	items, err := b.ListOpen(b.ctx(), store.OpenFilter{})
	b.must(err)
	if len(items) != 2 || items[1].State != "failed" {
		b.Fatalf("open work is %+v", items)
	}
	b.must(b.CancelNotice(b.ctx(), items[1].ID, "lan", "đã gọi điện"))
	b.commit(b.decided(b.claimOne(), bridge.Held))
	if items, err = b.ListOpen(b.ctx(), store.OpenFilter{}); err != nil || len(items) != 1 {
		b.Fatalf("a settled notice is still open: %+v, %v", items, err)
	}
}

// An outbox sends, clerks change their minds and cancel, workers decide again, all at once. Nothing that was withdrawn is ever sent.
func testOverruleRace(b *bench) {
	const n = 12
	ids := b.queue(n)
	var all sync.WaitGroup
	all.Go(func() { // the outbox
		s := b.another()
		for i := range 4 * n {
			out, err := s.ClaimNotices(b.ctx(), "outbox", 2, time.Minute, bridge.Caps{PerHour: 1000})
			if err != nil {
				b.Error(err)
			}
			for _, o := range out {
				switch {
				case i%3 == 0:
					err = s.NoticeLater(b.ctx(), o, b.clock.Now(), "451")
				case i%5 == 0:
					err = s.NoticeDead(b.ctx(), o, "550")
				default:
					err = s.NoticeSent(b.ctx(), o, "250")
				}
				if err != nil {
					b.Error(err)
				}
			}
		}
	})
	all.Go(func() { // clerks
		s := b.another()
		for i, id := range ids {
			receipt := strings.TrimSuffix(id, ".reject")
			if err := s.Amend(b.ctx(), receipt, bridge.Amendment{Kind: bridge.Exception, Reason: "x", By: "lan"}); err != nil {
				b.Error(err)
			}
			if i%2 == 0 {
				if err := s.CancelNotice(b.ctx(), id, "lan", "x"); err != nil && !errors.Is(err, bridge.ErrNotFound) && !errors.Is(err, store.ErrBusy) {
					b.Error(err)
				}
			}
		}
	})
	worker := func() { decideAll(b, b.another(), 2*n) }
	all.Go(worker)
	all.Go(worker)
	all.Wait()
	b.clock.pass(time.Hour)
	decideAll(b, b.Store, 4*n)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
	b.wantCount("SELECT count(*) FROM jobs AS j WHERE NOT EXISTS (SELECT 1 FROM notices AS n WHERE n.id = j.job_key AND n.state IN ('queued', 'failed'))", 0)
	b.wantCount("SELECT count(*) FROM notices AS n WHERE n.state = 'queued' AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.job_key = n.id)", 0)
	b.wantCount("SELECT count(*) FROM notices WHERE state = 'cancelled' AND sent_at IS NOT NULL", 0)
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'reject' AND state = 'queued'", 0)
}

// decideAll decides what is due, now for the acceptance and now for the refusal, as a worker would.
func decideAll(b *bench, s *store.Store, rounds int) {
	for i := range rounds {
		tasks, err := s.ClaimTasks(b.ctx(), "w", 3, time.Minute)
		if err != nil {
			b.Error(err)
		}
		for _, t := range tasks {
			h, err := s.Histories(b.ctx(), []bridge.Lookup{{Receipt: t.Receipt.ID, Receiver: agency}})
			if err != nil {
				b.Error(err)
				continue
			}
			in := settled(t, bridge.Held, "")
			in.Outcome.History = h[0]
			if i%2 == 0 {
				in = telling(in, notice.Accepted)
			}
			errs, err := s.Commit(b.ctx(), draw, []bridge.Settlement{in})
			if err != nil {
				b.Error(err)
				continue
			}
			if errors.Is(errs[0], bridge.ErrStale) {
				errs[0] = s.FailTask(b.ctx(), t, "stale", true)
			}
			if errs[0] != nil {
				b.Error(errs[0])
			}
		}
	}
}
