package report

import (
	"fmt"
	"time"

	"github.com/giaolien/giaolien/mapping/register"
)

// IncomingBook is lines of the sổ đăng ký văn bản đến in the ten columns of NĐ 30/2020, Phụ lục IV. The cover's agency is printed on it;
// made is when.
func IncomingBook(entries []register.Entry, cover register.Cover, made time.Time) Table {
	widths := []float64{20, 13, 33, 30, 20, 60, 30, 20, 16, 25}
	t := Table{Name: cover.Title, Cover: &cover, Made: made, Signer: "NGƯỜI LẬP SỔ", Closing: closing(entries)}
	for i, c := range register.Columns() {
		t.Columns = append(t.Columns, Column{Head: c.Head, Width: widths[i], Type: typeOf(c.Head), Struck: c.Head == headNumber || c.Head == headSubject})
	}
	for _, e := range entries {
		t.Rows = append(t.Rows, Row{Cells: register.Line(e), Tone: toneOf(e)})
	}
	return t
}

// Heads by which columns are told apart.
const (
	headNumber  = "Số, ký hiệu"
	headSubject = "Tên loại và trích yếu nội dung"
)

func typeOf(head string) CellType {
	switch head {
	case "Số đến":
		return Number
	case "Ngày đến", "Ngày tháng", "Ngày chuyển", "Thời hạn giải quyết":
		return Day
	}
	return Text
}

func toneOf(e register.Entry) Tone {
	switch {
	case e.State == register.Withdrawn:
		return Struck
	case e.State == register.Unused || e.Confidential():
		return Void
	}
	return Plain
}

// closing says what the lines come to, so that a missing page shows.
func closing(entries []register.Entry) []string {
	if len(entries) == 0 {
		return []string{"Sổ chưa có văn bản."}
	}
	first, last := entries[0].Number, entries[0].Number
	counts := map[string]int{}
	for _, e := range entries {
		first, last = min(first, e.Number), max(last, e.Number)
		switch {
		case e.State == register.Unused:
			counts["số không sử dụng"]++
		case e.State == register.Withdrawn:
			counts["văn bản đã thu hồi hoặc không còn hiệu lực"]++
		case e.State == register.Blanked:
			counts["văn bản mật đã xóa nội dung"]++
		}
	}
	text := fmt.Sprintf("Cộng: %d dòng, từ số %d đến số %d", len(entries), first, last)
	for _, what := range []string{"số không sử dụng", "văn bản đã thu hồi hoặc không còn hiệu lực", "văn bản mật đã xóa nội dung"} {
		if n := counts[what]; n > 0 {
			text += fmt.Sprintf("; %d %s", n, what)
		}
	}
	return []string{text + "."}
}

// FollowUpBook is the sổ theo dõi giải quyết văn bản đến on a day (yyyy-mm-dd), or with overdueOnly the list of what is overdue on it.
func FollowUpBook(entries []register.Entry, cover register.Cover, today string, overdueOnly bool, made time.Time) Table {
	t := Table{Name: "SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN", Made: made, Signer: "NGƯỜI LẬP"}
	if overdueOnly {
		t.Name = "DANH SÁCH VĂN BẢN ĐẾN QUÁ HẠN GIẢI QUYẾT"
	}
	t.Heading = heading(cover, t.Name, today)
	widths := []float64{14, 80, 46, 25, 37, 30, 35}
	for i, c := range register.FollowUpColumns(today) {
		t.Columns = append(t.Columns, Column{Head: c.Head, Width: widths[i], Type: typeOf(c.Head), Struck: i == 1})
	}
	for _, e := range entries {
		if overdueOnly && !e.OverdueOn(today) || !e.Followed() {
			continue
		}
		t.Rows = append(t.Rows, Row{Cells: register.FollowUpLine(e, today), Tone: toneOf(e)})
	}
	t.Closing = []string{fmt.Sprintf("Cộng: %d văn bản.", len(t.Rows))}
	return t
}

func heading(cover register.Cover, title, today string) []string {
	day := today
	if d, err := time.Parse(time.DateOnly, today); err == nil {
		day = d.Format("02/01/2006")
	}
	lines := []string{cover.Agency, title, "Tính đến ngày " + day}
	if cover.Parent != "" {
		lines = append([]string{cover.Parent}, lines...)
	}
	return lines
}

// Fields is lines in the input fields of NĐ 30/2020, Phụ lục VI, for programs. What is longer than the annex allows stands whole, is marked,
// and is told in a column of its own.
func Fields(entries []register.Entry, made time.Time) Table {
	t := Table{Name: "Phụ lục VI", Made: made}
	index := map[string]int{}
	for i, f := range register.Fields() {
		index[f.Name] = i
		t.Columns = append(t.Columns, Column{Head: f.Name, Sub: f.Label, Width: 30, Type: map[register.FieldType]CellType{register.TypeNumber: Number, register.TypeDate: Day}[f.Type]})
	}
	t.Columns = append(t.Columns, Column{Head: "Vượt độ dài", Width: 40})
	for _, e := range entries {
		row := Row{Cells: register.FieldLine(e), Tone: toneOf(e)}
		told := ""
		for _, x := range register.Overlong(e) {
			if row.Marked == nil {
				row.Marked = make([]bool, len(t.Columns))
			}
			if told != "" {
				told += "; "
			}
			row.Marked[index[x.Field]] = true
			told += fmt.Sprintf("%s %d/%d", x.Field, x.Length, x.Limit)
		}
		if told != "" {
			row.Marked[len(t.Columns)-1] = true
		}
		row.Cells = append(row.Cells, told)
		t.Rows = append(t.Rows, row)
	}
	return t
}
