package register

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// FieldType is the type of a field as the annex names it.
type FieldType string

const (
	TypeString FieldType = "String"
	TypeNumber FieldType = "Number"
	TypeDate   FieldType = "Date" // dd/mm/yyyy
	TypeLong   FieldType = "LongText"
)

// Field is one input field of an incoming electronic document (NĐ 30/2020, Phụ lục VI, Phần II).
type Field struct {
	Name   string // as the annex names it, FileCode.OrganId for a part of a field
	Label  string
	Type   FieldType
	Length int // characters; 0: without bound
	Value  func(Entry) string
}

// Fields are all input fields, in the annex's order. What the program does not know (the file that a clerk puts the document in, its
// language) is empty; the annex makes no field mandatory.
func Fields() []Field {
	none := func(Entry) string { return "" }
	return []Field{
		{"FileCode.OrganId", "Mã cơ quan", TypeString, 13, none},
		{"FileCode.FileCatalog", "Năm hình thành hồ sơ", TypeNumber, 4, none},
		{"FileCode.FileNotation", "Số và ký hiệu hồ sơ", TypeString, 20, none},
		{"DocOrdinal", "Số thứ tự văn bản trong hồ sơ", TypeNumber, 3, none},
		{"TypeName", "Tên loại văn bản", TypeString, 100, func(e Entry) string { return e.Document.Loai }},
		{"CodeNumber", "Số của văn bản", TypeString, 11, func(e Entry) string { return e.Document.So }},
		{"CodeNotation", "Ký hiệu của văn bản", TypeString, 30, func(e Entry) string { return e.Document.KyHieu }},
		{"IssuedDate", "Ngày, tháng, năm văn bản", TypeDate, 10, func(e Entry) string { return shownDay(e.Document.Ngay) }},
		{"OrganName", "Tên cơ quan, tổ chức ban hành", TypeString, 200, func(e Entry) string { return e.Author }},
		{"Subject", "Trích yếu nội dung", TypeString, 500, func(e Entry) string { return e.Document.TrichYeu }},
		{"Language", "Ngôn ngữ", TypeString, 30, none},
		{"PageAmount", "Số trang", TypeNumber, 3, func(e Entry) string { return number(e.Pages) }},
		{"Description", "Ghi chú", TypeString, 500, notes},
		{"ArrivalDate", "Ngày, tháng, năm đến", TypeDate, 10, func(e Entry) string { return Shown(e.Arrived) }},
		{"ArrivalNumber", "Số đến", TypeNumber, 10, func(e Entry) string { return number(e.Number) }},
		{"SignerInfo.Position", "Chức vụ người ký", TypeString, 100, func(e Entry) string { return e.Document.ChucVu }},
		{"SignerInfo.FullName", "Họ tên người ký", TypeString, 50, func(e Entry) string { return e.Document.NguoiKy }},
		{"Priority", "Mức độ khẩn", TypeNumber, 1, priorityNumber},
		{"ToPlaces", "Đơn vị hoặc người nhận", TypeString, 1000, receivers},
		{"TraceHeaderList", "Ý kiến phân phối, chỉ đạo, trạng thái xử lý", TypeLong, 0, trace},
		{"DueDate", "Hạn giải quyết", TypeDate, 10, func(e Entry) string { return shownDay(e.Handling().Due) }},
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// priorityNumber is the number of the độ khẩn as the document exchange counts it: 0 none, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc. The annex puts
// the độ mật into the same field without saying how; a confidential line has no number, since 0 would call it an ordinary one.
func priorityNumber(e Entry) string {
	switch {
	case e.State == Unused || e.Confidential():
		return ""
	case e.Document.DoKhan == vanban.Khan:
		return "1"
	case e.Document.DoKhan == vanban.ThuongKhan:
		return "2"
	case e.Document.DoKhan == vanban.HoaToc:
		return "3"
	}
	return "0"
}

// trace is what was directed and done, in the order in which it was entered.
func trace(e Entry) string {
	var lines []string
	for _, d := range e.Directions {
		lines = append(lines, join("; ", Shown(d.At)+" "+d.Author+": "+d.Text, prefixed("chủ trì: ", d.Handler),
			prefixed("phối hợp: ", strings.Join(d.CoHandlers, ", ")), prefixed("hạn: ", shownDay(d.Due))))
	}
	if !e.Done.IsZero() {
		lines = append(lines, join("; ", Shown(e.Done)+" đã giải quyết", prefixed("văn bản trả lời: ", e.Answer)))
	}
	return strings.Join(lines, "\n")
}

func prefixed(prefix, value string) string {
	if value == "" {
		return ""
	}
	return prefix + value
}

// FieldLine is what an entry says in the fields, whole, also what is longer than the annex allows.
func FieldLine(e Entry) []string {
	e = e.Facts()
	fields := Fields()
	line := make([]string, len(fields))
	for i, f := range fields {
		line[i] = f.Value(e)
	}
	return line
}

// Excess is a field that is longer than its form allows, in characters. It is told and marked; nothing is ever cut.
type Excess struct {
	Field  string `json:"field"`
	Length int    `json:"length"`
	Limit  int    `json:"limit"`
}

// Overlong lists the fields of an entry that don't fit in the annex.
func Overlong(e Entry) []Excess {
	var out []Excess
	line := FieldLine(e)
	for i, f := range Fields() {
		if n := utf8.RuneCountInString(norm.NFC.String(line[i])); f.Length > 0 && n > f.Length {
			out = append(out, Excess{Field: f.Name, Length: n, Limit: f.Length})
		}
	}
	return out
}
