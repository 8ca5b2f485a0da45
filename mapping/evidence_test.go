package mapping

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// scanned is the evidence of a scan of one page, with the appearance of its signature.
func scanned(text string, confidence float64, layer string) FileEvidence {
	return FileEvidence{Reader: "test", Pages: []PageText{{Number: 1, Text: text, OCR: true, Confidence: confidence, Layer: layer}}, PageCount: 1}
}

func typed(text string) FileEvidence {
	return FileEvidence{Reader: "test", Pages: []PageText{{Number: 1, Text: text, Confidence: 1}}, PageCount: 1}
}

const scannedHead = "ỦY BAN NHÂN DÂN\nXÃ HẢI BA\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nSố: {so}\nHải Ba, ngày 03 tháng 01 năm 2019\n\nBÁO CÁO\n" +
	"Kết quả cải cách hành chính\n\nKính gửi: Sở Nội vụ.\n\nUBND xã báo cáo như sau.\n\nTM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\n\nTrần Văn Bình\n"

func head(so string) string { return strings.ReplaceAll(scannedHead, "{so}", so) }

func records(t testing.TB, m parser.Message, in Input) []Record {
	t.Helper()
	recs := Records(m, in, testDirectory(t), at)
	b, err := json.Marshal(recs)
	if err != nil || strings.Contains(string(b), "null") {
		t.Fatalf("lists must print as []: %s, %v", b, err)
	}
	return recs
}

func TestTextsOfFilesFillARecord(t *testing.T) {
	m := parser.Message{Subject: "Gửi văn bản", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{pdfFile("scan0001.pdf", "d")}}
	for _, c := range []struct {
		name string
		ev   FileEvidence
		from vanban.From
	}{
		{"text layer", typed(head("12/BC-UBND")), vanban.FromText},
		{"scan", scanned(head("12/BC-UBND"), 0.9, ""), vanban.FromOCR},
	} {
		r := records(t, m, Input{Files: map[string]FileEvidence{"d": c.ev}})[0]
		d := r.Document
		if d.SoHieu != "12/BC-UBND" || d.Loai != "Báo cáo" || d.Ngay != "2019-01-03" || d.NguoiKy != "Trần Văn Bình" || d.CoQuan != "ỦY BAN NHÂN DÂN XÃ HẢI BA" {
			t.Errorf("%s: %+v", c.name, d)
		}
		for _, field := range []string{"so_hieu", "ngay_ban_hanh", "loai_van_ban", "nguoi_ky"} {
			if d.Sources[field].From != c.from {
				t.Errorf("%s: %s from %q", c.name, field, d.Sources[field].From)
			}
		}
		if len(r.Doubts)+len(r.Missing)+len(r.Unread) != 0 || r.Key != "12|bc-ubnd|xa-ba|2019" {
			t.Errorf("%s: doubts %v, missing %v, unread %v, key %q", c.name, r.Doubts, r.Missing, r.Unread, r.Key)
		}
	}
}

func TestSourcesDisagree(t *testing.T) {
	for _, c := range []struct {
		name, subject, file string
		ev                  FileEvidence
		so                  string
		doubts              []string
	}{
		{"subject and text layer", "(13/BC-UBND) Báo cáo", "a.pdf", typed(head("12/BC-UBND")), "13/BC-UBND", []string{vanban.DoubtNumber}},
		{"subject and scan", "(13/BC-UBND) Báo cáo", "a.pdf", scanned(head("12/BC-UBND"), 0.9, ""), "13/BC-UBND", []string{vanban.DoubtNumber}},
		{"subject and a scan that OCR is unsure of", "(13/BC-UBND) Báo cáo", "a.pdf", scanned(head("12/BC-UBND"), 0.5, ""), "13/BC-UBND", nil},
		{"a letter misread", "(12/BC-UBND) Báo cáo", "a.pdf", scanned(head("12/BC-UBNO"), 0.9, ""), "12/BC-UBND", nil},
		{"tones lost", "(12/BC-UBND) Báo cáo", "a.pdf", scanned(vanban.Fold("x")+strings.ReplaceAll(head("012/BC-UBND"), "Kết quả cải cách", "Ket qua cai cach"), 0.9, ""), "12/BC-UBND", nil},
		{"file name and scan", "Gửi văn bản", "15_BC-UBND.pdf", scanned(head("12/BC-UBND"), 0.9, ""), "15/BC-UBND", []string{vanban.DoubtNumber}},
		{"appearance and scan", "Gửi văn bản", "a.pdf", scanned(head("12/BC-UBND"), 0.9, "Số: 21/BC-UBND\nKý bởi: Trần Văn Bình\nNgày ký: 05/01/2019 08:00:00"), "21/BC-UBND", []string{vanban.DoubtNumber}},
		{"another signer", "(12/BC-UBND) Báo cáo", "a.pdf", scanned(head("12/BC-UBND"), 0.9, "Ký bởi: Lê Thị Cúc\nNgày ký: 05/01/2019 08:00:00"), "12/BC-UBND", []string{vanban.DoubtSigner}},
		{"a copy sealed by another agency", "(12/BC-UBND) Báo cáo", "a.pdf", scanned(head("12/BC-UBND"), 0.9, "Ký bởi: Văn phòng UBND huyện Hải Lăng\nNgày ký: 05/01/2019"), "12/BC-UBND", nil},
	} {
		m := parser.Message{Subject: c.subject, From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{pdfFile(c.file, "d")}}
		recs := records(t, m, Input{Files: map[string]FileEvidence{"d": c.ev}})
		if len(recs) != 1 || recs[0].Document.SoHieu != c.so || !slices.Equal(recs[0].Doubts, c.doubts) {
			t.Errorf("%s: %d records, %q, doubts %v", c.name, len(recs), recs[0].Document.SoHieu, recs[0].Doubts)
		}
	}
}

// Which files are documents, when some are pictures.
func TestDocumentsOfScans(t *testing.T) {
	ocr := func(so string, confidence float64) FileEvidence { return scanned(head(so), confidence, "") }
	for _, c := range []struct {
		name, subject string
		files         map[string]FileEvidence
		names         []string // a.pdf is "a"
		want          string
		doubts        []string // of the first record
	}{
		{"two sure scans", "Gửi văn bản", map[string]FileEvidence{"a": ocr("12/BC-UBND", 0.9), "b": ocr("45/TTr-UBND", 0.9)}, []string{"a.pdf", "b.pdf"}, "a:12/BC-UBND b:45/TTr-UBND", nil},
		{"two text layers", "Gửi văn bản", map[string]FileEvidence{"a": typed(head("12/BC-UBND")), "b": typed(head("13/BC-UBND"))}, []string{"a.pdf", "b.pdf"}, "a:12/BC-UBND b:13/BC-UBND", nil},
		{"one of them unsure", "Gửi văn bản", map[string]FileEvidence{"a": ocr("12/BC-UBND", 0.9), "b": ocr("45/TTr-UBND", 0.5)}, []string{"a.pdf", "b.pdf"}, "a,b:12/BC-UBND", nil},
		{"unsure, but the name says the same", "Gửi văn bản", map[string]FileEvidence{"a": ocr("12/BC-UBND", 0.4), "b": ocr("45/TTr-UBND", 0.4)},
			[]string{"12_BC-UBND.pdf", "45_TTr-UBND.pdf"}, "a:12/BC-UBND b:45/TTr-UBND", nil},
		{"a digit apart", "Gửi văn bản", map[string]FileEvidence{"a": ocr("128/BC-UBND", 0.9), "b": ocr("123/BC-UBND", 0.9)}, []string{"a.pdf", "b.pdf"}, "b,a:123/BC-UBND",
			[]string{DoubtOtherNumber}},
		{"scan of the DOCX, a digit misread", "Gửi văn bản", map[string]FileEvidence{"b": ocr("128/BC-UBND", 0.9)}, []string{"123_BC-UBND.docx", "b.pdf"}, "b,a:123/BC-UBND", []string{vanban.DoubtNumber}},
		{"scan of the DOCX, a letter misread", "Gửi văn bản", map[string]FileEvidence{"b": ocr("123/BC-UBNO", 0.9)}, []string{"123_BC-UBND.docx", "b.pdf"}, "b,a:123/BC-UBND", nil},
		{"subject names the first", "(12/BC-UBND) Báo cáo", map[string]FileEvidence{"b": ocr("12/BC-UBND", 0.5)}, []string{"a.pdf", "b.pdf"}, "b,a:12/BC-UBND", nil},
		{"an annex by its picture", "Gửi văn bản", map[string]FileEvidence{"a": ocr("12/BC-UBND", 0.9), "b": scanned("PHỤ LỤC\n(Kèm theo Tờ trình số 45/TTr-UBND)", 0.9, "")},
			[]string{"a.pdf", "b.pdf"}, "a,b:12/BC-UBND", nil},
		{"quoted by the other", "Gửi văn bản", map[string]FileEvidence{"a": scanned(head("12/BC-UBND")+"\nThực hiện Công văn số 45/STC-NS", 0.9, ""), "b": ocr("45/STC-NS", 0.9)},
			[]string{"a.pdf", "b.pdf"}, "a,b:12/BC-UBND", []string{DoubtOtherNumber}},
	} {
		m := parser.Message{Subject: c.subject, From: from("ubnd.haiba@quangtri.gov.vn")}
		for i, name := range c.names {
			a := pdfFile(name, string(rune('a'+i)))
			if strings.HasSuffix(name, "docx") {
				a = docFile(name, string(rune('a'+i)))
			}
			m.Attachments = append(m.Attachments, a)
		}
		var got []string
		recs := records(t, m, Input{Files: c.files})
		for _, r := range recs {
			got = append(got, strings.Join(r.Document.Files, ",")+":"+r.Document.SoHieu)
		}
		if strings.Join(got, " ") != c.want || len(recs[0].Doubts)+len(c.doubts) > 0 && !slices.Equal(recs[0].Doubts, c.doubts) {
			t.Errorf("%s: %v, want %s; doubts %v", c.name, got, c.want, recs[0].Doubts)
		}
	}
}

func TestSettledDocumentsStay(t *testing.T) {
	m := parser.Message{Subject: "Gửi văn bản", From: from("ubnd.haiba@quangtri.gov.vn"),
		Attachments: []parser.Attachment{pdfFile("a.pdf", "a"), pdfFile("b.pdf", "b"), docFile("c.xlsx", "c")}}
	files := map[string]FileEvidence{"a": typed(head("12/BC-UBND")), "b": typed(head("45/TTr-UBND"))}
	for _, c := range []struct {
		name      string
		documents [][]string
		fields    map[string]string
		want      string
		doubts    []string
	}{
		{"as one", [][]string{{"b", "a", "c"}}, nil, "b,a,c", []string{DoubtOtherNumber}},
		{"as two", [][]string{{"b"}, {"a", "c"}}, nil, "b a,c", []string{}},
		{"a file that was not there", [][]string{{"b"}, {"c"}}, nil, "b,a c", []string{DoubtOtherNumber}},
		{"a digest that is not there", [][]string{{"x", "a"}, {"b", "c"}}, nil, "a b,c", []string{}},
		{"none", [][]string{}, nil, "a,b,c", []string{DoubtOtherNumber}},
		{"joined by the clerk", [][]string{{"b"}, {"a", "c"}}, map[string]string{joinCorrection: "1"}, "b,a,c", []string{}},
	} {
		recs := records(t, m, Input{Files: files, Documents: c.documents, Corrections: c.fields})
		var got []string
		for _, r := range recs {
			got = append(got, strings.Join(r.Document.Files, ","))
		}
		if strings.Join(got, " ") != c.want || !slices.Equal(slices.DeleteFunc(recs[0].Doubts, func(d string) bool { return d == vanban.DoubtTypeNotation || d == vanban.DoubtNumber }), c.doubts) {
			t.Errorf("%s: %v, want %s; doubts %v", c.name, got, c.want, recs[0].Doubts)
		}
	}
}

func TestSignersWhereNothingElseNamesThem(t *testing.T) {
	day := time.Date(2019, 1, 5, 1, 0, 0, 0, time.UTC)
	person := Signer{Name: "Trần Văn Bình", Organization: "UBND xã Hải Ba", State: "valid", At: day}
	seal := Signer{Name: "Ủy ban nhân dân xã Hải Ba", Organization: "UBND huyện Hải Lăng", State: "present", At: day}
	stamp := Signer{Name: "Lê Văn Giờ", State: "valid", Stamp: true, At: day}
	other := Signer{Name: "Lê Thị Cúc", State: "valid", At: day}
	forged := Signer{Name: "Lê Thị Cúc", State: "invalid", At: day}
	for _, c := range []struct {
		name           string
		state          string
		signers        []Signer
		person, agency string
	}{
		{"both", "valid", []Signer{person, seal, stamp}, "Trần Văn Bình", "Ủy ban nhân dân xã Hải Ba"},
		{"not checked", "present", []Signer{seal}, "", "Ủy ban nhân dân xã Hải Ba"},
		{"twice the same", "valid", []Signer{person, person}, "Trần Văn Bình", ""},
		{"two persons", "valid", []Signer{person, other, seal}, "", "Ủy ban nhân dân xã Hải Ba"},
		{"one of them forged", "valid", []Signer{person, forged}, "Trần Văn Bình", ""},
		{"invalid", "invalid", []Signer{person, seal}, "", ""},
		{"not known", "", []Signer{person}, "", ""},
		{"only a time-stamp", "valid", []Signer{stamp}, "", ""},
	} {
		m := parser.Message{Subject: "(12/BC-UBND) Báo cáo", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{pdfFile("a.pdf", "d")}}
		ev := FileEvidence{Reader: "test", Problem: ProblemNoText, Signature: FileSignature{State: c.state, Signers: c.signers}}
		r := records(t, m, Input{Files: map[string]FileEvidence{"d": ev}})[0]
		d := r.Document
		if d.NguoiKy != c.person || d.CoQuan != c.agency || d.Ngay != "" || len(r.Doubts) != 0 {
			t.Errorf("%s: signer %q, agency %q, date %q, doubts %v", c.name, d.NguoiKy, d.CoQuan, d.Ngay, r.Doubts)
		}
		if s := d.Sources["nguoi_ky"]; c.person != "" && (s.From != vanban.FromSignature || s.Evidence != "chữ ký số: "+c.person || s.Confidence != sureCertificate) {
			t.Errorf("%s: %+v", c.name, s)
		}
		if r.Signature.State != c.state || len(r.Signature.Signers) != len(c.signers) || !reflect.DeepEqual(r.Unread, []Unread{{"d", ProblemNoText}}) {
			t.Errorf("%s: %+v, %v", c.name, r.Signature, r.Unread)
		}
		ev.Pages = []PageText{{Number: 1, Text: strings.ReplaceAll(head("12/BC-UBND"), "Trần Văn Bình", "Hồ Văn Mười"), Confidence: 1}}
		r = records(t, m, Input{Files: map[string]FileEvidence{"d": ev}})[0]
		if r.Document.NguoiKy != "Hồ Văn Mười" || r.Document.CoQuan != "ỦY BAN NHÂN DÂN XÃ HẢI BA" || len(r.Doubts) != 0 {
			t.Errorf("%s: a certificate stood above the document: %+v, %v", c.name, r.Document, r.Doubts)
		}
	}
}

func TestUnreadFiles(t *testing.T) {
	m := parser.Message{Subject: "(12/BC-UBND) x", Attachments: []parser.Attachment{pdfFile("a.pdf", "a"), docFile("b.docx", "b"), pdfFile("c.pdf", "c"), pdfFile("d.pdf", "d"),
		{Name: "image001.png", Type: "image/png", Size: 900, SHA256: "e"}}}
	r := records(t, m, Input{Files: map[string]FileEvidence{"a": typed("x"), "c": {Reader: "r", Problem: ProblemEncrypted}}})[0]
	if want := []Unread{{"c", ProblemEncrypted}, {"d", ProblemNotRead}}; !reflect.DeepEqual(r.Unread, want) {
		t.Errorf("%v, want %v", r.Unread, want)
	}
	if r = records(t, m, Input{})[0]; len(r.Unread) != 3 || r.Signature.State != "" {
		t.Errorf("%v, %v", r.Unread, r.Signature)
	}
}

func TestFileFindings(t *testing.T) {
	m := parser.Message{Attachments: []parser.Attachment{pdfFile("a.pdf", "a"), inside(pdfFile("b.pdf", "b"), "vb.zip"), pdfFile("c.pdf", "c"), docFile("d.docx", "d")}}
	got := FileFindings(m, map[string]FileEvidence{"a": {Problem: ProblemNoOCR}, "b": {Problem: ProblemDeadline, Signature: FileSignature{State: "invalid", Reason: "altered"}},
		"c": {Problem: ProblemEncrypted}, "d": {Problem: ProblemDamaged}})
	want := []parser.Finding{{Code: FileDeadline, Where: "vb.zip/b.pdf"}, {Code: SignatureInvalid, Where: "vb.zip/b.pdf", Note: "altered"}, {Code: FileEncrypted, Where: "c.pdf"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := FileFindings(m, nil); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// A number that OCR is not sure of is shown, and a clerk says what it is before it stands in the register.
func TestUnsureNumberWaits(t *testing.T) {
	m := parser.Message{Subject: "Gửi văn bản", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{pdfFile("scan0001.pdf", "d")}}
	in := Input{Files: map[string]FileEvidence{"d": scanned(strings.ReplaceAll(head("12/BC-UBND"), "2019", "2010"), 0.6, "")}}
	r := records(t, m, in)[0]
	if r.Document.SoHieu != "12/BC-UBND" || !slices.Equal(r.Missing, []string{MissingSoHieu}) || r.Key != "12|bc-ubnd|xa-ba|2019" {
		t.Errorf("%q, missing %v, key %q", r.Document.SoHieu, r.Missing, r.Key)
	}
	in.Corrections = map[string]string{"so_hieu": "12/BC-UBND"}
	if r = records(t, m, in)[0]; len(r.Missing) != 0 {
		t.Errorf("confirmed: missing %v", r.Missing)
	}
}

func TestSecretInFiles(t *testing.T) {
	m := parser.Message{Subject: "Gửi báo cáo", Attachments: []parser.Attachment{pdfFile("a.pdf", "a")}, Nested: []parser.Nested{{Attachments: []parser.Attachment{pdfFile("b.pdf", "b")}}}}
	marked := strings.Replace(head("12/BC-UBND"), "BÁO CÁO", "TÓI MẠT\n\nBÁO CÁO", 1)
	for _, c := range []struct {
		name  string
		files map[string]FileEvidence
		level vanban.Secrecy
	}{
		{"not asked", nil, ""},
		{"nothing", map[string]FileEvidence{"a": typed(head("12/BC-UBND")), "b": scanned(head("12/BC-UBND"), 0.9, "Ký bởi: Sở Nội vụ")}, ""},
		{"found before anything was kept", map[string]FileEvidence{"a": {Secret: vanban.Mat}}, vanban.Mat},
		{"in a forwarded message", map[string]FileEvidence{"b": {Secret: vanban.Mat}}, vanban.Mat},
		{"misread by OCR", map[string]FileEvidence{"a": scanned(marked, 0.7, "")}, vanban.ToiMat},
		{"on the second page", map[string]FileEvidence{"a": {Pages: []PageText{{Number: 1, Text: head("12/BC-UBND")}, {Number: 2, Text: marked}}}}, vanban.ToiMat},
		{"in the layer of a picture", map[string]FileEvidence{"a": scanned("", 0.7, "MẬT\nKý bởi: Sở Nội vụ")}, vanban.Mat},
		{"the gravest", map[string]FileEvidence{"a": {Secret: vanban.Mat}, "b": {Secret: vanban.TuyetMat}}, vanban.TuyetMat},
		{"of another message", map[string]FileEvidence{"x": {Secret: vanban.Mat}}, ""},
	} {
		where := ""
		if c.level != "" {
			where = InFile
		}
		if level, at := Secret(m, c.files); level != c.level || at != where {
			t.Errorf("%s: %q in %q", c.name, level, at)
		}
	}
	m.Subject = "[MẬT] Gửi báo cáo"
	if level, at := Secret(m, map[string]FileEvidence{"a": {Secret: vanban.Mat}}); level != vanban.Mat || at != InSubject {
		t.Errorf("%q in %q", level, at)
	}
	ev := scanned(marked, 0.9, "")
	ev.Secret = vanban.ToiMat
	if r := records(t, m, Input{Files: map[string]FileEvidence{"a": ev}})[0]; r.Document.SoHieu+r.Document.NguoiKy != "" {
		t.Errorf("what a marked file says was read: %+v", r.Document)
	}
}

// Tools are asked for what may be a page: no bullet and no mark of a network, which are smaller than any picture of a page, but every PDF.
func TestWantedPages(t *testing.T) {
	m := parser.Message{Kind: parser.Normal, Attachments: []parser.Attachment{
		{Name: "fb-f.jpg", Type: "image/jpeg", Sniffed: "image/jpeg", Size: 2400, SHA256: "bullet"},
		{Name: "trang1.jpg", Type: "image/jpeg", Sniffed: "image/jpeg", Size: 4096, SHA256: "page"},
		{Name: "fax.tif", Type: "image/tiff", Sniffed: "image/tiff", Size: 9000, SHA256: "fax"},
		{Name: "vb.pdf", Type: "application/pdf", Sniffed: "application/pdf", Size: 900, SHA256: "pdf"}}}
	if got := Wanted(m); !slices.Equal(got, []string{"page", "fax", "pdf"}) {
		t.Errorf("%q", got)
	}
	for _, c := range []struct {
		width, height int
		want          bool
	}{
		{1654, 2339, true}, {2339, 1654, true}, {620, 877, true}, // A4 at 200 and 75 dpi
		{720, 1280, true}, {1080, 5400, true}, // a telephone's photograph, a long screenshot
		{0, 0, true}, // unknown
		{600, 400, false}, {300, 300, false}, {2000, 300, false}, {200, 2400, false},
	} {
		m.Attachments = []parser.Attachment{{Name: "anh.jpg", Type: "image/jpeg", Sniffed: "image/jpeg", Size: 90000, SHA256: "a", Width: c.width, Height: c.height}}
		if got := len(Wanted(m)) == 1; got != c.want {
			t.Errorf("%d x %d pixels: %v", c.width, c.height, got)
		}
	}
}
