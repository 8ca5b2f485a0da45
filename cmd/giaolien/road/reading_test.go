package road

import (
	"bytes"
	"fmt"
	"mime"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// textPDF is a PDF of one page with these lines. Letters are shown in a font of every reader; what they are stands in its table to Unicode,
// which is what text is read by (ISO 32000-1, 9.10.3).
func textPDF(lines ...string) []byte {
	codes := map[rune]int{}
	var content, table strings.Builder
	fmt.Fprint(&content, "BT /F 11 Tf 60 800 Td")
	for _, line := range lines {
		content.WriteString(" 0 -16 Td <")
		for _, r := range line {
			if _, ok := codes[r]; !ok {
				codes[r] = 33 + len(codes)
				if r == ' ' {
					codes[r] = 32
				}
				fmt.Fprintf(&table, "<%02X> <%04X>\n", codes[r], r)
			}
			fmt.Fprintf(&content, "%02X", codes[r])
		}
		content.WriteString("> Tj")
	}
	content.WriteString(" ET")
	cmap := fmt.Sprintf("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"+
		"1 begincodespacerange <00> <FF> endcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap end end", len(codes), table.String())
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, o := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", content.Len(), content.String()),
		"<</Type/Font/Subtype/Type1/BaseFont/Courier/ToUnicode 6 0 R>>", fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(cmap), cmap)} {
		fmt.Fprintf(&b, "%d 0 obj%sendobj\n", i+1, o)
	}
	b.WriteString("trailer<</Root 1 0 R>>\n%%EOF\n")
	return b.Bytes()
}

// letterWith is a mail with one PDF.
func letterWith(i int, subject, name string, pdf []byte, at time.Time) []byte {
	var b bytes.Buffer
	domain := agencyDomain(i)
	fmt.Fprintf(&b, "Return-Path: <vanthu@%s>\r\nReceived: from mail.%[1]s by %s with ESMTPS id %d; %s\r\n", domain, mx, i, at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Authentication-Results: %s; dkim=pass header.d=%s; dmarc=pass header.from=%[2]s\r\nFrom: <vanthu@%[2]s>\r\n", mx, domain)
	fmt.Fprintf(&b, "To: vanthu@quangtri.example.vn\r\nSubject: %s\r\nMessage-ID: <%d@%s>\r\nMIME-Version: 1.0\r\n", mime.BEncoding.Encode("utf-8", subject), i, domain)
	fmt.Fprintf(&b, "Content-Type: application/pdf; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", name)
	base64Lines(&b, pdf)
	return b.Bytes()
}

// TestReading takes mails through a drain whose files only tools can read: one that is told by its subject, one by its file alone, one whose
// file bears a mark of secrecy that nothing else shows, and one whose file is none.
func TestReading(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil || runtime.GOOS != "linux" {
		cannot(t, "no pdftotext here")
	}
	body := strings.Repeat("Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh, đơn vị kính gửi văn bản. ", 3)
	head := func(number string, more ...string) []byte {
		return textPDF(append(append([]string{"SỞ THỬ NGHIỆM", "Số: " + number, "Quảng Trị, ngày 03 tháng 5 năm 2026"}, more...), "V/v cử cán bộ tham gia tập huấn",
			"Kính gửi: Ủy ban nhân dân tỉnh", body[:90], body[90:180])...)
	}
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, o)
			s.edit("[reading]\nenabled = false", "[reading]\nocr = false")
			at := time.Now().Add(-time.Hour)
			c := s.dial(nil)
			defer c.Close()
			s.append(c, letterWith(1, "Công văn số 11/S01-VP về việc cử cán bộ", "11_S01-VP.pdf", head("11/S01-VP"), at), at)
			s.append(c, letterWith(2, "Gửi văn bản", "scan0002.pdf", head("12/S02-VP"), at), at)
			s.append(c, letterWith(3, "Công văn số 99/S01-VP về việc CANARYSUBJECT", "CANARYNAME.pdf", head("99/S01-VP", "MẬT"), at), at)
			s.append(c, letterWith(4, "Công văn số 14/S04-VP về việc tập huấn", "14_S04-VP.pdf", []byte("%PDF-1.4 "+strings.Repeat("không phải PDF ", 50)), at), at)
			got := s.drain()
			if got.Fetched != 4 || got.Reading != 0 || got.UIDs["registered"] != 3 || got.UIDs["quarantined"] != 1 {
				t.Fatalf("drained %+v", got)
			}
			state := func(subjectPart string) string {
				return one(t, s, "SELECT r.id || ' ' || r.state || ' ' || r.reason || ' ' || r.outcomes FROM receipts r JOIN messages m ON m.content = r.content WHERE m.subject LIKE '%"+subjectPart+"%'")
			}
			for part, want := range map[string]string{"11/S01": "registered rule 2", "Gửi văn bản": "registered rule 2", "14/S04": "registered entry-doubted 2"} {
				if got := state(part); !strings.HasSuffix(got, want) {
					t.Errorf("%s: %s, want %s", part, got, want)
				}
			}
			if got.Notices["sent"] != 2 {
				t.Errorf("notices %v, want one for each document that was read", got.Notices)
			}
			number := one(t, s, "SELECT state || ' ' || CASE WHEN so_den > 0 THEN 'numbered' ELSE '' END FROM records WHERE state = 'quarantined'")
			if number != "quarantined numbered" {
				t.Errorf("the record of the secret is %q, want it to keep its number", number)
			}
			doc := one(t, s, "SELECT CAST(document AS text) FROM records WHERE CAST(document AS text) LIKE '%12/S02-VP%'")
			for _, want := range []string{`"ngay_ban_hanh":"2026-05-03"`, `cử cán bộ tham gia tập huấn`} {
				if !strings.Contains(strings.ReplaceAll(doc, `": "`, `":"`), want) {
					t.Errorf("%s is not in %s", want, doc)
				}
			}
			leavesNoWord(t, s, "")
			if again := s.drain(); again.Fetched != 0 || again.Reading != 0 || again.Notices["sent"] != 2 {
				t.Errorf("drained again %+v", again)
			}
		})
	}
}

// TestReadingAfterClearing: a mail whose subject was called a false alarm, while the rest was still on the server, is read like any other, and
// a mark in its file is found.
func TestReadingAfterClearing(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil || runtime.GOOS != "linux" {
		cannot(t, "no pdftotext here")
	}
	s := newSite(t, options{mode: "send"})
	s.edit("[reading]\nenabled = false", "[intake]\nscreen_headers_first = true\n[reading]\nocr = false")
	at := time.Now().Add(-time.Hour)
	c := s.dial(nil)
	defer c.Close()
	s.append(c, letterWith(1, "[MẬT] gửi văn bản", "scan1.pdf", textPDF("Số: 11/S01-VP", "TỐI MẬT", "Kính gửi: Ủy ban nhân dân tỉnh"), at), at)
	s.append(c, letterWith(2, "[MẬT] gửi văn bản", "scan2.pdf", textPDF("SỞ THỬ NGHIỆM", "Số: 12/S02-VP", "Quảng Trị, ngày 03 tháng 5 năm 2026",
		"V/v cử cán bộ tham gia tập huấn", "Kính gửi: Ủy ban nhân dân tỉnh", strings.Repeat("Thực hiện chỉ đạo của tỉnh. ", 5)), at), at)
	if got := s.drain(); got.UIDs["quarantined"] != 2 {
		t.Fatalf("drained %+v, want both on the server", got)
	}
	for _, id := range strings.Fields(one(t, s, "SELECT group_concat(id, ' ') FROM receipts")) {
		s.run("clear", id, "--reason", "ghi nhầm", "--by", "hoa")
	}
	got := s.drain()
	if got.Fetched != 2 || got.Reading != 0 || got.UIDs["quarantined"] != 1 || got.UIDs["registered"] != 1 {
		t.Errorf("drained %+v, want one registered by what was read, and the other quarantined", got)
	}
}
