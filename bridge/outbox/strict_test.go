package outbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

// bytesOf are files by their digest.
type bytesOf map[string][]byte

func (b bytesOf) Open(_ context.Context, digest string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(b[digest])), nil
}

// TestVariedRecordsAreStrict writes records of all kinds as packages: each holds against the strict schema, and says what the record says.
func TestVariedRecordsAreStrict(t *testing.T) {
	titles := []string{
		"Về việc chuẩn bị hội nghị", "A & B <c> \"d\" 'e' ]]> &amp; &#0; <!-- -->", norm.NFD.String("Thông báo về việc lấy ý kiến dự thảo Nghị quyết"),
		"tab\tdòng\nmới\r\nnul\x00 vt\x0b ff\x0c esc\x1b del\x7f nel\u0085 ls\u2028", "\ufeffBOM \ufffe\uffff \u202ebidi\u202c \u200bzw 😀 𠀀", strings.Repeat("Kế hoạch dài & <dài> ", 60),
		"hỏng \xff\xfe utf-8", strings.Repeat("ế", 500), strings.Repeat("é", 501), "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y \"z\">]>&y;",
	}
	names := []string{"van-ban.pdf", "tên có dấu & <lạ> \"x\".docx", norm.NFD.String("Tờ trình số 12.pdf"), "../../etc/passwd", "C:\\a\\b.doc", "a\r\nb\x00.txt", strings.Repeat("dài", 120) + ".pdf", "", ".", "phụ lục.zip"}
	folder := t.TempDir()
	target := NewFolder("thumuc", folder, ownOrgan, nil)
	want := map[string]string{}
	for i := range 40 {
		doc := vanban.New()
		doc.TakeNumber(fmt.Sprint(i+1), "UBND-KGVX", vanban.FromSidecar, 1)
		doc.Take("ngay_ban_hanh", "2026-11-18", vanban.FromSidecar, 1)
		doc.Loai, doc.TrichYeu, doc.NguoiKy, doc.ChucVu, doc.DiaDanh = []string{"Công văn", "Loại không ai biết <&>", "Quyết định", "Giấy mời"}[i%4], titles[i%len(titles)], "Trần <Thị> Hoa & Lê", strings.Repeat("Chánh Văn phòng ", i), "Quảng Trị"
		doc.DoKhan = []vanban.Urgency{"", vanban.Khan, vanban.ThuongKhan, vanban.HoaToc}[i%4]
		doc.NoiNhan = []string{"Như trên", "Lưu: VT, <KT> & TH", strings.Repeat("nơi nhận ", 30)}[:i%4%3]
		doc.TraLoi = []string{"267/VPCP-TTĐT", "số & <lạ>"}[:i%3]
		files := bytesOf{}
		record := mapping.Record{Document: doc, Issuer: directory.Match{Agency: "snv", Name: "Sở Nội vụ & <đào tạo>", Code: "H50.09"}}
		for n := range i % 12 {
			content := []byte(strings.Repeat(fmt.Sprintf("tệp %d của %d ", n, i), n+1))
			digest := fmt.Sprintf("%x", sha256.Sum256(content))
			files[digest] = content
			record.Files = append(record.Files, mapping.File{Name: names[(i+n)%len(names)], Type: []string{"application/pdf", "", "x/<y>&"}[n%3], Size: int64(len(content)), Digest: digest})
		}
		d := bridge.Dispatch{ID: fmt.Sprintf("GL-2026-%07d/1.thumuc.1", i), Record: fmt.Sprintf("GL-2026-%07d/1", i), Seq: 1, Event: bridge.DispatchRegistered,
			DocumentID: fmt.Sprintf("H50.09,2026/11/18,%d/UBND-KGVX", i+1), Payload: bridge.DispatchPayload{Record: record, Receiver: receiver, Number: i + 1, Year: 2026,
				Registered: time.Date(2026, 11, 21, 1, 0, i, 0, time.UTC)}}
		if i%5 == 4 {
			d.Event, d.Seq = bridge.DispatchUpdated, 2
		}
		reply, err := target.Deliver(t.Context(), d, files)
		if err != nil {
			t.Errorf("record %d: %v: %q", i, err, answerText(err))
			continue
		}
		want[filepath.Join(folder, reply.RemoteID)] = titles[i%len(titles)]
	}
	paths := make([]string, 0, len(want))
	for path, title := range want {
		paths = append(paths, path)
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := edxml.Decode(in, edxml.Limits{}, func(_ int, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err })
		in.Close()
		if got := p.Edoc.Subject; err != nil || p.Refused() || !norm.NFC.IsNormalString(got) || len([]rune(got)) > 500 || vanban.Fold(got)[:2] != vanban.Fold(title)[:2] {
			t.Errorf("%s reads back as %q, %v, findings %v", title, got, err, p.Findings)
		}
	}
	strictly(t, paths...)
}
