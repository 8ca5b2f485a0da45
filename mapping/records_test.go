package mapping

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
	"pgregory.net/rapid"
)

const agencies = "id,code,name,addresses,domains,valid_to,successors\n" +
	"xa-ba,H49.1,UBND xã Hải Ba,ubnd.haiba@quangtri.gov.vn,,,\n" +
	"xa-tan,H49.2,UBND xã Hải Tân,ubnd.haitan@quangtri.gov.vn,haitan.example.vn,,\n"

func testDirectory(t testing.TB) *directory.Directory {
	t.Helper()
	d, _, err := directory.Read("agencies.csv", []byte(agencies))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at is 2019-01-01 00:30 in Viet Nam, still 2018 in UTC.
var at = time.Date(2018, 12, 31, 17, 30, 0, 0, time.UTC)

func from(addr string) []parser.Address { return []parser.Address{{Addr: addr}} }

func pdfFile(name, digest string) parser.Attachment {
	return parser.Attachment{Name: name, Type: "application/pdf", Sniffed: "application/pdf", Size: 1000, SHA256: digest}
}

func docFile(name, digest string) parser.Attachment {
	return parser.Attachment{Name: name, Type: "application/msword", Size: 1000, SHA256: digest}
}

func one(t *testing.T, m parser.Message, fields map[string]string) Record {
	t.Helper()
	records := Records(m, Input{Corrections: fields}, testDirectory(t), at)
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	b, err := json.Marshal(records[0])
	if err != nil || strings.Contains(string(b), "null") {
		t.Fatalf("lists must print as []: %s, %v", b, err)
	}
	return records[0]
}

func TestRecordOfAnOfficialMail(t *testing.T) {
	m := parser.Message{
		Subject: "(012/BC-UBND) Báo cáo kết quả cải cách hành chính",
		From:    from("ubnd.haiba@quangtri.gov.vn"),
		Text:    "Xã gửi báo cáo theo Công văn số 45/UBND-TH ngày 2/3/2019.\n",
		Attachments: []parser.Attachment{
			{Name: "image001.png", Type: "image/png", Size: 4000, SHA256: "logo"},
			docFile("phu luc.xlsx", "d1"), pdfFile("khac.pdf", "d2"), pdfFile("12-BC-UBND.signed.pdf", "d3"),
			{Name: "smime.p7s", Type: "application/pkcs7-signature", SHA256: "sig"},
		},
	}
	r := one(t, m, nil)
	if r.Document.SoHieu != "012/BC-UBND" || r.Document.LoaiTat != "BC" || r.Document.TrichYeu != "Báo cáo kết quả cải cách hành chính" {
		t.Errorf("%+v", r.Document)
	}
	if r.Sender.Agency != "xa-ba" || r.Sender.Address != "ubnd.haiba@quangtri.gov.vn" {
		t.Errorf("%+v", r.Sender)
	}
	if want := []string{"d3", "d1", "d2"}; !reflect.DeepEqual(r.Document.Files, want) {
		t.Errorf("files %v, want %v", r.Document.Files, want)
	}
	if r.Files[0].Name != "12-BC-UBND.signed.pdf" || len(r.Missing) != 0 || len(r.Doubts) != 0 {
		t.Errorf("%+v", r)
	}
	if r.Key != "12|bc-ubnd|xa-ba|2019" { // the year of the instant in Viet Nam
		t.Errorf("key %q", r.Key)
	}
}

func TestKeyTakesTheYearOfTheDocument(t *testing.T) {
	m := parser.Message{Subject: "Công văn số 7/UBND-VP ngày 20/12/2018 về việc họp", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{pdfFile("a.pdf", "d")}}
	if r := one(t, m, nil); r.Key != "7|ubnd-vp|xa-ba|2018" {
		t.Errorf("key %q", r.Key)
	}
	m.From = from("ai@gmail.com")
	if r := one(t, m, nil); r.Key != "" || !slices.Contains(r.Missing, MissingSender) {
		t.Errorf("unknown sender: key %q, missing %v", r.Key, r.Missing)
	}
	m.From, m.Subject = from("ubnd.haiba@quangtri.gov.vn"), "Số: /UBND-VP dự thảo"
	if r := one(t, m, nil); r.Key != "" || !slices.Contains(r.Missing, MissingSoHieu) {
		t.Errorf("draft: key %q, missing %v", r.Key, r.Missing)
	}
}

func TestReadingsInOrderOfTrust(t *testing.T) {
	file := pdfFile("14_UBND-VP.pdf", "d")
	file.Text = "UBND XÃ HẢI BA\nSố: 15/UBND-VP\nHải Ba, ngày 03 tháng 01 năm 2019\nV/v nội dung trong tệp\n"
	m := parser.Message{Subject: "Gửi văn bản", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{file}}
	r := one(t, m, nil)
	if r.Document.SoHieu != "14/UBND-VP" || r.Document.Sources["so_hieu"].From != vanban.FromFileName || r.Document.Ngay != "2019-01-03" {
		t.Errorf("%+v", r.Document)
	}
	if !reflect.DeepEqual(r.Doubts, []string{vanban.DoubtNumber}) {
		t.Errorf("doubts %v", r.Doubts)
	}
	r = one(t, m, map[string]string{"so_hieu": "16/UBND-VP", "trich_yeu": "họp giao ban", "agency": "H49.2"})
	if r.Document.SoHieu != "16/UBND-VP" || r.Document.Sources["so_hieu"].From != vanban.FromClerk || r.Document.TrichYeu != "họp giao ban" || len(r.Doubts) != 0 {
		t.Errorf("a clerk stands above all: %+v, %v", r.Document, r.Doubts)
	}
	if r.Sender.Agency != "xa-tan" || r.Sender.How != directory.ByCode || r.Sender.Address != "ubnd.haitan@quangtri.gov.vn" || r.Key != "16|ubnd-vp|xa-tan|2019" {
		t.Errorf("%+v, %q", r.Sender, r.Key)
	}
}

func TestForwardedMessageBringsTheDocument(t *testing.T) {
	m := parser.Message{
		Subject:     "Fwd: văn bản",
		From:        from("ubnd.haiba@quangtri.gov.vn"),
		Attachments: []parser.Attachment{{Name: "thu.eml", Type: "message/rfc822", SHA256: "eml"}},
		Nested:      []parser.Nested{{Subject: "(21/TTr-UBND) V/v xin kinh phí", Attachments: []parser.Attachment{pdfFile("21.pdf", "n1")}}},
	}
	r := one(t, m, nil)
	if r.Document.SoHieu != "21/TTr-UBND" || r.Document.TrichYeu != "xin kinh phí" || !reflect.DeepEqual(r.Document.Files, []string{"n1"}) || len(r.Missing) != 0 {
		t.Errorf("%+v, missing %v", r.Document, r.Missing)
	}
	if !HasDocumentFile(m) {
		t.Error("the forwarded file counts")
	}
	m.Kind = parser.Bounce
	if HasDocumentFile(m) || Records(m, Input{}, testDirectory(t), at) != nil {
		t.Error("what a bounce gives back was not submitted")
	}
}

func TestMailWithoutDocument(t *testing.T) {
	m := parser.Message{Subject: "Chúc mừng năm mới", From: from("ai@haitan.example.vn"), Text: "Chúc cả nhà vui vẻ"}
	if r := one(t, m, nil); !reflect.DeepEqual(r.Missing, []string{MissingSoHieu, MissingFile}) || len(r.Files) != 0 {
		t.Errorf("%+v", r)
	}
	m.Subject = "Công văn số 3/UBND-VP về việc báo bão"
	if r := one(t, m, nil); !reflect.DeepEqual(r.Missing, []string{MissingFile}) || r.Document.SoHieu != "3/UBND-VP" {
		t.Errorf("%+v", r)
	}
	for _, kind := range []parser.Kind{parser.Bounce, parser.AutoReply, parser.MDN, parser.Calendar, parser.FeedbackReport} {
		m.Kind = kind
		if Records(m, Input{}, testDirectory(t), at) != nil {
			t.Errorf("%s without document is no submission", kind)
		}
	}
	m.Kind, m.Attachments = parser.AutoReply, []parser.Attachment{pdfFile("a.pdf", "d")}
	if Records(m, Input{}, testDirectory(t), at) == nil {
		t.Error("a document is taken however it was sent")
	}
}

func TestAmbiguousSender(t *testing.T) {
	m := parser.Message{Subject: "(1/BC-UBND) x", Attachments: []parser.Attachment{pdfFile("a.pdf", "d")},
		From: []parser.Address{{Addr: "ubnd.haiba@quangtri.gov.vn"}, {Addr: "ubnd.haitan@quangtri.gov.vn"}}}
	if r := one(t, m, nil); r.Sender.Agency != "" || r.Sender.How != directory.Ambiguous || !reflect.DeepEqual(r.Sender.Candidates, []string{"xa-ba", "xa-tan"}) || r.Key != "" {
		t.Errorf("%+v", r.Sender)
	}
	m.From = m.From[:1]
	m.Findings = []parser.Finding{{Code: parser.TwoFrom}}
	if r := one(t, m, nil); r.Sender.Agency != "" || r.Sender.Address != "" {
		t.Errorf("two From fields: %+v", r.Sender)
	}
	m.From, m.Findings = nil, nil
	if r := one(t, m, nil); r.Sender.Agency != "" || r.Sender.Candidates == nil {
		t.Errorf("no From: %+v", r.Sender)
	}
	if r := one(t, m, map[string]string{"agency": "xa-ba"}); r.Sender.Agency != "xa-ba" {
		t.Errorf("named by the clerk: %+v", r.Sender)
	}
}

func TestMainFile(t *testing.T) {
	for _, c := range []struct {
		name, so, want string
		files          []string
	}{
		{"number before signed", "12", "12_BC.pdf", []string{"a.docx", "b.signed.pdf", "12_BC.pdf"}},
		{"leading zeros", "012", "BC 12.pdf", []string{"a.pdf", "BC 12.pdf"}},
		{"digits of a longer number", "12", "a.pdf", []string{"a.pdf", "x112.pdf"}},
		{"signed", "", "b.signed.pdf", []string{"a.pdf", "b.signed.pdf"}},
		{"first PDF", "", "a.pdf", []string{"x.docx", "a.pdf", "b.pdf"}},
		{"first document", "", "b.docx", []string{"x.sdk", "b.docx", "c.xlsx"}},
		{"no document", "", "x.sdk", []string{"x.sdk", "y.bin"}},
	} {
		var files []item
		for _, name := range c.files {
			a := parser.Attachment{Name: name}
			files = append(files, item{a, -1, kindOf(a)})
		}
		mainFirst(files, c.so)
		if files[0].Name != c.want || len(files) != len(c.files) {
			t.Errorf("%s: %s", c.name, files[0].Name)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		a    parser.Attachment
		want fileKind
	}{
		{parser.Attachment{Name: "A.PDF", Type: "application/octet-stream"}, pdf},
		{parser.Attachment{Name: "scan", Sniffed: "application/pdf"}, pdf},
		{parser.Attachment{Name: "smime.p7s", Type: "application/pkcs7-signature"}, noise},
		{parser.Attachment{Name: "a.eml", Type: "message/rfc822"}, noise},
		{parser.Attachment{Name: "image001.png", Type: "image/png", Size: 9000}, noise},
		{parser.Attachment{Name: "image001.jpg", Type: "image/jpeg", Size: 900_000}, document},
		{parser.Attachment{Name: "scan0001.tif", Type: "image/tiff", Size: 9000}, document},
		{parser.Attachment{Name: "ho so.rar", Type: "application/octet-stream"}, document},
		{parser.Attachment{Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}, document},
		{parser.Attachment{Name: "XMLOutput.sdk", Type: "application/octet-stream"}, other},
		{parser.Attachment{Name: "invite.ics", Type: "text/calendar"}, noise},
		{parser.Attachment{}, other},
	} {
		if got := kindOf(c.a); got != c.want {
			t.Errorf("%+v: %d, want %d", c.a, got, c.want)
		}
	}
}

func TestSecret(t *testing.T) {
	for _, c := range []struct {
		name  string
		m     parser.Message
		level vanban.Secrecy
		where string
	}{
		{"nothing", parser.Message{Subject: "V/v bảo mật thông tin", Text: "bảo vệ bí mật nhà nước"}, "", ""},
		{"subject", parser.Message{Subject: "[MẬT] 12/BC-CA"}, vanban.Mat, InSubject},
		{"forwarded subject", parser.Message{Subject: "Fwd: x", Nested: []parser.Nested{{Subject: "TỐI MẬT: phương án"}}}, vanban.ToiMat, InSubject},
		{"file", parser.Message{Attachments: []parser.Attachment{{Name: "12-BC-CA_MAT.pdf"}}}, vanban.Mat, InFileName},
		{"forwarded file", parser.Message{Nested: []parser.Nested{{Attachments: []parser.Attachment{{Name: "(Mật) a.pdf"}}}}}, vanban.Mat, InFileName},
		{"container", parser.Message{Attachments: []parser.Attachment{{Name: "a.pdf", Path: []string{"[TUYỆT MẬT].zip"}}}}, vanban.TuyetMat, InFileName},
		{"body", parser.Message{Text: "UBND XÃ\nMẬT\nSố: 1/BC-UBND"}, vanban.Mat, InText},
		{"text of a file", parser.Message{Attachments: []parser.Attachment{{Name: "a.docx", Text: "CÔNG AN TỈNH\nTUYỆT MẬT\n"}}}, vanban.TuyetMat, InText},
		{"amid the subject", parser.Message{Subject: "70/SNV-VP kế hoạch TỐI MẬT"}, vanban.ToiMat, InSubject},
		{"one word in capitals", parser.Message{Subject: "70/SNV-VP MẬT báo cáo"}, vanban.Mat, InSubject},
		{"before its number", parser.Message{Subject: "Công văn mật số 12/CAT"}, vanban.Mat, InSubject},
		{"no-break blanks", parser.Message{Subject: "70/SNV-VP\u00a0TỐI\u00a0MẬT\u00a0x"}, vanban.ToiMat, InSubject},
		{"amid the body", parser.Message{Text: "Kính gửi Sở,\nXin gửi văn bản TỐI MẬT kèm theo."}, vanban.ToiMat, InText},
		{"amid the HTML body", parser.Message{HTMLText: "Xin gửi văn bản TUYỆT MẬT kèm theo."}, vanban.TuyetMat, InText},
		{"HTML beside plain text", parser.Message{Text: "Xin xem tệp kèm.", HTMLText: "Xin gửi văn bản TỐI MẬT kèm theo."}, vanban.ToiMat, InText},
		{"forwarded HTML beside plain text", parser.Message{Nested: []parser.Nested{{Text: "Xin xem tệp kèm.", HTMLText: "văn bản TỐI MẬT"}}}, vanban.ToiMat, InText},
		{"amid a forwarded body", parser.Message{Nested: []parser.Nested{{Text: "gửi văn bản TỐI MẬT"}}}, vanban.ToiMat, InText},
		{"far down in a file", parser.Message{Attachments: []parser.Attachment{{Text: strings.Repeat("nội dung báo cáo\n", 5000) + "bản TỐI MẬT"}}}, vanban.ToiMat, InText},
		{"file amid words", parser.Message{Attachments: []parser.Attachment{{Name: "Kế hoạch TUYỆT MẬT 2019.docx"}}}, vanban.TuyetMat, InFileName},
		{"training", parser.Message{Subject: "Tập huấn công tác bảo vệ bí mật nhà nước", Text: "Quy định về văn bản tối mật.\nQUY ĐỊNH VỀ BẢO VỆ BÍ MẬT NHÀ NƯỚC"}, "", ""},
		{"front", parser.Message{Subject: "MẶT TRẬN TỔ QUỐC", Attachments: []parser.Attachment{{Name: "QUY_CHE_BAO_MAT.pdf"}}}, "", ""},
		{"the gravest", parser.Message{Subject: "[MẬT] a", Text: "x\nTỐI MẬT\ny"}, vanban.ToiMat, InText},
	} {
		if level, where := Secret(c.m, nil); level != c.level || where != c.where {
			t.Errorf("%s: %q in %q", c.name, level, where)
		}
	}
}

// Whatever a message holds, no file of it is lost or doubled, and every record can be printed.
func TestRecordsLoseNoFile(t *testing.T) {
	dir := testDirectory(t)
	name := rapid.SampledFrom([]string{"a.pdf", "12.signed.pdf", "b.docx", "c.sdk", "image001.png", "x.p7s", "", "d.zip"})
	rapid.Check(t, func(t *rapid.T) {
		m := parser.Message{Subject: rapid.String().Draw(t, "subject"), Text: rapid.String().Draw(t, "text"), From: from(rapid.String().Draw(t, "from"))}
		n := rapid.IntRange(0, 6).Draw(t, "n")
		want := map[string]bool{}
		for i := range n {
			a := parser.Attachment{Name: name.Draw(t, "name"), SHA256: string(rune('a' + i)), Size: 1}
			if kindOf(a) != noise {
				want[a.SHA256] = true
			}
			if rapid.Bool().Draw(t, "nested") {
				m.Nested = append(m.Nested, parser.Nested{Attachments: []parser.Attachment{a}})
			} else {
				m.Attachments = append(m.Attachments, a)
			}
		}
		records := Records(m, Input{}, dir, at)
		if len(records) != 1 || len(records[0].Files) != len(want) {
			t.Fatalf("%d records for %d files", len(records), len(want))
		}
		for _, f := range records[0].Files {
			if !want[f.Digest] {
				t.Fatalf("file %q twice or from nowhere", f.Digest)
			}
			delete(want, f.Digest)
		}
		if again := Records(m, Input{}, dir, at); !reflect.DeepEqual(records, again) {
			t.Fatal("same input, other records")
		}
	})
}

// benchMail is a mail with a body of 5 KB and a signed PDF, as most are.
func benchMail() parser.Message {
	body := "Kính gửi: Sở Nội vụ tỉnh Quảng Trị,\n\nUBND xã Hải Ba xin gửi Báo cáo số 12/BC-UBND ngày 05/4/2019 về kết quả cải cách hành chính quý I.\n\n" +
		strings.Repeat("Thực hiện nhiệm vụ được giao, đơn vị xin gửi báo cáo kết quả triển khai trong tháng; mặt khác đề nghị xem xét.\n", 60)
	return parser.Message{Subject: "Fwd: (012/BC-UBND) V/v báo cáo kết quả cải cách hành chính", From: from("ubnd.haiba@quangtri.gov.vn"),
		Text: body[:strings.LastIndexByte(body[:5<<10], '\n')], Attachments: []parser.Attachment{pdfFile("12_BC-UBND.signed.pdf", "a"), docFile("phu luc.doc", "b")}}
}

func BenchmarkRecords(b *testing.B) {
	m, dir := benchMail(), testDirectory(b)
	b.ReportAllocs()
	for b.Loop() {
		Records(m, Input{}, dir, at)
	}
}

func BenchmarkSecret(b *testing.B) {
	m := benchMail()
	b.ReportAllocs()
	for b.Loop() {
		Secret(m, nil)
	}
}
