package extract

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func rtfText(t *testing.T, s string) string {
	t.Helper()
	got, err := RTF(strings.NewReader(s), 10_000)
	if err != nil {
		t.Errorf("RTF(%.60q): %v", s, err)
	}
	return norm.NFC.String(got)
}

func TestRTF(t *testing.T) {
	const fonts = `{\fonttbl{\f0\froman\fcharset0 Times New Roman;}{\f1\fcharset163{\*\panose 020b}Arial{\*\falt Arial CE};}{\f2\fcharset2 Symbol;}}`
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", `{\rtf1\ansi Một\par Hai\line Ba\tab b}`, "Một\nHai\nBa\tb"},
		{"line ends are no text", "{\\rtf1 a\r\nb\\\r\nc}", "ab\nc"},
		{"a space ends a word", `{\rtf1 a\b  b\b0c}`, "a bc"},
		{"signs", `{\rtf1 \ldblquote a\rdblquote\emdash\~b\_c\-d\{\}\\}`, "“a”— b-cd{}\\"},
		{"unicode with fallback", `{\rtf1\uc1 S\u7903?N\u7897\'f4i}`, "SởNội"},
		{"fallback of two", `{\rtf1\uc2 S\u7903?? N\u7897\'f4\'f2i}`, "Sở Nội"},
		{"no fallback", `{\rtf1{\uc0 S\u7903 N}\u7897 ?i}`, "SởNội"},
		{"a group ends the fallback", `{\rtf1\uc9{\u7903 }abc}`, "ởabc"},
		{"negative unit", `{\rtf1 \u-4051?}`, "\uF02D"},
		{"surrogates", `{\rtf1 \u-10179?\u-8704?}`, "😀"},
		{"code page of the file", `{\rtf1\ansi\ansicpg1258 S\'f5\'d2 N\'f4\'f2i vu\'f2}`, "Sở Nội vụ"},
		{"code page 1252", `{\rtf1\ansi\ansicpg1252 caf\'e9}`, "café"},
		{"utf-8", `{\rtf1\ansi\ansicpg65001 S\'e1\'bb\'9f Sở}`, "Sở Sở"},
		{"charset of a font", `{\rtf1\ansi\ansicpg1252\deff0` + fonts + `\'fd {\f1 \'fd\'f0}\'fd}`, "ý ưđý"},
		{"plain goes back", `{\rtf1\ansi\ansicpg1252\deff0` + fonts + `\f1 \'fd\plain \'fd}`, "ưý"},
		{"symbols", `{\rtf1` + fonts + `{\f2\'b7 }{\f2 a}m{\f2\u-3913 ?}}`, "• m•"},
		{"hidden", `{\rtf1 a{\v b}\v c\v0 d\deleted e\deleted0 f}`, "adf"},
		{"tables", `{\rtf1 x\par\trowd UBND\par S\u7888?:\cell Q\cell\row\cell b\cell\cell\row z}`, "x\nUBND\nSỐ:\tQ\n\tb\nz"},
		{"skipped", `{\rtf1{\info{\title t}{\author a}}{\stylesheet{\s1 Normal;}}{\colortbl;\red0;}{\*\nothing x{y}}{\pict\wmetafile8 0100}{\*\themedata 504b}a}`, "a"},
		{"bin", "{\\rtf1{\\pict\\bin6 }}{{\\x}b\\bin2 }}c}", "bc"},
		{"field", `{\rtf1 {\field{\*\fldinst HYPERLINK "x"}{\fldrslt Xem}}}`, "Xem"},
		{"upr", `{\rtf1 {\upr{Ky ten}{\*\ud{K\u253?}}}.}`, "Ký."},
		{"text box once", `{\rtf1 a{\shp{\*\shpinst{\sp{\sn f}{\sv 1}}{\shptxt M\u7852?T\par}}{\shprslt{\*\do{\dptxbxtext MAT\par}}}}b}`, "a\nMẬT\nb"},
		{"old drawing", `{\rtf1 {\*\do\dobxpage{\dptxbxtext KH\u7848?N}}b}`, "KHẨN\nb"},
		{"header, footer, footnote", `{\rtf1{\header\pard M\u7851?u\par}{\footer Trang}a{\super 1}{\footnote ghi}b\par c}`, "Mẫu\na1b\nc\nTrang\nghi"},
		{"footnote as LibreOffice writes it", `{\rtf1 a{\*\footnote\pard ghi}b}`, "ab\nghi"},
		{"nested rows", `{\rtf1 a\nestcell b\nestcell{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}c\cell\row}`, "a\tb\tc"},
		{"after the end", `{\rtf1 a}b`, "a"},
		{"byte order mark", "\xEF\xBB\xBF\r\n{\\rtf1 a}", "a"},
		{"old font table", `{\rtf1\ansi{\fonttbl\f0\froman Tms;\f1\fcharset163 Arial;}\f1\'fd}`, "ư"},
		{"a font without end", `{\rtf1\ansi{\fonttbl{\f1\fcharset163 Arial}}\f1\'fd}`, "ư"},
	} {
		if got := rtfText(t, c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestRTFOldFonts reads runs whose encoding is in the name of their font only.
func TestRTFOldFonts(t *testing.T) {
	const head = `{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times New Roman;}{\f1\fnil\fcharset0 .VnTime;}{\f2 .VnTimeH;}{\f3\fcharset2 VNI-Times;}}`
	for _, c := range []struct{ in, want string }{
		{`{\f1 C\'e9ng h\'dfa}`, "Cộng hòa"},
		{`{\f2 C\'e9ng h\'dfa}`, "CỘNG HÒA"},
		{`{\f1 C\u233\'e9ng} caf\'e9`, "Cộng café"},
		{`{\f3 Co\'e4ng ho\'f8a}`, "Cộng hòa"},
		{`{\f3 Vie\'e4t Nam}{\f0  \'e4}`, "Việt Nam ä"},
	} {
		if got := rtfText(t, head+c.in+"}"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.in, got, c.want)
		}
	}
}

// wrappedHTML is written as Outlook writes it (MS-OXRTFEX).
const wrappedHTML = `{\rtf1\ansi\ansicpg1258\fromhtml1 \deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fswiss\fcharset163 Arial;}}
{\colortbl;}
{\*\htmltag19 <html>}{\*\htmltag2 \par }{\*\htmltag34 <head>}{\*\htmltag241 <style>p\{color:red\}</style>}{\*\htmltag41 </head>}
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 K\'ednh g\u7917?i{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 S\u7903? {\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 N\u7897?i v\u7909?\htmlrtf }\htmlrtf0{\*\htmltag92 </b>}
{\*\mhtmltag84 <img src="cid:x">}{\*\htmltag84 <br>}\htmlrtf\line\htmlrtf0 a{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 b\htmlrtf\par}\htmlrtf0
{\*\htmltag72 </p>}{\*\htmltag50 <p title="\'e2">}{\pntext 1.}\f1 \'f0\'fd{\*\htmltag27 </html>}}`

func TestRTFBody(t *testing.T) {
	got, html, err := RTFBody(strings.NewReader(wrappedHTML), 1000)
	if want := "Kính gửi Sở Nội vụ\na<b\nđư"; err != nil || !html || norm.NFC.String(got) != want {
		t.Errorf("got %q, %v, %v, want %q", got, html, err, want)
	}
	if got, html, err = RTFBody(strings.NewReader(wrappedHTML), 4); got != "Kính" && norm.NFC.String(got) != "Kính" || !html || err != nil {
		t.Errorf("cut: %q, %v, %v", got, html, err)
	}
	got, html, err = RTFBody(strings.NewReader(`{\rtf1\ansi\fromtext a\par b}`), 1000)
	if got != "a\nb" || html || err != nil {
		t.Errorf("text: %q, %v, %v", got, html, err)
	}
}

func TestRTFBroken(t *testing.T) {
	for _, c := range []struct {
		in, want string
		err      error
	}{
		{"no rtf", "", ErrNotDocument},
		{"", "", ErrNotDocument},
		{`{\rtf1 a{\b b`, "ab", io.ErrUnexpectedEOF},
		{`{\rtf1 a\`, "a", io.ErrUnexpectedEOF},
		{`{\rtf1 a\'4`, "a", io.ErrUnexpectedEOF},
		{`{\rtf1 a\bin2147483647 }}`, "a", io.ErrUnexpectedEOF},
		{`{\rtf1 a\bin4294967296 b}`, "a", io.ErrUnexpectedEOF}, // 0 in 32 bits
		{`{\rtf1 a\bin42949672960 b}`, "a", io.ErrUnexpectedEOF},
		{`{\rtf1 a\bin-42949672951 b}`, "ab", nil},
		{`{\rtf1 a\'zzb\u99999999999999 c\u-99999999999 d}`, "azzb", nil},
		{`{\rtf1 a` + strings.Repeat("{", maxGroups), "a", ErrDepth},
		{`{\rtf1 a\ansicpg77\f-5\f99999999 \uc-3 b}`, "ab", nil},
		{`{\rtf1 {\fonttbl{\fonttbl\f1 x{\*\falt}}{\upr{\ud}}b}a}`, "a", nil},
	} {
		got, err := RTF(strings.NewReader(c.in), 1000)
		if !errors.Is(err, c.err) || c.err == nil && err != nil || !strings.HasPrefix(got, c.want) {
			t.Errorf("RTF(%.40q) = %.40q, %v, want %q, %v", c.in, got, err, c.want, c.err)
		}
	}
}

// endless gives a text again and again.
type endless struct {
	s  string
	at int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], e.s[e.at:])
		n, e.at = n+k, (e.at+k)%len(e.s)
	}
	return n, nil
}

// TestRTFBounded reads files without end up to the limit of the text.
func TestRTFBounded(t *testing.T) {
	for _, s := range []string{"a", `\'e1`, `\u7903?`, `\par `, `{\*\htmltag <b>}`, `\cell\row a`, `{\footnote a}b`, `\tab`} {
		for _, head := range []string{`{\rtf1 `, `{\rtf1\fromhtml1 `} {
			text, err := RTF(io.LimitReader(io.MultiReader(strings.NewReader(head), &endless{s: strings.Repeat(s, 5000)}), 256<<10), 500)
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || utf8.RuneCountInString(text) > 500 {
				t.Errorf("%s: %d runes, %v", s, utf8.RuneCountInString(text), err)
			}
		}
	}
	var table strings.Builder
	for i := range 3 * maxFonts {
		fmt.Fprintf(&table, `{\f%d\fcharset163 %s;}`, i, strings.Repeat("x", 50))
	}
	d := rtfText(t, `{\rtf1{\fonttbl`+table.String()+`}\f7 \'fd}`)
	if d != "ư" {
		t.Errorf("many fonts: %q", d)
	}
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(wrappedHTML), 100)
	f.Add([]byte(`{\rtf1\ansi\ansicpg1258{\fonttbl{\f1\fcharset163 .VnTimeH;}}\f1 \'fd\u7903?{\*\x}{\upr{a}{\*\ud b}}\bin3 abc\row}`), 9)
	f.Add([]byte(`{\rtf1{\shp{\*\shpinst{\shptxt a\cell\row}}}{\footnote b}\'`), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n &= 0xFFF
		s, _ := RTF(strings.NewReader(string(b)), n)
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > n {
			t.Fatalf("%d runes of %d: %q", utf8.RuneCountInString(s), n, s)
		}
	})
}
