package register

import (
	"bytes"
	_ "embed"
)

// startingCSV holds the days off that a rule does not give: Tết and Giỗ Tổ, which follow the moon, the day beside 2/9, and the days that
// were swapped, of 2024 to 2027. The column source says what a line rests on, doubt what of it was not confirmed. Not among them, because
// unknown when this was written: the day beside 2/9/2027, the fifth day of Tết 2027, swaps of 2027, and a day off on 24/11 (Ngày Văn hóa
// Việt Nam) that was announced without its law being seen. A missing day off makes a deadline earlier, never later.
//
//go:embed holidays.csv
var startingCSV []byte

// StartingCalendar is the calendar that an installation starts with, as a file for ReadCalendar.
func StartingCalendar() []byte { return bytes.Clone(startingCSV) }
