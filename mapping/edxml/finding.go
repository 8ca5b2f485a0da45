package edxml

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Finding is one thing wrong or remarkable about a package.
type Finding struct {
	Code     Code
	Severity Severity
	Path     string // place in the package: MessageHeader/To[2]/OrganId
	Rule     string // what asks for it: "QCVN 102:2016, 1.2"; empty for what XML itself or we ask for
	Note     string // in Vietnamese, for the clerk; quotes nothing of the package
}

// Severity of a finding.
type Severity string

// Severities.
const (
	Notice  Severity = "notice"
	Warning Severity = "warning"
	Fault   Severity = "fault" // the package is refused: not written, or not taken
)

// Code of a finding, stable for ever.
type Code string

// Codes of values.
const (
	Missing     Code = "edxml-missing"      // a field that must be there is not
	BadForm     Code = "edxml-bad-form"     // a value that can be none of its kind
	OutOfRange  Code = "edxml-out-of-range" // a number that means nothing
	TooLong     Code = "edxml-too-long"     // longer than the register has room for
	Duplicate   Code = "edxml-duplicate"    // the same receiver or content id twice
	Misplaced   Code = "edxml-misplaced"    // a field that does not belong to this kind of change
	Cut         Code = "edxml-cut"          // Fit shortened a text or left out places
	UnknownCode Code = "edxml-unknown-code" // a status or type that nobody defines
	NoFiles     Code = "edxml-no-files"     // a document without any file
	Secret      Code = "edxml-secret"       // it bears a mark of secrecy, which must not travel so
)

// Codes of reading.
const (
	Empty          Code = "edxml-empty"           // nothing in it
	NotEdxml       Code = "edxml-not-edxml"       // XML, but no package
	NotWellFormed  Code = "edxml-not-well-formed" // broken or cut off
	Doctype        Code = "edxml-doctype"         // declares a document type: nothing of it is taken
	TooDeep        Code = "edxml-too-deep"        // elements nested over the limit
	TooLarge       Code = "edxml-too-large"       // over a limit of size
	TooMany        Code = "edxml-too-many"        // over a limit of number
	LeadingBytes   Code = "edxml-leading-bytes"   // something before the first element
	BareAmpersand  Code = "edxml-bare-ampersand"  // & that begins no reference
	BadBytes       Code = "edxml-bad-bytes"       // bytes that are no letters
	Repeating      Code = "edxml-repeated"        // one field with several values: the first counts
	UnknownElement Code = "edxml-unknown-element" // a value in a place that nobody defines
	Unsigned       Code = "edxml-signature"       // it has a signature, which no receiver can check after the axis
	FilesDiffer    Code = "edxml-files-differ"    // list and contents name different files
	FileDamaged    Code = "edxml-file-damaged"    // contents that are broken
	FileEmpty      Code = "edxml-file-empty"      // contents of no bytes
	Swapped        Code = "edxml-swapped"         // agency and number in one another's place, as one builder writes them
)

func notes() map[Code]string {
	return map[Code]string{
		Missing: "Thiếu trường bắt buộc.", BadForm: "Giá trị không đúng dạng.", OutOfRange: "Giá trị nằm ngoài phạm vi cho phép.",
		TooLong: "Dài hơn độ dài cho phép.", Duplicate: "Bị lặp lại.", Misplaced: "Trường không dùng cho loại nghiệp vụ này.",
		Cut: "Đã rút ngắn cho vừa độ dài cho phép.", UnknownCode: "Mã không có trong danh mục; giữ nguyên như nhận được.",
		NoFiles: "Gói tin không có tệp văn bản.", Secret: "Có dấu chỉ độ mật: không được gửi, nhận qua trục liên thông.",
		Empty: "Gói tin rỗng.", NotEdxml: "Không phải gói tin edXML.", NotWellFormed: "Gói tin hỏng hoặc bị cắt cụt (XML sai cấu trúc).",
		Doctype: "Gói tin khai báo DOCTYPE: không đọc.", TooDeep: "Các phần tử lồng nhau quá sâu.", TooLarge: "Vượt quá dung lượng cho phép.",
		TooMany: "Vượt quá số lượng cho phép.", LeadingBytes: "Có ký tự thừa trước nội dung XML; đã bỏ qua.",
		BareAmpersand: "Có ký tự & viết sai quy cách; vẫn đọc được.", BadBytes: "Có ký tự không đọc được.",
		Repeating: "Một trường có nhiều giá trị khác nhau; lấy giá trị đầu tiên.", UnknownElement: "Trường không có trong quy chuẩn; chỉ lưu trong gói tin gốc.",
		Unsigned:    "Chữ ký gói tin: không kiểm tra được; giá trị pháp lý dựa vào chữ ký số trong tệp đính kèm.",
		FilesDiffer: "Danh mục tệp và nội dung tệp không khớp nhau.", FileDamaged: "Tệp hỏng.", FileEmpty: "Tệp không có nội dung.",
		Swapped: "Mã cơ quan và số, ký hiệu bị đảo chỗ; đã đổi lại.",
	}
}

// ErrSecret says that a document bears a mark of secrecy and was kept out of a package.
var ErrSecret = errors.New("document bears a mark of secrecy")

// ErrContents says that the contents of a file are not what was announced. What was written is no package.
var ErrContents = errors.New("contents differ from the announced size")

// InvalidError says that something cannot be written as it is. Nothing was written.
type InvalidError struct{ Findings []Finding }

func (e *InvalidError) Error() string {
	var parts []string
	for _, f := range e.Findings {
		if f.Severity == Fault {
			parts = append(parts, string(f.Code)+" "+f.Path)
		}
	}
	return "invalid package: " + strings.Join(parts, ", ")
}

// Refused says whether one of the findings is a fault.
func Refused(list []Finding) bool {
	return slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == Fault })
}

// maxFindings bounds the findings of one package.
const maxFindings = 100

// report collects findings, each kind once for a place.
type report struct{ list []Finding }

func (r *report) add(code Code, severity Severity, path, rule string) {
	full := len(r.list) == maxFindings
	if full && (severity != Fault || Refused(r.list)) {
		return
	}
	f := Finding{Code: code, Severity: severity, Path: path, Rule: rule, Note: notes()[code]}
	switch {
	case full:
		r.list[maxFindings-1] = f // what refuses is never crowded out
	case !slices.Contains(r.list, f):
		r.list = append(r.list, f)
	}
}

// qcvn names an entry of the standard by its number there.
func qcvn(number string) string {
	if number == "" {
		return ""
	}
	return "QCVN 102:2016, " + number
}

// register names the annex from which lengths are taken.
const register = "NĐ 30/2020, Phụ lục VI, II"

// nth is the place of one of several.
func nth(path string, i int) string { return path + "[" + strconv.Itoa(i+1) + "]" }
