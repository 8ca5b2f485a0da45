package parser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-message"
)

// pdfMail is a mail with a text and one base64 file of size bytes that begins like a PDF.
func pdfMail(size int) []byte {
	var b bytes.Buffer
	b.WriteString(strings.Repeat("Received: from a.quangtri.example.vn (a.quangtri.example.vn [192.0.2.7]) by mx.example.vn (Postfix) with ESMTPS id 4XyZ\r\n"+
		"\tfor <vanthu@example.vn>; Mon, 22 Apr 2019 08:00:01 +0700 (ICT)\r\n", 4))
	b.WriteString("Authentication-Results: mx.example.vn; dkim=pass (2048-bit key) header.d=quangtri.example.vn\r\n" +
		"From: =?UTF-8?B?U+G7nyBO4buZaSB24bul?= <snv@quangtri.example.vn>\r\nTo: vanthu@example.vn\r\n" +
		"Subject: =?UTF-8?Q?C=C3=B4ng_v=C4=83n_s=E1=BB=91_123/SNV-VP?=\r\nDate: Mon, 22 Apr 2019 08:00:00 +0700\r\nMessage-ID: <1@quangtri.example.vn>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b1\"\r\n\r\n--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: 8bit\r\n\r\n" + strings.Repeat("Kính gửi: Ủy ban nhân dân tỉnh Quảng Trị.\r\n", 20) +
		"--=_b1\r\nContent-Type: application/pdf; name=\"123-SNV.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"123-SNV.pdf\"\r\n\r\n")
	file := make([]byte, size)
	x := uint32(2463534242)
	for i := range file {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		file[i] = byte(x)
	}
	copy(file, "%PDF-1.7\n")
	for len(file) > 0 {
		n := min(57, len(file))
		b.WriteString(base64.StdEncoding.EncodeToString(file[:n]) + "\r\n")
		file = file[n:]
	}
	b.WriteString("--=_b1--\r\n")
	return b.Bytes()
}

func benchmarkParse(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m := Parse(bytes.NewReader(raw), int64(len(raw)), DefaultLimits); len(m.Attachments) != 1 || len(m.Findings) != 0 {
			b.Fatal(m.Findings)
		}
	}
}

func BenchmarkParse4KB(b *testing.B)      { benchmarkParse(b, pdfMail(300)) }
func BenchmarkParsePDF300KB(b *testing.B) { benchmarkParse(b, pdfMail(220<<10)) }
func BenchmarkParsePDF10MB(b *testing.B)  { benchmarkParse(b, pdfMail(10<<20)) }

// BenchmarkGoMessage10MB is the same mail through go-message alone, which neither hashes nor sniffs.
func BenchmarkGoMessage10MB(b *testing.B) {
	raw := pdfMail(10 << 20)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		e, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			b.Fatal(err)
		}
		err = e.Walk(func(_ []int, p *message.Entity, err error) error {
			if err != nil {
				return err
			}
			if t, _, _ := p.Header.ContentType(); strings.HasPrefix(t, "multipart/") {
				return nil
			}
			if _, err := io.Copy(io.Discard, p.Body); err != nil {
				return fmt.Errorf("read part: %w", err)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
