package store_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// lines lists a book.
func (b *bench) lines(q register.Query) []register.Entry {
	b.Helper()
	list, err := b.Entries(b.ctx(), q)
	b.must(err)
	return list
}

func (b *bench) lineOf(record string) store.LineRef {
	b.Helper()
	l, err := b.LineOf(b.ctx(), record, register.Incoming)
	b.must(err)
	return l
}

// numbersOf writes the states of lines by their numbers.
func numbersOf(list []register.Entry) string {
	out := ""
	for _, e := range list {
		out += fmt.Sprintf("%s %d/%d %s; ", e.Kind, e.Number, e.Year, e.State)
	}
	return out
}

// wantGapless: every book has a line for each of its numbers, and no number has a document twice.
func (b *bench) wantGapless() {
	b.Helper()
	b.wantCount(`SELECT count(*) FROM books AS b WHERE b.last <> (SELECT count(*) FROM entries AS e
		WHERE e.receiver = b.receiver AND e.year = b.year AND e.kind = b.kind AND e.number BETWEEN 1 AND b.last)`, 0)
	b.wantCount(`SELECT count(*) FROM entries AS e WHERE NOT EXISTS (SELECT 1 FROM books AS b
		WHERE b.receiver = e.receiver AND b.year = e.year AND b.kind = e.kind AND e.number <= b.last)`, 0)
	b.wantCount(`SELECT count(*) FROM records AS n WHERE n.so_den IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entries AS e
		WHERE e.record = n.id AND e.kind = n.book AND e.year = n.book_year AND e.number = n.so_den)`, 0)
	b.wantCount(`SELECT count(*) FROM entries AS e JOIN entries AS f ON f.receiver = e.receiver AND f.kind = e.kind
		WHERE e.note <> 'jumped' AND f.note <> 'jumped' AND (f.year > e.year OR f.year = e.year AND f.number > e.number) AND f.registered_at < e.registered_at`, 0)
}

// A document that came by mail, and again by another way: one line, two ways; its author is the issuer of the document's date.
func testEntries(b *bench) {
	tasks := b.tasks(3)
	s := settled(tasks[0], bridge.Registered, "12/UBND")
	rec := &s.Outcome.Records[0]
	rec.Issuer = directory.Match{Agency: "dong-ha-cu", Name: "UBND thành phố Đông Hà"}
	rec.Document.CoQuan, rec.Document.Ngay = "ỦY BAN NHÂN DÂN", "2024-05-02"
	plain := settled(tasks[1], bridge.Registered, "13/UBND")
	plain.Outcome.Records[0].Document.CoQuan = "Sở Xây dựng"
	b.commit(s, plain)
	b.clock.pass(time.Hour)
	join := settled(tasks[2], bridge.Duplicate, "12/UBND")
	join.Outcome.Records[0].JoinTo = tasks[0].Receipt.ID + "/1"
	join.Outcome.Instant.At = b.clock.Now()
	b.commit(join)
	all := b.lines(register.Query{Receiver: agency, Year: 2026, Kind: register.Incoming})
	if got := numbersOf(all); got != "den 1/2026 registered; den 2/2026 registered; " {
		b.Fatalf("lines are %s", got)
	}
	e := all[0]
	if e.Author != "UBND thành phố Đông Hà" || e.AuthorID != "dong-ha-cu" || e.Document.SoHieu != "12/UBND" || e.Files != 1 || e.Record != s.Receipt.ID+"/1" ||
		e.Receipt != s.Receipt.ID || !e.Arrived.Equal(s.Outcome.Instant.At) || !e.Registered.Equal(b.clock.Now().Add(-time.Hour)) || !e.Closed.IsZero() {
		b.Fatalf("the line is %+v", e)
	}
	if all[1].Author != "Sở Xây dựng" || all[1].AuthorID != "dong-ha" {
		b.Fatalf("without an issuer in the directory the author is %q (%s)", all[1].Author, all[1].AuthorID)
	}
	if len(e.Ways) != 2 || e.Ways[0].Receipt != s.Receipt.ID || e.Ways[1].Receipt != join.Receipt.ID || e.Ways[1].Channel != "email" || !e.Ways[1].At.Equal(b.clock.Now()) || len(all[1].Ways) != 1 {
		b.Fatalf("ways are %+v and %+v", e.Ways, all[1].Ways)
	}
	for name, c := range map[string]struct {
		q    register.Query
		want string
	}{
		"number":   {register.Query{From: 2, To: 2}, "den 2/2026 registered; "},
		"agency":   {register.Query{Agency: "dong-ha-cu"}, "den 1/2026 registered; "},
		"another":  {register.Query{Receiver: "so-tttt"}, ""},
		"year":     {register.Query{Year: 2025}, ""},
		"day":      {register.Query{FromDay: "2026-06-15", ToDay: "2026-06-15"}, "den 1/2026 registered; den 2/2026 registered; "},
		"next day": {register.Query{FromDay: "2026-06-16"}, ""},
	} {
		if got := numbersOf(b.lines(c.q)); got != c.want {
			b.Fatalf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if _, err := b.Entries(b.ctx(), register.Query{From: 5, To: 4}); err == nil {
		b.Fatal("numbers 5 to 4 were listed")
	}
	b.wantGapless()
}

// A quarantined record stands in the secret book, with facts only. One found late keeps its number, blanked, beside it; a false alarm
// leaves the secret line with a note, and its number is not given again.
func testSecretBook(b *bench) {
	tasks := b.tasks(3)
	first := settled(tasks[0], bridge.Quarantined, "")
	first.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.ToiMat}
	first.Outcome.Records[0].Sender.Name = "Công an tỉnh"
	b.commit(first, settled(tasks[1], bridge.Registered, "7/KH"))
	ref := b.lineOf(tasks[1].Receipt.ID + "/1")
	if _, err := b.Direct(b.ctx(), ref, register.Direction{Text: "Khẩn trương triển khai", Author: "Chủ tịch", Handler: "Phòng Kế hoạch", CoHandlers: []string{"Văn phòng"}, Due: "2026-06-20", By: "lan"}); err != nil {
		b.Fatal(err)
	}
	b.must(b.Finish(b.ctx(), ref, "9/KH-TL", "lan"))
	late := b.again(tasks[1].Receipt.ID, bridge.Quarantined)
	late.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
	b.commit(late)
	rule := settled(tasks[2], bridge.Quarantined, "") // for malware, not for a mark
	b.commit(rule)
	all := b.lines(register.Query{})
	if got := numbersOf(all); got != "den 1/2026 blanked; mat 1/2026 registered; mat 2/2026 registered; " {
		b.Fatalf("lines are %s", got)
	}
	den, mat := all[0], all[1]
	if mat.Author != "Công an tỉnh" || mat.Document.DoMat != vanban.ToiMat || mat.Files != 1 || mat.Arrived.IsZero() || mat.Receipt != tasks[0].Receipt.ID {
		b.Fatalf("the secret line is %+v", mat)
	}
	d := den.Directions
	if den.Author != "" || den.AuthorID != "" || den.Answer != "" || den.Document.SoHieu != "" || den.Note == "" || den.Done.IsZero() ||
		len(d) != 1 || d[0].Text != "" || d[0].Handler != "" || len(d[0].CoHandlers) != 0 || d[0].Author != "Chủ tịch" || d[0].Due != "2026-06-20" {
		b.Fatalf("the blanked line is %+v", den)
	}
	if _, err := b.Direct(b.ctx(), ref, register.Direction{Text: "x"}); err == nil {
		b.Fatal("a blanked line took a direction")
	}
	b.must(b.Amend(b.ctx(), tasks[1].Receipt.ID, bridge.Amendment{Kind: bridge.NotSecret, By: "hoa", Reason: "ghi nhầm"}))
	b.commit(b.decided(b.claimOne(), bridge.Registered))
	all = b.lines(register.Query{})
	if got := numbersOf(all); got != "den 1/2026 registered; mat 1/2026 registered; mat 2/2026 registered; " || all[1].Note != "" || all[2].Note == "" {
		b.Fatalf("cleared, lines are %s with notes %q, %q", got, all[1].Note, all[2].Note)
	}
	again := b.again(tasks[1].Receipt.ID, bridge.Quarantined)
	again.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
	b.commit(again)
	if all = b.lines(register.Query{Kind: register.Secret}); len(all) != 2 || all[1].Note != "" {
		b.Fatalf("found secret once more, lines are %+v", all)
	}

	// Quarantined for another reason it is no secret any more: neither book says so.
	b.must(b.Amend(b.ctx(), tasks[1].Receipt.ID, bridge.Amendment{Kind: bridge.NotSecret, By: "hoa", Reason: "ghi nhầm"}))
	b.commit(b.decided(b.claimOne(), bridge.Registered))
	b.commit(b.again(tasks[1].Receipt.ID, bridge.Quarantined))
	all = b.lines(register.Query{})
	if got := numbersOf(all); got != "den 1/2026 withdrawn; mat 1/2026 registered; mat 2/2026 registered; " || all[2].Note == "" {
		b.Fatalf("quarantined by a rule, lines are %s, the secret one with note %q", got, all[2].Note)
	}
	if line := register.Line(all[0]); all[0].Document.SoHieu != "" || strings.Contains(strings.Join(line, "|"), "mật") || !strings.Contains(line[9], "cách ly") {
		b.Fatalf("quarantined by a rule, the line is %q", line)
	}
	if got := b.events(tasks[0].Receipt.ID); got != "receipt.stored secret.entered" {
		b.Fatalf("events are %q", got)
	}
	b.wantGapless()
}
