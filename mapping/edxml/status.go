package edxml

import "slices"

// StatusCode says what became of a document. Codes of no meaning (07 to 12, 14) are kept as they stand.
type StatusCode string

// Status codes.
const (
	Arrived    StatusCode = "01" // the system has it, the clerk has not looked
	Rejected   StatusCode = "02" // returned to the sender
	Registered StatusCode = "03" // entered in the register of incoming documents
	Assigned   StatusCode = "04"
	InWork     StatusCode = "05"
	Done       StatusCode = "06"
	Withdraw   StatusCode = "13" // the sender wants it back: the only one that goes from sender to receiver
	Agreed     StatusCode = "15" // to withdrawing or updating
	Declined   StatusCode = "16"
)

// StatusCodes lists all codes that have a meaning.
func StatusCodes() []StatusCode {
	return []StatusCode{Arrived, Rejected, Registered, Assigned, InWork, Done, Withdraw, Agreed, Declined}
}

// Known says whether the code has a meaning.
func (c StatusCode) Known() bool { return slices.Contains(StatusCodes(), c) }

// BySender says whether the code goes from the sender of the document to its receiver; all others go the other way.
func (c StatusCode) BySender() bool { return c == Withdraw }

// NeedsReason says whether a reason must be given (NĐ 30/2020, Điều 21.2b; QĐ 28/2018, Điều 5.4 and 9.1).
func (c StatusCode) NeedsReason() bool { return c == Rejected || c == Withdraw || c == Declined }

// Words of the code, for people (QĐ 28/2018, Điều 10.2h).
func (c StatusCode) Words() string {
	switch c {
	case Arrived:
		return "Đã đến"
	case Rejected:
		return "Từ chối tiếp nhận (trả lại)"
	case Registered:
		return "Đã tiếp nhận"
	case Assigned:
		return "Phân công xử lý"
	case InWork:
		return "Đang xử lý"
	case Done:
		return "Hoàn thành"
	case Withdraw:
		return "Yêu cầu lấy lại"
	case Agreed:
		return "Đồng ý yêu cầu cập nhật, lấy lại"
	case Declined:
		return "Từ chối yêu cầu cập nhật, lấy lại"
	case "":
		return "Chưa có trạng thái"
	}
	return "Trạng thái không rõ"
}
