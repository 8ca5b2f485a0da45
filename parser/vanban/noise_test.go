package vanban

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// readingFrom is a reading with the fields given, all from one place.
func readingFrom(from From, confidence float64, fields map[string]string) Document {
	d := New()
	for _, field := range []string{fieldSoHieu, fieldLoai, fieldNgay, fieldCoQuan, fieldNguoiKy, fieldChucVu, fieldTrichYeu} {
		if value := fields[field]; value != "" && !d.Take(field, value, from, confidence) {
			panic("no such field: " + field)
		}
	}
	return d
}

// What OCR contradicts, and what it may have misread.
func TestMergeWithOCR(t *testing.T) {
	better := map[string]string{fieldSoHieu: "123/UBND-KGVX", fieldLoai: "Công văn", fieldNgay: "2019-04-05", fieldCoQuan: "Sở Giáo dục và Đào tạo", fieldNguoiKy: "Nguyễn Thị Ánh Tuyết",
		fieldTrichYeu: "tổ chức hội nghị"}
	for _, c := range []struct {
		name, field, value string
		from               From
		confidence         float64
		doubts             []string
	}{
		{"số", fieldSoHieu, "128/UBND-KGVX", FromOCR, 0.9, []string{DoubtNumber}},
		{"số, not sure", fieldSoHieu, "128/UBND-KGVX", FromOCR, 0.5, nil},
		{"số of a text", fieldSoHieu, "128/UBND-KGVX", FromText, 0.5, []string{DoubtNumber}},
		{"leading zero", fieldSoHieu, "0123/UBND-KGVX", FromOCR, 0.9, nil},
		{"a letter of the ký hiệu", fieldSoHieu, "123/UBNO-KGVX", FromOCR, 0.9, nil},
		{"a letter of the ký hiệu in a text", fieldSoHieu, "123/UBNO-KGVX", FromText, 0.9, []string{DoubtNumber}},
		{"tones of the ký hiệu", fieldSoHieu, "123/ÚBND-KGVX", FromOCR, 0.9, nil},
		{"another ký hiệu", fieldSoHieu, "123/SNV-TCBC", FromOCR, 0.9, []string{DoubtNumber}},
		{"type", fieldLoai, "Báo cáo", FromOCR, 0.75, []string{DoubtType}},
		{"type, not sure", fieldLoai, "Báo cáo", FromOCR, 0.6, nil},
		{"date", fieldNgay, "2019-04-06", FromOCR, 0.75, []string{DoubtDate}},
		{"date, not sure", fieldNgay, "2019-04-06", FromOCR, 0.6, nil},
		{"letters of the agency", fieldCoQuan, "SƠ GIÁO DUC VA ĐÀO TAQ", FromOCR, 0.9, nil},
		{"another agency", fieldCoQuan, "Sở Tài chính", FromOCR, 0.9, []string{DoubtIssuer}},
		{"agency of the seal", fieldCoQuan, "UBND tỉnh Quảng Trị", FromSignature, 0.6, nil},
		{"letters of the signer", fieldNguoiKy, "Nguyên Thi Anh Tuyêl", FromOCR, 0.9, nil},
		{"another signer", fieldNguoiKy, "Trần Văn Bình", FromOCR, 0.9, []string{DoubtSigner}},
		{"another signer in the signature", fieldNguoiKy, "Trần Văn Bình", FromSignature, 0.6, []string{DoubtSigner}},
		{"trích yếu", fieldTrichYeu, "tô chức hôi nghi", FromOCR, 0.9, nil},
	} {
		d, doubts := Merge(readingFrom(FromSubject, 0.8, better), readingFrom(c.from, c.confidence, map[string]string{c.field: c.value}))
		if !slices.Equal(doubts, c.doubts) {
			t.Errorf("%s: %v, want %v", c.name, doubts, c.doubts)
		}
		for field := range better {
			if d.Sources[field].From != FromSubject {
				t.Errorf("%s: %s is from %s", c.name, field, d.Sources[field].From)
			}
		}
	}
}

func TestMergeFillsFromOCR(t *testing.T) {
	bare := New()
	bare.Take(fieldSoHieu, "123", FromSidecar, 0.9)
	for confidence, want := range map[float64]string{0.9: "123/UBND-KGVX", 0.4: "123"} {
		d, doubts := Merge(bare, readingFrom(FromOCR, confidence, map[string]string{fieldSoHieu: "123/UBND-KGVX"}))
		if d.SoHieu != want || len(doubts) != 0 {
			t.Errorf("%.1f: %q, %v", confidence, d.SoHieu, doubts)
		}
	}
	named := readingFrom(FromSignature, 0.6, map[string]string{fieldNguoiKy: "TRẦN VĂN BÌNH"})
	if d, _ := Merge(named, readingFrom(FromOCR, 0.9, map[string]string{fieldNguoiKy: "Trần Văn Bình", fieldChucVu: "GIÁM ĐỐC"})); d.ChucVu != "GIÁM ĐỐC" || d.NguoiKy != "TRẦN VĂN BÌNH" {
		t.Errorf("the same person: %q %q", d.ChucVu, d.NguoiKy)
	}
	if d, _ := Merge(named, readingFrom(FromOCR, 0.9, map[string]string{fieldNguoiKy: "Lê Thị Cúc", fieldChucVu: "GIÁM ĐỐC"})); d.ChucVu != "" {
		t.Errorf("another person's office: %q", d.ChucVu)
	}
}

func TestMisread(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"12/bc-ubnd", "12/bc-ubno", true}, {"12/ubnd-vp", "12/ubnd-vp1", true}, {"12/bc-ubnd", "13/bc-ubnd", false}, {"12/bc-ubnd", "12/tb-ubnd", false}, {"/bc-ubnd", "/bc-ubnd", false},
		{"12/bc-ubnd", "112/bc-ubnd", false}, {"12/ubnd", "12/snv", false},
	} {
		if Misread(c.a, c.b) != c.want || Misread(c.b, c.a) != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, !c.want)
		}
	}
}

// apart is a distance: none to itself, the same both ways, never more than the longer word.
func TestApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-d]{0,8}`)
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		if Apart(a, a) != 0 || Apart(a, b) != Apart(b, a) || Apart(a, b) > max(len(a), len(b)) || Apart(a, c) > Apart(a, b)+Apart(b, c) || Apart(a, b) == 0 && a != b {
			t.Fatalf("%q %q %q: %d %d", a, b, c, Apart(a, b), Apart(b, a))
		}
	})
}

const (
	pageHead = "UBND TỈNH QUẢNG TRỊ\nSỞ NỘI VỤ\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nSố: 12/BC-SNV\nQuảng Trị, ngày 05 tháng 4 năm 2019\n\nBÁO CÁO\nKết quả công tác quý I\n\nKính gửi: UBND tỉnh.\n"
	pageTail = "Sở Nội vụ báo cáo như trên./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nKT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC\n\nTrần Văn Bình\n"
)

// Each field bears the source and the confidence of the page that it was read on.
func TestReadPages(t *testing.T) {
	head, tail := []string{fieldSoHieu, fieldNgay, fieldLoai, fieldCoQuan, fieldKinhGui}, []string{fieldNguoiKy, fieldChucVu, fieldQuyenHan, fieldNoiNhan}
	for _, c := range []struct {
		name       string
		pages      []Page
		head, tail From
		seen       float64 // confidence of what was seen
	}{
		{"text layers", []Page{{Text: pageHead}, {Text: pageTail}}, FromText, FromText, 0},
		{"pictures", []Page{{Text: pageHead, OCR: true, Confidence: 0.8}, {Text: pageTail, OCR: true, Confidence: 0.8}}, FromOCR, FromOCR, 0.8},
		{"a scanned last page", []Page{{Text: pageHead}, {Text: pageTail, OCR: true, Confidence: 0.7}}, FromText, FromOCR, 0.7},
		{"a scanned letter before a typed one", []Page{{Text: pageHead, OCR: true, Confidence: 0.7}, {Text: strings.ReplaceAll(pageHead, "12/BC", "99/TTr")}, {Text: pageTail}}, FromOCR, FromText, 0.7},
		{"a confidence that is none", []Page{{Text: pageHead + pageTail, OCR: true, Confidence: 7}}, FromOCR, FromOCR, 0},
	} {
		layer, seen := ReadPages(c.pages)
		d, doubts := Merge(layer, seen)
		if d.SoHieu != "12/BC-SNV" || d.Ngay != "2019-04-05" || d.NguoiKy != "Trần Văn Bình" || d.CoQuan != "SỞ NỘI VỤ" || len(doubts) != 0 {
			t.Errorf("%s: %+v, %v", c.name, d, doubts)
		}
		whole := ReadText(pageHead + "\n\n" + pageTail)
		for _, part := range []struct {
			from   From
			fields []string
		}{{c.head, head}, {c.tail, tail}} {
			for _, field := range part.fields {
				s := d.Sources[field]
				if want := whole.Sources[field].Confidence * c.seen; s.From != part.from || s.From == FromOCR && s.Confidence != want {
					t.Errorf("%s: %s: %+v, want %s %.2f", c.name, field, s, part.from, want)
				}
			}
		}
	}
	if layer, seen := ReadPages(nil); len(layer.Sources)+len(seen.Sources) != 0 || layer.KinhGui == nil || seen.KinhGui == nil {
		t.Errorf("%+v, %+v", layer, seen)
	}
}

// Read off text layers or off pictures, a document is the same, real heads included; nothing is lost between the two.
func TestReadPagesLosesNothing(t *testing.T) {
	for _, text := range append(realHeads(t), pageHead+pageTail) {
		want := ReadText(text)
		layer, none := ReadPages([]Page{{Text: text}})
		empty, seen := ReadPages([]Page{{Text: text, OCR: true, Confidence: 1}})
		if len(none.Sources)+len(empty.Sources) != 0 {
			t.Fatalf("%v %v", none.Sources, empty.Sources)
		}
		for _, d := range []Document{layer, seen} {
			if d.SoHieu != want.SoHieu || d.Ngay != want.Ngay || d.TrichYeu != want.TrichYeu || d.NguoiKy != want.NguoiKy || d.Loai != want.Loai || !slices.Equal(d.KinhGui, want.KinhGui) ||
				d.CoQuan != want.CoQuan || len(d.Sources) != len(want.Sources) {
				t.Fatalf("%+v\n%+v", d, want)
			}
		}
	}
}

func BenchmarkReadPages(b *testing.B) {
	pages := []Page{{Text: pageHead + strings.Repeat("Sở Nội vụ báo cáo kết quả thực hiện nhiệm vụ được giao trong quý I năm 2019.\n", 30)}, {Text: pageTail, OCR: true, Confidence: 0.9}}
	b.ReportAllocs()
	for b.Loop() {
		ReadPages(pages)
	}
}

func BenchmarkSecretOnPage(b *testing.B) {
	page := pageHead + strings.Repeat("Sở Nội vụ báo cáo kết quả thực hiện nhiệm vụ được giao trong quý I năm 2019.\n", 30)
	b.ReportAllocs()
	for b.Loop() {
		SecretOnPage(page)
	}
}

// A letter right behind the số may be a digit: 1I2/UBND-VX would go into the register as number 1. Off a picture it waits for a clerk.
func TestLetterBehindSoIsUnsureOffPictures(t *testing.T) {
	for so, sure := range map[string]bool{"112/UBND-VX": true, "1I2/UBND-VX": false, "12B/UBND-VX": false, "06-CV/TU": true} {
		const rest = "\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nQuảng Trị, ngày 05 tháng 01 năm 2026\nV/v chế độ\n"
		_, seen := ReadPages([]Page{{Text: "UBND TỈNH QUẢNG TRỊ\nSố: " + so + rest, OCR: true, Confidence: 0.99}})
		if seen.SoHieu != so || seen.Sources[fieldSoHieu].Unsure() == sure || seen.Sources[fieldSo].Unsure() == sure {
			t.Errorf("%s: %q %+v", so, seen.SoHieu, seen.Sources[fieldSoHieu])
		}
	}
}
