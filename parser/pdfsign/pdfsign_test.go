package pdfsign

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/parser/unpack"
)

var judged = day("2026-02-01")

// summary writes what was found in one line.
func summary(rep *Report) string {
	var out []string
	j := JudgeFile(rep, roots(), judged)
	for i, s := range rep.Signatures {
		line := fmt.Sprintf("%s %s %s", s.Verdict, s.Coverage, s.Later.Kind)
		if s.Fault != "" {
			line += " fault=" + string(s.Fault)
		}
		line += " " + string(j.Signatures[i].State)
		if r := j.Signatures[i].Reason; r != "" {
			line += "/" + string(r)
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "; ") + " = " + string(j.State))
}

func wantSummary(t *testing.T, name string, p *pdf, want string) {
	t.Helper()
	rep := p.read()
	if got := summary(&rep); got != want {
		t.Errorf("%s:\n got %s\nwant %s\n%v", name, got, want, rep.Problems)
		for _, s := range rep.Signatures {
			t.Logf("%s %q %q", s.Field, s.Note, s.Later.Note)
		}
	}
}

const good = "intact whole nothing valid = valid"

func TestOneSignature(t *testing.T) {
	for _, packed := range []bool{false, true} {
		p := newPDF(t)
		p.packed = packed
		p.sigExtra = "/Reason <FEFF00500068EA20006400750079EC7400> /Location (\\320\\300 N\\265ng) /Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P 2 >> >>]"
		p.save().sign(newSigner(t))
		wantSummary(t, "one", p, good)
		rep := p.read()
		s := rep.Signatures[0]
		a := shared()
		if s.Field != "Chu ky 1" || s.SubFilter != Detached || s.ClaimedName != "Tran Thi Mau" || !s.DictionaryTime.Equal(time.Date(2026, 1, 10, 2, 0, 0, 0, time.UTC)) ||
			!s.SignedAt.Equal(day("2026-01-10")) || s.Permits != 2 || s.Digest != "SHA-256" || s.Algorithm != "RSA" || s.Weak {
			t.Errorf("%+v", s)
		}
		if s.Signer.CommonName != "Trần Thị Mẫu" || s.Organization != "Sở Nội vụ tỉnh Mẫu" || len(s.Signer.Emails) != 1 || !bytes.Equal(s.Signer.DER, a.leaf.Raw) ||
			len(s.Certificates) != 2 || s.Location == "" {
			t.Errorf("%+v", s.Signer)
		}
		if rep.Revisions != 2 || !rep.Complete || rep.Encrypted || len(rep.Problems) > 0 || s.End() != int64(len(p.b)) {
			t.Errorf("%+v", rep)
		}
	}
}

func TestNoSignature(t *testing.T) {
	wantSummary(t, "plain", newPDF(t).save(), "= absent")
	p := newPDF(t)
	p.field("")
	wantSummary(t, "an empty field", p.save(), "= absent")
	for _, b := range []string{"", "MZ", strings.Repeat("x", 2000) + "%PDF-1.7"} {
		rep, err := Read(strings.NewReader(b), int64(len(b)), DefaultLimits)
		if err != nil || summary(&rep) != "= absent" || len(rep.Problems) != 1 || rep.Problems[0].Code != NoPDF {
			t.Errorf("%.10q: %+v, %v", b, rep, err)
		}
	}
	lim := DefaultLimits
	lim.Search = 100
	q := newPDF(t).save()
	rep, err := Read(bytes.NewReader(q.b), int64(len(q.b)), lim)
	if err != nil || rep.Complete || JudgeFile(&rep, roots(), judged).State != "" {
		t.Errorf("what was not searched is not absent: %+v, %v", rep, err)
	}
}

// Every byte that a signature stands on counts.
func TestAlteredBytes(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	first := p.read().Signatures[0]
	step := 3
	if testing.Short() {
		step = 37
	}
	for i := 0; i < len(p.b); i += step {
		if int64(i) > first.Range[1] && int64(i) < first.Range[2]-1 {
			continue
		}
		b := bytes.Clone(p.b)
		b[i] ^= 1
		rep, err := Read(bytes.NewReader(b), int64(len(b)), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range rep.Signatures {
			if s.Verdict == unpack.Intact || Judge(&s, roots(), judged).State == Valid {
				t.Fatalf("byte %d: %s", i, summary(&rep))
			}
		}
	}
}

func TestSubFilters(t *testing.T) {
	p := newPDF(t)
	p.subtype = CAdES
	wantSummary(t, "CAdES", p.save().sign(newSigner(t)), good)

	p = newPDF(t)
	p.subtype = SHA1
	sig := p.save().signature()
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	p.save().fill(func(content []byte) []byte {
		s := newSigner(t)
		s.sha1 = true
		_, s.content, _ = s.sum(content)
		s.sha1 = false
		return s.cms(nil)
	})
	wantSummary(t, "SHA-1", p, "intact whole nothing present/weak = present")
	p.b[20] ^= 1
	rep := p.read()
	if rep.Signatures[0].Verdict != unpack.Broken {
		t.Errorf("%+v", rep.Signatures[0])
	}

	p = newPDF(t)
	p.subtype = "adbe.x509.rsa_sha1"
	wantSummary(t, "PKCS #1", p.save().sign(newSigner(t)), "unverified whole nothing present/not-verified = present")
	p = newPDF(t)
	p.subtype = "Someone.Else"
	wantSummary(t, "unknown", p.save().sign(newSigner(t)), "unverified whole nothing present/not-verified = present")
}

// Signatures are found where no table leads to them, and only there.
func TestBrokenTables(t *testing.T) {
	p := newPDF(t)
	p.save()
	p.b = bytes.Replace(p.b, []byte("xref\n0 1"), []byte("xreg\n0 1"), 1)
	wantSummary(t, "found by its bytes", p.sign(newSigner(t)), good)
	if rep := p.read(); len(rep.Problems) == 0 || rep.Problems[0].Code != Tables || rep.Revisions != 0 {
		t.Errorf("%+v", rep)
	}

	inside := newPDF(t).save().sign(newSigner(t))
	outer := newPDF(t)
	outer.add(stream("/Type /EmbeddedFile", string(inside.b)))
	wantSummary(t, "a signed file inside", outer.save(), "= absent")
	outer.sign(newSigner(t))
	wantSummary(t, "a signed file inside a signed file", outer, good)
}

func TestTablesInCircles(t *testing.T) {
	for _, at := range []string{"9", "0", "-5", "99999999999999999999", "(x)", "12345678901"} {
		p := newPDF(t)
		p.trailer += " /Prev " + at
		p.save().prev = -1
		if rep := p.read(); len(rep.Signatures) > 0 || len(rep.Problems) == 0 {
			t.Errorf("/Prev %s: %+v", at, rep)
		}
	}
	p := newPDF(t).save()
	first := p.prev
	p.set(5, p.objects[5])
	p.save()
	b := bytes.Replace(p.b, []byte("/Size 7 /Root"), fmt.Appendf(nil, "/Prev %d /Root", p.prev), 1)
	if rep, err := Read(bytes.NewReader(b), int64(len(b)), DefaultLimits); err != nil || len(rep.Problems) == 0 || first == p.prev {
		t.Errorf("%+v, %v", rep, err)
	}
}

// failing fails behind an offset.
type failing struct {
	r   io.ReaderAt
	end int64
}

var errDisk = errors.New("disk")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.end {
		return 0, errDisk
	}
	return f.r.ReadAt(p, off)
}

// A fault of ours is never a fact about the file.
func TestReadErrors(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	size := int64(len(p.b))
	for end := int64(0); end < size; end += 701 {
		if rep, err := Read(failing{bytes.NewReader(p.b), end}, size, DefaultLimits); !errors.Is(err, errDisk) {
			t.Fatalf("%d: %+v, %v", end, rep, err)
		}
	}
	if _, err := Read(bytes.NewReader(p.b), size+1, DefaultLimits); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a size that is not true: %v", err)
	}
}

func TestTimes(t *testing.T) {
	for s, want := range map[string]string{
		"D:20260110090000+07'00'": "2026-01-10T02:00:00Z", "D:20260110090000Z": "2026-01-10T09:00:00Z", "D:20260110090000Z00'00'": "2026-01-10T09:00:00Z",
		"20260110": "2026-01-09T17:00:00Z", "D:2026": "2025-12-31T17:00:00Z", "D:20260110090000-0330": "2026-01-10T12:30:00Z", "D:20260110090000+07": "2026-01-10T02:00:00Z",
		"D:20261310": "", "": "", "D:": "", "x": "", "D:202": "", "D:20260110090000+99'99'": "2026-01-10T02:00:00Z",
	} {
		got := pdfTime(s)
		if w, _ := time.Parse(time.RFC3339, want); !got.Equal(w) {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for s, want := range map[string]string{
		"abc": "abc", "\xFE\xFF\x1E\xA1\x00a": "ạa", "\xFF\xFE\xA1\x1E": "ạ", "\xEF\xBB\xBFđ": "đ", "Ph\xea duy\x8dt": "Phê duy“t", "Phê duyệt": "Phê duyệt",
		"\xFE\xFF\xD8\x00": "\uFFFD", "a\x00b": "ab", "\xa0": "€",
	} {
		if got := words(s, 100); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
}
