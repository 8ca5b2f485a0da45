package report

import (
	"strconv"
	"time"

	"github.com/giaolien/giaolien/mapping/register"
)

// dots are what a clerk writes over where something is not known.
const dots = "................"

// coverLines are the lines of a cover (NĐ 30/2020, Phụ lục IV), in order.
func coverLines(c register.Cover) []string {
	var lines []string
	if c.Parent != "" {
		lines = append(lines, c.Parent)
	}
	return append(lines, c.Agency, c.Title, coverYear(c), coverDays(c), coverNumbers(c), coverBook(c))
}

func coverYear(c register.Cover) string { return "Năm: " + orDots(numberOrNone(c.Year)) }

func coverDays(c register.Cover) string {
	return "Từ ngày " + orDots(dayOrNone(c.FromDay)) + " đến ngày " + orDots(dayOrNone(c.ToDay))
}

func coverNumbers(c register.Cover) string {
	return "Từ số " + orDots(numberOrNone(c.FromNumber)) + " đến số " + orDots(numberOrNone(c.ToNumber))
}

func coverBook(c register.Cover) string { return "Quyển số: " + orDots(c.BookNumber) }

func orDots(s string) string {
	if s == "" {
		return dots
	}
	return s
}

func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func dayOrNone(t time.Time) string { return register.Shown(t) }
