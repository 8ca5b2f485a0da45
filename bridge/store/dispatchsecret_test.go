package store_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser/vanban"
)

// A secret that is found late: nothing more goes out, nothing of it stays, and the alarm says where it went.
func testDispatchSecret(b *bench) {
	tellTarget := func(s bridge.Settlement) bridge.Settlement {
		s = to(s, "wqlvb", "thumuc", "khac")
		r := &s.Outcome.Records[0]
		r.Document = vanban.Document{SoHieu: "77/KH-SAOBANG", So: "77", KyHieu: "KH-SAOBANG", Ngay: "2026-06-12", TrichYeu: "Kế hoạch Sao Băng"}
		r.Files[0].Name = "sao-bang.pdf"
		return s
	}
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commit(tellTarget(registering(task, "77")))
	b.must(b.DispatchSent(b.ctx(), b.dispatchOne("wqlvb"), bridge.DispatchReply{RemoteID: "77/KH-SAOBANG", Text: "đã nhận Sao Băng"}))
	b.must(b.DispatchLater(b.ctx(), b.dispatchOne("thumuc"), b.clock.Now(), "không rõ Sao Băng", false))
	inHand := b.dispatchOne("khac")
	for _, column := range []string{"payload", "document_id", "reply", "remote_id"} {
		if !strings.Contains(strings.Join(b.quoting(), "; ")+";", "dispatches."+column+" has") {
			b.Fatalf("dispatches.%s quotes nothing before", column)
		}
	}
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": "mat"}, By: "lan"}))
	secret := b.claimOne()
	stale := quarantining(tellTarget(b.decided(secret, bridge.Registered)))
	want := []string{id + "/1 khac true", id + "/1 thumuc true", id + "/1 wqlvb false"}
	var got []string
	for _, d := range stale.Outcome.History.Delivered {
		got = append(got, fmt.Sprint(d.Record, " ", d.Target, " ", d.At.IsZero()))
	}
	if !slices.Equal(got, want) {
		b.Fatalf("history has delivered %v, want %v", got, want)
	}
	unaware := stale
	unaware.Outcome.History.Delivered = unaware.Outcome.History.Delivered[:1]
	b.wants(b.commitErr(unaware), bridge.ErrStale) // its alarm would not say all
	b.commit(stale)
	b.wantDeliveries("khac.1 registered cancelled:secret, thumuc.1 registered cancelled:secret, wqlvb.1 registered sent")
	if left := b.quoting(); len(left) != 0 {
		b.Fatalf("left are %s", strings.Join(left, "; "))
	}
	if b.name == "sqlite" {
		if left := b.inFiles(); len(left) != 0 {
			b.Fatalf("left in the files are %v", left)
		}
	}
	b.wants(b.DispatchSent(b.ctx(), inHand, answered), bridge.ErrFenced)
	b.wants(b.RenewDispatch(b.ctx(), inHand, "daemon-1", time.Minute), bridge.ErrFenced)
	for _, target := range []string{"wqlvb", "thumuc", "khac"} {
		b.noDispatch(target)
	}
	b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'dispatch'", 0)
}

// A delivery that was queued while its receipt was becoming a secret is not given out.
func testDispatchSecretAtClaim(b *bench) {
	task := b.tasks(1)[0]
	b.commit(registering(task, "12", "qlvb"))
	_, err := b.raw(b.T, b.url).Exec("UPDATE receipts SET state = 'quarantined'")
	b.must(err)
	b.noDispatch("qlvb")
	b.wantDeliveries("qlvb.1 registered cancelled:secret")
}

// Fields that bear a mark are never queued, whatever was decided about the record.
func testDispatchSecretAtQueue(b *bench) {
	marked := registering(b.tasks(1)[0], "12", "qlvb")
	marked.Outcome.Records[0].Document.DoMat = vanban.Mat
	b.commit(marked)
	words := registering(b.tasks(1)[0], "13", "qlvb")
	words.Outcome.Records[0].Files[0].Name = "[MẬT] bao cao.pdf"
	b.commit(words)
	b.wantDeliveries("")
	if got := b.openAlarms(); got != "delivery-withheld delivery-withheld" {
		b.Fatalf("alarms are %q", got)
	}
}
