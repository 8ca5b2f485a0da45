package parser

import (
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date of RFC 5322, 3.3 and what stands in its place: comments, missing weekday or seconds, two-digit years, asctime and
// ISO 8601 order, days before months between slashes or dots, Vietnamese words. It gives UTC. What is impossible (hour 24 or 29, day 32) is
// unreadable, never another moment: nothing is decided by this date.
func parseDate(s string) (time.Time, bool) {
	f, ok := readDate(s)
	if !ok {
		return time.Time{}, false
	}
	return f.time()
}

// parseHopDate reads the date of a Received field, by which cutoffs are decided: a leap second (:60) still belongs to its minute, so that
// 23:59:60 is of that day. Without a zone that is known it is unreadable: read as another zone's it would be hours late or early.
func parseHopDate(s string) (time.Time, bool) {
	f, ok := readDate(s)
	if !ok || !f.zoned {
		return time.Time{}, false
	}
	if f.sec == 60 {
		f.sec = 59
	}
	return f.time()
}

func readDate(s string) (dateFields, bool) {
	if len(s) > 200 {
		return dateFields{}, false
	}
	f := dateFields{year: -1, month: -1, day: -1, hour: -1}
	words := strings.FieldsFunc(foldDate(stripComments(s)), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	for _, w := range words {
		f.take(w)
	}
	return f, true
}

// dateFields are what the words of a date have said so far.
type dateFields struct {
	year, month, day  int // -1: not seen
	hour, minute, sec int
	zone              int // seconds east
	zoned, bad        bool
	after             string // the Vietnamese word that the next one belongs to
}

func (f *dateFields) take(w string) {
	w = strings.Trim(w, `."'`)
	switch {
	case w == "":
	case f.vietnamese(w):
	case strings.Count(w, "/") == 2 && isDigit(w[0]):
		f.slashed(strings.Split(w, "/"))
	case strings.Count(w, ".") == 2 && isDigit(w[0]) && !strings.Contains(w, ":"):
		f.slashed(strings.Split(w, "."))
	case strings.Count(w, "-") >= 2 && isDigit(w[0]):
		f.dashed(w)
	case strings.Contains(w, ":") && isDigit(w[0]):
		f.clock(w)
	case (w[0] == '+' || w[0] == '-') && f.hour >= 0:
		f.offset(w)
	case isDigit(w[0]):
		f.number(w)
	default:
		f.name(w)
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// dashed reads 2019-04-20, 2019-04-20T01:02:03Z and 20-Apr-2019.
func (f *dateFields) dashed(w string) {
	date, clock := w, ""
	for i := 1; i+1 < len(w); i++ { // the T between digits, not the one in 20-OCT-2019
		if w[i]|0x20 == 't' && isDigit(w[i-1]) && isDigit(w[i+1]) {
			date, clock = w[:i], w[i+1:]
			break
		}
	}
	p := strings.Split(date, "-")
	if len(p) != 3 {
		f.bad = true
		return
	}
	if len(p[0]) == 4 {
		p[0], p[2] = p[2], p[0]
	}
	f.number(p[0])
	if m, err := strconv.Atoi(p[1]); err == nil {
		f.month = m
	} else {
		f.name(p[1])
	}
	f.number(p[2])
	if clock != "" {
		f.clock(clock)
	}
}

// clock reads 01:02, 01:02:03, fractions of a second (dropped) and a zone that is glued on.
func (f *dateFields) clock(w string) {
	if f.hour >= 0 {
		f.bad = true
		return
	}
	end := 0
	for end < len(w) && (isDigit(w[end]) || w[end] == ':' || w[end] == '.') {
		end++
	}
	zone := w[end:]
	part := strings.Split(w[:end], ":")
	n := [3]int{}
	for i, p := range part {
		whole, _, _ := strings.Cut(p, ".")
		v, err := strconv.Atoi(whole)
		if i > 2 || err != nil {
			f.bad = true
			return
		}
		n[i] = v
	}
	f.hour, f.minute, f.sec = n[0], n[1], n[2]
	switch {
	case zone == "":
	case zone[0] == '+' || zone[0] == '-':
		f.offset(zone)
	default:
		f.name(zone)
	}
}

// offset reads +0700, +07:00, +7 and GMT+7's tail.
func (f *dateFields) offset(w string) {
	if f.zoned && f.zone != 0 {
		return // "+0700 +07" says it twice
	}
	d := strings.ReplaceAll(w[1:], ":", "")
	n, err := strconv.Atoi(d)
	if err != nil || len(d) > 4 {
		f.bad = true
		return
	}
	if len(d) <= 2 {
		n *= 100
	}
	h, m := n/100, n%100
	if h > 18 || m > 59 {
		f.bad = true
		return
	}
	f.zone = h*3600 + m*60
	if w[0] == '-' {
		f.zone = -f.zone
	}
	f.zoned = true
}

func (f *dateFields) number(w string) {
	end := 0
	for end < len(w) && isDigit(w[end]) {
		end++
	}
	n, err := strconv.Atoi(w[:end])
	switch {
	case err != nil:
		f.bad = true
	case f.day < 0 && end <= 2:
		f.day = n
	case f.year < 0:
		f.year = n
		if end <= 3 { // RFC 5322, 4.3
			f.year += 1900
			if end <= 2 && n < 50 {
				f.year += 100
			}
		}
	default:
		f.bad = true
	}
}

// name reads a month or a zone; a weekday and everything else says nothing.
func (f *dateFields) name(w string) {
	l := strings.ToLower(w)
	if f.hour >= 0 && f.half(l) {
		return
	}
	if len(l) >= 3 && f.month < 0 {
		if i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", l[:3]); i >= 0 && i%3 == 0 {
			f.month = i/3 + 1
			return
		}
	}
	if f.hour < 0 || f.zoned {
		return
	}
	base := l
	if i := strings.IndexAny(l, "+-"); i > 0 {
		base = l[:i]
		defer func() {
			f.zoned, f.zone = false, 0
			f.offset(l[i:])
		}()
	}
	if z, ok := zoneHours(base); ok {
		f.zone, f.zoned = z*3600, true
	}
}

// zoneHours are the zones of RFC 5322, 4.3 and those of this part of the world, which net/mail reads as +0000.
func zoneHours(z string) (int, bool) {
	switch z {
	case "gmt", "ut", "utc", "z":
		return 0, true
	case "ict", "wib": // Indochina
		return 7, true
	case "sgt", "hkt":
		return 8, true
	case "jst", "kst":
		return 9, true
	case "cet":
		return 1, true
	case "cest", "eet":
		return 2, true
	case "msk":
		return 3, true
	case "edt":
		return -4, true
	case "est", "cdt":
		return -5, true
	case "cst", "mdt":
		return -6, true
	case "mst", "pdt":
		return -7, true
	case "pst":
		return -8, true
	}
	return 0, false
}

func (f *dateFields) time() (time.Time, bool) {
	if f.bad || f.year < 1900 || f.year > 9999 || f.month < 1 || f.month > 12 || f.day < 1 || f.hour < 0 || f.hour > 23 || f.minute > 59 || f.sec > 60 {
		return time.Time{}, false
	}
	t := time.Date(f.year, time.Month(f.month), f.day, f.hour, f.minute, f.sec, 0, time.UTC)
	if f.sec < 60 && t.Day() != f.day || f.day > 31 {
		return time.Time{}, false
	}
	t = t.Add(-time.Duration(f.zone) * time.Second)
	if t.Year() > 9999 { // RFC 3339 has no name for it
		return time.Time{}, false
	}
	return t, true
}
