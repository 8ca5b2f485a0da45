package evidence

import "fmt"

// letter is an invented document, laid out as NĐ 30/2020, Phụ lục III prescribes, with the fields that a reader must find in it.
type letter struct {
	above, agency []string // lines of the left column's head
	number, date  string   // what must be read: 12/UBND-VX, 2021-03-05
	printed       string   // the number's line as printed
	place         string
	title         string // type in capitals; empty for a công văn
	about         string // trích yếu
	to            []string
	body          []string
	signer        []string // authority, office
	name          string
	copies        []string

	layout layout
	size   int  // of the letters, in points
	party  bool // head of the Party's documents
	tcvn3  bool // letters of the old fonts: what a PDF made with them gives back
	long   int  // further pages of an annex
}

// layout is how the two columns of the head are built.
type layout int

const (
	rows   layout = iota // a table: names in one row, number and date in the next
	blocks               // a table of one row: each column a stack of lines
	tabs                 // lines with tabulators, no table
	nLayouts
)

// bodies are texts between head and signature. They quote numbers and dates of other documents, as letters do.
func bodies() [][]string {
	return [][]string{
		{
			"Thực hiện Kế hoạch số 45/KH-UBND ngày 15 tháng 01 năm 2021 của Ủy ban nhân dân tỉnh về việc gửi, nhận văn bản điện tử, đề nghị các cơ quan, đơn vị rà soát tài khoản trên hệ thống quản lý văn bản và điều hành.",
			"Các đơn vị chưa có tài khoản lập danh sách gửi về bộ phận văn thư trước ngày 30 của tháng này để được cấp; quá thời hạn nêu trên, văn bản gửi qua thư điện tử sẽ không được vào sổ.",
			"Đề nghị thủ trưởng các cơ quan, đơn vị quan tâm chỉ đạo thực hiện./.",
		},
		{
			"Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
			"Xét đề nghị của Chánh Văn phòng tại Tờ trình số 18/TTr-VP ngày 02 tháng 02 năm 2021,",
			"Việc bàn giao hồ sơ lưu trữ của các phòng chuyên môn được thực hiện xong trong quý II. Các phòng cử cán bộ đầu mối, thống kê hồ sơ còn tồn đọng và báo cáo bằng văn bản điện tử có chữ ký số.",
			"Trong quá trình thực hiện nếu có khó khăn, vướng mắc, đề nghị phản ánh kịp thời để được hướng dẫn./.",
		},
		{
			"Sáu tháng đầu năm, đơn vị đã tiếp nhận 1.284 văn bản đến, phát hành 967 văn bản đi, trong đó 912 văn bản được ký số và gửi trên trục liên thông. Tỷ lệ xử lý đúng hạn đạt 96,4 phần trăm.",
			"Bên cạnh kết quả đạt được, một số đơn vị còn gửi văn bản giấy song song với bản điện tử, làm tăng khối lượng công việc của văn thư.",
			"Thời gian tới, đơn vị tập trung hoàn thiện quy chế, tập huấn cho công chức và thay thế thiết bị quét đã cũ./.",
		},
		{
			"Phúc đáp Công văn số 331/STC-NS ngày 11 tháng 6 năm 2021 của Sở Tài chính về dự toán kinh phí mua sắm thiết bị, sau khi xem xét, chúng tôi có ý kiến như sau:",
			"1. Thống nhất với nội dung dự thảo về nguyên tắc phân bổ.",
			"2. Đề nghị bổ sung kinh phí bảo trì máy chủ và đường truyền số liệu chuyên dùng cho các xã vùng sâu.",
			"Kính gửi quý Sở tổng hợp, trình cấp có thẩm quyền quyết định./.",
		},
	}
}

// letters are 32 of them, in all layouts.
func letters() []letter {
	province := []string{"ỦY BAN NHÂN DÂN", "TỈNH HẢI ĐÔNG"}
	all := []letter{
		{agency: province, number: "1245/UBND-KGVX", date: "2021-03-05", place: "Hải Đông", about: "tăng cường gửi, nhận văn bản điện tử trên hệ thống quản lý văn bản", to: []string{"Các sở, ban, ngành cấp tỉnh", "Ủy ban nhân dân các huyện, thành phố"}, signer: []string{"KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, name: "Nguyễn Thanh Vân"},
		{above: province, agency: []string{"SỞ NỘI VỤ"}, number: "87/SNV-CCVC", date: "2021-02-09", place: "Hải Đông", about: "báo cáo số lượng công chức làm công tác văn thư", to: []string{"Văn phòng Ủy ban nhân dân tỉnh"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Lê Minh Đức"},
		{agency: province, number: "309/QĐ-UBND", date: "2020-12-31", place: "Hải Đông", title: "QUYẾT ĐỊNH", about: "Về việc ban hành Quy chế gửi, nhận văn bản điện tử trên địa bàn tỉnh", signer: []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}, name: "Trần Quốc Hưng"},
		{above: []string{"UBND TỈNH HẢI ĐÔNG"}, agency: []string{"SỞ THÔNG TIN VÀ TRUYỀN THÔNG"}, number: "15/KH-STTTT", date: "2021-01-20", place: "Hải Đông", title: "KẾ HOẠCH", about: "Tập huấn sử dụng chữ ký số chuyên dùng năm 2021", signer: []string{"GIÁM ĐỐC"}, name: "Phạm Thị Ngọc Lan"},
		{above: []string{"HUYỆN PHÚ SƠN"}, agency: []string{"ỦY BAN NHÂN DÂN XÃ AN LẠC"}, number: "06/BC-UBND", date: "2021-07-01", place: "An Lạc", title: "BÁO CÁO", about: "Kết quả công tác văn thư, lưu trữ sáu tháng đầu năm 2021", signer: []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, name: "Hoàng Văn Bình"},
		{above: []string{"BỘ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"}, agency: []string{"CỤC QUẢN LÝ ĐÊ"}, number: "512/QLĐ-KHTC", date: "2022-10-14", place: "Hà Nội", about: "lập dự toán tu bổ đê điều năm 2023", to: []string{"Các Chi cục Thủy lợi"}, signer: []string{"KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"}, name: "Đỗ Xuân Trường"},
		{agency: []string{"HỘI ĐỒNG NHÂN DÂN", "HUYỆN PHÚ SƠN"}, number: "28/NQ-HĐND", date: "2021-12-17", place: "Phú Sơn", title: "NGHỊ QUYẾT", about: "Về nhiệm vụ phát triển kinh tế - xã hội năm 2022", signer: []string{"CHỦ TỊCH"}, name: "Vũ Đình Khôi"},
		{above: []string{"UBND HUYỆN PHÚ SƠN"}, agency: []string{"PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"}, number: "144/PGDĐT-TCCB", date: "2022-08-22", place: "Phú Sơn", about: "chuẩn bị khai giảng năm học mới", to: []string{"Hiệu trưởng các trường mầm non, tiểu học và trung học cơ sở"}, signer: []string{"TRƯỞNG PHÒNG"}, name: "Bùi Thị Hạnh"},
		{agency: []string{"VĂN PHÒNG", "ỦY BAN NHÂN DÂN TỈNH"}, number: "33/TB-VP", date: "2021-04-12", place: "Hải Đông", title: "THÔNG BÁO", about: "Kết luận của Phó Chủ tịch tại cuộc họp về chuyển đổi số", signer: []string{"KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"}, name: "Ngô Hải Yến"},
		{above: province, agency: []string{"SỞ TÀI CHÍNH"}, number: "02/TTr-STC", date: "2023-02-03", place: "Hải Đông", title: "TỜ TRÌNH", about: "Về việc phân bổ kinh phí mua sắm thiết bị công nghệ thông tin", to: []string{"Ủy ban nhân dân tỉnh"}, signer: []string{"GIÁM ĐỐC"}, name: "Trịnh Công Thành"},
		{agency: province, number: "07/CT-UBND", date: "2019-04-12", place: "Hải Đông", title: "CHỈ THỊ", about: "Về việc sử dụng văn bản điện tử trong hoạt động của cơ quan nhà nước", signer: []string{"CHỦ TỊCH"}, name: "Trần Quốc Hưng"},
		{above: []string{"TỔNG CÔNG TY CẤP NƯỚC"}, agency: []string{"CÔNG TY CỔ PHẦN", "CẤP NƯỚC HẢI ĐÔNG"}, number: "218/CN-KT", date: "2022-05-30", place: "Hải Đông", about: "tạm ngừng cấp nước để sửa chữa đường ống", to: []string{"Ủy ban nhân dân thành phố Hải Đông"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Lương Văn Sáng"},
		{above: province, agency: []string{"BAN QUẢN LÝ DỰ ÁN", "ĐẦU TƯ XÂY DỰNG"}, number: "405/BQLDA-KTTĐ", date: "2023-11-08", place: "Hải Đông", about: "thẩm định hồ sơ thiết kế bản vẽ thi công", to: []string{"Sở Xây dựng"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Cao Thế Anh"},
		{above: []string{"SỞ Y TẾ HẢI ĐÔNG"}, agency: []string{"TRUNG TÂM KIỂM SOÁT BỆNH TẬT"}, number: "61/GM-TTKSBT", date: "2021-06-15", place: "Hải Đông", title: "GIẤY MỜI", about: "Tham dự hội nghị triển khai công tác phòng, chống dịch", signer: []string{"TL. GIÁM ĐỐC", "TRƯỞNG PHÒNG TỔ CHỨC - HÀNH CHÍNH"}, name: "Đinh Thị Thu Hà"},
		{agency: []string{"ỦY BAN NHÂN DÂN", "THÀNH PHỐ HẢI ĐÔNG"}, number: "1890/UBND-NC", date: "2022-09-27", place: "Hải Đông", about: "trả lời kiến nghị của cử tri phường Tân An", to: []string{"Đoàn đại biểu Quốc hội tỉnh"}, signer: []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, name: "Phan Đăng Khoa"},
		{above: []string{"BỘ TƯ PHÁP"}, agency: []string{"CỤC THI HÀNH ÁN DÂN SỰ"}, number: "99/CTHADS-NV", date: "2023-01-06", place: "Hải Đông", about: "phối hợp xác minh điều kiện thi hành án", to: []string{"Chi nhánh Văn phòng đăng ký đất đai"}, signer: []string{"KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"}, name: "Mai Quang Vinh"},
		{agency: province, number: "12/2021/QĐ-UBND", date: "2021-05-18", place: "Hải Đông", title: "QUYẾT ĐỊNH", about: "Ban hành Quy định phân cấp quản lý công trình thủy lợi", signer: []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, name: "Nguyễn Thanh Vân"},
		{above: province, agency: []string{"SỞ NÔNG NGHIỆP", "VÀ PHÁT TRIỂN NÔNG THÔN"}, number: "733/SNN&PTNT-TL", date: "2019-08-29", place: "Hải Đông", about: "kiểm tra hồ chứa trước mùa mưa bão", to: []string{"Công ty Khai thác công trình thủy lợi"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Tạ Hữu Nghĩa"},
		{above: []string{"HUYỆN ỦY PHÚ SƠN"}, agency: []string{"BAN TUYÊN GIÁO"}, number: "06-HD/BTG", printed: "Số 06-HD/BTG", date: "2022-03-21", place: "Phú Sơn", title: "HƯỚNG DẪN", about: "Tuyên truyền kỷ niệm ngày thành lập huyện", party: true, signer: []string{"K/T TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"}, name: "Lý Thị Mai"},
		{above: []string{"ĐẢNG BỘ TỈNH HẢI ĐÔNG"}, agency: []string{"HUYỆN ỦY PHÚ SƠN"}, number: "112-CV/HU", printed: "Số 112-CV/HU", date: "2021-09-10", place: "Phú Sơn", about: "chuẩn bị sơ kết nghị quyết", party: true, to: []string{"Các chi bộ, đảng bộ trực thuộc"}, signer: []string{"T/L BAN THƯỜNG VỤ", "CHÁNH VĂN PHÒNG"}, name: "Đặng Ngọc Sơn"},
		{above: []string{"UBND HUYỆN PHÚ SƠN"}, agency: []string{"VĂN PHÒNG HĐND VÀ UBND"}, number: "19/GM-VP", date: "2020-01-10", place: "Phú Sơn", title: "GIẤY MỜI", about: "Họp giao ban công tác cải cách hành chính", signer: []string{"CHÁNH VĂN PHÒNG"}, name: "Hồ Sỹ Tùng"},
		{above: province, agency: []string{"THANH TRA TỈNH"}, number: "254/KH-TTT", date: "2022-12-05", place: "Hải Đông", title: "KẾ HOẠCH", about: "Thanh tra trách nhiệm thực hiện pháp luật về tiếp công dân", signer: []string{"CHÁNH THANH TRA"}, name: "Võ Thành Trung"},
		{agency: []string{"BẢO HIỂM XÃ HỘI", "TỈNH HẢI ĐÔNG"}, above: []string{"BẢO HIỂM XÃ HỘI VIỆT NAM"}, number: "1003/BHXH-CSXH", date: "2023-07-19", place: "Hải Đông", about: "rà soát dữ liệu người hưởng chế độ", to: []string{"Bảo hiểm xã hội các huyện"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Dương Thị Kim Oanh"},
		{above: []string{"ĐOÀN TNCS HỒ CHÍ MINH"}, agency: []string{"TRƯỜNG ĐẠI HỌC HẢI ĐÔNG"}, number: "77/ĐHHĐ-CTSV", date: "2021-10-25", place: "Hải Đông", about: "giới thiệu sinh viên thực tập", to: []string{"Sở Tư pháp"}, signer: []string{"KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"}, name: "Lâm Chí Dũng"},
		{above: province, agency: []string{"SỞ GIAO THÔNG VẬN TẢI"}, number: "08/CĐ-SGTVT", date: "2020-10-18", place: "Hải Đông", title: "CÔNG ĐIỆN", about: "Về việc ứng phó với bão và mưa lớn diện rộng", signer: []string{"GIÁM ĐỐC"}, name: "Chu Văn Hòa"},
		{above: province, agency: []string{"SỞ XÂY DỰNG"}, number: "640/SXD-QLN", date: "2022-02-28", place: "Hải Đông", about: "cung cấp thông tin quy hoạch", to: []string{"Công ty Trách nhiệm hữu hạn Minh Phát"}, signer: []string{"TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG QUẢN LÝ NHÀ"}, name: "Kiều Anh Tuấn", long: 3},
		{above: []string{"BỘ CÔNG THƯƠNG"}, agency: []string{"CỤC AN TOÀN CÔNG NGHIỆP"}, number: "3120/BC-ATCN", date: "2022-11-30", place: "Hà Nội", title: "BÁO CÁO", about: "Tổng kết công tác an toàn hóa chất năm 2022", signer: []string{"CỤC TRƯỞNG"}, name: "Tống Khánh Duy", long: 6},
		{agency: []string{"ỦY BAN NHÂN DÂN", "HUYỆN PHÚ SƠN"}, number: "501/QĐ-UBND", date: "2018-06-04", place: "Phú Sơn", title: "QUYẾT ĐỊNH", about: "Về việc thành lập Ban Chỉ đạo ứng dụng công nghệ thông tin", signer: []string{"CHỦ TỊCH"}, name: "Quách Văn Lộc"},
		{above: province, agency: []string{"SỞ TƯ PHÁP"}, number: "36/STP-XDVB", date: "2017-04-01", place: "Hải Đông", about: "góp ý dự thảo quyết định", to: []string{"Sở Nội vụ"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Thái Bá Nam", tcvn3: true},
		{agency: []string{"HỘI NÔNG DÂN", "TỈNH HẢI ĐÔNG"}, number: "59/BC-HND", date: "2016-12-20", place: "Hải Đông", title: "BÁO CÁO", about: "Kết quả hoạt động công tác hội năm 2016", signer: []string{"CHỦ TỊCH"}, name: "Châu Thị Lệ", tcvn3: true},
		{above: []string{"SỞ VĂN HÓA VÀ THỂ THAO"}, agency: []string{"BẢO TÀNG TỈNH"}, number: "41/BTT-NV", date: "2024-05-09", place: "Hải Đông", about: "mượn hiện vật phục vụ trưng bày chuyên đề", to: []string{"Bảo tàng Lịch sử"}, signer: []string{"GIÁM ĐỐC"}, name: "Tôn Nữ Diệu Hiền"},
		{above: province, agency: []string{"SỞ KHOA HỌC VÀ CÔNG NGHỆ"}, number: "1117/SKHCN-CĐS", date: "2025-07-15", place: "Hải Đông", about: "cập nhật mã định danh của cơ quan sau sắp xếp", to: []string{"Ủy ban nhân dân các xã, phường, đặc khu"}, signer: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, name: "Giang Hồng Phúc"},
	}
	texts := bodies()
	for i := range all {
		l := &all[i]
		l.layout, l.size = layout(i)%nLayouts, 13+i/5%2
		l.body = texts[i%len(texts)]
		if l.printed == "" {
			l.printed = "Số: " + l.number
		}
		l.copies = []string{"Như trên;", "Lãnh đạo cơ quan;", fmt.Sprintf("Lưu: VT, NV.%c (%d).", 'A'+i%26, 3+i%20)}
	}
	return all
}
