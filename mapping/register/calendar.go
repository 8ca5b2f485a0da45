package register

import "time"

// Calendar says which days an office works. It is immutable. Days are yyyy-mm-dd.
//
// Off are the weekly rest days, the public holidays, a day for each holiday that falls on a rest day (Bộ luật Lao động 2019, Điều 111.3),
// and what the file says. Days that were swapped for a day off are worked.
type Calendar struct {
	lines  map[int]calendarLine // by dayNumber
	rest   [7]bool              // weekly rest days, by time.Weekday
	madeUp map[int]bool         // days off for a holiday that fell on a rest day, by dayNumber
	known  map[int]bool         // years whose Tết stands in the file
}

type calendarLine struct {
	day   time.Time
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
	return !c.restOrHoliday(day) && !c.madeUp[dayNumber(day)]
}

// dayNumber counts days, so that a day is found without its name.
func dayNumber(midnight time.Time) int {
	const day = 24 * 60 * 60
	seconds := midnight.Unix() + 7*60*60
	if seconds < 0 {
		seconds -= day - 1
	}
	return int(seconds / day)
}

func (c *Calendar) line(day time.Time) calendarLine { return c.lines[dayNumber(day)] }

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

// Years for which compensations are worked out.
const (
	firstYear = 1990
	lastYear  = 2100
)

// makeUp finds the days that make up for holidays: each holiday on a weekly rest day takes the next day that would be worked. A day worked
// for a swap stays worked.
func (c *Calendar) makeUp() {
	c.madeUp = map[int]bool{}
	owed := 0
	for d := time.Date(firstYear, time.January, 1, 0, 0, 0, 0, vietnam); d.Year() <= lastYear; d = d.AddDate(0, 0, 1) {
		switch {
		case c.isHoliday(d) && c.rest[d.Weekday()]:
			owed++
		case owed > 0 && !c.restOrHoliday(d) && c.line(d).kind != work:
			c.madeUp[dayNumber(d)] = true
			owed--
		}
	}
}

// next is the first working day after a day. A calendar always has one (see checkRest), and its lines are finite.
func (c *Calendar) next(day time.Time) time.Time {
	for {
		if day = day.AddDate(0, 0, 1); c.working(day) {
			return day
		}
	}
}

// longestCount is how many days WorkingDays looks at: who mistyped a year must not be counted for.
const longestCount = 20 * 366

// WorkingDays counts the working days after the first day up to and with the second, those of the last twenty years at most; 0 when it is
// not after it.
func (c *Calendar) WorkingDays(after, to string) int {
	first, err1 := midnight(after)
	last, err2 := midnight(to)
	if err1 != nil || err2 != nil {
		return 0
	}
	if earliest := last.AddDate(0, 0, -longestCount); first.Before(earliest) {
		first = earliest
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
func (c *Calendar) Doubt(day string) string {
	t, err := midnight(day)
	if err != nil {
		return ""
	}
	return c.line(t).doubt
}
