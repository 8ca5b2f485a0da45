package store_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// Two daemons never hold two deliveries of one record, each delivery is in one pair of hands, and those of a record go in their order.
func testDispatchTwoDaemons(b *bench) {
	const records = 12
	tasks := b.tasks(records)
	for i, task := range tasks {
		b.commit(registering(task, fmt.Sprint(i+1), "wqlvb"))
	}
	for range tasks { // tried, so that nobody knows whether they arrived
		b.must(b.DispatchLater(b.ctx(), b.dispatchOne("wqlvb"), b.clock.Now().Add(time.Hour), "", false))
	}
	for _, task := range tasks {
		b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, By: "lan"}))
	}
	for _, task := range b.claim(records) {
		n := slices.IndexFunc(tasks, func(t bridge.Task) bool { return t.Receipt.ID == task.Receipt.ID }) + 1
		s := registering(task, fmt.Sprint(n), "wqlvb")
		s.Outcome.History = b.history(bridge.Lookup{Receipt: task.Receipt.ID, Receiver: agency})
		s.Outcome.Records[0].Document.TrichYeu = "Báo cáo khác"
		b.commit(s)
	}
	b.wantCount("SELECT count(*) FROM dispatches WHERE state = 'queued'", 2*records)
	b.noDispatch("wqlvb")
	b.clock.pass(time.Hour)
	var mu sync.Mutex
	sent := map[string][]int{} // sequences by record, in the order in which they were claimed; guarded by mu
	twice := 0                 // guarded by mu
	var wg sync.WaitGroup
	for i, s := range []*store.Store{b.Store, b.another()} {
		wg.Go(func() {
			for {
				d, ok, err := s.ClaimDispatch(b.ctx(), fmt.Sprint("daemon-", i), "wqlvb", time.Minute)
				if err != nil || !ok {
					if err != nil {
						b.Error(err)
					}
					return
				}
				mu.Lock()
				sent[d.Record] = append(sent[d.Record], d.Seq)
				twice += b.count(`SELECT count(*) FROM (SELECT d.record FROM dispatches AS d JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id
					WHERE j.lease_owner IS NOT NULL GROUP BY d.record HAVING count(*) > 1) AS x`)
				mu.Unlock()
				if err := s.DispatchSent(b.ctx(), d, answered); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if twice != 0 || len(sent) != records {
		b.Fatalf("%d records were in two hands at once; %d were sent", twice, len(sent))
	}
	for record, order := range sent {
		if !slices.Equal(order, []int{1, 2}) {
			b.Errorf("%s went as %v", record, order)
		}
	}
	b.wantCount("SELECT count(*) FROM dispatches WHERE state = 'sent'", 2*records)
}
