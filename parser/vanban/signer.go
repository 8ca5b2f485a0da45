package vanban

import (
	"slices"
	"strings"
)

// authorities are the marks of quyền hạn ký (NĐ 30/2020, Phụ lục I, II.7a) in the forms in which they are printed: with a dot in state
// documents, with a slash in the Party's, or without either.
var authorities = []struct{ printed, mark string }{
	{"tuq", "TUQ"}, {"t/uq", "TUQ"}, {"tm", "TM"}, {"t/m", "TM"}, {"kt", "KT"}, {"k/t", "KT"}, {"tl", "TL"}, {"t/l", "TL"}, {"q", "Q"},
}

// offices begin the line of a signer's office.
var offices = []string{
	"chu tich", "pho chu tich", "giam doc", "pho giam doc", "bo truong", "thu truong", "chanh van phong", "pho chanh van phong", "truong phong",
	"pho truong phong", "cuc truong", "pho cuc truong", "tong cuc truong", "pho tong cuc truong", "vien truong", "pho vien truong", "hieu truong",
	"pho hieu truong", "thu tuong", "pho thu tuong", "thong doc", "pho thong doc", "bi thu", "pho bi thu", "truong ban", "pho truong ban", "chi cuc truong",
	"pho chi cuc truong", "tong giam doc", "pho tong giam doc", "tong thu ky", "chanh thanh tra", "pho chanh thanh tra", "chanh an", "pho chanh an",
	"vu truong", "pho vu truong", "chu nhiem", "pho chu nhiem", "doi truong", "quyen", "tong kiem toan", "pho tong kiem toan", "tong thanh tra", "pho tong thanh tra", "tong bi thu", "uy vien",
	"chi huy truong", "tu lenh", "truong dai", "truong doan", "truong cong an", "pho truong cong an", "pho truong doan", "nguoi dung dau", "thu ky", "chu toa", "chu tri",
}

// block is one signature: its marks, the office lines and the name.
type block struct {
	marks    []string
	offices  []phrase
	name     phrase
	evidence phrase
	end      int // first cell after it
}

// readSigner reads the first signature below the head. When a second signature follows at once the document has several signers, and none
// of them is named as the one.
func (r *reading) readSigner() {
	start := max(r.number, r.date, r.title, r.about, r.motto) + 1
	for i := start; i < len(r.cells); i++ {
		b, ok := r.blockAt(i)
		if !ok {
			continue
		}
		if b.name.len() > 0 && (r.anotherSigner(b.end) || r.sideBySide(b)) {
			return
		}
		r.setSigner(b)
		return
	}
}

func (r *reading) setSigner(b block) {
	if len(b.marks) > 0 {
		r.d.QuyenHanKy = b.marks
		r.d.source(fieldQuyenHan, FromText, b.evidence, sureLayout)
	}
	if len(b.offices) > 0 {
		office := b.offices[len(b.offices)-1]
		r.d.ChucVu = office.String()
		r.d.source(fieldChucVu, FromText, office, sureLayout)
	}
	if b.name.len() > 0 {
		r.d.NguoiKy = b.name.String()
		r.d.source(fieldNguoiKy, FromText, b.name, sureLayout)
	}
}

// anotherSigner says whether another signature with a mark follows closely.
func (r *reading) anotherSigner(i int) bool {
	for end := min(len(r.cells), i+6); i < end; i++ {
		if r.cells[i].motto {
			return false
		}
		if b, ok := r.blockAt(i); ok && len(b.marks) > 0 && b.name.len() > 0 {
			return true
		}
	}
	return false
}

// sideBySide says whether two people sign next to each other, as secretary and chair sign minutes and two ministers a joint circular: their
// offices and marks were read one after the other, and then their names.
func (r *reading) sideBySide(b block) bool {
	if len(b.offices) < 2 || b.end >= len(r.cells) || r.cells[b.end].motto {
		return false
	}
	second, ok := personName(r.cells[b.end].text)
	return ok && Fold(second.String()) != Fold(b.name.String())
}

// blockCells is how many cells a signature may take, from its first mark to the name.
const blockCells = 14

// blockAt reads a signature that begins in cell i: with a mark of authority, or with an office that a name follows.
func (r *reading) blockAt(i int) (block, bool) {
	first := r.cells[i].text
	mark, rest := authority(first)
	if mark == "" && !isOffice(first) {
		return block{}, false
	}
	b := block{evidence: first, end: i + 1}
	wrapped := false
	for j := i; j < len(r.cells) && j < i+blockCells; j++ {
		c := r.cells[j].text
		if r.cells[j].motto {
			break
		}
		if m, after := authority(c); m != "" {
			b.marks = append(b.marks, m)
			if m == "Q" && after.len() > 0 {
				b.offices = append(b.offices, after)
			}
			b.end, wrapped = j+1, true
			continue
		}
		if office, name := splitOffice(c); isOffice(office) {
			b.offices = append(b.offices, office)
			b.end, wrapped = j+1, false
			if name.len() > 0 {
				b.name, b.end = name, j+1
				break
			}
			continue
		}
		if name, ok := personName(c); ok && (len(b.marks) > 0 || len(b.offices) > 0) && j > i {
			b.name, b.end = name, j+1
			break
		}
		if c.capitals() && !wrapped && len(b.offices) > 0 && j == b.end && !r.cells[j].gap {
			last := len(b.offices) - 1
			b.offices[last] = newPhrase(b.offices[last].String() + " " + c.String()) // the office is wrapped
			b.end = j + 1
			continue
		}
		if !c.capitals() && !signingNoise(c) && c.f[0] != '-' && !c.hasWord("noi nhan") {
			break
		}
	}
	// Without a mark an office in capitals may as well be the issuer's line below a title: only a name makes it a signature.
	if len(b.marks) == 0 && b.name.len() == 0 {
		return block{}, false
	}
	if mark != "" && rest.len() < 2 && len(b.offices) == 0 && b.name.len() == 0 {
		return block{}, false
	}
	return b, true
}

// authority takes a mark off the front of a line in capitals and gives what follows it.
func authority(p phrase) (string, phrase) {
	if !p.capitals() && !(p.len() <= 4 && isUpper(p.r[0])) {
		return "", phrase{}
	}
	p = p.from(p.skip(0, " -(*\""))
	for _, a := range authorities {
		if !p.hasWord(a.printed) || !isUpper(p.r[0]) {
			continue
		}
		i := p.skip(len(a.printed), " ")
		dotted := p.at(i) == '.' || p.at(i) == '/' || p.at(i) == ':' || strings.Contains(a.printed, "/")
		rest := p.from(p.skip(i, " ./:"))
		if !dotted && !isOffice(rest) {
			continue
		}
		return a.mark, rest
	}
	return "", phrase{}
}

// isOffice says whether a line in capitals names an office.
func isOffice(p phrase) bool {
	if !p.capitals() || p.len() > 90 {
		return false
	}
	for _, words := range offices {
		if p.hasWord(words) {
			return true
		}
	}
	return false
}

// splitOffice parts an office and a name that were printed without a line break between them.
func splitOffice(p phrase) (office, name phrase) {
	for i := 4; i+1 < p.len(); i++ {
		if letterByte(p.f[i]) && isUpper(p.r[i]) && letterByte(p.f[i+1]) && !isUpper(p.r[i+1]) {
			if n, ok := personName(p.from(i)); ok && p.slice(0, i).capitals() {
				return p.slice(0, i).trim(" "), n
			}
			break
		}
	}
	return p, phrase{}
}

// ranks and titles before a name are no part of it (NĐ 30/2020, Phụ lục I, II.7c).
var ranks = []string{
	"dai tuong", "thuong tuong", "trung tuong", "thieu tuong", "dai ta", "thuong ta", "trung ta", "thieu ta", "dai uy", "thuong uy", "trung uy", "thieu uy",
	"gs", "pgs", "ts", "ths", "cn", "ks", "bs", "gvc", "bscki", "bsckii", "nguoi ky",
}

// personName reads two to six words that are all written like names.
func personName(p phrase) (phrase, bool) {
	p = p.trim(" -*_.,;:()\"'\x02")
	for cut := true; cut; {
		cut = false
		for _, rank := range ranks {
			if p.hasWord(rank) && p.len() > len(rank) {
				p = p.from(p.skip(len(rank), " ./,:"))
				cut = true
			}
		}
	}
	if p.len() < 5 || p.len() > 40 || isOffice(p) {
		return p, false
	}
	words := 0
	for i := range p.f {
		switch {
		case !letterByte(p.f[i]) && p.f[i] != ' ' && p.f[i] != '\'':
			return p, false
		case letterByte(p.f[i]) && !letterByte(p.at(i-1)):
			if !isUpper(p.r[i]) {
				return p, false
			}
			words++
		}
	}
	if words < 2 || words > 6 || slices.Contains(notNames, string(p.f)) {
		return p, false
	}
	if p.capitals() && !slices.Contains(surnames, string(firstWord(p).f)) {
		return p, false
	}
	return p, true
}

// surnames tell a name in capitals from other words in capitals.
var surnames = []string{
	"nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly", "dinh", "trinh", "truong",
	"dao", "mai", "luong", "ha", "cao", "chau", "ta", "phung", "to", "thai", "lam", "doan", "ton", "kieu", "luu", "quach", "lo", "hua", "ma", "nong",
	"quan", "thach", "danh", "giang", "au", "van", "tang", "khuat", "chu", "la", "nghiem", "bach", "vuong", "que", "tong", "dam", "long", "lu", "cam",
}

// notNames are written like names but are none.
var notNames = []string{"noi nhan", "kinh gui", "nhu tren", "da ky", "nhu dieu", "luu vt"}

// signingNoise is what stands between office and name without being either.
func signingNoise(p phrase) bool {
	switch p.tight() {
	case "daky", "ky", "kyten", "kytendongdau", "dakytendongdau", "daduocky", "kyso", "dauchuky":
		return true
	}
	return p.len() <= 3 || p.f[0] == '[' || p.f[0] == '('
}
