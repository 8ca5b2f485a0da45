package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

func testDispatchRetry(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12", "qlvb", "khac"))
	d := b.dispatchOne("qlvb")
	b.wants(b.RetryDispatch(b.ctx(), "GL-2026-0000999/1.qlvb.1", "lan"), bridge.ErrNotFound)
	b.must(b.DispatchDead(b.ctx(), d, "refused", "cơ quan chưa có mã"))
	open, err := b.ListOpen(b.ctx(), store.OpenFilter{})
	b.must(err)
	if len(open) != 1 || open[0].Kind != store.OpenDelivery || open[0].ID != d.ID || open[0].To != "qlvb" || open[0].Text != "cơ quan chưa có mã" ||
		open[0].Reason != "refused" || !open[0].Since.Equal(b.clock.Now()) {
		b.Fatalf("open is %+v", open)
	}
	list, err := b.ListDispatches(b.ctx(), store.DispatchFilter{Target: "qlvb", State: "dead", Receipt: task.Receipt.ID})
	b.must(err)
	if len(list) != 1 || list[0].Reply != "cơ quan chưa có mã" || list[0].Attempts != 1 || list[0].DocumentID == "" {
		b.Fatalf("listed is %+v", list)
	}
	body, err := json.Marshal(list[0])
	b.must(err)
	if !strings.Contains(string(body), `"sent_at":""`) || !strings.Contains(string(body), `"next_try":""`) {
		b.Fatalf("printed as %s", body)
	}
	b.must(b.RetryDispatch(b.ctx(), d.ID, "lan"))
	b.wants(b.RetryDispatch(b.ctx(), strings.Replace(d.ID, "qlvb.1", "qlvb.2", 1), "lan"), bridge.ErrNotFound)
	again := b.dispatchOne("qlvb")
	if again.ID != d.ID || again.Job.Attempt != 1 || again.Asked {
		b.Fatalf("tried again as %+v", again)
	}
	if task := b.claimOne(); task.Receipt.ID != d.Receipt {
		b.Fatalf("decided again is %s", task.Receipt.ID)
	}
	b.must(b.DispatchSent(b.ctx(), again, answered))
	b.wants(b.RetryDispatch(b.ctx(), d.ID, "lan"), bridge.ErrNotFound)
	other := b.dispatchOne("khac")
	b.must(b.DispatchLater(b.ctx(), other, b.clock.Now().Add(time.Hour), "503", false))
	b.must(b.RetryDispatch(b.ctx(), other.ID, "lan")) // one that only waits need not
	b.dispatchOne("khac")
	if got := b.events(d.Receipt); strings.Count(got, "delivery.retried") != 1 {
		b.Fatalf("events are %s", got)
	}
}

func testDispatchCancel(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commit(registering(task, "12", "wqlvb"))
	first := b.dispatchOne("wqlvb")
	b.wants(b.CancelDispatch(b.ctx(), first.ID, "lan"), store.ErrBusy)
	b.reconsidered(id, func(s *bridge.Settlement) { s.Outcome.Records[0].Document.TrichYeu = "Báo cáo khác" })
	b.must(b.DispatchDead(b.ctx(), first, "refused", ""))
	b.noDispatch("wqlvb") // the update waits for a person's word
	b.must(b.CancelDispatch(b.ctx(), first.ID, "lan"))
	b.wants(b.CancelDispatch(b.ctx(), first.ID, "lan"), bridge.ErrNotFound)
	d := b.dispatchOne("wqlvb")
	if d.Seq != 2 || d.Event != bridge.DispatchRegistered || d.Payload.Record.Document.TrichYeu != "Báo cáo khác" {
		b.Fatalf("behind the cancelled one comes %+v", d)
	}
	b.reconsidered(id, strike)
	b.must(b.DispatchDead(b.ctx(), d, "refused", ""))
	b.must(b.CancelDispatch(b.ctx(), d.ID, "lan"))
	b.noDispatch("wqlvb") // there is nothing to withdraw
	b.wantDeliveries("wqlvb.1 registered cancelled:refused, wqlvb.2 registered cancelled:refused, wqlvb.3 withdrawn cancelled:struck-out")
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'dispatch'", 0)
}

// What stood in the register before a target was configured is queued when a person asks for it, once.
func testDispatchBacklog(b *bench) {
	const all = 210
	var in []bridge.Settlement
	for i, task := range b.tasks(all) {
		s := registering(task, fmt.Sprint(i+1))
		switch i {
		case 0:
			s.Outcome.Records[0].Reason = bridge.ReasonDoubted
		case 1:
			s = wanting(s, sum("scan"))
		case 2:
			s.Outcome.State, s.Outcome.Records[0].State = bridge.Held, bridge.Held
		}
		in = append(in, s)
	}
	b.commit(in...)
	rule := bridge.TargetRule{Name: "wqlvb", Withdraws: true}
	queue := func(since time.Time) int {
		n, err := b.QueueDispatches(b.ctx(), rule, []string{agency}, since)
		b.must(err)
		return n
	}
	if n := queue(b.clock.Now().Add(time.Hour)); n != 0 {
		b.Fatalf("queued %d that are not there", n)
	}
	if n := queue(b.clock.Now()); n != all-3 {
		b.Fatalf("queued %d, want %d", n, all-3)
	}
	if n := queue(b.clock.Now()); n != 0 {
		b.Fatalf("queued %d again", n)
	}
	d := b.dispatchOne("wqlvb")
	if d.Payload.SoDen == "" || d.DocumentID == "" || d.Payload.Channel != bridge.Email || !d.Payload.Arrived.Equal(d.Stored.InternalDate) {
		b.Fatalf("queued is %+v", d)
	}
	b.must(b.DispatchSent(b.ctx(), d, answered))
	b.must(b.Amend(b.ctx(), d.Receipt, bridge.Amendment{Kind: bridge.Amend, By: "lan"}))
	s := b.claimOne()
	same := registering(s, d.Payload.Record.Document.So, "wqlvb")
	same.Outcome.History = b.history(bridge.Lookup{Receipt: d.Receipt, Receiver: agency})
	b.commit(same) // says what was queued out of the past
	b.wantCount("SELECT count(*) FROM dispatches", all-3)
}
