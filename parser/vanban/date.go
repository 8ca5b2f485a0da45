package vanban

import (
	"fmt"
	"time"
)

// dateAt reads a date that begins at i with the word "ngày" or a digit: "ngày 05 tháng 6 năm 2018", "ngày 5/6/2018", "05.6.2018". It gives
// the ISO form and the end. Blanks and line ends may stand between the parts.
func dateAt(p phrase, i int) (iso string, end int, ok bool) {
	const gap = " \n"
	j := i
	if p.from(j).has("ngay") {
		j = p.skip(j+4, gap)
	}
	day, j, ok := digits(p, j, 2)
	if !ok {
		return "", 0, false
	}
	var month, year int
	k := p.skip(j, gap)
	if p.from(k).has("thang") {
		month, k, ok = digits(p, p.skip(k+5, gap), 2)
		if !ok {
			return "", 0, false
		}
		if k = p.skip(k, gap); !p.from(k).has("nam") {
			return "", 0, false
		}
		at := p.skip(k+3, gap)
		if year, k, ok = digits(p, at, 4); !ok && footnoted(p, at) {
			year, k, ok = digits(p.upTo(at+4), at, 4)
		}
	} else {
		separator := p.at(j)
		if separator != '/' && separator != '-' && separator != '.' {
			return "", 0, false
		}
		if month, k, ok = digits(p, j+1, 2); !ok || p.at(k) != separator {
			return "", 0, false
		}
		year, k, ok = digits(p, k+1, 4)
	}
	if !ok {
		return "", 0, false
	}
	iso, ok = isoDay(year, month, day)
	return iso, k, ok
}

// footnoted says whether a year has the mark of a footnote behind it that reading has made one more digit ("năm 20264").
func footnoted(p phrase, at int) bool {
	return at+5 <= p.len() && isYear(p.slice(at, at+4)) && digitByte(p.f[at+4]) && !wordByte(p.at(at+5))
}

// isoDay gives yyyy-mm-dd for a day that exists, in a year that a document of this state can have.
func isoDay(year, month, day int) (string, bool) {
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1945 || year > 2199 || date.Day() != day || int(date.Month()) != month {
		return "", false
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day), true
}

// digits reads a whole number of at most n digits; a longer run is none.
func digits(p phrase, i, n int) (value, end int, ok bool) {
	for end = i; digitByte(p.at(end)); end++ {
		if end-i == n {
			return 0, 0, false
		}
		value = value*10 + int(p.f[end]-'0')
	}
	return value, end, end > i
}
