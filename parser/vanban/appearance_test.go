package vanban

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// appearanceCases are visible signatures in the layouts of the programs in use.
var appearanceCases = []struct {
	name, text             string
	person, agency, office string
	so, ngay               string
}{
	{name: "VGCA, agency", text: "Ký bởi: Ủy ban nhân dân xã Hải Ba\nEmail: ubnd@haiba.example.vn\nCơ quan: Tỉnh Quảng Trị\nThời gian ký: 12.04.2019 11:39:38 +07:00", agency: "Ủy ban nhân dân xã Hải Ba"},
	{name: "VGCA, person", text: "Người ký: Trần Văn Bình\nEmail: binhtv@example.vn\nCơ quan: Sở Nội vụ, Tỉnh Quảng Trị\nThời gian ký: 12.04.2019 11:39:38 +07:00",
		person: "Trần Văn Bình", agency: "Sở Nội vụ, Tỉnh Quảng Trị"},
	{name: "VNPT-CA", text: "Signature Valid\nKý bởi: SỞ NỘI VỤ TỈNH QUẢNG TRỊ\nKý ngày: 12/04/2019 11:39:38", agency: "SỞ NỘI VỤ TỈNH QUẢNG TRỊ"},
	{name: "VNPT-CA, time on its own lines", text: "Người ký: TRẦN VĂN BÌNH\nNgày ký:\n12/04/2019\n11:39:38", person: "TRẦN VĂN BÌNH"},
	{name: "Viettel-CA", text: "Được ký bởi: CÔNG TY TNHH MỘT THÀNH VIÊN CẤP NƯỚC QUẢNG TRỊ\nNgày ký: 12-04-2019 11:39:38", agency: "CÔNG TY TNHH MỘT THÀNH VIÊN CẤP NƯỚC QUẢNG TRỊ"},
	{name: "Foxit, English", text: "Digitally signed by Trần Văn Bình\nDN: CN=Trần Văn Bình, O=Sở Nội vụ, C=VN\nReason: I am the author\nLocation:\nDate: 2019.04.12 11:39:38+07'00'\nFoxit PDF Reader Version: 11.0.1", person: "Trần Văn Bình"},
	{name: "English, the name below", text: "Digitally signed by\nSở Nội vụ tỉnh Quảng Trị\nDate: 2019.04.12\n11:39:38 +07'00'", agency: "Sở Nội vụ tỉnh Quảng Trị"},
	{name: "wrapped name of an agency", text: "Ký bởi: Ủy ban nhân dân\nxã Hải Ba, huyện Hải Lăng\nThời gian ký: 12.04.2019\n11:39:38 +07:00", agency: "Ủy ban nhân dân xã Hải Ba, huyện Hải Lăng"},
	{name: "wrapped name of an agency in capitals", text: "Ký bởi: UỶ BAN NHÂN DÂN\nTHÀNH PHỐ ĐÔNG HÀ\nNgày ký: 12/04/2019", agency: "UỶ BAN NHÂN DÂN THÀNH PHỐ ĐÔNG HÀ"},
	{name: "wrapped name of a person", text: "Người ký: Nguyễn\nThị Ánh Tuyết\nNgày ký: 12/04/2019", person: "Nguyễn Thị Ánh Tuyết"},
	{name: "label and value on their own lines", text: "Người ký:\nTrần Văn Bình\nChức vụ:\nPhó Giám đốc\nThời gian ký:\n12/04/2019 11:39", person: "Trần Văn Bình", office: "Phó Giám đốc"},
	{name: "office", text: "Ký bởi: Trần Văn Bình\nChức vụ: Phó Giám đốc\nĐơn vị: Sở Nội vụ\nNgày ký: 12/04/2019", person: "Trần Văn Bình", office: "Phó Giám đốc", agency: "Sở Nội vụ"},
	{name: "the person and the seal", text: "Người ký: Trần Văn Bình\nNgày ký: 12/04/2019\nKý bởi: Sở Nội vụ\nEmail: snv@example.vn\nThời gian ký: 12/04/2019", person: "Trần Văn Bình", agency: "Sở Nội vụ"},
	{name: "two persons", text: "Người ký: Trần Văn Bình\nNgày ký: 12/04/2019\nNgười ký: Lê Thị Cúc\nNgày ký: 12/04/2019"},
	{name: "without accents", text: "Nguoi ky: Tran Van Binh\nNgay ky: 12/04/2019", person: "Tran Van Binh"},
	{name: "several on one line", text: "Ký bởi: Sở Nội vụ | Thời gian ký: 12/04/2019 08:00:00", agency: "Sở Nội vụ"},
	{name: "Windows line ends", text: "Ký bởi: Sở Nội vụ\r\nThời gian ký: 12/04/2019 08:00:00\r\n", agency: "Sở Nội vụ"},
	{name: "the number that the office put there", text: "Số: 123/BC-UBND\nQuảng Trị, ngày 05 tháng 4 năm 2019\nKý bởi: Sở Nội vụ\nNgày ký: 12/04/2019", agency: "Sở Nội vụ", so: "123/BC-UBND", ngay: "2019-04-05"},
	{name: "a time in words is no date", text: "Ký bởi: Sở Nội vụ\nThời gian ký:\nngày 12 tháng 4 năm 2019", agency: "Sở Nội vụ"},
	{name: "a day without a place is no date", text: "Ký bởi: Sở Nội vụ\nEmail: a@example.vn\nNgày 12 tháng 4 năm 2019", agency: "Sở Nội vụ"},
	{name: "who signed is neither", text: "Ký bởi: 0123456789\nNgày ký: 12/04/2019"},
	{name: "empty values", text: "Ký bởi:\nNgày ký:\nEmail:"},
	{name: "an unlabelled text", text: "Trần Văn Bình"},
	{name: "nothing", text: ""},
}

func TestReadAppearance(t *testing.T) {
	for _, c := range appearanceCases {
		for form, text := range map[string]string{"NFC": c.text, "NFD": norm.NFD.String(c.text)} {
			d := ReadAppearance(text)
			if d.NguoiKy != c.person || d.CoQuan != c.agency || d.ChucVu != c.office || d.SoHieu != c.so || d.Ngay != c.ngay {
				t.Errorf("%s, %s: signer %q, agency %q, office %q, number %q, date %q", c.name, form, d.NguoiKy, d.CoQuan, d.ChucVu, d.SoHieu, d.Ngay)
			}
			for field, s := range d.Sources {
				if s.From != FromSignature || s.Confidence > sureStamped || s.Evidence == "" {
					t.Errorf("%s, %s: %s: %+v", c.name, form, field, s)
				}
			}
		}
	}
}

func TestIsAppearance(t *testing.T) {
	for _, c := range appearanceCases {
		if want := strings.Contains(strings.ToLower(Fold(c.text)), "ky") || strings.Contains(c.text, "signed"); c.name != "empty values" && IsAppearance(c.text) != want {
			t.Errorf("%s: %v", c.name, !want)
		}
	}
	page := "Ký bởi: Sở Nội vụ\nNgày ký: 12/04/2019\n" + strings.Repeat("Sở Nội vụ đề nghị các cơ quan báo cáo kết quả. ", 4)
	if IsAppearance(page) {
		t.Error("a page of text is more than its signature")
	}
}

func TestCertificateName(t *testing.T) {
	for _, c := range []struct{ name, person, agency string }{
		{"Trần Văn Bình", "Trần Văn Bình", ""}, {"NGUYỄN THỊ ÁNH TUYẾT", "NGUYỄN THỊ ÁNH TUYẾT", ""}, {"Tran Van Binh", "Tran Van Binh", ""}, {"Vũ Thị Lan", "Vũ Thị Lan", ""},
		{"Trương Văn Nam", "Trương Văn Nam", ""}, {"Văn Thị Phòng", "Văn Thị Phòng", ""}, {"Đoàn Văn Hậu", "Đoàn Văn Hậu", ""}, {"TS. Lê Văn Cường", "Lê Văn Cường", ""},
		{"Sở Nội vụ", "", "Sở Nội vụ"}, {"SỞ NỘI VỤ", "", "SỞ NỘI VỤ"}, {"Sở Nội Vụ", "", "Sở Nội Vụ"}, {"Ủy ban nhân dân xã Hải Ba", "", "Ủy ban nhân dân xã Hải Ba"}, {"UBND XÃ HẢI BA", "", "UBND XÃ HẢI BA"},
		{"Uỷ Ban Nhân Dân", "", "Uỷ Ban Nhân Dân"}, {"Vụ Pháp chế", "", "Vụ Pháp chế"}, {"VỤ PHÁP CHẾ", "", "VỤ PHÁP CHẾ"}, {"Văn phòng UBND tỉnh", "", "Văn phòng UBND tỉnh"}, {"VĂN PHÒNG HĐND", "", "VĂN PHÒNG HĐND"},
		{"Trường THPT Hải Lăng", "", "Trường THPT Hải Lăng"}, {"TRƯỜNG MẦM NON HOA SEN", "", "TRƯỜNG MẦM NON HOA SEN"}, {"Ban Quản lý dự án", "", "Ban Quản lý dự án"}, {"Công ty TNHH A", "", "Công ty TNHH A"},
		{"vnptca", "", ""}, {"0123456789", "", ""}, {"", "", ""}, {"binhtv@example.vn", "", ""}, {"Time Stamping Authority", "", ""},
	} {
		if person, agency := CertificateName(c.name); person != c.person || agency != c.agency {
			t.Errorf("%s: person %q, agency %q", c.name, person, agency)
		}
		if person, agency := CertificateName(norm.NFD.String(c.name)); person != c.person || agency != c.agency {
			t.Errorf("NFD of %s: person %q, agency %q", c.name, person, agency)
		}
	}
}

func FuzzReadAppearance(f *testing.F) {
	for _, c := range appearanceCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := ReadAppearance(text)
		if d.Ngay != "" && d.DiaDanh == "" {
			t.Fatalf("a date without its place: %q", d.Ngay)
		}
	})
}
