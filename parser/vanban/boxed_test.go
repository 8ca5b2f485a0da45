package vanban

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

const boxedHead = "CÔNG AN TỈNH QUẢNG TRỊ\nPHÒNG THAM MƯU\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nSố: 12/BC-PV01\nQuảng Trị, ngày 05 tháng 4 năm 2019\n\n" +
	"{mark}\n\nBÁO CÁO\nKết quả công tác quý I năm 2019\n\nKính gửi: Giám đốc Công an tỉnh.\n\nPhòng Tham mưu báo cáo như sau.\n"

func boxed(mark string) string { return strings.ReplaceAll(boxedHead, "{mark}", mark) }

// What OCR makes of a mark in its box.
var seenMarksCases = map[string]Secrecy{
	"MẬT": Mat, "[MẬT]": Mat, "| MẬT |": Mat, "M ẬT": Mat, "MẬ T": Mat, "MẠT": Mat, "MÂT": Mat, "MAT": Mat, "MẶT": Mat, "MÃT": Mat, "MẦT": Mat, "M4T": Mat, "MẬT.": Mat, "\"MẬT\"": Mat, "I MẬT I": Mat, "IMẬTI": Mat,
	"l MẬT": Mat, "MẬT ]": Mat, "[ MẠT": Mat, "— MẬT —": Mat, "Độ mật: MẬT": Mat,
	"MẬT Quảng Trị, ngày 05 tháng 4 năm 2019": Mat, "MẠT Độc lập - Tự do - Hạnh phúc": Mat,
	"TỐI MẬT": ToiMat, "TÓI MẬT": ToiMat, "TÔI MẬT": ToiMat, "TOI MAT": ToiMat, "T0I MẬT": ToiMat, "TỐIMẬT": ToiMat, "TỐI MẶT": ToiMat, "TỐ1 MẬT": ToiMat, "TỎI MẠT": ToiMat, "[TỐI MẬT": ToiMat, "TỐI MẬI": ToiMat, "TÓL MẬT": ToiMat,
	"TUYỆT MẬT": TuyetMat, "TUYÊT MẬT": TuyetMat, "TUYET MAT": TuyetMat, "TUYỆT MẶT": TuyetMat, "TUYỆTMẬT": TuyetMat, "TUYỆI MẬT": TuyetMat, "| TUYẸT MẠT |": TuyetMat,
}

func TestSecretOnPage(t *testing.T) {
	for mark, want := range seenMarksCases {
		for _, text := range []string{boxed(mark), norm.NFD.String(boxed(mark)), mark + "\n" + boxed("")} {
			if got, evidence := SecretOnPage(text); got != want || evidence == "" {
				t.Errorf("%q: %q by %q", mark, got, evidence)
			}
		}
		layer, seen := ReadPages([]Page{{Text: boxed(mark), OCR: true, Confidence: 0.8}})
		if seen.DoMat != want || layer.DoMat != "" || seen.Sources[fieldDoMat].From != FromOCR || seen.Sources[fieldDoMat].Confidence > 0.8 {
			t.Errorf("%q read as %q: %+v", mark, seen.DoMat, seen.Sources[fieldDoMat])
		}
	}
	for mark, want := range map[string]Urgency{"KHẨN": Khan, "KHÂN": Khan, "KHAN": Khan, "THƯỢNG KHẨN": ThuongKhan, "THUONG KHẤN": ThuongKhan, "HỎA TỐC": HoaToc, "HOẢ TÓC": HoaToc, "H0A TỐC": HoaToc, "[HOA TOC]": HoaToc} {
		if _, seen := ReadPages([]Page{{Text: boxed(mark), OCR: true, Confidence: 0.8}}); seen.DoKhan != want || seen.DoMat != "" {
			t.Errorf("%q read as %q", mark, seen.DoKhan)
		}
	}
}

// Lines that are no marks, wherever OCR breaks them.
var noSeenMarks = []string{
	"", "BẢO VỆ BÍ MẬT NHÀ NƯỚC", "BẢO\nMẬT KHẨU", "CÔNG TÁC BẢO MẬT THÔNG TIN", "GIẢI PHÓNG\nMẶT BẰNG", "MẶT\nBẰNG", "RĂNG HÀM\nMẶT", "KHOA\nMẮT", "MẮT", "MẤT", "BỆNH VIỆN MẮT", "MẶT TRẬN TỔ QUỐC", "HÒA LỘC",
	"XÃ HÒA LỘC", "HÓA LỘC", "TỔ I", "TOÀN", "MÃ", "KHẨN TRƯƠNG", "KHOÁN", "TUYẾT", "bí\nmật\nnhà nước", "mặt", "tôi mất", "bí\nmật", "đề nghị giữ bí mật", "TÓM TẮT", "Mật khẩu:", "THƯỢNG HẢI", "TÔI ĐI", "KHANH", "MAI", "MINH",
}

func TestNoMarkOnPage(t *testing.T) {
	for _, line := range noSeenMarks {
		text := strings.Replace(boxed(line), "BÁO CÁO\n", "KẾ HOẠCH\n", 1)
		if got, evidence := SecretOnPage(text); got != "" {
			t.Errorf("%q: %q by %q", line, got, evidence)
		}
		if _, seen := ReadPages([]Page{{Text: text, OCR: true, Confidence: 0.9}}); seen.DoMat != "" || seen.DoKhan != "" {
			t.Errorf("%q: %q %q", line, seen.DoMat, seen.DoKhan)
		}
	}
}

// realHeads are the heads and tails of real documents, none of which bears a mark.
func realHeads(t *testing.T) []string {
	f, err := os.Open("../../../shared/corpus/documents-dev.jsonl")
	if err != nil {
		absent(t, err)
	}
	defer func() { _ = f.Close() }()
	var all []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			Text string `json:"raw_text"`
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Text)
	}
	if len(all) < 100 {
		t.Fatalf("%d heads", len(all))
	}
	return all
}

func TestNoMarkOnRealHeads(t *testing.T) {
	for _, text := range realHeads(t) {
		pages := []string{text, strings.ToUpper(text), plain(text)}
		for _, page := range pages {
			if got, evidence := SecretOnPage(page); got != "" {
				t.Errorf("%q by %q in %.80q", got, evidence, page)
			}
		}
		if _, seen := ReadPages([]Page{{Text: text, OCR: true, Confidence: 0.9}}); seen.DoMat != "" || seen.DoKhan != "" {
			t.Errorf("%q %q in %.80q", seen.DoMat, seen.DoKhan, text)
		}
	}
}

// plain drops all accents and keeps the case, as OCR without Vietnamese does.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r >= 0x300 && r <= 0x36f:
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// absent ends a test whose shared data lie not beside the repository: skipped, or failed where nothing may be missing.
func absent(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", what)
	}
	t.Skipf("not here: %v", what)
}
