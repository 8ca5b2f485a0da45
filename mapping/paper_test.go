package mapping

import (
	"maps"
	"slices"
	"testing"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// What the scan of a paper shows otherwise than the clerk typed is a doubt, not a correction: of what OCR is not sure, and of the scan's file name,
// nothing is said; who corrects the field has looked.
func TestScanDisagreesWithTheForm(t *testing.T) {
	fields := map[string]string{"so_hieu": "12/BC-UBND", "ngay_ban_hanh": "2019-01-03", "loai_van_ban": "Báo cáo", "trich_yeu": "Kết quả cải cách hành chính", "nguoi_ky": "Trần Văn Bình", "agency": "xa-ba"}
	for name, c := range map[string]struct {
		typed, corrected map[string]string
		file             string
		ev               FileEvidence
		so               string
		doubts           []string
	}{
		"the same":                   {nil, nil, "a.pdf", typed(head("012/BC-UBND")), "12/BC-UBND", nil},
		"no scan was read":           {nil, nil, "21_BC-UBND.pdf", FileEvidence{}, "12/BC-UBND", nil},
		"another number":             {nil, nil, "a.pdf", typed(head("21/BC-UBND")), "12/BC-UBND", []string{vanban.DoubtNumber}},
		"another number by OCR":      {nil, nil, "a.pdf", scanned(head("45/BC-UBND"), 0.9, ""), "12/BC-UBND", []string{vanban.DoubtNumber}},
		"OCR is not sure":            {nil, nil, "a.pdf", scanned(head("45/BC-UBND"), 0.5, ""), "12/BC-UBND", nil},
		"a letter misread":           {nil, nil, "a.pdf", scanned(head("12/BC-UBNO"), 0.9, ""), "12/BC-UBND", nil},
		"the name of the file":       {nil, nil, "21_BC-UBND.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", nil},
		"another date":               {map[string]string{"ngay_ban_hanh": "2019-01-30"}, nil, "a.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", []string{vanban.DoubtDate}},
		"another type":               {map[string]string{"loai_van_ban": "Công văn"}, nil, "a.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", []string{vanban.DoubtType, vanban.DoubtTypeNotation}},
		"another type, no scan":      {map[string]string{"loai_van_ban": "Công văn"}, nil, "a.pdf", FileEvidence{}, "12/BC-UBND", []string{vanban.DoubtTypeNotation}},
		"another signer":             {map[string]string{"nguoi_ky": "Lê Thị Cúc"}, nil, "a.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", []string{vanban.DoubtSigner}},
		"what was not typed":         {map[string]string{"ngay_ban_hanh": "", "nguoi_ky": ""}, nil, "a.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", nil},
		"corrected to the scan's":    {nil, map[string]string{"so_hieu": "21/BC-UBND"}, "a.pdf", typed(head("21/BC-UBND")), "21/BC-UBND", nil},
		"the clerk stays at it":      {nil, map[string]string{"so_hieu": "12/BC-UBND"}, "a.pdf", typed(head("21/BC-UBND")), "12/BC-UBND", nil},
		"another field is corrected": {nil, map[string]string{"nguoi_ky": "Trần Văn Bình"}, "a.pdf", typed(head("21/BC-UBND")), "12/BC-UBND", []string{vanban.DoubtNumber}},
		"the type by its letters":    {map[string]string{"loai_van_ban": "Công văn"}, map[string]string{"loai_viet_tat": "BC"}, "a.pdf", typed(head("12/BC-UBND")), "12/BC-UBND", nil},
	} {
		form := maps.Clone(fields)
		maps.Copy(form, c.typed)
		maps.DeleteFunc(form, func(_, value string) bool { return value == "" })
		m := parser.Message{Subject: fields["trich_yeu"], Attachments: []parser.Attachment{pdfFile(c.file, "d")}}
		r := PaperRecord(m, form, Input{Files: map[string]FileEvidence{"d": c.ev}, Corrections: c.corrected}, Paper{}, testDirectory(t), at)
		if r.Document.SoHieu != c.so || !slices.Equal(r.Doubts, c.doubts) && len(r.Doubts)+len(c.doubts) > 0 {
			t.Errorf("%s: %s, doubts %v, want %v", name, r.Document.SoHieu, r.Doubts, c.doubts)
		}
		if r.Document.NguoiKy != "Trần Văn Bình" && form["nguoi_ky"] == "" {
			t.Errorf("%s: the scan fills nothing: %+v", name, r.Document)
		}
	}
}
