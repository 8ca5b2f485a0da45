package edxml

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

func record() mapping.Record {
	return mapping.Record{
		Document: vanban.Document{SoHieu: "12/TB-UBND", So: "12", KyHieu: "TB-UBND", Loai: "Thông báo", Ngay: "2026-11-22", DiaDanh: "Đông Hà",
			TrichYeu: "họp giao ban tháng 11", NguoiKy: "Nguyễn Văn A", ChucVu: "Phó Chủ tịch", QuyenHanKy: []string{"TM", "KT"}, DoKhan: vanban.ThuongKhan,
			NoiNhan: []string{"Như trên", "Lưu: VT"}, TraLoi: []string{"3/CV-SNV"}},
		Files: []mapping.File{{Name: "chinh.pdf", Type: "application/pdf", Size: 3, Digest: "aa"}, {Name: "Phụ lục.xlsx", Size: 4, Digest: "bb"}},
	}
}

func sending() Sending {
	return Sending{From: Organ{ID: "H50.12", Name: "Sở Nội vụ"}, To: []Organ{{ID: "H50.13"}}, At: time.Unix(1_790_000_000, 0)}
}

func TestFromRecord(t *testing.T) {
	e, found, err := FromRecord(record(), sending())
	if err != nil || len(found) > 0 {
		t.Fatalf("%v %v", err, found)
	}
	want := Edoc{
		From: Organ{ID: "H50.12", Name: "Sở Nội vụ"}, To: []Organ{{ID: "H50.13"}}, DocumentID: "H50.12,2026/11/22,12/TB-UBND",
		Number: "12", Notation: "TB-UBND", Place: "Đông Hà", Date: "2026-11-22", Type: DocumentType{2, 7, "Thông báo"}, Subject: "họp giao ban tháng 11",
		Signer: Signer{"TM. KT.", "Phó Chủ tịch", "Nguyễn Văn A"}, Other: Other{Priority: VeryUrgent}, Answers: []Reference{{Code: "3/CV-SNV"}},
		ToPlaces: []string{"Như trên", "Lưu: VT"}, Trace: []Hop{{"H50.12", second(time.Unix(1_790_000_000, 0))}},
	}
	files := e.Files
	e.Files = nil
	if !equal(e, want) {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
	if len(files) != 2 || files[0].Name != "chinh.pdf" || files[1].Size != 4 || files[0].ContentID == files[1].ContentID {
		t.Errorf("files %+v", files)
	}
	e.Files = files
	b, err := edocBytes(e, [][]byte{[]byte("abc"), []byte("defg")})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := decoded(t, b)
	d := p.Edoc.Document()
	r := record().Document
	if d.SoHieu != r.SoHieu || d.Ngay != r.Ngay || d.Loai != r.Loai || d.TrichYeu != r.TrichYeu || d.DoKhan != r.DoKhan || d.NguoiKy != r.NguoiKy ||
		d.DiaDanh != r.DiaDanh || d.ChucVu != r.ChucVu || !slices.Equal(d.NoiNhan, r.NoiNhan) || !slices.Equal(d.TraLoi, r.TraLoi) || !slices.Equal(d.QuyenHanKy, r.QuyenHanKy) {
		t.Errorf("read back: %+v", d)
	}
}

func TestFromRecordInventsNothing(t *testing.T) {
	e, _, err := FromRecord(mapping.Record{}, Sending{From: Organ{ID: "H50.12", Name: "Sở"}, To: []Organ{{ID: "H50.13"}}, At: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, f := range e.Validate() {
		if f.Severity == Fault {
			missing = append(missing, f.Path)
		}
	}
	want := []string{"MessageHeader/Code/CodeNumber", "MessageHeader/Code/CodeNotation", "MessageHeader/PromulgationInfo/PromulgationDate",
		"MessageHeader/DocumentType/TypeName", "MessageHeader/Subject"}
	if !slices.Equal(missing, want) {
		t.Errorf("missing %v", missing)
	}
}

func TestFromRecordRefusesSecrets(t *testing.T) {
	for name, change := range map[string]func(*mapping.Record){
		"known":     func(r *mapping.Record) { r.Document.DoMat = vanban.Mat },
		"subject":   func(r *mapping.Record) { r.Document.TrichYeu = "TUYỆT MẬT: họp" },
		"file name": func(r *mapping.Record) { r.Files[1].Name = "TOI MAT 12.pdf" },
	} {
		r := record()
		change(&r)
		if e, _, err := FromRecord(r, sending()); !errors.Is(err, ErrSecret) || !equal(e, Edoc{}) {
			t.Errorf("%s: %v %+v", name, err, e)
		}
	}
}

func TestDocumentIDs(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	id := func(change func(*mapping.Record, *Sending)) string {
		r, s := record(), sending()
		change(&r, &s)
		e, _, err := FromRecord(r, s)
		if err != nil {
			t.Fatal(err)
		}
		return e.DocumentID
	}
	undated := func(r *mapping.Record, _ *Sending) { r.Document.Ngay = "" }
	first := id(undated)
	if !shape.MatchString(first) || first != id(undated) {
		t.Errorf("%s, then %s", first, id(undated))
	}
	other := id(func(r *mapping.Record, s *Sending) { undated(r, s); r.Files[0].Digest = "cc" })
	if other == first || !shape.MatchString(other) {
		t.Errorf("another file: %s", other)
	}
	if got := id(func(r *mapping.Record, _ *Sending) { r.Document.KyHieu = strings.Repeat("ĐA-", 20) }); !shape.MatchString(got) {
		t.Errorf("too long: %s", got)
	}
	if got := id(func(_ *mapping.Record, s *Sending) { s.DocumentID = " tự đặt " }); got != "tự đặt" {
		t.Errorf("given: %q", got)
	}
}

func TestTypeNumbers(t *testing.T) {
	for _, c := range []struct {
		name           string
		normative      bool
		number, detail int
	}{
		{"Công văn", false, 2, 18}, {"CÔNG VĂN", false, 2, 18}, {"Quyết định", false, 2, 2}, {"Quyết định", true, 1, 8}, {"Nghị định", false, 1, 7},
		{"Thư công", false, 2, 32}, {"Giấy mời", true, 2, 25}, {"Phiếu báo", false, 2, 0}, {"", false, 2, 0},
	} {
		if number, detail := StandardNumbers(c.name, c.normative); number != c.number || detail != c.detail {
			t.Errorf("%s, %v: %d, %d", c.name, c.normative, number, detail)
		}
	}
	s := sending()
	s.Types = func(string, bool) (int, int) { return 18, 0 }
	if e, _, err := FromRecord(record(), s); err != nil || e.Type.Number != 18 {
		t.Errorf("%v %+v", err, e.Type)
	}
	r := record()
	r.Document.Loai, r.Document.KyHieu = "Quyết định", "2026/QĐ-UBND"
	if e, _, err := FromRecord(r, sending()); err != nil || e.Type != (DocumentType{1, 8, "Quyết định"}) {
		t.Errorf("%v %+v", err, e.Type)
	}
	for _, list := range [][]string{legalTypes(), ordinaryTypes()} {
		for i, name := range list {
			if n, d := StandardNumbers(name, list[0] == "Hiến pháp"); d != i+1 {
				t.Errorf("%s is %d, %d", name, n, d)
			}
			e := whole()
			if e.Type.Name = name; slices.Contains(codes(e.Validate()), UnknownCode) {
				t.Errorf("nobody knows %s", name)
			}
		}
	}
	for _, c := range []struct {
		in   DocumentType
		want string
	}{
		{DocumentType{1, 0, "công văn"}, "Công văn"}, {DocumentType{2, 18, ""}, "Công văn"}, {DocumentType{1, 7, ""}, "Nghị định"},
		{DocumentType{18, 3, ""}, ""}, {DocumentType{2, 99, ""}, ""}, {DocumentType{2, 7, "Sách"}, ""},
	} {
		if got, ok := c.in.Known(); got.Name != c.want || ok != (c.want != "") {
			t.Errorf("%+v: %+v", c.in, got)
		}
	}
}

func TestStatusesOfDocuments(t *testing.T) {
	e := whole()
	at := time.Unix(1_790_000_000, 0)
	got := e.Report(Registered, Organ{ID: "H50.13"}, Staff{Name: "B"}, "Số đến 7", at)
	about := Reference{"H50.12", "12/TB-UBND", e.DocumentID, "2026-11-22"}
	if want := (Status{From: Organ{ID: "H50.13"}, About: about, Staff: Staff{Name: "B"}, Code: Registered, Description: "Số đến 7", At: at}); !equal(got, want) {
		t.Errorf("%+v", got)
	}
	about.OrganID = "H50.13"
	if got = e.TakeBack("H50.13", Staff{}, "Gửi nhầm", at); got.Code != Withdraw || got.From != e.From || got.About != about || Refused(got.Validate()) {
		t.Errorf("%+v", got)
	}
	if a, b := e.Key(), (&Edoc{From: e.From}).Key(); a == "" || b != "" {
		t.Errorf("keys %q %q", a, b)
	}
}

func TestFitProperties(t *testing.T) {
	long := rapid.StringOfN(rapid.SampledFrom([]rune("ab ệđ\n.")), 0, 1500, -1)
	rapid.Check(t, func(rt *rapid.T) {
		e := whole()
		e.Subject, e.Content, e.Signer.Name = "x"+long.Draw(rt, "subject"), long.Draw(rt, "content"), long.Draw(rt, "name")
		e.Files[0].Name = "tệp" + strings.ReplaceAll(long.Draw(rt, "file"), ".", "") + ".pdf"
		e.ToPlaces = slices.Repeat([]string{"y" + long.Draw(rt, "place")}, 12)
		before := e.normal()
		fitted, found := e.Fit()
		if Refused(fitted.Validate()) {
			rt.Fatalf("%+v", fitted.Validate())
		}
		if again, more := fitted.Fit(); !equal(again, fitted) || len(more) > 0 {
			rt.Fatalf("shortened twice: %v", more)
		}
		changed := 0
		for _, c := range [][2]string{{before.Subject, fitted.Subject}, {before.Content, fitted.Content}, {before.Signer.Name, fitted.Signer.Name}, {before.Files[0].Name, fitted.Files[0].Name}} {
			if c[0] == c[1] {
				continue
			}
			changed++
			if utf8.RuneCountInString(c[1]) >= utf8.RuneCountInString(c[0]) || !strings.Contains(c[1], "…") || !strings.HasPrefix(c[0], c[1][:strings.Index(c[1], "…")]) {
				rt.Fatalf("%q became %q", c[0], c[1])
			}
		}
		if changed > len(found) || !equal(before.ToPlaces, fitted.ToPlaces) && changed == len(found) {
			rt.Fatalf("%d texts were shortened, %d findings", changed, len(found))
		}
		if !strings.HasSuffix(fitted.Files[0].Name, ".pdf") || fitted.DocumentID != e.DocumentID || fitted.Number != e.Number {
			rt.Fatalf("%+v", fitted)
		}
	})
}

func TestPriorities(t *testing.T) {
	for _, u := range []vanban.Urgency{"", vanban.Khan, vanban.ThuongKhan, vanban.HoaToc} {
		if got := PriorityOf(u).Urgency(); got != u {
			t.Errorf("%q becomes %q", u, got)
		}
	}
	if ExpressByHour.Urgency() != vanban.HoaToc || Priority(9).Urgency() != "" {
		t.Error("urgency of other values")
	}
	seen := map[string]bool{}
	for c := New - 1; c <= Replacing+1; c++ {
		if seen[c.Words()] {
			t.Errorf("%q twice", c.Words())
		}
		seen[c.Words()] = true
	}
}
