package register

import "time"

// Calendar says which days an office works. It is immutable. Days are yyyy-mm-dd.
//
// Off are the weekly rest days, the public holidays, a day for each holiday that falls on a rest day (Bộ luật Lao động 2019, Điều 111.3),
// and what the file says. Days that were swapped for a day off are worked.
type Calendar struct {
	lines map[string]calendarLine
	rest  [7]bool      // weekly rest days, by time.Weekday
	known map[int]bool // years whose Tết stands in the file
}

type calendarLine struct {
	kind  dayKind
	doubt string
	line  int // of the file
}

// dayKind is what a line of the calendar's file says of a day.
type dayKind string

const (
	holiday dayKind = "holiday" // nghỉ lễ, tết: made up for when it falls on a rest day
	swap    dayKind = "swap"    // off, another day is worked for it (hoán đổi)
	rest    dayKind = "rest"    // off, nothing is made up for
	work    dayKind = "work"    // worked, though it would be off
)

// fixed are the public holidays with a date of their own (Bộ luật Lao động 2019, Điều 112.1).
func fixed(month time.Month, day int) bool {
	switch month {
	case time.January:
		return day == 1
	case time.April:
		return day == 30
	case time.May:
		return day == 1
	case time.September:
		return day == 2
	}
	return false
}

// Working says whether the office works on a day. What is no day is none.
func (c *Calendar) Working(day string) bool {
	t, err := midnight(day)
	return err == nil && c.working(t)
}

func (c *Calendar) working(day time.Time) bool {
	return !c.restOrHoliday(day) && !c.makesUp(day)
}

// restOrHoliday says whether a day is off by itself, not as the compensation for another.
func (c *Calendar) restOrHoliday(day time.Time) bool {
	switch c.line(day).kind {
	case work:
		return false
	case swap, rest, holiday:
		return true
	}
	return c.rest[day.Weekday()] || fixed(day.Month(), day.Day())
}

func (c *Calendar) isHoliday(day time.Time) bool {
	kind := c.line(day).kind
	return kind == holiday || kind == "" && fixed(day.Month(), day.Day())
}

// lookBack is how many days before a day decide whether it makes up for a holiday. No row of days off is near as long.
const lookBack = 40

// makesUp says whether a day that would be worked is off for a holiday that fell on a rest day before it: each such holiday takes the next
// day that would be worked. A day worked for a swap stays worked.
func (c *Calendar) makesUp(day time.Time) bool {
	if c.line(day).kind == work {
		return false
	}
	owed := 0
	for d := day.AddDate(0, 0, -lookBack); d.Before(day); d = d.AddDate(0, 0, 1) {
		switch {
		case c.isHoliday(d) && c.rest[d.Weekday()]:
			owed++
		case owed > 0 && !c.restOrHoliday(d) && c.line(d).kind != work:
			owed--
		}
	}
	return owed > 0
}

func (c *Calendar) line(day time.Time) calendarLine { return c.lines[day.Format(time.DateOnly)] }

// next is the first working day after a day. A calendar always has one (see checkRest), and its lines are finite.
func (c *Calendar) next(day time.Time) time.Time {
	for {
		if day = day.AddDate(0, 0, 1); c.working(day) {
			return day
		}
	}
}

// WorkingDays counts the working days after the first day up to and with the second; 0 when it is not after it.
func (c *Calendar) WorkingDays(after, to string) int {
	first, err1 := midnight(after)
	last, err2 := midnight(to)
	if err1 != nil || err2 != nil {
		return 0
	}
	n := 0
	for d := first.AddDate(0, 0, 1); !d.After(last); d = d.AddDate(0, 0, 1) {
		if c.working(d) {
			n++
		}
	}
	return n
}

// Known says whether the Tết of a year stands in the file. Of another year only the holidays with a date of their own are off.
func (c *Calendar) Known(year int) bool { return c.known[year] }

// Doubt is what the file says was not confirmed about a day, in words for people; empty: nothing.
func (c *Calendar) Doubt(day string) string { return c.lines[day].doubt }
