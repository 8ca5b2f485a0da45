package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/parser/charset"
)

// olForms are Outlook's two forms: what is true of one is true of the other.
var olForms = map[string]struct {
	write func(olSample) []byte
	read  func(io.ReaderAt, int64, *Budget) (Mail, []Problem)
}{"tnef": {writeTNEF, ReadTNEF}, "msg": {writeMSG, ReadMSG}}

func readForm(form string, file []byte) (Mail, []Problem) {
	b := DefaultBudget
	return olForms[form].read(bytes.NewReader(file), int64(len(file)), &b)
}

var reportSample = olSample{
	subject: "Báo cáo kết quả thực hiện Kế hoạch số 45/KH-UBND", fromName: "Văn thư Sở Nội vụ", fromAddr: "vanthu.snv@quangtri.gov.vn",
	messageID: "<BN0PR06MB1234@snv.quangtri.gov.vn>", text: "Kính gửi Ủy ban nhân dân tỉnh,\r\nĐề nghị xem tệp gửi kèm.\r\n",
	html: "<html><body>B\xe1o c\xe1o</body></html>", rtf: `{\rtf1\ansi\ansicpg1258 Bao cao}`,
	files: []olSampleFile{
		{"Công văn số 123-SNV về việc rà soát.pdf", "application/pdf", "%PDF-1.7 " + strings.Repeat("nội dung ", 2000)},
		{"Phụ lục đã ký.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04 short"},
	},
}

// smallSample has one of everything, for the fuzz targets: they are slow on long inputs.
var smallSample = olSample{subject: "x", html: "<p>", rtf: `{\rtf1}`, files: []olSampleFile{{"a", "", "b"}},
	mails: []olSampleMail{{"m", olSample{subject: "y", text: "z", ansi: true}}}}

func TestOutlookForms(t *testing.T) {
	ansi, nested, deeper := reportSample, reportSample, reportSample
	ansi.ansi = true
	deeper.mails = []olSampleMail{{"Thư gốc", ansi}}
	nested.mails = []olSampleMail{{"Về việc họp giao ban", deeper}, {"Giấy mời", olSample{subject: "Giấy mời", text: "Mời họp"}}}
	samples := map[string]olSample{
		"Unicode": reportSample, "windows-1258": ansi, "embedded": nested,
		"only RTF":    {subject: "Chỉ có RTF", rtf: `{\rtf1\ansi ` + strings.Repeat(`\par x`, 9000) + `}`},
		"only HTML":   {subject: "Chỉ có HTML", html: "<p>" + strings.Repeat("xin chao ", 9000) + "</p>"},
		"only text":   {text: "Kính gửi quý cơ quan"},
		"nothing":     {},
		"empty file":  {files: []olSampleFile{{"rỗng.txt", "text/plain", ""}, {"sau.txt", "text/plain", "x"}}},
		"no name":     {files: []olSampleFile{{"", "", "abc"}}},
		"long stream": {files: []olSampleFile{{"lớn.bin", "", strings.Repeat("0123456789abcdef", 600_000)}}},
	}
	for form := range olForms {
		for name, s := range samples {
			t.Run(form+"/"+name, func(t *testing.T) {
				m, problems := readForm(form, olForms[form].write(s))
				sameMail(t, m, s)
				if len(problems) != 0 {
					t.Errorf("problems: %v", problems)
				}
			})
		}
	}
}

func TestOutlookFormsGiveBackWhatWasWritten(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "Hải Lăng", "ỦY BAN NHÂN DÂN XÃ", "đường Nguyễn Huệ", "1/2"})
	data := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(0, 40, 60).Draw(t, "piece"), rapid.SampledFrom([]int{0, 1, 2, 300}).Draw(t, "times"))
	})
	var sample func(depth int) *rapid.Generator[olSample]
	sample = func(depth int) *rapid.Generator[olSample] {
		return rapid.Custom(func(t *rapid.T) olSample {
			s := olSample{subject: text.Draw(t, "subject"), fromName: text.Draw(t, "name"), text: text.Draw(t, "text"), ansi: rapid.Bool().Draw(t, "ansi")}
			for range rapid.IntRange(0, 3).Draw(t, "files") {
				s.files = append(s.files, olSampleFile{text.Draw(t, "file"), "", data.Draw(t, "data")})
			}
			for range rapid.IntRange(0, depth).Draw(t, "mails") {
				s.mails = append(s.mails, olSampleMail{"Thư " + text.Draw(t, "mail"), sample(depth-1).Draw(t, "inner")})
			}
			return s
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := sample(2).Draw(rt, "sample")
		for form := range olForms {
			m, problems := readForm(form, olForms[form].write(s))
			got := map[string]int{}
			countFiles(t, m, got)
			countSample(s, got)
			for f, n := range got {
				if n != 0 {
					rt.Fatalf("%s: file %.60q is there %d times too often", form, f, n)
				}
			}
			if len(problems) != 0 || m.Subject != s.subject || m.Text != s.text || m.FromName != s.fromName {
				rt.Fatalf("%s: %v, %q %q %q", form, problems, m.Subject, m.Text, m.FromName)
			}
		}
	})
}

func countFiles(t *testing.T, m Mail, n map[string]int) {
	for _, f := range m.Files {
		s, err := readEntry(t, f)
		if err != nil {
			t.Fatal(err)
		}
		n[f.Name+"|"+s]++
	}
	for _, e := range m.Mails {
		n[e.Name+"|"+e.Mail.Subject]++
		countFiles(t, e.Mail, n)
	}
}

func countSample(s olSample, n map[string]int) {
	for _, f := range s.files {
		n[f.name+"|"+f.data]--
	}
	for _, e := range s.mails {
		n[e.name+"|"+e.mail.subject]--
		countSample(e.mail, n)
	}
}

// Every prefix of a file gives what is before the cut, and says that something is missing.
func TestOutlookFormsCutOff(t *testing.T) {
	s := reportSample
	s.mails = []olSampleMail{{"Thư gốc", reportSample}}
	for form := range olForms {
		whole := olForms[form].write(s)
		for n := 0; n < len(whole); n += 1 + n/97 {
			m, problems := readForm(form, whole[:n])
			if !hasCode(problems, Damaged) && form == "tnef" && !endsAttribute(s, n) {
				t.Fatalf("%s cut at %d of %d: %v", form, n, len(whole), problems)
			}
			for _, f := range m.Files {
				got, err := readEntry(t, f)
				if f.Name == "Thư gốc" { // the embedded message, too little of it to be seen as one
					continue
				}
				if !slices.ContainsFunc(s.files, func(w olSampleFile) bool { return w.data == got || err != nil && strings.HasPrefix(w.data, got) }) {
					t.Fatalf("%s cut at %d: %q has %d bytes that nobody wrote, %v", form, n, f.Name, len(got), err)
				}
			}
		}
	}
}

// endsAttribute says whether a TNEF of a sample cut at n ends between two attributes, where nothing shows that it was longer.
func endsAttribute(s olSample, n int) bool {
	b := writeTNEF(s)
	at := 6
	for at < n {
		at += tnefHeaderLen + int(le32(b[at+5:])) + tnefChecksumLen
	}
	return at == n
}

func hasCode(problems []Problem, code string) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == code })
}

// A flipped bit anywhere changes what is read, or costs at most what it touches; it never ends the reading in a panic or a loop.
func TestOutlookFormsWithFlippedBits(t *testing.T) {
	s := reportSample
	s.mails = []olSampleMail{{"Thư gốc", reportSample}}
	for form := range olForms {
		whole := olForms[form].write(s)
		rapid.Check(t, func(rt *rapid.T) {
			b := bytes.Clone(whole)
			for range rapid.IntRange(1, 4).Draw(rt, "flips") {
				b[rapid.IntRange(0, len(b)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
			}
			m, _ := readForm(form, b)
			drain(rt, m, int64(len(b)))
		})
	}
}

// drain reads all files of a message and checks that none gives more than the file has.
func drain(t interface{ Fatalf(string, ...any) }, m Mail, size int64) {
	for _, f := range m.Files {
		r, err := f.Open()
		if err != nil {
			continue
		}
		if n, err := io.Copy(io.Discard, r); n > size || err == nil && n != f.Size {
			t.Fatalf("file gives %d bytes without an error, %d are claimed, the container has %d", n, f.Size, size)
		}
	}
	for _, e := range m.Mails {
		drain(t, e.Mail, size)
	}
}

func TestOutlookFormsCountAgainstTheBudget(t *testing.T) {
	s := olSample{subject: "Nhiều tệp", text: "nội dung"}
	for i := range 12 {
		s.files = append(s.files, olSampleFile{fmt.Sprintf("%d.txt", i), "", strings.Repeat("x", 10_000)})
	}
	s.mails = []olSampleMail{{"trong", s}}
	for form, f := range olForms {
		file := f.write(s)
		b := Budget{Entries: 5, Bytes: 25_000, Ratio: 200, Depth: 2}
		m, problems := f.read(bytes.NewReader(file), int64(len(file)), &b)
		if len(m.Files) != 5 || b.Entries != 0 || !hasCode(problems, LimitCount) || m.Text != s.text {
			t.Errorf("%s: %d files, %d entries left, %v", form, len(m.Files), b.Entries, problems)
		}
		var last error
		for _, e := range m.Files {
			_, last = readEntry(t, e)
		}
		if !errors.Is(last, ErrBudget) {
			t.Errorf("%s: reading beyond the budget ends with %v", form, last)
		}
	}
}

func TestOutlookFormsInsideOneAnother(t *testing.T) {
	s := olSample{subject: "trong cùng", files: []olSampleFile{{"trong.txt", "", "abc"}}}
	for i := range 12 {
		s = olSample{subject: fmt.Sprint(i), mails: []olSampleMail{{fmt.Sprint(i), s}}}
	}
	for form, f := range olForms {
		m, problems := readForm(form, f.write(s))
		depth := 1
		for ; len(m.Mails) > 0; depth++ {
			m = m.Mails[0].Mail
		}
		if depth != maxOLMails || !hasCode(problems, Recursive) || hasCode(problems, Damaged) {
			t.Errorf("%s: %d messages inside one another, %v", form, depth, problems)
		}
		if form == "tnef" && (len(m.Files) != 1 || m.Files[0].Type != typeTNEF) {
			t.Errorf("the message that is not opened is no file: %v", m.Files)
		}
	}
}

func TestOutlookFormsBoundTheBodies(t *testing.T) {
	s := olSample{text: strings.Repeat("ế", maxBodyRunes+10), html: strings.Repeat("<b>", maxBodyHTML/3+10), rtf: `{\rtf1 ` + strings.Repeat(`\par 0123456`, maxBodyRTF/12+10), stored: true}
	for form, f := range olForms {
		m, problems := readForm(form, f.write(s))
		if n := len([]rune(m.Text)); n != maxBodyRunes || len(m.HTML) != maxBodyHTML || len(m.RTF) != maxBodyRTF {
			t.Errorf("%s: text of %d runes, HTML of %d bytes, RTF of %d", form, n, len(m.HTML), len(m.RTF))
		}
		if !hasCode(problems, LimitSize) {
			t.Errorf("%s: %v", form, problems)
		}
		one := olSample{html: strings.Repeat("<b>", maxBodyHTML/3)}
		many := olSample{}
		for range 7 {
			many.mails = append(many.mails, olSampleMail{"x", one})
		}
		m, problems = readForm(form, f.write(many))
		total := 0
		for _, e := range m.Mails {
			total += len(e.Mail.HTML)
		}
		if total != maxBodies || !hasCode(problems, LimitSize) {
			t.Errorf("%s: bodies of %d bytes altogether, %v", form, total, problems)
		}
	}
}

func TestOutlookAddresses(t *testing.T) {
	for _, c := range [][4]string{
		{"a@example.vn", "EX", "/O=EX/CN=A", "a@example.vn"}, {"", "SMTP", " a@example.vn", "a@example.vn"}, {"", "smtp", "a@example.vn", "a@example.vn"},
		{"", "", "a@example.vn", "a@example.vn"}, {"", "EX", "/O=EX/OU=X/CN=RECIPIENTS/CN=A", ""}, {"", "", "/O=EX/CN=A@B", ""}, {"", "EX", "a@example.vn", ""},
		{"/O=EX", "SMTP", "a@example.vn", "a@example.vn"}, {"", "SMTP", "A", ""},
	} {
		if got := smtpAddress(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("smtpAddress(%q, %q, %q) = %q", c[0], c[1], c[2], got)
		}
	}
}

func TestCodePagesAreCharsetsThatCanBeRead(t *testing.T) {
	n := 0
	for cp := range uint32(66000) {
		if l := codePage(cp); l != "" {
			n++
			if !charset.Known(l) {
				t.Errorf("code page %d: nobody reads %q", cp, l)
			}
		}
	}
	if n < 40 || codePage(1258) != "windows-1258" || codePage(0) != "" {
		t.Errorf("%d code pages", n)
	}
}
