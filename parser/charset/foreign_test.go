package charset

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Raw text follows the charset of its message also where that is of another language, unless its letters are Vietnamese.
func TestReadForeignHint(t *testing.T) {
	bytesOf := func(e encoding.Encoding, s string) []byte {
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		hint string
		e    encoding.Encoding
		s    string
	}{
		{"koi8-r", charmap.KOI8R, "Иван Петров"},
		{"koi8-r", charmap.KOI8R, "Приглашение на встречу"},
		{"windows-1251", charmap.Windows1251, "Отчёт за год"},
		{"gb18030", simplifiedchinese.GB18030, "关于召开会议的通知"},
		{"shift_jis", japanese.ShiftJIS, "会議のお知らせ"},
		{"euc-kr", korean.EUCKR, "회의 안내"},
		{"windows-1250", charmap.Windows1250, "Dvořák Příloha"},
		{"", japanese.ISO2022JP, "会議のお知らせ"},
	} {
		if r := Read("", bytesOf(c.e, c.s), c.hint); r.Text != c.s || r.AsLabelled {
			t.Errorf("%s: %+v", c.hint, r)
		}
	}
	const s = "C\xABng v\xA8n s\xE8 12"
	if r := Read("", []byte(s), "koi8-r"); r.Text != "Công văn số 12" {
		t.Errorf("TCVN3 beside KOI8-R: %+v", r)
	}
	if r := Read("", bytesOf(charmap.Windows1252, "Größe"), "utf-16"); r.Text != "Größe" {
		t.Errorf("beside UTF-16: %+v", r)
	}
	if r := Read("", bytesOf(unicode.UTF8, "Sở Nội vụ"), "koi8-r"); r.Text != "Sở Nội vụ" {
		t.Errorf("UTF-8 beside KOI8-R: %+v", r)
	}
}
