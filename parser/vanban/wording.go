package vanban

// handling are words that, right before the word for a document, make a title of what is done with such documents: "Quy chế quản lý văn
// bản mật", "soạn thảo văn bản mật", "Xử lý tài liệu tối mật".
var handling = []string{"quan ly", "soan thao", "xu ly", "luu tru", "bao quan", "sao chup", "in sao", "tieu huy", "giai mat"}

// plural words may stand between them.
var plural = []string{"cac", "nhung", "cac loai", "mot so"}

// stateSecrets are the words of the law: what follows them is the grade of a list, not of the document.
var stateSecrets = []string{"bi mat nha nuoc", "bi mat nha nuoc do", "bi mat nha nuoc thuoc do", "bi mat nha nuoc gom do"}

// withoutMarks drops the marks that a phrase ends with: "Công điện hỏa tốc", "tài liệu tối mật, ".
func withoutMarks(lead phrase) phrase {
	for {
		lead = trimRight(lead, " \n_-\"'(,;/")
		rest := lead
		if rest.hasSuffixWord("va") {
			rest = trimRight(rest.slice(0, rest.len()-len("va")), " \n")
		}
		cut := false
		for _, w := range markWords {
			if rest.hasSuffixWord(w.words) {
				lead, cut = rest.slice(0, rest.len()-len(w.words)), true
				break
			}
		}
		if !cut {
			return lead
		}
	}
}

// withoutNumber drops the number and date that a phrase ends with: "Công văn số 12/SNV-VP ngày 5/6/2019".
func withoutNumber(lead phrase) phrase {
	for {
		lead = trimRight(lead, " \n,:(")
		at := lead.len()
		for at > 0 && !blankByte(lead.f[at-1]) {
			at--
		}
		word := lead.from(at)
		if !numeric(word) && string(word.f) != "so" && string(word.f) != "ngay" || word.len() == 0 {
			return lead
		}
		lead = lead.slice(0, at)
	}
}

// wordingWidth is how far before a mark, in runes, the word for its document is looked for.
const wordingWidth = 160

// worded says whether the words of a subject or file's name make a mark of secrecy, whatever letters they are in: two words with their
// tones ("gửi tài liệu tối mật"), or one after the word for a document, with the urgency or the number between them ("Công điện hỏa tốc
// mật", "Công văn số 12/SNV-VP mật"). A title on the handling of such documents, or on the lists of state secrets, has none.
func (l *markLine) worded(s sighting) bool {
	if s.secrecy == "" || l.p.r[s.to-2] < 0x80 { // the ậ itself: "mat" is also mặt and mất
		return false
	}
	lead := withoutMarks(l.p.slice(max(0, s.from-wordingWidth), s.from))
	for _, words := range stateSecrets {
		if lead.hasSuffixWord(words) {
			return false
		}
	}
	at, document := documentBefore(lead)
	if !document {
		at, document = documentBefore(withoutNumber(lead))
	}
	if document && handled(lead.slice(0, at)) {
		return false
	}
	after := wordAfter(l.p, s.to)
	if s.double {
		return !oneOf(after, []string{"ong", "mía"}) // taken in the evening
	}
	if s.form == title && after.len() > 0 && formOf(after) == title {
		return false // a name: "Hồ sơ Mật Sơn"
	}
	return document
}

func handled(lead phrase) bool {
	lead = trimRight(lead, " \n_")
	for _, words := range plural {
		if lead.hasSuffixWord(words) {
			lead = trimRight(lead.slice(0, lead.len()-len(words)), " \n_")
			break
		}
	}
	for _, words := range handling {
		if lead.hasSuffixWord(words) {
			return true
		}
	}
	return false
}

// gapLabelled says whether a label without a colon stands before the mark, parted from it by a dash or a wide blank as in tables and
// forms: "Độ mật   Tối mật", "Độ mật - Mật".
func (l *markLine) gapLabelled(s sighting) bool {
	if s.form == small {
		return false
	}
	lead := trimRight(l.p.slice(0, s.from), " -")
	gap := l.p.slice(lead.len(), s.from)
	parted := gap.len() >= 2 || s.double
	for _, r := range gap.r {
		parted = parted || r == '\t'
	}
	if !parted {
		return false
	}
	for _, label := range markLabelEnds {
		if lead.hasSuffixWord(label) {
			return true
		}
	}
	return false
}

// graded says whether a text calls what it brings one of a grade: "tài liệu thuộc độ Tối mật".
func (l *markLine) graded(s sighting) bool {
	lead := trimRight(l.p.slice(0, s.from), " \"'(")
	if s.form == small || s.secrecy == "" || !lead.hasSuffixWord("thuoc do") {
		return false
	}
	return !trimRight(lead.slice(0, lead.len()-len("thuoc do")), " ").hasSuffixWord("bi mat nha nuoc")
}
