package mapping

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// named makes files of these names, each with bytes of its own; "zip/a.pdf" came in an archive.
func named(names ...string) []parser.Attachment {
	var list []parser.Attachment
	for i, name := range names {
		a := pdfFile(name, fmt.Sprintf("d%d-%s", i, name))
		if box, file, ok := strings.Cut(name, "/"); ok {
			a.Name, a.Path = file, []string{box}
		}
		if strings.HasSuffix(name, ".zip") {
			a.Type, a.Sniffed = "application/zip", "application/zip"
		} else if !strings.HasSuffix(name, ".pdf") {
			a.Type, a.Sniffed = "application/octet-stream", ""
		}
		list = append(list, a)
	}
	return list
}

func says(a parser.Attachment, text string) parser.Attachment {
	a.Text = text
	return a
}

func states(number string, files ...string) parser.Attachment {
	s := &sidecar.Sidecar{Kind: sidecar.ExportMail, Document: vanban.New(), Files: files}
	s.Document.TakeNumber(number, "", vanban.FromSidecar, 0.95)
	return parser.Attachment{Name: "XMLOutput.sdk", Size: 1, SHA256: "sdk" + number, Sidecar: s}
}

func letterhead(number, rest string) string {
	return "UBND XÃ HẢI BA\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: " + number + "\nHải Ba, ngày 05 tháng 6 năm 2019\n" + rest
}

// shown writes records as "number: file, file !doubt".
func shown(records []Record) []string {
	var out []string
	for _, r := range records {
		var names []string
		for _, f := range r.Files {
			names = append(names, f.Name)
		}
		s := r.Document.SoHieu + ": " + strings.Join(names, ", ")
		for _, d := range r.Doubts {
			s += " !" + d
		}
		out = append(out, s)
	}
	return out
}

func TestDocumentsOfAMail(t *testing.T) {
	for _, c := range []struct {
		name string
		m    parser.Message
		want []string
	}{
		{"two numbers", parser.Message{Subject: "Gửi văn bản", Attachments: named("12_BC-UBND.pdf", "13_TTr-UBND.pdf")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"the subject names the second", parser.Message{Subject: "(13/TTr-UBND) V/v xin kinh phí", Attachments: named("12_BC-UBND.pdf", "13_TTr-UBND.pdf")},
			[]string{"13/TTr-UBND: 13_TTr-UBND.pdf", "12/BC-UBND: 12_BC-UBND.pdf"}},
		{"the subject names a third", parser.Message{Subject: "(14/TTr-UBND) V/v xin kinh phí", Attachments: named("12_BC-UBND.pdf", "13_TTr-UBND.pdf")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf !so_hieu-differs", "13/TTr-UBND: 13_TTr-UBND.pdf !so_hieu-differs"}},
		{"a letter and what it sends along", parser.Message{Subject: "Công văn số 11/UBND-VP về việc gửi tài liệu", Attachments: named("cong van.pdf", "12_BC-STC.pdf", "13_BC-SXD.pdf")},
			[]string{"11/UBND-VP: cong van.pdf, 12_BC-STC.pdf, 13_BC-SXD.pdf !another-number-attached"}},
		{"PDF and DOCX of one number", parser.Message{Attachments: named("12-BC-UBND.docx", "12_BC-UBND.signed.pdf")}, []string{"12/BC-UBND: 12_BC-UBND.signed.pdf, 12-BC-UBND.docx"}},
		{"a shortened notation", parser.Message{Attachments: []parser.Attachment{named("12_UBND.pdf")[0], says(docFile("b.docx", "b"), letterhead("12/UBND-VP", ""))}},
			[]string{"12/UBND: 12_UBND.pdf, b.docx !so_hieu-differs"}},
		{"annexes by name", parser.Message{Attachments: named("12_BC-UBND.pdf", "phu luc 12.xlsx", "13_TTr-UBND.pdf", "PL 02_KH-UBND.docx", "Danh sach.xlsx", "12_BC-UBND_PL1.pdf")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, phu luc 12.xlsx, 12_BC-UBND_PL1.pdf", "13/TTr-UBND: 13_TTr-UBND.pdf, PL 02_KH-UBND.docx, Danh sach.xlsx !file-assigned-by-order"}},
		{"an annex by its text", parser.Message{Attachments: []parser.Attachment{named("12_BC-UBND.pdf")[0], named("13_TTr-UBND.pdf")[0],
			says(docFile("b.docx", "b"), "PHỤ LỤC I\n(Kèm theo Báo cáo số 12/BC-UBND ngày 5/6/2019 của UBND xã)\nSố liệu\n")}},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, b.docx", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"the words of a name's subject make no annex", parser.Message{Attachments: named("12_TTr-UBND du thao nghi quyet.pdf", "13_TB-UBND danh sach thi sinh.pdf")},
			[]string{"12/TTr-UBND: 12_TTr-UBND du thao nghi quyet.pdf", "13/TB-UBND: 13_TB-UBND danh sach thi sinh.pdf"}},
		{"what the mail answers", parser.Message{Subject: "Trả lời Công văn số 45/STC-NS", Attachments: named("45_STC-NS.pdf", "12_BC-UBND.pdf")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, 45_STC-NS.pdf !another-number-attached"}},
		{"what the document quotes", parser.Message{Attachments: []parser.Attachment{named("45_STC-NS.pdf")[0],
			says(docFile("a.docx", "a"), letterhead("12/BC-UBND", "Kính gửi: Sở Tài chính\nCăn cứ tài liệu 45/STC-NS, xã báo cáo."))}},
			[]string{"12/BC-UBND: a.docx, 45_STC-NS.pdf !another-number-attached"}},
		{"each quotes the other", parser.Message{Attachments: []parser.Attachment{says(docFile("b.docx", "b"), letterhead("13/KH-UBND", "Kèm Quyết định 12/QĐ-UBND")),
			says(docFile("a.docx", "a"), letterhead("12/QĐ-UBND", "Ban hành Kế hoạch 13/KH-UBND"))}},
			[]string{"12/QĐ-UBND: a.docx, b.docx !another-number-attached"}},
		{"name and text disagree", parser.Message{Attachments: []parser.Attachment{named("12_BC-UBND.pdf")[0], says(named("13_TTr-UBND.pdf")[0], letterhead("14/TTr-UBND", ""))}},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, 13_TTr-UBND.pdf"}},
		{"bare numbers are no evidence", parser.Message{Subject: "(12/BC-UBND) Báo cáo", Attachments: named("13.pdf", "12.pdf")}, []string{"12/BC-UBND: 12.pdf, 13.pdf"}},
		{"drafts have no number", parser.Message{Attachments: []parser.Attachment{says(docFile("a.docx", "a"), letterhead("   /QĐ-UBND", "")), says(docFile("b.docx", "b"), letterhead("   /KH-UBND", ""))}},
			[]string{": a.docx, b.docx"}},
		{"an archive with one document", parser.Message{Attachments: named("12_BC-UBND.zip", "12_BC-UBND.zip/scan.pdf", "13_TTr-UBND.pdf")},
			[]string{"12/BC-UBND: scan.pdf, 12_BC-UBND.zip", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"an archive with two", parser.Message{Attachments: named("vb.zip", "vb.zip/12_BC-UBND.pdf", "vb.zip/bang.xlsx", "vb.zip/13_TTr-UBND.pdf")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, vb.zip, bang.xlsx !file-assigned-by-order", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"an archive of annexes", parser.Message{Attachments: named("12_BC-UBND.pdf", "13_TTr-UBND.pdf", "phu luc BC 12.zip", "phu luc BC 12.zip/a.pdf", "phu luc BC 12.zip/b.xlsx")},
			[]string{"12/BC-UBND: 12_BC-UBND.pdf, phu luc BC 12.zip, a.pdf, b.xlsx", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"a sidecar for one of two", parser.Message{Attachments: append(named("12_BC-UBND.pdf", "13_TTr-UBND.pdf"), states("13/TTr-UBND"))},
			[]string{"13/TTr-UBND: 13_TTr-UBND.pdf", "12/BC-UBND: 12_BC-UBND.pdf"}},
		{"two sidecars", parser.Message{Attachments: append(named("b.signed.pdf", "12.signed.pdf"), states("13/TTr-UBND"), states("12/BC-UBND"))},
			[]string{"13/TTr-UBND: b.signed.pdf", "12/BC-UBND: 12.signed.pdf"}},
		{"two sidecars, one file", parser.Message{Attachments: append(named("a.pdf", "b.pdf", "c.pdf"), states("13/TTr-UBND"), states("12/BC-UBND"))},
			[]string{"13/TTr-UBND: a.pdf, b.pdf, c.pdf !so_hieu-differs !documents-not-told-apart"}},
		{"a sidecar that lists its files", parser.Message{Attachments: append(named("45_STC-NS.pdf", "a.pdf", "13_TTr-UBND.pdf"), states("12/BC-UBND", "a.pdf", "45_STC-NS.pdf"))},
			[]string{"12/BC-UBND: a.pdf, 45_STC-NS.pdf", "13/TTr-UBND: 13_TTr-UBND.pdf"}},
		{"two forwarded messages", parser.Message{Subject: "Fwd: văn bản", Nested: []parser.Nested{
			{Subject: "(21/TTr-UBND) V/v xin kinh phí", Attachments: named("a.pdf", "b.xlsx")}, {Subject: "(22/BC-UBND) Báo cáo quý", Attachments: named("c.pdf")}}},
			[]string{"21/TTr-UBND: a.pdf, b.xlsx", "22/BC-UBND: c.pdf"}},
		{"a document and a forwarded one", parser.Message{Subject: "(30/UBND-VP) V/v gửi", Attachments: named("x.pdf", "y.xlsx"), Nested: []parser.Nested{
			{Subject: "(21/TTr-UBND) V/v xin kinh phí", Attachments: named("a.pdf", "b.xlsx")}}},
			[]string{"30/UBND-VP: x.pdf, y.xlsx", "21/TTr-UBND: a.pdf, b.xlsx"}},
		{"the letter that is answered, forwarded below", parser.Message{Subject: "(30/UBND-VP) V/v trả lời Tờ trình số 21/TTr-UBND", Attachments: named("x.pdf"), Nested: []parser.Nested{
			{Subject: "(21/TTr-UBND) V/v xin kinh phí", Attachments: named("a.pdf")}}},
			[]string{"30/UBND-VP: x.pdf, a.pdf !another-number-attached"}},
	} {
		c.m.From = from("ubnd.haiba@quangtri.gov.vn")
		for i := range c.m.Nested {
			for j := range c.m.Nested[i].Attachments {
				c.m.Nested[i].Attachments[j].SHA256 += fmt.Sprint("n", i)
			}
		}
		if got := shown(Records(c.m, Input{}, testDirectory(t), at)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// Subject and mail text speak only for the document that they name; the sender and an urgency are everybody's.
func TestSubjectSpeaksForItsDocument(t *testing.T) {
	m := parser.Message{Subject: "HỎA TỐC: Công văn số 13/UBND-VP ngày 20/12/2018 về việc báo bão", Text: "Kính gửi\n", From: from("ubnd.haiba@quangtri.gov.vn"),
		Attachments: named("12_BC-UBND bao cao nhanh tinh hinh.pdf", "13_UBND-VP.pdf")}
	recs := Records(m, Input{}, testDirectory(t), at)
	if len(recs) != 2 {
		t.Fatalf("%d records", len(recs))
	}
	a, b := recs[0], recs[1]
	if a.Document.TrichYeu != "báo bão" || a.Document.Ngay != "2018-12-20" || a.Key != "13|ubnd-vp|xa-ba|2018" || a.Document.DoKhan != vanban.HoaToc {
		t.Errorf("%+v", a)
	}
	if b.Document.TrichYeu != "bao cao nhanh tinh hinh" || b.Document.Ngay != "" || b.Key != "12|bc-ubnd|xa-ba|2019" || b.Document.DoKhan != vanban.HoaToc || b.Document.LoaiTat != "BC" {
		t.Errorf("%+v", b)
	}
	if !reflect.DeepEqual(a.Sender, b.Sender) || a.Sender.Agency != "xa-ba" || len(a.Missing)+len(b.Missing) != 0 {
		t.Errorf("senders %+v, %+v, missing %v, %v", a.Sender, b.Sender, a.Missing, b.Missing)
	}
}

// A clerk's word goes to the record that it names, else to the first; the sender's agency to all; and "records" makes one of them again.
func TestCorrectionsGoToTheirRecord(t *testing.T) {
	m := parser.Message{Subject: "Gửi văn bản", From: from("ai@gmail.com"), Attachments: named("12_BC-UBND.pdf", "13_TTr-UBND.pdf")}
	recs := Records(m, Input{Corrections: map[string]string{"so_hieu": "15/BC-UBND", "2.trich_yeu": "xin kinh phí", "agency": "H49.2", "3.so_hieu": "9/X", "x.so_hieu": "9/X", "2.agency": "H49.1"}}, testDirectory(t), at)
	if got := shown(recs); !slices.Equal(got, []string{"15/BC-UBND: 12_BC-UBND.pdf", "13/TTr-UBND: 13_TTr-UBND.pdf"}) {
		t.Errorf("%q", got)
	}
	if recs[1].Document.TrichYeu != "xin kinh phí" || recs[0].Document.TrichYeu != "" || recs[0].Sender.Agency != "xa-tan" || recs[1].Sender.Agency != "xa-tan" {
		t.Errorf("%+v", recs)
	}
	recs = Records(m, Input{Corrections: map[string]string{"records": "1"}}, testDirectory(t), at)
	if got := shown(recs); !slices.Equal(got, []string{"12/BC-UBND: 12_BC-UBND.pdf, 13_TTr-UBND.pdf"}) {
		t.Errorf("joined by a clerk: %q", got)
	}
}

// The same bytes are one file, in an archive and beside it, twice in the mail, and in a forwarded message; empty files are not alike.
func TestSameFileIsListedOnce(t *testing.T) {
	a, b := pdfFile("12_BC-UBND.pdf", "x"), pdfFile("scan.pdf", "x")
	empty := func(name string) parser.Attachment {
		e := pdfFile(name, "e3b0")
		e.Size = 0
		return e
	}
	zip := parser.Attachment{Name: "vb.zip", Type: "application/zip", Size: 9, SHA256: "z"}
	odd := parser.Attachment{Name: "12_BC-UBND.bin", Size: 1000, SHA256: "x"}
	if r := one(t, parser.Message{Attachments: []parser.Attachment{odd, a}}, nil); r.Files[0].Name != a.Name || slices.Contains(r.Missing, MissingFile) {
		t.Errorf("the name that says least stands: %+v", r)
	}
	m := parser.Message{From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{zip, inside(b, "vb.zip"), a, a, empty("e.pdf"), empty("f.pdf")},
		Nested: []parser.Nested{{Attachments: []parser.Attachment{pdfFile("other name.pdf", "x")}}}}
	if got := shown(Records(m, Input{}, testDirectory(t), at)); !slices.Equal(got, []string{"12/BC-UBND: 12_BC-UBND.pdf, vb.zip, e.pdf, f.pdf"}) {
		t.Errorf("%q", got)
	}
}

// A signed PDF often has no text: what the DOCX beside it says completes the record.
func TestOtherFormCompletesTheRecord(t *testing.T) {
	m := parser.Message{Subject: "Gửi văn bản", From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: []parser.Attachment{
		says(docFile("12_BC-UBND.docx", "a"), letterhead("12/BC-UBND", "BÁO CÁO\nVề kết quả năm 2019\n")), pdfFile("12_BC-UBND.signed.pdf", "b")}}
	r := one(t, m, nil)
	if r.Files[0].Digest != "b" || r.Document.Ngay != "2019-06-05" {
		t.Errorf("%+v", r)
	}
}

func TestTooManyDocuments(t *testing.T) {
	var names []string
	for i := range maxDocuments + 1 {
		names = append(names, fmt.Sprintf("%d_BC-UBND.pdf", i+1))
	}
	for n, want := range map[int]int{maxDocuments: maxDocuments, maxDocuments + 1: 1} {
		recs := Records(parser.Message{Attachments: named(names[:n]...)}, Input{}, testDirectory(t), at)
		if len(recs) != want || slices.Contains(recs[0].Doubts, DoubtDocuments) != (want == 1) {
			t.Errorf("%d documents: %d records, doubts %v", n, len(recs), recs[0].Doubts)
		}
	}
}
