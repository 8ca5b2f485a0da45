package pdfsign

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Further signatures, validation data and time-stamps are appended to signed files every day, and leave the first signature good.
func TestLaterSignatures(t *testing.T) {
	for _, packed := range []bool{false, true} {
		p := newPDF(t)
		p.packed = packed
		p.save().sign(newSigner(t)).sign(newSigner(t))
		wantSummary(t, "two", p, "intact revision signatures valid; "+good)
		if s := p.read().Signatures[0]; s.Later.Revisions != 1 || s.Later.Note == "" {
			t.Errorf("%+v", s.Later)
		}
		p.sign(newSigner(t))
		wantSummary(t, "three", p, "intact revision signatures valid; intact revision signatures valid; "+good)

		q := p.clone()
		cert := q.add(stream("", "certificate"))
		store := q.add(fmt.Sprintf("<< /Type /DSS /Certs [%d 0 R] /VRI << /%040X << /Cert [%d 0 R] >> >> >>", cert, 7, cert))
		q.replace(1, "/Pages", fmt.Sprintf("/DSS %d 0 R /Extensions << /ESIC 1 >> /Pages", store))
		q.replace(6, "080000", "090000")
		q.save()
		wantSummary(t, "validation", q, "intact revision signatures valid; intact revision signatures valid; intact revision validation valid = valid")
		q.replace(store, "/Certs", fmt.Sprintf("/CRLs [%d 0 R] /Certs", q.add(stream("", "list"))))
		q.save()
		q.stampSig, q.subtype = true, DocumentTime
		sig := q.signature()
		q.field(fmt.Sprintf(" /V %d 0 R", sig))
		q.save().fill(func(content []byte) []byte { return newTSA(t).token(content, day("2026-01-11")) })
		wantSummary(t, "a time-stamp", q, "intact revision signatures valid; intact revision signatures valid; intact revision validation valid; "+good)
		c := p.clone()
		c.stampSig, c.subtype = true, DocumentTime
		c.field(fmt.Sprintf(" /AP << /N %d 0 R >> /V %d 0 R", c.add(stream("/Type /XObject /Subtype /Form", "evil")), c.signature()))
		c.save().fill(func(content []byte) []byte { return newTSA(t).token(content, day("2026-01-11")) })
		wantSummary(t, "a time-stamp with a picture", c, "intact revision marks present/marked-after; intact revision marks present/marked-after; intact revision marks present/marked-after; intact whole nothing valid = present")
		s := q.read().Signatures[3]
		if !s.Stamp || !s.Timestamp.Time.Equal(day("2026-01-11")) || s.Signer.CommonName != "TSA mẫu" {
			t.Errorf("%+v", s)
		}
	}
}

func TestFieldPrepared(t *testing.T) {
	p := newPDF(t)
	empty := p.field("")
	p.save().sign(newSigner(t))
	wantSummary(t, "an empty field", p, good)
	q := p.clone()
	sig := q.signature()
	q.replace(empty, "/F 132", fmt.Sprintf("/F 132 /AP << /N %d 0 R >> /V %d 0 R", q.add(stream("/Type /XObject /Subtype /Form", "")), sig))
	q.save().fill(newSigner(t).cms)
	wantSummary(t, "is signed", q, "intact revision signatures valid; "+good)
	q = p.clone()
	q.replace(empty, "/Rect [300 60 500 120]", "/Rect [0 0 595 842]")
	wantSummary(t, "is made large", q.save(), "intact revision document invalid/changed-after = invalid")
	q = p.clone()
	q.replace(empty, "/F 132", fmt.Sprintf("/F 132 /AP << /N %d 0 R >>", q.add(stream("/Type /XObject /Subtype /Form", "evil"))))
	wantSummary(t, "gets a picture", q.save(), "intact revision marks present/marked-after = present")
	q = p.clone()
	q.field("")
	wantSummary(t, "another empty field", q.save(), "intact revision marks present/marked-after = present")

	q = p.clone()
	q.replace(empty, "/F 132", "/F 132 /AA << /D << /S /JavaScript /JS (x) >> >>")
	wantSummary(t, "gets an action", q.save(), "intact revision document invalid/changed-after = invalid")

	// A picture in the name of a signature that is none.
	q = p.clone()
	q.field(fmt.Sprintf(" /V %d 0 R", q.add("<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>")))
	rep := q.save().read()
	if j := JudgeFile(&rep, roots(), judged); j.State != Invalid || rep.Signatures[1].Later.Kind == LaterSignatures {
		t.Errorf("%s", summary(&rep))
	}
}

func TestMarks(t *testing.T) {
	p := newPDF(t)
	text := p.add("<< /Type /Annot /Subtype /Widget /FT /Tx /T (so) /V (1) /Rect [0 0 9 9] >>")
	p.fields = append(p.fields, text)
	p.save().sign(newSigner(t))
	q := p.clone()
	q.replace(text, "/V (1)", "/V (2)")
	wantSummary(t, "a value", q.save(), "intact revision marks present/marked-after = present")
	q = p.clone()
	note := q.add("<< /Type /Annot /Subtype /FreeText /Contents (So 12) /Rect [0 0 9 9] >>")
	q.replace(3, "/Annots [", fmt.Sprintf("/Annots [%d 0 R ", note))
	wantSummary(t, "a note before the rest", q.save(), "intact revision document invalid/changed-after = invalid")
	q = p.clone()
	note = q.add("<< /Type /Annot /Subtype /FreeText /Contents (So 12) /Rect [0 0 9 9] >>")
	i := strings.LastIndex(q.objects[3], "] >>")
	q.set(3, q.objects[3][:i]+fmt.Sprintf("%d 0 R] >>", note))
	wantSummary(t, "a note behind", q.save(), "intact revision marks present/marked-after = present")
	q = p.clone()
	note = q.add("<< /Type /Page /Subtype /FreeText /Rect [0 0 9 9] /Contents 4 0 R >>")
	q.set(3, q.objects[3][:i]+fmt.Sprintf("%d 0 R] >>", note))
	wantSummary(t, "a page as a note", q.save(), "intact revision document invalid/changed-after = invalid")
}

// The same objects once more, and words about the document, change nothing.
func TestHarmless(t *testing.T) {
	p := newPDF(t)
	p.set(30, stream("/Type /Metadata /Subtype /XML", "<x/>"))
	p.replace(1, "/Pages", "/Metadata 30 0 R /Pages")
	p.save().sign(newSigner(t))
	p.set(1, strings.ReplaceAll(p.objects[1], " ", "\n"))
	p.set(30, stream("/Type /Metadata /Subtype /XML", "<y/>"))
	p.replace(6, "Cong van", "To trinh")
	p.set(5, p.objects[5])
	wantSummary(t, "the same", p.save(), "intact revision nothing valid = valid")
	p.set(60, "<< /Nothing (leads here) >>")
	wantSummary(t, "something unused", p.save(), "intact revision nothing valid = valid")
	p.set(30, stream("/Type /XObject /Subtype /Form", "<y/>"))
	wantSummary(t, "another stream", p.save(), "intact revision document invalid/changed-after = invalid")
}

// A chief signs, a clerk writes the number in and signs for the agency.
func TestNumberedAfterSigning(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	p.set(4, stream("", strings.Replace(pageText, "12/", "15/", 1)))
	p.save().sign(newSigner(t))
	wantSummary(t, "by somebody trusted", p, "intact revision document present/changed-after; "+good)

	q := newPDF(t).save().sign(newSigner(t))
	q.set(4, stream("", "evil"))
	q.save().sign(other(t))
	wantSummary(t, "by a stranger", q, "intact revision document invalid/changed-after; intact whole nothing invalid/untrusted = invalid")

	// Its author allowed no change.
	q = newPDF(t)
	q.sigExtra = "/Reference [<< /TransformMethod /DocMDP /TransformParams << /P 1 >> >>]"
	q.save().sign(newSigner(t))
	q.sigExtra = ""
	q.sign(newSigner(t))
	wantSummary(t, "closed", q, "intact revision signatures invalid/changed-after; intact whole nothing valid = invalid")
}

// A signature that was taken out of the form is no longer shown, and speaks neither for nor against the file.
func TestRemovedSignature(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	p.replace(p.fields[0], " /V 7 0 R", "")
	wantSummary(t, "removed", p.save(), "unverified revision document fault=removed present/not-shown = present")
	p.sign(newSigner(t))
	wantSummary(t, "signed again", p, "unverified revision document fault=removed present/not-shown; "+good+"")
}

// Some programs enter a signature into its page, and not into the form.
func TestSignatureOfPageAlone(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	form := p.objects[1]
	sig := p.signature()
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	p.set(1, form)
	p.save().fill(newSigner(t).cms)
	wantSummary(t, "of the page", p, "intact revision signatures valid; "+good)
	p.set(4, stream("", "evil"))
	wantSummary(t, "and changed", p.save(), "intact revision document invalid/changed-after; unverified revision document fault=removed present/not-shown = invalid")
}

func TestPartial(t *testing.T) {
	p := newPDF(t)
	sig := p.save().signature()
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	p.save()
	a := bytes.LastIndex(p.b, []byte(rangeHole))
	open := a + bytes.IndexByte(p.b[a:], '<')
	shut := open + bytes.IndexByte(p.b[open:], '>') + 1
	text := fmt.Sprintf("[0 %d %d %d]", open, shut, 50)
	copy(p.b[a:], text+strings.Repeat(" ", len(rangeHole)-len(text)))
	p.contents(open, newSigner(t).cms(append(bytes.Clone(p.b[:open]), p.b[shut:shut+50]...)))
	wantSummary(t, "the end is left out", p, "intact partial unknown invalid/covers-part = invalid")
}

func TestUsageRights(t *testing.T) {
	p := newPDF(t)
	p.set(40, "<< /Type /Sig /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents <00> >>")
	p.replace(1, "/Pages", "/Perms << /UR3 40 0 R >> /Pages")
	rep := p.save().read()
	if summary(&rep) != "= absent" || len(rep.Problems) != 1 || rep.Problems[0].Code != UsageRights {
		t.Errorf("%+v", rep)
	}
}

// Signatures of an encrypted file are checked; its words are not read.
func TestEncrypted(t *testing.T) {
	p := newPDF(t)
	p.trailer += " /Encrypt << /Filter /Standard >>"
	rep := p.save().sign(newSigner(t)).read()
	if s := rep.Signatures[0]; !rep.Encrypted || summary(&rep) != good || s.ClaimedName != "" || !s.DictionaryTime.IsZero() || s.Field != "" {
		t.Errorf("%s %+v", summary(&rep), rep)
	}
}
