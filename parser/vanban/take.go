package vanban

import (
	"slices"
	"strings"
)

// maxTaken bounds a text that a structured source states, in runes; the longest real trích yếu has 322.
const maxTaken = 2000

// Take sets a field, by its JSON name, to what a source with named fields (a sidecar) states: the number in its normal form, a date in any of
// the forms that programs write, a type by the table or else as stated, urgency and secrecy by their words. Lists grow by one. It reports
// false, and changes nothing, when the value is empty or can't be one of that field; nothing is put in its place.
func (d *Document) Take(field, value string, from From, confidence float64) bool {
	p := newPhrase(value).upTo(maxTaken)
	value = printable(p)
	if !hasLetter(value) {
		return false
	}
	fields := []string{field}
	switch field {
	case fieldSoHieu:
		return d.TakeNumber(value, "", from, confidence)
	case fieldLoai:
		fields = d.takeType(value)
	case fieldNgay:
		iso, ok := StatedDay(value)
		if !ok {
			return false
		}
		d.Ngay = iso
	case fieldTrichYeu:
		about := stripAbout(newPhrase(value))
		if upper, lower := about.letters(); upper+lower == 0 {
			return false
		}
		d.TrichYeu = about.String()
	case fieldDoKhan:
		u, ok := checkUrgency(value)
		if !ok || u == "" {
			return false
		}
		d.DoKhan = u
	case fieldDoMat:
		m := stamp(newPhrase(value))
		if m.secrecy == "" {
			return false
		}
		d.DoMat = m.secrecy
	case fieldQuyenHan:
		marks := statedAuthority(value)
		if len(marks) == 0 {
			return false
		}
		d.QuyenHanKy = marks
	default:
		if !d.takePlain(field, value) {
			return false
		}
	}
	for _, f := range fields {
		d.source(f, from, newPhrase(value), confidence)
	}
	return true
}

// TakeNumber sets số and ký hiệu that a source states apart, or both in one of the two as some programs do. What is no số ký hiệu of any known
// form is kept as stated.
func (d *Document) TakeNumber(so, kyHieu string, from From, confidence float64) bool {
	so, kyHieu = printable(newPhrase(so).upTo(maxName)), printable(newPhrase(kyHieu).upTo(maxName))
	evidence := newPhrase(strings.TrimSpace(so + " " + kyHieu))
	n, ok := statedNumber(so, kyHieu)
	if !ok {
		return false
	}
	d.setNumber(n, from, evidence, confidence)
	return true
}

// statedNumber joins a số and a ký hiệu that were stated apart.
func statedNumber(so, kyHieu string) (number, bool) {
	whole := func(s string) (number, bool) {
		printed, ok := checkNumber(s)
		n := number{printed: printed}
		n.so, n.ky = SplitNumber(printed)
		return n, ok
	}
	switch {
	case kyHieu == "" || strings.Contains(so, "/"):
		if n, ok := whole(so); ok {
			return n, true
		}
	case so == "":
		if n, ok := whole(kyHieu); ok {
			return n, true
		}
	}
	if n, ok := whole(kyHieu); ok && strings.TrimLeft(n.so, "0") == strings.TrimLeft(so, "0") && !isYear(newPhrase(n.so)) {
		return n, true // "12" and "12/TB-UBND"
	}
	if n, ok := whole(joinNumber(so, kyHieu)); ok && (n.so == so || kyHieu == "") {
		return n, true
	}
	return oddNumber(so, kyHieu)
}

// oddNumber keeps a number of no known form as it is stated. A blank one is a draft's and has only its ký hiệu; several are none of them.
func oddNumber(so, kyHieu string) (number, bool) {
	if kyHieu == "" {
		so, kyHieu = SplitNumber(so)
	}
	switch {
	case strings.ContainsAny(so+kyHieu, ",;") || len(so) > maxStated || !hasLetter(so+kyHieu):
		return number{}, false
	case !strings.ContainsAny(so, "0123456789"):
		return number{ky: strings.TrimLeft(kyHieu, "/- ")}, kyHieu != ""
	case kyHieu == "":
		return number{so: so, printed: so}, true
	}
	return number{so: so, ky: kyHieu, printed: joinNumber(so, kyHieu)}, true
}

// maxStated bounds a số of a form that nobody knows, in bytes; NĐ 30/2020, Phụ lục VI gives the field 11 characters.
const maxStated = 32

// takeType takes a type of the table, or else what is stated without an abbreviation.
func (d *Document) takeType(value string) []string {
	name := value
	if i := strings.IndexByte(name, '('); i > 0 { // "Quyết định (cá biệt)"
		name = name[:i]
	}
	for _, s := range []string{value, name} {
		t, ok := TypeByName(s)
		if !ok {
			t, ok = TypeByAbbreviation(strings.TrimSpace(s))
		}
		if ok {
			d.Loai, d.LoaiTat = t.Name, t.Abbreviation
			if t.Abbreviation == "" {
				return []string{fieldLoai}
			}
			return []string{fieldLoai, fieldLoaiTat}
		}
	}
	d.Loai, d.LoaiTat = value, ""
	return []string{fieldLoai}
}

func (d *Document) takePlain(field, value string) bool {
	texts := map[string]*string{fieldDiaDanh: &d.DiaDanh, fieldCoQuan: &d.CoQuan, fieldCoQuanTren: &d.CoQuanTren, fieldNguoiKy: &d.NguoiKy,
		fieldChucVu: &d.ChucVu}
	lists := map[string]*[]string{fieldKinhGui: &d.KinhGui, fieldNoiNhan: &d.NoiNhan, fieldTraLoi: &d.TraLoi}
	switch text, list := texts[field], lists[field]; {
	case text != nil:
		*text = value
	case list != nil && len(*list) < maxAnswers*8:
		if !slices.Contains(*list, value) {
			*list = append(*list, value)
		}
	default:
		return false
	}
	return true
}

// statedAuthority reads "TM. UBND", "TL. BỘ TRƯỞNG", "TL.KT. CHỦ TỊCH" and "Ký thay" into the marks; "Trực tiếp" and the like give none.
func statedAuthority(value string) []string {
	var all []string
	p := newPhrase(strings.ToUpper(value))
	for words, mark := range map[string]string{"thay mat": "TM", "ky thay": "KT", "thua lenh": "TL", "thua uy quyen": "TUQ"} {
		if p.hasWord(words) {
			return []string{mark}
		}
	}
	for i := 0; i < p.len(); i++ {
		if !letterByte(p.f[i]) || wordByte(p.at(i-1)) {
			continue
		}
		for _, a := range authorities {
			if rest := p.from(i); rest.hasWord(a.printed) && (a.mark != "Q" || rest.at(1) == '.') && !slices.Contains(all, a.mark) {
				all = append(all, a.mark)
				break
			}
		}
	}
	return all
}

// StatedDay reads a day as programs write it: yyyy/mm/dd, yyyy-mm-dd, dd/mm/yyyy, each with a time behind it or none. It gives yyyy-mm-dd.
func StatedDay(value string) (string, bool) {
	p := newPhrase(value)
	p = p.trim(" \n\"'")
	if iso, end, ok := dateAt(p, 0); ok && !wordByte(p.at(end)) || ok && p.at(end) == 't' {
		return iso, true
	}
	if p.len() < 8 || !isYear(p.slice(0, 4)) || p.f[4] != '/' && p.f[4] != '-' && p.f[4] != '.' {
		return "", false
	}
	month, i, ok := digits(p, 5, 2)
	if !ok || p.at(i) != p.f[4] {
		return "", false
	}
	day, end, ok := digits(p, i+1, 2)
	if !ok || end < p.len() && p.f[end] != ' ' && p.f[end] != 't' {
		return "", false
	}
	year, _, _ := digits(p, 0, 4)
	return isoDay(year, month, day)
}
