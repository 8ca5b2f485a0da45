package register

import (
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Column is one column of a printed form. Head is as the form prints it.
type Column struct {
	Head string
	Cell func(Entry) string // of an entry's Facts
}

// Columns are the ten columns of the sổ đăng ký văn bản đến (NĐ 30/2020, Phụ lục IV).
func Columns() []Column {
	return []Column{
		{"Ngày đến", func(e Entry) string { return Shown(e.Arrived) }},
		{"Số đến", func(e Entry) string { return strconv.Itoa(e.Number) }},
		{"Tác giả", func(e Entry) string { return e.Author }},
		{"Số, ký hiệu", func(e Entry) string { return e.Document.SoHieu }},
		{"Ngày tháng", func(e Entry) string { return shownDay(e.Document.Ngay) }},
		{"Tên loại và trích yếu nội dung", subject},
		{"Đơn vị hoặc người nhận", receivers},
		{"Ngày chuyển", func(e Entry) string { return Shown(e.Transferred) }},
		{"Ký nhận", func(e Entry) string { return e.ReceivedBy }},
		{"Ghi chú", notes},
	}
}

// Line is what an entry says in the ten columns.
func Line(e Entry) []string {
	e = e.Facts()
	columns := Columns()
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.Cell(e)
	}
	return line
}

// What stands in the place of a trích yếu that is not there.
const (
	textUnused  = "(số không sử dụng)"
	textBlanked = "(nội dung đã xóa: văn bản mật)"
	textSecret  = "(văn bản mật: không ghi nội dung)"
)

func subject(e Entry) string {
	switch {
	case e.State == Unused:
		return textUnused
	case e.State == Blanked:
		return textBlanked
	case e.Confidential():
		return textSecret
	}
	return join(" ", e.Document.Loai, e.Document.TrichYeu)
}

// receivers are who handles the document first, then who helps.
func receivers(e Entry) string {
	h := e.Handling()
	if len(h.CoHandlers) == 0 {
		return h.Handler
	}
	return join("; ", h.Handler, "phối hợp: "+strings.Join(h.CoHandlers, ", "))
}

// notes is what is to be known of a line beside its columns.
func notes(e Entry) string {
	var parts []string
	if e.State == Withdrawn && !hasRelation(e, RecalledBy) && e.Note == "" { // else they say why
		parts = append(parts, "đã thu hồi")
	}
	parts = append(parts, urgencyInWords(e.Document.DoKhan), secrecyInWords(e.Document.DoMat))
	for _, r := range e.Relations {
		parts = append(parts, relationInWords(r))
	}
	parts = append(parts, waysInWords(e.Ways)...)
	return join("; ", append(parts, e.Note)...)
}

// waysInWords says when a document that came on several ways came first on each of them.
func waysInWords(ways []Way) []string {
	first := map[string]time.Time{}
	var channels []string
	for _, w := range ways {
		at, known := first[w.Channel]
		if !known {
			channels = append(channels, w.Channel)
		}
		if !known || w.At.Before(at) {
			first[w.Channel] = w.At
		}
	}
	if len(channels) < 2 {
		return nil
	}
	parts := make([]string, len(channels))
	for i, c := range channels {
		parts[i] = "nhận " + wayInWords(c) + " " + Shown(first[c])
	}
	return parts
}

func hasRelation(e Entry, kind RelationKind) bool {
	for _, r := range e.Relations {
		if r.Kind == kind {
			return true
		}
	}
	return false
}

func relationInWords(r Relation) string {
	words := map[RelationKind]string{Recalls: "thu hồi", Corrects: "đính chính", Replaces: "thay thế", Answers: "trả lời",
		RecalledBy: "đã thu hồi theo", CorrectedBy: "được đính chính tại", ReplacedBy: "được thay thế bằng"}[r.Kind]
	return join(" ", words, r.SoHieu)
}

func wayInWords(channel string) string {
	if words := map[string]string{"email": "qua thư điện tử", "paper": "bản giấy", "system": "qua trục"}[channel]; words != "" {
		return words
	}
	return channel
}

func urgencyInWords(u vanban.Urgency) string {
	return map[vanban.Urgency]string{vanban.Khan: "KHẨN", vanban.ThuongKhan: "THƯỢNG KHẨN", vanban.HoaToc: "HỎA TỐC"}[u]
}

func secrecyInWords(s vanban.Secrecy) string {
	return map[vanban.Secrecy]string{vanban.Mat: "MẬT", vanban.ToiMat: "TỐI MẬT", vanban.TuyetMat: "TUYỆT MẬT"}[s]
}

// Shown is the Vietnamese day of an instant as the forms write it; empty for the zero instant.
func Shown(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return directory.Day(at).Format("02/01/2006")
}

// shownDay writes yyyy-mm-dd as the forms do; what is no day stays as it is.
func shownDay(day string) string {
	t, err := midnight(day)
	if err != nil {
		return day
	}
	return t.Format("02/01/2006")
}

// join joins what is not empty.
func join(separator string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, separator)
}
