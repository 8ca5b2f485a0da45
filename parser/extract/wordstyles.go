package extract

// wordFont is what the font of a run says about its characters: old Vietnamese documents have the bytes of their fonts' encodings as
// characters.
type wordFont struct {
	label    string
	capitals bool
	named    bool // a font is named at all
}

// Bounds of the styles that are kept; real documents have some hundred.
const (
	maxStyles     = 5000
	maxStyleChain = 20 // styles based on one another
	maxStyleName  = 256
)

// wordStyles are the fonts of a document's styles (ECMA-376, part 1, 17.7).
type wordStyles struct {
	byID     map[string]wordStyle
	defaults wordFont // w:docDefaults
	normal   string   // the default paragraph style
}

type wordStyle struct {
	font wordFont
	base string
}

func (s *wordStyles) read(x *xmlScan) error {
	s.byID = map[string]wordStyle{}
	id, style, inStyle, props := "", wordStyle{}, false, 0
	return x.each(func(kind xmlKind) bool {
		if kind == xmlText {
			return true
		}
		end := kind == xmlEnd
		switch string(x.name) {
		case "w:style":
			if end {
				s.add(id, style)
				inStyle = false
				break
			}
			id, style, inStyle = x.attr("styleId", false), wordStyle{}, true
			if x.attr("type", false) == "paragraph" && x.attr("default", false) != "" && switched(x.attr("default", false)) {
				s.normal = id
			}
		case "w:basedOn":
			if !end {
				style.base = x.attr("val", false)
			}
		case "w:pPr", "w:tblStylePr":
			props = nested(props, end)
		case "w:rFonts":
			switch {
			case end || props > 0:
			case inStyle:
				style.font = runFont(x)
			default:
				s.defaults = runFont(x)
			}
		}
		return true
	})
}

func (s *wordStyles) add(id string, style wordStyle) {
	if len(s.byID) < maxStyles && len(id) <= maxStyleName && len(style.base) <= maxStyleName {
		s.byID[id] = style
	}
}

// font gives the font of a style: its own, or that of the style it is based on.
func (s *wordStyles) font(id string) wordFont {
	for range maxStyleChain {
		style, ok := s.byID[id]
		if !ok || style.font.named {
			return pick(style.font, s.defaults)
		}
		id = style.base
	}
	return s.defaults
}

// base is the font of a paragraph that names no style.
func (s *wordStyles) base() wordFont {
	if s.normal == "" {
		return s.defaults
	}
	return s.font(s.normal)
}

func pick(own, other wordFont) wordFont {
	if own.named {
		return own
	}
	return other
}

// runFont reads w:rFonts (17.3.2.26). The letters beyond ASCII, which the old encodings are about, are in the font of hAnsi.
func runFont(x *xmlScan) wordFont {
	name := x.attr("hAnsi", false)
	if name == "" {
		name = x.attr("ascii", false)
	}
	f := wordFont{named: name != "" || x.attr("hAnsiTheme", false) != "" || x.attr("asciiTheme", false) != ""}
	f.label, f.capitals = fontEncoding(name)
	return f
}
