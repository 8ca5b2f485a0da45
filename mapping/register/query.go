package register

import (
	"fmt"
	"time"
)

// Query asks for lines of the register, in the order of receiving agency, year, kind of book and number. What is empty or zero does not
// narrow.
type Query struct {
	Receiver string `json:"receiver"`
	Year     int    `json:"year"` // of the book, which is that of registration
	Kind     Kind   `json:"kind"`
	From     int    `json:"from"`     // first số đến
	To       int    `json:"to"`       // last số đến, itself included
	FromDay  string `json:"from_day"` // first ngày đến, yyyy-mm-dd; of an unused number, which has none, the day on which it was jumped over
	ToDay    string `json:"to_day"`   // last ngày đến, itself included
	Agency   string `json:"agency"`   // id of the author
	// Overdue asks only for what should have been handled by now: due before Today and not done. See Entry.OverdueOn.
	Overdue bool   `json:"overdue"`
	Today   string `json:"today"` // yyyy-mm-dd, the day on which Overdue is asked; Overdue without it is an error of Check
}

// Check says what cannot be asked.
func (q Query) Check() error {
	if _, _, err := q.Arrived(); err != nil {
		return err
	}
	if q.Kind != "" && q.Kind != Incoming && q.Kind != Secret {
		return fmt.Errorf("no kind of book %q: want %s or %s", q.Kind, Incoming, Secret)
	}
	if q.From < 0 || q.To < 0 || q.To > 0 && q.From > q.To {
		return fmt.Errorf("numbers %d to %d: the first is after the last", q.From, q.To)
	}
	if q.Overdue {
		if _, err := midnight(q.Today); err != nil {
			return fmt.Errorf("overdue on day %q: want yyyy-mm-dd", q.Today)
		}
	}
	return nil
}

// Arrived gives the asked days as instants: from the first one on, and before the second. A zero instant does not narrow.
func (q Query) Arrived() (from, before time.Time, err error) {
	if q.FromDay != "" {
		if from, err = midnight(q.FromDay); err != nil {
			return from, before, fmt.Errorf("first day %q: want yyyy-mm-dd", q.FromDay)
		}
	}
	if q.ToDay != "" {
		if before, err = midnight(q.ToDay); err != nil {
			return from, before, fmt.Errorf("last day %q: want yyyy-mm-dd", q.ToDay)
		}
		before = before.AddDate(0, 0, 1)
	}
	if !from.IsZero() && !before.IsZero() && !from.Before(before) {
		return from, before, fmt.Errorf("days %s to %s: the first is after the last", q.FromDay, q.ToDay)
	}
	return from, before, nil
}

// Matches says whether a line is asked for. A question that does not pass Check matches nothing.
func (q Query) Matches(e Entry) bool {
	from, before, err := q.Arrived()
	if err != nil || q.Check() != nil {
		return false
	}
	return (q.Receiver == "" || e.Receiver == q.Receiver) &&
		(q.Year == 0 || e.Year == q.Year) &&
		(q.Kind == "" || e.Kind == q.Kind) &&
		(q.From == 0 || e.Number >= q.From) &&
		(q.To == 0 || e.Number <= q.To) &&
		(from.IsZero() || !e.at().Before(from)) &&
		(before.IsZero() || e.at().Before(before)) &&
		(q.Agency == "" || e.AuthorID == q.Agency) &&
		(!q.Overdue || e.OverdueOn(q.Today))
}

// at is the instant by which an entry is asked for.
func (e Entry) at() time.Time {
	if e.Arrived.IsZero() {
		return e.Registered
	}
	return e.Arrived
}
