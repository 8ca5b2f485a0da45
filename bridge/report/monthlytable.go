package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/register"
)

// Table is the report as it is printed: a line for each sender, their sum, and below it what is to be said of the month as a whole.
func (m Monthly) Table() Table {
	t := Table{Name: "BÁO CÁO GỬI, NHẬN VĂN BẢN THÁNG " + m.month.inWords(), Made: m.made, Signer: "NGƯỜI LẬP BÁO CÁO", Sheet: "Báo cáo tháng", Beside: "Tổng hợp"}
	for _, line := range []string{m.Parent, m.Receiver, t.Name, m.span()} {
		if line != "" {
			t.Heading = append(t.Heading, line)
		}
	}
	t.Columns = monthlyColumns()
	for i, s := range m.Senders {
		t.Rows = append(t.Rows, Row{Cells: m.senderCells(i+1, s)})
	}
	if len(m.Senders) > 0 {
		t.Rows = append(t.Rows, Row{Cells: sumCells(m), Tone: Sum})
	}
	t.Closing = m.closing()
	return t
}

// span says of what time the figures are.
func (m Monthly) span() string {
	text := fmt.Sprintf("Từ 00:00 ngày %s đến hết ngày %s; lập lúc %s", register.Shown(m.month.Start()), register.Shown(m.month.End().Add(-time.Second)),
		m.made.In(vietnam).Format("15:04 ngày 02/01/2006"))
	if !m.Over {
		text += " (chưa hết tháng)"
	}
	return text
}

func monthlyColumns() []Column {
	const figure = 11.6
	columns := []Column{{Head: "TT", Width: 9, Type: Number}, {Head: "Cơ quan, đơn vị gửi", Width: 43}, {Head: "Nhóm", Width: 18}, {Head: "Tổng số", Width: 13.2, Type: Number}}
	for _, head := range []string{"Thư điện tử", "Giấy", "Qua hệ thống", "Nhiều cách", "Tiếp nhận", "Nhắc nhở", "Trả lại", "Chờ xử lý", "Bản trùng", "Có số đến",
		"Thư tháng trước", "Giấy tháng trước", "Hệ thống tháng trước"} {
		columns = append(columns, Column{Head: head, Width: figure, Type: Number})
	}
	return append(columns, Column{Head: "Có tài khoản từ", Width: 20, Type: Day}, Column{Head: "Tháng đầu không còn thư", Width: 18, Type: Centred})
}

func (m Monthly) senderCells(n int, s Sender) []string {
	cells := append([]string{strconv.Itoa(n), nameCell(s), strings.Join(s.Groups, "; ")}, figures(s.Counts, s.Before)...)
	return append(cells, shownDay(s.ReadySince), m.cleanCell(s))
}

// nameCell is the name with what became of the agency since.
func nameCell(s Sender) string {
	switch {
	case s.Ended == "":
		return s.Name
	case len(s.Successors) == 0:
		return fmt.Sprintf("%s (đến hết %s)", s.Name, shownDay(s.Ended))
	}
	return fmt.Sprintf("%s (đến hết %s; nay là %s)", s.Name, shownDay(s.Ended), strings.Join(s.Successors, ", "))
}

// cleanCell is the first whole month without mail, or that mail still comes.
func (m Monthly) cleanCell(s Sender) string {
	switch month, err := ReadMonth(s.CleanSince); {
	case s.Kind != OfAgency:
		return ""
	case err == nil:
		return month.inWords()
	case s.LastMail == "":
		return "–"
	case strings.HasPrefix(s.LastMail, m.Month):
		return "còn gửi thư"
	}
	return "chưa hết tháng"
}

func figures(now, before Counts) []string {
	var out []string
	for _, n := range []int{now.Documents(), now.Email, now.Paper, now.System, now.SeveralWays, now.Accepted, now.Reminded, now.Refused, now.Held, now.Joined, now.Registered,
		before.Email, before.Paper, before.System} {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func sumCells(m Monthly) []string {
	return append(append([]string{"", "TỔNG CỘNG", ""}, figures(m.Total, m.Before)...), "", "")
}

// mostFrequent is how many grounds of refusals are printed.
const mostFrequent = 10

// closing says what the month comes to.
func (m Monthly) closing() []string {
	lines := []string{}
	if !m.Enough {
		lines = append(lines, "Chưa đủ dữ liệu tháng.")
	}
	if !m.Over {
		lines = append(lines, "Tháng "+m.month.inWords()+" chưa hết tháng: số liệu còn thay đổi.")
	}
	if m.Enough {
		lines = append(append(lines, m.trend()), m.howTheySend()...)
		lines = append(lines, m.reasons()...)
	}
	lines = append(lines, fmt.Sprintf("Văn bản mật: %d (chỉ đếm, không tính vào bảng).", m.Secrets))
	for _, c := range []struct {
		n    int
		text string
	}{{m.Shut, "Cách ly vì lý do khác: %d (không tính vào bảng)."}, {m.Imported, "Thư cũ nhập vào để lưu: %d (không tính vào bảng)."},
		{m.Unread, "Phiếu chưa xác định được văn bản: %d (không tính vào bảng)."}} {
		if c.n > 0 {
			lines = append(lines, fmt.Sprintf(c.text, c.n))
		}
	}
	return append(lines, m.rules()...)
}

// trend compares with the month before.
func (m Monthly) trend() string {
	before := m.month.Before()
	if m.Before.Documents() == 0 {
		return fmt.Sprintf("Cộng %d văn bản. Tháng %s không có văn bản để so sánh.", m.Total.Documents(), before.inWords())
	}
	parts := []string{}
	for _, w := range []struct {
		name     string
		now, was int
	}{{"tổng số", m.Total.Documents(), m.Before.Documents()}, {"thư điện tử", m.Total.Email, m.Before.Email}, {"giấy", m.Total.Paper, m.Before.Paper},
		{"qua hệ thống", m.Total.System, m.Before.System}} {
		text := fmt.Sprintf("%s %d → %d", w.name, w.was, w.now)
		if w.was > 0 && w.was != w.now {
			text += fmt.Sprintf(" (%+d %%)", percent(w.now-w.was, w.was))
		}
		parts = append(parts, text)
	}
	return "So với tháng " + before.inWords() + ": " + strings.Join(parts, "; ") + "."
}

// percent is a share, rounded to the nearest whole, halves away from nought.
func percent(n, of int) int {
	half := of / 2
	if n < 0 {
		half = -half
	}
	return (n*100 + half) / of
}

// howTheySend says which agencies have gone over to the system, and which mail although they need not.
func (m Monthly) howTheySend() []string {
	return []string{fmt.Sprintf("Cơ quan, đơn vị có gửi trong tháng: %d.", m.Sending),
		fmt.Sprintf("Đã chuyển hẳn sang hệ thống (không gửi thư, giấy): %d%s.", m.GoneOver, m.named(func(s Sender) bool { return s.GoneOver })),
		fmt.Sprintf("Còn gửi thư điện tử dù đã có tài khoản: %d%s.", m.Mailing, m.named(func(s Sender) bool { return s.MailingThoughOpen }))}
}

// namesAtMost is how many agencies are named below the table, where each has its line already.
const namesAtMost = 15

func (m Monthly) named(which func(Sender) bool) string {
	var names []string
	rest := 0
	for _, s := range m.Senders {
		switch {
		case !which(s):
		case len(names) < namesAtMost:
			names = append(names, s.Name)
		default:
			rest++
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := " (" + strings.Join(names, "; ")
	if rest > 0 {
		text += fmt.Sprintf("; và %d dòng khác trong bảng", rest)
	}
	return text + ")"
}

func (m Monthly) reasons() []string {
	if len(m.Refusals) == 0 {
		return nil
	}
	lines, rest := []string{"Lý do trả lại nhiều nhất:"}, 0
	for i, r := range m.Refusals {
		if i >= mostFrequent {
			rest += r.Refusals
			continue
		}
		text := fmt.Sprintf("%d. %s: %d", i+1, r.Title, r.Refusals)
		if r.Rule != "" {
			text = fmt.Sprintf("%d. %s (%s): %d", i+1, r.Title, r.Rule, r.Refusals)
		}
		lines = append(lines, text)
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("Lý do khác: %d", rest))
	}
	return lines
}

func (m Monthly) rules() []string {
	if len(m.Rules) == 0 {
		return []string{"Trong tháng chưa có quy tắc nào được áp dụng."}
	}
	lines := []string{"Quy tắc áp dụng trong tháng:"}
	for i, r := range m.Rules {
		text := fmt.Sprintf("%d. ", i+1)
		if r.Title != "" {
			text += r.Title + ", "
		}
		text += "phiên bản " + r.Version[:min(12, len(r.Version))] + ", từ " + shownInstant(r.From)
		if r.Until != "" {
			text += " đến trước " + shownInstant(r.Until)
		}
		lines = append(lines, text)
	}
	return lines
}

// shownInstant writes an instant of RFC 3339 as people here do.
func shownInstant(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.In(vietnam).Format("15:04 ngày 02/01/2006")
}

// shownDay writes yyyy-mm-dd as people here do; what is no day stays as it is.
func shownDay(day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return d.Format("02/01/2006")
}
