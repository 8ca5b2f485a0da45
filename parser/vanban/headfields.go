package vanban

import (
	"bytes"
	"slices"
	"strings"
)

// findDate finds place and date: in the head, else (contracts, old documents) at the end.
func (r *reading) findDate() {
	for i := range min(headCells, len(r.cells)) {
		if i >= r.body+3 { // the date column may have been read after the first words of the text
			break
		}
		if r.dateIn(i) {
			return
		}
	}
	if r.number >= 0 && r.read.to > 0 {
		// Công điện: "Số: 02/CĐ-TW hồi 10 giờ 00 ngày 01/02/2014".
		line := r.p.slice(r.read.to, min(r.p.len(), r.read.to+60))
		for i := range line.f {
			if line.f[i] == '\n' {
				break
			}
			if iso, end, ok := dateAt(line, i); ok && line.from(i).has("ngay") {
				r.setDate(r.number, iso, line.slice(i, end), phrase{})
				return
			}
		}
	}
	for i := len(r.cells) - 1; i >= max(r.body, len(r.cells)-30); i-- {
		if r.dateIn(i) && r.d.DiaDanh != "" {
			return
		}
	}
	r.findBlankDate()
}

// findBlankDate finds the place of a draft, whose day is still to be filled in: "Đông Hà, ngày     tháng 6 năm 2019".
func (r *reading) findBlankDate() {
	for i := range r.headEnd() {
		c := r.cells[i]
		at := bytes.Index(c.text.f, dayWord)
		if c.motto || at <= 0 || wordByte(c.text.at(at-1)) || i == r.number && c.at+at < r.read.to {
			continue
		}
		month := c.text.from(c.text.skip(at+len(dayWord), " .…_0123456789"))
		if !month.hasWord("thang") || !month.from(month.skip(len("thang"), " .…_0123456789")).hasWord("nam") {
			continue
		}
		from := 0
		if i == r.number {
			from = max(0, r.read.to-c.at)
		}
		if place := c.text.slice(from, at).trim(" -_*.,|"); place.len() > 0 && isPlace(place) {
			r.date = i
			r.d.DiaDanh = place.String()
			r.d.source(fieldDiaDanh, FromText, place, sureLayout)
			return
		}
	}
}

// dateIn reads place and date in cell i, whose parts may be broken over the next lines.
func (r *reading) dateIn(i int) bool {
	c := r.cells[i]
	if c.motto {
		return false
	}
	start := c.at
	if i == r.number {
		start = max(start, r.read.to)
	}
	limit := min(r.p.len(), c.at+c.text.len()+40)
	place, iso, at, ok := findPlaceDate(r.p.slice(start, limit), 0)
	if !ok || start+at >= c.at+c.text.len() {
		return false
	}
	if place.len() == 0 && start+at > c.at+r.skipEdges(c) {
		return false
	}
	if place.len() == 0 && i > 0 {
		if before := r.cells[i-1].text; trimRight(before, " ").at(before.len()-1) == ',' && isPlace(trimRight(before, " ,")) {
			place = trimRight(before, " ,")
		} else if i >= r.body {
			return false
		}
	} else if i > 1 && i-1 != r.number && r.brokenPlace(i) {
		place = newPhrase(r.cells[i-1].text.String() + " " + place.String()) // "Thái ⏎ Nguyên, ngày …"
	}
	r.setDate(i, iso, r.p.slice(start, min(limit, start+at+30)), place)
	return true
}

// brokenPlace says whether the line above cell i is the first word of a place's name that a narrow column broke.
func (r *reading) brokenPlace(i int) bool {
	above := r.cells[i-1].text
	return !r.cells[i].gap && !r.cells[i-1].motto && above.len() <= 8 && firstWord(above).len() == above.len() && !above.capitals() && isPlace(above) &&
		stamp(above).none()
}

func (r *reading) skipEdges(c cell) int { return c.text.skip(0, " -(*_") }

func (r *reading) setDate(i int, iso string, evidence, place phrase) {
	r.date = i
	if k := strings.IndexByte(string(evidence.f), '|'); k > 0 {
		evidence = evidence.slice(0, k)
	}
	r.d.Ngay = iso
	r.d.source(fieldNgay, FromText, evidence, sureLayout)
	if place.len() > 0 {
		r.d.DiaDanh = place.String()
		r.d.source(fieldDiaDanh, FromText, place, sureLayout)
	}
}

// findTitle finds the line with the type's name in capitals.
func (r *reading) findTitle() {
	head := max(r.motto, r.number) // a title stands below the letterhead; without one anywhere
	for i := range min(len(r.cells), r.headEnd()+4) {
		c := r.cells[i]
		if c.motto || i == r.number && r.read.so != "" || !c.text.capitals() {
			continue
		}
		if _, ok := types.byTight[c.text.tight()]; ok && (i > head || r.number < 0 || i < r.number) {
			r.title = i
			return
		}
		if i > head && head >= 0 {
			if t, end, ok := typePrefix(c.text); ok && end < c.text.len() && t.Kind != Own && c.text.at(end) == ' ' {
				r.title = i
				return
			}
		}
	}
}

// findAbout finds the line of a công văn's trích yếu.
func (r *reading) findAbout() {
	for i, c := range r.cells {
		if p := c.text.from(c.text.skip(0, " ([\"")); p.has("v/v") {
			r.about = i
			return
		}
		if i == r.number {
			if k := strings.Index(string(c.text.f), " v/v"); k > 0 {
				r.about = i
				return
			}
		}
	}
}

// readType takes the type from the title; else from the notation; else it is a công văn, on which no type is printed (NĐ 30/2020,
// Phụ lục I, II.5). The title wins over the notation.
//
// A văn bản hợp nhất bears the title of the document that it consolidates; its own number and letterhead stand at the end (Pháp lệnh
// 01/2012/UBTVQH13, Điều 13). It alone goes by its notation.
func (r *reading) readType() {
	t, typed := notationType(r.read.ky)
	if typed && t.Abbreviation == "VBHN" {
		r.d.setType(t, FromText, r.cells[r.number].text, sureLabelled)
		return
	}
	if r.title >= 0 {
		c := r.cells[r.title].text
		if t, ok := types.byTight[c.tight()]; ok {
			r.d.setType(r.variant(t), FromText, c, sureLabelled)
			return
		}
		if t, end, ok := typePrefix(c); ok {
			r.d.setType(r.variant(t), FromText, c.slice(0, end), sureLayout)
			return
		}
	}
	letter := r.about >= 0 || len(r.d.KinhGui) > 0
	organ := letter && t.Abbreviation == "CT" || r.about >= 0 && slices.Contains(alsoOrgans, t.Abbreviation) && !typeAndBody(r.read.ky)
	if r.number >= 0 && typed && !organ {
		r.d.setType(t, FromText, r.cells[r.number].text, sureLayout)
		return
	}
	if r.number >= 0 && r.number < 5 && r.read.so != "" {
		if t, _, ok := typePrefix(r.cells[r.number].text); ok {
			r.d.setType(t, FromText, r.cells[r.number].text, sureGuess)
			return
		}
	}
	cv, _ := TypeByAbbreviation("CV")
	switch {
	case r.about >= 0:
		r.d.setType(cv, FromText, r.cells[r.about].text, sureLayout)
	case letter && (r.number >= 0 || r.d.ChucVu != "" || r.body < len(r.cells)) && r.d.Sources[fieldKinhGui].Evidence != "":
		r.d.setType(cv, FromText, newPhrase(r.d.Sources[fieldKinhGui].Evidence), sureGuess)
	case r.number >= 0 && letterNotation(r.read.ky) && !r.unlistedTitle():
		r.d.setType(cv, FromText, r.cells[r.number].text, sureGuess)
	}
}

// unlistedTitle says whether a line in capitals below the letterhead is a title that the table does not have (GIẤY CHỨNG NHẬN): of what type
// the document is, is not known then, but a công văn has no title.
func (r *reading) unlistedTitle() bool {
	from := max(r.motto, r.number, r.date) + 1
	if r.motto < 0 || r.number < 0 || r.date < 0 || from >= r.headEnd() {
		return false
	}
	c := r.cells[from].text
	mark, _ := authority(c)
	return c.capitals() && c.len() >= len("giay moi") && mark == "" && !isOffice(c) && !headsAgency(c) && !namesIssuer(c) && stamp(c).none()
}

// variant gives the Party's own type of that name below the Party's letterhead.
func (r *reading) variant(t Type) Type {
	for _, c := range r.cells[:min(len(r.cells), headCells)] {
		if c.motto && c.text.has(string(mottoParty)) {
			return partyType(t)
		}
	}
	return t
}

// alsoOrgans are abbreviations of types that offices have as well: CT a cục thuế, TTr a thanh tra, HĐ a hội đồng, TT a trung tâm. Below V/v,
// where a công văn alone has its trích yếu, and without a title they are those, unless a body that has units follows ("TTr-UBND").
var alsoOrgans = []string{"CT", "TTr", "TT", "HĐ", "TC", "PC", "PA", "DA"}

func typeAndBody(ky string) bool {
	return strings.HasSuffix(ky, "-UBND") || strings.HasSuffix(ky, "-HĐND") || strings.HasSuffix(ky, "-UB")
}

// issuerOpenings begin the line that names who decides, below the trích yếu of a decision.
var issuerOpenings = []string{
	"uy ban nhan dan", "hoi dong nhan dan", "chu tich", "bo truong", "thu tuong", "tong cuc truong", "giam doc", "thong doc", "chinh phu", "quoc hoi",
	"uy ban thuong vu", "ban thuong vu", "ban chap hanh", "cuc truong", "vien truong", "hieu truong", "chanh", "tong giam doc", "truong ban", "tong kiem toan",
}

func namesIssuer(p phrase) bool {
	for _, words := range issuerOpenings {
		if p.hasWord(words) {
			return true
		}
	}
	return false
}

// readSubject reads the trích yếu: after V/v, or below the title.
func (r *reading) readSubject() {
	if r.about >= 0 && (r.title < 0 || r.about < r.title+2) {
		r.readAbout()
		return
	}
	if r.title < 0 {
		r.readUntitled()
		return
	}
	if t := r.cells[r.title].text.tight(); t == "giaygioithieu" || t == "giaynghiphep" {
		return // they have none (NĐ 30/2020, Phụ lục III, mẫu 1.8 and 1.10)
	}
	var parts []phrase
	c := r.cells[r.title].text
	if _, exact := types.byTight[c.tight()]; !exact {
		_, end, _ := typePrefix(c)
		parts = append(parts, c.from(end))
	}
	for i := r.title + 1; i < len(r.cells) && len(parts) < 14; i++ {
		if !r.continuesTitle(parts, i) {
			break
		}
		parts = append(parts, r.cells[i].text)
	}
	if below := r.aboutBelow(r.title + 1); below > 0 {
		parts = r.subjectFrom(below)
	}
	r.setSubject(parts)
}

// subjectFrom gives the lines of a trích yếu that begins in cell i.
func (r *reading) subjectFrom(i int) []phrase {
	var parts []phrase
	for ; i < len(r.cells) && len(parts) < 10 && r.continuesTitle(parts, i); i++ {
		parts = append(parts, r.cells[i].text)
	}
	return parts
}

// aboutBelow finds the line with "về" that follows lines in capitals below the title: the Party's conclusions name their meeting first.
func (r *reading) aboutBelow(from int) int {
	for i := from; i < min(len(r.cells), from+6); i++ {
		c := r.cells[i].text
		if i > from && !c.capitals() && (c.hasWord("ve") || c.hasWord("v/v")) {
			return i
		}
		if !c.capitals() || r.cells[i].motto || i == r.date || i == r.number {
			return 0
		}
	}
	return 0
}

// readUntitled reads the trích yếu of a head whose title was lost: a line of its own that opens with "Về việc".
func (r *reading) readUntitled() {
	for i := max(r.number, r.date) + 1; i > 0 && i < r.headEnd(); i++ {
		if !r.cells[i].text.hasWord("ve viec") || r.cells[i].motto {
			continue
		}
		r.setSubject(r.subjectFrom(i))
		return
	}
}

// continuesTitle says whether cell i belongs to the trích yếu below the title.
func (r *reading) continuesTitle(parts []phrase, i int) bool {
	c := r.cells[i]
	if c.motto || i == r.number || i == r.date || opensBody(c.text) || c.text.hasWord("kinh gui") || c.text.at(c.text.len()-1) == ':' {
		return false
	}
	caps := c.text.capitals()
	if caps && namesIssuer(c.text) && !(len(parts) > 0 && expectsMore(parts[len(parts)-1])) {
		return false
	}
	if len(parts) == 0 {
		return true
	}
	if c.rule {
		return false
	}
	last := parts[len(parts)-1]
	if last.capitals() {
		// "BÁO CÁO TỔNG KẾT" and below it in small letters what is summed up: the title says only what sort of report it is.
		return caps || len(parts) == 1 && i == r.title+1 && !c.gap && last.len() <= maxSubtitle
	}
	small := letterByte(c.text.at(0)) && !isUpper(c.text.r[0])
	if c.gap {
		return small
	}
	return !caps && (small || last.at(last.len()-1) != '.')
}

// maxSubtitle bounds the words behind the type on its line that a trích yếu in small letters goes on from, in runes.
const maxSubtitle = 24

// expectsMore says whether a line ends in a word that does not end a phrase.
func expectsMore(p phrase) bool {
	switch string(lastWord(p).f) {
	case "cua", "va", "do", "tai", "trong", "cho", "voi", "den", "ve", "theo", "giua", "thuoc":
		return true
	}
	return false
}

// readAbout reads a công văn's trích yếu, which its narrow column breaks over several lines.
func (r *reading) readAbout() {
	first := r.cells[r.about].text
	if r.about == r.number {
		if k := strings.Index(string(first.f), "v/v"); k > 0 {
			first = first.from(k)
		}
	}
	parts := []phrase{first.from(first.skip(0, " ([\""))}
	for i := r.about + 1; i < len(r.cells) && len(parts) < 10; i++ {
		c := r.cells[i]
		last := parts[len(parts)-1]
		small := letterByte(c.text.at(0)) && !isUpper(c.text.r[0])
		if !stamp(c.text).none() {
			continue // beside it, in a box of its own
		}
		if c.motto || i == r.number || i == r.date || c.rule || c.text.hasWord("kinh gui") || c.text.has("kinhgui") || c.text.f[0] == '-' || opensBody(c.text) || r.placeDate(c.text) ||
			c.text.capitals() && c.text.len() > 6 || last.at(last.len()-1) == '.' || c.gap && !small || !small && last.len() < 15 {
			break
		}
		parts = append(parts, c.text)
	}
	r.setSubject(parts)
}

func (r *reading) setSubject(parts []phrase) {
	if len(parts) == 0 {
		return
	}
	words := make([]string, len(parts))
	for i, part := range parts {
		words[i] = part.String()
	}
	r.d.setTrichYeu(newPhrase(strings.Join(words, " ")), FromText, sureLayout)
}
