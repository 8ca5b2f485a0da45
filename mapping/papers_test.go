package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
	"pgregory.net/rapid"
)

// drawnMail is a mail with files of every sort, in the mail itself, in archives and in forwarded messages.
func drawnMail(t *rapid.T) parser.Message {
	name := rapid.SampledFrom([]string{"12_BC-UBND.pdf", "12_BC-UBND.docx", "13_TTr-UBND.signed.pdf", "45_STC-NS.pdf", "phu luc 12.xlsx", "Danh sach.xlsx", "a.pdf", "b.docx",
		"12_BC-UBND_PL1.pdf", "image001.png", "x.p7s", "vb.zip", "7_UBND-VP.zip", "", "13.pdf", "du thao 14_QD-UBND.docx", "c.sdk"})
	text := rapid.SampledFrom([]string{"", "", "", letterhead("12/BC-UBND", ""), letterhead("45/STC-NS", "Căn cứ 12/BC-UBND"), letterhead("16/KH-UBND", "Thực hiện Công văn số 45/STC-NS"),
		"PHỤ LỤC\n(Kèm theo Báo cáo số 12/BC-UBND ngày 1/1/2019)\n", "mẫu"})
	m := parser.Message{From: from("ubnd.haiba@quangtri.gov.vn"),
		Subject: rapid.SampledFrom([]string{"Gửi văn bản", "(12/BC-UBND) Báo cáo", "Trả lời Công văn số 45/STC-NS", "(99/UBND-VP) V/v gửi tài liệu", ""}).Draw(t, "subject")}
	for range rapid.IntRange(0, 2).Draw(t, "forwarded") {
		m.Nested = append(m.Nested, parser.Nested{Subject: rapid.SampledFrom([]string{"x", "(21/TTr-UBND) V/v a", "(12/BC-UBND) b"}).Draw(t, "inner")})
	}
	for i := range rapid.IntRange(0, 8).Draw(t, "n") {
		a := parser.Attachment{Name: name.Draw(t, "name"), Text: text.Draw(t, "text"), SHA256: fmt.Sprintf("%02d", i), Size: 1}
		if rapid.IntRange(0, 3).Draw(t, "boxed") == 0 {
			a.Path = []string{rapid.SampledFrom([]string{"vb.zip", "7_UBND-VP.zip"}).Draw(t, "box")}
		}
		if rapid.IntRange(0, 9).Draw(t, "stated") == 0 {
			a = states(rapid.SampledFrom([]string{"12/BC-UBND", "31/UBND"}).Draw(t, "number"))
			a.SHA256 = fmt.Sprintf("%02d", i)
		}
		if to := rapid.IntRange(-1, len(m.Nested)-1).Draw(t, "to"); to >= 0 {
			m.Nested[to].Attachments = append(m.Nested[to].Attachments, a)
		} else {
			m.Attachments = append(m.Attachments, a)
		}
	}
	return m
}

// Every file that is more than noise belongs to exactly one record, and every record of several has a file that may be its document.
func TestEveryFileHasOneRecord(t *testing.T) {
	dir := testDirectory(t)
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		want := []string{}
		for _, it := range items(m) {
			if it.kind != noise {
				want = append(want, it.SHA256)
			}
		}
		recs := Records(m, Input{}, dir, at)
		got := []string{}
		for _, r := range recs {
			for _, f := range r.Files {
				got = append(got, f.Digest)
			}
			if len(recs) > 1 && slices.Contains(r.Missing, MissingFile) {
				t.Fatalf("a record without a document among several: %+v", r)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || len(recs) == 0 {
			t.Fatalf("files %v in %d records, want %v", got, len(recs), want)
		}
	})
}

// Several records are each a number that a file, its sidecar or its message's subject shows, and no two of them the same.
func TestNoRecordIsInvented(t *testing.T) {
	dir := testDirectory(t)
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		evidence := []string{}
		show := func(d vanban.Document) { evidence = append(evidence, numberOf(d)) }
		show(vanban.ReadSubject(m.Subject))
		for _, n := range m.Nested {
			show(vanban.ReadSubject(n.Subject))
		}
		for _, it := range items(m) {
			show(vanban.ReadFileName(it.Name))
			show(vanban.ReadText(it.Text))
			if it.Sidecar != nil {
				show(it.Sidecar.Document)
			}
		}
		recs := Records(m, Input{}, dir, at)
		seen := map[string]bool{}
		for _, r := range recs {
			k := numberOf(r.Document)
			if len(recs) > 1 && (k == "" || !slices.Contains(evidence, k) || seen[k]) {
				t.Fatalf("record %q of %d; evidence %q", r.Document.SoHieu, len(recs), evidence)
			}
			seen[k] = true
		}
	})
}

// The order in which a mail program put the files does not change which documents there are.
func TestOrderOfPartsChangesNoNumber(t *testing.T) {
	dir := testDirectory(t)
	numbers := func(m parser.Message) string {
		var list []string
		recs := Records(m, Input{}, dir, at)
		if len(recs) == 1 { // which of several doubtful files is shown goes by order, as for a person
			return "one"
		}
		for _, r := range recs {
			list = append(list, vanban.NumberKey(r.Document.SoHieu))
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMail(t)
		want := numbers(m)
		m.Attachments = rapid.Permutation(m.Attachments).Draw(t, "order")
		for i := range m.Nested {
			m.Nested[i].Attachments = rapid.Permutation(m.Nested[i].Attachments).Draw(t, "inner order")
		}
		if got := numbers(m); got != want {
			t.Fatalf("%q, in another order %q", want, got)
		}
	})
}
