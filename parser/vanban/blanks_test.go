package vanban

import "testing"

// Some readers of PDFs lose the blanks between words; the head is read all the same.
func TestHeadWithoutBlanks(t *testing.T) {
	d := ReadText("UBNDTỈNHQUẢNGTRỊ\nSỞTÀICHÍNH\nCỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM\nĐộclập-Tựdo-Hạnhphúc\nSố:345/STC-QLNS\nQuảngTrị,ngày9tháng2năm2026\n" +
		"V/vquyết toán ngân sách\nKínhgửi:Các sở.\n")
	if d.SoHieu != "345/STC-QLNS" || d.Ngay != "2026-02-09" || d.CoQuan != "SỞTÀICHÍNH" || d.CoQuanTren != "UBNDTỈNHQUẢNGTRỊ" || d.TrichYeu != "quyết toán ngân sách" {
		t.Errorf("%q %q %q %q %q", d.SoHieu, d.Ngay, d.CoQuan, d.CoQuanTren, d.TrichYeu)
	}
}

// A mark in the other column stands between the lines of the trích yếu and is no end of it.
func TestMarkBesideTrichYeu(t *testing.T) {
	d := ReadText("UBND TỈNH QUẢNG TRỊ          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ NỘI VỤ                        Độc lập - Tự do - Hạnh phúc\n" +
		"Số: 12/SNV-VP                 Quảng Trị, ngày 03 tháng 02 năm 2026\nV/v báo cáo tình hình            KHẨN\ncải cách hành chính\n\nKính gửi: UBND tỉnh.\n")
	if d.TrichYeu != "báo cáo tình hình cải cách hành chính" || d.DoKhan != Khan {
		t.Errorf("%q %q", d.TrichYeu, d.DoKhan)
	}
}
