package pdfsign

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var rangeText = regexp.MustCompile(`/ByteRange \[[^]]*\]`)

// Universal signature forgery: a signature that readers are to find good because they cannot check it (Mladenov and others, "1 Trillion
// Dollar Refund", CCS 2019).
func TestUniversalForgery(t *testing.T) {
	signed := newPDF(t).save().sign(newSigner(t))
	r := signed.read().Signatures[0].Range
	same := func(key, with string) []byte {
		b := bytes.Clone(signed.b)
		i := bytes.LastIndex(b, []byte(key))
		copy(b[i:], with+strings.Repeat(" ", max(0, len(key)-len(with))))
		return b
	}
	ranged := func(format string, args ...any) []byte {
		text := fmt.Sprintf("/ByteRange "+format, args...)
		old := rangeText.Find(signed.b[r[1]-400:])
		width := len("/ByteRange " + rangeHole)
		if len(text) > width {
			t.Fatalf("%q is too long", text)
		}
		return bytes.Replace(signed.b, append(old, signed.b[bytes.LastIndex(signed.b, old)+len(old):][:width-len(old)]...), []byte(text+strings.Repeat(" ", width-len(text))), 1)
	}
	contents := func(with string) []byte {
		b := bytes.Clone(signed.b)
		copy(b[r[1]:], with)
		for i := r[1] + int64(len(with)); i < r[2]; i++ {
			b[i] = ' '
		}
		return b
	}
	shorter := func() []byte {
		b := bytes.Clone(signed.b)
		b[r[2]-2] = ' '
		return b
	}
	for name, b := range map[string][]byte{
		"no ByteRange":       same("/ByteRange", "/ByteRangx"),
		"null":               ranged("null"),
		"empty":              ranged("[]"),
		"zeros":              ranged("[0 0 0 0]"),
		"negative":           ranged("[0 %d -%d %d]", r[1], r[2], r[3]),
		"negative length":    ranged("[0 -%d %d %d]", r[1], r[2], r[3]),
		"behind the file":    ranged("[0 %d %d %d]", r[1], r[2], r[3]+1),
		"giant":              ranged("[0 %d %d 9223372036854775807]", r[1], r[2]),
		"three numbers":      ranged("[0 %d %d]", r[1], r[2]),
		"five numbers":       ranged("[0 %d %d %d 0]", r[1], r[2], r[3]),
		"not from the start": ranged("[1 %d %d %d]", r[1]-1, r[2], r[3]),
		"real":               ranged("[0 %d.0 %d %d]", r[1], r[2], r[3]),
		"reference":          ranged("[0 %d 9 0 R %d]", r[1], r[3]),
		"overlapping":        ranged("[0 %d %d %d]", r[2], r[1], r[3]),
		"whole file":         ranged("[0 %d %d 0]", r[1], r[2]),
		"gap is too small":   ranged("[0 %d %d %d]", r[1]+1, r[2], r[3]),
		"gap is too large":   ranged("[0 %d %d %d]", r[1]-1, r[2], r[3]),
		"gap is larger":      ranged("[0 %d %d %d]", r[1], r[2]+1, r[3]-1),
		"Contents null":      contents("null"),
		"Contents 0x00":      contents("<00>"),
		"Contents empty":     contents("<>"),
		"Contents missing":   same("/Contents", "/Contentz"),
		"Contents a literal": contents("(" + strings.Repeat("0", 100) + ")"),
		"odd digits":         shorter(),
		"junk behind the CMS": func() []byte {
			b := bytes.Clone(signed.b)
			b[r[2]-3] = '7'
			return b
		}(),
	} {
		rep, err := Read(bytes.NewReader(b), int64(len(b)), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) != len(signed.b) || bytes.Equal(b, signed.b) || len(rep.Signatures) != 1 {
			t.Errorf("%s: %d bytes of %d, %+v", name, len(b), len(signed.b), rep)
			continue
		}
		if s := rep.Signatures[0]; s.Fault == "" || s.Verdict == "intact" || s.Note == "" || JudgeFile(&rep, roots(), judged).State != Invalid {
			t.Errorf("%s: %s", name, summary(&rep))
		}
	}
}

// Incremental saving: something is appended behind the signature, with or without the tables that it needs.
func TestIncrementalSaving(t *testing.T) {
	signed := newPDF(t).save().sign(newSigner(t))
	wantSummary(t, "as signed", signed, good)
	fake := stream("", strings.Replace(pageText, "12/", "99/", 1))

	p := signed.clone()
	p.set(4, fake)
	wantSummary(t, "another page", p.save(), "intact revision document invalid/changed-after = invalid")
	if s := p.read().Signatures[0]; s.Later.Revisions != 1 || s.Later.Bytes != int64(len(p.b)-len(signed.b)) || s.Later.Note == "" {
		t.Errorf("%+v", s.Later)
	}

	p = signed.clone()
	p.b = fmt.Appendf(p.b, "4 0 obj\n%s\nendobj\n", fake)
	wantSummary(t, "without a table", p, "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	p.b = fmt.Appendf(p.b, "4 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", fake, p.prev)
	wantSummary(t, "with the old table", p, "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	p.set(4, fake)
	p.unlisted = map[int]bool{4: true}
	wantSummary(t, "that the new table does not name", p.save(), "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	p.set(4, fake)
	p.prev = -1
	wantSummary(t, "a table that forgets the old one", p.save(), "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	p.b = append(p.b, strings.Repeat("junk ", 400)...)
	wantSummary(t, "junk", p, "intact revision unknown present/later-unclear = present")
	p = signed.clone()
	p.b = append(p.b, "\r\n\r\n"...)
	wantSummary(t, "blanks", p, "intact revision nothing valid = valid")
	p = signed.clone()
	p.b = append(p.b, "junk"...)
	wantSummary(t, "a little junk", p, "intact revision unknown present/later-unclear = present")

	p = signed.clone()
	p.set(3, strings.Replace(p.objects[3], "4 0 R", "1000 0 R", 1))
	p.set(1000, fake)
	wantSummary(t, "another content", p.save(), "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	copied := p.add(p.objects[1])
	p.trailer = fmt.Sprintf("/Root %d 0 R /Info 6 0 R", copied)
	wantSummary(t, "another catalog", p.save(), "intact revision document invalid/changed-after = invalid")

	p = signed.clone()
	p.set(4, "")
	wantSummary(t, "an object taken away", p.save(), "intact revision document invalid/changed-after = invalid")
}

// Signature wrapping: the second part of what is signed is moved, and the gap holds what was not signed.
func TestSignatureWrapping(t *testing.T) {
	signed := newPDF(t).save().sign(newSigner(t))
	r := signed.read().Signatures[0].Range
	evil := fmt.Sprintf("4 0 obj\n%s\nendobj\n", stream("", "evil"))
	head, contents, tail := signed.b[:r[1]], signed.b[r[1]:r[2]], signed.b[r[2]:]
	// The tail stands at its old place, so that the digest still fits; the dictionary with the moved range stands in the gap as well.
	moved := bytes.Clone(head)
	moved = append(moved, contents...)
	moved = append(moved, " >>\nendobj\n"+evil...)
	at := len(moved)
	moved = append(moved, tail...)
	text := []byte(fmt.Sprintf("/ByteRange [0 %d %d %d]", r[1], at, r[3]))
	old := rangeText.Find(moved[r[1]-400:])
	moved = bytes.Replace(moved, old, text, 1)
	rep, err := Read(bytes.NewReader(moved), int64(len(moved)), DefaultLimits)
	if err != nil || len(rep.Signatures) == 0 || rep.Signatures[0].Verdict == "intact" || JudgeFile(&rep, roots(), judged).State == Valid {
		t.Errorf("%s, %v", summary(&rep), err)
	}

	// A second ByteRange that readers may take instead.
	p := newPDF(t)
	p.sigExtra = "/ByteRange [0 1 2 3]"
	wantSummary(t, "two ranges", p.save().sign(newSigner(t)), "unverified   fault=two-keys invalid/malformed = invalid")
	p = newPDF(t)
	p.sigExtra = "/Contents <30>"
	wantSummary(t, "two contents", p.save().sign(newSigner(t)), "unverified   fault=two-keys invalid/malformed = invalid")
}

// One range cannot serve two signatures.
func TestSameRangeTwice(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	s := p.read().Signatures[0]
	sig := p.add(fmt.Sprintf("<< /Type /Sig /SubFilter /%s /ByteRange [0 %d %d %d] /Contents <%s> >>", Detached, s.Range[1], s.Range[2], s.Range[3], strings.ToUpper(string(p.b[s.Range[1]+1:s.Range[2]-1]))))
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	rep := p.save().read()
	if len(rep.Signatures) != 2 || rep.Signatures[1].Fault != BadGap || JudgeFile(&rep, roots(), judged).State != Invalid {
		t.Errorf("%s", summary(&rep))
	}

	p = newPDF(t).save().sign(newSigner(t))
	p.field(" /V 7 0 R")
	rep = p.save().read()
	if len(rep.Signatures) != 1 || rep.Signatures[0].Later.Kind != LaterMarks {
		t.Errorf("two fields of one signature: %s", summary(&rep))
	}
}

// Shadow attacks: the file is prepared before it is signed, so that little is needed to show something else (Mainka and others, "Shadow
// Attacks", NDSS 2021).
func TestShadowAttacks(t *testing.T) {
	const changed = "intact revision document invalid/changed-after = invalid"
	hidden := func() *pdf {
		p := newPDF(t)
		p.set(20, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 21 0 R >>")
		p.set(21, stream("", "evil"))
		return p.save().sign(newSigner(t))
	}
	p := hidden()
	p.replace(2, "3 0 R", "20 0 R")
	wantSummary(t, "a page that was hidden", p.save(), changed)

	// Only the table is appended: it leads to an object that was signed along.
	p = hidden()
	at := bytes.Index(p.b, []byte("21 0 obj"))
	start := len(p.b)
	p.b = fmt.Appendf(p.b, "xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 30 %s /Prev %d >>\n", at, p.trailer, p.prev)
	p.end(start)
	wantSummary(t, "a table alone", p, changed)
	p = hidden()
	at = bytes.Index(p.b, []byte("6 0 obj"))
	start = len(p.b)
	p.b = fmt.Appendf(p.b, "xref\n4 1\n%010d 00000 f \ntrailer\n<< /Size 30 %s /Prev %d >>\n", at, p.trailer, p.prev)
	p.end(start)
	wantSummary(t, "a table that frees", p, changed)

	// The page speaks of an object that is not there yet.
	for name, text := range map[string]string{"": "90 0 R", " with a comment": "90 % 5\n0 %\n R", " with blanks": "90" + strings.Repeat(" ", 9000) + "0\n\n\nR", " without blanks": "90 0R"} {
		for _, packed := range []bool{false, true} {
			p = newPDF(t)
			p.packed = packed
			p.replace(3, "/Contents 4 0 R", "/Contents [4 0 R "+text+"]")
			p.save().sign(newSigner(t))
			wantSummary(t, "as signed"+name, p, good)
			p.set(90, stream("", "BT /F1 90 Tf (evil) Tj ET"))
			wantSummary(t, "an object that was missing"+name, p.save(), changed)
		}
	}

	// An overlay that is removed, a font that is exchanged, a form that regenerates its values.
	p = newPDF(t)
	overlay := p.add("<< /Type /Annot /Subtype /Stamp /Rect [0 0 500 500] >>")
	p.replace(3, "/Contents", fmt.Sprintf("/Annots [%d 0 R] /Contents", overlay))
	p.save()
	sig := p.signature()
	p.set(1, fmt.Sprintf("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%d 0 R] >> >>", p.add(fmt.Sprintf("<< /FT /Sig /T (a) /V %d 0 R >>", sig))))
	p.save().fill(newSigner(t).cms)
	wantSummary(t, "a stamp", p, good)
	q := p.clone()
	q.replace(3, fmt.Sprintf("[%d 0 R]", overlay), "[]")
	wantSummary(t, "a stamp taken away", q.save(), changed)
	q = p.clone()
	q.replace(overlay, "[0 0 500 500]", "[0 0 5 5]")
	wantSummary(t, "a stamp made small", q.save(), "intact revision marks present/marked-after = present")
	q = p.clone()
	q.replace(5, "Helvetica", "Symbol")
	wantSummary(t, "a font", q.save(), changed)
	q = p.clone()
	q.replace(1, "/Fields", "/NeedAppearances true /Fields")
	wantSummary(t, "appearances", q.save(), changed)
	q = p.clone()
	q.replace(1, "/Pages 2 0 R", "/Pages 2 0 R /OpenAction << /S /JavaScript /JS (x) >>")
	wantSummary(t, "an action", q.save(), changed)

	// The validation data of a prepared file serve as resources as well.
	p = newPDF(t)
	store := p.add("<< /Certs 4 0 R >>")
	p.replace(1, "/Pages", fmt.Sprintf("/DSS %d 0 R /Pages", store))
	p.replace(3, "/Font <<", fmt.Sprintf("/XObject %d 0 R /Font <<", store))
	p.save().sign(newSigner(t))
	evil := p.add(stream("/Type /XObject /Subtype /Form", "evil"))
	p.replace(store, "4 0 R", fmt.Sprintf("%d 0 R", evil))
	wantSummary(t, "resources", p.save(), changed)
}

// What is in the CMS object must be what the kind of signature has there.
func TestForeignCMS(t *testing.T) {
	sign := func(change func(*signer)) *pdf {
		s := newSigner(t)
		change(s)
		return newPDF(t).save().sign(s)
	}
	const bad = "unverified whole nothing fault=cms invalid/malformed = invalid"
	wantSummary(t, "a content of its own", sign(func(s *signer) { s.content = []byte("another") }), bad)
	wantSummary(t, "two signers", sign(func(s *signer) { s.infos = 1 }), bad)
	wantSummary(t, "another type", sign(func(s *signer) { s.typeID = idTSTInfo }), bad)
	wantSummary(t, "another certificate named", sign(func(s *signer) { s.ess = shared().between.Raw }), "unverified whole nothing fault=other-cert invalid/malformed = invalid")
	wantSummary(t, "none named", sign(func(s *signer) { s.ess = nil }), good)
	wantSummary(t, "junk behind", sign(func(s *signer) { s.trailing = []byte{0, 0, 1} }), "unverified whole nothing fault=padding invalid/malformed = invalid")
	wantSummary(t, "zeros behind", sign(func(s *signer) { s.trailing = []byte{0, 0, 0} }), good)
	wantSummary(t, "SHA-1", sign(func(s *signer) { s.sha1 = true }), "intact whole nothing present/weak = present")
	wantSummary(t, "a stranger", newPDF(t).save().sign(other(t)), "intact whole nothing invalid/untrusted = invalid")

	p := newPDF(t).save().sign(newSigner(t))
	r := p.read().Signatures[0].Range
	junk := hex.EncodeToString([]byte("MIIabcdefghijklmnopqrstuvwxyz"))
	copy(p.b[r[1]+1:], junk)
	wantSummary(t, "text", p, bad)
}

// A signature that stands where its bytes cannot be told.
func TestPackedSignature(t *testing.T) {
	p := newPDF(t)
	p.packed = true
	p.save()
	sig := p.add("<< /Type /Sig /SubFilter /adbe.pkcs7.detached /Contents <30> /ByteRang [0 1 2 3] >>")
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	wantSummary(t, "packed", p.save(), "unverified   fault=packed invalid/malformed = invalid")
}
