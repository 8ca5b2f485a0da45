package demo

import (
	"fmt"
	"time"
)

// letters are the mails of the demo, on both sides of the cutoff. All names are invented. days, if any, follows the number of each document in
// the subject: " ngày 3/2/2026".
func letters(cutoff time.Time, days string) ([]letter, error) {
	word, err := docx("45-KH-SCT.docx", "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ", "SỞ CÔNG THƯƠNG", "Số: 45/KH-SCT", "KẾ HOẠCH",
		"Kiểm tra công tác văn thư, lưu trữ năm nay")
	if err != nil {
		return nil, err
	}
	report := pdf("18_BC-UBND.signed.pdf", "So: 18/BC-UBND")
	inner := letter{From: "vanthu@taichinh.quangtri.example.vn", Name: "Sở Tài chính", Subject: "Công văn số 77/STC-NS" + days + " về việc phân bổ dự toán",
		Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", At: cutoff.Add(-26 * time.Hour), Pass: true, Files: []file{pdf("77_STC-NS.pdf", "So: 77/STC-NS")}}
	forwarded, err := inner.bytes(90)
	if err != nil {
		return nil, err
	}
	dutiful := func(about, number, subject string, at time.Time) letter {
		return letter{About: about, From: "vanthu@noivu.quangtri.example.vn", Name: "Văn thư Sở Nội vụ", At: at, Pass: true,
			Subject: fmt.Sprintf("Công văn số %s%s về việc %s", number, days, subject), Text: "Kính gửi: Ủy ban nhân dân tỉnh\n\nSở Nội vụ kính gửi văn bản kèm theo./.\n",
			Files: []file{pdf(fmt.Sprintf("%s.signed.pdf", dashed(number)), "So: "+number)}}
	}
	commune := func(about string, at time.Time) letter {
		return letter{About: about, From: "vanphong@trieuphong.quangtri.example.vn", Name: "Văn phòng UBND xã Triệu Phong", At: at, Pass: true,
			Subject: "Báo cáo số 18/BC-UBND" + days + " về việc tình hình thu hoạch vụ hè thu", Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", Files: []file{report}}
	}
	return []letter{
		dutiful("một giây trước thời điểm cắt", "101/SNV-CCVC", "cử cán bộ tham gia lớp tập huấn", cutoff.Add(-time.Second)),
		dutiful("đúng thời điểm cắt", "102/SNV-CCVC", "đề nghị thẩm định hồ sơ", cutoff),
		dutiful("sau thời điểm cắt", "103/SNV-TCBC", "báo cáo biên chế", cutoff.Add(7*time.Minute)),
		commune("đơn vị được miễn, sau thời điểm cắt", cutoff.Add(2*time.Minute)),
		commune("gửi lại đúng văn bản đó", cutoff.Add(3*time.Minute)),
		{About: "người gửi không có trong danh bạ", From: "nguyen.van.an@thudientu.example", Name: "Nguyễn Văn An", At: cutoff.Add(time.Minute), Pass: true,
			Subject: "Đơn đề nghị xem xét hỗ trợ", Text: "Kính gửi Ủy ban nhân dân tỉnh, tôi gửi đơn kèm theo.\n", Files: []file{pdf("Don de nghi.pdf", "Don de nghi")}},
		{About: "thư báo không gửi được (bounce)", From: "MAILER-DAEMON@" + mxHost, At: cutoff.Add(time.Minute), Raw: []byte(bounce)},
		{About: "bản tin gửi hàng loạt", From: "bantin@congnghe.example", Name: "Bản tin Công nghệ", At: cutoff.Add(time.Minute), Pass: true,
			Subject: "Bản tin tuần: năm mẹo dùng bảng tính", Text: "Kính mời bạn đọc bản tin tuần này.\n", Fields: []string{"List-Id: <bantin.congnghe.example>", "Precedence: bulk"}},
		{About: "văn bản mang dấu MẬT", From: "vanthu@noivu.quangtri.example.vn", Name: "Văn thư Sở Nội vụ", At: cutoff.Add(-time.Hour), Pass: true,
			Subject: "[MẬT] Công văn số 09/SNV-TCBC về việc nhân sự", Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", Files: []file{pdf("09-SNV-TCBC.pdf", "So: 09/SNV-TCBC")}},
		{About: "chuyển tiếp tệp .eml", From: "vanthu@taichinh.quangtri.example.vn", Name: "Văn thư Sở Tài chính", At: cutoff.Add(-25 * time.Hour), Pass: true,
			Subject: "Fwd: Công văn số 77/STC-NS" + days + " về việc phân bổ dự toán", Text: "Kính chuyển.\n", Files: []file{{Name: "77-STC-NS.eml", Type: "message/rfc822", Data: forwarded}}},
		{About: "tệp DOCX, trước thời điểm cắt", From: "vanthu@congthuong.quangtri.example.vn", Name: "Văn thư Sở Công Thương", At: cutoff.Add(-2 * time.Hour), Pass: true,
			Subject: "Kế hoạch số 45/KH-SCT" + days + " kiểm tra công tác văn thư, lưu trữ", Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", Files: []file{word}},
		{About: "phần mềm văn phòng tự gửi, có văn bản", From: "vanthu@congthuong.quangtri.example.vn", Name: "e-Office Sở Công Thương", At: cutoff.Add(-3 * time.Hour), Pass: true,
			Subject: "Thông báo số 46/TB-SCT" + days + " về việc nghỉ lễ", Text: "Thư tự động.\n", Files: []file{pdf("46_TB-SCT.pdf", "So: 46/TB-SCT")}, Fields: []string{"Auto-Submitted: auto-generated"}},
		{About: "mạo danh: không qua DKIM, sau thời điểm cắt", From: "vanthu@noivu.quangtri.example.vn", Name: "Văn thư Sở Nội vụ", At: cutoff.Add(4 * time.Minute),
			Subject: "Công văn số 999/SNV-VP về việc chuyển tài khoản", Text: "Đề nghị chuyển ngay.\n", Files: []file{pdf("999-SNV-VP.pdf", "So: 999/SNV-VP")}},
		{About: "máy chủ ghi hai giờ khác nhau quanh thời điểm cắt", From: "vanthu@congthuong.quangtri.example.vn", Name: "Văn thư Sở Công Thương",
			At: cutoff.Add(-4 * time.Minute), Stored: cutoff.Add(8 * time.Minute), Pass: true, Subject: "Công văn số 47/SCT-QLTM về việc bình ổn thị trường",
			Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", Files: []file{pdf("47_SCT-QLTM.pdf", "So: 47/SCT-QLTM")}},
		{About: "thư số 1 đến thêm ở hộp thư thứ hai", SameMail: 1, Mailbox: "tonghop", At: cutoff.Add(-time.Second)},
		{About: "thư cũ hơn mốc bắt đầu theo dõi", From: "vanthu@noivu.quangtri.example.vn", Name: "Văn thư Sở Nội vụ", At: cutoff.AddDate(-1, 0, 0), Pass: true,
			Subject: "Công văn số 5/SNV-VP về việc trực Tết", Text: "Kính gửi: Ủy ban nhân dân tỉnh\n", Files: []file{pdf("5-SNV-VP.pdf", "So: 5/SNV-VP")}},
	}, nil
}

// dashed is a number as it stands in a file name.
func dashed(number string) string {
	b := []byte(number)
	for i := range b {
		if b[i] == '/' {
			b[i] = '_'
		}
	}
	return string(b)
}

const bounce = "From: Mail Delivery System <MAILER-DAEMON@" + mxHost + ">\r\n" +
	"To: vanthu@quangtri.example.vn\r\n" +
	"Subject: Undelivered Mail Returned to Sender\r\n" +
	"Message-ID: <20190420.0@" + mxHost + ">\r\n" +
	"Auto-Submitted: auto-replied\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=\"ranh-gioi\"\r\n\r\n" +
	"--ranh-gioi\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThe mail could not be delivered.\r\n" +
	"--ranh-gioi\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; " + mxHost + "\r\n\r\n" +
	"Final-Recipient: rfc822; vanphong@haidong.quangtri.example.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
	"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n" +
	"--ranh-gioi\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: thu cu\r\nMessage-ID: <khac@quangtri.example.vn>\r\n\r\n--ranh-gioi--\r\n"
