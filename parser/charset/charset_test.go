package charset

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		label, in, want string
		ok              bool
	}{
		{"utf-8", "S\u1edf N\u1ed9i v\u1ee5", "Sở Nội vụ", true},
		{"UTF8", "So\u031b\u0309", "Sở", true},
		{"", "Sở", "Sở", true},
		{"us-ascii", "Sở", "Sở", true},
		{"", "th\xf4ng b\xe1o v\xea\xcc", "thông báo về", false}, // windows-1258, unlabelled: the tone is a byte of its own
		{"windows-1258", "S\xf5\xd2 N\xf4\xf2i vu\xf2", "Sở Nội vụ", true},
		{"CP1258", "\xd0\xf5n", "Đơn", true},
		{"windows1258", "\xd0", "Đ", true},
		{"iso-8859-1", "caf\xe9", "café", true},
		{"iso-8859-1", "Sở Nội vụ", "Sở Nội vụ", false},
		{"x-no-such", "Sở", "Sở", false},
		{"utf-8", "S\xff\u1edf b\u1ed9", "S\uFFFDở bộ", false},
		{"utf-16le", "S\x00\xdf\x1e", "Sở", true},
		{"utf-16", "\xff\xfeS\x00\xdf\x1e", "Sở", true},
		{"utf-16", "\x00S\x00o\x1e\xdf", "Soở", true},
		{"utf-7", "S+Ht8- +- b", "Sở + b", true},
		{"gb2312", "\xc4\xe3", "你", true},
		{"iso-2022-jp", "\x1b$B$K\x1b(B", "に", true},
		{"utf-8*vi", "ở", "ở", true},
		{"replacement", "a\xf4", "aô", false},
	} {
		got, ok := Decode(c.label, []byte(c.in))
		if got != c.want || ok != c.ok {
			t.Errorf("Decode(%q, %q) = %q, %v, want %q, %v", c.label, c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in, want string
		n        int
	}{
		{"plain", "plain", 10},
		{" a\r\n b\t c ", "a  b  c", 50},
		{"a\x00b\x07\u0085c\u202ed\ufeff", "ab cd", 50},
		{"S\u01a1\u0309", "Sở", 50},
		{"a\xe2\x80 b", "a\uFFFD b", 50},
		{"\u1ecf\u1edf\u1edd\u1edb", "ỏở", 2},
		{"e\u0000\u0301", "é", 10}, // dropping the NUL makes a new pair: NFC comes after
		{"abcdef", "abc", 3},
	} {
		if got := Clean(c.in, c.n); got != c.want {
			t.Errorf("Clean(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
	if got := CleanText("a\r\nb\rc\n\td\x00", 50); got != "a\nb\nc\n\td" {
		t.Errorf("CleanText = %q", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, l := range []string{"utf-8", "", "windows-1258", "utf-7", "utf-16", "iso-2022-jp", "gb18030", "x-no-such"} {
		f.Add(l, []byte("S\xf5\xd2 +Ht8- Sở\x00\x1b$B"))
	}
	f.Fuzz(func(t *testing.T, label string, b []byte) {
		s, _ := Decode(label, b)
		if !utf8.ValidString(s) {
			t.Fatalf("%q: not UTF-8: %q", label, s)
		}
		for _, c := range []string{Clean(s, 100), Clean(string(b), 100), CleanText(string(b), 100)} {
			if !utf8.ValidString(c) || !norm.NFC.IsNormalString(c) || utf8.RuneCountInString(c) > 100 || strings.ContainsAny(c, "\x00\r\x7f\u202e") {
				t.Fatalf("not clean: %q", c)
			}
		}
	})
}
