package parser

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser/unpack"
)

// zipped packs files, given as name and content in turn, in one archive.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mailOf is a mail with one file in base64.
func mailOf(ctype, name string, file []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: vt@quangtri.example.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nKính gửi\r\n"+
		"--b\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", ctype, name)
	e := base64.StdEncoding.EncodeToString(file)
	for len(e) > 0 {
		n := min(76, len(e))
		b.WriteString(e[:n] + "\r\n")
		e = e[n:]
	}
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

func parsed(raw []byte, lim Limits) Message { return Parse(bytes.NewReader(raw), int64(len(raw)), lim) }

// listed shows attachments as path/name=size of those that were read, path/name=? of others.
func listed(list []Attachment) []string {
	out := []string{}
	for _, a := range list {
		s := fmt.Sprint(a.Size)
		if a.SHA256 == "" {
			s = "?"
		}
		if a.Folder != "" {
			a.Name = "(" + a.Folder + ")" + a.Name
		}
		out = append(out, strings.Join(append(slices.Clone(a.Path), a.Name), "/")+"="+s)
	}
	return out
}

func codes(m Message) []string {
	out := []string{}
	for _, f := range m.Findings {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

const innerMail = "From: snv@quangtri.example.vn\r\nSubject: Công văn số 5/SNV\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nNội dung trong thư\r\n"

func TestZIPIsOpened(t *testing.T) {
	pdf := "%PDF-1.7\n" + strings.Repeat("x", 5000)
	inner := zipped(t, "12-SNV.pdf", pdf)
	z := zipped(t, "văn bản/1.pdf", pdf, "ghi chú.txt", "Độ MẬT", "thư.eml", innerMail, "trong.zip", string(inner), "thư mục/", "")
	for _, ctype := range []string{"application/zip", "application/octet-stream", "application/x-zip-compressed"} {
		m := parsed(mailOf(ctype, "hs.zip", z), DefaultLimits)
		want := []string{fmt.Sprintf("hs.zip=%d", len(z)), "hs.zip/(văn bản)1.pdf=5009", "hs.zip/ghi chú.txt=11", fmt.Sprintf("hs.zip/thư.eml=%d", len(innerMail)),
			fmt.Sprintf("hs.zip/trong.zip=%d", len(inner)), "hs.zip/trong.zip/12-SNV.pdf=5009"}
		if got := listed(m.Attachments); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", ctype, got, want)
		}
		if m.Attachments[1].SHA256 != m.Attachments[5].SHA256 || m.Attachments[1].Sniffed != "application/pdf" {
			t.Errorf("%+v", m.Attachments[1])
		}
		if m.Attachments[2].Text != "Độ MẬT" {
			t.Errorf("text in the archive: %q", m.Attachments[2].Text)
		}
		if len(m.Nested) != 1 || m.Nested[0].Subject != "Công văn số 5/SNV" || !strings.Contains(m.Nested[0].Text, "Nội dung trong thư") {
			t.Errorf("mail in the archive: %+v", m.Nested)
		}
		if len(m.Findings) > 0 {
			t.Errorf("%v", m.Findings)
		}
		checkMessage(t, m)
	}
}

func TestArchivesEndAtTheirLimits(t *testing.T) {
	big := zipped(t, "a.txt", strings.Repeat("0", 3<<20), "b.txt", "b")
	three := zipped(t, "2.zip", string(zipped(t, "3.zip", string(zipped(t, "x.txt", "x")))))
	for _, c := range []struct {
		name string
		file []byte
		lim  func(*unpack.Budget)
		want []string
		code string
	}{
		{"ratio", big, func(b *unpack.Budget) { b.Ratio = 10 }, []string{"z.zip/a.txt=?", "z.zip/b.txt=1"}, unpack.LimitRatio},
		{"size", big, func(b *unpack.Budget) { b.Bytes = 1 << 20 }, []string{"z.zip/a.txt=?", "z.zip/b.txt=?"}, unpack.LimitSize},
		{"entries", big, func(b *unpack.Budget) { b.Entries = 1 }, []string{"z.zip/a.txt=3145728"}, unpack.LimitCount},
		{"depth", three, func(*unpack.Budget) {}, []string{"z.zip/2.zip", "z.zip/2.zip/3.zip"}, unpack.Recursive},
		{"none", big, func(b *unpack.Budget) { *b = unpack.Budget{} }, nil, unpack.Recursive},
	} {
		lim := DefaultLimits
		lim.Unpack.Ratio = 10_000
		c.lim(&lim.Unpack)
		m := parsed(mailOf("application/zip", "z.zip", c.file), lim)
		got := listed(m.Attachments)[1:]
		if c.name == "depth" {
			for i := range got {
				got[i], _, _ = strings.Cut(got[i], "=")
			}
		}
		if !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if !slices.Contains(codes(m), c.code) {
			t.Errorf("%s: %v, want %s", c.name, m.Findings, c.code)
		}
		checkMessage(t, m)
	}
}

func TestADocumentIsNoArchive(t *testing.T) {
	docx := zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">`+
		`<w:body><w:p><w:r><w:t>Số: 12/SNV-VP</w:t></w:r></w:p></w:body></w:document>`)
	for _, name := range []string{"a.docx", "a.bin"} {
		m := parsed(mailOf("application/octet-stream", name, docx), DefaultLimits)
		if len(m.Attachments) != 1 {
			t.Errorf("%s: %q", name, listed(m.Attachments))
		}
	}
	m := parsed(mailOf("application/zip", "vb.zip", zipped(t, "a.docx", string(docx))), DefaultLimits)
	if len(m.Attachments) != 2 || !strings.Contains(m.Attachments[1].Text, "Số: 12/SNV-VP") {
		t.Errorf("a document in an archive: %+v", m.Attachments)
	}
}

// An attached message of any size is read from the raw mail, not from memory.
func TestLargeAttachedMessages(t *testing.T) {
	eml := append(bytes.Replace(mailOf("application/pdf", "lớn.pdf", bytes.Repeat([]byte("%PDF-1.7 "), 1<<20)), []byte("Subject: x"), []byte("Subject: chuyển tiếp"), 1), '\n')
	m := parsed(mailOf("application/octet-stream", "thư.eml", eml), DefaultLimits)
	if len(m.Nested) != 1 || m.Nested[0].Subject != "chuyển tiếp" || len(m.Nested[0].Attachments) != 1 || m.Nested[0].Attachments[0].Size != 9<<20 {
		t.Fatalf("%d nested, %v", len(m.Nested), m.Findings)
	}
}

// TestInlineUUFilesAreOpened: what was uuencoded in a text is looked into like any other file, whatever the text's own encoding.
func TestInlineUUFilesAreOpened(t *testing.T) {
	text := "Kính gửi\n" + uuWritten("a.zip", zipped(t, "mat/x.pdf", "%PDF-1.4 a")) + "và\n" + uuWritten("b.txt", []byte("TUYỆT MẬT\n")) +
		uuWritten("c.zip", zipped(t, "y.pdf", "%PDF-1.4 b")) + "Trân trọng\n"
	for name, raw := range map[string]string{
		"8bit":   "Subject: x\n\n" + text,
		"base64": "Subject: x\nContent-Transfer-Encoding: base64\n\n" + b64of([]byte(text)),
		"part":   "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + "\n--b--\n",
	} {
		m := parsed([]byte(raw), DefaultLimits)
		got := map[string]Attachment{}
		for _, a := range m.Attachments {
			got[a.Name] = a
		}
		if len(m.Attachments) != 5 || got["x.pdf"].Folder != "mat" || got["x.pdf"].Size != 10 || !slices.Equal(got["y.pdf"].Path, []string{"c.zip"}) {
			t.Errorf("%s: %+v", name, m.Attachments)
		}
		if !strings.Contains(got["b.txt"].Text, "TUYỆT MẬT") {
			t.Errorf("%s: text of b.txt is %q", name, got["b.txt"].Text)
		}
	}
	many := "Subject: x\n\n"
	for i := range maxUUFiles + 1 {
		many += uuWritten(fmt.Sprintf("f%d.bin", i), []byte{byte(i), 1, 2})
	}
	if m := parsed([]byte(many), DefaultLimits); !slices.Contains(codes(m), LimitParts) {
		t.Errorf("a file too many, and only %v", codes(m))
	}
}

// A name is a claim: what is an archive is opened as one.
func TestArchiveUnderAnotherName(t *testing.T) {
	z := zipped(t, "12.pdf", "%PDF-1.7")
	for _, name := range []string{"a.eml", "a.txt", "a.html", "a.dat"} {
		if m := parsed(mailOf("application/octet-stream", name, z), DefaultLimits); len(m.Attachments) != 2 || m.Attachments[1].Name != "12.pdf" {
			t.Errorf("%s: %q", name, listed(m.Attachments))
		}
	}
}

// TestSplitArchives: a part of a split archive has no signature, and what is in it is not passed over in silence.
func TestSplitArchives(t *testing.T) {
	for name, want := range map[string]bool{
		"a.zip": true, "a.z01": true, "A.Z12": true, "a.7z.002": true, "a.zip.001": true, "a.r00": true, "a.part2.rar": true, "a.rar.": true,
		"a.001": false, "a.pdf": false, "a": false, "a.zoo": false, "a.7z.pdf": false, "r01": false, "": false,
	} {
		m := parseString(string(mailOf("application/octet-stream", name, []byte("\x11\x22\x33 the middle of a file"))))
		if has(m, unpack.Unsupported) != want {
			t.Errorf("%q: %v", name, m.Findings)
		}
	}
}
