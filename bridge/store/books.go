package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/register"
)

// bookIncoming and bookSecret are the kinds of books that numbers are taken in.
const (
	bookIncoming = string(register.Incoming)
	bookSecret   = string(register.Secret)
)

// errClosed says that a book gives no number any more, although the clock says that its year is not over: the clock stands wrong.
var errClosed = errors.New("book is closed")

// lockBook lets one transaction at a time write in the books of a receiving agency.
func (t *tx) lockBook(receiver string) error {
	_, err := t.exec(t.q.LockCounter, args{"name": "book/" + receiver})
	return err
}

// afterLock takes the clock anew: waiting for a lock, a transaction may have slept past midnight, and whoever had it meanwhile registered
// with a later instant than that at which this one began. SQLite's transactions begin with their lock.
func (t *tx) afterLock() (err error) {
	if t.s.now == nil && t.s.dialect == postgres {
		var now stamp
		_, err = t.one(t.q.LateNow, &now, args{})
		t.now = now.Time
		return err
	}
	t.now, err = t.clock()
	return err
}

// bookKind is one kind of books of a receiving agency, over all years.
type bookKind struct {
	Receiver string `db:"receiver" json:"receiver"`
	Kind     string `db:"kind" json:"kind"`
}

// place is where a record is entered.
type place struct {
	kind   string
	year   int
	number int
	at     time.Time
}

// takeNumbers gives every newly registered record the next number of its book, and every newly quarantined one the next of the secret
// book. The year is that of the registration (NĐ 30/2020, Phụ lục IV), in Vietnam. Instants of registration never go back, even when the
// clock does, so numbers are in their order and an old year takes nothing after a new one has begun.
func (b *commitBatch) takeNumbers() error {
	if err := b.findSecrets(); err != nil {
		return err
	}
	need := map[bookKind]int{}
	for _, c := range b.cases {
		for _, r := range c.records {
			if r.fresh = r.registered() && r.SoDen == nil; r.fresh {
				need[bookKind{r.Receiver, bookIncoming}]++
			}
			if r.secret {
				need[bookKind{r.Receiver, bookSecret}]++
			}
		}
	}
	if len(need) == 0 {
		return nil
	}
	next, err := b.takeFrom(need)
	if err != nil {
		return err
	}
	for _, c := range b.cases {
		for _, r := range c.records {
			if r.fresh {
				p := next.take(bookKind{r.Receiver, bookIncoming})
				r.Book, r.BookYear, r.SoDen, r.NumberedAt = null(bookIncoming), &p.year, &p.number, at(p.at)
			}
			if r.secret {
				p := next.take(bookKind{r.Receiver, bookSecret})
				r.secretAt = &p
			}
		}
	}
	return nil
}

// findSecrets finds the quarantined records that have no line in the secret book yet. What a rule quarantines for another reason, malware,
// is no secret.
func (b *commitBatch) findSecrets() error {
	asked := []idRow{}
	for _, c := range b.cases {
		for i, r := range c.records {
			r.secret = c.bearsMark(i)
			if r.secret && c.again() {
				asked = append(asked, idRow{r.ID})
			}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	var has []string
	if err := b.all(b.q.SecretLines, &has, args{"rows": batch{asked}}); err != nil {
		return err
	}
	for _, c := range b.cases {
		for _, r := range c.records {
			r.secret = r.secret && !slices.Contains(has, r.ID)
		}
	}
	return nil
}

// bearsMark says whether the ith record is quarantined for a mark of secrecy.
func (c *settling) bearsMark(i int) bool {
	r := c.Outcome.Records[i]
	return r.State == bridge.Quarantined && (c.Outcome.Reason == bridge.ReasonSecret || r.Document.DoMat != "")
}

// taken are the numbers that a batch may give, by book.
type taken map[bookKind]*place

func (n taken) take(k bookKind) place {
	p := n[k]
	p.number++
	return *p
}

func (b *commitBatch) takeFrom(need map[bookKind]int) (taken, error) {
	type bookRow struct {
		bookKind
		Year int   `json:"year"`
		N    int   `json:"n"`
		At   stamp `json:"at"`
	}
	kinds := make([]bookKind, 0, len(need))
	for k := range need {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(x, y bookKind) int {
		return cmp.Or(strings.Compare(x.Receiver, y.Receiver), strings.Compare(x.Kind, y.Kind))
	})
	heads, err := b.heads(kinds)
	if err != nil {
		return nil, err
	}
	books := make([]bookRow, len(kinds))
	next := taken{}
	for i, k := range kinds {
		when := b.now
		if heads[k].After(when) {
			when = heads[k]
			if err := b.tellClock(k, when); err != nil {
				return nil, err
			}
		}
		year := when.In(vietnam).Year()
		books[i] = bookRow{k, year, need[k], at(when)}
		next[k] = &place{kind: k.Kind, year: year, at: when}
	}
	var rows []struct {
		bookKind
		Last int `db:"last"`
	}
	if err := b.all(b.q.TakeNumbers, &rows, args{"rows": batch{books}}); err != nil {
		return nil, err
	}
	if len(rows) < len(books) {
		return nil, fmt.Errorf("take numbers: %w", errClosed)
	}
	for _, r := range rows {
		p := next[r.bookKind]
		p.number = r.Last - need[r.bookKind]
		m := bridge.BookMark{Receiver: r.Receiver, Kind: register.Kind(r.Kind), Year: p.year, Number: r.Last}
		if p.number < b.s.marks.highest(m) {
			return nil, errBehind
		}
		b.marks = append(b.marks, m)
	}
	return next, nil
}

// clockStep is how far a book may be ahead of the clock before a person hears of it: clocks that are set differ by less.
const clockStep = 10 * time.Minute

// tellClock raises the alarm that a book is registered in with an instant that has not come yet: a clock was ahead when the last number was
// taken, or is behind now. Nobody would see it otherwise until the days, or the year, stand wrong in the printed book.
func (b *commitBatch) tellClock(k bookKind, head time.Time) error {
	if head.Sub(b.now) <= clockStep {
		return nil
	}
	return b.raise([]bridge.Alarm{{Key: "register-clock:" + k.Receiver + "/" + k.Kind, Code: "register-clock",
		Text: fmt.Sprintf("Đồng hồ chỉ %s nhưng số cuối của %s (%s) đã được cấp lúc %s; văn bản tiếp tục được đăng ký với thời điểm đó cho đến khi đồng hồ vượt qua. Cần kiểm tra ngay giờ của máy chủ.",
			b.now.In(vietnam).Format("15:04 02/01/2006"), bookName(register.Kind(k.Kind)), k.Receiver, head.In(vietnam).Format("15:04 02/01/2006"))}})
}

// bookName is what people call a book.
func bookName(k register.Kind) string {
	return map[register.Kind]string{register.Incoming: "sổ văn bản đến", register.Secret: "sổ văn bản mật đến"}[k]
}

// heads tells when the books were last written in.
func (b *commitBatch) heads(kinds []bookKind) (map[bookKind]time.Time, error) {
	var rows []struct {
		bookKind
		LastAt stamp `db:"last_at"`
	}
	if err := b.all(b.q.BookHeads, &rows, args{"rows": batch{kinds}}); err != nil {
		return nil, err
	}
	out := make(map[bookKind]time.Time, len(rows))
	for _, r := range rows {
		out[r.bookKind] = r.LastAt.Time
	}
	return out, nil
}
