package policy

import (
	"testing"

	"pgregory.net/rapid"
)

// TestFoldSubject: the short way of folding a subject gives what the long way gives.
func TestFoldSubject(t *testing.T) {
	same := func(s string) bool {
		short, long := foldSubject(s), foldPhrase(s)
		return short.exact == long.exact && short.marked == long.marked && (short.marked || short.bare == long.bare)
	}
	for _, s := range []string{"", " ", "V/v: MỜI  HỌP, tuần 3", "ĐỀ NGHỊ góp ý “dự thảo” – lần 2…", "Hoà giải, hòa giải", "İstanbul ª ß ¼ ½ × ÷ ǅ ĳ", "\xff\xfe", "á́́", "ệệệệệệệệệệệệệ",
		"e\u0302\u0323", "한국", "\u0301", "x\u2003y\u2060z", "Ⅳ ⅷ", "ắằẳẵặ ẮẰẲẴẶ ưừứửữự ƯỪỨỬỮỰ", "ơ\u031b"} {
		if !same(s) {
			t.Errorf("%q: %+v, the long way %+v", s, foldSubject(s), foldPhrase(s))
		}
	}
	for r := rune(0); r < 0x3000; r++ {
		if s := "a" + string(r) + "b " + string(r); !same(s) {
			t.Fatalf("%U: %+v, the long way %+v", r, foldSubject(s), foldPhrase(s))
		}
	}
	letters := rapid.SampledFrom([]rune("aAeêỆ đĐ,.-–“họpẢ\u0301\u0323\u0302ư9İ한"))
	rapid.Check(t, func(t *rapid.T) {
		if s := rapid.StringOf(rapid.OneOf(letters, rapid.Rune())).Draw(t, "subject"); !same(s) {
			t.Fatalf("%q: %+v, the long way %+v", s, foldSubject(s), foldPhrase(s))
		}
	})
}
