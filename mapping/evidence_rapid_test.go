package mapping

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
	"pgregory.net/rapid"
)

// drawnEvidence is evidence for some of the files of a mail.
func drawnEvidence(t *rapid.T, m parser.Message) map[string]FileEvidence {
	text := rapid.SampledFrom([]string{"", head("12/BC-UBND"), head("13/BC-UBND"), head("45/STC-NS"), head("12/BC-UBNO"), "PHỤ LỤC\n(Kèm theo Báo cáo số 12/BC-UBND)", "Số: 99/UBND-VP",
		head("16/KH-UBND") + "Thực hiện Công văn số 45/STC-NS", "KHẨN\n" + head("12/BC-UBND")})
	layer := rapid.SampledFrom([]string{"", "Ký bởi: Lê Thị Cúc\nNgày ký: 05/01/2019", "Số: 31/UBND\nNgười ký: Sở Nội vụ\nThời gian ký: 05.01.2019"})
	files := map[string]FileEvidence{}
	for _, it := range items(m) {
		if !rapid.Bool().Draw(t, "read") {
			continue
		}
		ev := FileEvidence{Reader: "test", Problem: rapid.SampledFrom([]string{"", "", ProblemNoOCR, ProblemEncrypted}).Draw(t, "problem"),
			Signature: FileSignature{State: rapid.SampledFrom([]string{"", "valid", "invalid", "present", "absent"}).Draw(t, "state")}}
		for i := range rapid.IntRange(0, 2).Draw(t, "pages") {
			ev.Pages = append(ev.Pages, PageText{Number: i + 1, Text: text.Draw(t, "page"), OCR: rapid.Bool().Draw(t, "ocr"), Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"), Layer: layer.Draw(t, "layer")})
		}
		if rapid.Bool().Draw(t, "signed") {
			ev.Signature.Signers = []Signer{{Name: rapid.SampledFrom([]string{"Trần Văn Bình", "Sở Nội vụ", "abc"}).Draw(t, "signer"), State: ev.Signature.State}}
		}
		files[it.SHA256] = ev
	}
	return files
}

// Same input, same records; and no evidence is like empty evidence.
func TestEvidenceIsReadAlikeEachTime(t *testing.T) {
	dir := testDirectory(t)
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		in := Input{Files: drawnEvidence(t, m)}
		if a, b := Records(m, in, dir, at), Records(m, in, dir, at); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
		empty := map[string]FileEvidence{}
		for digest := range in.Files {
			empty[digest] = FileEvidence{Reader: "test"}
		}
		a, b := Records(m, Input{}, dir, at), Records(m, Input{Files: empty}, dir, at)
		for i := range a {
			a[i].Unread, b[i].Unread = nil, nil
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("evidence of nothing changed the records:\n%+v\n%+v", a, b)
		}
	})
}

// Settled documents do not depend on evidence; what better sources said of them stays; a clerk's word always does.
func TestSettledDocumentsDoNotDependOnEvidence(t *testing.T) {
	dir := testDirectory(t)
	better := []vanban.From{vanban.FromSidecar, vanban.FromSubject, vanban.FromFileName}
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		in := Input{Documents: [][]string{}}
		for _, r := range Records(m, Input{Files: drawnEvidence(t, m)}, dir, at) {
			in.Documents = append(in.Documents, r.Document.Files)
		}
		if rapid.Bool().Draw(t, "foreign") {
			in.Documents = append(in.Documents, []string{"nowhere"})
		}
		plain := Records(m, in, dir, at)
		in.Files = drawnEvidence(t, m)
		in.Corrections = map[string]string{"trich_yeu": "lời văn thư", "nguoi_ky": "Hồ Văn Mười"}
		read := Records(m, in, dir, at)
		if len(read) != len(plain) || len(read) != max(1, len(in.Documents)) {
			t.Fatalf("%d records of %d, without evidence %d", len(read), len(in.Documents), len(plain))
		}
		for i := range read {
			if !slices.Equal(read[i].Document.Files, plain[i].Document.Files) {
				t.Fatalf("record %d: files %v, without evidence %v", i, read[i].Document.Files, plain[i].Document.Files)
			}
			for field, s := range plain[i].Document.Sources {
				if s.From == vanban.FromFileName && vanban.ReadFileName(read[i].Files[0].Name).Sources[field] != s {
					continue // the name of an archive speaks for a file in it only while none of them shows a number
				}
				now := read[i].Document.Sources[field]
				if slices.Contains(better, s.From) && now != s && now.From != vanban.FromClerk && !strings.HasPrefix(field, "do_") {
					t.Fatalf("record %d: %s was %+v, with evidence %+v", i, field, s, now)
				}
			}
		}
		if d := read[0].Document; d.TrichYeu != "lời văn thư" || d.NguoiKy != "Hồ Văn Mười" || d.Sources["nguoi_ky"].From != vanban.FromClerk {
			t.Fatalf("%+v", d)
		}
	})
}

// Every file still belongs to exactly one record, and the order of files changes no number, whatever was read of them.
func TestEvidenceLosesNoFile(t *testing.T) {
	dir := testDirectory(t)
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		files := drawnEvidence(t, m)
		want := []string{}
		for _, it := range items(m) {
			if it.kind != noise {
				want = append(want, it.SHA256)
			}
		}
		numbers := func() string {
			got, list := []string{}, []string{}
			recs := Records(m, Input{Files: files}, dir, at)
			for _, r := range recs {
				for _, f := range r.Files {
					got = append(got, f.Digest)
				}
				list = append(list, vanban.NumberKey(r.Document.SoHieu))
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("files %v, want %v", got, want)
			}
			if len(recs) == 1 {
				return "one"
			}
			slices.Sort(list)
			return strings.Join(list, " ")
		}
		before := numbers()
		m.Attachments = rapid.Permutation(m.Attachments).Draw(t, "order")
		if after := numbers(); after != before {
			t.Fatalf("%q, in another order %q", before, after)
		}
	})
}
