package vanban

import (
	"strings"
)

// Page is the text of one page of a file.
type Page struct {
	Text       string
	OCR        bool    // read off a picture; otherwise the page's own text layer
	Confidence float64 // of OCR, 0 to 1; of a text layer it is not asked
}

// ReadPages reads a document page by page. All pages are read as one text: the head stands on the first of them and the signer often on
// another. What was read off text layers and what was read off pictures is given apart, since the one is trusted more; of the latter every
// source is ocr, its confidence the reading's times the page's.
func ReadPages(pages []Page) (layer, seen Document) {
	var words []string
	layers, pictures := 0, 0
	for _, p := range pages {
		if p.Text == "" {
			continue
		}
		words = append(words, p.Text)
		if p.OCR {
			pictures++
		} else {
			layers++
		}
	}
	if len(words) == 0 {
		return New(), New()
	}
	d := ReadText(strings.Join(words, "\n\n"))
	if pictures == 0 {
		return d, New()
	}
	homes := homesOf(pages)
	all := make(map[string]float64, len(d.Sources)) // fields read off pictures, with the confidence of the picture
	for field, s := range d.Sources {
		if ocr, confidence := homes.of(s.Evidence); ocr || layers == 0 {
			all[field] = confidence
		}
	}
	layer = d.only(func(field string) bool { _, ocr := all[field]; return !ocr })
	seen = d.only(func(field string) bool { _, ocr := all[field]; return ocr })
	for field, s := range seen.Sources {
		seen.Sources[field] = Source{From: FromOCR, Evidence: s.Evidence, Confidence: s.Confidence * all[field]}
	}
	if seen.lettered() {
		for _, field := range [...]string{fieldSoHieu, fieldSo, fieldKyHieu} {
			if s, ok := seen.Sources[field]; ok {
				s.Confidence *= mayBeDigit
				seen.Sources[field] = s
			}
		}
	}
	for _, p := range pages {
		if p.OCR {
			m, evidence := seenMarks(cells(newPhrase(head(modern(narrow(p.Text))))))
			seen.graverMarks(m, evidence, sureLayout*share(p.Confidence))
		}
	}
	return layer, seen
}

// mayBeDigit is what is left of the confidence in a số with a letter right behind it, when it was read off a picture: 1I2 is 112, 12B may be
// 128. It is below Sure whatever the page's.
const mayBeDigit = 0.7

// lettered says whether a letter stands right behind the digits of the số, without the stroke or hyphen that parts it from the ký hiệu.
func (d *Document) lettered() bool {
	p := newPhrase(d.SoHieu)
	return d.So != "" && letterByte(p.at(p.skip(0, "0123456789")))
}

// graverMarks adds marks that OCR found; of two the graver counts.
func (d *Document) graverMarks(m marks, evidence markEvidence, confidence float64) {
	if graverSecrecy(d.DoMat, m.secrecy) != d.DoMat {
		d.DoMat = m.secrecy
		d.Sources[fieldDoMat] = Source{From: FromOCR, Evidence: evidence.secrecy, Confidence: confidence}
	}
	if graverUrgency(d.DoKhan, m.urgency) != d.DoKhan {
		d.DoKhan = m.urgency
		d.Sources[fieldDoKhan] = Source{From: FromOCR, Evidence: evidence.urgency, Confidence: confidence}
	}
}

// share bounds what claims to be a share of one.
func share(c float64) float64 {
	if c >= 0 && c <= 1 { // NaN is neither
		return c
	}
	return 0
}

// homes are pages in the form in which evidence quotes them.
type homes []home

type home struct {
	text       string
	ocr        bool
	confidence float64
}

func homesOf(pages []Page) homes {
	all := make(homes, 0, len(pages))
	for _, p := range pages {
		if p.Text != "" {
			all = append(all, home{newPhrase(modern(narrow(ends(p.Text)))).String(), p.OCR, share(p.Confidence)})
		}
	}
	return all
}

// of says where words were read. Those of several places (a name in two lines with another column between them) are the least sure page's.
func (h homes) of(evidence string) (ocr bool, confidence float64) {
	confidence = 1
	for _, p := range h {
		if strings.Contains(p.text, evidence) {
			return p.ocr, p.confidence
		}
		if p.ocr {
			ocr, confidence = true, min(confidence, p.confidence)
		}
	}
	return ocr, confidence
}

// only gives the fields that keep lets pass, with their sources.
func (d *Document) only(keep func(field string) bool) Document {
	out := New()
	for _, f := range []struct {
		name     string
		from, to *string
	}{
		{fieldSoHieu, &d.SoHieu, &out.SoHieu}, {fieldSo, &d.So, &out.So}, {fieldKyHieu, &d.KyHieu, &out.KyHieu}, {fieldLoai, &d.Loai, &out.Loai},
		{fieldLoaiTat, &d.LoaiTat, &out.LoaiTat}, {fieldNgay, &d.Ngay, &out.Ngay}, {fieldDiaDanh, &d.DiaDanh, &out.DiaDanh},
		{fieldCoQuan, &d.CoQuan, &out.CoQuan}, {fieldCoQuanTren, &d.CoQuanTren, &out.CoQuanTren}, {fieldTrichYeu, &d.TrichYeu, &out.TrichYeu},
		{fieldNguoiKy, &d.NguoiKy, &out.NguoiKy}, {fieldChucVu, &d.ChucVu, &out.ChucVu},
	} {
		if keep(f.name) {
			*f.to = *f.from
		}
	}
	for _, f := range []struct {
		name     string
		from, to *[]string
	}{{fieldQuyenHan, &d.QuyenHanKy, &out.QuyenHanKy}, {fieldKinhGui, &d.KinhGui, &out.KinhGui}, {fieldNoiNhan, &d.NoiNhan, &out.NoiNhan}, {fieldTraLoi, &d.TraLoi, &out.TraLoi}} {
		if keep(f.name) {
			*f.to = *f.from
		}
	}
	if keep(fieldDoMat) {
		out.DoMat = d.DoMat
	}
	if keep(fieldDoKhan) {
		out.DoKhan = d.DoKhan
	}
	for field, s := range d.Sources {
		if keep(field) {
			out.Sources[field] = s
		}
	}
	return out
}
