package store_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

// bringing is a settlement that answers a mail with these files.
func bringing(t bridge.Task, news bool, files ...string) bridge.Settlement {
	s := telling(settled(t, bridge.Held, ""), notice.Receipt)
	s.Outcome.Brings = bridge.Brings{Files: []string{}, New: news}
	for _, f := range files {
		s.Outcome.Brings.Files = append(s.Outcome.Brings.Files, sum(f))
	}
	return s
}

// asking is what a mail with these files asks of the past.
func asking(t bridge.Task, files ...string) bridge.Lookup {
	l := bridge.Lookup{Receipt: t.Receipt.ID, Receiver: agency, Addresses: []string{"vp@dongha.quangtri.gov.vn"}, At: t.Receipt.InternalDate}
	for _, f := range files {
		l.Files = append(l.Files, sum(f))
	}
	return l
}

// Of several mails of one sender that bring nothing new, a commit answers one, in one batch and in two; the history says so afterwards.
func testNothingNew(b *bench) {
	tasks := b.tasks(3)
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{bringing(tasks[1], false), bringing(tasks[0], false)})
	b.must(err)
	b.wants(errs[0], bridge.ErrStale) // of the two the later one
	b.must(errs[1])
	b.wants(b.commitErr(bringing(tasks[1], false)), bridge.ErrStale)
	if told := b.history(asking(tasks[1])).Told; !told.Equal(b.clock.Now()) {
		b.Fatalf("the sender was told at %s, want %s", told, b.clock.Now())
	}
	if told := b.history(asking(tasks[0])).Told; !told.IsZero() {
		b.Fatalf("the mail that was answered finds itself: %s", told)
	}
	b.commit(bringing(tasks[2], true, "a"), b.decided(tasks[1], bridge.Held)) // a document is answered all the same
	b.clock.pass(26 * time.Hour)
	late := b.tasks(1)[0]
	if told := b.history(asking(late)).Told; !told.IsZero() {
		b.Fatalf("after a day the sender was told at %s", told)
	}
	b.commit(bringing(late, false))
}

// A file that a sender was told of is known to him from then on, and so is a slip that he was sent; to others, and to the receipt that brought
// it, it is not.
func testKnownFiles(b *bench) {
	tasks := b.tasks(2)
	slip := sum("slip")
	carrying := func(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
		r, err := draw(d, n)
		r.Slip = slip
		return r, err
	}
	errs, err := b.Commit(b.ctx(), carrying, []bridge.Settlement{bringing(tasks[0], true, "a"), bringing(tasks[1], true, "a")})
	b.must(err)
	b.must(errs[0])
	b.wants(errs[1], bridge.ErrStale)
	h := b.history(asking(tasks[1], "a", "b", "slip"))
	want := []string{sum("a"), slip}
	slices.Sort(want)
	if fmt.Sprint(h.Known) != fmt.Sprint(want) {
		b.Fatalf("known are %v, want %v", h.Known, want)
	}
	if h := b.history(asking(tasks[0], "a")); len(h.Known) != 0 {
		b.Fatalf("the receipt that brought it knows it: %v", h.Known)
	}
	other := asking(tasks[1], "a")
	other.Addresses = []string{"khac@quangtri.gov.vn"}
	if h := b.history(other); len(h.Known) != 0 || !h.Told.IsZero() {
		b.Fatalf("somebody else knows it: %+v", h)
	}
	b.commit(bringing(tasks[1], true, "a", "c"))
	b.clock.pass(48 * time.Hour)
	late := b.tasks(1)[0]
	if h := b.history(asking(late, "c")); len(h.Known) != 1 {
		b.Fatalf("after two days known are %v", h.Known)
	}
}

// What was taken back unsent told nobody anything.
func testTakenBackTellsNothing(b *bench) {
	id := b.queue(1)[0]
	t := b.tasks(1)[0]
	if h := b.history(asking(t)); h.Told.IsZero() {
		b.Fatal("a notice that waits is not seen")
	}
	b.must(b.CancelNotice(b.ctx(), id, "lan", "gửi nhầm"))
	if h := b.history(asking(t)); !h.Told.IsZero() {
		b.Fatalf("one that was taken back counts: %s", h.Told)
	}
}

// After an outage the mails of days are answered at once. What brings nothing new among them is answered once all the same, in one batch and in
// two: their sender hears from us now, however long ago they came.
func testNothingNewOfABacklog(b *bench) {
	tasks := b.tasks(3)
	b.clock.pass(3 * 24 * time.Hour)
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{bringing(tasks[0], false), bringing(tasks[1], false)})
	b.must(err)
	b.must(errs[0])
	b.wants(errs[1], bridge.ErrStale)
	for _, t := range tasks[1:] {
		if told := b.history(asking(t)).Told; !told.Equal(b.clock.Now()) {
			b.Fatalf("the sender was told at %s, want %s", told, b.clock.Now())
		}
		b.wants(b.commitErr(bringing(t, false)), bridge.ErrStale)
	}
}

// A file is known to whatever came after the first mail that brought it, in whichever order they were answered.
func testKnownFilesLateFirst(b *bench) {
	tasks := b.tasks(3)
	b.commit(bringing(tasks[2], true, "a"))
	b.commit(bringing(tasks[0], true, "a"))
	if h := b.history(asking(tasks[1], "a")); len(h.Known) != 1 {
		b.Fatalf("known are %v, want the file that an earlier mail brought", h.Known)
	}
	b.wants(b.commitErr(bringing(tasks[1], true, "a")), bridge.ErrStale)
}

// A mail may have several addresses, and its file be known to another one than the one that is answered. What was decided so stands.
func testKnownToAnother(b *bench) {
	tasks := b.tasks(2)
	other := bringing(tasks[0], true, "a")
	other.Outcome.Notice.To = "khac@quangtri.gov.vn"
	b.commit(other)
	l := asking(tasks[1], "a")
	l.Addresses = append(l.Addresses, "khac@quangtri.gov.vn")
	if h := b.history(l); len(h.Known) != 1 {
		b.Fatalf("known are %v", h.Known)
	}
	b.commit(bringing(tasks[1], false, "a"))
}

// A mail whose mark of secrecy is found late is answered by the neutral note although its sender heard from us that day: it brings a file that
// was not spoken of. Taking its words out must not make it look as if it brought nothing, or its commit is refused for ever.
func testNewsOfLateSecret(b *bench) {
	tasks := b.tasks(2)
	b.commit(bringing(tasks[0], true, "a"), wanting(settled(tasks[1], bridge.Held, ""), sum("scan")))
	b.must(b.ReadingDone(b.ctx(), b.readOne().Job, tasks[1].Receipt.ID))
	s := telling(b.decided(b.claimOne(), bridge.Quarantined), notice.Neutral)
	s.Outcome.Brings = bridge.Brings{Files: []string{sum("scan")}, New: true}
	b.commit(s)
}
