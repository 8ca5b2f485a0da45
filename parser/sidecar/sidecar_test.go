package sidecar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// mailXML writes an EXPORTMAIL from pairs of element and value.
func mailXML(pairs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-16"?>` + "\r\n<EXPORTMAIL>\r\n")
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString("  <" + pairs[i] + ">" + pairs[i+1] + "</" + pairs[i] + ">\r\n")
	}
	return b.String() + "</EXPORTMAIL>"
}

var fullMail = mailXML("STRLOAIVANBAN", "Tờ Trình", "STRKYHIEU", "5253/TTr-SYT", "STRTRICHYEU", "V/v phê duyệt kế hoạch phòng, chống dịch năm 2020", "STRNGAYKY", "05/06/2020",
	"STRNGUOIKY", "Trần Văn Bình", "STRCHUCDANH", "Phó Giám đốc", "STRNOIGUI", "Sở Y tế", "STRDOKHAN", "Khẩn", "STRHANXULY", "12/06/2020", "INTSOTO", "4")

// wide writes text as UTF-16.
func wide(s string, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func read(t testing.TB, b []byte, name string) Sidecar {
	t.Helper()
	s, ok, err := Read(bytes.NewReader(b), int64(len(b)), name, "")
	if err != nil || !ok {
		t.Fatalf("%s: %v, %v", name, ok, err)
	}
	return s
}

func codes(s Sidecar) []string {
	all := []string{}
	for _, f := range s.Findings {
		all = append(all, f.Code)
	}
	return all
}

func TestExportMailInAnyEncoding(t *testing.T) {
	for form, b := range map[string][]byte{
		"UTF-8 declared UTF-16":        []byte(fullMail),
		"UTF-8 with mark":              []byte("\ufeff" + fullMail),
		"UTF-16LE with mark":           wide(fullMail, binary.LittleEndian, true),
		"UTF-16LE without mark":        wide(fullMail, binary.LittleEndian, false),
		"UTF-16BE with mark":           wide(fullMail, binary.BigEndian, true),
		"UTF-16BE without mark":        wide(fullMail, binary.BigEndian, false),
		"UTF-16LE declared UTF-8":      wide(strings.Replace(fullMail, "utf-16", "utf-8", 1), binary.LittleEndian, true),
		"decomposed":                   []byte(norm.NFD.String(fullMail)),
		"without declaration":          []byte(fullMail[strings.Index(fullMail, "<EXPORT"):]),
		"bytes before it":              []byte("\x00\x01junk" + fullMail),
		"NUL behind it":                append(wide(fullMail, binary.LittleEndian, true), 0, 0, 0),
		"prefix, small letters, a row": []byte(strings.NewReplacer("<STR", "<x:STR", "</STR", "</x:STR", "<EXPORTMAIL>", "<ExportMail><Row>", "</EXPORTMAIL>", "</Row></ExportMail>").Replace(fullMail)),
		"another root":                 []byte(strings.NewReplacer("EXPORTMAIL", "NewDataSet").Replace(fullMail)),
	} {
		for _, name := range []string{"XMLOutput.sdk", "XMLOutput_12.sdk", "xmloutput (1).SDK", "van-ban.xml"} {
			s := read(t, b, name)
			d := s.Document
			if s.Kind != ExportMail || d.SoHieu != "5253/TTr-SYT" || d.So != "5253" || d.KyHieu != "TTr-SYT" || d.Loai != "Tờ trình" || d.LoaiTat != "TTr" ||
				d.TrichYeu != "phê duyệt kế hoạch phòng, chống dịch năm 2020" || d.Ngay != "2020-06-05" || d.NguoiKy != "Trần Văn Bình" || d.ChucVu != "Phó Giám đốc" ||
				d.CoQuan != "Sở Y tế" || d.DoKhan != vanban.Khan || s.Due != "2020-06-12" || s.Pages != "4" || s.Sender.Name != "Sở Y tế" {
				t.Errorf("%s: %+v", form, s)
			}
			for field, source := range d.Sources {
				if source.From != vanban.FromSidecar || source.Evidence == "" || source.Confidence != sure {
					t.Errorf("%s: source of %s: %+v", form, field, source)
				}
			}
		}
	}
	if got := codes(read(t, []byte(fullMail), "XMLOutput.sdk")); !slices.Equal(got, []string{Misdeclared}) {
		t.Errorf("UTF-8 under the name of UTF-16: %q", got)
	}
	if got := codes(read(t, wide(fullMail, binary.LittleEndian, true), "XMLOutput.sdk")); len(got) != 0 {
		t.Errorf("a sound one: %q", got)
	}
}

func TestExportMailValues(t *testing.T) {
	for _, c := range []struct {
		element, value string
		got            func(Sidecar) string
		want, finding  string
	}{
		{"STRKYHIEU", "5253", func(s Sidecar) string { return s.Document.SoHieu + "|" + s.Document.KyHieu }, "5253|", ""},
		{"STRKYHIEU", " 0012 /BC - SNN&amp;PTNT ", func(s Sidecar) string { return s.Document.SoHieu }, "0012/BC-SNN&PTNT", ""},
		{"STRKYHIEU", "12/BC-SNN&PTNT", func(s Sidecar) string { return s.Document.SoHieu }, "12/BC-SNN&PTNT", Damaged},
		{"STRKYHIEU", "06-CTr/TU", func(s Sidecar) string { return s.Document.SoHieu }, "06-CTr/TU", ""},
		{"STRKYHIEU", "28/2018/QĐ-TTg", func(s Sidecar) string { return s.Document.KyHieu }, "2018/QĐ-TTg", ""},
		{"STRKYHIEU", "/QĐ-UBND", func(s Sidecar) string { return s.Document.SoHieu + "|" + s.Document.KyHieu }, "|QĐ-UBND", ""},
		{"STRKYHIEU", "614, 615/CV-VP", func(s Sidecar) string { return s.Document.SoHieu }, "", BadValue},
		{"STRKYHIEU", "không số", func(s Sidecar) string { return s.Document.SoHieu }, "", ""},
		{"STRNGAYKY", "44013", func(s Sidecar) string { return s.Document.Ngay }, "2020-07-01", SerialDate},
		{"STRNGAYKY", "2020-07-01T00:00:00+07:00", func(s Sidecar) string { return s.Document.Ngay }, "2020-07-01", ""},
		{"STRNGAYKY", "01/07/2020 00:00:00", func(s Sidecar) string { return s.Document.Ngay }, "2020-07-01", ""},
		{"STRNGAYKY", "31/02/2020", func(s Sidecar) string { return s.Document.Ngay }, "", BadValue},
		{"STRNGAYKY", "hôm qua", func(s Sidecar) string { return s.Document.Ngay }, "", BadValue},
		{"STRNGAYKY", "  ", func(s Sidecar) string { return s.Document.Ngay }, "", ""},
		{"STRLOAIVANBAN", "Công Văn", func(s Sidecar) string { return s.Document.LoaiTat }, "CV", ""},
		{"STRLOAIVANBAN", "Quyết định (cá biệt)", func(s Sidecar) string { return s.Document.LoaiTat }, "QĐ", ""},
		{"STRLOAIVANBAN", "Giấy khen", func(s Sidecar) string { return s.Document.Loai + "|" + s.Document.LoaiTat }, "Giấy khen|", ""},
		{"STRTRICHYEU", "[MẬT] Kế hoạch", func(s Sidecar) string { return string(s.Document.DoMat) }, "mat", ""},
		{"STRTRICHYEU", "Tăng cường bảo mật thông tin", func(s Sidecar) string { return string(s.Document.DoMat) }, "", ""},
		{"STRDOMAT", "Tối mật", func(s Sidecar) string { return string(s.Document.DoMat) }, "toi-mat", ""},
		{"STRDOMAT", "Thường", func(s Sidecar) string { return string(s.Document.DoMat) }, "", ""},
		{"STRDOKHAN", "Thường", func(s Sidecar) string { return string(s.Document.DoKhan) }, "", ""},
		{"STRDOKHAN", "Hoả tốc", func(s Sidecar) string { return string(s.Document.DoKhan) }, "hoa-toc", ""},
		{"STRDOKHAN", "rất gấp", func(s Sidecar) string { return string(s.Document.DoKhan) }, "", BadValue},
		{"STRNGUOIKY", "a&#x202e;b\x0bc", func(s Sidecar) string { return s.Document.NguoiKy }, "ab c", ""},
	} {
		s := read(t, []byte(strings.Replace(mailXML("STRTRICHYEU2", "x", c.element, c.value), "utf-16", "utf-8", 1)), "XMLOutput.sdk")
		if got := c.got(s); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.element, c.value, got, c.want)
		}
		if found := codes(s); c.finding != "" && !slices.Contains(found, c.finding) || c.finding == "" && slices.ContainsFunc(found, func(f string) bool { return f != OddNumber }) {
			t.Errorf("%s %q: findings %q, want %q", c.element, c.value, found, c.finding)
		}
	}
}

func TestInvitation(t *testing.T) {
	s := read(t, []byte(mailXML("STRLOAIVANBAN", "Giấy mời", "STRKYHIEU", "12/GM-UBND", "STRNGAYHOP", "08/06/2020", "STRTHOIGIANHOP", "14 giờ 00", "STRDIADIEM", "Phòng họp số 2")), "XMLOutput.sdk")
	if s.Meeting != (Meeting{"2020-06-08", "14 giờ 00", "Phòng họp số 2"}) || s.Document.LoaiTat != "GM" {
		t.Errorf("%+v", s)
	}
}

func TestExportStatus(t *testing.T) {
	const xml = `<EXPORTSTATUS><NOIGUI><STRMADONVI>H50.12</STRMADONVI><STRTENDONVI>UBND xã Hải Ba</STRTENDONVI><STREMAIL>haiba@example.vn</STREMAIL></NOIGUI>
<PHANHOIVANBAN><STRSOKYHIEU>5253/BC-SYT</STRSOKYHIEU><STRNGAYKY>05/06/2020</STRNGAYKY><STRMACOQUANBANHANH>H50.07</STRMACOQUANBANHANH><STRCOQUANBANHANH>Sở Y tế</STRCOQUANBANHANH></PHANHOIVANBAN>
<THONGTINXULY><STRDONVIXULY>Văn phòng</STRDONVIXULY><STRCANBOXULY>Lê Thị Hoa</STRCANBOXULY><STRDIENTHOAI>0233</STRDIENTHOAI><STREMAIL>hoa@example.vn</STREMAIL></THONGTINXULY>
<STRMATRANGTHAI>3</STRMATRANGTHAI><STRNOIDUNGXULY>Văn thư đã tiếp nhận</STRNOIDUNGXULY></EXPORTSTATUS>`
	s := read(t, []byte(xml), "XMLOutput.sdk")
	want := []Reference{{Number: "5253/BC-SYT", Date: "2020-06-05", Issuer: Organ{Code: "H50.07", Name: "Sở Y tế"}}}
	if s.Kind != ExportStatus || !slices.Equal(s.Answers, want) || s.Document.SoHieu != "5253/BC-SYT" || s.Document.Ngay != "2020-06-05" || s.Document.CoQuan != "Sở Y tế" ||
		s.Report != (Report{Code: "03", Text: "Văn thư đã tiếp nhận", Unit: "Văn phòng", Staff: "Lê Thị Hoa"}) ||
		s.Sender != (Organ{Code: "H50.12", Name: "UBND xã Hải Ba", Email: "haiba@example.vn"}) || len(s.Findings) != 0 || len(s.Document.TraLoi) != 0 {
		t.Errorf("%+v", s)
	}
}

func TestEmptyAndBroken(t *testing.T) {
	half := fullMail[:strings.Index(fullMail, "</STRTRICHYEU>")-5]
	for _, c := range []struct {
		name, body string
		ok         bool
		number     string
		findings   []string
	}{
		{"XMLOutput.sdk", "", true, "", []string{Empty}},
		{"XMLOutput.sdk", " \r\n\x00\x00", true, "", []string{Empty}},
		{"XMLOutput.sdk", "\xff\xfe", true, "", []string{Empty}},
		{"a.edxml", "", true, "", []string{Empty}},
		{"XMLOutput.sdk", "not xml at all", true, "", []string{Unreadable}},
		{"XMLOutput.sdk", "<html><body>404</body></html>", true, "", []string{Unreadable}},
		{"XMLOutput.sdk", "<", true, "", []string{Unreadable}},
		{"XMLOutput.sdk", half, true, "5253/TTr-SYT", []string{Misdeclared, Damaged}},
		{"XMLOutput.sdk", strings.Replace(fullMail, "</STRLOAIVANBAN>", "</STRLOAI>", 1), true, "5253/TTr-SYT", []string{Misdeclared, Damaged}},
		{"XMLOutput.sdk", strings.Replace(fullMail, "<EXPORTMAIL>", `<!DOCTYPE a SYSTEM "file:///etc/passwd"><EXPORTMAIL>`, 1), true, "", []string{Misdeclared, DOCTYPE}},
		{"a.xml", "", false, "", nil},
		{"a.xml", "<html/>", false, "", nil},
		{"a.xml", "<Envelope><MessageHeader><From><OrganId>a</OrganId></From></MessageHeader></Envelope>", false, "", nil}, // ebXML has one too
		{"a.sdk", "PK\x03\x04", false, "", nil},
		{"a.pdf", fullMail, false, "", nil},
	} {
		s, ok, err := Read(strings.NewReader(c.body), int64(len(c.body)), c.name, "")
		if err != nil || ok != c.ok || s.Document.SoHieu != c.number || c.findings != nil && !slices.Equal(codes(s), c.findings) {
			t.Errorf("%s %.40q: %v, %v, number %q, findings %q, want %v %q %q", c.name, c.body, ok, err, s.Document.SoHieu, codes(s), c.ok, c.number, c.findings)
		}
		if slices.Contains(codes(s), Damaged) && s.Document.SoHieu != "" && s.Document.Sources["so_hieu"].Confidence >= sure {
			t.Errorf("%.40q: a damaged file is not as sure as a sound one", c.body)
		}
		if s.Document.TrichYeu != "" && c.body == half {
			t.Errorf("half a value was taken: %q", s.Document.TrichYeu)
		}
	}
}

func TestLimits(t *testing.T) {
	deep := "<EXPORTMAIL><STRKYHIEU>1/A-B</STRKYHIEU>" + strings.Repeat("<a>", 100_000)
	s := read(t, []byte(deep), "XMLOutput.sdk")
	if s.Document.SoHieu != "1/A-B" || !slices.Contains(codes(s), TooDeep) {
		t.Errorf("deep: %q %q", s.Document.SoHieu, codes(s))
	}
	wideOne := "<EXPORTMAIL><STRKYHIEU>1/A-B</STRKYHIEU>" + strings.Repeat("<STRA>x</STRA>", 600_000)
	s = read(t, []byte(wideOne), "XMLOutput.sdk")
	if s.Document.SoHieu != "1/A-B" || !slices.Contains(codes(s), TooLarge) {
		t.Errorf("wide: %q %q", s.Document.SoHieu, codes(s))
	}
	long := mailXML("STRKYHIEU", "1/A-B", "STRTRICHYEU", strings.Repeat("ậ", 3<<20), "STRNGUOIKY", "Trần Văn Bình")
	s = read(t, []byte(long), "XMLOutput.sdk")
	if s.Document.NguoiKy != "Trần Văn Bình" || len([]rune(s.Document.TrichYeu)) > maxValue {
		t.Errorf("long: %q %d", s.Document.NguoiKy, len(s.Document.TrichYeu))
	}
	many := "<EXPORTMAIL " + strings.Repeat(`a="b" `, 500_000) + ">" + strings.Repeat("&bogus;", 100) + "</EXPORTMAIL>"
	read(t, []byte(many), "XMLOutput.sdk")
}

// failing is a file that can't be read to its end.
type failing struct{ good int64 }

var errDisk = errors.New("disk")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.good {
		return 0, errDisk
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestReadErrorIsOurs(t *testing.T) {
	for _, good := range []int64{0, 4096, 100_000} {
		_, _, err := Read(failing{good}, 1<<20, "XMLOutput.sdk", "")
		if !errors.Is(err, errDisk) || errors.Is(err, io.EOF) {
			t.Errorf("good up to %d: %v", good, err)
		}
	}
}
