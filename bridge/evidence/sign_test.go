//go:build linux && (amd64 || arm64)

package evidence

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// when things are signed, and read, in these tests.
var (
	signedAt = time.Date(2026, 1, 10, 2, 0, 0, 0, time.UTC)
	readAt   = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
)

func clock() time.Time { return readAt.Add(123 * time.Millisecond) }

// evidenceOf reads a file that is said to be of a kind.
func evidenceOf(t testing.TB, r *Reader, b []byte, kind string) mapping.FileEvidence {
	t.Helper()
	e, err := r.Read(t.Context(), bytes.NewReader(b), int64(len(b)), kind)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Reader) > 200 || e.Reader != r.ReaderName() {
		t.Errorf("reader %q", e.Reader)
	}
	return e
}

func (k pki) signing() cms { return cms{by: k.signer, with: []identity{k.between}, at: at(signedAt)} }

// with gives a reader who trusts some more or less.
func (r *Reader) with(a *Authorities) *Reader {
	c := *r
	c.options.Trust = a
	c.name = c.naming()
	return &c
}

func TestReadSignatures(t *testing.T) {
	t.Parallel()
	k := newPKI(t)
	r := reader(t, Options{Trust: trust(t, k.root), Now: clock, NoOCR: true})
	page := paper{content: typed(letterLines()...)}
	good := page.signed(t, k.signing())
	bare := k.signing()
	bare.with = nil
	stranger := certify(t, "Nguyễn Thị Mẫu", identity{}, asSigner)
	late := k.signing()
	late.by = certify(t, "Người ký cũ", k.between, func(c *x509.Certificate) { asSigner(c); c.NotAfter = signedAt.AddDate(0, 0, 20) })
	stamped := late
	stamped.stamp, stamped.when = &cms{by: k.stamper, with: []identity{k.between}}, signedAt.Add(time.Minute)
	encrypted := "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + strings.Repeat("11", 32) + ">/U<" + strings.Repeat("22", 32) + ">>>"

	for _, c := range []struct {
		what          string
		by            *Reader
		b             []byte
		state, reason string
		signers       int
		attested      bool
		problem       string
	}{
		{"good", r, good, "valid", "", 1, false, ""},
		{"nobody is trusted", r.with(nil), good, "present", "no-roots", 1, false, ""},
		{"others are trusted", r.with(trust(t, certify(t, "CA khác", identity{}, asAuthority))), good, "invalid", "untrusted", 1, false, ""},
		{"a letter was changed", r, bytes.Replace(good, []byte("12/UBND-VX"), []byte("13/UBND-VX"), 1), "invalid", "altered", 1, false, ""},
		{"something was appended", r, append(slices.Clone(good), "9 0 obj\n<<>>\nendobj\n"...), "invalid", "changed-after", 1, false, ""},
		{"signed by nobody known", r, page.signed(t, cms{by: stranger, at: at(signedAt)}), "invalid", "untrusted", 1, false, ""},
		{"the authority between is missing", r, page.signed(t, bare), "invalid", "untrusted", 1, false, ""},
		{"but is in the trust folder", r.with(trust(t, k.root, k.between)), page.signed(t, bare), "valid", "", 1, false, ""},
		{"run out since", r, page.signed(t, late), "present", "expired-since", 1, false, ""},
		{"run out since, but stamped", r, page.signed(t, stamped), "valid", "", 1, true, ""},
		{"not signed", r, plain(), "absent", "", 0, false, ""},
		{"encrypted", r, paper{content: page.content, trailer: encrypted}.signed(t, k.signing()), "valid", "", 1, false, mapping.ProblemEncrypted},
		{"a half", r, good[:len(good)/2], "", "damaged", 0, false, mapping.ProblemDamaged},
		{"no PDF", r, []byte("xin chào"), "", "damaged", 0, false, mapping.ProblemDamaged},
	} {
		e := evidenceOf(t, c.by, c.b, "application/pdf")
		s := e.Signature
		if s.State != c.state || s.Reason != c.reason || len(s.Signers) != c.signers || e.Problem != c.problem || s.Trust != c.by.options.Trust.Version() {
			t.Errorf("%s: %+v, problem %q", c.what, s, e.Problem)
			continue
		}
		if want := c.signers > 0 && c.reason != "no-roots" && c.reason != "altered" && c.reason != "changed-after"; want != s.Judged.Equal(readAt) {
			t.Errorf("%s: judged at %v", c.what, s.Judged)
		}
		if c.signers == 0 {
			continue
		}
		o := s.Signers[0]
		if o.State != c.state || o.Attested != c.attested || o.Stamp || o.At.IsZero() || !slices.Contains(o.Unchecked, "revocation") || o.Organization != "Cơ quan mẫu" || o.Name == "" {
			t.Errorf("%s: %+v", c.what, o)
		}
	}
	s := evidenceOf(t, r, page.signed(t, stamped), "application/pdf").Signature.Signers[0]
	if !s.At.Equal(stamped.when) || s.Name != "Người ký cũ" || s.Issuer != "CN=CA phục vụ mẫu,O=Cơ quan mẫu" || s.Serial == "" || slices.Contains(s.Unchecked, "signing-time") {
		t.Errorf("stamped: %+v", s)
	}
	if e := evidenceOf(t, r, good, "image/gif"); e.Problem != mapping.ProblemUnknownKind || e.Signature.State != "" || e.Signature.Reason != mapping.ProblemUnknownKind {
		t.Errorf("an unknown kind: %+v", e)
	}
	if e := evidenceOf(t, r, []byte("x"), "image/png"); e.Problem != mapping.ProblemNoOCR || e.Signature.State != "" || e.Signature.Reason != mapping.ProblemUnknownKind {
		t.Errorf("a picture: %+v", e)
	}
}

// TestReadSame wants the same of the same file, and what is found to survive being stored.
func TestReadSame(t *testing.T) {
	t.Parallel()
	k := newPKI(t)
	r := reader(t, Options{Trust: trust(t, k.root), Now: clock})
	scan := picturesPDF([][]byte{jpegOf(t, rendered(t, plain()))}, "Ky boi: Van phong")
	for what, b := range map[string][]byte{"signed": paper{content: typed(letterLines()...)}.signed(t, k.signing()), "scan": scan} {
		first, again := evidenceOf(t, r, b, "application/pdf"), evidenceOf(t, r, b, "application/pdf")
		stored, err := json.Marshal(first)
		var back mapping.FileEvidence
		if err == nil {
			err = json.Unmarshal(stored, &back)
		}
		if err != nil || !reflect.DeepEqual(first, again) || !reflect.DeepEqual(first, back) {
			t.Errorf("%s: %v\n%+v\n%+v\n%+v", what, err, first, again, back)
		}
		if p := first.Pages; len(p) != 1 || p[0].OCR != (what == "scan") || (p[0].Layer != "") != (what == "scan") || !strings.Contains(p[0].Text, "12/UBND-VX") {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

// TestReaderName changes with everything that can change what is found, and with nothing else.
func TestReaderName(t *testing.T) {
	t.Parallel()
	k := newPKI(t)
	a := trust(t, k.root)
	names := map[string]bool{}
	for _, o := range []Options{{}, {Trust: a}, {Trust: trust(t, k.root, k.between)}, {NoOCR: true}, {First: 3}, {Last: 2}, {OCRPages: 9}, {Text: 1000}, {Size: 1000},
		{Budget: time.Second}, {Limits: Limits{CPU: time.Second}}, {Paths: map[string]string{tesseract: "/nowhere"}}} {
		o.Command = childCommand(t)
		var name [2]string
		for i := range name {
			o.Dir = []string{"", t.TempDir()}[i] // where it works is not how
			r, err := NewReader(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			name[i] = r.ReaderName()
		}
		if name[0] != name[1] || names[name[0]] || len(name[0]) > 200 || strings.ContainsAny(name[0], "\n\x00") {
			t.Errorf("%+v: %q and %q", o, name[0], name[1])
		}
		names[name[0]] = true
	}
}

// TestReadSecret keeps nothing of a file once it has seen a mark, wherever it is, and does not look further.
func TestReadSecret(t *testing.T) {
	t.Parallel()
	k := newPKI(t)
	r := reader(t, Options{Trust: trust(t, k.root), Now: clock})
	secretLines := slices.Concat([]string{"TUYET MAT"}, letterLines())
	if mark, _ := vanban.SecretMark(strings.Join(secretLines, "\n")); mark != vanban.TuyetMat {
		t.Fatalf("these tests need a text with a mark, it has %q", mark)
	}
	secret := paper{content: typed(secretLines...)}
	unsigned := onePage("", secret.content, a4, "")
	open := typed(letterLines()...)
	picture := rendered(t, unsigned)
	for _, c := range []struct {
		what, kind string
		b          []byte
		pages      int
	}{
		{"in the text", "application/pdf", secret.signed(t, k.signing()), 1},
		{"in the signer's reason", "application/pdf", paper{content: open, keys: "/Reason(Van ban TUYET MAT)"}.signed(t, k.signing()), 1},
		{"in his place", "application/pdf", paper{content: open, keys: "/Location(TUYET MAT)"}.signed(t, k.signing()), 1},
		{"in the name of the field", "application/pdf", paper{content: open, field: "TUYET MAT"}.signed(t, k.signing()), 1},
		{"on a scan", "application/pdf", picturesPDF([][]byte{jpegOf(t, picture)}, ""), 1},
		{"in the text layer of a scan", "application/pdf", picturesPDF([][]byte{jpegOf(t, rendered(t, plain()))}, "TUYET MAT"), 1},
		{"in a picture", "image/png", pngOf(t, picture), 1},
		{"on the second page of a fax", "image/tiff", tiffOf(rendered(t, plain()), picture), 2},
	} {
		e := evidenceOf(t, r, c.b, c.kind)
		want := mapping.FileEvidence{Reader: r.ReaderName(), Secret: vanban.TuyetMat, PageCount: c.pages,
			Pages: []mapping.PageText{}, Signature: mapping.FileSignature{Signers: []mapping.Signer{}}}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%s: %+v", c.what, e)
		}
		if f := readBytes(t, r, c.b, c.kind); c.what != "in the signer's reason" && c.what != "in his place" && c.what != "in the name of the field" &&
			!reflect.DeepEqual(f, FileText{Secret: vanban.TuyetMat, PageCount: c.pages}) {
			t.Errorf("%s, text only: %+v", c.what, f)
		}
	}
	if e := evidenceOf(t, r, paper{content: open, keys: "/Reason(Dam bao bi mat ca nhan)"}.signed(t, k.signing()), "application/pdf"); e.Secret != "" || len(e.Pages) != 1 {
		t.Errorf("a reason without a mark: %+v", e)
	}
}

// A covering letter that speaks of the document that it brings is kept back; a page of a long text with the same words is not.
func TestWithheld(t *testing.T) {
	letter := mapping.FileEvidence{Reader: "r", PageCount: 1, Pages: []mapping.PageText{{Number: 1, Text: "Kính gửi: Công an tỉnh.\nXin gửi kèm Công văn mật số 12/CAT-PV01 để xử lý."}},
		Signature: mapping.FileSignature{State: "valid", Signers: []mapping.Signer{{Name: "Trần Văn Bình"}}}}
	want := mapping.FileEvidence{Reader: "r", PageCount: 1, Secret: vanban.Mat, Pages: []mapping.PageText{}, Signature: mapping.FileSignature{Signers: []mapping.Signer{}}}
	if got := withheld(letter); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	long := letter
	long.Pages = append(slices.Clone(letter.Pages), mapping.PageText{Number: 2, Text: strings.Repeat("Nội dung báo cáo của đơn vị.\n", 200)})
	if got := withheld(long); !reflect.DeepEqual(got, long) {
		t.Errorf("%+v", got)
	}
}

// TestSecretStops counts the runs: after a mark no tool is started any more.
func TestSecretStops(t *testing.T) {
	t.Parallel()
	r := reader(t, Options{})
	blind := *r
	blind.tools = slices.Clone(r.tools)
	for i := range blind.tools { // whoever tries OCR or signatures now fails
		if blind.tools[i].Name != pdftotext {
			blind.tools[i].Path, blind.tools[i].exec = "/nowhere", nil
		}
	}
	blind.own.Path, blind.own.exec = "/nowhere", nil
	file := picturesPDF([][]byte{jpegOf(t, rendered(t, plain()))}, "MAT")
	if e := evidenceOf(t, &blind, file, "application/pdf"); e.Secret != vanban.Mat {
		t.Errorf("%+v", e)
	}
	if _, err := blind.Read(t.Context(), bytes.NewReader(plain()), int64(len(plain())), "application/pdf"); err == nil {
		t.Error("nothing failed without a mark either")
	}
}

// TestReadSparse reads a file of 200 MB that is one hole behind a signed page: too large by default, and read to its end if that is wanted.
func TestReadSparse(t *testing.T) {
	t.Parallel()
	k := newPKI(t)
	b := paper{content: typed(letterLines()...)}.signed(t, k.signing())
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	const size = 200 << 20
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int64{0, 300 << 20} {
		r := reader(t, Options{Trust: trust(t, k.root), Now: clock, NoOCR: true, Size: most})
		e, err := r.Read(t.Context(), io.NewSectionReader(f, 0, size), size, "application/pdf")
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%q, %+v", e.Problem, e.Signature)
		switch s := e.Signature; {
		case most == 0 && (e.Problem != mapping.ProblemTooLarge || s.State != "" || s.Reason != mapping.ProblemTooLarge || len(e.Pages) > 0):
			t.Errorf("by default: %+v", e)
		case most > 0 && (s.State == "valid" || s.State == "absent"):
			t.Errorf("with a hole behind it: %+v", s)
		}
	}
}

// TestReadHostile reads files that were made to hurt whoever looks for signatures.
func TestReadHostile(t *testing.T) {
	k := newPKI(t)
	temp := t.TempDir()
	r := reader(t, Options{Dir: temp, Trust: trust(t, k.root), Now: clock, NoOCR: true})
	good := paper{content: typed(letterLines()...)}.signed(t, k.signing())
	heavy := k.signing()
	for range 2 { // certificates of 55 KB, which a signature may bring along
		heavy.with = append(heavy.with, certify(t, "CA nặng", identity{}, func(c *x509.Certificate) {
			asAuthority(c)
			c.Subject.OrganizationalUnit = []string{strings.Repeat("nặng ", 4000)}
		}))
	}
	weight := hex.EncodeToString(heavy.seal(t, nil))
	crowd := []byte("%PDF-1.7\n")
	for i := range 60 {
		crowd = fmt.Appendf(crowd, "%d 0 obj<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<%s>>>endobj\n", i+1, weight)
	}
	for what, b := range map[string][]byte{
		"a report without end":      crowd,
		"signatures without end":    append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("1 0 obj<</Type/Sig/ByteRange[0 1 2 3]/Contents<30>>>endobj\n"), 200_000)...),
		"ranges without signatures": append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("/ByteRange"), 500_000)...),
		"dictionaries without end":  append([]byte("%PDF-1.7\n1 0 obj"), bytes.Repeat([]byte("<</A"), 1_000_000)...),
		"one signature many times":  append([]byte("%PDF-1.7\n"), bytes.Repeat(good[9:], 300)...),
		"an object stream that is a bomb": append(slices.Clone(good), "8 0 obj<</Type/ObjStm/N 9/First 9/Filter/FlateDecode/Length 99999>>stream\n"+
			deflated(t, strings.Repeat(" ", 100), 300<<20)...),
	} {
		e := evidenceOf(t, r, b, "application/pdf")
		t.Logf("%-32s %8d bytes: %q %q, %d signers, problem %q", what, len(b), e.Signature.State, e.Signature.Reason, len(e.Signature.Signers), e.Problem)
		if what == "a report without end" && (e.Signature.State != "" || e.Signature.Reason != mapping.ProblemOveruse) {
			t.Errorf("%s: %+v", what, e.Signature)
		}
		stored, err := json.Marshal(e)
		if err != nil || len(stored) > 1<<20 || e.Signature.State == "valid" || (e.Signature.State == "absent") != (what == "dictionaries without end") {
			t.Errorf("%s: %q, %d bytes, %v", what, e.Signature.State, len(stored), err)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if c := children(t); c != "" {
		t.Errorf("left behind: processes %s", c)
	}
}

func BenchmarkSignatures(b *testing.B) {
	k := newPKI(b)
	r := reader(b, Options{Trust: trust(b, k.root), Now: clock, NoOCR: true})
	file := paper{content: typed(letterLines()...)}.signed(b, k.signing())
	b.Run("text and signature", func(b *testing.B) {
		for b.Loop() {
			if e := evidenceOf(b, r, file, "application/pdf"); e.Signature.State != "valid" {
				b.Fatalf("%+v", e)
			}
		}
	})
	b.Run("text", func(b *testing.B) {
		for b.Loop() {
			readBytes(b, r, file, "application/pdf")
		}
	})
}
