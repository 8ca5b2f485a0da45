package vanban

import "strings"

// splitTail cuts the signature out of lines of "Nơi nhận": readers flatten the two columns at the end of a document into one line. An office
// or a mark of authority in capitals behind an entry is the signer's; so is the name behind the last entry then.
func splitTail(in []cell) []cell {
	out := make([]cell, 0, len(in)+4)
	listed, signed := false, false
	for _, c := range in {
		end := 0
		listed = listed || c.text.hasWord("noi nhan")
		if listed && (c.text.f[0] == '-' || c.text.hasWord("noi nhan")) {
			end = entryEnd(c.text, signed)
		}
		if end == 0 {
			out = append(out, c)
			continue
		}
		signed = true
		out = appendPart(out, cell{text: c.text, at: c.at, gap: c.gap, rule: c.rule}, 0, end, false)
		if c.text.f[0] == '-' { // which tells an entry from prose, and is no edge of it
			out[len(out)-1].text, out[len(out)-1].at = c.text.slice(0, end), c.at
		}
		out = appendPart(out, c, end, c.text.len(), false)
	}
	return out
}

// entryEnd gives the end of the entry in a line that goes on with the signature, or 0.
func entryEnd(p phrase, signed bool) int {
	if p.len() > maxEntry {
		return 0
	}
	last := p.trim(itemEdges).hasWord("luu")
	for i := 2; i < p.len(); i++ {
		if p.f[i-1] != ' ' || !letterByte(p.f[i]) || !isUpper(p.r[i]) {
			continue
		}
		before := trimRight(p.slice(0, i), " ")
		if before.len() == 0 || strings.IndexByte(":;,.", before.f[before.len()-1]) < 0 || before.capitals() {
			continue
		}
		rest := p.from(i)
		mark, office := authority(rest)
		_, named := personName(rest)
		if isOffice(rest) || mark != "" && (isOffice(office) || headsAgency(office)) || named && last && signed && before.f[before.len()-1] != ',' {
			return before.len()
		}
	}
	return 0
}

// maxEntry bounds a line of "Nơi nhận" with a signature behind it, in runes.
const maxEntry = 300

// readAddressees reads "Kính gửi" and "Nơi nhận".
func (r *reading) readAddressees() {
	for i, c := range r.cells {
		if first := c.text.f[c.text.skip(0, " -*")%c.text.len()]; first != 'k' && first != 'n' || c.text.len() > 400 {
			continue
		}
		switch tight := c.text.tight(); {
		case len(r.d.KinhGui) == 0 && len(tight) >= 7 && (tight[:7] == "kinhgui" || tight[:7] == "kinhngu") && i < headCells:
			r.readKinhGui(i)
		case len(r.d.NoiNhan) == 0 && len(tight) >= 7 && tight[:7] == "noinhan":
			r.readNoiNhan(i)
		}
	}
}

// afterColon is the rest of a line that opens with a label.
func afterColon(p phrase) phrase {
	for i := range min(p.len(), 24) {
		if p.f[i] == ':' {
			return p.from(i + 1).trim(" ")
		}
	}
	if i := 8; p.len() > i {
		return p.from(i).trim(" ")
	}
	return phrase{}
}

const itemEdges = " \n;,.+-*_"

func (r *reading) readKinhGui(at int) {
	first := afterColon(r.cells[at].text)
	var items []string
	evidence := r.cells[at].text
	add := func(p phrase) {
		if p = p.trim(itemEdges); p.len() > 1 {
			items = append(items, p.String())
		}
	}
	open := first
	listed := first.at(0) == '-'
	for i := at + 1; i < len(r.cells) && i < at+60; i++ {
		c := r.cells[i]
		dash := c.text.f[0] == '-' || c.text.f[0] == '+'
		small := letterByte(c.text.f[0]) && !isUpper(c.text.r[0])
		wraps := open.len() > 0 && small && (open.at(open.len()-1) != '.' || listed && !c.gap)
		begins := dash && (open.len() == 0 || listed) || open.len() == 0 && i == at+1 && !c.motto && !opensBody(c.text) && !r.placeDate(c.text)
		if c.motto || i == r.date && !dash || opensBody(c.text) || !wraps && !begins {
			if i == r.date || c.motto {
				continue
			}
			break
		}
		if wraps && !dash {
			open = newPhrase(open.String() + " " + c.text.String())
			continue
		}
		add(open)
		open, listed = c.text, dash
	}
	add(open)
	if len(items) > 0 {
		r.d.KinhGui = items
		r.d.source(fieldKinhGui, FromText, evidence, sureLayout)
	}
}

func (r *reading) readNoiNhan(at int) {
	var items []string
	add := func(p phrase) {
		if p = p.trim(itemEdges); p.len() > 1 {
			items = append(items, p.String())
		}
	}
	add(afterColon(r.cells[at].text))
	for i := at + 1; i < len(r.cells) && i < at+60; i++ {
		c := r.cells[i].text
		if c.f[0] != '-' && c.f[0] != '+' {
			if len(items) > 0 && !c.capitals() && letterByte(c.f[0]) && !isUpper(c.r[0]) {
				items[len(items)-1] += " " + c.String()
				continue
			}
			if c.capitals() && (len(items) < 2 || isOffice(c)) {
				continue // the signature's column was read in between
			}
			if _, ok := personName(c); ok && i+1 < len(r.cells) && r.cells[i+1].text.f[0] == '-' {
				continue
			}
			break
		}
		add(c)
		if c.trim(itemEdges).hasWord("luu") {
			break
		}
	}
	if len(items) > 0 {
		r.d.NoiNhan = items
		r.d.source(fieldNoiNhan, FromText, r.cells[at].text, sureLayout)
	}
}
