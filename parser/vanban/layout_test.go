package vanban

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Heads as converters and drafts leave them, each for one rule.
func TestHeads(t *testing.T) {
	const motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
	for name, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"all in one line": {"SỞ NỘI VỤ HẢI THƯỢNG CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Số: 14/QĐ-SNV Hải Thượng, ngày 03 tháng 8 năm 2019 QUYẾT ĐỊNH VỀ VIỆC NÂNG LƯƠNG Căn cứ Luật Cán bộ, công chức;",
			map[string]string{"so_hieu": "14/QĐ-SNV", "ngay_ban_hanh": "2019-08-03", "dia_danh": "Hải Thượng", "loai_van_ban": "Quyết định", "trich_yeu": "NÂNG LƯƠNG", "co_quan_ban_hanh": "SỞ NỘI VỤ HẢI THƯỢNG"}},
		"a draft's date": {"UBND XÃ HẢI BA\n" + motto + "Số:     /BC-UBND\nHải Ba, ngày ... tháng ... năm 2019\nBÁO CÁO\nKết quả thu ngân sách\n",
			map[string]string{"so_hieu": "", "ky_hieu": "BC-UBND", "ngay_ban_hanh": "", "dia_danh": "Hải Ba", "loai_van_ban": "Báo cáo"}},
		"a draft's day": {"UBND XÃ HẢI BA\n" + motto + "Số:     /BC-UBND\nHải Ba, ngày     tháng 6 năm 2019\nBÁO CÁO\n",
			map[string]string{"ngay_ban_hanh": "", "dia_danh": "Hải Ba"}},
		"a footnote behind the year": {"UBND XÃ HẢI BA\nSố: 4/BC-UBND\n" + motto + "Hải Ba, ngày 23 tháng 02 năm 20264\nBÁO CÁO\n", map[string]string{"ngay_ban_hanh": "2026-02-23", "dia_danh": "Hải Ba"}},
		"a year of six digits":       {"UBND XÃ HẢI BA\nSố: 4/BC-UBND\n" + motto + "Hải Ba, ngày 23 tháng 02 năm 202644\nBÁO CÁO\n", map[string]string{"ngay_ban_hanh": ""}},
		"consolidated": {motto + "THÔNG TƯ\nQUY ĐỊNH VỀ PHÍ\nThông tư số 43/2015/TT-BTC ngày 20 tháng 8 năm 2015 của Bộ trưởng Bộ Tài chính, được sửa đổi bởi:\nĐiều 1. Phạm vi\nBỘ TÀI CHÍNH\nSố: 07/VBHN-BTC\nXÁC THỰC VĂN BẢN HỢP NHẤT\nHà Nội, ngày 03 tháng 3 năm 2016\nKT. BỘ TRƯỞNG\nTHỨ TRƯỞNG\nLê Văn Tâm\n",
			map[string]string{"so_hieu": "07/VBHN-BTC", "loai_van_ban": "Văn bản hợp nhất", "ngay_ban_hanh": "2016-03-03", "co_quan_ban_hanh": "BỘ TÀI CHÍNH"}},
		"the Party's quy định":                 {"HUYỆN ỦY HẢI TÂN\n*\nĐẢNG CỘNG SẢN VIỆT NAM\nSố 08-QĐ/HU\nHải Tân, ngày 03 tháng 12 năm 2020\nQUY ĐỊNH\nvề chế độ làm việc\n", map[string]string{"so_hieu": "08-QĐ/HU", "loai_van_ban": "Quy định (Đảng)"}},
		"the state's quy định":                 {"SỞ NỘI VỤ\n" + motto + "Số: 8/QyĐ-SNV\nHải Tân, ngày 03 tháng 12 năm 2020\nQUY ĐỊNH\nVề chế độ làm việc\n", map[string]string{"loai_van_ban": "Quy định"}},
		"the title wins":                       {"UBND TỈNH HẢI THƯỢNG\n" + motto + "Số: 55/2007/CT-UBND\nHải Thượng, ngày 05 tháng 3 năm 2007\nQUYẾT ĐỊNH\nVề phí\n", map[string]string{"so_hieu": "55/2007/CT-UBND", "loai_van_ban": "Quyết định"}},
		"an office that a type's letters name": {"UBND HUYỆN HẢI TÂN\nTHANH TRA\n" + motto + "Số: 17/TTr-NV\nV/v xác minh đơn\nHải Tân, ngày 03 tháng 12 năm 2020\nKính gửi: UBND xã Hải Ba.\n", map[string]string{"loai_van_ban": "Công văn"}},
		"a lost title":                         {"UBND XÃ HẢI BA\n" + motto + "Số: 17/TTr-UBND\nV/v xin kinh phí\nHải Ba, ngày 03 tháng 12 năm 2020\nKính gửi: UBND huyện.\n", map[string]string{"loai_van_ban": "Tờ trình"}},
		"a joint one": {"BỘ TÀI CHÍNH - BỘ TƯ PHÁP\nBỘ CÔNG AN\n" + motto + "Số: 05/2014/TTLT-BTC-BTP-BCA\nHà Nội, ngày 03 tháng 12 năm 2014\nTHÔNG TƯ LIÊN TỊCH\nVề phí\n",
			map[string]string{"so_hieu": "05/2014/TTLT-BTC-BTP-BCA", "loai_van_ban": "Thông tư liên tịch", "co_quan_ban_hanh": "BỘ TÀI CHÍNH - BỘ TƯ PHÁP BỘ CÔNG AN", "co_quan_chu_quan": ""}},
		"a công điện without letterhead": {"CÔNG ĐIỆN\nSố: 02/CĐ-BCH hồi 10 giờ 00 ngày 01/02/2014\nBAN CHỈ HUY PHÒNG, CHỐNG THIÊN TAI\nTỈNH HẢI THƯỢNG\nĐIỆN:\n- Các huyện.\nTheo tin từ Đài Khí tượng\n",
			map[string]string{"co_quan_ban_hanh": "BAN CHỈ HUY PHÒNG, CHỐNG THIÊN TAI TỈNH HẢI THƯỢNG", "ngay_ban_hanh": "2014-02-01"}},
		"a name with a number":    {"SỞ TƯ PHÁP\nPHÒNG CÔNG CHỨNG SỐ 1\n" + motto + "Số: 3/PCC1\nHải Tân, ngày 03 tháng 12 năm 2020\nV/v thu phí\n", map[string]string{"co_quan_ban_hanh": "PHÒNG CÔNG CHỨNG SỐ 1", "co_quan_chu_quan": "SỞ TƯ PHÁP"}},
		"several numbers":         {"VĂN PHÒNG TRUNG ƯƠNG\nĐẢNG CỘNG SẢN VIỆT NAM\nSố 614, 615, 616-CV/VPTW\nHà Nội, ngày 03 tháng 12 năm 2020\nKính gửi: Các tỉnh ủy.\n", map[string]string{"so_hieu": "614-CV/VPTW", "so": "614", "ky_hieu": "CV/VPTW"}},
		"nothing above the title": {"GIẤY GIỚI THIỆU\nSở Nội vụ trân trọng giới thiệu: Bà Lê Thị Hoa\n", map[string]string{"loai_van_ban": "Giấy giới thiệu", "trich_yeu": ""}},
	} {
		got := fieldsOf(ReadText(c.text))
		for field, want := range c.want {
			if got[field] != want {
				t.Errorf("%s: %s = %q, want %q", name, field, got[field], want)
			}
		}
	}
}

// The marks of authority are a list, in all the ways in which they are printed.
func TestAuthorities(t *testing.T) {
	for lines, want := range map[string][]string{
		"TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH": {"TM", "KT"}, "KT CHỦ TỊCH\nPHÓ CHỦ TỊCH": {"KT"}, "TM . HỘI ĐỒNG\nCHỦ TỊCH": {"TM"}, "TL. BỘ TRƯỞNG\nKT. CỤC TRƯỞNG\nPHÓ CỤC TRƯỞNG": {"TL", "KT"},
		"T/M BAN THƯỜNG VỤ\nPHÓ BÍ THƯ": {"TM"}, "K/T TRƯỞNG BAN\nPHÓ TRƯỞNG BAN": {"KT"}, "TUQ. CHỦ TỊCH\nGIÁM ĐỐC SỞ": {"TUQ"}, "T/L CHÁNH VĂN PHÒNG\nTRƯỞNG PHÒNG": {"TL"},
		"Q. GIÁM ĐỐC": {"Q"}, "GIÁM ĐỐC": {}, "TM. UBND XÃ\nCHỦ TỊCH": {"TM"}, "KT.CHỦ TỊCH\nPHÓ CHỦ TỊCH": {"KT"},
	} {
		d := ReadText("UBND XÃ HẢI BA\nSố: 12/BC-UBND\nHải Ba, ngày 05 tháng 4 năm 2019\nBÁO CÁO\nKết quả năm\nĐơn vị đã hoàn thành kế hoạch./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n" + lines + "\n\n\nTrần Văn Bình\n")
		if !slices.Equal(d.QuyenHanKy, want) || d.NguoiKy != "Trần Văn Bình" {
			t.Errorf("%q: %q %q by %q, want %q", lines, d.QuyenHanKy, d.ChucVu, d.NguoiKy, want)
		}
	}
}

// A bare số is completed by the source that has the whole number; names of one agency that differ in length do not contradict each other.
func TestMergeCompletes(t *testing.T) {
	side := New()
	side.Take("so_hieu", "0053", FromSidecar, 0.9)
	side.Take("co_quan_ban_hanh", "Sở Y tế tỉnh Hải Thượng", FromSidecar, 0.9)
	text := ReadText("UBND TỈNH HẢI THƯỢNG\nSỞ Y TẾ\n\nSố: 53/SYT-NV\n\nHải Thượng, ngày 05 tháng 6 năm 2020\n\nV/v họp\n")
	d, doubts := Merge(side, text)
	if d.SoHieu != "53/SYT-NV" || d.KyHieu != "SYT-NV" || len(doubts) != 0 || d.Sources["ky_hieu"].From != FromText {
		t.Errorf("%q %q, doubts %q", d.SoHieu, d.KyHieu, doubts)
	}
	if d, doubts = Merge(text, side); d.SoHieu != "53/SYT-NV" || len(doubts) != 0 {
		t.Errorf("the other way round: %q, %q", d.SoHieu, doubts)
	}
	other := New()
	other.Take("so_hieu", "54", FromSidecar, 0.9)
	if d, doubts = Merge(other, text); d.SoHieu != "54" || !slices.Contains(doubts, DoubtNumber) {
		t.Errorf("another số: %q, %q", d.SoHieu, doubts)
	}
}

func BenchmarkReadText(b *testing.B) {
	text, err := os.ReadFile("testdata/01-cong-van.txt")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		ReadText(string(text))
	}
}

func BenchmarkReadLongText(b *testing.B) {
	text, err := os.ReadFile("testdata/04-quyet-dinh.txt")
	if err != nil {
		b.Fatal(err)
	}
	long := string(text) + strings.Repeat("Thực hiện nhiệm vụ được giao, đơn vị xin gửi báo cáo kết quả triển khai trong tháng.\n", 2000)
	b.SetBytes(int64(len(long)))
	for b.Loop() {
		ReadText(long)
	}
}
