package pdfsign

import (
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
)

const maxClaim = 500 // runes of what a signature says of itself

// words reads a text string (ISO 32000-2, 7.9.2.2): UTF-16 or UTF-8 with its mark, or else PDFDocEncoding. Many programs write UTF-8
// without the mark.
func words(s string, maxRunes int) string {
	switch {
	case strings.HasPrefix(s, "\xFE\xFF"):
		s = utf16Text(s[2:], binary.BigEndian)
	case strings.HasPrefix(s, "\xFF\xFE"):
		s = utf16Text(s[2:], binary.LittleEndian)
	case utf8.ValidString(s):
		s = strings.TrimPrefix(s, "\uFEFF")
	default:
		var b strings.Builder
		for i := range len(s) {
			b.WriteRune(docEncoding(s[i]))
		}
		s = b.String()
	}
	return charset.Clean(s, maxRunes)
}

func utf16Text(s string, order binary.ByteOrder) string {
	units := make([]uint16, 0, len(s)/2)
	for b := []byte(s); len(b) > 1; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// docHigh are the characters of PDFDocEncoding from 0x80 (annex D.3), where it is not Latin-1.
var docHigh = []rune("•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\uFFFD€")

func docEncoding(c byte) rune {
	if i := int(c) - 0x80; i >= 0 && i < len(docHigh) {
		return docHigh[i]
	}
	return rune(c)
}

// pdfTime reads a date (7.9.4): D:YYYYMMDDHHmmSS and the distance to UTC, of which everything behind the year may be missing. Without a
// distance the time is that of Vietnam, where the clocks are that wrote it; such a claim proves nothing anyway.
func pdfTime(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	n := 0
	for n < len(s) && n < 14 && isDigit(int(s[n])) {
		n++
	}
	if n < 4 || n%2 != 0 {
		return time.Time{}
	}
	zone := zoneOf(strings.ReplaceAll(s[n:], "'", ""))
	t, err := time.ParseInLocation("20060102150405", s[:n]+"00000101000000"[n:], zone)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func zoneOf(s string) *time.Location {
	switch {
	case strings.HasPrefix(s, "Z"):
		return time.UTC
	case len(s) >= 3 && (s[0] == '+' || s[0] == '-'):
		if len(s) < 5 {
			s = s[:3] + "00"
		}
		if t, err := time.Parse("-0700", s[:5]); err == nil {
			_, seconds := t.Zone()
			return time.FixedZone("", seconds)
		}
	}
	return time.FixedZone("", 7*60*60)
}

// claims takes what the dictionary says of itself.
func (d *document) claims(s *Signature, v *value) {
	get := func(key string) *value { return d.now.value(v.get(key)) }
	if f := get("SubFilter"); f.kind == name {
		s.SubFilter = charset.Clean(f.s, maxClaim)
	}
	s.Stamp = get("Type").isName("DocTimeStamp") || s.SubFilter == DocumentTime
	s.Permits = d.permits(v)
	if d.rep.Encrypted {
		return // strings are encrypted, but for Contents
	}
	for key, to := range map[string]*string{"Name": &s.ClaimedName, "Reason": &s.Reason, "Location": &s.Location} {
		if t := get(key); t.text() {
			*to = words(t.s, maxClaim)
		}
	}
	if t := get("M"); t.text() {
		s.DictionaryTime = pdfTime(t.s)
	}
}

// permits gives what the author allows to be changed (12.8.2.2); 2 when he does not say it.
func (d *document) permits(v *value) int {
	list := d.now.value(v.get("Reference"))
	for i := range list.list {
		r := d.now.value(&list.list[i])
		if !d.now.value(r.get("TransformMethod")).isName("DocMDP") {
			continue
		}
		if p := d.now.value(d.now.value(r.get("TransformParams")).get("P")); p.kind == integer && p.n >= 1 && p.n <= 3 {
			return int(p.n)
		}
		return 2
	}
	return 0
}
