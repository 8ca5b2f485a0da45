package register

import "time"

// vietnam is Asia/Ho_Chi_Minh, by which all days of the register are meant. The offset is fixed since 1975; a file of zones isn't needed.
var vietnam = time.FixedZone("+07", 7*60*60)

// Day is the Vietnamese day of an instant, yyyy-mm-dd; empty for the zero instant.
func Day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vietnam).Format(time.DateOnly)
}

// midnight is the first instant of a day.
func midnight(day string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, day, vietnam)
}
