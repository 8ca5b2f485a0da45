package extract

import (
	"unicode/utf16"
)

// destinations are the control words that say what the text of their group is. A word that is not here, after \*, has none.
var destinations = map[string]destination{
	"fonttbl": fontTable, "colortbl": noText, "stylesheet": noText, "filetbl": noText, "listtable": noText, "listoverridetable": noText,
	"revtbl": noText, "rsidtbl": noText, "info": noText, "template": noText, "themedata": noText, "colorschememapping": noText,
	"latentstyles": noText, "datastore": noText, "datafield": noText, "xmlnstbl": noText, "pict": noText, "nonshppict": noText,
	"objdata": noText, "objclass": noText, "objname": noText, "fldinst": noText, "bkmkstart": noText, "bkmkend": noText,
	"annotation": noText, "atnid": noText, "atnauthor": noText, "xe": noText, "tc": noText, "tcn": noText, "txe": noText, "rxe": noText,
	"pn": noText, "pntxta": noText, "pntxtb": noText, "sp": noText, "shprslt": noText, "nonesttables": noText, "nesttableprops": noText,
	"ftnsep": noText, "ftnsepc": noText, "ftncn": noText, "aftnsep": noText, "aftnsepc": noText, "aftncn": noText, "private": noText,
	"panose": noText, "falt": noText, "fname": noText, "fontemb": noText, "fontfile": noText, "mhtmltag": noText,
	"htmltag": htmlTag,
	// Drawn text stands in groups that old readers pass by; shprslt repeats it for them.
	"shpinst": bodyText, "shptxt": bodyText, "do": bodyText, "dptxbxtext": bodyText, "shpgrp": bodyText,
}

// notes are destinations that some programs mark as ones to pass by.
var notes = map[string]bool{"footnote": true, "header": true, "headerl": true, "headerr": true, "headerf": true, "footer": true, "footerl": true,
	"footerr": true, "footerf": true}

// signs are words that stand for a character.
var signs = map[string]string{
	"tab": "\t", "par": "\n", "line": "\n", "page": "\n", "sect": "\n", "column": "\n", "softline": "\n", "softpage": "\n",
	"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
	"emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "", "zwnj": "", "zwbo": "", "zwnbo": "", "ltrmark": "", "rtlmark": "",
}

// word obeys a control word; has says that it came with number n.
func (d *rtf) word(w string, n int, has bool) error {
	star := d.st.star
	d.st.star = false
	if w == "bin" { // bytes as they are; the number may lie
		d.spend()
		for ; n > 0; n -= min(n, 1<<20) {
			if _, err := d.br.Discard(min(n, 1<<20)); err != nil {
				return err
			}
		}
		return nil
	}
	if w == "ud" && d.st.ud {
		d.st.dest = bodyText
		return nil
	}
	if d.st.dest == noText {
		return nil
	}
	if w == "u" {
		d.unicode(n)
		return nil
	}
	if s, ok := signs[w]; ok {
		d.sign(s)
		return nil
	}
	if d.fallback > 0 {
		d.spend()
		return nil
	}
	if dest, ok := destinations[w]; ok || star && !notes[w] {
		if !ok {
			dest = noText
		}
		d.enter(dest)
		return nil
	}
	d.property(w, n, has)
	return nil
}

// enter makes the open group a destination. What leads nowhere stays so.
func (d *rtf) enter(dest destination) {
	if dest == htmlTag {
		if !d.html {
			dest = noText
		}
	}
	switch {
	case dest == bodyText && d.st.dest != bodyText:
		return
	case dest == bodyText:
		d.apart(d.st.place)
	case dest == fontTable:
		d.entry, d.index = rtfFont{}, d.deff
	}
	d.st.dest = dest
}

// property obeys words that change how what follows is read.
func (d *rtf) property(w string, n int, has bool) {
	on := !has || n != 0
	switch w {
	case "f":
		if d.st.dest == fontTable {
			d.addFont()
			d.index = n
		} else {
			d.st.font = n
		}
	case "fcharset", "cpg":
		if d.st.dest == fontTable {
			d.fontCharset(w, n)
		}
	case "deff":
		d.deff, d.st.font = n, n
	case "plain":
		d.st.font, d.st.hidden, d.st.deleted = d.deff, false, false
	case "uc":
		d.st.uc = max(0, min(n, 16))
	case "v":
		d.st.hidden = on
	case "deleted":
		d.st.deleted = on
	case "upr":
		d.st.upr = true
	case "ansicpg", "mac", "pc", "pca":
		d.codePage(w, n)
	case "fromhtml":
		if d.html = d.html || on; on {
			d.st.place = inHTML
		}
	case "htmlrtf":
		d.st.rtfOnly = on
	case "pntext", "listtext":
		if d.html { // MS-OXRTFEX, 2.1.3: the list is in the markup
			d.st.dest = noText
		}
	case "footnote", "footer", "footerl", "footerr", "footerf":
		d.apart(inTail)
	case "header", "headerl", "headerr", "headerf":
		d.apart(inBody)
	case "cell", "nestcell":
		d.sign("\t")
	case "row", "nestrow":
		d.row()
	}
}

// apart puts the text of the open group on lines of its own, at place p. All of a file that wraps HTML stays in it.
func (d *rtf) apart(p place) {
	if d.st.place == inHTML {
		return
	}
	d.st.place, d.st.apart = p, true
	d.line()
}

// sink is where text goes that is not HTML.
func (d *rtf) sink() *sink {
	if d.st.place == inTail {
		return &d.tail
	}
	return &d.out
}

// line ends the line where the text of the open group goes.
func (d *rtf) line() {
	d.flush()
	d.sink().line()
}

func (d *rtf) row() {
	if !d.visible() || d.html {
		return
	}
	d.flush()
	d.sink().row()
}

// visible says whether text is shown here. Wrapped HTML hides by its own means.
func (d *rtf) visible() bool {
	switch d.st.dest {
	case bodyText:
		if d.html {
			return !d.st.rtfOnly
		}
		return !d.st.hidden && !d.st.deleted
	case htmlTag:
		return true
	}
	return false
}

// spend counts one character of the fallback of a \u, and says whether there was one.
func (d *rtf) spend() bool {
	if d.fallback > 0 {
		d.fallback--
		return true
	}
	return false
}

// unicode takes one UTF-16 unit, signed. What follows stands for it in readers that know code pages only.
func (d *rtf) unicode(n int) {
	d.fallback = d.st.uc
	if n < 0 {
		n += 1 << 16
	}
	if n <= 0 || n > 0x10FFFF {
		return
	}
	r := rune(n)
	switch {
	case r >= 0xD800 && r < 0xDC00:
		d.high = r
		return
	case r >= 0xDC00 && r < 0xE000:
		r = utf16.DecodeRune(d.high, r)
	}
	d.high = 0
	d.letter(r)
}

// sign writes text that stands in no code page.
func (d *rtf) sign(s string) {
	if d.spend() || !d.visible() || s == "" {
		return
	}
	d.flush()
	d.write(d.st.place, s)
}

// write puts decoded text where it belongs.
func (d *rtf) write(p place, s string) {
	switch p {
	case inHTML:
		if room := maxHTML - len(d.wrapped); len(s) > room {
			s, d.full = s[:room], true
		}
		d.wrapped = append(d.wrapped, s...)
	case inTail:
		d.tail.puts(s)
	default:
		d.out.puts(s)
	}
}
