package vanban

import (
	"slices"
	"strings"
)

// How sure readings of a signature's appearance are: what a label names, and what the scanned page's own text layer holds beside it.
const (
	sureAppearance = 0.6
	sureStamped    = 0.7
)

// appearanceLabels are the words before the values of a visible signature, folded; as VGCA's, VNPT's, Viettel's and Foxit's programs print
// them. What a label without a meaning names (time, e-mail, place, reason) is not read: a signing time is no document's date.
var appearanceLabels = []struct {
	words string
	what  appearanceField
}{
	{"nguoi ky so", signedBy}, {"nguoi ky", signedBy}, {"duoc ky boi", signedBy}, {"da ky boi", signedBy}, {"ky so boi", signedBy}, {"ky boi", signedBy},
	{"chu ky so cua", signedBy}, {"nguoi ky ten", signedBy}, {"digitally signed by", signedBy}, {"electronically signed by", signedBy}, {"signed by", signedBy},
	{"signer", signedBy}, {"cn", signedBy},
	{"co quan", signedFor}, {"to chuc", signedFor}, {"don vi", signedFor}, {"organization", signedFor}, {"organisation", signedFor},
	{"chuc vu", signedAs}, {"chuc danh", signedAs},
	{"thoi gian ky", signedOther}, {"ngay ky", signedOther}, {"ngay gio ky", signedOther}, {"gio ky", signedOther}, {"ky ngay", signedOther}, {"thoi gian", signedOther},
	{"thoi diem ky", signedOther}, {"signing time", signedOther}, {"date", signedOther}, {"time", signedOther}, {"signed on", signedOther},
	{"email", signedOther}, {"e-mail", signedOther}, {"thu dien tu", signedOther}, {"noi ky", signedOther}, {"dia diem", signedOther}, {"dia diem ky", signedOther},
	{"ly do", signedOther}, {"reason", signedOther}, {"location", signedOther}, {"dn", signedOther}, {"o", signedOther}, {"ou", signedOther}, {"c", signedOther},
	{"serial", signedOther}, {"so serial", signedOther}, {"certificate", signedOther}, {"chung thu so", signedOther}, {"nha cung cap", signedOther},
	{"foxit pdf reader version", signedOther}, {"foxit reader version", signedOther}, {"contact", signedOther}, {"tinh trang", signedOther}, {"trang thai", signedOther},
}

type appearanceField int

const (
	unsigned    appearanceField = iota
	signedBy                    // who
	signedFor                   // his agency, or that over the agency that signed
	signedAs                    // his office
	signedOther                 // nothing that a document says of itself
)

// appearanceWords are lines of a visible signature without a value, folded.
var appearanceWords = []string{"signature not verified", "signature valid", "signature is valid", "signature verified", "chu ky hop le", "chu ky so hop le", "digitally signed",
	"vgca", "vnpt ca", "vnpt-ca", "viettel ca", "viettel-ca", "foxit", "da ky", "ky so", "chu ky so", "document certified", "validity unknown"}

// maxAppearance bounds the text layer in which a visible signature is looked for, in bytes.
const maxAppearance = 16 << 10

// ReadAppearance reads what a page shows of its digital signatures ("Ký bởi: …", "Cơ quan: …"), and a labelled số or a place and date that
// stand beside them, as the office that numbers a scanned document puts them there. The time of signing is never taken for the document's
// date. Every source is signature.
func ReadAppearance(text string) Document {
	d := New()
	signers, rest := appearances(text)
	d.readRest(rest)
	if len(signers) == 0 {
		return d
	}
	// Several persons: the one that signed the document can't be told from who countersigned it.
	var persons, agencies []shown
	for _, s := range signers {
		person, agency := CertificateName(s.by.String())
		switch {
		case person != "":
			persons = appendShown(persons, shown{s.by, person, s})
			if _, a := CertificateName(s.of.String()); a != "" {
				agencies = appendShown(agencies, shown{s.of, a, s})
			}
		case agency != "": // what its certificate calls its agency is the one above it
			agencies = appendShown(agencies, shown{s.by, agency, s})
		}
	}
	if len(persons) == 1 {
		d.NguoiKy = persons[0].name
		d.source(fieldNguoiKy, FromSignature, persons[0].words, sureAppearance)
		if office := persons[0].as; office.len() > 0 {
			d.ChucVu = office.String()
			d.source(fieldChucVu, FromSignature, office, sureAppearance)
		}
	}
	if len(agencies) == 1 {
		d.CoQuan = agencies[0].name
		d.source(fieldCoQuan, FromSignature, agencies[0].words, sureAppearance)
	}
	return d
}

// IsAppearance says whether a page's text layer is a visible signature with little else, as on a scan that was signed.
func IsAppearance(text string) bool {
	if len(text) > maxAppearance {
		return false
	}
	signers, rest := appearances(text)
	upper, lower := newPhrase(rest).letters()
	return len(signers) > 0 && upper+lower < fewLetters
}

// fewLetters is how many letters a page of text has at least.
const fewLetters = 80

// shown is a name that a signature shows, as it is taken and as it is printed.
type shown struct {
	words phrase
	name  string
	appearance
}

func appendShown(list []shown, s shown) []shown {
	if slices.ContainsFunc(list, func(have shown) bool { return Fold(have.name) == Fold(s.name) }) {
		return list
	}
	return append(list, s)
}

// appearance is one visible signature.
type appearance struct{ by, of, as phrase }

// appearances parts a text layer into visible signatures and the rest. A value goes on in the next line where that has no label and either
// the label had nothing behind it or the words can't end there.
func appearances(text string) (all []appearance, rest string) {
	var left []string
	open := unsigned
	var value *phrase
	for _, line := range strings.Split(newLines.Replace(cutAt(modern(narrow(text)), maxAppearance)), "\n") {
		p := newPhrase(line).upTo(maxName).trim(" ")
		if p.len() == 0 {
			continue
		}
		if what, after := appearanceLabel(p); what != unsigned {
			open, value = what, nil
			if what == signedBy && (len(all) == 0 || all[len(all)-1].by.len() > 0) {
				all = append(all, appearance{})
			}
			if len(all) > 0 {
				value = all[len(all)-1].field(what)
			}
			if value != nil {
				*value = after.upTo(maxEvidence)
			}
			if what == signedOther && after.len() > 0 && wholeTime(after) {
				open = unsigned
			}
			continue
		}
		switch {
		case slices.Contains(appearanceWords, string(p.trim(markEdges+"?").f)):
			open, value = unsigned, nil
		case open != unsigned && value != nil && goesOn(*value, p):
			*value = newPhrase(value.String() + " " + p.String())
		case open == signedOther && timeOrAddress(p): // the wrapped end of a time or an address
		default:
			open, value = unsigned, nil
			left = append(left, line)
		}
	}
	all = slices.DeleteFunc(all, func(a appearance) bool { return a.by.len() == 0 })
	return all, strings.Join(left, "\n")
}

var newLines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n", "|", "\n")

func (a *appearance) field(what appearanceField) *phrase {
	switch what {
	case signedBy:
		return &a.by
	case signedFor:
		return &a.of
	case signedAs:
		return &a.as
	}
	return nil
}

// appearanceLabel reads the label at the beginning of a line and gives what follows it. "Người ký" may stand without a colon only when
// nothing follows; English programs write none ("Digitally signed by NGUYỄN VĂN AN").
func appearanceLabel(p phrase) (appearanceField, phrase) {
	p = p.from(p.skip(0, markEdges+"?"))
	for _, l := range appearanceLabels {
		if !p.hasWord(l.words) {
			continue
		}
		i := p.skip(len(l.words), " ")
		colon := p.at(i) == ':' || p.at(i) == '='
		if !colon && i < p.len() && !strings.HasSuffix(l.words, "signed by") && !strings.HasPrefix(l.words, "foxit") {
			continue
		}
		after := p.from(p.skip(i, " :="))
		if l.words == "digitally signed by" && after.hasWord("cn") { // "DN: CN=…, O=…" in one line
			return appearanceLabel(after)
		}
		if k := commonNameEnd(l.words, after); k >= 0 {
			after = after.slice(0, k)
		}
		return l.what, after.trim(" .,;")
	}
	return unsigned, phrase{}
}

// commonNameEnd gives the end of a name in a distinguished name in one line: "CN=Sở Nội vụ, O=UBND tỉnh …"; -1 elsewhere.
func commonNameEnd(label string, p phrase) int {
	if label != "cn" {
		return -1
	}
	for i, c := range p.f {
		if c != ',' {
			continue
		}
		for _, next := range [...]string{"o=", "ou=", "l=", "st=", "c=", "e="} {
			if p.from(p.skip(i+1, " ")).has(next) {
				return i
			}
		}
	}
	return -1
}

// goesOn says whether a line continues a name: the label had nothing behind it, or a long name was broken before small letters, or within
// words in capitals.
func goesOn(value, line phrase) bool {
	if line.len() > 120 || value.len() > maxEvidence || timeOrAddress(line) {
		return false
	}
	if value.len() == 0 {
		return true
	}
	if letterByte(line.f[0]) && !isUpper(line.r[0]) || expectsMore(value) || value.at(value.len()-1) == '-' || value.at(value.len()-1) == ',' {
		return true
	}
	words := len(strings.Fields(string(value.f)))
	return value.capitals() == line.capitals() && value.len()+line.len() <= 60 && (words == 1 || headsAgency(value)) && !headsAgency(line) && lettersOnly(line)
}

func lettersOnly(p phrase) bool {
	for _, c := range p.f {
		if !letterByte(c) && c != ' ' && c != '-' && c != ',' {
			return false
		}
	}
	return true
}

// wholeTime says whether a value holds a day and a time, behind which nothing of it can follow.
func wholeTime(p phrase) bool {
	n := 0
	for _, c := range p.f {
		if digitByte(c) {
			n++
		}
	}
	return n >= 12
}

// timeOrAddress says whether a line is what remains of a time or of an e-mail address: digits, signs, "ngày … tháng … năm …", "+07:00".
func timeOrAddress(p phrase) bool {
	if _, _, ok := dateAt(p, 0); ok || slices.Contains(p.f, '@') {
		return true
	}
	letters, digits := 0, 0
	for _, c := range p.f {
		switch {
		case letterByte(c):
			letters++
		case digitByte(c):
			digits++
		}
	}
	return digits > 0 && letters <= 3
}

// readRest takes a labelled số and a place and date out of what a text layer holds beside the signatures. Nothing else in so little text
// can be told from noise.
func (d *Document) readRest(rest string) {
	if strings.TrimSpace(rest) == "" {
		return
	}
	r := ReadText(rest)
	if s := r.Sources[fieldSoHieu]; r.SoHieu != "" && r.So != "" && s.Confidence >= sureLabelled {
		d.SoHieu, d.So, d.KyHieu = r.SoHieu, r.So, r.KyHieu
		for _, f := range []string{fieldSoHieu, fieldSo, fieldKyHieu} {
			d.Sources[f] = Source{From: FromSignature, Evidence: s.Evidence, Confidence: sureStamped}
		}
	}
	if s := r.Sources[fieldNgay]; r.Ngay != "" && r.DiaDanh != "" {
		d.Ngay, d.DiaDanh = r.Ngay, r.DiaDanh
		d.Sources[fieldNgay] = Source{From: FromSignature, Evidence: s.Evidence, Confidence: sureStamped}
		d.Sources[fieldDiaDanh] = Source{From: FromSignature, Evidence: r.Sources[fieldDiaDanh].Evidence, Confidence: sureStamped}
	}
	d.DoMat, d.DoKhan = r.DoMat, r.DoKhan
	for _, f := range []string{fieldDoMat, fieldDoKhan} {
		if s, ok := r.Sources[f]; ok {
			d.Sources[f] = Source{From: FromSignature, Evidence: s.Evidence, Confidence: sureStamped}
		}
	}
}
