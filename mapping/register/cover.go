package register

import "time"

// Cover is the cover of a book (NĐ 30/2020, Phụ lục IV).
type Cover struct {
	Parent     string    // cơ quan chủ quản, as printed; empty: none
	Agency     string    // as printed
	Title      string    // of the book
	Year       int       // 0: lines of several years
	FromDay    time.Time // when the first and the last document was registered (ngày bắt đầu và kết thúc đăng ký); zero without any
	ToDay      time.Time
	FromNumber int // 0 without lines
	ToNumber   int
	BookNumber string // quyển số; empty: to be written by hand
}

// Title is what stands on the cover of a book of a kind.
func (k Kind) Title() string {
	if k == Secret {
		return "SỔ ĐĂNG KÝ VĂN BẢN MẬT ĐẾN"
	}
	return "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN"
}

// CoverOf is the cover of lines of one book. A number that was jumped over was never registered: the day on which that was noted is none of
// the book's.
func CoverOf(entries []Entry) Cover {
	c := Cover{Title: Incoming.Title()}
	for i, e := range entries {
		if i == 0 {
			c.Title, c.Year, c.FromNumber = e.Kind.Title(), e.Year, e.Number
		}
		if e.Year != c.Year {
			c.Year = 0
		}
		c.FromNumber, c.ToNumber = min(c.FromNumber, e.Number), max(c.ToNumber, e.Number)
		if e.State == Unused || e.Registered.IsZero() {
			continue
		}
		if c.FromDay.IsZero() || e.Registered.Before(c.FromDay) {
			c.FromDay = e.Registered
		}
		if e.Registered.After(c.ToDay) {
			c.ToDay = e.Registered
		}
	}
	return c
}
