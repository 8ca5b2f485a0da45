package vanban

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
			if c.capitals() && len(items) < 2 {
				continue // the signature's column was read in between
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
