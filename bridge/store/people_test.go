package store_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

func testOpenWork(b *bench) {
	tasks := b.tasks(3)
	waiting := telling(settled(tasks[1], bridge.Held, ""), notice.Refuse)
	waiting.Review = true
	b.commit(settled(tasks[0], bridge.Held, ""), waiting)
	tasks[2].Job.Attempt = 3
	b.must(b.FailTask(b.ctx(), tasks[2], "breaks", false))
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 77}, bridge.Failed, "literal"))
	b.must(b.RaiseAlarm(b.ctx(), draw, bridge.Alarm{Key: "k", Code: "c", Text: "t"}, nil))
	items, err := b.ListOpen(b.ctx(), store.OpenFilter{})
	b.must(err)
	var got []string
	for _, i := range items {
		got = append(got, fmt.Sprintf("%s %s %s", i.Kind, i.ID, i.State))
	}
	want := []string{"receipt GL-2026-0000001 held", "receipt GL-2026-0000002 held", "receipt GL-2026-0000003 failed",
		fmt.Sprintf("uid %d/7/77 failed", b.folder), "notice GL-2026-0000002.reject review", "alarm k open"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		b.Fatalf("open work is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if items[0].Subject != "Báo cáo" || items[0].Since != b.clock.Now() || items[4].To != "vp@dongha.quangtri.gov.vn" {
		b.Fatalf("items are %+v", items)
	}
	items, err = b.ListOpen(b.ctx(), store.OpenFilter{Receiver: "so-tttt", Limit: 1})
	b.must(err)
	if len(items) != 1 || items[0].Kind != store.OpenAlarms {
		b.Fatalf("another agency's open work is %+v", items)
	}
}

// A list that is cut says so, and one that is asked for everything is not.
func testOpenCut(b *bench) {
	var in []bridge.Settlement
	for _, t := range b.tasks(3) {
		s := telling(settled(t, bridge.Held, ""), notice.Refuse)
		s.Review = true
		in = append(in, s)
	}
	b.commit(in...)
	b.must(b.RaiseAlarm(b.ctx(), draw, bridge.Alarm{Key: "k", Code: "c", Text: "t"}, nil))
	list := func(limit int) string {
		items, err := b.ListOpen(b.ctx(), store.OpenFilter{Limit: limit})
		b.must(err)
		var kinds []string
		for _, i := range items {
			kinds = append(kinds, string(i.Kind)+"="+i.ID)
		}
		return strings.Join(kinds, " ")
	}
	if got := list(1); got != "receipt=GL-2026-0000001 more=receipt notice=GL-2026-0000001.reject more=notice alarm=k" {
		b.Fatalf("cut it is %s", got)
	}
	if got := list(3); strings.Contains(got, "more") || got != list(0) {
		b.Fatalf("whole it is %s, and %s", got, list(0))
	}
}

func testRetry(b *bench) {
	task := b.tasks(1)[0]
	b.wants(b.RetryReceipt(b.ctx(), task.Receipt.ID), bridge.ErrNotFound) // it has not failed
	b.wantCount("SELECT count(*) FROM jobs WHERE attempts = 1", 1)
	task.Job.Attempt = 3
	b.must(b.FailTask(b.ctx(), task, "breaks", false))
	b.must(b.RetryReceipt(b.ctx(), task.Receipt.ID))
	if got := b.uids()[1]; got != bridge.Waiting {
		b.Fatalf("its uid is %s", got)
	}
	if again := b.claimOne(); again.Job.Attempt != 1 || again.Job.Fence <= task.Job.Fence {
		b.Fatalf("the revived task is %+v", again.Job)
	}
	k := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 5}
	b.wants(b.RetryUID(b.ctx(), k), bridge.ErrNotFound)
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, k, bridge.Failed, "literal"))
	b.must(b.RetryUID(b.ctx(), k))
	ranges, err := b.Accounted(b.ctx(), b.folder, 7)
	b.must(err)
	if len(ranges) != 1 || ranges[0].To != 1 {
		b.Fatalf("accounted are %v: a retried uid needs a fetch", ranges)
	}
	b.wants(b.Amend(b.ctx(), "GL-2026-0009999", bridge.Amendment{Kind: bridge.Release, By: "lan"}), bridge.ErrNotFound)
	b.wantCount("SELECT count(*) FROM jobs", 1)
	if err := b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: "magic", By: "lan"}); err == nil {
		b.Fatal("an unknown kind of amendment was taken")
	}
	_, err = b.Explain(b.ctx(), "GL-2026-0009999")
	b.wants(err, bridge.ErrNotFound)
}

// A UID of an older numbering cannot be fetched any more: it waits for nobody.
func testRetryOldUID(b *bench) {
	k := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 5}
	b.must(b.Sighted(b.ctx(), bridge.Fence{}, b.folder, 7, []uint32{5}))
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, k, bridge.Failed, "message-failed"))
	b.must(b.Sighted(b.ctx(), bridge.Fence{}, b.folder, 8, []uint32{1}))
	const vanished = "SELECT count(*) FROM uids WHERE uidvalidity = 7 AND state = 'vanished' AND reason = 'renumbered'"
	b.wantCount(vanished, 1)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'uid.vanished'", 1)
	b.wants(b.RetryUID(b.ctx(), k), bridge.ErrNotFound)

	late := k // it failed after the folder was renumbered
	late.UID = 6
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, late, bridge.Failed, "message-failed"))
	b.must(b.RetryUID(b.ctx(), late))
	b.wantCount(vanished, 2)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'uid.vanished'", 2)

	now := bridge.UIDKey{Folder: b.folder, UIDValidity: 8, UID: 1}
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, now, bridge.Failed, "message-failed"))
	b.must(b.RetryUID(b.ctx(), now))
	b.wantCount("SELECT count(*) FROM uids WHERE uidvalidity = 8 AND state = 'waiting'", 1)
}

func testVersions(b *bench) {
	body := []byte("title = \"UBND\"\n\x00\xff")
	sum := fmt.Sprintf("%x", sha256.Sum256(body))
	for range 2 {
		b.must(b.PutVersion(b.ctx(), store.RulesVersion, sum, body))
	}
	got, err := b.Version(b.ctx(), sum)
	b.must(err)
	if string(got) != string(body) {
		b.Fatalf("got %q", got)
	}
	_, err = b.Version(b.ctx(), strings.Repeat("0", 64))
	b.wants(err, bridge.ErrNotFound)
	if _, known, err := b.LastActivation(b.ctx()); known || err != nil {
		b.Fatalf("before the first activation: %v, %v", known, err)
	}
	one := bridge.Versions{Program: "1", Knowledge: "a", Rules: "r", Directory: "d", Settings: "s"}
	two := bridge.Versions{Program: "1", Knowledge: "b"}
	for _, v := range []bridge.Versions{one, one, two, two, one} {
		b.must(b.ActivateKnowledge(b.ctx(), "", v))
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'knowledge.activated'", 3)
	if last, known, err := b.LastActivation(b.ctx()); last != one || !known || err != nil {
		b.Fatalf("last activated is %+v, %v, %v", last, known, err)
	}
}

func testRefs(b *bench) {
	tasks := b.tasks(3)
	b.commit(settled(tasks[0], bridge.Held, ""))
	c, err := b.Counts(b.ctx())
	b.must(err)
	if c.Receipts[bridge.Held] != 1 || c.Receipts[bridge.Waiting] != 2 || c.UIDs[bridge.Waiting] != 2 {
		b.Fatalf("counts are %+v", c)
	}
	var refs []store.RawRef
	for after := ""; ; {
		page, err := b.RawRefs(b.ctx(), after, 2)
		b.must(err)
		if len(page) == 0 {
			break
		}
		refs = append(refs, page...)
		after = page[len(page)-1].Origin
	}
	if len(refs) != 3 || refs[0].Raw != tasks[0].Receipt.Raw || refs[0].Location != "seg-1@0" || refs[0].Size != 170_000 {
		b.Fatalf("refs are %+v", refs)
	}
	ids, err := b.ReceiptIDs(b.ctx(), "GL-2026-0000001", 10)
	b.must(err)
	if len(ids) != 2 || ids[1] != "GL-2026-0000003" {
		b.Fatalf("receipts are %v", ids)
	}
	b.must(b.Ping(b.ctx()))
}

// What stands beside a leaf opens its commitments, whatever the text was.
func testLeaves(b *bench) {
	task := b.tasks(1)[0]
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, By: "lan\x00", Reason: "sai\xff số\x00", Fields: map[string]string{"so_hieu": "1\x00/U"}}))
	rows, err := b.raw(b.T, b.url).Query("SELECT leaf, sealed, salts FROM events")
	b.must(err)
	defer func() { b.must(rows.Close()) }()
	n := 0
	for rows.Next() {
		var leaf, sealed, salts []byte
		b.must(rows.Scan(&leaf, &sealed, &salts))
		kept := audit.Stored{Leaf: leaf}
		unmarshal(b, sealed, &kept.Sealed)
		unmarshal(b, salts, &kept.Salts)
		b.must(kept.Check())
		n += len(kept.Sealed)
	}
	b.must(rows.Err())
	if n != 3 { // origin; reason and field
		b.Fatalf("%d sealed values, want 3", n)
	}
}

func testSchema(b *bench) {
	b.wants(store.Create(b.ctx(), b.url), fs.ErrExist)
	b.must(store.Migrate(b.ctx(), b.url))
	db := b.raw(b.T, b.url)
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		b.Fatal(err)
	}
	_, err := store.Open(b.ctx(), b.url, store.Options{})
	b.wants(err, store.ErrSchema)
	if !strings.Contains(err.Error(), "newer") {
		b.Fatalf("got %v", err)
	}
	b.wants(store.Migrate(b.ctx(), b.url), store.ErrSchema)
	if _, err := db.Exec("DELETE FROM goose_db_version WHERE version_id > 0"); err != nil {
		b.Fatal(err)
	}
	_, err = store.Open(b.ctx(), b.url, store.Options{})
	b.wants(err, store.ErrSchema)
	if !strings.Contains(err.Error(), "giaolien db migrate") {
		b.Fatalf("got %v", err)
	}
	_, err = store.Open(b.ctx(), b.fresh(b.T), store.Options{})
	if err == nil || !strings.Contains(err.Error(), "giaolien db migrate") {
		b.Fatalf("a database without a schema: %v", err)
	}
}

func testMigrateTwice(b *bench) {
	url := b.fresh(b.T)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = store.Migrate(b.ctx(), url) })
	}
	all.Wait()
	b.must(errors.Join(errs...))
	s, err := store.Open(b.ctx(), url, store.Options{})
	b.must(err)
	b.must(s.Close())
}

func unmarshal(b *bench, text []byte, v any) {
	b.Helper()
	b.must(json.Unmarshal(text, v))
}
