package main

import "github.com/giaolien/giaolien/bridge"

// reasonInWords says to a clerk what a reason code means and what to look at; codes of rules speak for themselves in the trace.
var reasonInWords = map[string]string{
	bridge.ReasonAmbiguous:     "các chương trình đọc thư có thể thấy tệp kèm theo khác nhau; hãy mở thư gốc, so tệp rồi accept hoặc refuse",
	bridge.ReasonUnreadFile:    "có tệp không mở được hoặc không đọc được đến hết (có mật khẩu, hỏng, quá lớn); hãy hỏi nơi gửi hoặc mở bằng tay",
	bridge.ReasonDangerousFile: "có tệp chương trình mang tên hoặc kiểu của văn bản; không mở tệp, hãy báo người quản trị",
	bridge.ReasonIncomplete:    "còn thiếu thông tin để đăng ký; bổ sung bằng amend",
	bridge.ReasonNumberTaken:   "trùng số, ký hiệu với văn bản đã đăng ký nhưng nội dung tệp khác; hãy so hai văn bản",
	bridge.ReasonSameDocument:  "văn bản đã đăng ký trước đó; gộp vào hồ sơ cũ",
	bridge.ReasonCannotTell:    "từ chối nhưng không thể báo cho nơi gửi; hãy liên hệ bằng cách khác rồi refuse",
	bridge.ReasonAlsoLive:      "thư đã được nhập từ trước, nay lại đến; hãy xem là thư cũ chép lại hay thư mới",
	bridge.ReasonSecret:        "có dấu hiệu bí mật nhà nước; chỉ người được giao quản lý mới được mở",
}
