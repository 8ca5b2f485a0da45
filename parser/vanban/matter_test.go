package vanban

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

// What a mail says of itself is no trích yếu: no clerk would enter it in the register.
func TestSubjectsWithoutMatter(t *testing.T) {
	for _, s := range []string{
		"Gửi văn bản", "V/v gửi công văn", "Kính gửi văn thư", "Fwd: scan", "văn bản số 12", "(không chủ đề)", "(no subject)", "Công văn", "BÁO CÁO", "gui van ban",
		"Kính gửi quý cơ quan", "Gửi file đính kèm", "Scan0001", "20260112_signed.pdf", "Sở Y tế gửi báo cáo", "UBND xã Hải Lăng gửi công văn số 12/UBND-VP",
		"Kính gửi Sở Giáo dục và Đào tạo", "Công văn số 12/UBND-NC ngày 3/4/2026 của UBND tỉnh Quảng Trị", "KÍNH GỬI VĂN THƯ", "Gửi TTr", "(12/SNV-VP) công văn",
		"[HỎA TỐC] Gửi công điện", "Văn thư kính chuyển", "gửi lại văn bản đã ký số", "Gửi Ủy ban nhân dân tỉnh Quảng Trị công văn số 12",
	} {
		for _, in := range []string{s, norm.NFD.String(s)} {
			if d := ReadSubject(in); d.TrichYeu != "" || d.Sources[fieldTrichYeu] != (Source{}) {
				t.Errorf("%q: trích yếu %q", in, d.TrichYeu)
			}
		}
	}
	for in, want := range map[string]string{
		"Báo cáo tháng 5": "Báo cáo tháng 5",
		"Gửi văn bản góp ý dự thảo Nghị quyết":             "Gửi văn bản góp ý dự thảo Nghị quyết",
		"Sở Nội vụ mời họp":                                "Sở Nội vụ mời họp",
		"Sở Nội vụ Mời họp":                                "Sở Nội vụ Mời họp",
		"Sở Nội Vụ Góp Ý Dự Thảo Nghị Quyết":               "Sở Nội Vụ Góp Ý Dự Thảo Nghị Quyết",
		"SỞ Y TẾ ĐỀ NGHỊ BÁO CÁO":                          "SỞ Y TẾ ĐỀ NGHỊ BÁO CÁO",
		"Kính gửi Sở Nội vụ kết quả kiểm tra":              "Kính gửi Sở Nội vụ kết quả kiểm tra",
		"Sở Y tế gửi báo cáo dịch bệnh":                    "Sở Y tế gửi báo cáo dịch bệnh",
		"Lịch công tác":                                    "Lịch công tác",
		"Kế hoạch số hóa tài liệu":                         "Kế hoạch số hóa tài liệu",
		"họp chiều nay":                                    "họp chiều nay",
		"Công văn số 12/UBND-NC về việc thu tiền sử dụng":  "thu tiền sử dụng",
		"V/v thu hồi đất":                                  "thu hồi đất",
		"Ban Chỉ đạo phòng chống thiên tai":                "Ban Chỉ đạo phòng chống thiên tai",
		"Trả lời Công văn số 45/UBND-TH":                   "Trả lời Công văn số 45/UBND-TH",
		"Kính gửi UBND tỉnh Quảng Trị Tờ trình nâng lương": "Kính gửi UBND tỉnh Quảng Trị Tờ trình nâng lương",
	} {
		if got := ReadSubject(in).TrichYeu; got != want {
			t.Errorf("%q: trích yếu %q, want %q", in, got, want)
		}
	}
	if d := ReadFileName("Gửi công văn đính kèm.pdf"); d.TrichYeu != "" {
		t.Errorf("file name: %q", d.TrichYeu)
	}
}
