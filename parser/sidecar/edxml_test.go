package sidecar

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// A package as the official builder orders it, with invented agencies.
const packageXML = `<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLEnvelope xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXML:edXMLHeader><edXML:MessageHeader>
<edXML:From><edXML:OrganId>H50.12.03</edXML:OrganId><edXML:OrganizationInCharge>Sở Nội vụ</edXML:OrganizationInCharge><edXML:OrganName>Chi cục Văn thư</edXML:OrganName><edXML:Email>vt@example.vn</edXML:Email></edXML:From>
<edXML:To><edXML:OrganId>H50.21</edXML:OrganId><edXML:OrganName>UBND xã Hải Ba</edXML:OrganName></edXML:To>
<edXML:To><edXML:OrganId>H50.22</edXML:OrganId><edXML:OrganName>UBND xã Hải Quế</edXML:OrganName></edXML:To>
<edXML:To><edXML:OrganId>H50.22</edXML:OrganId><edXML:OrganName>UBND xã Hải Quế</edXML:OrganName></edXML:To>
<edXML:DocumentId>H50.12.03,2019/04/05,21/CCVT-NV</edXML:DocumentId>
<edXML:Code><edXML:CodeNumber>21</edXML:CodeNumber><edXML:CodeNotation>CCVT-NV</edXML:CodeNotation></edXML:Code>
<edXML:PromulgationInfo><edXML:Place>Đông Hà</edXML:Place><edXML:PromulgationDate>2019/04/05</edXML:PromulgationDate></edXML:PromulgationInfo>
<edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeDetail>0</edXML:TypeDetail><edXML:TypeName>CÔNG VĂN</edXML:TypeName></edXML:DocumentType>
<edXML:Subject>V/v nộp lưu hồ sơ năm 2018</edXML:Subject><edXML:Content>như trên</edXML:Content>
<edXML:SignerInfo><edXML:Competence>KT. CHI CỤC TRƯỞNG</edXML:Competence><edXML:Position>Phó Chi cục trưởng</edXML:Position><edXML:FullName>Lê Thị Hoa</edXML:FullName></edXML:SignerInfo>
<edXML:DueDate>30/04/2019</edXML:DueDate>
<edXML:OtherInfo><edXML:Priority>3</edXML:Priority><edXML:PageAmount>2</edXML:PageAmount></edXML:OtherInfo>
<edXML:ResponseFor><edXML:OrganId>H50.21</edXML:OrganId><edXML:Code>7/UBND-VP</edXML:Code><edXML:DocumentId>H50.21,2019/03/01,7/UBND-VP</edXML:DocumentId><edXML:PromulgationDate>2019/03/01</edXML:PromulgationDate></edXML:ResponseFor>
<edXML:ResponseFor/>
<edXML:ToPlaces><edXML:Place>Như trên</edXML:Place><edXML:Place>Lưu: VT</edXML:Place></edXML:ToPlaces>
</edXML:MessageHeader>
<edXML:TraceHeaderList><edXML:TraceHeader><edXML:OrganId>null</edXML:OrganId><edXML:Timestamp>2019/04/05 08:00:00</edXML:Timestamp></edXML:TraceHeader>
<edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType><edXML:BussinessDocReason>Văn bản mới</edXML:BussinessDocReason></edXML:Bussiness></edXML:TraceHeaderList>
</edXML:edXMLHeader><edXML:edXMLBody><edXML:edXMLManifest version="1.0">
<edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId><edXML:AttachmentName>Phu luc 1.xlsx</edXML:AttachmentName></edXML:Reference>
<edXML:Reference><edXML:ContentId>cid:2</edXML:ContentId><edXML:AttachmentName>21_CCVT-NV.pdf</edXML:AttachmentName></edXML:Reference>
</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>
<AttachmentEncoded><Attachment><ContentId>2</ContentId><AttachmentName>21_CCVT-NV.pdf</AttachmentName><edXML:ContentTransferEncoded>JVBERi0=</edXML:ContentTransferEncoded></Attachment>
<Attachment><ContentId>cid:1</ContentId><AttachmentName>Phu luc 1.xlsx</AttachmentName><ContentTransferEncoded>UEsDBA==</ContentTransferEncoded></Attachment></AttachmentEncoded></edXML>`

const statusXML = `<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>H50.21</OrganId><OrganName>UBND xã Hải Ba</OrganName></From>
<ResponseFor><OrganId>H50.12.03</OrganId><Code>21/CCVT-NV</Code><DocumentId>H50.12.03,2019/04/05,21/CCVT-NV</DocumentId><PromulgationDate>2019/04/05</PromulgationDate></ResponseFor>
<StaffInfo><Department>Văn phòng</Department><Staff>Trần Văn Bình</Staff></StaffInfo><StatusCode>2</StatusCode><Description>Gửi nhầm nơi nhận</Description><Timestamp>2019/04/06 09:00:00</Timestamp></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>`

func TestEdoc(t *testing.T) {
	soap := strings.NewReplacer(`<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016">`, `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><edXML>`,
		"</AttachmentEncoded></edXML>", "</AttachmentEncoded></edXML></soap:Body></soap:Envelope>").Replace(packageXML)
	for form, b := range map[string]string{
		"bare":                  packageXML,
		"in a SOAP envelope":    soap,
		"without prefixes":      strings.ReplaceAll(packageXML, "edXML:", ""),
		"undeclared prefix":     strings.ReplaceAll(packageXML, ` xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"`, ""),
		"older namespace":       strings.ReplaceAll(packageXML, "http://www.mic.gov.vn/TBT/QCVN_102_2016", "http://www.e-doc.vn/Schema/"),
		"Bkav's one s":          strings.ReplaceAll(packageXML, "Bussiness", "Business"),
		"bytes before it":       "\x00\xef\xbf\xbd?" + packageXML,
		"whole number in one":   strings.Replace(packageXML, "<edXML:CodeNotation>CCVT-NV<", "<edXML:CodeNotation>21/CCVT-NV<", 1),
		"whole in CodeNumber":   strings.NewReplacer("<edXML:CodeNumber>21<", "<edXML:CodeNumber>21/CCVT-NV<", "<edXML:CodeNotation>CCVT-NV</edXML:CodeNotation>", "<edXML:CodeNotation/>").Replace(packageXML),
		"header swapped":        swapped(packageXML),
		"elements nobody knows": strings.ReplaceAll(packageXML, "<edXML:Subject>", "<edXML:New><edXML:Subject>x</edXML:Subject></edXML:New><edXML:Subject>"),
	} {
		s := read(t, []byte(b), "a.edxml")
		d := s.Document
		if s.Kind != Edoc || d.SoHieu != "21/CCVT-NV" || d.So != "21" || d.KyHieu != "CCVT-NV" || d.Ngay != "2019-04-05" || d.DiaDanh != "Đông Hà" || d.LoaiTat != "CV" ||
			d.TrichYeu != "nộp lưu hồ sơ năm 2018" || d.NguoiKy != "Lê Thị Hoa" || d.ChucVu != "Phó Chi cục trưởng" || !slices.Equal(d.QuyenHanKy, []string{"KT"}) ||
			d.CoQuan != "Chi cục Văn thư" || d.CoQuanTren != "Sở Nội vụ" || d.DoKhan != vanban.HoaToc || !slices.Equal(d.NoiNhan, []string{"Như trên", "Lưu: VT"}) ||
			!slices.Equal(d.TraLoi, []string{"7/UBND-VP"}) || s.Due != "2019-04-30" || s.Pages != "2" || s.Change.Kind != "" || s.Change.Reason != "" {
			t.Errorf("%s: %+v", form, s)
		}
		if !slices.Equal(s.Files, []string{"21_CCVT-NV.pdf", "Phu luc 1.xlsx"}) || len(s.Receivers) != 2 || s.Sender.Code != "H50.12.03" || len(s.Findings) != 0 ||
			s.DocumentID != "H50.12.03,2019/04/05,21/CCVT-NV" || len(s.Answers) != 1 || s.Answers[0].Date != "2019-03-01" || s.Answers[0].Issuer.Code != "H50.21" {
			t.Errorf("%s: files %q, receivers %+v, sender %+v, answers %+v, findings %+v", form, s.Files, s.Receivers, s.Sender, s.Answers, s.Findings)
		}
	}
}

// swapped puts the trace before the header.
func swapped(s string) string {
	from, to := strings.Index(s, "<edXML:TraceHeaderList>"), strings.Index(s, "</edXML:edXMLHeader>")
	at := strings.Index(s, "<edXML:MessageHeader>")
	return s[:at] + s[from:to] + s[at:from] + s[to:]
}

func TestEdocFaults(t *testing.T) {
	for _, c := range []struct {
		old, new string
		check    func(Sidecar) bool
		finding  string
	}{
		{"<edXML:BussinessDocType>0<", "<edXML:BussinessDocType>3<", func(s Sidecar) bool { return s.Change.Kind == Replace && s.Change.Reason == "Văn bản mới" }, ""},
		{"2019/04/05</edXML:PromulgationDate>", "05/04/2019</edXML:PromulgationDate>", func(s Sidecar) bool { return s.Document.Ngay == "2019-04-05" }, ""},
		{"<edXML:CodeNumber>21<", "<edXML:CodeNumber>74abc22<", func(s Sidecar) bool {
			return s.Document.SoHieu == "74abc22/CCVT-NV" && s.Document.Sources["so"].Confidence < sure
		}, OddNumber},
		{"<edXML:CodeNumber>21<", "<edXML:CodeNumber><", func(s Sidecar) bool { return s.Document.SoHieu == "" && s.Document.KyHieu == "CCVT-NV" }, ""},
		{"<edXML:OrganId>H50.12.03<", "<edXML:OrganId>N/A<", func(s Sidecar) bool { return s.Sender.Code == "" }, Incomplete},
		{"<edXML:Subject>", "<edXML:Subject>Khác</edXML:Subject><edXML:Subject>", func(s Sidecar) bool { return s.Document.TrichYeu == "Khác" }, Repeated},
		{"<ContentId>2<", "<ContentId>9<", func(s Sidecar) bool { return len(s.Files) == 3 }, FilesDiffer},
		{"<AttachmentName>21_CCVT-NV.pdf<", `<AttachmentName>C:\tmp\other.pdf<`, func(s Sidecar) bool { return s.Files[0] == "21_CCVT-NV.pdf" }, FilesDiffer},
		{"<edXML:Code>7/UBND-VP</edXML:Code>", "<edXML:Code>H50.21</edXML:Code>", func(s Sidecar) bool { return s.Answers[0].Number == "H50.21" || s.Answers[0].Number == "" }, ""},
		{"<edXML:OrganId>H50.21</edXML:OrganId><edXML:Code>7/UBND-VP</edXML:Code>", "<edXML:OrganId>7/UBND-VP</edXML:OrganId><edXML:Code>H50.21</edXML:Code>",
			func(s Sidecar) bool {
				return s.Answers[0].Number == "7/UBND-VP" && s.Answers[0].Issuer.Code == "H50.21"
			}, ""},
		{"</edXML:Subject>", "", func(s Sidecar) bool { return s.Document.SoHieu == "21/CCVT-NV" }, Damaged},
	} {
		s := read(t, []byte(strings.Replace(packageXML, c.old, c.new, 1)), "a.edxml")
		if !c.check(s) || c.finding != "" && !slices.Contains(codes(s), c.finding) {
			t.Errorf("%s for %s: %+v", c.new, c.old, s)
		}
	}
}

func TestStatus(t *testing.T) {
	bkav := strings.NewReplacer("<MessageHeader>", "<Status>", "</MessageHeader>", "</Status>").Replace(statusXML)
	for _, b := range []string{statusXML, bkav} {
		s := read(t, []byte(b), "a.edxml")
		want := []Reference{{Number: "21/CCVT-NV", Date: "2019-04-05", Issuer: Organ{Code: "H50.12.03"}, DocumentID: "H50.12.03,2019/04/05,21/CCVT-NV"}}
		if s.Kind != Status || s.Report != (Report{"02", "Gửi nhầm nơi nhận", "2019/04/06 09:00:00", "Văn phòng", "Trần Văn Bình"}) || !slices.Equal(s.Answers, want) ||
			s.Document.SoHieu != "21/CCVT-NV" || s.Document.Ngay != "2019-04-05" || s.Document.TrichYeu != "" || s.Sender.Code != "H50.21" || len(s.Findings) != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// A package of many megabytes is read without holding it, and all its files are named.
func TestLargePackage(t *testing.T) {
	at := strings.Index(packageXML, "JVBERi0=")
	r := &holed{before: packageXML[:at], hole: 60 << 20, after: packageXML[at:]}
	var s Sidecar
	got := testing.AllocsPerRun(1, func() { s, _, _ = Read(r, r.size(), "a.edxml", "") })
	if s.Document.SoHieu != "21/CCVT-NV" || !slices.Equal(s.Files, []string{"21_CCVT-NV.pdf", "Phu luc 1.xlsx"}) || len(s.Findings) != 0 {
		t.Errorf("%+v", s)
	}
	if got > 20_000 {
		t.Errorf("%.0f allocations", got)
	}
}

// holed is a file with a long run of letters in it.
type holed struct {
	before, after string
	hole          int64
}

func (h *holed) size() int64 { return int64(len(h.before)) + h.hole + int64(len(h.after)) }

func (h *holed) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) && off < h.size() {
		var m int
		switch rest := off - int64(len(h.before)); {
		case rest < 0:
			m = copy(p[n:], h.before[off:])
		case rest < h.hole:
			m = int(min(int64(len(p)-n), h.hole-rest))
			copy(p[n:n+m], bytes.Repeat([]byte("A"), m))
		default:
			m = copy(p[n:], h.after[rest-h.hole:])
		}
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Samples of other builders, kept beside the repository.
func TestSamples(t *testing.T) {
	want := map[string]struct{ kind, number, date, code string }{
		"03-all4u-edoc_new.edxml": {"edoc", "74fass22/VPCP-TTĐT", "2019-01-16", ""}, "04-pvn-edoc_update.edxml": {"edoc", "7816/VPCP-TTĐT", "2018-09-28", ""},
		"05-pvn-edoc_replacement.edxml": {"edoc", "7816/VPCP-TTĐT", "2018-09-28", ""}, "06-pvn-edoc_revocation.edxml": {"edoc", "7816/VPCP-TTĐT", "2018-09-28", ""},
		"10-pvn-upload-two-zip-txt.edxml": {"edoc", "20251016112435/GW-AUTO", "2025-10-16", ""}, "11-pvn-minimal.edxml": {"edoc", "", "", ""},
		"13-all4u-edoc-template.edxml": {"edoc", "", "", ""}, "14-quang-edoc_new.edxml": {"edoc", "2491/STC-BCTC", "2020-10-30", ""},
		"sdk-edoc-attachment-matrix.edxml": {"edoc", "12/TB-UBND", "1970-01-01", ""}, "sdk-status-02.edxml": {"status", "12/TB-UBND", "1970-01-01", "02"},
		"st-pvn-status_cancellation_13.edxml": {"status", "7816/VPCP-TTĐT", "2015-09-30", "13"}, "st-pvn-status.edxml": {"status", "7816/VPCP-TTĐT", "2018-09-28", "01"},
	}
	const folder = "../../../shared/reference/edxml/samples"
	if _, err := os.Stat(folder); err != nil {
		absent(t, err)
	}
	for name, w := range want {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		s := read(t, b, name)
		if string(s.Kind) != w.kind || s.Document.SoHieu != w.number || s.Document.Ngay != w.date || s.Report.Code != w.code || s.Kind == Edoc && len(s.Files) == 0 {
			t.Errorf("%s: %s %q %q %q, files %q, findings %+v", name, s.Kind, s.Document.SoHieu, s.Document.Ngay, s.Report.Code, s.Files, s.Findings)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{packageXML, statusXML, fullMail, "<EXPORTMAIL>", "<a", "\xff\xfe<\x00", "<EXPORTSTATUS><PHANHOIVANBAN/></EXPORTSTATUS>"} {
		f.Add([]byte(s), true)
	}
	f.Add(wide(fullMail, binary.LittleEndian, true), false)
	f.Fuzz(func(t *testing.T, b []byte, edxml bool) {
		name := map[bool]string{true: "a.edxml", false: "XMLOutput.sdk"}[edxml]
		s := read(t, b, name)
		d := s.Document
		if d.Sources == nil || d.TraLoi == nil || (d.SoHieu == "") != (d.So == "") || len(s.Findings) > maxFindings || s.Kind == "" && len(s.Findings) == 0 {
			t.Fatalf("%+v", s)
		}
		for field, source := range d.Sources {
			if source.From != vanban.FromSidecar || source.Confidence <= 0 || source.Confidence > 1 || !norm.NFC.IsNormalString(source.Evidence) ||
				strings.ContainsFunc(source.Evidence, unicode.IsControl) {
				t.Fatalf("%s: %+v", field, source)
			}
		}
		if again := read(t, b, name); !reflect.DeepEqual(s, again) {
			t.Fatalf("two readings differ: %+v, %+v", s, again)
		}
	})
}

// absent ends a test whose shared data lie not beside the repository: skipped, or failed where nothing may be missing.
func absent(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", what)
	}
	t.Skipf("not here: %v", what)
}
