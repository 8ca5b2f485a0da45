package vanban

import "testing"

// The end of a ký hiệu that a narrow column broke is no part of the agency's name.
func TestWrappedNotationIsNoAgency(t *testing.T) {
	d := ReadText("UBND TỈNH QUẢNG TRỊ\nVĂN PHÒNG\nSố: 1234/VP-\nKGVX\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n" +
		"Quảng Trị, ngày 9 tháng 02\nnăm 2026\nV/v họp\nKính gửi: Sở Y tế.\n")
	if d.SoHieu != "1234/VP-KGVX" || d.CoQuan != "VĂN PHÒNG" || d.CoQuanTren != "UBND TỈNH QUẢNG TRỊ" {
		t.Errorf("%q %q %q", d.SoHieu, d.CoQuan, d.CoQuanTren)
	}
}
