// Package road tries the whole program, as the binary that is shipped, against real servers: Dovecot, PostgreSQL and an SMTP catcher. It
// holds tests and benchmarks only.
package road

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

// mx is the name of our own mail server in the mails' trace fields.
const mx = "mx.quangtri.example.vn"

// agencies send the mails; each has one address and one domain.
const agencies = 16

func agencyDomain(i int) string { return fmt.Sprintf("so%02d.quangtri.example.vn", i%agencies) }

// agenciesCSV is the directory that knows them.
func agenciesCSV() string {
	var b strings.Builder
	b.WriteString("id,code,aliases,name,short_name,parent,level,groups,addresses,domains,patterns,ready_since,valid_from,valid_to,successors,contact\n")
	for i := range agencies {
		fmt.Fprintf(&b, "so%02d,H50.%02d,,Sở thử nghiệm số %d,S%02d,,province,so-nganh,vanthu@%s,%s,,2019-01-01,,,,Tổ hỗ trợ\n", i, i+1, i, i, agencyDomain(i), agencyDomain(i))
	}
	return b.String()
}

var topics = []string{"tăng cường gửi, nhận văn bản điện tử", "báo cáo kết quả cải cách hành chính", "cử cán bộ tham gia tập huấn",
	"rà soát thủ tục hành chính", "triển khai chữ ký số", "góp ý dự thảo nghị quyết", "đôn đốc số liệu thống kê"}

var sentences = []string{"Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh, đơn vị kính gửi văn bản kèm theo.",
	"Đề nghị quý cơ quan xem xét, cho ý kiến để đơn vị tổ chức thực hiện theo quy định.",
	"Trong quá trình thực hiện nếu có vướng mắc, xin phản ánh về đơn vị để kịp thời giải quyết."}

// mail makes the i-th mail of a seed, arrived at a given instant: text in one of several encodings and, in nine of ten, a PDF whose size
// makes a set of them look like real traffic (median about 170 KB, mean about 300 KB, at most 4 MB).
func mail(seed uint64, i int, at time.Time) []byte {
	r := random(seed, i)
	domain, number := agencyDomain(i), fmt.Sprintf("%d/S%02d-VP", i+1, i%agencies)
	subject := fmt.Sprintf("Công văn số %s ngày %s về việc %s", number, at.Format("2/1/2006"), topics[r.IntN(len(topics))])
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <vanthu@%s>\r\n", domain)
	fmt.Fprintf(&b, "Received: from mail.%s (mail.%s [192.0.2.%d])\r\n\tby %s (Postfix) with ESMTPS id %08X\r\n\tfor <vanthu@quangtri.example.vn>; %s\r\n",
		domain, domain, 1+r.IntN(250), mx, r.Uint32(), at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Authentication-Results: %s; dkim=pass (2048-bit key) header.d=%s;\r\n\tdmarc=pass header.from=%s\r\n", mx, domain, domain)
	fmt.Fprintf(&b, "From: %s <vanthu@%s>\r\nTo: vanthu@quangtri.example.vn\r\n", mime.QEncoding.Encode("utf-8", "Văn thư Sở thử nghiệm"), domain)
	fmt.Fprintf(&b, "Subject: %s\r\n", strings.ReplaceAll(mime.BEncoding.Encode("utf-8", subject), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(&b, "Date: %s\r\nMessage-ID: <%d.%d.%x@%s>\r\nMIME-Version: 1.0\r\n", at.Format(time.RFC1123Z), seed, i, r.Uint32(), domain)
	text := "Kính gửi: Ủy ban nhân dân tỉnh\r\n\r\n" + strings.Repeat(sentences[r.IntN(len(sentences))]+"\r\n", 3+r.IntN(20))
	if i%10 == 9 {
		textPart(&b, r, text)
		return b.Bytes()
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"=_%d_%d\"\r\n\r\n--=_%d_%d\r\n", seed, i, seed, i)
	textPart(&b, r, text)
	size := min(4e6, 170e3*math.Exp(1.05*r.NormFloat64())) * 57 / 78
	name := strings.ReplaceAll(number, "/", "_") + ".signed.pdf"
	fmt.Fprintf(&b, "\r\n--=_%d_%d\r\nContent-Type: application/pdf; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		seed, i, name, name)
	base64Lines(&b, scan(r, int(size)))
	fmt.Fprintf(&b, "--=_%d_%d--\r\n", seed, i)
	return b.Bytes()
}

func random(seed uint64, i int) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(i))
	return rand.New(rand.NewChaCha8(key))
}

func textPart(b *bytes.Buffer, r *rand.Rand, text string) {
	if r.IntN(2) == 0 {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		base64Lines(b, []byte(text))
		return
	}
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(text)) // a bytes.Buffer takes everything
	w.Close()
}

// scan is a PDF whose page is an incompressible image, as scanners make them.
func scan(r *rand.Rand, size int) []byte {
	body := make([]byte, max(size, 2000)&^7)
	for j := 0; j < len(body); j += 8 {
		binary.LittleEndian.PutUint64(body[j:], r.Uint64())
	}
	head := "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Type /XObject /Subtype /Image >>\nstream\n"
	return append(append([]byte(head), body...), []byte("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")...)
}

func base64Lines(b *bytes.Buffer, data []byte) {
	line := make([]byte, 76)
	for len(data) > 0 {
		n := min(57, len(data))
		m := base64.StdEncoding.EncodedLen(n)
		base64.StdEncoding.Encode(line, data[:n])
		b.Write(line[:m])
		b.WriteString("\r\n")
		data = data[n:]
	}
}
