package vanban

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestReadSubject(t *testing.T) {
	cases := []struct{ in, soHieu, loai, ngay, trichYeu string }{
		{"(1775/UBND-KGVX) V/v đẩy mạnh sử dụng hệ thống quản lý văn bản", "1775/UBND-KGVX", "CV", "", "đẩy mạnh sử dụng hệ thống quản lý văn bản"},
		{"Công văn số 12/SNV-CCVC về việc báo cáo biên chế", "12/SNV-CCVC", "CV", "", "báo cáo biên chế"},
		{"Fwd: Re: CV 123/UBND-VX v/v tổ chức hội nghị", "123/UBND-VX", "CV", "", "tổ chức hội nghị"},
		{"Chuyển tiếp: Báo cáo số 12/BC-UBND ngày 3/5/2019 của UBND xã Hải Ba về việc thu ngân sách", "12/BC-UBND", "BC", "2019-05-03", "thu ngân sách"},
		{"UBND xã Hải Ba gửi Báo cáo số 05/BC-UBND", "05/BC-UBND", "BC", "", ""},
		{"[HỎA TỐC] Công điện số 10/CĐ-UBND về ứng phó bão số 4", "10/CĐ-UBND", "CĐ", "", "ứng phó bão số 4"},
		{"Trả lời Công văn số 45/UBND-TH ngày 2/3/2019", "", "", "", "Trả lời Công văn số 45/UBND-TH ngày 2/3/2019"},
		{"V/v góp ý dự thảo theo Công văn số 45/UBND-TH", "", "", "", "góp ý dự thảo theo Công văn số 45/UBND-TH"},
		{"Báo cáo thực hiện Chỉ thị số 12/CT-UBND", "", "BC", "", "Báo cáo thực hiện Chỉ thị số 12/CT-UBND"},
		{"Trả lời: 45/UBND-TH: mời họp", "45/UBND-TH", "CV", "", "mời họp"},
		{"Báo cáo quý I năm 2019 - 12/BC-SNV", "12/BC-SNV", "BC", "", "Báo cáo quý I năm 2019"},
		{"Quyết định số 28/2018/QĐ-TTg: gửi, nhận văn bản điện tử", "28/2018/QĐ-TTg", "QĐ", "", "gửi, nhận văn bản điện tử"},
		{"06-CTr/TU Chương trình hành động", "06-CTr/TU", "CTr", "", "Chương trình hành động"},
		{"Số: /UBND-VP V/v dự thảo", "", "", "", "Số: /UBND-VP V/v dự thảo"},
		{"Công văn V/v nâng lương", "", "CV", "", "nâng lương"},
		{"họp chiều nay", "", "", "", "họp chiều nay"},
		{"", "", "", "", ""},
		{"Re: Fwd:", "", "", "", ""},
	}
	for _, c := range cases {
		for _, in := range []string{c.in, norm.NFD.String(c.in)} {
			d := ReadSubject(in)
			if d.SoHieu != c.soHieu || d.LoaiTat != c.loai || d.Ngay != c.ngay || d.TrichYeu != c.trichYeu {
				t.Errorf("%q:\n got %q %q %q %q\nwant %q %q %q %q", in, d.SoHieu, d.LoaiTat, d.Ngay, d.TrichYeu, c.soHieu, c.loai, c.ngay, c.trichYeu)
			}
			if d.Files == nil || d.KinhGui == nil || d.QuyenHanKy == nil || d.NoiNhan == nil || d.Sources == nil {
				t.Errorf("%q: a list is nil", in)
			}
		}
	}
}

func TestReadFileName(t *testing.T) {
	cases := []struct{ in, soHieu, loai string }{
		{"1775_UBND-KGVX.signed.pdf", "1775/UBND-KGVX", "CV"},
		{"12-BC-SNV báo cáo quý I.pdf", "12/BC-SNV", "BC"},
		{"CV 123-UBND-VX.pdf", "123/UBND-VX", "CV"},
		{"Cong van so 12-SNV-CCVC_signed.pdf", "12/SNV-CCVC", "CV"},
		{"445-KL_TU.pdf", "445-KL/TU", "KL"},
		{"28_2018_QD-TTg.pdf", "28/2018/QD-TTg", "QĐ"},
		{"12-bc-snv.pdf", "12/BC-SNV", "BC"},
		{"12_BC-UBND_bao_cao_thang_5_signed.pdf", "12/BC-UBND", "BC"},
		{"12 BC-UBND BAO CAO KET QUA.docx", "12/BC-UBND", "BC"},
		{"01-2019-TT-BNV.pdf", "01/2019/TT-BNV", "TT"},
		{"1775.signed.pdf", "", ""},
		{"20190504_100233.jpg", "", ""},
		{"04-05-2019.pdf", "", ""},
		{"Báo cáo tháng 5.docx", "", "BC"},
		{"Scan0001.pdf", "", ""},
		{"12-SNV-CCVC (1).pdf", "12/SNV-CCVC", "CV"},
		{"", "", ""},
	}
	for _, c := range cases {
		d := ReadFileName(c.in)
		if d.SoHieu != c.soHieu || d.LoaiTat != c.loai {
			t.Errorf("%q: got %q %q, want %q %q", c.in, d.SoHieu, d.LoaiTat, c.soHieu, c.loai)
		}
	}
	if d := ReadFileName("12_BC-UBND_bao_cao_thang_5_signed.pdf"); d.TrichYeu != "bao cao thang 5" {
		t.Errorf("trích yếu %q", d.TrichYeu)
	}
}

func TestSecretInName(t *testing.T) {
	for in, want := range map[string]Secrecy{
		"[MẬT] Báo cáo": Mat, "(Tối mật) 12/BC-CAT": ToiMat, "TUYỆT MẬT - Kế hoạch": TuyetMat, "Mật: báo cáo tháng": Mat, "MẬT V/v bố trí lực lượng": Mat,
		"Fwd: [Mat] bao cao": Mat, "Báo cáo [Mật - Hỏa tốc]": Mat, "12-BC-CAT_MAT.pdf": Mat, "12-BC-CAT (Mật).pdf": Mat, "TOI_MAT_12-BC.docx": ToiMat,
		"mat_12-BC.pdf": Mat, "Báo cáo tháng 5 - MẬT": Mat, "MẬT BÁO CÁO TÌNH HÌNH": Mat, "Tuyet mat: phuong an": TuyetMat, "TÀI LIỆU MẬT: phương án": Mat,

		"Bảo mật thông tin": "", "V/v bảo vệ bí mật nhà nước": "", "Mật độ dân số": "", "MẬT ĐỘ DÂN SỐ": "", "Mật khẩu thư điện tử": "", "giai_phong_mat_bang.pdf": "",
		"quy_che_bao_mat.pdf": "", "mat_bang_quy_hoach.pdf": "", "Mặt bằng.pdf": "", "Mất điện": "", "[Mất tài liệu]": "", "thong_bao_mat_dien.pdf": "",
		"V/v khẩn trương": "", "QUY-CHE-BAO-MAT.pdf": "", "bao-mat-12.pdf": "", "bí_mật_12.pdf": "",
	} {
		for _, s := range []string{in, norm.NFD.String(in)} {
			if got, evidence := SecretInName(s); got != want || (got != "") != (evidence != "") {
				t.Errorf("%q: got %q (%q), want %q", s, got, evidence, want)
			}
		}
	}
}

func TestUrgencyInName(t *testing.T) {
	for in, want := range map[string]Urgency{
		"[KHẨN] họp": Khan, "HỎA TỐC: ứng phó bão": HoaToc, "HOẢ TỐC V/v": HoaToc, "Hoa toc - cong dien 10": HoaToc, "Thượng khẩn: báo cáo": ThuongKhan,
		"10-CD-UBND_HOA_TOC.pdf": HoaToc, "[Mật, Khẩn] báo cáo": Khan, "HỎA TỐC HẸN GIỜ - công điện": HoaToc, "KHẨN Báo cáo": Khan,
		"Khẩn trương triển khai": "", "KHẨN TRƯƠNG TRIỂN KHAI": "", "kho_khan.pdf": "", "Khẩn cấp": "", "khan hiếm vật tư": "", "Khăn quàng": "",
	} {
		if got, _ := UrgencyInName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestMarksInText(t *testing.T) {
	for in, want := range map[string]Secrecy{
		"UBND TỈNH\nSố: 12/BC-UBND\nMẬT\n": Mat, "CÔNG AN TỈNH\n  TỐI MẬT  \nSố: 1": ToiMat, "a\n[TUYỆT MẬT]\nb": TuyetMat, "x\nM Ậ T\ny": Mat,
		"Độ mật: Tối mật\nx": ToiMat, "MẬT        Hà Nội, ngày 5": Mat, "UBND | MẬT |": Mat, "MẬT - HỎA TỐC\n": Mat, "MẬT KHẨN\n": Mat, "MAT\n": Mat,
		"A\n\nmật\n\nB": Mat,

		"bảo\nmật\nthông tin": "", "bảo vệ bí mật nhà nước": "", "Độ mật: Thường": "", "Độ mật\n": "", "MẶT\n": "", "MẤT\n": "", "Văn bản mật phải gửi riêng": "",
		"1. Mật khẩu": "", "": "",
	} {
		for _, s := range []string{in, norm.NFD.String(in)} {
			if got, _ := SecretMark(s); got != want {
				t.Errorf("%q: got %q, want %q", s, got, want)
			}
		}
	}
	if got, evidence := UrgencyMark("UBND TỈNH\nSố: 1/CĐ-UBND\nHOẢ TỐC\n"); got != HoaToc || evidence != "HOẢ TỐC" {
		t.Errorf("%q, %q", got, evidence)
	}
	if got, _ := UrgencyMark("Đề nghị khẩn trương\nkhẩn\ntrương"); got != "" {
		t.Errorf("%q", got)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Hoả  tốc": "hoa toc", "HỎA TỐC": "hoa toc", "Uỷ ban": "uy ban", "Ủy ban": "uy ban", "Đà Nẵng": "da nang", "Ðà": "da", "A – B": "a - b",
		norm.NFD.String("Nguyễn Thị Thuỷ"): "nguyen thi thuy", "": "", "\u00a0x\u200b\u00ad ": "x", "Ж1": "ж1",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestTypes(t *testing.T) {
	named := 0
	for _, x := range Types() {
		if x.Kind == Named || x.Kind == Letter {
			named++
		}
		if got, ok := TypeByName(x.Name); !ok || got != x {
			t.Errorf("%s: %+v", x.Name, got)
		}
		if got, ok := TypeByAbbreviation(x.Abbreviation); x.Abbreviation != "" && (!ok || got != x) {
			t.Errorf("%s: %+v", x.Abbreviation, got)
		}
	}
	if named != 29 {
		t.Errorf("%d types, NĐ 30/2020 Điều 7 names 29", named)
	}
	for abbr, want := range map[string]string{"QĐ": "Quyết định", "QyĐ": "Quy định", "TTR": "Tờ trình", "HĐ": "Hợp đồng", "HD": "Hướng dẫn", "XX": "", "HĐND": ""} {
		if got, _ := TypeByAbbreviation(abbr); got.Name != want {
			t.Errorf("%s: %q, want %q", abbr, got.Name, want)
		}
	}
	if got, ok := TypeByName("lịch công tác"); !ok || got.Abbreviation != "LCT" {
		t.Errorf("%+v", got)
	}
}
