package vanban

// New is a document of which nothing is known.
func New() Document {
	return Document{QuyenHanKy: []string{}, KinhGui: []string{}, NoiNhan: []string{}, TraLoi: []string{}, Files: []string{}, Sources: make(map[string]Source, 12)}
}

// The JSON names of the fields, as Sources uses them.
const (
	fieldSoHieu     = "so_hieu"
	fieldSo         = "so"
	fieldKyHieu     = "ky_hieu"
	fieldLoai       = "loai_van_ban"
	fieldLoaiTat    = "loai_viet_tat"
	fieldNgay       = "ngay_ban_hanh"
	fieldDiaDanh    = "dia_danh"
	fieldCoQuan     = "co_quan_ban_hanh"
	fieldCoQuanTren = "co_quan_chu_quan"
	fieldTrichYeu   = "trich_yeu"
	fieldNguoiKy    = "nguoi_ky"
	fieldChucVu     = "chuc_vu"
	fieldQuyenHan   = "quyen_han_ky"
	fieldDoKhan     = "do_khan"
	fieldDoMat      = "do_mat"
	fieldKinhGui    = "kinh_gui"
	fieldNoiNhan    = "noi_nhan"
	fieldTraLoi     = "tra_loi"
)

// maxName bounds subjects and file names, in runes.
const maxName = 2000

// maxEvidence bounds the words quoted as evidence, in runes.
const maxEvidence = 200

func (d *Document) source(field string, from From, evidence phrase, confidence float64) {
	if evidence.len() > maxEvidence {
		evidence = evidence.slice(0, maxEvidence)
	}
	d.Sources[field] = Source{From: from, Evidence: evidence.String(), Confidence: confidence}
}

func (d *Document) setNumber(n number, from From, evidence phrase, confidence float64) {
	d.SoHieu, d.So, d.KyHieu = n.printed, n.so, n.ky
	for field, value := range map[string]string{fieldSoHieu: d.SoHieu, fieldSo: d.So, fieldKyHieu: d.KyHieu} {
		if value != "" {
			d.source(field, from, evidence, confidence)
		}
	}
}

func (d *Document) setType(t Type, from From, evidence phrase, confidence float64) {
	d.Loai, d.LoaiTat = t.Name, t.Abbreviation
	d.source(fieldLoai, from, evidence, confidence)
	if t.Abbreviation != "" {
		d.source(fieldLoaiTat, from, evidence, confidence)
	}
}

func (d *Document) setMarks(m marks, evidence markEvidence, from From, confidence float64) {
	if d.DoMat = m.secrecy; m.secrecy != "" {
		d.Sources[fieldDoMat] = Source{From: from, Evidence: evidence.secrecy, Confidence: confidence}
	}
	if d.DoKhan = m.urgency; m.urgency != "" {
		d.Sources[fieldDoKhan] = Source{From: from, Evidence: evidence.urgency, Confidence: confidence}
	}
}

// How sure a reading of a subject is: a number that opens it, a number named later, and what is left as trích yếu.
const (
	sureOpening = 0.9
	sureNamed   = 0.75
	sureSubject = 0.8
)

// ReadSubject reads what the subject line of a mail says of the document that it carries: "(1775/UBND-KGVX) V/v …", "Công văn số
// 12/SNV-CCVC về việc …". Numbers of other documents ("trả lời Công văn số …") are not taken for the document's own.
func ReadSubject(s string) Document {
	d := New()
	p := newPhrase(modern(s)).upTo(maxName)
	whole := p.trim(" \n")
	m, evidence := subjectMarks(p)
	d.setMarks(m, evidence, FromSubject, sureOpening)
	rest, _, _ := leadingMarks(stripReplies(whole))

	d.readNamed(rest)
	numbers, words := answersIn(rest)
	d.setAnswers(numbers, words, FromSubject, sureSubject)
	return d
}

// readNamed reads what a subject, without the marks before it, names: number, type, date and trích yếu.
func (d *Document) readNamed(rest phrase) {
	own, ok := ownNumber(rest)
	if !ok {
		d.typeOfSubject(rest)
		d.setMatter(afterType(rest))
		return
	}
	confidence := sureNamed
	if own.before == 0 {
		confidence = sureOpening
	}
	d.setNumber(own.number, FromSubject, rest.slice(own.before, own.to), confidence)
	if own.Type != (Type{}) {
		d.setType(own.Type, FromSubject, rest.slice(own.before, own.to), confidence)
	} else if t, ok := notationType(own.ky); ok {
		d.setType(t, FromSubject, rest.slice(own.from, own.to), confidence)
	}
	tail, date := afterNumber(rest.from(own.to))
	if date.iso != "" {
		d.Ngay = date.iso
		d.source(fieldNgay, FromSubject, date.words, confidence)
	}
	if d.Loai == "" {
		d.typeOfSubject(tail)
	}
	if d.Loai == "" && letterNotation(own.ky) {
		t, _ := TypeByAbbreviation("CV")
		d.setType(t, FromSubject, rest.slice(own.from, own.to), 0.6)
	}
	tail = cutMarks(tail)
	if tail.len() == 0 {
		tail = rest.slice(0, own.before).trim(subjectEdges)
	}
	d.setMatter(tail)
}

// setMatter takes what is left of a subject for the trích yếu when it says something of the matter.
func (d *Document) setMatter(p phrase) {
	if !saysNothing(stripAbout(p)) {
		d.setTrichYeu(p, FromSubject, sureSubject)
	}
}

const subjectEdges = " \n-:;,._/([{<>}])\"'*|"

// typeOfSubject takes the type that a subject opens with ("Báo cáo tháng 5").
func (d *Document) typeOfSubject(p phrase) {
	p = p.trim(subjectEdges)
	if t, end, ok := typePrefix(p); ok {
		d.setType(t, FromSubject, p.slice(0, end), 0.6)
		return
	}
	if word := firstWord(p); word.len() >= 2 && word.len() < p.len() {
		if t, ok := types.byAbbr[string(word.r)]; ok && t.Kind != Own {
			d.setType(t, FromSubject, word, 0.5)
		}
	}
}

// setTrichYeu sets the summary without its leading "V/v", closing period and trailing marks.
func (d *Document) setTrichYeu(p phrase, from From, confidence float64) {
	p = stripAbout(p)
	if upper, lower := p.letters(); upper+lower < 3 {
		return
	}
	d.TrichYeu = p.String()
	d.source(fieldTrichYeu, from, p, confidence)
}

// stripAbout takes "V/v", "Về việc", "Vv" off the front.
func stripAbout(p phrase) phrase {
	p = p.from(p.skip(0, " \n-:;,._/>)]}*|\x02"))
	for _, about := range [...]string{"v/v", "v/ v", "ve viec", "v.v", "vv", "ve"} {
		if p.hasWord(about) || about == "v/v" && p.has(about) { // also without a blank behind it
			p = p.from(len(about))
			p = p.from(p.skip(0, " \n:.-"))
			break
		}
	}
	end := p.len()
	for end > 0 && (blankByte(p.f[end-1]) || p.f[end-1] == ';' || p.f[end-1] == ',' || p.f[end-1] == '-' || p.f[end-1] == '_' || p.f[end-1] == '.' && p.at(end-2) != '.') {
		end--
	}
	return p.slice(0, end)
}
