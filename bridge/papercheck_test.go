package bridge

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/parser/vanban"
)

// A form is checked in one place, whoever fills it: every fault names a field of the form, or the scan, and all are told at once.
func TestPaperFormFaults(t *testing.T) {
	good := &ScanFacts{Head: []byte(scanned), Size: 4096}
	for name, c := range map[string]struct {
		change func(*PaperForm)
		scan   *ScanFacts
		want   []FormFault
	}{
		"good":             {func(*PaperForm) {}, good, nil},
		"empty":            {func(f *PaperForm) { *f = PaperForm{} }, nil, []FormFault{{"receiver", FormMissing}, {"by", FormMissing}, {"stamped_at", FormMissing}, {"agency", FormMissing}, {"so_hieu", FormMissing}, {"trich_yeu", FormMissing}}},
		"blanks":           {func(f *PaperForm) { f.By, f.Number, f.Subject = " \t", "\u00a0", " " }, nil, []FormFault{{"by", FormMissing}, {"so_hieu", FormMissing}, {"trich_yeu", FormMissing}}},
		"nobody's counter": {func(f *PaperForm) { f.Receiver = "ai-do" }, nil, []FormFault{{"receiver", FormUnknown}}},
		"unknown agency":   {func(f *PaperForm) { f.Agency = "H99" }, nil, []FormFault{{"agency", FormUnknown}}},
		"only its name":    {func(f *PaperForm) { f.Agency = "" }, nil, nil},
		"stamp to come":    {func(f *PaperForm) { f.StampedAt = cutoff.Add(2 * time.Hour) }, nil, []FormFault{{"stamped_at", FormFuture}}},
		"year mistyped":    {func(f *PaperForm) { f.StampedAt = time.Date(206, 4, 20, 0, 0, 0, 0, time.UTC); f.Date = "" }, nil, []FormFault{{"stamped_at", FormInvalid}}},
		"written later":    {func(f *PaperForm) { f.Date = "21/4/2026" }, nil, []FormFault{{"ngay_ban_hanh", FormFuture}}},
		"written that day": {func(f *PaperForm) { f.Date = "2026-04-20" }, nil, nil},
		"no such day":      {func(f *PaperForm) { f.Date = "31/2/2026" }, nil, []FormFault{{"ngay_ban_hanh", FormInvalid}}},
		"long ago":         {func(f *PaperForm) { f.Date = "1944-12-31" }, nil, []FormFault{{"ngay_ban_hanh", FormInvalid}}},
		"no number":        {func(f *PaperForm) { f.Number = "mười hai" }, nil, []FormFault{{"so_hieu", FormInvalid}}},
		"no type":          {func(f *PaperForm) { f.Type = "XYZ" }, nil, []FormFault{{"loai", FormInvalid}}},
		"no words":         {func(f *PaperForm) { f.Subject = "!?" }, nil, []FormFault{{"trich_yeu", FormInvalid}}},
		"unknown words":    {func(f *PaperForm) { f.Urgency, f.Seal, f.Pages = "gấp", "xanh", -1 }, nil, []FormFault{{"do_khan", FormInvalid}, {"seal", FormInvalid}, {"pages", FormInvalid}}},
		"words of a stamp": {func(f *PaperForm) { f.Urgency = "HOẢ TỐC" }, nil, nil},
		"unknown secrecy":  {func(f *PaperForm) { *f = secretForm(); f.Secrecy = "kín" }, nil, []FormFault{{"do_mat", FormInvalid}}},
		"secrecy in words": {func(f *PaperForm) { *f = secretForm(); f.Secrecy = "Tuyệt  mật" }, nil, nil},
		"too long": {func(f *PaperForm) {
			f.Subject, f.Signer = strings.Repeat("ữ", maxSubject+1), strings.Repeat("a", maxField+1)
		}, nil, []FormFault{{"trich_yeu", FormTooLong}, {"nguoi_ky", FormTooLong}}},
		"long enough":       {func(f *PaperForm) { f.Subject = strings.Repeat("ữ", maxSubject) }, nil, nil},
		"empty scan":        {func(*PaperForm) {}, &ScanFacts{}, []FormFault{{"scan", FormInvalid}}},
		"huge scan":         {func(*PaperForm) {}, &ScanFacts{Head: []byte(scanned), Size: maxScan + 1}, []FormFault{{"scan", FormTooLong}}},
		"half a record":     {func(f *PaperForm) { f.Joins = "GL-2026-0000009/1" }, nil, []FormFault{{"joins", FormInvalid}}},
		"secret":            {func(f *PaperForm) { *f = secretForm() }, nil, nil},
		"words of a secret": {func(f *PaperForm) { f.Secrecy = vanban.Mat }, good, []FormFault{{"so_hieu", FormSecret}, {"ngay_ban_hanh", FormSecret}, {"loai", FormSecret}, {"trich_yeu", FormSecret}, {"nguoi_ky", FormSecret}, {"scan", FormSecret}}},
	} {
		f := testForm()
		c.change(&f)
		dir := testKnowledge(t, nil).Directory
		got := f.Typed(dir).Faults(FormChecks{Now: cutoff.Add(time.Hour), Directory: dir, Receivers: []string{"ubnd"}, Scan: c.scan})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		text, err := json.Marshal(f)
		var names map[string]any
		if err != nil || json.Unmarshal(text, &names) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, fault := range got {
			if _, is := names[fault.Field]; !is && fault.Field != "scan" {
				t.Errorf("%s: %s is no field of the form", name, fault.Field)
			}
		}
	}
}

// What is kept is what was typed in one form: however it was written, it is the same sheet; and to tidy twice changes nothing.
func TestPaperFormTyped(t *testing.T) {
	dir := testKnowledge(t, nil).Directory
	want := testForm().Typed(dir)
	f := testForm()
	f.Number, f.Date, f.Type = " Số:  12 / SNV-VP", "2/3/2026", "công văn"
	f.Subject, f.By = norm.NFD.String("  "+f.Subject), norm.NFD.String("Trần  Thị Hoa ")
	if got := f.Typed(dir); got != want || got.Type != "Công văn" || got.Date != "2026-03-02" {
		t.Errorf("%+v, want %+v", got, want)
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := PaperForm{StampedAt: cutoff, By: rapid.String().Draw(rt, "by"), Agency: rapid.SampledFrom([]string{"", "snv", "H99"}).Draw(rt, "agency"), Number: rapid.String().Draw(rt, "number"),
			Date: rapid.String().Draw(rt, "date"), Type: rapid.String().Draw(rt, "type"), Subject: rapid.String().Draw(rt, "subject"), Secrecy: vanban.Secrecy(rapid.String().Draw(rt, "mark"))}
		once := f.Typed(dir)
		if twice := once.Typed(dir); twice != once {
			rt.Fatalf("%+v became %+v", once, twice)
		}
	})
}

func TestParseStamp(t *testing.T) {
	want := time.Date(2026, 11, 22, 2, 30, 0, 0, time.UTC)
	for _, text := range []string{"2026-11-22T09:30", "2026-11-22 09:30", " 22/11/2026  9:30 ", "09:30 22/11/2026", "2026-11-22T02:30:00Z", "2026-11-22T09:30:00+07:00"} {
		if got, ok := ParseStamp(text); !ok || !got.Equal(want) {
			t.Errorf("%q: %v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "sáng nay", "2026-11-22", "31/2/2026 09:30", "2026-11-22T24:30"} {
		if got, ok := ParseStamp(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
