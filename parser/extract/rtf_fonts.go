package extract

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/giaolien/giaolien/parser/charset"
)

// rtfFont is what a font says about the bytes written in it.
type rtfFont struct {
	label    string // charset label; empty: that of the file
	capitals bool   // its small letters look like capitals
	name     string
}

// symbols is the label of fonts whose bytes are pictures (Symbol, Wingdings).
const symbols = "symbols"

// maxFontName bounds what is kept of a font's name; only its beginning and its end tell something.
const maxFontName = 64

// fontCharsets are the labels of \fcharset (Windows' charset numbers). 0 and 1 are that of the file.
var fontCharsets = map[int]string{
	2: symbols, 77: "macintosh", 128: "shift_jis", 129: "euc-kr", 134: "gbk", 136: "big5", 161: "windows-1253", 162: "windows-1254",
	163: "windows-1258", 177: "windows-1255", 178: "windows-1256", 179: "windows-1256", 180: "windows-1256", 181: "windows-1255",
	186: "windows-1257", 204: "windows-1251", 222: "windows-874", 238: "windows-1250", 254: "ibm437", 255: "ibm850",
}

// codePages are the labels of Windows code pages that are not named windows-N.
var codePages = map[int]string{
	437: "ibm437", 850: "ibm850", 852: "ibm852", 866: "ibm866", 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5",
	10000: "macintosh", 20866: "koi8-r", 28591: "iso-8859-1", 54936: "gb18030", 65000: "utf-7", 65001: "utf-8",
}

// pageLabel is the label of a Windows code page, empty when it is not known.
func pageLabel(n int) string {
	if l := codePages[n]; l != "" {
		return l
	}
	if n == 874 || n >= 1250 && n <= 1258 {
		return "windows-" + strconv.Itoa(n)
	}
	return ""
}

func (d *rtf) codePage(w string, n int) {
	label := map[string]string{"mac": "macintosh", "pc": "ibm437", "pca": "ibm850"}[w]
	if w == "ansicpg" {
		label = pageLabel(n)
	}
	if label != "" {
		d.flush()
		d.page = label
	}
}

func (d *rtf) fontCharset(w string, n int) {
	switch {
	case w == "fcharset" && d.entry.label == "":
		d.entry.label = fontCharsets[n]
	case w == "cpg" && pageLabel(n) != "":
		d.entry.label = pageLabel(n)
	}
}

// addFont ends an entry of the font table.
func (d *rtf) addFont() {
	if d.entry != (rtfFont{}) && len(d.fonts) < maxFonts {
		if label, capitals := fontEncoding(d.entry.name); label != "" {
			d.entry.label, d.entry.capitals = label, capitals
		}
		d.fonts[d.index] = rtfFont{label: d.entry.label, capitals: d.entry.capitals}
		d.face = -1
	}
	d.entry = rtfFont{}
}

// font is the font of the text that is read, with the charset of the file where it has none of its own.
func (d *rtf) font() rtfFont {
	if d.st.dest == htmlTag { // markup is in the charset of the file
		return rtfFont{label: d.page}
	}
	if d.face != d.st.font {
		d.shown, d.face = d.fonts[d.st.font], d.st.font
	}
	f := d.shown
	if f.label == "" {
		f.label = d.page
	}
	return f
}

// char takes one byte of text, in the code page of its font.
func (d *rtf) char(c byte) {
	if d.spend() {
		return
	}
	if d.st.dest == fontTable {
		switch {
		case c == ';':
			d.addFont()
		case len(d.entry.name) < maxFontName:
			d.entry.name += string(rune(c))
		}
		return
	}
	if !d.visible() {
		return
	}
	f := d.font()
	d.begins(f, c == ' ')
	if f.old() {
		d.run = utf8.AppendRune(d.run, charmap.Windows1252.DecodeByte(c))
		return
	}
	d.run = append(d.run, c)
}

// old says that the font has an encoding of its own.
func (f rtfFont) old() bool { return f.label == "tcvn3" || f.label == "vni" }

// begins keeps text of one font together: letters of several bytes, or a letter and the byte of its mark, are read as one.
func (d *rtf) begins(f rtfFont, blank bool) {
	if len(d.run) > 0 && (f != d.runFont || d.st.place != d.runPlace) || len(d.run) >= maxRun && (blank || len(d.run) >= 4*maxRun) {
		d.flush()
	}
	d.runFont, d.runPlace = f, d.st.place
}

// letter takes a character in Unicode. Word also writes so the bytes of the old encodings, as what they are in windows-1252.
func (d *rtf) letter(r rune) {
	if !d.visible() {
		return
	}
	f := d.font()
	switch {
	case f.label == symbols && r&^0xFF == 0xF000:
		d.begins(f, false)
		d.run = append(d.run, byte(r))
	case f.old():
		d.begins(f, false)
		d.run = utf8.AppendRune(d.run, r)
	default:
		d.flush()
		d.write(d.st.place, string(r))
	}
}

// flush decodes what was gathered.
func (d *rtf) flush() {
	if len(d.run) == 0 {
		return
	}
	var s string
	switch f := d.runFont; {
	case f.label == symbols:
		s = pictures(d.run)
	case f.old():
		s = decodeOld(f.label, f.capitals, string(d.run))
	default:
		s, _ = charset.Decode(f.label, d.run) // what cannot be decoded shows as U+FFFD
	}
	d.write(d.runPlace, s)
	d.run = d.run[:0]
}

// pictures gives the bullets of a symbol font; what the others show is no text.
func pictures(p []byte) string {
	var b strings.Builder
	for _, c := range p {
		switch {
		case c == 0xB7 || c == 0xA7 || c == 0xD8 || c == 0xFC: // bullets of Symbol and Wingdings
			b.WriteString("•")
		case c < 0x40:
			b.WriteByte(c)
		}
	}
	return b.String()
}
