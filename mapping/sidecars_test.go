package mapping

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// sidecarMail is a mail with a sidecar and, if name is not empty, a document.
func sidecarMail(subject, xml, name string) parser.Message {
	var b strings.Builder
	b.WriteString("From: ubnd.haiba@quangtri.gov.vn\r\nSubject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(subject)) + "?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=XMLOutput.sdk\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(xml)) + "\r\n")
	if name != "" {
		b.WriteString("--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=" + name + "\r\n\r\n%PDF-1.4\r\n")
	}
	b.WriteString("--b--\r\n")
	return parser.Parse(bytes.NewReader([]byte(b.String())), int64(b.Len()), parser.DefaultLimits)
}

const exportMail = "<EXPORTMAIL><STRLOAIVANBAN>Tờ trình</STRLOAIVANBAN><STRKYHIEU>53/TTr-UBND</STRKYHIEU><STRTRICHYEU>Về kế hoạch năm 2026</STRTRICHYEU>" +
	"<STRNGAYKY>05/06/2026</STRNGAYKY><STRDOMAT>{mat}</STRDOMAT></EXPORTMAIL>"

// What the sender's system states stands above the subject line; where they differ, a clerk is told.
func TestSidecarStandsFirst(t *testing.T) {
	m := sidecarMail("Công văn số 54/UBND về việc khác", strings.Replace(exportMail, "{mat}", "Thường", 1), "to-trinh.pdf")
	recs := Records(m, Input{}, testDirectory(t), at)
	d := recs[0].Document
	if d.SoHieu != "53/TTr-UBND" || d.Loai != "Tờ trình" || d.Ngay != "2026-06-05" || d.Sources["so_hieu"].From != vanban.FromSidecar {
		t.Errorf("%+v", d)
	}
	if len(recs[0].Files) != 1 || recs[0].Files[0].Name != "to-trinh.pdf" || len(recs[0].Doubts) == 0 || recs[0].Key == "" {
		t.Errorf("files %+v, doubts %v, key %q", recs[0].Files, recs[0].Doubts, recs[0].Key)
	}
}

// A status tells of a document that was sent before: its number is shown and is no key, so nothing is joined to it.
func TestStatusIsNoDocument(t *testing.T) {
	xml := "<EXPORTSTATUS><PHANHOIVANBAN><STRSOKYHIEU>53/TTr-UBND</STRSOKYHIEU><STRNGAYKY>05/06/2026</STRNGAYKY></PHANHOIVANBAN><STRMATRANGTHAI>3</STRMATRANGTHAI></EXPORTSTATUS>"
	m := sidecarMail("Trạng thái văn bản", xml, "")
	if len(m.Attachments) != 1 || m.Attachments[0].Sidecar == nil {
		t.Fatalf("%+v", m.Attachments)
	}
	rec := Records(m, Input{}, testDirectory(t), at)[0]
	if rec.Document.SoHieu != "53/TTr-UBND" || rec.Key != "" || len(rec.Doubts) != 1 || rec.Doubts[0] != DoubtStatus || HasDocumentFile(m) {
		t.Errorf("%+v", rec)
	}
}

func TestSecretInASidecar(t *testing.T) {
	m := sidecarMail("Tờ trình số 53/TTr-UBND", strings.Replace(exportMail, "{mat}", "Mật", 1), "a.pdf")
	if level, _ := Secret(m, nil); level != vanban.Mat {
		t.Errorf("độ mật %q", level)
	}
}
