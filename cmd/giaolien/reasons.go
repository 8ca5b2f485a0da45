package main

import (
	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// reasonInWords says to a clerk what a reason code means and what to look at; codes of rules speak for themselves in the trace.
var reasonInWords = map[string]string{
	bridge.ReasonAmbiguous:     "các chương trình đọc thư có thể thấy tệp kèm theo khác nhau; hãy mở thư gốc, so tệp rồi accept hoặc refuse",
	bridge.ReasonUnreadFile:    "có tệp không mở được hoặc không đọc được đến hết (có mật khẩu, hỏng, quá lớn); hãy hỏi nơi gửi hoặc mở bằng tay",
	bridge.ReasonDangerousFile: "có tệp chương trình mang tên hoặc kiểu của văn bản; không mở tệp, hãy báo người quản trị",
	bridge.ReasonSignature:     "chữ ký số của tệp không hợp lệ (tệp đã bị sửa sau khi ký, hoặc chứng thư không đúng); hãy hỏi lại nơi gửi",
	bridge.ReasonDocuments:     "thư có nhiều văn bản nhưng không rõ tệp nào thuộc văn bản nào; hãy mở tệp, rồi accept nếu là một văn bản hoặc refuse",
	bridge.ReasonReading:       "đang đọc tệp; đọc xong sẽ tự quyết định lại, không cần làm gì",
	bridge.ReasonDoubted:       "văn bản đã vào sổ, nhưng nội dung đọc được từ tệp sau đó không khớp; số đến được giữ nguyên, hãy xem lại",
	bridge.ReasonMailHeld:      "văn bản khác trong cùng thư đang chờ người xử lý; nơi gửi được báo một lần cho cả thư",
	bridge.ReasonCopyHeld:      "một bản khác của văn bản này đang chờ người xử lý; xử lý phiếu kia trước, rồi release phiếu này",
	bridge.ReasonScanDiffers:   "số, ký hiệu hoặc ngày trong bản quét không khớp với điều đã nhập; xem lại bản giấy rồi amend (cũng để giữ nguyên), hoặc release",
	bridge.ReasonIncomplete:    "còn thiếu thông tin để đăng ký; bổ sung bằng amend",
	bridge.ReasonNumberTaken:   "trùng số, ký hiệu với văn bản đã đăng ký nhưng nội dung tệp khác; hãy so hai văn bản",
	bridge.ReasonReplaces:      "trùng số, ký hiệu với văn bản đã đăng ký và tự ghi là bản đính chính, thay thế; accept để gắn làm bản mới của văn bản đó, refuse để từ chối",
	bridge.ReasonSameDocument:  "văn bản đã đăng ký trước đó; gộp vào hồ sơ cũ",
	bridge.ReasonCannotTell:    "từ chối nhưng không thể báo cho nơi gửi; hãy liên hệ bằng cách khác rồi refuse",
	bridge.ReasonAnswersNotice: "trả lời thông báo của mình mà không kèm văn bản mới nên không bị từ chối tự động; hãy đọc thư rồi accept hoặc refuse",
	bridge.ReasonNothingNew:    "không kèm văn bản mới, và nơi gửi đã được trả lời trong 24 giờ qua nên không bị từ chối tự động; hãy đọc thư rồi accept hoặc refuse",
	bridge.ReasonAlsoLive:      "thư đã được nhập từ trước, nay lại đến; hãy xem là thư cũ chép lại hay thư mới",
	bridge.ReasonHeadersOnly:   "mới có phần đầu thư; thư được lấy về ở lần xem hộp thư tới, rồi mới được xử lý",
	bridge.ReasonPackage:       "gói tin nhận qua trục liên thông không đọc được hoặc thiếu phần bắt buộc; hãy xem các phát hiện, đề nghị nơi gửi gửi lại, rồi refuse",
	bridge.ReasonChange:        "nơi gửi đề nghị thu hồi, cập nhật hoặc thay thế văn bản đã gửi; văn thư xem xét, accept để nhận đề nghị, refuse để từ chối",
	bridge.ReasonRecallAsked:   "đề nghị thu hồi đã được lưu cùng văn bản được thu hồi; việc rút khỏi sổ do văn thư xác nhận",
	bridge.ReasonStatus:        "là trạng thái mà đơn vị khác báo về một văn bản; đã lưu cùng văn bản đó",
	bridge.ReasonStatusUntied:  "là trạng thái của một văn bản, nhưng không rõ văn bản nào (không có, hoặc nhiều văn bản cùng số, ngày); xem rồi refuse",
	bridge.ReasonStatusForged:  "là trạng thái của một văn bản, nhưng người gửi chưa được xác thực; release nếu tin được, refuse nếu không",
	bridge.ReasonWithdrawn:     "đã vào sổ, nơi gửi thu hồi và văn thư đã rút; số đến được giữ nguyên",
	bridge.ReasonSecret:        "có dấu hiệu bí mật nhà nước; chỉ người được giao quản lý mới được mở",
}

// doubtInWords says what a record's doubt means: sources that disagree, or files that may be another document's.
var doubtInWords = map[string]string{
	vanban.DoubtNumber:         "các nguồn ghi số, ký hiệu khác nhau",
	vanban.DoubtType:           "các nguồn ghi loại văn bản khác nhau",
	vanban.DoubtDate:           "các nguồn ghi ngày ban hành khác nhau",
	vanban.DoubtIssuer:         "các nguồn ghi cơ quan ban hành khác nhau",
	vanban.DoubtSigner:         "các nguồn ghi người ký khác nhau",
	vanban.DoubtTypeNotation:   "tên loại không hợp với ký hiệu",
	mapping.DoubtStatus:        "thư chỉ báo trạng thái của một văn bản đã gửi",
	mapping.DoubtOtherNumber:   "trong tệp kèm theo có số, ký hiệu của văn bản khác",
	mapping.DoubtFileOrder:     "có tệp được xếp vào văn bản này chỉ theo thứ tự trong thư",
	mapping.DoubtUnknownAgency: "danh bạ không có đơn vị mang mã mà gói tin ghi; giữ nguyên như nhận được",
	mapping.DoubtUnknownType:   "loại văn bản mà gói tin ghi không có trong danh mục; giữ nguyên như nhận được",
	bridge.DoubtOtherBytes:     "được gắn với văn bản đã có, nhưng tệp không giống hệt; văn thư đối chiếu hai bản",
	mapping.DoubtDocuments:     "thư có nhiều văn bản nhưng không rõ tệp nào thuộc văn bản nào",

	directory.FoundSucceeded:           "địa chỉ hoặc mã của đơn vị đã giải thể, sáp nhập; được ghi cho đơn vị kế thừa",
	directory.FoundSeveralSuccessors:   "địa chỉ hoặc mã của đơn vị đã giải thể, sáp nhập; có nhiều đơn vị kế thừa, chưa rõ là đơn vị nào",
	directory.FoundEnded:               "địa chỉ hoặc mã của đơn vị đã giải thể, danh bạ không ghi đơn vị kế thừa",
	directory.FoundOutdated:            "địa chỉ, tên miền hoặc mã mà đơn vị không còn dùng",
	directory.FoundShared:              "tên miền hoặc mẫu địa chỉ dùng chung cho nhiều đơn vị, chưa rõ là đơn vị nào",
	directory.FoundConverted:           "mã không có trong danh bạ; đơn vị được tìm theo mã đổi sang dạng khác",
	directory.FoundPredecessor:         "khi đó đơn vị chưa được thành lập; được ghi cho đơn vị trước nó",
	directory.FoundSeveralPredecessors: "khi đó đơn vị chưa được thành lập; trước nó có nhiều đơn vị",
	directory.FoundPrinted:             "văn bản ghi cơ quan ban hành khác đơn vị gửi",
	directory.FoundDoubt:               "danh bạ ghi đơn vị này với điểm còn nghi vấn",
}
