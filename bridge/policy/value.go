package policy

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// vietnam is the legal time of Viet Nam, UTC+7 without daylight saving since 1975: a fixed zone needs no time zone data on the machine.
var vietnam = time.FixedZone(timezoneName, 7*60*60)

const timezoneName = "Asia/Ho_Chi_Minh"

// maxDuration keeps sums far from overflow; nobody means a grace of more than ten years.
const maxDuration = 10 * 366 * 24 * time.Hour

// parseDuration reads sums of whole days, hours, minutes and seconds, largest unit first, e.g. "1d12h".
func parseDuration(s string) (time.Duration, bool) {
	units := [...]struct {
		letter byte
		unit   time.Duration
	}{{'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, false
	}
	var sum time.Duration
	next := 0
	for s != "" {
		digits := 0
		for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			digits++
		}
		n, err := strconv.ParseInt(s[:digits], 10, 32)
		if err != nil || digits == len(s) {
			return 0, false
		}
		for next < len(units) && units[next].letter != s[digits] {
			next++
		}
		if next == len(units) {
			return 0, false
		}
		if time.Duration(n) > maxDuration/units[next].unit {
			return 0, false
		}
		sum += time.Duration(n) * units[next].unit
		next++
		s = s[digits+1:]
	}
	return sum, sum <= maxDuration
}

// parseSize reads "25MB", "500 KB", "1GB" or "900B"; units are powers of 1024.
func parseSize(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseInt(s[:digits], 10, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	factor := int64(0)
	switch strings.TrimSpace(s[digits:]) {
	case "", "B":
		factor = 1
	case "KB":
		factor = 1 << 10
	case "MB":
		factor = 1 << 20
	case "GB":
		factor = 1 << 30
	}
	if factor == 0 || n > math.MaxInt64/factor {
		return 0, false
	}
	return n * factor, true
}

// clock shows an instant in Vietnamese time, for the faults of a file.
func clock(t time.Time) string { return t.In(vietnam).Format("02/01/2006 15:04:05") }

// moment shows an instant as a clerk reads it.
func moment(t time.Time) string { return t.In(vietnam).Format("15:04:05 ngày 02/01/2006") }

// bytesOf shows a size as a clerk reads it; in whole bytes where a round number would hide the difference.
func bytesOf(n int64) string {
	for _, u := range [...]struct {
		name string
		size int64
	}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}} {
		if n >= u.size && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + " " + u.name
		}
	}
	return strconv.FormatInt(n, 10) + " byte"
}
