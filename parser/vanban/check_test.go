package vanban

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestCheckTakes(t *testing.T) {
	for _, c := range []struct{ field, value, normal string }{
		{"so_hieu", "1775/UBND-KGVX", "1775/UBND-KGVX"}, {"so_hieu", " Số: 1775 / UBND-KGVX ", "1775/UBND-KGVX"}, {"so_hieu", "28/2018/QĐ-TTg", "28/2018/QĐ-TTg"},
		{"so_hieu", "06-CTr/TU", "06-CTr/TU"}, {"so_hieu", "22HD/TWĐTN", "22-HD/TWĐTN"}, {"so_hieu", "012/SNV–VP", "012/SNV-VP"}, {"so_hieu", "202/2025/QH15", "202/2025/QH15"},
		{"ngay_ban_hanh", "2019-04-05", "2019-04-05"}, {"ngay_ban_hanh", "5/4/2019", "2019-04-05"}, {"ngay_ban_hanh", "05/04/2019", "2019-04-05"},
		{"ngay_ban_hanh", "ngày 29 tháng 02 năm 2024", "2024-02-29"},
		{"do_khan", "hoa-toc", "hoa-toc"}, {"do_khan", "HỎA TỐC", "hoa-toc"}, {"do_khan", "Thượng khẩn", "thuong-khan"}, {"do_khan", "Khan", "khan"}, {"do_khan", "", ""},
		{"loai_viet_tat", "CV", "CV"}, {"loai_viet_tat", "tờ trình", "TTr"}, {"loai_viet_tat", "QYĐ", "QyĐ"}, {"loai_viet_tat", "Thư công", "Thư công"},
		{"loai_van_ban", "CV", "Công văn"}, {"loai_van_ban", "QUYẾT ĐỊNH", "Quyết định"}, {"loai_van_ban", "lịch công tác", "Lịch công tác"},
		{"trich_yeu", "  họp\n giao\tban ", "họp giao ban"}, {"co_quan_ban_hanh", "UBND xã Hải Ba", "UBND xã Hải Ba"}, {"nguoi_ky", norm.NFD.String("Nguyễn Văn Ấn"), "Nguyễn Văn Ấn"},
		{"chuc_vu", "PHÓ CHỦ TỊCH", "PHÓ CHỦ TỊCH"}, {"dia_danh", "Đông Hà", "Đông Hà"}, {"kinh_gui", "Sở A; Sở B", "Sở A; Sở B"}, {"trich_yeu", "a\x00b\u0085c", "a b c"},
	} {
		got, err := Check(c.field, c.value)
		if err != nil || got != c.normal {
			t.Errorf("%s = %q: got %q, %v, want %q", c.field, c.value, got, err, c.normal)
			continue
		}
		if again, err := Check(c.field, got); err != nil || again != got {
			t.Errorf("%s = %q: the normal form is checked to %q, %v", c.field, got, again, err)
		}
		d := New()
		if !d.Correct(c.field, got) || d.Sources[c.field].From != FromClerk {
			t.Errorf("%s = %q: what Check takes, Correct must take", c.field, got)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct{ field, value, wants string }{
		{"so_hieu", "", "12/BC-UBND"}, {"so_hieu", "abc", "12/BC-UBND"}, {"so_hieu", "37", "06-CTr/TU"}, {"so_hieu", "12/5", "12/BC-UBND"}, {"so_hieu", "/QĐ-UBND", "12/BC-UBND"},
		{"so_hieu", "12/BC-UBND ngày 5/4/2019", "12/BC-UBND"}, {"so_hieu", "12/BC-UBND; 13/BC-UBND", "12/BC-UBND"}, {"so_hieu", "0905123456/UBND", "12/BC-UBND"},
		{"ngay_ban_hanh", "", "yyyy-mm-dd"}, {"ngay_ban_hanh", "31/02/2019", "dd/mm/yyyy"}, {"ngay_ban_hanh", "hôm qua", "yyyy-mm-dd"}, {"ngay_ban_hanh", "2019-13-01", "yyyy-mm-dd"},
		{"ngay_ban_hanh", "04/2019", "dd/mm/yyyy"}, {"ngay_ban_hanh", "5/4/19", "dd/mm/yyyy"}, {"ngay_ban_hanh", "2019-04-05 x", "yyyy-mm-dd"},
		{"do_khan", "rất gấp", "thuong-khan"}, {"do_khan", "mat", "hoa-toc"}, {"do_khan", "khẩn trương", "khan"},
		{"loai_viet_tat", "XX", "QĐ"}, {"loai_viet_tat", "", "CV"}, {"loai_viet_tat", "hd", "HĐ"}, {"loai_van_ban", "Giấy khen lạ", "TTr"}, {"loai_van_ban", "  ", "full name"},
		{"trich_yeu", "", "not an empty one"}, {"trich_yeu", " \n-", "not an empty one"}, {"nguoi_ky", strings.Repeat("a", maxCorrection+1), "at most 1000"},
		{"do_mat", "", "so_hieu, "}, {"files", "x", "so_hieu, "}, {"agency", "x", "so_hieu, "}, {"", "x", "so_hieu, "},
	} {
		got, err := Check(c.field, c.value)
		if !errors.Is(err, ErrCorrection) || got != "" || !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s = %q: got %q, %v, want an error that names %q", c.field, c.value, got, err, c.wants)
		}
		if err != nil && c.field != "" && !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s = %q: the error does not name the field: %v", c.field, c.value, err)
		}
	}
}

// Whatever a clerk types, what is stored is clean, stable and one that Correct takes.
func FuzzCheck(f *testing.F) {
	for _, v := range []string{"Số: 12/QĐ-UBND", "5/4/2019", "Hoả tốc", "ttr", "a\x00\xff", norm.NFD.String("Hỏa tốc"), "12a-BC/TU"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, field := range slices.Concat(correctable, []string{"do_mat"}) {
			got, err := Check(field, v)
			if err != nil {
				continue
			}
			again, err := Check(field, got)
			d := New()
			if err != nil || again != got || !d.Correct(field, got) || !norm.NFC.IsNormalString(got) || strings.ContainsFunc(got, unicode.IsControl) {
				t.Fatalf("%s = %q: %q, then %q, %v", field, v, got, again, err)
			}
		}
	})
}
