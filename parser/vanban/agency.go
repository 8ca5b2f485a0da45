package vanban

import (
	"slices"
	"strings"
)

// agencyHeads begin the name of an agency; a line that does not begin so goes on with the name above it.
var agencyHeads = []string{
	"bo", "so", "uy ban", "ubnd", "hoi dong", "hdnd", "tong cuc", "cuc", "chi cuc", "vu", "ban", "phong", "vien", "truong", "trung tam", "van phong",
	"bao hiem xa hoi", "tong cong ty", "cong ty", "tap doan", "toa an", "ngan hang", "kho bac", "thanh tra", "benh vien", "dai hoc", "hoc vien",
	"tinh uy", "huyen uy", "thanh uy", "dang uy", "dang bo", "doan", "hoi", "lien doan", "mat tran", "thu tuong", "chinh phu", "quoc hoi", "chu tich",
	"cong an", "lien hiep", "dai", "nha", "tru so", "trung uong", "kiem toan", "quan khu", "tw doan",
}

// withoutPage drops the page number that reading has glued before a name ("Trang 1UBND").
func withoutPage(p phrase) phrase {
	if i := p.skip(5, " "); p.has("trang") && digitByte(p.at(i)) {
		return p.from(p.skip(i, "0123456789 "))
	}
	return p
}

func headsAgency(p phrase) bool {
	for _, words := range agencyHeads {
		if p.hasWord(words) {
			return true
		}
	}
	if p.len() >= len("sotaichinh") && p.capitals() && p.skipWord() == p.len() { // a reader lost all blanks
		for _, words := range agencyHeads {
			if p.has(strings.ReplaceAll(words, " ", "")) {
				return true
			}
		}
	}
	return false
}

// skipWord gives the end of the letters that a phrase begins with.
func (p phrase) skipWord() int {
	i := 0
	for letterByte(p.at(i)) {
		i++
	}
	return i
}

// noAgencies are headings in capitals that stand where the agency's name does: of the gazette, and of what certifies a consolidated text.
var noAgencies = []string{"vanbanquyphamphapluat", "vanbanphapluatkhac", "vanbanhopnhat", "xacthucvanbanhopnhat", "dinhchinh"}

// readAgency reads the names at the left of the letterhead: the last is the issuer, what stands above it the agency over it (NĐ 30/2020,
// Phụ lục I, II.2). Lines that only wrap a name are joined to it.
func (r *reading) readAgency() {
	end := r.headEnd()
	for _, i := range []int{r.number, r.date, r.title, r.about} {
		if i >= 0 && i > r.motto {
			end = min(end, i)
		}
	}
	if r.motto < 0 && r.number < 0 && r.date < 0 {
		return // no letterhead
	}
	var groups []phrase
	for i := range end {
		c := r.cells[i]
		raw := withoutPage(c.text)
		text := raw.trim(nameEdges)
		if i == r.number {
			raw = trimRight(c.text.slice(0, max(0, min(c.text.len(), r.label-c.at))), " -_*.|(")
			text = raw
		}
		if c.motto || r.wrapsNumber(i) || i == r.number && !text.capitals() || i == r.about || i == r.title || i == r.date || text.len() < 2 || !agencyLine(text) || text.hasWord("cong bao") || slices.Contains(noAgencies, text.tight()) || text.has("so:") || !stamp(text).none() {
			continue
		}
		if len(groups) == 0 && r.number < 0 && i > r.motto && !headsAgency(text) {
			continue // a form's title: it has no letterhead but the motto
		}
		groups = joinAgency(groups, raw, text)
	}
	if len(groups) == 0 {
		groups = r.telegraphing()
	}
	if t, ok := notationType(r.read.ky); ok && t.Abbreviation == "VBHN" {
		if above := r.namesAbove(r.number); len(above) > 0 {
			groups = above
		}
	}
	if len(groups) == 0 {
		return
	}
	if joint(r.read.ky) { // all of them issue it, none is over another
		groups = []phrase{joinPhrases(unrepeated(groups))}
	}
	issuer := trimRight(groups[len(groups)-1], " -")
	r.d.CoQuan = issuer.String()
	confidence := sureLayout
	if t := issuer.tight(); t == "uybannhandan" || t == "hoidongnhandan" || t == "ubnd" {
		confidence = 0.3 // the place is lost: not a name
	}
	r.d.source(fieldCoQuan, FromText, issuer, confidence)
	if len(groups) > 1 {
		over := joinPhrases(groups[:len(groups)-1])
		r.d.CoQuanTren = over.String()
		r.d.source(fieldCoQuanTren, FromText, over, sureGuess)
	}
}

// wrapsNumber says whether cell i holds nothing but the end of a ký hiệu that its column broke: "Số: 1234/VP-" and "KGVX".
func (r *reading) wrapsNumber(i int) bool {
	c := r.cells[i]
	return r.number >= 0 && i > r.number && c.at < r.read.to && c.at+c.text.len() <= r.read.to
}

func joinPhrases(parts []phrase) phrase {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = p.String()
	}
	return newPhrase(strings.Join(words, " "))
}

// unrepeated leaves out names that the gazette prints above the letterhead as well.
func unrepeated(groups []phrase) []phrase {
	var out []phrase
	for _, g := range groups {
		if !slices.ContainsFunc(out, func(have phrase) bool { return have.tight() == g.tight() }) {
			out = append(out, g)
		}
	}
	return out
}

// joint says whether a ký hiệu is that of a document that several agencies issue together.
func joint(ky string) bool {
	t, ok := notationType(ky)
	return ok && (t.Abbreviation == "TTLT" || t.Abbreviation == "NQLT")
}

// telegraphing gives the sender of a công điện that has no letterhead: the lines in capitals above "điện:".
func (r *reading) telegraphing() []phrase {
	for i := range min(len(r.cells), headCells) {
		if c := r.cells[i].text; !c.hasWord("dien") || c.at(c.skip(4, " ")) != ':' {
			continue
		}
		from := i
		for from > 0 && from-1 != r.number && from-1 != r.title && !r.cells[from-1].motto && r.cells[from-1].text.capitals() && agencyLine(r.cells[from-1].text) {
			from--
		}
		var lines []phrase
		for _, c := range r.cells[from:i] {
			lines = append(lines, c.text)
		}
		if len(lines) > 0 && headsAgency(lines[0]) {
			return []phrase{joinPhrases(lines)}
		}
		return nil
	}
	return nil
}

// namesAbove gives the names right above cell i: the letterhead of a consolidated text stands at its end.
func (r *reading) namesAbove(i int) []phrase {
	from := i
	for from > 0 && i-from < 4 && !r.cells[from-1].motto && r.cells[from-1].text.capitals() && agencyLine(r.cells[from-1].text) &&
		!slices.Contains(noAgencies, r.cells[from-1].text.tight()) {
		from--
	}
	var groups []phrase
	for _, c := range r.cells[from:i] {
		groups = joinAgency(groups, c.text, c.text)
	}
	if len(groups) > 0 && !headsAgency(groups[0]) {
		return nil
	}
	return groups
}

// agencyLine says whether a line of the letterhead is a name: in capitals, but for words such as "Tp".
func agencyLine(p phrase) bool {
	upper, lower := p.letters()
	return upper >= 2 && lower*3 <= upper
}

const nameEdges = " -_*.|0123456789():\x02"

// numbered are words that a number of a name follows: "PHÒNG CÔNG CHỨNG SỐ 1", "PHƯỜNG 5". Other digits at its end are a page's.
var numbered = []string{"so", "phuong", "quan", "vung", "khu vuc", "khu", "to", "doi", "cum", "khoi", "trung doan", "su doan", "quan khu", "truong"}

// trimName takes off a name what is no part of it.
func trimName(raw phrase) phrase {
	name := raw.trim(" _*.|0123456789():\x02")
	end := name.len()
	whole := trimRight(raw, " _*.|():\x02")
	whole = whole.from(whole.skip(0, " _*.|0123456789():\x02"))
	if whole.len() <= end || whole.len()-end > 4 {
		return name
	}
	for _, words := range numbered {
		if name.hasSuffixWord(words) {
			return whole
		}
	}
	return name
}

// joinAgency adds a line to the names. A hyphen at its end, or a first word that can't be a name, says that the name goes on.
func joinAgency(groups []phrase, raw, text phrase) []phrase {
	if len(groups) == 0 {
		return append(groups, trimName(raw))
	}
	last := groups[len(groups)-1]
	dash := last.at(last.len()-1) == '-' || last.at(last.len()-1) == ','
	short := last.len() <= 4 || last.hasWord("thu tuong") && last.len() <= 9
	if raw.at(0) == '-' || dash || short || !headsAgency(text) {
		joined := newPhrase(last.String() + " " + raw.trim(" _*.|\x02").String())
		groups[len(groups)-1] = joined
		return groups
	}
	last = trimRight(last, " -")
	groups[len(groups)-1] = last
	return append(groups, trimName(raw))
}
