package vanban

import (
	"strings"
	"unicode"
)

// lostHyphen are organs before which readers of PDF text lose the hyphen of QĐ-UBND.
var lostHyphen = [...]string{"UBND", "UB", "HĐND", "TTg", "CTUBND"}

// notation reads a ký hiệu (QĐ-UBND, 2018/QĐ-TTg, TTLT-BNV-BTC-BLĐTB&XH, TTr3-Đ1) at i in its normal form: no blanks, plain hyphens. Blanks
// around a separator are taken only when what follows looks like a notation and not like the next words.
func notation(p phrase, i int, labelled bool) (string, int, bool) {
	var b strings.Builder
	start := p.skip(i, " \n")
	spaced := start > i
	end, segments, lettered := i, 0, false
	for {
		stop := segmentEnd(p, start)
		segment := p.slice(start, stop)
		year := segments == 0 && isYear(segment)
		if segment.len() == 0 || !year && !acceptable(segment, spaced, lettered || labelled) {
			break
		}
		if !year && !lettered {
			writeFirst(&b, string(segment.r))
		} else {
			b.WriteString(properCase(string(segment.r)))
		}
		segments++
		upper, lower := segment.letters()
		lettered = lettered || upper+lower > 0
		end = stop
		separator, next, blanks, ok := nextSegment(p, stop)
		if !ok || blanks && !standsAlone(p, stop, next) {
			break
		}
		b.WriteByte(separator)
		start, spaced = next, blanks
	}
	return strings.TrimRight(b.String(), "-/&"), end, lettered && segments > 0
}

// segmentEnd gives the end of a run of letters, digits, & and inner dots.
func segmentEnd(p phrase, i int) int {
	for {
		c := p.at(i)
		inner := (c == '&' || c == '.') && wordByte(p.at(i-1)) && wordByte(p.at(i+1))
		if !wordByte(c) && !inner {
			return i
		}
		if i > 0 && letterByte(c) && letterByte(p.at(i-1)) && gluedWord(p, i) {
			return i
		}
		i++
	}
}

// gluedWord says whether a word of prose begins at i although no blank is before it ("SMEngày 15").
func gluedWord(p phrase, i int) bool {
	return isUpper(p.r[i-1]) && !isUpper(p.r[i]) && p.from(i).hasWord("ngay")
}

func isYear(p phrase) bool {
	return p.len() == 4 && (p.f[0] == '1' && p.f[1] == '9' || p.f[0] == '2' && p.f[1] == '0') && digitByte(p.f[2]) && digitByte(p.f[3])
}

// acceptable says whether a segment may be part of a notation. Set apart by blanks, or with nothing before it that vouches for a number, it
// must look like an abbreviation: capitals with at most two small letters (TTr, TTg, HQĐNa).
func acceptable(segment phrase, spaced, vouched bool) bool {
	upper, lower := segment.letters()
	abbreviation := upper > 0 && lower <= 2 && (lower == 0 || upper >= 2)
	if segment.hasWord("ngay") {
		return false // the head of the gazette: "CÔNG BÁO/Số 302/Ngày 02-06-2026"
	}
	switch {
	case spaced:
		return abbreviation
	case vouched:
		return upper+lower > 0 || segment.len() <= 4
	}
	if _, known := types.byFold[string(segment.f)]; known && upper+lower >= 2 {
		return true // qd-ubnd
	}
	return abbreviation && upper >= 2
}

// nextSegment finds the separator after a segment and the start of what follows, and says whether blanks are around it.
func nextSegment(p phrase, i int) (separator byte, next int, blanks, ok bool) {
	j := p.skip(i, " ")
	separator = p.at(j)
	switch separator {
	case '-', '/', '&':
	case '.':
		if j == i || !wordByte(p.at(j+1)) {
			return 0, 0, false, false
		}
		separator = '-' // NQ .HĐND
	default:
		return 0, 0, false, false
	}
	next = p.skip(j+1, " ")
	if p.at(next) == '\n' && separator != '/' {
		next = p.skip(next, " \n") // the notation is wrapped to the next line
	}
	return separator, next, j > i || next > j+1, wordByte(p.at(next))
}

// standsAlone says whether the word after a separator with blanks on both sides is not the beginning of a phrase ("12/BC-UBND - HÀ NỘI").
func standsAlone(p phrase, stop, next int) bool {
	if p.at(stop) != ' ' || !blankByte(p.at(next-1)) {
		return true
	}
	end := segmentEnd(p, next)
	after := p.skip(end, " ")
	return after == end && p.at(after) != ':' || !wordByte(p.at(after)) && p.at(after) != '"'
}

// writeFirst writes the segment that names the type, mending a dot or nothing in place of the hyphen (TTr.UB, QĐUBND).
func writeFirst(b *strings.Builder, segment string) {
	if abbr, organ, dotted := strings.Cut(segment, "."); dotted {
		if _, known := types.byAbbr[abbr]; known {
			b.WriteString(abbr + "-" + properCase(organ))
			return
		}
	}
	for _, organ := range lostHyphen {
		abbr, found := strings.CutSuffix(segment, organ)
		if t, known := types.byAbbr[abbr]; found && known && t.Kind != Own && abbr != "CT" && abbr != "L" {
			b.WriteString(abbr + "-" + organ)
			return
		}
	}
	b.WriteString(properCase(segment))
}

// cyrillic are the capitals that get into notations from keyboards and fonts of other scripts; nobody can see the difference.
var cyrillic = strings.NewReplacer("А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "Х", "X", "У", "Y")

// properCase mends the one abbreviation that is printed in wrong case again and again, and letters of the wrong script.
func properCase(segment string) string {
	if segment == "TTG" {
		return "TTg"
	}
	return cyrillic.Replace(segment)
}

// notationType gives the type that a ký hiệu names by its first part.
func notationType(ky string) (Type, bool) {
	parts := strings.FieldsFunc(ky, func(r rune) bool { return r == '-' || r == '/' })
	dated := len(parts) > 0 && isYear(newPhrase(parts[0]))
	if dated {
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return Type{}, false
	}
	if dated && strings.HasPrefix(parts[0], "QH") && strings.IndexFunc(parts[0][2:], func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		return Type{}, false // laws and resolutions of the National Assembly do not say which
	}
	t, ok := types.byAbbr[parts[0]]
	if !ok {
		if t, ok = TypeByAbbreviation(parts[0]); ok && t.Kind == Letter {
			return t, true
		}
	}
	// Without a year TT may be a tờ trình as well as an old thông tư; a lone type says nothing of an organ.
	if !ok || len(parts) < 2 || t.Abbreviation == "TT" && !dated {
		return Type{}, false
	}
	return t, true
}

// letterNotation says whether a ký hiệu is that of a công văn: organ and unit, no type.
func letterNotation(ky string) bool {
	first, _, _ := strings.Cut(strings.ReplaceAll(ky, "/", "-"), "-")
	_, known := TypeByAbbreviation(first)
	return first != "" && !known && !isYear(newPhrase(first))
}
