package store_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// to names targets for a settlement. Those whose name begins with w can withdraw.
func to(s bridge.Settlement, names ...string) bridge.Settlement {
	s.Targets = nil
	for _, n := range names {
		s.Targets = append(s.Targets, bridge.TargetRule{Name: n, Withdraws: strings.HasPrefix(n, "w")})
	}
	return s
}

// registering is an outcome whose record has everything that a delivery tells.
func registering(t bridge.Task, number string, targets ...string) bridge.Settlement {
	s := to(settled(t, bridge.Registered, number+"/SNV-VP"), targets...)
	r := &s.Outcome.Records[0]
	r.Document.So, r.Document.KyHieu, r.Document.Ngay = number, "SNV-VP", "2026-06-12"
	r.Sender = directory.Match{Agency: "so-noi-vu", Name: "Sở Nội vụ", Code: "H50.09", How: directory.ByAddress}
	return s
}

// reconsidered commits the next outcome of a receipt, after a person has spoken.
func (b *bench) reconsidered(id string, change func(*bridge.Settlement)) {
	b.Helper()
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_khan": "khan"}, By: "lan"}))
	task := b.claimOne()
	s := registering(task, "12", "wqlvb")
	s.Outcome.History = b.history(bridge.Lookup{Receipt: id, Receiver: agency})
	change(&s)
	b.commit(s)
}

func (b *bench) dispatch(target string) (bridge.Dispatch, bool) {
	b.Helper()
	d, ok, err := b.ClaimDispatch(b.ctx(), "daemon-1", target, time.Minute)
	b.must(err)
	return d, ok
}

func (b *bench) dispatchOne(target string) bridge.Dispatch {
	b.Helper()
	d, ok := b.dispatch(target)
	if !ok {
		b.Fatalf("no delivery to %s is due", target)
	}
	return d
}

func (b *bench) noDispatch(target string) {
	b.Helper()
	if d, ok := b.dispatch(target); ok {
		b.Fatalf("%s is due", d.ID)
	}
}

// deliveries are the states of all deliveries in the order of their ids: "id event state".
func (b *bench) deliveries() string {
	b.Helper()
	if b.direct == nil {
		b.direct = b.raw(b.T, b.url)
	}
	rows, err := b.direct.Query("SELECT target, seq, event, state, reason FROM dispatches ORDER BY record, target, seq")
	b.must(err)
	var list []string
	for rows.Next() {
		var target, event, state, reason string
		var seq int
		b.must(rows.Scan(&target, &seq, &event, &state, &reason))
		if reason != "" {
			reason = ":" + reason
		}
		list = append(list, fmt.Sprintf("%s.%d %s %s%s", target, seq, event, state, reason))
	}
	b.must(errors.Join(rows.Err(), rows.Close()))
	return strings.Join(list, ", ")
}

func (b *bench) wantDeliveries(want string) {
	b.Helper()
	if got := b.deliveries(); got != want {
		b.Fatalf("deliveries are %s\nwant           %s", got, want)
	}
}

func (b *bench) openAlarms() string {
	b.Helper()
	list, err := b.OpenAlarms(b.ctx())
	b.must(err)
	var codes []string
	for _, a := range list {
		codes = append(codes, a.Code)
	}
	return strings.Join(codes, " ")
}

var answered = bridge.DispatchReply{RemoteID: "3f8a1b9e-0f2c-4c52-9d0e-2f6f3f0a1b2c", Text: "đã nhận"}

func testDispatchQueued(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12", "qlvb", "thumuc"))
	if n, err := b.WaitingDispatches(b.ctx(), "qlvb"); err != nil || n != 1 {
		b.Fatalf("%d wait, %v", n, err)
	}
	d := b.dispatchOne("qlvb")
	id := task.Receipt.ID
	if d.ID != id+"/1.qlvb.1" || d.Record != id+"/1" || d.Receipt != id || d.Event != bridge.DispatchRegistered || d.Seq != 1 || d.Job.Attempt != 1 ||
		d.DocumentID != "H50.09,2026/06/12,12/SNV-VP" || d.Asked || d.Stored.ID != id || d.Stored.Location != "seg-1@0" {
		b.Fatalf("claimed %+v", d)
	}
	if p := d.Payload; p.SoDen != "1/2026" || p.Number != 1 || p.Year != 2026 || p.Receiver != agency || p.Channel != bridge.Email || p.Book != "den" ||
		!p.Registered.Equal(b.clock.Now()) || !p.Arrived.Equal(task.Receipt.InternalDate) || p.Issuer().Code != "H50.09" || p.Record.Document.SoHieu != "12/SNV-VP" ||
		len(p.Record.Files) != 1 || len(p.Record.Document.Sources) != 0 {
		b.Fatalf("told is %+v", d.Payload)
	}
	b.noDispatch("qlvb")
	b.noDispatch("khac")
	if got := b.events(id); strings.Count(got, "delivery.queued") != 2 {
		b.Fatalf("events are %s", got)
	}
	c, err := b.Counts(b.ctx())
	b.must(err)
	if c.Dispatches["queued"] != 2 {
		b.Fatalf("counted %v", c.Dispatches)
	}
}

// Nothing is delivered of what is held, imported, came over the axis, or has files that are yet to be read.
func testDispatchNotQueued(b *bench) {
	held := registering(b.tasks(1)[0], "1", "qlvb")
	held.Outcome.State, held.Outcome.Records[0].State = bridge.Held, bridge.Held
	b.commit(held)

	doubted := registering(b.tasks(1)[0], "2", "qlvb")
	doubted.Outcome.Records[0].Reason = bridge.ReasonDoubted
	b.commit(doubted)

	old := b.arrival(50, "old")
	old.Imported = true
	axis := b.arrival(51, "axis")
	axis.Channel = bridge.System
	b.put(old, axis)
	for i, task := range b.claim(2) {
		b.commit(registering(task, fmt.Sprint(3+i), "qlvb"))
	}
	unread := b.tasks(1)[0]
	b.commit(wanting(registering(unread, "5", "qlvb"), sum("scan")))
	b.wantDeliveries("")
	b.must(b.ReadingDone(b.ctx(), b.readOne().Job, unread.Receipt.ID))
	s := registering(b.claimOne(), "5", "qlvb")
	s.Outcome.History = b.history(bridge.Lookup{Receipt: unread.Receipt.ID, Receiver: agency})
	b.commit(s)
	b.wantDeliveries("qlvb.1 registered queued")
}

// The delivery stands with the registration, or neither does.
func testDispatchTransaction(b *bench) {
	task := b.tasks(1)[0]
	s := registering(task, "12", "qlvb")
	b.LoseNextCommit()
	if _, err := b.Commit(b.ctx(), draw, []bridge.Settlement{s}); !errors.Is(err, store.ErrLostReply) {
		b.Fatalf("got %v", err)
	}
	b.wantCount("SELECT count(*) FROM dispatches", 0)
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'dispatch'", 0)
	b.LoseNextReply()
	if _, err := b.Commit(b.ctx(), draw, []bridge.Settlement{s}); !errors.Is(err, store.ErrLostReply) {
		b.Fatalf("got %v", err)
	}
	b.wants(b.commitErr(s), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM dispatches", 1)
	b.wantCount("SELECT count(*) FROM records WHERE state = 'registered'", 1)
}

func testDispatchSettle(b *bench) {
	b.commit(registering(b.tasks(1)[0], "12", "qlvb"))
	d := b.dispatchOne("qlvb")
	b.must(b.RenewDispatch(b.ctx(), d, "daemon-1", time.Hour))
	b.clock.pass(30 * time.Minute)
	b.noDispatch("qlvb") // the lease was renewed
	b.must(b.DispatchLater(b.ctx(), d, b.clock.Now().Add(time.Minute), "503 bận", false))
	b.wants(b.DispatchSent(b.ctx(), d, answered), bridge.ErrFenced)
	b.wants(b.RenewDispatch(b.ctx(), d, "daemon-1", time.Hour), bridge.ErrFenced)
	b.noDispatch("qlvb")
	b.clock.pass(time.Minute)
	d = b.dispatchOne("qlvb")
	if d.Job.Attempt != 2 || !d.Asked || d.FirstTry.IsZero() {
		b.Fatalf("second try is %+v", d)
	}
	b.must(b.DispatchLater(b.ctx(), d, b.clock.Now(), "stopping", true))
	d = b.dispatchOne("qlvb")
	if d.Job.Attempt != 2 {
		b.Fatalf("a blameless failure counted: attempt %d", d.Job.Attempt)
	}
	b.LoseNextReply()
	b.wants(b.DispatchSent(b.ctx(), d, answered), store.ErrLostReply)
	b.wants(b.DispatchSent(b.ctx(), d, answered), bridge.ErrFenced)
	b.wantDeliveries("qlvb.1 registered sent")
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'dispatch'", 0)

	b.commit(registering(b.tasks(1)[0], "13", "qlvb"))
	d = b.dispatchOne("qlvb")
	b.must(b.DispatchDead(b.ctx(), d, "refused", "422 "+strings.Repeat("không hợp lệ ", 100)))
	b.noDispatch("qlvb")
	b.wantDeliveries("qlvb.1 registered sent, qlvb.1 registered dead:refused")
	b.wantCount("SELECT count(*) FROM dispatches WHERE length(reply) > 401", 0)
	if got := b.events(d.Receipt); !strings.HasSuffix(got, "delivery.queued delivery.failed") {
		b.Fatalf("events are %s", got)
	}
}

// An update waits for what came before it, and is told only when something that was told has changed.
func testDispatchOrder(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commit(registering(task, "12", "wqlvb"))
	first := b.dispatchOne("wqlvb")
	b.reconsidered(id, func(*bridge.Settlement) {}) // says the same
	b.wantDeliveries("wqlvb.1 registered queued")
	retitle := func(title string) func(*bridge.Settlement) {
		return func(s *bridge.Settlement) { s.Outcome.Records[0].Document.TrichYeu = title }
	}
	b.reconsidered(id, retitle("Báo cáo quý II"))
	b.wantDeliveries("wqlvb.1 registered queued, wqlvb.2 updated queued")
	b.reconsidered(id, retitle("Báo cáo quý III")) // the one in between was told nobody
	b.wantDeliveries("wqlvb.1 registered queued, wqlvb.2 updated cancelled:superseded, wqlvb.3 updated queued")
	b.noDispatch("wqlvb")
	if n, err := b.WaitingDispatches(b.ctx(), "wqlvb"); err != nil || n != 1 {
		b.Fatalf("%d wait, %v", n, err)
	}
	b.must(b.DispatchLater(b.ctx(), first, b.clock.Now().Add(time.Hour), "", false))
	b.noDispatch("wqlvb")
	b.clock.pass(time.Hour)
	first = b.dispatchOne("wqlvb")
	if first.Seq != 1 {
		b.Fatalf("%s came before the first", first.ID)
	}
	b.must(b.DispatchSent(b.ctx(), first, answered))
	second := b.dispatchOne("wqlvb")
	if second.Seq != 3 || second.Event != bridge.DispatchUpdated || second.DocumentID != first.DocumentID || second.Payload.Record.Document.TrichYeu != "Báo cáo quý III" {
		b.Fatalf("the update is %+v", second)
	}
	b.must(b.DispatchSent(b.ctx(), second, answered))
	b.reconsidered(id, retitle("Báo cáo quý III"))
	b.reconsidered(id, func(s *bridge.Settlement) { // the identity stays although the number was corrected
		retitle("Báo cáo quý III")(s)
		s.Outcome.Records[0].Document.So = "21"
	})
	if third := b.dispatchOne("wqlvb"); third.DocumentID != first.DocumentID || third.Seq != 4 {
		b.Fatalf("the second update is %+v", third)
	}
}

// What was refused and never delivered is told anew when it changes; what was given up may be there, so it is updated.
func testDispatchAfterDead(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12", "wqlvb"))
	b.must(b.DispatchDead(b.ctx(), b.dispatchOne("wqlvb"), "refused", "no code"))
	b.reconsidered(task.Receipt.ID, func(s *bridge.Settlement) { s.Outcome.Records[0].Sender.Code = "H50.10" })
	b.wantDeliveries("wqlvb.1 registered cancelled:refused, wqlvb.2 registered queued")
	b.must(b.DispatchDead(b.ctx(), b.dispatchOne("wqlvb"), "given-up", "no answer"))
	b.reconsidered(task.Receipt.ID, func(s *bridge.Settlement) { s.Outcome.Records[0].Sender.Code = "H50.11" })
	b.wantDeliveries("wqlvb.1 registered cancelled:refused, wqlvb.2 registered cancelled:superseded, wqlvb.3 updated queued")
}

func strike(s *bridge.Settlement) {
	s.Outcome.State, s.Outcome.Records[0].State, s.Outcome.Records[0].Reason = bridge.Held, bridge.Held, "clerk"
}

func testDispatchStruckOut(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	both := func(change func(*bridge.Settlement)) func(*bridge.Settlement) {
		return func(s *bridge.Settlement) {
			*s = to(*s, "wqlvb", "thumuc")
			change(s)
		}
	}
	b.commit(registering(task, "12", "wqlvb", "thumuc"))
	b.reconsidered(id, both(strike)) // nobody was told anything
	b.wantDeliveries("thumuc.1 registered cancelled:struck-out, wqlvb.1 registered cancelled:struck-out")
	b.noDispatch("wqlvb")
	b.reconsidered(id, both(func(*bridge.Settlement) {}))
	for _, target := range []string{"wqlvb", "thumuc"} {
		b.must(b.DispatchSent(b.ctx(), b.dispatchOne(target), answered))
	}
	b.reconsidered(id, both(strike))
	b.reconsidered(id, both(strike)) // once is enough
	b.wantDeliveries("thumuc.1 registered cancelled:struck-out, thumuc.2 registered sent, " +
		"wqlvb.1 registered cancelled:struck-out, wqlvb.2 registered sent, wqlvb.3 withdrawn queued")
	if got := b.openAlarms(); got != "delivery-stands" {
		b.Fatalf("alarms are %q", got)
	}
	d := b.dispatchOne("wqlvb")
	if d.Event != bridge.DispatchWithdrawn || d.Payload.SoDen != "1/2026" || d.Payload.Reason != "clerk" {
		b.Fatalf("the withdrawal is %+v", d)
	}
	b.must(b.DispatchSent(b.ctx(), d, answered))
	b.reconsidered(id, func(*bridge.Settlement) {})
	if d := b.dispatchOne("wqlvb"); d.Event != bridge.DispatchRegistered || d.Seq != 4 {
		b.Fatalf("after a withdrawal comes %+v", d)
	}
}

// A delivery in somebody's hands goes its way before the withdrawal, and is not tried again.
func testDispatchStruckOutInHands(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12", "wqlvb"))
	d := b.dispatchOne("wqlvb")
	b.reconsidered(task.Receipt.ID, strike)
	b.wantDeliveries("wqlvb.1 registered queued, wqlvb.2 withdrawn queued")
	b.noDispatch("wqlvb")
	b.must(b.DispatchLater(b.ctx(), d, b.clock.Now(), "timeout", false))
	if d := b.dispatchOne("wqlvb"); d.Event != bridge.DispatchWithdrawn {
		b.Fatalf("%s is tried again", d.ID)
	}
	b.wantDeliveries("wqlvb.1 registered cancelled:struck-out, wqlvb.2 withdrawn queued")
}

// What was registered before a target was known stays here.
func testDispatchNewTarget(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12"))
	b.clock.pass(time.Hour)
	b.commit(registering(b.tasks(1)[0], "13", "wqlvb"))
	b.reconsidered(task.Receipt.ID, func(s *bridge.Settlement) { s.Outcome.Records[0].Document.TrichYeu = "Báo cáo khác" })
	b.wantCount("SELECT count(*) FROM dispatches", 1)
}

func testDispatchLostClaim(b *bench) {
	b.commit(registering(b.tasks(1)[0], "12", "qlvb"))
	for range 3 {
		b.LoseNextReply()
		_, _, err := b.ClaimDispatch(b.ctx(), "daemon-1", "qlvb", time.Hour)
		b.wants(err, store.ErrLostReply)
	}
	if d := b.dispatchOne("qlvb"); d.Job.Attempt != 1 {
		b.Fatalf("claimed at attempt %d", d.Job.Attempt)
	}
}

// What came over the axis as well is in the document system already: it is not queued, and not given out when that is known too late.
func testDispatchOnAxis(b *bench) {
	join := func(record, number string, uid uint32) {
		in := b.arrival(uid, fmt.Sprint("axis ", uid))
		in.Channel = bridge.System
		b.put(in)
		s := registering(b.claimOne(), number, "qlvb")
		s.Outcome.State, s.Outcome.Records[0].State, s.Outcome.Records[0].JoinTo = bridge.Duplicate, bridge.Duplicate, record
		b.commit(s)
	}
	queued := b.tasks(1)[0]
	b.commit(registering(queued, "12", "qlvb"))
	join(queued.Receipt.ID+"/1", "12", 60)
	b.noDispatch("qlvb")
	b.wantDeliveries("qlvb.1 registered cancelled:on-axis")

	unread := b.tasks(1)[0]
	b.commit(wanting(registering(unread, "13", "qlvb"), sum("scan")))
	join(unread.Receipt.ID+"/1", "13", 61)
	b.must(b.ReadingDone(b.ctx(), b.readOne().Job, unread.Receipt.ID))
	s := registering(b.claimOne(), "13", "qlvb")
	s.Outcome.History = b.history(bridge.Lookup{Receipt: unread.Receipt.ID, Receiver: agency})
	b.commit(s)
	b.wantDeliveries("qlvb.1 registered cancelled:on-axis")
	if n, err := b.QueueDispatches(b.ctx(), bridge.TargetRule{Name: "khac"}, []string{agency}, b.clock.Now().Add(-time.Hour)); err != nil || n != 0 {
		b.Fatalf("queued %d out of the past, %v", n, err)
	}
}
