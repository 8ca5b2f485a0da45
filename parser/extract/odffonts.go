package extract

import "strings"

// odfFonts are the fonts of the styles of a document (ODF 1.2, part 1, 16.2).
type odfFonts struct {
	wordStyles
	faces map[string]string // families by style:name of style:font-face
	id    string            // of the style that is read
	style wordStyle
	in    bool
}

// font gives the font that a style sets; that of the paragraph's style or the default for a paragraph.
func (f *odfFonts) font(id string, paragraph bool) wordFont {
	own := f.wordStyles.font(id)
	if !paragraph && own == f.defaults {
		return wordFont{}
	}
	return own
}

func (f *odfFonts) tag(x *xmlScan, name string, end bool) {
	if f.byID == nil {
		f.byID, f.faces = map[string]wordStyle{}, map[string]string{}
	}
	switch name {
	case "style:font-face":
		n, family := x.attr("name", false), x.attr("font-family", false)
		if !end && len(f.faces) < maxStyles && len(n) <= maxStyleName && len(family) <= maxStyleName {
			f.faces[n] = strings.Trim(family, `'"`)
		}
	case "style:style", "style:default-style":
		if end {
			f.finish(name)
			return
		}
		f.id, f.style = x.attr("name", false), wordStyle{base: x.attr("parent-style-name", false)}
		f.in = name == "style:style" || x.attr("family", false) == "paragraph"
	case "style:text-properties":
		if n := f.family(x); !end && f.in && n != "" {
			f.style.font = wordFont{named: true}
			f.style.font.label, f.style.font.capitals = fontEncoding(n)
		}
	}
}

// family is the font that text properties name.
func (f *odfFonts) family(x *xmlScan) string {
	if n := x.attr("font-name", false); n != "" {
		if family := f.faces[n]; family != "" {
			return family
		}
		return n
	}
	return strings.Trim(x.attr("font-family", false), `'"`)
}

func (f *odfFonts) finish(name string) {
	if f.in && name == "style:style" {
		f.add(f.id, f.style)
	} else if f.in && f.style.font.named {
		f.defaults = f.style.font
	}
	f.in = false
}
