package vanban

import (
	"bytes"
	"strings"
)

// How sure a reading of a text is.
const (
	sureLabelled = 0.9
	sureLayout   = 0.8
	sureGuess    = 0.6
)

// Of a text longer than both together, the first headText and the last tailText bytes are read: the head, a signature before annexes, and a
// signature at the end. What lies between is the body and annexes.
const (
	headText = 96 << 10
	tailText = 32 << 10
)

// ends cuts the middle out of a long text, at line ends where there are any.
func ends(text string) string {
	if len(text) <= headText+tailText {
		return text
	}
	tail := text[len(text)-tailText:]
	if i := strings.IndexByte(tail, '\n'); i >= 0 {
		tail = tail[i:]
	}
	return cutAt(text, headText) + "\n\n" + strings.ToValidUTF8(tail, "")
}

// reading is one text while its parts are found. Indexes point into cells; -1 means not found.
type reading struct {
	d     Document
	p     phrase
	cells []cell

	motto  int // last cell of the motto
	number int // cell with the số
	date   int // cell with place and date
	title  int // cell with the type
	about  int // cell with V/v
	body   int // first cell of the legal bases or the text; len(cells) when there is none
	read   number
	label  int // where the words before the number begin, in p
}

// ReadText reads a document's own text: its head (agency, number, place and date, type, trích yếu) and its tail (addressees, signer), laid
// out as NĐ 30/2020, Phụ lục I, II prescribes, or flattened as converters and mail programs leave it.
func ReadText(text string) Document {
	text = modern(narrow(text))
	p := newPhrase(ends(text))
	r := &reading{d: New(), p: p, cells: splitTail(splitFlat(splitMottos(cells(p)))), motto: -1, number: -1, date: -1, title: -1, about: -1}
	for i, c := range r.cells {
		if c.motto {
			r.motto = i
		}
	}
	r.findBody()
	r.findNumber()
	r.findDate()
	r.findTitle()
	r.findAbout()
	r.readAgency()
	r.readSubject()
	r.readAddressees()
	r.readSigner()
	r.readType()
	r.readAnswers()
	m, evidence := stampedCells(r.cells)
	if len(text) <= headBytes {
		m, evidence = phraseMarks(p, len(text) <= shortText, true, m, evidence)
	} else {
		m, evidence = textMarks(text, len(text) <= shortText, m, evidence)
	}
	r.d.setMarks(m, evidence, FromText, sureLayout)
	return r.d
}

// headCells is how many cells can hold the head.
const headCells = 60

func (r *reading) headEnd() int { return min(r.body, headCells, len(r.cells)) }

var (
	mottoState = []byte("cong hoa")
	mottoParty = []byte("dang cong san viet nam")
	mottoOld   = []byte("viet nam dan chu cong hoa")
	freedom    = []byte("doc lap")
)

const (
	mottoTight    = "conghoaxahoichunghiavietnam"
	mottoOldTight = "vietnamdanchuconghoa"
)

// splitMottos cuts quốc hiệu and tiêu ngữ out of the first cells: readers flatten the two columns of a letterhead into one line, or break
// its lines anywhere.
func splitMottos(in []cell) []cell {
	out := make([]cell, 0, len(in)+4)
	open, done := false, false
	for i, c := range in {
		if done || i >= headCells {
			return append(out, in[i:]...)
		}
		if c.text.len() > maxName {
			out = append(out, c)
			continue
		}
		if c.text.capitals() {
			if tight := c.text.tight(); i+1 < len(in) && tight == "viet" && in[i+1].text.has("nam dan chu cong hoa") {
				c.motto, open = true, true
				out = append(out, c)
				continue
			} else if open && strings.HasSuffix(mottoOldTight, tight) {
				c.motto, open = true, false
				out = append(out, c)
				continue
			} else if len(tight) < len(mottoTight) && strings.Contains(mottoTight, tight) &&
				(open || tight == "cong" && i+1 < len(in) && in[i+1].text.has("hoa ")) {
				c.motto, open = true, !strings.HasSuffix(mottoTight, tight)
				out = append(out, c)
				continue
			}
		}
		from, to, kind := mottoIn(c.text)
		if kind == 0 {
			out = append(out, c)
			continue
		}
		open = kind == 'o'
		done = kind == 'd' || kind == 'p'
		out = appendPart(out, c, 0, from, false)
		out = appendPart(out, c, from, to, true)
		rest := appendPart(nil, c, to, c.text.len(), false)
		if len(rest) == 1 {
			out = append(out, splitMottos(rest)...) // the tiêu ngữ may stand in the same line
			done = done || out[len(out)-1].motto
		}
	}
	return out
}

func appendPart(out []cell, c cell, from, to int, motto bool) []cell {
	part := c.text.slice(from, to)
	i := part.skip(0, " -_*.")
	part = trimRight(part.from(i), " -_*.")
	if part.len() == 0 {
		return out
	}
	return append(out, cell{text: part, at: c.at + from + i, motto: motto, gap: c.gap && from == 0, rule: c.rule && from == 0})
}

// mottoIn finds a motto in a cell. Kind: 'o' a quốc hiệu that goes on in the next cell, 'q' a whole one, 'd' the tiêu ngữ, 'p' the Party's.
func mottoIn(p phrase) (from, to int, kind byte) {
	if i := bytes.Index(p.f, mottoParty); i >= 0 && p.slice(i, i+len(mottoParty)).capitals() {
		return i, i + len(mottoParty), 'p'
	}
	if i := bytes.Index(p.f, mottoOld); i >= 0 && p.slice(i, i+len(mottoOld)).capitals() {
		return i, i + len(mottoOld), 'q'
	}
	if i := bytes.Index(p.f, mottoState); i >= 0 && p.slice(i, i+len(mottoState)).capitals() {
		if j := bytes.Index(p.f[i:], []byte("viet nam")); j >= 0 && j < 48 {
			return i, i + j + len("viet nam"), 'q'
		}
		return i, p.len(), 'o'
	}
	if i := bytes.Index(p.f, freedom); i >= 0 && i+14 <= p.len() && bytes.Contains(p.f[i:min(p.len(), i+24)], []byte("tu")) {
		if j := bytes.Index(p.f[i:], []byte("phuc")); j >= 0 && j < 40 {
			return i, i + j + len("phuc"), 'd'
		}
	}
	if !bytes.Contains(p.f, []byte(" ")) && p.capitals() { // a reader lost all blanks
		if i := bytes.Index(p.f, []byte(mottoTight)); i >= 0 {
			return i, i + len(mottoTight), 'q'
		}
	} else if i := bytes.Index(p.f, []byte("doclap-tudo-hanhphuc")); i >= 0 {
		return i, i + len("doclap-tudo-hanhphuc"), 'd'
	}
	return 0, 0, 0
}

// bodyOpenings begin the legal bases or the text, never a head.
var bodyOpenings = []string{
	"can cu", "- can cu", "xet de nghi", "xet", "thi hanh", "thuc hien", "theo de nghi", "tra loi", "phuc dap", "phan hoi", "theo yeu cau", "theo chi dao", "dieu 1", "chuong i", "tren co so",
	"de trien khai", "nham", "sau khi", "trong thoi gian", "tiep theo", "nhan duoc", "thi hanh", "nhan dip", "tiep tuc thuc hien",
}

func opensBody(p phrase) bool {
	if p.capitals() {
		return false
	}
	for _, words := range bodyOpenings {
		if p.hasWord(words) {
			return true
		}
	}
	return false
}

func (r *reading) findBody() {
	r.body = len(r.cells)
	for i, c := range r.cells {
		if i > 0 && opensBody(c.text) {
			r.body = i
			return
		}
	}
}

// findNumber finds the line of the số. In the body every number is another document's.
func (r *reading) findNumber() {
	for i := range r.headEnd() {
		c := r.cells[i]
		for j := range min(c.text.len(), maxName) {
			at, ok := label(c.text, j)
			if !ok {
				continue
			}
			at += c.at
			if at == c.at+c.text.len() { // "Số:" with the number on the next line
				at = r.p.skip(at, " \n")
			}
			if n, ok := numberAt(r.p, at, true); ok && r.mayHoldNumber(i, j, n) {
				r.label = c.at + j
				r.setNumber(i, n, r.p.slice(c.at+j, n.to), sureLabelled)
				return
			}
		}
	}
	for i := range r.headEnd() {
		c := r.cells[i].text
		if n, ok := numberAt(c, 0, false); ok && (n.to == c.len() || r.placeDate(c.from(n.to))) {
			n.from, n.to = n.from+r.cells[i].at, n.to+r.cells[i].at
			r.label = n.from
			r.setNumber(i, n, c.slice(0, c.len()), sureGuess)
			return
		}
	}
	r.findConsolidated()
}

// findConsolidated finds the number of a văn bản hợp nhất, whose letterhead stands at its end.
func (r *reading) findConsolidated() {
	for i := len(r.cells) - 1; i >= r.body; i-- {
		c := r.cells[i]
		at, ok := label(c.text, 0)
		if !ok {
			continue
		}
		n, ok := numberAt(r.p, c.at+at, true)
		if t, typed := notationType(n.ky); ok && typed && t.Abbreviation == "VBHN" && n.so != "" {
			r.label = c.at
			r.setNumber(i, n, r.p.slice(c.at, n.to), sureLabelled)
			return
		}
	}
}

func (r *reading) setNumber(i int, n number, evidence phrase, confidence float64) {
	r.number, r.read = i, n
	r.d.setNumber(n, FromText, evidence, confidence)
}

// mayHoldNumber says whether the label at j of cell i begins the document's number: at the line's start, after the agency's name, or after
// the type ("Luật số: 51/2024/QH15", "Công điện số …"). Prose that was wrapped before "số" or before a type is not taken.
func (r *reading) mayHoldNumber(i, j int, n number) bool {
	c := r.cells[i]
	before := c.text.slice(0, j).trim(" -(*._:\x02")
	if before.len() == 0 {
		colon := c.text.from(j).skip(1, "o ")
		return isUpper(c.text.r[j]) || c.text.at(j+colon) == ':'
	}
	if t, end, ok := typePrefix(before); ok && end == before.len() && t.Name != "" {
		return n.to >= c.at+c.text.len() || r.motto < 0 && i < 5 && c.gap
	}
	return before.capitals() && before.len() > 5
}

// placeDate says whether the phrase is a place and a date.
func (r *reading) placeDate(p phrase) bool {
	_, _, _, ok := findPlaceDate(p, 0)
	return ok
}

// findPlaceDate finds "<địa danh>, ngày …" at or after i.
func findPlaceDate(p phrase, i int) (place phrase, iso string, at int, ok bool) {
	for ; ; i++ {
		next := bytes.Index(p.f[i:], dayWord)
		if next < 0 {
			return phrase{}, "", 0, false
		}
		if i += next; wordByte(p.at(i - 1)) {
			continue
		}
		iso, _, found := dateAt(p, i)
		if !found {
			continue
		}
		place = trimRight(p.slice(0, i), " ,.\n")
		for j := place.len() - 1; j >= 0; j-- {
			if place.f[j] == '\n' || digitByte(place.f[j]) || place.f[j] == ',' || place.f[j] == ';' {
				place = place.from(j + 1)
				break
			}
		}
		place = place.trim(" -_*.,|")
		if place.len() == 0 || isPlace(place) {
			return place, iso, i, true
		}
	}
}

var dayWord = []byte("ngay")

var placeWords = []string{"tinh", "thanh", "pho", "huyen", "xa", "thi", "quan", "phuong"}

// isPlace says whether every word is written like a part of a name.
func isPlace(p phrase) bool {
	if p.len() > 40 || !isUpper(p.r[0]) {
		return false
	}
	for i := range p.f {
		if !letterByte(p.f[i]) || wordByte(p.at(i-1)) || isUpper(p.r[i]) {
			continue
		}
		word := string(firstWord(p.from(i)).f)
		known := false
		for _, w := range placeWords {
			known = known || w == word
		}
		if !known {
			return false
		}
	}
	return true
}
