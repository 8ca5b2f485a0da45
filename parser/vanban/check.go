package vanban

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrCorrection is what every error of Check wraps: the value is not one that the field can have, and the message says what form is wanted.
var ErrCorrection = errors.New("not a valid correction")

// maxCorrection bounds a corrected text, in runes: a trích yếu has at most a few lines.
const maxCorrection = 1000

// correctable are the fields that Check knows, for its message.
var correctable = []string{fieldSoHieu, fieldLoai, fieldLoaiTat, fieldNgay, fieldDiaDanh, fieldCoQuan, fieldCoQuanTren, fieldTrichYeu, fieldNguoiKy, fieldChucVu,
	fieldDoKhan, fieldKinhGui, fieldNoiNhan, fieldTraLoi}

// Check says whether a clerk's correction of a field (by its JSON name) can be taken, and gives the form to store, which Correct takes. Dates
// become yyyy-mm-dd, a số ký hiệu loses its label and inner blanks, a type becomes the name or abbreviation of the table, an urgency its
// code; an empty urgency clears one that was read by mistake. The độ mật is no correction: it is lifted by its custodian.
func Check(field, value string) (normal string, err error) {
	value = printable(newPhrase(value))
	switch field {
	case fieldSoHieu:
		if normal, ok := checkNumber(value); ok {
			return normal, nil
		}
		return "", fmt.Errorf("%s: want number and notation such as 12/BC-UBND, 28/2018/QĐ-TTg or 06-CTr/TU: %w", field, ErrCorrection)
	case fieldNgay:
		if iso, ok := parseDay(value); ok && iso != "" {
			return iso, nil
		}
		return "", fmt.Errorf("%s: want a day that exists as yyyy-mm-dd or dd/mm/yyyy, such as 2019-04-05 or 05/04/2019: %w", field, ErrCorrection)
	case fieldDoKhan:
		if u, ok := checkUrgency(value); ok {
			return string(u), nil
		}
		return "", fmt.Errorf("%s: want %s, %s, %s or nothing: %w", field, Khan, ThuongKhan, HoaToc, ErrCorrection)
	case fieldLoai, fieldLoaiTat:
		return checkType(field, value)
	}
	switch n := utf8.RuneCountInString(value); {
	case !slices.Contains(correctable, field):
		return "", fmt.Errorf("%q is no field that can be corrected, want one of %s: %w", field, strings.Join(correctable, ", "), ErrCorrection)
	case !hasLetter(value):
		return "", fmt.Errorf("%s: want a text, not an empty one: %w", field, ErrCorrection)
	case n > maxCorrection:
		return "", fmt.Errorf("%s: want at most %d characters, got %d: %w", field, maxCorrection, n, ErrCorrection)
	}
	return value, nil
}

// printable gives a value in NFC on one line, without blanks around it and without control characters.
func printable(p phrase) string {
	// Some signs are whole in one rune and yet not in NFC (U+1F7B, U+212B).
	return strings.Join(strings.FieldsFunc(norm.NFC.String(p.String()), func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// checkNumber reads a value that is one số ký hiệu and nothing else.
func checkNumber(value string) (string, bool) {
	p := newPhrase(value)
	at := 0
	if after, ok := label(p, 0); ok {
		at = after
	}
	n, ok := numberAt(p, at, true)
	return n.printed, ok && n.so != "" && n.to == p.len() && len(n.also) == 0
}

// checkUrgency takes a code, the words of the stamp in any spelling, or nothing.
func checkUrgency(value string) (Urgency, bool) {
	if value == "" {
		return "", true
	}
	if u := Urgency(strings.ToLower(value)); slices.Contains([]Urgency{Khan, ThuongKhan, HoaToc}, u) {
		return u, true
	}
	m := stamp(newPhrase(value))
	return m.urgency, m.urgency != "" && m.secrecy == ""
}

// checkType takes a type of the table by its name or abbreviation.
func checkType(field, value string) (string, error) {
	t, ok := TypeByName(value)
	if !ok {
		t, ok = TypeByAbbreviation(value)
	}
	if !ok || value == "" {
		known := make([]string, 0, len(types.list))
		for _, t := range types.list {
			if t.Abbreviation != "" {
				known = append(known, t.Abbreviation)
			}
		}
		return "", fmt.Errorf("%s: no such type of document; want its full name (Công văn, Quyết định) or one of %s: %w", field, strings.Join(known, ", "), ErrCorrection)
	}
	if field == fieldLoaiTat && t.Abbreviation != "" {
		return t.Abbreviation, nil
	}
	return t.Name, nil
}
