package charset

import "strings"

// commonWords are syllables with marks that fill official letters, their subjects and the names of their files. They carry short texts,
// where the build of two or three syllables alone could be chance.
const commonWords = `
ủy uỷ nhân dân tỉnh huyện xã phường thị trấn thành phố quận khóm ấp thôn bản xóm tổ đường số nhà sở phòng ngành cục tổng chi vụ viện bộ
đảng đoàn hội đồng đại biểu quốc chính phủ thủ tướng trưởng phó chủ tịch giám đốc bí thư chánh thanh tra kiểm sát tòa án công an quân sự
cộng hòa hoà xã hội nghĩa việt độc lập tự hạnh phúc kính gửi căn cứ luật nghị định quyết thông tư chỉ thị văn về việc ngày tháng năm
giờ tuần quý kỳ đợt lần thứ của và các những được đã đang sẽ là có không này đó để tại từ đến với trên dưới giữa cùng vào ra lên
báo cáo tờ trình kế hoạch chương đề án dự toán biên họp mời giấy chứng nhận phép giới thiệu hợp hướng dẫn quy chế điều khoản điểm mục
phụ lục kèm bảng biểu mẫu danh sách đăng ký đơn hồ sơ thủ tục hành kết quả tình hình nhiệm nhiệm vụ thực hiện tổ chức triển khai
nội ngoại tài nguyên môi trường nông nghiệp nghiệp phát lâm thủy thuỷ sản khoa học nghệ giáo dục đào tạo y tế văn hoá hóa thể thao lịch
lao động thương binh xây dựng vận tải giao điện lực nước đất đai quản lý bảo vệ đầu tư tiền thuế ngân sách kinh phí hỗ trợ cấp cơ quan đơn
vị cá nhân tập thể người cán viên chức chuyên môn đồng chí ông bà nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý
hà nội hải đà nẵng cần thơ quảng trị nghệ tĩnh bình hậu lâm đắk lắk bắc đông tây tân phú phước hưng yên thái bến tiền vĩnh kiên cà mau sóc trà
bạc liêu điện biên lạng cao bằng lào hòa phòng chống dịch bệnh thiên tai bão lũ cháy chữa khẩn hỏa hoả tốc mật tối tuyệt thường thượng
xin ý kiến góp đóng phối xử giải đáp trả lời phúc đính chính bổ sung sửa đổi thay bãi bỏ ban hành hiệu lực thi tiếp tục tăng cường chấn
chỉnh rà soát đánh giá đôn đốc nhắc nhở khen thưởng kỷ luật tuyển dụng bầu cử tiếp cận liên tịch đối tượng chính sách nghèo bền vững
sử dụng mạng thiết máy móc phần mềm dữ chuyển đổi dịch hệ thống thư tử chữ nhằm bước đầu cuối giữ gìn trật tự toàn vấn đề cải cách
một hai bốn sáu bảy tám chín mười trăm nghìn triệu tỷ đồng khác nhau theo yêu cầu đề nghị trân trọng cảm rất mong nhận quý nơi lưu như
đúng hạn trước sau hết chưa cũng vẫn phải cần nếu thì mà nên vì do đây kể trong ngoài phía nghiêm túc kịp thời hàng mới cũ gồm mặt bằng
đô nghị phiếu ghi nhật lưu trữ tiếng lớp học trẻ em mầm tiểu trung phổ bồi dưỡng tập huấn khoá khóa đạo đức phạm vi vùng miền núi hoạt
bưu chính viễn truyền hình tuyên vận hữu nghị hữu cửa khẩu thương mại dầu khí xuất nhập khẩu cứu nạn tìm kiếm khảo sát lấy chất lượng sản
phẩm thuốc bảo hiểm lương nghỉ phép lễ tết dịp kỷ niệm chào mừng đại hội nhất trí thống khối mặt trận tổ phụ nữ cựu chiến hội viên nghề ở
`

// commonSyllables holds them as bases and tone, so that both ways of placing a tone are one.
var commonSyllables = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(commonWords) {
		key, sign := []byte{}, level
		ascii := true
		for _, r := range w {
			l := letterOf(r)
			key = append(key, l.base)
			sign = max(sign, l.tone)
			ascii = ascii && r < 0x80
		}
		if !ascii {
			set[string(append(key, '0'+byte(sign)))] = true
		}
	}
	return set
}()
