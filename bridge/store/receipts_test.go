package store_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

func testFirstReceipt(b *bench) {
	puts := b.put(b.arrival(1, "a"), b.arrival(2, "b"))
	want := []bridge.Put{{Receipt: "GL-2026-0000001"}, {Receipt: "GL-2026-0000002"}}
	if !reflect.DeepEqual(puts, want) {
		b.Fatalf("got %+v, want %+v", puts, want)
	}
	if got := b.uids(); got[1] != bridge.Waiting || got[2] != bridge.Waiting {
		b.Fatalf("uids are %v, want both waiting", got)
	}
	if got := b.events("GL-2026-0000001"); got != "receipt.stored" {
		b.Fatalf("events are %q", got)
	}
	r := b.claim(2)[0].Receipt
	a := b.arrival(1, "a")
	if r.ID != "GL-2026-0000001" || r.Raw != a.Raw.Raw() || r.Content != a.Raw.Content() || r.Size != a.Raw.Size() || r.Location != a.Location ||
		r.Mailbox != "vanthu" || r.Receiver != agency || r.Channel != bridge.Email || !r.InternalDate.Equal(a.InternalDate) ||
		!r.FetchedAt.Equal(a.FetchedAt) || !r.StoredAt.Equal(b.clock.Now()) || r.Imported || r.Attempt != 1 {
		b.Fatalf("the claimed receipt is %+v", r)
	}
}

func testSameOrigin(b *bench) {
	first := b.put(b.arrival(1, "a"), b.arrival(2, "b"), b.arrival(3, "a"))
	again := b.put(b.arrival(3, "a"), b.arrival(2, "b"), b.arrival(1, "a"), b.arrival(4, "c"))
	for i := range first {
		first[i].Known = true
	}
	want := []bridge.Put{first[2], first[1], first[0], {Receipt: "GL-2026-0000003"}}
	if !reflect.DeepEqual(again, want) {
		b.Fatalf("got %+v, want %+v", again, want)
	}
	b.wantCount("SELECT count(*) FROM receipts", 3)
	b.wantCount("SELECT count(*) FROM deliveries", 4)
	b.wantCount("SELECT count(*) FROM jobs", 3)
	b.wantCount("SELECT count(*) FROM events", 4)
}

func testJoined(b *bench) {
	other := b.watch("Công văn")
	first := b.put(b.arrival(1, "a"))[0]
	b.commit(settled(b.claimOne(), bridge.Registered, "12/UBND"))
	puts := b.put(b.arrivalIn(other, 3, 9, "a"), b.arrival(5, "a"))
	for _, p := range puts {
		if p.Receipt != first.Receipt || !p.Joined {
			b.Fatalf("got %+v, want a delivery joined to %s", p, first.Receipt)
		}
	}
	if got := b.uids(); got[1] != bridge.Registered || got[5] != bridge.Duplicate {
		b.Fatalf("uids are %v", got)
	}
	b.wantCount("SELECT count(*) FROM jobs", 0)
	e := b.explain(first.Receipt)
	if len(e.Deliveries) != 3 || e.Deliveries[0].Joined || !e.Deliveries[1].Joined || e.Deliveries[0].Raw == e.Deliveries[1].Raw {
		b.Fatalf("deliveries are %+v", e.Deliveries)
	}
	if !strings.HasSuffix(b.events(first.Receipt), "delivery.joined delivery.joined") {
		b.Fatalf("events are %q", b.events(first.Receipt))
	}
}

func testBatchDuplicates(b *bench) {
	puts := b.put(b.arrival(1, "a"), b.arrival(2, "a"), b.arrival(1, "a"))
	id := puts[0].Receipt
	want := []bridge.Put{{Receipt: id}, {Receipt: id, Joined: true}, {Receipt: id, Known: true}}
	if !reflect.DeepEqual(puts, want) {
		b.Fatalf("got %+v, want %+v", puts, want)
	}
	if got := b.uids(); got[1] != bridge.Waiting || got[2] != bridge.Duplicate {
		b.Fatalf("uids are %v", got)
	}
	b.wantCount("SELECT count(*) FROM deliveries", 2)
	b.wantCount("SELECT count(*) FROM jobs", 1)
}

func testTwoReceivers(b *bench) {
	one, two := b.arrival(1, "a"), b.arrival(2, "a")
	two.Receiver = "so-tttt"
	puts := b.put(one, two)
	if puts[0].Receipt == puts[1].Receipt || puts[1].Joined {
		b.Fatalf("got %+v, want two receipts", puts)
	}
	b.wantCount("SELECT count(*) FROM messages", 1)
}

func testRenumbered(b *bench) {
	b.put(b.arrival(1, "a"), b.arrival(2, "b"))
	b.commit(settled(b.claimOne(), bridge.Held, ""))
	puts := b.put(b.arrivalIn(b.folder, 8, 101, "a"), b.arrivalIn(b.folder, 8, 102, "b"))
	if !puts[0].Joined || !puts[1].Joined {
		b.Fatalf("got %+v, want joined deliveries", puts)
	}
	list, err := b.UIDStates(b.ctx(), b.folder, 8)
	b.must(err)
	if list[0].State != bridge.Held || list[1].State != bridge.Waiting {
		b.Fatalf("uids are %+v: the same mail under a new number follows its receipt", list)
	}
	b.commit(settled(b.claimOne(), bridge.Registered, "1/UBND"))
	list, err = b.UIDStates(b.ctx(), b.folder, 8)
	b.must(err)
	if list[1].State != bridge.Registered {
		b.Fatalf("uids are %+v", list)
	}
}

func testLostReceipts(b *bench) {
	b.LoseNextReply()
	in := []bridge.Stored{b.arrival(1, "a"), b.arrival(2, "a"), b.arrival(3, "b")}
	_, err := b.PutReceipts(b.ctx(), bridge.Fence{}, in)
	b.wants(err, store.ErrLostReply)
	puts := b.put(in...)
	want := []bridge.Put{{Receipt: "GL-2026-0000001", Known: true}, {Receipt: "GL-2026-0000001", Joined: true, Known: true}, {Receipt: "GL-2026-0000002", Known: true}}
	if !reflect.DeepEqual(puts, want) {
		b.Fatalf("got %+v, want %+v", puts, want)
	}
	b.wantCount("SELECT count(*) FROM receipts", 2)
	b.wantCount("SELECT count(*) FROM events", 3)
}

// Both daemons bring the same 60 messages in different orders, each under its own UIDs, and every batch twice.
func testTwoDaemonsReceive(b *bench) {
	other := b.another()
	folder := b.watch("Khác")
	var both sync.WaitGroup
	bring := func(s *store.Store, folder int64, backwards bool) {
		for batch := range 6 {
			var in []bridge.Stored
			for i := range 10 {
				n := batch*10 + i
				if backwards {
					n = 59 - n
				}
				in = append(in, b.arrivalIn(folder, 7, uint32(n+1), fmt.Sprint("mail ", n)))
			}
			for range 2 {
				if _, err := s.PutReceipts(context.Background(), bridge.Fence{}, in); err != nil {
					b.Error(err)
				}
			}
		}
	}
	both.Go(func() { bring(b.Store, b.folder, false) })
	both.Go(func() { bring(other, folder, true) })
	both.Wait()
	b.wantCount("SELECT count(*) FROM receipts", 60)
	b.wantCount("SELECT count(*) FROM deliveries", 120)
	b.wantCount("SELECT count(*) FROM jobs", 60)
	b.wantCount("SELECT count(*) FROM receipts WHERE id = 'GL-2026-0000060'", 1)
	b.wantCount("SELECT count(*) FROM uids WHERE state = 'waiting'", 60)
	b.wantCount("SELECT count(*) FROM uids WHERE state = 'duplicate'", 60)
}

func testReceiptYear(b *bench) {
	b.clock.pass(time.Date(2026, 12, 31, 16, 59, 59, 0, time.UTC).Sub(b.clock.Now()))
	if got := b.put(b.arrival(1, "a"))[0].Receipt; got != "GL-2026-0000001" {
		b.Fatalf("got %s before the Vietnamese new year", got)
	}
	b.clock.pass(time.Second)
	if got := b.put(b.arrival(2, "b"))[0].Receipt; got != "GL-2027-0000001" {
		b.Fatalf("got %s in the first second of the Vietnamese new year", got)
	}
}

// PostgreSQL refuses what SQLite would swallow: NUL and bytes that are not UTF-8.
func testDirtyText(b *bench) {
	a := b.arrival(1, "a")
	a.Mailbox = "văn\x00thư\xff"
	a.Origin += "\x00\xfe"
	puts := b.put(a)
	if again := b.put(a); again[0].Receipt != puts[0].Receipt || !again[0].Known {
		b.Fatalf("the same dirty origin gave %+v, then %+v", puts, again)
	}
	s := settled(b.claimOne(), bridge.Registered, "1\x00/UBND\xff")
	s.Outcome.Facts.Subject = "V/v \x00 họp\xe1\xba"
	s.Outcome.Records[0].Document.TrichYeu = `dấu \u0000 viết ra` + "\x00"
	s.Outcome.Reason = "bad\x00reason"
	b.commit(s)
	e := b.explain(puts[0].Receipt)
	if e.Facts.Subject != "V/v  họp\uFFFD" {
		b.Fatalf("subject is %q", e.Facts.Subject)
	}
	if got := e.Records[0].Document.TrichYeu; got != `dấu \u0000 viết ra` {
		b.Fatalf("text that spells an escape became %q", got)
	}
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 9}, bridge.Failed, "x\x00y\xff"))
}

func testUnknownReceiver(b *bench) {
	a := b.arrival(1, "a")
	a.Receiver = "ai-do"
	if _, err := b.PutReceipts(b.ctx(), bridge.Fence{}, []bridge.Stored{b.arrival(2, "b"), a}); err == nil {
		b.Fatal("an arrival for an unknown receiving agency was taken")
	}
	b.wantCount("SELECT count(*) FROM receipts", 0)
	if got := b.put(b.arrival(2, "b"))[0].Receipt; got != "GL-2026-0000001" {
		b.Fatalf("got %s: a number was lost with the transaction", got)
	}
}

func testLease(b *bench) {
	f, ok, err := b.TakeLease(b.ctx(), "INBOX", "one", time.Minute)
	b.must(err)
	if !ok || f.Token != 1 {
		b.Fatalf("got %+v, %v", f, ok)
	}
	if _, ok, err = b.TakeLease(b.ctx(), "INBOX", "two", time.Minute); ok || err != nil {
		b.Fatalf("a held lease was taken: %v, %v", ok, err)
	}
	b.clock.pass(50 * time.Second)
	b.must(b.RenewLease(b.ctx(), f, time.Minute))
	b.clock.pass(59 * time.Second)
	if _, ok, err = b.TakeLease(b.ctx(), "INBOX", "two", time.Minute); ok || err != nil {
		b.Fatalf("a renewed lease was taken: %v, %v", ok, err)
	}
	b.clock.pass(time.Second)
	g, ok, err := b.TakeLease(b.ctx(), "INBOX", "two", time.Minute)
	b.must(err)
	if !ok || g.Token <= f.Token {
		b.Fatalf("an expired lease was not taken: %+v, %v", g, ok)
	}
	b.wants(b.RenewLease(b.ctx(), f, time.Minute), bridge.ErrFenced)
	b.must(b.DropLease(b.ctx(), f)) // the old owner's farewell does no harm
	if _, ok, _ = b.TakeLease(b.ctx(), "INBOX", "one", time.Minute); ok {
		b.Fatal("the old owner dropped the lease of the new one")
	}
	b.must(b.DropLease(b.ctx(), g))
	h, ok, err := b.TakeLease(b.ctx(), "INBOX", "one", time.Minute)
	b.must(err)
	if !ok || h.Token <= g.Token {
		b.Fatalf("a dropped lease was not taken with a higher fence: %+v, %v", h, ok)
	}
}

func testFencedWrites(b *bench) {
	f, _, err := b.TakeLease(b.ctx(), "INBOX", "one", time.Minute)
	b.must(err)
	if _, err := b.PutReceipts(b.ctx(), f, []bridge.Stored{b.arrival(1, "a")}); err != nil {
		b.Fatal(err)
	}
	b.clock.pass(2 * time.Minute)
	b.must(b.Sighted(b.ctx(), f, b.folder, 7, []uint32{1, 2})) // run out, but in the same hands
	if _, ok, err := b.TakeLease(b.ctx(), "INBOX", "two", time.Minute); !ok || err != nil {
		b.Fatal(ok, err)
	}
	k := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 2}
	_, err = b.PutReceipts(b.ctx(), f, []bridge.Stored{b.arrival(2, "b")})
	b.wants(err, bridge.ErrFenced)
	b.wants(b.Sighted(b.ctx(), f, b.folder, 7, []uint32{3}), bridge.ErrFenced)
	_, err = b.FetchTried(b.ctx(), f, k)
	b.wants(err, bridge.ErrFenced)
	b.wants(b.SettleUID(b.ctx(), f, k, bridge.Vanished, ""), bridge.ErrFenced)
	b.wants(b.ActionDone(b.ctx(), f, k, ""), bridge.ErrFenced)
	b.wantCount("SELECT count(*) FROM receipts", 1)
	b.wantCount("SELECT count(*) FROM uids", 2)
}

func testAccounted(b *bench) {
	b.must(b.Sighted(b.ctx(), bridge.Fence{}, b.folder, 7, []uint32{1, 2, 3, 4, 5, 6, 7, 9}))
	b.put(b.arrival(1, "a"), b.arrival(2, "b"), b.arrival(3, "c"), b.arrival(7, "d"), b.arrivalIn(b.folder, 6, 5, "old"))
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 6}, bridge.Vanished, "gone"))
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 9}, bridge.Failed, "literal"))
	got, err := b.Accounted(b.ctx(), b.folder, 7)
	b.must(err)
	if want := []bridge.UIDRange{{From: 1, To: 3}, {From: 6, To: 7}, {From: 9, To: 9}}; !reflect.DeepEqual(got, want) {
		b.Fatalf("got %v, want %v", got, want)
	}
	waiting, err := b.WaitingUIDs(b.ctx(), b.folder, 7)
	b.must(err)
	if want := []bridge.UIDRange{{From: 4, To: 5}}; !reflect.DeepEqual(waiting, want) {
		b.Fatalf("waiting %v, want %v", waiting, want)
	}
	if again := b.watch("INBOX"); again != b.folder {
		b.Fatalf("the same folder got another row: %d, %d", again, b.folder)
	}
	moved, err := b.Folder(b.ctx(), "vanthu@mail.khac.vn:993", "INBOX", "vanthu", agency)
	b.must(err)
	if moved == b.folder {
		b.Fatal("a repointed account kept its row")
	}
}

func testFetchTries(b *bench) {
	k := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 4}
	for want := 1; want <= 3; want++ {
		got, err := b.FetchTried(b.ctx(), bridge.Fence{}, k)
		b.must(err)
		if got != want {
			b.Fatalf("try %d was counted as %d", want, got)
		}
	}
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, k, bridge.Failed, "fetch-broken"))
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, k, bridge.Failed, "fetch-broken"))
	b.wantCount("SELECT count(*) FROM events WHERE type = 'uid.failed'", 1)
	b.put(b.arrival(5, "a"))
	five := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 5}
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, five, bridge.Vanished, ""))
	if got := b.uids(); got[4] != bridge.Failed || got[5] != bridge.Waiting {
		b.Fatalf("uids are %v: one with a receipt cannot vanish", got)
	}
	b.wants(b.SettleUID(b.ctx(), bridge.Fence{}, k, bridge.Registered, ""), bridge.ErrPermanent)
	if puts := b.put(b.arrival(4, "late")); puts[0].Joined {
		b.Fatalf("got %+v", puts)
	}
	if got := b.uids()[4]; got != bridge.Waiting {
		b.Fatalf("a failed uid that came after all is %s", got)
	}
}

func testUIDValidity(b *bench) {
	for _, v := range []uint32{7, 7, 4_000_000_000, 4_000_000_000} {
		b.must(b.Sighted(b.ctx(), bridge.Fence{}, b.folder, v, []uint32{1}))
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'mailbox.uidvalidity'", 1)
	b.wantCount("SELECT count(*) FROM uids", 2)
	folders, err := b.Folders(b.ctx())
	b.must(err)
	if len(folders) != 1 || folders[0].UIDValidity != 4_000_000_000 || folders[0].Mailbox != "vanthu" {
		b.Fatalf("folders are %+v", folders)
	}
	b.wants(b.Sighted(b.ctx(), bridge.Fence{}, 999, 1, []uint32{1}), bridge.ErrNotFound)
}

func testActions(b *bench) {
	old := b.arrival(3, "c")
	old.Imported = true
	b.put(b.arrival(1, "a"), b.arrival(2, "b"), old)
	tasks := b.claim(3)
	b.commit(settled(tasks[0], bridge.Held, ""), settled(tasks[2], bridge.ImportedOld, ""))
	pending := func() []bridge.Settled {
		got, err := b.PendingActions(b.ctx(), b.folder, 7, 10)
		b.must(err)
		return got
	}
	one := bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 1}
	if got := pending(); !reflect.DeepEqual(got, []bridge.Settled{{Key: one, State: bridge.Held}}) {
		b.Fatalf("pending are %+v: neither waiting nor imported mail is touched", got)
	}
	b.must(b.ActionDone(b.ctx(), bridge.Fence{}, one, "flag $Held"))
	b.must(b.ActionDone(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 2}, "too early"))
	if got := pending(); len(got) != 0 {
		b.Fatalf("pending are %+v after it was done", got)
	}
	b.must(b.Amend(b.ctx(), tasks[0].Receipt.ID, bridge.Amendment{Kind: bridge.Release, Reason: "đã xác minh", By: "lan"}))
	b.commit(settled(b.claimOne(), bridge.Registered, "5/UBND"))
	if got := pending(); !reflect.DeepEqual(got, []bridge.Settled{{Key: one, State: bridge.Registered}}) {
		b.Fatalf("pending are %+v: a new state asks for a new action", got)
	}
}

func testKnownOrigins(b *bench) {
	b.put(b.arrival(1, "a"), b.arrival(2, "a")) // the second is joined
	known, err := b.KnownOrigins(context.Background(), []string{b.arrival(1, "a").Origin, b.arrival(2, "a").Origin, b.arrival(3, "a").Origin, "axis:x:edoc:1:" + agency})
	b.must(err)
	if want := map[string]bool{b.arrival(1, "a").Origin: true, b.arrival(2, "a").Origin: true}; !reflect.DeepEqual(known, want) {
		b.Fatalf("known are %v, want %v", known, want)
	}
	if known, err := b.KnownOrigins(context.Background(), nil); err != nil || len(known) != 0 {
		b.Fatalf("of none are known %v, %v", known, err)
	}
}
