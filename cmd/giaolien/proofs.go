package main

import (
	"fmt"
	"io"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/evidence"
)

// proofInWords says why something that was found about a sender proves nothing.
var proofInWords = map[string]string{
	evidence.ReasonUnaligned:  "của tên miền khác với địa chỉ From",
	evidence.ReasonUnsigned:   "người gửi, người nhận, tiêu đề hoặc kiểu nội dung không nằm trong phần được ký",
	evidence.ReasonRecipient:  "thư viết cho nơi khác rồi được gửi lại đến đây",
	evidence.ReasonTest:       "khóa đang dùng thử",
	evidence.ReasonStrict:     "tên miền khác trong cùng tổ chức, không được ký thay",
	evidence.ReasonUneven:     "phần đầu thư có thể đọc theo nhiều cách",
	evidence.ReasonBlank:      "quá nhiều dòng trống để kiểm tra",
	evidence.ReasonDNS:        "DNS không trả lời, chưa biết",
	evidence.ReasonLength:     "chỉ ký phần đầu của nội dung",
	evidence.ReasonInvalid:    "chữ ký sai, hết hạn, quá yếu, hoặc khóa không còn",
	evidence.ReasonFuture:     "thời điểm ký ở tương lai",
	evidence.ReasonEveryone:   "bản ghi SPF cho phép mọi máy chủ",
	evidence.ReasonNotPassed:  "máy chủ gửi không có trong bản ghi SPF",
	evidence.ReasonEnvelope:   "địa chỉ phong bì bất thường",
	evidence.ReasonForwarder:  "nơi chuyển tiếp không có trong cấu hình",
	evidence.ReasonChain:      "chuỗi niêm phong không đúng",
	evidence.ReasonNothing:    "nơi chuyển tiếp không xác thực được người gửi",
	evidence.ReasonPart:       "chỉ là chữ ký của một phần, không phải của cả thư",
	evidence.ReasonAuthority:  "chứng thư không do tổ chức được tin cậy cấp, hoặc không dùng được vào lúc đó",
	evidence.ReasonAddress:    "chứng thư của địa chỉ khác",
	evidence.ReasonSigningDay: "thời điểm ký không gần thời điểm đến",
	evidence.ReasonContrary:   "máy chủ thư của ta kết luận thư không do tên miền này gửi",
	evidence.ReasonAgain:      "chữ ký đúng nhưng người khác có thể đã gửi lại thư: máy gửi không thuộc tên miền, chữ ký không gồm phần đầu thư",
	evidence.ReasonHost:       "bản ghi SPF của nơi chuyển tiếp không cho máy đã giao thư được gửi",
}

// printProofs tells what was looked for about a sender, and what DNS said.
func printProofs(out io.Writer, e bridge.Evidence) {
	for _, p := range e.Proofs {
		worth := "không có giá trị"
		switch {
		case p.Level != "":
			worth = "chứng minh mức " + string(p.Level)
		case p.Reason != "":
			worth = inWords(proofInWords, p.Reason)
		}
		fmt.Fprintf(out, "    xác thực: %s %s %s: %s\n", p.Method, dash(p.Domain), p.Result, worth)
	}
	if e.Pending {
		fmt.Fprintln(out, "    xác thực: DNS chưa trả lời hết; chưa thể kết luận về người gửi")
	}
	for _, r := range e.Records {
		fmt.Fprintf(out, "    DNS: %s %s %s\n", r.Kind, r.Name, dash(r.Text))
	}
}
