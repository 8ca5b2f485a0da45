package register

import (
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Deadline is until when something is to be done: By is the duty, Latest the instant from which it is late. Both are instants that are not
// in time any more.
type Deadline struct {
	By     time.Time `json:"by"`
	Latest time.Time `json:"latest"`
}

// Late says whether what was done, or is still not done, at an instant is late.
func (d Deadline) Late(at time.Time) bool { return !at.Before(d.Latest) }

// RegisterBy is until when a document that arrived at an instant is to be registered: on the day of arrival, on the next working day at the
// latest; with atOnce before the day ends, be it a working day or not (NĐ 30/2020, Điều 4.2.c; no law names hours). What arrives on a day
// off is due on the next working day.
func (c *Calendar) RegisterBy(arrived time.Time, atOnce bool) Deadline {
	day := directory.Day(arrived)
	end := day.AddDate(0, 0, 1)
	if atOnce {
		return Deadline{By: end, Latest: end}
	}
	latest := c.next(day).AddDate(0, 0, 1)
	if !c.working(day) {
		return Deadline{By: latest, Latest: latest}
	}
	return Deadline{By: end, Latest: latest}
}

// AcknowledgeBy is until when the sender is to be told that an electronic document has arrived: on the day of arrival (NĐ 30/2020,
// Điều 21.2.c), which an office that works no rest days can do on the next working day only.
func (c *Calendar) AcknowledgeBy(arrived time.Time, atOnce bool) Deadline {
	return c.RegisterBy(arrived, atOnce)
}

// RegisteredLate says whether an entry was written into the book later than it should have been.
func (c *Calendar) RegisteredLate(e Entry) bool {
	if e.Arrived.IsZero() || e.Registered.IsZero() {
		return false
	}
	_, atOnce := AtOnce(e.Document)
	return c.RegisterBy(e.Arrived, atOnce).Late(e.Registered)
}
