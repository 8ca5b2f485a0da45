package parser

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"testing"
)

// TestVisitShowsEveryFile compares what Visit shows with what Parse lists: the same files, and bytes that give the same digest.
func TestVisitShowsEveryFile(t *testing.T) {
	var box bytes.Buffer
	z := zip.NewWriter(&box)
	for _, name := range []string{"12_BC-UBND.pdf", "phu luc.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte(name), 5000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	mail := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 một")) + "\r\n--b\r\n" +
		"Content-Type: application/zip; name=b.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(box.Bytes()) +
		"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\nContent-Type: application/pdf; name=c.pdf\r\n\r\n%PDF-1.4 hai\r\n--b--\r\n"
	raw := bytes.NewReader([]byte(mail))
	want := map[string]bool{}
	m := Parse(raw, raw.Size(), DefaultLimits)
	list := m.Attachments
	for _, n := range m.Nested {
		list = append(list, n.Attachments...)
	}
	for _, a := range list {
		if a.Type != "message/rfc822" {
			want[a.SHA256] = true
		}
	}
	if len(want) != 5 {
		t.Fatalf("%d files in the mail, want 5", len(want))
	}
	got := map[string]bool{}
	Visit(raw, raw.Size(), DefaultLimits, func(a Attachment, content io.Reader) {
		sum := sha256.New()
		n, err := io.Copy(sum, content)
		if err != nil || n != a.Size || hex.EncodeToString(sum.Sum(nil)) != a.SHA256 {
			t.Errorf("%s: %d bytes, %v; want the %d of its digest", a.Name, n, err, a.Size)
		}
		got[a.SHA256] = true
	})
	for d := range want {
		if !got[d] {
			t.Errorf("file %s was not shown", d)
		}
	}
}
