package edxml

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// whole is a document with every field that there is.
func whole() Edoc {
	return Edoc{
		From: Organ{"H50.12", "UBND tỉnh Quảng Trị", "Sở Nội vụ", "Số 1", "vt@quangtri.gov.vn", "0233", "0234", "example.vn"},
		To:   []Organ{{ID: "H50.13"}, {ID: "G12.18"}}, DocumentID: "H50.12,2026/11/22,12/TB-UBND", Number: "12", Notation: "TB-UBND",
		Place: "Quảng Trị", Date: "2026-11-22", Type: DocumentType{2, 7, "Thông báo"}, Subject: "Về việc họp", Content: "Nội dung",
		Signer: Signer{"TM.", "Giám đốc", "Nguyễn Văn A"}, Due: "2026-12-01",
		Other:   Other{Urgent, "Nội bộ", "NVA", 2, 3, "a", "b", true, []string{"Phụ lục"}},
		Answers: []Reference{{"H50.13", "3/CV", "x", "2026-11-01"}}, Steering: Steers, Tasks: []string{"t1"}, Application: "MCDT_DT",
		ToPlaces: []string{"Như trên", "Lưu"},
		Business: Business{DocumentID: "y", Kind: Updated, Reason: "Sửa", Paper: true, Update: &Update{true, true, []Receiver{{"H50.13", 1}}},
			Staff: Staff{"Văn thư", "1", "Trần Thị B", "2", "b@quangtri.gov.vn", "09"}},
		Trace: []Hop{{"H50.12", time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)}, {"", time.Date(2026, 11, 22, 1, 2, 4, 0, time.UTC)}},
		Files: []File{{ContentID: "c0", Name: "a.pdf", Description: "Bản chính", Type: "application/pdf", Size: 3}, {ContentID: "c1", Name: "b.zip", Size: 0}},
	}
}

const organOrder = "OrganId OrganizationInCharge OrganName OrganAdd Email Telephone Fax Website "

// TestOrder holds the order of all elements, which receivers validate by schemas (QCVN 102:2016 as the official builder writes it).
func TestOrder(t *testing.T) {
	staff := "StaffInfo Department DepartmentId Staff StaffId Email Mobile "
	want := "edXMLEnvelope edXMLHeader MessageHeader From " + organOrder + "To OrganId To OrganId DocumentId Code CodeNumber CodeNotation " +
		"PromulgationInfo Place PromulgationDate DocumentType Type TypeDetail TypeName Subject Content SignerInfo Competence Position FullName DueDate " +
		"OtherInfo Priority SphereOfPromulgation TyperNotation PromulgationAmount PageAmount ReplyFors ReferenceCodes Direction Appendixes Appendix " +
		"ResponseFor OrganId Code DocumentId PromulgationDate SteeringType ResponseForTask TaskCode ApplicationType ToPlaces Place Place " +
		"TraceHeaderList Bussiness DocumentId BussinessDocType BussinessDocReason Paper " +
		"BussinessDocumentInfo DocumentInfo DocumentReceiver ReceiverList Receiver OrganId ReceiverType " + staff +
		"TraceHeader OrganId Timestamp TraceHeader Timestamp edXMLBody edXMLManifest " +
		"Reference ContentId ContentType Description AttachmentName Reference ContentId AttachmentName"
	b, err := edocBytes(whole(), [][]byte{[]byte("abc"), nil})
	if err != nil {
		t.Fatal(err)
	}
	expected := append([]string{"edXML"}, prefixed(want)...)
	expected = append(expected, strings.Fields("AttachmentEncoded Attachment ContentId AttachmentName Description ContentType edXML:ContentTransferEncoded "+
		"Attachment ContentId AttachmentName edXML:ContentTransferEncoded")...)
	if got := outline(t, b); !slices.Equal(got, expected) {
		t.Errorf("got  %v\nwant %v", got, expected)
	}
	for _, part := range []string{"2026/11/22</", "2026/11/22 08:02:03</", ">YWJj</", "cid:c0", `edXMLManifest version="1.0"`, `<edXML xmlns="` + Namespace + `">`} {
		if !bytes.Contains(b, []byte(part)) {
			t.Errorf("no %q in\n%s", part, b)
		}
	}
	replaces := whole()
	replaces.Business = Business{Kind: Replacing, Reason: "Thay", Replaces: []Replacement{{"z", []string{"H50.13"}}}}
	if b, err = edocBytes(replaces, [][]byte{[]byte("abc"), nil}); err != nil {
		t.Fatal(err)
	}
	list := outline(t, b)
	at := slices.Index(list, "edXML:Bussiness")
	if want = "Bussiness BussinessDocType BussinessDocReason Paper ReplacementInfoList ReplacementInfo DocumentId OrganIdList OrganId TraceHeader"; !slices.Equal(list[at:at+10], prefixed(want)) {
		t.Errorf("replacement: %v", list[at:at+10])
	}
	e := whole()
	b, err = statusBytes(e.Report(Rejected, e.From, Staff{Name: "B"}, "Sai nơi nhận", e.Trace[0].At))
	if err != nil {
		t.Fatal(err)
	}
	want = "edXMLEnvelope edXMLHeader MessageHeader From " + organOrder + "ResponseFor OrganId Code DocumentId PromulgationDate StaffInfo Staff StatusCode Description Timestamp"
	if got := outline(t, b); !slices.Equal(got, append([]string{"edXML"}, prefixed(want)...)) {
		t.Errorf("status: %v", got)
	}
}

func prefixed(names string) []string {
	list := strings.Fields(names)
	for i := range list {
		list[i] = "edXML:" + list[i]
	}
	return list
}

// TestAbsentIsLeftOut: what is not known is not written, not even as an empty element.
func TestAbsentIsLeftOut(t *testing.T) {
	e := Edoc{From: Organ{ID: "H50.12", Name: "Sở Nội vụ", Email: "N/A"}, To: []Organ{{ID: "H50.13"}, {}}, DocumentID: "d", Number: "1", Notation: "CV",
		Date: "2026-11-22", Type: DocumentType{2, 18, "Công văn"}, Subject: "Họp", Content: " null ", Trace: []Hop{{At: time.Unix(1, 0)}}, Answers: []Reference{{}}, ToPlaces: []string{" "}}
	b, err := edocBytes(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "edXMLEnvelope edXMLHeader MessageHeader From OrganId OrganName To OrganId DocumentId Code CodeNumber CodeNotation PromulgationInfo PromulgationDate " +
		"DocumentType Type TypeDetail TypeName Subject OtherInfo Priority SteeringType TraceHeaderList Bussiness BussinessDocType Paper TraceHeader Timestamp edXMLBody edXMLManifest"
	if got := outline(t, b); !slices.Equal(got, append([]string{"edXML"}, prefixed(want)...)) {
		t.Errorf("%v", got)
	}
}

// TestNoSecretIsWritten: neither what is known to be secret nor what says so of itself leaves one byte (QĐ 28/2018, Điều 1.2).
func TestNoSecretIsWritten(t *testing.T) {
	var out bytes.Buffer
	opened := func(int) (io.Reader, error) { t.Error("a file was opened"); return nil, io.EOF }
	for _, level := range []vanban.Secrecy{vanban.Mat, vanban.ToiMat, vanban.TuyetMat, "?"} {
		e := whole()
		e.Secrecy = level
		if err := Encode(&out, e, opened); !errors.Is(err, ErrSecret) {
			t.Errorf("%s: %v", level, err)
		}
		if err := EncodeStatus(&out, e.Report(Arrived, e.To[0], Staff{}, "", time.Unix(1, 0))); !errors.Is(err, ErrSecret) {
			t.Errorf("status, %s: %v", level, err)
		}
		if !slices.ContainsFunc(e.Validate(), func(f Finding) bool { return f.Code == Secret && f.Severity == Fault }) {
			t.Errorf("%s is valid", level)
		}
	}
	for name, mark := range map[string]func(*Edoc){
		"subject":     func(e *Edoc) { e.Subject = "(TỐI MẬT) Về việc họp" },
		"content":     func(e *Edoc) { e.Content = "Kính gửi\nTUYỆT MẬT\n" },
		"file name":   func(e *Edoc) { e.Files[1].Name = "thư mục/[MẬT] 12.zip" },
		"description": func(e *Edoc) { e.Files[0].Description = "Văn bản MẬT" },
		"reason":      func(e *Edoc) { e.Business.Reason = "Thu hồi văn bản MẬT" },
		"appendix":    func(e *Edoc) { e.Other.Appendixes[0] = "Phụ lục TỐI MẬT" },
	} {
		e := whole()
		mark(&e)
		if err := Encode(&out, e, opened); !errors.Is(err, ErrSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out.Len() > 0 {
		t.Errorf("%d bytes were written", out.Len())
	}
}

func TestEncodeRefuses(t *testing.T) {
	cases := []struct {
		code   Code
		path   string
		change func(*Edoc)
	}{
		{Missing, "MessageHeader/From/OrganId", func(e *Edoc) { e.From.ID = "" }},
		{Missing, "MessageHeader/From/OrganName", func(e *Edoc) { e.From.Name = "" }},
		{Missing, "MessageHeader/To/OrganId", func(e *Edoc) { e.To = nil }},
		{Missing, "MessageHeader/To[2]/OrganId", func(e *Edoc) { e.To[1] = Organ{Name: "Sở"} }},
		{Duplicate, "MessageHeader/To[2]/OrganId", func(e *Edoc) { e.To[1] = Organ{ID: "H50.13", Name: "Sở"} }},
		{BadForm, "MessageHeader/To[1]/OrganId", func(e *Edoc) { e.To[0].ID = "H50 12" }},
		{BadForm, "MessageHeader/To[1]/OrganId", func(e *Edoc) { e.To[0].ID = strings.Repeat("H", 36) }},
		{Missing, "MessageHeader/DocumentId", func(e *Edoc) { e.DocumentID = "null" }},
		{BadForm, "MessageHeader/DocumentId", func(e *Edoc) { e.DocumentID = "a\x01" }},
		{Missing, "MessageHeader/Code/CodeNumber", func(e *Edoc) { e.Number = "" }},
		{Missing, "MessageHeader/Code/CodeNotation", func(e *Edoc) { e.Notation = " " }},
		{Missing, "MessageHeader/PromulgationInfo/PromulgationDate", func(e *Edoc) { e.Date = "" }},
		{BadForm, "MessageHeader/PromulgationInfo/PromulgationDate", func(e *Edoc) { e.Date = "2026-02-30" }},
		{BadForm, "MessageHeader/DueDate", func(e *Edoc) { e.Due = "mai" }},
		{Missing, "MessageHeader/DocumentType/TypeName", func(e *Edoc) { e.Type.Name = "" }},
		{Missing, "MessageHeader/Subject", func(e *Edoc) { e.Subject = "" }},
		{TooLong, "MessageHeader/Subject", func(e *Edoc) { e.Subject = strings.Repeat("ệ ", 251) }},
		{TooLong, "MessageHeader/ToPlaces", func(e *Edoc) { e.ToPlaces = slices.Repeat([]string{strings.Repeat("x", 150)}, 7) }},
		{OutOfRange, "MessageHeader/OtherInfo/Priority", func(e *Edoc) { e.Other.Priority = 5 }},
		{OutOfRange, "MessageHeader/OtherInfo/PageAmount", func(e *Edoc) { e.Other.Pages = -1 }},
		{OutOfRange, "MessageHeader/SteeringType", func(e *Edoc) { e.Steering = 3 }},
		{BadForm, "MessageHeader/ResponseFor[1]/PromulgationDate", func(e *Edoc) { e.Answers[0].Date = "x" }},
		{OutOfRange, "TraceHeaderList/Bussiness/BussinessDocType", func(e *Edoc) { e.Business = Business{Kind: 4, Reason: "x"} }},
		{Missing, "TraceHeaderList/Bussiness/BussinessDocReason", func(e *Edoc) { e.Business.Reason = "" }},
		{Misplaced, "TraceHeaderList/Bussiness/BussinessDocumentInfo", func(e *Edoc) { e.Business.Kind = Recalled }},
		{Missing, "TraceHeaderList/Bussiness/ReplacementInfoList", func(e *Edoc) { e.Business = Business{Kind: Replacing, Reason: "x"} }},
		{Misplaced, "TraceHeaderList/Bussiness/ReplacementInfoList", func(e *Edoc) { e.Business.Replaces = []Replacement{{DocumentID: "z"}} }},
		{OutOfRange, "TraceHeaderList/Bussiness/BussinessDocumentInfo/ReceiverList/Receiver[1]/ReceiverType", func(e *Edoc) { e.Business.Update.List[0].Kind = 2 }},
		{Missing, "TraceHeaderList/TraceHeader", func(e *Edoc) { e.Trace = nil }},
		{Missing, "TraceHeaderList/TraceHeader[1]/Timestamp", func(e *Edoc) { e.Trace[0].At = time.Time{} }},
		{Missing, "AttachmentEncoded/Attachment[1]/ContentId", func(e *Edoc) { e.Files[0].ContentID = "cid:" }},
		{Missing, "AttachmentEncoded/Attachment[1]/AttachmentName", func(e *Edoc) { e.Files[0].Name = "a/.." }},
		{Duplicate, "AttachmentEncoded/Attachment[2]/ContentId", func(e *Edoc) { e.Files[1].ContentID = "cid:c0" }},
		{FilesDiffer, "AttachmentEncoded/Attachment[1]", func(e *Edoc) { e.Files[0].Missing = true }},
		{FileDamaged, "AttachmentEncoded/Attachment[1]", func(e *Edoc) { e.Files[0].Damaged = true }},
	}
	for _, c := range cases {
		e := whole()
		c.change(&e)
		b, err := edocBytes(e, [][]byte{[]byte("abc"), nil})
		var invalid *InvalidError
		if !errors.As(err, &invalid) || len(b) > 0 {
			t.Errorf("%s %s: %v, %d bytes", c.code, c.path, err, len(b))
			continue
		}
		if !slices.ContainsFunc(invalid.Findings, func(f Finding) bool { return f.Code == c.code && f.Path == c.path && f.Severity == Fault }) {
			t.Errorf("%s %s: %+v", c.code, c.path, invalid.Findings)
		}
	}
	e := whole()
	for _, code := range []StatusCode{Rejected, Withdraw, Declined, "07", ""} {
		if _, err := statusBytes(e.Report(code, e.To[0], Staff{}, "", time.Unix(1, 0))); err == nil {
			t.Errorf("status %q without a reason was written", code)
		}
	}
}

func TestEncodeFails(t *testing.T) {
	broken := errors.New("disk")
	open := func(r io.Reader, err error) Contents { return func(int) (io.Reader, error) { return r, err } }
	for name, c := range map[string]struct {
		contents Contents
		want     error
	}{
		"too short": {open(strings.NewReader("ab"), nil), ErrContents}, "too long": {open(strings.NewReader("abcd"), nil), ErrContents},
		"cannot be opened": {open(nil, broken), broken}, "cannot be read": {open(iotest.ErrReader(broken), nil), broken},
	} {
		if err := Encode(io.Discard, whole(), c.contents); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := whole()
	e.Files = nil
	if err := Encode(failingWriter{broken}, e, nil); !errors.Is(err, broken) {
		t.Errorf("cannot be written: %v", err)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// TestContentsAreClosed: what is opened is closed, also after an error.
func TestContentsAreClosed(t *testing.T) {
	for _, content := range []string{"abc", "ab"} {
		r := &closing{Reader: strings.NewReader(content)}
		e := whole()
		e.Files = e.Files[:1]
		err := Encode(io.Discard, e, func(int) (io.Reader, error) { return r, nil })
		if (err == nil) != (content == "abc") || !r.closed {
			t.Errorf("%q: %v, closed %v", content, err, r.closed)
		}
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }
