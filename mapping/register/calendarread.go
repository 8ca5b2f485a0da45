package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/directory"
)

// calendarColumns are those of the calendar's file. day is yyyy-mm-dd or, for every week, monday to sunday; worked is the day that is worked
// for a swapped one; name, source and doubt are for people.
var calendarColumns = [...]string{"day", "kind", "worked", "name", "source", "doubt"}

// maxCalendar bounds the file: a century of holidays is not half of it.
const maxCalendar = 1 << 20

// ReadCalendar reads a calendar (CSV, UTF-8 with or without byte order mark, RFC 4180). file is the name that faults are reported under.
// Saturday and Sunday are rest days unless a line says otherwise; public holidays with a date of their own need no line. The error is a
// directory.Faults with every fault of the file.
func ReadCalendar(file string, data []byte) (*Calendar, error) {
	r := calendarReader{file: file, c: &Calendar{lines: map[int]calendarLine{}, known: map[int]bool{}}}
	r.c.rest[time.Saturday], r.c.rest[time.Sunday] = true, true
	r.read(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	r.check()
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b directory.Fault) int { return a.Line - b.Line })
		return nil, r.faults
	}
	r.c.makeUp()
	return r.c, nil
}

type calendarReader struct {
	file   string
	c      *Calendar
	faults directory.Faults
}

func (r *calendarReader) fault(line int, key, format string, args ...any) {
	r.faults = append(r.faults, directory.Fault{File: r.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (r *calendarReader) read(text []byte) {
	if len(text) > maxCalendar {
		r.fault(0, "", "larger than %d bytes; keep the years that are worked in", maxCalendar)
		return
	}
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord = -1
	for header := true; ; header = false {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			if header {
				r.fault(0, "", "no header line; the first line is %s", strings.Join(calendarColumns[:], ","))
			}
			return
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			r.fault(bad.Line, "", "broken quoting in column %d; put the cell in double quotes and double each quote within it", bad.Column)
			return
		}
		if err != nil {
			r.fault(0, "", "cannot be read: %v", err)
			return
		}
		line, _ := in.FieldPos(0)
		switch {
		case header && !slices.Equal(cells, calendarColumns[:]):
			r.fault(line, "", "the first line must be %s", strings.Join(calendarColumns[:], ","))
			return
		case header || strings.TrimSpace(strings.Join(cells, "")) == "":
		case len(cells) != len(calendarColumns):
			r.fault(line, "", "%d cells where %d are wanted; add or remove commas, or put a cell with commas in double quotes", len(cells), len(calendarColumns))
		case !utf8.ValidString(strings.Join(cells, "")):
			r.fault(line, "", "not UTF-8 text; save the file as \"CSV UTF-8\"")
		default:
			r.line(line, cells)
		}
	}
}

func (r *calendarReader) line(line int, cells []string) {
	for i := range cells {
		cells[i] = norm.NFC.String(strings.TrimSpace(cells[i]))
	}
	day, kind, worked := cells[0], dayKind(cells[1]), cells[2]
	if weekday, ok := weekdayOf(day); ok {
		if kind != rest && kind != work {
			r.fault(line, "kind", "%q cannot be said of every %s; want %s or %s", kind, day, rest, work)
			return
		}
		r.c.rest[weekday] = kind == rest
		return
	}
	if kind != holiday && kind != swap && kind != rest && kind != work {
		r.fault(line, "kind", "%q is none; want %s, %s, %s or %s", kind, holiday, swap, rest, work)
		return
	}
	if (kind == swap) != (worked != "") {
		r.fault(line, "worked", "a swapped day, and no other, names the day that is worked instead (2025-04-26)")
		return
	}
	r.put(line, "day", day, calendarLine{kind: kind, doubt: cells[5], line: line})
	if kind == swap {
		r.put(line, "worked", worked, calendarLine{kind: work, doubt: cells[5], line: line})
	}
}

func weekdayOf(name string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(d.String(), name) {
			return d, true
		}
	}
	return 0, false
}

func (r *calendarReader) put(line int, key, day string, what calendarLine) {
	t, err := midnight(day)
	if err != nil {
		r.fault(line, key, "%q is no day; want yyyy-mm-dd, or in column day monday to sunday", day)
		return
	}
	if before, ok := r.c.lines[dayNumber(t)]; ok {
		r.fault(line, key, "%s stands in line %d already; keep one of them", day, before.line)
		return
	}
	what.day = t
	r.c.lines[dayNumber(t)] = what
	if what.kind == holiday && t.Month() <= time.February && !fixed(t.Month(), t.Day()) {
		r.c.known[t.Year()] = true
	}
}

// check holds the lines against the week: a line that changes nothing is a slip of the pen.
func (r *calendarReader) check() {
	if r.c.rest == [7]bool{true, true, true, true, true, true, true} {
		r.fault(0, "", "no day of the week is worked; remove one of the lines monday to sunday")
		return
	}
	for _, l := range r.c.lines {
		t, day := l.day, Day(l.day)
		off := r.c.rest[t.Weekday()] || fixed(t.Month(), t.Day())
		switch l.kind {
		case work:
			if !off {
				r.fault(l.line, "worked", "%s is worked anyway; name a day that would be off", day)
			}
		case swap, rest:
			if off {
				r.fault(l.line, "day", "%s is off anyway; name a day that would be worked", day)
			}
		case holiday:
			if fixed(t.Month(), t.Day()) {
				r.fault(l.line, "day", "%s is a public holiday anyway; remove the line", day)
			}
		}
	}
}
