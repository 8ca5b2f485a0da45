package edxml

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// packed is a package with these files.
func packed(files map[string][]byte, order ...string) []byte {
	var b strings.Builder
	b.WriteString(`<edXML xmlns="` + Namespace + `"><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>H50.1</OrganId><OrganName>Sở</OrganName></From>` +
		`<To><OrganId>H50</OrganId></To><DocumentId>x</DocumentId><Code><CodeNumber>1</CodeNumber><CodeNotation>BC-S</CodeNotation></Code>` +
		`<PromulgationInfo><PromulgationDate>2026-03-02</PromulgationDate></PromulgationInfo><DocumentType><Type>2</Type><TypeName>Báo cáo</TypeName></DocumentType>` +
		`<Subject>Báo cáo</Subject></MessageHeader></edXMLHeader></edXMLEnvelope><AttachmentEncoded>`)
	for _, name := range order {
		fmt.Fprintf(&b, "<Attachment><ContentId>%s</ContentId><AttachmentName>%s</AttachmentName><ContentTransferEncoded>%s</ContentTransferEncoded></Attachment>",
			name, name, base64.StdEncoding.EncodeToString(files[name]))
	}
	b.WriteString("</AttachmentEncoded></edXML>")
	return []byte(b.String())
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// What is taken as the files stream by is what Unwrap finds with the whole file in hand.
func TestReceivedFilesAreUnwrapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "content")
		if rapid.Bool().Draw(t, "large") {
			content = bytes.Repeat(append(content, 'x'), 40)
		}
		name := rapid.SampledFrom([]string{"a.xls", "a.zip", "b", "c.docx"}).Draw(t, "name")
		entries := rapid.SampledFrom([][]string{{entryName + ".xls"}, {strings.ToUpper(entryName)}, {"bang.xls"}, {entryName + ".a", entryName + ".b"}, nil}).Draw(t, "entries")
		file := content
		if entries != nil {
			file = zippedBy(t, entries, content, rapid.SampledFrom([]uint16{zip.Store, zip.Deflate}).Draw(t, "method"))
		}
		whole, err := Unwrap(bytes.NewReader(file), int64(len(file)), name, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := sumOf(file)
		if whole.Wrapped {
			want = sumOf(content)
		}
		got, err := Receive(bytes.NewReader(packed(map[string][]byte{name: file}, name)), Limits{})
		if err != nil || len(got.Files) != 1 || got.Refused() {
			t.Fatalf("%+v %v %v", got.Files, got.Findings, err)
		}
		if f := got.Files[0]; f.Digest != want || f.Size != whole.Size && whole.Wrapped || f.Name != name {
			t.Errorf("%+v, want %s (wrapped %v, %d bytes)", f, want, whole.Wrapped, whole.Size)
		}
	})
}

// zippedBy packs as builders do.
func zippedBy(t *rapid.T, names []string, content []byte, method uint16) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		h := &zip.FileHeader{Name: n, Method: method}
		var w io.Writer
		var err error
		if method == zip.Deflate { // builders stream: with a descriptor behind the data. Stored data with one has no end that could be seen
			w, err = z.CreateHeader(h)
		} else {
			h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc32.ChecksumIEEE(content), uint64(len(content)), uint64(len(content))
			w, err = z.CreateRaw(h)
		}
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A wrapping that is broken, or a bomb, leaves the file as it came, and says so.
func TestReceivedDamage(t *testing.T) {
	good := zipped(t, []string{entryName + ".xls"}, strings.Repeat("nội dung của tệp ", 200))
	torn := bytes.Clone(good)
	torn[len(torn)/3] ^= 0x55
	for name, file := range map[string][]byte{"torn": torn, "cut": good[:len(good)-40], "head only": good[:40],
		"bomb": zipped(t, []string{entryName + ".xls"}, strings.Repeat("\x00", 20<<20)), "destroyed": []byte("%PDF-1.4\n%\ufffd\ufffd"),
		"destroyed inside": zipped(t, []string{entryName + ".pdf"}, "%PDF-1.4\n%\ufffd\ufffd")} {
		got, err := Receive(bytes.NewReader(packed(map[string][]byte{"a.xls": file}, "a.xls")), Limits{})
		if err != nil || got.Refused() || len(got.Files) != 1 || !got.Edoc.Files[0].Damaged {
			t.Fatalf("%s: %+v %v %v", name, got.Edoc.Files, got.Findings, err)
		}
		if name != "destroyed inside" && got.Files[0].Digest != sumOf(file) {
			t.Errorf("%s: it is not the file that came: %+v", name, got.Files[0])
		}
		damage := 0
		for _, f := range got.Findings {
			if f.Code == FileDamaged {
				damage++
			}
		}
		if damage != 1 {
			t.Errorf("%s: findings %v", name, got.Findings)
		}
	}
	if _, err := Receive(iotest.ErrReader(errors.New("disk")), Limits{}); err == nil {
		t.Error("a disk that fails was taken for a package")
	}
}
