package register

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/parser/vanban"
)

func entry(t *testing.T) Entry {
	return Entry{Book: Book{Receiver: "ubnd", Year: 2026, Kind: Incoming}, Number: 12, State: Registered, Record: "GL-2026-0000012.1", Receipt: "GL-2026-0000012",
		Arrived: at(t, "2026-03-01T18:30:00Z"), Registered: at(t, "2026-03-02T01:00:00Z"), Author: "Sở Hải sản",
		Document: vanban.Document{SoHieu: "05/SHS-VP", So: "05", KyHieu: "SHS-VP", Loai: "Công văn", LoaiTat: "CV", Ngay: "2026-02-28",
			TrichYeu: "báo cáo tình hình tàu cá", NguoiKy: "Nguyễn Văn An", ChucVu: "Giám đốc", DoKhan: vanban.HoaToc},
		Ways:      []Way{{Channel: "email", At: at(t, "2026-03-01T18:30:00Z")}, {Channel: "paper", At: at(t, "2026-03-03T02:00:00Z")}},
		Relations: []Relation{{Kind: CorrectedBy, SoHieu: "06/SHS-VP"}},
		Directions: []Direction{{N: 1, Text: "Tham mưu trả lời", Author: "Lê Thị Bình", Handler: "Phòng Kinh tế", CoHandlers: []string{"Phòng Nội chính", "Văn thư"},
			Due: "2026-03-10", At: at(t, "2026-03-02T02:00:00Z")}},
		Transferred: at(t, "2026-03-02T03:00:00Z"), ReceivedBy: "Trần Văn Cường", Note: "bản sao", Pages: 3}
}

func TestLineOfTheTenColumns(t *testing.T) {
	want := []string{"02/03/2026", "12", "Sở Hải sản", "05/SHS-VP", "28/02/2026", "Công văn báo cáo tình hình tàu cá",
		"Phòng Kinh tế; phối hợp: Phòng Nội chính, Văn thư", "02/03/2026", "Trần Văn Cường",
		"HỎA TỐC; được đính chính tại 06/SHS-VP; nhận qua thư điện tử 02/03/2026; nhận bản giấy 03/03/2026; bản sao"}
	if got := Line(entry(t)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	heads := []string{}
	for _, c := range Columns() {
		heads = append(heads, c.Head)
	}
	if want := []string{"Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu", "Ngày tháng", "Tên loại và trích yếu nội dung", "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú"}; !slices.Equal(heads, want) {
		t.Errorf("%q", heads)
	}
}

func TestNotesTellEachWayOnce(t *testing.T) {
	e := Entry{State: Registered, Ways: []Way{{Channel: "email", At: at(t, "2026-03-03T02:00:00Z")}, {Channel: "email", At: at(t, "2026-03-02T02:00:00Z")}}}
	if got := Line(e)[9]; got != "" {
		t.Errorf("twice by mail: %q", got)
	}
	e.Ways = append(e.Ways, Way{Channel: "system", At: at(t, "2026-03-04T02:00:00Z")})
	if got := Line(e)[9]; got != "nhận qua thư điện tử 02/03/2026; nhận qua trục 04/03/2026" {
		t.Error(got)
	}
}

func TestLinesWithoutADocumentStillAppear(t *testing.T) {
	unused := Entry{Book: Book{Kind: Incoming}, Number: 7, State: Unused, Note: "bỏ qua sau khi phục hồi dữ liệu"}
	if got := Line(unused); got[1] != "7" || got[5] != textUnused || got[9] != unused.Note || got[0] != "" {
		t.Errorf("%q", got)
	}
	withdrawn := entry(t)
	withdrawn.State, withdrawn.Relations = Withdrawn, []Relation{{Kind: RecalledBy, SoHieu: "09/SHS-VP"}}
	if got := Line(withdrawn); !strings.Contains(got[9], "đã thu hồi theo 09/SHS-VP") || got[3] != "05/SHS-VP" {
		t.Errorf("%q", got)
	}
	withdrawn.Relations = nil
	if got := Line(withdrawn); strings.Contains(got[9], "đã thu hồi") || !strings.Contains(got[9], withdrawn.Note) {
		t.Errorf("the note says why: %q", got)
	}
	withdrawn.Note = ""
	if got := Line(withdrawn); !strings.HasPrefix(got[9], "đã thu hồi;") {
		t.Errorf("%q", got)
	}
}

// TestFactsHoldNoWords draws lines whose every text is a secret word: none of the forms, nor Facts itself, shows it.
func TestFactsHoldNoWords(t *testing.T) {
	const word = "Nam Hải"
	rapid.Check(t, func(r *rapid.T) {
		e := entry(t)
		e.Author, e.Directions[0].Handler, e.Directions[0].Author = "Sở A", "Phòng B", "C"
		d := vanban.New()
		d.SoHieu, d.So, d.KyHieu, d.Loai, d.TrichYeu, d.NguoiKy, d.ChucVu, d.Ngay, d.CoQuan = word, word, word, word, word, word, word, word, word
		d.KinhGui, d.NoiNhan, d.TraLoi = []string{word}, []string{word}, []string{word}
		e.Document, e.Answer, e.Note, e.Directions[0].Text = d, word, word, word
		e.Relations = []Relation{{Kind: Answers, SoHieu: word}}
		e.Done = e.Registered
		switch rapid.IntRange(0, 2).Draw(r, "why") {
		case 0:
			e.Kind, e.Note = Secret, "của người giữ sổ"
		case 1:
			e.State = Blanked
		case 2:
			e.Document.DoMat = rapid.SampledFrom([]vanban.Secrecy{vanban.Mat, vanban.ToiMat, vanban.TuyetMat}).Draw(r, "độ mật")
		}
		for _, line := range [][]string{Line(e), FieldLine(e), FollowUpLine(e, "2026-04-01")} {
			if text := strings.Join(line, "|"); strings.Contains(text, word) {
				r.Fatalf("%s", text)
			}
			if text := strings.Join(line, "|"); !strings.Contains(text, "12") || !strings.Contains(text, "Sở A") {
				r.Fatalf("the facts are missing: %s", text)
			}
		}
		if e.Directions[0].Text != word || e.Document.TrichYeu != word {
			r.Fatal("Facts changed the entry itself")
		}
	})
}

func TestFieldLineAndOverlong(t *testing.T) {
	e := entry(t)
	got := map[string]string{}
	line := FieldLine(e)
	for i, f := range Fields() {
		got[f.Name] = line[i]
	}
	for field, want := range map[string]string{"TypeName": "Công văn", "CodeNumber": "05", "CodeNotation": "SHS-VP", "IssuedDate": "28/02/2026", "OrganName": "Sở Hải sản",
		"Subject": "báo cáo tình hình tàu cá", "PageAmount": "3", "ArrivalDate": "02/03/2026", "ArrivalNumber": "12", "SignerInfo.Position": "Giám đốc",
		"SignerInfo.FullName": "Nguyễn Văn An", "Priority": "3", "DueDate": "10/03/2026", "Language": "",
		"TraceHeaderList": "02/03/2026 Lê Thị Bình: Tham mưu trả lời; chủ trì: Phòng Kinh tế; phối hợp: Phòng Nội chính, Văn thư; hạn: 10/03/2026"} {
		if got[field] != want {
			t.Errorf("%s is %q", field, got[field])
		}
	}
	if x := Overlong(e); len(x) != 0 {
		t.Errorf("%+v", x)
	}
	e.Document.TrichYeu = norm.NFD.String(strings.Repeat("ế", 500)) // 500 characters, 1,500 code points
	e.Document.So, e.Pages = "614, 615, 616", 1000
	if x := Overlong(e); !slices.Equal(x, []Excess{{"CodeNumber", 13, 11}, {"PageAmount", 4, 3}}) {
		t.Errorf("%+v", x)
	}
}

// TestNothingIsCut: whatever the length, a field holds the whole value, and is told exactly when it does not fit.
func TestNothingIsCut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := entry(t)
		n := rapid.IntRange(480, 520).Draw(r, "characters")
		e.Document.TrichYeu = strings.Repeat("ạ", n)
		told := slices.ContainsFunc(Overlong(e), func(x Excess) bool { return x.Field == "Subject" && x.Length == n && x.Limit == 500 })
		if told != (n > 500) || !slices.Contains(FieldLine(e), e.Document.TrichYeu) {
			r.Fatalf("%d characters: told %v", n, told)
		}
	})
}

func TestAtOnce(t *testing.T) {
	cases := []struct {
		loai, tat, matter string
		khan              vanban.Urgency
		want              Priority
	}{
		{"Công văn", "CV", "báo cáo quý I", vanban.Khan, Urgent},
		{"Giấy mời", "GM", "họp giao ban", "", Invitation},
		{"GIẤY MỜI", "", "", "", Invitation},
		{"Công văn", "CV", "Mời họp Ban Chỉ đạo", "", Invitation},
		{"Công văn", "CV", "đổi mới dự họp trực tuyến", "", ""},
		{"Công văn", "CV", "mời họp về khoa học, công nghệ và đổi mới sáng tạo", "", Invitation},
		{"Công văn", "CV", "mời dự cuộc họp giao ban", "", Invitation},
		{"Công văn", "CV", "bàn giao xử lý hồ sơ tồn đọng", "", ""},
		{"", "TB", "kết luận cuộc họp", "", Conclusion},
		{"", "BC", "kết quả thực hiện ý kiến chỉ đạo", "", ""},
		{"Công văn", "CV", "mời thầu", "", ""},
		{"Thông báo", "TB", "Kết luận của Chủ tịch UBND tỉnh tại cuộc họp", "", Conclusion},
		{"Thông báo", "TB", "KẾT LUẬN của Phó Chủ tịch", "", Conclusion},
		{"Thông báo", "TB", "lịch tiếp công dân", "", ""},
		{"Công điện", "CĐ", "ứng phó bão số 5", "", Task},
		{"Phiếu chuyển", "PC", "đơn của công dân", "", Task},
		{"Công văn", "CV", "giao nhiệm vụ chuẩn bị hội nghị", "", Task},
		{"Công văn", "CV", "Giao tham mưu xử lý kiến nghị", "", Task},
		{"Công văn", "CV", "thực hiện ý kiến chỉ đạo của Thủ tướng", "", Task},
		{"Công văn", "CV", "đôn đốc báo cáo kết quả thực hiện nhiệm vụ", "", Task},
		{"Công văn", "CV", "báo cáo kết quả thực hiện ý kiến chỉ đạo của Chủ tịch", "", ""},
		{"Báo cáo", "BC", "kết quả thực hiện ý kiến chỉ đạo của UBND tỉnh", "", ""},
		{"Công văn", "CV", "cung cấp số liệu giao thông", "", ""},
		{"Công văn", "CV", "hoa quả xuất khẩu", "", ""},
		{"", "", "", "", ""},
	}
	for _, c := range cases {
		for _, matter := range []string{c.matter, strings.ToUpper(c.matter), norm.NFD.String(c.matter), vanban.Fold(c.matter)} {
			got, ok := AtOnce(vanban.Document{Loai: c.loai, LoaiTat: c.tat, TrichYeu: matter, DoKhan: c.khan})
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%s %q: %q", c.loai, matter, got)
			}
		}
	}
}

// TestInvitationsThatOnlyAccentsTell: without them "moi du" may as well be the end of "mới" and the beginning of "dự án".
func TestInvitationsThatOnlyAccentsTell(t *testing.T) {
	for matter, want := range map[string]Priority{"V/v mời dự tổng kết năm học": Invitation, "kính mời đến làm việc": Invitation, "Mời làm việc với Đoàn kiểm tra": Invitation,
		"mời\ndự khai mạc": Invitation, "đầu tư mới dự án cầu": "", "moi du tong ket": "", "mời dự thầu gói số 3": "", "mời báo giá": "", "làm mới dự toán": ""} {
		for _, text := range []string{matter, strings.ToUpper(matter), norm.NFD.String(matter)} {
			if got, _ := AtOnce(vanban.Document{Loai: "Công văn", LoaiTat: "CV", TrichYeu: text}); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
}

func TestFollowUp(t *testing.T) {
	e := entry(t)
	want := []string{"12", "Công văn số 05/SHS-VP, ngày 28/02/2026, Sở Hải sản", "Phòng Kinh tế; phối hợp: Phòng Nội chính, Văn thư", "10/03/2026", "đang giải quyết", ""}
	if got := FollowUpLine(e, "2026-03-10"); !slices.Equal(got[:6], want) {
		t.Errorf("%q", got)
	}
	if got := FollowUpLine(e, "2027-01-02")[0]; got != "12/2026" {
		t.Errorf("in the next year its number is %q", got)
	}
	if got := FollowUpLine(e, "2026-03-13")[4]; got != "quá hạn 3 ngày" {
		t.Error(got)
	}
	e.Done, e.Answer = at(t, "2026-03-12T01:00:00Z"), "20/UBND-KT"
	if got := FollowUpLine(e, "2026-03-13"); got[4] != "đã giải quyết 12/03/2026 (quá hạn)" || got[5] != "20/UBND-KT" {
		t.Errorf("%q", got)
	}
	e.Done = at(t, "2026-03-10T16:59:00Z") // the last minute of its last day in Vietnam
	if got := FollowUpLine(e, "2026-03-13")[4]; got != "đã giải quyết 10/03/2026" {
		t.Error(got)
	}
	e.State = Withdrawn
	if got := FollowUpLine(e, "2026-03-13")[4]; got != "không phải giải quyết" {
		t.Error(got)
	}
	e.Relations = []Relation{{Kind: RecalledBy, SoHieu: "09/SHS-VP"}}
	if got := FollowUpLine(e, "2026-03-13")[4]; got != "đã thu hồi" {
		t.Error(got)
	}
	if !e.Followed() || (Entry{State: Registered}).Followed() {
		t.Error("the follow-up book holds what was given to somebody")
	}
}

func TestOverdue(t *testing.T) {
	c := starting(t)
	early, late, handled := entry(t), entry(t), entry(t)
	late.Number, late.Directions = 13, []Direction{{N: 1, Handler: "Văn phòng", Due: "2026-03-05"}}
	handled.Number, handled.Done = 14, at(t, "2026-03-20T00:00:00Z")
	got := Overdue([]Entry{early, handled, late}, "2026-03-16", c)
	if len(got) != 2 || got[0].Entry.Number != 13 || got[0].Days != 11 || got[0].WorkingDays != 7 || got[1].Entry.Number != 12 || got[1].Days != 6 || got[1].WorkingDays != 4 {
		t.Errorf("%+v", got)
	}
}

func TestRegisteredLate(t *testing.T) {
	c := starting(t)
	e := entry(t)
	e.Registered = at(t, "2026-03-03T01:00:00Z")
	if !c.RegisteredLate(e) {
		t.Error("hỏa tốc of yesterday is in time")
	}
	e.Document.DoKhan = ""
	if c.RegisteredLate(e) {
		t.Error("the next working day is late")
	}
	if c.RegisteredLate(Entry{}) {
		t.Error("an unused number is late")
	}
}

func TestCover(t *testing.T) {
	a, b := entry(t), entry(t)
	b.Number, b.Arrived, b.Registered = 3, at(t, "2025-12-31T09:00:00Z"), at(t, "2026-01-05T01:00:00Z") // came on the last day of the year before
	unused := Entry{Book: a.Book, Number: 20, State: Unused, Registered: at(t, "2027-01-20T01:00:00Z")} // jumped over after a restore
	c := CoverOf([]Entry{a, b, unused})
	if c.Title != "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN" || c.Year != 2026 || c.FromNumber != 3 || c.ToNumber != 20 || Shown(c.FromDay) != "05/01/2026" || Shown(c.ToDay) != "02/03/2026" {
		t.Errorf("%+v", c)
	}
	a.Kind = Secret
	if c := CoverOf([]Entry{a}); c.Title != "SỔ ĐĂNG KÝ VĂN BẢN MẬT ĐẾN" {
		t.Errorf("%+v", c)
	}
	if c := CoverOf(nil); c.FromNumber != 0 || !c.FromDay.IsZero() {
		t.Errorf("%+v", c)
	}
}
