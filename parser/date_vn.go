package parser

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/charset"
)

// weekdays keeps "thứ" apart from the English Thursday, which also has a number behind it.
var weekdays = strings.NewReplacer("thứ", " weekday ", "Thứ", " weekday ", "THỨ", " weekday ")

// foldDate takes encoded words and marks off the letters of a date: "Thứ Hai, 22 Tháng Tư" becomes "weekday Hai, 22 Thang Tu". ASCII stays.
func foldDate(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] < 0x80
	}
	if ascii && !strings.Contains(s, "=?") {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(weekdays.Replace(charset.Clean(decodeWords(s), 200))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// vietnamese reads the words of Vietnamese dates, marks taken off: "weekday hai" and "weekday 2" are days of the week, "thang tu" and "thang 4" months,
// "nam 2019" years, "ngay" and "chu nhat" say nothing. "Năm" is a year after a month and the fifth month after "tháng".
func (f *dateFields) vietnamese(w string) bool {
	l := strings.ToLower(w)
	after := f.after
	f.after = ""
	switch after {
	case "weekday":
		if n := vietnameseNumber(l); n >= 2 && n <= 7 || l == "tu" {
			return true
		}
	case "thang":
		if n := vietnameseNumber(l); n >= 1 && n <= 12 {
			if f.month = n; n == 10 && !isDigit(l[0]) {
				f.after = "muoi"
			}
			return true
		}
	case "muoi": // the eleventh and twelfth month have two words
		if l == "mot" || l == "hai" {
			f.month += vietnameseNumber(l)
			return true
		}
	}
	switch l {
	case "weekday", "th":
		f.after = "weekday"
	case "thang", "thg":
		f.after = "thang"
	case "ngay", "nam", "chu", "nhat", "luc", "vao":
	default:
		if rest, ok := cutMonthWord(l); ok {
			f.month = vietnameseNumber(rest)
			return true
		}
		return false
	}
	return true
}

// cutMonthWord reads "thg4" and "thang4".
func cutMonthWord(l string) (string, bool) {
	for _, word := range [2]string{"thang", "thg"} {
		if rest, ok := strings.CutPrefix(l, word); ok && rest != "" && isDigit(rest[0]) && vietnameseNumber(rest) > 0 {
			return rest, true
		}
	}
	return "", false
}

// vietnameseNumber reads a number from 1 to 12 in figures or words; 0 for anything else. Months also have names of their own.
func vietnameseNumber(w string) int {
	switch w {
	case "mot", "gieng":
		return 1
	case "hai":
		return 2
	case "ba":
		return 3
	case "tu", "bon":
		return 4
	case "nam":
		return 5
	case "sau":
		return 6
	case "bay":
		return 7
	case "tam":
		return 8
	case "chin":
		return 9
	case "muoi":
		return 10
	case "chap":
		return 12
	}
	n := 0
	for i := 0; i < len(w); i++ {
		if !isDigit(w[i]) || i > 1 {
			return 0
		}
		n = n*10 + int(w[i]-'0')
	}
	if n > 12 {
		return 0
	}
	return n
}

// half reads which half of the day an hour of twelve is in: AM and PM, "SA" (sáng) and "CH" (chiều).
func (f *dateFields) half(l string) bool {
	switch l {
	case "am", "sa", "sang":
		if f.hour == 12 {
			f.hour = 0
		}
	case "pm", "ch", "chieu", "toi":
		if f.hour < 12 {
			f.hour += 12
		}
	default:
		return false
	}
	return true
}

// slashed reads 22/04/2019 and 2019/04/22. Days come before months, as everywhere but in the United States; a second number over 12 shows
// that it was written there.
func (f *dateFields) slashed(p []string) {
	if len(p[0]) == 4 {
		p[0], p[2] = p[2], p[0]
	}
	day, month := twoFigures(p[0]), twoFigures(p[1])
	if month > 12 && day <= 12 {
		day, month = month, day
	}
	if f.day >= 0 || f.month >= 0 || day == 0 || month == 0 {
		f.bad = true
		return
	}
	f.day, f.month = day, month
	f.number(p[2])
}

// twoFigures reads one or two figures, 0 for anything else.
func twoFigures(s string) int {
	if len(s) == 0 || len(s) > 2 || !isDigit(s[0]) || !isDigit(s[len(s)-1]) {
		return 0
	}
	n := int(s[0] - '0')
	if len(s) == 2 {
		n = n*10 + int(s[1]-'0')
	}
	return n
}
