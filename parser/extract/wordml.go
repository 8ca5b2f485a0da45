package extract

// wordText reads the parts of WordprocessingML (ECMA-376, part 1, 17) that hold text.
type wordText struct {
	sink
	styles wordStyles
	run    fontRun

	skip   int  // depth inside elements that repeat or hide text
	t      bool // inside w:t
	props  int  // depth inside w:pPr
	choice bool // a mc:Choice of the innermost mc:AlternateContent was read
	hidden bool // the run is not shown
	para   wordFont
	font   wordFont // of the run
}

func (w *wordText) read(x *xmlScan) error {
	w.skip, w.props, w.t, w.choice, w.hidden = 0, 0, false, false, false
	w.para = w.styles.base()
	err := x.each(func(kind xmlKind) bool {
		if kind == xmlText {
			w.chars(x.data)
		} else {
			w.tag(x, kind == xmlEnd)
		}
		return w.left > 0
	})
	w.run.flush(&w.sink)
	w.line()
	return err
}

// chars takes character data; only that of w:t is text.
func (w *wordText) chars(p []byte) {
	if w.t && w.skip == 0 && !w.hidden {
		w.run.put(&w.sink, p, w.font.label, w.font.capitals)
	}
}

// sign writes a separator.
func (w *wordText) sign(c byte) {
	if w.skip == 0 {
		w.run.flush(&w.sink)
		w.mark(c)
	}
}

// tag follows the elements that matter.
func (w *wordText) tag(x *xmlScan, end bool) {
	switch string(x.name) {
	case "mc:AlternateContent": // an end counts as a choice of the one around it
		w.choice = end
	case "mc:Choice", "mc:Fallback": // the ways to say one thing: the first is read
		if w.skip > 0 || !end && w.choice {
			w.skip = nested(w.skip, end)
		}
		w.choice = true
	case "w:instrText", "w:delText", "w:moveFrom": // not shown
		w.skip = nested(w.skip, end)
	case "w:footnote", "w:endnote": // those with a type are lines that separate the others
		if w.skip > 0 || !end && x.attr("type", false) != "" && x.attr("type", false) != "normal" {
			w.skip = nested(w.skip, end)
		}
	case "w:pPr": // holds the definitions of tab stops, which are w:tab too
		w.props = nested(w.props, end)
	case "w:t", "m:t", "a:t":
		w.t = !end
	case "w:r":
		w.font, w.hidden = w.para, false
	case "w:rFonts", "w:rStyle", "w:pStyle", "w:vanish":
		if !end {
			w.style(x)
		}
	case "w:tab", "w:ptab", "w:br", "w:cr", "w:noBreakHyphen":
		if !end && w.props == 0 && !w.hidden {
			w.sign(signOf(string(x.name)))
		}
	default:
		w.block(string(x.name), end)
	}
}

func signOf(name string) byte {
	switch name {
	case "w:noBreakHyphen":
		return '-'
	case "w:br", "w:cr":
		return '\n'
	}
	return '\t'
}

// block follows what stands on lines of its own.
func (w *wordText) block(name string, end bool) {
	if w.skip > 0 {
		return
	}
	switch name {
	case "w:p", "a:p":
		if end {
			w.sign('\n')
		}
		w.para = w.styles.base()
	case "w:txbxContent":
		w.run.flush(&w.sink)
		w.line()
	case "w:tc":
		if end {
			w.cell()
		}
	case "w:tr":
		if end {
			w.row()
		}
	}
}

// style takes what says how text looks.
func (w *wordText) style(x *xmlScan) {
	switch string(x.name) {
	case "w:vanish":
		if w.props == 0 {
			w.hidden = switched(x.attr("val", false))
		}
	case "w:pStyle":
		w.para = w.styles.font(x.attr("val", false))
	case "w:rStyle":
		if f := w.styles.font(x.attr("val", false)); w.props == 0 && f.named {
			w.font = f
		}
	case "w:rFonts":
		if f := runFont(x); w.props == 0 && f.named {
			w.font = f
		}
	}
}

// switched reads a switch of ECMA-376 (part 1, 17.17.4), which is on without a value.
func switched(v string) bool { return v != "0" && v != "false" && v != "off" }

func nested(depth int, end bool) int {
	if end {
		return max(0, depth-1)
	}
	return depth + 1
}
