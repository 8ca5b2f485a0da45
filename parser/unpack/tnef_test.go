package unpack

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func readTNEF(file []byte) (Mail, []Problem) { return readForm("tnef", file) }

// tnefOf puts attributes behind a signature.
func tnefOf(attributes ...[]byte) []byte {
	return append(append(num32(tnefMagic), 1, 0), bytes.Join(attributes, nil)...)
}

func renddata() []byte { return tnefAttribute(2, attRenddata, make([]byte, 14)) }

func namedFile(name, data string) []byte {
	return bytes.Join([][]byte{renddata(), tnefAttribute(2, attAttachTitle, []byte(name+"\x00")), tnefAttribute(2, attAttachData, []byte(data))}, nil)
}

// Old writers have everything in attributes and no properties at all.
func TestTNEFWithAttributesOnly(t *testing.T) {
	name, addr := "Văn thư\x00", "SMTP:vanthu@example.vn\x00"
	from := append(append(append(num16(4), num16(0)...), num16(uint16(len(to1258(name))))...), num16(uint16(len(addr)))...)
	m, problems := readTNEF(tnefOf(
		tnefAttribute(1, attOemCodepage, append(num32(1258), 0, 0, 0, 0)),
		tnefAttribute(1, attSubject, append(to1258("Giấy mời họp"), 0)),
		tnefAttribute(1, attFrom, append(append(from, to1258(name)...), addr...)),
		tnefAttribute(1, attBody, append(to1258("Kính mời dự họp"), 0))))
	sameMail(t, m, olSample{subject: "Giấy mời họp", fromName: "Văn thư", fromAddr: "vanthu@example.vn", text: "Kính mời dự họp"})
	if len(problems) != 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestTNEFDataInProperties(t *testing.T) {
	props := []olWire{{prAttachLong, ptUnicode, toUTF16("tệp.bin")}, {prAttachData, ptBinary, []byte("trong thuộc tính")}}
	ole := []olWire{{prAttachMethod, ptInt32, num32(methodOLE)}, {prDisplayName, ptUnicode, toUTF16("Bảng")}, {prAttachData, ptObject, append(make([]byte, guidLen), cfbMagic+"..."...)}}
	link := []olWire{{prAttachMethod, ptInt32, num32(7)}, {prAttachLong, ptUnicode, toUTF16("đường dẫn")}}
	m, problems := readTNEF(tnefOf(renddata(), tnefAttribute(2, attAttachment, tnefList(props)), renddata(), tnefAttribute(2, attAttachment, tnefList(ole)),
		renddata(), tnefAttribute(2, attAttachment, tnefList(link))))
	sameMail(t, m, olSample{files: []olSampleFile{{"tệp.bin", "", "trong thuộc tính"}, {"Bảng", typeOLE, cfbMagic + "..."}}})
	if len(problems) != 1 || problems[0].Code != Unsupported || problems[0].Where != "đường dẫn" {
		t.Errorf("problems: %v", problems)
	}
}

// A long file name beats the title, and a Unicode one the 8-bit one.
func TestTNEFNames(t *testing.T) {
	for want, props := range map[string][]olWire{
		"báo cáo tháng.docx": {{prAttachName, ptString8, []byte("BAOCAO~1.DOC")}, {prAttachLong, ptString8, []byte("b?o c?o.docx")}, {prAttachLong, ptUnicode, toUTF16("báo cáo tháng.docx")}},
		"ngắn.docx":          {{prAttachName, ptUnicode, toUTF16("ngắn.docx")}, {prDisplayName, ptUnicode, toUTF16("khác")}},
		"title.doc":          {{prAttachName, ptString8, []byte("TITLE~1.DOC")}, {prDisplayName, ptUnicode, toUTF16("khác")}},
	} {
		m, problems := readTNEF(tnefOf(namedFile("title.doc", "x"), tnefAttribute(2, attAttachment, tnefList(props))))
		if len(m.Files) != 1 || m.Files[0].Name != want || len(problems) != 0 {
			t.Errorf("want %q: %v, %v", want, m.Files, problems)
		}
	}
}

// What is broken is told, and what is before and behind it is read.
func TestTNEFDamage(t *testing.T) {
	subject := tnefAttribute(1, attSubject, []byte("Subject\x00"))
	good := func(n string) []byte { return namedFile(n, "data of "+n) }
	wrongSum := tnefAttribute(1, attBody, []byte("body\x00"))
	wrongSum[len(wrongSum)-1]++
	long := tnefAttribute(2, attAttachData, []byte("lies"))
	copy(long[5:], num32(0xFFFFFFF0))
	short := tnefAttribute(2, attAttachData, []byte("lies about its length"))
	copy(short[5:], num32(4))
	beyond := tnefAttribute(1, attMsgProps, tnefList([]olWire{{prSenderName, ptUnicode, toUTF16("Văn thư")}}))
	copy(beyond[5:], num32(0x7FFFFFFF))
	unknownType := tnefAttribute(1, attMsgProps, append(append(num32(2), 0xEE, 0x0E, 1, 2), "rest that nobody can measure"...))
	manyProps := tnefAttribute(1, attMsgProps, append(num32(0xFFFFFFFF), tnefList([]olWire{{prSenderName, ptUnicode, toUTF16("Văn thư")}})[4:]...))
	manyValues := tnefAttribute(1, attMsgProps, append(append(num32(1), 0x1F, 0x10, 1, 2), num32(0xFFFFFFFF)...))
	longName := tnefAttribute(1, attMsgProps, append(append(append(num32(1), 3, 0, 1, 0x80), make([]byte, guidLen)...), append(num32(1), num32(0xFFFFFFFF)...)...))
	emptyList := tnefAttribute(1, attMsgProps, nil)
	for name, broken := range map[string][]byte{
		"checksum": wrongSum, "garbage": []byte("\x03garbage between two attributes"), "length too short": append(renddata(), short...),
		"length beyond the file": append(renddata(), long...), "properties beyond the file": beyond, "unknown type": unknownType, "too many properties": manyProps,
		"too many values": manyValues, "name too long": longName, "no list": emptyList,
	} {
		m, problems := readTNEF(tnefOf(subject, good("a"), broken, good("b"), good("c")))
		if !hasCode(problems, Damaged) || m.Subject != "Subject" {
			t.Errorf("%s: %q, %v", name, m.Subject, problems)
		}
		found := 0
		for _, f := range m.Files {
			if s, err := readEntry(t, f); f.Name != "" && s == "data of "+f.Name && err == nil {
				found++
			}
		}
		if found != 3 {
			t.Errorf("%s: %d of 3 files", name, found)
		}
		if strings.Contains(name, "properties") && m.FromName != "Văn thư" {
			t.Errorf("%s: the property before the fault is %q", name, m.FromName)
		}
	}
}

func TestTNEFFileThatIsCutOff(t *testing.T) {
	file := tnefOf(namedFile("a", strings.Repeat("0123456789", 100)))
	m, problems := readTNEF(file[:len(file)-500])
	if len(m.Files) != 1 || !hasCode(problems, Damaged) {
		t.Fatalf("%v, %v", m.Files, problems)
	}
	if s, err := readEntry(t, m.Files[0]); len(s) != 502 || !errors.Is(err, io.ErrUnexpectedEOF) || m.Files[0].Size != 1000 {
		t.Errorf("%d of %d bytes, %v", len(s), m.Files[0].Size, err)
	}
}

func TestTNEFThatCannotBeRead(t *testing.T) {
	file := writeTNEF(reportSample)
	broken := errors.New("the archive around it is broken")
	for _, c := range []struct {
		err  error
		code string
	}{{broken, Damaged}, {ErrEncrypted, Encrypted}, {ErrBudget, LimitSize}} {
		b := DefaultBudget
		_, problems := ReadTNEF(failingAt{bytes.NewReader(file), 300, c.err}, int64(len(file)), &b)
		if !hasCode(problems, c.code) {
			t.Errorf("%v: %v", c.err, problems)
		}
	}
	for _, file := range []string{"", "x\x9F\x3E\x22", "\x78\x9F\x3E\x22", "%PDF-1.7"} {
		if m, problems := readTNEF([]byte(file)); !hasCode(problems, Damaged) || len(m.Files) != 0 {
			t.Errorf("%q: %v", file, problems)
		}
	}
}

// failingAt is a file that breaks at an offset.
type failingAt struct {
	r   io.ReaderAt
	at  int64
	err error
}

func (f failingAt) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) <= f.at {
		return f.r.ReadAt(p, off)
	}
	n, _ := f.r.ReadAt(p[:max(0, f.at-off)], off)
	return n, f.err
}

// A file of nothing but attributes, sound ones or ones whose lengths are lies, ends soon; the ones at its beginning are read.
func TestTNEFOfManyAttributes(t *testing.T) {
	header := func(id, n uint32) []byte { return append(append([]byte{1}, num32(id)...), num32(n)...) }
	for name, unit := range map[string][]byte{
		"sound": tnefAttribute(1, 0x00078008, nil), "too long": header(attBody, 0xFFFFFFF0), "properties": header(attMsgProps, 0xFFFFFFF0),
	} {
		file := tnefOf(namedFile("a", "b"), bytes.Repeat(unit, 20<<20/len(unit)))
		began := time.Now()
		m, problems := readTNEF(file)
		took := time.Since(began)
		t.Logf("%s: %v", name, took.Round(time.Millisecond))
		if len(m.Files) != 1 || !hasCode(problems, LimitCount) || took > 5*time.Second {
			t.Errorf("%s: %d files, %v, %v", name, len(m.Files), took, problems)
		}
	}
}

// A file is read once, forward: a source that begins again to go back does so once, for the first attachment.
func TestTNEFReadsForward(t *testing.T) {
	s := reportSample
	for range 40 {
		s.files = append(s.files, olSampleFile{"x.bin", "", strings.Repeat("0123456789abcdef", 6_000)})
	}
	s.mails = []olSampleMail{{"Thư gốc", s}}
	for form, f := range olForms {
		file := f.write(s)
		opened := 0
		src := Seekable(func() (io.Reader, error) { opened++; return bytes.NewReader(file), nil }, int64(len(file)))
		b := DefaultBudget
		m, problems := f.read(src, int64(len(file)), &b)
		drain(t, m, int64(len(file)))
		if len(problems) != 0 || opened > map[string]int{"tnef": 2, "msg": 5}[form] {
			t.Errorf("%s: opened %d times, %v", form, opened, problems)
		}
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(writeTNEF(smallSample))
	f.Add(tnefOf(tnefAttribute(1, attSubject, []byte("x\x00")), tnefAttribute(1, attBody, []byte("y\x00")), []byte("\x03"), namedFile("a", "b")))
	f.Add(tnefOf(namedFile("a", "b")))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzForm(t, "tnef", in) })
}

// fuzzForm checks what holds for every input.
func fuzzForm(t *testing.T, form string, in []byte) {
	b := Budget{Entries: 50, Bytes: 4 << 20, Ratio: 200, Depth: 2}
	m, problems := olForms[form].read(bytes.NewReader(in), int64(len(in)), &b)
	if b.Entries < 0 || len(problems) > maxOLNotes {
		t.Fatalf("%d entries left, %d problems", b.Entries, len(problems))
	}
	n := countListed(m)
	if n > 50-b.Entries {
		t.Fatalf("%d files listed, %d taken from the budget", n, 50-b.Entries)
	}
	drain(t, m, int64(len(in)))
}

func countListed(m Mail) int {
	n := len(m.Files) + len(m.Mails)
	for _, e := range m.Mails {
		n += countListed(e.Mail)
	}
	return n
}
