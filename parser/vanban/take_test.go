package vanban

import (
	"slices"
	"testing"
)

func TestTake(t *testing.T) {
	for _, c := range []struct{ field, value, want string }{
		{"so_hieu", "Số: 12/QĐ - UBND", "12/QĐ-UBND"}, {"so_hieu", "/QĐ-UBND", ""}, {"so_hieu", "12", "12"}, {"so_hieu", "12, 13/QĐ-UBND", ""},
		{"loai_van_ban", "QUYẾT ĐỊNH", "Quyết định"}, {"loai_van_ban", "TTr", "Tờ trình"}, {"loai_van_ban", "Giấy khen", "Giấy khen"}, {"loai_van_ban", " - ", ""},
		{"ngay_ban_hanh", "2019/04/05", "2019-04-05"}, {"ngay_ban_hanh", "5/4/2019", "2019-04-05"}, {"ngay_ban_hanh", "2019-04-05T07:00:00Z", "2019-04-05"},
		{"ngay_ban_hanh", "2019/02/30", ""}, {"ngay_ban_hanh", "2019/4", ""}, {"ngay_ban_hanh", "12019/04/05", ""}, {"ngay_ban_hanh", "2019/04-05", ""}, {"ngay_ban_hanh", "0201/04/05", ""},
		{"trich_yeu", "V/v họp giao ban", "họp giao ban"}, {"trich_yeu", "V/v", ""}, {"nguoi_ky", "Lê\x00 Thị\n Hoa", "Lê Thị Hoa"}, {"do_khan", "HOẢ TỐC", "hoa-toc"},
		{"do_khan", "khẩn trương", ""}, {"do_mat", "Tối mật", "toi-mat"}, {"do_mat", "bảo mật", ""}, {"files", "x", ""}, {"", "x", ""},
	} {
		d := New()
		ok := d.Take(c.field, c.value, FromSidecar, 0.9)
		got := map[string]string{"so_hieu": d.SoHieu, "loai_van_ban": d.Loai, "ngay_ban_hanh": d.Ngay, "trich_yeu": d.TrichYeu, "nguoi_ky": d.NguoiKy,
			"do_khan": string(d.DoKhan), "do_mat": string(d.DoMat)}[c.field]
		if got != c.want || ok != (c.want != "" || d.KyHieu != "") {
			t.Errorf("%s = %q: got %q (%v), want %q", c.field, c.value, got, ok, c.want)
		}
		if s := d.Sources[c.field]; c.want != "" && (s.From != FromSidecar || s.Evidence == "" || s.Confidence != 0.9) {
			t.Errorf("%s = %q: source %+v", c.field, c.value, s)
		}
	}
}

func TestTakeNumber(t *testing.T) {
	for _, c := range []struct{ so, ky, soHieu, wantSo, wantKy string }{
		{"21", "CCVT-NV", "21/CCVT-NV", "21", "CCVT-NV"}, {"06", "CTr/TU", "06-CTr/TU", "06", "CTr/TU"}, {"28", "2018/QĐ-TTg", "28/2018/QĐ-TTg", "28", "2018/QĐ-TTg"},
		{"12", "12/TB-UBND", "12/TB-UBND", "12", "TB-UBND"}, {"012", "12/TB-UBND", "12/TB-UBND", "12", "TB-UBND"}, {"12/TB-UBND", "TB-UBND", "12/TB-UBND", "12", "TB-UBND"},
		{"12/TB-UBND", "", "12/TB-UBND", "12", "TB-UBND"}, {"", "12/TB-UBND", "12/TB-UBND", "12", "TB-UBND"}, {"", "TB-UBND", "", "", "TB-UBND"},
		{"2018", "2018/QĐ-TTg", "2018/2018/QĐ-TTg", "2018", "2018/QĐ-TTg"}, {"74abc22", "VP-TH", "74abc22/VP-TH", "74abc22", "VP-TH"},
		{"20251016112435", "GW-AUTO", "20251016112435/GW-AUTO", "20251016112435", "GW-AUTO"}, {"", "", "", "", ""},
	} {
		d := New()
		if ok := d.TakeNumber(c.so, c.ky, FromSidecar, 0.9); ok != (c.wantKy != "") || d.SoHieu != c.soHieu || d.So != c.wantSo || d.KyHieu != c.wantKy {
			t.Errorf("%q %q: %v, %q %q %q", c.so, c.ky, ok, d.SoHieu, d.So, d.KyHieu)
		}
	}
}

func TestTakeLists(t *testing.T) {
	d := New()
	for _, v := range []string{"Như trên", "Lưu: VT", "Như trên"} {
		d.Take("noi_nhan", v, FromSidecar, 0.9)
	}
	for value, want := range map[string][]string{"TM. UBND; KT. CHỦ TỊCH": {"TM", "KT"}, "TL. BO TRUONG": {"TL"}, "Thừa ủy quyền": {"TUQ"}, "Q. GIÁM ĐỐC": {"Q"}, "Ký thay": {"KT"}, "T/M": {"TM"}} {
		if !d.Take("quyen_han_ky", value, FromSidecar, 0.9) || !slices.Equal(d.QuyenHanKy, want) {
			t.Errorf("%q: %q, want %q", value, d.QuyenHanKy, want)
		}
	}
	if !slices.Equal(d.NoiNhan, []string{"Như trên", "Lưu: VT"}) || d.Take("quyen_han_ky", "Trực tiếp", FromSidecar, 0.9) {
		t.Errorf("%+v", d)
	}
}
