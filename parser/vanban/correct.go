package vanban

import "strings"

// Correct sets a field to what a clerk says it is, with the clerk as its source; an empty value clears it. Lists are separated by
// semicolons, dates may be yyyy-mm-dd or dd/mm/yyyy. It reports false, and changes nothing, when there is no such field or the value can't
// be one.
func (d *Document) Correct(field, value string) bool {
	value = newPhrase(value).String()
	fields := []string{field}
	switch field {
	case fieldSoHieu:
		d.SoHieu = value
		d.So, d.KyHieu = SplitNumber(value)
		fields = []string{fieldSoHieu, fieldSo, fieldKyHieu}
	case fieldSo:
		d.So, d.SoHieu = value, joinNumber(value, d.KyHieu)
	case fieldKyHieu:
		d.KyHieu, d.SoHieu = value, joinNumber(d.So, value)
	case fieldLoai, fieldLoaiTat:
		d.correctType(field, value)
		fields = []string{fieldLoai, fieldLoaiTat}
	case fieldNgay:
		iso, ok := parseDay(value)
		if !ok {
			return false
		}
		d.Ngay = iso
	case fieldDoKhan:
		u := Urgency(value)
		if graverUrgency("", u) != u {
			return false
		}
		d.DoKhan = u
	case fieldDoMat:
		s := Secrecy(value)
		if graverSecrecy("", s) != s {
			return false
		}
		d.DoMat = s
	default:
		if !d.correctPlain(field, value) {
			return false
		}
	}
	for _, f := range fields {
		d.Sources[f] = Source{From: FromClerk, Evidence: value, Confidence: 1}
	}
	return true
}

func (d *Document) correctPlain(field, value string) bool {
	texts := map[string]*string{fieldDiaDanh: &d.DiaDanh, fieldCoQuan: &d.CoQuan, fieldCoQuanTren: &d.CoQuanTren, fieldTrichYeu: &d.TrichYeu,
		fieldNguoiKy: &d.NguoiKy, fieldChucVu: &d.ChucVu}
	lists := map[string]*[]string{fieldQuyenHan: &d.QuyenHanKy, fieldKinhGui: &d.KinhGui, fieldNoiNhan: &d.NoiNhan, fieldTraLoi: &d.TraLoi}
	if text := texts[field]; text != nil {
		*text = value
		return true
	}
	list := lists[field]
	if list == nil {
		return false
	}
	*list = []string{}
	for item := range strings.SplitSeq(value, ";") {
		if item = strings.TrimSpace(item); item != "" {
			*list = append(*list, item)
		}
	}
	return true
}

// correctType takes a name or an abbreviation; a type that the table does not know is kept as the clerk wrote it.
func (d *Document) correctType(field, value string) {
	t, ok := TypeByName(value)
	if !ok {
		t, ok = TypeByAbbreviation(value)
	}
	switch {
	case ok && value != "":
		d.Loai, d.LoaiTat = t.Name, t.Abbreviation
	case field == fieldLoai:
		d.Loai, d.LoaiTat = value, ""
	default:
		d.Loai, d.LoaiTat = "", value
	}
}

func joinNumber(so, ky string) string {
	if so == "" || ky == "" {
		return so
	}
	first, _, slash := strings.Cut(ky, "/")
	if _, known := types.byAbbr[first]; slash && known {
		return so + "-" + ky // 06-CTr/TU
	}
	return so + "/" + ky
}

// parseDay takes yyyy-mm-dd, dd/mm/yyyy or nothing.
func parseDay(value string) (string, bool) {
	if value == "" {
		return "", true
	}
	if len(value) == 10 && value[4] == '-' && value[7] == '-' {
		value = value[8:] + "/" + value[5:7] + "/" + value[:4]
	}
	p := newPhrase(value)
	iso, end, ok := dateAt(p, 0)
	return iso, ok && end == p.len()
}
