package vanban

import (
	"slices"
	"testing"
)

// What is answered or carried out is listed apart from the document's own number.
func TestAnswersInSubject(t *testing.T) {
	for in, want := range map[string][]string{
		"Trả lời Công văn số 45/UBND-TH ngày 2/3/2019":                                              {"45/UBND-TH"},
		"12/BC-UBND báo cáo thực hiện Công văn số 45/UBND-TH":                                       {"45/UBND-TH"},
		"(21/SNV-CCVC) V/v phúc đáp CV 45/UBND-TH và Công văn số 46/UBND-TH ngày 3/3/2019":          {"45/UBND-TH", "46/UBND-TH"},
		"V/v góp ý dự thảo theo Công văn số 45/UBND-TH":                                             {"45/UBND-TH"},
		"V/v thực hiện ý kiến chỉ đạo của Chủ tịch UBND tỉnh tại Thông báo số 15/TB-UBND":           {"15/TB-UBND"},
		"V/v trả lời kiến nghị tại Công văn số 45/UBND-TH về việc thực hiện Kế hoạch số 12/KH-UBND": {"45/UBND-TH"},
		"Phản hồi Công văn số: 08-CV/HU ngày 01/4/2019 của Huyện ủy":                                {"08-CV/HU"},
		"V/v triển khai Kế hoạch số 12/KH-UBND, Kế hoạch số 13/KH-UBND":                             {"12/KH-UBND", "13/KH-UBND"},
		"Trả lời: 45/UBND-TH: mời họp":                                                              {}, // what a mail program puts before a subject
		"V/v thực hiện Nghị định số 30/2020/NĐ-CP về công tác văn thư":                              {}, // the law asks nobody
		"V/v trả lời Nghị quyết số 05/2019/NQ-HĐND":                                                 {"05/2019/NQ-HĐND"},
		"Quyết định phê duyệt dự toán theo Quyết định số 12/QĐ-UBND":                                {},
		"Xã đã thực hiện nhiệm vụ được giao, nay gửi Báo cáo số 12/BC-UBND":                         {},
		"Công văn số 12/SNV-CCVC về việc báo cáo biên chế":                                          {},
		"Trả lời Công văn số /UBND-TH":                                                              {},
		"V/v trả lời đơn của công dân. Căn cứ Công văn số 45/UBND-TH":                               {},
		"": {},
		"45/UBND-TH V/v trả lời Công văn số 45/UBND-TH": {},
	} {
		d := ReadSubject(in)
		if !slices.Equal(d.TraLoi, want) {
			t.Errorf("%q: got %q, want %q", in, d.TraLoi, want)
		}
		if s := d.Sources["tra_loi"]; (len(want) > 0) != (s.Evidence != "") || len(want) > 0 && s.From != FromSubject {
			t.Errorf("%q: source %+v", in, s)
		}
	}
}

func TestAnswersInText(t *testing.T) {
	const head = "UBND XÃ HẢI BA\n\nSố: 21/UBND-VP\nV/v báo cáo số liệu\n\nHải Ba, ngày 05 tháng 4 năm 2019\n\nKính gửi: Sở Nội vụ.\n\n"
	for body, want := range map[string][]string{
		"Trả lời Công văn số 45/SNV-CCVC ngày 02/3/2019 của Sở Nội vụ về việc rà soát\nbiên chế, UBND xã báo cáo như sau:\nTheo Quyết định số 7/QĐ-UBND":              {"45/SNV-CCVC"},
		"Thực hiện chỉ đạo của UBND huyện tại Công văn\nsố 45/UBND-NV ngày 02/3/2019, UBND xã báo cáo:":                                                               {"45/UBND-NV"},
		"Thực hiện Công văn số 45/UBND-NV ngày 02/3/2019 của UBND huyện và Công văn số 46/PNV ngày 3/3/2019 của Phòng Nội vụ về việc thực hiện Kế hoạch số 1/KH-UBND": {"45/UBND-NV", "46/PNV"},
		"Căn cứ Quyết định số 12/QĐ-UBND ngày 2/3/2019 của UBND huyện;\nUBND xã báo cáo.":                                                                             {},
		"UBND xã đã nhận đủ hồ sơ. Trân trọng.": {},
	} {
		d := ReadText(head + body + "\n\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nTrần Văn Bình\n")
		if d.SoHieu != "21/UBND-VP" || !slices.Equal(d.TraLoi, want) {
			t.Errorf("%q: own number %q, answers %q, want %q", body, d.SoHieu, d.TraLoi, want)
		}
	}
}

func TestAnswersAddUp(t *testing.T) {
	d, _ := Merge(ReadSubject("Trả lời Công văn số 45/UBND-TH"), ReadSubject("Phúc đáp CV 0045/UBND-TH và CV 46/UBND-TH"))
	if !slices.Equal(d.TraLoi, []string{"45/UBND-TH", "46/UBND-TH"}) || d.Sources["tra_loi"].Evidence != "Trả lời Công văn số 45/UBND-TH" {
		t.Errorf("%q, %+v", d.TraLoi, d.Sources["tra_loi"])
	}
	if !d.Correct("tra_loi", "1/A-B; 2/C-D") || !slices.Equal(d.TraLoi, []string{"1/A-B", "2/C-D"}) {
		t.Errorf("corrected: %q", d.TraLoi)
	}
}

// An answer also opens with what was received; who passes it on answers nothing.
func TestReceivedAndAnswered(t *testing.T) {
	const head = "BỘ Y TẾ\nSố: 5/BYT-KCB\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nHà Nội, ngày 05 tháng 01 năm 2026\nV/v chế độ\n\nKính gửi: Sở Y tế.\n\n"
	for text, want := range map[string][]string{
		"Bộ Y tế nhận được Công văn số 1010/SYT-NV ngày 1/11/2025 của Sở Y tế về chế độ. Bộ Y tế trả lời như sau:\n":   {"1010/SYT-NV"},
		"Ngày 3/11/2025, Bộ Y tế nhận được Công văn số 1010/SYT-NV.\nSau khi nghiên cứu, Bộ Y tế có ý kiến như sau:\n": {"1010/SYT-NV"},
		"Bộ Y tế nhận được Công văn số 1010/SYT-NV của Sở Y tế. Chuyển Sở Nội vụ xem xét, giải quyết.\n":               {},
		"Đề nghị báo cáo khi nhận được Công văn số 1010/SYT-NV.\n":                                                     {},
	} {
		if d := ReadText(head + text); !slices.Equal(d.TraLoi, want) {
			t.Errorf("%q: %q", text, d.TraLoi)
		}
	}
}
