package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/mapping/register"
)

// Why a book cannot be closed.
var (
	ErrYearNotOver = errors.New("the year is not over")
	ErrBookClosed  = errors.New("is closed already")
)

// OpenReceiptsError keeps a book from being closed: these receipts came in its year, or before, and are not settled.
type OpenReceiptsError struct {
	Receipts []string // the first of them
	More     bool
}

// Error names the receipts.
func (e OpenReceiptsError) Error() string {
	text := "receipts of that year are still open: " + strings.Join(e.Receipts, ", ")
	if e.More {
		text += " and more"
	}
	return text
}

// Cover is what the cover of a closed book says (NĐ 30/2020, Phụ lục IV): its first and last number, and from when to when it was kept.
type Cover struct {
	register.Book
	First     int       `json:"first"`
	Last      int       `json:"last"`
	FirstAt   time.Time `json:"first_at"`
	LastAt    time.Time `json:"last_at"`
	Lines     int       `json:"lines"`
	Unused    int       `json:"unused"`
	StillOpen int       `json:"still_open"` // receipts that were not settled when it was closed by force, up to 100
}

// Closing says which book is to be closed, and by whom. Reason closes it although receipts of its year are open; empty: it then stays open.
type Closing struct {
	Receiver string
	Year     int
	Kind     register.Kind
	By       string
	Reason   string
}

// openShown is how many open receipts a refusal names.
const openShown = 100

// CloseBook closes a book whose year is over: no number is given in it any more, by anybody. It answers ErrYearNotOver, ErrBookClosed, or an
// OpenReceiptsError.
func (s *Store) CloseBook(ctx context.Context, c Closing) (Cover, error) {
	var cover Cover
	err := s.change(ctx, func(t *tx) (err error) {
		if err := t.lockBook(c.Receiver); err != nil {
			return err
		}
		if err := t.afterLock(); err != nil {
			return err
		}
		cover, err = t.closeBook(c)
		return err
	})
	if err != nil {
		return Cover{}, fmt.Errorf("close book %s %d of %s: %w", c.Kind, c.Year, c.Receiver, err)
	}
	return cover, nil
}

func (t *tx) closeBook(c Closing) (Cover, error) {
	next := time.Date(c.Year+1, time.January, 1, 0, 0, 0, 0, vietnam)
	if t.now.Before(next) {
		return Cover{}, ErrYearNotOver
	}
	var open []string
	if err := t.all(t.q.OpenInYear, &open, args{"receiver": c.Receiver, "before": at(next), "n": openShown + 1}); err != nil {
		return Cover{}, err
	}
	if len(open) > 0 && c.Reason == "" {
		return Cover{}, OpenReceiptsError{open[:min(len(open), openShown)], len(open) > openShown}
	}
	n, err := t.exec(t.q.CloseBook, args{"receiver": c.Receiver, "year": c.Year, "kind": string(c.Kind), "now": at(t.now), "by": line(c.By)})
	switch {
	case faulty(err):
		return Cover{}, fmt.Errorf("no such receiving agency: %w", bridge.ErrNotFound)
	case err != nil:
		return Cover{}, err
	case n == 0:
		return Cover{}, ErrBookClosed
	}
	cover, err := t.cover(c)
	if err != nil {
		return Cover{}, err
	}
	cover.StillOpen = min(len(open), openShown)
	reason := ""
	if len(open) > 0 {
		reason = line(c.Reason)
	}
	t.note(audit.NewBookClosed(t.now, c.Receiver, string(c.Kind), c.Year, cover.Last, line(c.By), reason))
	return cover, nil
}

func (t *tx) cover(c Closing) (Cover, error) {
	a := args{"receiver": c.Receiver, "year": c.Year, "kind": string(c.Kind)}
	var book bookRow
	if _, err := t.one(t.q.Book, &book, a); err != nil {
		return Cover{}, err
	}
	var row struct {
		Lines   int   `db:"lines"`
		First   int   `db:"first"`
		Last    int   `db:"last"`
		FirstAt stamp `db:"first_at"`
		LastAt  stamp `db:"last_at"`
		Unused  int   `db:"unused"`
	}
	if _, err := t.one(t.q.Cover, &row, a); err != nil {
		return Cover{}, err
	}
	return Cover{Book: book.book(), First: row.First, Last: row.Last, FirstAt: row.FirstAt.Time, LastAt: row.LastAt.Time, Lines: row.Lines, Unused: row.Unused}, nil
}
