package store_test

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Directions stand one beside the other, with who gave them and who entered them; signing and the end of the work are noted in the line, and
// the log has all of it.
func testDirections(b *bench) {
	b.must(b.enter(b.Store))
	id := "GL-2026-0000001"
	l := b.lineOf(id + "/1")
	if want := (store.LineRef{Receiver: agency, Year: 2026, Kind: register.Incoming, Number: 1}); l != want {
		b.Fatalf("the line is %+v", l)
	}
	d := register.Direction{Text: "Giao Phòng Kinh tế tham mưu.\nBáo cáo trước ngày 30.", Author: "Chủ tịch Trần Văn Bình", Handler: "Phòng Kinh tế",
		CoHandlers: []string{"Phòng Tài chính", "Văn phòng"}, Due: "2026-06-29", By: "lan"}
	n, err := b.Direct(b.ctx(), l, d)
	b.must(err)
	b.clock.pass(time.Hour)
	second, err := b.Direct(b.ctx(), l, register.Direction{Text: "Gửi tôi dự thảo", Author: "Phó Chủ tịch", By: "hoa"})
	b.must(err)
	passed := b.clock.Now().Add(-30 * time.Minute)
	b.must(b.Sign(b.ctx(), l, passed, "Nguyễn Thị Thu", "lan"))
	e := b.lines(register.Query{})[0]
	d.N, d.At = 1, b.clock.Now().Add(-time.Hour)
	if n != 1 || second != 2 || len(e.Directions) != 2 || !reflect.DeepEqual(e.Directions[0], d) || e.Directions[1].CoHandlers == nil || e.Handling().Handler != "Phòng Kinh tế" {
		b.Fatalf("directions are %+v", e.Directions)
	}
	if !e.Transferred.Equal(passed) || e.ReceivedBy != "Nguyễn Thị Thu" || !e.Done.IsZero() {
		b.Fatalf("passed on: %+v", e)
	}
	if list := b.lines(register.Query{Overdue: true, Today: "2026-06-30"}); len(list) != 1 {
		b.Fatalf("overdue are %+v", list)
	}
	b.must(b.Finish(b.ctx(), l, "12/BC-KT", "lan"))
	e = b.lines(register.Query{})[0]
	if !e.Done.Equal(b.clock.Now()) || e.Answer != "12/BC-KT" || len(b.lines(register.Query{Overdue: true, Today: "2026-06-30"})) != 0 {
		b.Fatalf("handled: %+v", e)
	}
	if got := b.events(id); got != "receipt.stored record.registered direction.given direction.given record.passed_on record.handled" {
		b.Fatalf("events are %q", got)
	}
	// A later outcome of the receipt leaves what people did as it is.
	b.commit(b.again(id, bridge.Registered))
	if got := b.lines(register.Query{})[0]; got.Answer != e.Answer || len(got.Directions) != 2 || !got.Transferred.Equal(passed) {
		b.Fatalf("decided anew the line is %+v", got)
	}
}

// Nothing is written at a line that has no document, does not exist, or stands in the secret book; a text too long is refused, not cut.
func testDirectionsRefused(b *bench) {
	b.must(b.enter(b.Store))
	l := b.lineOf("GL-2026-0000001/1")
	far := l
	far.Number = 9
	_, err := b.Direct(b.ctx(), far, register.Direction{Text: "x"})
	b.wants(err, bridge.ErrNotFound)
	b.wants(b.Sign(b.ctx(), far, time.Time{}, "x", "lan"), bridge.ErrNotFound)
	if _, err := b.LineOf(b.ctx(), "GL-2026-0000009/1", register.Incoming); !errors.Is(err, bridge.ErrNotFound) {
		b.Fatalf("a record that is not there has a line: %v", err)
	}
	if _, err := b.Direct(b.ctx(), l, register.Direction{Text: strings.Repeat("ở ", 10_001)}); err == nil {
		b.Fatal("a text of 20,001 characters was taken")
	}
	long := strings.Repeat("ở ", 1000) + "đó" // nothing is cut
	for _, d := range []register.Direction{{Text: "x", Author: long}, {Text: "x", Handler: long}, {Text: "x", CoHandlers: []string{"a", long}}} {
		_, err := b.Direct(b.ctx(), l, d)
		b.wants(err, store.ErrTooLong)
	}
	b.wants(b.Sign(b.ctx(), l, time.Time{}, long, "lan"), store.ErrTooLong)
	b.wants(b.Sign(b.ctx(), l, b.clock.Now().AddDate(-1, 0, 0), "x", "lan"), store.ErrBeforeArrival)
	b.wants(b.Finish(b.ctx(), l, long, "lan"), store.ErrTooLong)
	s := settled(b.tasks(1)[0], bridge.Quarantined, "")
	s.Outcome.Records[0].Document = vanban.Document{DoMat: vanban.Mat}
	b.commit(s)
	secret, err := b.LineOf(b.ctx(), s.Receipt.ID+"/1", register.Secret)
	b.must(err)
	_, err = b.Direct(b.ctx(), secret, register.Direction{Text: "x"})
	b.wants(err, store.ErrSecretBook)
	b.wants(b.Finish(b.ctx(), secret, "x", "lan"), store.ErrSecretBook)
	b.must(b.Sign(b.ctx(), secret, time.Time{}, "người giữ bí mật", "lan"))
	if e := b.lines(register.Query{Kind: register.Secret})[0]; e.ReceivedBy == "" || !e.Transferred.Equal(b.clock.Now()) {
		b.Fatalf("the secret line is %+v", e)
	}
	b.commit(b.again("GL-2026-0000001", bridge.Refused))
	if e := b.lines(register.Query{Kind: register.Incoming})[0]; e.State != register.Withdrawn || e.Note == "" {
		b.Fatalf("struck out it is %+v", e)
	}
	_, err = b.Direct(b.ctx(), l, register.Direction{Text: "x"})
	b.wants(err, store.ErrNoDocument)
	b.wantCount("SELECT count(*) FROM directions", 0)
}

// What waits for a person and may have to be registered is listed with what is known of it.
func testOpenToRegister(b *bench) {
	tasks := b.tasks(4)
	held := settled(tasks[0], bridge.Held, "1/UBND")
	held.Outcome.Records = append(held.Outcome.Records, held.Outcome.Records[0])
	held.Outcome.Records[1].Document.DoKhan = vanban.Khan
	b.commit(held, settled(tasks[1], bridge.Registered, "2/UBND"), settled(tasks[2], bridge.Refused, ""))
	tasks[3].Job.Attempt = 3
	b.must(b.FailTask(b.ctx(), tasks[3], "breaks", false))
	list, err := b.OpenToRegister(b.ctx())
	b.must(err)
	if len(list) != 2 || list[0].Receipt != tasks[0].Receipt.ID || len(list[0].Documents) != 2 || list[0].Documents[1].DoKhan != vanban.Khan ||
		!list[0].Arrived.Equal(held.Outcome.Instant.At) || list[1].State != bridge.Failed || len(list[1].Documents) != 0 || !list[1].Arrived.Equal(b.clock.Now()) {
		b.Fatalf("open are %+v", list)
	}
}
