package vanban

import "testing"

const headOfTitles = "SỞ Y TẾ\nSố: 09/BC-SYT\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nQuảng Trị, ngày 30 tháng 12 năm 2025\n"

// A title that goes on behind the type says of what sort the document is; what it is about stands below, in small letters.
func TestTrichYeuBelowLongerTitle(t *testing.T) {
	for title, want := range map[string]string{
		"BÁO CÁO TỔNG KẾT\nCông tác phòng, chống dịch\nnăm 2025\nThực hiện Công văn số 44/BYT-DP": "TỔNG KẾT Công tác phòng, chống dịch năm 2025",
		"BÁO CÁO\nCÔNG TÁC NĂM 2025\nThực hiện nhiệm vụ được giao":                                "CÔNG TÁC NĂM 2025",
		"BÁO CÁO TỔNG KẾT\n\nĐặc điểm tình hình chung":                                            "TỔNG KẾT",
	} {
		if d := ReadText(headOfTitles + title + "\n"); d.TrichYeu != want || d.Loai != "Báo cáo" {
			t.Errorf("%q: %q, %q", title, d.TrichYeu, d.Loai)
		}
	}
}
