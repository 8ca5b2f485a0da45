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

// A title that the table doesn't have makes no công văn: the type is not known.
func TestUnlistedTitleIsNoLetter(t *testing.T) {
	const head = "SỞ XÂY DỰNG\nSố: 12/GCN-SXD\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nQuảng Trị, ngày 05 tháng 01 năm 2026\n"
	if d := ReadText(head + "GIẤY CHỨNG NHẬN\nĐủ điều kiện hoạt động\n"); d.Loai != "" || d.LoaiTat != "" || d.SoHieu != "12/GCN-SXD" {
		t.Errorf("%q %q %q", d.Loai, d.LoaiTat, d.SoHieu)
	}
	if d := ReadText(head + "Kính gửi: Sở Y tế.\n"); d.LoaiTat != "CV" {
		t.Errorf("a letter is %q", d.LoaiTat)
	}
}

// A citizen's form has the motto and a title below it, which is no agency.
func TestTitleOfFormIsNoAgency(t *testing.T) {
	d := ReadText("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nĐƠN ĐỀ NGHỊ\nXác nhận tạm trú\nKính gửi: Công an xã Hải Lăng\nHải Lăng, ngày 5 tháng 1 năm 2026\n")
	if d.CoQuan != "" {
		t.Errorf("issuer %q", d.CoQuan)
	}
}
