package demo

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// axisKey is the secret of the demo's account on the demo's axis.
const axisKey = "khoa-truc-trinh-dien"

// own is the receiving agency's code on the axis.
const own = "H50"

// without are agencies whose documents Giao Liên delivers: what is reported of them comes back to it.
var without = []string{"H50.01", "H50.03", "H50.40"}

// serveAxis starts a document exchange, on which one document lies for us already.
func (s *Stage) serveAxis() (*net.TCPAddr, error) {
	s.Axis = axis.New(axis.Options{Systems: map[string]axis.System{"giaolien": {Secret: axisKey, Organs: append([]string{own}, without...)}}, Seed: 1})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the demo's axis: %w", err)
	}
	s.http = &http.Server{Handler: s.Axis, ReadHeaderTimeout: time.Minute}
	go s.http.Serve(l) // ends with Close
	e := edxml.Edoc{From: edxml.Organ{ID: "H50.02", Name: "Sở Tài chính"}, To: []edxml.Organ{{ID: own, Name: "Ủy ban nhân dân tỉnh Quảng Trị"}},
		DocumentID: "H50.02." + s.Cutoff.Format("2006") + ".80", Number: "80", Notation: "STC-QLNS", Place: "Quảng Trị", Date: day(s.Cutoff).Format("2006-01-02"),
		Type: edxml.DocumentType{Number: 2, Detail: 18, Name: "Công văn"}, Subject: "V/v quyết toán ngân sách quý III",
		Signer: edxml.Signer{Authority: "KT.", Position: "PHÓ GIÁM ĐỐC", Name: "Lê Thị Hoa"}, Trace: []edxml.Hop{{OrganID: "H50.02", At: s.Cutoff.Add(-time.Hour)}}}
	return l.Addr().(*net.TCPAddr), s.deliver(e, budget())
}

// budget is the file of the document that comes over the axis first, and then by mail.
func budget() file { return pdf("80_STC-QLNS.signed.pdf", "So: 80/STC-QLNS") }

func (s *Stage) deliver(e edxml.Edoc, f file) error {
	e.Files = []edxml.File{{ContentID: "1", Name: f.Name, Type: f.Type, Size: int64(len(f.Data))}}
	var b bytes.Buffer
	if err := edxml.Encode(&b, e, func(int) (io.Reader, error) { return bytes.NewReader(f.Data), nil }); err != nil {
		return fmt.Errorf("write a package of the demo: %w", err)
	}
	if _, err := s.Axis.Deliver(b.Bytes()); err != nil {
		return fmt.Errorf("put a package on the demo's axis: %w", err)
	}
	return nil
}

// Continue is what happens after the first drain: the document system reports that it has registered what was delivered to it, and an agency
// mails a document that came over the axis before. It adds to Mails.
func (s *Stage) Continue(now time.Time) error {
	for _, d := range s.Axis.Documents() {
		if d.Kind != edxml.KindEdoc || d.From == "H50.02" {
			continue
		}
		e := edxml.Edoc{From: edxml.Organ{ID: d.From}, DocumentID: d.DocumentID}
		status := e.Report(edxml.Registered, edxml.Organ{ID: own, Name: "Ủy ban nhân dân tỉnh Quảng Trị"}, edxml.Staff{Department: "Bộ phận Văn thư", Name: "Trần Thị Lan"},
			"Trần Thị Lan - Bộ phận Văn thư: đã tiếp nhận", now)
		status.About.Code, status.About.Date = d.Code, d.Date
		var b bytes.Buffer
		if err := edxml.EncodeStatus(&b, status); err != nil {
			return fmt.Errorf("write a status of the demo: %w", err)
		}
		if _, err := s.Axis.Deliver(b.Bytes()); err != nil {
			return fmt.Errorf("put a status on the demo's axis: %w", err)
		}
	}
	return s.post(letter{About: "văn bản đã nhận qua trục, nay gửi thêm qua thư", From: "vanthu@taichinh.quangtri.example.vn", Name: "Văn thư Sở Tài chính", At: now, Pass: true,
		Subject: "Công văn số 80/STC-QLNS ngày " + day(s.Cutoff).Format("2/1/2006") + " về việc quyết toán ngân sách quý III", Text: "Kính gửi: Ủy ban nhân dân tỉnh\n",
		Files: []file{budget()}})
}

// day is the Vietnamese day of an instant.
func day(t time.Time) time.Time { return t.In(time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)) }
