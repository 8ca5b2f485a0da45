package edxml

import (
	"slices"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Priority is the độ khẩn of 1.11. Values of no meaning are kept as they stand.
type Priority int

// Priorities.
const (
	Ordinary      Priority = 0
	Urgent        Priority = 1
	VeryUrgent    Priority = 2
	Express       Priority = 3
	ExpressByHour Priority = 4 // hỏa tốc hẹn giờ

	ordinaryToo Priority = 5 // of one product
)

// Urgency gives the độ khẩn, empty for an ordinary document and for values of no meaning.
func (p Priority) Urgency() vanban.Urgency {
	switch p {
	case Urgent:
		return vanban.Khan
	case VeryUrgent:
		return vanban.ThuongKhan
	case Express, ExpressByHour:
		return vanban.HoaToc
	}
	return ""
}

// PriorityOf gives the value for a độ khẩn.
func PriorityOf(u vanban.Urgency) Priority {
	switch u {
	case vanban.Khan:
		return Urgent
	case vanban.ThuongKhan:
		return VeryUrgent
	case vanban.HoaToc:
		return Express
	}
	return Ordinary
}

// Steering is the loại chỉ đạo of 1.13.
type Steering int

// Kinds of steering.
const (
	NoSteering Steering = 0
	Steers     Steering = 1 // văn bản chỉ đạo
	Reports    Steering = 2 // báo cáo thực hiện chỉ đạo
)

// Change is the BussinessDocType of 2.2.1.
type Change int

// Kinds of change.
const (
	New       Change = 0
	Recalled  Change = 1 // thu hồi
	Updated   Change = 2 // cập nhật
	Replacing Change = 3 // thay thế
)

// Words of the change, for people.
func (c Change) Words() string {
	switch c {
	case New:
		return "văn bản mới"
	case Recalled:
		return "thu hồi văn bản"
	case Updated:
		return "cập nhật văn bản"
	case Replacing:
		return "thay thế văn bản"
	}
	return "nghiệp vụ không rõ (" + strconv.Itoa(int(c)) + ")"
}

// Numbers of the two lists of SĐ1:2022.
const (
	legal          = 1
	administrative = 2
)

// legalTypes and ordinaryTypes are the lists of SĐ1:2022, whose rows count from 1. Rows 10 to 17 and 27 to 32 of the second are not in the
// excerpt that could be had; the visible ones fit the list of TT 01/2011/TT-BNV, which they are taken from.
func legalTypes() []string {
	return []string{"Hiến pháp", "Luật", "Pháp lệnh", "Lệnh", "Nghị quyết", "Nghị quyết liên tịch", "Nghị định", "Quyết định", "Thông tư",
		"Thông tư liên tịch", "Chỉ thị", "Bộ luật"}
}

func ordinaryTypes() []string {
	return []string{"Nghị quyết", "Quyết định", "Chỉ thị", "Quy chế", "Quy định", "Thông cáo", "Thông báo", "Hướng dẫn", "Chương trình",
		"Kế hoạch", "Phương án", "Đề án", "Dự án", "Báo cáo", "Biên bản", "Tờ trình", "Hợp đồng", "Công văn", "Công điện", "Bản ghi nhớ",
		"Bản cam kết", "Bản thỏa thuận", "Giấy chứng nhận", "Giấy ủy quyền", "Giấy mời", "Giấy giới thiệu", "Giấy nghỉ phép", "Giấy đi đường",
		"Giấy biên nhận hồ sơ", "Phiếu gửi", "Phiếu chuyển", "Thư công"}
}

// Numbering gives the Type and TypeDetail (0: none) for the name of a type. Axes differ in what they want there.
type Numbering func(name string, normative bool) (number, detail int)

// StandardNumbers numbers by SĐ1:2022. normative decides between the lists where both have the name (nghị quyết, quyết định, chỉ thị). A
// name of neither list is administrative and has no row.
func StandardNumbers(name string, normative bool) (number, detail int) {
	law, plain := row(legalTypes(), name), row(ordinaryTypes(), name)
	switch {
	case law > 0 && (normative || plain == 0):
		return legal, law
	case plain > 0:
		return administrative, plain
	}
	return administrative, 0
}

func row(list []string, name string) int {
	return slices.IndexFunc(list, func(n string) bool { return vanban.Fold(n) == vanban.Fold(name) }) + 1
}

// Known gives the type as the rest of the program knows it: by its name, else by its numbers, which are a hint at best. It reports false
// when neither says anything.
func (t DocumentType) Known() (vanban.Type, bool) {
	if t.Name != "" {
		return vanban.TypeByName(t.Name)
	}
	list := ordinaryTypes()
	if t.Number == legal {
		list = legalTypes()
	}
	if t.Number != legal && t.Number != administrative || t.Detail < 1 || t.Detail > len(list) {
		return vanban.Type{}, false
	}
	return vanban.TypeByName(list[t.Detail-1])
}

// Normative says whether a ký hiệu is that of a legal-normative document, which keeps its year: 2025/QĐ-UBND (NĐ 78/2025, Điều 8).
func normative(notation string) bool {
	year, _, ok := strings.Cut(notation, "/")
	n, err := strconv.Atoi(year)
	return ok && err == nil && len(year) == 4 && n >= 1945
}
