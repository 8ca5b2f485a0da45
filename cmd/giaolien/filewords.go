package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/pdfsign"
)

// problemInWords says why the text of a file is missing, or not all of it, and what to do.
var problemInWords = map[string]string{
	mapping.ProblemUnknownKind: "không có công cụ đọc loại tệp này; hãy mở tệp bằng tay",
	mapping.ProblemTooLarge:    "tệp lớn hơn mức được đọc ([reading] max_file)",
	mapping.ProblemNoTool:      "máy này chưa có công cụ đọc tệp, hoặc không cách ly được công cụ (xem giaolien check)",
	mapping.ProblemNoOCR:       "có trang chỉ là ảnh, mà nhận dạng chữ (OCR) đang tắt hoặc chưa được cài (xem giaolien check)",
	mapping.ProblemEncrypted:   "tệp có mật khẩu; hãy hỏi nơi gửi",
	mapping.ProblemDamaged:     "tệp hỏng, không đọc được hoặc không đọc được đến hết; hãy mở tệp bằng tay",
	mapping.ProblemDeadline:    "hết thời gian dành cho một tệp ([reading] budget)",
	mapping.ProblemNotRead:     "tệp chưa được đọc; hãy chờ, hoặc mở tệp bằng tay",
	mapping.ProblemOveruse:     "đọc tệp này tốn quá mức cho phép; hãy mở tệp bằng tay",
	mapping.ProblemNoText:      "đã đọc các trang nhưng không thấy chữ nào",
	mapping.ProblemFailed:      "ba lần đọc đều không xong; hãy mở tệp bằng tay",
	mapping.ProblemWithheld:    "tệp thuộc một thư mang dấu hiệu bí mật nhà nước nên nội dung không được lưu lại",
}

// signatureInWords says what a signature is worth; never more than was checked.
var signatureInWords = map[pdfsign.State]string{
	pdfsign.Valid:   "hợp lệ",
	pdfsign.Invalid: "không hợp lệ",
	pdfsign.Present: "có chữ ký, chưa xác nhận được",
	pdfsign.Absent:  "không có",
}

// signatureReasonInWords says what keeps a signature from being valid.
var signatureReasonInWords = map[pdfsign.Reason]string{
	pdfsign.Altered:      "nội dung đã ký bị thay đổi",
	pdfsign.Malformed:    "chữ ký sai cấu trúc",
	pdfsign.CoversPart:   "chữ ký không bao trùm hết nội dung",
	pdfsign.ChangedAfter: "văn bản bị sửa sau khi ký",
	pdfsign.MarkedAfter:  "có ghi chú hoặc dữ liệu được thêm sau khi ký",
	pdfsign.LaterUnclear: "không rõ phần thêm sau khi ký thay đổi gì",
	pdfsign.NotShown:     "chữ ký đã bị gỡ khỏi văn bản",
	pdfsign.NotVerified:  "chữ ký được tạo theo cách mà chương trình không kiểm được",
	pdfsign.WeakMethod:   "thuật toán hoặc khóa ký quá yếu",
	pdfsign.NoRoots:      "chưa khai báo cơ quan chứng thực nào được tin ([reading] trust_folder)",
	pdfsign.NoTime:       "không biết thời điểm ký",
	pdfsign.Untrusted:    "chứng thư không do cơ quan chứng thực được tin cấp",
	pdfsign.Expired:      "chứng thư không còn hoặc chưa có hiệu lực khi ký",
	pdfsign.ExpiredSince: "chứng thư còn hiệu lực vào thời điểm mà người ký khai, nhưng không ai chứng thực thời điểm đó",
	pdfsign.KeyUsage:     "chứng thư không dùng để ký văn bản",
	pdfsign.Critical:     "chứng thư có điều kiện mà chương trình không hiểu",
	pdfsign.OnlyStamps:   "chỉ có dấu thời gian, không có chữ ký của ai",
}

// uncheckedInWords says what was not checked of a signature.
var uncheckedInWords = map[string]string{
	pdfsign.UncheckedRevocation: "chứng thư có bị thu hồi hay không",
	pdfsign.UncheckedTime:       "thời điểm ký",
	pdfsign.UncheckedTimestamp:  "cơ quan cấp dấu thời gian",
	pdfsign.UncheckedLater:      "hình chữ ký thêm sau che nội dung gì",
}

// silenceInWords says why nothing is answered, where the code alone would leave a clerk waiting.
var silenceInWords = map[notice.Silence]string{
	notice.SilentStatus:     "là trạng thái của một văn bản; đã lưu cùng văn bản đó, không phải báo cho ai",
	notice.SilentRecorded:   "được lưu, không vào sổ; không có gì phải báo",
	notice.SilentAxis:       "đến qua trục liên thông; không trả lời bằng thư điện tử",
	notice.SilentAnswer:     "là thư trả lời thông báo của chính mình, không kèm văn bản mới; không trả lời tự động",
	notice.SilentNothingNew: "không kèm văn bản mới, và nơi gửi đã được trả lời trong vòng 24 giờ; không trả lời thêm",
	notice.SilentReading:    "đang đọc tệp; thông báo được soạn khi đọc xong",
}

// inWords gives the words of a code, or the code itself: codes may be added before their words are.
func inWords[K ~string](words map[K]string, code K) string {
	if w := words[code]; w != "" {
		return w
	}
	return string(code)
}

// readInWords says what was read of a file: with what, how many pages and in which way.
func readInWords(r fileReading) string {
	parts := []string{dash(r.Reader)}
	switch {
	case r.PagesRead == 0:
		parts = append(parts, "không có trang nào được đọc")
	case r.Pages > 0:
		parts = append(parts, fmt.Sprintf("đọc %d/%d trang", r.PagesRead, r.Pages))
	default:
		parts = append(parts, fmt.Sprintf("đọc %d trang", r.PagesRead))
	}
	if r.OCRPages > 0 {
		parts = append(parts, fmt.Sprintf("%d trang bằng OCR", r.OCRPages))
	}
	if r.Charset != "" {
		parts = append(parts, "bảng mã "+r.Charset)
	}
	if r.Problem != "" {
		parts = append(parts, inWords(problemInWords, r.Problem))
	} else if r.Truncated {
		parts = append(parts, "tệp còn chữ chưa đọc")
	}
	return strings.Join(parts, "; ")
}

// signedInWords says what the signatures of a file are worth, each with its signer, his time and what was not checked. Empty: not known.
func signedInWords(s mapping.FileSignature) []string {
	if s.State == "" && (s.Reason == "" || s.Reason == mapping.ProblemUnknownKind) { // a picture has none
		return nil
	}
	lines := []string{stateInWords(s.State, s.Reason)}
	for _, g := range s.Signers {
		parts := []string{dash(g.Name)}
		if g.Organization != "" {
			parts[0] += " (" + g.Organization + ")"
		}
		if g.Stamp {
			parts[0] = "dấu thời gian của " + parts[0]
		}
		parts = append(parts, stateInWords(g.State, g.Reason))
		if g.Issuer != "" {
			parts = append(parts, "chứng thư do "+g.Issuer+" cấp")
		}
		parts = append(parts, signedAt(g.At, g.Attested))
		if list := unchecked(g.Unchecked); list != "" {
			parts = append(parts, "chưa kiểm: "+list)
		}
		lines = append(lines, strings.Join(parts, "; "))
	}
	return lines
}

func stateInWords(state, reason string) string {
	words := "không rõ"
	if state != "" {
		words = inWords(signatureInWords, pdfsign.State(state))
	}
	switch {
	case reason == "":
		return words
	case problemInWords[reason] != "": // why nothing is known
		return words + " (" + problemInWords[reason] + ")"
	}
	return words + " (" + inWords(signatureReasonInWords, pdfsign.Reason(reason)) + ")"
}

func signedAt(at time.Time, attested bool) string {
	switch {
	case at.IsZero():
		return "không rõ thời điểm ký"
	case attested:
		return "ký lúc " + vnTime(at) + " theo dấu thời gian"
	}
	return "ký lúc " + vnTime(at) + " theo lời người ký"
}

func unchecked(codes []string) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = inWords(uncheckedInWords, c)
	}
	return strings.Join(words, ", ")
}
