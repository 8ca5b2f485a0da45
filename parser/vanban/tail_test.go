package vanban

import (
	"slices"
	"testing"
)

const headOfTails = "UBND TỈNH QUẢNG TRỊ\nSỞ TÀI CHÍNH\nSố: 345/STC-QLNS\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n" +
	"Quảng Trị, ngày 9 tháng 2 năm 2026\nV/v quyết toán\nKính gửi: Các sở.\nĐề nghị báo cáo./.\n"

// Two columns at a document's end that were flattened into one: the office is the signer's and no addressee.
func TestTailInOneColumn(t *testing.T) {
	for _, c := range []struct {
		name, tail, office, signer string
		marks, noiNhan             []string
	}{
		{"one blank", "Nơi nhận: KT. GIÁM ĐỐC\n- Như trên; PHÓ GIÁM ĐỐC\n- Lưu: VT, QLNS. Nguyễn Thị Lan", "PHÓ GIÁM ĐỐC", "Nguyễn Thị Lan", []string{"KT"}, []string{"Như trên", "Lưu: VT, QLNS"}},
		{"the Party's commas", "Nơi nhận:           K/T TRƯỞNG BAN\n- Ban Tổ chức Trung ương,        PHÓ TRƯỞNG BAN\n- Lưu VT.\n\nHồ Thị Thu Hằng", "PHÓ TRƯỞNG BAN", "Hồ Thị Thu Hằng", []string{"KT"},
			[]string{"Ban Tổ chức Trung ương", "Lưu VT"}},
		{"office behind the second entry", "Nơi nhận:\n- Như trên;\n- UBND tỉnh; GIÁM ĐỐC\n- Lưu: VT.\nNguyễn Thị Lan", "GIÁM ĐỐC", "Nguyễn Thị Lan", []string{}, []string{"Như trên", "UBND tỉnh", "Lưu: VT"}},
		{"no office", "GIÁM ĐỐC\nNguyễn Thị Lan\nNơi nhận:\n- Chủ tịch, các Phó Chủ tịch UBND tỉnh;\n- Lưu: VT, Lan.", "GIÁM ĐỐC", "Nguyễn Thị Lan", []string{}, []string{"Chủ tịch, các Phó Chủ tịch UBND tỉnh", "Lưu: VT, Lan"}},
	} {
		d := ReadText(headOfTails + c.tail)
		if d.ChucVu != c.office || d.NguoiKy != c.signer || !slices.Equal(d.QuyenHanKy, c.marks) || !slices.Equal(d.NoiNhan, c.noiNhan) {
			t.Errorf("%s: %q %q %q %q", c.name, d.ChucVu, d.NguoiKy, d.QuyenHanKy, d.NoiNhan)
		}
	}
	// Who took part is no signer.
	d := ReadText(headOfTails + "Thành phần:\n- Nguyễn Văn An, GIÁM ĐỐC\n- Trần Văn Bình\n")
	if d.NguoiKy != "" {
		t.Errorf("signer %q", d.NguoiKy)
	}
}

// Of two people who sign side by side none is named as the one who signed.
func TestTwoSignersSideBySide(t *testing.T) {
	for _, tail := range []string{
		"THƯ KÝ                                   CHỦ TỌA\n\nLê Thị Bình                              Nguyễn Văn An",
		"KT. BỘ TRƯỞNG BỘ TÀI CHÍNH     KT. BỘ TRƯỞNG BỘ NỘI VỤ\nTHỨ TRƯỞNG                       THỨ TRƯỞNG\n\nNguyễn Thị Mai                     Trần Anh Tuấn",
	} {
		if d := ReadText(headOfTails + tail); d.NguoiKy != "" || d.ChucVu != "" {
			t.Errorf("%q, %q", d.NguoiKy, d.ChucVu)
		}
	}
	if d := ReadText(headOfTails + "KT. CHỦ TỌA\nNguyễn Văn An"); d.NguoiKy != "Nguyễn Văn An" {
		t.Errorf("one signer: %q", d.NguoiKy)
	}
}
