package register

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// FollowUpColumns are the seven columns of the sổ theo dõi giải quyết văn bản đến (NĐ 30/2020, Phụ lục IV) as they stand on a day
// (yyyy-mm-dd), by which a document is overdue.
func FollowUpColumns(today string) []Column {
	return []Column{
		{"Số đến", func(e Entry) string { return followedNumber(e, today) }},
		{"Tên loại, số và ký hiệu, ngày tháng và tác giả văn bản", named},
		{"Đơn vị hoặc người nhận", receivers},
		{"Thời hạn giải quyết", func(e Entry) string { return shownDay(e.Handling().Due) }},
		{"Tiến độ giải quyết", func(e Entry) string { return progress(e, today) }},
		{"Số, ký hiệu văn bản trả lời", func(e Entry) string { return e.Answer }},
		{"Ghi chú", notes},
	}
}

// followedNumber is a số đến, with its year when that is not the one in which the list is read: it goes over the years, and each has a 12.
func followedNumber(e Entry, today string) string {
	if year := strconv.Itoa(e.Year); e.Year != 0 && !strings.HasPrefix(today, year+"-") {
		return strconv.Itoa(e.Number) + "/" + year
	}
	return strconv.Itoa(e.Number)
}

// FollowUpLine is what an entry says in the seven columns.
func FollowUpLine(e Entry, today string) []string {
	e = e.Facts()
	columns := FollowUpColumns(today)
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.Cell(e)
	}
	return line
}

// Followed says whether an entry belongs in the follow-up book: somebody was told to handle it, or handled it.
func (e Entry) Followed() bool {
	return e.State != Unused && (len(e.Directions) > 0 || !e.Done.IsZero())
}

func named(e Entry) string {
	if e.State == Unused || e.Confidential() {
		return join(", ", subject(e), e.Author)
	}
	return join(", ", join(" ", e.Document.Loai, prefixed("số ", e.Document.SoHieu)), prefixed("ngày ", shownDay(e.Document.Ngay)), e.Author)
}

func progress(e Entry, today string) string {
	switch {
	case e.State == Withdrawn && (hasRelation(e, RecalledBy) || e.Note == ""):
		return "đã thu hồi"
	case e.State == Withdrawn:
		return "không phải giải quyết"
	case !e.Done.IsZero() && e.Handling().Due != "" && Day(e.Done) > e.Handling().Due:
		return "đã giải quyết " + Shown(e.Done) + " (quá hạn)"
	case !e.Done.IsZero():
		return "đã giải quyết " + Shown(e.Done)
	case e.OverdueOn(today):
		return fmt.Sprintf("quá hạn %d ngày", daysBetween(e.Handling().Due, today))
	case e.State == Unused || e.State == Blanked:
		return ""
	}
	return "đang giải quyết"
}

// daysBetween counts calendar days; 0 when one of them is no day.
func daysBetween(from, to string) int {
	a, err1 := midnight(from)
	b, err2 := midnight(to)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Hours()) / 24
}

// Late is an entry that should have been handled.
type Late struct {
	Entry       Entry    `json:"entry"` // its Facts
	Handling    Handling `json:"handling"`
	Days        int      `json:"days"`         // calendar days since the due day
	WorkingDays int      `json:"working_days"` // of them worked
}

// Overdue lists what is overdue on a day (yyyy-mm-dd), the longest first.
func Overdue(entries []Entry, today string, c *Calendar) []Late {
	var out []Late
	for _, e := range entries {
		if e.OverdueOn(today) {
			h := e.Handling()
			out = append(out, Late{Entry: e.Facts(), Handling: h, Days: daysBetween(h.Due, today), WorkingDays: c.WorkingDays(h.Due, today)})
		}
	}
	slices.SortStableFunc(out, func(a, b Late) int {
		return cmp.Or(cmp.Compare(a.Handling.Due, b.Handling.Due), compareLines(a.Entry, b.Entry))
	})
	return out
}

// compareLines is the order of the books: receiving agency, year, kind, number.
func compareLines(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Receiver, b.Receiver), cmp.Compare(a.Year, b.Year), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Number, b.Number))
}
