package vanban

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// markedNames are subjects and file names that bear a mark, wherever the writer put it.
var markedNames = map[string]Secrecy{
	// among other words, in capitals
	"70/SNV-VP TỐI MẬT ZZSECRETSUBJ":                ToiMat,
	"70/SNV-VP TUYỆT MẬT kế hoạch":                  TuyetMat,
	"70/SNV-VP kế hoạch TỐI MẬT":                    ToiMat,
	"70/SNV-VP MẬT báo cáo":                         Mat,
	"70/SNV-VP MẬT":                                 Mat,
	"70/SNV-VP MẬT BÁO CÁO":                         Mat,
	"Gửi kế hoạch TUYỆT MẬT tới Sở Nội vụ":          TuyetMat,
	"Báo cáo MẬT tháng 5":                           Mat,
	"Công văn độ MẬT về công tác cán bộ":            Mat,
	"Công văn độ TỐI MẬT về công tác cán bộ":        ToiMat,
	"CÔNG VĂN ĐỘ TUYỆT MẬT VỀ CÔNG TÁC CÁN BỘ":      TuyetMat,
	"KẾ HOẠCH TỐI MẬT VỀ PHÒNG THỦ KHU VỰC":         ToiMat,
	"BÁO CÁO TÌNH HÌNH BIÊN GIỚI MẬT":               Mat,
	"12/KH-CAT KẾ HOẠCH MẬT":                        Mat,
	"V/v MẬT danh sách cán bộ cử đi":                Mat,
	"gửi anh tài liệu MẬT":                          Mat,
	"Thông báo MẬT gửi các phòng":                   Mat,
	"Fwd: 70/SNV-VP MẬT":                            Mat,
	"RE: RE: kế hoạch diễn tập TỐI MẬT (bản cuối)":  ToiMat,
	"Tài liệu họp, TỐI MẬT, gửi riêng":              ToiMat,
	"TỐI MẬT! xin xem tệp kèm":                      ToiMat,
	"🔴 TUYỆT MẬT phương án A":                       TuyetMat,
	"kế hoạch TỐI-MẬT tháng 5":                      ToiMat,
	"kế hoạch TỐI  MẬT tháng 5":                     ToiMat,
	"kế hoạch TỐIMẬT tháng 5":                       ToiMat,
	"kế hoạch Tối MẬT tháng 5":                      ToiMat,
	"báo cáo TỐI MÂT":                               ToiMat,
	"MẬT: TUYỆT MẬT phương án":                      TuyetMat,
	"Xin ý kiến dự thảo \"TỐI MẬT\"":                ToiMat,
	"Về việc giao nhận tài liệu – TUYỆT MẬT – số 4": TuyetMat,
	"Phương án MẬT, KHẨN của Công an tỉnh":          Mat,
	"Gửi văn bản MẬT số 14/CAT-PV01":                Mat,
	"kế hoạch TỐI\u200eMẬT":                         ToiMat,
	"kế hoạch TỐI\u200bMẬT":                         ToiMat,
	"kế hoạch T\u200bỐI M\u200bẬT":                  ToiMat,
	"kế hoạch TỐI\u00a0MẬT":                         ToiMat,
	"70/SNV-VP\u00a0TUYỆT\u00a0MẬT\u00a0kế hoạch":   TuyetMat,
	"kế hoạch TUYỆT\u2003MẬT":                       TuyetMat,
	"kế hoạch TỐI\u202fMẬT":                         ToiMat,
	"kế hoạch\u3000MẬT\u3000tháng 5":                Mat,
	"\ufeffMẬT báo cáo":                             Mat,

	// numbers, labels, words that open the line: in any letters
	"Công văn mật số 12/CAT-PV01":           Mat,
	"công văn mật số: 12/CAT-PV01":          Mat,
	"Gửi Kế hoạch tối mật số 05/KH-BCH":     ToiMat,
	"tuyệt mật số 01/PA-BCH":                TuyetMat,
	"Trả lời công văn tối mật số 33/CAT":    ToiMat,
	"CV mật số 7":                           Mat,
	"Công văn mật V/v bố trí lực lượng":     Mat,
	"Công văn mật về việc bố trí lực lượng": Mat,
	"Báo cáo mật":                           Mat,
	"Độ mật: Tối mật. Kế hoạch diễn tập":    ToiMat,
	"Kế hoạch diễn tập (độ mật: mật)":       Mat,
	"kế hoạch, mức độ mật: tuyệt mật":       TuyetMat,
	"Mức độ: Tối mật; gửi Sở Nội vụ":        ToiMat,
	"Kế hoạch Tối mật về diễn tập":          ToiMat,
	"Phương án Tuyệt Mật của Ban Chỉ huy":   TuyetMat,
	"Gửi công văn Mật của Công an tỉnh":     Mat,
	"Hồ sơ độ Mật gửi Thanh tra":            Mat,

	// urgency or number between the document and the mark, small letters, spaced and wide letters
	"Công điện hỏa tốc mật số 5/CĐ-UBND":                   Mat,
	"Công văn khẩn mật số 12":                              Mat,
	"Công điện hỏa tốc, mật về bão số 4":                   Mat,
	"Công văn số 12/SNV-VP mật":                            Mat,
	"Công văn số 12/SNV-VP ngày 5/6/2019 mật về cán bộ":    Mat,
	"gửi tài liệu tối mật":                                 ToiMat,
	"tài liệu tối mật kế hoạch":                            ToiMat,
	"xin ý kiến phương án tuyệt mật của tỉnh":              TuyetMat,
	"V/v bảo vệ bí mật nhà nước, gửi kèm kế hoạch tối mật": ToiMat,
	"Kính gửi công văn mật của Công an tỉnh":               Mat,
	"BÁO CÁO MẬT VỀ NHÂN SỰ":                               Mat,
	"KÍNH GỬI CÔNG VĂN MẬT CỦA CÔNG AN TỈNH":               Mat,
	"ＭẬＴ báo cáo":                                          Mat,
	"kế hoạch ＴỐＩ ＭẬＴ":                                     ToiMat,
	"Báo cáo M.Ậ.T tháng 5":                                Mat,
	"Báo cáo M-Ậ-T":                                        Mat,
	"M.Ậ.T. báo cáo":                                       Mat,
	"kế hoạch T.Ố.I M.Ậ.T tháng 5":                         ToiMat,
	"kế hoạch T-U-Y-Ệ-T-M-Ậ-T":                             TuyetMat,
	"12_BC_M.Ậ.T.pdf":                                      Mat,

	// without accents
	"70/SNV-VP TOI MAT ke hoach":  ToiMat,
	"ke hoach TUYET MAT thang 5":  TuyetMat,
	"KE HOACH TOI MAT":            ToiMat,
	"KE HOACH DIEN TAP - TOI MAT": ToiMat,
	"PHUONG AN TUYET MAT BAO VE":  TuyetMat,
	"bao cao MAT thang 5":         Mat,
	"cong van mat so 12/CAT":      Mat,
	"Cong van toi mat so 12/CAT":  ToiMat,
	"Do mat: Toi mat - ke hoach":  ToiMat,

	// file names
	"70_SNV-VP_TỐI_MẬT_kế_hoạch.pdf":     ToiMat,
	"Kế hoạch TUYỆT MẬT 2019.docx":       TuyetMat,
	"ke_hoach_TOI_MAT_2019.pdf":          ToiMat,
	"ke-hoach-TUYET-MAT-2019.signed.pdf": TuyetMat,
	"KE HOACH TUYET MAT 2019.pdf":        TuyetMat,
	"Bao_cao_MAT_thang_5.pdf":            Mat,
	"Báo cáo MẬT tháng 5 (1).docx":       Mat,
	"12-BC-CAT MẬT.pdf":                  Mat,
	"KẾ HOẠCH MẬT.pdf":                   Mat,
	"cong_van_mat_so_12.pdf":             Mat,
	"thư mục/Công văn mật số 12.pdf":     Mat,
	"a.TUYỆT.MẬT.zip":                    TuyetMat,
}

// unmarkedNames speak of secrecy, or only look like it.
var unmarkedNames = []string{
	"Tập huấn công tác bảo vệ bí mật nhà nước", "Về việc bảo mật thông tin", "CÔNG TÁC BẢO MẬT", "Mặt trận", "MẶT TRẬN TỔ QUỐC", "MAT TRAN TO QUOC",
	"QUY ĐỊNH VỀ BẢO VỆ BÍ MẬT NHÀ NƯỚC", "V/v triển khai Luật Bảo vệ bí mật nhà nước", "TĂNG CƯỜNG BẢO VỆ BÍ MẬT NHÀ NƯỚC NĂM 2019",
	"QUY CHẾ QUẢN LÝ VĂN BẢN MẬT", "Quy chế quản lý văn bản mật", "V/v hướng dẫn soạn thảo văn bản mật trên máy tính", "Xử lý tài liệu tối mật, tuyệt mật",
	"Danh mục bí mật nhà nước độ Tối mật ngành Nội vụ", "Danh mục bí mật nhà nước độ Mật", "Xác định độ mật của văn bản", "XÁC ĐỊNH ĐỘ MẬT VĂN BẢN",
	"Tập huấn BẢO MẬT thông tin cho cán bộ", "BẢO MẬT email", "Hệ thống BÍ MẬT đời tư", "An toàn, BẢO MẬT và chứng thực chữ ký số",
	"Cấp lại MẬT KHẨU thư điện tử công vụ", "Đổi mật khẩu", "MẬT KHẨU HỆ THỐNG", "Mật độ xây dựng", "MẬT ĐỘ DÂN SỐ NĂM 2019", "Điều tra MẬT ĐỘ dân số",
	"Ban Cơ yếu: quản lý MẬT MÃ dân sự", "Luật Cơ yếu và mật mã dân sự", "Xuất khẩu MẬT ONG", "giá mật ong quý I", "Thông báo mật khẩu mới",
	"Phẫu thuật sỏi mật", "Khám SỎI MẬT miễn phí cho người cao tuổi", "Bữa cơm thân mật", "Gặp mặt đầu xuân", "GẶP MẶT ĐẦU XUÂN", "GAP MAT DAU XUAN",
	"Thông báo mất con dấu", "THÔNG BÁO MẤT CON DẤU", "Báo cáo mất số tiền 12 triệu", "thong bao mat dien", "Giải phóng mặt bằng", "GIAI PHONG MAT BANG",
	"Có mặt lúc 7 giờ", "Bề mặt đường số 5", "Vắng mặt số 12", "Vào buổi tối mặt trời lặn", "tối mắt tối mũi", "Ông Trần Văn Mật nghỉ hưu", "UBND xã Mật Sơn",
	"Kế hoạch bảo mật số 12/KH-STTTT", "Báo cáo an toàn, bảo mật số 5", "Báo cáo công tác bảo vệ bí mật số 4/BC-SNV", "Độ mật: Thường", "Độ mật:", "Độ mật: không",
	"quy_che_bao_mat.pdf", "QUY_CHE_BAO_MAT.pdf", "QUY CHẾ BẢO MẬT.docx", "bao_ve_bi_mat_nha_nuoc.pdf", "mat_bang_quy_hoach.dwg", "thong_bao_mat_dien.pdf",
	"GPMB_mat_duong_QL9.pdf", "so-lieu-mat-do.xlsx", "MATRIX.xlsx", "format.docx", "Automat TOIMATIC.pdf", "Điều trị Methadone (chương trình MAT) cho người nghiện",
	"Quản lý các tài liệu mật, tối mật và tuyệt mật", "Tiêu hủy văn bản tối mật", "BÁO CÁO MẤT CON DẤU", "Báo cáo M.Ặ.T", "Công văn khẩn mật khẩu",
	"Công văn số 12/SNV-VP mật khẩu", "Hồ sơ Mật Sơn", "uống mỗi tối mật ong", "Danh mục bí mật nhà nước thuộc độ Tuyệt mật, Tối mật và Mật",
	"DANH SÁCH CÁN BỘ MẶT TRẬN", "Tôi mất giấy tờ", "Tiệm cà phê Tuyệt mắt", "MẬT VỤ trong phim tài liệu", "Mật thư trò chơi trại hè", "HỌP MẶT", "",
}

// markedTexts bear a mark in a text, outside the head's own line too.
var markedTexts = map[string]Secrecy{
	"Kính gửi Sở,\n\nXã gửi kèm văn bản TỐI MẬT kèm theo thư này.\n":                                    ToiMat,
	"Kính gửi Sở,\nGửi phương án TUYỆT MẬT như đã trao đổi.\n":                                          TuyetMat,
	"Xin gửi văn bản TỐI\nMẬT kèm theo.\n":                                                              ToiMat,
	"Xin gửi văn bản TỐI\u00a0MẬT kèm theo.\n":                                                          ToiMat,
	"XIN GỬI VĂN BẢN TUYỆT MẬT KÈM THEO THƯ NÀY":                                                        TuyetMat,
	"Xin gui van ban TOI MAT kem theo.\n":                                                               ToiMat,
	"Xin gui phuong an (TUYET MAT) kem theo.\n":                                                         TuyetMat,
	"Gửi kèm công văn MẬT của Công an tỉnh.\n":                                                          Mat,
	"Văn bản kèm theo là MẬT, đề nghị không chuyển tiếp.\n":                                             Mat,
	"Gửi kèm Công văn mật số 12/CAT-PV01.\n":                                                            Mat,
	"Kèm theo công văn tối mật số 12/CAT-PV01.\n":                                                       ToiMat,
	"Văn bản này có độ mật: Tối mật, đề nghị quản lý theo quy định.\n":                                  ToiMat,
	"- Số: 12/CAT\n- Mức độ mật: mật\n":                                                                 Mat,
	"Do mat: Tuyet mat\nSo: 12":                                                                         TuyetMat,
	"Tên: A\nĐộ mật   Tối mật   5 bản\n":                                                                ToiMat,
	"Tên: A\nĐộ mật - Mật, 5 bản\n":                                                                     Mat,
	"Tên: A\nĐộ mật\tTuyệt mật, 5 bản\n":                                                                TuyetMat,
	"Xin gửi tài liệu thuộc độ Tối mật để các anh xem.\n":                                               ToiMat,
	"Gửi kèm công văn M.Ậ.T của Công an tỉnh.\n":                                                        Mat,
	"Xin gửi văn bản ＴỐＩ ＭẬＴ kèm theo.\n":                                                               ToiMat,
	"Gửi kèm Công điện hỏa tốc mật số 5/CĐ-UBND hôm nay.\n":                                             Mat,
	"STT | Tên | TỐI MẬT 2 bản":                                                                         ToiMat,
	"Sau 30 dòng\n" + strings.Repeat("nội dung\n", 200) + "đóng dấu TỐI MẬT":                            ToiMat,
	strings.Repeat("đơn vị báo cáo kết quả thực hiện nhiệm vụ. ", 3000) + "tài liệu TUYỆT MẬT kèm theo": TuyetMat,
	strings.Repeat("đơn vị báo cáo kết quả.\n", 3000) + "gửi kèm văn bản MẬT của Bộ":                    Mat,
}

var unmarkedTexts = []string{
	"Đề nghị các đơn vị bảo mật thông tin, không tiết lộ mật khẩu.", "Công tác BẢO MẬT được tăng cường.", "QUY ĐỊNH VỀ BẢO VỆ BÍ MẬT NHÀ NƯỚC\nĐiều 1. Phạm vi",
	"Bí mật nhà nước thuộc độ Tối mật do Bộ trưởng quy định.", "Xác định độ mật - khẩn của văn bản", "Độ mật   Thường   5 bản", "Độ mật - không",
	"Văn bản tối mật phải gửi riêng theo quy định.", "Tài liệu mật, tối mật và tuyệt mật được lưu riêng.", "Bí mật nhà nước gồm độ Tuyệt mật, Tối mật và Mật.",
	"Căn cứ Công văn mật số 12/CAT-PV01 ngày 2/3/2019;", "Mật khẩu của tài khoản là 123456", "MẬT KHẨU: 123456\nTên: a", "Độ mật: Thường\n", "Độ mật: ............\n",
	"MẶT TRẬN TỔ QUỐC VIỆT NAM\nTỈNH QUẢNG TRỊ", "MAT TRAN TO QUOC VIET NAM\nTINH QUANG TRI", "Anh chị em gặp mặt vào buổi tối\nmặt trời đã lặn",
	"HỌ TÊN: TRẦN VĂN MẬT\nCHỨC VỤ: PHÓ CHỦ TỊCH", "Thư này có thể chứa thông tin bí mật; nếu nhận nhầm xin xóa.", "Cấp lại MẬT MÃ cho văn thư.", "sản phẩm MẬT ONG rừng",
	strings.Repeat("đơn vị báo cáo kết quả.\n", 3000) + "các văn bản đóng dấu mật, công văn mật số 12 đã được lưu", "TOI MAT GIAY TO O CHO, AI NHAT DUOC XIN LIEN HE", "",
}

// spellings are forms of one text that mean the same to a reader.
func spellings(s string) map[string]string {
	nbsp := strings.Map(func(r rune) rune {
		if r == ' ' {
			return 0xa0
		}
		return r
	}, s)
	zero := strings.ReplaceAll(norm.NFC.String(s), "T", "\u200bT")
	return map[string]string{"NFC": norm.NFC.String(s), "NFD": norm.NFD.String(s), "nbsp": nbsp, "zero-width": zero}
}

func TestSecretMarksAmongWords(t *testing.T) {
	if len(markedNames)+len(markedTexts) < 60 || len(unmarkedNames)+len(unmarkedTexts) < 60 {
		t.Fatal("the tables are too short to mean anything")
	}
	check := func(kind, in string, want Secrecy, read func(string) (Secrecy, string)) {
		for form, s := range spellings(in) {
			got, evidence := read(s)
			if got != want || (got == "") != (evidence == "") {
				t.Errorf("%s %q (%s): got %q (%q), want %q", kind, excerpt(in), form, got, evidence, want)
			}
			if len([]rune(evidence)) > 24 {
				t.Errorf("%s %q: the evidence %q holds more than the mark", kind, excerpt(in), evidence)
			}
		}
	}
	for in, want := range markedNames {
		check("name", in, want, SecretInName)
	}
	for _, in := range unmarkedNames {
		check("name", in, "", SecretInName)
	}
	for in, want := range markedTexts {
		check("text", in, want, SecretMark)
		if d := ReadText(in); d.DoMat != want {
			t.Errorf("text %q: ReadText gives %q, want %q", excerpt(in), d.DoMat, want)
		}
	}
	for _, in := range unmarkedTexts {
		check("text", in, "", SecretMark)
	}
}

// What the tripwire finds in a subject or a file's name, the document has too: nothing may quote it.
func TestReadersSeeTheTripwire(t *testing.T) {
	for in, want := range markedNames {
		if d := ReadSubject(in); !strings.Contains(in, ".") && d.DoMat != want {
			t.Errorf("subject %q: %q, want %q", in, d.DoMat, want)
		}
	}
}

// A subject longer than any real one hides no mark, and costs no more than its length.
func TestMarkBehindManyWords(t *testing.T) {
	for at := 1900; at < 2100; at++ {
		if got, _ := SecretInName(strings.Repeat("a ", at/2) + "kế hoạch TỐI MẬT" + strings.Repeat(" a", 500)); got != ToiMat {
			t.Fatalf("at %d: %q", at, got)
		}
	}
	for _, s := range []string{"Mật ", "_mật_", "TỐI MẬT độ ", "công văn mật số x ", "m", "MẬT\n", "ĐỘ MẬT KHẨU", "mật|"} {
		long := strings.Repeat(s, 40_000/len(s)) // quadratic work would take minutes
		SecretInName(long)
		SecretMark(long)
		UrgencyMark(long)
	}
}

// Words that merely stand before or after a mark never hide it.
func TestTwoWordMarkInAnyPlace(t *testing.T) {
	fills := []string{"", "kế hoạch", "KẾ HOẠCH", "70/SNV-VP", "về việc bảo mật", "Bí mật", "(", "- ", "số 5", "ĐỘ", "của UBND tỉnh", "a_b", "…"}
	for _, before := range fills {
		for _, after := range fills {
			for _, mark := range []string{"TỐI MẬT", "TUYỆT MẬT"} {
				s := strings.TrimFunc(fmt.Sprintf("%s %s %s", before, mark, after), unicode.IsSpace)
				if got, _ := SecretInName(s); got == "" {
					t.Errorf("name %q: no mark", s)
				}
				if got, _ := SecretMark("Kính gửi Sở,\n" + s + "\nTrân trọng"); got == "" {
					t.Errorf("text %q: no mark", s)
				}
			}
		}
	}
}

func TestUrgencyAmongWords(t *testing.T) {
	for in, want := range map[string]Urgency{
		"70/SNV-VP KHẨN báo cáo": Khan, "70/SNV-VP họp KHẨN chiều nay": Khan, "Công điện HỎA TỐC về bão số 4": HoaToc, "70/SNV-VP HOẢ TỐC": HoaToc,
		"báo cáo THƯỢNG KHẨN tình hình": ThuongKhan, "CÔNG ĐIỆN HỎA TỐC VỀ BÃO SỐ 4": HoaToc, "70/SNV-VP KHẨN": Khan, "Công điện khẩn số 10/CĐ-UBND": Khan,
		"Công điện hỏa tốc số 10/CĐ-UBND": HoaToc, "Giấy mời họp (KHẨN)": Khan, "bao cao HOA TOC tinh hinh": HoaToc, "bao_cao_THUONG_KHAN_5.pdf": ThuongKhan,
		"họp\u00a0HỎA\u00a0TỐC\u00a0về bão": HoaToc, "Công điện khẩn về ứng phó bão": Khan, "Độ khẩn: Thượng khẩn; báo cáo": ThuongKhan,

		"khẩn trương triển khai": "", "V/v KHẨN TRƯƠNG báo cáo số liệu": "", "đề nghị khẩn trương": "", "tình trạng khẩn cấp": "", "TÌNH TRẠNG KHẨN CẤP": "",
		"báo cáo khó khăn": "", "KHÓ KHĂN, VƯỚNG MẮC": "", "KHAN HIẾM vật tư": "", "dân tộc số 5": "", "Cao tốc Cam Lộ": "", "TỐC ĐỘ TĂNG TRƯỞNG": "", "đất KHAI KHẨN": "",
	} {
		for form, s := range spellings(in) {
			if got, _ := UrgencyInName(s); got != want {
				t.Errorf("%q (%s): got %q, want %q", in, form, got, want)
			}
		}
		if d := ReadSubject(in); !strings.Contains(in, ".pdf") && d.DoKhan != want {
			t.Errorf("subject %q: %q, want %q", in, d.DoKhan, want)
		}
	}
	for in, want := range map[string]Urgency{"Đề nghị xử lý HỎA TỐC công điện này.": HoaToc, "Đề nghị khẩn trương xử lý.": "", "Gửi công văn KHẨN của tỉnh.": Khan} {
		if got, _ := UrgencyMark(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Real heads bear no mark of secrecy but the ones that are labelled; the tripwire must leave them alone.
func TestNoFalseMarksOnRealHeads(t *testing.T) {
	data, err := os.ReadFile("../../../shared/corpus/documents-dev.jsonl")
	if err != nil {
		absent(t, err)
	}
	read := 0
	for line := range strings.Lines(string(data)) {
		var c struct {
			ID   string `json:"id"`
			Text string `json:"raw_text"`
			Gold struct {
				DoMat    *string `json:"do_mat"`
				DoKhan   *string `json:"do_khan"`
				TrichYeu *string `json:"trich_yeu"`
			} `json:"gold"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		read++
		if got, evidence := SecretMark(c.Text); got != "" && (c.Gold.DoMat == nil || *c.Gold.DoMat == "") {
			t.Errorf("%s: %q from %q", c.ID, got, evidence)
		}
		if d := ReadText(c.Text); d.DoKhan != "" && (c.Gold.DoKhan == nil || *c.Gold.DoKhan == "") {
			t.Errorf("%s: urgency %q from %q", c.ID, d.DoKhan, d.Sources["do_khan"].Evidence)
		}
		if c.Gold.TrichYeu == nil {
			continue
		}
		for _, s := range []string{*c.Gold.TrichYeu, strings.ToUpper(*c.Gold.TrichYeu), Fold(*c.Gold.TrichYeu), strings.ToUpper(Fold(*c.Gold.TrichYeu))} {
			if got, evidence := SecretInName(s); got != "" {
				t.Errorf("%s as subject: %q from %q", c.ID, got, evidence)
			}
			if got, evidence := UrgencyInName(s); got != "" {
				t.Errorf("%s as subject: %q from %q", c.ID, got, evidence)
			}
		}
	}
	if read == 0 {
		t.Error("the corpus is empty")
	}
}

func excerpt(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:40]) + " … " + string(r[len(r)-50:])
	}
	return s
}
