package vanban

import (
	"slices"
	"strings"
)

// Doubt codes: sources that disagree. They are stable, a clerk sees them explained.
const (
	DoubtNumber       = "so_hieu-differs"
	DoubtType         = "loai_van_ban-differs"
	DoubtDate         = "ngay_ban_hanh-differs"
	DoubtIssuer       = "co_quan_ban_hanh-differs"
	DoubtSigner       = "nguoi_ky-differs"
	DoubtTypeNotation = "loai_van_ban-contradicts-ky_hieu" // 55/2007/CT-UBND printed on a quyết định
)

// Merge makes one document of several readings of it; an earlier one is trusted more. Fields that belong together (số with ký hiệu, signer
// with office) are taken from one reading. Of two marks of secrecy or urgency the graver counts, whoever says it. The codes tell where the
// readings disagree.
func Merge(docs ...Document) (Document, []string) {
	out, doubts := New(), []string{}
	doubt := func(code string, differs bool) {
		if differs && !slices.Contains(doubts, code) {
			doubts = append(doubts, code)
		}
	}
	for i := range docs {
		d := &docs[i]
		if out.bareOf(d) && !d.Sources[fieldSoHieu].Unsure() {
			out.SoHieu, out.KyHieu = d.SoHieu, d.KyHieu
			out.take(d, fieldSoHieu, fieldKyHieu)
		}
		doubt(DoubtNumber, out.numberDiffers(d))
		doubt(DoubtType, differ(out.Loai, d.Loai) && !out.unsure(d, fieldLoai))
		doubt(DoubtDate, differ(out.Ngay, d.Ngay) && !out.unsure(d, fieldNgay))
		doubt(DoubtIssuer, out.issuerDiffers(d))
		doubt(DoubtSigner, out.nameDiffers(d, fieldNguoiKy, out.NguoiKy, d.NguoiKy))
		if out.SoHieu == "" && (d.SoHieu != "" || out.KyHieu == "") {
			out.SoHieu, out.So, out.KyHieu = d.SoHieu, d.So, d.KyHieu
			out.take(d, fieldSoHieu, fieldSo, fieldKyHieu)
		}
		if out.Loai == "" && d.Loai != "" {
			out.Loai, out.LoaiTat = d.Loai, d.LoaiTat
			out.take(d, fieldLoai, fieldLoaiTat)
		}
		if out.NguoiKy == "" && out.ChucVu == "" && (d.NguoiKy != "" || d.ChucVu != "") {
			out.NguoiKy, out.ChucVu = d.NguoiKy, d.ChucVu
			out.take(d, fieldNguoiKy, fieldChucVu)
		} else if out.ChucVu == "" && d.ChucVu != "" && Fold(out.NguoiKy) == Fold(d.NguoiKy) { // the same person, here with the office
			out.ChucVu = d.ChucVu
			out.take(d, fieldChucVu)
		}
		out.takeText(d)
		out.takeLists(d)
		if graverSecrecy(out.DoMat, d.DoMat) != out.DoMat {
			out.DoMat = d.DoMat
			out.take(d, fieldDoMat)
		}
		if graverUrgency(out.DoKhan, d.DoKhan) != out.DoKhan {
			out.DoKhan = d.DoKhan
			out.take(d, fieldDoKhan)
		}
	}
	if t, ok := notationType(out.KyHieu); ok && out.Loai != "" && t.Kind != Unlisted && t.Name != out.Loai {
		// CT is also a tax office; QĐ is what the Party's quy định bear as well.
		known := t.Abbreviation == "CT" && out.LoaiTat == "CV" || t.Abbreviation == "QĐ" && out.LoaiTat == "QĐi"
		doubt(DoubtTypeNotation, !known)
	}
	return out, doubts
}

// numberDiffers: what OCR is not sure of, or may have misread, contradicts nobody.
func (d *Document) numberDiffers(o *Document) bool {
	if d.SoHieu == "" || o.SoHieu == "" || o.bareOf(d) {
		return false
	}
	a, b := NumberKey(d.SoHieu), NumberKey(o.SoHieu)
	return a != b && !d.unsure(o, fieldSoHieu) && !(d.seen(o, fieldSoHieu) && Misread(a, b))
}

// issuerDiffers: certificates name agencies as an authority registered them, and copies and portals sign with their own; neither says
// that the letterhead is wrong.
func (d *Document) issuerDiffers(o *Document) bool {
	return d.nameDiffers(o, fieldCoQuan, d.CoQuan, o.CoQuan) && !within(d.CoQuan, o.CoQuan) && !within(o.CoQuan, d.CoQuan) && !d.certified(o, fieldCoQuan)
}

// nameDiffers compares two readings of a name. Letters that OCR may have misread make no other of it.
func (d *Document) nameDiffers(o *Document, field, a, b string) bool {
	return differ(a, b) && !d.unsure(o, field) && !(d.seen(o, field) && alike(newPhrase(a).tight(), newPhrase(b).tight()))
}

// NumberKey is the form in which two số ký hiệu are compared: folded, without leading zeros and blanks, all separators alike.
func NumberKey(soHieu string) string {
	so, ky := SplitNumber(soHieu)
	return strings.TrimLeft(so, "0") + "/" + NotationKey(ky)
}

// NotationKey is the form in which two ký hiệu are compared.
func NotationKey(kyHieu string) string {
	return oneSeparator.Replace(Fold(kyHieu))
}

var oneSeparator = strings.NewReplacer(" ", "", "/", "-", ".", "-", "_", "-")

// bareOf says whether d has only the số of a number that o has whole: document systems export "5253" beside "5253/BC-SYT".
func (d *Document) bareOf(o *Document) bool {
	return d.So != "" && d.KyHieu == "" && o.KyHieu != "" && strings.TrimLeft(d.So, "0") == strings.TrimLeft(o.So, "0")
}

// within says whether one name is a part of the other: "SỞ Y TẾ" on the letterhead is "Sở Y tế tỉnh Quảng Trị" elsewhere.
func within(long, short string) bool {
	return strings.Contains(" "+Fold(long)+" ", " "+Fold(short)+" ")
}

func differ(a, b string) bool { return a != "" && b != "" && Fold(a) != Fold(b) }

// take copies the sources of fields that were taken.
func (d *Document) take(from *Document, fields ...string) {
	for _, f := range fields {
		if s, ok := from.Sources[f]; ok {
			d.Sources[f] = s
		}
	}
}

func (d *Document) takeText(from *Document) {
	for _, f := range []struct {
		name string
		to   *string
		from string
	}{
		{fieldNgay, &d.Ngay, from.Ngay}, {fieldDiaDanh, &d.DiaDanh, from.DiaDanh}, {fieldCoQuan, &d.CoQuan, from.CoQuan},
		{fieldCoQuanTren, &d.CoQuanTren, from.CoQuanTren}, {fieldTrichYeu, &d.TrichYeu, from.TrichYeu},
	} {
		if *f.to == "" && f.from != "" {
			*f.to = f.from
			d.take(from, f.name)
		}
	}
}

// takeLists takes lists that are still empty; answered documents add up, one source may name more of them than another.
func (d *Document) takeLists(from *Document) {
	if len(from.TraLoi) > 0 {
		if len(d.TraLoi) == 0 {
			d.take(from, fieldTraLoi)
		}
		d.addAnswers(from.TraLoi)
	}
	for _, f := range []struct {
		name string
		to   *[]string
		from []string
	}{
		{fieldQuyenHan, &d.QuyenHanKy, from.QuyenHanKy}, {fieldKinhGui, &d.KinhGui, from.KinhGui}, {fieldNoiNhan, &d.NoiNhan, from.NoiNhan},
		{"", &d.Files, from.Files},
	} {
		if len(*f.to) == 0 && len(f.from) > 0 {
			*f.to = slices.Clone(f.from)
			d.take(from, f.name)
		}
	}
}
