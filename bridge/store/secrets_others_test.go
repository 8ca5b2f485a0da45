package store_test

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// Who is joined to a record that turns out to be a secret is decided again; a first outcome that finds the mark leaves what people wrote nowhere.
func testLateSecretOthers(b *bench) {
	tasks := b.tasks(3)
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	join := settled(tasks[1], bridge.Duplicate, "1/UBND")
	join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	b.commit(join)
	b.must(b.FailTask(b.ctx(), tasks[2], "stale", true))
	b.must(b.Amend(b.ctx(), tasks[2].Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"trich_yeu": "Sao Băng"}, By: "lan", Reason: "Sao Băng"}))
	b.clock.pass(time.Minute)
	b.commit(b.decided(b.claimOne(), bridge.Quarantined))
	if left := b.quoting(); len(left) != 0 {
		b.Fatalf("left are %s", strings.Join(left, "; "))
	}
	b.commit(b.again(tasks[0].Receipt.ID, bridge.Quarantined))
	if got := b.claimOne(); got.Receipt.ID != tasks[1].Receipt.ID {
		b.Fatalf("decided again is %s", got.Receipt.ID)
	}
}
