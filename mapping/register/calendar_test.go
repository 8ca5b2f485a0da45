package register

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/mapping/directory"
)

const calendarHead = "day,kind,worked,name,source,doubt\n"

func starting(t interface{ Fatal(...any) }) *Calendar {
	c, err := ReadCalendar("holidays.csv", StartingCalendar())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestStartingCalendarIsWhatOfficesHad holds whole runs of days off against the breaks that were announced: first and last day off, and the
// days worked for them.
func TestStartingCalendarIsWhatOfficesHad(t *testing.T) {
	c := starting(t)
	breaks := []struct{ from, to string }{
		{"2023-12-30", "2024-01-01"}, {"2024-02-08", "2024-02-14"}, {"2024-04-18", "2024-04-18"}, {"2024-04-27", "2024-05-01"}, {"2024-08-31", "2024-09-03"},
		{"2025-01-01", "2025-01-01"}, {"2025-01-25", "2025-02-02"}, {"2025-04-05", "2025-04-07"}, {"2025-04-30", "2025-05-04"}, {"2025-08-30", "2025-09-02"},
		{"2026-01-01", "2026-01-04"}, {"2026-02-14", "2026-02-22"}, {"2026-04-25", "2026-04-27"}, {"2026-04-30", "2026-05-03"}, {"2026-08-29", "2026-09-02"},
		{"2027-01-01", "2027-01-03"}, {"2027-02-05", "2027-02-10"}, {"2027-04-16", "2027-04-18"}, {"2027-04-30", "2027-05-03"},
		{"2028-01-01", "2028-01-03"}, {"2028-04-29", "2028-05-02"}, // by rule alone
	}
	for _, b := range breaks {
		first, err := midnight(b.from)
		if err != nil {
			t.Fatal(err)
		}
		if before := Day(first.AddDate(0, 0, -1)); !c.Working(before) {
			t.Errorf("%s, before the break, is off", before)
		}
		d := first
		for ; Day(d) <= b.to; d = d.AddDate(0, 0, 1) {
			if c.Working(Day(d)) {
				t.Errorf("%s is worked", Day(d))
			}
		}
		if !c.Working(Day(d)) {
			t.Errorf("%s, after the break, is off", Day(d))
		}
	}
	for _, day := range []string{"2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"} {
		if !c.Working(day) {
			t.Errorf("%s was worked for a swapped day", day)
		}
	}
	if !c.Known(2026) || c.Known(2028) || c.Doubt("2026-01-02") == "" || c.Doubt("2026-01-10") == "" || c.Doubt("2026-02-17") != "" {
		t.Error("what is doubtful is not said")
	}
}

func TestCalendarFaultsNameTheirLines(t *testing.T) {
	cases := []struct{ file, want string }{
		{"", "no header line"},
		{"day,kind\n", "lich.csv:1: the first line must be day,kind,worked"},
		{calendarHead + "2026-13-01,holiday,,,,\n", "lich.csv:2: day: \"2026-13-01\" is no day"},
		{calendarHead + "2026-02-17,feast,,,,\n", "lich.csv:2: kind: \"feast\" is none"},
		{calendarHead + "2026-02-17,holiday,,\n", "lich.csv:2: 4 cells where 6"},
		{calendarHead + "2026-02-17,holiday,,,,\n2026-02-17,rest,,,,\n", "lich.csv:3: day: 2026-02-17 stands in line 2 already"},
		{calendarHead + "2026-09-02,holiday,,,,\n", "lich.csv:2: day: 2026-09-02 is a public holiday anyway"},
		{calendarHead + "2026-05-04,swap,,,,\n", "lich.csv:2: worked: a swapped day"},
		{calendarHead + "2026-05-04,rest,2026-05-09,,,\n", "lich.csv:2: worked: a swapped day, and no other"},
		{calendarHead + "2026-05-04,swap,2026-05-05,,,\n", "lich.csv:2: worked: 2026-05-05 is worked anyway"},
		{calendarHead + "2026-05-09,rest,,,,\n", "lich.csv:2: day: 2026-05-09 is off anyway"},
		{calendarHead + "monday,holiday,,,,\n", "lich.csv:2: kind: \"holiday\" cannot be said of every monday"},
		{calendarHead + "monday,rest,,,,\ntuesday,rest,,,,\nwednesday,rest,,,,\nthursday,rest,,,,\nfriday,rest,,,,\n", "no day of the week is worked"},
		{calendarHead + "2026-02-17,holiday,,T\xeat,,\n", "lich.csv:2: not UTF-8"},
		{calendarHead + "2026-02-17,holiday,,\"T,,\n", "broken quoting"},
	}
	for _, c := range cases {
		calendar, err := ReadCalendar("lich.csv", []byte(c.file))
		var faults directory.Faults
		if !errors.As(err, &faults) || calendar != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.file, err, c.want)
		}
	}
	two := "day,kind,worked,name,source,doubt\n2026-02-31,holiday,,,,\n2026-02-17,feast,,,,\n"
	if _, err := ReadCalendar("lich.csv", []byte(two)); strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("every faulty line is named: %v", err)
	}
}

func TestCalendarOfAnOfficeThatWorksOnSaturdays(t *testing.T) {
	c, err := ReadCalendar("lich.csv", []byte("\xef\xbb\xbf"+calendarHead+"saturday,work,,,,\n2026-03-04,rest,,bão,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]bool{"2026-03-07": true, "2026-03-08": false, "2026-03-04": false, "2026-05-02": true, "no day": false} {
		if c.Working(day) != want {
			t.Errorf("%s: %v", day, !want)
		}
	}
	for _, x := range []struct {
		after, to string
		want      int
	}{{"2026-03-01", "2026-03-08", 5}, {"2026-03-08", "2026-03-01", 0}, {"2026-03-08", "2026-03-08", 0}, {"no day", "2026-03-08", 0}} {
		if n := c.WorkingDays(x.after, x.to); n != x.want {
			t.Errorf("after %s to %s: %d working days", x.after, x.to, n)
		}
	}
	if slip, whole := c.WorkingDays("0202-03-01", "2026-03-08"), c.WorkingDays("2006-01-01", "2026-03-08"); slip > whole || slip < 5000 {
		t.Errorf("a mistyped year counts %d days", slip)
	}
}

func TestRegisterBy(t *testing.T) {
	c := starting(t)
	cases := []struct {
		name, arrived string
		atOnce        bool
		by, latest    string // the last day in time
	}{
		{"an ordinary day", "2026-03-04T09:00:00+07:00", false, "2026-03-04", "2026-03-05"},
		{"UTC is not the day", "2026-03-04T17:00:00Z", false, "2026-03-05", "2026-03-06"},
		{"Friday", "2026-03-06T16:00:00+07:00", false, "2026-03-06", "2026-03-09"},
		{"Saturday", "2026-03-07T16:00:00+07:00", false, "2026-03-09", "2026-03-09"},
		{"a Saturday that is worked", "2026-08-22T08:00:00+07:00", false, "2026-08-22", "2026-08-24"},
		{"the last day before Tết", "2026-02-13T16:59:00+07:00", false, "2026-02-13", "2026-02-23"},
		{"in Tết", "2026-02-17T00:00:00+07:00", false, "2026-02-23", "2026-02-23"},
		{"at once, also on a Sunday", "2026-03-08T09:00:00+07:00", true, "2026-03-08", "2026-03-08"},
	}
	for _, x := range cases {
		d := c.RegisterBy(at(t, x.arrived), x.atOnce)
		if by, latest := Day(d.By.Add(-time.Second)), Day(d.Latest.Add(-time.Second)); by != x.by || latest != x.latest {
			t.Errorf("%s: by %s, at the latest %s", x.name, by, latest)
		}
		if d.Late(d.Latest.Add(-time.Nanosecond)) || !d.Late(d.Latest) {
			t.Errorf("%s: the instant itself is late, the one before is not", x.name)
		}
	}
}

func TestDeadlinesAlwaysEndAfterAWorkingDay(t *testing.T) {
	c := starting(t)
	rapid.Check(t, func(t *rapid.T) {
		arrived := time.Unix(rapid.Int64Range(1.6e9, 2.1e9).Draw(t, "arrived"), 0)
		d := c.RegisterBy(arrived, false)
		last := Day(d.Latest.Add(-time.Second))
		if !c.Working(last) || d.By.After(d.Latest) || !d.By.After(arrived) || Day(d.Latest) <= Day(arrived) {
			t.Fatalf("arrived %s: by %s, at the latest %s", arrived, d.By, d.Latest)
		}
		if n := c.WorkingDays(Day(arrived), last); n != 1 {
			t.Fatalf("arrived %s: %d working days until %s", arrived, n, last)
		}
		if once := c.RegisterBy(arrived, true); Day(once.Latest.Add(-time.Second)) != Day(arrived) {
			t.Fatalf("at once is the day itself: %s", once.Latest)
		}
	})
}

// TestHolidaysAreMadeUpFor: in any year the days off that are not weekends are as many as there are holidays, wherever those fall.
func TestHolidaysAreMadeUpFor(t *testing.T) {
	empty, err := ReadCalendar("lich.csv", []byte(calendarHead))
	if err != nil {
		t.Fatal(err)
	}
	for year := 1990; year < 2090; year++ {
		off := 0
		for d := time.Date(year, 1, 1, 0, 0, 0, 0, vietnam); d.Year() == year; d = d.AddDate(0, 0, 1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !weekend && !empty.Working(Day(d)) {
				off++
			}
			if weekend && empty.Working(Day(d)) {
				t.Errorf("%s is worked", Day(d))
			}
		}
		if off != 4 {
			t.Errorf("%d: %d days off, want 1/1, 30/4, 1/5, 2/9", year, off)
		}
	}
}

// TestWhatIsWorkedForASwapStaysWorked: 2/9/2028 is a Saturday, the Sunday after it is worked for another day, so Monday is off for it.
func TestWhatIsWorkedForASwapStaysWorked(t *testing.T) {
	c, err := ReadCalendar("lich.csv", []byte(calendarHead+"2028-09-01,swap,2028-09-03,hoán đổi,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]bool{"2028-09-01": false, "2028-09-02": false, "2028-09-03": true, "2028-09-04": false, "2028-09-05": true} {
		if c.Working(day) != want {
			t.Errorf("%s is worked: %v", day, !want)
		}
	}
}

func FuzzReadCalendar(f *testing.F) {
	f.Add(StartingCalendar())
	f.Add([]byte(calendarHead + "saturday,work,,,,\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ReadCalendar("lich.csv", data)
		if err != nil {
			return
		}
		arrived := time.Date(2026, 2, 13, 10, 0, 0, 0, vietnam)
		if d := c.RegisterBy(arrived, false); d.By.After(d.Latest) || !d.By.After(arrived) {
			t.Errorf("%v", d)
		}
		if slices.Equal(c.rest[:], []bool{true, true, true, true, true, true, true}) {
			t.Error("no day is worked")
		}
	})
}
